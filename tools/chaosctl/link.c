// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl link: network devices that carry Chaosnet. */
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "ip.h"
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
	[CHAOS_LINK_A_PEER]	= { .type = NLA_U16 },
	[CHAOS_LINK_A_PERSIST]	= { .type = NLA_U8 },
	[CHAOS_LINK_A_UID]	= { .type = NLA_U32 },
	[CHAOS_LINK_A_GID]	= { .type = NLA_U32 },
	[CHAOS_LINK_A_FEEDER_PID] = { .type = NLA_U32 },
	[CHAOS_LINK_A_LOCAL4]	= { .minlen = 4 },
	[CHAOS_LINK_A_LOCAL6]	= { .minlen = 16 },
	[CHAOS_LINK_A_LEARN]	= { .type = NLA_U32 },
	[CHAOS_LINK_A_LEARN_AGE] = { .type = NLA_U32 },
	[CHAOS_LINK_A_TTL]	= { .type = NLA_U8 },
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

/* A name for people, the number for programs and if there is no name. */
static void show_id(struct show *s, const char *key, const char *before, const char *name,
		    struct nlattr *attr)
{
	if (!attr)
		return;
	if (name && !s->json)
		show_str(s, key, before, name);
	else
		show_num(s, key, before, nla_get_u32(attr));
}

static void show_owner(struct show *s, struct nlattr **tb)
{
	struct nlattr *uid = tb[CHAOS_LINK_A_UID], *gid = tb[CHAOS_LINK_A_GID];
	const struct passwd *user = uid ? getpwuid(nla_get_u32(uid)) : NULL;
	const struct group *group = gid ? getgrgid(nla_get_u32(gid)) : NULL;

	show_id(s, "uid", " user ", user ? user->pw_name : NULL, uid);
	show_id(s, "gid", " group ", group ? group->gr_name : NULL, gid);
}

/* Who feeds it may be in another namespace of processes: then it has no number here. */
static void show_feeder(struct show *s, struct nlattr **tb)
{
	struct nlattr *pid = tb[CHAOS_LINK_A_FEEDER_PID];

	if (!tb[CHAOS_LINK_A_FEEDER]) {
		show_text(s, " fed by nobody");
		return;
	}
	attr_str(s, "feeder", " fed by ", tb[CHAOS_LINK_A_FEEDER]);
	if (!pid || !nla_get_u32(pid))
		return;
	show_num(s, "feeder_pid", "(", nla_get_u32(pid));
	show_text(s, ")");
}

/* What only links have that programs feed; these all say whether they persist. */
static void show_fed(struct show *s, struct nlattr **tb)
{
	struct nlattr *persist = tb[CHAOS_LINK_A_PERSIST];

	if (!persist)
		return;
	attr_addr(s, "peer", " peer ", tb[CHAOS_LINK_A_PEER]);
	show_owner(s, tb);
	show_bool(s, "persistent", nla_get_u8(persist) ? " persistent" : "",
		  nla_get_u8(persist));
	show_feeder(s, tb);
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
	show_fed(s, tb);
	ip_link_show(s, tb);
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

/* What only links of type ip take. */
static void request_ip_settings(struct request *req, const struct args *args)
{
	if (args->given & ARG_LOCAL)
		request_ip(req, CHAOS_LINK_A_LOCAL4, CHAOS_LINK_A_LOCAL6, &args->local);
	if (args->given & ARG_LOCAL6)
		request_ip(req, CHAOS_LINK_A_LOCAL4, CHAOS_LINK_A_LOCAL6, &args->local6);
	if (args->given & ARG_TTL)
		request_u8(req, CHAOS_LINK_A_TTL, args->ttl);
	if (args->given & ARG_LEARN)
		request_u32(req, CHAOS_LINK_A_LEARN, args->learn);
	if (args->given & ARG_AGE)
		request_u32(req, CHAOS_LINK_A_LEARN_AGE, args->age);
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
	if (args->given & ARG_KIND)
		request_str(&req, CHAOS_LINK_A_TYPE, args->kind);
	if (args->given & ARG_PEER)
		request_u16(&req, CHAOS_LINK_A_PEER, args->peer);
	if (args->given & ARG_USER)
		request_u32(&req, CHAOS_LINK_A_UID, args->uid);
	if (args->given & ARG_GROUP)
		request_u32(&req, CHAOS_LINK_A_GID, args->gid);
	request_ip_settings(&req, args);
	if (replace)
		request_flag(&req, CHAOS_LINK_A_CHANGE);
	return object_change(&req);
}

static int give_address(struct ctl *ctl, const struct args *args)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_ADDR_NEW, 0))
		return STATUS_FAILED;
	request_str(&req, CHAOS_ADDR_A_IFNAME, args->dev);
	request_u16(&req, CHAOS_ADDR_A_ADDR, args->self);
	return object_change(&req);
}

