// SPDX-License-Identifier: GPL-2.0-or-later
/* Colours: of what, and when. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "colour.h"
#include "fake.h"
#include "show.h"

#define E	"\033["
#define END	E "0m"

static void print_things(struct show *s)
{
	static const uint8_t mac[] = { 0x02, 0, 0, 0xab, 0, 0xff };

	show_object_open(s, NULL);
	show_str(s, "dev", "", "eth0");
	show_column(s, 6);
	show_addr(s, "addr", "addr ", 03040);
	show_lladdr(s, "lladdr", " ", mac, sizeof(mac));
	show_num(s, "cost", " ", 11);
	show_bool(s, "carrier", " up", true);
	show_bool(s, "carrier", " down", false);
	show_str(s, "state", " ", "valid");
	show_str(s, "state", " ", "failed");
	show_str(s, "state", " ", "stale");
	show_str(s, "contact", " ", "\033[31m");
	show_object_close(s);
}

/* What @print does to a stream of its own; to be freed. */
static char *printed(bool json, bool colour)
{
	char *text = NULL;
	struct show s;
	size_t size;

	show_init(&s, open_memstream(&text, &size), json, false);
	assert_non_null(s.f);
	s.colour = colour;
	print_things(&s);
	fclose(s.f);
	return text;
}

/* Columns are where they are without colours. */
static void test_values(void **state)
{
	char *text = printed(false, true);

	(void)state;
	assert_string_equal(text, E "36meth0" END "  addr " E "35m3040" END
			    " " E "33m02:00:00:ab:00:ff" END " 11"
			    E "32m up" END E "31m down" END " " E "32mvalid" END
			    " " E "31mfailed" END " stale \\033[31m");
	free(text);
	text = printed(false, false);
	assert_string_equal(text,
			    "eth0  addr 3040 02:00:00:ab:00:ff 11 up down valid failed stale \\033[31m");
	free(text);
}

static void test_json(void **state)
{
	char *with = printed(true, true);
	char *without = printed(true, false);

	(void)state;
	assert_string_equal(with, without);
	assert_null(strchr(with, '\033'));
	free(with);
	free(without);
}

static FILE *open_terminal(int *controller)
{
	const char *name;
	FILE *f;

	*controller = posix_openpt(O_RDWR | O_NOCTTY);
	if (*controller < 0 || grantpt(*controller) || unlockpt(*controller))
		return NULL;
	name = ptsname(*controller);
	f = name ? fopen(name, "r+") : NULL;
	return f;
}

static void test_when(void **state)
{
	FILE *file = fopen("/dev/null", "w");
	int controller;
	FILE *terminal = open_terminal(&controller);

	(void)state;
	assert_non_null(file);
	if (!terminal)
		skip();
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	assert_true(colour_wanted(COLOUR_AUTO, terminal));
	assert_false(colour_wanted(COLOUR_AUTO, file));
	assert_true(colour_wanted(COLOUR_ALWAYS, file));
	assert_false(colour_wanted(COLOUR_NEVER, terminal));
	setenv("NO_COLOR", "", 1);
	assert_true(colour_wanted(COLOUR_AUTO, terminal));
	setenv("NO_COLOR", "1", 1);
	assert_false(colour_wanted(COLOUR_AUTO, terminal));
	assert_true(colour_wanted(COLOUR_ALWAYS, terminal));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(colour_wanted(COLOUR_AUTO, terminal));
	fclose(terminal);
	close(controller);
	fclose(file);
}

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(colour_parse(NULL), COLOUR_ALWAYS);
	assert_int_equal(colour_parse("auto"), COLOUR_AUTO);
	assert_int_equal(colour_parse("=never"), COLOUR_NEVER);
	assert_int_equal(colour_parse("=al"), COLOUR_ALWAYS);
	assert_string_equal(fake_complaints(), "");
	assert_int_equal(colour_parse("=a"), -1);
	assert_int_equal(colour_parse("j"), -1);
	assert_string_equal(fake_complaints(),
			    "'a' is ambiguous: it could be 'auto' or 'always'\n"
			    "'j' is not a time for colours: always, auto or never\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_when),
		cmocka_unit_test_setup_teardown(test_parse, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests_name("colour", tests, NULL, NULL);
}
