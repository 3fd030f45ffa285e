// SPDX-License-Identifier: GPL-2.0-or-later
/* SOCK_DGRAM: simple transactions, asking and answering. */
#define _GNU_SOURCE
#include "inject.h"
#include "msg.h"
#include "pair.h"

static char buf[1000];

static bool zero(const void *p, size_t len)
{
	const char *c = p;

	while (len && !*c++)
		len--;
	return !len;
}

static ssize_t ask(int fd, const char *contact, const char *args)
{
	struct sockaddr_chaos sa = pair_name(PAIR_B, contact);

	return sendto(fd, args, strlen(args), 0, (struct sockaddr *)&sa, sizeof(sa));
}

static ssize_t ask_tid(int fd, const char *contact, const char *args, uint32_t tid)
{
	struct sockaddr_chaos sa = pair_name(PAIR_B, contact);

	return msg_send_cmsg(fd, args, strlen(args), &sa, SOL_CHAOS, CHAOS_TID, &tid, sizeof(tid));
}

static ssize_t answer(int fd, const struct msg_got *to, const void *text, size_t len)
{
	struct sockaddr_chaos sa = to->from;

	memset(sa.sch_contact, 0, sizeof(sa.sch_contact));
	return sendto(fd, text, len, 0, (struct sockaddr *)&sa, sizeof(sa));
}

static int make_server(const char *contact)
{
	int fd = pair_socket(PAIR_B, SOCK_DGRAM);

	if (pair_bind(fd, 0, contact))
		tap_bail("bind: %s", strerror(errno));
	return fd;
}

/* What comes within our patience, or -1. */
static ssize_t receive(int fd, struct msg_got *got)
{
	if (!pair_poll(fd, POLLIN, PAIR_PATIENCE))
		return -1;
	return msg_recv(fd, buf, sizeof(buf), MSG_DONTWAIT, got);
}

static bool receive_text(int fd, const char *text, struct msg_got *got)
{
	return receive(fd, got) == (ssize_t)strlen(text) && !memcmp(buf, text, strlen(text));
}

static void test_kernel_server(void)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);
	struct msg_got got;

	tap_eq(ask(fd, "STATUS", ""), 0, "ask for STATUS");
	tap_eq(receive(fd, &got), 32 + 36, "an answer");
	tap_ok(!strcmp(buf, "BETA"), "with the host's name");
	tap_ok(got.from_len == 128 && got.from.sch_family == AF_CHAOS &&
	       got.from.sch_addr == PAIR_B && !got.from.sch_index && !got.from.sch_flags &&
	       zero(got.from.sch_contact, sizeof(got.from.sch_contact)), "from the host, no more");
	tap_eq(got.opcode, CHAOS_OP_ANS, "as ANS");
	tap_eq(got.tid, -1, "without CHAOS_TID");
	ask(fd, "uptime", "");
	tap_eq(receive(fd, &got), 4, "in lower case");
	close(fd);

	fd = pair_socket(PAIR_B, SOCK_DGRAM);
	ask(fd, "TIME", "");
	tap_eq(receive(fd, &got), 4, "of ourselves");
	close(fd);
}

