/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replaying what 402 answered 401 in a capture: our host takes the place of 401, its
 * programs ask, and get what 402 answered.
 *
 * Frames have the numbers of ether.pcap, where the conversation begins with two of ARP.
 */
#ifndef REPLAY_QUESTIONS_H
#define REPLAY_QUESTIONS_H

#include <poll.h>
#include <sys/time.h>

#include "replay.h"

/* SO_RCVTIMEO or SO_SNDTIMEO */
static inline void replay_limit(int fd, int option)
{
	const struct timeval limit = { .tv_sec = NETNS_PATIENCE / 1000 };

	setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit));
}

static inline struct sockaddr_chaos replay_address(const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = 0402 };

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	return sa;
}

/* The program's recvmsg() must give the captured answer, and who sent it. */
static inline void replay_check_answer(int fd, const struct wire_frame *ans, const char *contact)
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
static const struct replay_ask_row {
	const char *contact;
	unsigned int request, answer;
} replay_asks[] = {
	{ "STATUS", 3, 4 },
	{ "TIME", 5, 6 },
	{ "UPTIME", 7, 8 },
	{ "DUMP-ROUTING-TABLE", 9, 10 },
	{ "LASTCN", 11, 12 },
};

static inline void replay_ask(int fd, const char *contact)
{
	const struct sockaddr_chaos sa = replay_address(contact);

	if (sendto(fd, NULL, 0, 0, (const struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("%s: %s", contact, strerror(errno));
}

static inline void replay_expect_rfc(struct replay *r, unsigned int frame, const char *contact)
{
	char what[64];

	snprintf(what, sizeof(what), "%s: RFC as frame %u", contact, frame);
	replay_expect(r, &r->cap.frames[frame], NULL, REPLAY_ADOPT, NULL, what);
}

/* The first one has to find the host. */
static inline void replay_ask_all(struct replay *r)
{
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct replay_ask_row *row = replay_asks;

	replay_limit(fd, SO_RCVTIMEO);
	for (; row < replay_asks + ARRAY_SIZE(replay_asks); row++) {
		replay_ask(fd, row->contact);
		if (row == replay_asks && wire_is_arp(&r->cap.frames[1])) {
			replay_expect(r, &r->cap.frames[1], NULL, 0, NULL,
				      "ARP: request as frame 1");
			replay_send(r, 2);
		}
		replay_expect_rfc(r, row->request, row->contact);
		replay_send(r, row->answer);
		replay_check_answer(fd, &r->cap.frames[row->answer], row->contact);
	}
	close(fd);
}

/* A stream socket whose RFC is on its way. */
static inline int replay_call(const char *contact)
{
	const struct sockaddr_chaos sa = replay_address(contact);
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), window = 13;

	if (fd < 0 || setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)))
		tap_bail("cannot make a socket: %s", strerror(errno));
	replay_limit(fd, SO_RCVTIMEO);
	replay_limit(fd, SO_SNDTIMEO);
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != -1 || errno != EINPROGRESS)
		tap_bail("%s: connect: %s", contact, strerror(errno));
	return fd;
}

