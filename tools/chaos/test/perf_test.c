// SPDX-License-Identifier: GPL-2.0-or-later
/* What client and server of "chaos perf" say to each other, and the command line. */
#include <errno.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "perf_line.h"
#include "perf_message.h"
#include "perf_options.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* What is wrong with a request; NULL: nothing. */
static const char *opening(const char *text, struct perf_opening *o)
{
	char copy[400];

	snprintf(copy, sizeof(copy), "%s", text);
	return perf_opening_parse(copy, o);
}

static void requests(void **state)
{
	static const struct {
		const char *text;
		const char *wrong;
	} rows[] = {
		{ "TEST version=1 send=1 conns=1 ms=1 size=1", NULL },
		{ "TEST size=1  ms=1 conns=1 send=1 version=1 ", NULL },
		{ "TEST version=1 back=1 conns=128 amount=18446744073709551615 size=1048576", NULL },
		{ "TEST version=1 packets=1 back=1 conns=1 ms=86400000 size=488 window=1024", NULL },
		{ "", "a request that is not known" },
		{ " ", "a request that is not known" },
		{ "TESTS", "a request that is not known" },
		{ "test version=1", "a request that is not known" },
		{ "TEST", "a number that is missing or too small" },
		{ "TEST version=2 send=1 conns=1 ms=1 size=1", "a number that is too large" },
		{ "TEST send=1 conns=1 ms=1 size=1", "a number that is missing or too small" },
		{ "TEST version=1 send=1 conns=0 ms=1 size=1",
		  "a number that is missing or too small" },
		{ "TEST version=1 send=1 conns=129 ms=1 size=1", "a number that is too large" },
		{ "TEST version=1 send=1 conns=1 ms=86400001 size=1",
		  "a number that is too large" },
		{ "TEST version=1 send=1 conns=1 amount=18446744073709551616 size=1",
		  "a number that is too large" },
		{ "TEST version=1 send=1 conns=1 ms=1 size=1048577", "a number that is too large" },
		{ "TEST version=1 send=1 conns=1 ms=1", "a number that is missing or too small" },
		{ "TEST version=1 send=1 conns=1 ms=-1 size=1", "not a number" },
		{ "TEST version=1 send=1 conns=1 ms=+1 size=1", "not a number" },
		{ "TEST version=1 send=1 conns=1 ms= size=1", "not a number" },
		{ "TEST version=1 send=1 conns=1 ms=1x size=1", "not a number" },
		{ "TEST version=1 send=1 conns=1 ms=a size=1", "not a number" },
		{ "TEST version=1 send", "a word without a number" },
		{ "TEST version=1 =1", "a word that is not known" },
		{ "TEST version=1 colour=1", "a word that is not known" },
		{ "TEST version=1 conns=1 ms=1 size=1", "a test that sends nothing" },
		{ "TEST version=1 send=1 conns=1 size=1", "a test without end" },
		{ "TEST version=1 send=1 conns=3 amount=2 size=1", "more connections than bytes" },
		{ "TEST version=1 packets=1 send=1 conns=1 ms=1 size=489",
		  "packets that are too long" },
		{ "DATA 0 0", NULL },
		{ "DATA ffffffffffffffff 127", NULL },
		{ "DATA", "a connection of no test" },
		{ "DATA 1", "a connection of no test" },
		{ "DATA 1 2 3", "not a number" },
		{ "DATA 1 128", "a number that is too large" },
		{ "DATA 1 b", "not a number" },
		{ "DATA x 1", "not a number" },
		{ "DATA 10000000000000000 1", "a number that is too large" },
	};
	struct perf_opening o;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		const char *wrong = opening(rows[i].text, &o);

		if (!wrong || !rows[i].wrong)
			assert_ptr_equal(wrong, rows[i].wrong);
		else
			assert_string_equal(wrong, rows[i].wrong);
	}
}

static void request_there_and_back(void **state)
{
	const struct perf_request request = {
		.packets = 1, .send = 1, .back = 1, .conns = 7, .amount = 1ull << 60,
		.ms = 12345, .size = 488, .window = 1024,
	};
	struct perf_opening o;
	char text[256];
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	perf_request_print(out, &request);
	fclose(out);
	assert_null(opening(text, &o));
	assert_false(o.data);
	assert_int_equal(o.request.version, 1);
	o.request.version = 0;
	assert_memory_equal(&o.request, &request, sizeof(request));
	out = fmemopen(text, sizeof(text), "w");
	perf_data_print(out, 0xfedcba9876543210, 127);
	fclose(out);
	assert_null(opening(text, &o));
	assert_true(o.data);
	assert_true(o.token == 0xfedcba9876543210);
	assert_int_equal(o.index, 127);
}

/* The line with the most and largest numbers fits, and comes back as it was. */
static void results(void **state)
{
	struct perf_result result, back;
	char text[PERF_LINE_MAX];
	FILE *out = fmemopen(text, sizeof(text), "w");
	uint64_t index;

	(void)state;
	memset(&result, 0xff, sizeof(result));
	perf_result_print(out, 127, &result);
	assert_in_range(ftell(out), 1, sizeof(text) - 1);
	fclose(out);
	text[strcspn(text, "\n")] = 0;
	assert_null(perf_result_parse(text, &index, &back));
	assert_int_equal(index, 127);
	assert_memory_equal(&back, &result, sizeof(result));
}

