// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * There is nothing in a stream to find the next frame by, so after a length that cannot
 * be there is no going on.
 */
#include <string.h>

#include "stream.h"

/**
 * stream_init() - nothing has been read
 * @stream: the stream
 * @kind: what goes before each packet
 */
void stream_init(struct stream *stream, enum stream_kind kind)
{
	stream->kind = kind;
	stream->start = 0;
	stream->end = 0;
}

/**
 * stream_room() - where to read to
 * @stream: all that stream_next() found there has been used
 * @len: returned: how much fits; never 0 if stream_next() said STREAM_MORE
 *
 * Return: the place.
 */
uint8_t *stream_room(struct stream *stream, size_t *len)
{
	memmove(stream->buffer, stream->buffer + stream->start, stream_rest(stream));
	stream->end -= stream->start;
	stream->start = 0;
	*len = sizeof(stream->buffer) - stream->end;
	return stream->buffer + stream->end;
}

/**
 * stream_filled() - so much has been read there
 * @stream: the stream
 * @len: bytes
 */
void stream_filled(struct stream *stream, size_t len)
{
	stream->end += len;
}

/* The length that the next frame tells; its header is there. */
unsigned int stream_length(const struct stream *stream)
{
	const uint8_t *header = stream->buffer + stream->start;

	return header[0] << 8 | header[1];
}

static enum stream_status judge(unsigned int len)
{
	if (len < CHAOS_RECORD_MIN)
		return STREAM_SHORT;
	if (len > CHAOS_RECORD_MAX)
		return STREAM_LONG;
	return len % 2 ? STREAM_ODD : STREAM_PACKET;
}

/**
 * stream_next() - take the next packet
 * @stream: the stream
 * @packet: returned with STREAM_PACKET
 *
 * A wrong length is not taken: it is reported again and again, and stream_length() is
 * what it was.
 *
 * Return: what there is.
 */
enum stream_status stream_next(struct stream *stream, struct stream_packet *packet)
{
	enum stream_status status;
	unsigned int len;

	if (stream_rest(stream) < (size_t)stream->kind)
		return STREAM_MORE;
	len = stream_length(stream);
	status = judge(len);
	if (status != STREAM_PACKET)
		return status;
	if (stream_rest(stream) < stream->kind + len)
		return STREAM_MORE;
	packet->data = stream->buffer + stream->start + stream->kind;
	packet->len = len;
	stream->start += stream->kind + len;
	return STREAM_PACKET;
}

/* In words, after "a packet of N bytes". */
const char *stream_status_text(enum stream_status status)
{
	switch (status) {
	case STREAM_SHORT:
		return "which is too short";
	case STREAM_LONG:
		return "which is too long";
	case STREAM_ODD:
		return "which is odd";
	default:
		return "";
	}
}

/**
 * stream_header() - what goes before a packet
 * @kind: of the stream
 * @header: returned, as many bytes as @kind says
 * @len: of the packet with its trailer
 */
void stream_header(enum stream_kind kind, uint8_t *header, size_t len)
{
	header[0] = len >> 8;
	header[1] = len;
	if (kind == STREAM_TLS)
		return;
	header[2] = 1;
	header[3] = 0;
}
