// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a bridge sends packets, as its answer to DUMP-ROUTING-TABLE says. */
#include "bridge.h"
#include "chaos_routes.h"

/**
 * bridge_next() - where a bridge sends packets for a host
 * @table: the bridge's answer to DUMP-ROUTING-TABLE, from anybody
 * @len: its length
 * @host: destination
 * @hop: result
 *
 * Return: NULL, or why the table does not tell, to follow "the bridge: ".
 */
const char *bridge_next(const uint8_t *table, size_t len, uint16_t host, struct bridge_hop *hop)
{
	const struct chaos_routes_entry *route;
	struct chaos_routes routes;

	if (host >> 8 >= CHAOS_ROUTES_MAX)
		return "its answer has no room for subnets above 171";
	chaos_routes_parse(&routes, table, len);
	route = chaos_routes_find(&routes, host >> 8);
	if (!route)
		return "it has no route to the subnet";
	hop->cost = route->cost;
	hop->next = host;
	if (route->method <= CHAOS_ROUTES_LINK_MAX)
		return NULL;
	if (!(route->method & 0377))
		return "its next bridge for the subnet has no host address";
	hop->next = route->method;
	return NULL;
}