static void bad_results(void **state)
{
	static const char *const lines[] = {
		"", "conn", "conn ", "conn x", "conn 128", "conn 1 rx_bytes", "conn 1 x=1",
		"conn 1 rx_bytes=18446744073709551616", "done", "conn -1 rx_bytes=1",
	};
	struct perf_result result;
	uint64_t index, token;
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < N(lines); i++) {
		snprintf(text, sizeof(text), "%s", lines[i]);
		assert_non_null(perf_result_parse(text, &index, &result));
	}
	assert_non_null(perf_ready_parse("", &token));
	assert_non_null(perf_ready_parse("ready ", &token));
	assert_non_null(perf_ready_parse("ready 1g", &token));
	assert_non_null(perf_ready_parse("ready 10000000000000000", &token));
	assert_null(perf_ready_parse("ready ff", &token));
	assert_int_equal(token, 255);
}

static void shares(void **state)
{
	const struct perf_request r = { .conns = 3, .amount = 11 };

	(void)state;
	assert_int_equal(perf_share(&r, 0), 4);
	assert_int_equal(perf_share(&r, 1), 4);
	assert_int_equal(perf_share(&r, 2), 3);
}

/* Lines in pieces, and one that does not end. */
static void lines(void **state)
{
	static struct perf_line line;
	char flood[PERF_LINE_MAX];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_null(perf_line_next(&line));
	assert_int_equal(perf_line_read(&line, pair[0]), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(write(pair[1], "one\ntw", 6), 6);
	assert_int_equal(perf_line_read(&line, pair[0]), 6);
	assert_string_equal(perf_line_next(&line), "one");
	assert_null(perf_line_next(&line));
	assert_int_equal(write(pair[1], "o\n\n", 3), 3);
	assert_int_equal(perf_line_read(&line, pair[0]), 3);
	assert_string_equal(perf_line_next(&line), "two");
	assert_string_equal(perf_line_next(&line), "");
	assert_null(perf_line_next(&line));
	memset(flood, 'x', sizeof(flood));
	assert_int_equal(write(pair[1], flood, sizeof(flood)), sizeof(flood));
	assert_int_equal(perf_line_read(&line, pair[0]), sizeof(flood));
	assert_null(perf_line_next(&line));
	assert_int_equal(perf_line_read(&line, pair[0]), -1);
	assert_int_equal(errno, EMSGSIZE);
	close(pair[0]);
	close(pair[1]);
}

static const struct cmd perf = { .name = "perf", .usage = "perf", .help = "" };

/* The words as a command line; returns the exit status. */
static int parse(struct perf_options *o, const char *words)
{
	static char copy[256];
	char *argv[32] = { "perf" }, *rest, *word;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	optind = 0;
	return perf_options(o, &perf, argc, argv);
}

static void command_line(void **state)
{
	struct perf_options o;

	(void)state;
	assert_int_equal(parse(&o, "402"), 0);
	assert_false(o.server || o.transactions || o.request.back || o.request.packets);
	assert_int_equal(o.addr, 0402);
	assert_int_equal(o.request.send, 1);
	assert_int_equal(o.request.ms, 10000);
	assert_int_equal(o.request.size, 65536);
	assert_int_equal(parse(&o, "-n 3G -P 4 -R 402"), 0);
	assert_true(o.request.amount == 3ull << 30);
	assert_int_equal(o.request.ms, 0);
	assert_int_equal(o.request.conns, 4);
	assert_true(o.request.back && !o.request.send);
	assert_int_equal(parse(&o, "--bidir -m packet -t 0.5 -i 0 402"), 0);
	assert_true(o.request.back && o.request.send && o.request.packets);
	assert_int_equal(o.request.size, 488);
	assert_int_equal(o.request.ms, 500);
	assert_int_equal(o.interval_ms, 0);
	assert_int_equal(parse(&o, "-a status 402"), 0);
	assert_true(o.transactions && !o.request.send);
	assert_string_equal(o.echo_contact, "status");
	assert_int_equal(o.request.size, 0);
	assert_int_equal(parse(&o, "-m transaction -c SPEED -l 1k 402"), 1);
	assert_int_equal(parse(&o, "-m transaction -c SPEED 402"), 0);
	assert_string_equal(o.echo_contact, "SPEED-ECHO");
	assert_int_equal(parse(&o, "-s"), 0);
	assert_true(o.server);
	assert_string_equal(o.contact, "PERF");
	assert_int_equal(parse(&o, "--server --max-time 5 SPEED -v"), 0);
	assert_string_equal(o.packet_contact, "SPEED-PACKET");
	assert_int_equal(o.max_time, 5);
}

static void impossible_command_lines(void **state)
{
	static const char *const rows[] = {
		"", "401 402", "-m x 402", "-R --bidir 402", "-n 0 402", "-n 4Z 402", "-n 1Kx 402",
		"-n 99999999999999999999 402", "-n 17179869184G 402", "-n -1 402", "-n K 402",
		"-P 0 402", "-P 129 402", "-t 0 402", "-t 1.2.3 402", "-t 86401 402", "-t 1s 402",
		"-i 0.01 402", "-l 0 402", "-l 2M 402", "-m packet -l 489 402", "-w 0 402",
		"-w 1025 402", "-n 3 -P 4 402", "-1 402", "--max-tests 3 402", "-s -t 3",
		"-s -R", "-s A B", "-a STATUS -R 402", "-m transaction -w 3 402", "-T 0 402",
		"-a STATUS -l 482 402", "--frob 402",
	};
	struct perf_options o;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		if (parse(&o, rows[i]) != 1)
			fail_msg("\"%s\" is accepted", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(request_there_and_back),
		cmocka_unit_test(results),
		cmocka_unit_test(bad_results),
		cmocka_unit_test(shares),
		cmocka_unit_test(lines),
		cmocka_unit_test(command_line),
		cmocka_unit_test(impossible_command_lines),
	};

	/* What is said about impossible command lines is of no interest. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests_name("perf", tests, NULL, NULL);
}