static void test_transaction(void)
{
	int server = make_server("LOOKUP"), fd = pair_socket(PAIR_A, SOCK_DGRAM);
	struct msg_got got;

	tap_eq(pair_poll(server, POLLIN | POLLOUT, 0), POLLOUT, "poll: nothing asked");
	tap_eq(ask_tid(fd, "LookUp", "some thing", 037777777777u), 10, "ask our server");
	tap_ok(receive_text(server, "some thing", &got), "the server gets the arguments");
	tap_eq(got.opcode, CHAOS_OP_RFC, "as RFC");
	tap_ok(got.from_len == 128 && got.from.sch_addr == PAIR_A && got.from.sch_index &&
	       !strcmp(got.from.sch_contact, "LOOKUP") &&
	       zero(got.from.sch_contact + 6, sizeof(got.from.sch_contact) - 6),
	       "from the caller, with index and contact");
	tap_eq(pair_ioctl(fd, SIOCOUTQ) > 0, 1, "SIOCOUTQ: unanswered");
	tap_eq(pair_poll(fd, POLLIN | POLLOUT, 0), POLLOUT, "poll: not answered");
	tap_eq(answer(server, &got, "found", 5), 5, "answer");
	tap_ok(pair_poll(fd, POLLIN, PAIR_PATIENCE), "poll: answered");
	tap_eq(pair_ioctl(fd, SIOCINQ), 5, "SIOCINQ");
	tap_ok(msg_recv(fd, buf, 3, MSG_PEEK, &got) == 3 && got.flags == MSG_TRUNC, "peek");
	tap_eq(msg_recv(fd, buf, 3, MSG_PEEK | MSG_TRUNC, &got), 5, "peek at the length");
	tap_ok(receive_text(fd, "found", &got), "read the answer");
	tap_eq(got.tid, 037777777777u, "CHAOS_TID comes back");
	tap_eq(pair_ioctl(fd, SIOCOUTQ), 0, "SIOCOUTQ: answered");

	ask_tid(fd, "LOOKUP", "", 0);
	tap_eq(receive(server, &got), 0, "no arguments");
	tap_eq(answer(server, &got, "", 0), 0, "an empty answer");
	tap_ok(!receive(fd, &got) && got.opcode == CHAOS_OP_ANS, "is one");
	tap_eq(got.tid, -1, "CHAOS_TID 0 is none");
	close(fd);
	close(server);
}

static void test_limits(void)
{
	int server = make_server("FULL"), fd = pair_socket(PAIR_A, SOCK_DGRAM);
	static char args[CHAOS_DATA_MAX + 1];
	struct msg_got got;

	memset(args, 'x', CHAOS_DATA_MAX - 5);
	tap_eq(ask(fd, "FULL", args), CHAOS_DATA_MAX - 5, "a request of 488 bytes");
	tap_eq(receive(server, &got), CHAOS_DATA_MAX - 5, "arrives whole");
	tap_ok(!memcmp(buf, args, CHAOS_DATA_MAX - 5), "and right");
	memset(args, 'y', CHAOS_DATA_MAX);
	tap_eq(answer(server, &got, args, CHAOS_DATA_MAX), CHAOS_DATA_MAX,
	       "an answer of 488 bytes");
	tap_ok(receive_text(fd, args, &got), "arrives whole");
	ask(fd, "FULL", "a \001\377 b ");
	tap_ok(receive_text(server, "a \001\377 b ", &got), "arguments are any bytes");
	answer(server, &got, args, CHAOS_DATA_MAX);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_ok(msg_recv(fd, buf, 100, 0, &got) == 100 && got.flags == MSG_TRUNC,
	       "the rest of an answer is lost");
	tap_errno(recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN, "really lost");
	close(fd);
	close(server);
}

/* Several at once, answered in another order. */
static void test_outstanding(void)
{
	enum { MANY = 50 };
	int server = make_server("MANY"), fd = pair_socket(PAIR_A, SOCK_DGRAM), i, wrong = 0;
	struct msg_got got[MANY], back;
	char text[16];

	for (i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "%d", i);
		if (ask_tid(fd, "MANY", text, 1000 + i) < 0)
			tap_bail("ask: %s", strerror(errno));
	}
	for (i = 0; i < MANY; i++)
		if (receive(server, &got[i]) <= 0 || atoi(buf) != i)
			wrong++;
	tap_eq(wrong, 0, "%d requests arrive", MANY);
	for (i = MANY; i-- > 0;) {
		snprintf(text, sizeof(text), "%d", i);
		if (answer(server, &got[i], text, strlen(text) + 1) < 0)
			wrong++;
	}
	for (i = MANY; i-- > 0;)
		if (receive(fd, &back) <= 0 || back.tid != 1000 + atoi(buf) || atoi(buf) != i)
			wrong++;
	tap_eq(wrong, 0, "their answers come in the order they are given, by CHAOS_TID");
	close(fd);
	close(server);
}

