// SPDX-License-Identifier: GPL-2.0-only
/* BRD, on the way in: once for this host, and each subnet of its map once for others. */

#include <linux/jiffies.h>

#include "broadcast.h"
#include "listen.h"
#include "skb.h"
#include "stats.h"

/* Copies that come by other ways, or back from a bridge, do so within this time;
 * senders repeat a BRD after half a second or more.
 */
#define ECHO_TIME	(HZ / 4)

/* Whether this BRD was here a moment ago.  Of the subnets that this copy asks for those
 * stay in @asked that no copy before did: who sends a BRD by several bridges divides
 * the subnets among them, and ways meet again.
 *
 * A BRD that needs the same slot displaces the older one, whose copies are then not
 * known any more; that is harmless as long as bridges limit how many they send on.
 */
static bool broadcast_is_echo(struct chaos_net *cn, const struct chaos_hdr *hdr,
			      unsigned long *asked)
{
	u32 from = (u32)hdr->src << 16 | hdr->sidx;
	struct chaos_broadcast_seen *seen;
	bool echo;

	seen = &cn->broadcasts[chaos_hash(from, hdr->num) % ARRAY_SIZE(cn->broadcasts)];
	spin_lock(&cn->broadcast_lock);
	echo = seen->from == from && seen->num == hdr->num &&
	       time_before(jiffies, seen->stamp + ECHO_TIME);
	if (!echo) {
		seen->from = from;
		seen->num = hdr->num;
		seen->stamp = jiffies;
		bitmap_zero(seen->asked, CHAOS_SUBNET_COUNT);
	}
	bitmap_andnot(asked, asked, seen->asked, CHAOS_SUBNET_COUNT);
	bitmap_or(seen->asked, seen->asked, asked, CHAOS_SUBNET_COUNT);
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
	DECLARE_BITMAP(asked, CHAOS_SUBNET_COUNT);
	struct chaos_net *cn = iface->cn;
	u16 addr = READ_ONCE(iface->addr);
	bool echo;

	if (!hdr.ack || hdr.ack % 4 || hdr.ack > hdr.len) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_MALFORMED, &hdr);
		return;
	}
	if (!addr) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_BROADCAST, &hdr);
		return;
	}
	chaos_broadcast_get_map(asked, skb->data, hdr.ack);
	echo = broadcast_is_echo(cn, &hdr, asked);
	chaos_broadcast_forward(iface, skb, asked);
	if (echo) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_DUPLICATE, &hdr);
		return;
	}
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
	chaos_broadcast_forward_init(cn);
}
