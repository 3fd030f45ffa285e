// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bridge that lies, or cannot count: what is believed, what is counted, and that
 * nothing breaks.
 *
 *	our host, 402 eth0 ------- wire: the test, playing bridges 401 and 403
 *	         1002 eth1 ------- wire1
 *	       177002 eth2 ------- wire2: a private subnet
 *	         1402 eth3 ------- wire3: a link that does not listen
 *
 * Subnet 20 goes to 403 by configuration.
 */
#define _GNU_SOURCE
#include "probe.h"
#include "rut.h"
#include "topo.h"

#define PAIRS	4	/* of a row of the table, at most */
#define FLOOD	3000	/* packets of nonsense */

enum { FIXED_SUBNET = 020 };

static struct topo_host us;
static int wires[4];

static void set_count(struct wire_frame *f, unsigned int count)
{
	wire_put(f, WIRE_COUNT, count);
	count += count % 2;
	if (f->len < WIRE_DATA + count)
		f->len = WIRE_DATA + count;
}

static void no_pairs(struct wire_frame *f)
{
	set_count(f, 0);
}

static void half_pair(struct wire_frame *f)
{
	set_count(f, 2);
}

static void odd_length(struct wire_frame *f)
{
	set_count(f, 5);
}

static void pair_and_half(struct wire_frame *f)
{
	set_count(f, 6);
}

static void frame_too_short(struct wire_frame *f)
{
	wire_put(f, WIRE_COUNT, 8);
}

/* Cost 11 for subnets from 1 on. */
static void put_pairs(struct wire_frame *f, unsigned int n)
{
	unsigned int i;

	f->len = WIRE_DATA;
	for (i = 0; i < n; i++)
		rut_add(f, 1 + i, 11);
}

static void pairs_122(struct wire_frame *f)
{
	put_pairs(f, 122);
}

static void pairs_123(struct wire_frame *f)
{
	put_pairs(f, 123);
}

static void pairs_200(struct wire_frame *f)
{
	put_pairs(f, 200);
}

static void forwarded_once(struct wire_frame *f)
{
	wire_put(f, WIRE_COUNT, wire_get(f, WIRE_COUNT) | 1 << 12);
}

static void reserved_bits(struct wire_frame *f)
{
	f->bytes[WIRE_RESERVED] = 1;
}

static void to_us(struct wire_frame *f)
{
	memcpy(f->bytes + WIRE_DMAC, probe_host_mac, 6);
	wire_put(f, WIRE_DST, 0402);
}

static void to_our_other_address(struct wire_frame *f)
{
	memcpy(f->bytes + WIRE_DMAC, probe_host_mac, 6);
	wire_put(f, WIRE_DST, 01002);
}

static void to_another_host(struct wire_frame *f)
{
	memcpy(f->bytes + WIRE_DMAC, probe_host_mac, 6);
	wire_put(f, WIRE_DST, 0403);
}

/* A longer frame: Ethernet pads. */
static void padded(struct wire_frame *f)
{
	memset(f->bytes + f->len, 0xff, 60 - f->len);
	f->len = 60;
}

/* Words that have nothing to do with routing are not looked at. */
static void strange_words(struct wire_frame *f)
{
	wire_put(f, WIRE_DIDX, 0x1111);
	wire_put(f, WIRE_SIDX, 0x2222);
	wire_put(f, WIRE_NUM, 0x3333);
	wire_put(f, WIRE_ACK, 0x4444);
}

/**
 * struct row - a routing packet
 * @what: how it is
 * @src: who sends it
 * @n: pairs
 * @pairs: these
 * @change: what else is special about it
 * @wire: where it comes from
 * @counts: the counters that go up
 * @subnet: whose entry is then looked at, 0: none
 * @via: bridge that it was learned from, 0: none was
 * @cost: its cost
 */
struct row {
	const char *what;
	uint16_t src;
	unsigned int n;
	struct rut_pair pairs[PAIRS];
	void (*change)(struct wire_frame *f);
	unsigned int wire;
	const char *counts;
	unsigned int subnet, via, cost;
};

/* In this order: each finds what the one before has left.  Costs are looked at at once,
 * but some seconds may have passed, in which they grow.
 */
