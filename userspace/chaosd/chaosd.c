// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "chaosd.h"

/**
 * chaosd_now() - the time of the present turn of the loop
 * @chaosd: the daemon
 *
 * Return: ms
 */
uint64_t chaosd_now(const struct chaosd *chaosd)
{
	uint64_t usec;

	if (sd_event_now(chaosd->daemon->event, CLOCK_MONOTONIC, &usec) < 0)
		return 0;
	return usec / 1000;
}
