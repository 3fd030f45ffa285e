// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "clock.h"

#define SECONDS_1900_1970	2208988800u

/**
 * clock_parse() - read an answer to TIME or UPTIME
 * @value: its 32 bits
 * @answer: the answer's data, from anybody
 * @len: its length
 *
 * Return: 0, or -1 when the answer is too short.
 */
int clock_parse(uint32_t *value, const void *answer, size_t len)
{
	const uint8_t *p = answer;

	if (len < 4)
		return -1;
	*value = p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
	return 0;
}

/**
 * clock_to_unix() - the moment that TIME means
 * @value: seconds since 1900-01-01 UTC, modulo 2^32
 * @near: a Unix time; the nearest of the possible moments is meant
 *
 * The first 2^32 seconds end in February 2036.
 *
 * Return: Unix time.
 */
int64_t clock_to_unix(uint32_t value, int64_t near)
{
	uint32_t behind = (uint32_t)near + SECONDS_1900_1970 - value;

	return near - (int32_t)behind;
}

/**
 * clock_offset() - how far a peer's clock is ahead of ours
 * @peer: Unix time that it told
 * @before: ours before asking
 * @after: ours after its answer
 *
 * Return: seconds, 0 when the peer's clock may be the same as ours.
 */
int64_t clock_offset(int64_t peer, int64_t before, int64_t after)
{
	if (peer < before)
		return peer - before;
	if (peer > after)
		return peer - after;
	return 0;
}

/**
 * clock_format_uptime() - days, hours, minutes and seconds
 * @ticks: the answer to UPTIME, in 1/60 s
 * @buf: where to write
 *
 * Return: @buf.
 */
char *clock_format_uptime(uint32_t ticks, char buf[UPTIME_STRLEN])
{
	uint32_t s = ticks / UPTIME_HZ;
	uint32_t days = s / 86400;
	size_t n = 0;

	if (days)
		n = snprintf(buf, UPTIME_STRLEN, "%u day%s, ", days, days == 1 ? "" : "s");
	snprintf(buf + n, UPTIME_STRLEN - n, "%02u:%02u:%02u", s / 3600 % 24, s / 60 % 60,
		 s % 60);
	return buf;
}
