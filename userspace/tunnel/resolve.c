// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A query is in one of three places: it waits in pool->waiting, a thread has it, or its
 * answer is in pool->answered.  Whoever takes it out of a list, under the lock, owns
 * it.  One that is cancelled while a thread has it is marked, and that thread frees it.
 *
 * The threads may be stuck in getaddrinfo() for long.  Nobody waits for them: they
 * share only the pool with the rest, and the last one to let go of it frees it.
 */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "log.h"
#include "resolve.h"

enum query_place {
	QUERY_WAITS,
	QUERY_RUNS,
	QUERY_ANSWERED,
};

/**
 * struct resolve_query - a name to look up
 * @resolver: whose it is; for the event loop only
 * @timer: its time is over; for the event loop only
 * @done: takes the answer
 * @arg: for @done
 * @endpoint: name and port
 * @family: which addresses are wanted
 * @place: where it is; under the pool's lock
 * @cancelled: nobody wants the answer; under the pool's lock
 * @next: in a list of the pool; under the pool's lock
 * @sibling: in the resolver's list; for the event loop only
 * @status: of getaddrinfo()
 * @error: errno with EAI_SYSTEM
 * @n: number of addresses
 * @addrs: the answer
 */
struct resolve_query {
	struct resolver *resolver;
	sd_event_source *timer;
	resolve_done done;
	void *arg;
	struct endpoint endpoint;
	int family;
	enum query_place place;
	bool cancelled;
	TAILQ_ENTRY(resolve_query) next;
	LIST_ENTRY(resolve_query) sibling;
	int status;
	int error;
	size_t n;
	struct sockaddr_storage addrs[RESOLVE_MAX];
};

TAILQ_HEAD(query_list, resolve_query);

/**
 * struct pool - what the threads share with the event loop
 * @lock: guards all of it but @fd
 * @work: something waits, or it is @closing
 * @waiting: queries that no thread has taken
 * @answered: queries to be delivered
 * @fd: tells the event loop of answers
 * @refs: threads and the resolver
 * @threads: threads
 * @idle: those of them without a query
 * @closing: the resolver is gone
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct query_list waiting;
	struct query_list answered;
	int fd;
	unsigned int refs;
	unsigned int threads;
	unsigned int idle;
	bool closing;
};

/**
 * struct resolver - the event loop's side
 * @event: loop
 * @io: watches the pool's @fd
 * @starter: starts threads
 * @queries: all that have not been delivered
 * @pool: what the threads know
 */
struct resolver {
	sd_event *event;
	sd_event_source *io;
	sd_event_source *starter;
	LIST_HEAD(, resolve_query) queries;
	struct pool *pool;
};

/* -------------------------------------------------------------------- threads */

static struct pool *new_pool(void)
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
	pthread_cond_init(&pool->work, NULL);
	TAILQ_INIT(&pool->waiting);
	TAILQ_INIT(&pool->answered);
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
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	close(pool->fd);
	free(pool);
}

