// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of connections: clean, broken, with data under way, with many of them. */
#define _GNU_SOURCE
#include <pthread.h>

#include "msg.h"
#include "pair.h"
#include "watch.h"

/* After its CLS a host is silent for longer than this, in microseconds. */
#define SILENCE		80000

static char buf[65536];

static void test_clean(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct msg_got got;

	pair_fill(buf, 0, 1000);
	send(p.a, buf, 1000, 0);
	close(p.a);
	tap_ok(recv(p.b, buf, 1000, MSG_WAITALL) == 1000 && pair_filled(buf, 0, 1000),
	       "closed by the peer: the data arrives");
	tap_ok(!msg_recv(p.b, buf, 1, 0, &got) && got.flags & MSG_EOR, "then a mark");
	tap_ok(!msg_recv(p.b, buf, 1, 0, &got) && !(got.flags & MSG_EOR), "then the end");
	tap_eq(recv(p.b, buf, 1, 0), 0, "again the end");
	tap_eq(pair_poll(p.b, POLLIN | POLLOUT | POLLRDHUP, 0),
	       POLLIN | POLLOUT | POLLRDHUP | POLLHUP, "poll at the end");
	tap_eq(pair_error(p.b), 0, "SO_ERROR at the end");
	tap_ok(!strcmp(pair_reason(p.b), "Connection closed"), "reason: %s", pair_reason(p.b));
	tap_eq(pair_info(p.b).ci_state, CHAOS_CLOSED, "state");
	tap_errno(send(p.b, "x", 1, MSG_NOSIGNAL), EPIPE, "send at the end");
	tap_errno(msg_send_eof(p.b), EPIPE, "send a mark at the end");
	close(p.b);

	p = pair_open(SOCK_STREAM, SOCK_STREAM);
	close(p.a);
	tap_ok(!msg_recv(p.b, buf, 1, 0, &got) && !(got.flags & MSG_EOR),
	       "closed without data: there is no mark");
	close(p.b);
}

/* Connections that break while A has something to read. */
static const struct broken_row {
	const char *what;
	int type;
	struct inject_packet packet;
	int final_op;			/* what a packet socket reads last */
} broken_rows[] = {
	{ "CLS with packets missing", SOCK_STREAM,
	  { .op = CHAOS_OP_CLS, .text = "Out of order" }, 0 },
	{ "LOS", SOCK_STREAM, { .op = CHAOS_OP_LOS, .text = "What connection?" }, 0 },
	{ "CLS with packets missing, seqpacket", SOCK_SEQPACKET,
	  { .op = CHAOS_OP_CLS, .text = "Out of order" }, CHAOS_OP_CLS },
	{ "LOS, seqpacket", SOCK_SEQPACKET, { .op = CHAOS_OP_LOS, .text = "" }, CHAOS_OP_LOS },
};

static void test_broken(const struct broken_row *row)
{
	struct pair p = pair_open(row->type, SOCK_STREAM);
	size_t len = strlen(row->packet.text);
	struct msg_got got;

	send(p.b, "unread", 6, 0);
	pair_wait_info(p.a, info.ci_rcv_unread == 1);
	inject_from_peer(p.a, &row->packet);
	tap_ok(pair_poll(p.a, POLLRDHUP, PAIR_PATIENCE) == POLLHUP, "%s: poll, data unread",
	       row->what);
	tap_eq(pair_poll(p.a, POLLIN | POLLOUT | POLLRDHUP, 0), POLLIN | POLLOUT | POLLHUP,
	       "%s: no error and no end yet", row->what);
	tap_eq(pair_error(p.a), 0, "%s: SO_ERROR, data unread", row->what);
	tap_errno(send(p.a, "x", 1, MSG_NOSIGNAL), ECONNRESET, "%s: send fails at once", row->what);
	tap_ok(recv(p.a, buf, 100, 0) == 6 && !memcmp(buf, "unread", 6), "%s: read the data",
	       row->what);
	tap_eq(pair_poll(p.a, POLLIN | POLLRDHUP, 0), POLLIN | POLLRDHUP | POLLHUP | POLLERR,
	       "%s: poll, all read", row->what);
	tap_eq(pair_error(p.a), ECONNRESET, "%s: SO_ERROR, all read", row->what);
	if (row->final_op)
		tap_ok(msg_recv(p.a, buf, 100, 0, &got) == (ssize_t)len &&
		       got.opcode == row->final_op && got.flags & MSG_EOR &&
		       !memcmp(buf, row->packet.text, len), "%s: read the last packet", row->what);
	tap_errno(recv(p.a, buf, 100, 0), ECONNRESET, "%s: read at the end", row->what);
	tap_errno(recv(p.a, buf, 100, 0), ECONNRESET, "%s: again", row->what);
	tap_ok(!strcmp(pair_reason(p.a), row->packet.text), "%s: reason: %s", row->what,
	       pair_reason(p.a));
	pair_close(&p);
}

