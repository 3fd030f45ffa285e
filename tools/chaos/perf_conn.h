/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection of a test, at either side. */
#ifndef CHAOS_PERF_CONN_H
#define CHAOS_PERF_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "perf_flow.h"
#include "perf_loop.h"
#include "perf_message.h"

/**
 * struct perf_conn - a connection
 * @watch: its socket; -1: not yet there, or closed
 * @loop: what waits for it
 * @out: what is sent
 * @in: what is received
 * @sending: @out is not over
 * @receiving: @in is not over
 * @err: errno that broke it, 0: none
 * @changed: called when @sending, @receiving or @err has changed; may free this
 * @owner: for @changed
 */
struct perf_conn {
	struct perf_watch watch;
	struct perf_loop *loop;
	struct perf_flow out, in;
	bool sending, receiving;
	int err;
	void (*changed)(struct perf_conn *conn);
	void *owner;
};

int perf_conn_prepare(int fd, const struct perf_request *request);
void perf_conn_init(struct perf_conn *conn, const struct perf_request *request, bool sends,
		    bool receives, unsigned int index);
void perf_conn_start(struct perf_conn *conn, uint64_t end);
void perf_conn_stop(struct perf_conn *conn);
uint64_t perf_conn_progress(const struct perf_conn *conn);
void perf_conn_result(const struct perf_conn *conn, uint64_t start, struct perf_result *result);

#endif /* CHAOS_PERF_CONN_H */