static const struct row rows[] = {
	{ "honest", 0401, 1, { { 5, 22 } }, NULL, 0, "rx rut_rx", 5, 0401, 22 },
	{ "cost 0", 0401, 1, { { 5, 0 } }, NULL, 0, "rx rut_rx rut_bad_cost", 5, 0401, 22 },
	{ "cost 65535", 0401, 1, { { 5, 0xffff } }, NULL, 0, "rx rut_rx rut_bad_cost",
	  5, 0401, 22 },
	{ "cost 32768", 0401, 1, { { 5, 0x8000 } }, NULL, 0, "rx rut_rx rut_bad_cost",
	  5, 0401, 22 },
	{ "cost 0 for a new subnet", 0401, 1, { { 6, 0 } }, NULL, 0, "rx rut_rx rut_bad_cost",
	  6, 0, 0 },
	{ "cost 65535 for a new subnet", 0401, 1, { { 6, 0xffff } }, NULL, 0,
	  "rx rut_rx rut_bad_cost", 6, 0, 0 },
	{ "cost at the cap for a new subnet", 0401, 1, { { 6, RUT_CAP } }, NULL, 0, "rx rut_rx",
	  6, 0, 0 },
	{ "subnet 0", 0401, 1, { { 0, 11 } }, NULL, 0, "rx rut_rx rut_bad_subnet", 5, 0401, 22 },
	{ "subnet 256", 0401, 1, { { 256, 11 } }, NULL, 0, "rx rut_rx rut_bad_subnet",
	  5, 0401, 22 },
	{ "subnet 256 + 5", 0401, 1, { { 261, 11 } }, NULL, 0, "rx rut_rx rut_bad_subnet",
	  5, 0401, 22 },
	{ "subnet 65535", 0401, 1, { { 0xffff, 11 } }, NULL, 0, "rx rut_rx rut_bad_subnet",
	  5, 0401, 22 },
	{ "subnet 5 with bytes swapped", 0401, 1, { { 0x0500, 11 } }, NULL, 0,
	  "rx rut_rx rut_bad_subnet", 5, 0401, 22 },
	{ "private subnet", 0401, 1, { { 0376, 11 } }, NULL, 0, "rx rut_rx rut_bad_subnet",
	  0376, 0, 0 },
	{ "three lies and a truth", 0401, 4, { { 0, 0 }, { 7, 0 }, { 0376, 1 }, { 7, 33 } },
	  NULL, 0, "rx rut_rx rut_bad_subnet+2 rut_bad_cost", 7, 0401, 33 },
	{ "subnet 255", 0401, 1, { { 255, 33 } }, NULL, 0, "rx rut_rx", 255, 0401, 33 },
	{ "the same subnet twice: the last word", 0401, 2, { { 8, 44 }, { 8, 33 } }, NULL, 0,
	  "rx rut_rx", 8, 0401, 33 },

	{ "dearer, another bridge", 0403, 1, { { 5, 40 } }, NULL, 0, "rx rut_rx", 5, 0401, 22 },
	{ "at the cap, another bridge", 0403, 1, { { 5, RUT_CAP } }, NULL, 0, "rx rut_rx",
	  5, 0401, 22 },
	{ "cheaper, another bridge", 0403, 1, { { 5, 20 } }, NULL, 0, "rx rut_rx", 5, 0403, 20 },
	{ "equal, another bridge", 0401, 1, { { 5, 20 } }, NULL, 0, "rx rut_rx", 5, 0401, 20 },
	{ "dearer, the same bridge", 0401, 1, { { 5, 100 } }, NULL, 0, "rx rut_rx",
	  5, 0401, 100 },
	{ "just below the cap, the same bridge", 0401, 1, { { 5, RUT_CAP - 1 } }, NULL, 0,
	  "rx rut_rx", 5, 0401, RUT_CAP - 1 },
	{ "at the cap, the same bridge", 0401, 1, { { 5, RUT_CAP } }, NULL, 0, "rx rut_rx",
	  5, 0, 0 },
	{ "at the cap, again", 0401, 1, { { 5, RUT_CAP } }, NULL, 0, "rx rut_rx", 5, 0, 0 },
	{ "dear, another bridge after that", 0403, 1, { { 5, 400 } }, NULL, 0, "rx rut_rx",
	  5, 0403, 400 },
	{ "above the cap, the same bridge", 0403, 1, { { 5, 0x7fff } }, NULL, 0, "rx rut_rx",
	  5, 0, 0 },
	{ "honest again", 0401, 1, { { 5, 22 } }, NULL, 0, "rx rut_rx", 5, 0401, 22 },
	{ "a cost of 1", 0401, 1, { { 011, 1 } }, NULL, 0, "rx rut_rx", 011, 0401, 1 },

	{ "no pairs", 0401, 0, {}, no_pairs, 0, "rx drop_rut_malformed", 5, 0401, 22 },
	{ "half a pair", 0401, 1, { { 5, 1 } }, half_pair, 0, "rx drop_rut_malformed",
	  5, 0401, 22 },
	{ "odd length", 0401, 1, { { 5, 1 } }, odd_length, 0, "rx drop_rut_malformed",
	  5, 0401, 22 },
	{ "a pair and a half", 0401, 1, { { 5, 1 } }, pair_and_half, 0, "rx drop_rut_malformed",
	  5, 0401, 22 },
	{ "shorter than it says", 0401, 1, { { 5, 1 } }, frame_too_short, 0, "rx drop_truncated",
	  5, 0401, 22 },
	{ "123 pairs", 0401, 0, {}, pairs_123, 0, "rx drop_too_long", 5, 0401, 22 },
	{ "200 pairs", 0401, 0, {}, pairs_200, 0, "rx drop_too_long", 5, 0401, 22 },
	{ "reserved bits", 0401, 1, { { 5, 1 } }, reserved_bits, 0, "rx drop_reserved",
	  5, 0401, 22 },
	{ "longer frame", 0401, 1, { { 5, 21 } }, padded, 0, "rx rut_rx", 5, 0401, 21 },
	{ "strange index, number, acknowledgement", 0401, 1, { { 5, 22 } }, strange_words, 0,
	  "rx rut_rx", 5, 0401, 22 },

	{ "source on another subnet of ours", 01001, 1, { { 5, 1 } }, NULL, 0,
	  "rx drop_rut_source", 5, 0401, 22 },
	{ "source elsewhere", 05001, 1, { { 5, 1 } }, NULL, 0, "rx drop_rut_source",
	  5, 0401, 22 },
	{ "source on a private subnet", 0177001, 1, { { 5, 1 } }, NULL, 0, "rx drop_private",
	  5, 0401, 22 },
	{ "source without host", 0400, 1, { { 5, 1 } }, NULL, 0, "rx drop_src_zero",
	  5, 0401, 22 },
	{ "source 0", 0, 1, { { 5, 1 } }, NULL, 0, "rx drop_src_zero", 5, 0401, 22 },
	{ "our own address as source", 0402, 1, { { 5, 1 } }, NULL, 0, "rx drop_src_self",
	  5, 0401, 22 },
	{ "our address elsewhere as source", 01002, 1, { { 5, 1 } }, NULL, 0, "rx drop_src_self",
	  5, 0401, 22 },
	{ "forwarded", 0401, 1, { { 5, 1 } }, forwarded_once, 0, "rx drop_rut_source",
	  5, 0401, 22 },
	{ "to our address", 0401, 1, { { 5, 21 } }, to_us, 0, "rx delivered rut_rx",
	  5, 0401, 21 },
	{ "to our address elsewhere", 0401, 1, { { 5, 1 } }, to_our_other_address, 0,
	  "rx delivered drop_rut_source", 5, 0401, 21 },
	{ "to another host", 0401, 1, { { 5, 1 } }, to_another_host, 0, "rx drop_not_here",
	  5, 0401, 21 },
	{ "on the private link", 0177001, 1, { { 5, 1 } }, NULL, 2, "rx drop_rut", 5, 0401, 21 },
	{ "on a link that does not listen", 01401, 1, { { 5, 1 } }, NULL, 3, "rx drop_rut",
	  5, 0401, 21 },
	{ "on another link", 01001, 1, { { 5, 20 } }, NULL, 1, "rx rut_rx", 5, 01001, 20 },

	{ "our own subnet", 0401, 1, { { 1, 1 } }, NULL, 0, "rx rut_rx", 0, 0, 0 },
	{ "another subnet of ours", 0401, 1, { { 2, 1 } }, NULL, 0, "rx rut_rx", 0, 0, 0 },
	{ "a subnet with a fixed bridge", 0401, 1, { { FIXED_SUBNET, 1 } }, NULL, 0,
	  "rx rut_rx", 0, 0, 0 },
};

