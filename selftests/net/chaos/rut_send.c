// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The routing packets that a bridge sends: what is in them, and when they come.
 *
 *	the bridge, 401 eth0 ------- wire0, where the test listens and plays 402
 *	           1001 eth1 ------- wire1, likewise 1002
 *	           1401 eth2 ------- wire2
 *
 * Regular ones come once an hour: all that is seen is sent because of a change.
 */
#define _GNU_SOURCE
#include "pcap.h"
#include "rut.h"
#include "topo.h"

#define HOUR		3600000
#define MANY		200	/* subnets: more than fit into a packet */
#define CHANGES		400

/* Of our packets because of changes: so many at once, then so many a second. */
#define BURST		20
#define RATE		4

/* ms in which nothing must come */
#define SILENCE		500

static const uint8_t played_mac[6] = { 2, 0, 0, 0, 1, 2 };

static struct topo_host us;
static int wire[3];

static void make_bridge(void)
{
	static const char * const devs[][2] = {
		{ "eth0", "wire0" }, { "eth1", "wire1" }, { "eth2", "wire2" },
	};
	unsigned int i;

	topo_host(&us, "US");
	topo_sysctl(&us, "rut_interval_ms", HOUR);
	topo_sysctl(&us, "rut_expire_ms", HOUR);
	for (i = 0; i < 3; i++) {
		topo_cable(&us, devs[i][0], &us, devs[i][1]);
		topo_addr(&us, devs[i][0], (i + 1) << 8 | 1);
		topo_enter(&us);
		wire[i] = wire_open(devs[i][1]);
	}
}

/* Forget what has come. */
static void forget(void)
{
	struct wire_frame f;
	unsigned int i;

	for (i = 0; i < 3; i++)
		while (wire_recv(wire[i], &f, 0))
			;
}

/* Forget what has come, and what is still to come. */
static void settle(void)
{
	struct wire_frame f;

	do
		forget();
	while (rut_hear(wire[0], &f, SILENCE));
	forget();
}

/* On a wire nothing is told, but for a while that what was told is not reached. */
static bool silent(unsigned int w)
{
	struct wire_frame f;
	unsigned int i;

	while (rut_hear(wire[w], &f, SILENCE)) {
		for (i = 0; i < rut_pairs(&f); i++) {
			if (rut_pair(&f, i).cost == RUT_CAP)
				continue;
			wire_show("heard", &f);
			return false;
		}
	}
	return true;
}

/* 402 or 1002 tells of a subnet. */
static void tell(unsigned int w, uint16_t subnet, uint16_t cost)
{
	struct wire_frame f;

	rut_one(&f, played_mac, (w + 1) << 8 | 2, subnet, cost);
	wire_send(wire[w], &f);
}

/* A packet soon comes on a wire that tells this; the whole packet is left in @f. */
static bool told(unsigned int w, unsigned int subnet, unsigned int cost, struct wire_frame *f)
{
	if (rut_hear_cost(wire[w], f, subnet, cost, NETNS_PATIENCE))
		return true;
	tap_diag("wire%u: subnet %o at cost %u was not told", w, subnet, cost);
	return false;
}

/* All that is not a pair. */
static bool header_is_right(const struct wire_frame *f, uint16_t src)
{
	uint8_t mac[6];

	topo_mac(&us, src == 0401 ? "eth0" : "eth1", mac);
	return !memcmp(f->bytes + WIRE_DMAC, wire_broadcast, 6) &&
	       !memcmp(f->bytes + WIRE_SMAC, mac, 6) && !f->bytes[WIRE_RESERVED] &&
	       wire_get(f, WIRE_COUNT) == f->len - WIRE_DATA && !(wire_count(f) % 4) &&
	       !wire_get(f, WIRE_DST) && !wire_get(f, WIRE_DIDX) &&
	       wire_get(f, WIRE_SRC) == src && !wire_get(f, WIRE_SIDX) &&
	       !wire_get(f, WIRE_NUM) && !wire_get(f, WIRE_ACK);
}

