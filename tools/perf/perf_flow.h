/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a connection that is loaded, or whose load is counted.
 *
 * Descriptors are connected sockets of any family, and may or may not block.  Each
 * perf_send() and perf_receive() makes one system call; event loops call them when
 * poll() says so, others use perf_send_all() and perf_receive_all().  The clock is
 * read only where a flow asks for times.  What is sent are zeros, and what comes is
 * thrown away: all flows share one buffer, so this is for one thread.
 */
#ifndef PERF_FLOW_H
#define PERF_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define PERF_SIZE_MAX	(1 << 20)	/* bytes of a call */

/* What one call came to. */
enum perf_step {
	PERF_MOVED,	/* something was sent or received */
	PERF_AGAIN,	/* nothing can be now: wait for poll() */
	PERF_ENDED,	/* all is sent or the time is over; or nothing more will come */
	PERF_FAILED,	/* errno says how */
};

/**
 * struct perf_count - what was done so far
 * @bytes: of data
 * @ops: messages, or transactions; on a stream calls that moved data
 * @calls: system calls to send or receive, those that moved nothing included
 * @again: those of @calls that found no room or no data
 */
struct perf_count {
	uint64_t bytes, ops, calls, again;
};

/**
 * struct perf_flow - one direction; all but @fd and @size may be 0
 * @fd: socket
 * @records: each call has one message: the last is as short as the amount says, and
 *	on receiving a message of no bytes is the end
 * @size: bytes of a call, 1 to PERF_SIZE_MAX; of a message, to receive: room for it
 * @amount: bytes to send, or after which to stop receiving; 0: any number
 * @end: when to stop sending, time of perf_now(); 0: never
 * @stamp: set @first and @last
 * @flags: for send() and recv(), besides MSG_NOSIGNAL
 * @is_data: if not NULL, whether a message received counts; if not, it is the end.
 *	The message has up to 256 bytes of control messages.
 * @count: result
 * @first: with @stamp: when the first call that moved something had returned; 0: none
 * @last: the last
 */
struct perf_flow {
	int fd;
	bool records;
	size_t size;
	uint64_t amount;
	uint64_t end;
	bool stamp;
	int flags;
	bool (*is_data)(struct msghdr *msg);
	struct perf_count count;
	uint64_t first, last;
};

enum perf_step perf_send(struct perf_flow *f);
enum perf_step perf_receive(struct perf_flow *f);
enum perf_step perf_send_all(struct perf_flow *f);
enum perf_step perf_receive_all(struct perf_flow *f);
void perf_count_add(struct perf_count *sum, const struct perf_count *other);
void *perf_buffer(void);
bool perf_try_again(int err);

#endif /* PERF_FLOW_H */