/* Something that is no Chaosnet packet: for waiting until all before it is done. */
static void put(unsigned int wire, const struct wire_frame *frame)
{
	struct wire_frame nothing = {}, answer;

	wire_send(wires[wire], frame);
	wire_ether(&nothing, probe_host_mac, probe_peer_mac, 0x88b5);
	nothing.len = 60;
	probe_send(&nothing, &answer);
}

static void make_host(void)
{
	static const char * const devs[] = { "eth0", "eth1", "eth2", "eth3" };
	static const char * const wire_devs[] = { "wire", "wire1", "wire2", "wire3" };
	int ns = probe_make_host(), i;

	us = (struct topo_host) { .name = "US", .ns = ns, .rtnl = nlreq_socket(NETLINK_ROUTE) };
	genl_open(&us.genl);
	wires[0] = probe_wire;
	for (i = 1; i < 4; i++) {
		topo_cable(&us, devs[i], &us, wire_devs[i]);
		wires[i] = topo_watch(&us, wire_devs[i]);
	}
	topo_addr(&us, "eth1", 01002);
	topo_addr(&us, "eth2", 0177002);
	topo_addr(&us, "eth3", 01402);
	topo_addr(&us, "eth0", PROBE_HOST);
	topo_link_set(&us, "eth3", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	topo_fixed(&us, FIXED_SUBNET, 0403);
	probe_introduce(PROBE_PEER, probe_peer_mac);
	probe_introduce(PROBE_OTHER, probe_other_mac);
	if (!wire_announced(probe_wire, PROBE_HOST) || !wire_announced(wires[1], 01002))
		tap_bail("the addresses did not become valid");
	topo_sysctl(&us, "rut_expire_ms", 3600000);
}

static bool as_expected(const struct row *row)
{
	const struct topo_route *r;

	if (!row->subnet)
		return true;
	r = topo_learned(&us, row->subnet);
	if (!r && !row->via)
		return true;
	if (r && r->via == row->via && r->cost >= row->cost &&
	    r->cost <= row->cost + 1 + r->age / 4000)
		return true;
	tap_diag("subnet %o: learned from %o at cost %d", row->subnet, r ? r->via : 0,
		 r ? r->cost : -1);
	return false;
}

static void test_row(const struct row *row)
{
	struct counters before;
	char text[COUNTERS_TEXT];
	struct wire_frame f;
	unsigned int i;
	bool ok;

	rut_begin(&f, row->src == 0403 ? probe_other_mac : probe_peer_mac, row->src);
	for (i = 0; i < row->n; i++)
		rut_add(&f, row->pairs[i].subnet, row->pairs[i].cost);
	if (row->change)
		row->change(&f);
	counters_read(&before);
	put(row->wire, &f);
	probe_counted(&before, 1, text);
	ok = !strcmp(text, row->counts);
	if (!ok)
		tap_diag("counted: %s instead of: %s", text, row->counts);
	tap_ok(as_expected(row) && ok, "%s: %s", row->what, row->counts);
}

/* What is ours, or configured, is as it was. */
static void test_untouched(void)
{
	const struct topo_table *t = topo_routes(&us);
	const struct topo_route *fixed = topo_find(t, FIXED_SUBNET, CHAOS_ROUTE_FIXED);
	char output[NETNS_OUTPUT];

	tap_ok(topo_find(t, 1, CHAOS_ROUTE_DIRECT) && topo_find(t, 2, CHAOS_ROUTE_DIRECT),
	       "direct subnets are direct");
	tap_ok(fixed && fixed->via == 0403 && fixed->cost == 20, "the fixed bridge is fixed");
	topo_enter(&us);
	tap_ok(!netns_run(output, "chaosctl -j route get 1005") && strstr(output, "\"direct\""),
	       "packets for a subnet of ours go there directly");
	tap_ok(!netns_run(output, "chaosctl -j route get 10001") && strstr(output, "\"403\"") &&
	       strstr(output, "\"fixed\""), "those for the fixed subnet to its bridge");
	tap_ok(!netns_run(output, "chaosctl -j route get 2401") && strstr(output, "\"1001\"") &&
	       strstr(output, "\"bridge\""), "those for a learned subnet to the last best bridge");
}

/* The table, exactly, as chaosctl shows it, without costs: they may have grown. */
static void test_shown(void)
{
	static const char want[] =
		"1 direct\n1 401 bridge\n2 direct\n2 401 bridge\n3 direct\n5 1001 bridge\n"
		"7 401 bridge\n10 401 bridge\n11 401 bridge\n20 403 fixed\n20 401 bridge\n"
		"376 direct\n377 401 bridge\n";
	char output[NETNS_OUTPUT];

	topo_enter(&us);
	if (netns_run(output, "chaosctl -j route show | tr -d '\" []\n' | tr '{}' '\n\n' |"
		      "sed -n 's/^subnet:\\([0-7]*\\),\\(via:\\([0-7]*\\)\\)\\?.*"
		      "type:\\([a-z]*\\).*/\\1 \\3 \\4/p' | tr -s ' '"))
		tap_bail("chaosctl route show: %s", output);
	if (!tap_ok(!strcmp(output, want), "chaosctl shows what was learned, and nothing else"))
		tap_diag("%s", output);
}

/* As many as fit; all are taken but those that are private. */
static void test_122_pairs(void)
{
	unsigned int subnet, known = 0;
	struct wire_frame f;

	rut_begin(&f, probe_peer_mac, 0401);
	pairs_122(&f);
	put(0, &f);
	for (subnet = 3; subnet <= 122; subnet++)
		known += topo_via(&us, subnet) == 0401 || (subnet == 011);
	tap_eq(known, 120, "122 pairs are learned from");
}

/* A link that only listens learns; one that is off does not. */
static void test_modes(void)
{
	struct wire_frame f;

	rut_one(&f, probe_peer_mac, 0401, 0200, 11);
	topo_link_set(&us, "eth0", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	put(0, &f);
	tap_eq(topo_via(&us, 0200), 0, "routing off: nothing is learned");
	topo_link_set(&us, "eth0", CHAOS_LINK_A_RUT, CHAOS_RUT_LISTEN);
	put(0, &f);
	tap_eq(topo_via(&us, 0200), 0401, "routing by listening: it is learned");
	topo_link_set(&us, "eth0", CHAOS_LINK_A_RUT, CHAOS_RUT_ON);
}

/* A bridge does not forward routing packets. */
static void test_forwarding(void)
{
	struct counters before, after;
	struct wire_frame f;

	topo_forward(&us, true);
	rut_one(&f, probe_peer_mac, 0401, 5, 1);
	to_another_host(&f);
	counters_read(&before);
	put(0, &f);
	counters_read(&after);
	tap_eq(*counters_of(&after, "drop_rut_source") - *counters_of(&before, "drop_rut_source"),
	       1, "a bridge does not pass on a routing packet for another host");
	tap_eq(*counters_of(&after, "forwarded"), *counters_of(&before, "forwarded"),
	       "forwarded counts nothing");
	topo_forward(&us, false);
}

/* Random words, mostly in packets of a proper length. */
static void test_nonsense(void)
{
	unsigned int i, j, n, wrong = 0;
	const struct topo_table *t;
	struct wire_frame f;

	srandom(1);
	for (i = 0; i < FLOOD; i++) {
		rut_begin(&f, probe_peer_mac, random() % 4 ? 0401 : 0400 + random() % 256);
		n = random() % (RUT_MAX_PAIRS + 3);
		for (j = 0; j < n; j++)
			rut_add(&f, random() % 300, random() % 4 ? random() % 600 : random());
		if (!(random() % 8))
			wire_put(&f, WIRE_COUNT, random() % 512);
		if (i % 64)
			wire_send(probe_wire, &f);
		else
			put(0, &f);
	}
	t = topo_routes(&us);
	for (i = 0; i < t->n; i++)
		if (t->r[i].type == CHAOS_ROUTE_BRIDGE &&
		    (!t->r[i].subnet || t->r[i].subnet == 0376 || !t->r[i].cost ||
		     t->r[i].cost > RUT_CAP || t->r[i].via >> 8 > 2 || !(t->r[i].via & 0xff) ||
		     t->r[i].via == PROBE_HOST))
			wrong++;
	tap_eq(wrong, 0, "%u packets of nonsense leave no nonsense in the table", FLOOD);
	tap_diag("%u routes", t->n);
}

int main(void)
{
	unsigned int i;

	pair_limit_time();
	make_host();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	test_untouched();
	test_shown();
	test_122_pairs();
	test_modes();
	test_forwarding();
	test_nonsense();
	return tap_done();
}
