/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters per CPU.  A machine of 64 bits adds to one with an instruction that nothing
 * can get in between; others keep soft interrupts off, and readers try again.
 */
#ifndef _NET_CHAOS_COUNT_H
#define _NET_CHAOS_COUNT_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

/* Any context but hard interrupts. */
static inline void chaos_count_add(u64 __percpu *n, struct u64_stats_sync __percpu *syncp, u64 add)
{
#ifdef CONFIG_64BIT
	this_cpu_add(*n, add);
#else
	local_bh_disable();
	u64_stats_update_begin(this_cpu_ptr(syncp));
	*this_cpu_ptr(n) += add;
	u64_stats_update_end(this_cpu_ptr(syncp));
	local_bh_enable();
#endif
}

/* Add what @n counters in a row are on all CPUs.  Any context but hard interrupts. */
static inline void chaos_count_sums(u64 *sums, const u64 __percpu *first, unsigned int n,
				    const struct u64_stats_sync __percpu *syncp)
{
	unsigned int start, i;
	u64 value;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (i = 0; i < n; i++) {
			do {
				start = u64_stats_fetch_begin(per_cpu_ptr(syncp, cpu));
				value = READ_ONCE(per_cpu_ptr(first, cpu)[i]);
			} while (u64_stats_fetch_retry(per_cpu_ptr(syncp, cpu), start));
			sums[i] += value;
		}
	}
}

/* The sum over all CPUs.  Any context but hard interrupts. */
static inline u64 chaos_count_sum(const u64 __percpu *n,
				  const struct u64_stats_sync __percpu *syncp)
{
	u64 sum = 0;

	chaos_count_sums(&sum, n, 1, syncp);
	return sum;
}

#endif /* _NET_CHAOS_COUNT_H */
