// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads that read sockets, and the event loop that holds them. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "log.h"
#include "pumps.h"

#define LIMIT		60000000ull	/* microseconds until a test has failed */
#define SOON		20000		/* microseconds in which what must not happen would */
#define SOURCES		2

static bool no_threads;			/* as if none could be made */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
			  void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
			  void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
			  void *arg)
{
	return no_threads ? EAGAIN : __real_pthread_create(thread, attr, run, arg);
}

/* What one pump reads: messages of a byte. */
struct source {
	struct fixture *fixture;
	int in, out;
	struct pump *pump;
	unsigned int attended;
	bool goes;		/* when it is attended to */
};

/* The sum is nobody's but that of who has the lock, or holds all pumps. */
struct fixture {
	sd_event *event;
	struct pumps *pumps;
	pthread_mutex_t lock;
	unsigned int sum;
	struct source source[SOURCES];
};

/* 0 means "call". */
static bool turn(void *arg)
{
	struct source *source = arg;
	struct fixture *f = source->fixture;
	uint8_t byte;

	if (read(source->in, &byte, 1) != 1)
		return true;
	pthread_mutex_lock(&f->lock);
	f->sum += byte;
	pthread_mutex_unlock(&f->lock);
	if (!byte)
		pumps_call(f->pumps);
	return byte;
}

static void attend(void *arg)
{
	struct source *source = arg;

	source->attended++;
	if (source->goes) {
		pump_remove(source->pump);
		source->pump = NULL;
	}
}

static const struct pump_ops ops = { .turn = turn, .attend = attend };

static struct fixture *make(bool threads)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];

	pthread_mutex_init(&f->lock, NULL);
	assert_true(sd_event_new(&f->event) >= 0);
	assert_int_equal(pumps_new(f->event, threads, &f->pumps), 0);
	for (unsigned int i = 0; i < SOURCES; i++) {
		struct source *source = &f->source[i];

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		source->fixture = f;
		source->in = pair[0];
		source->out = pair[1];
		assert_int_equal(pump_add(f->pumps, source->in, &ops, source, &source->pump), 0);
	}
	return f;
}

/* Nothing happens before the event loop runs, for there may be privileges. */
static struct fixture *make_running(bool threads)
{
	struct fixture *f = make(threads);

	assert_true(sd_event_run(f->event, 0) >= 0);
	return f;
}

static void end(struct fixture *f)
{
	for (unsigned int i = 0; i < SOURCES; i++) {
		pump_remove(f->source[i].pump);
		close(f->source[i].in);
		close(f->source[i].out);
	}
	pumps_free(f->pumps);
	sd_event_unref(f->event);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static void give(struct fixture *f, unsigned int i, uint8_t byte)
{
	assert_int_equal(write(f->source[i].out, &byte, 1), 1);
}

static unsigned int sum(struct fixture *f)
{
	unsigned int now;

	pumps_hold(f->pumps);
	now = f->sum;
	pumps_release(f->pumps);
	return now;
}

static void await_sum(struct fixture *f, unsigned int want)
{
	uint64_t give_up, now;

	assert_true(sd_event_now(f->event, CLOCK_MONOTONIC, &give_up) >= 0);
	give_up += LIMIT;
	while (sum(f) != want) {
		assert_true(sd_event_run(f->event, 1000) >= 0);
		assert_true(sd_event_now(f->event, CLOCK_MONOTONIC, &now) >= 0);
		assert_true(now < give_up);
	}
}

static void await_attended(struct fixture *f, unsigned int i, unsigned int want)
{
	while (f->source[i].attended < want)
		assert_true(sd_event_run(f->event, LIMIT) > 0);
	assert_int_equal(f->source[i].attended, want);
}

/* ----------------------------------------------------------------------- tests */

static void pumps(struct fixture *f)
{
	for (unsigned int i = 0; i < 10; i++) {
		give(f, 0, 1);
		give(f, 1, 10);
	}
	await_sum(f, 110);
	end(f);
}

static void with_threads(void **state)
{
	(void)state;
	pumps(make_running(true));
}

static void without_threads(void **state)
{
	(void)state;
	pumps(make_running(false));
}

static void threads_impossible(void **state)
{
	(void)state;
	no_threads = true;
	pumps(make_running(true));
	no_threads = false;
}

static void ends_before_start(void **state)
{
	(void)state;
	end(make(true));
}

static void waits_for_loop(void **state)
{
	struct fixture *f = make(true);

	(void)state;
	give(f, 0, 1);
	usleep(SOON);
	assert_int_equal(sum(f), 0);
	await_sum(f, 1);
	end(f);
}

static void holds(void **state)
{
	struct fixture *f = make_running(true);

	(void)state;
	pumps_hold(f->pumps);
	pumps_hold(f->pumps);
	give(f, 0, 1);
	pumps_release(f->pumps);
	usleep(SOON);
	assert_int_equal(f->sum, 0);
	pumps_release(f->pumps);
	await_sum(f, 1);
	end(f);
}

/* Whoever holds them has all for itself, whatever they are doing.  Sockets hold 100 bytes. */
static void holds_busy(void **state)
{
	struct fixture *f = make_running(true);
	unsigned int before;

	(void)state;
	for (unsigned int i = 1; i <= 1000; i++) {
		give(f, i % SOURCES, 1);
		pumps_hold(f->pumps);
		before = f->sum;
		give(f, !(i % SOURCES), 2);
		f->sum -= 2;
		assert_int_equal(f->sum, before - 2);
		pumps_release(f->pumps);
		if (i % 100 == 0)
			await_sum(f, i);
	}
	end(f);
}

static void attends(struct fixture *f)
{
	for (unsigned int i = 1; i <= 10; i++) {
		give(f, 0, 0);
		give(f, 0, 1);
		await_attended(f, 0, i);
		assert_int_equal(f->source[1].attended, i);
		await_sum(f, i);
	}
	end(f);
}

static void attends_threads(void **state)
{
	(void)state;
	attends(make_running(true));
}

static void attends_loop(void **state)
{
	(void)state;
	attends(make_running(false));
}

static void removes_itself(struct fixture *f)
{
	f->source[0].goes = true;
	give(f, 0, 0);
	await_attended(f, 0, 1);
	assert_null(f->source[0].pump);
	give(f, 0, 1);
	give(f, 1, 10);
	await_sum(f, 10);
	end(f);
}

static void removes_thread(void **state)
{
	(void)state;
	removes_itself(make_running(true));
}

static void removes_watch(void **state)
{
	(void)state;
	removes_itself(make_running(false));
}

/* Added while others are busy, and gone again. */
static void comes_and_goes(void **state)
{
	struct fixture *f = make_running(true);
	struct source *source = &f->source[0];

	(void)state;
	for (unsigned int i = 1; i <= 100; i++) {
		pump_remove(source->pump);
		give(f, 0, 1);
		give(f, 1, 1);
		assert_int_equal(pump_add(f->pumps, source->in, &ops, source, &source->pump), 0);
		await_sum(f, 2 * i);
	}
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_threads),
		cmocka_unit_test(without_threads),
		cmocka_unit_test(threads_impossible),
		cmocka_unit_test(ends_before_start),
		cmocka_unit_test(waits_for_loop),
		cmocka_unit_test(holds),
		cmocka_unit_test(holds_busy),
		cmocka_unit_test(attends_threads),
		cmocka_unit_test(attends_loop),
		cmocka_unit_test(removes_thread),
		cmocka_unit_test(removes_watch),
		cmocka_unit_test(comes_and_goes),
	};

	log_set_level(LOG_ERR);
	alarm(LIMIT / 1000000);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
