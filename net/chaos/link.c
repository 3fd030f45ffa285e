// SPDX-License-Identifier: GPL-2.0-only
/* Handing packets to a net_device. */

#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include "input.h"
#include "link.h"
#include "packet.h"

/**
 * chaos_link_drop() - drop a packet that cannot be sent
 * @iface: link it should have left by
 * @skb: packet, from the Chaosnet header on; consumed
 * @reason: counter of the namespace
 * @link_stat: counter of the link, CHAOS_LINK_STAT_*
 *
 * Context: any but hard interrupts.
 */
void chaos_link_drop(struct chaos_iface *iface, struct sk_buff *skb,
		     enum chaos_stat reason, int link_stat)
{
	struct chaos_hdr hdr;
	bool parsed;

	parsed = chaos_hdr_parse(&hdr, skb->data, skb_headlen(skb)) != CHAOS_PARSE_SHORT;
	chaos_iface_count(iface, link_stat, 1);
	chaos_drop(iface->cn, skb, reason, parsed ? &hdr : NULL);
}

/**
 * chaos_link_send() - put a packet into an Ethernet frame and send it
 * @iface: link
 * @skb: packet, from the Chaosnet header on; consumed
 * @lladdr: hardware address of the next hop; NULL on lo, which has none
 *
 * Context: any but hard interrupts; RCU read side, or what else keeps @iface.
 */
void chaos_link_send(struct chaos_iface *iface, struct sk_buff *skb, const u8 *lladdr)
{
	struct net_device *dev = iface->dev;
	unsigned int len = skb->len;
	int rc;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(dev))) {
		chaos_link_drop(iface, skb, CHAOS_STAT_DROP_NO_MEMORY, CHAOS_LINK_STAT_LOST);
		return;
	}
	skb->dev = dev;
	skb->protocol = htons(ETH_P_CHAOS);
	skb_reset_network_header(skb);
	if (dev_hard_header(skb, dev, ETH_P_CHAOS, lladdr, NULL, skb->len) < 0) {
		chaos_link_drop(iface, skb, CHAOS_STAT_DROP_LINK_DOWN, CHAOS_LINK_STAT_ABORTED);
		return;
	}

	rc = dev_queue_xmit(skb);
	if (rc < 0) {
		chaos_iface_count(iface, CHAOS_LINK_STAT_ABORTED, 1);
	} else if (net_xmit_eval(rc)) {
		chaos_iface_count(iface, CHAOS_LINK_STAT_LOST, 1);
	} else {
		chaos_iface_count(iface, CHAOS_LINK_STAT_TRANSMITTED, 1);
		chaos_iface_count(iface, CHAOS_LINK_STAT_TX_BYTES, len);
	}
}
