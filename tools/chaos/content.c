// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <linux/chaos.h>

#include "content.h"

#define SUBNET_MAP	32	/* bytes, at most */
#define AHEAD_MAX	32767	/* packet numbers count modulo 65536: more is behind */

/**
 * content_word() - a word of data
 * @span: the data
 * @i: number of the word; all of it must be there
 *
 * Return: the word.
 */
uint16_t content_word(const struct span *span, size_t i)
{
	return span->bytes[2 * i] | span->bytes[2 * i + 1] << 8;
}

static void decode_contact(struct content *c)
{
	const uint8_t *space;

	c->kind = CONTENT_CONTACT;
	c->contact = c->data;
	space = memchr(c->data.bytes, ' ', c->data.len);
	if (space) {
		c->contact.len = space - c->data.bytes;
		c->args.bytes = space + 1;
		c->args.len = c->data.len - c->contact.len - 1;
	}
	if (!c->contact.len)
		c->fault = "no contact name";
}

/* A BRD says in the acknowledgment field how long its map of subnets is. */
static void decode_broadcast(struct content *c, const struct packet *p)
{
	if (!p->ack || p->ack % 4 || p->ack > SUBNET_MAP || p->ack > c->data.len) {
		c->kind = CONTENT_DATA;
		c->fault = "map of subnets of impossible length";
		return;
	}
	c->subnets.bytes = c->data.bytes;
	c->subnets.len = p->ack;
	c->data.bytes += p->ack;
	c->data.len -= p->ack;
	decode_contact(c);
}

/* In order, with a gap before each of them. */
static bool are_runs(const struct span *words, uint16_t receipt)
{
	unsigned int end = 0;

	for (size_t i = 0; i < words->len / 2; i += 2) {
		unsigned int first = (uint16_t)(content_word(words, i) - receipt);
		unsigned int last = (uint16_t)(content_word(words, i + 1) - receipt);

		if (first <= end + 1 || last < first || last > AHEAD_MAX)
			return false;
		end = last;
	}
	return true;
}

/* Other words after the window mean nothing. */
static void decode_runs(struct content *c, const struct packet *p)
{
	const struct span words = { c->data.bytes + 4, c->data.len - 4 };

	if (p->len == p->count && words.len % 4 == 0 && are_runs(&words, c->receipt))
		c->runs = words;
}

static void decode_window(struct content *c, const struct packet *p)
{
	if (c->data.len < 4) {
		c->kind = CONTENT_DATA;
		c->fault = "without receipt and window";
		return;
	}
	c->kind = CONTENT_WINDOW;
	c->receipt = content_word(&c->data, 0);
	c->window = content_word(&c->data, 1);
	if (p->opcode == CHAOS_OP_STS)
		decode_runs(c, p);
}

static void decode_routes(struct content *c)
{
	c->kind = CONTENT_ROUTES;
	if (!c->data.len || c->data.len % 4)
		c->fault = "without or with half a route";
}

/**
 * content_decode() - find out what the data of a packet means
 * @c: result; it points into @p
 * @p: the packet
 */
void content_decode(struct content *c, const struct packet *p)
{
	*c = (struct content) { .data = { p->data, p->len } };
	switch (p->opcode) {
	case CHAOS_OP_RFC:
	case CHAOS_OP_LSN:
	case CHAOS_OP_FWD:
		decode_contact(c);
		return;
	case CHAOS_OP_BRD:
		decode_broadcast(c, p);
		return;
	case CHAOS_OP_OPN:
	case CHAOS_OP_STS:
		decode_window(c, p);
		return;
	case CHAOS_OP_CLS:
	case CHAOS_OP_LOS:
		c->kind = CONTENT_REASON;
		return;
	case CHAOS_OP_RUT:
		decode_routes(c);
		return;
	}
	if (!p->len)
		c->kind = CONTENT_NONE;
	else
		c->kind = p->opcode >= CHAOS_OP_DWD ? CONTENT_WORDS : CONTENT_DATA;
}
