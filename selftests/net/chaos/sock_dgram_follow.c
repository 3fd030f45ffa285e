// SPDX-License-Identifier: GPL-2.0-or-later
/* SOCK_DGRAM: going where servers send us (FWD, CHAOS_FOLLOW; AIM 628 section 4.1). */
#define _GNU_SOURCE
#include "inject.h"
#include "trio.h"

#define TID	076543210u
#define TEN	"1234567890"
#define LONG	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "1"	/* 121 bytes */

enum { MOST = 16 };	/* CHAOS_FOLLOW */

static char buf[1000];

static int make_asker(int follow)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_FOLLOW, follow) ||
	    pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 1))
		tap_bail("options: %s", strerror(errno));
	pair_send_once(fd);
	return fd;
}

/* A server that sends its callers elsewhere. */
static int make_forwarder(unsigned int host, const char *contact)
{
	int fd = trio_socket(host, SOCK_STREAM);

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_DEFER, 1) || pair_bind(fd, 0, contact) ||
	    listen(fd, 5))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

/* Send the next caller to a host, for a contact and perhaps with other arguments. */
static void forward(int server, unsigned int addr, const char *text)
{
	struct sockaddr_chaos sa = pair_name(addr, text);
	int fd;

	if (!pair_poll(server, POLLIN, PAIR_PATIENCE))
		tap_bail("nobody asks to be forwarded to %s", text);
	fd = accept(server, NULL, NULL);
	if (fd < 0 || setsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, sizeof(sa)))
		tap_bail("forward to %s: %s", text, strerror(errno));
	close(fd);
}

static const struct option_row {
	int value, error, got;
} option_rows[] = {
	{ 0, 0, 0 }, { 1, 0, 1 }, { 16, 0, 16 }, { 17, EINVAL, 16 }, { -1, EINVAL, 16 },
	{ 256, EINVAL, 16 },
};

static void test_option(void)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);
	size_t i;

	tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_FOLLOW), 0, "option: default");
	for (i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *row = &option_rows[i];
		int result = pair_set_int(fd, SOL_CHAOS, CHAOS_FOLLOW, row->value);

		if (row->error)
			tap_errno(result, row->error, "option: %d", row->value);
		else
			tap_eq(result, 0, "option: %d", row->value);
		tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_FOLLOW), row->got, "option: %d: get",
		       row->value);
	}
	tap_errno(setsockopt(fd, SOL_CHAOS, CHAOS_FOLLOW, buf, 2), EINVAL, "option: 2 bytes");
	close(fd);
}

/* Is this where the last FWD of a transaction that failed sent us? */
static void expect_forward(int fd, unsigned int addr, const char *contact, const char *what)
{
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);

	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, &len) && len == sizeof(sa) &&
	       sa.sch_family == AF_CHAOS && sa.sch_addr == addr && !sa.sch_index &&
	       !sa.sch_flags && !strcmp(sa.sch_contact, contact), "%s: CHAOS_FORWARD", what);
}

static void test_not_followed(void)
{
	const struct errqueue_want want = {
		EREMCHG, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, TRIO_C, "SECOND", PAIR_B, "FIRST", TID,
	};
	int fd = make_asker(0), b = make_forwarder(PAIR_B, "FIRST");
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);

	tap_errno(getsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, &len), ENODATA,
		  "not followed: CHAOS_FORWARD before");
	errqueue_ask(fd, PAIR_B, "FIRST", "", TID);
	forward(b, TRIO_C, "SECOND");
	errqueue_expect(fd, &want, "not followed");
	expect_forward(fd, TRIO_C, "SECOND", "not followed");

	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	pair_connect(fd, PAIR_B, "FIRST");
	send(fd, "", 0, 0);
	forward(b, TRIO_C, "THIRD");
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_errno(recv(fd, buf, 10, MSG_DONTWAIT), EREMCHG, "not followed: connected");
	expect_forward(fd, TRIO_C, "THIRD", "not followed: connected");
	close(b);
	close(fd);
}

