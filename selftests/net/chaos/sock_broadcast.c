// SPDX-License-Identifier: GPL-2.0-or-later
/* SOCK_DGRAM: asking all hosts of chosen subnets (BRD, AIM 628 section 4.5). */
#define _GNU_SOURCE
#include "counters.h"
#include "inject.h"
#include "trio.h"

#define TID	01234567u
#define MAP	32		/* bytes of CHAOS_SUBNETS */

/* Bits of the first byte of CHAOS_SUBNETS. */
enum { SUBNET_1 = 2, SUBNET_2 = 4, SUBNET_3 = 010, SUBNET_5 = 040 };

/* Hosts that are only played, on subnet 1. */
enum { OTHER = 0403, THIRD = 0404 };

static char buf[1000];

static int set_subnets(int fd, uint8_t first)
{
	const uint8_t subnets[MAP] = { first };

	return setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, subnets, sizeof(subnets));
}

/* A socket on A that may broadcast. */
static int make_asker(uint8_t subnets)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);

	if (pair_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1) || set_subnets(fd, subnets) ||
	    pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 1))
		tap_bail("options: %s", strerror(errno));
	return fd;
}

static ssize_t ask(int fd, const char *contact, const char *args, long long tid)
{
	return errqueue_ask(fd, 0, contact, args, tid);
}

static int ask_len(int fd, const char *contact, size_t len)
{
	struct sockaddr_chaos sa = pair_name(0, contact);

	return sendto(fd, buf, len, 0, (struct sockaddr *)&sa, sizeof(sa));
}

static const struct option_row {
	const char *what;
	const char *value;
	unsigned int len;
	int error, len_got;
} option_rows[] = {
	{ "32 bytes", buf, 32, 0, 32 },
	{ "more", buf, 64, 0, 32 },
	{ "31 bytes", buf, 31, EINVAL, 32 },
	{ "1 byte", buf, 1, EINVAL, 32 },
	{ "bad pointer", (char *)8, 32, EFAULT, 32 },
	{ "nothing", NULL, 0, 0, 0 },
};

static void test_option(void)
{
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);
	socklen_t len = MAP;
	uint8_t got[MAP];
	size_t i;

	pair_fill(buf, 0, sizeof(buf));
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, got, &len) && !len, "option: unset");
	for (i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *row = &option_rows[i];
		int result = setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, row->value, row->len);

		if (row->error)
			tap_errno(result, row->error, "option: %s", row->what);
		else
			tap_eq(result, 0, "option: %s", row->what);
		len = sizeof(got);
		tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, got, &len) &&
		       (int)len == row->len_got && pair_filled(got, 0, len), "option: %s: get",
		       row->what);
	}
	close(fd);
}

static void test_errors(void)
{
	struct sockaddr_chaos sa = pair_name(0, "STATUS");
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);

	tap_errno(ask(fd, "STATUS", "", -1), EACCES, "send without SO_BROADCAST");
	tap_errno(pair_connect(fd, 0, "STATUS"), EACCES, "connect without SO_BROADCAST");
	pair_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	tap_errno(ask(fd, "STATUS", "", -1), EDESTADDRREQ, "send without CHAOS_SUBNETS");
	set_subnets(fd, SUBNET_5);
	tap_errno(ask(fd, "STATUS", "", -1), ENETUNREACH, "to a subnet without a route");
	set_subnets(fd, 0);
	tap_errno(ask(fd, "STATUS", "", -1), ENETUNREACH, "to no subnet");
	set_subnets(fd, 1);
	tap_errno(ask(fd, "STATUS", "", -1), ENETUNREACH, "to subnet 0");
	set_subnets(fd, SUBNET_1);
	sa.sch_index = 5;
	tap_errno(sendto(fd, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa)), EINVAL,
		  "with an index");
	tap_errno(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), EINVAL,
		  "connect with an index");
	tap_errno(ask(fd, "", "", -1), EINVAL, "without a contact");
	tap_errno(ask(fd, "STATUS now", "", -1), EINVAL, "with arguments in the address");
	tap_errno(ask_len(fd, "STATUS", CHAOS_DATA_MAX - MAP - 6), EMSGSIZE,
		  "489 bytes with map and contact");
	tap_eq(ask_len(fd, "WHO", CHAOS_DATA_MAX - MAP - 4), CHAOS_DATA_MAX - MAP - 4,
	       "488 bytes");
	close(fd);
}