/* Requests that nobody answers fill the send buffer. */
static void test_send_buffer(void)
{
	int server = make_server("SLOW"), fd = pair_socket(PAIR_A, SOCK_DGRAM), sent = 0, served;
	struct msg_got got;

	pair_set_int(fd, SOL_SOCKET, SO_SNDBUF, 4608);
	pair_nonblock(fd, true);
	while (sent < 1000 && ask(fd, "SLOW", "please") > 0)
		sent++;
	tap_ok(sent > 2 && sent < 100 && errno == EAGAIN, "send buffer: full of %d requests", sent);
	tap_eq(pair_poll(fd, POLLIN | POLLOUT, 0), 0, "send buffer: poll");
	for (served = 0; served < sent && receive(server, &got) > 0; served++)
		answer(server, &got, "", 0);
	tap_eq(served, sent, "send buffer: all are answered");
	tap_ok(pair_poll(fd, POLLOUT, PAIR_PATIENCE) & POLLOUT, "send buffer: poll, room again");
	close(fd);
	close(server);
}

/* What finds no room with the server comes again. */
static void test_receive_buffer(void)
{
	enum { MANY = 8 };
	int server = make_server("TIGHT"), fd = pair_socket(PAIR_A, SOCK_DGRAM), i;
	struct msg_got got;

	pair_set_int(server, SOL_SOCKET, SO_RCVBUF, 0);
	for (i = 0; i < MANY; i++)
		ask(fd, "TIGHT", "please");
	netns_sleep(50);
	for (i = 0; i < MANY && receive(server, &got) > 0; i++)
		answer(server, &got, "", 0);
	tap_eq(i, MANY, "receive buffer: all requests come in the end");
	for (i = 0; i < MANY && receive(fd, &got) == 0; i++)
		;
	tap_eq(i, MANY, "receive buffer: all answers do");
	close(fd);
	close(server);
}

#define KEEP_MS	2000	/* so long the kernel remembers what a program has answered */

/* What becomes of a request that comes again ... */
struct twice {
	short seen, seen_late;		/* by the server: before its answer, and after it */
	bool answered, again;
	int ms;				/* ... so long after the answer */
};

static struct twice ask_twice(int server, int fd, int ear)
{
	struct inject_packet rfc = { .op = CHAOS_OP_RFC, .num = 7, .text = "TWICE abc",
				     .dst = PAIR_B, .src = PAIR_A };
	long long begun;
	struct twice t;
	struct wire_frame f;
	struct msg_got got;

	ask(fd, "TWICE", "abc");
	receive(server, &got);
	rfc.sidx = got.from.sch_index;
	inject(PAIR_A, &rfc);
	t.seen = pair_poll(server, POLLIN, 150);
	begun = netns_now();
	answer(server, &got, "yes", 3);
	t.answered = inject_hear(ear, CHAOS_OP_ANS, &f);
	inject(PAIR_A, &rfc);
	t.again = inject_hear(ear, CHAOS_OP_ANS, &f) && wire_count(&f) == 3 &&
		  !memcmp(f.bytes + WIRE_DATA, "yes", 3) && wire_get(&f, WIRE_DIDX) == rfc.sidx;
	t.ms = netns_now() - begun;
	t.seen_late = pair_poll(server, POLLIN, 50);
	return t;
}

/* Requests that come again: not given to the server again, answered again. */
static void test_duplicates(void)
{
	int server = make_server("TWICE"), fd = pair_socket(PAIR_A, SOCK_DGRAM), ear, tries = 5;
	struct msg_got got;
	struct twice t;

	ear = wire_open("eth0");
	while (t = ask_twice(server, fd, ear), t.ms >= KEEP_MS && --tries) {
		/* Too slow: the answer is forgotten, and the request is new. */
		receive(fd, &got);
		recv(server, buf, sizeof(buf), MSG_DONTWAIT);
	}
	tap_eq(t.seen, 0, "a repeated request is not seen again");
	tap_ok(t.answered, "it is answered");
	tap_ok(t.again, "repeated, it is answered again");
	tap_eq(t.seen_late, 0, "by the kernel");
	tap_ok(receive_text(fd, "yes", &got), "the caller has the answer");
	tap_errno(recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN, "once");
	close(ear);
	close(fd);
	close(server);
}

