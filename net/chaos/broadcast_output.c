// SPDX-License-Identifier: GPL-2.0-only
/* BRD, on the way out: one copy for each link or bridge. */

#include "broadcast.h"
#include "output.h"
#include "route.h"
#include "skb.h"
#include "stats.h"

/**
 * chaos_broadcast_get_map() - read a packet's map of subnets
 * @subnets: result, CHAOS_SUBNET_COUNT bits
 * @map: the map
 * @len: its length; bits that are not there are 0, and more subnets do not exist
 */
void chaos_broadcast_get_map(unsigned long *subnets, const u8 *map, unsigned int len)
{
	unsigned int i;

	bitmap_zero(subnets, CHAOS_SUBNET_COUNT);
	for (i = 0; i < len && i < CHAOS_SUBNET_MAP; i++)
		bitmap_set_value8(subnets, map[i], 8 * i);
	__clear_bit(0, subnets);
}

static void put_map(u8 *map, unsigned int len, const unsigned long *subnets)
{
	unsigned int i;

	memset(map, 0, len);
	for (i = 0; i < len && i < CHAOS_SUBNET_MAP; i++)
		map[i] = bitmap_get_value8(subnets, 8 * i);
}

/* Private subnets are nobody else's business: where one is involved, source, link and
 * destination must be the same.
 */
static bool broadcast_is_public(struct chaos_net *cn, u8 from, u8 link, u8 to)
{
	if (from == to && link == to)
		return true;
	return !chaos_subnet_is_private(cn, from) && !chaos_subnet_is_private(cn, link) &&
	       !chaos_subnet_is_private(cn, to);
}

/* Whether a subnet, of those that shall be reached, is a link's own, where all hosts
 * get a copy.
 */
static bool broadcast_on_link(struct chaos_net *cn, const struct chaos_broadcast *brd,
			      const struct chaos_hop *link)
{
	u8 subnet = chaos_subnet(link->src);
	struct chaos_hop hop;

	return test_bit(subnet, brd->to) && !chaos_route_subnet(cn, subnet, &hop) &&
	       !hop.nexthop && hop.iface == link->iface;
}

/* Where the copy for a subnet goes: to all hosts on its link, or those on the way
 * there, which include the bridge; or to the bridge alone.
 */
static int broadcast_hop(struct chaos_net *cn, const struct chaos_broadcast *brd,
			 unsigned int subnet, struct chaos_hop *hop)
{
	int err = chaos_route_subnet(cn, subnet, hop);
	u8 link;

	if (err)
		return err;
	link = chaos_subnet(hop->src);
	if (!broadcast_is_public(cn, chaos_subnet(brd->hdr.src), link, subnet))
		return -ENETUNREACH;
	if (!hop->nexthop)
		return 0;
	if (brd->heard && link == brd->came_by)
		return -ENETUNREACH;
	if (broadcast_on_link(cn, brd, hop))
		hop->nexthop = 0;
	return 0;
}

/**
 * chaos_broadcast_source() - from which address of ours to send a BRD
 * @cn: namespace
 * @subnets: map of the subnets where it shall go
 * @src: result: the address on the first link by which it would go now, on one that
 *	is not private if there is a choice
 *
 * Context: any but hard interrupts.
 * Return: 0, or -ENETUNREACH if it would go nowhere.
 */
int chaos_broadcast_source(struct chaos_net *cn, const u8 *subnets, u16 *src)
{
	DECLARE_BITMAP(to, CHAOS_SUBNET_COUNT);
	int err = -ENETUNREACH;
	unsigned int subnet;
	struct chaos_hop hop;

	chaos_broadcast_get_map(to, subnets, CHAOS_SUBNET_MAP);
	rcu_read_lock();
	for_each_set_bit(subnet, to, CHAOS_SUBNET_COUNT) {
		u8 link;

		if (chaos_route_subnet(cn, subnet, &hop))
			continue;
		link = chaos_subnet(hop.src);
		if (!broadcast_is_public(cn, link, link, subnet))
			continue;
		if (!err && chaos_subnet_is_private(cn, link))
			continue;
		*src = hop.src;
		err = 0;
		if (!chaos_subnet_is_private(cn, link))
			break;
	}
	rcu_read_unlock();
	return err;
}

/* Move those subnets from @left to @part whose copy is the same as that for @first,
 * for which @hop is the way.
 */
