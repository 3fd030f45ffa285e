// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer to LASTCN: hosts that a host has heard.  Words and halves of double words
 * come low part first.
 */
#include <string.h>

#include "lastcn.h"

#define SEEN_WORDS	8	/* of an entry; one may have more, at its end */

static uint16_t get_word(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static uint32_t get_long(const uint8_t *p)
{
	return get_word(p) | (uint32_t)get_word(p + 2) << 16;
}

/**
 * seen_parse() - read an answer to LASTCN
 * @seen: result
 * @answer: the answer's data, from anybody
 * @len: its length
 *
 * An entry begins with the number of its words, that one included.
 */
void seen_parse(struct seen *seen, const void *answer, size_t len)
{
	const uint8_t *p = answer;

	memset(seen, 0, sizeof(*seen));
	while (len >= 2 && seen->n < SEEN_MAX) {
		size_t bytes = get_word(p) * 2u;

		if (bytes < 2 * SEEN_WORDS || bytes > len)
			break;
		seen->host[seen->n++] = (struct seen_host) {
			.addr = get_word(p + 2),
			.packets = get_long(p + 4),
			.hop = get_word(p + 8),
			.seconds = get_long(p + 10),
			.forwarded = get_word(p + 14),
		};
		p += bytes;
		len -= bytes;
	}
	seen->cut_short = len;
}
