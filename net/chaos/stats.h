/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-CPU counters of a namespace, and dropping packets; the list of reasons is in the uapi. */
#ifndef _NET_CHAOS_STATS_H
#define _NET_CHAOS_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>
#include <linux/chaos_netlink.h>

#include "net.h"

struct sk_buff;

struct chaos_stats {
	u64_stats_t n[__CHAOS_STAT_MAX];
	struct u64_stats_sync syncp;
};

/* Any context but hard interrupts. */
static inline void chaos_count(struct chaos_net *cn, enum chaos_stat stat)
{
	struct chaos_stats *s;

	local_bh_disable();
	s = this_cpu_ptr(cn->stats);
	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->n[stat]);
	u64_stats_update_end(&s->syncp);
	local_bh_enable();
}

void chaos_drop(struct chaos_net *cn, struct sk_buff *skb, enum chaos_stat reason,
		const struct chaos_hdr *hdr);
u64 chaos_stats_read(const struct chaos_net *cn, enum chaos_stat stat);

#endif /* _NET_CHAOS_STATS_H */
