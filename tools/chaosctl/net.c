// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl net: what the network namespace has as a whole. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "object.h"

static const struct nla_policy net_policy[CHAOS_NET_A_MAX + 1] = {
	[CHAOS_NET_A_HALFOPEN]	= { .type = NLA_U32 },
	[CHAOS_NET_A_ORPHANS]	= { .type = NLA_U32 },
	[CHAOS_NET_A_MEM]	= { .type = NLA_U64 },
};

static int show_net(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_NET_A_MAX + 1];
	struct show *s = &ctl->out;

	if (answer_attrs(msg, tb, CHAOS_NET_A_MAX, net_policy))
		return -1;
	show_object_open(s, NULL);
	attr_str(s, "name", "name ", tb[CHAOS_NET_A_NAME]);
	if (!(args->given & ARG_JUST_NAME)) {
		attr_u32(s, "halfopen", " halfopen ", tb[CHAOS_NET_A_HALFOPEN]);
		attr_u32(s, "orphans", " orphans ", tb[CHAOS_NET_A_ORPHANS]);
		attr_u64(s, "mem", " mem ", tb[CHAOS_NET_A_MEM]);
	}
	show_line_end(s);
	show_object_close(s);
	return 0;
}

static int net_show(struct ctl *ctl, const struct args *args)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_NET_GET, 0))
		return STATUS_FAILED;
	return object_get(ctl, &req, show_net, args);
}

static int net_set(struct ctl *ctl, const struct args *args)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_NET_SET, 0))
		return STATUS_FAILED;
	request_str(&req, CHAOS_NET_A_NAME, args->name);
	return object_change(&req);
}

static const struct verb net_verbs[] = {
	{ "show", "[name]", net_show, ARG_NET | ARG_JUST_NAME, 0, {} },
	{ "set", "name NAME", net_set, ARG_NET | ARG_NAME, ARG_NAME, {} },
};

const struct object net_object = {
	"net", "the name this host tells others, and what limits are for", net_verbs, ARRAY_SIZE(net_verbs),
};
