// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <linux/chaos.h>

#include "packet.h"

static const char *const names[] = {
	[CHAOS_OP_RFC] = "RFC",
	[CHAOS_OP_OPN] = "OPN",
	[CHAOS_OP_CLS] = "CLS",
	[CHAOS_OP_FWD] = "FWD",
	[CHAOS_OP_ANS] = "ANS",
	[CHAOS_OP_SNS] = "SNS",
	[CHAOS_OP_STS] = "STS",
	[CHAOS_OP_RUT] = "RUT",
	[CHAOS_OP_LOS] = "LOS",
	[CHAOS_OP_LSN] = "LSN",
	[CHAOS_OP_MNT] = "MNT",
	[CHAOS_OP_EOF] = "EOF",
	[CHAOS_OP_UNC] = "UNC",
	[CHAOS_OP_BRD] = "BRD",
};

/**
 * packet_opname() - name of an opcode
 * @opcode: the opcode
 *
 * Return: the name; "DAT" and "DWD" stand for 64 opcodes each; NULL if it is not defined.
 */
const char *packet_opname(uint8_t opcode)
{
	if (opcode >= CHAOS_OP_DWD)
		return "DWD";
	if (opcode >= CHAOS_OP_DAT)
		return "DAT";
	return opcode < sizeof(names) / sizeof(names[0]) ? names[opcode] : NULL;
}

/**
 * packet_format_opcode() - write an opcode for people
 * @opcode: the opcode
 * @name: result: its name; with the number if it is not all that the name says
 *
 * Return: @name.
 */
char *packet_format_opcode(uint8_t opcode, char name[PACKET_OPNAME])
{
	const char *known = packet_opname(opcode);

	if (!known)
		snprintf(name, PACKET_OPNAME, "op %o", opcode);
	else if (opcode > CHAOS_OP_DAT && opcode != CHAOS_OP_DWD)
		snprintf(name, PACKET_OPNAME, "%s %o", known, opcode);
	else
		snprintf(name, PACKET_OPNAME, "%s", known);
	return name;
}

static uint16_t word(const uint8_t *bytes, enum packet_layout layout)
{
	if (layout == PACKET_MSB)
		return bytes[0] << 8 | bytes[1];
	return bytes[1] << 8 | bytes[0];
}

/* Internet checksum of an even number of bytes; 0xffff when it includes its own complement. */
static uint16_t sum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void find_fault(struct packet *p, const char *fault)
{
	if (!p->fault)
		p->fault = fault;
}

/* Of the last word of odd data, MSB-first, the pad is the first byte. */
static void copy_data(struct packet *p, const uint8_t *bytes, size_t len,
		      enum packet_layout layout)
{
	size_t there = len < p->count ? len : p->count;

	if (layout == PACKET_LSB) {
		memcpy(p->data, bytes, there);
		p->len = there;
		return;
	}
	p->len = 0;
	for (size_t i = 0; i < p->count && i + 1 < len; i += 2) {
		p->data[p->len++] = bytes[i + 1];
		if (p->len < p->count)
			p->data[p->len++] = bytes[i];
	}
}

static void decode_trailer(struct packet *p, const uint8_t *bytes, size_t at,
			   enum packet_layout layout)
{
	p->has_trailer = true;
	p->hop_dst = word(bytes + at, layout);
	p->hop_src = word(bytes + at + 2, layout);
	p->checksum = word(bytes + at + 4, PACKET_MSB);
	p->checksum_good = sum(bytes, at + PACKET_TRAILER) == 0xffff;
	if (!p->checksum_good)
		find_fault(p, "bad checksum");
}

/**
 * packet_decode() - take a packet apart
 * @p: result
 * @bytes: the packet, perhaps followed by a trailer or padding
 * @len: how many there are
 * @layout: how its words travel
 * @trailer: whether there is one
 *
 * Return: 0, even if something is wrong with it; or -1 if there is not even a header.
 * Then only @p->fault is valid.
 */
int packet_decode(struct packet *p, const uint8_t *bytes, size_t len, enum packet_layout layout,
		  enum packet_trailer trailer)
{
	size_t end;
	uint16_t w;

	p->fault = NULL;
	p->has_trailer = false;
	if (len < PACKET_HEADER) {
		p->fault = "shorter than a header";
		return -1;
	}
	w = word(bytes, layout);
	p->opcode = w >> 8;
	if (w & 0xff)
		find_fault(p, "reserved bits set");
	w = word(bytes + 2, layout);
	p->forwarded = w >> 12;
	p->count = w & 0xfff;
	p->dst = word(bytes + 4, layout);
	p->dst_index = word(bytes + 6, layout);
	p->src = word(bytes + 8, layout);
	p->src_index = word(bytes + 10, layout);
	p->number = word(bytes + 12, layout);
	p->ack = word(bytes + 14, layout);
	copy_data(p, bytes + PACKET_HEADER, len - PACKET_HEADER, layout);

	if (!packet_opname(p->opcode))
		find_fault(p, "undefined opcode");
	if (p->count > CHAOS_DATA_MAX)
		find_fault(p, "byte count over 488");
	if (p->len < p->count)
		find_fault(p, "shorter than its byte count");
	end = PACKET_HEADER + (p->count + 1) / 2 * 2;
	if (trailer != PACKET_NO_TRAILER && len >= end + PACKET_TRAILER)
		decode_trailer(p, bytes, end, layout);
	else if (trailer == PACKET_MUST_TRAILER)
		find_fault(p, "no trailer");
	return 0;
}
