/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact times and counts.  The tests that include this, exact_*, wait for minutes.
 * They are meant for a machine where time counts instructions: there waiting costs
 * nothing, and what happens late is a fault.  Elsewhere they want an idle machine.
 */
#ifndef EXACT_H
#define EXACT_H

#include <sys/mman.h>

#include "tap.h"

#define EXACT_LATE 20	/* ms that anything may take */

/* How late a timer may be that was set so many ms before: the kernel rounds times up,
 * the longer the more, by an eighth at most.
 */
static inline long long exact_late(long long delay)
{
	return delay / 8 + EXACT_LATE;
}

/* Reading the program from a disk while it runs would take time that is not ours. */
static inline void exact_setup(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		tap_diag("mlockall: %s", strerror(errno));
}

/* Something was due at a time, by a timer set @delay before, and has happened. */
__printf(4, 5)
static inline bool exact_time(long long got, long long want, long long delay,
			      const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (tap_ok(got >= want - 1 && got <= want + exact_late(delay), "%s", text))
		return true;
	tap_diag("after %lld ms instead of %lld", got, want);
	return false;
}

#endif /* EXACT_H */
