/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for sockets, time and the user. */
#ifndef CHAOS_PERF_LOOP_H
#define CHAOS_PERF_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/**
 * struct perf_watch - a socket that is waited for
 * @fd: socket
 * @events: EPOLLIN, EPOLLOUT; 0: it is not waited for
 * @ready: called when it is ready; may close it, and free this and others
 */
struct perf_watch {
	int fd;
	uint32_t events;
	void (*ready)(struct perf_watch *watch);
};

/**
 * struct perf_loop - all of them
 * @fd: of epoll
 * @wake: written to when a signal came
 */
struct perf_loop {
	int fd;
	struct perf_watch wake;
};

int perf_loop_open(struct perf_loop *loop);
int perf_loop_watch(struct perf_loop *loop, struct perf_watch *watch, uint32_t events);
void perf_loop_forget(struct perf_loop *loop, struct perf_watch *watch);
int perf_loop_wait(struct perf_loop *loop, uint64_t until);
bool perf_loop_stopped(void);

#endif /* CHAOS_PERF_LOOP_H */
