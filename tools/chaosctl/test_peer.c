// SPDX-License-Identifier: GPL-2.0-or-later
/* What ping and trace make of words and of other hosts' answers. */
#include <stdlib.h>
#include <string.h>

#include "bridge.h"
#include "fake.h"
#include "peer.h"

static void test_seconds(void **state)
{
	static const struct {
		const char *word;
		unsigned int ms;	/* 0: refused */
	} rows[] = {
		{ "1", 1000 }, { "0.1", 100 }, { ".5", 500 }, { "2.", 2000 }, { "1.25", 1250 },
		{ "0.0999", 0 }, { "30", 30000 }, { "30.000", 30000 }, { "30.0009", 30000 },
		{ "30.001", 0 }, { "99999999999999999999999", 0 }, { "", 0 }, { ".", 0 },
		{ "-1", 0 }, { "1s", 0 }, { "1.5.5", 0 }, { " 1", 0 }, { "1e1", 0 }, { "0", 0 },
	};
	unsigned int ms;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_setup(state);
		ms = 0;
		assert_int_equal(peer_seconds("-W", rows[i].word, 100, 30000, &ms),
				 rows[i].ms ? 0 : -1);
		assert_int_equal(ms, rows[i].ms);
		assert_int_equal(!*fake_complaints(), !!rows[i].ms);
	}
}

static void test_count(void **state)
{
	static const struct {
		const char *word;
		unsigned long count;	/* 0: refused */
	} rows[] = {
		{ "1", 1 }, { "007", 7 }, { "1000", 1000 }, { "1001", 0 }, { "0", 0 }, { "", 0 },
		{ "-1", 0 }, { "1.0", 0 }, { "99999999999999999999999999", 0 }, { "x", 0 },
	};
	unsigned long count;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_setup(state);
		assert_int_equal(peer_count("-c", rows[i].word, 1000, &count),
				 rows[i].count ? 0 : -1);
		if (rows[i].count)
			assert_int_equal(count, rows[i].count);
		assert_int_equal(!*fake_complaints(), !!rows[i].count);
	}
}

/* Shorter than a name, without a NUL, and longer. */
static void test_name(void **state)
{
	uint8_t answer[100];
	char name[PEER_NAME_LEN + 1];

	(void)state;
	memset(answer, 'x', sizeof(answer));
	peer_name(name, answer, 0);
	assert_string_equal(name, "");
	peer_name(name, answer, 3);
	assert_string_equal(name, "xxx");
	peer_name(name, answer, sizeof(answer));
	assert_int_equal(strlen(name), PEER_NAME_LEN);
	memcpy(answer, "AI\0more", 7);
	peer_name(name, answer, sizeof(answer));
	assert_string_equal(name, "AI");
}

/* Subnets 0 to 5: none, direct, bridge 1402, a bridge without host, none with a cost, none. */
static const uint8_t table[] = {
	0, 0, 0, 0,   1, 0, 11, 0,   2, 3, 0x2c, 1,   0, 3, 9, 0,   0, 0, 5, 0,   0, 0, 0, 0,
};

static void test_bridge(void **state)
{
	static const struct {
		uint16_t host;
		size_t len;
		const char *why;
		struct bridge_hop hop;
	} rows[] = {
		{ 0401, sizeof(table), NULL, { 0401, 11 } },
		{ 0777, 8, NULL, { 0777, 11 } },
		{ 01003, sizeof(table), NULL, { 01402, 300 } },
		{ 01003, 11, "it has no route to the subnet", { } },
		{ 01403, sizeof(table), "its next bridge for the subnet has no host address", { } },
		{ 02003, sizeof(table), "it has no route to the subnet", { } },
		{ 02403, sizeof(table), "it has no route to the subnet", { } },
		{ 03003, sizeof(table), "it has no route to the subnet", { } },
		{ 01003, 0, "it has no route to the subnet", { } },
		{ 074401, 488, NULL, { 074401, 7 } },
		{ 075001, 488, "its answer has no room for subnets above 171", { } },
		{ 0177401, 488, "its answer has no room for subnets above 171", { } },
	};
	uint8_t full[488] = { 0 };

	(void)state;
	full[484] = 0xff;	/* subnet 171: method 377 is direct */
	full[486] = 7;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* No byte more than there is, so that reading beyond is seen. */
		uint8_t *copy = malloc(rows[i].len ? rows[i].len : 1);
		struct bridge_hop hop = { 0 };
		const char *why;

		assert_non_null(copy);
		memcpy(copy, rows[i].len == sizeof(full) ? full : table, rows[i].len);
		why = bridge_next(copy, rows[i].len, rows[i].host, &hop);
		free(copy);
		if (rows[i].why) {
			assert_non_null(why);
			assert_string_equal(why, rows[i].why);
			continue;
		}
		assert_null(why);
		assert_int_equal(hop.next, rows[i].hop.next);
		assert_int_equal(hop.cost, rows[i].hop.cost);
	}
}

