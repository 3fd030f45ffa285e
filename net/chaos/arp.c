// SPDX-License-Identifier: GPL-2.0-only
/* Parsing and building ARP packets; see neigh.c for what they are good for. */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>

#include "arp.h"
#include "packet.h"
#include "stats.h"

#define CHAOS_ALEN	2

struct arp_frame {
	struct arphdr hdr;
	u8 sha[ETH_ALEN];
	__le16 sip;
	u8 tha[ETH_ALEN];
	__le16 tip;
};

/**
 * chaos_arp_is_chaos() - is this ARP packet about Chaosnet addresses?
 * @skb: packet, from the ARP header on; may be shared
 */
bool chaos_arp_is_chaos(const struct sk_buff *skb)
{
	const struct arphdr *h;
	struct arphdr buf;

	h = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	return h && h->ar_pro == htons(ETH_P_CHAOS);
}

/* Who asks may have no address yet, and is answered at none. */
static bool arp_addrs_valid(const struct chaos_arp *arp)
{
	bool ask = arp->op == ARPOP_REQUEST;

	if (!chaos_addr_is_host(arp->sip) && !(ask && !arp->sip))
		return false;
	if (!chaos_addr_is_host(arp->tip) && !(!ask && !arp->tip))
		return false;
	return is_valid_ether_addr(arp->sha);
}

/**
 * chaos_arp_parse() - decode and check an ARP packet
 * @skb: packet that chaos_arp_is_chaos(); may be shared, is not changed
 * @arp: result
 *
 * Return: false if a length, type or address in it is wrong.
 */
bool chaos_arp_parse(const struct sk_buff *skb, struct chaos_arp *arp)
{
	const struct arp_frame *f;
	struct arp_frame buf;

	BUILD_BUG_ON(sizeof(*f) != 24);

	f = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!f)
		return false;
	if (f->hdr.ar_hrd != htons(ARPHRD_ETHER) || f->hdr.ar_hln != ETH_ALEN ||
	    f->hdr.ar_pln != CHAOS_ALEN)
		return false;
	if (f->hdr.ar_op != htons(ARPOP_REQUEST) && f->hdr.ar_op != htons(ARPOP_REPLY))
		return false;

	arp->op = ntohs(f->hdr.ar_op);
	arp->sip = le16_to_cpu(f->sip);
	arp->tip = le16_to_cpu(f->tip);
	ether_addr_copy(arp->sha, f->sha);
	return arp_addrs_valid(arp);
}

/**
 * chaos_arp_send() - send an ARP packet
 * @iface: link, of type ether; nothing is sent if its device does no ARP
 * @op: ARPOP_REQUEST or ARPOP_REPLY
 * @sip: sender's address to put in
 * @tip: target's address
 * @lladdr: whom to send it to; NULL for all
 *
 * Context: any but hard interrupts; the caller keeps @iface from going.
 */
void chaos_arp_send(struct chaos_iface *iface, u16 op, u16 sip, u16 tip, const u8 *lladdr)
{
	struct net_device *dev = iface->dev;
	int hlen = LL_RESERVED_SPACE(dev);
	struct arp_frame *f;
	struct sk_buff *skb;

	if (dev->flags & IFF_NOARP)
		return;
	skb = alloc_skb(hlen + sizeof(*f) + dev->needed_tailroom, GFP_ATOMIC);
	if (!skb) {
		chaos_count(iface->cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	skb_reserve(skb, hlen);
	skb_reset_network_header(skb);
	skb->dev = dev;
	skb->protocol = htons(ETH_P_ARP);

	f = skb_put_zero(skb, sizeof(*f));
	f->hdr.ar_hrd = htons(ARPHRD_ETHER);
	f->hdr.ar_pro = htons(ETH_P_CHAOS);
	f->hdr.ar_hln = ETH_ALEN;
	f->hdr.ar_pln = CHAOS_ALEN;
	f->hdr.ar_op = htons(op);
	ether_addr_copy(f->sha, dev->dev_addr);
	f->sip = cpu_to_le16(sip);
	f->tip = cpu_to_le16(tip);
	if (op == ARPOP_REPLY)
		ether_addr_copy(f->tha, lladdr);

	if (dev_hard_header(skb, dev, ETH_P_ARP, lladdr ?: dev->broadcast, NULL, skb->len) < 0) {
		kfree_skb(skb);
		return;
	}
	chaos_count(iface->cn, CHAOS_STAT_ARP_TX);
	dev_queue_xmit(skb);
}
