/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody who connected to us.
 *
 * First TLS makes sure whom the certificate is for, then it is looked up which addresses
 * that host has, then its first packet says which of them it uses here.  There is a limit
 * to the time for all of this, and to the number of those who are not through with it.
 */
#ifndef CHAOS_TLS_VISITOR_H
#define CHAOS_TLS_VISITOR_H

#include "identity.h"
#include "peer.h"
#include "server.h"

/**
 * struct visitor - a visitor
 * @server: where it came in
 * @session: the connection
 * @query: for its addresses
 * @deadline: for all until it is known who it is
 * @peer: who it became
 * @addr: who it said it is, and was believed; its peer may be replaced meanwhile.  0: none yet
 * @level: of messages about its coming and going
 * @addrs: those of its names
 * @n: their number
 * @pending: unless it has @addr
 * @next: visitor
 */
struct visitor {
	struct server *server;
	struct session *session;
	struct identity_query *query;
	sd_event_source *deadline;
	struct peer *peer;
	uint16_t addr;
	int level;
	uint16_t addrs[IDENTITY_ADDRS_MAX];
	size_t n;
	struct pending pending;
	TAILQ_ENTRY(visitor) next;
};

static inline struct visitor *visitor_of(struct pending *pending)
{
	return (struct visitor *)((char *)pending - offsetof(struct visitor, pending));
}

void visitor_new(struct server *server, int fd, const struct sockaddr_storage *from);
void visitor_free(struct visitor *visitor);
void visitor_evict(struct visitor *visitor);
void visitor_recheck(struct visitor *visitor);

#endif /* CHAOS_TLS_VISITOR_H */
