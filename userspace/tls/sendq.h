/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that wait to be sent in a byte stream, framed.  Their bytes lie one behind the
 * other, so that many go at once.  Pure: the caller sends.
 */
#ifndef CHAOS_TLS_SENDQ_H
#define CHAOS_TLS_SENDQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct sendq - ring of bytes, and how they are divided
 * @bytes: the ring
 * @size: its length: the longest packets fit
 * @at: where the waiting bytes begin
 * @len: their number
 * @frames: length of each packet with what goes before it, a ring of @limit
 * @head: the first one
 * @count: their number
 * @limit: how many fit
 * @gone: bytes of the first one that are gone
 */
struct sendq {
	uint8_t *bytes;
	size_t size, at, len;
	uint16_t *frames;
	unsigned int head, count, limit;
	unsigned int gone;
};

/**
 * sendq_init() - an empty queue
 * @q: the queue; ends with sendq_free(), also on failure
 * @limit: how many packets it holds
 *
 * Return: whether there was memory.
 */
bool sendq_init(struct sendq *q, unsigned int limit);
void sendq_free(struct sendq *q);

/**
 * sendq_put() - add a packet
 * @q: the queue
 * @packet: with its trailer
 * @len: FRAME_MIN to FRAME_MAX
 *
 * Return: whether there was room.
 */
bool sendq_put(struct sendq *q, const uint8_t *packet, size_t len);

/**
 * sendq_first() - what to send now
 * @q: the queue
 * @len: returned: how much lies there in one piece; 0: nothing waits
 *
 * Until sendq_took() the bytes stay where they are, and only become more.
 *
 * Return: the bytes.
 */
const uint8_t *sendq_first(const struct sendq *q, size_t *len);

/**
 * sendq_took() - so many bytes are gone
 * @q: the queue
 * @len: not more than waited
 * @packets: counts the packets that are gone with them
 * @bytes: counts the bytes of these
 */
void sendq_took(struct sendq *q, size_t len, uint64_t *packets, uint64_t *bytes);

#endif /* CHAOS_TLS_SENDQ_H */
