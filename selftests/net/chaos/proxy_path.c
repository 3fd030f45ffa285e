// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host of subnet 1 behind a bridge, which neither it nor the others know of: the
 * bridge answers ARP for each on the side of the other.
 *
 *	A 401 eth0 ------- eth0 402 G eth1 1002 ------- eth0 405 B
 *
 * On eth0 G answers for B because it has a route to it; on eth1 for everybody,
 * because it was told to.
 */
#define _GNU_SOURCE
#include "pair.h"

enum { A = 0401, B = 0405 };

static int ns_a, ns_b, ns_g;

static bool wait_valid(int ns)
{
	netns_enter(ns);
	return netns_wait_addr("valid");
}

static void make_hosts(void)
{
	ns_a = netns_new();
	ns_b = netns_new();
	ns_g = netns_new();
	netns_veth(ns_a, "eth0", ns_g, "eth0");
	netns_veth(ns_b, "eth0", ns_g, "eth1");
	netns_host(ns_g, "eth0", 0402, "GATE");
	netns_host(ns_g, "eth1", 01002, NULL);
	netns_must("ip link set eth0 address 02:00:00:00:00:10");
	netns_must("ip link set eth1 address 02:00:00:00:00:11");
	netns_must("chaosctl link set eth1 proxy_arp all");
	netns_must("chaosctl route add host 405 dev eth1");
	netns_must("chaosctl net set forwarding on");
	netns_host(ns_a, "eth0", A, "ALPHA");
	netns_host(ns_b, "eth0", B, "BETA");
	if (!wait_valid(ns_a) || !wait_valid(ns_b) || !wait_valid(ns_g))
		tap_bail("the addresses did not become valid");
}

/* "chaosctl" or "chaos" must say this on a host. */
static void says(int ns, const char *command, const char *text, const char *what)
{
	char output[NETNS_OUTPUT];

	netns_enter(ns);
	if (!tap_ok(!netns_run(output, "%s", command) && strstr(output, text), "%s", what))
		tap_diag("%s says: %s", command, output);
}

/* A connection from A to a server on B. */
static void test_stream(void)
{
	struct sockaddr_chaos sa = pair_name(B, "PROXY");
	int server, client, fd;

	netns_enter(ns_b);
	server = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (pair_bind(server, 0, "PROXY") || listen(server, 1))
		tap_bail("listen: %s", strerror(errno));
	netns_enter(ns_a);
	client = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair_nonblock(client, true);
	if (!connect(client, (struct sockaddr *)&sa, sizeof(sa)) || errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
	pair_nonblock(client, false);
	fd = pair_take(server);
	tap_ok(pair_poll(client, POLLOUT, PAIR_PATIENCE) & POLLOUT, "A connects to B");
	tap_ok(pair_info(client).ci_state == CHAOS_OPENED, "the connection is open");
	close(client);
	close(server);
	close(fd);
}

int main(void)
{
	pair_limit_time();
	make_hosts();
	says(ns_a, "chaos status 405", "BETA", "A asks B");
	says(ns_b, "chaos status 401", "ALPHA", "B asks A");
	says(ns_a, "chaosctl neigh", "405 dev eth0 lladdr 02:00:00:00:00:10",
	     "A takes G for B");
	says(ns_b, "chaosctl neigh", "401 dev eth0 lladdr 02:00:00:00:00:11",
	     "B takes G for A");
	says(ns_g, "chaosctl -j stat", "\"arp_proxy\":", "G counts its answers");
	says(ns_b, "chaos lastcn 402", " 405", "G has heard B");
	says(ns_a, "chaos lastcn 405", "401", "B has heard A, by way of G");
	test_stream();
	return tap_done();
}
