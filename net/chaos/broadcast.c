// SPDX-License-Identifier: GPL-2.0-only
/* BRD: one copy for each link or bridge on the way out; once each on the way in. */

#include <linux/jiffies.h>
#include <linux/string.h>

#include "broadcast.h"
#include "listen.h"
#include "output.h"
#include "route.h"
#include "skb.h"
#include "stats.h"

/* Copies that come by other ways, or back from a bridge, do so within this time;
 * senders repeat a BRD after half a second or more.
 */
#define ECHO_TIME	(HZ / 4)

/* Sending. */

static bool map_has(const u8 *map, unsigned int subnet)
{
	return map[subnet / 8] & BIT(subnet % 8);
}

static void map_set(u8 *map, unsigned int subnet)
{
	map[subnet / 8] |= BIT(subnet % 8);
}

static void map_clear(u8 *map, unsigned int subnet)
{
	map[subnet / 8] &= ~BIT(subnet % 8);
}

/* Whether a subnet, of those in @map, is a link's own, where all hosts get a copy. */
static bool broadcast_on_link(struct chaos_net *cn, const u8 *map, const struct chaos_hop *link)
{
	u8 subnet = chaos_subnet(link->src);
	struct chaos_hop hop;

	return map_has(map, subnet) && !chaos_route_subnet(cn, subnet, &hop) &&
	       !hop.nexthop && hop.iface == link->iface;
}

/* Where the copy for a subnet goes: to all hosts on its link, or those on the way
 * there, which include the bridge; or to the bridge alone.
 */
static int broadcast_hop(struct chaos_net *cn, const u8 *map, unsigned int subnet,
			 struct chaos_hop *hop)
{
	int err = chaos_route_subnet(cn, subnet, hop);

	if (!err && hop->nexthop && broadcast_on_link(cn, map, hop))
		hop->nexthop = 0;
	return err;
}

/**
 * chaos_broadcast_source() - from which address of ours to send a BRD
 * @cn: namespace
 * @subnets: map of the subnets where it shall go
 * @src: result: the address on the first link by which it would go now
 *
 * Context: any but hard interrupts.
 * Return: 0, or -ENETUNREACH if it would go nowhere.
 */
int chaos_broadcast_source(struct chaos_net *cn, const u8 *subnets, u16 *src)
{
	int subnet, err = -ENETUNREACH;
	struct chaos_hop hop;

	rcu_read_lock();
	for (subnet = 1; subnet < 8 * CHAOS_SUBNET_MAP && err; subnet++)
		if (map_has(subnets, subnet) && !chaos_route_subnet(cn, subnet, &hop)) {
			*src = hop.src;
			err = 0;
		}
	rcu_read_unlock();
	return err;
}

/* Move those subnets from @left to @part whose copy is the same as that for @first,
 * for which @hop is the way.
 */
static void broadcast_collect(struct chaos_net *cn, const u8 *map, u8 *left, u8 *part,
			      unsigned int first, const struct chaos_hop *hop)
{
	struct chaos_hop other;
	unsigned int subnet;

	memset(part, 0, CHAOS_SUBNET_MAP);
	for (subnet = first; subnet < 8 * CHAOS_SUBNET_MAP; subnet++) {
		if (!map_has(left, subnet))
			continue;
		if (subnet != first &&
		    (broadcast_hop(cn, map, subnet, &other) || other.iface != hop->iface ||
		     other.nexthop != hop->nexthop))
			continue;
		map_clear(left, subnet);
		map_set(part, subnet);
	}
}

static int broadcast_copy(struct chaos_net *cn, const struct sk_buff *skb, const u8 *part,
			  const struct chaos_hop *hop)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);

	if (!copy) {
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return -ENOBUFS;
	}
	memcpy(copy->data + CHAOS_HDR_LEN, part, CHAOS_SUBNET_MAP);
	chaos_output_hop(cn, copy, hop);
	return 0;
}

