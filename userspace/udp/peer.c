// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "log.h"
#include "peer.h"

static unsigned int hash(const struct peer_table *table, const struct udpaddr *addr)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;	/* 2^64 / golden ratio */
	uint64_t half[2], h = table->seed ^ addr->port ^ (uint64_t)addr->scope << 16;
	int i;

	memcpy(half, &addr->ip, sizeof(half));
	for (i = 0; i < 2; i++) {
		h = (h ^ half[i]) * odd;
		h ^= h >> 32;
	}
	return h * odd >> 32 & (PEER_HASH - 1);
}

static void chain(struct peer_table *table, struct peer_place *place)
{
	struct peer_place **head = &table->by_place[hash(table, &place->addr)];

	place->next = *head;
	*head = place;
}

static void unchain(struct peer_table *table, struct peer_place *place)
{
	struct peer_place **at = &table->by_place[hash(table, &place->addr)];

	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
}

/* Send to place @first from now on, or to the first behind it that the socket can reach. */
static void aim(struct peer_table *table, struct peer *peer, unsigned int first)
{
	unsigned int i;

	peer->to_len = 0;
	for (i = 0; i < peer->n_places && !peer->to_len; i++) {
		peer->current = (first + i) % peer->n_places;
		peer->to_len = udpaddr_to_sockaddr(&peer->to, &peer->place[peer->current].addr,
						   table->family);
	}
	peer->segment = true;
}

static void set_places(struct peer_table *table, struct peer *peer, const struct udpaddr *addrs,
		       unsigned int n)
{
	unsigned int i;

	for (i = 0; i < peer->n_places; i++)
		unchain(table, &peer->place[i]);
	peer->n_places = n;
	for (i = 0; i < n; i++) {
		peer->place[i].addr = addrs[i];
		peer->place[i].peer = peer;
		chain(table, &peer->place[i]);
	}
}

/**
 * peer_table_init() - make an empty table
 * @table: table
 * @family: of the socket, AF_INET or AF_INET6
 * @seed: a random number
 */
void peer_table_init(struct peer_table *table, int family, uint64_t seed)
{
	memset(table, 0, sizeof(*table));
	pthread_mutex_init(&table->lock, NULL);
	table->family = family;
	table->seed = seed;
}

/**
 * peer_table_set_family() - the socket is another one now
 * @table: table
 * @family: its family
 */
void peer_table_set_family(struct peer_table *table, int family)
{
	struct peer *peer;
	unsigned int i;

	table->family = family;
	for (i = 0; i < 65536; i++) {
		peer = table->by_addr[i];
		if (peer)
			aim(table, peer, peer->current);
	}
}

/**
 * peer_table_add_link() - let a link have peers
 * @table: table
 * @link: link; there is none yet on its subnet
 */
void peer_table_add_link(struct peer_table *table, struct link *link)
{
	table->by_subnet[link->addr >> 8] = link;
}

/**
 * peer_table_remove_link() - forget a link
 * @table: table
 * @link: link; its peers are freed
 */
void peer_table_remove_link(struct peer_table *table, struct link *link)
{
	struct peer *peer;

	while ((peer = TAILQ_FIRST(&link->fixed)) || (peer = TAILQ_FIRST(&link->learned)))
		peer_free(table, peer);
	table->by_subnet[link->addr >> 8] = NULL;
}

static struct peer *new_peer(struct peer_table *table, struct link *link, uint16_t addr,
			     bool learned)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->addr = addr;
	peer->link = link;
	peer->learned = learned;
	peer->segment = true;
	TAILQ_INSERT_TAIL(learned ? &link->learned : &link->fixed, peer, list);
	if (learned)
		link->n_learned++;
	else
		link->n_fixed++;
	table->by_addr[addr] = peer;
	return peer;
}

/**
 * peer_new() - add a configured peer
 * @table: table
 * @link: its link
 * @addr: its address; a learned peer with it is forgotten
 *
 * Return: the peer, without a place; NULL: no memory.
 */
struct peer *peer_new(struct peer_table *table, struct link *link, uint16_t addr)
{
	if (table->by_addr[addr])
		peer_free(table, table->by_addr[addr]);
	return new_peer(table, link, addr, false);
}

/**
 * peer_free() - forget a peer
 * @table: table
 * @peer: peer; no query is under way
 */
void peer_free(struct peer_table *table, struct peer *peer)
{
	struct link *link = peer->link;

	set_places(table, peer, NULL, 0);
	table->by_addr[peer->addr] = NULL;
	if (peer->learned) {
		TAILQ_REMOVE(&link->learned, peer, list);
		link->n_learned--;
	} else {
		TAILQ_REMOVE(&link->fixed, peer, list);
		link->n_fixed--;
	}
	free(peer);
}

static bool listed(const struct udpaddr *list, size_t n, const struct udpaddr *addr)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (udpaddr_same(&list[i], addr))
			return true;
	return false;
}

/**
 * peer_settle() - set where a configured peer is
 * @table: table
 * @peer: peer
 * @addrs: its addresses, the best first
 * @n: their number; more than PEER_PLACES are ignored
 *
 * Packets go where they went before if that is still among @addrs, or if the peer moved
 * there, otherwise to the first.
 */
void peer_settle(struct peer_table *table, struct peer *peer, const struct udpaddr *addrs,
		 size_t n)
{
	struct udpaddr list[PEER_PLACES], old = { .port = 0 };
	unsigned int count = 0, current = 0;
	size_t i;

	if (peer->n_places)
		old = peer->place[peer->current].addr;
	if (peer->moved)
		list[count++] = peer->place[0].addr;
	for (i = 0; i < n && count < PEER_PLACES; i++)
		if (!listed(list, count, &addrs[i]))
			list[count++] = addrs[i];
	for (i = 0; i < count; i++)
		if (udpaddr_same(&list[i], &old))
			current = i;
	set_places(table, peer, list, count);
	aim(table, peer, current);
}

