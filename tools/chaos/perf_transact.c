// SPDX-License-Identifier: GPL-2.0-or-later
/* "chaos perf" for simple transactions. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "chaos_sockaddr.h"
#include "chaos_transact.h"
#include "perf_ask.h"
#include "perf_client.h"
#include "perf_clock.h"
#include "perf_loop.h"
#include "perf_pace.h"
#include "perf_print.h"
#include "report.h"

#define BURST	8

struct asker {
	struct perf_watch watch;
	struct test *test;
	struct perf_ask ask;
};

struct test {
	const struct perf_options *o;
	struct perf_loop loop;
	struct asker askers[PERF_CONNS_MAX];
	struct perf_hist latency;
	struct perf_print print;
	unsigned int busy;		/* that have something to ask, or to hear */
	int status;
	bool stopping;
	uint64_t start, end, progress, progress_at;
};

static void failed(struct test *t, int fd, int err)
{
	char reason[CHAOS_DATA_MAX + 1];

	if (t->status)
		return;
	chaos_socket_reason(fd, reason);
	t->status = peer_error(t->o->host, t->o->echo_contact, err, reason);
}

static void ready(struct perf_watch *watch)
{
	struct asker *a = (struct asker *)watch;
	enum perf_step step = PERF_MOVED;
	uint32_t events = 0;
	int i;

	for (i = 0; i < BURST && step == PERF_MOVED; i++)
		step = perf_ask(&a->ask);
	if (step == PERF_FAILED)
		failed(a->test, watch->fd, errno);
	else if (step == PERF_ENDED)
		a->test->busy--;
	else
		events = a->ask.waiting ? EPOLLIN : EPOLLOUT;
	if (perf_loop_watch(&a->test->loop, watch, events))
		failed(a->test, watch->fd, errno);
}

static int open_asker(struct test *t, unsigned int i)
{
	const struct perf_options *o = t->o;
	struct asker *a = &t->askers[i];
	struct sockaddr_chaos sa;
	socklen_t len = chaos_sockaddr(&sa, o->addr, o->echo_contact);
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*a = (struct asker) {
		.watch = { .fd = fd, .ready = ready }, .test = t,
		.ask = {
			.fd = fd, .request = o->request.size, .latency = &t->latency,
			.amount = perf_share(&o->request, i),
		},
	};
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, len)) {
		t->status = peer_error(o->host, o->echo_contact, errno, "");
		return -1;
	}
	return 0;
}

static struct perf_count total(const struct test *t)
{
	struct perf_count sum = {};
	unsigned int i;

	for (i = 0; i < t->o->request.conns; i++)
		perf_count_add(&sum, &t->askers[i].ask.count);
	return sum;
}

static void start(struct test *t)
{
	unsigned int i;

	t->start = perf_now();
	t->progress_at = t->start;
	if (t->o->request.ms)
		t->end = t->start + t->o->request.ms * PERF_NS_PER_MS;
	t->busy = t->o->request.conns;
	for (i = 0; i < t->o->request.conns; i++) {
		t->askers[i].ask.end = t->end;
		if (perf_loop_watch(&t->loop, &t->askers[i].watch, EPOLLOUT))
			failed(t, t->askers[i].watch.fd, errno);
	}
}

static void stop(struct test *t)
{
	unsigned int i;

	t->stopping = true;
	for (i = 0; i < t->o->request.conns; i++)
		t->askers[i].ask.end = 1;
}

static void check_progress(struct test *t, uint64_t now)
{
	const uint64_t ops = total(t).ops;

	if (ops != t->progress)
		t->progress_at = now;
	t->progress = ops;
	if (now - t->progress_at >= t->o->timeout * PERF_NS_PER_S)
		failed(t, -1, ETIMEDOUT);
}

static struct perf_progress progress(const struct test *t)
{
	return (struct perf_progress) { .ns = perf_now() - t->start, .ops = total(t).ops };
}

static void run(struct test *t)
{
	struct perf_progress made;
	struct perf_pace pace;

	perf_pace_start(&pace, t->start, t->o->interval_ms);
	while (t->busy && !t->status) {
		uint64_t now;

		if (perf_loop_wait(&t->loop, perf_pace_next(&pace)))
			failed(t, -1, errno);
		now = perf_now();
		if (perf_pace_check(&pace, now))
			check_progress(t, now);
		if (perf_pace_show(&pace, now)) {
			made = progress(t);
			perf_print_interval(&t->print, &made);
		}
		if (perf_loop_stopped() && !t->stopping)
			stop(t);
	}
	made = progress(t);
	perf_print_rest(&t->print, &made);
}

/**
 * perf_transact() - measure simple transactions
 * @o: options
 *
 * Return: the exit status.
 */
int perf_transact(const struct perf_options *o)
{
	static struct test t;
	struct perf_outcome outcome = { .latency = &t.latency };
	unsigned int i;

	t.o = o;
	if (perf_loop_open(&t.loop)) {
		say("cannot wait: %m");
		return CHAOS_EXIT_LOCAL;
	}
	for (i = 0; i < o->request.conns; i++)
		if (open_asker(&t, i))
			return t.status;
	perf_print_begin(&t.print, o);
	start(&t);
	run(&t);
	outcome.count = total(&t);
	outcome.ns = perf_now() - t.start;
	outcome.complete = !t.status;
	outcome.interrupted = t.stopping;
	perf_print_end(&t.print, &outcome);
	return t.status;
}
