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

/* As many bytes as most machines handle at once. */
typedef uint16_t words __attribute__((vector_size(16)));
typedef uint32_t sums __attribute__((vector_size(16)));

/*
 * Adds in this machine's byte order, which only exchanges the two bytes of the sum
 * (RFC 1071 section 2 (B)); in 32 bits there is room for the carries of 65536 words.
 */
uint16_t frame_sum(const uint8_t *bytes, size_t len)
{
	sums each = { 0 }, word;
	uint8_t sum[2];
	uint16_t folded;
	uint64_t all;

#pragma GCC unroll 8
	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		each += (word & 0xffff) + (word >> 16);
	}
	all = (uint64_t)each[0] + each[1] + each[2] + each[3];
	for (; len >= 2; bytes += 2, len -= 2) {
		memcpy(&folded, bytes, 2);
		all += folded;
	}
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	folded = ~all;
	memcpy(sum, &folded, 2);
	return sum[0] << 8 | sum[1];
}

bool frame_sum_ok(const uint8_t *frame, size_t used)
{
	return frame_sum(frame, used) == 0;
}

void frame_swap(uint8_t *to, const uint8_t *from, size_t len)
{
	uint8_t first;
	words some;

#pragma GCC unroll 8
	for (; len >= sizeof(some); to += sizeof(some), from += sizeof(some), len -= sizeof(some)) {
		memcpy(&some, from, sizeof(some));
		some = some << 8 | some >> 8;
		memcpy(to, &some, sizeof(some));
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
