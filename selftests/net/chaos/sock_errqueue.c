// SPDX-License-Identifier: GPL-2.0-or-later
/* SOCK_DGRAM: what becomes of transactions that fail (CHAOS_RECVERR, MSG_ERRQUEUE). */
#define _GNU_SOURCE
#include "errqueue.h"
#include "inject.h"

#define TID 037777777776u

enum { NOT_THERE = 0403, FAR_AWAY = 01003 };

static char buf[1000];

static int make_asker(void)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 1))
		tap_bail("CHAOS_RECVERR: %s", strerror(errno));
	return fd;
}

static int make_server(const char *contact)
{
	int fd = pair_socket(PAIR_B, SOCK_DGRAM);

	if (pair_bind(fd, 0, contact))
		tap_bail("bind: %s", strerror(errno));
	return fd;
}

/* The index by which the caller of a server's next request is known. */
static uint16_t caller_index(int server)
{
	struct msg_got got;

	if (!pair_poll(server, POLLIN, PAIR_PATIENCE) || msg_recv(server, buf, 100, 0, &got) < 0)
		tap_bail("no request arrives");
	return got.from.sch_index;
}

static const struct option_row {
	const char *what;
	int value, len, error, got;
} option_rows[] = {
	{ "off", 0, 4, 0, 0 },
	{ "on", 1, 4, 0, 1 },
	{ "2", 2, 4, 0, 1 },
	{ "-1", -1, 4, 0, 1 },
	{ "2 bytes", 1, 2, EINVAL, 1 },
	{ "no bytes", 1, 0, EINVAL, 1 },
	{ "off again", 0, 4, 0, 0 },
};

static void test_option(void)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);
	size_t i;

	tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_RECVERR), 0, "option: off by default");
	for (i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *row = &option_rows[i];
		int result = setsockopt(fd, SOL_CHAOS, CHAOS_RECVERR, &row->value, row->len);

		if (row->error)
			tap_errno(result, row->error, "option: %s", row->what);
		else
			tap_eq(result, 0, "option: %s", row->what);
		tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_RECVERR), row->got, "option: %s: get",
		       row->what);
	}
	close(fd);
}

/* CLS, LOS, FWD and OPN instead of ANS, in the words of the host. */
static void test_refused(void)
{
	const struct errqueue_want want = {
		ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0,
		"No server for contact name nobody", PAIR_B, "nobody", TID,
	};
	int fd = make_asker();

	errqueue_ask(fd, PAIR_B, "nobody", "with arguments", TID);
	errqueue_expect(fd, &want, "CLS");
	errqueue_expect_none(fd, "CLS");
	tap_ok(!strcmp(pair_reason(fd), want.text), "CLS: CHAOS_REASON as well");
	close(fd);
}

static void test_injected(void)
{
	static const struct {
		const char *what;
		struct inject_packet pkt;
		struct errqueue_want want;
	} rows[] = {
		{ "LOS", { .op = CHAOS_OP_LOS, .text = "Never heard of it" },
		  { ECONNRESET, CHAOS_EE_ORIGIN, CHAOS_OP_LOS, 0, "Never heard of it", PAIR_B,
		    "HOLD", TID } },
		{ "CLS without a reason", { .op = CHAOS_OP_CLS },
		  { ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0, "", PAIR_B, "HOLD", TID } },
		{ "CLS of odd length", { .op = CHAOS_OP_CLS, .text = "odd" },
		  { ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0, "odd", PAIR_B, "HOLD",
		    TID } },
		{ "FWD", { .op = CHAOS_OP_FWD, .ack = NOT_THERE, .text = "OTHER" },
		  { EREMCHG, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, NOT_THERE, "OTHER", PAIR_B, "HOLD",
		    TID } },
		{ "without CHAOS_TID", { .op = CHAOS_OP_CLS, .text = "no" },
		  { ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0, "no", PAIR_B, "HOLD", -1 } },
	};
	int fd = make_asker(), server = make_server("HOLD");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct inject_packet pkt = rows[i].pkt;

		errqueue_ask(fd, PAIR_B, "HOLD", "", rows[i].want.tid);
		pkt.dst = PAIR_A;
		pkt.didx = caller_index(server);
		pkt.src = PAIR_B;
		inject(PAIR_B, &pkt);
		errqueue_expect(fd, &rows[i].want, rows[i].what);
	}
	errqueue_expect_none(fd, "injected");
	close(server);
	close(fd);
}

static void test_opened(void)
{
	const struct errqueue_want want = {
		EPROTOTYPE, CHAOS_EE_ORIGIN, CHAOS_OP_OPN, 0, NULL, PAIR_B, "STREAM", TID,
	};
	int fd = make_asker(), server = pair_socket(PAIR_B, SOCK_STREAM), peer;

	pair_bind(server, 0, "STREAM");
	listen(server, 1);
	errqueue_ask(fd, PAIR_B, "STREAM", "", TID);
	peer = accept(server, NULL, NULL);
	errqueue_expect(fd, &want, "OPN");
	close(peer);
	close(server);
	close(fd);
}