/* The connection breaks while we wait. */
static void test_broken_waiting(void)
{
	const struct inject_packet los = { .op = CHAOS_OP_LOS, .text = "gone" };
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	fflush(stdout);
	if (!fork()) {
		netns_sleep(100);
		inject_from_peer(p.a, &los);
		_exit(0);
	}
	tap_errno(recv(p.a, buf, 1, 0), ECONNRESET, "recv: the connection breaks meanwhile");
	wait(NULL);
	tap_errno(send(p.a, "x", 1, MSG_NOSIGNAL), ECONNRESET, "send: after that");
	close(p.a);
	send(p.b, "x", 1, MSG_NOSIGNAL);
	tap_errno(recv(p.b, buf, 1, 0), ECONNRESET, "the other end is told that it is alone");
	close(p.b);
}

/* close() is safe: what was written arrives although the program has gone. */
static void test_close_with_data(void)
{
	struct pair p;
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	size_t got = 0;
	ssize_t n;

	pair_set_int(server, SOL_CHAOS, CHAOS_WINDOW, 3);
	p.a = pair_socket(PAIR_A, SOCK_STREAM);
	p.b = pair_join(p.a, server);
	close(server);
	pair_fill(buf, 0, 40000);
	tap_eq(send(p.a, buf, 40000, 0), 40000, "written without being read");
	close(p.a);
	tap_eq(pair_count_conns(PAIR_A), 1, "the closed connection is still there");
	memset(buf, 0, 40000);
	while (got < 40000) {
		n = recv(p.b, buf + got, 3000, 0);
		if (n <= 0)
			break;
		got += n;
		netns_sleep(1);
	}
	tap_ok(got == 40000 && pair_filled(buf, 0, 40000), "all of it is read after close()");
	tap_eq(recv(p.b, buf, 1, 0), 0, "then the mark");
	tap_eq(recv(p.b, buf, 1, 0), 0, "then the end");
	tap_eq(pair_error(p.b), 0, "a clean one");
	close(p.b);
	tap_ok(pair_wait_no_conns(), "then there are no connections any more");
}

/* What B has not read when it closes is lost, and A is told. */
static void test_close_unread(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	send(p.a, "unread", 6, 0);
	pair_wait_info(p.b, info.ci_rcv_unread == 1);
	close(p.b);
	tap_eq(recv(p.a, buf, 1, 0), 0, "closed with data unread: the end");
	tap_errno(send(p.a, "x", 1, MSG_NOSIGNAL), EPIPE, "closed with data unread: send");
	close(p.a);
}

/* Which index of B's gets the first LOS after its CLS, when a packet comes for @index and
 * one for 0, which nobody has?  @us: how long after the CLS that was.
 */
static unsigned int first_los(int from_b, const struct chaos_info *b, long long *us)
{
	struct inject_packet data = {
		.op = CHAOS_OP_DAT, .text = "late", .dst = PAIR_B, .didx = b->ci_local_index,
		.src = PAIR_A, .sidx = b->ci_peer_index,
	};
	struct watch_packet cls, los;

	if (!watch_for(from_b, CHAOS_OP_CLS, &cls, PAIR_PATIENCE))
		tap_bail("there is no CLS");
	inject(PAIR_A, &data);
	data.didx = 0;
	inject(PAIR_A, &data);
	if (!watch_for(from_b, CHAOS_OP_LOS, &los, PAIR_PATIENCE))
		tap_bail("there is no LOS");
	*us = los.us - cls.us;
	return wire_get(&los.f, WIRE_SIDX);
}

/* Data that crosses our CLS gets no LOS, which could overtake it; data that comes again
 * does.
 */
static void test_crossing(void)
{
	int from_b = watch_open(PAIR_B), tries = 50;
	struct inject_packet late = { .op = CHAOS_OP_DAT, .text = "late" };
	struct watch_packet los;
	struct chaos_info info;
	unsigned int index;
	struct pair p;
	long long us;

	do {
		p = pair_open(SOCK_STREAM, SOCK_STREAM);
		info = pair_info(p.b);
		watch_skip(from_b);
		close(p.b);
		index = first_los(from_b, &info, &us);
		close(p.a);
	} while (us > SILENCE && --tries);
	if (tries)
		tap_eq(index, 0, "data that crosses the CLS: no LOS");
	else
		tap_skip("data that crosses the CLS: no LOS", "the machine is too slow");
	netns_sleep(200);
	watch_skip(from_b);
	late.dst = PAIR_B;
	late.didx = info.ci_local_index;
	late.src = PAIR_A;
	late.sidx = info.ci_peer_index;
	inject(PAIR_A, &late);
	tap_ok(watch_for(from_b, CHAOS_OP_LOS, &los, PAIR_PATIENCE) &&
	       wire_get(&los.f, WIRE_SIDX) == late.didx, "data that comes again: LOS");
	close(from_b);
}