/* A link that cannot have its address goes again. */
static int link_add(struct ctl *ctl, const struct args *args)
{
	int status = change(ctl, args, CHAOS_CMD_LINK_NEW, false);

	if (status == STATUS_OK && args->given & ARG_SELF) {
		status = give_address(ctl, args);
		if (status != STATUS_OK)
			change(ctl, &(struct args){ .dev = args->dev }, CHAOS_CMD_LINK_DEL, false);
	}
	return status;
}

static int link_set(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_LINK_NEW, true);
}

#define MAP_WORDS	8	/* after "link map", at most; what is more is too much anyway */

/* Other ways to say "map COMMAND ...". */
static int say_map(struct ctl *ctl, char *command, char *const *words)
{
	char *said[MAP_WORDS + 2] = { command };

	for (size_t n = 0; n < MAP_WORDS && words[n]; n++)
		said[n + 1] = words[n];
	return object_run(ctl, &map_object, said);
}

static int link_map(struct ctl *ctl, const struct args *args)
{
	if (!*args->words || !strcmp(*args->words, "show"))
		return object_run(ctl, &map_object, args->words);
	return say_map(ctl, "add", args->words);
}

static int link_unmap(struct ctl *ctl, const struct args *args)
{
	return say_map(ctl, "delete", args->words);
}

static int link_delete(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, CHAOS_CMD_LINK_DEL, false);
}

#define TAKES_DEV	(ARG_DEV | ARG_BARE_DEV)
#define SETTINGS	(ARG_COST | ARG_RUT | ARG_POISON | ARG_PROXY_ARP | ARG_PEER | ARG_USER | \
			 ARG_GROUP | ARG_LOCAL | ARG_LOCAL6 | ARG_TTL | ARG_LEARN | ARG_AGE)
#define SETTINGS_USAGE	"[cost N] [rut off|listen|on] [poison on|off] [proxy_arp off|hosts|all] " \
			"[peer ADDRESS|none] [user USER] [group GROUP] " \
			"[local IP] [local6 IP] [ttl N] [learn N] [age DURATION]"

static const struct verb link_verbs[] = {
	{ "show", "[DEV]", link_show, TAKES_DEV, 0, {} },
	{ "add", "DEV [type chaos|ip] [addr ADDRESS] " SETTINGS_USAGE, link_add,
	  TAKES_DEV | ARG_KIND | ARG_SELF | SETTINGS, ARG_DEV, {} },
	{ "set", "DEV " SETTINGS_USAGE, link_set, TAKES_DEV | SETTINGS, ARG_DEV,
	  { SETTINGS | ARG_OR } },
	{ "delete", "DEV", link_delete, TAKES_DEV, ARG_DEV, {} },
	{ "map", "DEV { ADDRESS IP | subnet N IP/LENGTH } | show [DEV]", link_map, ARG_WORDS, 0,
	  {} },
	{ "unmap", "DEV { ADDRESS | subnet N }", link_unmap, ARG_WORDS, 0, {} },
};

const struct object link_object = {
	"link", "network devices that carry Chaosnet", link_verbs, ARRAY_SIZE(link_verbs),
	show_link,
};
