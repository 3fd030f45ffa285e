/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets out of a byte stream.  Pure: the caller reads. */
#ifndef CHAOSD_STREAM_H
#define CHAOSD_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <linux/chaos.h>

#define STREAM_HEADER_LEN	4
#define STREAM_FRAME_MAX	(STREAM_HEADER_LEN + CHAOS_RECORD_MAX)
#define STREAM_BUFFER		16384

/* What is wrong with a length; the stream cannot be followed after that. */
enum stream_status {
	STREAM_PACKET,			/* there is one */
	STREAM_MORE,			/* not before more has been read */
	STREAM_SHORT,			/* no packet is so short */
	STREAM_LONG,			/* nor so long */
	STREAM_ODD,			/* packets are padded */
};

/* One direction of one connection. */
struct stream {
	uint8_t buffer[STREAM_BUFFER];
	size_t start, end;		/* read and not yet taken */
};

/* A packet with its trailer; good until the next stream_room(). */
struct stream_packet {
	const uint8_t *data;
	size_t len;
};

uint8_t *stream_room(struct stream *stream, size_t *len);
void stream_filled(struct stream *stream, size_t len);
enum stream_status stream_next(struct stream *stream, struct stream_packet *packet);
const char *stream_status_text(enum stream_status status);
unsigned int stream_length(const struct stream *stream);

/* Where it stopped: part of a frame has come. */
static inline size_t stream_rest(const struct stream *stream)
{
	return stream->end - stream->start;
}

void stream_header(uint8_t header[STREAM_HEADER_LEN], size_t len);

#endif /* CHAOSD_STREAM_H */
