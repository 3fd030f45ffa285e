/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What went wrong in sending, at once or, by ICMP, later.
 *
 * It is counted for the peer, and makes us try another of its addresses and ask again
 * for them.  Nothing of this is fatal: packets may be lost on any network.
 */
#ifndef CHAOS_UDP_ERRORS_H
#define CHAOS_UDP_ERRORS_H

#include "peer.h"

/**
 * struct errors - takes errors
 * @fd: the socket
 * @table: whose they may be
 * @trouble: told when a peer may be at another address now; the table is locked
 * @arg: for @trouble
 */
struct errors {
	int fd;
	struct peer_table *table;
	void (*trouble)(void *arg, struct peer *peer);
	void *arg;
};

unsigned int errors_drain(struct errors *e);
void errors_send(struct errors *e, uint16_t addr, int error, unsigned int packets);

#endif /* CHAOS_UDP_ERRORS_H */
