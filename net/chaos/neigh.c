// SPDX-License-Identifier: GPL-2.0-only
/*
 * Neighbours on Ethernet, found by ARP.
 *
 * An entry is made when a packet wants to go there (INCOMPLETE) or when the
 * host asks for us (REACHABLE).  INCOMPLETE holds back up to NEIGH_PENDING
 * packets and asks by broadcast every NEIGH_RETRY; after NEIGH_PROBES requests
 * it is FAILED, its packets are dropped, and for NEIGH_HOLD all that follow.
 * REACHABLE becomes STALE after NEIGH_REACHABLE; the first packet that then
 * uses it asks again, first by unicast, while packets go on being sent.  What
 * nobody used for NEIGH_UNUSED goes.  PERMANENT entries only people change.
 *
 * The xarray's lock guards entries and table; senders to known neighbours
 * take no lock.  Nothing is sent or freed with the lock held.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/seqlock.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "arp.h"
#include "input.h"
#include "link.h"
#include "neigh.h"
#include "packet.h"

#define NEIGH_MAX	1024
#define NEIGH_PENDING	16
#define NEIGH_PROBES	3
#define NEIGH_RETRY	HZ
#define NEIGH_HOLD	HZ
#define NEIGH_REACHABLE	(60 * HZ)
#define NEIGH_UNUSED	(600 * HZ)
#define NEIGH_BATCH	(HZ / 10)	/* the table is looked through at most so often */

/**
 * struct neigh - an entry; everything is written under the table's lock, and
 *	read under it, except where noted
 * @lru: in the table's list, unless permanent
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
struct neigh {
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
 * @entries: struct neigh by host address, RCU; its lock guards all here
 * @lru: entries that may be evicted, the longest unconfirmed first
 * @count: entries
 * @next: jiffies when @work is due, if it is pending
 * @work: neigh_work()
 */
struct chaos_neigh_table {
	struct chaos_iface *iface;
	struct xarray entries;
	struct list_head lru;
	unsigned int count;
	unsigned long next;
	struct delayed_work work;
};

/* How to ask for a hardware address. */
enum neigh_ask { NEIGH_ASK_NOT, NEIGH_ASK_HOST, NEIGH_ASK_ALL };

static void neigh_ask(struct chaos_iface *iface, u16 addr, enum neigh_ask how, const u8 *lladdr)
{
	u16 src = READ_ONCE(iface->addr);

	if (how != NEIGH_ASK_NOT && src)
		chaos_arp_send(iface, ARPOP_REQUEST, src, addr,
			       how == NEIGH_ASK_HOST ? lladdr : NULL);
}

static bool neigh_state_known(u8 state)
{
	return state == CHAOS_NEIGH_REACHABLE || state == CHAOS_NEIGH_STALE ||
	       state == CHAOS_NEIGH_PERMANENT;
}

/* Reads the hardware address without lock.  False if it is not known. */
static bool neigh_lladdr(struct neigh *n, u8 *lladdr)
{
	unsigned int start;
	bool known;

	do {
		start = read_seqcount_begin(&n->seq);
		known = neigh_state_known(READ_ONCE(n->state));
		ether_addr_copy(lladdr, n->lladdr);
	} while (read_seqcount_retry(&n->seq, start));
	return known;
}

/* The entry is in use.  Written only when it changes: many CPUs may do it. */
static void neigh_touch(struct neigh *n)
{
	unsigned long now = jiffies;

	if (READ_ONCE(n->used) != now)
		WRITE_ONCE(n->used, now);
}

static void neigh_set(struct neigh *n, u8 state, const u8 *lladdr)
{
	write_seqcount_begin(&n->seq);
	WRITE_ONCE(n->state, state);
	if (lladdr)
		ether_addr_copy(n->lladdr, lladdr);
	write_seqcount_end(&n->seq);
}

static void neigh_drop_all(struct chaos_iface *iface, struct sk_buff_head *list,
			   enum chaos_stat reason)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		chaos_link_drop(iface, skb, reason, CHAOS_LINK_STAT_ABORTED);
}

/* The neighbour did not answer: who sent the packet is told. */
static void neigh_unreachable(struct chaos_iface *iface, struct sk_buff *skb)
{
	chaos_iface_count(iface, CHAOS_LINK_STAT_ABORTED, 1);
	chaos_rcv_unreachable(iface->cn, skb);
}

