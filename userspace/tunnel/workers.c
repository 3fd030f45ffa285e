// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A piece of work is in one of three places: it waits in pool->waiting, a thread has it,
 * or it is in pool->over.  Whoever takes it out of a list, under the lock, owns it.  One
 * that is cancelled while a thread has it is marked, and that thread frees it.
 *
 * The threads share only the pool with the rest, and the last one to let go of it frees
 * it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"
#include "workers.h"

TAILQ_HEAD(work_list, work);

/**
 * struct pool - what the threads share with the event loop
 * @lock: guards all of it but @fd and @most
 * @ready: something waits, or it is @closing
 * @waiting: work that no thread has taken
 * @over: work that is to be reported
 * @fd: tells the event loop of it
 * @refs: threads, the workers, and a timeout that is being reported
 * @most: threads at a time
 * @threads: threads
 * @idle: those of them without work
 * @closing: the workers are gone
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t ready;
	struct work_list waiting;
	struct work_list over;
	int fd;
	unsigned int refs;
	unsigned int most;
	unsigned int threads;
	unsigned int idle;
	bool closing;
};

/**
 * struct workers - the event loop's side
 * @event: loop
 * @io: watches the pool's @fd
 * @starter: starts threads
 * @all: work whose end was not reported
 * @pool: what the threads know
 */
struct workers {
	sd_event *event;
	sd_event_source *io;
	sd_event_source *starter;
	LIST_HEAD(, work) all;
	struct pool *pool;
};

/* -------------------------------------------------------------------- threads */

static struct pool *new_pool(unsigned int most)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->fd < 0) {
		free(pool);
		return NULL;
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->ready, NULL);
	TAILQ_INIT(&pool->waiting);
	TAILQ_INIT(&pool->over);
	pool->most = most;
	pool->refs = 1;
	return pool;
}

/* Lets go of the pool, and of its lock. */
static void unlock_and_put(struct pool *pool)
{
	bool last = !--pool->refs;

	pthread_mutex_unlock(&pool->lock);
	if (!last)
		return;
	pthread_cond_destroy(&pool->ready);
	pthread_mutex_destroy(&pool->lock);
	close(pool->fd);
	free(pool);
}

/* Takes some work; returns NULL when there will be no more. */
static struct work *wait_for_work(struct pool *pool)
{
	struct work *work;

	pool->idle++;
	while (TAILQ_EMPTY(&pool->waiting) && !pool->closing)
		pthread_cond_wait(&pool->ready, &pool->lock);
	pool->idle--;
	if (pool->closing)
		return NULL;
	work = TAILQ_FIRST(&pool->waiting);
	TAILQ_REMOVE(&pool->waiting, work, next);
	work->place = WORK_RUNS;
	return work;
}

static void hand_back(struct pool *pool, struct work *work)
{
	const uint64_t one = 1;

	if (work->cancelled) {
		free(work);
		return;
	}
	work->place = WORK_IS_OVER;
	TAILQ_INSERT_TAIL(&pool->over, work, next);
	if (write(pool->fd, &one, sizeof(one)) < 0)
		log_error("cannot tell of work that was done: %s", strerror(errno));
}

static void *run_thread(void *arg)
{
	struct pool *pool = arg;
	struct work *work;

	pthread_mutex_lock(&pool->lock);
	while ((work = wait_for_work(pool))) {
		pthread_mutex_unlock(&pool->lock);
		work->ops->run(work);
		pthread_mutex_lock(&pool->lock);
		hand_back(pool, work);
	}
	unlock_and_put(pool);
	return NULL;
}

/* Signals are for the event loop, so that a thread must begin with all blocked. */
static int start_thread(struct pool *pool)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, &attr, run_thread, pool);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return error;
}

/* The pool's lock is held. */
static void start_threads(struct pool *pool)
{
	unsigned int wanted = 0;
	struct work *work;
	int error = 0;

	TAILQ_FOREACH(work, &pool->waiting, next)
		wanted++;
	for (wanted -= wanted < pool->idle ? wanted : pool->idle;
	     wanted && pool->threads < pool->most && !error; wanted--) {
		error = start_thread(pool);
		if (error) {
			log_limited(LOG_ERR, "cannot start a thread: %s", strerror(error));
		} else {
			pool->threads++;
			pool->refs++;
		}
	}
}

/* ------------------------------------------------------------------ event loop */

/* From the event loop, not from work_begin(): privileges are given up in between. */
static int on_start(sd_event_source *source, void *arg)
{
	struct workers *workers = arg;

	(void)source;
	pthread_mutex_lock(&workers->pool->lock);
	start_threads(workers->pool);
	pthread_mutex_unlock(&workers->pool->lock);
	return 0;
}

/* Threads tell of work under the lock, so that none is missed here. */
static struct work *take_back(struct pool *pool)
{
	struct work *work;
	uint64_t count;

