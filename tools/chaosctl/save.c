// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The present configuration as commands.  They come in an order in which a
 * namespace without any takes them: a bridge must be on a subnet of ours before
 * there can be a route through it.  Within each kind they are sorted, so that
 * the same configuration always looks the same.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "batch.h"
#include "complain.h"
#include "ip.h"
#include "map.h"
#include "names.h"
#include "rule.h"
#include "save.h"

#define MAX_ATTRS	32
#define N_ADDRS		0x10000

_Static_assert(CHAOS_NET_A_MAX < MAX_ATTRS && CHAOS_LINK_A_MAX < MAX_ATTRS &&
	       CHAOS_ADDR_A_MAX < MAX_ATTRS && CHAOS_ROUTE_A_MAX < MAX_ATTRS &&
	       CHAOS_NEIGH_A_MAX < MAX_ATTRS && CHAOS_RULE_A_MAX < MAX_ATTRS &&
	       CHAOS_MAP_A_MAX < MAX_ATTRS,
	       "all attributes fit");

/**
 * struct saver - what there is to know while commands are written
 * @f: where to; one command at a time
 * @failed: a message made no sense
 * @direct: bit for each host and, with host number 0, subnet reached without a bridge
 * @passing: indices of links that programs made for themselves, which go with them
 * @n_passing: how many there are
 */
struct saver {
	FILE *f;
	bool failed;
	uint8_t direct[N_ADDRS / 8];
	uint32_t *passing;
	size_t n_passing;
};

/* Writes the command for one message of the kernel, or nothing. */
typedef void (*write_command)(struct saver *s, struct nlattr **tb);

/**
 * struct section - one kind of command
 * @cmd: CHAOS_CMD_*_GET
 * @dump: there are several
 * @policy: types of the attributes, up to @max
 * @max: highest attribute
 * @write: writes one
 */
struct section {
	uint8_t cmd;
	bool dump;
	const struct nla_policy *policy;
	int max;
	write_command write;
};

static const struct nla_policy net_policy[CHAOS_NET_A_MAX + 1] = {
	[CHAOS_NET_A_FORWARDING]	= { .type = NLA_U8 },
	[CHAOS_NET_A_PRIVATE]		= { .minlen = CHAOS_SUBNET_MAP_LEN },
};

static const struct nla_policy link_policy[CHAOS_LINK_A_MAX + 1] = {
	[CHAOS_LINK_A_IFINDEX]		= { .type = NLA_U32 },
	[CHAOS_LINK_A_COST]		= { .type = NLA_U16 },
	[CHAOS_LINK_A_RUT]		= { .type = NLA_U8 },
	[CHAOS_LINK_A_POISON]		= { .type = NLA_U8 },
	[CHAOS_LINK_A_PROXY_ARP]	= { .type = NLA_U8 },
	[CHAOS_LINK_A_PEER]		= { .type = NLA_U16 },
	[CHAOS_LINK_A_PERSIST]		= { .type = NLA_U8 },
	[CHAOS_LINK_A_UID]		= { .type = NLA_U32 },
	[CHAOS_LINK_A_GID]		= { .type = NLA_U32 },
	[CHAOS_LINK_A_LOCAL4]		= { .minlen = 4 },
	[CHAOS_LINK_A_LOCAL6]		= { .minlen = 16 },
	[CHAOS_LINK_A_LEARN]		= { .type = NLA_U32 },
	[CHAOS_LINK_A_LEARN_AGE]	= { .type = NLA_U32 },
	[CHAOS_LINK_A_TTL]		= { .type = NLA_U8 },
};

static const struct nla_policy addr_policy[CHAOS_ADDR_A_MAX + 1] = {
	[CHAOS_ADDR_A_IFINDEX]		= { .type = NLA_U32 },
	[CHAOS_ADDR_A_ADDR]		= { .type = NLA_U16 },
};

static const struct nla_policy route_policy[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_IFINDEX]		= { .type = NLA_U32 },
	[CHAOS_ROUTE_A_SUBNET]		= { .type = NLA_U8 },
	[CHAOS_ROUTE_A_HOST]		= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_VIA]		= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_COST]		= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_TYPE]		= { .type = NLA_U8 },
};

static const struct nla_policy neigh_policy[CHAOS_NEIGH_A_MAX + 1] = {
	[CHAOS_NEIGH_A_IFINDEX]		= { .type = NLA_U32 },
	[CHAOS_NEIGH_A_ADDR]		= { .type = NLA_U16 },
	[CHAOS_NEIGH_A_LLADDR]		= { .minlen = LLADDR_LEN },
	[CHAOS_NEIGH_A_STATE]		= { .type = NLA_U8 },
};

