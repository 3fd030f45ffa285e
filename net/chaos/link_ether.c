// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chaosnet on Ethernet (type 0x0804, Ethernet II) and its ARP, as in RFC 826:
 * what arrives, and what the device's ups and downs mean.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>

#include "arp.h"
#include "dad.h"
#include "iface.h"
#include "link.h"
#include "neigh.h"
#include "packet.h"
#include "proxy.h"
#include "stats.h"

/* An ARP packet about our own address on the link. */
static void ether_arp_ours(struct chaos_iface *iface, const struct chaos_arp *arp, u16 addr)
{
	bool ask = arp->op == ARPOP_REQUEST;

	if (arp->sip == addr)
		chaos_dad_conflict(iface, arp->sha, true);
	else if (!arp->sip)
		chaos_dad_conflict(iface, arp->sha, false);
	else
		chaos_neigh_learn(iface, arp->sip, arp->sha, ask);

	if (ask && arp->sip != addr)
		chaos_arp_send(iface, ARPOP_REPLY, addr, arp->sip, arp->sha);
}

/* One about another host: who asks us for it is going to send us its packets. */
static void ether_arp_others(struct chaos_iface *iface, const struct chaos_arp *arp)
{
	bool proxy = chaos_proxy_answers(iface, arp);

	if (arp->sip && (proxy || arp->tip == arp->sip))
		chaos_neigh_learn(iface, arp->sip, arp->sha, proxy);
	if (proxy) {
		chaos_count(iface->cn, CHAOS_STAT_ARP_PROXY);
		chaos_arp_send(iface, ARPOP_REPLY, arp->tip, arp->sip, arp->sha);
	}
}

static void ether_arp_process(struct chaos_iface *iface, const struct chaos_arp *arp)
{
	u16 addr = READ_ONCE(iface->addr);

	if (!addr || ether_addr_equal(arp->sha, iface->dev->dev_addr))
		return;			/* also our own packets, come round a loop */
	if (arp->sip == addr || arp->tip == addr)
		ether_arp_ours(iface, arp, addr);
	else
		ether_arp_others(iface, arp);
}

static int ether_arp_rcv(struct sk_buff *skb, struct net_device *dev,
			 struct packet_type *pt, struct net_device *orig_dev)
{
	struct chaos_iface *iface = container_of(pt, struct chaos_iface, arp_pt);
	struct chaos_arp arp;

	if (!chaos_arp_is_chaos(skb) || dev->flags & IFF_NOARP ||
	    skb->pkt_type == PACKET_OTHERHOST || skb->pkt_type == PACKET_LOOPBACK) {
		consume_skb(skb);
		return NET_RX_SUCCESS;
	}

	chaos_count(iface->cn, CHAOS_STAT_ARP_RX);
	if (!chaos_arp_parse(skb, &arp)) {
		chaos_count(iface->cn, CHAOS_STAT_ARP_BAD);
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	ether_arp_process(iface, &arp);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

static int ether_init(struct chaos_iface *iface)
{
	iface->neighs = chaos_neigh_table_create(iface);
	if (!iface->neighs)
		return -ENOMEM;
	iface->proxies = chaos_proxies_create();
	if (!iface->proxies) {
		chaos_neigh_table_destroy(iface->neighs);
		return -ENOMEM;
	}
	iface->pt.type = htons(ETH_P_CHAOS);
	iface->pt.func = chaos_link_rcv;
	iface->arp_pt.type = htons(ETH_P_ARP);
	iface->arp_pt.func = ether_arp_rcv;
	return 0;
}

static void ether_exit(struct chaos_iface *iface)
{
	chaos_dad_stop(iface);
	chaos_neigh_table_destroy(iface->neighs);
	chaos_proxies_destroy(iface->proxies);
}

/* What was learned under another address or MAC of ours may be wrong now. */
static void ether_addr_changed(struct chaos_iface *iface)
{
	chaos_dad_stop(iface);
	chaos_neigh_flush(iface, false);
	if (iface->addr)
		chaos_dad_start(iface);
}

static void ether_down(struct chaos_iface *iface)
{
	chaos_dad_stop(iface);
	chaos_neigh_flush(iface, false);
}

static void ether_xmit(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop)
{
	if (nexthop)
		chaos_neigh_output(iface, skb, nexthop);
	else
		chaos_link_send(iface, skb, iface->dev->broadcast);
}

static void ether_xmit_list(struct chaos_iface *iface, struct sk_buff_head *list, u16 nexthop)
{
	if (nexthop)
		chaos_neigh_output_list(iface, list, nexthop);
	else
		chaos_link_send_list(iface, list, iface->dev->broadcast);
}

const struct chaos_link_ops chaos_link_ether = {
	.name = "ether",
	.init = ether_init,
	.exit = ether_exit,
	.addr_changed = ether_addr_changed,
	.down = ether_down,
	.xmit = ether_xmit,
	.xmit_list = ether_xmit_list,
};