/* What cannot be understood: said, and nothing is asked. */
static void test_wrong_usage(void **state)
{
	static const struct {
		int (*run)(struct ctl *ctl, char *const *words);
		char *words[4];
		const char *complaint;
	} rows[] = {
		{ ping_run, { NULL }, "ping: missing 'HOST'\n" },
		{ ping_run, { "-q", NULL }, "ping: missing 'HOST'\n" },
		{ ping_run, { "402", "403", NULL }, "ping: '403' is one word too many\n" },
		{ ping_run, { "402", "-x", NULL }, "ping: '-x' is not an option\n" },
		{ ping_run, { "402", "-c", NULL }, "ping: '-c' needs a value\n" },
		{ ping_run, { "-c0", "402", NULL },
		  "-c: '0' is not a number from 1 to 1000000000\n" },
		{ ping_run, { "-i", "0.001", "402", NULL },
		  "-i: '0.001' is not between 0.01 and 3600 seconds\n" },
		{ ping_run, { "-W40", "402", NULL },
		  "-W: '40' is not between 0.1 and 30 seconds\n" },
		{ ping_run, { "409", NULL }, "409: an address is octal, only digits 0 to 7\n" },
		{ trace_run, { NULL }, "trace: missing 'HOST'\n" },
		{ trace_run, { "-c1", "402", NULL }, "trace: '-c' is not an option\n" },
		{ trace_run, { "-W", ".5", "402", NULL },
		  "-W: '.5' is not between 1 and 30 seconds\n" },
		{ trace_run, { "402", "help", NULL }, "trace: 'help' is one word too many\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ctl ctl = { .tr = &fake };

		fake_setup(state);
		show_init(&ctl.out, stdout, false, false);
		assert_int_equal(rows[i].run(&ctl, rows[i].words), PEER_ERROR);
		assert_string_equal(fake_complaints(), rows[i].complaint);
		assert_int_equal(fake_n_sent(), 0);
	}
}

/* The kernel refuses: its words, and no host is asked. */
static void test_no_route(void **state)
{
	char *words[] = { "402", NULL };
	struct ctl ctl = { .tr = &fake };

	(void)state;
	show_init(&ctl.out, stdout, false, false);
	fake_error(101, "there is no route to this host");
	assert_int_equal(trace_run(&ctl, words), PEER_ERROR);
	assert_string_equal(fake_complaints(), "there is no route to this host\n");
	assert_int_equal(fake_n_sent(), 1);
}

/* In a batch that is only looked at, nothing happens. */
static void test_check(void **state)
{
	char *words[] = { "-W", "9", "nosuchhost", NULL };
	struct ctl ctl = { .tr = &fake, .check = true };

	(void)state;
	assert_int_equal(trace_run(&ctl, words), 0);
	assert_int_equal(ping_run(&ctl, words), 0);
	assert_int_equal(fake_n_sent(), 0);
	assert_string_equal(fake_complaints(), "");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_seconds),
		TEST(test_count),
		TEST(test_name),
		TEST(test_bridge),
		TEST(test_wrong_usage),
		TEST(test_no_route),
		TEST(test_check),
	};

	/* The usage lines on standard error are not of interest here. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
