// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "expiry.h"

int expiry_days(const ASN1_TIME *end)
{
	int days, seconds;

	if (!end)
		return INT_MAX;
	if (!ASN1_TIME_diff(&days, &seconds, NULL, end))
		return -1;
	return seconds < 0 ? days - 1 : days;
}

const char *expiry_text(const ASN1_TIME *end, char buf[EXPIRY_TEXT_LEN])
{
	int days = expiry_days(end), n = days < 0 ? -(days + 1) : days;
	char date[32] = "?";
	struct tm tm;

	if (!end)
		snprintf(date, sizeof(date), "never");
	else if (ASN1_TIME_to_tm(end, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	if (!n)
		snprintf(buf, EXPIRY_TEXT_LEN, days < 0 ? "ended today (%s)" :
							  "ends in less than a day (%s)", date);
	else
		snprintf(buf, EXPIRY_TEXT_LEN, days < 0 ? "ended %d day%s ago (%s)" :
							  "ends in %d day%s (%s)",
			 n, n == 1 ? "" : "s", date);
	return buf;
}
