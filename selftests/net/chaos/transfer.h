/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams that carry data both ways at once, every byte checked; many of them,
 * by epoll, in one process at each end.
 *
 * Each direction of each stream has a pattern of its own, known by a key, in
 * which every byte depends on its position.  Writes are of all lengths.  Both
 * ends send an EOF at last; the one that called closes once it has the other's and
 * its own has arrived, and the other must then see a clean end.  Where packets get
 * lost both should do as callers do: nobody repeats the packet that closes a
 * connection.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <stdint.h>
#include <sys/epoll.h>

#include "netns.h"

#define TRANSFER_CHUNK	16384		/* longest write */
#define TRANSFER_WATCH	50		/* ms between looks at what a stream does */
#define PATTERN_LEN	65521		/* prime: fits no packet and no buffer */
#define PATTERN_NONE	UINT32_MAX	/* key of a direction without data */

/* Milliseconds without progress that mean failure. */
static long long transfer_stall = 3 * NETNS_PATIENCE;

/* Bytes that look random, twice, so that a run may begin anywhere. */
static uint8_t pattern_bytes[2 * PATTERN_LEN];

static inline void pattern_init(void)
{
	uint32_t x = 1;
	unsigned int i;

	for (i = 0; i < PATTERN_LEN; i++) {
		x = x * 1664525 + 1013904223;
		pattern_bytes[i] = x >> 24;
	}
	memcpy(pattern_bytes + PATTERN_LEN, pattern_bytes, PATTERN_LEN);
}

/* What the pattern @key has from @pos on, and in *@len how much of it is there. */
static inline const uint8_t *pattern_at(uint32_t key, uint64_t pos, size_t *len)
{
	uint64_t block = pos / PATTERN_LEN, offset = pos % PATTERN_LEN;

	if (*len > PATTERN_LEN - offset)
		*len = PATTERN_LEN - offset;
	return pattern_bytes + (key * 7919ull + block * 104729) % PATTERN_LEN + offset;
}

/**
 * struct transfer - one end of a stream
 * @fd: socket
 * @key_out: pattern that we send, or PATTERN_NONE
 * @key_in: pattern that we must receive, or PATTERN_NONE
 * @size: bytes of each pattern
 * @sent: bytes
 * @rcvd: bytes, all as they should be
 * @calls: system calls to send and to receive
 * @called: we made the connection, and close it; or both ends do
 * @eof_sent: our EOF is sent
 * @eof_rcvd: theirs was read
 * @done: nothing more to do
 * @most_unacked: highest number of packets seen under way
 * @rcvd_at: when something was last received, 0: nothing yet
 * @pause: ms, longest wait between the first byte received and the EOF
 * @active_at: when a packet was last sent or known to have arrived, or all had
 * @silence: ms, longest time that packets which were not known to have arrived were
 *	not sent again
 * @info: state of the connection at the end
 * @error: what went wrong; empty if nothing
 */
struct transfer {
	int fd;
	uint32_t key_out, key_in;
	uint64_t size, sent, rcvd, calls;
	bool called, eof_sent, eof_rcvd, done;
	unsigned int most_unacked;
	long long rcvd_at, active_at;
	unsigned int pause, silence;
	struct chaos_info info;
	char error[120];
};

__printf(2, 3)
static inline void transfer_fail(struct transfer *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!*t->error)
		vsnprintf(t->error, sizeof(t->error), format, args);
	va_end(args);
	t->done = true;
}

static inline void transfer_look(struct transfer *t)
{
	const struct chaos_info before = t->info;
	const struct chaos_info *now = &t->info;
	socklen_t len = sizeof(t->info);
	long long time = netns_now();

	if (getsockopt(t->fd, SOL_CHAOS, CHAOS_INFO, &t->info, &len))
		transfer_fail(t, "CHAOS_INFO: %s", strerror(errno));
	if (now->ci_snd_unacked > t->most_unacked)
		t->most_unacked = now->ci_snd_unacked;
	if (!now->ci_snd_unreceipted || now->ci_snd_unreceipted != before.ci_snd_unreceipted ||
	    now->ci_retrans != before.ci_retrans || now->ci_bytes_sent != before.ci_bytes_sent)
		t->active_at = time;
	if (time - t->active_at > t->silence)
		t->silence = time - t->active_at;
	if (t->called && t->eof_sent && t->eof_rcvd && !now->ci_snd_unreceipted &&
	    !now->ci_snd_queued)
		t->done = true;
}

static inline uint64_t transfer_size_out(const struct transfer *t)
{
	return t->key_out == PATTERN_NONE ? 0 : t->size;
}

static inline uint64_t transfer_size_in(const struct transfer *t)
{
	return t->key_in == PATTERN_NONE ? 0 : t->size;
}

