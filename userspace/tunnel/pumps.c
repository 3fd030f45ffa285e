// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>

#include "log.h"
#include "pumps.h"

#define INTERRUPT	SIGURG		/* nobody minds if it comes from elsewhere */
#define INTERRUPT_EVERY	1000000		/* ns */

/**
 * struct pump - one of them
 * @pumps: its fellows
 * @ops: what it does
 * @arg: for @ops
 * @fd: what it reads
 * @threaded: it has a thread
 * @thread: which
 * @io: watches @fd if there is none
 * @idle: its last turn was not to be followed by another; the pump's own unless it is parked
 * @parked: it waits to be released; under the lock
 * @quit: it is to end; under the lock
 * @list: of all
 */
struct pump {
	struct pumps *pumps;
	const struct pump_ops *ops;
	void *arg;
	int fd;
	bool threaded;
	pthread_t thread;
	sd_event_source *io;
	bool idle, parked, quit;
	TAILQ_ENTRY(pump) list;
};

/**
 * struct pumps - all of them
 * @event: loop
 * @threads: pumps have threads
 * @fd: eventfd, tells the event loop of pumps_call()
 * @called: watches it
 * @starter: starts pumps that were added
 * @all: all; for the event loop only
 * @held: how often they are held; changed by the event loop
 * @lock: as above
 * @was_parked: one was
 * @go: they may go on
 */
struct pumps {
	sd_event *event;
	bool threads;
	int fd;
	sd_event_source *called, *starter;
	TAILQ_HEAD(, pump) all;
	atomic_uint held;
	pthread_mutex_t lock;
	pthread_cond_t was_parked, go;
};

/* --------------------------------------------------------------------- threads */

/* Returns whether there is to be another turn. */
static bool park(struct pump *pump)
{
	struct pumps *pumps = pump->pumps;
	bool quit;

	pthread_mutex_lock(&pumps->lock);
	pump->parked = true;
	pthread_cond_signal(&pumps->was_parked);
	while (!pump->quit && (pumps->held || pump->idle))
		pthread_cond_wait(&pumps->go, &pumps->lock);
	pump->parked = false;
	quit = pump->quit;
	pthread_mutex_unlock(&pumps->lock);
	return !quit;
}

static void *run_thread(void *arg)
{
	struct pump *pump = arg;

	do {
		while (!pump->pumps->held && !pump->idle)
			pump->idle = !pump->ops->turn(pump->arg);
	} while (park(pump));
	return NULL;
}

static void on_interrupt(int number)
{
	(void)number;
}

