// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module cannot be unloaded while its packets are in the queue of a device:
 *
 *	client 401 eth0 ------- eth0 402 server
 *
 * The sockets they came from are closed by then.  Once the packets are gone,
 * whatever way they go, it can be.
 */
#define _GNU_SOURCE
#include "reload.h"
#include "transfer.h"

enum { CLIENT = 0401, SERVER = 0402, LEAST = 20 /* packets */ };

static int a, b;

static int qlen(void)
{
	char output[NETNS_OUTPUT];
	const char *s;

	netns_enter(a);
	if (netns_run(output, "tc -s -j qdisc show dev eth0"))
		tap_bail("tc: %s", output);
	s = strstr(output, "\"qlen\":");
	return s ? atoi(s + 7) : 0;
}

/* A stream from client to server that both have closed, most of it in the queue. */
static bool fill_queue(bool at_once)
{
	const struct linger now = { .l_onoff = 1 };
	struct sockaddr_chaos to = transfer_peer(SERVER, "SINK");
	static const char data[20000];
	int server, client, fd, queued;

	netns_enter(b);
	server = transfer_listen("SINK", 0, 1);
	netns_enter(a);
	client = transfer_socket(0);
	fcntl(client, F_SETFL, O_NONBLOCK);
	connect(client, (struct sockaddr *)&to, sizeof(to));
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	fcntl(client, F_SETFL, 0);
	if (fd < 0 || connect(client, (struct sockaddr *)&to, sizeof(to)))
		tap_bail("connect: %s", strerror(errno));
	netns_must("tc qdisc replace dev eth0 root tbf rate 2kbit burst 1600 limit 1000000");
	if (send(client, data, sizeof(data), 0) != sizeof(data))
		tap_bail("send: %s", strerror(errno));
	if (at_once)
		setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	queued = qlen();
	close(client);
	close(fd);
	close(server);
	if (queued < LEAST)
		tap_diag("only %d packets in the queue", queued);
	return queued >= LEAST;
}

/* Does the module stay for as long as we look? */
static bool is_held(void)
{
	int i;

	/* Closed sockets hold it for a little while. */
	netns_sleep(500);
	for (i = 0; i < 20; i++) {
		if (!syscall(SYS_delete_module, "chaos", O_NONBLOCK) || errno != EWOULDBLOCK)
			return false;
		netns_sleep(20);
	}
	return true;
}

static void remove_queue(void)
{
	netns_must("tc qdisc del dev eth0 root");
}

static void widen_queue(void)
{
	netns_must("tc qdisc replace dev eth0 root tbf rate 100mbit burst 16000 limit 1000000");
}

static void take_device_down(void)
{
	netns_dev_up("eth0", false);
	netns_dev_up("eth0", true);
}

static void delete_device(void)
{
	netns_must("ip link del eth0");
	netns_veth(a, "eth0", b, "eth0");
}

/* The namespace, with all there is in it. */
static void leave(void)
{
	netns_enter(b);
	close(a);
	a = netns_new();
	netns_veth(a, "eth0", b, "eth0");
}

static const struct row {
	const char *what;
	bool at_once;		/* closed without waiting for the peer */
	void (*end)(void);
} rows[] = {
	{ "aborted, queue removed", true, remove_queue },
	{ "aborted, packets sent", true, widen_queue },
	{ "aborted, device down", true, take_device_down },
	{ "aborted, device deleted", true, delete_device },
	{ "aborted, namespace deleted", true, leave },
	{ "closing, queue removed", false, remove_queue },
	{ "closing, packets sent", false, widen_queue },
	{ "closing, device deleted", false, delete_device },
	{ "closing, namespace deleted", false, leave },
};

static void test_row(const struct row *row)
{
	if (!reload_load())
		tap_bail("a socket does not load the module");
	netns_host(b, "eth0", SERVER, NULL);
	netns_host(a, "eth0", CLIENT, NULL);
	tap_ok(fill_queue(row->at_once), "%s: packets are in the queue", row->what);
	tap_ok(is_held(), "%s: they hold the module", row->what);
	netns_enter(a);
	row->end();
	tap_ok(reload_unload(), "%s: gone, they do not", row->what);
}

int main(void)
{
	size_t i;

	reload_check();
	a = netns_new();
	b = netns_new();
	netns_veth(a, "eth0", b, "eth0");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	return tap_done();
}
