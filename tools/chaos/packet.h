/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Chaosnet packet as it travels: its header, what it carries, its trailer. */
#ifndef CHAOS_PACKET_H
#define CHAOS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_HEADER	16
#define PACKET_TRAILER	6
#define PACKET_COUNT	4095	/* the byte count has 12 bits; more than 488 is an error */
#define PACKET_OPNAME	8	/* "DAT 277" and a NUL */

/* How a packet's 16-bit words travel. */
enum packet_layout {
	PACKET_LSB,		/* low byte first: Ethernet, IP */
	PACKET_MSB,		/* high byte first: UDP */
};

/* Whether there is a trailer after the data. */
enum packet_trailer {
	PACKET_NO_TRAILER,
	PACKET_MAY_TRAILER,	/* if there is room for one */
	PACKET_MUST_TRAILER,
};

/**
 * struct packet - a packet taken apart
 * @fault: what is wrong with it, NULL if nothing is
 * @opcode: opcode
 * @forwarded: forwarding count
 * @count: data bytes, as the header says
 * @dst: destination address
 * @dst_index: destination index
 * @src: source address
 * @src_index: source index
 * @number: packet number
 * @ack: acknowledgment
 * @len: data bytes that are there
 * @data: the data in its natural order
 * @has_trailer: the next four are valid
 * @hop_dst: link destination
 * @hop_src: link source
 * @checksum: as it came
 * @checksum_good: it is right
 */
struct packet {
	const char *fault;
	uint8_t opcode;
	uint8_t forwarded;
	uint16_t count;
	uint16_t dst, dst_index;
	uint16_t src, src_index;
	uint16_t number, ack;
	size_t len;
	uint8_t data[PACKET_COUNT + 1];
	bool has_trailer;
	uint16_t hop_dst, hop_src;
	uint16_t checksum;
	bool checksum_good;
};

int packet_decode(struct packet *p, const uint8_t *bytes, size_t len, enum packet_layout layout,
		  enum packet_trailer trailer);
const char *packet_opname(uint8_t opcode);
char *packet_format_opcode(uint8_t opcode, char name[PACKET_OPNAME]);

#endif /* CHAOS_PACKET_H */
