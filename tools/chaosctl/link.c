// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl link: network devices that carry Chaosnet. */
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "names.h"
#include "object.h"

static const struct nla_policy link_policy[CHAOS_LINK_A_MAX + 1] = {
	[CHAOS_LINK_A_IFINDEX]	= { .type = NLA_U32 },
	[CHAOS_LINK_A_COST]	= { .type = NLA_U16 },
	[CHAOS_LINK_A_ADDR]	= { .type = NLA_U16 },
	[CHAOS_LINK_A_CARRIER]	= { .type = NLA_U8 },
	[CHAOS_LINK_A_RUT]	= { .type = NLA_U8 },
	[CHAOS_LINK_A_POISON]	= { .type = NLA_U8 },
	[CHAOS_LINK_A_PROXY_ARP] = { .type = NLA_U8 },
};

static const struct nla_policy stat_policy[CHAOS_LINK_STAT_MAX + 1] = {
	[CHAOS_LINK_STAT_RECEIVED ... CHAOS_LINK_STAT_MAX] = { .type = NLA_U64 },
};

/* Columns that both directions have. */
enum {
	COLUMN_BYTES	= 28,
	COLUMN_ERRORS	= 48,
};

/* In the order they are printed in; @before begins a line for each direction. */
static const struct counter {
	int attr;
	const char *key;
	const char *before;
	unsigned int column;
} counters[] = {
	{ CHAOS_LINK_STAT_RECEIVED,	"rx_packets",	"    rx packets ",	0 },
	{ CHAOS_LINK_STAT_RX_BYTES,	"rx_bytes",	"bytes ",		COLUMN_BYTES },
	{ CHAOS_LINK_STAT_LOST,		"lost",		"lost ",		COLUMN_ERRORS },
	{ CHAOS_LINK_STAT_CRC,		"crc",		" crc ",		0 },
	{ CHAOS_LINK_STAT_RAM,		"ram",		" ram ",		0 },
	{ CHAOS_LINK_STAT_BADLEN,	"badlen",	" badlen ",		0 },
	{ CHAOS_LINK_STAT_REJECTED,	"rejected",	" rejected ",		0 },
	{ CHAOS_LINK_STAT_TRANSMITTED,	"tx_packets",	"\n    tx packets ",	0 },
	{ CHAOS_LINK_STAT_TX_BYTES,	"tx_bytes",	"bytes ",		COLUMN_BYTES },
	{ CHAOS_LINK_STAT_ABORTED,	"aborted",	"aborted ",		COLUMN_ERRORS },
};

static void show_counters(struct show *s, struct nlattr **tb)
{
	show_object_open(s, "stats");
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		const struct counter *c = &counters[i];

		if (!tb[c->attr])
			continue;
		if (c->column)
			show_column(s, c->column);
		show_num(s, c->key, c->before, nla_get_u64(tb[c->attr]));
	}
	show_object_close(s);
	show_line_end(s);
}

/* In plain form only what is not as it is in the beginning. */
static bool worth_showing(const struct show *s, struct nlattr *attr, uint8_t usual)
{
	return attr && (s->json || nla_get_u8(attr) != usual);
}

static void show_settings(struct show *s, struct nlattr **tb)
{
	struct nlattr *poison = tb[CHAOS_LINK_A_POISON];

	if (worth_showing(s, tb[CHAOS_LINK_A_RUT], CHAOS_RUT_ON))
		attr_name(s, "rut", " rut ", rut_names, N_RUT_NAMES, tb[CHAOS_LINK_A_RUT]);
	if (worth_showing(s, poison, 0))
		show_bool(s, "poison", " poison on", nla_get_u8(poison));
	if (worth_showing(s, tb[CHAOS_LINK_A_PROXY_ARP], CHAOS_PROXY_ARP_HOSTS))
		attr_name(s, "proxy_arp", " proxy_arp ", proxy_arp_names, N_PROXY_ARP_NAMES,
			  tb[CHAOS_LINK_A_PROXY_ARP]);
}

