// SPDX-License-Identifier: GPL-2.0-or-later
/* Work that blocks, where the test decides for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "workers.h"

#define LIMIT		60000000ull	/* microseconds until a test has failed */
#define THREADS		3

struct fixture {
	sd_event *event;
	struct workers *workers;
};

/* Stuck work goes on when the test lets it. */
static atomic_bool let_go;
static atomic_uint stuck;
static atomic_uint begun;

/* What the test knows of a piece of work. */
struct outcome {
	unsigned int calls;
	bool timed_out;
	unsigned int result;
	struct workers **to_free;
};

struct job {
	struct work work;
	struct outcome *outcome;
	bool sticks;
	unsigned int result;
};

static void run(struct work *work)
{
	struct job *job = (struct job *)work;

	begun++;
	if (job->sticks) {
		stuck++;
		while (!let_go)
			usleep(1000);
	}
	job->result++;
	if (job->sticks)
		stuck--;
}

static void done(struct work *work, bool timed_out)
{
	struct job *job = (struct job *)work;
	struct outcome *outcome = job->outcome;

	outcome->calls++;
	outcome->timed_out = timed_out;
	if (!timed_out)
		outcome->result = job->result;
	if (outcome->to_free) {
		workers_free(*outcome->to_free);
		*outcome->to_free = NULL;
	}
}

static const struct work_ops ops = { .run = run, .done = done };

static int set_up(void **state)
{
	static struct fixture f;

	let_go = false;
	begun = 0;
	if (sd_event_new(&f.event) < 0 || workers_new(f.event, THREADS, &f.workers))
		return -1;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	let_go = true;
	workers_free(f->workers);
	sd_event_unref(f->event);
	while (stuck)
		usleep(1000);
	return 0;
}

static struct work *begin(struct fixture *f, bool sticks, unsigned int seconds,
			  struct outcome *outcome)
{
	struct job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	job->outcome = outcome;
	job->sticks = sticks;
	assert_int_equal(work_begin(f->workers, &job->work, &ops, seconds), 0);
	assert_int_equal(outcome->calls, 0);
	return &job->work;
}

static void wait_for(struct fixture *f, const struct outcome *outcome, bool timed_out)
{
	while (!outcome->calls)
		assert_true(sd_event_run(f->event, LIMIT) > 0);
	assert_int_equal(outcome->calls, 1);
	assert_int_equal(outcome->timed_out, timed_out);
	assert_int_equal(outcome->result, !timed_out);
}

/* Until this many are stuck. */
static void wait_stuck(struct fixture *f, unsigned int n)
{
	while (stuck < n) {
		assert_true(sd_event_run(f->event, 0) >= 0);
		usleep(1000);
	}
}

static void nothing_more(struct fixture *f)
{
	while (stuck)
		usleep(1000);
	while (sd_event_run(f->event, 0) > 0)
		;
}

static void many(void **state)
{
	static struct outcome outcomes[500];
	struct fixture *f = *state;

	for (size_t i = 0; i < 500; i++)
		begin(f, false, 60, &outcomes[i]);
	for (size_t i = 0; i < 500; i++)
		wait_for(f, &outcomes[i], false);
	assert_int_equal(begun, 500);
}

/* What takes long does not keep the others waiting, and comes too late for anybody. */
static void timeouts(void **state)
{
	struct outcome slow = { .calls = 0 }, fast = { .calls = 0 };
	struct fixture *f = *state;

	begin(f, true, 1, &slow);
	begin(f, false, 60, &fast);
	wait_for(f, &fast, false);
	wait_for(f, &slow, true);
	let_go = true;
	nothing_more(f);
	assert_int_equal(slow.calls, 1);
}

/* With all threads stuck, those that wait time out as well, and are never begun. */
static void all_stuck(void **state)
{
	struct outcome outcomes[THREADS] = { { .calls = 0 } }, waiting = { .calls = 0 };
	struct fixture *f = *state;

	for (size_t i = 0; i < THREADS; i++)
		begin(f, true, 60, &outcomes[i]);
	wait_stuck(f, THREADS);
	begin(f, false, 1, &waiting);
	wait_for(f, &waiting, true);
	let_go = true;
	for (size_t i = 0; i < THREADS; i++)
		wait_for(f, &outcomes[i], false);
	assert_int_equal(begun, THREADS);
}

static void cancels(void **state)
{
	struct outcome outcomes[THREADS + 3] = { { .calls = 0 } };
	struct work *work[THREADS + 3];
	struct fixture *f = *state;

	work_cancel(NULL);
	/* Before there is a thread. */
	work_cancel(begin(f, false, 60, &outcomes[0]));
	/* While it runs, and while it waits. */
	for (size_t i = 0; i < THREADS + 2; i++)
		work[i] = begin(f, true, 60, &outcomes[i]);
	wait_stuck(f, THREADS);
	for (size_t i = 0; i < THREADS + 2; i++)
		work_cancel(work[i]);
	let_go = true;
	while (stuck)
		usleep(1000);

	/* When it is over, but that was not reported. */
	work[THREADS + 2] = begin(f, false, 60, &outcomes[THREADS + 2]);
	while (begun < THREADS + 1)
		usleep(1000);
	usleep(10000);
	work_cancel(work[THREADS + 2]);
	nothing_more(f);
	for (size_t i = 0; i < THREADS + 3; i++)
		assert_int_equal(outcomes[i].calls, 0);
}

/* The workers go with work in every place; threads may stay stuck for long. */
static void frees(void **state)
{
	struct outcome outcomes[THREADS + 2] = { { .calls = 0 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < THREADS + 2; i++)
		begin(f, true, 60, &outcomes[i]);
	wait_stuck(f, THREADS);
	workers_free(f->workers);
	f->workers = NULL;
	assert_int_equal(sd_event_run(f->event, 0), 0);
	workers_free(NULL);
}

/* Whoever hears of the end of something may free the workers. */
static void frees_when_done(void **state)
{
	struct outcome last = { .calls = 0 }, others[2] = { { .calls = 0 } };
	struct fixture *f = *state;

	last.to_free = &f->workers;
	begin(f, true, 60, &others[1]);
	wait_stuck(f, 1);
	begin(f, false, 60, &last);
	begin(f, true, 60, &others[0]);
	wait_for(f, &last, false);
	let_go = true;
	nothing_more(f);
	assert_int_equal(others[0].calls + others[1].calls, 0);
}

static void frees_when_late(void **state)
{
	struct outcome last = { .calls = 0 }, other = { .calls = 0 };
	struct fixture *f = *state;

	last.to_free = &f->workers;
	begin(f, true, 60, &other);
	begin(f, true, 1, &last);
	wait_for(f, &last, true);
	let_go = true;
	nothing_more(f);
	assert_int_equal(other.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(timeouts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_stuck, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cancels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frees, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frees_when_done, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frees_when_late, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
