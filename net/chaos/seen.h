/* SPDX-License-Identifier: GPL-2.0-only */
/* Which hosts packets came from lately, and by which way: for LASTCN. */
#ifndef _NET_CHAOS_SEEN_H
#define _NET_CHAOS_SEEN_H

#include <linux/skbuff.h>

#include "iface.h"

/**
 * struct chaos_seen - a host that was heard
 * @lladdr: hardware address that its last packet came from, as ether_addr_to_u64()
 * @ifindex: device that this came by
 * @packets: packets from it
 * @age: jiffies since the last one, at most U32_MAX
 * @addr: its address
 * @fc: forwarding count of the last one
 */
struct chaos_seen {
	u64 lladdr;
	int ifindex;
	u32 packets;
	u32 age;
	u16 addr;
	u8 fc;
};

int chaos_seen_net_init(struct chaos_net *cn);
void chaos_seen_net_exit(struct chaos_net *cn);

void chaos_seen_note(struct chaos_iface *iface, const struct sk_buff *skb,
		     const struct chaos_hdr *hdr);
unsigned int chaos_seen_latest(struct chaos_net *cn, struct chaos_seen *list, unsigned int max);

#endif /* _NET_CHAOS_SEEN_H */
