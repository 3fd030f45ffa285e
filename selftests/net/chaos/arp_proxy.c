// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Proxy ARP: for whom our host answers besides itself, and how.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401, 405 and others)
 *	eth1 (our host, 1002) ------ wire1 (nobody)
 *
 * A request for a host is put to eth0; what it looks like and what was configured
 * before is in the rows.
 */
#define _GNU_SOURCE
#include "nlreq.h"
#include "probe.h"

#define ASKER		0405
#define PUBLISHED	0410
#define OTHER_SIDE	01002	/* our host on eth1 */
#define PROXY_MAX	1024	/* on a link */

static const uint8_t asker_mac[6] = { 2, 0, 0, 0, 4, 5 };

enum answer { NOTHING, REPLY };

/**
 * struct row - a request
 * @what: description
 * @answer: whether it is answered
 * @tip: for whom
 * @sip: who asks: ASKER if 0
 * @probe: who asks has no address yet
 * @op: a request if 0
 */
struct row {
	const char *what;
	enum answer answer;
	uint16_t tip, sip;
	bool probe;
	uint16_t op;
};

static uint16_t sender(const struct row *row)
{
	return row->probe ? 0 : row->sip ?: ASKER;
}

/* The one answer must be that of RFC 826: whole frame, nothing after it. */
static bool is_reply(const struct wire_frame *f, const struct row *row)
{
	return wire_is_arp_of(f, asker_mac, WIRE_ARP_REPLY, probe_host_mac, row->tip, asker_mac,
			      sender(row));
}

static void ask(const struct row *row)
{
	struct wire_frame f, answer;
	struct counters before, now;
	long long proxied;
	unsigned int n;

	wire_arp(&f, NULL, row->op ?: WIRE_ARP_REQUEST, asker_mac, sender(row), wire_zero,
		 row->tip);
	counters_read(&before);
	n = probe_send(&f, &answer);
	counters_read(&now);
	proxied = *counters_of(&now, "arp_proxy") - *counters_of(&before, "arp_proxy");
	if (tap_ok(row->answer == REPLY ? n == 1 && is_reply(&answer, row) && proxied == 1 :
		   !n && !proxied, "%s: %s", row->what, row->answer == REPLY ? "yes" : "no"))
		return;
	tap_diag("%u answers, %lld counted", n, proxied);
	if (n)
		wire_show("the first", &answer);
}

static void ask_all(const struct row *rows, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		ask(&rows[i]);
}

/* For one host, after these words to chaosctl. */
static void ask_after(const char *command, uint16_t tip, enum answer answer)
{
	const struct row row = { .what = command, .answer = answer, .tip = tip };

	netns_must("chaosctl %s", command);
	ask(&row);
}

static bool shows(const char *command, const char *text)
{
	char output[NETNS_OUTPUT];

	netns_run(output, "chaosctl %s", command);
	if (strstr(output, text))
		return true;
	tap_diag("chaosctl %s says: %s", command, output);
	return false;
}

static bool fails(const char *command, const char *text)
{
	char output[NETNS_OUTPUT];

	return netns_run(output, "chaosctl %s", command) && strstr(output, text);
}

/* What people publish, whether the host forwards or not. */
static void test_published(const char *when)
{
	static const struct row rows[] = {
		{ "a published address", REPLY, .tip = PUBLISHED },
		{ "one that is not", NOTHING, .tip = 0411 },
		{ "published, asked from another subnet", REPLY, .tip = PUBLISHED, .sip = 02001 },
		{ "published, and another host wants it", REPLY, .tip = PUBLISHED, .probe = true },
		{ "published, and announced by another", NOTHING, .tip = PUBLISHED,
		  .sip = PUBLISHED },
		{ "published, asked from an address of ours", NOTHING, .tip = PUBLISHED,
		  .sip = OTHER_SIDE },
		{ "published, in a reply", NOTHING, .tip = PUBLISHED, .op = WIRE_ARP_REPLY },
		{ "published on the other link", NOTHING, .tip = 0412 },
	};

	tap_diag("%s:", when);
	ask_all(rows, ARRAY_SIZE(rows));
}

