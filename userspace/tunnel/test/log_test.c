// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture.h"
#include "log.h"

/* The clock is the test's. */
static time_t seconds = 1000;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*now = (struct timespec) { .tv_sec = seconds };
	return 0;
}

static int told;

static int count(void)
{
	return ++told;
}

static void levels(void **state)
{
	static const char *const expected[] = {
		[LOG_ERR] = "e\n", [LOG_WARNING] = "e\nw\n", [LOG_NOTICE] = "e\nw\nn\n",
		[LOG_INFO] = "e\nw\nn\ni\n", [LOG_DEBUG] = "e\nw\nn\ni\nd\n",
	};
	char text[CAPTURE_LEN];

	(void)state;
	assert_int_equal(log_level(), LOG_NOTICE);
	for (int level = LOG_ERR; level <= LOG_DEBUG; level++) {
		log_set_level(level);
		assert_int_equal(log_level(), level);
		capture_start();
		log_error("e");
		log_warning("w");
		log_notice("n");
		log_info("i");
		log_debug("d");
		assert_string_equal(capture_end(text), expected[level]);
		assert_true(strlen(log_level_name(level)) >= 4);
	}
	assert_string_equal(log_level_name(LOG_CRIT), "unknown");
	log_set_level(LOG_NOTICE);

	/* What is not told is not made up either. */
	capture_start();
	log_debug("%d", count());
	log_limited(LOG_DEBUG, "%d", count());
	assert_string_equal(capture_end(text), "");
	assert_int_equal(told, 0);
}

static void journal(void **state)
{
	char text[CAPTURE_LEN], stream[64];
	struct stat st;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	capture_start();
	log_init("chaos-udp");
	log_error("e %d", 1);
	assert_string_equal(capture_end(text), "chaos-udp: e 1\n");

	capture_start();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("chaos-udp");
	log_error("e %d", 2);
	log_notice("n %d", 3);
	assert_string_equal(capture_end(text), "<3>e 2\n<5>n 3\n");

	/* Ours was, but now it is redirected. */
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino + 1000);
	setenv("JOURNAL_STREAM", stream, 1);
	capture_start();
	log_init("chaos-udp");
	log_error("e %d", 4);
	assert_string_equal(capture_end(text), "chaos-udp: e 4\n");

	setenv("JOURNAL_STREAM", "nonsense", 1);
	capture_start();
	log_init("chaos-udp");
	log_error("e %d", 5);
	assert_string_equal(capture_end(text), "chaos-udp: e 5\n");
	unsetenv("JOURNAL_STREAM");
}

static void lines(void **state)
{
	char text[CAPTURE_LEN], big[3000];

	(void)state;
	capture_start();
	log_error("a\nb\033[2Jc\177\td \303\244 \2332J");
	assert_string_equal(capture_end(text), "chaos-udp: a?b?[2Jc??d \303\244 ?2J\n");

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	capture_start();
	log_error("%s", big);
	capture_end(text);
	assert_int_equal(strlen(text), 1024);
	assert_int_equal(text[1022], 'x');
	assert_int_equal(text[1023], '\n');

	errno = ENOENT;
	capture_start();
	errno = ENOENT;
	log_error("it is %m");
	assert_int_equal(errno, ENOENT);
	assert_string_equal(capture_end(text), "chaos-udp: it is No such file or directory\n");
}

static void complain(int n)
{
	log_limited(LOG_WARNING, "bad %d", n);
}

static void limits(void **state)
{
	char text[CAPTURE_LEN];

	(void)state;
	capture_start();
	for (int i = 0; i < 1000; i++)
		complain(i);
	/* Another place has its own limit. */
	log_limited(LOG_WARNING, "other");
	assert_string_equal(capture_end(text),
			    "chaos-udp: bad 0\nchaos-udp: bad 1\nchaos-udp: bad 2\n"
			    "chaos-udp: bad 3\nchaos-udp: bad 4\nchaos-udp: other\n");

	seconds += LOG_INTERVAL - 1;
	capture_start();
	complain(1000);
	assert_string_equal(capture_end(text), "");

	seconds++;
	capture_start();
	complain(1001);
	assert_string_equal(capture_end(text),
			    "chaos-udp: 996 more messages like the following were not told\n"
			    "chaos-udp: bad 1001\n");

	/* Nothing kept back, nothing to tell of it. */
	seconds += 10 * LOG_INTERVAL;
	capture_start();
	complain(1002);
	assert_string_equal(capture_end(text), "chaos-udp: bad 1002\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(journal),
		cmocka_unit_test(lines),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
