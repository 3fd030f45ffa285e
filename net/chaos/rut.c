// SPDX-License-Identifier: GPL-2.0-only
/* Routing packets: learning from those of others, sending our own. */

#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "learned.h"
#include "output.h"
#include "packet.h"
#include "rate.h"
#include "route.h"
#include "rut.h"
#include "skb.h"
#include "stats.h"

#define RUT_PAIRS	122		/* what fits into a packet */
#define RUT_COST_MAX	0x7fff		/* beyond it somebody cannot count */
#define RUT_HASTE	(HZ / 50)	/* from a change to the packet, so that changes gather */
#define RUT_BURST	20		/* packets because of changes, at once */
#define RUT_REFILL	(HZ / 4)	/* and one more after this time */
#define RUT_FAREWELLS	3		/* regular packets that tell of what is gone */
#define RUT_RX_BURST	100		/* packets from a link, at once */
#define RUT_RX_REFILL	DIV_ROUND_UP(HZ, 100)

/* Whether routing packets may travel on a link: private subnets keep to themselves. */
static bool rut_allowed(const struct chaos_iface *iface, u16 addr, u8 mode)
{
	return addr && READ_ONCE(iface->rut) >= mode && iface->ops != &chaos_link_loopback &&
	       !chaos_subnet_is_private(iface->cn, chaos_subnet(addr));
}

/* Sending. */

