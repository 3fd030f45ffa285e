// SPDX-License-Identifier: GPL-2.0-only
/*
 * The neighbour table of a link: making, showing and removing entries.
 *
 * The xarray's lock guards entries and table; senders to known neighbours
 * take no lock.  Nothing is sent, told or freed with the lock held: that is
 * collected in a struct chaos_neigh_after.
 */

#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "link.h"
#include "neigh_table.h"
#include "nl.h"

#define NEIGH_MAX	1024

static void neigh_info(struct chaos_neigh *n, struct chaos_neigh_info *info)
{
	*info = (struct chaos_neigh_info) {
		.addr = n->addr,
		.state = READ_ONCE(n->state),
		.age_ms = jiffies_to_msecs(jiffies - READ_ONCE(n->confirmed)),
	};
	chaos_neigh_lladdr(n, info->lladdr);
}

/**
 * chaos_neigh_after_init() - nothing is to be done yet
 * @after: what will be
 */
void chaos_neigh_after_init(struct chaos_neigh_after *after)
{
	__skb_queue_head_init(&after->ready);
	__skb_queue_head_init(&after->dropped);
	INIT_LIST_HEAD(&after->removed);
	after->changed = false;
}

/**
 * chaos_neigh_finish() - do it
 * @iface: link
 * @after: what there is; empty on return
 * @reason: to count for packets that are dropped
 *
 * Context: any but hard interrupts, no locks; the caller keeps @iface from going.
 */
void chaos_neigh_finish(struct chaos_iface *iface, struct chaos_neigh_after *after,
			enum chaos_stat reason)
{
	struct chaos_neigh_info info;
	struct chaos_neigh *n, *next;
	struct sk_buff *skb;

	if (after->changed)
		chaos_nl_neigh_event(iface, CHAOS_CMD_NEIGH_NEW, &after->info);
	after->changed = false;
	while ((skb = __skb_dequeue(&after->ready)))
		chaos_link_send(iface, skb, after->info.lladdr);
	while ((skb = __skb_dequeue(&after->dropped)))
		chaos_link_drop(iface, skb, reason, CHAOS_LINK_STAT_ABORTED);
	list_for_each_entry_safe(n, next, &after->removed, lru) {
		neigh_info(n, &info);
		chaos_nl_neigh_event(iface, CHAOS_CMD_NEIGH_DEL, &info);
		list_del(&n->lru);
		kfree_rcu(n, rcu);
	}
}

/**
 * chaos_neigh_remove() - take an entry out of the table
 * @tbl: table, locked
 * @n: entry; freed later
 * @after: what is left to do
 */
void chaos_neigh_remove(struct chaos_neigh_table *tbl, struct chaos_neigh *n,
			struct chaos_neigh_after *after)
{
	struct chaos_neigh __rcu **recent = chaos_neigh_recent(tbl, n->addr);

	__xa_erase(&tbl->entries, n->addr);
	if (rcu_access_pointer(*recent) == n)
		RCU_INIT_POINTER(*recent, NULL);
	list_move_tail(&n->lru, &after->removed);
	tbl->count--;
	skb_queue_splice_tail_init(&n->pending, &after->dropped);
	chaos_genid_changed(tbl->iface->cn, CHAOS_GENID_NEIGH);
}

/**
 * chaos_neigh_create() - make an entry, in state FAILED
 * @tbl: table, locked
 * @addr: host address, of which there is no entry
 * @after: what is left to do: the oldest entry goes if the table is full
 *
 * Return: NULL without memory, or if all entries are permanent.
 */
struct chaos_neigh *chaos_neigh_create(struct chaos_neigh_table *tbl, u16 addr,
				       struct chaos_neigh_after *after)
{
	struct chaos_neigh *n;

	if (tbl->count >= NEIGH_MAX) {
		n = list_first_entry_or_null(&tbl->lru, struct chaos_neigh, lru);
		if (!n)
			return NULL;
		chaos_neigh_remove(tbl, n, after);
	}
	n = kzalloc(sizeof(*n), GFP_ATOMIC);
	if (!n)
		return NULL;
	n->addr = addr;
	n->state = CHAOS_NEIGH_FAILED;
	n->used = jiffies;
	n->confirmed = jiffies - CHAOS_NEIGH_HOLD;
	seqcount_spinlock_init(&n->seq, &tbl->entries.xa_lock);
	__skb_queue_head_init(&n->pending);
	if (xa_err(__xa_store(&tbl->entries, addr, n, GFP_ATOMIC))) {
		kfree(n);
		return NULL;
	}
	rcu_assign_pointer(*chaos_neigh_recent(tbl, addr), n);
	list_add_tail(&n->lru, &tbl->lru);
	tbl->count++;
	chaos_genid_changed(tbl->iface->cn, CHAOS_GENID_NEIGH);
	return n;
}

/**
 * chaos_neigh_set() - change the state of an entry
 * @n: entry of a locked table
 * @state: enum chaos_neigh_state
 * @lladdr: hardware address; NULL for that which it has
 * @after: what is left to do: people hear of every change, but not of a search
 */
void chaos_neigh_set(struct chaos_neigh *n, u8 state, const u8 *lladdr,
		     struct chaos_neigh_after *after)
{
	bool changed = n->state != state || (lladdr && !ether_addr_equal(n->lladdr, lladdr));

	write_seqcount_begin(&n->seq);
	WRITE_ONCE(n->state, state);
	if (lladdr)
		ether_addr_copy(n->lladdr, lladdr);
	write_seqcount_end(&n->seq);
	after->changed = changed && state != CHAOS_NEIGH_INCOMPLETE;
	neigh_info(n, &after->info);
}

