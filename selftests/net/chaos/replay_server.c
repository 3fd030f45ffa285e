// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of vectors/ether.pcap to our host, which takes the place of 402.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401)
 *
 * The devices have the captured MACs, so that whole frames can be compared.
 */
#define _GNU_SOURCE
#include <sys/time.h>

#include "replay.h"

static const uint8_t our_mac[6] = { 0xae, 0x23, 0x78, 0xec, 0xc9, 0x96 };
static long long born;		/* when the namespace came up, at the latest */
static long long unborn;	/* when it was not there yet */
static long long asked;		/* when the last question was not sent yet */

/* Before it has the address for sure, our host asks three times whether another
 * has it, and then says that it has.  Not in the capture, whose hosts did not.
 */
static void test_probes(int fd)
{
	struct wire_frame f;
	bool probes = true;
	int i;

	for (i = 0; i < 3; i++)
		probes &= wire_recv(fd, &f, NETNS_PATIENCE) &&
			  wire_is_arp_of(&f, NULL, WIRE_ARP_REQUEST, our_mac, 0, wire_zero, 0402);
	tap_ok(probes, "three ARP probes for the new address");
	tap_ok(wire_recv(fd, &f, NETNS_PATIENCE) &&
	       wire_is_arp_of(&f, NULL, WIRE_ARP_REQUEST, our_mac, 0402, wire_zero, 0402),
	       "ARP announcement of the new address");
}

static uint32_t answer_u32(const struct wire_frame *ans)
{
	return wire_get(ans, WIRE_DATA) | (uint32_t)wire_get(ans, WIRE_DATA + 2) << 16;
}

/* TIME: seconds since 1900. */
static void check_time(const struct wire_frame *ans)
{
	int64_t told = (int64_t)answer_u32(ans) - 2208988800, now = time(NULL);

	tap_ok(told >= now - (netns_now() - asked) / 1000 - 2 && told <= now + 1,
	       "TIME: the answer is the time");
}

/* UPTIME: 1/60 s. */
static void check_uptime(const struct wire_frame *ans)
{
	long long up = answer_u32(ans) * 1000ll / 60, now = netns_now();

	if (!tap_ok(up >= asked - born - 50 && up <= now - unborn + 50,
		    "UPTIME: the answer is the age of the host"))
		tap_diag("%lld ms; it is between %lld and %lld", up, asked - born, now - unborn);
}

/* STATUS: the counters, at least of what we have seen, cannot be 0. */
static void check_status(const struct wire_frame *ans)
{
	const unsigned int counters = WIRE_DATA + 36;
	unsigned int i, errors = 0;

	for (i = 8; i < 32; i++)
		errors += ans->bytes[counters + i];
	tap_ok(wire_get(ans, counters) == 1 && !wire_get(ans, counters + 2),
	       "STATUS: one packet was received");
	tap_eq(errors, 0, "STATUS: no errors were counted");
}

/* DUMP-ROUTING-TABLE: for us subnet 1 is on a link, too; its cost is that of AIM 628. */
static void check_routes(const struct wire_frame *ans)
{
	uint16_t method = wire_get(ans, WIRE_DATA + 4);

	tap_ok(method && method < 0400 && wire_get(ans, WIRE_DATA + 6) == 11,
	       "DUMP-ROUTING-TABLE: our subnet is on a link of ours");
}

/* LASTCN: we are heard with this packet, which may be a moment ago. */
static void check_lastcn(const struct wire_frame *ans)
{
	tap_ok(wire_get(ans, WIRE_DATA + 10) < 60 && !wire_get(ans, WIRE_DATA + 12),
	       "LASTCN: the last packet came just now");
}

/* Simple transactions: what of the answer is not compared, and how it is checked. */
static const struct row {
	const char *contact;
	unsigned int request, answer;		/* frames */
	struct replay_free free[2];
	void (*check)(const struct wire_frame *ans);
} rows[] = {
	{ "STATUS", 3, 4, { { WIRE_DATA + 36, 32 } }, check_status },
	{ "TIME", 5, 6, { { WIRE_DATA, 4 } }, check_time },
	{ "UPTIME", 7, 8, { { WIRE_DATA, 4 } }, check_uptime },
	{ "DUMP-ROUTING-TABLE", 9, 10, { { WIRE_DATA + 4, 4 } }, check_routes },
	{ "LASTCN", 11, 12, { { WIRE_DATA + 10, 4 } }, check_lastcn },
	{ "NOSUCH", 13, 14, { { WIRE_NUM, 2 } }, NULL },
};

