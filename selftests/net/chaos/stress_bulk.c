// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Much data on one connection, both ways at once:
 *
 *	client 401 eth0 ------- eth0 402 server
 *
 * CHAOS_STRESS_MIB (16) is what each end sends, CHAOS_STRESS_BULK_WINDOW the
 * window, if it shall not be the kernel's choice.
 */
#define _GNU_SOURCE
#include <ctype.h>

#include "transfer.h"

#define CONTACT	"BULK"

enum { KEY_UP = 1, KEY_DOWN = 2 };	/* patterns, from the client and to it */

static int window;
static uint64_t size;

/* The other host: tells through the pipe that it listens, then how it went. */
__noreturn static void serve(int ns, int report)
{
	struct transfer t = { .size = size, .key_in = KEY_UP, .key_out = KEY_DOWN };
	struct transfer_sum sum;
	int listener;

	netns_enter(ns);
	listener = transfer_listen(CONTACT, window, 1);
	if (write(report, "", 1) != 1)
		exit(1);
	t.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (t.fd < 0)
		tap_bail("accept: %s", strerror(errno));
	close(listener);
	transfer_run(&t, 1);
	sum = transfer_sum(&t, 1);
	exit(write(report, &sum, sizeof(sum)) != sizeof(sum));
}

static void call(struct transfer *t)
{
	const struct sockaddr_chaos sa = transfer_peer(0402, CONTACT);

	*t = (struct transfer) {
		.fd = transfer_socket(window), .size = size, .called = true,
		.key_out = KEY_UP, .key_in = KEY_DOWN,
	};
	if (connect(t->fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("connect: %s", strerror(errno));
}

static void judge(const char *who, const struct transfer_sum *sum)
{
	if (!tap_eq(sum->failed, 0, "%s: every byte arrived, then EOF and the end", who))
		tap_diag("%s", sum->error);
	tap_eq(sum->beyond, 0, "%s: nothing came beyond the window", who);
	tap_diag("%s: %llu packets sent, %llu of them again; %llu gaps, %llu duplicates; "
		 "at most %u under way; %llu system calls", who, sum->pkts_sent, sum->retrans,
		 sum->gaps, sum->dups, sum->most_unacked, sum->calls);
}

/* A counter of the host that we are in; 0 if it is not shown. */
static unsigned long long counter(const char *stat, const char *name)
{
	size_t len = strlen(name);
	const char *line;

	for (line = stat; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len) && isspace(line[len]))
			return strtoull(line + len, NULL, 10);
	}
	return 0;
}

/* What cannot happen on a cable that loses nothing, whatever the machine's speed. */
static void judge_counters(const char *who, int ns)
{
	static const char *const never[] = {
		"drop_short", "drop_truncated", "drop_too_long", "drop_reserved", "drop_opcode",
		"drop_src_zero", "drop_src_self", "drop_no_route", "drop_link_down",
		"drop_no_neigh", "drop_neigh_queue", "drop_neigh_full", "drop_no_memory",
		"drop_wrong_source", "drop_malformed", "drop_window", "los_tx", "cls_tx",
	};
	unsigned long long wrong = 0;
	char stat[NETNS_OUTPUT];
	unsigned int i;

	netns_enter(ns);
	if (netns_run(stat, "chaosctl stat show all"))
		tap_bail("chaosctl stat: %s", stat);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		wrong += counter(stat, never[i]);
	if (!tap_eq(wrong, 0, "%s: nothing was dropped or refused", who))
		tap_diag("%s", stat);
	tap_ok(counter(stat, "rx") >= size / CHAOS_DATA_MAX &&
	       counter(stat, "tx") >= size / CHAOS_DATA_MAX,
	       "%s: all packets are counted", who);
}

int main(void)
{
	struct transfer_sum client, server = {};
	int a, b, report[2];
	struct transfer t;
	long long start;
	char ready;

	size = transfer_setting("CHAOS_STRESS_MIB", 16) << 20;
	window = transfer_setting("CHAOS_STRESS_BULK_WINDOW", 0);
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

	start = netns_now();
	call(&t);
	transfer_run(&t, 1);
	client = transfer_sum(&t, 1);
	if (read(report[0], &server, sizeof(server)) != sizeof(server))
		tap_bail("the server reports nothing");
	tap_diag("%llu MiB each way in %lld ms", (long long)size >> 20, netns_now() - start);
	judge("client", &client);
	judge("server", &server);
	judge_counters("client", a);
	judge_counters("server", b);
	tap_ok(transfer_all_gone(a), "client: no connection is left");
	tap_ok(transfer_all_gone(b), "server: no connection is left");
	return tap_done();
}
