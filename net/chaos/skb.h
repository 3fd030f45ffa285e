/* SPDX-License-Identifier: GPL-2.0-only */
/* Chaosnet packets in socket buffers. */
#ifndef _NET_CHAOS_SKB_H
#define _NET_CHAOS_SKB_H

#include <linux/log2.h>
#include <linux/skbuff.h>

#include "ncp.h"

/* Headroom for the Chaosnet header and every link: 14 bytes of Ethernet, some
 * more for VLAN tags and tunnels.
 */
#define CHAOS_HEADROOM	(CHAOS_HDR_LEN + 64)

/* What a full packet costs a socket: its buffer comes from the next larger slab. */
#define CHAOS_PKT_BUFFER							\
	roundup_pow_of_two(SKB_DATA_ALIGN(CHAOS_HEADROOM + CHAOS_DATA_MAX + 1) +	\
			   SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define CHAOS_PKT_TRUESIZE	(CHAOS_PKT_BUFFER + SKB_DATA_ALIGN(sizeof(struct sk_buff)))

/* Received packets and those in an engine's queues keep this in skb->cb. */
static inline struct ncp_pkt *chaos_pkt(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct ncp_pkt) > sizeof(skb->cb));
	return (struct ncp_pkt *)skb->cb;
}

static inline struct sk_buff *chaos_pkt_skb(const struct ncp_pkt *pkt)
{
	return container_of((char *)pkt, struct sk_buff, cb[0]);
}

struct sk_buff *chaos_skb_alloc(unsigned int data_len, gfp_t gfp);
struct sk_buff *chaos_skb_alloc_queued(unsigned int data_len, gfp_t gfp);
struct sk_buff *chaos_skb_data(u8 op, const void *data, unsigned int len, gfp_t gfp);
void chaos_skb_ready(struct sk_buff *skb, u8 op, unsigned int len);
void chaos_skb_push_hdr(struct sk_buff *skb, const struct chaos_hdr *hdr);
struct sk_buff *chaos_skb_compact(struct sk_buff *skb);

#endif /* _NET_CHAOS_SKB_H */
