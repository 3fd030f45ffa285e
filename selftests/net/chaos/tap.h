/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test Anything Protocol: results of a test program.
 *
 *	tap_ok(sum == 3, "%d and %d make 3", 1, 2);
 *	return tap_done();
 *
 * A program of many results may announce them with tap_plan(); otherwise
 * tap_done() prints the plan.  Only the parent process may use this.  Programs
 * define _GNU_SOURCE.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __printf
#define __printf(text, first) __attribute__((format(printf, text, first)))
#endif
#ifndef __noreturn
#define __noreturn __attribute__((noreturn))
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))	/* rows of a table of tests */
#endif

enum { TAP_EXIT_PASS = 0, TAP_EXIT_FAIL = 1, TAP_EXIT_SKIP = 4 };

struct tap {
	unsigned int planned, results, failures;
};

static struct tap tap;

/* One line "BEFORE format AFTER", complete on return: children must not flush it. */
static inline void tap_line(const char *before, const char *format, va_list args,
			    const char *after)
{
	fputs(before, stdout);
	vprintf(format, args);
	printf("%s\n", after);
	fflush(stdout);
}

static inline void tap_plan(unsigned int results)
{
	tap.planned = results;
	printf("1..%u\n", results);
	fflush(stdout);
}

/* More about the result before, or about nothing. */
__printf(1, 2) static inline void tap_diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line("# ", format, args, "");
	va_end(args);
}

/* A result.  Returns @passed, for what only makes sense after a success. */
__printf(2, 3)
static inline bool tap_ok(bool passed, const char *format, ...)
{
	char before[32];
	va_list args;

	snprintf(before, sizeof(before), "%s %u - ", passed ? "ok" : "not ok", ++tap.results);
	if (!passed)
		tap.failures++;
	va_start(args, format);
	tap_line(before, format, args, "");
	va_end(args);
	return passed;
}

/* Two numbers must be equal; tells both if they are not. */
__printf(3, 4)
static inline bool tap_eq(long long got, long long want, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (tap_ok(got == want, "%s", text))
		return true;
	tap_diag("got %lld, expected %lld", got, want);
	return false;
}

/* A system call must have failed with this errno. */
#define tap_errno(result, want, ...) ({			\
	long long result_ = (result);	/* before errno */	\
	tap_errno_(result_, errno, want, __VA_ARGS__); })

__printf(4, 5)
static inline bool tap_errno_(long long result, int error, int want, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (tap_ok(result == -1 && error == want, "%s", text))
		return true;
	if (result == -1)
		tap_diag("got %s, expected %s", strerrorname_np(error), strerrorname_np(want));
	else
		tap_diag("succeeded with %lld, expected %s", result, strerrorname_np(want));
	return false;
}

/* A result that cannot be had here: the reason goes into @format. */
__printf(2, 3)
static inline void tap_skip(const char *what, const char *format, ...)
{
	char before[256];
	va_list args;

	snprintf(before, sizeof(before), "ok %u - %s # SKIP ", ++tap.results, what);
	va_start(args, format);
	tap_line(before, format, args, "");
	va_end(args);
}

/* Nothing can be tested here. */
__noreturn __printf(1, 2) static inline void tap_skip_all(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line("1..0 # SKIP ", format, args, "");
	va_end(args);
	exit(TAP_EXIT_SKIP);
}

/* The test itself cannot go on. */
__noreturn __printf(1, 2) static inline void tap_bail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line("Bail out! ", format, args, "");
	va_end(args);
	exit(TAP_EXIT_FAIL);
}

/* The end; returns main()'s exit status. */
static inline int tap_done(void)
{
	if (!tap.planned)
		printf("1..%u\n", tap.results);
	else if (tap.planned != tap.results)
		tap_diag("planned %u results, got %u", tap.planned, tap.results);
	fflush(stdout);
	if (tap.failures || (tap.planned && tap.planned != tap.results))
		return TAP_EXIT_FAIL;
	return TAP_EXIT_PASS;
}

#endif /* TAP_H */