/* Nobody says anything. */
static void test_silence(void)
{
	const struct errqueue_want unreachable = {
		EHOSTUNREACH, SO_EE_ORIGIN_LOCAL, 0, 0,
		"The next host on the way does not answer", NOT_THERE, "TIME", TID,
	}, timeout = {
		ETIMEDOUT, SO_EE_ORIGIN_LOCAL, 0, 0, "No answer from the host", PAIR_B, "SILENT",
		TID,
	};
	int fd = make_asker(), server = make_server("SILENT");

	errqueue_ask(fd, NOT_THERE, "TIME", "", TID);
	errqueue_expect(fd, &unreachable, "no such host");
	tap_errno(errqueue_ask(fd, FAR_AWAY, "TIME", "", TID), ENETUNREACH, "no such subnet");
	errqueue_expect_none(fd, "no such subnet");

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_TIMEOUT, 1500))
		tap_bail("CHAOS_TIMEOUT: %s", strerror(errno));
	errqueue_ask(fd, PAIR_B, "SILENT", "", TID);
	errqueue_expect(fd, &timeout, "no answer");
	close(server);
	close(fd);
}

/* The queue takes the place of the error of the socket, connected or not. */
static void test_connected(void)
{
	const struct errqueue_want want = {
		ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0, NULL, PAIR_B, "NOBODY", -1,
	};
	int fd = make_asker();
	struct msg_got got;

	pair_connect(fd, PAIR_B, "NOBODY");
	send(fd, "", 0, 0);
	tap_ok(pair_poll(fd, POLLIN, PAIR_PATIENCE) == POLLERR, "connected: poll");
	tap_eq(pair_error(fd), 0, "connected: SO_ERROR");
	tap_errno(recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN, "connected: recv");
	tap_ok(!errqueue_ask(fd, PAIR_B, "TIME", "", -1) && pair_poll(fd, POLLIN, PAIR_PATIENCE),
	       "connected: send goes on");
	while (!(pair_poll(fd, POLLIN, PAIR_PATIENCE) & POLLIN))
		netns_sleep(5);
	tap_eq(msg_recv(fd, buf, sizeof(buf), MSG_DONTWAIT, &got), 4,
	       "connected: answers come as ever");
	tap_ok(!(got.flags & MSG_ERRQUEUE) && got.opcode == CHAOS_OP_ANS, "connected: marked so");
	errqueue_expect(fd, &want, "connected");
	tap_eq(pair_poll(fd, POLLIN | POLLOUT, 0), POLLOUT, "connected: poll, nothing left");

	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	send(fd, "", 0, 0);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	errqueue_expect_none(fd, "switched off");
	tap_errno(recv(fd, buf, 1, 0), ECONNREFUSED, "switched off: recv");

	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 1);
	send(fd, "", 0, 0);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	errqueue_expect_none(fd, "switched off with entries");
	tap_eq(pair_poll(fd, POLLIN, 0), 0, "switched off with entries: poll");
	close(fd);
}

static void test_poll(void)
{
	int fd = make_asker(), one = 1;
	struct errqueue_got got;

	errqueue_expect_none(fd, "nothing asked");
	tap_eq(pair_poll(fd, POLLIN | POLLPRI, 0), 0, "poll: nothing");
	errqueue_ask(fd, PAIR_B, "NOBODY", "", TID);
	tap_eq(pair_poll(fd, POLLIN | POLLPRI, PAIR_PATIENCE), POLLERR, "poll: an entry");
	setsockopt(fd, SOL_SOCKET, SO_SELECT_ERR_QUEUE, &one, sizeof(one));
	tap_eq(pair_poll(fd, POLLIN | POLLPRI, 0), POLLERR | POLLPRI,
	       "poll: with SO_SELECT_ERR_QUEUE");
	errqueue_recv(fd, 0, 0, &got);
	tap_eq(pair_poll(fd, POLLIN | POLLPRI, 0), 0, "poll: nothing any more");
	close(fd);
}

static bool is_nobody(const struct errqueue_got *got)
{
	return errqueue_named(got, PAIR_B, "NOBODY") && got->ee.ee_errno == ECONNREFUSED &&
	       got->tid == TID;
}

