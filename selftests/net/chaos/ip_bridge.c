// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From Ethernet over IP to UDP, through the routing of two bridges:
 *
 *	E 401 eth0 ---1--- eth0 402 G 1001 chip0 - eth1
 *						    | subnet 2, on IPv6
 *	U 1402 chaos0 -3- 1401 chaos0 H 1002 chip0 - eth0
 *
 * Subnet 3 is chaos-udp on both ends, from eth0 of U to eth1 of H.  Nothing is configured
 * but addresses, forwarding, and where the other ends of tunnels are.
 */
#define _GNU_SOURCE
#include "chip.h"
#include "daemon.h"
#include "survey.h"

#define STREAM	(1 << 20)	/* bytes each way */

enum { E = 0401, G = 01001, H = 01002, U = 01402 };

static struct topo_host e, g, h, u;
static struct topo_host * const all[] = { &e, &g, &h, &u };
static struct daemon udp_h = { .program = "udp/chaos-udp" };
static struct daemon udp_u = { .program = "udp/chaos-udp" };

static void make_path(void)
{
	topo_host(&e, "E");
	topo_host(&g, "G");
	topo_host(&h, "H");
	topo_host(&u, "U");
	topo_cable(&e, "eth0", &g, "eth0");
	topo_cable(&g, "eth1", &h, "eth0");
	topo_cable(&h, "eth1", &u, "eth0");
	chip_addr(&g, "eth1", "fd00::1/64");
	chip_addr(&h, "eth0", "fd00::2/64");
	chip_addr(&h, "eth1", "192.0.2.1/24");
	chip_addr(&u, "eth0", "192.0.2.2/24");

	topo_addr(&e, "eth0", E);
	topo_addr(&g, "eth0", 0402);
	chip_link(&g, "chip0", G);
	chip_link(&h, "chip0", H);
	chip_map(&g, "chip0", H, "fd00::2");
	chip_map(&h, "chip0", G, "fd00::1");
	udp_h.ns = h.ns;
	udp_u.ns = u.ns;
	daemon_start(&udp_h, "link chaos0 1401\npeer 1402 192.0.2.2\n");
	daemon_start(&udp_u, "link chaos0 1402\npeer 1401 192.0.2.1\n");
}

static void test_routes(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		topo_times(all[i], 500, 60000);
	topo_forward(&g, true);
	topo_forward(&h, true);
	tap_ok(topo_wait(3 * TOPO_PATIENCE, topo_via(&e, 3) == 0402 &&
			 topo_via(&e, 2) == 0402) >= 0,
	       "on Ethernet all subnets are learned");
	tap_ok(topo_wait(3 * TOPO_PATIENCE, topo_via(&u, 1) == 01401 &&
			 topo_via(&u, 2) == 01401) >= 0,
	       "behind UDP all subnets are learned");
	topo_show_routes(&e);
	topo_show_routes(&u);
	tap_ok(topo_wait_answer(&e, U, 3 * TOPO_PATIENCE) >= 0, "E reaches U");
	tap_ok(topo_wait_answer(&u, E, 3 * TOPO_PATIENCE) >= 0, "U reaches E");
	/* Not so often while the machine has other things to do. */
	for (i = 0; i < ARRAY_SIZE(all); i++)
		topo_times(all[i], 15000, 300000);
}

int main(void)
{
	netns_check();
	pair_limit_time();
	make_path();
	test_routes();
	survey_ends(all);
	tap_ok(topo_stream(&e, &u, U, STREAM), "%u KiB each way are intact", STREAM >> 10);
	tap_eq(topo_count(&g, CHAOS_STAT_DROP_CHECKSUM) + topo_count(&h, CHAOS_STAT_DROP_CHECKSUM),
	       0, "no checksum was wrong");
	return tap_done();
}