static void neigh_send_all(struct chaos_iface *iface, struct sk_buff_head *list, const u8 *lladdr)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		chaos_link_send(iface, skb, lladdr);
}

/* The entry's deadline is @n->next: have neigh_work() run by then.  Lock held. */
static void neigh_schedule(struct chaos_neigh_table *tbl, const struct neigh *n)
{
	unsigned long now = jiffies;
	unsigned long when = n->next;

	if (time_before(when, now + NEIGH_BATCH))
		when = now + NEIGH_BATCH;
	if (delayed_work_pending(&tbl->work) && !time_before(when, tbl->next))
		return;
	tbl->next = when;
	mod_delayed_work(system_power_efficient_wq, &tbl->work, when - now);
}

/* Lock held; the packets that waited go to @dropped. */
static void neigh_remove(struct chaos_neigh_table *tbl, struct neigh *n,
			 struct sk_buff_head *dropped)
{
	__xa_erase(&tbl->entries, n->addr);
	list_del(&n->lru);
	tbl->count--;
	skb_queue_splice_tail_init(&n->pending, dropped);
	chaos_genid_changed(tbl->iface->cn, CHAOS_GENID_NEIGH);
	kfree_rcu(n, rcu);
}

/* Makes an entry, in state FAILED, in place of the oldest if the table is full.
 * Lock held.  NULL without memory, or if all entries are permanent.
 */
static struct neigh *neigh_create(struct chaos_neigh_table *tbl, u16 addr,
				  struct sk_buff_head *dropped)
{
	struct neigh *n;

	if (tbl->count >= NEIGH_MAX) {
		n = list_first_entry_or_null(&tbl->lru, struct neigh, lru);
		if (!n)
			return NULL;
		neigh_remove(tbl, n, dropped);
	}
	n = kzalloc(sizeof(*n), GFP_ATOMIC);
	if (!n)
		return NULL;
	n->addr = addr;
	n->state = CHAOS_NEIGH_FAILED;
	n->used = jiffies;
	n->confirmed = jiffies - NEIGH_HOLD;
	seqcount_spinlock_init(&n->seq, &tbl->entries.xa_lock);
	__skb_queue_head_init(&n->pending);
	if (xa_err(__xa_store(&tbl->entries, addr, n, GFP_ATOMIC))) {
		kfree(n);
		return NULL;
	}
	list_add_tail(&n->lru, &tbl->lru);
	tbl->count++;
	chaos_genid_changed(tbl->iface->cn, CHAOS_GENID_NEIGH);
	return n;
}

/* Counts a request that the caller is going to send.  Lock held. */
static void neigh_probe(struct chaos_neigh_table *tbl, struct neigh *n)
{
	WRITE_ONCE(n->probes, n->probes + 1);
	n->next = jiffies + NEIGH_RETRY;
	neigh_schedule(tbl, n);
}

static void neigh_fail(struct neigh *n, struct sk_buff_head *failed)
{
	neigh_set(n, CHAOS_NEIGH_FAILED, NULL);
	WRITE_ONCE(n->probes, 0);
	n->confirmed = jiffies;
	skb_queue_splice_tail_init(&n->pending, failed);
}

/* What is due for an entry by the passing of time.  Lock held; @n may be gone
 * afterwards.  Returns whether to ask for it.
 */
static enum neigh_ask neigh_age(struct chaos_neigh_table *tbl, struct neigh *n,
				struct sk_buff_head *failed)
{
	unsigned long now = jiffies;

	if (n->state == CHAOS_NEIGH_PERMANENT)
		return NEIGH_ASK_NOT;
	if (time_before(now, n->next)) {
		neigh_schedule(tbl, n);
		return NEIGH_ASK_NOT;
	}

	if (n->probes && n->probes < NEIGH_PROBES) {
		neigh_probe(tbl, n);
		return NEIGH_ASK_ALL;
	}
	if (n->probes)
		neigh_fail(n, failed);
	else if (n->state == CHAOS_NEIGH_REACHABLE)
		neigh_set(n, CHAOS_NEIGH_STALE, NULL);

	n->next = READ_ONCE(n->used) + NEIGH_UNUSED;
	if (time_before(now, n->next))
		neigh_schedule(tbl, n);
	else
		neigh_remove(tbl, n, failed);
	return NEIGH_ASK_NOT;
}

