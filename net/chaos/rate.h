/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits on how often something may happen. */
#ifndef _NET_CHAOS_RATE_H
#define _NET_CHAOS_RATE_H

#include <linux/jiffies.h>

/**
 * chaos_rate_take() - may it happen once more?
 * @clock: jiffies; each time advances it, not beyond the present, and it lags behind by
 *	no more than a burst.  The caller guards it
 * @interval: jiffies from one to the next in the long run
 * @burst: how many at once
 */
static inline bool chaos_rate_take(unsigned long *clock, unsigned long interval,
				   unsigned int burst)
{
	unsigned long now = jiffies;

	if (now - *clock > burst * interval)
		*clock = now - burst * interval;
	if (now - *clock < interval)
		return false;
	*clock += interval;
	return true;
}

#endif /* _NET_CHAOS_RATE_H */
