// SPDX-License-Identifier: GPL-2.0-only
/* Reading the counters of a namespace; dropping packets. */

#include <linux/skbuff.h>

#include "stats.h"
#include "trace.h"

/**
 * chaos_stats_read() - the sum of a counter over all CPUs
 * @cn: namespace
 * @stat: which
 *
 * Context: any but hard interrupts.
 */
u64 chaos_stats_read(const struct chaos_net *cn, enum chaos_stat stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct chaos_stats *s = per_cpu_ptr(cn->stats, cpu);
		unsigned int start;
		u64 n;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			n = u64_stats_read(&s->n[stat]);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		sum += n;
	}
	return sum;
}

/**
 * chaos_drop() - count, trace and free a packet that goes no further
 * @cn: namespace
 * @skb: the packet; consumed
 * @reason: which counter
 * @hdr: its header if it is known, or NULL
 *
 * Context: any but hard interrupts.
 */
void chaos_drop(struct chaos_net *cn, struct sk_buff *skb, enum chaos_stat reason,
		const struct chaos_hdr *hdr)
{
	trace_chaos_drop(reason, hdr);
	chaos_count(cn, reason);
	kfree_skb(skb);
}