/**
 * peer_next_place() - try another of a peer's addresses
 * @table: table
 * @peer: peer
 */
void peer_next_place(struct peer_table *table, struct peer *peer)
{
	if (peer->n_places > 1)
		aim(table, peer, (peer->current + 1) % peer->n_places);
}

static struct peer_place *in_chain(struct peer_place *place, const struct udpaddr *addr)
{
	while (place && !udpaddr_same(&place->addr, addr))
		place = place->next;
	return place;
}

/**
 * peer_at() - who is there?
 * @table: table
 * @addr: address and port
 *
 * Return: a peer's place, or NULL.  See peer_also_at().
 */
struct peer_place *peer_at(const struct peer_table *table, const struct udpaddr *addr)
{
	return in_chain(table->by_place[hash(table, addr)], addr);
}

/**
 * peer_also_at() - who else is there?
 * @place: from peer_at() or from here
 *
 * The host at the other end may be on the subnets of several of our links, and so be
 * several peers.
 *
 * Return: another peer's place with the same address, or NULL.
 */
struct peer_place *peer_also_at(const struct peer_place *place)
{
	return in_chain(place->next, &place->addr);
}

/* The peer is at @addr; where it was before is forgotten, except what is configured. */
static void move(struct peer_table *table, struct peer *peer, const struct udpaddr *addr)
{
	struct udpaddr list[PEER_PLACES] = { *addr };
	unsigned int i, count = 1;

	for (i = peer->moved || peer->learned ? 1 : 0; i < peer->n_places; i++)
		if (count < PEER_PLACES)
			list[count++] = peer->place[i].addr;
	peer->moved = !peer->learned;
	set_places(table, peer, list, count);
	aim(table, peer, 0);
}

static bool may_move(const struct peer *peer, uint64_t now)
{
	if (!peer->learned && !peer->roam)
		return false;
	return !peer->heard || now - peer->heard >= PEER_HOLD;
}

/* Look who sends, having never been here. */
static enum peer_verdict learn(struct peer_table *table, const struct udpaddr *from,
			       uint16_t sender, uint64_t now)
{
	struct link *link = table->by_subnet[sender >> 8];
	struct peer *peer;

	if (!link || !link->max || !(sender & 0xff) || sender == link->addr)
		return PEER_STRANGER;
	if (link->n_learned >= link->max)
		peer_forget(table, link, now);
	if (link->n_learned >= link->max)
		return PEER_FULL;
	peer = new_peer(table, link, sender, true);
	if (!peer)
		return PEER_FULL;
	move(table, peer, from);
	return PEER_LEARNED;
}

/**
 * peer_admit() - decide about a valid packet
 * @table: table
 * @from: where it came from
 * @sender: source in its trailer
 * @now: time
 * @peer: result: whose it is; NULL: it is to be dropped
 *
 * The caller may skip this if peer_at() gave a place whose peer is @sender: then it is
 * that peer's, and the caller calls peer_heard().
 *
 * Return: what became of it; unless @peer is NULL, the packet has been counted.
 */
enum peer_verdict peer_admit(struct peer_table *table, const struct udpaddr *from,
			     uint16_t sender, uint64_t now, struct peer **peer)
{
	struct peer_place *first = peer_at(table, from), *place = first;
	struct peer *owner = table->by_addr[sender];
	enum peer_verdict verdict;

	while (place && place->peer != owner)
		place = peer_also_at(place);
	if (place) {
		verdict = PEER_KNOWN;
	} else if (!owner) {
		verdict = learn(table, from, sender, now);
		owner = table->by_addr[sender];
		/* To make room, who was there may have been forgotten. */
		first = peer_at(table, from);
	} else if (may_move(owner, now)) {
		move(table, owner, from);
		verdict = PEER_MOVED;
	} else {
		verdict = PEER_CLAIMED;
		owner = NULL;
	}
	if (!owner && first && !peer_also_at(first) && !first->peer->learned) {
		verdict = PEER_KNOWN;
		owner = first->peer;
		owner->counters.rx_sender++;
		place = first;
	}
	*peer = owner;
	if (owner)
		peer_heard(table, place ? place : &owner->place[0], now);
	return verdict;
}

/**
 * peer_heard() - count a packet
 * @table: table
 * @place: where it came from
 * @now: time
 *
 * Packets to the peer go there from now on.
 */
void peer_heard(struct peer_table *table, struct peer_place *place, uint64_t now)
{
	struct peer *peer = place->peer;

	peer->counters.rx_packets++;
	if (place != &peer->place[peer->current])
		aim(table, peer, place - peer->place);
	if (peer->heard == now)
		return;
	peer->heard = now;
	peer->error = 0;
	if (peer->learned) {
		TAILQ_REMOVE(&peer->link->learned, peer, list);
		TAILQ_INSERT_TAIL(&peer->link->learned, peer, list);
	}
}

/**
 * peer_forget() - forget learned peers that were not heard for a while
 * @table: table
 * @link: on which link
 * @now: time
 */
void peer_forget(struct peer_table *table, struct link *link, uint64_t now)
{
	struct peer *peer;

	while ((peer = TAILQ_FIRST(&link->learned)) && now - peer->heard >= link->age) {
		log_limited(LOG_INFO, "peer %o is forgotten: not heard for %llu s", peer->addr,
			    (unsigned long long)(now - peer->heard));
		peer_free(table, peer);
	}
}
