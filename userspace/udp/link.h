/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link of the kernel with its peers. */
#ifndef CHAOS_UDP_LINK_H
#define CHAOS_UDP_LINK_H

#include "output.h"
#include "peer.h"
#include "tap.h"

/**
 * struct link - a link that is fed
 * @addr: our Chaosnet address there
 * @to: the only peer of a point-to-point link, or 0
 * @persist: the link stays when the program ends
 * @max: how many peers may be learned
 * @age: seconds after which a learned peer is forgotten if it is not heard
 * @fixed: configured peers
 * @learned: learned peers, the one unheard longest first
 * @n_fixed: number of configured peers
 * @n_learned: number of learned peers
 * @tx_unknown: packets from the kernel for a next hop that is no peer
 * @dirty: packets for the kernel wait to be flushed
 * @tap: the link itself
 * @output: packets from it, on their way out
 * @udp: the daemon
 * @list: of all links
 */
struct link {
	uint16_t addr, to;
	bool persist;
	unsigned int max;
	uint64_t age;
	struct peer_list fixed, learned;
	unsigned int n_fixed, n_learned;
	uint64_t tx_unknown;
	bool dirty;
	struct tap *tap;
	struct output output;
	struct udp *udp;
	TAILQ_ENTRY(link) list;
};

TAILQ_HEAD(link_list, link);

static inline void link_init(struct link *link, uint16_t addr)
{
	link->addr = addr;
	TAILQ_INIT(&link->fixed);
	TAILQ_INIT(&link->learned);
}

#endif /* CHAOS_UDP_LINK_H */