static void neigh_work(struct work_struct *work)
{
	struct chaos_neigh_table *tbl = container_of(to_delayed_work(work),
						     struct chaos_neigh_table, work);
	struct sk_buff_head failed;
	unsigned long addr;
	struct sk_buff *skb;
	struct neigh *n;

	__skb_queue_head_init(&failed);
	xa_for_each(&tbl->entries, addr, n) {
		enum neigh_ask ask = NEIGH_ASK_NOT;

		xa_lock_bh(&tbl->entries);
		n = xa_load(&tbl->entries, addr);
		if (n)
			ask = neigh_age(tbl, n, &failed);
		xa_unlock_bh(&tbl->entries);

		neigh_ask(tbl->iface, addr, ask, NULL);
		while ((skb = __skb_dequeue(&failed)))
			neigh_unreachable(tbl->iface, skb);
	}
}

/* Queues a packet until the address is known.  Lock held.  False if it cannot be. */
static bool neigh_queue(struct chaos_neigh_table *tbl, struct neigh *n, struct sk_buff *skb,
			enum neigh_ask *ask, enum chaos_stat *reason)
{
	if (n->state == CHAOS_NEIGH_FAILED) {
		if (time_before(jiffies, n->confirmed + NEIGH_HOLD)) {
			*reason = CHAOS_STAT_DROP_NO_NEIGH;
			return false;
		}
		neigh_set(n, CHAOS_NEIGH_INCOMPLETE, NULL);
		neigh_probe(tbl, n);
		*ask = NEIGH_ASK_ALL;
	}
	if (skb_queue_len(&n->pending) >= NEIGH_PENDING) {
		*reason = CHAOS_STAT_DROP_NEIGH_QUEUE;
		return false;
	}
	__skb_queue_tail(&n->pending, skb);
	return true;
}

/* The way of a packet whose next hop is not known, or was not a moment ago. */
static void neigh_resolve(struct chaos_neigh_table *tbl, struct sk_buff *skb, u16 addr)
{
	enum chaos_stat reason = CHAOS_STAT_DROP_NEIGH_FULL;
	enum neigh_ask ask = NEIGH_ASK_NOT;
	struct sk_buff_head dropped;
	bool known = false, queued = false;
	u8 lladdr[ETH_ALEN] __aligned(2);
	struct neigh *n;

	__skb_queue_head_init(&dropped);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (!n)
		n = neigh_create(tbl, addr, &dropped);
	if (n) {
		neigh_touch(n);
		known = neigh_lladdr(n, lladdr);
		if (!known)
			queued = neigh_queue(tbl, n, skb, &ask, &reason);
	}
	xa_unlock_bh(&tbl->entries);

	neigh_ask(tbl->iface, addr, ask, NULL);
	neigh_drop_all(tbl->iface, &dropped, CHAOS_STAT_DROP_NEIGH_FULL);
	if (known)
		chaos_link_send(tbl->iface, skb, lladdr);
	else if (!queued && reason == CHAOS_STAT_DROP_NO_NEIGH)
		neigh_unreachable(tbl->iface, skb);
	else if (!queued)
		chaos_link_drop(tbl->iface, skb, reason, CHAOS_LINK_STAT_LOST);
}

/* A stale entry is in use: is it still true?  Its owner is asked first. */
static void neigh_verify(struct chaos_neigh_table *tbl, u16 addr)
{
	u8 lladdr[ETH_ALEN] __aligned(2);
	struct neigh *n;
	bool ask;

	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	ask = n && n->state == CHAOS_NEIGH_STALE && !n->probes;
	if (ask) {
		neigh_probe(tbl, n);
		ether_addr_copy(lladdr, n->lladdr);
	}
	xa_unlock_bh(&tbl->entries);
	if (ask)
		neigh_ask(tbl->iface, addr, NEIGH_ASK_HOST, lladdr);
}

/**
 * chaos_neigh_output() - send a packet to a neighbour, finding it first if need be
 * @iface: link, of type ether
 * @skb: packet, from the Chaosnet header on; consumed
 * @nexthop: host address
 *
 * Context: RCU read side, any but hard interrupts.
 */
void chaos_neigh_output(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop)
{
	struct chaos_neigh_table *tbl = iface->neighs;
	u8 lladdr[ETH_ALEN] __aligned(2);
	struct neigh *n;

	n = xa_load(&tbl->entries, nexthop);
	if (!n || !neigh_lladdr(n, lladdr)) {
		neigh_resolve(tbl, skb, nexthop);
		return;
	}
	neigh_touch(n);
	if (READ_ONCE(n->state) == CHAOS_NEIGH_STALE && !READ_ONCE(n->probes))
		neigh_verify(tbl, nexthop);
	chaos_link_send(iface, skb, lladdr);
}