static void test_simple(struct replay *r, const struct row *row)
{
	struct wire_frame want = r->cap.frames[row->answer], got;
	bool refused = want.bytes[WIRE_OP] == CHAOS_OP_CLS;
	char what[64];

	wire_put(&want, WIRE_DIDX, wire_get(&r->cap.frames[row->request], WIRE_SIDX));
	asked = netns_now();
	replay_send(r, row->request);
	snprintf(what, sizeof(what), "%s: %s as frame %u", row->contact,
		 refused ? "refused" : "answered", row->answer);
	if (replay_expect(r, &want, row->free, refused ? REPLAY_TEXT : 0, &got, what) &&
	    row->check)
		row->check(&got);
}

static int make_listener(void)
{
	const struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_contact = "SINKY" };
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0), window = 13;

	if (fd < 0 || setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)) ||
	    bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1))
		tap_bail("cannot listen: %s", strerror(errno));
	return fd;
}

static int accept_caller(int listener)
{
	const struct timeval limit = { .tv_sec = NETNS_PATIENCE / 1000 };
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);
	int fd;

	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	fd = accept(listener, (struct sockaddr *)&sa, &len);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	tap_ok(sa.sch_addr == 0401 && sa.sch_index == 0x42c1 &&
	       !strcmp(sa.sch_contact, "SINKY"), "accept() tells who calls");
	return fd;
}

static void expect_data(int fd)
{
	uint8_t got[2 * REPLAY_STREAM], want[REPLAY_STREAM];
	ssize_t len = recv(fd, got, REPLAY_STREAM, MSG_WAITALL);

	replay_stream(want, sizeof(want));
	tap_ok(len == REPLAY_STREAM && !memcmp(got, want, REPLAY_STREAM),
	       "the server reads the 1001 bytes that were sent");
}

/* recvmsg() must return 0, with MSG_EOR for a mark and without it at the end. */
static void expect_zero(int fd, int flags, const char *what)
{
	uint8_t byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t len = recvmsg(fd, &msg, 0);

	if (!tap_ok(!len && msg.msg_flags == flags, "%s", what))
		tap_diag("recvmsg: %zd, flags %#x, %s", len, msg.msg_flags, strerror(errno));
}

/* The server of the capture: reads all, answers DONE, reads on. */
static void test_stream(struct replay *r)
{
	const struct wire_frame *cap = r->cap.frames;
	int listener = make_listener(), fd, i;
	char reason[64] = "";
	socklen_t len = sizeof(reason);

	replay_send(r, 15);
	fd = accept_caller(listener);
	replay_expect(r, &cap[16], NULL, REPLAY_ADOPT, NULL, "SINKY: OPN as frame 16");
	replay_send(r, 17);
	for (i = 18; i <= 21; i++)
		replay_send(r, i);
	expect_data(fd);
	tap_eq(send(fd, "DONE", 4, 0), 4, "the server answers");
	replay_expect(r, &cap[22], NULL, 0, NULL, "SINKY: DAT as frame 22");
	replay_send(r, 23);
	replay_expect(r, &cap[24], NULL, 0, NULL, "SINKY: EOF is acknowledged as in frame 24");
	expect_zero(fd, MSG_EOR, "the server reads a mark");
	replay_send(r, 25);
	expect_zero(fd, 0, "the server reads a clean end");
	getsockopt(fd, SOL_CHAOS, CHAOS_REASON, reason, &len);
	tap_ok(!strcmp(reason, "Bye bye"), "the server can read the peer's last words");
	close(fd);
	close(listener);
	replay_expect_silence(r, 300, "SINKY: nothing is sent after CLS");
}

int main(void)
{
	static struct replay r = { .window = 13 };
	unsigned int i;
	int ns;

	pcap_load(&r.cap, "ether.pcap");
	netns_stay();
	unborn = netns_now();
	ns = netns_new();
	born = netns_now();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set wire address 82:e2:e7:92:02:d3");
	netns_must("ip link set eth0 address ae:23:78:ec:c9:96");
	r.fd = wire_open("wire");
	netns_host(ns, "eth0", 0402, "HOSTB");

	test_probes(r.fd);
	replay_send(&r, 1);
	replay_expect(&r, &r.cap.frames[2], NULL, 0, NULL, "ARP: reply as frame 2");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_simple(&r, &rows[i]);
	test_stream(&r);
	return tap_done();
}
