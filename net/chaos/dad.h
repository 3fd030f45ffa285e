/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Duplicate address detection, in the manner of RFC 5227: ask three times
 * whether another host has our address, then announce it; afterwards watch for
 * others using it.  The address stays in use whatever comes out: on Chaosnet
 * it was given by a person, who is told.
 *
 * Who sends from our address claims it, and that is a conflict.  Who asks whether
 * it is free will be answered that it is not; that is a conflict only while we are
 * still asking ourselves.  An address that was ours alone is defended by announcing
 * it again, at most every 10 s.
 *
 * A minute after the other was heard last, we ask three times again, and the
 * conflict is over if it says nothing.
 */
#ifndef _NET_CHAOS_DAD_H
#define _NET_CHAOS_DAD_H

#include <linux/if_ether.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct chaos_iface;

/**
 * struct chaos_dad - state of a link's address
 * @lock: guards the fields below, except @work; BH
 * @state: enum chaos_addr_state
 * @probes: still to be sent, unless valid
 * @owned: nobody had the address when it was announced, so it is defended
 * @defended: jiffies when it last was
 * @conflict: hardware address of who else has it
 * @work: sends the next probe or the announcement
 */
struct chaos_dad {
	spinlock_t lock;	/* all of these */
	u8 state;
	u8 probes;
	bool owned;
	unsigned long defended;
	u8 conflict[ETH_ALEN];
	struct delayed_work work;
};

void chaos_dad_init(struct chaos_iface *iface);
void chaos_dad_start(struct chaos_iface *iface);
void chaos_dad_stop(struct chaos_iface *iface);
void chaos_dad_conflict(struct chaos_iface *iface, const u8 *lladdr, bool claimed);
u8 chaos_dad_state(struct chaos_iface *iface, u8 *lladdr);

#endif /* _NET_CHAOS_DAD_H */
