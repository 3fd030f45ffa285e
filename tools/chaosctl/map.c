// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl map: where the hosts of links of type ip are. */
#include <string.h>

#include "attrs.h"
#include "batch.h"
#include "complain.h"
#include "ip.h"
#include "map.h"
#include "object.h"

const struct nla_policy map_policy[CHAOS_MAP_A_MAX + 1] = {
	[CHAOS_MAP_A_IFINDEX]	= { .type = NLA_U32 },
	[CHAOS_MAP_A_HOST]	= { .type = NLA_U16 },
	[CHAOS_MAP_A_SUBNET]	= { .type = NLA_U8 },
	[CHAOS_MAP_A_ADDR4]	= { .minlen = 4 },
	[CHAOS_MAP_A_ADDR6]	= { .minlen = 16 },
	[CHAOS_MAP_A_PREFIXLEN]	= { .type = NLA_U8 },
	[CHAOS_MAP_A_LEARNED]	= { .type = NLA_FLAG },
	[CHAOS_MAP_A_AGE]	= { .type = NLA_U32 },
	[CHAOS_MAP_A_RX]	= { .type = NLA_U64 },
	[CHAOS_MAP_A_TX]	= { .type = NLA_U64 },
	[CHAOS_MAP_A_ERRORS]	= { .type = NLA_U64 },
	[CHAOS_MAP_A_ERROR]	= { .type = NLA_U32 },
};

/* A host has HOST, a subnet SUBNET, and a host by its subnet's mapping both. */
static void show_whom(struct show *s, struct nlattr **tb)
{
	attr_addr(s, "addr", "", tb[CHAOS_MAP_A_HOST]);
	if (!tb[CHAOS_MAP_A_SUBNET] || (tb[CHAOS_MAP_A_HOST] && !s->json))
		return;
	show_subnet(s, "subnet", "subnet ", nla_get_u8(tb[CHAOS_MAP_A_SUBNET]));
}

static void show_where(struct show *s, struct nlattr **tb)
{
	char text[IP_TEXT_LEN];

	if (!ip_text(text, tb[CHAOS_MAP_A_ADDR4], tb[CHAOS_MAP_A_ADDR6]))
		return;
	show_str(s, "ip", " ", text);
	if (tb[CHAOS_MAP_A_PREFIXLEN])
		show_num(s, "prefixlen", "/", nla_get_u8(tb[CHAOS_MAP_A_PREFIXLEN]));
}

static void show_origin(struct show *s, struct nlattr **tb)
{
	bool derived = tb[CHAOS_MAP_A_HOST] && tb[CHAOS_MAP_A_SUBNET];

	show_str(s, "origin", " ", tb[CHAOS_MAP_A_LEARNED] ? "learned" :
				   derived ? "derived" : "static");
}

/* The kernel's own numbers of errors are ours. */
static void show_error(struct show *s, struct nlattr *error)
{
	if (error)
		show_str(s, "error", " error ", strerror(nla_get_u32(error)));
}

static int show_map(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_MAP_A_MAX + 1];
	struct show *s = &ctl->out;

	if (answer_attrs(msg, tb, CHAOS_MAP_A_MAX, map_policy))
		return -1;
	if (!device_matches(tb[CHAOS_MAP_A_IFNAME], args))
		return 0;

	show_object_open(s, NULL);
	show_whom(s, tb);
	show_where(s, tb);
	if (s->json)
		attr_u32(s, "ifindex", "", tb[CHAOS_MAP_A_IFINDEX]);
	attr_str(s, "dev", " dev ", tb[CHAOS_MAP_A_IFNAME]);
	show_origin(s, tb);
	attr_age(s, tb[CHAOS_MAP_A_AGE]);
	show_error(s, tb[CHAOS_MAP_A_ERROR]);
	if (ctl->stats) {
		attr_u64(s, "rx_packets", " rx ", tb[CHAOS_MAP_A_RX]);
		attr_u64(s, "tx_packets", " tx ", tb[CHAOS_MAP_A_TX]);
		attr_u64(s, "errors", " errors ", tb[CHAOS_MAP_A_ERRORS]);
	}
	show_line_end(s);
	show_object_close(s);
	return 0;
}

/**
 * map_write() - write the words that add a mapping
 * @f: where to; nothing for one that was not configured
 * @tb: its attributes, lengths checked
 */
void map_write(FILE *f, struct nlattr **tb)
{
	struct nlattr *host = tb[CHAOS_MAP_A_HOST], *subnet = tb[CHAOS_MAP_A_SUBNET];
	struct nlattr *dev = tb[CHAOS_MAP_A_IFNAME];
	char text[IP_TEXT_LEN];

	if (tb[CHAOS_MAP_A_LEARNED] || !host == !subnet || !dev ||
	    !ip_text(text, tb[CHAOS_MAP_A_ADDR4], tb[CHAOS_MAP_A_ADDR6]))
		return;
	fputs("map add dev ", f);
	batch_quote(f, nla_data(dev), strnlen(nla_data(dev), nla_len(dev)));
	if (host)
		fprintf(f, " %o %s", nla_get_u16(host), text);
	else
		fprintf(f, " subnet %o %s/%u", nla_get_u8(subnet), text,
			tb[CHAOS_MAP_A_ADDR6] ? 120 : 24);
}