/**
 * chaos_broadcast_output() - send a BRD on its way (AIM 628 section 4.5)
 * @cn: namespace
 * @skb: starts with a complete header: destination 0, acknowledgment
 *	CHAOS_SUBNET_MAP, which is the length of the map in front of the contact
 *	name; consumed
 *
 * All hosts of each direct subnet in the map get a copy; it keeps the bits of that
 * subnet and of those behind its bridges.  Where only subnets behind a bridge are
 * wanted, it goes to the bridge alone.  No subnet's bit is in two copies, so that
 * bridges make no more of them than need be.  Subnets without a route, or whose
 * link is down, are left out; of several links on one subnet that is used which has
 * the route.
 *
 * Context: any but hard interrupts, no locks that input takes.
 * Return: 0, or why nothing was sent: -ENETUNREACH, -ENOBUFS.
 */
int chaos_broadcast_output(struct chaos_net *cn, struct sk_buff *skb)
{
	u8 map[CHAOS_SUBNET_MAP], left[CHAOS_SUBNET_MAP], part[CHAOS_SUBNET_MAP];
	unsigned int subnet, sent = 0;
	int err = -ENETUNREACH;
	struct chaos_hop hop;

	memcpy(map, skb->data + CHAOS_HDR_LEN, sizeof(map));
	memcpy(left, map, sizeof(left));
	rcu_read_lock();
	for (subnet = 1; subnet < 8 * CHAOS_SUBNET_MAP; subnet++) {
		if (!map_has(left, subnet) || broadcast_hop(cn, map, subnet, &hop))
			continue;
		broadcast_collect(cn, map, left, part, subnet, &hop);
		err = broadcast_copy(cn, skb, part, &hop);
		if (!err)
			sent++;
	}
	rcu_read_unlock();
	if (err == -ENETUNREACH)
		chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_ROUTE, NULL);
	else
		consume_skb(skb);
	return sent ? 0 : err;
}

/* Receiving. */

/* Whether this BRD was here a moment ago.  A BRD that needs the same slot displaces
 * the older one, whose copies are then not known any more; that is harmless.
 */
static bool broadcast_is_echo(struct chaos_net *cn, const struct chaos_hdr *hdr)
{
	u32 from = (u32)hdr->src << 16 | hdr->sidx;
	struct chaos_broadcast_seen *seen;
	bool echo;

	seen = &cn->broadcasts[chaos_hash(from, hdr->num) % ARRAY_SIZE(cn->broadcasts)];
	spin_lock(&cn->broadcast_lock);
	echo = seen->from == from && seen->num == hdr->num &&
	       time_before(jiffies, seen->stamp + ECHO_TIME);
	if (!echo)
		*seen = (struct chaos_broadcast_seen) {
			.from = from, .num = hdr->num, .stamp = jiffies,
		};
	spin_unlock(&cn->broadcast_lock);
	return echo;
}

/* Make it look like an RFC that was sent to our address on the link. */
static void broadcast_strip(struct sk_buff *skb, u16 addr)
{
	struct ncp_pkt *pkt = chaos_pkt(skb);

	__skb_pull(skb, pkt->hdr.ack);
	pkt->data = skb->data;
	pkt->hdr.len -= pkt->hdr.ack;
	pkt->hdr.ack = 0;
	pkt->hdr.dst = addr;
	pkt->hdr.didx = 0;
}

/**
 * chaos_broadcast_rcv() - a BRD from a link (AIM 628 section 4.5)
 * @iface: the link
 * @skb: starts with the data, described in skb->cb; consumed
 *
 * Our subnet's bit need not be set: bridges clear it before they broadcast.
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_broadcast_rcv(struct chaos_iface *iface, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	struct chaos_net *cn = iface->cn;
	u16 addr = READ_ONCE(iface->addr);
	enum chaos_stat reason;

	if (!hdr.ack || hdr.ack % 4 || hdr.ack > hdr.len)
		reason = CHAOS_STAT_DROP_MALFORMED;
	else if (!addr)
		reason = CHAOS_STAT_DROP_BROADCAST;
	else if (broadcast_is_echo(cn, &hdr))
		reason = CHAOS_STAT_DROP_DUPLICATE;
	else
		goto deliver;
	chaos_drop(cn, skb, reason, &hdr);
	return;

deliver:
	broadcast_strip(skb, addr);
	chaos_count(cn, CHAOS_STAT_DELIVERED);
	chaos_listen_rcv(cn, skb);
}

/**
 * chaos_broadcast_net_init() - for a new namespace
 * @cn: namespace
 */
void chaos_broadcast_net_init(struct chaos_net *cn)
{
	/* No host has address 0, so no slot matches anything yet. */
	spin_lock_init(&cn->broadcast_lock);
}