/* Costs as in the capture: 5 for the subnet and 5 for the one it is told on. */
static void test_captured(void)
{
	static struct pcap cap;
	struct wire_frame f, *want;
	unsigned int i;

	pcap_load(&cap, "rut-brd.pcap");
	for (i = 1; i <= cap.count && !rut_is(&cap.frames[i]); i++)
		;
	if (i > cap.count)
		tap_bail("there is no routing packet in the capture");
	want = &cap.frames[i];
	topo_link_set(&us, "eth2", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	topo_up(&us, "eth2", false);
	topo_cost(&us, "eth0", 5);
	topo_cost(&us, "eth1", 5);
	topo_forward(&us, true);
	if (!tap_ok(told(0, 2, 10, &f), "a bridge that begins tells of its other subnet"))
		return;
	tap_ok(header_is_right(&f, 0401), "its header is right");
	tap_eq(rut_cost(&f, 1), 0, "it does not tell of the subnet it is on");
	/* Subnet 3, whose link is down, may be told of as not reached. */
	f.len = WIRE_DATA + 4;
	wire_put(&f, WIRE_COUNT, 4);
	tap_ok(want->len == f.len && !memcmp(want->bytes + WIRE_PKT, f.bytes + WIRE_PKT,
					     f.len - WIRE_PKT), "the bytes are those captured");
	topo_link_set(&us, "eth2", CHAOS_LINK_A_RUT, CHAOS_RUT_ON);
	topo_up(&us, "eth2", true);
	topo_cost(&us, "eth0", 11);
	topo_cost(&us, "eth1", 11);
	tap_ok(told(0, 2, 22, &f), "other costs are told at once");
	tap_ok(told(1, 1, 22, &f), "everywhere");
	tap_ok(told(2, 2, 22, &f), "also on a link that comes up");
	tap_eq(rut_pairs(&f), 2, "and nothing else");
	tap_eq(rut_cost(&f, 1), 22, "of the third subnet");
}

static void test_learned(void)
{
	struct wire_frame f;

	forget();
	tell(0, 5, 40);
	tap_ok(told(1, 5, 51, &f), "what is learned is told at once, at the cost of the way");
	tap_ok(told(2, 5, 51, &f), "on all other links");
	forget();
	tell(0, 5, 20);
	tap_ok(told(1, 5, 31, &f), "so is a much better cost");
	tap_ok(header_is_right(&f, 01001), "from the address on the link");
	forget();
	tell(0, 5, RUT_CAP);
	tap_ok(told(1, 5, RUT_CAP, &f), "what is not reached any more is told at the cap");
	forget();
	tell(0, 5, RUT_CAP - 2);
	tap_ok(topo_wait(NETNS_PATIENCE, topo_via(&us, 5)) >= 0, "a way that costs much is a way");
	tap_ok(told(1, 5, RUT_CAP, &f), "but no cost is told beyond the cap");
}

/* The split horizon. */
static void test_horizon(void)
{
	unsigned int poisoned = 0, others = 0;
	struct wire_frame f;

	tell(0, 5, 40);
	told(1, 5, 51, &f);
	settle();
	/* Any change has everything told again. */
	tell(1, 6, 40);
	tap_ok(told(0, 6, 51, &f), "what comes from one link is told on the other");
	tap_eq(rut_cost(&f, 5), 0, "but not on the link it came from");
	settle();
	topo_link_set(&us, "eth0", CHAOS_LINK_A_POISON, 1);
	tell(1, 6, 39);
	tap_ok(told(0, 6, 50, &f), "with poisoned reverse");
	poisoned = rut_cost(&f, 5);
	others = rut_cost(&f, 2);
	tap_eq(poisoned, RUT_CAP, "it is told there at the cap");
	tap_eq(others, 22, "and other subnets as before");
	topo_link_set(&us, "eth0", CHAOS_LINK_A_POISON, 0);
}

static void test_link_down(void)
{
	struct wire_frame f;

	topo_up(&us, "wire1", false);
	tap_ok(told(0, 2, RUT_CAP, &f), "a link without carrier: its subnet is told at the cap");
	tap_ok(rut_cost(&f, 6) == RUT_CAP || told(0, 6, RUT_CAP, &f),
	       "so is what was reached through it");
	tap_eq(topo_via(&us, 6), 0, "that route is gone");
	tap_ok(topo_via(&us, 5), "others are not");
	topo_up(&us, "wire1", true);
	tap_ok(told(0, 2, 22, &f), "when it has a carrier its subnet is reached again");
	topo_up(&us, "eth1", false);
	tap_ok(told(0, 2, RUT_CAP, &f), "a link that is down: the same");
	topo_up(&us, "eth1", true);
	tap_ok(told(0, 2, 22, &f), "and up again");
}

static void test_modes(void)
{
	struct wire_frame f;

	topo_link_set(&us, "eth1", CHAOS_LINK_A_RUT, CHAOS_RUT_LISTEN);
	settle();
	tell(1, 7, 33);
	tap_ok(told(0, 7, 44, &f), "a link that only listens: what it hears is told");
	tap_ok(silent(1), "but nothing is told there");
	topo_link_set(&us, "eth1", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	tap_ok(told(0, 7, RUT_CAP, &f), "when it is off what it heard is told at the cap");
	tap_ok(silent(1), "and nothing is told there");
	topo_link_set(&us, "eth1", CHAOS_LINK_A_RUT, CHAOS_RUT_ON);
	tap_ok(told(1, 1, 22, &f), "when it is on everything is told there");
	settle();
	topo_forward(&us, false);
	tap_ok(told(0, 2, RUT_CAP, &f), "who ceases to forward says so");
	settle();
	tell(1, 7, 30);
	tap_ok(topo_wait(NETNS_PATIENCE, topo_via(&us, 7)) >= 0 && silent(0) && silent(1),
	       "then listens, in silence");
	topo_forward(&us, true);
	tap_ok(told(0, 7, 41, &f), "who begins again tells everything");
}

/* More than fit into one packet. */
static void test_many(void)
{
	unsigned int seen[256] = {}, subnet, packets = 0, longest = 0, wrong = 0;
	struct wire_frame f;
	long long end;

	rut_begin(&f, played_mac, 0402);
	for (subnet = 0; subnet < MANY; subnet++) {
		rut_add(&f, 10 + subnet, 100);
		if (rut_pairs(&f) == RUT_MAX_PAIRS || subnet + 1 == MANY) {
			wire_send(wire[0], &f);
			rut_begin(&f, played_mac, 0402);
		}
	}
	tap_ok(topo_wait(NETNS_PATIENCE, topo_via(&us, 10 + MANY - 1)) >= 0, "all are learned");
	settle();
	tell(0, 5, 20);			/* a change */
	end = netns_now() + NETNS_PATIENCE;
	while (netns_now() < end && !seen[10 + MANY - 1]) {
		if (!rut_hear(wire[2], &f, 100))
			continue;
		packets++;
		for (subnet = 0; subnet < rut_pairs(&f); subnet++)
			seen[rut_pair(&f, subnet).subnet & 0xff]++;
		if (rut_pairs(&f) > longest)
			longest = rut_pairs(&f);
	}
	for (subnet = 10; subnet < 10 + MANY; subnet++)
		wrong += seen[subnet] != 1;
	tap_eq(wrong, 0, "%d subnets are told of, each once", MANY);
	tap_eq(packets, 2, "in two packets");
	tap_eq(longest, RUT_MAX_PAIRS, "of at most %d pairs", RUT_MAX_PAIRS);
}

/* However often something changes, only so many packets go out; and the last of them
 * tells how it is.
 */
static void test_rate(void)
{
	uint64_t sent = topo_count(&us, CHAOS_STAT_RUT_TX), allowed;
	long long start = netns_now(), end;
	unsigned int i, heard = 0;
	struct wire_frame f;

	forget();
	for (i = 1; i <= CHANGES; i++) {
		tell(1, 7, i % 2 ? 50 : 90);
		netns_sleep(12);	/* more often, and they would be dropped */
	}
	tell(1, 7, 140);
	/* Each is of two packets on wire0 and wire2. */
	end = netns_now() + NETNS_PATIENCE;
	while (netns_now() < end && rut_cost(&f, 7) != 151) {
		if (rut_hear(wire[0], &f, 100) && rut_cost(&f, 7))
			heard++;
	}
	allowed = BURST + (netns_now() - start) * RATE / 1000 + 1;
	tap_eq(rut_cost(&f, 7), 151, "the last change is told of");
	tap_ok(heard && heard <= allowed, "%d changes make few packets", CHANGES);
	tap_diag("%u on a link in %lld ms, %llu allowed; %llu in all", heard,
		 netns_now() - start, (long long)allowed,
		 (long long)(topo_count(&us, CHAOS_STAT_RUT_TX) - sent));
}

/* A neighbour that cannot stop is not listened to all the time. */
static void test_flood(void)
{
	uint64_t heard = topo_count(&us, CHAOS_STAT_RUT_RX);
	uint64_t dropped = topo_count(&us, CHAOS_STAT_DROP_RUT_RATE);
	unsigned int i;

	for (i = 0; i < CHANGES; i++)
		tell(1, 7, 50);
	tap_ok(topo_wait(NETNS_PATIENCE, topo_count(&us, CHAOS_STAT_RUT_RX) - heard +
			 topo_count(&us, CHAOS_STAT_DROP_RUT_RATE) - dropped == CHANGES) >= 0,
	       "a flood: each packet is counted");
	tap_ok(topo_count(&us, CHAOS_STAT_DROP_RUT_RATE) > dropped, "not all are learned from");
}

/* Who has nothing to tell says nothing. */
static void test_single(void)
{
	struct topo_host one;
	struct wire_frame f;
	int w;

	topo_host(&one, "ONE");
	topo_sysctl(&one, "rut_interval_ms", 100);
	topo_cable(&one, "eth0", &one, "wire0");
	topo_addr(&one, "eth0", 0401);
	w = topo_watch(&one, "wire0");
	topo_forward(&one, true);
	tap_ok(!rut_hear(w, &f, 2 * SILENCE), "a bridge with one subnet says nothing");
	close(w);
}

int main(void)
{
	pair_limit_time();
	make_bridge();
	test_captured();
	test_learned();
	test_horizon();
	test_link_down();
	test_modes();
	test_many();
	test_rate();
	test_flood();
	test_single();
	return tap_done();
}
