// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Streams that begin with a broadcast (AIM 628 section 4.5): the first OPN decides.
 *
 *	A 401 eth0 ------- eth0 402 B
 *	A 1001 eth1 ------ eth1 1002 C
 */
#define _GNU_SOURCE
#include "msg.h"
#include "watch.h"

enum { SUBNETS = 32, A_ON_C = 01001, C = 01002 };

static char buf[600];
static int ns_c, to_b;

/* Where broadcasts go: subnets of ours, up to the first 0. */
static void set_subnets(int fd, const uint8_t *subnets)
{
	uint8_t map[SUBNETS] = {};

	for (; *subnets; subnets++)
		map[*subnets / 8] |= 1 << *subnets % 8;
	if (setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, map, sizeof(map)))
		tap_bail("CHAOS_SUBNETS: %s", strerror(errno));
}

/* A socket on A that may broadcast to these. */
static int caller(int type, const uint8_t *subnets)
{
	int fd = pair_socket(PAIR_A, type);

	pair_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	set_subnets(fd, subnets);
	return fd;
}

/* The same, calling. */
static int calling(int type, const uint8_t *subnets, const char *target)
{
	int fd = caller(type, subnets);

	pair_nonblock(fd, true);
	if (!pair_connect(fd, 0, target) || errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
	pair_nonblock(fd, false);
	return fd;
}

static int serve_in(int ns, int type, const char *contact)
{
	int fd;

	netns_enter(ns);
	fd = socket(AF_CHAOS, type | SOCK_CLOEXEC, 0);
	if (pair_bind(fd, 0, contact) || listen(fd, 4))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

static int serve(unsigned int host, const char *contact)
{
	return serve_in(host == C ? ns_c : pair_ns_b, SOCK_STREAM, contact);
}

static int accepted(int server)
{
	if (!pair_poll(server, POLLIN, PAIR_PATIENCE))
		tap_bail("no request arrives");
	return accept4(server, NULL, NULL, SOCK_CLOEXEC);
}

static const uint8_t one[] = { 1, 0 }, both[] = { 1, 2, 0 }, nowhere[] = { 99, 0 };

static void test_may_not(void)
{
	const struct sockaddr_chaos sa = pair_name(0, "WHO");
	int fd = pair_socket(PAIR_A, SOCK_STREAM);

	tap_errno(pair_connect(fd, 0, "WHO"), EACCES, "without SO_BROADCAST");
	set_subnets(fd, one);
	tap_errno(pair_connect(fd, 0, "WHO"), EACCES, "without SO_BROADCAST, with subnets");
	pair_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, NULL, 0);
	tap_errno(pair_connect(fd, 0, "WHO"), EDESTADDRREQ, "without subnets");
	set_subnets(fd, nowhere);
	tap_errno(pair_connect(fd, 0, "WHO"), ENETUNREACH, "to a subnet without a route");
	set_subnets(fd, one);
	tap_errno(connect(fd, (const struct sockaddr *)&sa, 8), EINVAL, "without a contact");
	memset(buf, 'x', sizeof(buf));
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, buf, 488 - SUBNETS - 4 + 1);
	tap_errno(pair_connect(fd, 0, "WHO"), EMSGSIZE, "more arguments than fit");
	tap_eq(pair_info(fd).ci_state, CHAOS_CLOSED, "nothing has happened");
	close(fd);
}

/* As much as fits arrives, without the map. */
static void test_arguments(void)
{
	const size_t size = 488 - SUBNETS;
	int server = serve(PAIR_B, "WHO"), client = caller(SOCK_STREAM, one), fd;
	socklen_t len = sizeof(buf);
	char got[600];

	memset(buf, 'x', sizeof(buf));
	memcpy(buf, "WHO ", 4);
	setsockopt(client, SOL_CHAOS, CHAOS_RFC_DATA, buf + 4, size - 4);
	pair_nonblock(client, true);
	pair_connect(client, 0, "WHO");
	fd = accepted(server);
	len = sizeof(got);
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, got, &len) && len == size &&
	       !memcmp(got, buf, size), "the server gets contact and arguments");
	close(fd);
	close(client);
	close(server);
}

