// SPDX-License-Identifier: GPL-2.0-only
/* Parsing and building packets in the LSB-first layout of Ethernet and IP. */

#include <linux/string.h>
#include <linux/kernel.h>

#include "packet.h"

/* Header words, low byte first (AIM 628 section 3.5). */
struct chaos_wire_hdr {
	u8     reserved;
	u8     op;
	__le16 fc_len;		/* forwarding count in the top four bits */
	__le16 dst, didx;
	__le16 src, sidx;
	__le16 num, ack;
};

/**
 * chaos_hdr_parse() - decode and check the header of a received packet
 * @hdr: result, in host byte order
 * @frame: the packet, without link header; at least 2-byte aligned
 * @len: bytes there; links may have padded the packet
 *
 * The opcode is not checked: an undefined one is answered, see input.c.
 *
 * Return: CHAOS_PARSE_OK, or what is wrong.  Except after CHAOS_PARSE_SHORT
 * @hdr is filled in, so that the sender can be told.
 */
enum chaos_parse chaos_hdr_parse(struct chaos_hdr *hdr, const void *frame, size_t len)
{
	const struct chaos_wire_hdr *w = frame;
	u16 fc_len;

	BUILD_BUG_ON(sizeof(*w) != CHAOS_HDR_LEN);

	if (len < sizeof(*w))
		return CHAOS_PARSE_SHORT;

	fc_len = le16_to_cpu(w->fc_len);
	*hdr = (struct chaos_hdr) {
		.op   = w->op,
		.fc   = fc_len >> 12,
		.len  = fc_len & 0xfff,
		.dst  = le16_to_cpu(w->dst),
		.didx = le16_to_cpu(w->didx),
		.src  = le16_to_cpu(w->src),
		.sidx = le16_to_cpu(w->sidx),
		.num  = le16_to_cpu(w->num),
		.ack  = le16_to_cpu(w->ack),
	};

	if (hdr->len > CHAOS_DATA_MAX)
		return CHAOS_PARSE_TOO_LONG;
	if (len < chaos_wire_len(hdr))
		return CHAOS_PARSE_TRUNCATED;
	if (w->reserved)
		return CHAOS_PARSE_RESERVED;
	return CHAOS_PARSE_OK;
}

/**
 * chaos_hdr_build() - encode a header
 * @frame: where, CHAOS_HDR_LEN bytes, 2-byte aligned
 * @hdr: what; @hdr->len must not exceed CHAOS_DATA_MAX, nor @hdr->fc 15
 */
void chaos_hdr_build(void *frame, const struct chaos_hdr *hdr)
{
	struct chaos_wire_hdr *w = frame;

	w->reserved = 0;
	w->op = hdr->op;
	w->fc_len = cpu_to_le16(hdr->fc << 12 | hdr->len);
	w->dst = cpu_to_le16(hdr->dst);
	w->didx = cpu_to_le16(hdr->didx);
	w->src = cpu_to_le16(hdr->src);
	w->sidx = cpu_to_le16(hdr->sidx);
	w->num = cpu_to_le16(hdr->num);
	w->ack = cpu_to_le16(hdr->ack);
}

/**
 * chaos_put_words() - encode 16-bit data (OPN, STS, STATUS ...)
 * @buf: where, 2 * @n bytes, 2-byte aligned
 * @words: values
 * @n: how many
 */
void chaos_put_words(void *buf, const u16 *words, unsigned int n)
{
	__le16 *w = buf;

	while (n--)
		*w++ = cpu_to_le16(*words++);
}

/**
 * chaos_get_word() - decode one word of 16-bit data
 * @data: the packet's data, 2-byte aligned
 * @i: which word; the caller has checked the length
 */
u16 chaos_get_word(const void *data, unsigned int i)
{
	const __le16 *w = data;

	return le16_to_cpu(w[i]);
}

/**
 * chaos_op_defined() - does AIM 628 section 4 define this opcode for the wire?
 * @op: opcode
 *
 * LSN is defined for use inside a host only.
 */
bool chaos_op_defined(u8 op)
{
	return op >= CHAOS_OP_DAT ||
	       (op >= CHAOS_OP_RFC && op <= CHAOS_OP_BRD && op != CHAOS_OP_LSN);
}

/**
 * chaos_op_never_los() - must a packet not be answered with LOS, whatever it says?
 * @op: its opcode
 *
 * AIM 628 section 4.2; ANS and FWD end a transaction as CLS does.
 */
bool chaos_op_never_los(u8 op)
{
	return op == CHAOS_OP_LOS || op == CHAOS_OP_CLS || op == CHAOS_OP_MNT ||
	       op == CHAOS_OP_RUT || op == CHAOS_OP_BRD || op == CHAOS_OP_ANS ||
	       op == CHAOS_OP_FWD;
}

/**
 * chaos_contact_len() - the length of the contact name in an RFC
 * @data: RFC data: contact name, optionally a space and arguments
 * @len: its length
 */
size_t chaos_contact_len(const u8 *data, size_t len)
{
	const u8 *space = memchr(data, ' ', len);

	return space ? space - data : len;
}

/**
 * chaos_contact_valid() - may this be a contact name?
 * @name: the name, up to the first space
 * @len: its length
 *
 * AIM 628 section 4.1 asks for upper-case letters, digits and punctuation;
 * lower case is in use.  Bytes over 0176 are not: the Lisp Machine character
 * set has its control functions there.
 */
bool chaos_contact_valid(const u8 *name, size_t len)
{
	size_t i;

	if (!len)
		return false;
	for (i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return true;
}
