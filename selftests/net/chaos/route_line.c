// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line of eight subnets:
 *
 *	A --1-- B0 --2-- B1 --3-- B2 --4-- B3 --5-- B4 --6-- B5 --7-- B6 --8-- Z
 *
 * On each subnet who is on its left is host 1, who is on its right is host 2: A is
 * 401, Z is 4002.  Nothing is configured but addresses and forwarding: the rest must
 * be learned.
 *
 * Then the line grows until it has 15 bridges, which is one too many for a packet.
 */
#define _GNU_SOURCE
#include "topo.h"

#define SHORT_LINE	7	/* bridges */
#define LONG_LINE	15
#define INTERVAL	500	/* ms between routing packets */
#define EXPIRE		60000
#define BULK		65536

/* A, the bridges, and the other end, which is the last host. */
static struct topo_host hosts[LONG_LINE + 2];

static uint16_t addr_left(unsigned int bridge)
{
	return (bridge + 1) << 8 | 2;
}

static uint16_t addr_right(unsigned int bridge)
{
	return (bridge + 2) << 8 | 1;
}

/* Cable number @subnet, from the host before to the one after it. */
static void lay(unsigned int subnet)
{
	topo_cable(&hosts[subnet - 1], "right", &hosts[subnet], "left");
	topo_addr(&hosts[subnet - 1], "right", subnet << 8 | 1);
	topo_addr(&hosts[subnet], "left", subnet << 8 | 2);
}

static void make_line(void)
{
	unsigned int i;

	topo_hosts(hosts, LONG_LINE + 2, 'H');
	for (i = 1; i <= SHORT_LINE + 1; i++)
		lay(i);
	for (i = 0; i < LONG_LINE + 2; i++)
		topo_times(&hosts[i], INTERVAL, EXPIRE);
}

/* Cost of what @host has learned about @subnet: 11 for each subnet on the way. */
static void check_costs(const struct topo_host *host, unsigned int at, unsigned int last)
{
	const struct topo_table *t = topo_routes(host);
	unsigned int subnet, wrong = 0;

	for (subnet = 1; subnet <= last; subnet++) {
		const struct topo_route *r = topo_find(t, subnet, CHAOS_ROUTE_BRIDGE);
		unsigned int far = subnet > at ? subnet - at : at - subnet;

		if (!far)
			continue;
		/* And a little for age, on the way and here. */
		if (r && r->cost >= 11 * (far + 1) && r->cost < 11 * (far + 2))
			continue;
		wrong++;
		tap_diag("%s: subnet %o: cost %d", host->name, subnet, r ? r->cost : -1);
	}
	tap_eq(wrong, 0, "%s: costs are 11 for each subnet on the way", host->name);
}

static void test_short_line(void)
{
	struct topo_host *a = &hosts[0], *z = &hosts[SHORT_LINE + 1];
	unsigned int i, last = SHORT_LINE + 1;
	int wire_a, wire_z;
	long long took;

	tap_ok(!topo_ask(a, last << 8 | 2, 100), "nothing arrives before bridges are bridges");
	for (i = 1; i <= SHORT_LINE; i++)
		topo_forward(&hosts[i], true);
	took = topo_wait(TOPO_PATIENCE, topo_all_known(hosts, SHORT_LINE + 2, last));
	if (!tap_ok(took >= 0, "a line of 8 converges")) {
		for (i = 0; i <= last; i++)
			topo_show_routes(&hosts[i]);
		return;
	}
	tap_diag("a line of 8 subnets converges in %lld ms, at one routing packet in %d ms",
		 took, INTERVAL);
	check_costs(a, 1, last);
	check_costs(z, last, last);

	wire_a = topo_watch(a, "right");
	wire_z = topo_watch(z, "left");
	tap_ok(topo_ask(a, last << 8 | 2, PAIR_PATIENCE), "a transaction goes from end to end");
	tap_eq(topo_hops(wire_z, 0401), SHORT_LINE, "the request was forwarded by all bridges");
	tap_eq(topo_hops(wire_a, last << 8 | 2), SHORT_LINE, "and the answer");
	tap_ok(topo_stream(a, z, last << 8 | 2, BULK), "a stream goes from end to end");
	tap_ok(topo_stream(z, a, 0401, BULK), "and the other way");
	close(wire_a);
	close(wire_z);
	for (i = 1; i <= SHORT_LINE; i++) {
		if (!topo_ask(a, addr_left(i - 1), PAIR_PATIENCE) ||
		    !topo_ask(a, addr_right(i - 1), PAIR_PATIENCE))
			break;
	}
	tap_eq(i, SHORT_LINE + 1, "every bridge answers on both of its addresses");
	tap_eq(topo_sum(hosts, SHORT_LINE + 2, CHAOS_STAT_DROP_HOPS), 0,
	       "nothing was forwarded too often");
	tap_eq(topo_count(a, CHAOS_STAT_FORWARDED) + topo_count(z, CHAOS_STAT_FORWARDED), 0,
	       "the ends forward nothing");
	tap_eq(topo_count(a, CHAOS_STAT_RUT_TX) + topo_count(z, CHAOS_STAT_RUT_TX), 0,
	       "and send no routing packets");
}

/* From A, the last but one subnet is behind 14 bridges, the last behind 15: there the
 * forwarding count would become 15, and packets end.
 */
static void test_long_line(void)
{
	const unsigned int far = LONG_LINE << 8 | 2, too_far = (LONG_LINE + 1) << 8 | 2;
	const struct topo_host *a = &hosts[0], *last = &hosts[LONG_LINE];
	uint64_t dropped;
	unsigned int i;
	int wire;

	for (i = SHORT_LINE + 1; i <= LONG_LINE; i++)
		lay(i + 1);
	for (i = SHORT_LINE + 1; i <= LONG_LINE; i++)
		topo_forward(&hosts[i], true);
	if (!tap_ok(topo_wait(TOPO_PATIENCE, topo_all_known(hosts, LONG_LINE + 2,
							    LONG_LINE + 1)) >= 0,
		    "a line of 16 converges")) {
		topo_show_routes(a);
		return;
	}
	wire = topo_watch(last, "left");
	tap_ok(topo_ask(a, far, PAIR_PATIENCE), "through 14 bridges packets arrive");
	tap_eq(topo_hops(wire, 0401), 14, "with a forwarding count of 14");
	close(wire);

	dropped = topo_count(last, CHAOS_STAT_DROP_HOPS);
	tap_ok(!topo_ask(a, too_far, 1000), "through 15 they do not");
	tap_ok(topo_wait(TOPO_PATIENCE, topo_count(last, CHAOS_STAT_DROP_HOPS) > dropped) >= 0,
	       "the last bridge counts drop_hops");
	tap_eq(topo_count(last, CHAOS_STAT_DROP_HOPS),
	       topo_sum(hosts, LONG_LINE + 2, CHAOS_STAT_DROP_HOPS), "no other does");
}

int main(void)
{
	pair_limit_time();
	make_line();
	test_short_line();
	test_long_line();
	return tap_done();
}
