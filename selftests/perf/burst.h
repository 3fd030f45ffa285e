/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in bursts, sent and read by one process, so that nobody ever sleeps.
 *
 * The loops are not those of tools/perf, which send on connected sockets only: UDP sends to
 * an address here.
 */
#ifndef BURST_H
#define BURST_H

#include "clock.h"
#include "ends.h"

#define BURST		64

static char burst_packet[2 * CHAOS_DATA_MAX];

/* Nanoseconds for each of @count packets of @size bytes.  Closes the ends. */
static inline double burst_ns(struct ends *e, size_t size, unsigned int count)
{
	static char arrived[sizeof(burst_packet)];
	uint64_t start = clock_align();
	unsigned int i, n;

	for (i = 0; i < count; i += BURST) {
		for (n = 0; n < BURST; n++)
			if (!ends_send(e, burst_packet, size))
				tap_bail("send: %s", strerror(errno));
		for (n = 0; n < BURST; n++)
			if (recv(e->fd[FAR], arrived, sizeof(arrived), 0) != (ssize_t)size)
				tap_bail("recv: %s", strerror(errno));
	}
	start = perf_now() - start;
	ends_close(e);
	return (double)start / count;
}

#endif /* BURST_H */