/* Lock held. */
static void neigh_confirm(struct chaos_neigh_table *tbl, struct neigh *n, const u8 *lladdr)
{
	neigh_set(n, CHAOS_NEIGH_REACHABLE, lladdr);
	WRITE_ONCE(n->probes, 0);
	n->confirmed = jiffies;
	n->next = jiffies + NEIGH_REACHABLE;
	list_move_tail(&n->lru, &tbl->lru);
	neigh_schedule(tbl, n);
}

/**
 * chaos_neigh_learn() - a valid ARP packet told a hardware address
 * @iface: link, of type ether
 * @addr: its sender's address, not ours
 * @lladdr: its sender's hardware address
 * @create: make an entry if there is none: the sender is going to talk to us
 *
 * Entries are made only for hosts on the link's own subnet.
 *
 * Context: RCU read side, any but hard interrupts.
 */
void chaos_neigh_learn(struct chaos_iface *iface, u16 addr, const u8 *lladdr, bool create)
{
	struct chaos_neigh_table *tbl = iface->neighs;
	struct sk_buff_head ready, dropped;
	struct neigh *n;

	if (chaos_subnet(addr) != chaos_subnet(READ_ONCE(iface->addr)))
		create = false;

	__skb_queue_head_init(&ready);
	__skb_queue_head_init(&dropped);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (!n && create)
		n = neigh_create(tbl, addr, &dropped);
	if (n && n->state != CHAOS_NEIGH_PERMANENT) {
		neigh_confirm(tbl, n, lladdr);
		skb_queue_splice_init(&n->pending, &ready);
	}
	xa_unlock_bh(&tbl->entries);

	neigh_send_all(iface, &ready, lladdr);
	neigh_drop_all(iface, &dropped, CHAOS_STAT_DROP_NEIGH_FULL);
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
	struct sk_buff_head ready, dropped;
	struct neigh *n;
	int err = 0;

	__skb_queue_head_init(&ready);
	__skb_queue_head_init(&dropped);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (!n)
		n = neigh_create(tbl, addr, &dropped);
	if (!n) {
		NL_SET_ERR_MSG(extack, "the neighbour table is full");
		err = -ENOSPC;
	} else if (n->state == CHAOS_NEIGH_PERMANENT && !replace) {
		NL_SET_ERR_MSG(extack, "there is a permanent entry for this host");
		err = -EEXIST;
	} else {
		neigh_set(n, CHAOS_NEIGH_PERMANENT, lladdr);
		WRITE_ONCE(n->probes, 0);
		list_del_init(&n->lru);
		skb_queue_splice_init(&n->pending, &ready);
		chaos_genid_changed(iface->cn, CHAOS_GENID_NEIGH);
	}
	xa_unlock_bh(&tbl->entries);

	neigh_send_all(iface, &ready, lladdr);
	neigh_drop_all(iface, &dropped, CHAOS_STAT_DROP_NEIGH_FULL);
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
	struct sk_buff_head dropped;
	struct neigh *n;

	__skb_queue_head_init(&dropped);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (n)
		neigh_remove(tbl, n, &dropped);
	xa_unlock_bh(&tbl->entries);

	neigh_drop_all(iface, &dropped, CHAOS_STAT_DROP_NO_NEIGH);
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
	struct sk_buff_head dropped;
	unsigned long addr;
	struct neigh *n;

	__skb_queue_head_init(&dropped);
	xa_lock_bh(&tbl->entries);
	xa_for_each(&tbl->entries, addr, n)
		if (permanent_too || n->state != CHAOS_NEIGH_PERMANENT)
			neigh_remove(tbl, n, &dropped);
	xa_unlock_bh(&tbl->entries);
	neigh_drop_all(iface, &dropped, CHAOS_STAT_DROP_LINK_DOWN);
}

static void neigh_info(struct neigh *n, struct chaos_neigh_info *info)
{
	neigh_lladdr(n, info->lladdr);
	info->addr = n->addr;
	info->state = READ_ONCE(n->state);
	info->age_ms = jiffies_to_msecs(jiffies - READ_ONCE(n->confirmed));
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
	struct neigh *n;

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
	INIT_DELAYED_WORK(&tbl->work, neigh_work);
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
