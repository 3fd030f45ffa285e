/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers to DUMP-ROUTING-TABLE and LASTCN. */
#ifndef CHAOS_TABLES_H
#define CHAOS_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTES_MAX	(488 / 4)
#define SEEN_MAX	(488 / 16)
#define ROUTES_LINK_MAX	0377	/* a method up to this is a link's number */

/**
 * struct routes - how a host reaches subnets
 * @cut_short: bytes are left that make no entry
 * @n: entries of @route
 * @route: one for each subnet that it has a way to
 */
struct routes {
	bool cut_short;
	unsigned int n;
	struct {
		uint8_t subnet;
		uint16_t method;	/* number of a link, or a bridge's address */
		uint16_t cost;
	} route[ROUTES_MAX];
};

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

void routes_parse(struct routes *routes, const void *answer, size_t len);
void seen_parse(struct seen *seen, const void *answer, size_t len);

#endif /* CHAOS_TABLES_H */
