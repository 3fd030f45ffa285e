// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BRD through a bridge (AIM 628 section 4.5): which copies go where, with which bits of
 * the map of subnets, and what is counted.
 *
 * The host of copies.h is the bridge, with hosts 403 and 404 on wire 0.  What comes after
 * a frame is known by asking the bridge for UPTIME next: packets are processed in order,
 * as long as the test stays on one processor.
 */
#define _GNU_SOURCE
#include "copies.h"
#include "counters.h"

#define CONTACT		"WHO IS-THERE"	/* nobody */
#define FENCE		0xf001		/* index of the test's own question */
#define HOST		0403
#define OTHER		0404
#define PRIVATE_HOST	0177003
#define HOPS		15		/* a packet whose count would reach this goes no further */

static uint16_t fresh = 1000;		/* number of a BRD that was not sent before */

/* A contact that makes a full packet with the usual map. */
static char full[CHAOS_DATA_MAX - COPIES_MAP + 1];

/**
 * struct row - a BRD that arrives
 * @what: as it is called
 * @to: subnets of its map
 * @copies: those that must be sent on, in any order
 * @drop: counter that must go up by 1, or NULL; no other may
 * @link: by which it arrives
 * @alone: it is sent to the bridge alone, not to all
 * @src: source address, HOST if 0
 * @fc: forwarding count
 * @map: bytes of the map, COPIES_MAP if 0
 * @text: contact and arguments, CONTACT if NULL
 */
struct row {
	const char *what;
	struct subnets to;
	struct copy copies[COPIES_MAX];
	const char *drop;
	unsigned int link;
	bool alone;
	uint16_t src;
	uint8_t fc;
	uint16_t map;
	const char *text;
};