/* From A to B, and on to C. */
static void test_followed(void)
{
	int fd = make_asker(1), b = make_forwarder(PAIR_B, "FIRST");
	int c = trio_server(TRIO_C, "SECOND");
	struct msg_got asked;

	errqueue_ask(fd, PAIR_B, "first", "with all this", TID);
	forward(b, TRIO_C, "second");
	tap_ok(trio_asked(c, buf, 100, &asked) == 13 && !strcmp(buf, "with all this") &&
	       asked.from.sch_addr == TRIO_A && asked.opcode == CHAOS_OP_RFC,
	       "followed: the request comes as it was");
	trio_answer(c, &asked, "here");
	tap_ok(trio_answered(fd, TRIO_C, "here", TID), "followed: the answer is from there");

	errqueue_ask(fd, PAIR_B, "FIRST", "with all this", -1);
	forward(b, TRIO_C, "SECOND with something else");
	tap_ok(trio_asked(c, buf, 100, &asked) == 19 && !strcmp(buf, "with something else"),
	       "followed: arguments of the FWD go first");
	trio_answer(c, &asked, "here");
	tap_ok(trio_answered(fd, TRIO_C, "here", -1), "followed: without CHAOS_TID");

	/* Each transaction begins anew with all of CHAOS_FOLLOW. */
	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	pair_connect(fd, PAIR_B, "FIRST");
	send(fd, "", 0, 0);
	forward(b, TRIO_C, "SECOND");
	tap_eq(trio_asked(c, buf, 100, &asked), 0, "followed: connected");
	trio_answer(c, &asked, "here");
	tap_ok(trio_answered(fd, TRIO_C, "here", -1), "followed: connected: the answer");
	errqueue_expect_none(fd, "followed");
	close(c);
	close(b);
	close(fd);
}

/* To ourselves: the kernel's server. */
static void test_home(void)
{
	int fd = make_asker(5), b = make_forwarder(PAIR_B, "FIRST");
	struct msg_got got;

	errqueue_ask(fd, PAIR_B, "FIRST", "", TID);
	forward(b, PAIR_A, "STATUS");
	tap_ok(pair_poll(fd, POLLIN, PAIR_PATIENCE) & POLLIN &&
	       msg_recv(fd, buf, sizeof(buf), 0, &got) > 32 && !strcmp(buf, "ALPHA") &&
	       got.from.sch_addr == PAIR_A && got.tid == TID, "home: our own STATUS");
	close(b);
	close(fd);
}

/* What fails there is told of there. */
static void test_failed(void)
{
	const struct errqueue_want cls = {
		ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0,
		"No server for contact name NOBODY", TRIO_C, "NOBODY", TID,
	}, gone = {
		EHOSTUNREACH, SO_EE_ORIGIN_LOCAL, 0, 0, NULL, 01003, "SECOND", TID,
	}, timeout = {
		ETIMEDOUT, SO_EE_ORIGIN_LOCAL, 0, 0, NULL, TRIO_C, "SILENT", TID,
	};
	int fd = make_asker(5), b = make_forwarder(PAIR_B, "FIRST");
	int c = trio_server(TRIO_C, "SILENT");

	errqueue_ask(fd, PAIR_B, "FIRST", "", TID);
	forward(b, TRIO_C, "NOBODY");
	errqueue_expect(fd, &cls, "failed: refused");
	errqueue_ask(fd, PAIR_B, "FIRST", "", TID);
	forward(b, 01003, "SECOND");
	errqueue_expect(fd, &gone, "failed: unreachable");
	if (pair_set_int(fd, SOL_CHAOS, CHAOS_TIMEOUT, 4000))
		tap_bail("CHAOS_TIMEOUT: %s", strerror(errno));
	errqueue_ask(fd, PAIR_B, "FIRST", "", TID);
	forward(b, TRIO_C, "SILENT");
	errqueue_expect(fd, &timeout, "failed: silent");
	close(c);
	close(b);
	close(fd);
}

/* The most there may be, and one more. */
static void test_too_many(void)
{
	int servers[MOST + 1], fd = make_asker(MOST), last, i;
	struct errqueue_want want = {
		ELOOP, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, PAIR_B, NULL, PAIR_B, NULL, TID,
	};
	char contact[MOST + 2][16];
	struct msg_got asked;

	for (i = 0; i <= MOST + 1; i++)
		snprintf(contact[i], sizeof(contact[i]), "HOP%d", i);
	for (i = 0; i <= MOST; i++)
		servers[i] = make_forwarder(PAIR_B, contact[i]);
	last = trio_server(PAIR_B, contact[MOST + 1]);

	errqueue_ask(fd, PAIR_B, contact[1], "on", TID);
	for (i = 1; i <= MOST; i++)
		forward(servers[i], PAIR_B, contact[i + 1]);
	tap_eq(trio_asked(last, buf, 100, &asked), 2, "%d times", MOST);
	trio_answer(last, &asked, "done");
	tap_ok(trio_answered(fd, PAIR_B, "done", TID), "%d times: the answer", MOST);

	errqueue_ask(fd, PAIR_B, contact[0], "on", TID);
	for (i = 0; i <= MOST; i++)
		forward(servers[i], PAIR_B, contact[i + 1]);
	want.contact = contact[MOST];
	want.text = contact[MOST + 1];
	errqueue_expect(fd, &want, "once more");
	expect_forward(fd, PAIR_B, contact[MOST + 1], "once more");

	pair_set_int(fd, SOL_CHAOS, CHAOS_FOLLOW, 2);
	errqueue_ask(fd, PAIR_B, contact[0], "on", TID);
	for (i = 0; i <= 2; i++)
		forward(servers[i], PAIR_B, contact[i + 1]);
	want.contact = contact[2];
	want.text = contact[3];
	errqueue_expect(fd, &want, "more than asked for");
	for (i = 0; i <= MOST; i++)
		close(servers[i]);
	close(last);
	close(fd);
}

