/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: the hosts that the links lead to, and where they are on the Internet.
 *
 * A peer is one Chaosnet address.  There are
 *
 *  - configured ones.  Where they are is said in the configuration, or what the name
 *    there resolves to: only from these addresses and ports are packets taken.  A peer
 *    that may roam can also be anywhere else, as below.
 *
 *  - learned ones, on links where this is allowed: a valid packet from an unknown
 *    address and port makes its sender (trailer source) a peer, if that is a host of
 *    the link's subnet other than ourselves.  Their number is limited.  Who was not
 *    heard for a while is forgotten, and makes room for another before that; nobody
 *    else does.
 *
 * Nothing proves who sent a datagram, so a learned or roaming peer could be taken
 * over by anybody who uses its address.  Therefore such a peer moves only after
 * PEER_HOLD seconds of silence from where it was.  That is longer than two intervals of
 * routing packets, so a bridge that has nothing else to say cannot be taken over either;
 * and who restarts elsewhere, or gets another port from a NAT, waits no longer than that:
 * less than connections live.  A configured peer without "roam" never moves on what a
 * packet says.
 *
 * The sender of a packet from where exactly one configured peer is need not be that
 * peer: an emulator may tell another address of its own, or none.
 *
 * Pure code: time is passed in, in seconds.  Threads that move packets lock the table while
 * they look at peers or change them; the event loop holds them instead, see pumps.h.
 */
#ifndef CHAOS_UDP_PEER_H
#define CHAOS_UDP_PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "udpaddr.h"

#define PEER_PLACES	8	/* addresses that one peer may have */
#define PEER_HOLD	40	/* s */
#define PEER_HASH	1024	/* chains of places */
#define PEER_MAX	254	/* of a link: the hosts of a subnet, without ourselves */

struct link;
struct peer;
struct resolve_query;

/* What is counted for each peer, and once for all that is from nobody we know. */
struct peer_counters {
	uint64_t rx_packets;
	uint64_t rx_version;	/* not Chaos-over-UDP version 1 */
	uint64_t rx_malformed;
	uint64_t rx_checksum;
	uint64_t rx_sender;	/* taken, though the trailer has another source */
	uint64_t tx_packets;
	uint64_t tx_errors;	/* that the socket did not take */
	uint64_t tx_nowhere;	/* not sent: we do not know where it is */
	uint64_t icmp_errors;	/* about what we sent */
};

/**
 * struct peer_place - an address of a peer, in the chain of its hash
 * @addr: address and port
 * @peer: whose it is
 * @next: next in the chain
 */
struct peer_place {
	struct udpaddr addr;
	struct peer *peer;
	struct peer_place *next;
};

/**
 * struct peer - a host that a link leads to
 * @addr: its Chaosnet address
 * @learned: not configured
 * @roam: configured, and may be anywhere
 * @moved: it is where it was heard, not where the configuration says
 * @segment: the kernel may be asked to cut what we send into datagrams (UDP_SEGMENT)
 * @link: the link it is on
 * @list: among the link's peers; of learned ones the one unheard longest is the first
 * @heard: when a packet came, 0: never
 * @place: where it is or may be
 * @n_places: number of those
 * @current: the one that packets are sent to
 * @to: the same for system calls
 * @to_len: its length, 0: there is none
 * @error: the last error in sending or from ICMP since it was heard, an errno, or 0
 * @counters: what passed
 * @where: what the configuration says; host is empty if nothing
 * @due: when to look up the name next
 * @asked: when it was looked up last
 * @query: a look-up under way
 * @batch: for output.c
 */
struct peer {
	uint16_t addr;
	bool learned, roam, moved, segment;
	struct link *link;
	TAILQ_ENTRY(peer) list;
	uint64_t heard;

	struct peer_place place[PEER_PLACES];
	unsigned int n_places, current;
	union udpaddr_sockaddr to;
	socklen_t to_len;
	int error;

	struct peer_counters counters;

	struct endpoint where;
	uint64_t due, asked;
	struct resolve_query *query;

	struct {
		uint16_t first, last;
	} batch;
};

TAILQ_HEAD(peer_list, peer);

/**
 * struct peer_table - all peers of all links
 * @lock: of all this and all peers
 * @by_addr: by Chaosnet address
 * @by_place: chains of places
 * @by_subnet: which link is on a subnet
 * @family: of the socket, AF_INET or AF_INET6
 * @seed: makes chains unpredictable
 */
struct peer_table {
	pthread_mutex_t lock;
	struct peer *by_addr[65536];
	struct peer_place *by_place[PEER_HASH];
	struct link *by_subnet[256];
	int family;
	uint64_t seed;
};

/* What peer_admit() says about a packet. */
enum peer_verdict {
	PEER_KNOWN,
	PEER_LEARNED,		/* a new one */
	PEER_MOVED,		/* it was somewhere else before */
	PEER_STRANGER,		/* nobody is there, and nobody may be learned */
	PEER_CLAIMED,		/* the sender is a peer that is, and stays, elsewhere */
	PEER_FULL,		/* no more can be learned on this link */
	PEER_VERDICTS
};

void peer_table_init(struct peer_table *table, int family, uint64_t seed);
void peer_table_set_family(struct peer_table *table, int family);
void peer_table_add_link(struct peer_table *table, struct link *link);
void peer_table_remove_link(struct peer_table *table, struct link *link);

struct peer *peer_new(struct peer_table *table, struct link *link, uint16_t addr);
void peer_free(struct peer_table *table, struct peer *peer);
void peer_settle(struct peer_table *table, struct peer *peer, const struct udpaddr *addrs,
		 size_t n);
void peer_next_place(struct peer_table *table, struct peer *peer);

struct peer_place *peer_at(const struct peer_table *table, const struct udpaddr *addr);
struct peer_place *peer_also_at(const struct peer_place *place);
enum peer_verdict peer_admit(struct peer_table *table, const struct udpaddr *from,
			     uint16_t sender, uint64_t now, struct peer **peer);
void peer_heard(struct peer_table *table, struct peer_place *place, uint64_t now);
void peer_forget(struct peer_table *table, struct link *link, uint64_t now);

#endif /* CHAOS_UDP_PEER_H */
