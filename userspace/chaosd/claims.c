// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Learned from the trailer's source, where every sender puts its own address on this
 * subnet.  Senders that leave it 0 claim nothing.
 */
#include <stddef.h>

#include "claims.h"

static struct claim *slot(struct claims *claims, uint16_t addr)
{
	return &claims->by_host[addr & 0xff];
}

/**
 * claims_find() - who uses an address
 * @claims: of the ether
 * @addr: link address
 * @now: ms
 *
 * Return: the claim, with an owner; NULL if there is none, or none that is recent.
 */
struct claim *claims_find(struct claims *claims, uint16_t addr, uint64_t now)
{
	struct claim *claim = slot(claims, addr);

	if (!claim->owner || claim->addr != addr || now - claim->heard > CLAIMS_AGE)
		return NULL;
	return claim;
}

/**
 * claims_set() - a member uses this address
 * @claims: of the ether
 * @addr: link address; 0 is ignored
 * @owner: the member
 * @now: ms
 */
void claims_set(struct claims *claims, uint16_t addr, const struct hub_port *owner, uint64_t now)
{
	struct claim *claim = slot(claims, addr);
	bool told = claim->told && claim->addr == addr;

	if (addr)
		*claim = (struct claim) {
			.addr = addr, .told = told, .owner = owner, .heard = now,
		};
}

/**
 * claims_drop() - a member is gone
 * @claims: of the ether
 * @owner: the member
 */
void claims_drop(struct claims *claims, const struct hub_port *owner)
{
	int host;

	for (host = 0; host < 256; host++)
		if (claims->by_host[host].owner == owner)
			claims->by_host[host] = (struct claim) {};
}
