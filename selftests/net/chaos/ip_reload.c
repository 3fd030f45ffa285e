// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unloading the module with links of type ip: not while sockets are open; then with the
 * links, while packets come for them.
 *
 *	raw socket 3003, 10.0.0.3, fd00::3 -- eth1 ---- eth1
 *	client 3001 chip0, 10.0.0.1 --------- eth0 ---- eth0 -- 10.0.0.2, fd00::2 chip0 3002
 */
#define _GNU_SOURCE
#include "chip.h"
#include "load.h"
#include "reload.h"

#define ROUNDS	3

enum { CLIENT = 03001, SERVER = 03002, RAW = 03003 };

static struct topo_host a, b, raw;

static void make_hosts(void)
{
	topo_host(&raw, "RAW");
	topo_host(&a, "CLIENT");
	topo_host(&b, "SERVER");
	topo_cable(&a, "eth0", &b, "eth0");
	topo_cable(&raw, "eth1", &b, "eth1");
	chip_addr(&a, "eth0", "10.0.0.1/24");
	chip_addr(&b, "eth0", "10.0.0.2/24");
	chip_addr(&raw, "eth1", "fd00::3/64");
	chip_addr(&b, "eth1", "fd00::2/64");
	chip_link(&a, "chip0", CLIENT);
	chip_link(&b, "chip0", SERVER);
	chip_map(&a, "chip0", SERVER, "10.0.0.2");
	chip_map(&b, "chip0", CLIENT, "10.0.0.1");
	chip_map(&b, "chip0", RAW, "fd00::3");
}

static void close_hosts(void)
{
	struct topo_host *all[] = { &a, &b, &raw };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		close(all[i]->genl.fd);
		close(all[i]->rtnl);
		close(all[i]->ns);
	}
}

/* A program that knows nothing of the module sends requests without end. */
static pid_t start_requests(void)
{
	struct wire_frame f;
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	topo_enter(&raw);
	fd = chip_open("fd00::3", "fd00::2");
	for (;;) {
		uint8_t bytes[CHAOS_RECORD_MAX];

		tunnel_request(&f, SERVER, RAW, 0100, "STATUS");
		/* Without the module ICMP tells us that nobody takes it. */
		if (send(fd, bytes, tunnel_encode(bytes, &f), 0) < 0 && errno != EPROTO)
			_exit(1);
		netns_sleep(0);
	}
}

static void stop_requests(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status), "packets came until the end");
}

static void test_round(void)
{
	struct load *load;
	pid_t requests;

	make_hosts();
	load = load_start(a.ns, b.ns, SERVER);
	requests = start_requests();
	tap_ok(load_runs(load), "traffic runs");
	tap_ok(topo_wait(NETNS_PATIENCE, chip_state(&b, RAW).rx) >= 0, "packets come");
	tap_errno(syscall(SYS_delete_module, "chaos", O_NONBLOCK), EWOULDBLOCK,
		  "the module cannot be unloaded");
	tap_ok(load_runs(load), "traffic runs on");
	tap_eq(load->wrong, 0, "all that arrived was right");
	load_stop(load);
	tap_ok(reload_unload(), "without the programs it can, with the links");
	topo_enter(&b);
	tap_ok(!if_nametoindex("chip0"), "they are gone");
	stop_requests(requests);
	close_hosts();
}

int main(void)
{
	unsigned int i;

	reload_check();
	pair_limit_time();
	for (i = 0; i < ROUNDS; i++) {
		if (!tap_ok(reload_load(), "round %u: a socket loads the module", i + 1))
			break;
		test_round();
	}
	return tap_done();
}
