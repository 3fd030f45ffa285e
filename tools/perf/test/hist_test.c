// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "perf_hist.h"

static struct perf_hist hist;

static int clear(void **state)
{
	(void)state;
	memset(&hist, 0, sizeof(hist));
	return 0;
}

static void nothing(void **state)
{
	(void)state;
	assert_int_equal(perf_hist_at(&hist, 500000), 0);
	assert_int_equal(perf_hist_mean(&hist), 0);
}

static void one_value(void **state)
{
	static const uint64_t values[] = {
		0, 1, 63, 64, 65, 127, 128, 1000, 1ull << 32, UINT64_MAX - 1, UINT64_MAX,
	};
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		clear(state);
		perf_hist_add(&hist, values[i]);
		assert_true(perf_hist_at(&hist, 0) == values[i]);
		assert_true(perf_hist_at(&hist, 500000) == values[i]);
		assert_true(perf_hist_at(&hist, 1000000) == values[i]);
		assert_true(perf_hist_mean(&hist) == values[i]);
	}
}

static void small_values_are_exact(void **state)
{
	uint64_t v;

	(void)state;
	for (v = 1; v <= 60; v++)
		perf_hist_add(&hist, v);
	assert_int_equal(perf_hist_at(&hist, 500000), 30);
	assert_int_equal(perf_hist_at(&hist, 900000), 54);
	assert_int_equal(perf_hist_at(&hist, 1000000), 60);
	assert_int_equal(perf_hist_mean(&hist), 30);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Against what sorting says, with values of all sizes. */
static void known_error(void **state)
{
	static const unsigned int ppm[] = { 1, 10000, 500000, 900000, 990000, 999000, 1000000 };
	static uint64_t value[10007];
	const size_t n = sizeof(value) / sizeof(value[0]);
	size_t i;

	(void)state;
	srandom(1);
	for (i = 0; i < n; i++) {
		value[i] = ((uint64_t)random() << 31 | random()) >> random() % 60;
		perf_hist_add(&hist, value[i]);
	}
	qsort(value, n, sizeof(value[0]), compare);
	for (i = 0; i < sizeof(ppm) / sizeof(ppm[0]); i++) {
		uint64_t exact = value[(n * ppm[i] + 999999) / 1000000 - 1];
		uint64_t got = perf_hist_at(&hist, ppm[i]);

		assert_true(got >= exact);
		assert_true(got - exact <= exact / PERF_HIST_SUB);
	}
	assert_true(hist.min == value[0]);
	assert_true(hist.max == value[n - 1]);
}

static void percentiles_do_not_fall(void **state)
{
	uint64_t before = 0;
	unsigned int ppm;

	(void)state;
	for (ppm = 0; ppm < 1000; ppm++)
		perf_hist_add(&hist, ppm * ppm * 977);
	for (ppm = 0; ppm <= 1000000; ppm += 777) {
		uint64_t at = perf_hist_at(&hist, ppm);

		assert_true(at >= before && at >= hist.min && at <= hist.max);
		before = at;
	}
}

/* A count that n * ppm would not fit. */
static void many(void **state)
{
	(void)state;
	perf_hist_add(&hist, 3);
	hist.n = 1ull << 60;
	hist.bucket[3] = hist.n;
	perf_hist_add(&hist, 9);
	assert_int_equal(perf_hist_at(&hist, 999999), 3);
	assert_int_equal(perf_hist_at(&hist, 1000000), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing, clear),
		cmocka_unit_test_setup(one_value, clear),
		cmocka_unit_test_setup(small_values_are_exact, clear),
		cmocka_unit_test_setup(known_error, clear),
		cmocka_unit_test_setup(percentiles_do_not_fall, clear),
		cmocka_unit_test_setup(many, clear),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