static void put_str(struct saver *s, const char *before, struct nlattr *attr)
{
	fputs(before, s->f);
	batch_quote(s->f, nla_data(attr), strnlen(nla_data(attr), nla_len(attr)));
}

static void put_addr(struct saver *s, const char *before, struct nlattr *attr)
{
	if (attr)
		fprintf(s->f, "%s%o", before, nla_get_u16(attr));
}

static void put_cost(struct saver *s, struct nlattr *attr)
{
	if (attr)
		fprintf(s->f, " cost %u", nla_get_u16(attr));
}

/* A value that a newer kernel added and that has no name here cannot be given either. */
static void put_name(struct saver *s, const char *before, const char *const *names, size_t n,
		     struct nlattr *attr)
{
	if (attr && nla_get_u8(attr) < n)
		fprintf(s->f, "%s%s", before, names[nla_get_u8(attr)]);
}

static void write_name(struct saver *s, struct nlattr **tb)
{
	struct nlattr *name = tb[CHAOS_NET_A_NAME];

	if (name && nla_len(name) && *(const char *)nla_data(name))
		put_str(s, "net set name ", name);
}

static void write_net(struct saver *s, struct nlattr **tb)
{
	struct nlattr *private = tb[CHAOS_NET_A_PRIVATE];
	const char *before = "";
	const uint8_t *map;

	if (!private || !tb[CHAOS_NET_A_FORWARDING])
		return;
	fputs("net set private ", s->f);
	map = nla_data(private);
	for (int subnet = 1; subnet < 8 * CHAOS_SUBNET_MAP_LEN; subnet++) {
		if (!(map[subnet / 8] & 1 << subnet % 8))
			continue;
		fprintf(s->f, "%s%o", before, subnet);
		before = ",";
	}
	if (!*before)
		fputs("none", s->f);
	put_name(s, " forwarding ", switch_names, N_SWITCH_NAMES, tb[CHAOS_NET_A_FORWARDING]);
}

/**
 * save_is_loopback() - whether a link is that which is always there
 * @type: its CHAOS_LINK_A_TYPE, or NULL
 *
 * Return: true if so.
 */
bool save_is_loopback(struct nlattr *type)
{
	static const char loopback[] = "loopback";

	return type && nla_len(type) >= (int)sizeof(loopback) &&
	       !memcmp(nla_data(type), loopback, sizeof(loopback));
}

/**
 * save_is_passing() - whether a program made a link for itself, which goes with it
 * @persist: the link's CHAOS_LINK_A_PERSIST, of the right length, or NULL
 *
 * Return: true if so; such a link is not configured.
 */
bool save_is_passing(struct nlattr *persist)
{
	return persist && !nla_get_u8(persist);
}

static void note_passing(struct saver *s, struct nlattr *ifindex)
{
	uint32_t *more = realloc(s->passing, (s->n_passing + 1) * sizeof(*more));

	if (!more) {
		complain("no memory");
		s->failed = true;
		return;
	}
	s->passing = more;
	s->passing[s->n_passing++] = ifindex ? nla_get_u32(ifindex) : 0;
}

/* Whether something is on a link that is not configured. */
static bool on_passing(const struct saver *s, struct nlattr *ifindex)
{
	for (size_t i = 0; ifindex && i < s->n_passing; i++) {
		if (s->passing[i] == nla_get_u32(ifindex))
			return true;
	}
	return false;
}

/* By name: on another machine the numbers may be others. */
static void put_owner(struct saver *s, struct nlattr *uid, struct nlattr *gid)
{
	const struct passwd *user = uid ? getpwuid(nla_get_u32(uid)) : NULL;
	const struct group *group = gid ? getgrgid(nla_get_u32(gid)) : NULL;

	if (user)
		fprintf(s->f, " user %s", user->pw_name);
	else if (uid)
		fprintf(s->f, " user %u", nla_get_u32(uid));
	if (group)
		fprintf(s->f, " group %s", group->gr_name);
	else if (gid)
		fprintf(s->f, " group %u", nla_get_u32(gid));
}

/* Only links that programs feed say whether they persist. */
static void put_fed(struct saver *s, struct nlattr **tb)
{
	if (!tb[CHAOS_LINK_A_PERSIST])
		return;
	fputs(" type chaos", s->f);
	put_addr(s, " peer ", tb[CHAOS_LINK_A_PEER]);
	put_owner(s, tb[CHAOS_LINK_A_UID], tb[CHAOS_LINK_A_GID]);
}

