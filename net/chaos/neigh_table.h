/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entries of a neighbour table, between neigh.c, which knows what becomes of
 * them with time and packets, and neigh_table.c, which makes, shows and removes
 * them.
 */
#ifndef _NET_CHAOS_NEIGH_TABLE_H
#define _NET_CHAOS_NEIGH_TABLE_H

#include <linux/etherdevice.h>
#include <linux/seqlock.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "neigh.h"

#define CHAOS_NEIGH_HOLD	HZ	/* a failed entry is not asked for again */
#define CHAOS_NEIGH_RECENT	64

/**
 * struct chaos_neigh - an entry; everything is written under the table's lock,
 *	and read under it, except where noted
 * @lru: in the table's list, unless permanent; in chaos_neigh_after.removed
 * @seq: for reading @lladdr without lock
 * @lladdr: hardware address, valid unless incomplete or failed
 * @state: enum chaos_neigh_state; read without lock
 * @probes: requests sent since the last confirmation; read without lock
 * @addr: host address
 * @confirmed: jiffies of the last confirmation, or of the failure
 * @used: jiffies of the last packet sent; accessed without lock
 * @next: jiffies when neigh_age() has something to do
 * @pending: packets waiting for @lladdr
 * @rcu: for freeing
 */
struct chaos_neigh {
	struct list_head lru;
	seqcount_spinlock_t seq;
	u8 lladdr[ETH_ALEN] __aligned(2);
	u8 state;
	u8 probes;
	u16 addr;
	unsigned long confirmed;
	unsigned long used;
	unsigned long next;
	struct sk_buff_head pending;
	struct rcu_head rcu;
};

/**
 * struct chaos_neigh_table - the neighbours on a link
 * @iface: the link, which outlives us
 * @entries: struct chaos_neigh by host address, RCU; its lock guards all here
 * @recent: for most there is a shorter way, by the low bits of the address: of those
 *	with the same the last that was made; RCU
 * @lru: entries that may be evicted, the longest unconfirmed first
 * @count: entries
 * @next: jiffies when @work is due, if it is pending
 * @work: chaos_neigh_work()
 */
struct chaos_neigh_table {
	struct chaos_iface *iface;
	struct xarray entries;
	struct chaos_neigh __rcu *recent[CHAOS_NEIGH_RECENT];
	struct list_head lru;
	unsigned int count;
	unsigned long next;
	struct delayed_work work;
};

/**
 * struct chaos_neigh_after - what is left to do when the lock has been released
 * @ready: packets whose neighbour is known now
 * @dropped: packets of entries that were removed
 * @removed: those entries
 * @changed: people should hear of a new state, which is in @info
 * @info: an entry as it was under the lock
 */
struct chaos_neigh_after {
	struct sk_buff_head ready;
	struct sk_buff_head dropped;
	struct list_head removed;
	bool changed;
	struct chaos_neigh_info info;
};

void chaos_neigh_after_init(struct chaos_neigh_after *after);
void chaos_neigh_finish(struct chaos_iface *iface, struct chaos_neigh_after *after,
			enum chaos_stat reason);

struct chaos_neigh *chaos_neigh_create(struct chaos_neigh_table *tbl, u16 addr,
				       struct chaos_neigh_after *after);
void chaos_neigh_remove(struct chaos_neigh_table *tbl, struct chaos_neigh *n,
			struct chaos_neigh_after *after);
void chaos_neigh_set(struct chaos_neigh *n, u8 state, const u8 *lladdr,
		     struct chaos_neigh_after *after);

void chaos_neigh_work(struct work_struct *work);

static inline struct chaos_neigh __rcu **chaos_neigh_recent(struct chaos_neigh_table *tbl,
							    u16 addr)
{
	return &tbl->recent[addr % CHAOS_NEIGH_RECENT];
}

/* RCU read side. */
static inline struct chaos_neigh *chaos_neigh_find(struct chaos_neigh_table *tbl, u16 addr)
{
	struct chaos_neigh *n = rcu_dereference(*chaos_neigh_recent(tbl, addr));

	return n && n->addr == addr ? n : xa_load(&tbl->entries, addr);
}

static inline bool chaos_neigh_state_known(u8 state)
{
	return state == CHAOS_NEIGH_REACHABLE || state == CHAOS_NEIGH_STALE ||
	       state == CHAOS_NEIGH_PERMANENT;
}

/* Reads the hardware address without lock.  False if it is not known. */
static inline bool chaos_neigh_lladdr(const struct chaos_neigh *n, u8 *lladdr)
{
	unsigned int start;
	bool known;

	do {
		start = read_seqcount_begin(&n->seq);
		known = chaos_neigh_state_known(READ_ONCE(n->state));
		ether_addr_copy(lladdr, n->lladdr);
	} while (read_seqcount_retry(&n->seq, start));
	return known;
}

#endif /* _NET_CHAOS_NEIGH_TABLE_H */