/* Every byte on the cable. */
static void test_bytes(void)
{
	static const uint8_t words[] = { 0, CHAOS_OP_BRD, 0x2a, 0, 0, 0, 0, 0, 1, 1 };
	int fd = make_asker(SUBNET_1 | SUBNET_3), ear, i, more = 0;
	uint8_t data[42] = { SUBNET_1 | SUBNET_3 };
	struct wire_frame f;

	memcpy(data + MAP, "WHO is it?", 10);
	pair_enter(PAIR_A);
	netns_must("chaosctl route add subnet 3 via %o", PAIR_B);
	pair_enter(PAIR_B);
	ear = wire_open("eth0");
	tap_eq(ask(fd, "WHO", "is it?", -1), 6, "bytes: ask");
	if (tap_ok(inject_hear(ear, CHAOS_OP_BRD, &f), "bytes: it is heard")) {
		tap_ok(!memcmp(f.bytes + WIRE_DMAC, wire_broadcast, 6), "bytes: by all");
		tap_ok(!memcmp(f.bytes + WIRE_PKT, words, sizeof(words)),
		       "bytes: opcode, length, destination, source");
		tap_ok(wire_get(&f, WIRE_SIDX), "bytes: an index");
		tap_eq(wire_get(&f, WIRE_ACK), MAP, "bytes: length of the map");
		tap_ok(f.len == WIRE_DATA + sizeof(data) &&
		       !memcmp(f.bytes + WIRE_DATA, data, sizeof(data)),
		       "bytes: map, contact, arguments");
		wire_show("BRD", &f);
	}
	for (i = 0; i < 12; i++)
		if (wire_recv(ear, &f, 100) && wire_is_chaos(&f))
			more++;
	tap_eq(more, 0, "bytes: once");
	close(fd);

	fd = make_asker(SUBNET_1 | SUBNET_2);
	pair_bind(fd, TRIO_A, "");
	ask(fd, "WHO", "", -1);
	tap_ok(inject_hear(ear, CHAOS_OP_BRD, &f) && wire_get(&f, WIRE_SRC) == TRIO_A,
	       "bytes: the bound address as source");
	tap_ok(wire_count(&f) == MAP + 3 && f.bytes[WIRE_DATA] == SUBNET_1 &&
	       !memcmp(f.bytes + WIRE_DATA + MAP, "WHO", 4),
	       "bytes: no arguments, padded, and only subnets on this way");
	pair_enter(PAIR_A);
	netns_must("chaosctl route delete subnet 3");
	close(ear);
	close(fd);
}

/* Ask on the cable to B, and hear how the answers are to be addressed. */
static struct inject_packet ask_and_hear(int fd, const char *contact, long long tid)
{
	struct wire_frame f;
	int ear;

	pair_enter(PAIR_B);
	ear = wire_open("eth0");
	if (ask(fd, contact, "", tid) < 0 || !inject_hear(ear, CHAOS_OP_BRD, &f))
		tap_bail("no BRD: %s", strerror(errno));
	close(ear);
	return (struct inject_packet) { .dst = PAIR_A, .didx = wire_get(&f, WIRE_SIDX) };
}

static void reply(const struct inject_packet *to, uint16_t from, uint8_t op, uint16_t ack,
		  const char *text)
{
	struct inject_packet pkt = *to;

	pkt.src = from;
	pkt.op = op;
	pkt.ack = ack;
	pkt.text = text;
	inject(PAIR_B, &pkt);
}

static void test_answers(void)
{
	const struct errqueue_want cls = {
		ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0, "not for you", OTHER, "WHO", TID,
	}, fwd = {
		EREMCHG, CHAOS_EE_ORIGIN, CHAOS_OP_FWD, PAIR_B, "WHO-ELSE", THIRD, "WHO", TID,
	};
	int fd = make_asker(SUBNET_1);
	struct inject_packet to = ask_and_hear(fd, "WHO", TID);

	reply(&to, OTHER, CHAOS_OP_ANS, 0, "me");
	tap_ok(trio_answered(fd, OTHER, "me", TID), "answers: the first");
	reply(&to, PAIR_B, CHAOS_OP_ANS, 0, "and me");
	tap_ok(trio_answered(fd, PAIR_B, "and me", TID), "answers: the second");
	reply(&to, TRIO_C, CHAOS_OP_ANS, 0, "");
	tap_ok(trio_answered(fd, TRIO_C, "", TID), "answers: an empty one from another subnet");
	reply(&to, OTHER, CHAOS_OP_ANS, 0, "again");
	tap_ok(trio_answered(fd, OTHER, "again", TID), "answers: one more from the first");
	reply(&to, OTHER, CHAOS_OP_CLS, 0, "not for you");
	errqueue_expect(fd, &cls, "answers: CLS");
	reply(&to, THIRD, CHAOS_OP_FWD, PAIR_B, "WHO-ELSE");
	errqueue_expect(fd, &fwd, "answers: FWD");
	reply(&to, OTHER, CHAOS_OP_LOS, 0, "lost");
	tap_eq(pair_poll(fd, POLLIN, 100), 0, "answers: LOS is none");
	reply(&to, THIRD, CHAOS_OP_ANS, 0, "late");
	tap_ok(trio_answered(fd, THIRD, "late", TID), "answers: and on it goes");

	/* Who is not asked for errors is not told. */
	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	tap_eq(pair_connect(fd, 0, "WHO"), 0, "answers: connect");
	reply(&to, OTHER, CHAOS_OP_CLS, 0, "not for you");
	tap_eq(pair_poll(fd, POLLIN, 100), 0, "answers: CLS without CHAOS_RECVERR");
	tap_eq(pair_error(fd), 0, "answers: no error");
	close(fd);
}

