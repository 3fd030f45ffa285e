// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers to STATUS: captured ones, and what no host should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "json.h"
#include "status.h"

/* As captured on an Ethernet: a host on subnet 1 that has received one packet. */
static const uint8_t one_subnet[68] = {
	'H', 'O', 'S', 'T', 'B',
	[32] = 0x01, 0x01, 0x10, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

/* As captured: a bridge on subnets 1, 2 and 6. */
static const uint8_t three_subnets[140] = {
	'H', 'O', 'S', 'T', 'A',
	[32] = 0x01, 0x01, 0x10, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
	[68] = 0x02, 0x01, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
	[104] = 0x06, 0x01, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
};

static void captured_one(void **state)
{
	struct status s;

	(void)state;
	assert_int_equal(status_parse(&s, one_subnet, sizeof(one_subnet)), 0);
	assert_string_equal(s.name, "HOSTB");
	assert_false(s.cut_short);
	assert_int_equal(s.unknown, 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.block[0].subnet, 1);
	assert_int_equal(s.block[0].n, 8);
	assert_int_equal(s.block[0].count[0], 1);
	assert_int_equal(s.block[0].count[1], 0);
	assert_int_equal(s.block[0].count[7], 0);
}

static void captured_three(void **state)
{
	static const uint8_t subnets[] = { 1, 2, 6 };
	static const uint32_t received[] = { 2, 0, 0 }, transmitted[] = { 2, 2, 1 };
	struct status s;
	size_t i;

	(void)state;
	assert_int_equal(status_parse(&s, three_subnets, sizeof(three_subnets)), 0);
	assert_string_equal(s.name, "HOSTA");
	assert_false(s.cut_short);
	assert_int_equal(s.n, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(s.block[i].subnet, subnets[i]);
		assert_int_equal(s.block[i].n, 8);
		assert_int_equal(s.block[i].count[0], received[i]);
		assert_int_equal(s.block[i].count[1], transmitted[i]);
	}
}

/* One row per rule; the answer is a name followed by these bytes. */
static const struct {
	const char *what;
	uint8_t bytes[24];
	size_t len;
	unsigned int n, unknown;
	bool cut_short;
	struct status_block first;
} rows[] = {
	{ "no block", {}, 0, 0, 0, false, {} },
	{ "low half first, 32 bits", { 7, 1, 2, 0, 0x78, 0x56, 0x34, 0x92 }, 8,
	  1, 0, false, { 7, 1, { 0x92345678 } } },
	{ "fewer counters than usual", { 1, 1, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0 }, 12,
	  1, 0, false, { 1, 2, { 1, 2 } } },
	{ "half a counter", { 1, 1, 3, 0, 1, 0, 0, 0, 2, 0 }, 10,
	  1, 0, false, { 1, 1, { 1 } } },
	{ "no counter", { 1, 1, 0, 0 }, 4, 1, 0, false, { 1, 0, {} } },
	{ "subnet 255", { 0xff, 1, 0, 0 }, 4, 1, 0, false, { 255, 0, {} } },
	{ "obsolete form, 16 bits", { 5, 0, 3, 0, 1, 2, 3, 4, 5, 6 }, 10,
	  1, 0, false, { 5, 3, { 0x201, 0x403, 0x605 } } },
	{ "obsolete form, longer than usual",
	  { 5, 0, 9, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0 }, 22,
	  1, 0, false, { 5, 8, { 1, 2, 3, 4, 5, 6, 7, 8 } } },
	{ "unknown kind, then a known one",
	  { 0, 2, 1, 0, 9, 9, 3, 1, 2, 0, 1, 0, 0, 0 }, 14,
	  1, 1, false, { 3, 1, { 1 } } },
	{ "nothing but an unknown kind", { 0xff, 0xff, 0, 0 }, 4, 0, 1, false, {} },
	{ "count beyond the end", { 1, 1, 16, 0, 1, 0, 0, 0 }, 8,
	  1, 0, true, { 1, 1, { 1 } } },
	{ "largest count", { 1, 1, 0xff, 0xff, 1, 0, 0, 0, 2 }, 9,
	  1, 0, true, { 1, 1, { 1 } } },
	{ "count beyond the end at the end", { 1, 1, 1, 0 }, 4, 1, 0, true, { 1, 0, {} } },
	{ "half a head", { 1, 1, 1 }, 3, 0, 0, true, {} },
};

static void blocks(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Exactly as long as the answer, for the sanitizer to watch. */
		uint8_t *answer = calloc(1, STATUS_NAME_LEN + rows[i].len);
		struct status s;

		assert_non_null(answer);
		memcpy(answer + STATUS_NAME_LEN, rows[i].bytes, rows[i].len);
		print_message("# %s\n", rows[i].what);
		assert_int_equal(status_parse(&s, answer, STATUS_NAME_LEN + rows[i].len), 0);
		assert_int_equal(s.n, rows[i].n);
		assert_int_equal(s.unknown, rows[i].unknown);
		assert_int_equal(s.cut_short, rows[i].cut_short);
		assert_memory_equal(&s.block[0], &rows[i].first, sizeof(s.block[0]));
		free(answer);
	}
}

static void every_length(void **state)
{
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(three_subnets); len++) {
		uint8_t *answer = malloc(len ? len : 1);
		struct status s;

		assert_non_null(answer);
		memcpy(answer, three_subnets, len);
		assert_int_equal(status_parse(&s, answer, len), len < 32 ? -1 : 0);
		if (len >= 32)
			assert_int_equal(s.cut_short, (len - 32) % 36 != 0);
		free(answer);
	}
}

static void most_blocks(void **state)
{
	uint8_t answer[600] = {};
	struct status s;
	size_t i;

	(void)state;
	for (i = STATUS_NAME_LEN; i < sizeof(answer); i += 4)
		answer[i + 1] = 1;
	assert_int_equal(status_parse(&s, answer, 488), 0);
	assert_int_equal(s.n, STATUS_BLOCKS_MAX);
	assert_int_equal(s.unknown, 0);
	assert_int_equal(status_parse(&s, answer, sizeof(answer)), 0);
	assert_int_equal(s.n, STATUS_BLOCKS_MAX);
	assert_int_equal(s.unknown, (600 - 488) / 4);
}

static void longest_name(void **state)
{
	uint8_t answer[STATUS_NAME_LEN];
	struct status s;

	(void)state;
	memset(answer, 'X', sizeof(answer));
	assert_int_equal(status_parse(&s, answer, sizeof(answer)), 0);
	assert_int_equal(strlen(s.name), STATUS_NAME_LEN);
}

static void json_quotes(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	json_string(out, "A\"b\\c\033\215\177");
	fclose(out);
	assert_string_equal(text, "\"A\\\"b\\\\c\\u001b\\u008d\\u007f\"");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_one),
		cmocka_unit_test(captured_three),
		cmocka_unit_test(blocks),
		cmocka_unit_test(every_length),
		cmocka_unit_test(most_blocks),
		cmocka_unit_test(longest_name),
		cmocka_unit_test(json_quotes),
	};

	return cmocka_run_group_tests_name("chaos status", tests, NULL, NULL);
}
