// SPDX-License-Identifier: GPL-2.0-only
/*
 * Neighbours on Ethernet, found by ARP.
 *
 * An entry is made when a packet wants to go there (INCOMPLETE) or when the
 * host asks for us (REACHABLE).  INCOMPLETE holds back up to NEIGH_PENDING
 * packets and asks by broadcast every NEIGH_RETRY; after NEIGH_PROBES requests
 * it is FAILED, its packets are dropped, and for CHAOS_NEIGH_HOLD all that
 * follow.  REACHABLE becomes STALE after NEIGH_REACHABLE; the first packet that
 * then uses it asks again, first by unicast, while packets go on being sent.
 * What nobody used for NEIGH_UNUSED goes.  PERMANENT entries only people change.
 *
 * See neigh_table.c for the table itself and its lock.
 */

#include <linux/if_arp.h>
#include <linux/jiffies.h>

#include "arp.h"
#include "input.h"
#include "link.h"
#include "neigh_table.h"
#include "packet.h"

#define NEIGH_PENDING	16
#define NEIGH_PROBES	3
#define NEIGH_RETRY	HZ
#define NEIGH_REACHABLE	(60 * HZ)
#define NEIGH_UNUSED	(600 * HZ)
#define NEIGH_BATCH	(HZ / 10)	/* the table is looked through at most so often */

/* How to ask for a hardware address. */
enum neigh_ask { NEIGH_ASK_NOT, NEIGH_ASK_HOST, NEIGH_ASK_ALL };

static void neigh_ask(struct chaos_iface *iface, u16 addr, enum neigh_ask how, const u8 *lladdr)
{
	u16 src = READ_ONCE(iface->addr);

	if (how != NEIGH_ASK_NOT && src)
		chaos_arp_send(iface, ARPOP_REQUEST, src, addr,
			       how == NEIGH_ASK_HOST ? lladdr : NULL);
}

/* The entry is in use.  Written only when it changes: many CPUs may do it. */
static void neigh_touch(struct chaos_neigh *n)
{
	unsigned long now = jiffies;

	if (READ_ONCE(n->used) != now)
		WRITE_ONCE(n->used, now);
}

/* The neighbour did not answer: who sent the packet is told. */
static void neigh_unreachable(struct chaos_iface *iface, struct sk_buff *skb)
{
	chaos_iface_count(iface, CHAOS_LINK_STAT_ABORTED, 1);
	chaos_rcv_unreachable(iface->cn, skb);
}

/* The entry's deadline is @n->next: have chaos_neigh_work() run by then.  Lock held. */
static void neigh_schedule(struct chaos_neigh_table *tbl, const struct chaos_neigh *n)
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

/* Counts a request that the caller is going to send.  Lock held. */
static void neigh_probe(struct chaos_neigh_table *tbl, struct chaos_neigh *n)
{
	WRITE_ONCE(n->probes, n->probes + 1);
	n->next = jiffies + NEIGH_RETRY;
	neigh_schedule(tbl, n);
}

static void neigh_fail(struct chaos_neigh *n, struct sk_buff_head *failed,
		       struct chaos_neigh_after *after)
{
	WRITE_ONCE(n->probes, 0);
	n->confirmed = jiffies;
	chaos_neigh_set(n, CHAOS_NEIGH_FAILED, NULL, after);
	skb_queue_splice_tail_init(&n->pending, failed);
}

/* What is due for an entry by the passing of time.  Lock held; @n may be gone
 * afterwards.  Returns whether to ask for it.
 */
static enum neigh_ask neigh_age(struct chaos_neigh_table *tbl, struct chaos_neigh *n,
				struct sk_buff_head *failed,
				struct chaos_neigh_after *after)
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
		neigh_fail(n, failed, after);
	else if (n->state == CHAOS_NEIGH_REACHABLE)
		chaos_neigh_set(n, CHAOS_NEIGH_STALE, NULL, after);

	n->next = READ_ONCE(n->used) + NEIGH_UNUSED;
	if (time_before(now, n->next))
		neigh_schedule(tbl, n);
	else
		chaos_neigh_remove(tbl, n, after);
	return NEIGH_ASK_NOT;
}

/**
 * chaos_neigh_work() - look for entries of which something is due
 * @work: of a table
 *
 * Context: process.
 */
