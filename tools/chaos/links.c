// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <linux/chaos_netlink.h>

#include "links.h"
#include "report.h"

#define TRIES	10	/* while links come and go, a list of them is no good */

/* What is looked for, and what was found. */
struct search {
	struct links *links;
	uint8_t subnet;		/* 0: any, and links without address too */
	int status;
};

/**
 * links_add() - append a name
 * @links: where to
 * @name: the name; it is copied, and cut if it is longer than any can be
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_LOCAL after a message.
 */
int links_add(struct links *links, const char *name)
{
	void *more = realloc(links->name, (links->n + 1) * sizeof(*links->name));

	if (!more) {
		say("no memory");
		return CHAOS_EXIT_LOCAL;
	}
	links->name = more;
	memset(links->name[links->n], 0, IF_NAMESIZE);
	strncpy(links->name[links->n++], name, IF_NAMESIZE - 1);
	return CHAOS_EXIT_OK;
}

/**
 * links_free() - forget all names
 * @links: the names
 */
void links_free(struct links *links)
{
	free(links->name);
	*links = (struct links) {};
}

static int on_link(struct nl_msg *msg, void *arg)
{
	static const struct nla_policy policy[CHAOS_LINK_A_MAX + 1] = {
		[CHAOS_LINK_A_IFNAME] = { .type = NLA_STRING },
		[CHAOS_LINK_A_ADDR] = { .type = NLA_U16 },
	};
	struct nlattr *tb[CHAOS_LINK_A_MAX + 1];
	struct search *search = arg;
	char name[IF_NAMESIZE];
	uint16_t addr = 0;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, CHAOS_LINK_A_MAX, policy) ||
	    !tb[CHAOS_LINK_A_IFNAME])
		return NL_SKIP;
	nla_strlcpy(name, tb[CHAOS_LINK_A_IFNAME], sizeof(name));
	if (tb[CHAOS_LINK_A_ADDR])
		addr = nla_get_u16(tb[CHAOS_LINK_A_ADDR]);
	if (!search->subnet || addr >> 8 == search->subnet)
		search->status |= links_add(search->links, name);
	return NL_OK;
}

/* Returns 0 or a negative error of libnl. */
static int ask(struct nl_sock *sk, int family)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	if (!msg)
		return -NLE_NOMEM;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP,
			 CHAOS_CMD_LINK_GET, CHAOS_GENL_VERSION)) {
		nlmsg_free(msg);
		return -NLE_NOMEM;
	}
	err = nl_send_auto(sk, msg);
	nlmsg_free(msg);
	return err < 0 ? err : nl_recvmsgs_default(sk);
}

static int search_links(struct nl_sock *sk, struct search *search)
{
	int family, err;

	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_link, search);
	err = genl_connect(sk);
	if (err)
		return err;
	family = genl_ctrl_resolve(sk, CHAOS_GENL_NAME);
	if (family < 0)
		return family;
	for (int i = 0; i < TRIES; i++) {
		links_free(search->links);
		err = ask(sk, family);
		if (err != -NLE_DUMP_INTR)
			break;
	}
	return err;
}

/**
 * links_find() - ask the kernel for the links that carry Chaosnet
 * @links: result, replaced
 * @subnet: only those with an address there; 0: all
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_LOCAL after a message.
 */
int links_find(struct links *links, uint8_t subnet)
{
	struct search search = { .links = links, .subnet = subnet };
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	err = sk ? search_links(sk, &search) : -NLE_NOMEM;
	nl_socket_free(sk);
	if (err == -NLE_OBJ_NOTFOUND) {
		say("Chaosnet is not available: is the chaos module installed?");
		return CHAOS_EXIT_LOCAL;
	}
	if (err < 0) {
		say("cannot ask the kernel for links: %s", nl_geterror(err));
		return CHAOS_EXIT_LOCAL;
	}
	return search.status;
}
