// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "perf_ask.h"
#include "perf_clock.h"

static enum perf_step failed(struct perf_count *count)
{
	if (!perf_try_again(errno))
		return PERF_FAILED;
	count->again++;
	return PERF_AGAIN;
}

static enum perf_step request(struct perf_ask *a)
{
	ssize_t n;

	if (!a->moved) {
		if (a->amount && a->count.ops >= a->amount)
			return PERF_ENDED;
		if (a->end && perf_now() >= a->end)
			return PERF_ENDED;
		if (a->latency)
			a->asked = perf_now();
	}
	a->count.calls++;
	n = send(a->fd, (char *)perf_buffer() + a->moved, a->request - a->moved, MSG_NOSIGNAL);
	if (n < 0)
		return failed(&a->count);
	a->moved += n;
	if (!a->stream || a->moved >= a->request) {
		a->moved = 0;
		a->waiting = true;
	}
	return PERF_MOVED;
}

static void answered(struct perf_ask *a)
{
	a->count.ops++;
	a->waiting = false;
	a->moved = 0;
	if (a->latency)
		perf_hist_add(a->latency, perf_now() - a->asked);
}

static enum perf_step answer(struct perf_ask *a)
{
	size_t room = a->answer ? a->answer : PERF_SIZE_MAX;
	ssize_t n;

	a->count.calls++;
	n = recv(a->fd, perf_buffer(), a->stream ? room - a->moved : room, 0);
	if (n < 0)
		return failed(&a->count);
	if (!n && a->stream) {
		errno = ECONNRESET;
		return PERF_FAILED;
	}
	a->moved += n;
	a->count.bytes += n;
	if (!a->stream || a->moved >= room)
		answered(a);
	return PERF_MOVED;
}

/**
 * perf_ask() - make one system call: a request, or a look for the answer
 * @a: who asks; whether next poll() is for input or output, @a->waiting tells
 *
 * Return: what came of it; PERF_ENDED only when no answer is missing.
 */
enum perf_step perf_ask(struct perf_ask *a)
{
	return a->waiting ? answer(a) : request(a);
}

/**
 * perf_ask_all() - do all transactions on a socket that blocks
 * @a: who asks
 *
 * Return: PERF_ENDED or PERF_FAILED.
 */
enum perf_step perf_ask_all(struct perf_ask *a)
{
	enum perf_step step;

	do
		step = perf_ask(a);
	while (step == PERF_MOVED || step == PERF_AGAIN);
	return step;
}

/**
 * perf_echo() - answer one request with what it said
 * @fd: a bound socket of messages
 * @addr_len: length of the address to answer to; 0: all of that the request came from
 * @count: requests answered, their bytes, and system calls are added here
 *
 * An answer that cannot be sent is lost, as on a network.
 *
 * Return: PERF_MOVED, PERF_AGAIN or PERF_FAILED.
 */
enum perf_step perf_echo(int fd, socklen_t addr_len, struct perf_count *count)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n;

	count->calls++;
	n = recvfrom(fd, perf_buffer(), PERF_SIZE_MAX, 0, (struct sockaddr *)&from, &len);
	if (n < 0)
		return failed(count);
	if (addr_len && addr_len < len)
		len = addr_len;
	count->calls++;
	if (sendto(fd, perf_buffer(), n, MSG_NOSIGNAL, (struct sockaddr *)&from, len) == n) {
		count->ops++;
		count->bytes += n;
	}
	return PERF_MOVED;
}
