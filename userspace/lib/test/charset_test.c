// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_charset.h"

static void known_codes(void **state)
{
	char text[] = "A\215\211\210\214\212Z";

	(void)state;
	chaos_text_translate(text, strlen(text));
	assert_string_equal(text, "A\n\t\b\f\rZ");
	chaos_text_translate(text, strlen(text));
	assert_string_equal(text, "A\215\211\210\214\212Z");
}

static void every_byte_survives(void **state)
{
	uint8_t all[256], seen[256] = {};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all); i++)
		all[i] = i;
	chaos_text_translate(all, sizeof(all));
	for (i = 0; i < sizeof(all); i++)
		seen[all[i]]++;
	for (i = 0; i < sizeof(all); i++)
		assert_int_equal(seen[i], 1);
	chaos_text_translate(all, sizeof(all));
	for (i = 0; i < sizeof(all); i++)
		assert_int_equal(all[i], i);
}

static void printable(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "No server for this contact name", "No server for this contact name" },
		{ "two\215lines\r\n", "two lines" },
		{ "esc\033[2J \233", "esc?[2J ?" },
		{ "tab\211tab\ttab", "tab tab tab" },
		{ "", "" },
		{ "\215", "" },
	};
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(line, 'x', sizeof(line));
		chaos_text_printable(line, rows[i].in, strlen(rows[i].in));
		assert_string_equal(line, rows[i].out);
	}
	chaos_text_printable(line, "ends\0here", 9);
	assert_string_equal(line, "ends");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_codes),
		cmocka_unit_test(every_byte_survives),
		cmocka_unit_test(printable),
	};

	return cmocka_run_group_tests_name("libchaos text", tests, NULL, NULL);
}
