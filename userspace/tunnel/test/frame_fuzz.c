// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a packet with trailer. */
#include <stdlib.h>
#include <string.h>

#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As RFC 1071 has it, a pair at a time. */
static uint16_t plain_sum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void try_frame(uint8_t *frame, size_t used, uint8_t *other)
{
	uint16_t sum = frame_sum(frame, used);

	if (used < FRAME_MIN || used > FRAME_MAX || sum != plain_sum(frame, used))
		abort();
	frame_swap(other, frame, used);
	if (frame_sum_ok(other, used) != frame_sum_ok(frame, used))
		abort();
	frame_swap(other, other, used);
	if (memcmp(other, frame, used))
		abort();
	if (frame_set_trailer(frame, 0402, 0401) != used || !frame_sum_ok(frame, used) ||
	    frame_link_destination(frame) != 0402 || frame_link_source(frame) != 0401)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Buffers of just this size, so that a step beyond is seen. */
	uint8_t *frame = malloc(size + !size), *other = malloc(size + !size);
	enum frame_error error;
	size_t used = 0;

	if (frame && other) {
		memcpy(frame, data, size);
		error = frame_check(frame, size, &used);
		if (error == FRAME_OK)
			try_frame(frame, used, other);
		else if (error >= FRAME_N_ERRORS || !*frame_error_text(error))
			abort();
	}
	free(frame);
	free(other);
	return 0;
}
