// SPDX-License-Identifier: GPL-2.0-or-later
/* Printing: the same calls, plain and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "show.h"

static char *output;
static size_t output_size;

static struct show begin(bool json, bool pretty)
{
	FILE *f = open_memstream(&output, &output_size);
	struct show s;

	assert_non_null(f);
	show_init(&s, f, json, pretty);
	return s;
}

static void end(struct show *s, const char *expected)
{
	fclose(s->f);
	assert_string_equal(output, expected);
	free(output);
}

static const char *const colours[] = { "red", NULL, "blue" };

static void print_things(struct show *s)
{
	static const uint8_t mac[] = { 0x02, 0, 0, 0xab, 0, 0xff };

	show_list_open(s, NULL);
	show_object_open(s, NULL);
	show_str(s, "dev", "", "eth0");
	show_text(s, ":");
	show_addr(s, "addr", " addr ", 03040);
	show_subnet(s, "subnet", " on ", 0377);
	show_num(s, "cost", " cost ", 18446744073709551615ULL);
	show_bool(s, "up", " UP", true);
	show_line_end(s);
	show_object_open(s, "inner");
	show_lladdr(s, "lladdr", "  lladdr ", mac, sizeof(mac));
	show_name(s, "first", " ", colours, 3, 0);
	show_name(s, "second", " ", colours, 3, 1);
	show_name(s, "third", " ", colours, 3, 2);
	show_name(s, "fourth", " ", colours, 3, 3);
	show_line_end(s);
	show_object_close(s);
	show_bool(s, "down", "", false);
	show_object_close(s);
	show_object_open(s, NULL);
	show_object_close(s);
	show_list_close(s);
}

static void test_plain(void **state)
{
	struct show s = begin(false, false);

	(void)state;
	print_things(&s);
	end(&s, "eth0: addr 3040 on 377 cost 18446744073709551615 UP\n"
		"  lladdr 02:00:00:ab:00:ff red 1 blue 3\n");
}

static void test_json(void **state)
{
	struct show s = begin(true, false);

	(void)state;
	print_things(&s);
	end(&s, "[{\"dev\":\"eth0\",\"addr\":\"3040\",\"subnet\":\"377\","
		"\"cost\":18446744073709551615,\"up\":true,"
		"\"inner\":{\"lladdr\":\"02:00:00:ab:00:ff\",\"first\":\"red\",\"second\":\"1\","
		"\"third\":\"blue\",\"fourth\":\"3\"},\"down\":false},{}]\n");
}

static void test_pretty(void **state)
{
	struct show s = begin(true, true);

	(void)state;
	show_list_open(&s, NULL);
	show_object_open(&s, NULL);
	show_num(&s, "one", "", 1);
	show_list_open(&s, "two");
	show_num(&s, NULL, "", 3);
	show_num(&s, NULL, "", 4);
	show_list_close(&s);
	show_object_open(&s, "five");
	show_object_close(&s);
	show_object_close(&s);
	show_list_close(&s);
	end(&s, "[\n  {\n    \"one\": 1,\n    \"two\": [\n      3,\n      4\n    ],\n"
		"    \"five\": {}\n  }\n]\n");
}

static void test_empty_list(void **state)
{
	struct show s = begin(true, true);

	(void)state;
	show_list_open(&s, NULL);
	show_list_close(&s);
	end(&s, "[]\n");

	s = begin(false, false);
	show_list_open(&s, NULL);
	show_list_close(&s);
	end(&s, "");
}

/* Every byte in a value and in a key. */
static void test_escapes(void **state)
{
	static const char bytes[] = "a\"\\\b\n\0\033\177\200\377/";
	struct show s = begin(true, false);

	(void)state;
	show_object_open(&s, NULL);
	show_bytes(&s, "k\"\n", "", bytes, sizeof(bytes) - 1);
	show_object_close(&s);
	end(&s, "{\"k\\\"\\u000a\":\"a\\\"\\\\\\u0008\\u000a\\u0000\\u001b\\u007f\\u0080\\u00ff/\"}\n");

	s = begin(false, false);
	show_bytes(&s, "k", "<", bytes, sizeof(bytes) - 1);
	end(&s, "<a\"\\134\\010\\012\\000\\033\\177\\200\\377/");
}

static void test_columns(void **state)
{
	struct show s = begin(false, false);

	(void)state;
	show_text(&s, "ab");
	show_column(&s, 5);
	show_num(&s, "n", "", 12);
	show_column(&s, 5);		/* already beyond: one space */
	show_str(&s, "x", "", "\033");
	show_column(&s, 14);
	show_text(&s, "|\n");
	show_column(&s, 2);
	show_text(&s, "|");
	end(&s, "ab   12 \\033  |\n  |");

	s = begin(true, false);
	show_column(&s, 10);
	end(&s, "");
}

static void test_long_lladdr(void **state)
{
	uint8_t bytes[200];
	struct show s = begin(false, false);

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	show_lladdr(&s, "k", "", bytes, sizeof(bytes));
	fclose(s.f);
	assert_int_equal(strlen(output), 32 * 3 - 1);
	free(output);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_pretty),
		cmocka_unit_test(test_empty_list),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_long_lladdr),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