/* A stream is not what was asked for; nobody else gets one either. */
static void test_opn(void)
{
	int fd = make_asker(SUBNET_1), ear;
	struct inject_packet to = ask_and_hear(fd, "WHO", TID);
	struct wire_frame f;

	ear = wire_open("eth0");
	to.sidx = 0x4711;
	reply(&to, PAIR_B, CHAOS_OP_OPN, 0, "\1\1\5");
	tap_ok(inject_hear(ear, CHAOS_OP_LOS, &f) && wire_get(&f, WIRE_DST) == PAIR_B &&
	       wire_get(&f, WIRE_DIDX) == 0x4711 && wire_get(&f, WIRE_SIDX) == to.didx,
	       "OPN: gets LOS");
	tap_eq(pair_poll(fd, POLLIN, 0), 0, "OPN: the program hears nothing");
	reply(&to, OTHER, CHAOS_OP_ANS, 0, "me");
	tap_ok(trio_answered(fd, OTHER, "me", TID), "OPN: answers still come");
	close(ear);
	close(fd);
}

/* Two at once are kept apart. */
static void test_two(void)
{
	int fd = make_asker(SUBNET_1);
	struct inject_packet a = ask_and_hear(fd, "WHO", 1), b = ask_and_hear(fd, "WHO", 2);

	tap_ok(a.didx != b.didx, "two: by index");
	reply(&b, OTHER, CHAOS_OP_ANS, 0, "b");
	tap_ok(trio_answered(fd, OTHER, "b", 2), "two: answer to the second");
	reply(&a, OTHER, CHAOS_OP_ANS, 0, "a");
	tap_ok(trio_answered(fd, OTHER, "a", 1), "two: answer to the first");
	close(fd);
}

static void test_end(void)
{
	const struct errqueue_want none = {
		ETIMEDOUT, SO_EE_ORIGIN_LOCAL, 0, 0, NULL, 0, "WHO", 1,
	};
	int fd = make_asker(SUBNET_1), i;
	struct inject_packet to, late;

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_TIMEOUT, 4000))
		tap_bail("CHAOS_TIMEOUT: %s", strerror(errno));
	late = ask_and_hear(fd, "WHO", 1);
	to = ask_and_hear(fd, "WHO", 2);
	reply(&to, OTHER, CHAOS_OP_ANS, 0, "me");
	tap_ok(trio_answered(fd, OTHER, "me", 2), "end: one is answered");
	tap_ok(pair_ioctl(fd, SIOCOUTQ) > 0, "end: they count as being sent");
	errqueue_expect(fd, &none, "end: the other is not");
	for (i = 0; pair_ioctl(fd, SIOCOUTQ) && i < PAIR_PATIENCE; i += 10)
		netns_sleep(10);
	tap_eq(pair_ioctl(fd, SIOCOUTQ), 0, "end: both are over");
	errqueue_expect_none(fd, "end");
	reply(&late, OTHER, CHAOS_OP_ANS, 0, "me too");
	tap_eq(pair_poll(fd, POLLIN, 100), 0, "end: what comes later is lost");

	pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 0);
	tap_ok(!pair_connect(fd, 0, "WHO") && !send(fd, "", 0, 0), "end: connected");
	for (i = 0; pair_ioctl(fd, SIOCOUTQ) && i < PAIR_PATIENCE; i += 10)
		netns_sleep(10);
	tap_eq(pair_error(fd), 0, "end: no error without CHAOS_RECVERR");
	close(fd);
}

/* How many packets A has received. */
static long long received(void)
{
	struct counters now;

	pair_enter(PAIR_A);
	counters_read(&now);
	return *counters_of(&now, "rx");
}

