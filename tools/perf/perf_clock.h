/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock that measurements use. */
#ifndef PERF_CLOCK_H
#define PERF_CLOCK_H

#include <stdint.h>
#include <time.h>

#define PERF_NS_PER_S	1000000000ull
#define PERF_NS_PER_MS	1000000ull

/**
 * perf_now() - the monotonic clock
 *
 * Return: nanoseconds since some time in the past; never 0.
 */
static inline uint64_t perf_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * PERF_NS_PER_S + ts.tv_nsec + 1;
}

/**
 * perf_ms_left() - how long poll() may sleep
 * @until: time of perf_now(), 0: none
 *
 * Return: milliseconds, rounded up; 0 when the time has come, -1 if there is none.
 */
static inline int perf_ms_left(uint64_t until)
{
	uint64_t now, ms;

	if (!until)
		return -1;
	now = perf_now();
	if (now >= until)
		return 0;
	ms = (until - now + PERF_NS_PER_MS - 1) / PERF_NS_PER_MS;
	return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

#endif /* PERF_CLOCK_H */