/**
 * chaos_neigh_add() - configure a permanent entry
 * @iface: link, of type ether
 * @addr: host address
 * @lladdr: unicast hardware address
 * @replace: there may be a permanent entry already
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0, -EEXIST, or -ENOSPC when the table is full of permanent entries
 * or there is no memory.
 */
int chaos_neigh_add(struct chaos_iface *iface, u16 addr, const u8 *lladdr, bool replace,
		    struct netlink_ext_ack *extack)
{
	struct chaos_neigh_table *tbl = iface->neighs;
	struct chaos_neigh_after after;
	struct chaos_neigh *n;
	int err = 0;

	chaos_neigh_after_init(&after);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (!n)
		n = chaos_neigh_create(tbl, addr, &after);
	if (!n) {
		NL_SET_ERR_MSG(extack, "the neighbour table is full");
		err = -ENOSPC;
	} else if (n->state == CHAOS_NEIGH_PERMANENT && !replace) {
		NL_SET_ERR_MSG(extack, "there is a permanent entry for this host");
		err = -EEXIST;
	} else {
		WRITE_ONCE(n->probes, 0);
		n->confirmed = jiffies;
		chaos_neigh_set(n, CHAOS_NEIGH_PERMANENT, lladdr, &after);
		list_del_init(&n->lru);
		skb_queue_splice_init(&n->pending, &after.ready);
		chaos_genid_changed(iface->cn, CHAOS_GENID_NEIGH);
	}
	xa_unlock_bh(&tbl->entries);

	chaos_neigh_finish(iface, &after, CHAOS_STAT_DROP_NEIGH_FULL);
	return err;
}

/**
 * chaos_neigh_del() - remove an entry of any state
 * @iface: link, of type ether
 * @addr: host address
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOENT.
 */
int chaos_neigh_del(struct chaos_iface *iface, u16 addr, struct netlink_ext_ack *extack)
{
	struct chaos_neigh_table *tbl = iface->neighs;
	struct chaos_neigh_after after;
	struct chaos_neigh *n;

	chaos_neigh_after_init(&after);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (n)
		chaos_neigh_remove(tbl, n, &after);
	xa_unlock_bh(&tbl->entries);

	chaos_neigh_finish(iface, &after, CHAOS_STAT_DROP_NO_NEIGH);
	if (n)
		return 0;
	NL_SET_ERR_MSG(extack, "no such neighbour on this link");
	return -ENOENT;
}

/**
 * chaos_neigh_flush() - forget the neighbours of a link
 * @iface: link, of type ether
 * @permanent_too: also what people configured
 *
 * Context: process; any but hard interrupts.
 */
void chaos_neigh_flush(struct chaos_iface *iface, bool permanent_too)
{
	struct chaos_neigh_table *tbl = iface->neighs;
	struct chaos_neigh_after after;
	struct chaos_neigh *n;
	unsigned long addr;

	chaos_neigh_after_init(&after);
	xa_lock_bh(&tbl->entries);
	xa_for_each(&tbl->entries, addr, n)
		if (permanent_too || n->state != CHAOS_NEIGH_PERMANENT)
			chaos_neigh_remove(tbl, n, &after);
	xa_unlock_bh(&tbl->entries);
	chaos_neigh_finish(iface, &after, CHAOS_STAT_DROP_LINK_DOWN);
}

/**
 * chaos_neigh_get() - look at one entry
 * @iface: link, of type ether
 * @addr: host address
 * @info: result
 *
 * Context: any but hard interrupts.
 * Return: false if there is none.
 */
bool chaos_neigh_get(struct chaos_iface *iface, u16 addr, struct chaos_neigh_info *info)
{
	unsigned long pos = addr;

	return chaos_neigh_walk(iface, &pos, info) && info->addr == addr;
}

/**
 * chaos_neigh_walk() - look at the entries one after the other
 * @iface: link, of type ether
 * @pos: 0 at first; where to go on
 * @info: result
 *
 * Context: any but hard interrupts.
 * Return: false if there are no more.
 */
bool chaos_neigh_walk(struct chaos_iface *iface, unsigned long *pos,
		      struct chaos_neigh_info *info)
{
	struct chaos_neigh *n;

	rcu_read_lock();
	n = xa_find(&iface->neighs->entries, pos, ULONG_MAX, XA_PRESENT);
	if (n)
		neigh_info(n, info);
	rcu_read_unlock();
	++*pos;
	return n;
}

/**
 * chaos_neigh_table_create() - make the table of a new link
 * @iface: link
 *
 * Context: process.
 * Return: NULL without memory.
 */
struct chaos_neigh_table *chaos_neigh_table_create(struct chaos_iface *iface)
{
	struct chaos_neigh_table *tbl;

	tbl = kzalloc(sizeof(*tbl), GFP_KERNEL);
	if (!tbl)
		return NULL;
	tbl->iface = iface;
	xa_init_flags(&tbl->entries, XA_FLAGS_LOCK_BH);
	INIT_LIST_HEAD(&tbl->lru);
	INIT_DELAYED_WORK(&tbl->work, chaos_neigh_work);
	return tbl;
}

/**
 * chaos_neigh_table_destroy() - free it; nobody can reach it any more
 * @tbl: table
 *
 * Context: process, may sleep.
 */
void chaos_neigh_table_destroy(struct chaos_neigh_table *tbl)
{
	chaos_neigh_flush(tbl->iface, true);
	cancel_delayed_work_sync(&tbl->work);
	xa_destroy(&tbl->entries);
	kfree(tbl);
}
