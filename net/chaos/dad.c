// SPDX-License-Identifier: GPL-2.0-only
/* Duplicate address detection on Ethernet; see dad.h for the rules. */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/jiffies.h>

#include "arp.h"
#include "dad.h"
#include "iface.h"
#include "nl.h"
#include "stats.h"

#define DAD_PROBES	3
#define DAD_INTERVAL	(HZ / 5)
#define DAD_DEFENCE	(10 * HZ)
#define DAD_FORGET	(60 * HZ)	/* after the last sign of a conflict */

/* An ARP request for our own address, from it: updates everybody's table. */
static void dad_announce(struct chaos_iface *iface, u16 addr)
{
	chaos_arp_send(iface, ARPOP_REQUEST, addr, addr, NULL);
}

/* The lock is held. */
static void dad_schedule(struct chaos_dad *dad, unsigned long delay)
{
	mod_delayed_work(system_power_efficient_wq, &dad->work, delay);
}

static void dad_work(struct work_struct *work)
{
	struct chaos_iface *iface = container_of(to_delayed_work(work),
						 struct chaos_iface, dad.work);
	struct chaos_dad *dad = &iface->dad;
	u16 addr = READ_ONCE(iface->addr);
	bool done;

	spin_lock_bh(&dad->lock);
	if (dad->state == CHAOS_ADDR_VALID || !addr) {
		spin_unlock_bh(&dad->lock);
		return;
	}
	done = !dad->probes;
	if (done) {
		dad->state = CHAOS_ADDR_VALID;
		dad->owned = true;
	} else {
		dad->probes--;
		dad_schedule(dad, DAD_INTERVAL);
	}
	spin_unlock_bh(&dad->lock);

	if (done) {
		dad_announce(iface, addr);
		chaos_nl_addr_event(iface, CHAOS_CMD_ADDR_NEW);
	} else {
		chaos_arp_send(iface, ARPOP_REQUEST, 0, addr, NULL);
	}
}

/**
 * chaos_dad_init() - prepare; the link has no address yet
 * @iface: link
 *
 * Links without ARP stay in the state set here: nobody can dispute their
 * address.
 */
void chaos_dad_init(struct chaos_iface *iface)
{
	struct chaos_dad *dad = &iface->dad;

	spin_lock_init(&dad->lock);
	dad->state = CHAOS_ADDR_VALID;
	INIT_DELAYED_WORK(&dad->work, dad_work);
}

/**
 * chaos_dad_start() - begin, again if need be; the link has an address
 * @iface: link
 *
 * While the device cannot send, the address stays tentative and nothing is
 * sent: this will be called again.
 *
 * Context: process, RTNL held.
 */
void chaos_dad_start(struct chaos_iface *iface)
{
	struct chaos_dad *dad = &iface->dad;

	chaos_dad_stop(iface);
	spin_lock_bh(&dad->lock);
	dad->state = CHAOS_ADDR_TENTATIVE;
	dad->probes = DAD_PROBES;
	dad->owned = false;
	dad->defended = jiffies - DAD_DEFENCE;
	eth_zero_addr(dad->conflict);
	if (iface->up)
		dad_schedule(dad, 0);
	spin_unlock_bh(&dad->lock);
}

/**
 * chaos_dad_stop() - send nothing more
 * @iface: link
 *
 * Context: process, may sleep.
 */
void chaos_dad_stop(struct chaos_iface *iface)
{
	cancel_delayed_work_sync(&iface->dad.work);
}

/* Another host has our address.  Returns whether that is news.  Lock held. */
static bool dad_note_conflict(struct chaos_dad *dad, const u8 *lladdr)
{
	bool news = dad->state != CHAOS_ADDR_CONFLICT ||
		    !ether_addr_equal(dad->conflict, lladdr);

	dad->state = CHAOS_ADDR_CONFLICT;
	dad->probes = DAD_PROBES;
	ether_addr_copy(dad->conflict, lladdr);
	dad_schedule(dad, DAD_FORGET);
	return news;
}

/**
 * chaos_dad_conflict() - another host uses our address, or asks whether it may
 * @iface: link, with an address
 * @lladdr: the other's hardware address
 * @claimed: it sent from the address; else it asked whether anybody has it
 *
 * Context: softirq, RCU read side.
 */
void chaos_dad_conflict(struct chaos_iface *iface, const u8 *lladdr, bool claimed)
{
	struct chaos_dad *dad = &iface->dad;
	u16 addr = READ_ONCE(iface->addr);
	bool news = false, defend;

	spin_lock_bh(&dad->lock);
	if (claimed || dad->state == CHAOS_ADDR_TENTATIVE)
		news = dad_note_conflict(dad, lladdr);
	defend = claimed && dad->owned &&
		 time_after_eq(jiffies, dad->defended + DAD_DEFENCE);
	if (defend)
		dad->defended = jiffies;
	spin_unlock_bh(&dad->lock);

	chaos_count(iface->cn, CHAOS_STAT_ARP_CONFLICT);
	if (news) {
		net_warn_ratelimited("chaos: %s: our address %o is also used by %pM\n",
				     iface->dev->name, addr, lladdr);
		chaos_nl_addr_event(iface, CHAOS_CMD_ADDR_NEW);
	}
	if (defend)
		dad_announce(iface, addr);
}

/**
 * chaos_dad_state() - the state of the link's address
 * @iface: link
 * @lladdr: result with CHAOS_ADDR_CONFLICT: who else has it, ETH_ALEN bytes
 *
 * Context: any but hard interrupts.
 * Return: enum chaos_addr_state.
 */
u8 chaos_dad_state(struct chaos_iface *iface, u8 *lladdr)
{
	struct chaos_dad *dad = &iface->dad;
	u8 state;

	spin_lock_bh(&dad->lock);
	state = dad->state;
	ether_addr_copy(lladdr, dad->conflict);
	spin_unlock_bh(&dad->lock);
	return state;
}