static void test_open(int type)
{
	const char *name = type == SOCK_STREAM ? "stream" : "packets";
	int server = serve_in(pair_ns_b, type, "WHO"), client = caller(type, one), fd;
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);
	struct watch_packet brd;

	watch_skip(to_b);
	pair_nonblock(client, true);
	tap_errno(pair_connect(client, 0, "WHO is there"), EINPROGRESS, "%s: connecting", name);
	tap_errno(pair_connect(client, 0, "WHO"), EALREADY, "%s: is connecting", name);
	tap_ok(watch_for(to_b, CHAOS_OP_BRD, &brd, PAIR_PATIENCE), "%s: a BRD goes out", name);
	tap_eq(pair_poll(client, POLLIN | POLLOUT, 100), 0, "%s: nobody has answered yet", name);
	tap_eq(pair_info(client).ci_state, CHAOS_BROADCAST_SENT, "%s: state", name);
	tap_errno(getpeername(client, (struct sockaddr *)&sa, &len), ENOTCONN,
		  "%s: there is no peer yet", name);
	fd = accepted(server);
	pair_nonblock(client, false);
	tap_eq(pair_connect(client, 0, "WHO"), 0, "%s: somebody has answered", name);
	tap_ok(!getpeername(client, (struct sockaddr *)&sa, &len) && sa.sch_addr == PAIR_B &&
	       sa.sch_index == pair_info(client).ci_peer_index && sa.sch_index,
	       "%s: who it is: %o", name, sa.sch_addr);
	tap_ok(!strcmp(sa.sch_contact, "WHO"), "%s: what it serves: %s", name, sa.sch_contact);
	send(client, "question", 8, 0);
	tap_ok(recv(fd, buf, sizeof(buf), 0) == 8, "%s: data one way", name);
	send(fd, "answer", 6, 0);
	tap_ok(recv(client, buf, sizeof(buf), 0) == 6, "%s: and the other", name);
	close(client);
	tap_eq(recv(fd, buf, type == SOCK_STREAM, 0), 0, "%s: the end", name);
	close(fd);
	close(server);
}

/* Two servers that both open: who was first has it, the other is told. */
static void test_first(unsigned int winner)
{
	int server_b = serve(PAIR_B, "WHO"), server_c = serve(C, "WHO"), first, second;
	int client = calling(SOCK_STREAM, both, "WHO");
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);

	first = accepted(winner == C ? server_c : server_b);
	pair_poll(client, POLLOUT, PAIR_PATIENCE);
	second = accepted(winner == C ? server_b : server_c);
	tap_ok(!getpeername(client, (struct sockaddr *)&sa, &len) && sa.sch_addr == winner,
	       "%o is first", winner);
	tap_ok(pair_poll(second, POLLHUP, PAIR_PATIENCE) & POLLHUP, "%o: the other is sent away",
	       winner);
	tap_errno(recv(second, buf, 1, 0), ECONNRESET, "%o: with LOS", winner);
	tap_diag("LOS: %s", pair_reason(second));
	tap_ok(send(first, "x", 1, 0) == 1 && recv(client, buf, 1, 0) == 1,
	       "%o: the connection works", winner);
	close(first);
	close(second);
	close(client);
	close(server_b);
	close(server_c);
}

/* Packets that do not open the connection; the first two are for the other kind of
 * question, and none ends the wait.
 */
static const struct other_row {
	const char *what;
	struct inject_packet packet;
	bool los;			/* is LOS the answer? */
} other_rows[] = {
	{ "ANS", { .op = CHAOS_OP_ANS, .text = "I" }, false },
	{ "CLS", { .op = CHAOS_OP_CLS, .text = "Not me" }, false },
	{ "FWD", { .op = CHAOS_OP_FWD, .ack = PAIR_B, .text = "ELSE" }, false },
	{ "LOS", { .op = CHAOS_OP_LOS, .text = "What?" }, false },
	{ "SNS", { .op = CHAOS_OP_SNS }, false },
	{ "UNC", { .op = CHAOS_OP_UNC, .text = "hello" }, false },
	{ "DAT", { .op = CHAOS_OP_DAT, .text = "hello" }, true },
	{ "OPN without data", { .op = CHAOS_OP_OPN }, false },
	{ "OPN with another receipt", { .op = CHAOS_OP_OPN, .text = "abcd", .ack = 1 }, false },
};

static void test_other(const struct other_row *row)
{
	int server = serve(PAIR_B, "WHO"), client = calling(SOCK_STREAM, one, "WHO"), fd;
	struct inject_packet p = row->packet;
	const struct chaos_info info = pair_info(client);
	struct watch_packet los;

	pair_poll(server, POLLIN, PAIR_PATIENCE);
	watch_skip(to_b);
	p.dst = info.ci_local_addr;
	p.didx = info.ci_local_index;
	p.src = PAIR_B;
	p.sidx = 07777;
	inject(PAIR_B, &p);
	tap_ok(!pair_poll(client, POLLIN | POLLOUT, 100), "%s: neither opens nor ends it",
	       row->what);
	tap_ok(watch_for(to_b, CHAOS_OP_LOS, &los, row->los ? PAIR_PATIENCE : 0) == row->los,
	       "%s: %s", row->what, row->los ? "LOS" : "no LOS");
	fd = accepted(server);
	tap_eq(pair_connect(client, 0, "WHO"), 0, "%s: an OPN does", row->what);
	close(fd);
	close(client);
	close(server);
}