static const struct row rows[] = {
	{ .what = "for the subnet it comes from", { SUBNETS(1) }, {} },
	{ .what = "for no subnet", { NO_SUBNETS }, {} },
	{ .what = "for another", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) } },
	{ .what = "for both", { SUBNETS(1, 2) }, { ALL_ON(1, NO_SUBNETS) } },
	{ .what = "for three", { SUBNETS(1, 2, 3) },
	  { ALL_ON(1, NO_SUBNETS), ALL_ON(2, NO_SUBNETS) } },
	{ .what = "for another and one behind it", { SUBNETS(1, 2, 5) },
	  { ALL_ON(1, SUBNETS(5)) } },
	{ .what = "for one behind a bridge", { SUBNETS(5) }, { BRIDGE(B1001, 1, SUBNETS(5)) } },
	{ .what = "for two behind one bridge", { SUBNETS(5, 6) },
	  { BRIDGE(B1001, 1, SUBNETS(5, 6)) } },
	{ .what = "for two behind two bridges", { SUBNETS(5, 7) },
	  { BRIDGE(B1001, 1, SUBNETS(5)), BRIDGE(B1003, 1, SUBNETS(7)) } },
	{ .what = "for a subnet and all behind it", { SUBNETS(2, 5, 6, 7) },
	  { ALL_ON(1, SUBNETS(5, 6, 7)) } },
	{ .what = "for some of each kind, and one without a route", { SUBNETS(1, 3, 5, 7, 9) },
	  { ALL_ON(2, NO_SUBNETS), BRIDGE(B1001, 1, SUBNETS(5)), BRIDGE(B1003, 1, SUBNETS(7)) } },
	{ .what = "for one without a route", { SUBNETS(9) }, {} },
	{ .what = "for everywhere", { RANGE(0, 255) },
	  { ALL_ON(1, SUBNETS(5, 6, 7)), ALL_ON(2, NO_SUBNETS) } },
	{ .what = "from another link for everywhere", { RANGE(0, 255) },
	  { ALL_ON(0, SUBNETS(4)), ALL_ON(2, NO_SUBNETS) }, .link = 1 },

	/* What is behind another bridge on the link. */
	{ .what = "which that bridge has heard", { SUBNETS(1, 4) }, {} },
	{ .what = "which that bridge has heard, and more", { SUBNETS(2, 4) },
	  { ALL_ON(1, NO_SUBNETS) } },
	{ .what = "which that bridge has not heard", { SUBNETS(4) },
	  { BRIDGE(B401, 0, SUBNETS(4)) },
	  .alone = true },
	{ .what = "which it has not heard, with the subnet between", { SUBNETS(1, 4) },
	  { BRIDGE(B401, 0, SUBNETS(4)) }, .alone = true },
	{ .what = "to us alone, for a subnet of ours", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) },
	  .alone = true },
	{ .what = "between bridges of one link", { SUBNETS(7) }, { BRIDGE(B1003, 1, SUBNETS(7)) },
	  .link = 1, .alone = true },

	/* Who has sent it, and how it came, does not matter. */
	{ .what = "from behind a bridge", { SUBNETS(1, 2, 4) }, { ALL_ON(0, SUBNETS(4)) },
	  .link = 1, .src = 02401 },
	{ .what = "from far away", { SUBNETS(1) },
	  { ALL_ON(0, NO_SUBNETS) }, .link = 2, .src = 0123456 },

	/* The forwarding count. */
	{ .what = "forwarded once", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) }, .fc = 1 },
	{ .what = "forwarded often", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) }, .fc = HOPS - 2 },
	{ .what = "forwarded too often", { SUBNETS(2) }, {}, "drop_hops", .fc = HOPS - 1 },
	{ .what = "forwarded too often, and at its end", { SUBNETS(1) }, {}, .fc = HOPS },

	/* Maps and what comes after. */
	{ .what = "map of 4 bytes", { SUBNETS(1, 2, 5) }, { ALL_ON(1, SUBNETS(5)) }, .map = 4 },
	{ .what = "map of 36 bytes", { RANGE(0, 287) },
	  { ALL_ON(1, SUBNETS(5, 6, 7)), ALL_ON(2, NO_SUBNETS) }, .map = 36 },
	{ .what = "map of 484 bytes", { RANGE(0, 3871) },
	  { ALL_ON(1, SUBNETS(5, 6, 7)), ALL_ON(2, NO_SUBNETS) }, .map = 484, .text = "WHOM" },
	{ .what = "map alone", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) }, .text = "" },
	{ .what = "odd length", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) }, .text = "WHO" },
	{ .what = "full packet", { SUBNETS(1, 2, 5) }, { ALL_ON(1, SUBNETS(5)) },
	  .text = full },

	/* Private subnets. */
	{ .what = "for a private one", { SUBNETS(0376) }, {} },
	{ .what = "for a private one, too", { SUBNETS(2, 0376) }, { ALL_ON(1, NO_SUBNETS) } },
	{ .what = "from a private one", { SUBNETS(1, 2, 5) }, {}, "drop_private",
	  .link = 3, .src = PRIVATE_HOST },
	{ .what = "from a private one, for itself", { SUBNETS(0376) }, {},
	  .link = 3, .src = PRIVATE_HOST },
}, with_default[] = {
	{ .what = "for one by the default route", { SUBNETS(1, 9) },
	  { BRIDGE(B1401, 2, SUBNETS(9)) } },
	{ .what = "for everywhere, with a default route", { RANGE(0, 255) },
	  { ALL_ON(1, SUBNETS(5, 6, 7)), ALL_ON(2, RANGE(8, 0375), SUBNETS(0377)) } },
	{ .what = "for everywhere, from where the default route goes", { RANGE(0, 255) },
	  { ALL_ON(0, SUBNETS(4)), ALL_ON(1, SUBNETS(5, 6, 7)) }, .link = 2, .src = B1401 },
	{ .what = "the same to us alone", { SUBNETS(2, 3, 9) },
	  { ALL_ON(1, NO_SUBNETS), BRIDGE(B1401, 2, SUBNETS(9)) },
	  .link = 2, .alone = true, .src = 01403 },
}, private_5[] = {
	{ .what = "for one that has become private", { SUBNETS(2, 5, 6) },
	  { ALL_ON(1, SUBNETS(6)) } },
	{ .what = "for that one alone", { SUBNETS(5) }, {} },
}, private_2[] = {
	{ .what = "for what is behind a private one", { SUBNETS(2, 3, 5) },
	  { ALL_ON(2, NO_SUBNETS) } },
	{ .what = "from one that has become private", { RANGE(0, 255) }, {}, "drop_private",
	  .link = 1, .src = 01004 },
}, eth1_down[] = {
	{ .what = "for one whose link is down", { SUBNETS(2, 3, 5) }, { ALL_ON(2, NO_SUBNETS) } },
}, filtered[] = {
	{ .what = "denied by a rule", { SUBNETS(2) }, {}, "drop_filter" },
	{ .what = "of which the rule does not tell", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) },
	  .text = "WHERE" },
	{ .what = "of which the rule tells, at its end", { SUBNETS(1) }, {} },
}, no_bridge[] = {
	{ .what = "at a host that is no bridge", { RANGE(0, 255) }, {} },
	{ .what = "at a host that is no bridge, to it alone", { RANGE(0, 255) }, {},
	  .alone = true },
};

