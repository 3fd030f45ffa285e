// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl net: what the network namespace has as a whole. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "object.h"

static const struct nla_policy net_policy[CHAOS_NET_A_MAX + 1] = {
	[CHAOS_NET_A_HALFOPEN]	= { .type = NLA_U32 },
	[CHAOS_NET_A_ORPHANS]	= { .type = NLA_U32 },
	[CHAOS_NET_A_MEM]	= { .type = NLA_U64 },
	[CHAOS_NET_A_FORWARDING] = { .type = NLA_U8 },
	[CHAOS_NET_A_PRIVATE]	= { .minlen = CHAOS_SUBNET_MAP_LEN },
};

/* As "net set" takes them: 375,376. */
static void show_private(struct show *s, const uint8_t *map)
{
	const char *before = " private ";

	show_list_open(s, "private");
	for (int subnet = 1; subnet < 8 * CHAOS_SUBNET_MAP_LEN; subnet++) {
		if (!(map[subnet / 8] & 1 << subnet % 8))
			continue;
		show_subnet(s, NULL, before, subnet);
		before = ",";
	}
	show_list_close(s);
}

static void show_forwarding(struct show *s, bool on)
{
	show_bool(s, "forwarding", on ? " forwarding on" : " forwarding off", on);
}

static int show_net(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_NET_A_MAX + 1];
	struct show *s = &ctl->out;

	if (answer_attrs(msg, tb, CHAOS_NET_A_MAX, net_policy))
		return -1;
	show_object_open(s, NULL);
	attr_str(s, "name", "name ", tb[CHAOS_NET_A_NAME]);
	if (!(args->given & ARG_JUST_NAME)) {
		if (tb[CHAOS_NET_A_FORWARDING])
			show_forwarding(s, nla_get_u8(tb[CHAOS_NET_A_FORWARDING]));
		if (tb[CHAOS_NET_A_PRIVATE])
			show_private(s, nla_data(tb[CHAOS_NET_A_PRIVATE]));
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
	if (args->given & ARG_NAME)
		request_str(&req, CHAOS_NET_A_NAME, args->name);
	if (args->given & ARG_FORWARDING)
		request_u8(&req, CHAOS_NET_A_FORWARDING, args->forwarding);
	if (args->given & ARG_PRIVATE)
		request_bytes(&req, CHAOS_NET_A_PRIVATE, args->private, sizeof(args->private));
	return object_change(&req);
}

#define SETTINGS	(ARG_NAME | ARG_FORWARDING | ARG_PRIVATE)
#define SETTINGS_USAGE	"[name NAME] [forwarding on|off] [private SUBNET,...|none]"

static const struct verb net_verbs[] = {
	{ "show", "[name]", net_show, ARG_NET | ARG_JUST_NAME, 0, {} },
	{ "set", SETTINGS_USAGE, net_set, ARG_NET | SETTINGS, 0, { SETTINGS | ARG_OR } },
};

const struct object net_object = {
	"net", "name, forwarding, private subnets, and what limits are for", net_verbs,
	ARRAY_SIZE(net_verbs), show_net,
};
