// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hosts on IP: over IPv4, IPv6 and both; a subnet on a prefix; streams, also with loss.
 *
 *	A 3001 10.0.0.1, fd00::1 --- eth0 ---- eth0 --- 10.0.0.2, fd00::2 3002 B
 *
 *	H1 ... H5, subnet 7, at 10.7.7.1 ... 10.7.7.5, on a switch
 */
#define _GNU_SOURCE
#include "chip.h"

static void make_pair(struct topo_host *a, struct topo_host *b)
{
	topo_host(a, "A");
	topo_host(b, "B");
	topo_cable(a, "eth0", b, "eth0");
	chip_addr(a, "eth0", "10.0.0.1/24");
	chip_addr(a, "eth0", "fd00::1/64");
	chip_addr(b, "eth0", "10.0.0.2/24");
	chip_addr(b, "eth0", "fd00::2/64");
	chip_link(a, "chip0", 03001);
	chip_link(b, "chip0", 03002);
}

static void test_pair(void)
{
	static const struct {
		const char *what, *a, *b;
	} rows[] = {
		{ "IPv4", "10.0.0.1", "10.0.0.2" },
		{ "IPv6", "fd00::1", "fd00::2" },
	};
	struct topo_host a, b;
	unsigned int i;

	make_pair(&a, &b);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_eq(chip_try_map(&a, "chip0", 03002, rows[i].b, true), 0, "%s: A maps B",
		       rows[i].what);
		tap_eq(chip_try_map(&b, "chip0", 03001, rows[i].a, true), 0, "%s: B maps A",
		       rows[i].what);
		tap_ok(topo_wait_answer(&a, 03002, TOPO_PATIENCE) >= 0, "%s: B answers A",
		       rows[i].what);
		tap_ok(topo_ask(&b, 03001, TOPO_PATIENCE), "%s: A answers B", rows[i].what);
		tap_ok(topo_stream(&a, &b, 03002, 100000), "%s: a stream both ways", rows[i].what);
	}
	/* What comes must be from where things are sent to. */
	tap_eq(chip_try_map(&a, "chip0", 03002, "10.0.0.2", true), 0, "A maps B to IPv4, B A to IPv6");
	tap_ok(!topo_ask(&a, 03002, 1000), "what comes from another address is not taken");
	tap_ok(topo_count(&b, CHAOS_STAT_DROP_IP_SOURCE) > 0, "it is counted");
	tap_eq(topo_count(&a, CHAOS_STAT_DROP_CHECKSUM) + topo_count(&b, CHAOS_STAT_DROP_CHECKSUM),
	       0, "no checksum was wrong");
}

/* One link with hosts on both. */
static void test_both(void)
{
	struct topo_host a, b, c;

	make_pair(&a, &b);
	topo_host(&c, "C");
	topo_cable(&a, "eth1", &c, "eth0");
	chip_addr(&a, "eth1", "fd01::1/64");
	chip_addr(&c, "eth0", "fd01::3/64");
	chip_link(&c, "chip0", 03003);
	chip_map(&a, "chip0", 03002, "10.0.0.2");
	chip_map(&b, "chip0", 03001, "10.0.0.1");
	chip_map(&a, "chip0", 03003, "fd01::3");
	chip_map(&c, "chip0", 03001, "fd01::1");
	tap_ok(topo_wait_answer(&a, 03002, TOPO_PATIENCE) >= 0, "both: one host answers by IPv4");
	tap_ok(topo_wait_answer(&a, 03003, TOPO_PATIENCE) >= 0, "both: another by IPv6");

	/* A broadcast gets to each. */
	topo_times(&a, 1000, 60000);
	topo_enter(&a);
	netns_must("ip link add dummy0 type dummy");
	netns_dev_up("dummy0", true);
	topo_addr(&a, "dummy0", 01001);
	topo_forward(&a, true);
	tap_ok(topo_wait(2 * TOPO_PATIENCE, topo_via(&b, 2) == 03001 &&
			 topo_via(&c, 2) == 03001) >= 0, "both: they learn a route that is broadcast");
}

static void test_loss(void)
{
	struct topo_host a, b;

	make_pair(&a, &b);
	chip_map(&a, "chip0", 03002, "10.0.0.2");
	chip_map(&b, "chip0", 03001, "10.0.0.1");
	tap_ok(topo_wait_answer(&a, 03002, TOPO_PATIENCE) >= 0, "loss: B answers A");
	topo_enter(&a);
	netns_must("tc qdisc add dev eth0 root netem loss 5%%");
	topo_enter(&b);
	netns_must("tc qdisc add dev chip0 root netem loss 5%% reorder 5%% delay 2ms");
	tap_ok(topo_stream(&a, &b, 03002, 50000), "loss: a stream both ways");
}

/* A host answers RUT and BRD only if they are sent to each of them. */
static void test_subnet(void)
{
	enum { HOSTS = 5, SUBNET = 7 };
	struct topo_host sw, h[HOSTS];
	char text[64];
	unsigned int i, n;

	topo_switch(&sw, "SW");
	topo_hosts(h, HOSTS, 'H');
	for (i = 0; i < HOSTS; i++) {
		snprintf(text, sizeof(text), "port%u", i);
		topo_plug(&sw, text, &h[i], "eth0");
		snprintf(text, sizeof(text), "10.7.7.%u/24", i + 1);
		chip_addr(&h[i], "eth0", text);
		chip_link(&h[i], "chip0", SUBNET << 8 | (i + 1));
		if (chip_try_subnet(&h[i], "chip0", SUBNET, "10.7.7.0", 24))
			tap_bail("cannot map the subnet");
	}
	tap_ok(topo_wait_answer(&h[0], SUBNET << 8 | 2, TOPO_PATIENCE) >= 0,
	       "subnet: one host answers another");
	for (i = 0, n = 0; i < HOSTS * HOSTS; i++)
		if (i / HOSTS != i % HOSTS)
			n += topo_ask(&h[i / HOSTS], SUBNET << 8 | (i % HOSTS + 1), TOPO_PATIENCE);
	tap_eq(n, HOSTS * (HOSTS - 1), "subnet: every host answers every other");
	tap_ok(chip_state(&h[0], SUBNET << 8 | 5).heard, "subnet: hosts that were heard are shown");
	tap_ok(!chip_state(&h[0], SUBNET << 8 | 6).there, "subnet: others are not");

	/* Told of by broadcast, which gets to all that were heard. */
	topo_times(&h[0], 1000, 60000);
	topo_enter(&h[0]);
	netns_must("ip link add dummy0 type dummy");
	netns_dev_up("dummy0", true);
	topo_addr(&h[0], "dummy0", 01001);
	topo_forward(&h[0], true);
	for (i = 1, n = 0; i < HOSTS; i++)
		n += topo_wait(2 * TOPO_PATIENCE, topo_via(&h[i], 2) == (SUBNET << 8 | 1)) >= 0;
	tap_eq(n, HOSTS - 1, "subnet: all learn a route that one broadcasts");

	tap_ok(!topo_ask(&h[0], SUBNET << 8 | 0377, 500), "subnet: nobody is at host 0377");
	tap_ok(topo_count(&h[0], CHAOS_STAT_DROP_NO_MAP) > 0, "subnet: of IPv4 it has no place");
	tap_eq(chip_unmap(&h[0], "chip0", SUBNET << 8), 0, "subnet: the mapping is removed");
	tap_ok(!chip_state(&h[0], SUBNET << 8 | 5).there, "subnet: with what came of it");
}

int main(void)
{
	pair_limit_time();
	test_pair();
	test_both();
	test_loss();
	test_subnet();
	return tap_done();
}
