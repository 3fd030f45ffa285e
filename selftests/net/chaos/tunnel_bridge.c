// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From Ethernet over UDP to chaosd, through the routing of two bridges:
 *
 *	E 401 eth0 ---1--- eth0 402 G 1001 chaos0 - chaos-udp - eth1
 *	                                                          | subnet 2, on IP
 *	U 1402 chaos0 - chaosd -3- chaosd - chaos1 1401 H 1002 chaos0 - chaos-udp - eth0
 *
 * Nothing is configured but addresses, forwarding, and where the other ends of tunnels are.
 * The cable between the bridges loses packets, and has some on the way.
 * TUNNEL_BRIDGE_MIB (16, or 1 on a kernel that checks itself, recognised by lockdep) is the
 * size of the stream from E to U; the other way goes a quarter.
 */
#define _GNU_SOURCE
#include "daemon.h"
#include "survey.h"
#include "tunnel.h"

#define ETHER	"/tmp/tunnel_bridge_ether"
#define NETEM	"limit 10000 delay 1ms loss 0.5%"
#define WINDOW	64	/* packets: what fits into the delay */

enum { E = 0401, G = 01001, H = 01002, U = 01402 };

static struct topo_host e, g, h, u;
static struct topo_host * const all[] = { &e, &g, &h, &u };
static struct daemon udp_g = { .program = "udp/chaos-udp" };
static struct daemon udp_h = { .program = "udp/chaos-udp" };
static struct daemon ether_h = { .program = "chaosd/chaosd" };
static struct daemon ether_u = { .program = "chaosd/chaosd" };

static void make_path(void)
{
	topo_host(&e, "E");
	topo_host(&g, "G");
	topo_host(&h, "H");
	topo_host(&u, "U");
	topo_cable(&e, "eth0", &g, "eth0");
	topo_cable(&g, "eth1", &h, "eth0");
	topo_enter(&g);
	netns_must("ip addr add 192.0.2.1/24 dev eth1");
	topo_enter(&h);
	netns_must("ip addr add 192.0.2.2/24 dev eth0");
	topo_addr(&e, "eth0", E);
	topo_addr(&g, "eth0", 0402);

	udp_g.ns = g.ns;
	udp_h.ns = h.ns;
	ether_h.ns = h.ns;
	ether_u.ns = u.ns;
	daemon_start(&udp_g, "link chaos0 1001\npeer 1002 192.0.2.2\n");
	daemon_start(&udp_h, "link chaos0 1002\npeer 1001 192.0.2.1\n");
	daemon_start(&ether_h, "listen unix " ETHER " mode 0666\nlink chaos1 address 1401\n");
	daemon_start(&ether_u, "connect unix " ETHER "\nlink chaos0 address 1402\n");
}

static void test_routes(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		topo_times(all[i], 500, 60000);
	topo_forward(&g, true);
	topo_forward(&h, true);
	tap_ok(topo_wait(3 * TOPO_PATIENCE, topo_via(&e, 3) == 0402 && topo_via(&e, 2) == 0402 &&
			 topo_via(&u, 1) == 01401 && topo_via(&u, 2) == 01401) >= 0,
	       "both ends learn all subnets");
	topo_show_routes(&e);
	tap_ok(topo_ask(&e, U, NETNS_PATIENCE), "E reaches U");
	tap_ok(topo_ask(&u, E, NETNS_PATIENCE), "U reaches E");
	/* Not so often while the machine has other things to do. */
	for (i = 0; i < ARRAY_SIZE(all); i++)
		topo_times(all[i], 15000, 300000);
}

static void set_netem(const struct topo_host *host, const char *dev)
{
	char output[NETNS_OUTPUT];

	topo_enter(host);
	if (netns_run(output, "tc qdisc add dev %s root netem %s", dev, NETEM))
		tap_bail("tc: %s", output);
}

/* @size bytes from one end to the other. */
static void test_stream(const struct topo_host *from, const struct topo_host *to, uint16_t addr,
			uint64_t size)
{
	struct transfer t[2] = {
		{ .size = size, .key_out = 1, .key_in = PATTERN_NONE, .called = true },
		{ .size = size, .key_out = PATTERN_NONE, .key_in = 1, .called = true },
	};
	const struct sockaddr_chaos sa = pair_name(addr, "BULK");
	long long start = netns_now();
	int listener;

	topo_enter(to);
	listener = transfer_listen("BULK", WINDOW, 1);
	topo_enter(from);
	t[0].fd = transfer_socket(WINDOW);
	pair_nonblock(t[0].fd, true);
	if (!connect(t[0].fd, (const struct sockaddr *)&sa, sizeof(sa)) || errno != EINPROGRESS)
		tap_bail("connect to %o: %s", addr, strerror(errno));
	t[1].fd = pair_take(listener);
	pair_nonblock(t[1].fd, true);
	close(listener);
	transfer_run(t, 2);
	if (!tap_ok(!*t[0].error && !*t[1].error, "%llu KiB from %s to %s are intact",
		    (unsigned long long)size >> 10, from->name, to->name))
		tap_diag("%s: %s; %s: %s", from->name, t[0].error, to->name, t[1].error);
	tap_diag("in %lld ms; %llu packets, %llu of them again", netns_now() - start,
		 (unsigned long long)t[0].info.ci_pkts_sent,
		 (unsigned long long)t[0].info.ci_retrans);
}

int main(void)
{
	unsigned int usual = access("/proc/lockdep_stats", F_OK) ? 16 : 1;
	uint64_t size = (uint64_t)transfer_setting("TUNNEL_BRIDGE_MIB", usual) << 20;

	netns_check();
	pair_limit_time();
	pattern_init();
	make_path();
	test_routes();
	survey_ends(all);
	set_netem(&g, "eth1");
	set_netem(&h, "eth0");
	test_stream(&e, &u, U, size);
	test_stream(&u, &e, E, size / 4);
	return tap_done();
}
