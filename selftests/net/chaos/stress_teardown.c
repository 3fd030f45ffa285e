// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Things go away while traffic runs: links, addresses, devices, namespaces.
 *
 *	client 401 eth0 ------- eth0 402 server
 *
 * After each, traffic must run again once all is as it was.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>

#include "load.h"

enum { CLIENT = 0401, SERVER = 0402 };

/* Hosts: the client, the server, and one for devices to be moved to. */
static int a, b, other;

static void make_cable(int client, int server)
{
	netns_veth(client, "eth0", server, "eth0");
	netns_host(server, "eth0", SERVER, "SERVER");
	netns_host(client, "eth0", CLIENT, "CLIENT");
}

/* Somebody looks at everything all the time.  Returns the process. */
static pid_t start_watching(int ns)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	netns_enter(ns);
	execl("/bin/sh", "sh", "-c", "while :; do for i in conn neigh route link stat; do "
	      "chaosctl $i; sleep .2; done; done >/dev/null 2>&1", NULL);
	tap_bail("sh: %s", strerror(errno));
}

/* Long enough for packets to run into what is not there. */
static void feel_it(void)
{
	netns_sleep(300);
}

static void link_down_up(void)
{
	netns_dev_up("eth0", false);
	feel_it();
	netns_dev_up("eth0", true);
}

static void peer_link_down_up(void)
{
	netns_enter(b);
	link_down_up();
}

static void link_flaps(void)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		netns_dev_up("eth0", i % 2);
		netns_sleep(i * 7);
	}
}

static void lo_down_up(void)
{
	netns_dev_up("lo", false);
	feel_it();
	netns_dev_up("lo", true);
}

static void addr_del_add(void)
{
	netns_must("chaosctl addr del %o dev eth0", CLIENT);
	feel_it();
	netns_must("chaosctl addr add %o dev eth0", CLIENT);
}

static void addr_changes(void)
{
	netns_must("chaosctl addr del %o dev eth0", CLIENT);
	netns_must("chaosctl addr add 477 dev eth0");
	feel_it();
	netns_must("chaosctl addr del 477 dev eth0");
	netns_must("chaosctl addr add %o dev eth0", CLIENT);
}

static void server_addr_del_add(void)
{
	netns_enter(b);
	netns_must("chaosctl addr del %o dev eth0", SERVER);
	feel_it();
	netns_must("chaosctl addr add %o dev eth0", SERVER);
}

static void chaos_link_del_add(void)
{
	netns_must("chaosctl link del eth0");
	feel_it();
	netns_must("chaosctl addr add %o dev eth0", CLIENT);
}

static void device_renamed(void)
{
	netns_must("ip link set eth0 down && ip link set eth0 name eth7 up");
	feel_it();
	netns_must("ip link set eth7 down && ip link set eth7 name eth0 up");
}

static void device_moved(void)
{
	netns_must("ip link set eth0 netns /proc/%d/fd/%d", getpid(), other);
	feel_it();
	netns_enter(other);
	netns_must("ip link set eth0 netns /proc/%d/fd/%d", getpid(), a);
	netns_enter(a);
	netns_dev_up("eth0", true);
	netns_must("chaosctl addr add %o dev eth0", CLIENT);
}

static void device_deleted(void)
{
	netns_must("ip link del eth0");
	feel_it();
	make_cable(a, b);
}

static void rmmod_attempted(void)
{
	unsigned int i;
	long rc = -1;

	for (i = 0; i < 5 && rc < 0; i++) {
		rc = syscall(SYS_delete_module, "chaos", O_NONBLOCK);
		if (rc < 0 && errno != EWOULDBLOCK)
			break;
		netns_sleep(20);
	}
	tap_errno(rc, EWOULDBLOCK, "the module is in use");
}

static const struct event {
	const char *what;
	void (*happen)(void);
} events[] = {
	{ "link down and up", link_down_up },
	{ "the other end's link down and up", peer_link_down_up },
	{ "link down and up, five times", link_flaps },
	{ "lo down and up", lo_down_up },
	{ "address deleted and added", addr_del_add },
	{ "another address for a while", addr_changes },
	{ "the other end's address deleted and added", server_addr_del_add },
	{ "Chaosnet link deleted and added", chaos_link_del_add },
	{ "device renamed", device_renamed },
	{ "device moved to another namespace and back", device_moved },
	{ "device deleted, and a new one", device_deleted },
	{ "attempt to unload the module", rmmod_attempted },
};

/* A namespace goes when nothing uses it any more; its device takes the other end
 * of the cable along.  The kernel takes its time.
 */
static bool peer_vanishes(int ns)
{
	long long start = netns_now();

	netns_enter(ns);
	while (if_nametoindex("eth0")) {
		if (netns_now() - start > 180000)
			return false;
		netns_sleep(20);
	}
	tap_diag("after %lld ms", netns_now() - start);
	return true;
}

/* The name goes first, then the processes. */
static void namespace_deleted(void)
{
	int client = netns_new(), server = netns_new();
	struct load *load;

	make_cable(client, server);
	load = load_start(client, server, SERVER);
	tap_ok(load_runs(load), "more traffic runs");
	netns_enter(b);
	close(client);
	tap_ok(load_runs(load), "namespace deleted: traffic runs while processes are there");
	load_kill(&load->client);
	tap_ok(peer_vanishes(server), "namespace deleted: it goes with the processes");
	load_stop(load);
	close(server);
}

/* The processes go first; what they had to say is still being sent. */
static void namespace_emptied(void)
{
	int client = netns_new(), server = netns_new();
	struct load *load;

	make_cable(client, server);
	load = load_start(client, server, SERVER);
	tap_ok(load_runs(load), "more traffic runs");
	netns_enter(b);
	load_kill(&load->server);
	close(server);
	tap_ok(peer_vanishes(client), "processes killed, then namespace deleted: it goes");
	load_stop(load);
	close(client);
}

int main(void)
{
	struct load *load;
	pid_t watcher;
	unsigned int i;

	other = netns_new();
	a = netns_new();
	b = netns_new();
	make_cable(a, b);
	watcher = start_watching(a);
	load = load_start(a, b, SERVER);
	tap_ok(load_runs(load), "traffic runs");
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		long long start;

		netns_enter(a);
		events[i].happen();
		start = netns_now();
		tap_ok(load_runs(load), "%s: traffic runs again", events[i].what);
		tap_diag("after %lld ms", netns_now() - start);
	}
	namespace_deleted();
	namespace_emptied();
	tap_ok(load_runs(load), "the first hosts were not disturbed");
	if (!tap_eq(load->wrong, 0, "all that arrived was right"))
		tap_diag("%s", load->error);
	tap_diag("%lu bytes up, %lu down, %lu streams, %lu answers", load->up, load->down,
		 load->opened, load->answers);

	load_stop(load);
	load_kill(&watcher);
	tap_ok(transfer_all_gone(a), "client: no connection is left");
	tap_ok(transfer_all_gone(b), "server: no connection is left");
	return tap_done();
}