static void broadcast_collect(struct chaos_net *cn, const struct chaos_broadcast *brd,
			      unsigned long *left, unsigned long *part, unsigned int first,
			      const struct chaos_hop *hop)
{
	unsigned int subnet = first;
	struct chaos_hop other;

	bitmap_zero(part, CHAOS_SUBNET_COUNT);
	for_each_set_bit_from(subnet, left, CHAOS_SUBNET_COUNT) {
		if (subnet != first &&
		    (broadcast_hop(cn, brd, subnet, &other) || other.iface != hop->iface ||
		     other.nexthop != hop->nexthop))
			continue;
		__clear_bit(subnet, left);
		__set_bit(subnet, part);
	}
}

/* The packet with a map of its own; who receives packets may need the old one. */
static int broadcast_copy(struct chaos_net *cn, const struct chaos_broadcast *brd,
			  const unsigned long *part, const struct chaos_hop *hop)
{
	struct sk_buff *skb = chaos_skb_data(brd->hdr.op, brd->data, brd->hdr.len, GFP_ATOMIC);

	if (!skb) {
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return -ENOBUFS;
	}
	put_map(skb->data, brd->hdr.ack, part);
	chaos_skb_push_hdr(skb, &brd->hdr);
	chaos_output_hop(cn, skb, hop);
	return 0;
}

/**
 * chaos_broadcast_copies() - send a BRD to the subnets it shall reach
 * @cn: namespace
 * @brd: the BRD
 *
 * All hosts of each direct subnet get a copy; it has the bits of the subnets behind
 * that one's bridges, and, if the BRD is our own, of that subnet.  Where only subnets
 * behind a bridge are wanted, it goes to the bridge alone.  No subnet's bit is in two
 * copies, so that bridges make no more of them than need be.  Left out are subnets
 * without a route, or whose link is down, private ones but for their own hosts, and
 * what other bridges that have heard it must do.  Of several links on one subnet that
 * is used which has the route.
 *
 * Context: RCU read side, any but hard interrupts, no locks that input takes.
 * Return: how many were sent, or why none was: -ENETUNREACH, -ENOBUFS.
 */
int chaos_broadcast_copies(struct chaos_net *cn, const struct chaos_broadcast *brd)
{
	DECLARE_BITMAP(left, CHAOS_SUBNET_COUNT);
	DECLARE_BITMAP(part, CHAOS_SUBNET_COUNT);
	int sent = 0, err = -ENETUNREACH;
	struct chaos_hop hop;
	unsigned int subnet;

	bitmap_copy(left, brd->to, CHAOS_SUBNET_COUNT);
	for_each_set_bit(subnet, left, CHAOS_SUBNET_COUNT) {
		if (broadcast_hop(cn, brd, subnet, &hop))
			continue;
		broadcast_collect(cn, brd, left, part, subnet, &hop);
		/* AIM 628 section 4.5: a bridge turns off those where it sends. */
		if (brd->came_by && !hop.nexthop)
			__clear_bit(chaos_subnet(hop.src), part);
		err = broadcast_copy(cn, brd, part, &hop);
		if (!err)
			sent++;
	}
	return sent ?: err;
}

/**
 * chaos_broadcast_output() - send a BRD of our own on its way (AIM 628 section 4.5)
 * @cn: namespace
 * @skb: starts with a complete header: destination 0, acknowledgment
 *	CHAOS_SUBNET_MAP, which is the length of the map in front of the contact
 *	name; consumed
 *
 * Context: any but hard interrupts, no locks that input takes.
 * Return: 0, or why nothing was sent: -ENETUNREACH, -ENOBUFS.
 */
int chaos_broadcast_output(struct chaos_net *cn, struct sk_buff *skb)
{
	struct chaos_broadcast brd = { .data = skb->data + CHAOS_HDR_LEN };
	int sent;

	chaos_hdr_parse(&brd.hdr, skb->data, skb->len);
	chaos_broadcast_get_map(brd.to, brd.data, CHAOS_SUBNET_MAP);
	rcu_read_lock();
	sent = chaos_broadcast_copies(cn, &brd);
	rcu_read_unlock();
	if (sent == -ENETUNREACH)
		chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_ROUTE, &brd.hdr);
	else
		consume_skb(skb);
	return min(sent, 0);
}