/* Once it is open, an OPN of somebody else, or a second one of the peer's host. */
static void test_second(void)
{
	int server = serve(PAIR_B, "WHO"), client = calling(SOCK_STREAM, one, "WHO");
	int fd = accepted(server);
	struct inject_packet opn = { .op = CHAOS_OP_OPN, .text = "abcd", .src = 0403 };
	struct chaos_info info;
	struct watch_packet los;
	unsigned int i;

	pair_poll(client, POLLOUT, PAIR_PATIENCE);
	info = pair_info(client);
	opn.dst = info.ci_local_addr;
	opn.didx = info.ci_local_index;
	for (i = 0; i < 2; i++) {
		opn.src = i ? PAIR_B : 0403;
		opn.sidx = info.ci_peer_index + i;
		watch_skip(to_b);
		inject(PAIR_B, &opn);
		tap_ok(watch_for(to_b, CHAOS_OP_LOS, &los, PAIR_PATIENCE) &&
		       wire_get(&los.f, WIRE_DST) == opn.src &&
		       wire_get(&los.f, WIRE_DIDX) == opn.sidx &&
		       wire_get(&los.f, WIRE_SRC) == opn.dst &&
		       wire_get(&los.f, WIRE_SIDX) == opn.didx,
		       "another OPN, %s: LOS", i ? "from the same host" : "from another host");
	}
	tap_ok(send(fd, "x", 1, 0) == 1 && recv(client, buf, 1, 0) == 1,
	       "another OPN: the connection works");
	close(fd);
	close(client);
	close(server);
}

/* It goes out once, and nobody answers. */
static void test_timeout(void)
{
	int client = caller(SOCK_STREAM, one);
	long long start = netns_now(), ms;
	struct watch_packet brd;

	pair_set_int(client, SOL_CHAOS, CHAOS_TIMEOUT, 1500);
	watch_skip(to_b);
	tap_errno(pair_connect(client, 0, "NOBODY"), ETIMEDOUT, "nobody answers");
	ms = netns_now() - start;
	tap_ok(ms >= 1200 && ms < PAIR_PATIENCE, "after CHAOS_TIMEOUT of 1500 ms: %lld", ms);
	tap_ok(watch_for(to_b, CHAOS_OP_BRD, &brd, PAIR_PATIENCE) &&
	       !watch_for(to_b, CHAOS_OP_BRD, &brd, 0),
	       "it was sent once");

	pair_nonblock(client, true);
	tap_errno(pair_connect(client, 0, "NOBODY"), EINPROGRESS, "again, non-blocking");
	tap_ok(pair_poll(client, POLLOUT, PAIR_PATIENCE) == (POLLOUT | POLLERR | POLLHUP),
	       "again: poll tells the end");
	tap_eq(pair_error(client), ETIMEDOUT, "again: SO_ERROR");
	close(client);
}

/* Closed while nobody has answered: a late OPN finds nothing. */
static void test_close(void)
{
	int server = serve(PAIR_B, "WHO"), client = calling(SOCK_STREAM, one, "WHO"), fd;

	pair_poll(server, POLLIN, PAIR_PATIENCE);
	close(client);
	fd = accepted(server);
	tap_ok(pair_poll(fd, POLLHUP, PAIR_PATIENCE) & POLLHUP, "closed before the answer: LOS");
	tap_errno(recv(fd, buf, 1, 0), ECONNRESET, "closed before the answer: reset");
	close(fd);
	close(server);
	tap_ok(pair_wait_no_conns(), "nothing is left");
}

static void setup(void)
{
	pair_setup();
	ns_c = netns_new();
	netns_veth(pair_ns_a, "eth1", ns_c, "eth1");
	netns_host(pair_ns_a, "eth1", A_ON_C, NULL);
	netns_must("chaosctl neigh add 403 lladdr 02:00:00:00:04:03 dev eth0");
	netns_host(ns_c, "eth1", C, "GAMMA");
	/* BRDs of A come from its address on the first link. */
	netns_must("chaosctl route add subnet 1 via %o", A_ON_C);
	to_b = watch_open(PAIR_A);
}

int main(void)
{
	size_t i;

	setup();
	test_may_not();
	test_arguments();
	test_open(SOCK_STREAM);
	test_open(SOCK_SEQPACKET);
	test_first(PAIR_B);
	test_first(C);
	for (i = 0; i < ARRAY_SIZE(other_rows); i++)
		test_other(&other_rows[i]);
	test_second();
	test_timeout();
	test_close();
	return tap_done();
}
