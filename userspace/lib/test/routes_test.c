// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers to DUMP-ROUTING-TABLE: a captured one, and what no host should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_routes.h"

/* As captured on an Ethernet: a host with one link, to subnet 1. */
static const uint8_t one_route[] = { 0, 0, 0, 0, 3, 0, 10, 0 };

static void captured(void **state)
{
	struct chaos_routes r;

	(void)state;
	chaos_routes_parse(&r, one_route, sizeof(one_route));
	assert_false(r.cut_short);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.route[0].subnet, 1);
	assert_int_equal(r.route[0].method, 3);
	assert_int_equal(r.route[0].cost, 10);
}

/* One row per rule. */
static const struct {
	const char *what;
	size_t len;
	uint8_t bytes[24];
	unsigned int n;
	bool cut_short;
	struct chaos_routes_entry last;
} rows[] = {
	{ "nothing", 0, {}, 0, false, {} },
	{ "subnet 0", 4, { 1, 0, 2, 0 }, 1, false, { 0, 1, 2 } },
	{ "low bytes first", 8, { [4] = 2, 3, 0x2c, 1 }, 1, false, { 1, 01402, 300 } },
	{ "a cost without a method", 8, { [4] = 0, 0, 5, 0 }, 0, false, {} },
	{ "some without a route", 20, { [4] = 1, 0, 11, 0, [16] = 1, 4, 9, 0 }, 2, false,
	  { 4, 02001, 9 } },
	{ "one byte", 1, { 1 }, 0, true, {} },
	{ "half an entry", 10, { [4] = 1, 0, 11, 0, 1, 3 }, 1, true, { 1, 1, 11 } },
	{ "an entry but one byte", 7, { [4] = 1, 0, 11 }, 0, true, {} },
};

static void each_row(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Exactly as long as the answer, for the sanitizer to watch. */
		uint8_t *answer = malloc(rows[i].len ? rows[i].len : 1);
		struct chaos_routes r;

		assert_non_null(answer);
		memcpy(answer, rows[i].bytes, rows[i].len);
		print_message("# %s\n", rows[i].what);
		chaos_routes_parse(&r, answer, rows[i].len);
		free(answer);
		assert_int_equal(r.n, rows[i].n);
		assert_int_equal(r.cut_short, rows[i].cut_short);
		if (!r.n)
			continue;
		assert_int_equal(r.route[r.n - 1].subnet, rows[i].last.subnet);
		assert_int_equal(r.route[r.n - 1].method, rows[i].last.method);
		assert_int_equal(r.route[r.n - 1].cost, rows[i].last.cost);
	}
}

static void most(void **state)
{
	uint8_t answer[600];
	struct chaos_routes r;

	(void)state;
	memset(answer, 1, sizeof(answer));
	chaos_routes_parse(&r, answer, 488);
	assert_int_equal(r.n, CHAOS_ROUTES_MAX);
	assert_int_equal(r.route[CHAOS_ROUTES_MAX - 1].subnet, 121);
	assert_false(r.cut_short);
	chaos_routes_parse(&r, answer, 487);
	assert_int_equal(r.n, CHAOS_ROUTES_MAX - 1);
	assert_true(r.cut_short);
	chaos_routes_parse(&r, answer, sizeof(answer));
	assert_int_equal(r.n, CHAOS_ROUTES_MAX);
}

static void find(void **state)
{
	static const uint8_t answer[] = { 0, 0, 7, 0,   1, 0, 11, 0,   0, 0, 5, 0,   2, 3, 9, 0 };
	struct chaos_routes r;

	(void)state;
	chaos_routes_parse(&r, answer, sizeof(answer));
	assert_null(chaos_routes_find(&r, 0));
	assert_ptr_equal(chaos_routes_find(&r, 1), &r.route[0]);
	assert_null(chaos_routes_find(&r, 2));
	assert_ptr_equal(chaos_routes_find(&r, 3), &r.route[1]);
	assert_null(chaos_routes_find(&r, 4));
	assert_null(chaos_routes_find(&r, 255));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured),
		cmocka_unit_test(each_row),
		cmocka_unit_test(most),
		cmocka_unit_test(find),
	};

	return cmocka_run_group_tests_name("libchaos routes", tests, NULL, NULL);
}
