// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of commands: how lines are taken apart, run and complained about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/chaos_netlink.h>

#include "batch.h"
#include "complain.h"
#include "fake.h"

/* What the commands printed, or in test_lines() their words between bars. */
static char *output;
static struct ctl ctl;

static int setup(void **state)
{
	memset(&ctl, 0, sizeof(ctl));
	output = NULL;
	return fake_setup(state);
}

static int teardown(void **state)
{
	free(output);
	return fake_teardown(state);
}

/* Prints its words; "fail" and "wrong" are commands that do not work. */
static int print_words(struct ctl *c, char **words)
{
	assert_true(c->batch);
	for (char **word = words; *word; word++)
		fprintf(c->out.f, "%s%s", word == words ? "" : "|", *word);
	fputc('\n', c->out.f);
	if (!strcmp(words[0], "fail"))
		complain("it failed");
	if (!strcmp(words[0], "wrong"))
		complain("it is wrong");
	return !strcmp(words[0], "fail") ? STATUS_FAILED :
	       !strcmp(words[0], "wrong") ? STATUS_USAGE : STATUS_OK;
}

static int run_objects(struct ctl *c, char **words)
{
	if (!strcmp(words[0], "addr"))
		return object_run(c, &addr_object, words + 1);
	if (!strcmp(words[0], "conn"))
		return object_run(c, &conn_object, words + 1);
	return object_run(c, &link_object, words + 1);
}

static int run_len(const char *text, size_t len, bool json)
{
	FILE *f = fmemopen((char *)text, len, "r");
	size_t size;
	int status;

	assert_non_null(f);
	free(output);
	output = NULL;
	ctl.tr = &fake;
	show_init(&ctl.out, open_memstream(&output, &size), json, false);
	assert_non_null(ctl.out.f);
	status = batch_stream(&ctl, f, "FILE");
	fclose(ctl.out.f);
	fclose(f);
	return status;
}

static int run(const char *text, bool json)
{
	return run_len(text, strlen(text), json);
}

static const struct {
	const char *text;
	const char *output;
	const char *complaints;
	int status;
} rows[] = {
	{ "", "", "", 0 },
	{ "\n\n", "", "", 0 },
	{ "a", "a\n", "", 0 },
	{ "a b\tc\r\nd\n", "a|b|c\nd\n", "", 0 },
	{ "  a  b  \n", "a|b\n", "", 0 },
	{ "# a\n  # b\na # c\na# c\na#\n", "a\na#|c\na#\n", "", 0 },
	{ "# no # more \\\njoined\na\n", "a\n", "", 0 },
	{ "a \\\n b\nc\\\nd\n", "a|b\ncd\n", "", 0 },
	{ "a \\\\\nb\n", "a|\\\nb\n", "", 0 },
	{ "a \\\\\\\nb\n", "a|\\b\n", "", 0 },
	{ "a \\", "a\n", "", 0 },
	{ "\\", "", "", 0 },
	{ "\\\n", "", "", 0 },
	{ "a 'b  c' d\n", "a|b  c|d\n", "", 0 },
	{ "a \"b  c\" d\n", "a|b  c|d\n", "", 0 },
	{ "a b\"c d\"'e f'g\n", "a|bc de fg\n", "", 0 },
	{ "a '' \"\" b\n", "a|||b\n", "", 0 },
	{ "a '#' \"#\" \\# b\n", "a|#|#|#|b\n", "", 0 },
	{ "a '\\' \"\\\"\\\\\\101\" \\ \\101\n", "a|\\|\"\\A| A\n", "", 0 },
	{ "a '\"' \"'\"\n", "a|\"|'\n", "", 0 },
	{ "a \"\\377\\200\"\n", "a|\377\200\n", "", 0 },
	{ "a\nb \"c\nd\n", "a\n", "FILE:2: a quote (\") is not closed\n", 1 },
	{ "a 'b", "", "FILE:1: a quote (') is not closed\n", 1 },
	{ "a \\n", "",
	  "FILE:1: after a backslash there is neither a sign nor three octal digits\n", 1 },
	{ "a \"\\12\"", "",
	  "FILE:1: after a backslash there is neither a sign nor three octal digits\n", 1 },
	{ "a \\400", "",
	  "FILE:1: after a backslash there is neither a sign nor three octal digits\n", 1 },
	{ "a \\000", "",
	  "FILE:1: after a backslash there is neither a sign nor three octal digits\n", 1 },
	{ "a\n\nfail\nb\n", "a\nfail\n", "FILE:3: it failed\n", 2 },
	{ "a \\\nb\n\nwrong \\\nc\nd", "a|b\nwrong|c\n", "FILE:4: it is wrong\n", 1 },
	{ "-s link", "",
	  "FILE:1: '-s' looks like an option: those stand in the command line only\n", 1 },
};

static void test_lines(void **state)
{
	ctl.run = print_words;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_setup(state);
		assert_int_equal(run(rows[i].text, false), rows[i].status);
		assert_string_equal(output, rows[i].output);
		assert_string_equal(fake_complaints(), rows[i].complaints);
	}
}

static void test_nul(void **state)
{
	static const char text[] = "a\nb\0c\nd\n";

	(void)state;
	ctl.run = print_words;
	assert_int_equal(run_len(text, sizeof(text) - 1, false), STATUS_USAGE);
	assert_string_equal(output, "a\n");
	assert_string_equal(fake_complaints(), "FILE:2: there is a byte 0 in the line\n");
}

static void test_force(void **state)
{
	(void)state;
	ctl.run = print_words;
	ctl.force = true;
	assert_int_equal(run("a\nfail\nb 'c\nwrong\nd\n", false), STATUS_FAILED);
	assert_string_equal(output, "a\nfail\nwrong\nd\n");
	assert_string_equal(fake_complaints(),
			    "FILE:2: it failed\nFILE:3: a quote (') is not closed\n"
			    "FILE:4: it is wrong\n");
}

