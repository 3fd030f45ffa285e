// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer to STATUS: 32 bytes of host name, then blocks.  A block is a word
 * that says what it is, a word with the number of words that follow, and those.
 * Words and halves of double words come low part first.
 */
#include <string.h>

#include "status.h"

#define SUBNET_BLOCK	0400	/* + subnet: 32-bit counters */
#define UNKNOWN_BLOCK	01000	/* from here on: we cannot know */

/* In the order of the answer, as chaosctl(8) names them. */
const char *const status_counter_names[STATUS_COUNTERS] = {
	"received", "transmitted", "aborted", "lost", "crc", "ram", "badlen", "rejected",
};

static uint16_t get_word(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static uint32_t get_long(const uint8_t *p)
{
	return get_word(p) | (uint32_t)get_word(p + 2) << 16;
}

/* Up to @len bytes of counters; whoever sends more means something newer. */
static void parse_block(struct status *status, unsigned int id, const uint8_t *p, size_t len)
{
	struct status_block *block = &status->block[status->n];
	size_t size = id >= SUBNET_BLOCK ? 4 : 2;

	if (id >= UNKNOWN_BLOCK || status->n == STATUS_BLOCKS_MAX) {
		status->unknown++;
		return;
	}
	block->subnet = id & 0377;
	for (; block->n < STATUS_COUNTERS && len >= size; len -= size, p += size)
		block->count[block->n++] = size == 4 ? get_long(p) : get_word(p);
	status->n++;
}

/**
 * status_parse() - read an answer to STATUS
 * @status: result
 * @answer: the answer's data, from anybody
 * @len: its length
 *
 * Blocks may have any number of words.  An identification below 0400 is the
 * subnet in an obsolete form with 16-bit counters.
 *
 * Return: 0, or -1 when not even a host name is there.
 */
int status_parse(struct status *status, const void *answer, size_t len)
{
	const uint8_t *p = answer;

	memset(status, 0, sizeof(*status));
	if (len < STATUS_NAME_LEN)
		return -1;
	memcpy(status->name, p, STATUS_NAME_LEN);
	p += STATUS_NAME_LEN;
	len -= STATUS_NAME_LEN;
	while (len >= 4) {
		unsigned int id = get_word(p);
		size_t bytes = get_word(p + 2) * 2;

		p += 4;
		len -= 4;
		if (bytes > len) {
			status->cut_short = true;
			bytes = len;
		}
		parse_block(status, id, p, bytes);
		p += bytes;
		len -= bytes;
	}
	if (len)
		status->cut_short = true;
	return 0;
}
