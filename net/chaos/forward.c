// SPDX-License-Identifier: GPL-2.0-only
/* The way through: from one link to another. */

#include <linux/netdevice.h>

#include "filter.h"
#include "forward.h"
#include "output.h"
#include "packet.h"
#include "route.h"
#include "stats.h"

/* In the second header word, low byte first, above the byte count. */
#define FORWARD_BYTE	3
#define FORWARD_ONE	0x10

/**
 * chaos_forward_allowed() - may packets from one host to another pass through?
 * @cn: namespace
 * @src: host address
 * @dst: host address
 *
 * Context: any.
 * Return: 0, -EPERM (forwarding is off) or -EACCES (private subnet).
 */
int chaos_forward_allowed(struct chaos_net *cn, u16 src, u16 dst)
{
	u8 from = chaos_subnet(src), to = chaos_subnet(dst);

	if (!READ_ONCE(cn->conf.forwarding))
		return -EPERM;
	if (from != to && (chaos_subnet_is_private(cn, from) || chaos_subnet_is_private(cn, to)))
		return -EACCES;
	return 0;
}

/**
 * chaos_forward_count() - one more host has passed it on
 * @skb: starts with the header, which is linear and may be written; its
 *	forwarding count is below CHAOS_HOPS_MAX
 */
void chaos_forward_count(struct sk_buff *skb)
{
	skb->data[FORWARD_BYTE] += FORWARD_ONE;
}

/* Why this packet goes no further; 0 if it does. */
static enum chaos_stat forward_check(struct chaos_net *cn, const struct sk_buff *skb,
				     const struct chaos_hdr *hdr)
{
	int err = chaos_forward_allowed(cn, hdr->src, hdr->dst);

	if (err)
		return err == -EPERM ? CHAOS_STAT_DROP_NOT_HERE : CHAOS_STAT_DROP_PRIVATE;
	/* Whoever sends to all may reach other bridges, too, and they would do the same. */
	if (skb->pkt_type != PACKET_HOST)
		return CHAOS_STAT_DROP_LINK_CAST;
	if (hdr->op == CHAOS_OP_RUT)
		return CHAOS_STAT_DROP_RUT_SOURCE;
	if (skb_is_gso(skb))		/* a virtual machine's joke */
		return CHAOS_STAT_DROP_MALFORMED;
	if (hdr->fc + 1 >= CHAOS_HOPS_MAX)
		return CHAOS_STAT_DROP_HOPS;
	if (hdr->op == CHAOS_OP_RFC &&
	    !chaos_filter_allows(cn, CHAOS_RULE_HOOK_FORWARD, hdr, skb->data + CHAOS_HDR_LEN,
				 hdr->len))
		return CHAOS_STAT_DROP_FILTER;
	return 0;
}

/**
 * chaos_forward() - a packet for another host (AIM 628 section 3.7)
 * @iface: link it came from
 * @skb: starts with the header, ends with the packet; consumed
 * @hdr: its header, decoded
 *
 * It may leave by the link it came from: hosts that know no better send to any
 * bridge.
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_forward(struct chaos_iface *iface, struct sk_buff *skb, const struct chaos_hdr *hdr)
{
	struct chaos_net *cn = iface->cn;
	enum chaos_stat reason = forward_check(cn, skb, hdr);
	struct chaos_hop hop;
	int err;

	if (reason)
		goto drop;
	err = chaos_route_lookup(cn, hdr->dst, &hop);
	if (err) {
		reason = chaos_output_error_stat(err);
		goto drop;
	}
	if (hdr->dst != hop.nexthop && chaos_subnet_is_private(cn, chaos_subnet(hop.src))) {
		reason = CHAOS_STAT_DROP_PRIVATE;	/* it would only pass through there */
		goto drop;
	}
	if (skb_cow_head(skb, LL_RESERVED_SPACE(hop.iface->dev))) {
		reason = CHAOS_STAT_DROP_NO_MEMORY;
		goto drop;
	}
	chaos_forward_count(skb);
	skb->ip_summed = CHECKSUM_NONE;
	skb_clear_tstamp(skb);
	chaos_count(cn, CHAOS_STAT_FORWARDED);
	chaos_output_hop(cn, skb, &hop);
	return;

drop:
	chaos_drop(cn, skb, reason, hdr);
}
