// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every frame is sent by a call of its own, several of which go into one system call:
 * programs out there read the header and then expect to read all of the packet, and on a
 * Unix socket what was written at once is read at once.  On TCP part of a frame may be
 * taken; the rest then goes first.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "outq.h"

#define BATCH	32

/**
 * outq_init() - an empty queue
 * @q: the queue
 * @limit: how many frames it holds
 *
 * Return: whether there was memory.
 */
bool outq_init(struct outq *q, unsigned int limit)
{
	*q = (struct outq) { .limit = limit };
	q->ring = calloc(limit, sizeof(*q->ring));
	return q->ring;
}

void outq_free(struct outq *q)
{
	free(q->ring);
	*q = (struct outq) {};
}

static struct outq_frame *nth(const struct outq *q, unsigned int n)
{
	return &q->ring[(q->head + n) % q->limit];
}

/**
 * outq_put() - add a packet
 * @q: the queue
 * @packet: with its trailer
 * @len: CHAOS_RECORD_MIN to CHAOS_RECORD_MAX
 *
 * Return: whether there was room.
 */
bool outq_put(struct outq *q, const uint8_t *packet, size_t len)
{
	struct outq_frame *frame;

	if (q->count == q->limit)
		return false;
	frame = nth(q, q->count++);
	frame->len = STREAM_CHAOSD + len;
	stream_header(STREAM_CHAOSD, frame->bytes, len);
	memcpy(frame->bytes + STREAM_CHAOSD, packet, len);
	return true;
}

static unsigned int gather(const struct outq *q, struct mmsghdr *msgs, struct iovec *iov)
{
	size_t skip = q->sent;
	unsigned int n;

	for (n = 0; n < q->count && n < BATCH; n++, skip = 0) {
		struct outq_frame *frame = nth(q, n);

		iov[n] = (struct iovec) { frame->bytes + skip, frame->len - skip };
		msgs[n] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &iov[n], .msg_iovlen = 1 } };
	}
	return n;
}

/* Returns whether the whole frame is gone. */
static bool took(struct outq *q, size_t len)
{
	q->sent += len;
	if (q->sent < nth(q, 0)->len)
		return false;
	q->sent = 0;
	q->head = (q->head + 1) % q->limit;
	q->count--;
	return true;
}

/**
 * outq_flush() - send what the socket takes
 * @q: the queue
 * @fd: the socket; it is not waited for
 *
 * Return: how many frames are gone, 0 also if part of one is; or a negative errno, which
 * is -EAGAIN if the socket took nothing.
 */
int outq_flush(struct outq *q, int fd)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	int i, n, gone = 0;

	while (q->count) {
		n = sendmmsg(fd, msgs, gather(q, msgs, iov), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return gone && errno == EAGAIN ? gone : -errno;
		for (i = 0; i < n; i++, gone++)
			if (!took(q, msgs[i].msg_len))
				return gone;
	}
	return gone;
}
