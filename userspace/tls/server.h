/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where clients come in. */
#ifndef CHAOS_TLS_SERVER_H
#define CHAOS_TLS_SERVER_H

#include "link.h"
#include "pending.h"

struct listener;
struct visitor;

TAILQ_HEAD(listener_list, listener);
TAILQ_HEAD(visitor_list, visitor);

/**
 * struct server_counters - what became of those who came
 * @identified: they became peers
 * @refused: they did not
 * @evicted: of those, had to make room for others
 */
struct server_counters {
	uint64_t identified;
	uint64_t refused;
	uint64_t evicted;
};

/**
 * struct server - accepts clients
 * @tls: the daemon
 * @listeners: listening sockets
 * @visitors: connections, of peers or of those who are not known yet
 * @pending: those of them who are not known yet
 * @counters: what became of them
 */
struct server {
	struct tls *tls;
	struct listener_list listeners;
	struct visitor_list visitors;
	struct pending_list pending;
	struct server_counters counters;
};

struct server *server_new(struct tls *tls);
void server_free(struct server *server);

int server_open(struct server *server, const struct config *config, struct listener_list *fresh);
void server_close_listeners(struct listener_list *listeners);
void server_configure(struct server *server, struct listener_list *fresh);
void server_forget_link(struct server *server, const struct link *link);
void server_report(const struct server *server);

#endif /* CHAOS_TLS_SERVER_H */
