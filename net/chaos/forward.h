/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that pass through: the bridge's part of AIM 628 section 3.7. */
#ifndef _NET_CHAOS_FORWARD_H
#define _NET_CHAOS_FORWARD_H

#include <linux/skbuff.h>

#include "iface.h"

/* The count is four bits; a packet whose count would reach this goes no further. */
#define CHAOS_HOPS_MAX	15

int chaos_forward_allowed(struct chaos_net *cn, u16 src, u16 dst);
void chaos_forward_count(struct sk_buff *skb);
void chaos_forward(struct chaos_iface *iface, struct sk_buff *skb, const struct chaos_hdr *hdr);

#endif /* _NET_CHAOS_FORWARD_H */
