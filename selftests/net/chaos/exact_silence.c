// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The peer falls silent: what is sent when, and when the connection ends, with the
 * times that the kernel has if nobody changes them.
 *
 *	A 401 eth0 ------- eth0 402 B, which after a while is deaf
 *
 * All frames of A are seen on B's device.
 */
#define _GNU_SOURCE
#include "exact.h"
#include "genl.h"
#include "inject.h"

#define SEEN_MAX	1000

/* ms; the defaults of the options of the same names, and what has none */
#define RTO_START	500
#define RTO_MAX		2000
#define PROBE		5000
#define IDLE		60000
#define TIMEOUT		90000
#define CONNECT_TIMEOUT	30000
#define CLOSE_TIMEOUT	60000

static struct {
	long long when;
	uint16_t index, num;
	uint8_t op;
} seen[SEEN_MAX];

static unsigned int seen_count;

/* A connection, or an attempt, of A. */
struct watched {
	int fd;			/* -1: closed by us */
	uint16_t index;
	long long heard;	/* when its peer was last heard */
	long long ended;	/* when the socket told its end, 0: not yet */
};

enum { IDLE_CONN, BUSY, CLOSING, CALLING, N_WATCHED };

static struct watched watched[N_WATCHED];

static void setup(void)
{
	exact_setup();
	pair_ns_a = netns_new();
	pair_ns_b = netns_new();
	netns_veth(pair_ns_a, "eth0", pair_ns_b, "eth0");
	netns_host(pair_ns_b, "eth0", PAIR_B, "BETA");
	netns_must("ip link set eth0 address 02:00:00:00:04:02");
	netns_host(pair_ns_a, "eth0", PAIR_A, "ALPHA");
	/* ARP would notice before we do. */
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:04:02 dev eth0", PAIR_B);
}

static void note_frame(const struct wire_frame *f)
{
	if (!wire_is_chaos(f) || wire_get(f, WIRE_SRC) != PAIR_A)
		return;
	if (seen_count == SEEN_MAX)
		tap_bail("A sends too much");
	seen[seen_count].when = netns_now();
	seen[seen_count].index = wire_get(f, WIRE_SIDX);
	seen[seen_count].num = wire_get(f, WIRE_NUM);
	seen[seen_count].op = f->bytes[WIRE_OP];
	seen_count++;
}

/* Note frames and ends until @end. */
static void look(int wire, long long end)
{
	struct pollfd pfd[N_WATCHED + 1];
	struct wire_frame f;
	unsigned int i;

	while (netns_now() < end) {
		for (i = 0; i < N_WATCHED; i++)
			pfd[i] = (struct pollfd) {
				.fd = watched[i].ended ? -1 : watched[i].fd, .events = POLLIN,
			};
		pfd[N_WATCHED] = (struct pollfd) { .fd = wire, .events = POLLIN };
		if (poll(pfd, N_WATCHED + 1, end - netns_now()) <= 0)
			return;
		for (i = 0; i < N_WATCHED; i++)
			if (pfd[i].revents)
				watched[i].ended = netns_now();
		while (wire_recv(wire, &f, 0))
			note_frame(&f);
	}
}

/* What connection @w sent with opcode @op, or all that is data if that is DAT: times
 * go to @when.  Returns how often.
 */
static unsigned int sent(const struct watched *w, uint8_t op, long long *when)
{
	unsigned int i, n = 0;

	for (i = 0; i < seen_count; i++)
		if (seen[i].index == w->index && seen[i].op == op)
			when[n++] = seen[i].when;
	return n;
}

/* When the packet was sent that @w sent first of all with this opcode. */
static unsigned int sent_first(const struct watched *w, uint8_t op, long long *when)
{
	unsigned int i, n = 0;
	int num = -1;

	for (i = 0; i < seen_count; i++) {
		if (seen[i].index != w->index || seen[i].op != op)
			continue;
		if (num < 0)
			num = seen[i].num;
		if (seen[i].num == num)
			when[n++] = seen[i].when;
	}
	return n;
}

static void watch(struct watched *w, int fd)
{
	const struct chaos_info info = pair_info(fd);

	w->fd = fd;
	w->index = info.ci_local_index;
	w->heard = netns_now() - info.ci_last_rx_ms;
}

/* Probes begin after IDLE, and each sets the timer for the next one. */
static void test_idle(const struct watched *w)
{
	long long when[SEEN_MAX], due = w->heard + IDLE;
	unsigned int i, n = sent(w, CHAOS_OP_SNS, when), delay = IDLE;

	tap_eq(n, (TIMEOUT - IDLE) / PROBE, "idle: probes");
	for (i = 0; i < n; i++) {
		exact_time(when[i], due, delay, "idle: probe %u", i + 1);
		due = when[i] + PROBE;
		delay = PROBE;
	}
	exact_time(w->ended - w->heard, TIMEOUT, PROBE, "idle: the end");
	tap_errno(recv(w->fd, seen, 1, MSG_DONTWAIT), ETIMEDOUT, "idle: ETIMEDOUT");
	tap_eq(pair_info(w->fd).ci_state, CHAOS_INCOMPLETE, "idle: state Incomplete");
}