static struct copies_brd brd_of(const struct row *row)
{
	return (struct copies_brd) {
		.fc = row->fc, .src = row->src ?: row->link == 1 ? 01004 : HOST,
		.sidx = 0x5454, .num = fresh, .map = row->map ?: COPIES_MAP,
		.text = row->text ?: CONTACT,
	};
}

static void device_mac(const char *dev, uint8_t *mac)
{
	struct ifreq ifr = {};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(copies_wires[0], SIOCGIFHWADDR, &ifr))
		tap_bail("%s: %s", dev, strerror(errno));
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
}

static void send_row(const struct row *row, const struct copies_brd *brd)
{
	struct wire_frame f;
	char eth[8];

	copies_build(&f, brd, &row->to);
	snprintf(eth, sizeof(eth), "eth%u", row->link);
	if (row->alone)
		device_mac(eth, f.bytes + WIRE_DMAC);
	wire_send(copies_wires[row->link], &f);
}

/* Ask the bridge; until it answers, it deals with what came before. */
static void ask_fence(void)
{
	struct wire_frame f = {};

	wire_ether(&f, wire_broadcast, wire_zero, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = CHAOS_OP_RFC;
	wire_put(&f, WIRE_COUNT, 6);
	wire_put(&f, WIRE_DST, copies_addrs[0]);
	wire_put(&f, WIRE_SRC, HOST);
	wire_put(&f, WIRE_SIDX, FENCE);
	memcpy(f.bytes + WIRE_DATA, "UPTIME", 6);
	f.len = WIRE_DATA + 6;
	wire_send(copies_wires[0], &f);
}

static bool is_fence(const struct wire_frame *f)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == CHAOS_OP_ANS &&
	       wire_get(f, WIRE_DIDX) == FENCE;
}

static bool is_brd(const struct wire_frame *f)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == CHAOS_OP_BRD;
}

/* Hear what comes on a wire, on wire 0 until the answer. */
static bool hear_wire(unsigned int wire, bool *heard, const struct copy *copies,
		      const struct copies_brd *brd)
{
	struct wire_frame f;
	bool good = true;

	while (wire_recv(copies_wires[wire], &f, wire ? 0 : NETNS_PATIENCE)) {
		if (is_fence(&f))
			return good;
		if (is_brd(&f) && !copies_take(heard, copies, &f, wire, brd))
			good = false;
	}
	if (!wire)
		tap_bail("the bridge has stopped to answer");
	return good;
}

