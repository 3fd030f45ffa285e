/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over the cable of pair.h, and when.
 *
 *	int cable = watch_open(PAIR_A);
 *
 *	... A sends ...
 *	while (watch_next(cable, &p, 100))
 *		... p.f is a packet of A, sent at p.us ...
 */
#ifndef WATCH_H
#define WATCH_H

#include "inject.h"

#define WATCH_BUFFER	(8 << 20)	/* bytes of packets that nobody has looked at */

struct watch_packet {
	long long us;		/* watch_now() */
	struct wire_frame f;
};

/* Microseconds of the clock that packets are stamped with. */
static inline long long watch_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
}

/* See what @host sends from now on. */
static inline int watch_open(unsigned int host)
{
	int fd, size = WATCH_BUFFER, on = 1;

	pair_enter(host == PAIR_A ? PAIR_B : PAIR_A);
	fd = wire_open("eth0");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		tap_bail("watch: %s", strerror(errno));
	return fd;
}

static inline long long watch_stamp(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	struct timespec ts;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg))
		if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(cmsg), sizeof(ts));
			return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
		}
	tap_bail("watch: a packet without its time");
}

/* The next packet.  False if none comes within @ms. */
static inline bool watch_next(int fd, struct watch_packet *p, int ms)
{
	char control[CMSG_SPACE(sizeof(struct timespec))];
	long long end = netns_now() + ms;
	struct iovec iov = { p->f.bytes, sizeof(p->f.bytes) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t len;

	do {
		if (!pair_poll(fd, POLLIN, ms))
			return false;
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		len = recvmsg(fd, &msg, 0);
		if (len < 0)
			tap_bail("watch: %s", strerror(errno));
		p->f.len = len;
		p->us = watch_stamp(&msg);
		if (wire_is_chaos(&p->f))
			return true;
	} while (netns_now() <= end);
	return false;
}

/* The next packet with this opcode. */
static inline bool watch_for(int fd, uint8_t op, struct watch_packet *p, int ms)
{
	long long end = netns_now() + ms, left = ms;

	while (left >= 0 && watch_next(fd, p, left)) {
		if (p->f.bytes[WIRE_OP] == op)
			return true;
		left = end - netns_now();
	}
	return false;
}

/* Forget what has passed. */
static inline void watch_skip(int fd)
{
	struct watch_packet p;

	while (watch_next(fd, &p, 0))
		;
}

/* From now on what a host sends goes through this queue; NULL: directly. */
static inline void watch_queue(unsigned int host, const char *qdisc)
{
	pair_enter(host);
	if (qdisc)
		netns_must("tc qdisc replace dev eth0 root %s", qdisc);
	else
		netns_must("tc qdisc del dev eth0 root");
}

/*
 * A host that opens a connection and says nothing more: the test plays it.  A knows
 * where it is after watch_introduce_mute().
 */
#define WATCH_MUTE	0403

static inline void watch_introduce_mute(void)
{
	pair_enter(PAIR_A);
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:04:03 dev eth0", WATCH_MUTE);
}

/* Connect a socket of A with it, a round trip of @trip ms; @fd is from watch_open(PAIR_A). */
static inline void watch_connect_mute(int client, int fd, unsigned int trip)
{
	/* Its index is 1, its window, which is a word of the text, as wide as can be. */
	struct inject_packet opn = {
		.op = CHAOS_OP_OPN, .src = WATCH_MUTE, .sidx = 1, .text = "abcd",
	};
	struct watch_packet rfc;

	watch_skip(fd);
	pair_nonblock(client, true);
	if (!pair_connect(client, WATCH_MUTE, "MUTE") || errno != EINPROGRESS ||
	    !watch_for(fd, CHAOS_OP_RFC, &rfc, PAIR_PATIENCE))
		tap_bail("connect: %s", strerror(errno));
	opn.dst = PAIR_A;
	opn.didx = wire_get(&rfc.f, WIRE_SIDX);
	opn.ack = wire_get(&rfc.f, WIRE_NUM);
	netns_sleep(trip);
	inject(PAIR_B, &opn);
	if (!(pair_poll(client, POLLOUT, PAIR_PATIENCE) & POLLOUT))
		tap_bail("the connection does not open");
	pair_nonblock(client, false);
	watch_skip(fd);
}

/* close() that does not wait for anything. */
static inline void watch_abort(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

#endif /* WATCH_H */