static void write_link(struct saver *s, struct nlattr **tb)
{
	if (!tb[CHAOS_LINK_A_IFNAME])
		return;
	if (save_is_passing(tb[CHAOS_LINK_A_PERSIST])) {
		note_passing(s, tb[CHAOS_LINK_A_IFINDEX]);
		return;
	}
	put_str(s, save_is_loopback(tb[CHAOS_LINK_A_TYPE]) ? "link set dev " : "link add dev ",
		tb[CHAOS_LINK_A_IFNAME]);
	put_fed(s, tb);
	ip_link_write(s->f, tb);
	put_cost(s, tb[CHAOS_LINK_A_COST]);
	put_name(s, " rut ", rut_names, N_RUT_NAMES, tb[CHAOS_LINK_A_RUT]);
	put_name(s, " poison ", switch_names, N_SWITCH_NAMES, tb[CHAOS_LINK_A_POISON]);
	put_name(s, " proxy_arp ", proxy_arp_names, N_PROXY_ARP_NAMES, tb[CHAOS_LINK_A_PROXY_ARP]);
}

static void write_map(struct saver *s, struct nlattr **tb)
{
	map_write(s->f, tb);
}

static void write_addr(struct saver *s, struct nlattr **tb)
{
	if (!tb[CHAOS_ADDR_A_ADDR] || !tb[CHAOS_ADDR_A_IFNAME] ||
	    on_passing(s, tb[CHAOS_ADDR_A_IFINDEX]))
		return;
	put_addr(s, "addr add ", tb[CHAOS_ADDR_A_ADDR]);
	put_str(s, " dev ", tb[CHAOS_ADDR_A_IFNAME]);
}

static bool route_has_type(struct nlattr **tb, enum chaos_route_type type)
{
	return tb[CHAOS_ROUTE_A_TYPE] && nla_get_u8(tb[CHAOS_ROUTE_A_TYPE]) == type;
}

static void put_destination(struct saver *s, struct nlattr **tb)
{
	fputs("route add", s->f);
	if (tb[CHAOS_ROUTE_A_SUBNET])
		fprintf(s->f, " subnet %o", nla_get_u8(tb[CHAOS_ROUTE_A_SUBNET]));
	else if (tb[CHAOS_ROUTE_A_HOST])
		put_addr(s, " host ", tb[CHAOS_ROUTE_A_HOST]);
	else
		fputs(" default", s->f);
}

/* Hosts on a link, and for later: where bridges may be.  Direct subnets follow addresses. */
static void write_direct(struct saver *s, struct nlattr **tb)
{
	uint16_t addr = 0;

	if (!route_has_type(tb, CHAOS_ROUTE_DIRECT) ||
	    on_passing(s, tb[CHAOS_ROUTE_A_IFINDEX]))
		return;
	if (tb[CHAOS_ROUTE_A_HOST])
		addr = nla_get_u16(tb[CHAOS_ROUTE_A_HOST]);
	else if (tb[CHAOS_ROUTE_A_SUBNET])
		addr = nla_get_u8(tb[CHAOS_ROUTE_A_SUBNET]) << 8;
	s->direct[addr / 8] |= 1 << addr % 8;
	if (!tb[CHAOS_ROUTE_A_HOST] || !tb[CHAOS_ROUTE_A_IFNAME])
		return;
	put_destination(s, tb);
	put_str(s, " dev ", tb[CHAOS_ROUTE_A_IFNAME]);
	put_cost(s, tb[CHAOS_ROUTE_A_COST]);
}

static bool is_direct(const struct saver *s, uint16_t addr)
{
	return s->direct[addr / 8] & 1 << addr % 8;
}

/* The kernel keeps a route whose bridge is out of reach, but does not take such a one. */
static void write_fixed(struct saver *s, struct nlattr **tb)
{
	uint16_t via;

	if (!route_has_type(tb, CHAOS_ROUTE_FIXED) || !tb[CHAOS_ROUTE_A_VIA])
		return;
	via = nla_get_u16(tb[CHAOS_ROUTE_A_VIA]);
	if (!is_direct(s, via) && !is_direct(s, via & 0xff00))
		fputs("# out of reach: ", s->f);
	put_destination(s, tb);
	put_addr(s, " via ", tb[CHAOS_ROUTE_A_VIA]);
	put_cost(s, tb[CHAOS_ROUTE_A_COST]);
}

