// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "perf_clock.h"
#include "perf_flow.h"

static char buffer[PERF_SIZE_MAX];

/**
 * perf_buffer() - the memory that all flows share
 *
 * Return: PERF_SIZE_MAX bytes, with anything in it.
 */
void *perf_buffer(void)
{
	return buffer;
}

/**
 * perf_try_again() - did a call fail only because nothing could be moved now?
 * @err: errno
 *
 * Return: whether.
 */
bool perf_try_again(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR;
}

/**
 * perf_count_add() - add up counts
 * @sum: where to
 * @other: what
 */
void perf_count_add(struct perf_count *sum, const struct perf_count *other)
{
	sum->bytes += other->bytes;
	sum->ops += other->ops;
	sum->calls += other->calls;
	sum->again += other->again;
}

static enum perf_step moved(struct perf_flow *f, size_t n)
{
	f->count.bytes += n;
	f->count.ops++;
	if (f->stamp) {
		f->last = perf_now();
		if (!f->first)
			f->first = f->last;
	}
	return PERF_MOVED;
}

static enum perf_step failed(struct perf_flow *f)
{
	if (!perf_try_again(errno))
		return PERF_FAILED;
	f->count.again++;
	return PERF_AGAIN;
}

/* How much the next call may move, 0: nothing. */
static size_t next_size(const struct perf_flow *f)
{
	uint64_t left;

	if (!f->amount)
		return f->size;
	left = f->amount > f->count.bytes ? f->amount - f->count.bytes : 0;
	return left < f->size ? left : f->size;
}

/**
 * perf_send() - send once
 * @f: flow
 *
 * At the end nothing else is done: the caller tells the peer, by shutdown() for
 * example.
 *
 * Return: what came of it.
 */
enum perf_step perf_send(struct perf_flow *f)
{
	size_t size = next_size(f);
	ssize_t n;

	if (!size || (f->end && perf_now() >= f->end))
		return PERF_ENDED;
	f->count.calls++;
	n = send(f->fd, buffer, size, f->flags | MSG_NOSIGNAL);
	return n < 0 ? failed(f) : moved(f, n);
}

/* With control messages, for those who want to see them. */
static ssize_t receive_message(struct perf_flow *f, bool *data)
{
	union {
		char space[256];
		struct cmsghdr align;
	} control;
	struct iovec iov = { buffer, f->size };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(f->fd, &msg, f->flags);

	*data = n >= 0 && f->is_data(&msg);
	return n;
}

/**
 * perf_receive() - receive once
 * @f: flow
 *
 * Return: what came of it; PERF_ENDED also at a mark of the peer (EOF of Chaosnet).
 */
enum perf_step perf_receive(struct perf_flow *f)
{
	size_t size = next_size(f);
	bool data = true;
	ssize_t n;

	if (!size)
		return PERF_ENDED;
	f->count.calls++;
	if (f->is_data)
		n = receive_message(f, &data);
	else
		n = recv(f->fd, buffer, f->records ? f->size : size, f->flags);
	if (n < 0)
		return failed(f);
	return n && data ? moved(f, n) : PERF_ENDED;
}

/**
 * perf_send_all() - send on a socket that blocks
 * @f: flow
 *
 * Return: PERF_ENDED or PERF_FAILED.
 */
enum perf_step perf_send_all(struct perf_flow *f)
{
	enum perf_step step;

	do
		step = perf_send(f);
	while (step == PERF_MOVED || step == PERF_AGAIN);
	return step;
}

/**
 * perf_receive_all() - receive on a socket that blocks
 * @f: flow
 *
 * Return: PERF_ENDED or PERF_FAILED.
 */
enum perf_step perf_receive_all(struct perf_flow *f)
{
	enum perf_step step;

	do
		step = perf_receive(f);
	while (step == PERF_MOVED || step == PERF_AGAIN);
	return step;
}