/* Exactly these copies of what was sent must come. */
static bool hear(const struct copy *copies, struct copies_brd brd)
{
	bool heard[COPIES_MAX] = {}, good = true;
	unsigned int wire;

	brd.fc++;
	ask_fence();
	for (wire = 0; wire < COPIES_LINKS; wire++)
		good = hear_wire(wire, heard, copies, &brd) && good;
	return !copies_missing(heard, copies) && good;
}

static unsigned int copies_of(const struct row *row)
{
	unsigned int n = 0;

	while (n < COPIES_MAX && row->copies[n].sent)
		n++;
	return n;
}

/* Does @after differ from @before as the row says? */
static bool is_counted(const struct row *row, struct counters *before, struct counters *after)
{
	static const char * const drops[] = {
		"drop_duplicate", "drop_hops", "drop_private", "drop_filter", "drop_brd_rate",
		"drop_no_memory",
	};
	long long want = copies_of(row);
	bool good = true;
	unsigned int i;

	*counters_of(before, "brd_forwarded") += want;
	if (row->drop)
		++*counters_of(before, row->drop);
	for (i = 0; i <= ARRAY_SIZE(drops); i++) {
		const char *name = i < ARRAY_SIZE(drops) ? drops[i] : "brd_forwarded";

		if (*counters_of(before, name) == *counters_of(after, name))
			continue;
		tap_diag("%s is %+lld beside what it should be", name,
			 *counters_of(after, name) - *counters_of(before, name));
		good = false;
	}
	return good;
}

static void test_row(const struct row *row)
{
	struct counters before, after;
	struct copies_brd brd = brd_of(row);
	bool good;

	counters_read(&before);
	send_row(row, &brd);
	good = hear(row->copies, brd);
	counters_read(&after);
	tap_ok(is_counted(row, &before, &after) && good, "%s", row->what);
}

static void test_rows(const struct row *rows, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		fresh++;
		test_row(&rows[i]);
		/* Below the limit. */
		netns_sleep(60);
	}
}

/* Copies of one BRD that come by other ways; they all have the same number. */
static const struct row again[] = {
	{ .what = "a BRD", { SUBNETS(1, 2) }, { ALL_ON(1, NO_SUBNETS) } },
	{ .what = "a bridge's echo, with no bit cleared", { SUBNETS(1, 2) },
	  {}, "drop_duplicate", .fc = 1 },
	{ .what = "our own copy, back from the other side", { NO_SUBNETS }, {}, "drop_duplicate",
	  .fc = 2, .link = 1, .src = HOST },
	{ .what = "a copy with bits that were cleared where it comes from", { SUBNETS(1) }, {},
	  "drop_duplicate", .fc = 2, .link = 2 },
	{ .what = "a copy with bits that are new: those are acted upon", { SUBNETS(1, 2, 3, 5) },
	  { ALL_ON(2, NO_SUBNETS), BRIDGE(B1001, 1, SUBNETS(5)) }, "drop_duplicate", .fc = 3 },
	{ .what = "once", { SUBNETS(1, 2, 3, 5) }, {}, "drop_duplicate", .fc = 3 },
	{ .what = "another host's BRD of that number", { SUBNETS(2) }, { ALL_ON(1, NO_SUBNETS) },
	  .src = OTHER },
};

#define TRIES	20

/* All of it must happen within a quarter of a second, or what is late is taken for a new
 * BRD.  On a machine that is busy it may take some tries.
 */
static bool try_again(bool *all)
{
	struct counters before, after;
	unsigned int i;

	*all = true;
	fresh++;
	for (i = 0; i < ARRAY_SIZE(again) && *all; i++) {
		struct copies_brd brd = brd_of(&again[i]);
		bool good;

		counters_read(&before);
		send_row(&again[i], &brd);
		good = hear(again[i].copies, brd);
		counters_read(&after);
		*all = is_counted(&again[i], &before, &after) && good;
		if (!*all)
			tap_diag("wrong, or late: %s", again[i].what);
	}
	return *all;
}