/* Neither those under way nor their answers take more memory than allowed. */
static void test_buffers(void)
{
	int fd = make_asker(SUBNET_1), sent = 0, i, n = 0;
	long long before = received(), end;
	struct inject_packet to;

	pair_set_int(fd, SOL_SOCKET, SO_RCVBUF, 0);
	to = ask_and_hear(fd, "WHO", 1);
	for (i = 0; i < 100; i++)
		reply(&to, OTHER, CHAOS_OP_ANS, 0, "me");
	end = netns_now() + PAIR_PATIENCE;
	while (received() < before + 100 && netns_now() < end)
		netns_sleep(10);
	while (recv(fd, buf, 10, MSG_DONTWAIT) == 2)
		n++;
	tap_ok(n > 0 && n < 50, "buffers: %d of 100 answers found room", n);
	reply(&to, OTHER, CHAOS_OP_ANS, 0, "more");
	tap_ok(trio_answered(fd, OTHER, "more", 1), "buffers: then there is room again");

	pair_set_int(fd, SOL_SOCKET, SO_SNDBUF, 4608);
	pair_nonblock(fd, true);
	while (sent < 1000 && ask(fd, "WHO", "", -1) >= 0)
		sent++;
	tap_ok(sent > 2 && sent < 100 && errno == EAGAIN, "buffers: %d under way", sent);
	close(fd);
}

static void test_connected(void)
{
	int fd = make_asker(SUBNET_1), b = trio_server(PAIR_B, "HELLO");
	struct sockaddr_chaos sa, none = { .sch_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	struct msg_got asked;

	tap_eq(pair_connect(fd, 0, "HELLO"), 0, "connected: connect");
	tap_ok(!getpeername(fd, (struct sockaddr *)&sa, &len) && len == 128 && !sa.sch_addr &&
	       !sa.sch_index && !strcmp(sa.sch_contact, "HELLO"), "connected: getpeername");
	tap_eq(send(fd, "world", 5, 0), 5, "connected: send");
	tap_ok(trio_asked(b, buf, 100, &asked) == 5 && !strcmp(buf, "world") &&
	       asked.opcode == CHAOS_OP_BRD && asked.from.sch_addr == PAIR_A &&
	       asked.from.sch_index && !strcmp(asked.from.sch_contact, "HELLO"),
	       "connected: the server gets it as BRD");
	trio_answer(b, &asked, "hello");
	tap_ok(trio_answered(fd, PAIR_B, "hello", -1), "connected: and answers");
	connect(fd, (struct sockaddr *)&none, sizeof(none));
	tap_errno(send(fd, "", 0, 0), EDESTADDRREQ, "connected: no more");
	close(b);
	close(fd);
}

/* Real hosts, servers as well as the kernel's. */
static void test_hosts(void)
{
	int fd = make_asker(SUBNET_1 | SUBNET_2), b = trio_server(PAIR_B, "HELLO");
	int c = trio_server(TRIO_C, "HELLO"), i, beta = 0, gamma = 0;
	struct msg_got asked, got;

	tap_eq(ask(fd, "hello", "there", TID), 5, "hosts: ask");
	tap_ok(trio_asked(b, buf, 100, &asked) == 5 && !strcmp(buf, "there"),
	       "hosts: one is asked");
	trio_answer(b, &asked, "B");
	tap_ok(trio_answered(fd, PAIR_B, "B", TID), "hosts: and answers");
	tap_ok(trio_asked(c, buf, 100, &asked) == 5 && !strcmp(buf, "there"),
	       "hosts: the other is asked");
	trio_answer(c, &asked, "C");
	tap_ok(trio_answered(fd, TRIO_C, "C", TID), "hosts: and answers");

	ask(fd, "STATUS", "", TID);
	for (i = 0; i < 2 && pair_poll(fd, POLLIN, PAIR_PATIENCE); i++) {
		msg_recv(fd, buf, sizeof(buf), 0, &got);
		beta += !strcmp(buf, "BETA") && got.from.sch_addr == PAIR_B;
		gamma += !strcmp(buf, "GAMMA") && got.from.sch_addr == TRIO_C;
	}
	tap_ok(beta == 1 && gamma == 1, "hosts: STATUS of both");
	close(fd);
	close(c);
	close(b);
	tap_ok(pair_wait_no_conns(), "hosts: nothing is left when all is closed");
}

int main(void)
{
	trio_setup();
	test_option();
	test_errors();
	test_bytes();
	test_answers();
	test_opn();
	test_two();
	test_end();
	test_buffers();
	test_connected();
	test_hosts();
	return tap_done();
}
