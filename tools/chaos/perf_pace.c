// SPDX-License-Identifier: GPL-2.0-or-later
#include "perf_clock.h"
#include "perf_pace.h"

#define CHECK_NS	(PERF_NS_PER_S / 2)

/**
 * perf_pace_start() - begin
 * @pace: result
 * @start: of the test
 * @interval_ms: between reports, 0: none
 */
void perf_pace_start(struct perf_pace *pace, uint64_t start, int interval_ms)
{
	pace->interval = interval_ms * PERF_NS_PER_MS;
	pace->check = start + CHECK_NS;
	pace->show = start + pace->interval;
}

/**
 * perf_pace_next() - how long to wait
 * @pace: pace
 *
 * Return: until when.
 */
uint64_t perf_pace_next(const struct perf_pace *pace)
{
	return pace->interval && pace->show < pace->check ? pace->show : pace->check;
}

/**
 * perf_pace_check() - is it time to look?
 * @pace: pace
 * @now: time
 *
 * Return: whether; not again before it is time again.
 */
bool perf_pace_check(struct perf_pace *pace, uint64_t now)
{
	if (now < pace->check)
		return false;
	pace->check = now + CHECK_NS;
	return true;
}

/**
 * perf_pace_show() - is it time to report?
 * @pace: pace
 * @now: time
 *
 * Return: whether; reports that are missed are left out, the others stay in step.
 */
bool perf_pace_show(struct perf_pace *pace, uint64_t now)
{
	if (!pace->interval || now < pace->show)
		return false;
	pace->show += ((now - pace->show) / pace->interval + 1) * pace->interval;
	return true;
}
