// SPDX-License-Identifier: GPL-2.0-only
/*
 * lo: packets to ourselves.  They go through the device and its queue, so that
 * tcpdump sees them, and no lock of the sender's is held when they arrive.
 */

#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include "iface.h"
#include "input.h"
#include "link.h"

static int loopback_rcv(struct sk_buff *skb, struct net_device *dev,
			struct packet_type *pt, struct net_device *orig_dev)
{
	struct chaos_iface *iface = container_of(pt, struct chaos_iface, pt);

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NET_RX_DROP;
	chaos_rcv(iface, skb);
	return NET_RX_SUCCESS;
}

static int loopback_init(struct chaos_iface *iface)
{
	iface->pt.type = htons(ETH_P_CHAOS);
	iface->pt.func = loopback_rcv;
	return 0;
}

static void loopback_xmit(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop)
{
	chaos_link_send(iface, skb, NULL);
}

static void loopback_xmit_list(struct chaos_iface *iface, struct sk_buff_head *list, u16 nexthop)
{
	chaos_link_send_list(iface, list, NULL);
}

/* Nothing can dispute an address here, and there are no neighbours. */
const struct chaos_link_ops chaos_link_loopback = {
	.name = "loopback",
	.init = loopback_init,
	.xmit = loopback_xmit,
	.xmit_list = loopback_xmit_list,
};