void chaos_neigh_work(struct work_struct *work)
{
	struct chaos_neigh_table *tbl = container_of(to_delayed_work(work),
						     struct chaos_neigh_table, work);
	struct chaos_neigh_after after;
	struct sk_buff_head failed;
	struct chaos_neigh *n;
	unsigned long addr;
	struct sk_buff *skb;

	__skb_queue_head_init(&failed);
	chaos_neigh_after_init(&after);
	xa_for_each(&tbl->entries, addr, n) {
		enum neigh_ask ask = NEIGH_ASK_NOT;

		xa_lock_bh(&tbl->entries);
		n = xa_load(&tbl->entries, addr);
		if (n)
			ask = neigh_age(tbl, n, &failed, &after);
		xa_unlock_bh(&tbl->entries);

		neigh_ask(tbl->iface, addr, ask, NULL);
		chaos_neigh_finish(tbl->iface, &after, CHAOS_STAT_DROP_NO_NEIGH);
		while ((skb = __skb_dequeue(&failed)))
			neigh_unreachable(tbl->iface, skb);
	}
}

/* Queues a packet until the address is known.  Lock held.  False if it cannot be. */
static bool neigh_queue(struct chaos_neigh_table *tbl, struct chaos_neigh *n, struct sk_buff *skb,
			enum neigh_ask *ask, enum chaos_stat *reason,
			struct chaos_neigh_after *after)
{
	if (n->state == CHAOS_NEIGH_FAILED) {
		if (time_before(jiffies, n->confirmed + CHAOS_NEIGH_HOLD)) {
			*reason = CHAOS_STAT_DROP_NO_NEIGH;
			return false;
		}
		chaos_neigh_set(n, CHAOS_NEIGH_INCOMPLETE, NULL, after);
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
	bool known = false, queued = false;
	u8 lladdr[ETH_ALEN] __aligned(2);
	struct chaos_neigh_after after;
	struct chaos_neigh *n;

	chaos_neigh_after_init(&after);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (!n)
		n = chaos_neigh_create(tbl, addr, &after);
	if (n) {
		neigh_touch(n);
		known = chaos_neigh_lladdr(n, lladdr);
		if (!known)
			queued = neigh_queue(tbl, n, skb, &ask, &reason, &after);
	}
	xa_unlock_bh(&tbl->entries);

	neigh_ask(tbl->iface, addr, ask, NULL);
	chaos_neigh_finish(tbl->iface, &after, CHAOS_STAT_DROP_NEIGH_FULL);
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
	struct chaos_neigh *n;
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

/* Reads the hardware address of an entry that is being used.  False if it is not known. */
static bool neigh_use(struct chaos_neigh_table *tbl, u16 nexthop, u8 *lladdr)
{
	struct chaos_neigh *n = chaos_neigh_find(tbl, nexthop);

	if (!n || !chaos_neigh_lladdr(n, lladdr))
		return false;
	neigh_touch(n);
	if (READ_ONCE(n->state) == CHAOS_NEIGH_STALE && !READ_ONCE(n->probes))
		neigh_verify(tbl, nexthop);
	return true;
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
	u8 lladdr[ETH_ALEN] __aligned(2);

	if (neigh_use(iface->neighs, nexthop, lladdr))
		chaos_link_send(iface, skb, lladdr);
	else
		neigh_resolve(iface->neighs, skb, nexthop);
}

/**
 * chaos_neigh_output_list() - the same for several packets
 * @iface: link, of type ether
 * @list: packets; empty afterwards
 * @nexthop: host address
 *
 * Context: RCU read side, any but hard interrupts.
 */
void chaos_neigh_output_list(struct chaos_iface *iface, struct sk_buff_head *list, u16 nexthop)
{
	u8 lladdr[ETH_ALEN] __aligned(2);
	struct sk_buff *skb;

	if (neigh_use(iface->neighs, nexthop, lladdr))
		chaos_link_send_list(iface, list, lladdr);
	while ((skb = __skb_dequeue(list)))
		neigh_resolve(iface->neighs, skb, nexthop);
}

/* Lock held. */
static void neigh_confirm(struct chaos_neigh_table *tbl, struct chaos_neigh *n, const u8 *lladdr,
			  struct chaos_neigh_after *after)
{
	WRITE_ONCE(n->probes, 0);
	n->confirmed = jiffies;
	chaos_neigh_set(n, CHAOS_NEIGH_REACHABLE, lladdr, after);
	skb_queue_splice_init(&n->pending, &after->ready);
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
	struct chaos_neigh_after after;
	struct chaos_neigh *n;

	if (chaos_subnet(addr) != chaos_subnet(READ_ONCE(iface->addr)))
		create = false;

	chaos_neigh_after_init(&after);
	xa_lock_bh(&tbl->entries);
	n = xa_load(&tbl->entries, addr);
	if (!n && create)
		n = chaos_neigh_create(tbl, addr, &after);
	if (n && n->state != CHAOS_NEIGH_PERMANENT)
		neigh_confirm(tbl, n, lladdr, &after);
	xa_unlock_bh(&tbl->entries);

	chaos_neigh_finish(iface, &after, CHAOS_STAT_DROP_NEIGH_FULL);
}
