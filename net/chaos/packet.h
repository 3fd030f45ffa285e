/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chaosnet packets: wire format, opcodes, packet number arithmetic.
 *
 * Pure code, no socket buffers: also compiled on the host for tests.  Nothing
 * outside packet.c, arp.c and the link files sees wire byte order.
 */
#ifndef _NET_CHAOS_PACKET_H
#define _NET_CHAOS_PACKET_H

#include <linux/types.h>
#include <linux/chaos.h>

#define CHAOS_HDR_LEN	16	/* eight 16-bit words */
#define CHAOS_PKT_MAX	(CHAOS_HDR_LEN + CHAOS_DATA_MAX)
#define CHAOS_MTU	CHAOS_PKT_MAX
#define CHAOS_WORD_DST	2	/* which word of the header is the destination */

/**
 * struct chaos_hdr - a packet header in host byte order (AIM 628 section 3.5)
 * @op: opcode, enum chaos_opcode
 * @fc: forwarding count, 0-15
 * @len: data bytes, without padding
 * @dst: destination address
 * @didx: destination index
 * @src: source address
 * @sidx: source index
 * @num: packet number
 * @ack: acknowledgment
 */
struct chaos_hdr {
	u8  op;
	u8  fc;
	u16 len;
	u16 dst, didx;
	u16 src, sidx;
	u16 num, ack;
};

/* Why chaos_hdr_parse() refuses a packet. */
enum chaos_parse {
	CHAOS_PARSE_OK,
	CHAOS_PARSE_SHORT,	/* no room for a header; nothing else is known */
	CHAOS_PARSE_TRUNCATED,	/* header parsed, data missing */
	CHAOS_PARSE_TOO_LONG,	/* header parsed, byte count over 488 */
	CHAOS_PARSE_RESERVED,	/* header parsed, reserved bits set */
};

enum chaos_parse chaos_hdr_parse(struct chaos_hdr *hdr, const void *frame, size_t len);
void chaos_hdr_build(void *frame, const struct chaos_hdr *hdr);

void chaos_put_words(void *buf, const u16 *words, unsigned int n);
u16 chaos_get_word(const void *data, unsigned int i);

bool chaos_op_defined(u8 op);
bool chaos_op_never_los(u8 op);
size_t chaos_contact_len(const u8 *data, size_t len);
bool chaos_contact_valid(const u8 *name, size_t len);

/* The packet's length on the wire: data is padded to whole words. */
static inline unsigned int chaos_wire_len(const struct chaos_hdr *hdr)
{
	return CHAOS_HDR_LEN + ((hdr->len + 1) & ~1u);
}

#define CHAOS_SUBNET_COUNT	256	/* 0 is none */
#define CHAOS_SUBNET_PRIVATE	0376	/* nobody else's business, by convention */

static inline u8 chaos_subnet(u16 addr)
{
	return addr >> 8;
}

/* A host address has neither subnet 0 nor host 0 (AIM 628 section 3.3). */
static inline bool chaos_addr_is_host(u16 addr)
{
	return (addr & 0xff00) && (addr & 0x00ff);
}

static inline bool chaos_op_is_data(u8 op)
{
	return op >= CHAOS_OP_DAT;
}

/* Packet numbers compare modulo 65536 (AIM 628 section 3.4). */
static inline bool chaos_num_before(u16 a, u16 b)
{
	return (s16)(u16)(a - b) < 0;
}

static inline bool chaos_num_after(u16 a, u16 b)
{
	return chaos_num_before(b, a);
}

/* lo <= n <= hi on the circle of packet numbers. */
static inline bool chaos_num_between(u16 n, u16 lo, u16 hi)
{
	return (u16)(n - lo) <= (u16)(hi - lo);
}

#endif /* _NET_CHAOS_PACKET_H */