static void *send_all_the_time(void *arg)
{
	int fd = *(int *)arg;

	while (send(fd, "x", 1, MSG_EOR | MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

/* Who sends when the peer closes hears CLS, whichever CPU is the faster. */
static void test_busy_sender(void)
{
	enum { TIMES = 300 };
	unsigned int i, lost = 0;

	for (i = 0; i < TIMES; i++) {
		struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
		pthread_t sender;

		if (pthread_create(&sender, NULL, send_all_the_time, &p.a))
			tap_bail("pthread_create: %s", strerror(errno));
		pair_wait_info(p.b, info.ci_rcv_unread > i % 50);
		close(p.b);
		pthread_join(sender, NULL);
		lost += recv(p.a, buf, 1, 0) < 0;
		close(p.a);
	}
	tap_eq(lost, 0, "closed %u times while the peer sends: always a clean end", TIMES);
}

/* The connection lasts as long as any descriptor for it, in whatever process. */
static void test_descriptors(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int copy = dup(p.a), go[2];
	char c;

	close(p.a);
	tap_eq(pair_poll(p.b, POLLIN, 100), 0, "dup: one closed, nothing happens");
	tap_eq(send(copy, "copy", 4, 0), 4, "dup: the other works");
	recv(p.b, buf, 4, MSG_WAITALL);
	fflush(stdout);
	if (pipe(go))
		tap_bail("pipe: %s", strerror(errno));
	if (!fork()) {
		close(go[1]);
		c = read(go[0], &c, 1);
		send(copy, "child", 5, 0);
		_exit(0);
	}
	close(copy);
	tap_eq(pair_poll(p.b, POLLIN, 100), 0, "fork: the parent's closed, nothing happens");
	close(go[1]);
	close(go[0]);
	tap_ok(recv(p.b, buf, 5, MSG_WAITALL) == 5 && !memcmp(buf, "child", 5),
	       "fork: the child's works");
	tap_eq(recv(p.b, buf, 1, 0), 0, "fork: its exit closes: the mark");
	tap_eq(recv(p.b, buf, 1, 0), 0, "fork: the end");
	wait(NULL);
	close(p.b);
}

/* What has no room in the queue is asked for again, and served late. */
static void test_backlog(void)
{
	enum { CALLERS = 3 };
	int server = pair_listen(PAIR_B, SOCK_STREAM, 0), fd, i, open = 0, more, error;
	int callers[CALLERS];

	for (i = 0; i < CALLERS; i++) {
		callers[i] = pair_socket(PAIR_A, SOCK_STREAM);
		/* Not while we look. */
		pair_set_int(callers[i], SOL_CHAOS, CHAOS_RTO_MIN, 2000);
		pair_call(callers[i], server);
	}
	pair_poll(server, POLLIN, PAIR_PATIENCE);
	netns_sleep(100);
	pair_nonblock(server, true);
	fd = accept(server, NULL, NULL);
	more = accept(server, NULL, NULL);
	error = errno;
	tap_ok(fd >= 0, "backlog: one waits");
	close(fd);
	tap_ok(more < 0 && error == EAGAIN, "backlog: the others do not");
	while (pair_poll(server, POLLIN, PAIR_PATIENCE)) {
		fd = accept(server, NULL, NULL);
		if (fd < 0)
			break;
		close(fd);
		if (++open == CALLERS - 1)
			break;
	}
	tap_eq(open, CALLERS - 1, "backlog: but they come again");
	for (i = 0; i < CALLERS; i++) {
		tap_ok(pair_poll(callers[i], POLLOUT, PAIR_PATIENCE) & POLLOUT &&
		       !pair_error(callers[i]), "backlog: caller %d is served", i + 1);
		close(callers[i]);
	}

	/* One who has given up meanwhile. */
	pair_nonblock(server, false);
	fd = pair_socket(PAIR_A, SOCK_STREAM);
	pair_call(fd, server);
	pair_poll(server, POLLIN, PAIR_PATIENCE);
	close(fd);
	fd = accept(server, NULL, NULL);
	tap_ok(fd >= 0, "backlog: accept of one who has left");
	tap_errno(recv(fd, buf, 1, 0), ECONNRESET, "backlog: he is not there");
	close(fd);
	close(server);
}

static void test_many(void)
{
	enum { MANY = 1000 };
	int server = pair_listen(PAIR_B, SOCK_STREAM, 10), client, fd, i;
	long long start = netns_now();
	char c = 0;

	for (i = 0; i < MANY; i++) {
		client = pair_socket(PAIR_A, SOCK_STREAM);
		fd = pair_join(client, server);
		if (i % 2)
			send(client, "x", 1, 0);
		close(i % 4 < 2 ? client : fd);
		if (i % 4 == 3 && send(client, "y", 1, MSG_NOSIGNAL) >= 0)
			recv(client, &c, 1, 0);
		close(i % 4 < 2 ? fd : client);
	}
	tap_ok(i == MANY, "%d connections one after the other", MANY);
	tap_diag("%lld ms", netns_now() - start);
	close(server);
	tap_ok(pair_wait_no_conns(), "nothing is left of them");
}

int main(void)
{
	size_t i;

	pair_setup();
	test_clean();
	for (i = 0; i < ARRAY_SIZE(broken_rows); i++)
		test_broken(&broken_rows[i]);
	test_broken_waiting();
	test_close_with_data();
	test_close_unread();
	test_crossing();
	test_busy_sender();
	test_descriptors();
	test_backlog();
	test_many();
	return tap_done();
}