	pthread_mutex_lock(&pool->lock);
	work = TAILQ_FIRST(&pool->over);
	if (work)
		TAILQ_REMOVE(&pool->over, work, next);
	else if (read(pool->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_limited(LOG_ERR, "eventfd: %s", strerror(errno));
	pthread_mutex_unlock(&pool->lock);
	return work;
}

/* Nothing more will happen to it in the event loop. */
static void forget(struct work *work)
{
	LIST_REMOVE(work, sibling);
	work->timer = sd_event_source_disable_unref(work->timer);
}

/* Whoever hears of it may free the workers: one at a time. */
static int on_over(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct workers *workers = arg;
	struct work *work = take_back(workers->pool);

	(void)source;
	(void)fd;
	(void)events;
	if (!work)
		return 0;
	forget(work);
	work->ops->done(work, false);
	free(work);
	return 0;
}

/* Takes it out of where it is, unless a thread has it.  The pool's lock is held. */
static void withdraw(struct pool *pool, struct work *work)
{
	if (work->place == WORK_RUNS)
		return;
	if (work->place == WORK_WAITS)
		TAILQ_REMOVE(&pool->waiting, work, next);
	else if (work->place == WORK_IS_OVER)
		TAILQ_REMOVE(&pool->over, work, next);
	work->place = WORK_IS_OURS;
}

/* The pool's lock is held. */
static void give_up(struct pool *pool, struct work *work)
{
	withdraw(pool, work);
	if (work->place == WORK_RUNS)
		work->cancelled = true;
	else
		free(work);
}

/* While this is reported the thread may come to an end with it. */
static int on_timeout(sd_event_source *source, uint64_t usec, void *arg)
{
	struct work *work = arg;
	struct pool *pool = work->workers->pool;
	bool over;

	(void)source;
	(void)usec;
	pthread_mutex_lock(&pool->lock);
	pool->refs++;
	over = work->place == WORK_IS_OVER;
	withdraw(pool, work);
	pthread_mutex_unlock(&pool->lock);
	forget(work);
	work->ops->done(work, !over);
	pthread_mutex_lock(&pool->lock);
	give_up(pool, work);
	unlock_and_put(pool);
	return 0;
}

int workers_new(sd_event *event, unsigned int threads, struct workers **workers)
{
	struct workers *made = calloc(1, sizeof(*made));
	int status = -ENOMEM;

	if (!made)
		return status;
	made->pool = new_pool(threads);
	if (!made->pool) {
		free(made);
		return status;
	}
	made->event = sd_event_ref(event);
	LIST_INIT(&made->all);
	status = sd_event_add_io(event, &made->io, made->pool->fd, EPOLLIN, on_over, made);
	if (status >= 0)
		status = sd_event_add_defer(event, &made->starter, on_start, made);
	if (status >= 0)
		status = sd_event_source_set_enabled(made->starter, SD_EVENT_OFF);
	if (status < 0) {
		workers_free(made);
		return status;
	}
	*workers = made;
	return 0;
}

void workers_free(struct workers *workers)
{
	if (!workers)
		return;
	while (!LIST_EMPTY(&workers->all))
		work_cancel(LIST_FIRST(&workers->all));
	sd_event_source_disable_unref(workers->io);
	sd_event_source_disable_unref(workers->starter);
	sd_event_unref(workers->event);
	pthread_mutex_lock(&workers->pool->lock);
	workers->pool->closing = true;
	pthread_cond_broadcast(&workers->pool->ready);
	unlock_and_put(workers->pool);
	free(workers);
}

int work_begin(struct workers *workers, struct work *work, const struct work_ops *ops,
	       unsigned int seconds)
{
	int status = sd_event_add_time_relative(workers->event, &work->timer, CLOCK_MONOTONIC,
						seconds * 1000000ull, 0, on_timeout, work);

	if (status >= 0)
		status = sd_event_source_set_enabled(workers->starter, SD_EVENT_ONESHOT);
	if (status < 0) {
		work->timer = sd_event_source_disable_unref(work->timer);
		return status;
	}
	work->ops = ops;
	work->workers = workers;
	LIST_INSERT_HEAD(&workers->all, work, sibling);
	pthread_mutex_lock(&workers->pool->lock);
	TAILQ_INSERT_TAIL(&workers->pool->waiting, work, next);
	pthread_cond_signal(&workers->pool->ready);
	pthread_mutex_unlock(&workers->pool->lock);
	return 0;
}

void work_cancel(struct work *work)
{
	struct pool *pool;

	if (!work)
		return;
	pool = work->workers->pool;
	forget(work);
	pthread_mutex_lock(&pool->lock);
	give_up(pool, work);
	pthread_mutex_unlock(&pool->lock);
}
