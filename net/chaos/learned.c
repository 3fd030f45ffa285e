// SPDX-License-Identifier: GPL-2.0-only
/* The table of learned routes: lookup by RCU, changes under cn->rut.lock. */

#include <linux/jiffies.h>
#include <linux/slab.h>

#include "iface.h"
#include "learned.h"
#include "net.h"
#include "nl.h"

/* Costs that bridges tell grow with the age of what they know, up to the time when it
 * expires; only what differs by more is news.
 */
#define LEARNED_NEWS	15

static struct chaos_route *learned_current(struct chaos_net *cn, u8 subnet)
{
	return rcu_dereference_protected(cn->learned[subnet], lockdep_is_held(&cn->rut.lock));
}

/* Makes @rt, or nothing if NULL, the entry; the old one goes. */
static void learned_install(struct chaos_net *cn, u8 subnet, struct chaos_route *rt)
{
	struct chaos_route *old = learned_current(cn, subnet);

	rcu_assign_pointer(cn->learned[subnet], rt);
	chaos_genid_changed(cn, CHAOS_GENID_ROUTE);
	if (rt)
		chaos_nl_route_event(cn, CHAOS_ROUTE_KIND_SUBNET, rt, CHAOS_CMD_ROUTE_NEW);
	else if (old)
		chaos_nl_route_event(cn, CHAOS_ROUTE_KIND_SUBNET, old, CHAOS_CMD_ROUTE_DEL);
	if (old)
		kfree_rcu(old, rcu);
}

/**
 * chaos_learned_get() - the learned way to a subnet
 * @cn: namespace
 * @subnet: which
 *
 * Context: RCU read side.
 * Return: NULL if there is none.
 */
const struct chaos_route *chaos_learned_get(struct chaos_net *cn, u8 subnet)
{
	return rcu_dereference(cn->learned[subnet]);
}

static struct chaos_route *learned_alloc(u8 subnet, u16 via, u16 cost)
{
	struct chaos_route *rt = kzalloc(sizeof(*rt), GFP_ATOMIC);

	if (!rt)
		return NULL;
	rt->dst = subnet;
	rt->via = via;
	rt->cost = cost;
	rt->type = CHAOS_ROUTE_BRIDGE;
	rt->heard = jiffies;
	return rt;
}

/* Do both lead to the same subnet of ours?  If not, who is there must be told. */
static bool learned_same_way(const struct chaos_route *a,
			     const struct chaos_route *b)
{
	return chaos_subnet(a->via) == chaos_subnet(b->via);
}

static bool learned_is_news(const struct chaos_route *rt, u16 cost)
{
	return abs(rt->cost - cost) > LEARNED_NEWS;
}

/* The bridge in use tells again.  Returns whether that is news. */
static bool learned_refresh(struct chaos_net *cn, struct chaos_route *rt, u16 cost)
{
	bool news = learned_is_news(rt, cost);

	WRITE_ONCE(rt->heard, jiffies);
	WRITE_ONCE(rt->cost, cost);
	if (!news)
		return false;
	chaos_genid_changed(cn, CHAOS_GENID_ROUTE);
	chaos_nl_route_event(cn, CHAOS_ROUTE_KIND_SUBNET, rt, CHAOS_CMD_ROUTE_NEW);
	return true;
}

/**
 * chaos_learned_tell() - a bridge told of a subnet (AIM 628 section 3.7)
 * @cn: namespace
 * @subnet: which, not 0
 * @via: the bridge
 * @cost: from here, by it; CHAOS_COST_CAP or more: it is not reached
 *
 * The better or equal way is taken; of the bridge in use all is believed.
 *
 * Context: @cn->rut.lock held.
 * Return: whether our neighbours should hear of it soon.
 */
bool chaos_learned_tell(struct chaos_net *cn, u8 subnet, u16 via, u16 cost)
{
	struct chaos_route *old = learned_current(cn, subnet);
	bool same = old && old->via == via;
	struct chaos_route *rt;
	bool changed;

	if (cost >= CHAOS_COST_CAP) {
		if (same)
			learned_install(cn, subnet, NULL);
		return same;
	}
	if (same)
		return learned_refresh(cn, old, cost);
	if (old && cost > chaos_route_cost(old))
		return false;

	rt = learned_alloc(subnet, via, cost);
	if (!rt)
		return false;		/* it will be told again */
	changed = !old || learned_is_news(old, cost) || !learned_same_way(old, rt);
	learned_install(cn, subnet, rt);
	return changed;
}

/**
 * chaos_learned_del() - forget the learned way to a subnet, until it is told again
 * @cn: namespace
 * @subnet: which
 *
 * Context: process.
 * Return: whether there was one.
 */
bool chaos_learned_del(struct chaos_net *cn, u8 subnet)
{
	bool there;

	spin_lock_bh(&cn->rut.lock);
	there = learned_current(cn, subnet);
	if (there)
		learned_install(cn, subnet, NULL);
	spin_unlock_bh(&cn->rut.lock);
	return there;
}

/**
 * chaos_learned_drop_iface() - a link cannot send, or goes
 * @cn: namespace
 * @iface: link, still with its routes; NULL: what leads to no link goes
 *
 * Context: any but hard interrupts.
 */
void chaos_learned_drop_iface(struct chaos_net *cn, const struct chaos_iface *iface)
{
	const struct chaos_route *rt;
	unsigned int subnet;

	rcu_read_lock();
	spin_lock_bh(&cn->rut.lock);
	for (subnet = 1; subnet < CHAOS_SUBNET_COUNT; subnet++) {
		rt = learned_current(cn, subnet);
		if (rt && chaos_route_iface(cn, rt) == iface)
			learned_install(cn, subnet, NULL);
	}
	spin_unlock_bh(&cn->rut.lock);
	rcu_read_unlock();
}

/**
 * chaos_learned_expire() - what nobody told again goes
 * @cn: namespace
 * @next: made earlier if there will be something to do before
 *
 * Context: @cn->rut.lock held.
 * Return: whether anything went.
 */
bool chaos_learned_expire(struct chaos_net *cn, unsigned long *next)
{
	unsigned long life = msecs_to_jiffies(READ_ONCE(cn->conf.rut_expire_ms));
	const struct chaos_route *rt;
	unsigned int subnet;
	bool any = false;

	for (subnet = 1; subnet < CHAOS_SUBNET_COUNT; subnet++) {
		rt = learned_current(cn, subnet);
		if (!rt)
			continue;
		if (time_before(jiffies, rt->heard + life)) {
			if (time_before(rt->heard + life, *next))
				*next = rt->heard + life;
			continue;
		}
		learned_install(cn, subnet, NULL);
		any = true;
	}
	return any;
}

/**
 * chaos_learned_net_exit() - free the table; nobody learns any more
 * @cn: namespace
 */
void chaos_learned_net_exit(struct chaos_net *cn)
{
	unsigned int subnet;

	spin_lock_bh(&cn->rut.lock);
	for (subnet = 1; subnet < CHAOS_SUBNET_COUNT; subnet++)
		if (learned_current(cn, subnet))
			learned_install(cn, subnet, NULL);
	spin_unlock_bh(&cn->rut.lock);
}
