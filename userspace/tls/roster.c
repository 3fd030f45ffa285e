// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "roster.h"

/**
 * member_init() - somebody without addresses
 * @member: result
 * @names: of the certificate
 * @is_server: we connected to it
 *
 * A certificate without a subject, which may have DNS names only, is not the same host's
 * as the next one without.
 */
void member_init(struct member *member, const struct session_names *names, bool is_server)
{
	memset(member, 0, sizeof(*member));
	member->is_server = is_server;
	snprintf(member->name, sizeof(member->name), "%s", names->n ? names->name[0] : "?");
	if (*names->subject)
		snprintf(member->subject, sizeof(member->subject), "%s", names->subject);
	else
		snprintf(member->subject, sizeof(member->subject), "DNS:%.251s", member->name);
}

/**
 * member_may_use() - whether an address is one of somebody's
 * @member: who
 * @addr: address
 */
bool member_may_use(const struct member *member, uint16_t addr)
{
	size_t i;

	for (i = 0; i < member->n; i++)
		if (member->addrs[i] == addr)
			return true;
	return false;
}

/**
 * member_allow() - somebody may use an address
 * @member: who, not on a roster
 * @addr: address; more than MEMBER_ADDRS_MAX are left out
 */
void member_allow(struct member *member, uint16_t addr)
{
	if (member->n < MEMBER_ADDRS_MAX && !member_may_use(member, addr))
		member->addrs[member->n++] = addr;
}

/**
 * roster_init() - a link with nobody there but us
 * @roster: result
 * @self: our address
 */
void roster_init(struct roster *roster, uint16_t self)
{
	memset(roster, 0, sizeof(*roster));
	roster->self = self;
	TAILQ_INIT(&roster->members);
}

static bool is_here(const struct roster *roster, uint16_t addr)
{
	return addr >> 8 == roster->self >> 8;
}

/**
 * roster_find() - who has an address
 * @roster: who is there
 * @addr: address
 *
 * Return: the member, or NULL.
 */
struct member *roster_find(const struct roster *roster, uint16_t addr)
{
	return is_here(roster, addr) ? roster->by_host[addr & 0xff] : NULL;
}

/**
 * roster_next_hop() - to whom a packet for a host of the link goes
 * @roster: who is there
 * @destination: of the packet's trailer, not that of all hosts
 *
 * A server passes on what it gets.
 *
 * Return: the member, or NULL.
 */
struct member *roster_next_hop(const struct roster *roster, uint16_t destination)
{
	struct member *member = roster_find(roster, destination);

	return member ? member : roster->server;
}

/**
 * roster_judge() - may somebody come in?
 * @roster: who is there
 * @newcomer: who wants to, with its address
 * @old: who is in the way, unless ROSTER_FREE is returned
 *
 * One that connects anew may have lost its connection without our noticing: then the new
 * one counts.  Two that connect to each other would replace their connections for ever;
 * there the older one counts.
 */
enum roster_verdict roster_judge(const struct roster *roster, const struct member *newcomer,
				 struct member **old)
{
	struct member *member = roster_find(roster, newcomer->addr);

	if (!member || member->addr != newcomer->addr)
		return ROSTER_FREE;
	*old = member;
	if (member->is_server == newcomer->is_server && !strcmp(member->subject, newcomer->subject))
		return ROSTER_TAKEOVER;
	return ROSTER_TAKEN;
}

/* First all have what is their own, then what is left, in the order in which they came. */
static void assign(struct roster *roster)
{
	struct member *member;
	size_t i;

	memset(roster->by_host, 0, sizeof(roster->by_host));
	roster->server = NULL;
	TAILQ_FOREACH(member, &roster->members, next) {
		roster->by_host[member->addr & 0xff] = member;
		if (member->is_server)
			roster->server = member;
	}
	TAILQ_FOREACH(member, &roster->members, next) {
		for (i = 0; i < member->n; i++) {
			uint16_t addr = member->addrs[i];
			struct member **owner = &roster->by_host[addr & 0xff];

			if (is_here(roster, addr) && addr != roster->self && !*owner)
				*owner = member;
		}
	}
}

/**
 * roster_add() - somebody comes in
 * @roster: who is there
 * @member: who, whose address is on the link's subnet and was judged to be free
 */
void roster_add(struct roster *roster, struct member *member)
{
	TAILQ_INSERT_TAIL(&roster->members, member, next);
	roster->n++;
	assign(roster);
}

/**
 * roster_remove() - somebody leaves
 * @roster: who is there
 * @member: one of them
 */
void roster_remove(struct roster *roster, struct member *member)
{
	TAILQ_REMOVE(&roster->members, member, next);
	roster->n--;
	assign(roster);
}