static void test_again(void)
{
	bool all = false;
	unsigned int i;

	for (i = 0; i < TRIES && !try_again(&all); i++)
		netns_sleep(500);
	tap_ok(all, "copies of a BRD are recognised, and only new bits of them acted upon");
}

/* Senders repeat what was not answered; a new number is not needed. */
static void test_repeated(void)
{
	const struct row row = { .what = "the same after half a second", { SUBNETS(2) },
				 { ALL_ON(1, NO_SUBNETS) } };

	fresh++;
	test_row(&row);
	netns_sleep(500);
	test_row(&row);
}

/* Our own, which a bridge sends back, with no bit cleared. */
static void test_own(void)
{
	const struct row row = {
		.what = "our own BRD, come back", { RANGE(0, 255) }, {}, .src = 0402, .fc = 1,
	};

	fresh++;
	test_row(&row);
}

/* How many BRDs there are on a wire; on wire 0 until the answer. */
static unsigned int count_brds(unsigned int wire)
{
	struct wire_frame f;
	unsigned int n = 0;

	while (wire_recv(copies_wires[wire], &f, wire ? 0 : NETNS_PATIENCE)) {
		if (is_fence(&f))
			break;
		n += is_brd(&f);
	}
	return n;
}

#define FLOOD		400
#define RATE		20	/* a second */
#define BURST		50

static long long counted(const struct counters *before, const char *name)
{
	struct counters after, old = *before;

	counters_read(&after);
	return *counters_of(&after, name) - *counters_of(&old, name);
}

static void test_rate(void)
{
	static const struct row row = { .what = "a flood", { SUBNETS(2) } };
	long long start = netns_now(), most;
	struct counters before;
	unsigned int i, heard = 0;

	counters_read(&before);
	for (i = 0; i < FLOOD; i++) {
		const struct copies_brd brd = brd_of(&row);

		send_row(&row, &brd);
		fresh++;
		heard += count_brds(1);
	}
	ask_fence();
	count_brds(0);
	heard += count_brds(1);
	most = BURST + (netns_now() - start) * RATE / 1000 + 1;
	/* On a machine that takes many seconds for it the limit would not be reached. */
	if (!tap_ok(heard >= 1 && heard <= most, "of %u BRDs as many are sent on as may be", FLOOD))
		tap_diag("%u, at most %lld", heard, most);
	tap_eq(counted(&before, "brd_forwarded"), heard, "they are counted");
	tap_eq(counted(&before, "drop_brd_rate"), FLOOD - heard, "and so are the others");
	tap_eq(counted(&before, "drop_no_listener"), FLOOD, "this host hears all of them");
	netns_sleep(1000);
}

static void setup(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		tap_bail("sched_setaffinity: %s", strerror(errno));
	memset(full, '!', sizeof(full) - 1);
	copies_host();
	copies_introduce(HOST, "eth0");
}

int main(void)
{
	setup();
	test_rows(no_bridge, ARRAY_SIZE(no_bridge));
	netns_must("chaosctl net set forwarding on");
	test_rows(rows, ARRAY_SIZE(rows));
	test_again();
	test_repeated();
	test_own();
	netns_must("chaosctl route add default via %o", B1401);
	test_rows(with_default, ARRAY_SIZE(with_default));
	netns_must("chaosctl route del default");
	netns_must("chaosctl net set private 5");
	test_rows(private_5, ARRAY_SIZE(private_5));
	netns_must("chaosctl net set private 2");
	test_rows(private_2, ARRAY_SIZE(private_2));
	netns_must("chaosctl net set private none");
	test_rate();
	netns_must("chaosctl rule add hook forward contact WHO drop");
	test_rows(filtered, ARRAY_SIZE(filtered));
	netns_must("chaosctl rule flush");
	netns_dev_up("eth1", false);
	test_rows(eth1_down, ARRAY_SIZE(eth1_down));
	netns_must("chaosctl net set forwarding off");
	netns_dev_up("eth1", true);
	test_rows(no_bridge, ARRAY_SIZE(no_bridge));
	return tap_done();
}
