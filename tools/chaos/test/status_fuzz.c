// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target for the answers that hosts send; see "make fuzz". */
#include <stdlib.h>

#include "clock.h"
#include "status.h"
#include "lastcn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[UPTIME_STRLEN];
	struct status status;
	struct seen seen;
	uint32_t value;

	if (!status_parse(&status, data, size) && status.n > STATUS_BLOCKS_MAX)
		abort();
	seen_parse(&seen, data, size);
	if (seen.n > SEEN_MAX)
		abort();
	if (!clock_parse(&value, data, size)) {
		clock_format_uptime(value, text);
		clock_to_unix(value, (int64_t)value * 7919);
	}
	return 0;
}
