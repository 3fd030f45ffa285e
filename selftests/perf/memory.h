/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Have all of the program at hand before anything is measured. */
#ifndef MEMORY_H
#define MEMORY_H

#include <sys/mman.h>

#include "tap.h"

/* Where time is counted it leaps to the next timer when a page is waited for. */
static inline void memory_stay(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		tap_bail("mlockall: %s", strerror(errno));
}

#endif /* MEMORY_H */
