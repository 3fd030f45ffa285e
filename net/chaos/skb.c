// SPDX-License-Identifier: GPL-2.0-only
/* Making socket buffers for Chaosnet packets. */

#include "skb.h"

static struct sk_buff *skb_prepare(struct sk_buff *skb)
{
	if (!skb)
		return NULL;
	skb_reserve(skb, CHAOS_HEADROOM);
	skb->protocol = htons(ETH_P_CHAOS);
	return skb;
}

/**
 * chaos_skb_alloc() - a buffer for one packet
 * @data_len: data bytes, at most CHAOS_DATA_MAX
 * @gfp: allocation flags
 *
 * Empty, with headroom for header and link and tailroom for data and pad byte.
 *
 * Return: the buffer or NULL.
 */
struct sk_buff *chaos_skb_alloc(unsigned int data_len, gfp_t gfp)
{
	return skb_prepare(alloc_skb(CHAOS_HEADROOM + data_len + 1, gfp));
}

/**
 * chaos_skb_alloc_queued() - the same for a packet that stays while a clone travels
 * @data_len: data bytes, at most CHAOS_DATA_MAX
 * @gfp: allocation flags
 *
 * Return: the buffer, with its first clone beside it, or NULL.
 */
struct sk_buff *chaos_skb_alloc_queued(unsigned int data_len, gfp_t gfp)
{
	return skb_prepare(alloc_skb_fclone(CHAOS_HEADROOM + data_len + 1, gfp));
}

/**
 * chaos_skb_ready() - the data is in place: pad it and describe it in skb->cb
 * @skb: buffer whose content is the data
 * @op: opcode
 * @len: data bytes, equal to @skb->len
 */
void chaos_skb_ready(struct sk_buff *skb, u8 op, unsigned int len)
{
	struct ncp_pkt *pkt = chaos_pkt(skb);

	if (len & 1)
		skb_put_u8(skb, 0);
	*pkt = (struct ncp_pkt) {
		.data = skb->data,
		.hdr = { .op = op, .len = len },
	};
}

/**
 * chaos_skb_data() - a packet with this opcode and data
 * @op: opcode
 * @data: copied
 * @len: its length, at most CHAOS_DATA_MAX
 * @gfp: allocation flags
 *
 * Return: the buffer or NULL.
 */
struct sk_buff *chaos_skb_data(u8 op, const void *data, unsigned int len, gfp_t gfp)
{
	struct sk_buff *skb = chaos_skb_alloc(len, gfp);

	if (!skb)
		return NULL;
	skb_put_data(skb, data, len);
	chaos_skb_ready(skb, op, len);
	return skb;
}

/**
 * chaos_skb_push_hdr() - put the wire header before the data
 * @skb: buffer that starts with padded data; its header room is ours to write
 * @hdr: header
 */
void chaos_skb_push_hdr(struct sk_buff *skb, const struct chaos_hdr *hdr)
{
	chaos_hdr_build(skb_push(skb, CHAOS_HDR_LEN), hdr);
	skb_reset_network_header(skb);
}

/**
 * chaos_skb_compact() - copy a received packet out of a needlessly large buffer
 * @skb: buffer at the data, described in skb->cb; consumed
 *
 * Drivers receive into buffers of 2 KiB and more.  Kept for a reader, no packet
 * should cost the receiver more than CHAOS_PKT_TRUESIZE, which its window is made for.
 *
 * Return: a buffer with the same content; the old one if memory is short.
 */
struct sk_buff *chaos_skb_compact(struct sk_buff *skb)
{
	unsigned int len = chaos_pkt(skb)->hdr.len;
	struct sk_buff *copy;

	if (skb->truesize <= CHAOS_PKT_TRUESIZE && !skb_is_nonlinear(skb))
		return skb;
	copy = chaos_skb_data(0, skb->data, len, GFP_ATOMIC);
	if (!copy)
		return skb;
	chaos_pkt(copy)->hdr = chaos_pkt(skb)->hdr;
	consume_skb(skb);
	return copy;
}