static void rut_send(struct chaos_iface *iface, u16 src, const u16 *words, unsigned int n)
{
	const struct chaos_hdr hdr = { .op = CHAOS_OP_RUT, .len = n * sizeof(*words), .src = src };
	const struct chaos_hop hop = { .iface = iface, .src = src };
	struct chaos_net *cn = iface->cn;
	struct sk_buff *skb;

	skb = chaos_skb_alloc(hdr.len, GFP_ATOMIC);
	if (!skb) {
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	chaos_put_words(skb_put(skb, hdr.len), words, n);
	chaos_skb_push_hdr(skb, &hdr);
	chaos_count(cn, CHAOS_STAT_RUT_TX);
	chaos_output_hop(cn, skb, &hop);
}

/* What to tell of a subnet on a link where we are @src; 0: nothing.  The split horizon:
 * who is on the subnet by which we get there is not told that we do, but that we do not.
 */
static u16 rut_cost(const struct chaos_iface *iface, u16 src, u8 subnet)
{
	struct chaos_net *cn = iface->cn;
	const struct chaos_route *rt = chaos_route_by_subnet(cn, subnet);
	const struct chaos_iface *out = rt ? chaos_route_iface(cn, rt) : NULL;

	if (!out || !chaos_iface_can_send(out) || !READ_ONCE(cn->conf.forwarding) ||
	    chaos_subnet_is_private(cn, subnet) || !rut_allowed(iface, src, CHAOS_RUT_ON))
		return 0;
	if (chaos_subnet(READ_ONCE(out->addr)) == chaos_subnet(src))
		return READ_ONCE(iface->poison) ? CHAOS_COST_CAP : 0;
	return min(chaos_route_cost(rt) + READ_ONCE(iface->cost), CHAOS_COST_CAP);
}

/* The same; but what was told there before, and is no more, is told for a while to be
 * out of reach, also if packets are lost.
 */
static u16 rut_cost_told(struct chaos_iface *iface, u16 src, u8 subnet, bool regular)
{
	u16 cost = rut_cost(iface, src, subnet);
	u8 *told = &iface->rut_told[subnet];

	if (cost && cost < CHAOS_COST_CAP) {
		*told = RUT_FAREWELLS;
	} else if (*told) {
		cost = CHAOS_COST_CAP;
		*told -= regular;
	}
	return cost;
}

static void rut_send_link(struct chaos_iface *iface, bool regular)
{
	u16 words[2 * RUT_PAIRS], src = READ_ONCE(iface->addr);
	unsigned int subnet, n = 0;
	u16 cost;

	if (!src || iface->ops == &chaos_link_loopback || !chaos_iface_can_send(iface))
		return;
	for (subnet = 1; subnet < CHAOS_SUBNET_COUNT; subnet++) {
		if (subnet == chaos_subnet(src))
			continue;
		cost = rut_cost_told(iface, src, subnet, regular);
		if (!cost)
			continue;
		words[n++] = subnet;
		words[n++] = cost;
		if (n == ARRAY_SIZE(words)) {
			rut_send(iface, src, words, n);
			n = 0;
		}
	}
	if (n)
		rut_send(iface, src, words, n);
}

static void rut_send_all(struct chaos_net *cn, bool regular)
{
	struct chaos_iface *iface;

	rcu_read_lock();
	list_for_each_entry_rcu(iface, &cn->ifaces, list)
		rut_send_link(iface, regular);
	rcu_read_unlock();
}

/* When. */

/* 15 seconds, give or take one: bridges must not fall into step. */
static unsigned long rut_interval(const struct chaos_net *cn)
{
	unsigned long mean = msecs_to_jiffies(READ_ONCE(cn->conf.rut_interval_ms));

	return mean - mean / 16 + chaos_random_u16() % (mean / 8 + 1);
}

/* Have rut_work() run at @when, or earlier.  Lock held. */
static void rut_schedule(struct chaos_rut *rut, unsigned long when)
{
	unsigned long now = jiffies;

	if (rut->closed || (delayed_work_pending(&rut->work) && !time_before(when, rut->when)))
		return;
	rut->when = when;
	mod_delayed_work(system_power_efficient_wq, &rut->work,
			 time_after(when, now) ? when - now : 0);
}

/* Neighbours may ask once for each subnet, then not until the next regular packets. */
static void rut_forget_help(struct chaos_net *cn)
{
	struct chaos_iface *iface;

	rcu_read_lock();
	list_for_each_entry_rcu(iface, &cn->ifaces, list)
		bitmap_zero(iface->rut_helped, CHAOS_SUBNET_COUNT);
	rcu_read_unlock();
}

/* What to send now.  Lock held. */
static void rut_decide(struct chaos_net *cn, bool *regular, bool *send)
{
	struct chaos_rut *rut = &cn->rut;
	bool forwarding = READ_ONCE(cn->conf.forwarding);

	/* Who ceases to forward says so for a while. */
	if (forwarding)
		rut->farewells = RUT_FAREWELLS;
	if (!rut->farewells) {
		rut->changed = false;
		return;
	}
	*regular = !time_before(jiffies, rut->next);
	*send = *regular || (rut->changed && chaos_rate_take(&rut->hasty, RUT_REFILL, RUT_BURST));
	if (*send)
		rut->changed = false;
	if (!*regular)
		return;
	rut->next = jiffies + rut_interval(cn);
	rut_forget_help(cn);
	if (!forwarding)
		rut->farewells--;
}

static void rut_work(struct work_struct *work)
{
	struct chaos_net *cn = container_of(to_delayed_work(work), struct chaos_net, rut.work);
	unsigned long never = jiffies + MAX_JIFFY_OFFSET;
	bool regular = false, send = false;
	struct chaos_rut *rut = &cn->rut;
	unsigned long next = never;

	spin_lock_bh(&rut->lock);
	rut->changed |= chaos_learned_expire(cn, &next);
	rut_decide(cn, &regular, &send);
	if (rut->farewells && time_before(rut->next, next))
		next = rut->next;
	if (rut->changed && time_before(rut->hasty + RUT_REFILL, next))
		next = rut->hasty + RUT_REFILL;
	if (next != never)
		rut_schedule(rut, next);
	spin_unlock_bh(&rut->lock);
	if (send)
		rut_send_all(cn, regular);
}

/* Lock held. */
static void rut_hurry(struct chaos_rut *rut)
{
	rut->changed = true;
	rut_schedule(rut, jiffies + RUT_HASTE);
}

/**
 * chaos_rut_changed() - have our neighbours hear of a change soon
 * @cn: namespace, with a change of routes or of settings
 *
 * Context: any but hard interrupts.
 */
void chaos_rut_changed(struct chaos_net *cn)
{
	unsigned long soon = jiffies + msecs_to_jiffies(READ_ONCE(cn->conf.rut_interval_ms));

	spin_lock_bh(&cn->rut.lock);
	if (time_after(cn->rut.next, soon))
		cn->rut.next = soon;	/* the interval is shorter now */
	rut_hurry(&cn->rut);
	spin_unlock_bh(&cn->rut.lock);
}

/**
 * chaos_rut_link() - a link began or ceased to be of use for routing
 * @iface: link; if it ceased, still with its routes
 * @usable: whether it can send and is listened to
 *
 * Context: process, RTNL held.
 */
void chaos_rut_link(struct chaos_iface *iface, bool usable)
{
	if (!usable)
		chaos_learned_drop_iface(iface->cn, iface);
	chaos_rut_changed(iface->cn);
}

/* Receiving. */

/* What is wrong with a packet as a whole; 0 if nothing is. */
static enum chaos_stat rut_check(const struct chaos_iface *iface, const struct chaos_hdr *hdr)
{
	u16 addr = READ_ONCE(iface->addr);
	struct chaos_hop hop;

	if (!rut_allowed(iface, addr, CHAOS_RUT_LISTEN))
		return CHAOS_STAT_DROP_RUT;
	if (chaos_subnet(hdr->src) != chaos_subnet(addr) || (hdr->dst && hdr->dst != addr) ||
	    hdr->fc || chaos_route_lookup(iface->cn, hdr->src, &hop) ||
	    hop.iface != iface || hop.nexthop != hdr->src)
		return CHAOS_STAT_DROP_RUT_SOURCE;
	if (!hdr->len || hdr->len % 4)
		return CHAOS_STAT_DROP_RUT_MALFORMED;
	return 0;
}

/* A neighbour does not reach a subnet: can we help?  Lock held. */
static bool rut_can_help(struct chaos_iface *iface, u8 subnet)
{
	u16 cost = rut_cost(iface, READ_ONCE(iface->addr), subnet);

	return cost && cost < CHAOS_COST_CAP && !__test_and_set_bit(subnet, iface->rut_helped);
}

/* Whether our neighbours should hear of it soon. */
static bool rut_learn(struct chaos_iface *iface, u16 via, u16 subnet, u16 cost)
{
	struct chaos_net *cn = iface->cn;

	if (!subnet || subnet >= CHAOS_SUBNET_COUNT || chaos_subnet_is_private(cn, subnet)) {
		chaos_count(cn, CHAOS_STAT_RUT_BAD_SUBNET);
		return false;
	}
	if (!cost || cost > RUT_COST_MAX) {
		chaos_count(cn, CHAOS_STAT_RUT_BAD_COST);
		return false;
	}
	return chaos_learned_tell(cn, subnet, via, cost) ||
	       (cost >= CHAOS_COST_CAP && rut_can_help(iface, subnet));
}

/**
 * chaos_rut_rcv() - a routing packet from a link
 * @iface: the link
 * @skb: starts with the data, described in skb->cb; consumed
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_rut_rcv(struct chaos_iface *iface, struct sk_buff *skb)
{
	const struct chaos_hdr *hdr = &chaos_pkt(skb)->hdr;
	enum chaos_stat reason = rut_check(iface, hdr);
	struct chaos_net *cn = iface->cn;
	bool changed = false;
	unsigned int i;
	u16 subnet, cost;

	if (reason) {
		chaos_drop(cn, skb, reason, hdr);
		return;
	}
	spin_lock(&cn->rut.lock);
	if (!chaos_rate_take(&iface->rut_clock, RUT_RX_REFILL, RUT_RX_BURST)) {
		spin_unlock(&cn->rut.lock);
		chaos_drop(cn, skb, CHAOS_STAT_DROP_RUT_RATE, hdr);
		return;
	}
	chaos_count(cn, CHAOS_STAT_RUT_RX);
	for (i = 0; i < hdr->len; i += 4) {
		subnet = chaos_get_word(skb->data + i, 0);
		cost = chaos_get_word(skb->data + i, 1);
		changed |= rut_learn(iface, hdr->src, subnet, cost);
	}
	if (changed)
		rut_hurry(&cn->rut);
	rut_schedule(&cn->rut, jiffies + msecs_to_jiffies(READ_ONCE(cn->conf.rut_expire_ms)));
	spin_unlock(&cn->rut.lock);
	consume_skb(skb);
}

/**
 * chaos_rut_net_init() - for a new namespace
 * @cn: namespace
 */
void chaos_rut_net_init(struct chaos_net *cn)
{
	struct chaos_rut *rut = &cn->rut;

	spin_lock_init(&rut->lock);
	INIT_DELAYED_WORK(&rut->work, rut_work);
	rut->next = jiffies;
	rut->hasty = jiffies - RUT_BURST * RUT_REFILL;
}

/**
 * chaos_rut_net_exit() - the namespace goes; its links have gone
 * @cn: namespace
 */
void chaos_rut_net_exit(struct chaos_net *cn)
{
	spin_lock_bh(&cn->rut.lock);
	cn->rut.closed = true;
	spin_unlock_bh(&cn->rut.lock);
	cancel_delayed_work_sync(&cn->rut.work);
	chaos_learned_net_exit(cn);
}
