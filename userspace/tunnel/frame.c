// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "frame.h"

static const char *const error_texts[FRAME_N_ERRORS] = {
	[FRAME_OK]		= "nothing wrong",
	[FRAME_ODD]		= "odd length",
	[FRAME_SHORT]		= "too short for a header and a trailer",
	[FRAME_COUNT]		= "byte count above 488",
	[FRAME_TRUNCATED]	= "shorter than its byte count",
	[FRAME_NO_TRAILER]	= "no trailer",
	[FRAME_CHECKSUM]	= "bad checksum",
};

enum frame_error frame_check(const uint8_t *frame, size_t len, size_t *used)
{
	size_t trailer;

	if (len % 2)
		return FRAME_ODD;
	if (len < FRAME_MIN)
		return FRAME_SHORT;
	if (frame_count(frame) > CHAOS_DATA_MAX)
		return FRAME_COUNT;
	trailer = frame_trailer_at(frame);
	if (len < trailer)
		return FRAME_TRUNCATED;
	if (len < trailer + FRAME_TRAILER_LEN)
		return FRAME_NO_TRAILER;
	*used = trailer + FRAME_TRAILER_LEN;
	return FRAME_OK;
}

const char *frame_error_text(enum frame_error error)
{
	return error < FRAME_N_ERRORS ? error_texts[error] : "unknown error";
}

static uint64_t load(const uint8_t *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return word;
}

/*
 * Adds in this machine's byte order, which only exchanges the two bytes of the sum
 * (RFC 1071 section 2 (B)); half a 64-bit word at a time, so that carries are kept.
 */
uint16_t frame_sum(const uint8_t *bytes, size_t len)
{
	uint64_t low = 0, high = 0, word;
	uint8_t sum[2];
	uint16_t folded;

	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		word = load(bytes);
		low += word & 0xffffffff;
		high += word >> 32;
	}
	for (; len >= 2; bytes += 2, len -= 2) {
		memcpy(&folded, bytes, 2);
		low += folded;
	}
	low = (low & 0xffffffff) + (low >> 32) + (high & 0xffffffff) + (high >> 32);
	while (low >> 16)
		low = (low & 0xffff) + (low >> 16);
	folded = ~low;
	memcpy(sum, &folded, 2);
	return sum[0] << 8 | sum[1];
}

bool frame_sum_ok(const uint8_t *frame, size_t used)
{
	return frame_sum(frame, used) == 0;
}

void frame_swap(uint8_t *to, const uint8_t *from, size_t len)
{
	const uint64_t low = 0x00ff00ff00ff00ff;
	uint64_t word;
	uint8_t first;

	for (; len >= sizeof(word); to += 8, from += 8, len -= sizeof(word)) {
		word = load(from);
		word = (word & low) << 8 | (word >> 8 & low);
		memcpy(to, &word, sizeof(word));
	}
	for (; len >= 2; to += 2, from += 2, len -= 2) {
		first = from[0];
		to[0] = from[1];
		to[1] = first;
	}
}

size_t frame_set_trailer(uint8_t *frame, uint16_t destination, uint16_t source)
{
	size_t at = frame_trailer_at(frame);
	uint16_t sum;

	frame_put_word(frame + at, destination);
	frame_put_word(frame + at + 2, source);
	sum = frame_sum(frame, at + 4);
	frame[at + 4] = sum >> 8;
	frame[at + 5] = sum & 0xff;
	return at + FRAME_TRAILER_LEN;
}

void frame_claim(uint8_t *frame, uint16_t self)
{
	uint16_t hop = frame_link_destination(frame);

	if (hop && hop != self)
		frame_put_word(frame + frame_trailer_at(frame),
			       frame_destination(frame) ? self : 0);
}
