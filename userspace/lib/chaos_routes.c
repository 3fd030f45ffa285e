// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
/*
 * The answer to DUMP-ROUTING-TABLE: two words for each subnet, from 0 on, the low byte
 * first.  The first is the method: 0 if there is no route, the number of a link if the
 * host is on the subnet, or else the address of the next bridge; the second is the cost.
 */
#include <string.h>

#include "chaos_routes.h"

#define ENTRY	4	/* bytes */

static uint16_t get_word(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

/**
 * chaos_routes_parse() - read an answer to DUMP-ROUTING-TABLE
 * @routes: result
 * @answer: the answer's data, from anybody
 * @len: its length
 *
 * What is beyond the longest answer is not looked at.
 */
void chaos_routes_parse(struct chaos_routes *routes, const void *answer, size_t len)
{
	const uint8_t *p = answer;
	size_t subnet;

	memset(routes, 0, sizeof(*routes));
	routes->cut_short = len % ENTRY;
	for (subnet = 0; subnet < len / ENTRY && subnet < CHAOS_ROUTES_MAX; subnet++, p += ENTRY) {
		if (!get_word(p))
			continue;
		routes->route[routes->n++] = (struct chaos_routes_entry) {
			.subnet = subnet,
			.method = get_word(p),
			.cost = get_word(p + 2),
		};
	}
}

/**
 * chaos_routes_find() - look for the route to a subnet
 * @routes: what an answer says
 * @subnet: of the destination
 *
 * Return: the entry, or NULL if the host has no route there, or no room to tell.
 */
const struct chaos_routes_entry *chaos_routes_find(const struct chaos_routes *routes,
						   uint8_t subnet)
{
	unsigned int i;

	for (i = 0; i < routes->n; i++)
		if (routes->route[i].subnet == subnet)
			return &routes->route[i];
	return NULL;
}
