/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the error queue of a datagram socket, for tests. */
#ifndef ERRQUEUE_H
#define ERRQUEUE_H

#include <time.h>
#include <linux/errqueue.h>

#include "msg.h"
#include "pair.h"

/* What recvmsg(MSG_ERRQUEUE) told. */
struct errqueue_got {
	char text[600];
	int flags;
	struct sockaddr_chaos to;
	socklen_t to_len;
	struct sock_extended_err ee;
	int n_ee;			/* how many there were */
	long long tid;			/* -1: no control message */
};

/* Take the first entry; the text is cut to @room bytes. */
static inline ssize_t errqueue_recv(int fd, size_t room, int flags, struct errqueue_got *got)
{
	union {
		char space[512];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { got->text, room };
	struct msghdr msg = {
		.msg_name = &got->to, .msg_namelen = sizeof(got->to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	uint32_t tid;
	ssize_t n;

	memset(got, 0, sizeof(*got));
	got->tid = -1;
	n = recvmsg(fd, &msg, flags | MSG_ERRQUEUE);
	if (n < 0)
		return n;
	got->flags = msg.msg_flags;
	got->to_len = msg.msg_namelen;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_CHAOS)
			continue;
		if (cmsg->cmsg_type == CHAOS_RECVERR) {
			memcpy(&got->ee, CMSG_DATA(cmsg), sizeof(got->ee));
			got->n_ee++;
		} else if (cmsg->cmsg_type == CHAOS_TID) {
			memcpy(&tid, CMSG_DATA(cmsg), sizeof(tid));
			got->tid = tid;
		}
	}
	return n;
}

/* Wait for an entry and take it. */
static inline ssize_t errqueue_wait(int fd, struct errqueue_got *got)
{
	if (!(pair_poll(fd, 0, PAIR_PATIENCE) & POLLERR))
		return -1;
	return errqueue_recv(fd, sizeof(got->text) - 1, 0, got);
}

/* What an entry should be; a @text of NULL is any but none. */
struct errqueue_want {
	int error, origin, type;
	unsigned int info;
	const char *text;
	unsigned int addr;
	const char *contact;
	long long tid;
};

static inline bool errqueue_zero(const char *bytes, size_t len)
{
	while (len && !*bytes++)
		len--;
	return !len;
}

static inline bool errqueue_named(const struct errqueue_got *got, unsigned int addr,
				  const char *contact)
{
	const struct sockaddr_chaos *sa = &got->to;
	size_t len = strlen(contact);

	return got->to_len == sizeof(*sa) && sa->sch_family == AF_CHAOS &&
	       sa->sch_addr == addr && !sa->sch_index && !sa->sch_flags &&
	       !memcmp(sa->sch_contact, contact, len) &&
	       errqueue_zero(sa->sch_contact + len, sizeof(sa->sch_contact) - len);
}

static inline bool errqueue_is(const struct errqueue_got *got, ssize_t len,
			       const struct errqueue_want *want)
{
	const struct sock_extended_err ee = {
		.ee_errno = want->error, .ee_origin = want->origin, .ee_type = want->type,
		.ee_info = want->info,
	};

	return len == (ssize_t)strlen(got->text) && got->flags == MSG_ERRQUEUE &&
	       got->n_ee == 1 && !memcmp(&got->ee, &ee, sizeof(ee)) &&
	       (want->text ? !strcmp(got->text, want->text) : len > 0) &&
	       errqueue_named(got, want->addr, want->contact) && got->tid == want->tid;
}

/* The next entry must be this one. */
static inline void errqueue_expect(int fd, const struct errqueue_want *want, const char *what)
{
	struct errqueue_got got = {};
	ssize_t len = errqueue_wait(fd, &got);

	if (tap_ok(errqueue_is(&got, len, want), "%s: the entry", what))
		return;
	tap_diag("%zd bytes '%s', flags %#x, %d times errno %u origin %#o type %#o info %#o",
		 len, got.text, got.flags, got.n_ee, got.ee.ee_errno, got.ee.ee_origin,
		 got.ee.ee_type, got.ee.ee_info);
	tap_diag("to %#o '%.120s', tid %lld", got.to.sch_addr, got.to.sch_contact, got.tid);
}

static inline void errqueue_expect_none(int fd, const char *what)
{
	struct errqueue_got got;

	tap_errno(errqueue_recv(fd, 10, 0, &got), EAGAIN, "%s: no more", what);
}

/* A request with CHAOS_TID, unless @tid is -1. */
static inline ssize_t errqueue_ask(int fd, unsigned int addr, const char *contact,
				   const char *args, long long tid)
{
	struct sockaddr_chaos sa = pair_name(addr, contact);
	uint32_t value = tid;

	if (tid < 0)
		return sendto(fd, args, strlen(args), 0, (struct sockaddr *)&sa, sizeof(sa));
	return msg_send_cmsg(fd, args, strlen(args), &sa, SOL_CHAOS, CHAOS_TID, &value,
			     sizeof(value));
}

#endif /* ERRQUEUE_H */
