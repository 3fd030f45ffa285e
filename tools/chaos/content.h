/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the data of a packet means, by its opcode. */
#ifndef CHAOS_CONTENT_H
#define CHAOS_CONTENT_H

#include "packet.h"

/* Some bytes of a packet's data. */
struct span {
	const uint8_t *bytes;
	size_t len;
};

enum content_kind {
	CONTENT_NONE,
	CONTENT_CONTACT,	/* RFC, LSN, FWD, BRD: @contact, @args; BRD: @subnets */
	CONTENT_WINDOW,		/* OPN, STS: @receipt, @window; STS: @runs */
	CONTENT_REASON,		/* CLS, LOS: @data */
	CONTENT_ROUTES,		/* RUT: @data, pairs of words, subnet and cost */
	CONTENT_DATA,		/* @data: bytes */
	CONTENT_WORDS,		/* @data: words */
};

/**
 * struct content - the data of a packet
 * @kind: which of these are valid
 * @fault: it is not what it should be; then it is shown as data
 * @contact: name of a service
 * @args: what follows it and a space
 * @subnets: bit map, subnet n is bit n % 8 of byte n / 8
 * @receipt: all up to this packet have arrived
 * @window: packets that may be sent
 * @runs: pairs of words, first and last number of each run of packets that have arrived
 *	though one before them has not
 * @data: the data, or what of it has no other place here
 */
struct content {
	enum content_kind kind;
	const char *fault;
	struct span contact, args, subnets;
	uint16_t receipt, window;
	struct span runs;
	struct span data;
};

void content_decode(struct content *c, const struct packet *p);
uint16_t content_word(const struct span *span, size_t i);

#endif /* CHAOS_CONTENT_H */
