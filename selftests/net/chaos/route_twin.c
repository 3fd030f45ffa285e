// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two bridges between the same two subnets: when one dies the other does it all.
 *
 *	           P 402 --+     +-- P 1002
 *	                   |     |
 *	A 401 --------- switch 1   switch 2 --------- Z 1001
 *	                   |     |
 *	           Q 403 --+     +-- Q 1003
 */
#define _GNU_SOURCE
#include "topo.h"

#define INTERVAL	500	/* ms between routing packets */
#define EXPIRE		10000
#define ROUNDS		8	/* of them that are watched */
#define BULK		65536

enum { A_ADDR = 0401, P_LEFT = 0402, Q_LEFT = 0403 };
enum { Z_ADDR = 01001, P_RIGHT = 01002, Q_RIGHT = 01003 };

static struct topo_host a, z, p, q, left, right;

static void join(const struct topo_host *sw, const struct topo_host *h, const char *dev,
		 uint16_t addr)
{
	topo_plug(sw, h->name, h, dev);
	topo_addr(h, dev, addr);
	topo_times(h, INTERVAL, EXPIRE);
}

static void make_network(void)
{
	topo_host(&a, "A");
	topo_host(&z, "Z");
	topo_host(&p, "P");
	topo_host(&q, "Q");
	topo_switch(&left, "LEFT");
	topo_switch(&right, "RIGHT");
	join(&left, &a, "eth0", A_ADDR);
	join(&right, &z, "eth0", Z_ADDR);
	join(&left, &p, "left", P_LEFT);
	join(&right, &p, "right", P_RIGHT);
	join(&left, &q, "left", Q_LEFT);
	join(&right, &q, "right", Q_RIGHT);
}

/* Both bridges are equally good, and the one that was heard last is taken: that is how
 * traffic is spread (AIM 628 section 3.7).  It does no harm.
 */
static void test_equal(void)
{
	uint64_t heard = topo_count(&a, CHAOS_STAT_RUT_RX);
	unsigned int via, changes = 0, strange = 0, before = 0;

	while (topo_count(&a, CHAOS_STAT_RUT_RX) < heard + 2 * ROUNDS) {
		const struct topo_route *r = topo_learned(&a, 2);

		via = r ? r->via : 0;
		strange += (via != P_LEFT && via != Q_LEFT) || r->cost < 22 ||
			   r->cost > 22 + 1 + r->age / 4000;
		changes += before && via != before;
		before = via;
		netns_sleep(TOPO_POLL);
	}
	tap_eq(strange, 0, "A always knows a way, and it costs two subnets");
	tap_diag("in %u rounds A takes the other bridge %u times", ROUNDS, changes);
	tap_ok(topo_stream(&a, &z, Z_ADDR, BULK), "a stream does not mind");
	tap_eq(topo_count(&p, CHAOS_STAT_DROP_HOPS) + topo_count(&q, CHAOS_STAT_DROP_HOPS), 0,
	       "nothing goes around in circles");
}

/* @dead is off the net, on both sides; the other takes over. */
static void test_takeover(const struct topo_host *dead, const char *other_name, uint16_t other_left,
			  uint16_t other_right)
{
	long long took;

	topo_up(dead, "left", false);
	topo_up(dead, "right", false);
	took = topo_wait_answer(&a, Z_ADDR, TOPO_PATIENCE);
	tap_ok(took >= 0, "without %s, A reaches Z", dead->name);
	tap_diag("after %lld ms; silence means death after %d ms", took, EXPIRE);
	tap_ok(topo_wait(TOPO_PATIENCE, topo_via(&a, 2) == other_left &&
			 topo_via(&z, 1) == other_right) >= 0, "over %s", other_name);
	tap_ok(topo_stream(&a, &z, Z_ADDR, BULK), "so does a stream");
	topo_up(dead, "left", true);
	topo_up(dead, "right", true);
}

/* The better way is taken at once, whatever there was. */
static void test_better(const struct topo_host *worse, uint16_t better_left)
{
	topo_cost(worse, "left", 30);
	topo_cost(worse, "right", 30);
	tap_ok(topo_wait(TOPO_PATIENCE, topo_via(&a, 2) == better_left) >= 0,
	       "the better bridge is taken");
	topo_cost(worse, "left", 11);
	topo_cost(worse, "right", 11);
}

int main(void)
{
	pair_limit_time();
	make_network();
	topo_forward(&p, true);
	topo_forward(&q, true);
	if (!tap_ok(topo_wait(TOPO_PATIENCE, topo_via(&a, 2) && topo_via(&z, 1)) >= 0,
		    "A and Z know of each other's subnet"))
		return tap_done();
	test_equal();
	test_takeover(&p, "Q", Q_LEFT, Q_RIGHT);
	test_takeover(&q, "P", P_LEFT, P_RIGHT);
	test_better(&p, Q_LEFT);
	test_better(&q, P_LEFT);
	test_equal();
	return tap_done();
}
