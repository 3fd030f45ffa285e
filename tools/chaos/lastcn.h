/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer to LASTCN. */
#ifndef CHAOS_LASTCN_H
#define CHAOS_LASTCN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_MAX	(488 / 16)

/**
 * struct seen - hosts that a host has heard
 * @cut_short: the rest of the answer makes no sense
 * @n: entries of @host
 * @host: one for each
 */
struct seen {
	bool cut_short;
	unsigned int n;
	struct seen_host {
		uint16_t addr;
		uint32_t packets;
		uint16_t hop;		/* who handed over the last one; 0: not known */
		uint32_t seconds;	/* since then */
		uint16_t forwarded;	/* how often that was */
	} host[SEEN_MAX];
};

void seen_parse(struct seen *seen, const void *answer, size_t len);

#endif /* CHAOS_LASTCN_H */
