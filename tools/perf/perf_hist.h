/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A histogram of times, of any number of them in the same memory.
 *
 * Values below PERF_HIST_SUB have a bucket each; every power of two above is divided
 * into PERF_HIST_SUB buckets of the same width.  So a percentile is too large by less
 * than 1/PERF_HIST_SUB of itself (1.6 %), and never too small; least, greatest and
 * mean are exact.
 */
#ifndef PERF_HIST_H
#define PERF_HIST_H

#include <stdint.h>

#define PERF_HIST_BITS		6
#define PERF_HIST_SUB		(1 << PERF_HIST_BITS)
#define PERF_HIST_BUCKETS	((64 - PERF_HIST_BITS + 1) * PERF_HIST_SUB)

/**
 * struct perf_hist - values counted; begins as zeros
 * @n: how many
 * @min: the least of them
 * @max: the greatest
 * @sum: of all, modulo 2^64
 * @bucket: how many in each range
 */
struct perf_hist {
	uint64_t n;
	uint64_t min, max, sum;
	uint64_t bucket[PERF_HIST_BUCKETS];
};

void perf_hist_add(struct perf_hist *h, uint64_t value);
uint64_t perf_hist_mean(const struct perf_hist *h);
uint64_t perf_hist_at(const struct perf_hist *h, unsigned int ppm);

#endif /* PERF_HIST_H */
