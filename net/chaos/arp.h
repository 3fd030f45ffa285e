/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ARP packets (RFC 826) for Chaosnet on Ethernet: protocol type 0x0804,
 * addresses of two bytes, low byte first.
 */
#ifndef _NET_CHAOS_ARP_H
#define _NET_CHAOS_ARP_H

#include <linux/if_ether.h>
#include <linux/skbuff.h>

#include "iface.h"

/**
 * struct chaos_arp - a valid ARP packet, decoded
 * @op: ARPOP_REQUEST or ARPOP_REPLY
 * @sip: sender's address; 0 when it only asks whether @tip is free
 * @tip: target's address; 0 in answers to such requests
 * @sha: sender's hardware address
 */
struct chaos_arp {
	u16 op;
	u16 sip;
	u16 tip;
	u8 sha[ETH_ALEN];
};

bool chaos_arp_is_chaos(const struct sk_buff *skb);
bool chaos_arp_parse(const struct sk_buff *skb, struct chaos_arp *arp);
void chaos_arp_send(struct chaos_iface *iface, u16 op, u16 sip, u16 tip, const u8 *lladdr);

#endif /* _NET_CHAOS_ARP_H */
