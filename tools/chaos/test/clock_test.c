// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers to TIME and UPTIME. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "clock.h"

#define NOVEMBER_2026	1795315158	/* when the capture was taken */

static void captured(void **state)
{
	static const uint8_t when[] = { 0x56, 0xd4, 0xac, 0xee };
	static const uint8_t up[] = { 0xb4, 0x00, 0x00, 0x00 };
	static const uint8_t too_short[] = { 0x56, 0xd4, 0xac };
	char text[UPTIME_STRLEN];
	uint32_t value;

	(void)state;
	assert_int_equal(clock_parse(&value, when, sizeof(when)), 0);
	assert_int_equal(clock_to_unix(value, NOVEMBER_2026 + 1000), NOVEMBER_2026);
	assert_int_equal(clock_parse(&value, up, sizeof(up)), 0);
	assert_string_equal(clock_format_uptime(value, text), "00:00:03");
	assert_int_equal(clock_parse(&value, too_short, sizeof(too_short)), -1);
	assert_int_equal(clock_parse(&value, too_short, 0), -1);
}

static void eras(void **state)
{
	static const struct {
		uint32_t value;
		int64_t near, unix_time;
	} rows[] = {
		{ 2208988800u, 0, 0 },
		{ 2208988800u, 100, 0 },
		{ 2208988800u, -100, 0 },
		/* The first era ends on 2036-02-07 06:28:16 UTC. */
		{ 0xffffffff, 2085978495, 2085978495 },
		{ 0, 2085978495, 2085978496 },
		{ 0, NOVEMBER_2026, 2085978496 },
		{ 0xffffffff, 2085978500, 2085978495 },
		{ 5, 2085978500, 2085978501 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(clock_to_unix(rows[i].value, rows[i].near), rows[i].unix_time);
}

static void offsets(void **state)
{
	(void)state;
	assert_int_equal(clock_offset(100, 100, 100), 0);
	assert_int_equal(clock_offset(100, 99, 101), 0);
	assert_int_equal(clock_offset(103, 99, 101), 2);
	assert_int_equal(clock_offset(96, 99, 101), -3);
}

static void uptimes(void **state)
{
	static const struct {
		uint32_t ticks;
		const char *text;
	} rows[] = {
		{ 0, "00:00:00" },
		{ 59, "00:00:00" },
		{ 60, "00:00:01" },
		{ 86399 * 60, "23:59:59" },
		{ 86400 * 60, "1 day, 00:00:00" },
		{ (3 * 86400 + 4 * 3600 + 5 * 60 + 6) * 60, "3 days, 04:05:06" },
		{ 0xffffffff, "828 days, 12:06:28" },
	};
	char text[UPTIME_STRLEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(clock_format_uptime(rows[i].ticks, text), rows[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured),
		cmocka_unit_test(eras),
		cmocka_unit_test(offsets),
		cmocka_unit_test(uptimes),
	};

	return cmocka_run_group_tests_name("chaos time and uptime", tests, NULL, NULL);
}
