// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl route: where packets for a subnet or host go. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "names.h"
#include "object.h"

static const struct nla_policy route_policy[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_SUBNET]	= { .type = NLA_U8 },
	[CHAOS_ROUTE_A_HOST]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_VIA]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_IFINDEX]	= { .type = NLA_U32 },
	[CHAOS_ROUTE_A_COST]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_TYPE]	= { .type = NLA_U8 },
	[CHAOS_ROUTE_A_AGE]	= { .type = NLA_U32 },
	[CHAOS_ROUTE_A_MATCH]	= { .type = NLA_U8 },
	[CHAOS_ROUTE_A_SRC]	= { .type = NLA_U16 },
};

static const char *const matches[] = {
	[CHAOS_ROUTE_MATCH_HOST]	= "host",
	[CHAOS_ROUTE_MATCH_SUBNET]	= "subnet",
	[CHAOS_ROUTE_MATCH_DEFAULT]	= "default",
};

static int route_attrs(struct nlmsghdr *msg, struct nlattr **tb)
{
	return answer_attrs(msg, tb, CHAOS_ROUTE_A_MAX, route_policy);
}

static bool route_matches(struct nlattr **tb, const struct args *args)
{
	struct nlattr *type = tb[CHAOS_ROUTE_A_TYPE];

	return !(args->given & ARG_TYPE) || (type && nla_get_u8(type) == args->type);
}

/* A route for neither a subnet nor a host is the default. */
static void show_destination(struct show *s, struct nlattr **tb)
{
	if (tb[CHAOS_ROUTE_A_SUBNET])
		show_subnet(s, "subnet", "subnet ", nla_get_u8(tb[CHAOS_ROUTE_A_SUBNET]));
	attr_addr(s, "host", "host ", tb[CHAOS_ROUTE_A_HOST]);
	if (!tb[CHAOS_ROUTE_A_SUBNET] && !tb[CHAOS_ROUTE_A_HOST])
		show_bool(s, "default", "default", true);
}

static void show_hop(struct show *s, struct nlattr **tb)
{
	attr_addr(s, "via", " via ", tb[CHAOS_ROUTE_A_VIA]);
	if (s->json)
		attr_u32(s, "ifindex", "", tb[CHAOS_ROUTE_A_IFINDEX]);
	attr_str(s, "dev", " dev ", tb[CHAOS_ROUTE_A_IFNAME]);
}

static void show_type(struct show *s, struct nlattr **tb)
{
	attr_name(s, "type", " ", route_type_names, N_ROUTE_TYPE_NAMES, tb[CHAOS_ROUTE_A_TYPE]);
	attr_age(s, tb[CHAOS_ROUTE_A_AGE]);
}

static int show_route(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_ROUTE_A_MAX + 1];
	struct show *s = &ctl->out;

	if (route_attrs(msg, tb))
		return -1;
	if (!route_matches(tb, args))
		return 0;

	show_object_open(s, NULL);
	show_destination(s, tb);
	show_hop(s, tb);
	attr_u16(s, "cost", " cost ", tb[CHAOS_ROUTE_A_COST]);
	show_type(s, tb);
	show_line_end(s);
	show_object_close(s);
	return 0;
}

static int route_show(struct ctl *ctl, const struct args *args)
{
	return object_dump(ctl, CHAOS_CMD_ROUTE_GET, show_route, args);
}

/* Which entry decided: by subnet 6 fixed. */
static void show_match(struct show *s, struct nlattr **tb)
{
	struct nlattr *match = tb[CHAOS_ROUTE_A_MATCH];
	struct nlattr *host = tb[CHAOS_ROUTE_A_HOST];

	attr_name(s, "by", " by ", matches, ARRAY_SIZE(matches), match);
	if (match && host && nla_get_u8(match) == CHAOS_ROUTE_MATCH_SUBNET)
		show_subnet(s, "by_subnet", " ", nla_get_u16(host) >> 8);
}

/* What would be done with a packet: 3143 via 3040 dev eth0 src 3041 cost 20 by subnet 6 fixed. */
static int show_decision(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_ROUTE_A_MAX + 1];
	struct show *s = &ctl->out;

	if (route_attrs(msg, tb))
		return -1;
	show_object_open(s, NULL);
	attr_addr(s, "host", "", tb[CHAOS_ROUTE_A_HOST]);
	if (args->given & ARG_SRC)
		show_addr(s, "from", " from ", args->src);
	show_hop(s, tb);
	if (!(args->given & ARG_SRC))
		attr_addr(s, "src", " src ", tb[CHAOS_ROUTE_A_SRC]);
	attr_u16(s, "cost", " cost ", tb[CHAOS_ROUTE_A_COST]);
	show_match(s, tb);
	show_type(s, tb);
	show_line_end(s);
	show_object_close(s);
	return 0;
}