/* After the last line complaints are about the command line again. */
static void test_afterwards(void **state)
{
	(void)state;
	ctl.run = print_words;
	assert_int_equal(run("a\n", false), STATUS_OK);
	complain("no line");
	assert_string_equal(fake_complaints(), "no line\n");
}

static void test_unreadable(void **state)
{
	FILE *f = fopen("/", "r");

	(void)state;
	assert_non_null(f);
	ctl.run = print_words;
	ctl.force = true;
	show_init(&ctl.out, stdout, false, false);
	assert_int_equal(batch_stream(&ctl, f, "FILE"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "FILE:1: cannot read on: Is a directory\n");
	fclose(f);
}

/* A long line with many words. */
static void test_long(void **state)
{
	char *text = malloc(200001);

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 100000; i++)
		memcpy(text + 2 * i, "a ", 2);
	text[200000] = '\0';
	ctl.run = print_words;
	assert_int_equal(run(text, false), STATUS_OK);
	assert_int_equal(strlen(output), 200000);
	free(text);
}

/* One transport for all; what one command sets does not reach the next. */
static void test_commands(void **state)
{
	(void)state;
	ctl.run = run_objects;
	fake_error(0, NULL);
	fake_error(17, "3040 is in use already");
	assert_int_equal(run("link add eth0\naddr add 3040 \\\n dev eth0\nlink del eth0\n", false),
			 STATUS_FAILED);
	assert_string_equal(fake_complaints(), "FILE:2: 3040 is in use already\n");
	assert_int_equal(fake_n_sent(), 2);
	fake_done(0, NULL);
	fake_done(0, NULL);
	assert_int_equal(run("conn info\nconn show\n", false), STATUS_OK);
	assert_false(ctl.info);
}

static void test_check(void **state)
{
	(void)state;
	ctl.run = run_objects;
	ctl.check = true;
	ctl.force = true;
	assert_int_equal(run("link add eth0\naddr add 3080 dev eth0\naddr show\nlink add\n", false),
			 STATUS_USAGE);
	assert_string_equal(fake_complaints(),
			    "FILE:2: '3080' is not an octal address: digit 8\n"
			    "FILE:4: link add: missing 'dev DEV'\n");
	assert_int_equal(fake_n_sent(), 0);
}

/* All results together are one value. */
static void test_json(void **state)
{
	struct nl_msg *msg;

	(void)state;
	ctl.run = run_objects;
	assert_int_equal(run("# nothing\n", true), STATUS_OK);
	assert_string_equal(output, "[]\n");
	for (int i = 0; i < 2; i++) {
		msg = fake_msg(CHAOS_CMD_ADDR_NEW, NLM_F_MULTI);
		assert_int_equal(nla_put_u16(msg, CHAOS_ADDR_A_ADDR, 03040), 0);
		fake_answer(msg);
		fake_done(0, NULL);
	}
	fake_done(0, NULL);
	assert_int_equal(run("addr\naddr\nlink\naddr help\n", true), STATUS_USAGE);
	assert_string_equal(output, "[[{\"addr\":\"3040\"}],[{\"addr\":\"3040\"}],[]]\n");
	assert_string_equal(fake_complaints(), "FILE:4: there is no help in JSON\n");
}

static void test_quote(void **state)
{
	static const struct {
		const char *bytes;
		const char *quoted;
	} words[] = {
		{ "eth0", "eth0" },
		{ "br0.12", "br0.12" },
		{ "", "\"\"" },
		{ "two words", "\"two words\"" },
		{ "#", "\"#\"" },
		{ "a\"b\\c'd", "\"a\\\"b\\\\c'd\"" },
		{ "\n\177\200\377", "\"\\012\\177\\200\\377\"" },
	};

	(void)state;
	ctl.run = print_words;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char expected[40];
		char *line = NULL;
		size_t size;
		FILE *f;

		f = open_memstream(&line, &size);
		assert_non_null(f);
		fputs("a ", f);
		batch_quote(f, words[i].bytes, strlen(words[i].bytes));
		fclose(f);
		assert_string_equal(line + 2, words[i].quoted);
		assert_int_equal(run(line, false), STATUS_OK);
		snprintf(expected, sizeof(expected), "a|%s\n", words[i].bytes);
		assert_string_equal(output, expected);
		free(line);
	}
}

/* What is written in quotes is read as the same, whatever it is. */
static void check_quoted(const char *word, size_t len)
{
	char *line = NULL;
	struct batch b;
	size_t size;
	FILE *f;

	f = open_memstream(&line, &size);
	assert_non_null(f);
	fputs("a ", f);
	batch_quote(f, word, len);
	fclose(f);
	f = fmemopen(line, size, "r");
	assert_non_null(f);
	batch_init(&b, f, "quoted");
	assert_int_equal(batch_next(&b), BATCH_COMMAND);
	assert_string_equal(b.words[1], word);
	assert_null(b.words[2]);
	batch_free(&b);
	fclose(f);
	free(line);
}

/* Lines of what has a meaning, at random; the sanitizers watch. */
static void test_random(void **state)
{
	static const char signs[] = "ab0174\\\"' #\n\t\377";
	char text[40];

	ctl.run = print_words;
	ctl.force = true;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		size_t len = rand() % (sizeof(text) - 1) + 1;

		for (size_t j = 0; j < len; j++)
			text[j] = signs[rand() % (sizeof(signs) - 1)];
		text[len] = '\0';
		fake_setup(state);
		run_len(text, len, false);
		check_quoted(text, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(test_force, setup, teardown),
		cmocka_unit_test_setup_teardown(test_afterwards, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quote, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