static void test_circles(void)
{
	const struct errqueue_want self = {
		ELOOP, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, PAIR_B, "one", PAIR_B, "ONE", TID,
	}, two = {
		ELOOP, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, PAIR_B, "one again", TRIO_C, "TWO", TID,
	};
	int fd = make_asker(MOST), b = make_forwarder(PAIR_B, "ONE");
	int c = make_forwarder(TRIO_C, "TWO");

	errqueue_ask(fd, PAIR_B, "ONE", "", TID);
	forward(b, PAIR_B, "one");
	errqueue_expect(fd, &self, "circle of one");

	errqueue_ask(fd, PAIR_B, "ONE", "", TID);
	forward(b, TRIO_C, "TWO");
	forward(c, PAIR_B, "one again");
	errqueue_expect(fd, &two, "circle of two");

	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	pair_connect(fd, PAIR_B, "ONE");
	send(fd, "", 0, 0);
	forward(b, PAIR_B, "ONE");
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_errno(recv(fd, buf, 10, MSG_DONTWAIT), ELOOP, "circle, connected");
	close(c);
	close(b);
	close(fd);
}

/* FWD that no server of ours would send. */
static const struct {
	const char *what, *text;
	uint16_t host;
} bad_rows[] = {
	{ "host 0", "SECOND", 0 },
	{ "subnet 0", "SECOND", 1 },
	{ "a subnet", "SECOND", 0400 },
	{ "a subnet without a route", "SECOND", 02001 },
	{ "no contact", "", PAIR_B },
	{ "a space first", " SECOND", PAIR_B },
	{ "a control character", "SEC\001OND", PAIR_B },
	{ "121 bytes of contact", LONG, PAIR_B },
};

static void test_bad(void)
{
	int fd = make_asker(MOST), b = trio_server(PAIR_B, "HOLD");
	static char args[CHAOS_DATA_MAX - 4];
	struct msg_got asked;
	size_t i;

	memset(args, 'x', sizeof(args) - 1);
	for (i = 0; i <= ARRAY_SIZE(bad_rows); i++) {
		bool long_args = i == ARRAY_SIZE(bad_rows);
		struct inject_packet fwd = {
			.op = CHAOS_OP_FWD, .src = PAIR_B, .dst = PAIR_A,
			.ack = long_args ? PAIR_B : bad_rows[i].host,
			.text = long_args ? "LONGER" : bad_rows[i].text,
		};
		const struct errqueue_want want = {
			EREMCHG, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, fwd.ack, fwd.text, PAIR_B, "HOLD",
			TID,
		};

		errqueue_ask(fd, PAIR_B, "HOLD", long_args ? args : "", TID);
		if (trio_asked(b, buf, sizeof(buf), &asked) < 0)
			tap_bail("no request arrives");
		fwd.didx = asked.from.sch_index;
		inject(PAIR_B, &fwd);
		errqueue_expect(fd, &want, long_args ? "489 bytes" : bad_rows[i].what);
	}
	errqueue_expect_none(fd, "bad");
	close(b);
	close(fd);
}

/* The socket goes while the way is still being looked for. */
static void test_closed(void)
{
	int b = make_forwarder(PAIR_B, "FIRST"), c = trio_server(TRIO_C, "SECOND"), fd, i;
	struct sockaddr_chaos sa = pair_name(TRIO_C, "SECOND");
	struct msg_got asked;

	for (i = 0; i < 30; i++) {
		int peer;

		fd = make_asker(MOST);
		errqueue_ask(fd, PAIR_B, "FIRST", "", TID);
		if (!pair_poll(b, POLLIN, PAIR_PATIENCE))
			tap_bail("no request arrives");
		peer = accept(b, NULL, NULL);
		setsockopt(peer, SOL_CHAOS, CHAOS_FORWARD, &sa, sizeof(sa));
		if (i % 2)
			trio_asked(c, buf, sizeof(buf), &asked);
		close(fd);
		close(peer);
	}
	close(c);
	close(b);
	tap_ok(pair_wait_no_conns(), "closed: nothing is left");
}

int main(void)
{
	trio_setup();
	test_option();
	test_not_followed();
	test_followed();
	test_home();
	test_failed();
	test_too_many();
	test_circles();
	test_bad();
	test_closed();
	return tap_done();
}
