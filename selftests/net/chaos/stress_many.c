// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many connections at once between two hosts, data both ways on each:
 *
 *	client 401 eth0 ------- eth0 402 server
 *
 * CHAOS_STRESS_CONNS (64) is their number, CHAOS_STRESS_KIB (1024) what goes each
 * way on each, CHAOS_STRESS_WINDOW (13) the window.
 */
#define _GNU_SOURCE
#include "transfer.h"

#define CONTACT	"MANY"

/* Patterns of stream @i: from the client, and to it. */
#define KEY_UP(i)	(2 * (i))
#define KEY_DOWN(i)	(2 * (i) + 1)

static unsigned int conns, window;
static uint64_t size;

/* Which stream this is, the caller said in its arguments. */
static void accept_one(int listener, struct transfer *t)
{
	char request[CHAOS_DATA_MAX + 1];
	socklen_t len = sizeof(request) - 1;
	unsigned int i;
	int fd;

	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	if (getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, request, &len))
		tap_bail("CHAOS_RFC_DATA: %s", strerror(errno));
	request[len] = 0;
	if (sscanf(request, CONTACT " %u", &i) != 1 || i >= conns || t[i].fd)
		tap_bail("unexpected request \"%s\"", request);
	t[i] = (struct transfer) {
		.fd = fd, .size = size, .key_in = KEY_UP(i), .key_out = KEY_DOWN(i),
	};
}

/* The other host: tells through the pipe how it went. */
__noreturn static void serve(int ns, int report)
{
	struct transfer *t = calloc(conns, sizeof(*t));
	struct transfer_sum sum;
	unsigned int i;
	int listener;

	netns_enter(ns);
	listener = transfer_listen(CONTACT, window, conns);
	if (write(report, "", 1) != 1)
		exit(1);
	for (i = 0; i < conns; i++)
		accept_one(listener, t);
	close(listener);
	transfer_run(t, conns);
	sum = transfer_sum(t, conns);
	exit(write(report, &sum, sizeof(sum)) != sizeof(sum));
}

static void connect_one(unsigned int i, struct transfer *t)
{
	struct sockaddr_chaos sa;
	char request[40];

	snprintf(request, sizeof(request), CONTACT " %u", i);
	sa = transfer_peer(0402, request);
	*t = (struct transfer) {
		.fd = transfer_socket(window), .size = size, .called = true,
		.key_out = KEY_UP(i), .key_in = KEY_DOWN(i),
	};
	if (fcntl(t->fd, F_SETFL, O_NONBLOCK) ||
	    (connect(t->fd, (struct sockaddr *)&sa, sizeof(sa)) && errno != EINPROGRESS))
		tap_bail("connect: %s", strerror(errno));
}

static bool all_open(const struct transfer *t)
{
	long long end = netns_now() + 3 * NETNS_PATIENCE;
	unsigned int i = 0;

	while (i < conns && netns_now() < end) {
		struct sockaddr_chaos sa;
		socklen_t len = sizeof(sa);

		if (getpeername(t[i].fd, (struct sockaddr *)&sa, &len))
			netns_sleep(20);
		else
			i++;
	}
	return i == conns;
}

static void show_sum(const char *who, const struct transfer_sum *sum)
{
	tap_diag("%s: %llu packets sent, %llu of them again; %llu gaps, %llu duplicates",
		 who, sum->pkts_sent, sum->retrans, sum->gaps, sum->dups);
}

static void judge(const char *who, const struct transfer_sum *sum)
{
	if (!tap_eq(sum->failed, 0, "%s: every byte arrived, then EOF and the end", who))
		tap_diag("%s", sum->error);
	tap_eq(sum->least_window, window, "%s: the peer offers the window", who);
	tap_eq(sum->most_window, window, "%s: on all connections", who);
	/* While a packet is missing, another window may come. */
	tap_ok(sum->most_unacked && sum->most_unacked <= 2 * window,
	       "%s: never more under way than it allows", who);
	tap_eq(sum->beyond, 0, "%s: nothing came beyond it", who);
	show_sum(who, sum);
}

int main(void)
{
	struct transfer_sum client, server = {};
	int a, b, report[2];
	struct transfer *t;
	long long start;
	unsigned int i;
	char ready;

	conns = transfer_setting("CHAOS_STRESS_CONNS", 64);
	size = transfer_setting("CHAOS_STRESS_KIB", 1024) * 1024;
	window = transfer_setting("CHAOS_STRESS_WINDOW", 13);
	pattern_init();
	a = netns_new();
	b = netns_new();
	netns_veth(a, "eth0", b, "eth0");
	netns_host(b, "eth0", 0402, "SERVER");
	netns_host(a, "eth0", 0401, "CLIENT");

	if (pipe2(report, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	if (!fork())
		serve(b, report[1]);
	close(report[1]);
	if (read(report[0], &ready, 1) != 1)
		tap_bail("the server does not start");

	t = calloc(conns, sizeof(*t));
	start = netns_now();
	for (i = 0; i < conns; i++)
		connect_one(i, &t[i]);
	if (!tap_ok(all_open(t), "%u connections are open at once", conns))
		return tap_done();
	transfer_run(t, conns);
	client = transfer_sum(t, conns);
	if (read(report[0], &server, sizeof(server)) != sizeof(server))
		tap_bail("the server reports nothing");
	tap_diag("%llu KiB in %lld ms", (long long)conns * size * 2 / 1024, netns_now() - start);
	judge("client", &client);
	judge("server", &server);
	tap_ok(transfer_all_gone(a), "client: no connection is left");
	tap_ok(transfer_all_gone(b), "server: no connection is left");
	return tap_done();
}
