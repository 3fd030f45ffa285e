/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time, and what is made of several measurements of the same.
 *
 * Where time counts instructions, a nanosecond is one of them.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdlib.h>

#include "perf_clock.h"

#define CLOCK_STEP	100000000ull	/* ns */
#define ROUNDS_MAX	99

/* Wait until the clock is a multiple of CLOCK_STEP.  The kernel's ticks then come at the
 * same places of what is measured, whatever was before; counted time costs nothing.
 */
static inline uint64_t clock_align(void)
{
	uint64_t at = (perf_now() / CLOCK_STEP + 1) * CLOCK_STEP;
	const struct timespec ts = { at / PERF_NS_PER_S, at % PERF_NS_PER_S };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	return perf_now();
}

static inline int clock_compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of @n values, which are sorted then. */
static inline double clock_median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), clock_compare);
	return values[n / 2];
}

#endif /* CLOCK_H */
