// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of vectors/ether.pcap to our host, which takes the place of 401: its
 * programs ask, and get what 402 answered.
 *
 *	eth0 (our host, 401) ------- wire (the test, playing 402)
 *
 * The devices have the captured MACs, so that whole frames can be compared.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/time.h>

#include "replay.h"

#define LIMIT(fd, option) setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit))

static const struct timeval limit = { .tv_sec = NETNS_PATIENCE / 1000 };

static struct sockaddr_chaos address(const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = 0402 };

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	return sa;
}

/* The program's recvmsg() must give the captured answer, and who sent it. */
static void check_answer(int fd, const struct wire_frame *ans, const char *contact)
{
	uint8_t got[CHAOS_DATA_MAX + 1];
	struct sockaddr_chaos sa = {};
	socklen_t sa_len = sizeof(sa);
	ssize_t len;

	len = recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&sa, &sa_len);
	if (!tap_ok(len == (ssize_t)wire_count(ans) && !memcmp(got, ans->bytes + WIRE_DATA, len),
		    "%s: the program receives the captured answer", contact))
		tap_diag("received %zd bytes: %s", len, strerror(errno));
	tap_ok(sa_len == sizeof(sa) && sa.sch_addr == 0402 && !sa.sch_index,
	       "%s: the program is told who answered", contact);
}

/* Simple transactions: the frames. */
static const struct row {
	const char *contact;
	unsigned int request, answer;
} rows[] = {
	{ "STATUS", 3, 4 },
	{ "TIME", 5, 6 },
	{ "UPTIME", 7, 8 },
	{ "DUMP-ROUTING-TABLE", 9, 10 },
	{ "LASTCN", 11, 12 },
};

static void ask(int fd, const char *contact)
{
	const struct sockaddr_chaos sa = address(contact);

	if (sendto(fd, NULL, 0, 0, (const struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("%s: %s", contact, strerror(errno));
}

static void expect_rfc(struct replay *r, unsigned int frame, const char *contact)
{
	char what[64];

	snprintf(what, sizeof(what), "%s: RFC as frame %u", contact, frame);
	replay_expect(r, &r->cap.frames[frame], NULL, REPLAY_ADOPT, NULL, what);
}

/* The first one has to find the host. */
static void test_simple(struct replay *r)
{
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned int i;

	LIMIT(fd, SO_RCVTIMEO);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(fd, rows[i].contact);
		if (i == 0) {
			replay_expect(r, &r->cap.frames[1], NULL, 0, NULL,
				      "ARP: request as frame 1");
			replay_send(r, 2);
		}
		expect_rfc(r, rows[i].request, rows[i].contact);
		replay_send(r, rows[i].answer);
		check_answer(fd, &r->cap.frames[rows[i].answer], rows[i].contact);
	}
	close(fd);
}

/* A stream socket whose RFC is on its way. */
static int call(const char *contact)
{
	const struct sockaddr_chaos sa = address(contact);
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), window = 13;

	if (fd < 0 || setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)))
		tap_bail("cannot make a socket: %s", strerror(errno));
	LIMIT(fd, SO_RCVTIMEO);
	LIMIT(fd, SO_SNDTIMEO);
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != -1 || errno != EINPROGRESS)
		tap_bail("%s: connect: %s", contact, strerror(errno));
	return fd;
}

