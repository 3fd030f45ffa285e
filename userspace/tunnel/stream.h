/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets out of a byte stream.  Pure: the caller reads.
 *
 * Before each packet is its length, counting packet and trailer, in two bytes, high byte
 * first.  On the sockets of chaosd two more bytes follow, 1 and 0 when written and anything
 * when read; in TLS none.
 */
#ifndef TUNNEL_STREAM_H
#define TUNNEL_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <linux/chaos.h>

#define STREAM_HEADER_MAX	4
#define STREAM_FRAME_MAX	(STREAM_HEADER_MAX + CHAOS_RECORD_MAX)
#define STREAM_BUFFER		16384

/* How long the header is that goes before each packet. */
enum stream_kind {
	STREAM_TLS = 2,
	STREAM_CHAOSD = STREAM_HEADER_MAX,
};

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
	enum stream_kind kind;
	uint8_t buffer[STREAM_BUFFER];
	size_t start, end;		/* read and not yet taken */
};

/* A packet with its trailer; good until the next stream_room(). */
struct stream_packet {
	uint8_t *data;			/* may be changed */
	size_t len;
};

void stream_init(struct stream *stream, enum stream_kind kind);
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

void stream_header(enum stream_kind kind, uint8_t *header, size_t len);

#endif /* TUNNEL_STREAM_H */
