// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "rules.h"

#define TOLD	4	/* addresses in a message */

static bool is_for(const struct config_mux *mux, const struct session_names *names)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!strcmp(mux->name, names->name[i]))
			return true;
	return false;
}

/**
 * rules_has_mux() - whether the configuration gives addresses to somebody
 * @config: configuration
 * @names: of the certificate
 */
bool rules_has_mux(const struct config *config, const struct session_names *names)
{
	const struct config_link *link;
	const struct config_mux *mux;

	TAILQ_FOREACH(link, &config->links, next)
		TAILQ_FOREACH(mux, &link->muxes, next)
			if (is_for(mux, names))
				return true;
	return false;
}

/**
 * rules_admit() - see what a client may use on a link
 * @link: link
 * @client: what is known of it
 * @addr: what it says that it is
 * @member: result, without names
 *
 * Return: whether it may be that.
 */
bool rules_admit(const struct config_link *link, const struct rules_client *client,
		 uint16_t addr, struct member *member)
{
	const struct config_mux *mux;
	size_t i;

	member->addr = addr;
	member->n = 0;
	for (i = 0; i < client->n; i++)
		member_allow(member, client->addrs[i]);
	TAILQ_FOREACH(mux, &link->muxes, next)
		for (i = 0; i < mux->n && is_for(mux, client->names); i++)
			member_allow(member, mux->addrs[i]);
	return addr >> 8 == link->addr >> 8 && addr != link->addr && member_may_use(member, addr);
}

static const struct config_link *find_link(const struct config *config, uint16_t addr)
{
	const struct config_link *link;

	TAILQ_FOREACH(link, &config->links, next)
		if (link->accept && link->addr >> 8 == addr >> 8)
			return link;
	return NULL;
}

static void explain(const struct rules_client *client, const struct member *member,
		    uint16_t addr, char why[RULES_WHY_LEN])
{
	int at = snprintf(why, RULES_WHY_LEN, "it says it is %o, but is certified as %s, which has",
			  addr, client->names->n ? client->names->name[0] : "nobody");
	size_t i;

	for (i = 0; i < member->n && i < TOLD; i++)
		at += snprintf(why + at, RULES_WHY_LEN - at, "%s %o", i ? "," : "",
			       member->addrs[i]);
	snprintf(why + at, RULES_WHY_LEN - at, "%s",
		 !member->n ? " no address" : member->n > TOLD ? ", ..." : "");
}

/**
 * rules_first() - judge the first packet of a client
 * @config: configuration
 * @client: what is known of it
 * @packet: packet; its source tells who the client is
 * @why: if it is refused, the reason in words
 *
 * Return: the link that the client is on, or NULL.
 */
const struct config_link *rules_first(const struct config *config,
				      const struct rules_client *client, const uint8_t *packet,
				      char why[RULES_WHY_LEN])
{
	uint16_t addr = frame_source(packet);
	const struct config_link *link;
	struct member member;

	if (frame_opcode(packet) != CHAOS_OP_SNS && frame_opcode(packet) != CHAOS_OP_RUT) {
		snprintf(why, RULES_WHY_LEN,
			 "its first packet has opcode %o, which does not tell who it is",
			 frame_opcode(packet));
		return NULL;
	}
	link = find_link(config, addr);
	if (!link) {
		snprintf(why, RULES_WHY_LEN,
			 "it says it is %o, on a subnet whose clients are not accepted here", addr);
		return NULL;
	}
	if (addr == link->addr) {
		snprintf(why, RULES_WHY_LEN, "it says it is %o, which we are", addr);
		return NULL;
	}
	if (rules_admit(link, client, addr, &member))
		return link;
	explain(client, &member, addr, why);
	return NULL;
}

/**
 * rules_look() - judge a packet of a peer
 * @packet: packet
 * @from: the peer
 * @owner: whose address the packet's source is; NULL: of no peer
 * @ours: or whether it is our own
 *
 * A peer may be a bridge, so packets come from anywhere but from those whom we know to be
 * elsewhere.  Only routing packets are about the peer itself.
 */
enum rules_verdict rules_look(const uint8_t *packet, const struct member *from,
			      const struct member *owner, bool ours)
{
	unsigned int opcode = frame_opcode(packet);

	if (ours || (owner && owner != from))
		return RULES_SOURCE;
	if (opcode == CHAOS_OP_SNS && !frame_destination_index(packet))
		return RULES_KEEPALIVE;
	if (opcode == CHAOS_OP_RUT && !member_may_use(from, frame_source(packet)))
		return RULES_SOURCE;
	return RULES_PASS;
}