/* Asks the C library, and waits as long as it takes. */
static void look_up(struct resolve_query *query)
{
	const struct addrinfo hints = {
		.ai_family = query->family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *found, *each;
	char service[8];

	snprintf(service, sizeof(service), "%u", query->endpoint.port);
	query->status = getaddrinfo(query->endpoint.host, service, &hints, &found);
	query->error = errno;
	if (query->status)
		return;
	for (each = found; each && query->n < RESOLVE_MAX; each = each->ai_next) {
		if (each->ai_addrlen <= sizeof(query->addrs[0]))
			memcpy(&query->addrs[query->n++], each->ai_addr, each->ai_addrlen);
	}
	freeaddrinfo(found);
}

/* Takes a query; returns NULL when there will be no more. */
static struct resolve_query *wait_for_work(struct pool *pool)
{
	struct resolve_query *query;

	pool->idle++;
	while (TAILQ_EMPTY(&pool->waiting) && !pool->closing)
		pthread_cond_wait(&pool->work, &pool->lock);
	pool->idle--;
	if (pool->closing)
		return NULL;
	query = TAILQ_FIRST(&pool->waiting);
	TAILQ_REMOVE(&pool->waiting, query, next);
	query->place = QUERY_RUNS;
	return query;
}

static void hand_back(struct pool *pool, struct resolve_query *query)
{
	const uint64_t one = 1;

	if (query->cancelled) {
		free(query);
		return;
	}
	query->place = QUERY_ANSWERED;
	TAILQ_INSERT_TAIL(&pool->answered, query, next);
	if (write(pool->fd, &one, sizeof(one)) < 0)
		log_error("cannot tell of a name that was looked up: %s", strerror(errno));
}

static void *run_thread(void *arg)
{
	struct pool *pool = arg;
	struct resolve_query *query;

	pthread_mutex_lock(&pool->lock);
	while ((query = wait_for_work(pool))) {
		pthread_mutex_unlock(&pool->lock);
		look_up(query);
		pthread_mutex_lock(&pool->lock);
		hand_back(pool, query);
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
	struct resolve_query *query;
	unsigned int wanted = 0;
	int error = 0;

	TAILQ_FOREACH(query, &pool->waiting, next)
		wanted++;
	for (wanted -= wanted < pool->idle ? wanted : pool->idle;
	     wanted && pool->threads < RESOLVE_THREADS && !error; wanted--) {
		error = start_thread(pool);
		if (error) {
			log_limited(LOG_ERR, "cannot start a thread to look up names: %s",
				    strerror(error));
		} else {
			pool->threads++;
			pool->refs++;
		}
	}
}

/* ------------------------------------------------------------------ event loop */

/* From the event loop, not from resolve(): privileges are given up in between. */
static int on_start(sd_event_source *source, void *arg)
{
	struct resolver *resolver = arg;

	(void)source;
	pthread_mutex_lock(&resolver->pool->lock);
	start_threads(resolver->pool);
	pthread_mutex_unlock(&resolver->pool->lock);
	return 0;
}

/* Threads tell of answers under the lock, so that none is missed here. */
static struct resolve_query *take_answer(struct pool *pool)
{
	struct resolve_query *query;
	uint64_t count;

	pthread_mutex_lock(&pool->lock);
	query = TAILQ_FIRST(&pool->answered);
	if (query)
		TAILQ_REMOVE(&pool->answered, query, next);
	else if (read(pool->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_limited(LOG_ERR, "eventfd: %s", strerror(errno));
	pthread_mutex_unlock(&pool->lock);
	return query;
}

static const char *error_text(const struct resolve_query *query)
{
	if (query->status == EAI_SYSTEM)
		return strerror(query->error);
	if (query->status)
		return gai_strerror(query->status);
	return query->n ? NULL : "the name has no address";
}

/* Whoever takes an answer may free the resolver: one answer at a time. */
static int on_answer(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct resolver *resolver = arg;
	struct resolve_query *query = take_answer(resolver->pool);

	(void)source;
	(void)fd;
	(void)events;
	if (!query)
		return 0;
	LIST_REMOVE(query, sibling);
	sd_event_source_disable_unref(query->timer);
	query->done(query->arg, error_text(query), query->addrs, query->n);
	free(query);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *arg)
{
	struct resolve_query *query = arg;
	resolve_done done = query->done;
	void *done_arg = query->arg;

	(void)source;
	(void)usec;
	resolve_cancel(query);
	done(done_arg, "timed out", NULL, 0);
	return 0;
}

int resolver_new(sd_event *event, struct resolver **resolver)
{
	struct resolver *made = calloc(1, sizeof(*made));
	int status = -ENOMEM;

	if (!made)
		return status;
	made->pool = new_pool();
	if (!made->pool) {
		free(made);
		return status;
	}
	made->event = sd_event_ref(event);
	LIST_INIT(&made->queries);
	status = sd_event_add_io(event, &made->io, made->pool->fd, EPOLLIN, on_answer, made);
	if (status >= 0)
		status = sd_event_add_defer(event, &made->starter, on_start, made);
	if (status >= 0)
		status = sd_event_source_set_enabled(made->starter, SD_EVENT_OFF);
	if (status < 0) {
		resolver_free(made);
		return status;
	}
	*resolver = made;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	while (!LIST_EMPTY(&resolver->queries))
		resolve_cancel(LIST_FIRST(&resolver->queries));
	sd_event_source_disable_unref(resolver->io);
	sd_event_source_disable_unref(resolver->starter);
	sd_event_unref(resolver->event);
	pthread_mutex_lock(&resolver->pool->lock);
	resolver->pool->closing = true;
	pthread_cond_broadcast(&resolver->pool->work);
	unlock_and_put(resolver->pool);
	free(resolver);
}

/* Sets the query's timer and sees to it that there is a thread. */
static int set_off(struct resolve_query *query, unsigned int seconds)
{
	struct resolver *resolver = query->resolver;
	int status = sd_event_add_time_relative(resolver->event, &query->timer, CLOCK_MONOTONIC,
						seconds * 1000000ull, 0, on_timeout, query);

	if (status >= 0)
		status = sd_event_source_set_enabled(resolver->starter, SD_EVENT_ONESHOT);
	return status < 0 ? status : 0;
}

int resolve(struct resolver *resolver, const struct endpoint *ep, uint16_t port, int family,
	    unsigned int seconds, resolve_done done, void *arg, struct resolve_query **query)
{
	struct resolve_query *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	made->resolver = resolver;
	made->endpoint = *ep;
	if (!made->endpoint.port)
		made->endpoint.port = port;
	made->family = family;
	made->done = done;
	made->arg = arg;
	status = set_off(made, seconds);
	if (status) {
		sd_event_source_disable_unref(made->timer);
		free(made);
		return status;
	}
	LIST_INSERT_HEAD(&resolver->queries, made, sibling);
	pthread_mutex_lock(&resolver->pool->lock);
	TAILQ_INSERT_TAIL(&resolver->pool->waiting, made, next);
	pthread_cond_signal(&resolver->pool->work);
	pthread_mutex_unlock(&resolver->pool->lock);
	if (query)
		*query = made;
	return 0;
}

void resolve_cancel(struct resolve_query *query)
{
	struct pool *pool;

	if (!query)
		return;
	pool = query->resolver->pool;
	LIST_REMOVE(query, sibling);
	query->timer = sd_event_source_disable_unref(query->timer);
	pthread_mutex_lock(&pool->lock);
	query->cancelled = true;
	if (query->place == QUERY_WAITS)
		TAILQ_REMOVE(&pool->waiting, query, next);
	else if (query->place == QUERY_ANSWERED)
		TAILQ_REMOVE(&pool->answered, query, next);
	if (query->place != QUERY_RUNS)
		free(query);
	pthread_mutex_unlock(&pool->lock);
}
