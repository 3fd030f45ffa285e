/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-CPU counters of a namespace, and dropping packets; the list of reasons is in the uapi. */
#ifndef _NET_CHAOS_STATS_H
#define _NET_CHAOS_STATS_H

#include <linux/chaos_netlink.h>

#include "count.h"
#include "net.h"

struct sk_buff;

struct chaos_stats {
	u64 n[__CHAOS_STAT_MAX];
	struct u64_stats_sync syncp;
};

/* Any context but hard interrupts. */
static inline void chaos_count_many(struct chaos_net *cn, enum chaos_stat stat, u64 add)
{
	chaos_count_add(&cn->stats->n[stat], &cn->stats->syncp, add);
}

static inline void chaos_count(struct chaos_net *cn, enum chaos_stat stat)
{
	chaos_count_many(cn, stat, 1);
}

void chaos_drop(struct chaos_net *cn, struct sk_buff *skb, enum chaos_stat reason,
		const struct chaos_hdr *hdr);
u64 chaos_stats_read(const struct chaos_net *cn, enum chaos_stat stat);

#endif /* _NET_CHAOS_STATS_H */
