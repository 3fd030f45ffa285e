// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl route: where packets for a subnet or host go. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "object.h"

static const struct nla_policy route_policy[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_SUBNET]	= { .type = NLA_U8 },
	[CHAOS_ROUTE_A_HOST]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_VIA]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_IFINDEX]	= { .type = NLA_U32 },
	[CHAOS_ROUTE_A_COST]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_TYPE]	= { .type = NLA_U8 },
};

static const char *const types[] = {
	[CHAOS_ROUTE_LOCAL]	= "local",
	[CHAOS_ROUTE_DIRECT]	= "direct",
	[CHAOS_ROUTE_BRIDGE]	= "bridge",
	[CHAOS_ROUTE_FIXED]	= "fixed",
};

/* A route for neither a subnet nor a host is the default. */
static void show_destination(struct show *s, struct nlattr **tb)
{
	if (tb[CHAOS_ROUTE_A_SUBNET])
		show_subnet(s, "subnet", "subnet ", nla_get_u8(tb[CHAOS_ROUTE_A_SUBNET]));
	attr_addr(s, "host", "host ", tb[CHAOS_ROUTE_A_HOST]);
	if (!tb[CHAOS_ROUTE_A_SUBNET] && !tb[CHAOS_ROUTE_A_HOST])
		show_bool(s, "default", "default", true);
}

static int show_route(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_ROUTE_A_MAX + 1];
	struct show *s = &ctl->out;

	(void)args;
	if (answer_attrs(msg, tb, CHAOS_ROUTE_A_MAX, route_policy))
		return -1;

	show_object_open(s, NULL);
	show_destination(s, tb);
	attr_addr(s, "via", " via ", tb[CHAOS_ROUTE_A_VIA]);
	if (s->json)
		attr_u32(s, "ifindex", "", tb[CHAOS_ROUTE_A_IFINDEX]);
	attr_str(s, "dev", " dev ", tb[CHAOS_ROUTE_A_IFNAME]);
	attr_u16(s, "cost", " cost ", tb[CHAOS_ROUTE_A_COST]);
	attr_name(s, "type", " ", types, ARRAY_SIZE(types), tb[CHAOS_ROUTE_A_TYPE]);
	show_line_end(s);
	show_object_close(s);
	return 0;
}

static int route_show(struct ctl *ctl, const struct args *args)
{
	return object_dump(ctl, CHAOS_CMD_ROUTE_GET, show_route, args);
}

/* How a packet for this address would go. */
static int route_get(struct ctl *ctl, const struct args *args)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_ROUTE_GET, 0))
		return STATUS_FAILED;
	request_u16(&req, CHAOS_ROUTE_A_HOST, args->addr);
	return object_get(ctl, &req, show_route, args);
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

#define DESTINATION	(ARG_SUBNET | ARG_HOST | ARG_DEFAULT)
#define NEXT_HOP	(ARG_VIA | ARG_DEV)
#define ROUTE_NEW	(DESTINATION | NEXT_HOP | ARG_COST)
#define TO_USAGE	"{subnet N | host ADDRESS | default}"
#define NEW_USAGE	TO_USAGE " {via ADDRESS | dev DEV} [cost N]"

static const struct verb route_verbs[] = {
	{ "show", "", route_show, 0, 0, {} },
	{ "add", NEW_USAGE, route_add, ROUTE_NEW, 0, { DESTINATION, NEXT_HOP } },
	{ "replace", NEW_USAGE, route_replace, ROUTE_NEW, 0, { DESTINATION, NEXT_HOP } },
	{ "delete", TO_USAGE, route_delete, DESTINATION, 0, { DESTINATION } },
	{ "get", "ADDRESS", route_get, ARG_ADDR, ARG_ADDR, {} },
};

const struct object route_object = {
	"route", "where packets for a subnet or host go", route_verbs, ARRAY_SIZE(route_verbs),
};