static int route_get(struct ctl *ctl, const struct args *args)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_ROUTE_GET, 0))
		return STATUS_FAILED;
	request_u16(&req, CHAOS_ROUTE_A_HOST, args->addr);
	if (args->given & ARG_SRC)
		request_u16(&req, CHAOS_ROUTE_A_SRC, args->src);
	return object_get(ctl, &req, show_decision, args);
}

static int change(struct ctl *ctl, const struct args *args, int cmd, bool replace)
{
	struct request req;

	if (request_begin(&req, ctl->tr, cmd, 0))
		return STATUS_FAILED;
	if (args->given & ARG_SUBNET)
		request_u8(&req, CHAOS_ROUTE_A_SUBNET, args->subnet);
	if (args->given & ARG_HOST)
		request_u16(&req, CHAOS_ROUTE_A_HOST, args->host);
	if (args->given & ARG_VIA)
		request_u16(&req, CHAOS_ROUTE_A_VIA, args->via);
	if (args->given & ARG_DEV)
		request_str(&req, CHAOS_ROUTE_A_IFNAME, args->dev);
	if (args->given & ARG_COST)
		request_u16(&req, CHAOS_ROUTE_A_COST, args->cost);
	if (args->given & ARG_TYPE)
		request_u8(&req, CHAOS_ROUTE_A_TYPE, args->type);
	if (replace)
		request_flag(&req, CHAOS_ROUTE_A_REPLACE);
	return object_change(&req);
}

static int route_add(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_ROUTE_NEW, false);
}

static int route_replace(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_ROUTE_NEW, true);
}

static int route_delete(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_ROUTE_DEL, false);
}

/* What follows from our addresses goes with them only: it has no bridge, and is no host's. */
static bool deletable(struct nlattr **tb)
{
	uint8_t type = tb[CHAOS_ROUTE_A_TYPE] ? nla_get_u8(tb[CHAOS_ROUTE_A_TYPE]) : 0;

	if (type == CHAOS_ROUTE_DIRECT)
		return tb[CHAOS_ROUTE_A_HOST];
	return type != CHAOS_ROUTE_LOCAL;
}

static int name_route(struct request *req, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_ROUTE_A_MAX + 1];

	if (route_attrs(msg, tb))
		return -1;
	if (!route_matches(tb, args) || !deletable(tb))
		return 0;
	if (tb[CHAOS_ROUTE_A_SUBNET])
		request_u8(req, CHAOS_ROUTE_A_SUBNET, nla_get_u8(tb[CHAOS_ROUTE_A_SUBNET]));
	if (tb[CHAOS_ROUTE_A_HOST])
		request_u16(req, CHAOS_ROUTE_A_HOST, nla_get_u16(tb[CHAOS_ROUTE_A_HOST]));
	/* There may be a learned and a configured one for the same. */
	if (tb[CHAOS_ROUTE_A_TYPE])
		request_u8(req, CHAOS_ROUTE_A_TYPE, nla_get_u8(tb[CHAOS_ROUTE_A_TYPE]));
	return 1;
}

static int route_flush(struct ctl *ctl, const struct args *args)
{
	return object_flush(ctl, CHAOS_CMD_ROUTE_GET, CHAOS_CMD_ROUTE_DEL, name_route, args);
}

#define DESTINATION	(ARG_SUBNET | ARG_HOST | ARG_DEFAULT)
#define NEXT_HOP	(ARG_VIA | ARG_DEV | ARG_OR)
#define ROUTE_NEW	(DESTINATION | ARG_VIA | ARG_DEV | ARG_COST)
#define TAKES_TYPE	(ARG_TYPE | ARG_BARE_TYPE)
#define TO_USAGE	"{subnet N | host ADDRESS | default}"
#define NEW_USAGE	TO_USAGE " {via ADDRESS [dev DEV] | dev DEV} [cost N]"
#define TYPE_USAGE	"[[type] local|direct|learned|fixed]"

static const struct verb route_verbs[] = {
	{ "show", TYPE_USAGE, route_show, TAKES_TYPE, 0, {} },
	{ "add", NEW_USAGE, route_add, ROUTE_NEW, 0, { DESTINATION, NEXT_HOP } },
	{ "replace", NEW_USAGE, route_replace, ROUTE_NEW, 0, { DESTINATION, NEXT_HOP } },
	{ "delete", TO_USAGE " [type TYPE]", route_delete, DESTINATION | ARG_TYPE, 0,
	  { DESTINATION } },
	{ "get", "ADDRESS [from ADDRESS]", route_get, ARG_ADDR | ARG_SRC, ARG_ADDR, {} },
	{ "flush", TYPE_USAGE, route_flush, TAKES_TYPE, 0, {} },
};

const struct object route_object = {
	"route", "where packets for a subnet or host go", route_verbs, ARRAY_SIZE(route_verbs),
	show_route,
};
