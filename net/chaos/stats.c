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
	return chaos_count_sum(&cn->stats->n[stat], &cn->stats->syncp);
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
