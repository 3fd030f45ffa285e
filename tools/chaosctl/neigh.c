// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl neigh: hardware addresses of hosts on a link. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "object.h"

static const struct nla_policy neigh_policy[CHAOS_NEIGH_A_MAX + 1] = {
	[CHAOS_NEIGH_A_IFINDEX]	= { .type = NLA_U32 },
	[CHAOS_NEIGH_A_ADDR]	= { .type = NLA_U16 },
	[CHAOS_NEIGH_A_STATE]	= { .type = NLA_U8 },
	[CHAOS_NEIGH_A_AGE]	= { .type = NLA_U32 },
	[CHAOS_NEIGH_A_PROXY]	= { .type = NLA_FLAG },
};

static const char *const states[] = {
	[CHAOS_NEIGH_INCOMPLETE]	= "incomplete",
	[CHAOS_NEIGH_REACHABLE]		= "reachable",
	[CHAOS_NEIGH_STALE]		= "stale",
	[CHAOS_NEIGH_FAILED]		= "failed",
	[CHAOS_NEIGH_PERMANENT]		= "permanent",
};

static int show_neigh(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_NEIGH_A_MAX + 1];
	struct show *s = &ctl->out;

	if (answer_attrs(msg, tb, CHAOS_NEIGH_A_MAX, neigh_policy))
		return -1;
	if (!device_matches(tb[CHAOS_NEIGH_A_IFNAME], args))
		return 0;

	show_object_open(s, NULL);
	attr_addr(s, "addr", "", tb[CHAOS_NEIGH_A_ADDR]);
	if (s->json)
		attr_u32(s, "ifindex", "", tb[CHAOS_NEIGH_A_IFINDEX]);
	attr_str(s, "dev", " dev ", tb[CHAOS_NEIGH_A_IFNAME]);
	attr_lladdr(s, "lladdr", " lladdr ", tb[CHAOS_NEIGH_A_LLADDR]);
	attr_name(s, "state", " ", states, ARRAY_SIZE(states), tb[CHAOS_NEIGH_A_STATE]);
	attr_age(s, tb[CHAOS_NEIGH_A_AGE]);
	if (tb[CHAOS_NEIGH_A_PROXY])
		show_bool(s, "proxy", " proxy", true);
	show_line_end(s);
	show_object_close(s);
	return 0;
}

static int neigh_show(struct ctl *ctl, const struct args *args)
{
	return object_dump(ctl, CHAOS_CMD_NEIGH_GET, show_neigh, args);
}

static int change(struct ctl *ctl, const struct args *args, int cmd, bool replace)
{
	struct request req;

	if (request_begin(&req, ctl->tr, cmd, 0))
		return STATUS_FAILED;
	request_str(&req, CHAOS_NEIGH_A_IFNAME, args->dev);
	request_u16(&req, CHAOS_NEIGH_A_ADDR, args->addr);
	if (args->given & ARG_LLADDR)
		request_bytes(&req, CHAOS_NEIGH_A_LLADDR, args->lladdr, sizeof(args->lladdr));
	if (args->given & ARG_PROXY)
		request_flag(&req, CHAOS_NEIGH_A_PROXY);
	if (replace)
		request_flag(&req, CHAOS_NEIGH_A_REPLACE);
	return object_change(&req);
}

static int neigh_add(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_NEIGH_NEW, false);
}

static int neigh_replace(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_NEIGH_NEW, true);
}

static int neigh_delete(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_NEIGH_DEL, false);
}

/* What was found by ARP; with "all" also what was added by hand. */
static int name_neigh(struct request *req, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_NEIGH_A_MAX + 1];
	bool by_hand;

	if (answer_attrs(msg, tb, CHAOS_NEIGH_A_MAX, neigh_policy))
		return -1;
	if (!device_matches(tb[CHAOS_NEIGH_A_IFNAME], args) ||
	    !tb[CHAOS_NEIGH_A_IFINDEX] || !tb[CHAOS_NEIGH_A_ADDR])
		return 0;
	by_hand = tb[CHAOS_NEIGH_A_PROXY] ||
		  (tb[CHAOS_NEIGH_A_STATE] &&
		   nla_get_u8(tb[CHAOS_NEIGH_A_STATE]) == CHAOS_NEIGH_PERMANENT);
	if (by_hand && !(args->given & ARG_ALL))
		return 0;
	request_u32(req, CHAOS_NEIGH_A_IFINDEX, nla_get_u32(tb[CHAOS_NEIGH_A_IFINDEX]));
	request_u16(req, CHAOS_NEIGH_A_ADDR, nla_get_u16(tb[CHAOS_NEIGH_A_ADDR]));
	if (tb[CHAOS_NEIGH_A_PROXY])
		request_flag(req, CHAOS_NEIGH_A_PROXY);
	return 1;
}

static int neigh_flush(struct ctl *ctl, const struct args *args)
{
	return object_flush(ctl, CHAOS_CMD_NEIGH_GET, CHAOS_CMD_NEIGH_DEL, name_neigh, args);
}

#define ADDR_AND_DEV	(ARG_ADDR | ARG_DEV)
#define HOW		(ARG_LLADDR | ARG_PROXY)
#define NEW_USAGE	"{ ADDRESS lladdr MAC | proxy ADDRESS } dev DEV"

static const struct verb neigh_verbs[] = {
	{ "show", "[dev DEV]", neigh_show, ARG_DEV | ARG_BARE_DEV, 0, {} },
	{ "add", NEW_USAGE, neigh_add, ADDR_AND_DEV | HOW, ADDR_AND_DEV, { HOW } },
	{ "replace", NEW_USAGE, neigh_replace, ADDR_AND_DEV | HOW, ADDR_AND_DEV,
	  { HOW } },
	{ "delete", "[proxy] ADDRESS dev DEV", neigh_delete, ADDR_AND_DEV | ARG_PROXY,
	  ADDR_AND_DEV, {} },
	{ "flush", "[all] [dev DEV]", neigh_flush, ARG_ALL | ARG_DEV, 0, {} },
};

const struct object neigh_object = {
	"neigh", "hardware addresses of hosts on a link", neigh_verbs, ARRAY_SIZE(neigh_verbs),
	show_neigh,
};
