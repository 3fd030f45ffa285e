// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "sendq.h"
#include "stream.h"

bool sendq_init(struct sendq *q, unsigned int limit)
{
	*q = (struct sendq) { .limit = limit, .size = (size_t)limit * (STREAM_TLS +
								       CHAOS_RECORD_MAX) };
	q->bytes = malloc(q->size);
	q->frames = calloc(limit, sizeof(*q->frames));
	return q->bytes && q->frames;
}

void sendq_free(struct sendq *q)
{
	free(q->bytes);
	free(q->frames);
	*q = (struct sendq) {};
}

/* A place in a ring; less than twice its size.  Divisions would be slower. */
static size_t wrap(size_t at, size_t size)
{
	return at < size ? at : at - size;
}

/* Behind what waits; there is room. */
static void append(struct sendq *q, const uint8_t *from, size_t len)
{
	size_t to = wrap(q->at + q->len, q->size);
	size_t part = q->size - to < len ? q->size - to : len;

	memcpy(q->bytes + to, from, part);
	memcpy(q->bytes, from + part, len - part);
	q->len += len;
}

bool sendq_put(struct sendq *q, const uint8_t *packet, size_t len)
{
	uint8_t header[STREAM_HEADER_MAX];

	if (q->count == q->limit)
		return false;
	stream_header(STREAM_TLS, header, len);
	append(q, header, STREAM_TLS);
	append(q, packet, len);
	q->frames[wrap(q->head + q->count++, q->limit)] = STREAM_TLS + len;
	return true;
}

const uint8_t *sendq_first(const struct sendq *q, size_t *len)
{
	*len = q->len < q->size - q->at ? q->len : q->size - q->at;
	return q->bytes + q->at;
}

void sendq_took(struct sendq *q, size_t len, uint64_t *packets, uint64_t *bytes)
{
	q->at = wrap(q->at + len, q->size);
	q->len -= len;
	q->gone += len;
	while (q->count && q->gone >= q->frames[q->head]) {
		q->gone -= q->frames[q->head];
		*bytes += q->frames[q->head] - STREAM_TLS;
		q->head = wrap(q->head + 1, q->limit);
		q->count--;
		++*packets;
	}
	/* An empty queue begins anew, so that its bytes lie in one piece. */
	if (!q->count)
		q->at = 0;
}
