// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A star: one bridge on 64 subnets, with a host on each.
 *
 *	             HUB n01
 *	   /      /     |     \      \
 *	H0 402  H1 1002  ...      H63 40002
 */
#define _GNU_SOURCE
#include "rut.h"
#include "topo.h"

#define RAYS		64
#define INTERVAL	2000	/* ms between routing packets */
#define BULK		16384

static struct topo_host hub, rays[RAYS];

static uint16_t ray_addr(unsigned int i)
{
	return (i + 1) << 8 | 2;
}

static void make_star(void)
{
	char dev[IFNAMSIZ];
	unsigned int i;

	topo_host(&hub, "HUB");
	topo_hosts(rays, RAYS, 'H');
	for (i = 0; i < RAYS; i++) {
		snprintf(dev, sizeof(dev), "ray%u", i);
		topo_cable(&hub, dev, &rays[i], "eth0");
		topo_addr(&hub, dev, (i + 1) << 8 | 1);
		topo_addr(&rays[i], "eth0", ray_addr(i));
		/* What the hub says often enough to be heard must not be forgotten. */
		topo_sysctl(&rays[i], "rut_expire_ms", 60000);
	}
	topo_sysctl(&hub, "rut_interval_ms", INTERVAL);
}

/* What the hub tells on one ray. */
static void test_packet(int wire)
{
	unsigned int i, n, cost, wrong = 0;
	struct wire_frame f;
	long long end = netns_now() + TOPO_PATIENCE;

	do {
		if (!rut_hear(wire, &f, TOPO_PATIENCE))
			break;
	} while (rut_pairs(&f) < RAYS - 1 && netns_now() < end);
	n = rut_pairs(&f);
	tap_eq(n, RAYS - 1, "one packet tells of all subnets but the one it is on");
	for (i = 0; i < RAYS; i++) {
		cost = rut_cost(&f, i + 1);
		wrong += cost != (i ? 22 : 0);
	}
	tap_eq(wrong, 0, "all at a cost of 22");
	tap_ok(n <= RUT_MAX_PAIRS && wire_count(&f) == 4 * n && f.len >= WIRE_DATA + 4 * n,
	       "its length is right");
}

int main(void)
{
	unsigned int i, reached = 0;
	long long start = netns_now();
	int wire;

	pair_limit_time();
	make_star();
	tap_diag("made in %lld ms", netns_now() - start);
	wire = topo_watch(&rays[0], "eth0");
	topo_forward(&hub, true);
	if (!tap_ok(topo_wait(TOPO_PATIENCE, topo_all_known(rays, RAYS, RAYS)) >= 0,
		    "all %u hosts know all %u subnets", RAYS, RAYS)) {
		topo_show_routes(&rays[0]);
		return tap_done();
	}
	test_packet(wire);
	close(wire);
	for (i = 1; i < RAYS; i++)
		reached += topo_ask(&rays[i - 1], ray_addr(i), PAIR_PATIENCE);
	tap_eq(reached, RAYS - 1, "each reaches the next");
	tap_ok(topo_ask(&rays[RAYS - 1], ray_addr(0), PAIR_PATIENCE), "and the last the first");
	tap_ok(topo_stream(&rays[3], &rays[RAYS - 4], ray_addr(RAYS - 4), BULK),
	       "a stream goes from ray to ray");
	tap_eq(topo_count(&hub, CHAOS_STAT_DROP_HOPS), 0, "nothing goes around in circles");
	return tap_done();
}