static int map_show(struct ctl *ctl, const struct args *args)
{
	return object_dump(ctl, CHAOS_CMD_MAP_GET, show_map, args);
}

static int change(struct ctl *ctl, const struct args *args, int cmd, bool replace)
{
	struct request req;

	if (request_begin(&req, ctl->tr, cmd, 0))
		return STATUS_FAILED;
	request_str(&req, CHAOS_MAP_A_IFNAME, args->dev);
	if (args->given & ARG_ADDR)
		request_u16(&req, CHAOS_MAP_A_HOST, args->addr);
	if (args->given & ARG_SUBNET)
		request_u8(&req, CHAOS_MAP_A_SUBNET, args->subnet);
	if (args->given & ARG_IP)
		request_ip(&req, CHAOS_MAP_A_ADDR4, CHAOS_MAP_A_ADDR6, &args->ip);
	if (args->given & ARG_IP && args->ip.prefixlen)
		request_u8(&req, CHAOS_MAP_A_PREFIXLEN, args->ip.prefixlen);
	if (replace)
		request_flag(&req, CHAOS_MAP_A_REPLACE);
	return object_change(&req);
}

/* Checked here, as the kernel would say it in its own words. */
static int add(struct ctl *ctl, const struct args *args, bool replace)
{
	if (args->given & ARG_SUBNET && !args->ip.prefixlen) {
		complain("a subnet is mapped to a prefix: 10.1.2.0/24, or one of IPv6 with /120");
		return STATUS_FAILED;
	}
	if (args->given & ARG_ADDR && args->ip.prefixlen) {
		complain("a host is mapped to an address, without '/%u'", args->ip.prefixlen);
		return STATUS_FAILED;
	}
	return change(ctl, args, CHAOS_CMD_MAP_NEW, replace);
}

static int map_add(struct ctl *ctl, const struct args *args)
{
	return add(ctl, args, false);
}

static int map_replace(struct ctl *ctl, const struct args *args)
{
	return add(ctl, args, true);
}

static int map_delete(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_MAP_DEL, false);
}

/* What was learned; with "all" also what was added by hand, and what came of that. */
static int name_map(struct request *req, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_MAP_A_MAX + 1];

	if (answer_attrs(msg, tb, CHAOS_MAP_A_MAX, map_policy))
		return -1;
	if (!device_matches(tb[CHAOS_MAP_A_IFNAME], args) || !tb[CHAOS_MAP_A_IFINDEX] ||
	    (!tb[CHAOS_MAP_A_LEARNED] && !(args->given & ARG_ALL)))
		return 0;
	request_u32(req, CHAOS_MAP_A_IFINDEX, nla_get_u32(tb[CHAOS_MAP_A_IFINDEX]));
	if (tb[CHAOS_MAP_A_HOST])
		request_u16(req, CHAOS_MAP_A_HOST, nla_get_u16(tb[CHAOS_MAP_A_HOST]));
	else if (tb[CHAOS_MAP_A_SUBNET])
		request_u8(req, CHAOS_MAP_A_SUBNET, nla_get_u8(tb[CHAOS_MAP_A_SUBNET]));
	return 1;
}

static int map_flush(struct ctl *ctl, const struct args *args)
{
	return object_flush(ctl, CHAOS_CMD_MAP_GET, CHAOS_CMD_MAP_DEL, name_map, args);
}

#define WHERE_DEV	(ARG_DEV | ARG_BARE_DEV)
#define WHOM		(ARG_ADDR | ARG_SUBNET)
#define NEW_USAGE	"DEV { ADDRESS IP | subnet N IP/LENGTH }"

static const struct verb map_verbs[] = {
	{ "show", "[DEV]", map_show, WHERE_DEV, 0, {} },
	{ "add", NEW_USAGE, map_add, WHERE_DEV | WHOM | ARG_IP, ARG_DEV | ARG_IP, { WHOM } },
	{ "replace", NEW_USAGE, map_replace, WHERE_DEV | WHOM | ARG_IP, ARG_DEV | ARG_IP,
	  { WHOM } },
	{ "delete", "DEV { ADDRESS | subnet N }", map_delete, WHERE_DEV | WHOM, ARG_DEV,
	  { WHOM } },
	{ "flush", "[all] [dev DEV]", map_flush, ARG_ALL | ARG_DEV, 0, {} },
};

const struct object map_object = {
	"map", "where the hosts of links of type ip are", map_verbs, ARRAY_SIZE(map_verbs),
	show_map,
};