static void test_publishing(void)
{
	netns_must("chaosctl neigh add proxy 410 dev eth0");
	netns_must("chaosctl neigh add proxy 412 dev eth1");
	tap_ok(shows("neigh", "410 dev eth0 proxy\n") && shows("neigh", "412 dev eth1 proxy\n"),
	       "both are shown");
	tap_ok(shows("-j neigh", "\"addr\":\"410\",") && shows("-j neigh", "\"proxy\":true"),
	       "and in JSON");
	tap_ok(fails("neigh add proxy 410 dev eth0", "published on the link already"),
	       "an address is published once");
	netns_must("chaosctl neigh replace proxy 410 dev eth0");
	tap_ok(fails("neigh add proxy 402 dev eth0", "an address of ours"), "not our own");
	tap_ok(fails("neigh add proxy 1002 dev eth0", "an address of ours"),
	       "not our own on another link");
	tap_ok(fails("neigh add proxy 400 dev eth0", "not a host address"), "not a subnet");
	tap_ok(fails("neigh add proxy 410 dev lo", "no neighbours on this kind of link"),
	       "not on lo");
	tap_ok(fails("neigh delete proxy 411 dev eth0", "not published"),
	       "what is not published cannot be taken back");
	tap_ok(fails("neigh delete 410 dev eth0", "no such neighbour"),
	       "what is published is no neighbour");

	test_published("forwarding is off");
	tap_ok(shows("neigh", "405 dev eth0 lladdr 02:00:00:00:04:05 reachable"),
	       "who asks is a neighbour now");
}

static void test_routes(void)
{
	static const struct row off[] = {
		{ "host route, and forwarding is off", NOTHING, .tip = 0420 },
	};
	static const struct row hosts[] = {
		{ "host route to another link", REPLY, .tip = 0420 },
		{ "host route by a bridge on another link", REPLY, .tip = 0421 },
		{ "host route to the same link", NOTHING, .tip = 0422 },
		{ "host route by a bridge on the same link", NOTHING, .tip = 0423 },
		{ "a host that wants the address: may have moved here", NOTHING, .tip = 0420,
		  .probe = true },
		{ "a host that announces the address", NOTHING, .tip = 0420, .sip = 0420 },
		{ "asked from an address of ours", NOTHING, .tip = 0420, .sip = OTHER_SIDE },
		{ "subnet of another link", NOTHING, .tip = 01007 },
		{ "host route, but of another subnet", NOTHING, .tip = 02004 },
		{ "any other host of the link's subnet", NOTHING, .tip = 0430 },
	};
	static const struct row all[] = {
		{ "all: host route to another link", REPLY, .tip = 0420 },
		{ "all: any other host of the link's subnet", NOTHING, .tip = 0430 },
		{ "all: our address on another link", REPLY, .tip = OTHER_SIDE },
		{ "all: subnet of another link", REPLY, .tip = 01007 },
		{ "all: subnet by a bridge on another link", REPLY, .tip = 02003 },
		{ "all: subnet by a bridge on the same link", NOTHING, .tip = 03003 },
		{ "all: no route", NOTHING, .tip = 04003 },
		{ "all: private subnet", NOTHING, .tip = 05003 },
	};

	const struct row published = { "off: a published address", REPLY, .tip = PUBLISHED };

	netns_must("chaosctl route add host 420 dev eth1");
	netns_must("chaosctl route add host 421 via 1005");
	netns_must("chaosctl route add host 422 dev eth0");
	netns_must("chaosctl route add host 423 via 405");
	netns_must("chaosctl route add host 2004 via 1005");
	netns_must("chaosctl route add subnet 4 via 1005");
	netns_must("chaosctl route add subnet 6 via 405");
	netns_must("chaosctl route add subnet 12 via 1005");
	netns_must("chaosctl net set private 12");
	ask_all(off, ARRAY_SIZE(off));
	netns_must("chaosctl net set forwarding on");
	test_published("forwarding is on");
	ask_all(hosts, ARRAY_SIZE(hosts));
	netns_must("chaosctl link set eth0 proxy_arp all");
	ask_all(all, ARRAY_SIZE(all));
	ask_after("route add default via 1005", 04003, REPLY);
	ask_after("route replace default via 405", 04003, NOTHING);
	ask_after("net set private 1", 01007, NOTHING);
	netns_must("chaosctl net set private none");
	ask_after("link set eth0 proxy_arp off", 0420, NOTHING);
	ask(&published);
	ask_after("link set eth0 proxy_arp hosts", 0420, REPLY);
}

