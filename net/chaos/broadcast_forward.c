// SPDX-License-Identifier: GPL-2.0-only
/*
 * BRD, on the way through: the bridge's part of AIM 628 section 4.5.
 *
 * The bit of the subnet it came from is turned off, and those of all subnets where we
 * broadcast it, before any copy is made.  What lies behind bridges on the link it came
 * from is theirs to reach if they have heard it; only if it was sent to us alone is it
 * sent back there, to the right bridge alone.
 *
 * What ends a loop: bits that are turned off, the forwarding count, and that no bridge
 * acts on a bit twice (broadcast.c), unless a flood of BRDs makes it forget; against
 * that there is the limit here, for as AIM 628 says BRDs are a load on every host.
 */

#include "broadcast.h"
#include "filter.h"
#include "forward.h"
#include "rate.h"
#include "route.h"
#include "skb.h"
#include "stats.h"
#include "trace.h"

#define INTERVAL	DIV_ROUND_UP(HZ, 20)	/* jiffies for each BRD in the long run */
#define BURST		50			/* BRDs at once */

/**
 * chaos_broadcast_forward_init() - for a new namespace
 * @cn: namespace
 */
void chaos_broadcast_forward_init(struct chaos_net *cn)
{
	cn->broadcast_clock = jiffies - BURST * INTERVAL;
}

static bool forward_within_rate(struct chaos_net *cn)
{
	bool within;

	spin_lock(&cn->broadcast_lock);
	within = chaos_rate_take(&cn->broadcast_clock, INTERVAL, BURST);
	spin_unlock(&cn->broadcast_lock);
	return within;
}

/* Why nobody else may have it; 0 if they may. */
static enum chaos_stat forward_check(struct chaos_net *cn, const struct chaos_broadcast *brd)
{
	const struct chaos_hdr *hdr = &brd->hdr;

	if (chaos_subnet_is_private(cn, chaos_subnet(hdr->src)))
		return CHAOS_STAT_DROP_PRIVATE;
	if (hdr->fc + 1 >= CHAOS_HOPS_MAX)
		return CHAOS_STAT_DROP_HOPS;
	if (!chaos_filter_allows(cn, CHAOS_RULE_HOOK_FORWARD, hdr, brd->data + hdr->ack,
				 hdr->len - hdr->ack))
		return CHAOS_STAT_DROP_FILTER;
	if (!forward_within_rate(cn))
		return CHAOS_STAT_DROP_BRD_RATE;
	return 0;
}

/**
 * chaos_broadcast_forward() - send a BRD on to other subnets, if we are a bridge
 * @iface: the link it came by
 * @skb: starts with the data, described in skb->cb; still the caller's
 * @asked: subnets of its map that no copy before had; none are left to do if it was here
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_broadcast_forward(struct chaos_iface *iface, const struct sk_buff *skb,
			     const unsigned long *asked)
{
	struct chaos_broadcast brd = {
		.hdr = chaos_pkt(skb)->hdr,
		.data = skb->data,
		.came_by = chaos_subnet(READ_ONCE(iface->addr)),
		.heard = skb->pkt_type != PACKET_HOST,
	};
	struct chaos_net *cn = iface->cn;
	enum chaos_stat reason;
	int sent;

	if (!READ_ONCE(cn->conf.forwarding))
		return;
	bitmap_andnot(brd.to, asked, cn->private, CHAOS_SUBNET_COUNT);
	__clear_bit(brd.came_by, brd.to);
	if (bitmap_empty(brd.to, CHAOS_SUBNET_COUNT))
		return;
	reason = forward_check(cn, &brd);
	if (reason) {
		trace_chaos_drop(reason, &brd.hdr);
		chaos_count(cn, reason);
		return;
	}
	brd.hdr.fc++;
	for (sent = chaos_broadcast_copies(cn, &brd); sent > 0; sent--)
		chaos_count(cn, CHAOS_STAT_BRD_FORWARDED);
}
