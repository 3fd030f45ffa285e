// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "json.h"

static char *text;
static size_t len;

static struct json begin(bool pretty)
{
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	return (struct json){ .f = f, .pretty = pretty };
}

static void end(struct json *j, const char *expected)
{
	fclose(j->f);
	assert_string_equal(text, expected);
	free(text);
}

static void fill(struct json *j)
{
	json_open(j, NULL, '{');
	json_text(j, "text", "a\"b\\c\n\377");
	json_open(j, "list", '[');
	json_number(j, NULL, 0);
	json_number(j, NULL, UINT64_MAX);
	json_close(j, ']');
	json_open(j, "none", '[');
	json_close(j, ']');
	json_real(j, "real", -1.5);
	json_real(j, "no number", NAN);
	json_bool(j, "yes", true);
	json_bool(j, "no", false);
	json_close(j, '}');
}

static void one_line(void **state)
{
	struct json j = begin(false);

	(void)state;
	fill(&j);
	json_open(&j, NULL, '[');
	json_close(&j, ']');
	end(&j, "{\"text\":\"a\\\"b\\\\c\\u000a\\u00ff\",\"list\":[0,18446744073709551615],"
		"\"none\":[],\"real\":-1.500,\"no number\":null,\"yes\":true,\"no\":false}\n[]\n");
}

static void many_lines(void **state)
{
	struct json j = begin(true);

	(void)state;
	fill(&j);
	end(&j, "{\n  \"text\": \"a\\\"b\\\\c\\u000a\\u00ff\",\n  \"list\": [\n    0,\n"
		"    18446744073709551615\n  ],\n  \"none\": [],\n  \"real\": -1.500,\n"
		"  \"no number\": null,\n  \"yes\": true,\n  \"no\": false\n}\n");
}

static void bytes(void **state)
{
	struct json j = begin(false);

	(void)state;
	json_bytes(j.f, "a\0b\177", 4);
	json_bytes(j.f, "", 0);
	end(&j, "\"a\\u0000b\\u007f\"\"\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(many_lines),
		cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
