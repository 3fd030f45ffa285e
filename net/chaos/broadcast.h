/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BRD: requests to all hosts of chosen subnets (AIM 628 section 4.5).
 *
 * The data of a BRD begins with a map of subnets; subnet n is the bit of weight
 * 2^(n mod 8) in byte n/8.  A bit that is set asks whoever passes the packet on to
 * broadcast it on that subnet, too.
 */
#ifndef _NET_CHAOS_BROADCAST_H
#define _NET_CHAOS_BROADCAST_H

#include <linux/skbuff.h>

#include "iface.h"

#define CHAOS_SUBNET_MAP	CHAOS_SUBNET_MAP_LEN

int chaos_broadcast_source(struct chaos_net *cn, const u8 *subnets, u16 *src);
int chaos_broadcast_output(struct chaos_net *cn, struct sk_buff *skb);
void chaos_broadcast_rcv(struct chaos_iface *iface, struct sk_buff *skb);
void chaos_broadcast_net_init(struct chaos_net *cn);

#endif /* _NET_CHAOS_BROADCAST_H */
