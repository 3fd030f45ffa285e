// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet goes to every member but the one it came from.  Nothing in it is changed.
 *
 * Where a member is another hub, it may send us what we sent there; some do.  Such a
 * packet comes from an address that another member here uses, and goes nowhere.
 *
 * So a member that uses the address of a host behind that hub would silence the host.  It
 * is heard, but the address is the host's until that has been silent for a while.
 */
#include <string.h>

#include "hub.h"
#include "trailer.h"

/**
 * hub_init() - an ether without members
 * @hub: the ether
 */
void hub_init(struct hub *hub)
{
	memset(hub, 0, sizeof(*hub));
	LIST_INIT(&hub->ports);
}

/**
 * hub_join() - a new member
 * @hub: the ether
 * @port: the member, of no ether now
 */
void hub_join(struct hub *hub, struct hub_port *port)
{
	port->hub = hub;
	LIST_INSERT_HEAD(&hub->ports, port, others);
}

/**
 * hub_leave() - a member less
 * @port: the member; nothing happens if it is of no ether
 *
 * Not to be called while a packet is delivered.
 */
void hub_leave(struct hub_port *port)
{
	if (!port->hub)
		return;
	claims_drop(&port->hub->claims, port);
	LIST_REMOVE(port, others);
	port->hub = NULL;
}

/* The owner is heard, unless that may be a packet of its rival's, sent back. */
static void refresh(struct claim *claim, uint64_t now)
{
	if (!claim->rival || now - claim->rival > CLAIMS_ECHO)
		claim->heard = now;
}

/* Whether a member may have the address of a host behind another hub. */
static bool may_take(const struct claim *claim, const struct hub_port *from, uint64_t now)
{
	return claim->owner->kind > from->kind && now - claim->heard >= CLAIMS_HOLD;
}

/* Note who uses the address; returns whether it is a packet of ours, coming back. */
static bool is_echo(struct hub_port *from, uint16_t source, uint64_t now)
{
	struct claim *claim = claims_find(&from->hub->claims, source, now);

	if (claim && claim->owner == from) {
		refresh(claim, now);
		return false;
	}
	if (!claim || may_take(claim, from, now)) {
		claims_set(&from->hub->claims, source, from, now);
		return false;
	}
	if (from->kind == HUB_UPSTREAM)
		return true;
	if (claim->owner->kind == HUB_UPSTREAM)
		claim->rival = now;
	if (!claim->told) {
		claim->told = true;
		from->hub->conflict(from->hub, source, claim->owner, from);
	}
	return false;
}

/**
 * hub_packet() - a member sends
 * @from: the member
 * @packet: with its trailer
 * @len: CHAOS_RECORD_MIN to CHAOS_RECORD_MAX
 * @now: ms
 *
 * The others have it until hub_flush().
 */
void hub_packet(struct hub_port *from, const uint8_t *packet, size_t len, uint64_t now)
{
	struct hub_port *port;

	from->packets_in++;
	from->bytes_in += len;
	if (is_echo(from, trailer_source(packet, len), now)) {
		from->echoes++;
		return;
	}
	LIST_FOREACH(port, &from->hub->ports, others)
		if (port != from)
			port->ops->take(port, packet, len);
}

/**
 * hub_flush() - after packets that came together
 * @hub: the ether
 */
void hub_flush(struct hub *hub)
{
	struct hub_port *port;

	LIST_FOREACH(port, &hub->ports, others)
		port->ops->flush(port);
}