/* All other signals are for the event loop. */
static int start_thread(struct pump *pump)
{
	sigset_t mask, old;
	int error;

	sigfillset(&mask);
	sigdelset(&mask, INTERRUPT);
	pthread_sigmask(SIG_SETMASK, &mask, &old);
	error = pthread_create(&pump->thread, NULL, run_thread, pump);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

/* ------------------------------------------------------------------ event loop */

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct pump *pump = arg;

	(void)fd;
	(void)events;
	pump->idle = !pump->ops->turn(pump->arg);
	if (pump->idle)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static void set_blocking(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/* Returns -errno if it cannot be. */
static int start(struct pump *pump)
{
	int error;

	if (pump->pumps->threads) {
		set_blocking(pump->fd, true);
		error = start_thread(pump);
		pump->threaded = !error;
		if (!error)
			return 0;
		log_limited(LOG_WARNING, "there is no thread for packets: %s", strerror(error));
	}
	set_blocking(pump->fd, false);
	return sd_event_add_io(pump->pumps->event, &pump->io, pump->fd, EPOLLIN, on_io, pump);
}

/* From the event loop, not from pump_add(): privileges are given up in between. */
static int on_start(sd_event_source *source, void *arg)
{
	struct pumps *pumps = arg;
	struct pump *pump;
	int status = 0;

	(void)source;
	TAILQ_FOREACH(pump, &pumps->all, list)
		if (!pump->threaded && !pump->io && status >= 0)
			status = start(pump);
	return status;
}

static int on_call(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct pumps *pumps = arg;
	struct pump *pump, *next;
	uint64_t count;

	(void)source;
	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return 0;
	pumps_hold(pumps);
	for (pump = TAILQ_FIRST(&pumps->all); pump; pump = next) {
		next = TAILQ_NEXT(pump, list);
		pump->ops->attend(pump->arg);
	}
	pumps_release(pumps);
	return 0;
}

/* Whether there is nothing to wait for; the others wait for packets, or have a turn. */
static bool interrupt(struct pumps *pumps)
{
	bool all_parked = true;
	struct pump *pump;

	TAILQ_FOREACH(pump, &pumps->all, list)
		if (pump->threaded && !pump->parked) {
			all_parked = false;
			pthread_kill(pump->thread, INTERRUPT);
		}
	return all_parked;
}

void pumps_hold(struct pumps *pumps)
{
	struct timespec until;

	if (pumps->held++)
		return;
	pthread_mutex_lock(&pumps->lock);
	/* A signal may come just before one of them begins to wait: so there are more. */
	while (!interrupt(pumps)) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += INTERRUPT_EVERY;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		pthread_cond_timedwait(&pumps->was_parked, &pumps->lock, &until);
	}
	pthread_mutex_unlock(&pumps->lock);
}

void pumps_release(struct pumps *pumps)
{
	struct pump *pump;

	pthread_mutex_lock(&pumps->lock);
	if (!--pumps->held) {
		TAILQ_FOREACH(pump, &pumps->all, list) {
			pump->idle = false;
			if (pump->io)
				sd_event_source_set_enabled(pump->io, SD_EVENT_ON);
		}
		pthread_cond_broadcast(&pumps->go);
	}
	pthread_mutex_unlock(&pumps->lock);
}

void pumps_call(struct pumps *pumps)
{
	const uint64_t one = 1;

	if (write(pumps->fd, &one, sizeof(one)) < 0)
		log_limited(LOG_ERR, "cannot tell the event loop: %s", strerror(errno));
}

/* ----------------------------------------------------------- making and ending */

static void init_locks(struct pumps *pumps)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pumps->was_parked, &attr);
	pthread_cond_init(&pumps->go, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&pumps->lock, NULL);
}

int pumps_new(sd_event *event, bool threads, struct pumps **pumps)
{
	const struct sigaction interrupt = { .sa_handler = on_interrupt };
	struct pumps *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	made->event = sd_event_ref(event);
	made->threads = threads;
	TAILQ_INIT(&made->all);
	init_locks(made);
	sigaction(INTERRUPT, &interrupt, NULL);
	made->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	status = made->fd < 0 ? -errno : 0;
	if (!status)
		status = sd_event_add_io(event, &made->called, made->fd, EPOLLIN, on_call, made);
	if (status >= 0)
		status = sd_event_add_defer(event, &made->starter, on_start, made);
	if (status >= 0)
		status = sd_event_source_set_enabled(made->starter, SD_EVENT_OFF);
	if (status < 0) {
		pumps_free(made);
		return status;
	}
	*pumps = made;
	return 0;
}

void pumps_free(struct pumps *pumps)
{
	if (!pumps)
		return;
	sd_event_source_disable_unref(pumps->called);
	sd_event_source_disable_unref(pumps->starter);
	sd_event_unref(pumps->event);
	if (pumps->fd >= 0)
		close(pumps->fd);
	pthread_cond_destroy(&pumps->was_parked);
	pthread_cond_destroy(&pumps->go);
	pthread_mutex_destroy(&pumps->lock);
	free(pumps);
}

int pump_add(struct pumps *pumps, int fd, const struct pump_ops *ops, void *arg,
	     struct pump **pump)
{
	struct pump *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	status = sd_event_source_set_enabled(pumps->starter, SD_EVENT_ONESHOT);
	if (status < 0) {
		free(made);
		return status;
	}
	made->pumps = pumps;
	made->ops = ops;
	made->arg = arg;
	made->fd = fd;
	TAILQ_INSERT_TAIL(&pumps->all, made, list);
	*pump = made;
	return 0;
}

void pump_remove(struct pump *pump)
{
	struct pumps *pumps;

	if (!pump)
		return;
	pumps = pump->pumps;
	pumps_hold(pumps);
	sd_event_source_disable_unref(pump->io);
	pthread_mutex_lock(&pumps->lock);
	pump->quit = true;
	pthread_cond_broadcast(&pumps->go);
	pthread_mutex_unlock(&pumps->lock);
	if (pump->threaded)
		pthread_join(pump->thread, NULL);
	TAILQ_REMOVE(&pumps->all, pump, list);
	pumps_release(pumps);
	free(pump);
}