static int show_link(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *stats[CHAOS_LINK_STAT_MAX + 1];
	struct nlattr *tb[CHAOS_LINK_A_MAX + 1];
	struct show *s = &ctl->out;

	if (answer_attrs(msg, tb, CHAOS_LINK_A_MAX, link_policy))
		return -1;
	if (!device_matches(tb[CHAOS_LINK_A_IFNAME], args))
		return 0;
	if (tb[CHAOS_LINK_A_STATS] &&
	    answer_nested(tb[CHAOS_LINK_A_STATS], stats, CHAOS_LINK_STAT_MAX, stat_policy))
		return -1;

	show_object_open(s, NULL);
	if (s->json)
		attr_u32(s, "ifindex", "", tb[CHAOS_LINK_A_IFINDEX]);
	attr_str(s, "dev", "", tb[CHAOS_LINK_A_IFNAME]);
	attr_str(s, "type", ": ", tb[CHAOS_LINK_A_TYPE]);
	attr_addr(s, "addr", " addr ", tb[CHAOS_LINK_A_ADDR]);
	attr_u16(s, "cost", " cost ", tb[CHAOS_LINK_A_COST]);
	if (tb[CHAOS_LINK_A_CARRIER]) {
		bool up = nla_get_u8(tb[CHAOS_LINK_A_CARRIER]);

		show_bool(s, "carrier", up ? " up" : " down", up);
	}
	show_settings(s, tb);
	show_line_end(s);
	if (ctl->stats && tb[CHAOS_LINK_A_STATS])
		show_counters(s, stats);
	show_object_close(s);
	return 0;
}

static int link_show(struct ctl *ctl, const struct args *args)
{
	return object_dump(ctl, CHAOS_CMD_LINK_GET, show_link, args);
}

static int change(struct ctl *ctl, const struct args *args, int cmd, bool replace)
{
	struct request req;

	if (request_begin(&req, ctl->tr, cmd, 0))
		return STATUS_FAILED;
	request_str(&req, CHAOS_LINK_A_IFNAME, args->dev);
	if (args->given & ARG_COST)
		request_u16(&req, CHAOS_LINK_A_COST, args->cost);
	if (args->given & ARG_RUT)
		request_u8(&req, CHAOS_LINK_A_RUT, args->rut);
	if (args->given & ARG_POISON)
		request_u8(&req, CHAOS_LINK_A_POISON, args->poison);
	if (args->given & ARG_PROXY_ARP)
		request_u8(&req, CHAOS_LINK_A_PROXY_ARP, args->proxy_arp);
	if (replace)
		request_flag(&req, CHAOS_LINK_A_CHANGE);
	return object_change(&req);
}

static int link_add(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_LINK_NEW, false);
}

static int link_set(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_LINK_NEW, true);
}

static int link_delete(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_LINK_DEL, false);
}

#define TAKES_DEV	(ARG_DEV | ARG_BARE_DEV)
#define SETTINGS	(ARG_COST | ARG_RUT | ARG_POISON | ARG_PROXY_ARP)
#define LINK_NEW	(TAKES_DEV | SETTINGS)
#define SETTINGS_USAGE	"[cost N] [rut off|listen|on] [poison on|off] [proxy_arp off|hosts|all]"

static const struct verb link_verbs[] = {
	{ "show", "[DEV]", link_show, TAKES_DEV, 0, {} },
	{ "add", "DEV " SETTINGS_USAGE, link_add, LINK_NEW, ARG_DEV, {} },
	{ "set", "DEV " SETTINGS_USAGE, link_set, LINK_NEW, ARG_DEV, { SETTINGS | ARG_OR } },
	{ "delete", "DEV", link_delete, TAKES_DEV, ARG_DEV, {} },
};

const struct object link_object = {
	"link", "network devices that carry Chaosnet", link_verbs, ARRAY_SIZE(link_verbs),
	show_link,
};
