// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl addr: addresses of this host. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "object.h"

static const struct nla_policy addr_policy[CHAOS_ADDR_A_MAX + 1] = {
	[CHAOS_ADDR_A_IFINDEX]	= { .type = NLA_U32 },
	[CHAOS_ADDR_A_ADDR]	= { .type = NLA_U16 },
	[CHAOS_ADDR_A_STATE]	= { .type = NLA_U8 },
};

static const char *const states[] = {
	[CHAOS_ADDR_TENTATIVE]	= "tentative",
	[CHAOS_ADDR_VALID]	= "valid",
	[CHAOS_ADDR_CONFLICT]	= "conflict",
};

static int show_address(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_ADDR_A_MAX + 1];
	struct show *s = &ctl->out;

	if (answer_attrs(msg, tb, CHAOS_ADDR_A_MAX, addr_policy))
		return -1;
	if (!device_matches(tb[CHAOS_ADDR_A_IFNAME], args))
		return 0;

	show_object_open(s, NULL);
	attr_addr(s, "addr", "", tb[CHAOS_ADDR_A_ADDR]);
	if (s->json)
		attr_u32(s, "ifindex", "", tb[CHAOS_ADDR_A_IFINDEX]);
	attr_str(s, "dev", " dev ", tb[CHAOS_ADDR_A_IFNAME]);
	attr_name(s, "state", " ", states, ARRAY_SIZE(states), tb[CHAOS_ADDR_A_STATE]);
	attr_lladdr(s, "conflict_with", " with ", tb[CHAOS_ADDR_A_LLADDR]);
	show_line_end(s);
	show_object_close(s);
	return 0;
}

static int addr_show(struct ctl *ctl, const struct args *args)
{
	return object_dump(ctl, CHAOS_CMD_ADDR_GET, show_address, args);
}

static int change(struct ctl *ctl, const struct args *args, int cmd)
{
	struct request req;

	if (request_begin(&req, ctl->tr, cmd, 0))
		return STATUS_FAILED;
	request_str(&req, CHAOS_ADDR_A_IFNAME, args->dev);
	request_u16(&req, CHAOS_ADDR_A_ADDR, args->addr);
	return object_change(&req);
}

static int addr_add(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_ADDR_NEW);
}

static int addr_delete(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_ADDR_DEL);
}

static int name_address(struct request *req, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_ADDR_A_MAX + 1];

	if (answer_attrs(msg, tb, CHAOS_ADDR_A_MAX, addr_policy))
		return -1;
	if (!device_matches(tb[CHAOS_ADDR_A_IFNAME], args) ||
	    !tb[CHAOS_ADDR_A_IFINDEX] || !tb[CHAOS_ADDR_A_ADDR])
		return 0;
	request_u32(req, CHAOS_ADDR_A_IFINDEX, nla_get_u32(tb[CHAOS_ADDR_A_IFINDEX]));
	request_u16(req, CHAOS_ADDR_A_ADDR, nla_get_u16(tb[CHAOS_ADDR_A_ADDR]));
	return 1;
}

static int addr_flush(struct ctl *ctl, const struct args *args)
{
	return object_flush(ctl, CHAOS_CMD_ADDR_GET, CHAOS_CMD_ADDR_DEL, name_address, args);
}

#define ADDR_AND_DEV	(ARG_ADDR | ARG_DEV)

static const struct verb addr_verbs[] = {
	{ "show", "[dev DEV]", addr_show, ARG_DEV | ARG_BARE_DEV, 0, {} },
	{ "add", "ADDRESS dev DEV", addr_add, ADDR_AND_DEV, ADDR_AND_DEV, {} },
	{ "delete", "ADDRESS dev DEV", addr_delete, ADDR_AND_DEV, ADDR_AND_DEV, {} },
	{ "flush", "[dev DEV]", addr_flush, ARG_DEV | ARG_BARE_DEV, 0, {} },
};

const struct object addr_object = {
	"addr", "addresses of this host", addr_verbs, ARRAY_SIZE(addr_verbs), show_address,
};
