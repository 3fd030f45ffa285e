/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as they pass /dev/chaos and tunnels: header, data padded to an even
 * length, hardware trailer (AIM 628 sections 2.5 and 3).
 *
 * Unless said otherwise a packet is in the LSB-first layout: each 16-bit word low
 * byte first, data bytes in natural order.  The MSB-first layout has the two bytes of
 * every word exchanged, in the header, the data and the trailer alike; frame_swap()
 * turns each into the other, and the checksum is right in both.  Packets need not be
 * aligned.
 */
#ifndef TUNNEL_FRAME_H
#define TUNNEL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/chaos.h>

#define FRAME_HEADER_LEN	16
#define FRAME_TRAILER_LEN	CHAOS_TRAILER_LEN
#define FRAME_MIN		CHAOS_RECORD_MIN	/* header and trailer */
#define FRAME_MAX		CHAOS_RECORD_MAX	/* with 488 bytes of data */

/* What frame_check() finds wrong. */
enum frame_error {
	FRAME_OK,
	FRAME_ODD,		/* an odd number of bytes */
	FRAME_SHORT,		/* shorter than header and trailer */
	FRAME_COUNT,		/* the byte count is above 488 */
	FRAME_TRUNCATED,	/* shorter than the byte count says */
	FRAME_NO_TRAILER,	/* the packet is whole, the trailer is not */
	FRAME_CHECKSUM,
	FRAME_N_ERRORS
};

/**
 * frame_check() - look whether bytes are a packet with its trailer
 * @frame: the bytes; nothing is read beyond @len
 * @len: their number; more than the packet and its trailer may be there (padding)
 * @used: on FRAME_OK, length of packet and trailer; an even number
 *
 * The checksum is not looked at: see frame_sum_ok().  Addresses and opcode may be any.
 * After FRAME_OK all other functions here may be used on @frame.
 *
 * Return: FRAME_OK, or the first thing that is wrong.
 */
enum frame_error frame_check(const uint8_t *frame, size_t len, size_t *used);

/**
 * frame_error_text() - what is wrong, in words
 * @error: anything but FRAME_OK
 *
 * Return: a text that can follow "dropped: ", such as "odd length".
 */
const char *frame_error_text(enum frame_error error);

/**
 * frame_sum() - Internet checksum (RFC 1071) over some bytes
 * @bytes: pairs, the first of each is the high half
 * @len: their number, even
 *
 * Return: the sum's complement: what to store, high byte first, after the bytes.
 *	0 if the bytes end in their own checksum and it is right.
 */
uint16_t frame_sum(const uint8_t *bytes, size_t len);

/**
 * frame_sum_ok() - look whether the checksum of a packet is right
 * @frame: packet, in either layout
 * @used: its length with trailer, from frame_check()
 */
bool frame_sum_ok(const uint8_t *frame, size_t used);

/**
 * frame_swap() - turn one layout into the other
 * @to: where to write the result
 * @from: packet; the same place as @to, or one that does not overlap it
 * @len: number of bytes, even
 *
 * Costs no more than copying would.
 */
void frame_swap(uint8_t *to, const uint8_t *from, size_t len);

/**
 * frame_set_trailer() - write the trailer after the data
 * @frame: packet, FRAME_MAX bytes of room or at least those that its byte count tells
 * @destination: the next hop, 0 for all
 * @source: who sends it on this link
 *
 * The byte count must be at most 488.
 *
 * Return: length of packet and trailer.
 */
size_t frame_set_trailer(uint8_t *frame, uint16_t destination, uint16_t source);

/**
 * frame_claim() - let a packet be for this hop, whatever its trailer says
 * @frame: packet that came by a tunnel, from a peer that can only mean us
 * @self: our address on the link
 *
 * An emulator that knows one neighbour sends everything there, and names as the next hop
 * whom the packet is for.  The kernel would leave that to the one who is named.  The
 * checksum, if it was right, becomes wrong; the kernel must not look at it.
 */
void frame_claim(uint8_t *frame, uint16_t self);

/**
 * frame_word() - read a 16-bit word of the LSB-first layout
 * @at: where it is
 */
static inline uint16_t frame_word(const uint8_t *at)
{
	return at[0] | at[1] << 8;
}

/**
 * frame_put_word() - write a 16-bit word in the LSB-first layout
 * @at: where to
 * @word: any
 */
static inline void frame_put_word(uint8_t *at, uint16_t word)
{
	at[0] = word & 0xff;
	at[1] = word >> 8;
}

/* The header. */

static inline unsigned int frame_opcode(const uint8_t *frame)
{
	return frame[1];
}

/* Times the packet was forwarded. */
static inline unsigned int frame_hops(const uint8_t *frame)
{
	return frame[3] >> 4;
}

/* Number of data bytes. */
static inline unsigned int frame_count(const uint8_t *frame)
{
	return frame_word(frame + 2) & 0xfff;
}

static inline uint16_t frame_destination(const uint8_t *frame)
{
	return frame_word(frame + 4);
}

static inline uint16_t frame_destination_index(const uint8_t *frame)
{
	return frame_word(frame + 6);
}

static inline uint16_t frame_source(const uint8_t *frame)
{
	return frame_word(frame + 8);
}

static inline uint16_t frame_source_index(const uint8_t *frame)
{
	return frame_word(frame + 10);
}

static inline uint16_t frame_number(const uint8_t *frame)
{
	return frame_word(frame + 12);
}

static inline uint16_t frame_ack(const uint8_t *frame)
{
	return frame_word(frame + 14);
}

static inline const uint8_t *frame_data(const uint8_t *frame)
{
	return frame + FRAME_HEADER_LEN;
}

/* Where the trailer begins: behind the padded data. */
static inline size_t frame_trailer_at(const uint8_t *frame)
{
	return FRAME_HEADER_LEN + ((frame_count(frame) + 1) & ~1u);
}

/* The trailer. */

static inline uint16_t frame_link_destination(const uint8_t *frame)
{
	return frame_word(frame + frame_trailer_at(frame));
}

static inline uint16_t frame_link_source(const uint8_t *frame)
{
	return frame_word(frame + frame_trailer_at(frame) + 2);
}

#endif /* TUNNEL_FRAME_H */