static inline void transfer_send(struct transfer *t)
{
	size_t len = 1 + (t->sent * 2654435761u >> 7) % TRANSFER_CHUNK;
	const uint8_t *data = pattern_at(t->key_out, t->sent, &len);
	ssize_t n;

	if (len > transfer_size_out(t) - t->sent)
		len = transfer_size_out(t) - t->sent;
	t->calls++;
	n = send(t->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		t->sent += n;
	else if (n < 0 && errno != EAGAIN)
		transfer_fail(t, "send after %llu bytes: %s", (long long)t->sent, strerror(errno));
	if (t->sent < transfer_size_out(t) || t->done)
		return;
	if (shutdown(t->fd, SHUT_WR))
		transfer_fail(t, "shutdown: %s", strerror(errno));
	t->eof_sent = true;
}

/* Are these the bytes that belong at the place where we are? */
static inline bool transfer_check(struct transfer *t, const uint8_t *data, size_t len)
{
	while (len) {
		size_t i = 0, n = len;
		const uint8_t *want = pattern_at(t->key_in, t->rcvd, &n);

		if (memcmp(data, want, n)) {
			while (data[i] == want[i])
				i++;
			transfer_fail(t, "byte %llu is %02x instead of %02x",
				      (long long)(t->rcvd + i), data[i], want[i]);
			return false;
		}
		t->rcvd += n;
		data += n;
		len -= n;
	}
	return true;
}

/* A zero: the mark that must come after all bytes, then only the end. */
static inline void transfer_zero(struct transfer *t, bool mark)
{
	if (t->rcvd != transfer_size_in(t))
		transfer_fail(t, "%s after %llu bytes of %llu", mark ? "EOF" : "end",
			      (long long)t->rcvd, (long long)transfer_size_in(t));
	else if (mark == t->eof_rcvd)
		transfer_fail(t, mark ? "another EOF" : "end without EOF");
	else if (mark)
		t->eof_rcvd = true;
	else
		t->done = true;
}

static inline void transfer_recv(struct transfer *t)
{
	uint8_t buf[2 * TRANSFER_CHUNK];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	t->calls++;
	n = recvmsg(t->fd, &msg, MSG_DONTWAIT);
	if (n > 0 && t->rcvd + n > transfer_size_in(t))
		transfer_fail(t, "more than %llu bytes", (long long)transfer_size_in(t));
	else if (n > 0)
		transfer_check(t, buf, n);
	else if (!n)
		transfer_zero(t, msg.msg_flags & MSG_EOR);
	else if (errno == ECONNRESET && t->called && t->eof_rcvd)
		t->done = true;		/* the other end has closed, and we missed it */
	else if (errno != EAGAIN)
		transfer_fail(t, "receive after %llu bytes: %s", (long long)t->rcvd,
			      strerror(errno));
}

/* Something was received: how long was the wait? */
static inline void transfer_pause(struct transfer *t)
{
	long long now = netns_now();

	if (t->rcvd_at && now - t->rcvd_at > t->pause)
		t->pause = now - t->rcvd_at;
	t->rcvd_at = now;
}

/* The socket can do something; returns whether that was progress. */
static inline bool transfer_step(struct transfer *t, uint32_t events)
{
	uint64_t before = t->sent + t->rcvd + t->eof_rcvd;
	uint64_t in_before = t->rcvd + t->eof_rcvd;

	if (events & EPOLLOUT && !t->eof_sent)
		transfer_send(t);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !t->done)
		transfer_recv(t);
	if (t->rcvd + t->eof_rcvd != in_before)
		transfer_pause(t);
	if (t->done || t->calls % 8 == 0 || (t->eof_sent && t->eof_rcvd))
		transfer_look(t);
	return t->done || t->sent + t->rcvd + t->eof_rcvd != before;
}

static inline int transfer_epoll(struct transfer *t, unsigned int n)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.ptr = &t[i] };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, t[i].fd, &ev))
			transfer_fail(&t[i], "epoll: %s", strerror(errno));
	}
	return epoll;
}

/* Wait no longer for room to send; close what is done. */
static inline void transfer_rearm(int epoll, struct transfer *t)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = t };

	if (t->done)
		close(t->fd);
	else if (t->eof_sent)
		epoll_ctl(epoll, EPOLL_CTL_MOD, t->fd, &ev);
}

/* Look at all streams, unless that was done just now; returns how many that ended. */
static inline unsigned int transfer_watch(int epoll, struct transfer *t, unsigned int n,
					  long long *watched)
{
	unsigned int done = 0;

	if (netns_now() - *watched < TRANSFER_WATCH)
		return 0;
	*watched = netns_now();
	for (; n--; t++) {
		if (t->done)
			continue;
		transfer_look(t);
		if (t->done)
			transfer_rearm(epoll, t);
		done += t->done;
	}
	return done;
}

