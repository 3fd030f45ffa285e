// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers to LASTCN: a captured one, and what no host should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lastcn.h"

/* As captured: who asks was heard five times, at once. */
static const uint8_t one_host[] = {
	8, 0, 1, 1, 5, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0,
};

static void captured_lastcn(void **state)
{
	struct seen s;

	(void)state;
	seen_parse(&s, one_host, sizeof(one_host));
	assert_false(s.cut_short);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.host[0].addr, 0401);
	assert_int_equal(s.host[0].packets, 5);
	assert_int_equal(s.host[0].hop, 0401);
	assert_int_equal(s.host[0].seconds, 0);
	assert_int_equal(s.host[0].forwarded, 0);
}

/* One row per rule. */
static const struct {
	const char *what;
	size_t len;
	uint8_t bytes[40];
	unsigned int n;
	bool cut_short;
	struct seen_host last;
} rows[] = {
	{ "nobody", 0, {}, 0, false, {} },
	{ "low halves first", 16, { 8, 0, 1, 6, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0 }, 1, false,
	  { 03001, 0x05040302, 0x0706, 0x0b0a0908, 12 } },
	{ "a longer entry, then one as usual", 34,
	  { 9, 0, 1, 1, [16] = 7, 7, 8, 0, 2, 1, 3, [28] = 4 }, 2, false,
	  { 0402, 3, 0, 4, 0 } },
	{ "no words", 16, { 0 }, 0, true, {} },
	{ "too few words", 16, { 7, 0, 1, 1 }, 0, true, {} },
	{ "more words than there are", 16, { 9, 0, 1, 1 }, 0, true, {} },
	{ "most words", 16, { 0xff, 0xff, 1, 1 }, 0, true, {} },
	{ "one byte", 1, { 8 }, 0, true, {} },
	{ "one byte too many", 17, { 8, 0, 1, 1 }, 1, true, { .addr = 0401 } },
};

static void lastcn_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Exactly as long as the answer, for the sanitizer to watch. */
		uint8_t *answer = malloc(rows[i].len ? rows[i].len : 1);
		struct seen s;

		assert_non_null(answer);
		memcpy(answer, rows[i].bytes, rows[i].len);
		print_message("# %s\n", rows[i].what);
		seen_parse(&s, answer, rows[i].len);
		assert_int_equal(s.n, rows[i].n);
		assert_int_equal(s.cut_short, rows[i].cut_short);
		if (s.n)
			assert_memory_equal(&s.host[s.n - 1], &rows[i].last, sizeof(s.host[0]));
		free(answer);
	}
}

static void most(void **state)
{
	uint8_t answer[600];
	struct seen s;
	size_t i;

	(void)state;
	memset(answer, 1, sizeof(answer));
	for (i = 0; i < sizeof(answer); i += 16) {
		answer[i] = 8;
		answer[i + 1] = 0;
	}
	seen_parse(&s, answer, 480);
	assert_int_equal(s.n, SEEN_MAX);
	assert_false(s.cut_short);
	seen_parse(&s, answer, sizeof(answer));
	assert_int_equal(s.n, SEEN_MAX);
	assert_true(s.cut_short);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_lastcn),
		cmocka_unit_test(lastcn_rows),
		cmocka_unit_test(most),
	};

	return cmocka_run_group_tests_name("chaos lastcn", tests, NULL, NULL);
}
