// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <sys/random.h>

#include "backoff.h"

/* From 0 to @end - 1.  It spreads attempts, and need not be a secret. */
static unsigned int at_random(unsigned int end)
{
	unsigned int value = 0;

	if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != sizeof(value))
		return 0;
	return value % end;
}

unsigned int backoff_next(struct backoff *backoff)
{
	unsigned int now = backoff->next_ms ? backoff->next_ms : backoff->first_ms;

	if (now > backoff->longest_ms)
		now = backoff->longest_ms;
	backoff->next_ms = now < backoff->longest_ms / 2 ? now * 2 : backoff->longest_ms;
	return now - now / 4 + at_random(now / 2 + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->next_ms = 0;
}