static void test_connected(void)
{
	int server = make_server("PLUG"), fd = pair_socket(PAIR_A, SOCK_DGRAM);
	struct sockaddr_chaos sa, none = { .sch_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	struct msg_got got;

	tap_eq(pair_connect(fd, PAIR_B, "PLUG"), 0, "connect");
	tap_ok(!getpeername(fd, (struct sockaddr *)&sa, &len) && len == 128 &&
	       sa.sch_addr == PAIR_B && !sa.sch_index && !strcmp(sa.sch_contact, "PLUG") &&
	       zero(sa.sch_contact + 4, sizeof(sa.sch_contact) - 4), "getpeername");
	tap_eq(send(fd, "args", 4, 0), 4, "send");
	tap_ok(receive_text(server, "args", &got), "arrives");
	answer(server, &got, "ans", 3);
	tap_ok(receive_text(fd, "ans", &got), "is answered");
	tap_ok(ask(fd, "TIME", "") == 0 && receive(fd, &got) == 4, "another address goes as well");
	tap_eq(pair_connect(fd, PAIR_B, "UPTIME"), 0, "connect to another contact");
	tap_ok(!send(fd, "", 0, 0) && receive(fd, &got) == 4, "it answers");
	tap_eq(connect(fd, (struct sockaddr *)&none, sizeof(none)), 0, "connect AF_UNSPEC");
	tap_errno(send(fd, "", 0, 0), EDESTADDRREQ, "not connected any more");

	len = sizeof(sa);
	memset(&sa, 0x5a, sizeof(sa));
	tap_ok(!getsockname(server, (struct sockaddr *)&sa, &len) && len == 128 && !sa.sch_addr &&
	       !sa.sch_index && !sa.sch_flags && !strcmp(sa.sch_contact, "PLUG") &&
	       zero(sa.sch_contact + 4, sizeof(sa.sch_contact) - 4), "getsockname");
	close(fd);
	close(server);
}

/* Only a connected socket is told of failures, but any can ask for the reason. */
static void test_failures(void)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM), server, peer;
	struct msg_got got;
	long long end;

	pair_connect(fd, PAIR_B, "NOBODY");
	send(fd, "", 0, 0);
	tap_ok(pair_poll(fd, POLLIN, PAIR_PATIENCE) & POLLERR, "refused: poll");
	tap_errno(recv(fd, buf, 1, 0), ECONNREFUSED, "refused: recv");
	tap_ok(strstr(pair_reason(fd), "NOBODY"), "refused: %s", pair_reason(fd));
	tap_errno(recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN, "refused: told once");
	send(fd, "", 0, 0);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_errno(send(fd, "", 0, 0), ECONNREFUSED, "refused: send");
	send(fd, "", 0, 0);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_eq(pair_error(fd), ECONNREFUSED, "refused: SO_ERROR");

	server = make_server("LEAVES");
	pair_connect(fd, PAIR_B, "LEAVES");
	send(fd, "", 0, 0);
	pair_poll(server, POLLIN, PAIR_PATIENCE);
	close(server);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_errno(recv(fd, buf, 1, 0), ECONNREFUSED, "the server leaves without an answer");

	server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	pair_connect_to(fd, server);
	send(fd, "", 0, 0);
	peer = accept(server, NULL, NULL);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_errno(recv(fd, buf, 1, 0), EPROTOTYPE, "the server wants a connection");
	tap_ok(strlen(pair_reason(fd)), "it does: %s", pair_reason(fd));
	tap_ok(recv(peer, buf, 1, 0) <= 0, "the server's connection ends");
	tap_ok(strlen(pair_reason(peer)), "and it is told: %s", pair_reason(peer));
	close(peer);
	close(server);
	close(fd);

	fd = pair_socket(PAIR_A, SOCK_DGRAM);
	ask(fd, "NOBODY", "");
	end = netns_now() + PAIR_PATIENCE;
	while (!*pair_reason(fd) && netns_now() < end)
		netns_sleep(10);
	tap_eq(pair_poll(fd, POLLIN, 300), 0, "not connected: no error");
	tap_ok(strstr(pair_reason(fd), "NOBODY"), "not connected: yet a reason: %s",
	       pair_reason(fd));
	tap_ok(!ask(fd, "TIME", "") && receive(fd, &got) == 4, "not connected: and on it goes");
	tap_eq(shutdown(fd, SHUT_RD), 0, "shutdown of reading");
	tap_eq(recv(fd, buf, 1, 0), 0, "recv after it");
	close(fd);
}

int main(void)
{
	pair_setup();
	test_kernel_server();
	test_transaction();
	test_limits();
	test_outstanding();
	test_send_buffer();
	test_receive_buffer();
	test_duplicates();
	test_connected();
	test_failures();
	return tap_done();
}