/* Times become longer up to @interval, which they are in the end. */
static void test_intervals(const char *what, const long long *when, unsigned int n,
			   unsigned int interval)
{
	unsigned int i, early = 0, late = 0;

	for (i = 1; i < n; i++) {
		long long gap = when[i] - when[i - 1];

		late += gap > interval + exact_late(interval);
		early += gap < interval;
	}
	tap_eq(late, 0, "%s: never more than %u ms apart", what, interval);
	tap_ok(n >= 10 && early <= n / 3, "%s: in the end not closer", what);
	tap_diag("%s: %u, %u of them closer", what, n, early);
}

static void test_busy(const struct watched *w)
{
	long long when[SEEN_MAX];
	unsigned int n;

	n = sent(w, CHAOS_OP_SNS, when);
	test_intervals("busy: probes", when, n, PROBE);
	n = sent_first(w, CHAOS_OP_DAT, when);
	test_intervals("busy: retransmissions", when, n, RTO_MAX);
	exact_time(w->ended - w->heard, TIMEOUT, RTO_MAX, "busy: the end");
	tap_errno(send(w->fd, "", 1, MSG_NOSIGNAL), ETIMEDOUT, "busy: ETIMEDOUT");
	tap_eq(pair_info(w->fd).ci_state, CHAOS_INCOMPLETE, "busy: state Incomplete");
}

/* @closed: when close() was called. */
static void test_closing(const struct watched *w, long long closed)
{
	long long when[SEEN_MAX] = {};
	unsigned int n;

	n = sent_first(w, CHAOS_OP_DAT, when);
	test_intervals("closing: retransmissions", when, n, RTO_MAX);
	tap_eq(sent(w, CHAOS_OP_CLS, when), 1, "closing: one CLS");
	exact_time(when[0] - closed, CLOSE_TIMEOUT, RTO_MAX, "closing: given up");
}

/* @called: when connect() was. */
static void test_calling(const struct watched *w, long long called)
{
	unsigned int i, n, delay = RTO_START;
	long long when[SEEN_MAX], due = 0;

	n = sent(w, CHAOS_OP_RFC, when);
	for (i = 0; i < n && due < CONNECT_TIMEOUT; i++) {
		exact_time(when[i] - called, due, delay, "calling: RFC %u", i + 1);
		delay = i ? RTO_MAX < 2 * delay ? RTO_MAX : 2 * delay : RTO_START;
		due = when[i] - called + delay;
	}
	tap_ok(i == n && due >= CONNECT_TIMEOUT, "calling: no RFC is missing, and none too many");
	exact_time(w->ended - called, CONNECT_TIMEOUT, RTO_MAX, "calling: the end");
	tap_eq(pair_error(w->fd), ETIMEDOUT, "calling: ETIMEDOUT");
}

static void test_deaf_peer(void)
{
	struct pair idle = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct pair busy = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct pair closing = pair_open(SOCK_STREAM, SOCK_STREAM);
	char data[3 * CHAOS_DATA_MAX] = {};
	unsigned int i;
	long long start;
	int wire;

	netns_sleep(1000);		/* until everything is receipted */
	pair_enter(PAIR_B);
	wire = wire_open("eth0");
	netns_must("chaosctl link del eth0");
	watch(&watched[IDLE_CONN], idle.a);
	watch(&watched[BUSY], busy.a);
	watch(&watched[CLOSING], closing.a);

	start = netns_now();
	if (send(busy.a, data, sizeof(data), 0) != sizeof(data) ||
	    send(closing.a, data, sizeof(data), 0) != sizeof(data))
		tap_bail("send: %s", strerror(errno));
	close(closing.a);
	watched[CLOSING].fd = -1;
	watched[CALLING].fd = pair_socket(PAIR_A, SOCK_STREAM);
	pair_nonblock(watched[CALLING].fd, true);
	tap_errno(pair_connect(watched[CALLING].fd, PAIR_B, "NOBODY"), EINPROGRESS, "called");
	watched[CALLING].index = pair_info(watched[CALLING].fd).ci_local_index;
	look(wire, start + TIMEOUT + 1000);

	test_idle(&watched[IDLE_CONN]);
	test_busy(&watched[BUSY]);
	test_closing(&watched[CLOSING], start);
	test_calling(&watched[CALLING], start);
	for (i = 0; i < N_WATCHED; i++)
		if (watched[i].fd >= 0)
			close(watched[i].fd);
	tap_eq(pair_count_conns(PAIR_A), 0, "A has no connection any more");
	seen_count = 0;
	look(wire, netns_now() + TIMEOUT);
	tap_eq(seen_count, 0, "and A sends nothing");
	close(idle.b);
	close(busy.b);
	close(closing.b);
	close(wire);
}

int main(void)
{
	setup();
	test_deaf_peer();
	return tap_done();
}
