// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One event is taken at a time: whoever handles it may close and free whatever it likes
 * without a look at other events.  epoll gives ready ones in turn.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>
#include <sys/eventfd.h>

#include "perf_clock.h"
#include "perf_loop.h"

static volatile sig_atomic_t stop_signal;
static int wake_fd;

/*
 * Signals are not blocked, as others do: epoll_pwait() would not let them through while
 * something is always ready.
 */
static void on_stop(int sig)
{
	const uint64_t one = 1;
	int err = errno;

	stop_signal = sig;
	/* If it does not fit, enough is there to wake us. */
	if (write(wake_fd, &one, sizeof(one)) < 0)
		errno = err;
}

static void woken(struct perf_watch *watch)
{
	uint64_t count;

	/* That it is ready has done its work. */
	if (read(watch->fd, &count, sizeof(count)) < 0)
		return;
}

/* Who wants to stop twice is stopped at once: SA_RESETHAND. */
static void catch_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM };
	const struct sigaction action = {
		.sa_handler = on_stop, .sa_flags = SA_RESETHAND | SA_RESTART,
	};
	struct sigaction before;
	size_t i;

	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		sigaction(sigs[i], NULL, &before);
		/* A background job keeps ignoring SIGINT. */
		if (before.sa_handler != SIG_IGN)
			sigaction(sigs[i], &action, NULL);
	}
}

/**
 * perf_loop_open() - begin to wait, and to catch SIGINT and SIGTERM
 * @loop: result; stays until the program ends
 *
 * Return: 0, or -1 with errno set.
 */
int perf_loop_open(struct perf_loop *loop)
{
	loop->fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->wake = (struct perf_watch){ .fd = wake_fd, .ready = woken };
	if (loop->fd < 0 || wake_fd < 0 || perf_loop_watch(loop, &loop->wake, EPOLLIN))
		return -1;
	catch_signals();
	return 0;
}

/**
 * perf_loop_watch() - wait for a socket
 * @loop: loop
 * @watch: the socket
 * @events: for what; 0: no more, not even for errors
 *
 * Return: 0, or -1 with errno set.
 */
int perf_loop_watch(struct perf_loop *loop, struct perf_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };
	int op = EPOLL_CTL_MOD;

	if (events == watch->events)
		return 0;
	if (!events)
		op = EPOLL_CTL_DEL;
	else if (!watch->events)
		op = EPOLL_CTL_ADD;
	if (epoll_ctl(loop->fd, op, watch->fd, &event))
		return -1;
	watch->events = events;
	return 0;
}

/**
 * perf_loop_forget() - close a socket
 * @loop: loop
 * @watch: the socket; nothing happens if it is -1, and it is afterwards
 */
void perf_loop_forget(struct perf_loop *loop, struct perf_watch *watch)
{
	if (watch->fd < 0)
		return;
	perf_loop_watch(loop, watch, 0);
	close(watch->fd);
	watch->fd = -1;
}

/**
 * perf_loop_wait() - wait for a socket, a signal or the time, and handle the socket
 * @loop: loop
 * @until: time of perf_now(), 0: none
 *
 * Return: 0, or -1 with errno set.
 */
int perf_loop_wait(struct perf_loop *loop, uint64_t until)
{
	struct epoll_event event;
	struct perf_watch *watch;
	int n = epoll_wait(loop->fd, &event, 1, perf_ms_left(until));

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	if (n) {
		watch = event.data.ptr;
		watch->ready(watch);
	}
	return 0;
}

/**
 * perf_loop_stopped() - does the user want to stop?
 *
 * Return: whether a signal came.
 */
bool perf_loop_stopped(void)
{
	return stop_signal;
}
