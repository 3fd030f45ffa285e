// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Things go away while traffic runs on links of type ip: mappings, links, IP addresses and
 * routes, the devices below, namespaces.
 *
 *	client 3001 chip0 10.0.0.1 --- eth0 ---- eth0 --- 10.0.0.2 chip0 3002 server
 *
 * After each, traffic must run again once all is as it was.
 */
#define _GNU_SOURCE
#include "chip.h"
#include "load.h"

enum { CLIENT = 03001, SERVER = 03002 };

static struct topo_host a, b, other;

static void make_cable(struct topo_host *client, struct topo_host *server)
{
	topo_cable(client, "eth0", server, "eth0");
	chip_addr(client, "eth0", "10.0.0.1/24");
	chip_addr(server, "eth0", "10.0.0.2/24");
}

static void make_link(struct topo_host *h, uint16_t us, uint16_t them, const char *ip)
{
	chip_link(h, "chip0", us);
	chip_map(h, "chip0", them, ip);
}

static void make_hosts(struct topo_host *client, struct topo_host *server)
{
	make_cable(client, server);
	make_link(server, SERVER, CLIENT, "10.0.0.1");
	make_link(client, CLIENT, SERVER, "10.0.0.2");
}

/* Long enough for packets to run into what is not there. */
static void feel_it(void)
{
	netns_sleep(300);
}

static void mapping_removed(void)
{
	chip_unmap(&a, "chip0", SERVER);
	feel_it();
	chip_map(&a, "chip0", SERVER, "10.0.0.2");
}

static void mapping_replaced(void)
{
	unsigned int i;

	for (i = 0; i < 50; i++)
		chip_try_map(&a, "chip0", SERVER, i % 2 ? "10.0.0.2" : "10.0.0.7", true);
}

static void subnet_mapping(void)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		chip_unmap(&b, "chip0", CLIENT);
		chip_try_subnet(&b, "chip0", 6, "10.0.0.0", 24);
		netns_sleep(10);
		chip_unmap(&b, "chip0", 6 << 8);
	}
	chip_map(&b, "chip0", CLIENT, "10.0.0.1");
}

static void link_down_up(void)
{
	netns_dev_up("chip0", false);
	feel_it();
	netns_dev_up("chip0", true);
}

static void link_removed(void)
{
	netns_must("chaosctl link del chip0");
	feel_it();
	make_link(&a, CLIENT, SERVER, "10.0.0.2");
}

static void device_removed(void)
{
	netns_must("ip link del chip0");
	feel_it();
	netns_must("ip link add chip0 type chip");
	netns_must("chaosctl addr add %o dev chip0", CLIENT);
	netns_dev_up("chip0", true);
	chip_map(&a, "chip0", SERVER, "10.0.0.2");
}

static void device_moved(void)
{
	netns_must("ip link set chip0 netns /proc/%d/fd/%d", getpid(), other.ns);
	topo_enter(&other);
	tap_ok(!chip_state(&other, SERVER).there, "mappings do not move with a device");
	netns_must("ip link del chip0");
	topo_enter(&a);
	make_link(&a, CLIENT, SERVER, "10.0.0.2");
}

static void ip_address_removed(void)
{
	netns_must("ip addr del 10.0.0.1/24 dev eth0");
	feel_it();
	chip_addr(&a, "eth0", "10.0.0.1/24");
}

static void below_down_up(void)
{
	netns_dev_up("eth0", false);
	feel_it();
	netns_dev_up("eth0", true);
}

static void below_removed(void)
{
	netns_must("ip link del eth0");
	feel_it();
	make_cable(&a, &b);
	topo_enter(&a);
}

static const struct event {
	const char *what;
	void (*happen)(void);
} events[] = {
	{ "mapping removed and added", mapping_removed },
	{ "mapping replaced, often", mapping_replaced },
	{ "mapping of the subnet, often", subnet_mapping },
	{ "link down and up", link_down_up },
	{ "link deleted and added", link_removed },
	{ "device deleted and added", device_removed },
	{ "device moved to another namespace", device_moved },
	{ "IP address removed and added", ip_address_removed },
	{ "device below down and up", below_down_up },
	{ "device below deleted, and a new one", below_removed },
};

/* A namespace goes with its links, while packets come for them. */
static void namespace_deleted(void)
{
	struct topo_host client, server;
	struct load *load;

	topo_host(&client, "CLIENT2");
	topo_host(&server, "SERVER2");
	make_hosts(&client, &server);
	/* Processes of the load would keep these, and these the namespace. */
	close(client.genl.fd);
	close(client.rtnl);
	load = load_start(client.ns, server.ns, SERVER);
	tap_ok(load_runs(load), "more traffic runs");
	topo_enter(&b);
	load_kill(&load->client);
	close(client.ns);
	topo_enter(&server);
	tap_ok(topo_wait(9 * NETNS_PATIENCE, !if_nametoindex("eth0")) >= 0,
	       "namespace deleted: it goes");
	load_stop(load);
}

int main(void)
{
	struct load *load;
	unsigned int i;

	topo_host(&other, "OTHER");
	topo_host(&a, "CLIENT");
	topo_host(&b, "SERVER");
	make_hosts(&a, &b);
	load = load_start(a.ns, b.ns, SERVER);
	tap_ok(load_runs(load), "traffic runs");
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		topo_enter(&a);
		events[i].happen();
		tap_ok(load_runs(load), "%s: traffic runs again", events[i].what);
	}
	namespace_deleted();
	tap_ok(load_runs(load), "the first hosts were not disturbed");
	if (!tap_eq(load->wrong, 0, "all that arrived was right"))
		tap_diag("%s", load->error);
	load_stop(load);
	tap_ok(transfer_all_gone(a.ns), "client: no connection is left");
	tap_ok(transfer_all_gone(b.ns), "server: no connection is left");
	return tap_done();
}
