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

#include <linux/bitmap.h>
#include <linux/skbuff.h>

#include "iface.h"

#define CHAOS_SUBNET_MAP	CHAOS_SUBNET_MAP_LEN

/**
 * struct chaos_broadcast - a BRD on its way out
 * @hdr: header of all copies; @hdr.ack bytes of the data are the map
 * @data: map, contact, arguments: @hdr.len bytes.  Copies get maps of their own
 * @to: subnets that shall be reached
 * @came_by: subnet of the link it came by; 0: it is our own
 * @heard: all bridges on that link have it, too
 */
struct chaos_broadcast {
	struct chaos_hdr hdr;
	const u8 *data;
	DECLARE_BITMAP(to, CHAOS_SUBNET_COUNT);
	u8 came_by;
	bool heard;
};

/* broadcast_output.c */
void chaos_broadcast_get_map(unsigned long *subnets, const u8 *map, unsigned int len);
int chaos_broadcast_source(struct chaos_net *cn, const u8 *subnets, u16 *src);
int chaos_broadcast_copies(struct chaos_net *cn, const struct chaos_broadcast *brd);
int chaos_broadcast_output(struct chaos_net *cn, struct sk_buff *skb);

/* broadcast_forward.c */
void chaos_broadcast_forward(struct chaos_iface *iface, const struct sk_buff *skb,
			     const unsigned long *asked);
void chaos_broadcast_forward_init(struct chaos_net *cn);

/* broadcast.c */
void chaos_broadcast_rcv(struct chaos_iface *iface, struct sk_buff *skb);
void chaos_broadcast_net_init(struct chaos_net *cn);

#endif /* _NET_CHAOS_BROADCAST_H */
