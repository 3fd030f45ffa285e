/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time, for anybody who has peers, in any thread. */
#ifndef CHAOS_UDP_CLOCK_H
#define CHAOS_UDP_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_LATE	10000	/* us */

/**
 * clock_now() - what time it is
 *
 * It costs little, and may be late by CLOCK_LATE.
 *
 * Return: seconds since some time before now; never 0.
 */
static inline uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return 1 + now.tv_sec;
}

#endif /* CHAOS_UDP_CLOCK_H */
