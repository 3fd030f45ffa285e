/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kinds of link have in common: the first step of the way in, the last of the way out. */
#ifndef _NET_CHAOS_LINK_H
#define _NET_CHAOS_LINK_H

#include <linux/skbuff.h>

#include "iface.h"
#include "stats.h"

int chaos_link_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
		   struct net_device *orig_dev);
void chaos_link_send(struct chaos_iface *iface, struct sk_buff *skb, const u8 *lladdr);
void chaos_link_send_list(struct chaos_iface *iface, struct sk_buff_head *list, const u8 *lladdr);
void chaos_link_drop(struct chaos_iface *iface, struct sk_buff *skb,
		     enum chaos_stat reason, int link_stat);

#endif /* _NET_CHAOS_LINK_H */
