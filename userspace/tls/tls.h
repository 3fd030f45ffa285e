/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon at work.
 *
 *	TCP socket --> session (TLS, framing) --> server or client --> peer --> link --> tap
 *
 * A session is one TLS connection.  The server's and the clients' sessions become peers
 * once their certificates' names were resolved (identity) and their first packets fit;
 * a peer belongs to a link, which is one net_device, fed through one tap.
 *
 * The parts know only those further to the right, and call back to the left.
 */
#ifndef CHAOS_TLS_TLS_H
#define CHAOS_TLS_TLS_H

#include <stdint.h>
#include <sys/queue.h>

#include "config.h"
#include "daemon.h"
#include "identity.h"
#include "resolve.h"

struct context;
struct link;
struct member;
struct server;
struct session;
struct watch;

TAILQ_HEAD(link_list, link);

/**
 * struct tls - all there is
 * @daemon: the daemon's frame, with the event loop
 * @config: configuration in force
 * @resolver: looks up Internet addresses
 * @identity: looks up Chaosnet addresses
 * @context: keys and certificates
 * @server: accepts clients
 * @links: links
 * @watch: tells when the network changes
 * @daily: tells when certificates end
 * @minutely: looks whether those of peers are still good
 */
struct tls {
	struct daemon *daemon;
	const struct config *config;
	struct resolver *resolver;
	struct identity *identity;
	struct context *context;
	struct server *server;
	struct link_list links;
	struct watch *watch;
	sd_event_source *daily;
	sd_event_source *minutely;
};

uint64_t tls_now(const struct tls *tls);
struct link *tls_link(const struct tls *tls, const struct config_link *config);
bool tls_is_ours(const struct tls *tls, uint16_t addr);
const struct member *tls_owner(const struct tls *tls, uint16_t addr);
int tls_identify(const struct tls *tls, struct session *session, identity_done done, void *arg,
		 struct identity_query **query);
unsigned int tls_count_clients(const struct tls *tls);
void tls_tell_status(const struct tls *tls);

#endif /* CHAOS_TLS_TLS_H */