static void write_neigh(struct saver *s, struct nlattr **tb)
{
	struct nlattr *state = tb[CHAOS_NEIGH_A_STATE];
	struct nlattr *lladdr = tb[CHAOS_NEIGH_A_LLADDR];
	bool permanent = lladdr && state && nla_get_u8(state) == CHAOS_NEIGH_PERMANENT;

	if (!tb[CHAOS_NEIGH_A_ADDR] || !tb[CHAOS_NEIGH_A_IFNAME] ||
	    on_passing(s, tb[CHAOS_NEIGH_A_IFINDEX]))
		return;
	if (!permanent && !tb[CHAOS_NEIGH_A_PROXY])
		return;
	put_addr(s, tb[CHAOS_NEIGH_A_PROXY] ? "neigh add proxy " : "neigh add ",
		 tb[CHAOS_NEIGH_A_ADDR]);
	if (!tb[CHAOS_NEIGH_A_PROXY]) {
		const uint8_t *mac = nla_data(lladdr);

		fprintf(s->f, " lladdr %02x:%02x:%02x:%02x:%02x:%02x",
			mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	}
	put_str(s, " dev ", tb[CHAOS_NEIGH_A_IFNAME]);
}

static void write_rule(struct saver *s, struct nlattr **tb)
{
	struct show show;

	if (!tb[CHAOS_RULE_A_NUMBER])
		return;
	show_init(&show, s->f, false, false);
	show_text(&show, "rule add ");
	if (rule_show_words(&show, tb))
		s->failed = true;
}

/* Nothing gets in before its filter is there, and nothing through before all is. */
static const struct section sections[] = {
	{ CHAOS_CMD_NET_GET, false, net_policy, CHAOS_NET_A_MAX, write_name },
	{ CHAOS_CMD_RULE_GET, true, rule_policy, CHAOS_RULE_A_MAX, write_rule },
	{ CHAOS_CMD_LINK_GET, true, link_policy, CHAOS_LINK_A_MAX, write_link },
	{ CHAOS_CMD_MAP_GET, true, map_policy, CHAOS_MAP_A_MAX, write_map },
	{ CHAOS_CMD_ADDR_GET, true, addr_policy, CHAOS_ADDR_A_MAX, write_addr },
	{ CHAOS_CMD_ROUTE_GET, true, route_policy, CHAOS_ROUTE_A_MAX, write_direct },
	{ CHAOS_CMD_ROUTE_GET, true, route_policy, CHAOS_ROUTE_A_MAX, write_fixed },
	{ CHAOS_CMD_NEIGH_GET, true, neigh_policy, CHAOS_NEIGH_A_MAX, write_neigh },
	{ CHAOS_CMD_NET_GET, false, net_policy, CHAOS_NET_A_MAX, write_net },
};

/* Numbers within the commands are compared as such, octal or not. */
static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static char *command_of(struct saver *s, const struct section *section, struct nlmsghdr *msg)
{
	struct nlattr *tb[MAX_ATTRS];
	char *text = NULL;
	size_t len;

	if (answer_attrs(msg, tb, section->max, section->policy))
		return NULL;
	s->f = open_memstream(&text, &len);
	if (!s->f) {
		complain("no memory");
		return NULL;
	}
	section->write(s, tb);
	if (fclose(s->f)) {
		complain("no memory");
		s->failed = true;
	}
	if (!s->failed)
		return text;
	free(text);
	return NULL;
}

/* Fills @commands, one for each message, some of them empty. */
static int write_all(struct saver *s, const struct section *section, const struct answer *answer,
		     char **commands)
{
	for (size_t i = 0; i < answer->n; i++) {
		commands[i] = command_of(s, section, answer->msgs[i]);
		if (!commands[i])
			return -1;
	}
	return 0;
}

static int save_answer(struct saver *s, const struct section *section,
		       const struct answer *answer, FILE *f)
{
	char **commands = calloc(answer->n + 1, sizeof(*commands));
	int err;

	if (!commands) {
		complain("no memory");
		return -1;
	}
	err = write_all(s, section, answer, commands);
	if (!err)
		qsort(commands, answer->n, sizeof(*commands), compare);
	for (size_t i = 0; i < answer->n; i++) {
		if (!err && *commands[i])
			fprintf(f, "%s\n", commands[i]);
		free(commands[i]);
	}
	free(commands);
	return err;
}

static int save_section(struct ctl *ctl, struct saver *s, const struct section *section, FILE *f)
{
	struct answer answer = { 0 };
	struct request req;
	int err;

	if (request_begin(&req, ctl->tr, section->cmd, section->dump ? NLM_F_DUMP : 0) ||
	    request_ask(&req, &answer))
		return -1;
	err = save_answer(s, section, &answer, f);
	answer_free(&answer);
	return err;
}

/**
 * save_commands() - write the commands that make the present configuration
 * @ctl: context
 * @f: where to
 *
 * Return: 0, or -1 after a complaint.
 */
int save_commands(struct ctl *ctl, FILE *f)
{
	struct saver *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s) {
		complain("no memory");
		return -1;
	}
	for (size_t i = 0; !err && i < ARRAY_SIZE(sections); i++)
		err = save_section(ctl, s, &sections[i], f);
	free(s->passing);
	free(s);
	return err;
}