/* The answer is there: what connect() would have returned.  Blocks from now on. */
static int called(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = ETIMEDOUT;

	if (poll(&pfd, 1, NETNS_PATIENCE) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	fcntl(fd, F_SETFL, 0);
	return error;
}

static void check_reason(int fd, const char *want, const char *what)
{
	char got[CHAOS_DATA_MAX + 1] = "";
	socklen_t len = sizeof(got);

	getsockopt(fd, SOL_CHAOS, CHAOS_REASON, got, &len);
	if (!tap_ok(!strcmp(got, want) && len == strlen(want) + 1, "%s", what))
		tap_diag("got \"%s\", %u bytes", got, len);
}

static void test_refused(struct replay *r)
{
	int fd = call("NOSUCH");

	expect_rfc(r, 13, "NOSUCH");
	replay_send(r, 14);
	tap_eq(called(fd), ECONNREFUSED, "NOSUCH: connect() fails with ECONNREFUSED");
	check_reason(fd, "No server for this contact name",
		     "NOSUCH: the program can read the peer's reason");
	close(fd);
}

/* The same as a simple transaction: the error comes to a connected socket. */
static void test_refused_simple(struct replay *r)
{
	const struct sockaddr_chaos sa = address("NOSUCH");
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char byte;

	LIMIT(fd, SO_RCVTIMEO);
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) || send(fd, NULL, 0, 0))
		tap_bail("NOSUCH: %s", strerror(errno));
	expect_rfc(r, 13, "NOSUCH again");
	replay_send(r, 14);
	tap_errno(recv(fd, &byte, 1, 0), ECONNREFUSED, "NOSUCH: recv() fails with ECONNREFUSED");
	check_reason(fd, "No server for this contact name",
		     "NOSUCH: the program can read the peer's reason again");
	close(fd);
}

/* 488 + 22 and 488 + 3 bytes: MSG_EOR ends packets where the capture ends them. */
static void send_stream(int fd)
{
	uint8_t data[REPLAY_STREAM];

	replay_stream(data, sizeof(data));
	tap_ok(send(fd, data, 510, MSG_EOR) == 510 &&
	       send(fd, data + 510, 491, MSG_EOR) == 491, "SINKY: the program sends 1001 bytes");
}

static void check_done(int fd)
{
	char got[8] = "";

	tap_ok(recv(fd, got, sizeof(got), 0) == 4 && !memcmp(got, "DONE", 4),
	       "SINKY: the program receives DONE");
}

/* The user of the capture: sends all, waits for DONE, EOF, CLS. */
static void test_stream(struct replay *r)
{
	/* It acknowledged the OPN only later; we do so in the first STS. */
	static const struct replay_free sts[] = { { WIRE_ACK, 2 }, {} };
	const struct wire_frame *cap = r->cap.frames;
	struct wire_frame got;
	int fd = call("SINKY");

	expect_rfc(r, 15, "SINKY");
	replay_send(r, 16);
	tap_eq(called(fd), 0, "SINKY: connect() succeeds");
	replay_expect(r, &cap[17], sts, 0, &got,
		      "SINKY: STS as frame 17, but for the acknowledgment");
	tap_ok(wire_get(&got, WIRE_ACK) == 0x4c91, "SINKY: STS acknowledges the OPN");
	send_stream(fd);
	replay_expect(r, &cap[18], NULL, 0, NULL, "SINKY: DAT as frame 18, 488 bytes");
	replay_expect(r, &cap[19], NULL, 0, NULL, "SINKY: DAT as frame 19, 22 bytes");
	replay_expect(r, &cap[20], NULL, 0, NULL, "SINKY: DAT as frame 20, 488 bytes");
	replay_expect(r, &cap[21], NULL, 0, NULL, "SINKY: DAT as frame 21, 3 bytes");
	replay_send(r, 22);
	check_done(fd);
	tap_eq(shutdown(fd, SHUT_WR), 0, "SINKY: the program says that it is done");
	replay_expect(r, &cap[23], NULL, 0, NULL, "SINKY: EOF as frame 23");
	replay_send(r, 24);
	close(fd);
	replay_expect(r, &cap[25], NULL, REPLAY_TEXT, NULL, "SINKY: CLS as frame 25, in our words");
	replay_expect_silence(r, 300, "SINKY: nothing is sent after CLS");
}

int main(void)
{
	static struct replay r = { .window = 13 };
	int ns;

	pcap_load(&r.cap, "ether.pcap");
	netns_stay();
	ns = netns_new();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set eth0 address 82:e2:e7:92:02:d3");
	netns_must("ip link set wire address ae:23:78:ec:c9:96");
	r.fd = wire_open("wire");
	netns_host(ns, "eth0", 0401, "HOSTA");
	/* What our host says about its new address is for replay_server to look at. */
	if (!wire_announced(r.fd, 0401))
		tap_bail("the address did not become valid");

	test_simple(&r);
	test_refused(&r);
	test_refused_simple(&r);
	test_stream(&r);
	return tap_done();
}
