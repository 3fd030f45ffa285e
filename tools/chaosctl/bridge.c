// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer to DUMP-ROUTING-TABLE: a pair of words for each subnet from 0, the
 * low byte first.  The first is 0 if there is no route, below 0400 if the bridge
 * is on the subnet, or else the address of the next bridge; the second is the cost.
 */
#include "bridge.h"

#define PAIR		4	/* bytes */
#define LAST_SUBNET	0171	/* what an answer of 488 bytes has room for */
#define FIRST_BRIDGE	0400

static uint16_t get_word(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

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
	unsigned int subnet = host >> 8;
	uint16_t method;

	if (subnet > LAST_SUBNET)
		return "its answer has no room for subnets above 171";
	if (len < (subnet + 1) * PAIR)
		return "it has no route to the subnet";
	method = get_word(table + subnet * PAIR);
	hop->cost = get_word(table + subnet * PAIR + 2);
	if (!method)
		return "it has no route to the subnet";
	if (method >= FIRST_BRIDGE && !(method & 0377))
		return "its next bridge for the subnet has no host address";
	hop->next = method < FIRST_BRIDGE ? host : method;
	return NULL;
}
