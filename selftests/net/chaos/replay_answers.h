/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replaying what 401 asked 402 in a capture: our host takes the place of 402.
 *
 * The captures have the same conversation on different links.  Frames have the numbers
 * of ether.pcap, where it begins with two frames of ARP.
 */
#ifndef REPLAY_ANSWERS_H
#define REPLAY_ANSWERS_H

#include <sys/time.h>

#include "replay.h"

#define REPLAY_FIRST	3	/* frame with the first question */

static long long replay_born;	/* when the namespace came up, at the latest */
static long long replay_unborn;	/* when it was not there yet */
static long long replay_asked;	/* when the last question was not sent yet */

/* Make our host. */
static inline int replay_new_host(void)
{
	int ns;

	netns_stay();
	replay_unborn = netns_now();
	ns = netns_new();
	replay_born = netns_now();
	return ns;
}

static inline uint32_t replay_u32(const struct wire_frame *ans)
{
	return wire_get(ans, WIRE_DATA) | (uint32_t)wire_get(ans, WIRE_DATA + 2) << 16;
}

/* TIME: seconds since 1900. */
static inline void replay_check_time(const struct wire_frame *ans)
{
	int64_t told = (int64_t)replay_u32(ans) - 2208988800, now = time(NULL);

	tap_ok(told >= now - (netns_now() - replay_asked) / 1000 - 2 && told <= now + 1,
	       "TIME: the answer is the time");
}

/* UPTIME: 1/60 s. */
static inline void replay_check_uptime(const struct wire_frame *ans)
{
	long long up = replay_u32(ans) * 1000ll / 60, now = netns_now();

	if (!tap_ok(up >= replay_asked - replay_born - 50 && up <= now - replay_unborn + 50,
		    "UPTIME: the answer is the age of the host"))
		tap_diag("%lld ms; it is between %lld and %lld", up, replay_asked - replay_born,
			 now - replay_unborn);
}

/* STATUS: the counters, at least of what we have seen, cannot be 0. */
static inline void replay_check_status(const struct wire_frame *ans)
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
static inline void replay_check_routes(const struct wire_frame *ans)
{
	uint16_t method = wire_get(ans, WIRE_DATA + 4);

	tap_ok(method && method < 0400 && wire_get(ans, WIRE_DATA + 6) == 11,
	       "DUMP-ROUTING-TABLE: our subnet is on a link of ours");
}

/* LASTCN: we are heard with this packet, which may be a moment ago. */
static inline void replay_check_lastcn(const struct wire_frame *ans)
{
	tap_ok(wire_get(ans, WIRE_DATA + 10) < 60 && !wire_get(ans, WIRE_DATA + 12),
	       "LASTCN: the last packet came just now");
}

/* Simple transactions: what of the answer is not compared, and how it is checked. */
static const struct replay_row {
	const char *contact;
	unsigned int request, answer;		/* frames */
	struct replay_free free[2];
	void (*check)(const struct wire_frame *ans);
} replay_rows[] = {
	{ "STATUS", 3, 4, { { WIRE_DATA + 36, 32 } }, replay_check_status },
	{ "TIME", 5, 6, { { WIRE_DATA, 4 } }, replay_check_time },
	{ "UPTIME", 7, 8, { { WIRE_DATA, 4 } }, replay_check_uptime },
	{ "DUMP-ROUTING-TABLE", 9, 10, { { WIRE_DATA + 4, 4 } }, replay_check_routes },
	{ "LASTCN", 11, 12, { { WIRE_DATA + 10, 4 } }, replay_check_lastcn },
	{ "NOSUCH", 13, 14, { { WIRE_NUM, 2 } }, NULL },
};

static inline void replay_simple(struct replay *r, const struct replay_row *row)
{
	struct wire_frame want = r->cap.frames[row->answer], got;
	bool refused = want.bytes[WIRE_OP] == CHAOS_OP_CLS;
	char what[64];

	wire_put(&want, WIRE_DIDX, wire_get(&r->cap.frames[row->request], WIRE_SIDX));
	replay_asked = netns_now();
	replay_send(r, row->request);
	snprintf(what, sizeof(what), "%s: %s as frame %u", row->contact,
		 refused ? "refused" : "answered", row->answer);
	if (replay_expect(r, &want, row->free, refused ? REPLAY_TEXT : 0, &got, what) &&
	    row->check)
		row->check(&got);
}

static inline int replay_listener(void)
{
	const struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_contact = "SINKY" };
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0), window = 13;

	if (fd < 0 || setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)) ||
	    bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1))
		tap_bail("cannot listen: %s", strerror(errno));
	return fd;
}

static inline int replay_accept(int listener, uint16_t caller)
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
	tap_ok(sa.sch_addr == 0401 && sa.sch_index == caller &&
	       !strcmp(sa.sch_contact, "SINKY"), "accept() tells who calls");
	return fd;
}

static inline void replay_expect_data(int fd)
{
	uint8_t got[2 * REPLAY_STREAM], want[REPLAY_STREAM];
	ssize_t len = recv(fd, got, REPLAY_STREAM, MSG_WAITALL);

	replay_stream(want, sizeof(want));
	tap_ok(len == REPLAY_STREAM && !memcmp(got, want, REPLAY_STREAM),
	       "the server reads the 1001 bytes that were sent");
}

/* recvmsg() must return 0, with MSG_EOR for a mark and without it at the end. */
static inline void replay_expect_zero(int fd, int flags, const char *what)
{
	uint8_t byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t len = recvmsg(fd, &msg, 0);

	if (!tap_ok(!len && msg.msg_flags == flags, "%s", what))
		tap_diag("recvmsg: %zd, flags %#x, %s", len, msg.msg_flags, strerror(errno));
}

/* The server of the capture: reads all, answers DONE, reads on. */
static inline void replay_server_stream(struct replay *r)
{
	const struct wire_frame *cap = r->cap.frames;
	int listener = replay_listener(), fd, i;
	char reason[64] = "";
	socklen_t len = sizeof(reason);

	replay_send(r, 15);
	fd = replay_accept(listener, wire_get(&cap[15], WIRE_SIDX));
	replay_expect(r, &cap[16], NULL, REPLAY_ADOPT, NULL, "SINKY: OPN as frame 16");
	replay_send(r, 17);
	for (i = 18; i <= 21; i++)
		replay_send(r, i);
	replay_expect_data(fd);
	tap_eq(send(fd, "DONE", 4, 0), 4, "the server answers");
	replay_expect(r, &cap[22], NULL, 0, NULL, "SINKY: DAT as frame 22");
	replay_send(r, 23);
	replay_expect(r, &cap[24], NULL, 0, NULL, "SINKY: EOF is acknowledged as in frame 24");
	replay_expect_zero(fd, MSG_EOR, "the server reads a mark");
	replay_send(r, 25);
	replay_expect_zero(fd, 0, "the server reads a clean end");
	getsockopt(fd, SOL_CHAOS, CHAOS_REASON, reason, &len);
	tap_ok(!strcmp(reason, "Bye bye"), "the server can read the peer's last words");
	close(fd);
	close(listener);
	replay_expect_silence(r, 300, "SINKY: nothing is sent after CLS");
}

/* All of it. */
static inline void replay_answers(struct replay *r)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(replay_rows); i++)
		replay_simple(r, &replay_rows[i]);
	replay_server_stream(r);
}

#endif /* REPLAY_ANSWERS_H */
