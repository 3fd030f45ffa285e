// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "link.h"
#include "session.h"
#include "tls.h"

/**
 * tls_now() - the time of the present turn of the loop
 * @tls: the daemon
 *
 * Return: ms
 */
uint64_t tls_now(const struct tls *tls)
{
	uint64_t usec;

	if (sd_event_now(tls->daemon->event, CLOCK_MONOTONIC, &usec) < 0)
		return 0;
	return usec / 1000;
}

/**
 * tls_link() - the link that is described so
 * @tls: the daemon
 * @config: from the configuration in force
 *
 * Return: the link, or NULL.
 */
struct link *tls_link(const struct tls *tls, const struct config_link *config)
{
	struct link *link;

	TAILQ_FOREACH(link, &tls->links, next)
		if (link->config == config)
			return link;
	return NULL;
}

/**
 * tls_identify() - look up which addresses the other end of a session may have
 * @tls: the daemon
 * @session: has just been secured; is held
 * @done: takes the answer
 * @arg: for @done
 * @query: set on success, for identity_cancel()
 *
 * Return: 0 or -errno.
 */
int tls_identify(const struct tls *tls, struct session *session, identity_done done, void *arg,
		 struct identity_query **query)
{
	const struct session_names *names = session_names(session);
	const char *list[SESSION_NAMES_MAX];
	size_t i;

	session_hold(session, true);
	for (i = 0; i < names->n; i++)
		list[i] = names->name[i];
	return identity_find(tls->identity, list, names->n, done, arg, query);
}

/**
 * tls_is_ours() - whether this host has an address
 * @tls: the daemon
 * @addr: address
 */
bool tls_is_ours(const struct tls *tls, uint16_t addr)
{
	const struct link *link;

	TAILQ_FOREACH(link, &tls->links, next)
		if (link->roster.self == addr)
			return true;
	return false;
}

/**
 * tls_owner() - whose address something is
 * @tls: the daemon
 * @addr: address
 *
 * Return: the peer who has it, on whatever link, or NULL.
 */
const struct member *tls_owner(const struct tls *tls, uint16_t addr)
{
	const struct member *owner;
	const struct link *link;

	TAILQ_FOREACH(link, &tls->links, next) {
		owner = roster_find(&link->roster, addr);
		if (owner)
			return owner;
	}
	return NULL;
}

/**
 * tls_count_clients() - how many are connected to us
 * @tls: the daemon
 */
unsigned int tls_count_clients(const struct tls *tls)
{
	const struct member *member;
	const struct link *link;
	unsigned int n = 0;

	TAILQ_FOREACH(link, &tls->links, next)
		TAILQ_FOREACH(member, &link->roster.members, next)
			n += !member->is_server;
	return n;
}

/**
 * tls_tell_status() - for systemctl status
 * @tls: the daemon
 */
void tls_tell_status(const struct tls *tls)
{
	unsigned int links = 0, peers = 0;
	const struct link *link;

	TAILQ_FOREACH(link, &tls->links, next) {
		links++;
		peers += link->roster.n;
	}
	daemon_status("%u link%s, %u peer%s", links, links == 1 ? "" : "s", peers,
		      peers == 1 ? "" : "s");
}
