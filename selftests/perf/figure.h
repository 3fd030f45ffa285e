/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures: what was measured, one a line for the script "bench", which compares them and
 * keeps them:
 *
 *	figure NAME UNIT MEDIAN LEAST MOST
 */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdio.h>

#include "clock.h"

/* One that was measured once. */
static inline void figure_once(const char *name, const char *unit, double value)
{
	printf("figure %s %s %.6g %.6g %.6g\n", name, unit, value, value, value);
	fflush(stdout);
}

/* One of several rounds, whose values are sorted then; @minus is taken off all. */
static inline double figure(const char *name, const char *unit, double *values, unsigned int n,
			    double minus)
{
	double middle = clock_median(values, n) - minus;

	printf("figure %s %s %.6g %.6g %.6g\n", name, unit, middle, values[0] - minus,
	       values[n - 1] - minus);
	fflush(stdout);
	return middle;
}

#endif /* FIGURE_H */