static void test_peek_and_cut(void)
{
	int fd = make_asker(), whole = strlen("No server for contact name NOBODY");
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct errqueue_got got;

	errqueue_ask(fd, PAIR_B, "NOBODY", "", TID);
	pair_poll(fd, 0, PAIR_PATIENCE);
	tap_ok(errqueue_recv(fd, 9, MSG_PEEK, &got) == 9 && !strcmp(got.text, "No server") &&
	       is_nobody(&got) && got.flags == (MSG_ERRQUEUE | MSG_TRUNC), "peek, cut");
	tap_ok(errqueue_recv(fd, 2, MSG_PEEK | MSG_TRUNC, &got) == whole && is_nobody(&got) &&
	       !strcmp(got.text, "No"), "peek at the length");
	tap_ok(errqueue_recv(fd, 0, MSG_PEEK, &got) == 0 && is_nobody(&got) &&
	       got.flags == (MSG_ERRQUEUE | MSG_TRUNC), "peek at no text");
	tap_ok(errqueue_recv(fd, 600, MSG_PEEK, &got) == whole && is_nobody(&got) &&
	       got.flags == MSG_ERRQUEUE, "peek at all");
	tap_ok(recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_PEEK) == whole &&
	       msg.msg_flags == (MSG_ERRQUEUE | MSG_CTRUNC), "no room for control messages");
	iov.iov_base = (void *)8;
	tap_errno(recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_PEEK), EFAULT, "bad pointer");
	tap_ok(errqueue_recv(fd, 600, 0, &got) == whole && is_nobody(&got), "take it");
	errqueue_expect_none(fd, "peek");
	close(fd);
}

/* Failures of many transactions are told apart by contact, and by CHAOS_TID. */
static void test_many(void)
{
	enum { MANY = 60 };
	bool seen[MANY] = {}, ok = true;
	int fd = make_asker(), i, n;
	struct errqueue_got got;
	char contact[20];

	for (i = 0; i < MANY; i++) {
		snprintf(contact, sizeof(contact), "NOBODY%d", i);
		if (errqueue_ask(fd, PAIR_B, contact, "please", 1000 + i) < 0)
			tap_bail("ask: %s", strerror(errno));
	}
	for (n = 0; n < MANY && errqueue_wait(fd, &got) >= 0; n++) {
		i = got.tid - 1000;
		snprintf(contact, sizeof(contact), "NOBODY%d", i);
		if (i < 0 || i >= MANY || seen[i] || !errqueue_named(&got, PAIR_B, contact) ||
		    !strstr(got.text, contact)) {
			ok = false;
			break;
		}
		seen[i] = true;
	}
	tap_ok(ok && n == MANY, "many: %d failures, each told once", n);
	errqueue_expect_none(fd, "many");
	close(fd);
}

/* What nobody reads has an end; answers then find no room either, until it is read. */
static void test_bound(void)
{
	enum { MANY = 100 };
	int fd = make_asker(), i, n;
	struct errqueue_got got;

	pair_set_int(fd, SOL_SOCKET, SO_RCVBUF, 0);
	for (i = 0; i < MANY; i++)
		errqueue_ask(fd, PAIR_B, "NOBODY", "", i + 1);
	for (i = 0; pair_ioctl(fd, SIOCOUTQ) && i < PAIR_PATIENCE; i += 10)
		netns_sleep(10);
	tap_eq(pair_ioctl(fd, SIOCOUTQ), 0, "bound: all transactions are over");
	for (n = 0; errqueue_recv(fd, 100, 0, &got) > 0; n++)
		;
	tap_ok(n > 0 && n < MANY / 2, "bound: %d of %d are told", n, MANY);
	errqueue_ask(fd, PAIR_B, "NOBODY", "", 7);
	tap_ok(errqueue_wait(fd, &got) > 0 && got.tid == 7, "bound: then there is room again");
	close(fd);
}

/* Entries and transactions go with the socket. */
static void test_closed(void)
{
	int fd = make_asker(), server = make_server("SILENT"), i;

	for (i = 0; i < 20; i++) {
		errqueue_ask(fd, PAIR_B, "NOBODY", "", i);
		errqueue_ask(fd, PAIR_B, "SILENT", "", i);
	}
	pair_poll(fd, 0, PAIR_PATIENCE);
	tap_eq(close(fd), 0, "closed: with entries and transactions");
	close(server);
	tap_ok(pair_wait_no_conns(), "closed: nothing is left");
}

static void test_streams(void)
{
	static const struct {
		int type;
		const char *name;
	} types[] = { { SOCK_STREAM, "stream" }, { SOCK_SEQPACKET, "seqpacket" } };
	struct errqueue_got got;
	struct pair p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		p = pair_open(types[i].type, types[i].type);
		send(p.b, "data", 4, 0);
		pair_poll(p.a, POLLIN, PAIR_PATIENCE);
		tap_errno(errqueue_recv(p.a, 10, 0, &got), EAGAIN, "%s: nothing there, ever",
			  types[i].name);
		tap_eq(recv(p.a, buf, 10, 0), 4, "%s: it takes no data", types[i].name);
		pair_close(&p);
	}
}

int main(void)
{
	pair_setup();
	test_option();
	test_refused();
	test_injected();
	test_opened();
	test_silence();
	test_connected();
	test_poll();
	test_peek_and_cut();
	test_many();
	test_bound();
	test_closed();
	test_streams();
	return tap_done();
}
