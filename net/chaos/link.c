// SPDX-License-Identifier: GPL-2.0-only
/* Taking packets from a net_device and handing them to one. */

#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include "input.h"
#include "link.h"
#include "packet.h"

/**
 * chaos_link_rcv() - handler of a link's Chaosnet packets, as of dev_add_pack()
 * @skb: packet, may be shared; consumed
 * @dev: device
 * @pt: chaos_iface.pt
 * @orig_dev: not looked at
 *
 * Return: NET_RX_*.
 */
int chaos_link_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
		   struct net_device *orig_dev)
{
	struct chaos_iface *iface = container_of(pt, struct chaos_iface, pt);

	if (skb->pkt_type == PACKET_OTHERHOST || skb->pkt_type == PACKET_LOOPBACK) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NET_RX_DROP;
	chaos_rcv(iface, skb);
	return NET_RX_SUCCESS;
}

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

/* Put a packet into a frame and send it.  Return: its bytes, 0 if it was dropped. */
static unsigned int link_send_one(struct chaos_iface *iface, struct sk_buff *skb, const u8 *lladdr)
{
	struct net_device *dev = iface->dev;
	unsigned int len = skb->len;
	int rc;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(dev))) {
		chaos_link_drop(iface, skb, CHAOS_STAT_DROP_NO_MEMORY, CHAOS_LINK_STAT_LOST);
		return 0;
	}
	skb->dev = dev;
	skb->protocol = htons(ETH_P_CHAOS);
	skb_reset_network_header(skb);
	if (dev_hard_header(skb, dev, ETH_P_CHAOS, lladdr, NULL, skb->len) < 0) {
		chaos_link_drop(iface, skb, CHAOS_STAT_DROP_LINK_DOWN, CHAOS_LINK_STAT_ABORTED);
		return 0;
	}

	rc = dev_queue_xmit(skb);
	if (!net_xmit_eval(rc))
		return len;
	chaos_iface_count(iface, rc < 0 ? CHAOS_LINK_STAT_ABORTED : CHAOS_LINK_STAT_LOST, 1);
	return 0;
}

static void link_count_sent(struct chaos_iface *iface, unsigned int packets, unsigned int bytes)
{
	chaos_iface_count(iface, CHAOS_LINK_STAT_TRANSMITTED, packets);
	chaos_iface_count(iface, CHAOS_LINK_STAT_TX_BYTES, bytes);
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
	unsigned int len = link_send_one(iface, skb, lladdr);

	if (len)
		link_count_sent(iface, 1, len);
}

/**
 * chaos_link_send_list() - the same for several packets
 * @iface: link
 * @list: packets; empty afterwards
 * @lladdr: hardware address of their next hop
 *
 * Context: as chaos_link_send().
 */
void chaos_link_send_list(struct chaos_iface *iface, struct sk_buff_head *list, const u8 *lladdr)
{
	unsigned int packets = 0, bytes = 0, len;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list))) {
		len = link_send_one(iface, skb, lladdr);
		packets += !!len;
		bytes += len;
	}
	link_count_sent(iface, packets, bytes);
}