/* A link that cannot send is no way. */
static void test_carrier(void)
{
	const struct row down = { "the other link is down", NOTHING, .tip = 0420 };
	const struct row up = { "the other link is up", REPLY, .tip = 0420 };

	netns_dev_up("eth1", false);
	ask(&down);
	netns_dev_up("eth1", true);
	ask(&up);
}

/* What is published stays while the link is down, and goes with the link. */
static void test_life(void)
{
	const struct row row = { "the link was down", REPLY, .tip = PUBLISHED };
	char output[NETNS_OUTPUT];

	netns_dev_up("eth0", false);
	netns_dev_up("eth0", true);
	if (!wire_announced(probe_wire, PROBE_HOST))
		tap_bail("the address is not announced");
	ask(&row);
	ask_after("neigh delete proxy 410 dev eth0", PUBLISHED, NOTHING);
	ask_after("neigh add proxy 410 dev eth0", PUBLISHED, REPLY);
	netns_must("chaosctl link delete eth1");
	netns_must("chaosctl link add eth1");
	tap_ok(!netns_run(output, "chaosctl neigh") && !strstr(output, "412"),
	       "with the link the published address is gone");
}

static int publish(struct genl *genl, uint16_t addr)
{
	struct nlreq r;

	nlreq_genl(&r, genl, CHAOS_CMD_NEIGH_NEW);
	nlreq_str(&r, CHAOS_NEIGH_A_IFNAME, "eth1");
	nlreq_u16(&r, CHAOS_NEIGH_A_ADDR, addr);
	nlreq_flag(&r, CHAOS_NEIGH_A_PROXY);
	return nlreq_do(genl->fd, &r);
}

static void count_proxy(struct nlmsghdr *nlh, void *data)
{
	unsigned int *count = data;

	(void)nlh;
	++*count;
}

/* There is a limit, and a dump has all of them. */
static void test_limit(void)
{
	unsigned int shown = 0, i;
	struct genl genl;
	struct nlreq r;
	int error = 0;

	genl_open(&genl);
	for (i = 0; i < 4096 && !error; i++)
		error = publish(&genl, 0100001 + i / 200 * 0400 + i % 200);
	tap_ok(error == -ENOSPC && i == PROXY_MAX + 1, "so many can be published: %u", i - 1);
	nlreq_genl(&r, &genl, CHAOS_CMD_NEIGH_GET);
	nlreq_dump(genl.fd, &r, count_proxy, &shown);
	tap_ok(shown >= PROXY_MAX, "all of them are shown: %u", shown);
}

int main(void)
{
	int host = probe_make_host();

	netns_veth(host, "eth1", host, "wire1");
	netns_host(host, "eth1", OTHER_SIDE, NULL);
	netns_host(host, "eth0", PROBE_HOST, "HOSTB");
	netns_must("chaosctl link set eth0 rut off");
	netns_must("chaosctl link set eth1 rut off");
	if (!wire_announced(probe_wire, PROBE_HOST))
		tap_bail("the address did not become valid");
	probe_introduce(PROBE_PEER, probe_peer_mac);
	test_publishing();
	test_routes();
	test_carrier();
	test_life();
	test_limit();
	return tap_done();
}