/* The answer is there: what connect() would have returned.  Blocks from now on. */
static inline int replay_called(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = ETIMEDOUT;

	if (poll(&pfd, 1, NETNS_PATIENCE) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	fcntl(fd, F_SETFL, 0);
	return error;
}

static inline void replay_check_reason(int fd, const char *want, const char *what)
{
	char got[CHAOS_DATA_MAX + 1] = "";
	socklen_t len = sizeof(got);

	getsockopt(fd, SOL_CHAOS, CHAOS_REASON, got, &len);
	if (!tap_ok(!strcmp(got, want) && len == strlen(want) + 1, "%s", what))
		tap_diag("got \"%s\", %u bytes", got, len);
}

static inline void replay_refused(struct replay *r)
{
	int fd = replay_call("NOSUCH");

	replay_expect_rfc(r, 13, "NOSUCH");
	replay_send(r, 14);
	tap_eq(replay_called(fd), ECONNREFUSED, "NOSUCH: connect() fails with ECONNREFUSED");
	replay_check_reason(fd, "No server for this contact name",
			    "NOSUCH: the program can read the peer's reason");
	close(fd);
}

/* The same as a simple transaction: the error comes to a connected socket. */
static inline void replay_refused_simple(struct replay *r)
{
	const struct sockaddr_chaos sa = replay_address("NOSUCH");
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char byte;

	replay_limit(fd, SO_RCVTIMEO);
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) || send(fd, NULL, 0, 0))
		tap_bail("NOSUCH: %s", strerror(errno));
	replay_expect_rfc(r, 13, "NOSUCH again");
	replay_send(r, 14);
	tap_errno(recv(fd, &byte, 1, 0), ECONNREFUSED, "NOSUCH: recv() fails with ECONNREFUSED");
	replay_check_reason(fd, "No server for this contact name",
			    "NOSUCH: the program can read the peer's reason again");
	close(fd);
}

/* 488 + 22 and 488 + 3 bytes: MSG_EOR ends packets where the capture ends them. */
static inline void replay_send_stream(int fd)
{
	uint8_t data[REPLAY_STREAM];

	replay_stream(data, sizeof(data));
	tap_ok(send(fd, data, 510, MSG_EOR) == 510 &&
	       send(fd, data + 510, 491, MSG_EOR) == 491, "SINKY: the program sends 1001 bytes");
}

static inline void replay_check_done(int fd)
{
	char got[8] = "";

	tap_ok(recv(fd, got, sizeof(got), 0) == 4 && !memcmp(got, "DONE", 4),
	       "SINKY: the program receives DONE");
}

/* The user of the capture: sends all, waits for DONE, EOF, CLS. */
static inline void replay_client_stream(struct replay *r)
{
	/* It acknowledged the OPN only later; we do so in the first STS. */
	static const struct replay_free sts[] = { { WIRE_ACK, 2 }, {} };
	const struct wire_frame *cap = r->cap.frames;
	struct wire_frame got;
	int fd = replay_call("SINKY");

	replay_expect_rfc(r, 15, "SINKY");
	replay_send(r, 16);
	tap_eq(replay_called(fd), 0, "SINKY: connect() succeeds");
	replay_expect(r, &cap[17], sts, 0, &got,
		      "SINKY: STS as frame 17, but for the acknowledgment");
	tap_ok(wire_get(&got, WIRE_ACK) == wire_get(&cap[16], WIRE_NUM),
	       "SINKY: STS acknowledges the OPN");
	replay_send_stream(fd);
	replay_expect(r, &cap[18], NULL, 0, NULL, "SINKY: DAT as frame 18, 488 bytes");
	replay_expect(r, &cap[19], NULL, 0, NULL, "SINKY: DAT as frame 19, 22 bytes");
	replay_expect(r, &cap[20], NULL, 0, NULL, "SINKY: DAT as frame 20, 488 bytes");
	replay_expect(r, &cap[21], NULL, 0, NULL, "SINKY: DAT as frame 21, 3 bytes");
	replay_send(r, 22);
	replay_check_done(fd);
	tap_eq(shutdown(fd, SHUT_WR), 0, "SINKY: the program says that it is done");
	replay_expect(r, &cap[23], NULL, 0, NULL, "SINKY: EOF as frame 23");
	replay_send(r, 24);
	close(fd);
	replay_expect(r, &cap[25], NULL, REPLAY_TEXT, NULL, "SINKY: CLS as frame 25, in our words");
	replay_expect_silence(r, 300, "SINKY: nothing is sent after CLS");
}

/* All of it. */
static inline void replay_questions(struct replay *r)
{
	replay_ask_all(r);
	replay_refused(r);
	replay_refused_simple(r);
	replay_client_stream(r);
}

#endif /* REPLAY_QUESTIONS_H */
