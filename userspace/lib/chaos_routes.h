/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* The answer to DUMP-ROUTING-TABLE: how a host reaches subnets. */
#ifndef LIBCHAOS_ROUTES_H
#define LIBCHAOS_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/chaos.h>

#define CHAOS_ROUTES_MAX	(CHAOS_DATA_MAX / 4)	/* subnets of an answer: 0 to 0171 */
#define CHAOS_ROUTES_LINK_MAX	0377	/* a method up to this is a link's number */

/**
 * struct chaos_routes - what an answer says
 * @cut_short: bytes are left that make no entry
 * @n: entries of @route
 * @route: one for each subnet that the host has a way to, the lowest first
 */
struct chaos_routes {
	bool cut_short;
	unsigned int n;
	struct chaos_routes_entry {
		uint8_t subnet;
		uint16_t method;	/* number of a link, or a bridge's address */
		uint16_t cost;
	} route[CHAOS_ROUTES_MAX];
};

void chaos_routes_parse(struct chaos_routes *routes, const void *answer, size_t len);
const struct chaos_routes_entry *chaos_routes_find(const struct chaos_routes *routes,
						   uint8_t subnet);

#endif /* LIBCHAOS_ROUTES_H */
