// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The peer is there, only the program does nothing: how long the kernel waits for it,
 * with the times that it has if nobody changes them.
 *
 *	A 401 eth0 ------- eth0 402 B
 */
#define _GNU_SOURCE
#include "exact.h"
#include "genl.h"
#include "inject.h"

#define SECOND		1000	/* ms */
#define PROBE		(5 * SECOND)
#define IDLE		(60 * SECOND)
#define PENDING_TIMEOUT	(60 * SECOND)
#define CLOSE_TIMEOUT	(60 * SECOND)

static void setup(void)
{
	exact_setup();
	pair_ns_a = netns_new();
	pair_ns_b = netns_new();
	netns_veth(pair_ns_a, "eth0", pair_ns_b, "eth0");
	netns_host(pair_ns_a, "eth0", PAIR_A, "ALPHA");
	netns_host(pair_ns_b, "eth0", PAIR_B, "BETA");
	if (!netns_wait_addr("valid"))
		tap_bail("the address did not become valid");
}

/* Nobody says anything for a while: each end asks from time to time, and that is all. */
static void test_idle(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	const unsigned int times = 5;
	struct chaos_info a, b;
	unsigned long long n;
	char byte;

	netns_sleep(SECOND);
	a = pair_info(p.a);
	netns_sleep(times * IDLE);
	b = pair_info(p.a);
	n = b.ci_pkts_sent - a.ci_pkts_sent + b.ci_pkts_rcvd - a.ci_pkts_rcvd;
	/* Each end asks once in IDLE, if not the other has just done so, and is answered. */
	tap_ok(n && n <= 4 * times, "idle: %llu packets in %u s", n, times * IDLE / SECOND);
	tap_eq(b.ci_state, CHAOS_OPENED, "idle: still open");
	tap_ok(send(p.a, "x", 1, 0) == 1 && recv(p.b, &byte, 1, 0) == 1 && byte == 'x',
	       "idle: and of use");
	pair_close(&p);
	tap_ok(pair_wait_no_conns(), "idle: then closed");
}

/* An RFC that a server does not decide on, sent at 0 and, if @again, at that time. */
static void test_pending(unsigned int again)
{
	int server = pair_listen(PAIR_A, SOCK_STREAM, 1);
	struct inject_packet rfc = {
		.op = CHAOS_OP_RFC, .num = 1, .dst = PAIR_A, .src = PAIR_B, .sidx = 0x4242,
	};
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);
	long long start, last;

	getsockname(server, (struct sockaddr *)&sa, &len);
	rfc.text = sa.sch_contact;
	start = netns_now();
	inject(PAIR_B, &rfc);
	tap_eq(pair_poll(server, POLLIN, SECOND), POLLIN, "pending: the RFC is there");
	if (again) {
		netns_sleep(again);
		inject(PAIR_B, &rfc);
	}
	while (pair_poll(server, POLLIN, 0) && netns_now() - start < 10 * PENDING_TIMEOUT)
		netns_sleep(EXACT_LATE / 2);
	last = netns_now();
	exact_time(last - start, again + PENDING_TIMEOUT, PENDING_TIMEOUT,
		   "pending: gone, last seen at %u ms", again);
	pair_nonblock(server, true);
	tap_errno(accept(server, NULL, NULL), EAGAIN, "pending: nothing to accept");
	close(server);
	tap_eq(pair_count_conns(PAIR_A), 0, "pending: nothing left");
}

/* The peer has all, and its program does not read it. */
static void test_closing(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct chaos_info info;
	long long start;
	char data[100];

	if (send(p.a, data, sizeof(data), 0) != sizeof(data))
		tap_bail("send: %s", strerror(errno));
	start = netns_now();
	close(p.a);
	while (info = pair_info(p.b), info.ci_state == CHAOS_OPENED &&
	       netns_now() - start < 10 * CLOSE_TIMEOUT)
		netns_sleep(EXACT_LATE / 2);
	exact_time(netns_now() - start, CLOSE_TIMEOUT, PROBE, "closing: given up");
	tap_eq(info.ci_state, CHAOS_CLOSED, "closing: by CLS");
	tap_eq(pair_count_conns(PAIR_A), 0, "closing: nothing left");
	tap_eq(recv(p.b, data, sizeof(data), 0), sizeof(data), "closing: nothing is lost");
	close(p.b);
}

int main(void)
{
	setup();
	test_idle();
	test_pending(0);
	test_pending(20 * SECOND);
	test_closing();
	return tap_done();
}
