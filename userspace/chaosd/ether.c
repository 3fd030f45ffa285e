// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "chaos_addr.h"
#include "ether.h"
#include "log.h"

static void conflict(struct hub *hub, uint16_t addr, const struct hub_port *first,
		     const struct hub_port *second)
{
	char text[CHAOS_ADDR_STRLEN];

	(void)hub;
	log_limited(LOG_WARNING, "%s and %s both send from address %s", first->name,
		    second->name, chaos_addr_format(addr, text));
}

/**
 * ether_new() - an ether without parts and members
 * @config: its configuration, which outlives it
 *
 * Return: to be freed; NULL if there is no memory.
 */
struct ether *ether_new(const struct config_ether *config)
{
	struct ether *ether = calloc(1, sizeof(*ether));

	if (!ether)
		return NULL;
	ether->config = config;
	hub_init(&ether->hub);
	ether->hub.conflict = conflict;
	return ether;
}

/**
 * ether_name() - what to call it in messages
 * @ether: the ether
 * @buf: returned
 *
 * Return: @buf.
 */
const char *ether_name(const struct ether *ether, char buf[ETHER_NAME_LEN])
{
	if (ether->config->subnet)
		snprintf(buf, ETHER_NAME_LEN, "ether %o", ether->config->subnet);
	else
		snprintf(buf, ETHER_NAME_LEN, "the ether");
	return buf;
}
