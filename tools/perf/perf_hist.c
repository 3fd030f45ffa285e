// SPDX-License-Identifier: GPL-2.0-or-later
#include "perf_hist.h"

/* Where a value is counted. */
static unsigned int bucket_of(uint64_t value)
{
	unsigned int shift;

	if (value < PERF_HIST_SUB)
		return value;
	shift = 63 - PERF_HIST_BITS - __builtin_clzll(value);
	return shift * PERF_HIST_SUB + (value >> shift);
}

/* The greatest value of a bucket. */
static uint64_t bucket_end(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < PERF_HIST_SUB)
		return bucket;
	shift = bucket / PERF_HIST_SUB - 1;
	return ((uint64_t)(bucket - shift * PERF_HIST_SUB + 1) << shift) - 1;
}

/**
 * perf_hist_add() - count a value
 * @h: histogram
 * @value: any
 */
void perf_hist_add(struct perf_hist *h, uint64_t value)
{
	if (!h->n || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->n++;
	h->sum += value;
	h->bucket[bucket_of(value)]++;
}

/**
 * perf_hist_mean() - the mean of all values
 * @h: histogram
 *
 * Return: the mean, rounded down; 0 if there are none.
 */
uint64_t perf_hist_mean(const struct perf_hist *h)
{
	return h->n ? h->sum / h->n : 0;
}

/**
 * perf_hist_at() - a percentile
 * @h: histogram
 * @ppm: which, in millionths: 999000 is p99.9
 *
 * Return: a value that so many of all do not exceed; 0 if there are none.
 */
uint64_t perf_hist_at(const struct perf_hist *h, unsigned int ppm)
{
	/* The number of the value in order, without an overflow of n * ppm. */
	uint64_t rank = h->n / 1000000 * ppm + (h->n % 1000000 * ppm + 999999) / 1000000;
	uint64_t seen = 0, end;
	unsigned int i;

	if (!h->n)
		return 0;
	if (rank <= 1)
		return h->min;
	for (i = 0; i < PERF_HIST_BUCKETS - 1; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			break;
	}
	end = bucket_end(i);
	return end < h->max ? end : h->max;
}
