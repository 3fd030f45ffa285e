// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections outlive the program that carries them.
 *
 *	client 401 tap0 ---- /dev/chaos  pump  /dev/chaos ---- tap0 402 server
 *
 * The pump is a process that copies what one link sends to the other.  It is killed, and
 * another one begins, while streams and transactions go on.
 */
#define _GNU_SOURCE
#include "cdev.h"
#include "load.h"

enum { CLIENT = 0401, SERVER = 0402 };

#define LINK	"tap0"
#define KILLS	3
#define BUFFER	(64 * (CDEV_BATCH_HEAD + CHAOS_RECORD_MAX))

static int client, server;

/* A link of a host that a file is attached to. */
static int attach(int ns, unsigned int flags, uint16_t addr)
{
	netns_enter(ns);
	return cdev_link(LINK, flags | CHAOS_ATTACH_PERSIST | CHAOS_ATTACH_P2P, addr,
			 addr == CLIENT ? SERVER : CLIENT);
}

static void copy(int from, int to)
{
	static uint8_t buf[BUFFER];
	ssize_t len = read(from, buf, sizeof(buf));

	if (len > 0 && write(to, buf, len) != len)
		_exit(1);
}

__noreturn static void pump(unsigned int flags)
{
	struct pollfd pfd[2] = {
		{ .fd = attach(client, flags, CLIENT), .events = POLLIN },
		{ .fd = attach(server, flags, SERVER), .events = POLLIN },
	};

	while (poll(pfd, 2, -1) > 0) {
		if (pfd[0].revents)
			copy(pfd[0].fd, pfd[1].fd);
		if (pfd[1].revents)
			copy(pfd[1].fd, pfd[0].fd);
	}
	_exit(0);
}

static pid_t pump_start(unsigned int flags)
{
	pid_t pid = fork();

	if (!pid)
		pump(flags);
	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	return pid;
}

/* Wait until all streams are there. */
static bool all_open(volatile struct load *load)
{
	long long end = netns_now() + LOAD_PATIENCE;

	while (load->opened < LOAD_STREAMS && netns_now() < end)
		netns_sleep(10);
	return load->opened == LOAD_STREAMS;
}

static void test(unsigned int flags, const char *how)
{
	pid_t pid = pump_start(flags);
	struct load *load;
	unsigned int i;

	load = load_start(client, server, SERVER);
	tap_ok(all_open(load) && load_runs(load), "%s: traffic runs", how);
	for (i = 0; i < KILLS; i++) {
		load_kill(&pid);
		netns_sleep(i * 400);
		pid = pump_start(flags);
		tap_ok(load_runs(load), "%s: killed, started after %u ms: traffic runs again",
		       how, i * 400);
	}
	tap_eq(load->opened, LOAD_STREAMS, "%s: in the same connections", how);
	if (!tap_eq(load->wrong, 0, "%s: all that arrived was right", how))
		tap_diag("%s", load->error);
	load_stop(load);
	tap_diag("%lu bytes up, %lu down, %lu answers", load->up, load->down, load->answers);
	tap_ok(transfer_all_gone(client) && transfer_all_gone(server),
	       "%s: no connection is left", how);
	load_kill(&pid);
}

int main(void)
{
	server = netns_new();
	client = netns_new();
	test(0, "one packet at a time");
	test(CHAOS_ATTACH_BATCH, "batches");
	return tap_done();
}
