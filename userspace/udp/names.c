// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where configured peers are.
 *
 * A name is looked up at once, then every NAMES_INTERVAL, and earlier when sending
 * fails, when ICMP tells that nobody is there, or when a packet seems to come from the
 * peer, but from elsewhere.  While a name cannot be looked up, the
 * addresses known last stay.
 */
#include <string.h>

#include "clock.h"
#include "log.h"
#include "udp.h"

static bool is_name(const struct peer *peer)
{
	return *peer->where.host && peer->where.family == AF_UNSPEC;
}

static void due_in(struct udp *udp, struct peer *peer, uint64_t seconds)
{
	peer->due = clock_now() + seconds;
	udp_wake(udp, peer->due);
}

/* Take addresses as long as there is place for them. */
static size_t convert(struct udpaddr *to, const struct sockaddr_storage *from, size_t n)
{
	size_t i, count = 0;

	for (i = 0; i < n && count < PEER_PLACES; i++)
		if (udpaddr_from_sockaddr(&to[count], &from[i], sizeof(from[i])) &&
		    udpaddr_usable(&to[count], AF_INET6))
			count++;
	return count;
}

/* The peer is at one of these.  Tell of a change. */
static void settle(struct udp *udp, struct peer *peer, const struct udpaddr *list, size_t n)
{
	char text[UDPADDR_STRLEN];
	struct udpaddr old = { .port = 0 };

	if (peer->to_len)
		old = peer->place[peer->current].addr;
	/* Not heard where it was heard last: what the name says is as good. */
	if (peer->moved && clock_now() - peer->heard >= NAMES_INTERVAL)
		peer->moved = false;
	peer_settle(&udp->table, peer, list, n);
	if (!peer->to_len)
		log_warning("peer %o: %s: no address that the socket can send to", peer->addr,
			    peer->where.host);
	else if (!udpaddr_same(&old, &peer->place[peer->current].addr))
		log_info("peer %o is at %s", peer->addr,
			 udpaddr_format(&peer->place[peer->current].addr, text));
}

static void on_answer(void *arg, const char *error, const struct sockaddr_storage *addrs, size_t n)
{
	struct udpaddr list[PEER_PLACES];
	struct peer *peer = arg;
	struct udp *udp = peer->link->udp;

	pumps_hold(udp->pumps);
	peer->query = NULL;
	if (!error) {
		settle(udp, peer, list, convert(list, addrs, n));
		due_in(udp, peer, NAMES_INTERVAL);
	} else {
		log_limited(LOG_WARNING, "peer %o: %s: %s", peer->addr, peer->where.host, error);
		due_in(udp, peer, NAMES_RETRY);
	}
	pumps_release(udp->pumps);
}

static void look_up(struct udp *udp, struct peer *peer, uint64_t now)
{
	int err;

	peer->asked = now;
	peer->due = UINT64_MAX;
	err = resolve(udp->resolver, &peer->where, CHUDP_PORT, AF_UNSPEC, NAMES_RETRY, on_answer,
		      peer, &peer->query);
	if (err) {
		peer->query = NULL;
		log_limited(LOG_WARNING, "peer %o: %s: %s", peer->addr, peer->where.host,
			    strerror(-err));
		due_in(udp, peer, NAMES_RETRY);
	}
}

/**
 * names_locate() - find out where a configured peer is
 * @udp: daemon
 * @peer: peer, new or with a new @where
 */
void names_locate(struct udp *udp, struct peer *peer)
{
	struct sockaddr_storage sa;
	struct udpaddr addr;

	names_forget(peer);
	peer->due = UINT64_MAX;
	peer->moved = false;
	if (is_name(peer)) {
		due_in(udp, peer, 0);
	} else if (*peer->where.host) {
		if (!endpoint_address(&peer->where, CHUDP_PORT, &sa))
			sa.ss_family = AF_UNSPEC;
		settle(udp, peer, &addr, convert(&addr, &sa, 1));
	}
}

/**
 * names_forget() - look up a peer's name no more
 * @peer: configured peer
 */
void names_forget(struct peer *peer)
{
	resolve_cancel(peer->query);
	peer->query = NULL;
}

/**
 * names_trouble() - look up a peer's name before its time
 * @arg: daemon
 * @peer: peer that does not seem to be where we thought
 *
 * From any thread; the table is locked.
 */
void names_trouble(void *arg, struct peer *peer)
{
	struct udp *udp = arg;
	uint64_t at;

	if (!is_name(peer) || peer->query)
		return;
	at = peer->asked + NAMES_RETRY;
	if (at < peer->due) {
		peer->due = at;
		pumps_call(udp->pumps);
	}
}

/**
 * names_due() - look up the names whose time has come
 * @udp: daemon
 * @now: time
 *
 * Return: when to call it again; UINT64_MAX: never.
 */
uint64_t names_due(struct udp *udp, uint64_t now)
{
	uint64_t next = UINT64_MAX;
	struct link *link;
	struct peer *peer;

	TAILQ_FOREACH(link, &udp->links, list) {
		TAILQ_FOREACH(peer, &link->fixed, list) {
			if (is_name(peer) && !peer->query && peer->due <= now)
				look_up(udp, peer, now);
			if (peer->due < next)
				next = peer->due;
		}
	}
	return next;
}
