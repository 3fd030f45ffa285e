/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stream to another process, which reads 64 KiB with each call, and what it costs. */
#ifndef STREAM_H
#define STREAM_H

#include "clock.h"
#include "ends.h"
#include "peer.h"
#include "perf_flow.h"

#define STREAM_CALL	65536		/* bytes */

/* Send @size bytes in calls of @call. */
static inline void stream_give(const struct ends *e, uint64_t size, size_t call)
{
	struct perf_flow f = { .fd = e->fd[NEAR], .size = call, .amount = size };

	if (perf_send_all(&f) != PERF_ENDED)
		tap_bail("send: %s", strerror(errno));
}

/* Receive so many. */
static inline void stream_take(const struct ends *e, uint64_t size, size_t call)
{
	struct perf_flow f = { .fd = e->fd[FAR], .size = call, .amount = size };

	if (perf_receive_all(&f) != PERF_ENDED)
		tap_bail("recv: %s", strerror(errno));
	if (f.count.bytes != size)
		tap_bail("%llu bytes arrived", (unsigned long long)f.count.bytes);
}

/* The end of a process that measures. */
__noreturn static inline void stream_tell_time(const struct peer *p)
{
	uint64_t end = perf_now();

	peer_tell(p, &end, sizeof(end));
	_exit(0);
}

/* Nanoseconds for each 488 of @size bytes, sent in calls of @call.  Closes the ends. */
static inline double stream_ns(struct ends *e, uint64_t size, size_t call)
{
	struct peer p = peer_fork();
	uint64_t start, end;

	if (!p.pid) {
		stream_take(e, size, STREAM_CALL);
		stream_tell_time(&p);
	}
	start = clock_align();
	stream_give(e, size, call);
	peer_hear(&p, &end, sizeof(end));
	peer_wait(&p);
	ends_close(e);
	return (double)(end - start) * CHAOS_DATA_MAX / size;
}

#endif /* STREAM_H */
