// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for the framing: the same bytes give the same packets however they are
 * broken into reads, and these are what a plain reading of all of them at once gives.
 * Both kinds of streams are tried with all bytes.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All of the bytes, and what is said about them. */
struct plain {
	unsigned int header;
	const uint8_t *data;
	size_t size, at;
};

static enum stream_status plain_next(struct plain *plain, struct stream_packet *packet)
{
	size_t left = plain->size - plain->at;
	unsigned int len;

	if (left < plain->header)
		return STREAM_MORE;
	len = plain->data[plain->at] * 256 + plain->data[plain->at + 1];
	if (len < 22 || len > 510)
		return len < 22 ? STREAM_SHORT : STREAM_LONG;
	if (len & 1)
		return STREAM_ODD;
	if (left < plain->header + len)
		return STREAM_MORE;
	*packet = (struct stream_packet) {
		(uint8_t *)plain->data + plain->at + plain->header, len
	};
	plain->at += plain->header + len;
	return STREAM_PACKET;
}

/* Takes what there is; returns false when there is no going on. */
static bool take(struct stream *stream, struct plain *plain)
{
	struct stream_packet got, wanted;
	enum stream_status status;

	while ((status = stream_next(stream, &got)) == STREAM_PACKET) {
		if (plain_next(plain, &wanted) != STREAM_PACKET || got.len != wanted.len ||
		    memcmp(got.data, wanted.data, got.len))
			abort();
	}
	return status == STREAM_MORE;
}

/* Lengths of reads: 1 to 32 bytes in turns that the first byte chooses, or much. */
static size_t step(unsigned int seed, unsigned int turn)
{
	return seed & 0x80 ? 1000 : (seed * (turn + 1) * 7 & 31) + 1;
}

static void follow(enum stream_kind kind, unsigned int seed, struct plain plain)
{
	static struct stream stream;
	struct stream_packet packet;
	unsigned int turn = 0;
	bool more = true;
	size_t at, n;

	stream_init(&stream, kind);
	for (at = 0; more && at < plain.size; at += n) {
		size_t room;
		uint8_t *to = stream_room(&stream, &room);

		if (!room)
			abort();
		n = step(seed, turn++);
		n = n < plain.size - at ? n : plain.size - at;
		n = n < room ? n : room;
		memcpy(to, plain.data + at, n);
		stream_filled(&stream, n);
		more = take(&stream, &plain);
	}
	/* Both are at the same point now, and say the same. */
	if (stream_next(&stream, &packet) != plain_next(&plain, &packet))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	follow(STREAM_TLS, data[0], (struct plain) { 2, data + 1, size - 1, 0 });
	follow(STREAM_CHAOSD, data[0], (struct plain) { 4, data + 1, size - 1, 0 });
	return 0;
}
