/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a client looks whether its test goes on, and tells how it does. */
#ifndef CHAOS_PERF_PACE_H
#define CHAOS_PERF_PACE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct perf_pace - both times
 * @interval: ns between reports of progress, 0: none
 * @check: when to look next
 * @show: when to report next
 */
struct perf_pace {
	uint64_t interval;
	uint64_t check, show;
};

void perf_pace_start(struct perf_pace *pace, uint64_t start, int interval_ms);
uint64_t perf_pace_next(const struct perf_pace *pace);
bool perf_pace_check(struct perf_pace *pace, uint64_t now);
bool perf_pace_show(struct perf_pace *pace, uint64_t now);

#endif /* CHAOS_PERF_PACE_H */