/* Drive @n open streams, or streams about to open, until all are done; t->error says
 * what went wrong.
 */
static inline void transfer_run(struct transfer *t, unsigned int n)
{
	long long last = netns_now(), watched = 0;
	int i, ready, epoll = transfer_epoll(t, n);
	struct epoll_event ev[64];
	unsigned int left = n;

	while (left && netns_now() - last < transfer_stall) {
		ready = epoll_wait(epoll, ev, 64, TRANSFER_WATCH);
		for (i = 0; i < ready; i++) {
			struct transfer *one = ev[i].data.ptr;

			if (transfer_step(one, ev[i].events))
				last = netns_now();
			transfer_rearm(epoll, one);
			left -= one->done;
		}
		left -= transfer_watch(epoll, t, n, &watched);
	}
	while (left && n--)
		if (!t[n].done)
			transfer_fail(&t[n], "stuck: %llu sent, %llu received, "
				      "%u unacked, %u unreceipted, %u queued, %u unread",
				      (long long)t[n].sent, (long long)t[n].rcvd,
				      t[n].info.ci_snd_unacked, t[n].info.ci_snd_unreceipted,
				      t[n].info.ci_snd_queued, t[n].info.ci_rcv_unread);
	close(epoll);
}

/**
 * struct transfer_sum - what an end has to say about all its streams
 * @failed: streams with an error
 * @error: the first of these
 * @most_unacked: highest number of packets seen under way on a stream
 * @least_window: smallest and
 * @most_window: largest window that a peer offered at last
 * @retrans: packets sent again
 * @gaps: gaps that the peer reported
 * @dups: packets that came twice
 * @beyond: packets discarded because they exceeded our window
 * @pause: ms, longest wait of a receiver
 * @silence: ms, longest time that something was not sent again
 * @pkts_sent: packets of all kinds
 * @calls: system calls
 */
struct transfer_sum {
	unsigned int failed;
	char error[120];
	unsigned int most_unacked, least_window, most_window;
	unsigned int pause, silence;
	unsigned long long retrans, gaps, dups, beyond, pkts_sent, calls;
};

static inline struct transfer_sum transfer_sum(const struct transfer *t, unsigned int n)
{
	struct transfer_sum sum = { .least_window = UINT_MAX };

	for (; n--; t++) {
		const struct chaos_info *info = &t->info;

		if (*t->error && !sum.failed++)
			snprintf(sum.error, sizeof(sum.error), "%s", t->error);
		if (t->most_unacked > sum.most_unacked)
			sum.most_unacked = t->most_unacked;
		if (info->ci_snd_window < sum.least_window)
			sum.least_window = info->ci_snd_window;
		if (info->ci_snd_window > sum.most_window)
			sum.most_window = info->ci_snd_window;
		if (t->pause > sum.pause)
			sum.pause = t->pause;
		if (t->silence > sum.silence)
			sum.silence = t->silence;
		sum.retrans += info->ci_retrans;
		sum.gaps += info->ci_gaps_rcvd;
		sum.dups += info->ci_dups_rcvd;
		sum.beyond += info->ci_beyond_window;
		sum.pkts_sent += info->ci_pkts_sent;
		sum.calls += t->calls;
	}
	return sum;
}

/* What both ends share of opening a stream. */

static inline int transfer_socket(int window)
{
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		tap_bail("socket: %s", strerror(errno));
	if (window && setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)))
		tap_bail("CHAOS_WINDOW: %s", strerror(errno));
	return fd;
}

static inline int transfer_listen(const char *contact, int window, int backlog)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS };
	int fd = transfer_socket(window);

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, backlog))
		tap_bail("%s: %s", contact, strerror(errno));
	return fd;
}

/* @contact may have arguments. */
static inline struct sockaddr_chaos transfer_peer(unsigned int addr, const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = addr };

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	return sa;
}

/* An environment variable, for those who have more time. */
static inline unsigned long transfer_setting(const char *name, unsigned long value)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : value;

	return n ?: value;
}

/* Wait until no connection is left on the host. */
static inline bool transfer_all_gone(int ns)
{
	long long end = netns_now() + 3 * NETNS_PATIENCE;
	char output[NETNS_OUTPUT];

	netns_enter(ns);
	do {
		if (!netns_run(output, "chaosctl -j conn") && !strcmp(output, "[]\n"))
			return true;
		netns_sleep(100);
	} while (netns_now() < end);
	tap_diag("%s", output);
	return false;
}

#endif /* TRANSFER_H */
