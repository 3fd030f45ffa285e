// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "context.h"
#include "log.h"
#include "rules.h"
#include "visitor.h"

#define TOLD_MS		60000

static struct rules_client describe(const struct visitor *visitor)
{
	return (struct rules_client) {
		.names = session_names(visitor->session),
		.addrs = visitor->addrs,
		.n = visitor->n,
	};
}

/* It is not pending any more. */
static void settle(struct visitor *visitor)
{
	visitor->addr = visitor->peer->member.addr;
	pending_remove(&visitor->server->pending, &visitor->pending);
	visitor->deadline = sd_event_source_disable_unref(visitor->deadline);
}

/* One who comes and goes all the time is told of once a minute. */
static void announce(struct visitor *visitor)
{
	const struct peer *peer = visitor->peer;
	uint64_t *told = &peer->link->told[visitor->addr & 0xff];
	bool often = *told && peer->since - *told < TOLD_MS;

	visitor->level = often ? LOG_INFO : LOG_NOTICE;
	if (!often)
		*told = peer->since;
	log_at(visitor->level, "link %s: %o (%s) has connected, from %s",
	       tap_name(peer->link->tap), visitor->addr, peer->member.name,
	       session_where(visitor->session));
}

/* Make a peer of it, on whatever terms with who is there.  Returns 0, or -1: it ends. */
static int join(struct visitor *visitor, struct link *link, const struct member *who)
{
	struct session *session = visitor->session;
	const struct tls *tls = link->tls;
	struct member *old;
	int err;

	switch (roster_judge(&link->roster, who, &old)) {
	case ROSTER_TAKEN:
		session_end(session, "%o is connected already, %s %s", who->addr,
			    old->is_server ? "as our server" : "as", old->name);
		return -1;
	case ROSTER_TAKEOVER:
		peer_replace(peer_of(old), session_where(session));
		break;
	case ROSTER_FREE:
		break;
	}
	if (tls_count_clients(tls) >= tls->config->clients) {
		session_end(session, "there are %lu clients already", tls->config->clients);
		return -1;
	}
	err = peer_new(link, session, who, &visitor->peer);
	if (err) {
		session_end(session, "%s", strerror(-err));
		return -1;
	}
	return 0;
}

static void first_packet(struct visitor *visitor, uint8_t *packet, size_t len)
{
	const struct tls *tls = visitor->server->tls;
	struct rules_client client = describe(visitor);
	const struct config_link *config;
	char why[RULES_WHY_LEN];
	struct member who;

	config = rules_first(tls->config, &client, packet, why);
	if (!config) {
		session_end(visitor->session, "%s", why);
		return;
	}
	member_init(&who, client.names, false);
	rules_admit(config, &client, frame_source(packet), &who);
	if (join(visitor, tls_link(tls, config), &who))
		return;
	settle(visitor);
	visitor->server->counters.identified++;
	announce(visitor);
	peer_packet(visitor->peer, packet, len);
}

static void on_packet(struct session *session, uint8_t *packet, size_t len, void *arg)
{
	struct visitor *visitor = arg;

	(void)session;
	if (visitor->peer)
		peer_packet(visitor->peer, packet, len);
	else if (!visitor->addr)
		first_packet(visitor, packet, len);
}

static void on_batch(struct session *session, void *arg)
{
	struct visitor *visitor = arg;

	(void)session;
	if (visitor->peer)
		peer_batch(visitor->peer);
}

static void on_identified(void *arg, const char *error, const uint16_t *addrs, size_t n)
{
	struct visitor *visitor = arg;
	struct rules_client client;

	visitor->query = NULL;
	client = describe(visitor);
	if (error && !rules_has_mux(visitor->server->tls->config, client.names)) {
		session_end(visitor->session, "%s", error);
		return;
	}
	if (!error) {
		visitor->n = n < IDENTITY_ADDRS_MAX ? n : IDENTITY_ADDRS_MAX;
		memcpy(visitor->addrs, addrs, visitor->n * sizeof(*addrs));
	}
	session_hold(visitor->session, false);
}

static void on_secured(struct session *session, void *arg)
{
	struct visitor *visitor = arg;
	int err = tls_identify(visitor->server->tls, session, on_identified, visitor,
			       &visitor->query);

	if (err)
		session_end(session, "its addresses cannot be looked up: %s", strerror(-err));
}

static void on_ended(struct session *session, const char *why, void *arg)
{
	struct visitor *visitor = arg;

	if (visitor->addr) {
		log_at(visitor->level, "%o (%s), from %s: has left: %s", visitor->addr,
		       session_names(session)->name[0], session_where(session), why);
	} else {
		visitor->server->counters.refused++;
		log_limited(LOG_NOTICE, "%s: refused: %s", session_where(session), why);
	}
	visitor_free(visitor);
}

static const struct session_ops ops = {
	.secured = on_secured,
	.packet = on_packet,
	.batch = on_batch,
	.ended = on_ended,
};

static int on_deadline(sd_event_source *source, uint64_t usec, void *arg)
{
	struct visitor *visitor = arg;

	(void)source;
	(void)usec;
	session_end(visitor->session, "it did not tell who it is within %lu s",
		    visitor->server->tls->config->accept_timeout);
	return 0;
}

/* Takes @fd over. */
static int open_session(struct visitor *visitor, int fd)
{
	const struct tls *tls = visitor->server->tls;
	SSL *ssl = context_ssl(tls->context, CONTEXT_SERVER, NULL);
	int err;

	if (!ssl) {
		close(fd);
		return -ENOMEM;
	}
	err = session_new(tls->daemon->event, ssl, CONTEXT_SERVER, fd, tls->config->queue, &ops,
			  visitor, &visitor->session);
	if (err)
		return err;
	err = sd_event_add_time_relative(tls->daemon->event, &visitor->deadline, CLOCK_MONOTONIC,
					 tls->config->accept_timeout * 1000000ull, 0, on_deadline,
					 visitor);
	if (err < 0)
		session_free(visitor->session);
	return err < 0 ? err : 0;
}

/**
 * visitor_new() - somebody has connected
 * @server: where
 * @fd: the socket; taken over
 * @from: where it comes from
 */
void visitor_new(struct server *server, int fd, const struct sockaddr_storage *from)
{
	struct visitor *visitor = calloc(1, sizeof(*visitor));
	char where[WORD_ENDPOINT_LEN];
	int err = -ENOMEM;

	if (visitor) {
		visitor->server = server;
		err = open_session(visitor, fd);
	} else {
		close(fd);
	}
	if (err) {
		server->counters.refused++;
		log_limited(LOG_WARNING, "%s: refused: %s", address_format(from, where),
			    strerror(-err));
		free(visitor);
		return;
	}
	pending_add(&server->pending, &visitor->pending, from);
	TAILQ_INSERT_TAIL(&server->visitors, visitor, next);
}

/**
 * visitor_free() - close a connection
 * @visitor: visitor
 */
void visitor_free(struct visitor *visitor)
{
	if (!visitor->addr)
		pending_remove(&visitor->server->pending, &visitor->pending);
	TAILQ_REMOVE(&visitor->server->visitors, visitor, next);
	peer_free(visitor->peer);
	identity_cancel(visitor->query);
	sd_event_source_disable_unref(visitor->deadline);
	session_free(visitor->session);
	free(visitor);
}

/**
 * visitor_evict() - close a connection to have room for another
 * @visitor: one that is pending; is freed
 */
void visitor_evict(struct visitor *visitor)
{
	visitor->server->counters.refused++;
	log_limited(LOG_NOTICE, "%s: refused: too many wait to be identified",
		    session_where(visitor->session));
	visitor_free(visitor);
}

/**
 * visitor_recheck() - the configuration has changed
 * @visitor: visitor, whose link stays
 *
 * It ends soon if it would not be accepted now.
 */
void visitor_recheck(struct visitor *visitor)
{
	const struct config_link *config;
	struct rules_client client;
	struct peer *peer = visitor->peer;
	struct member who;

	if (!peer)
		return;
	config = peer->link->config;
	client = describe(visitor);
	if (!config->accept || !rules_admit(config, &client, peer->member.addr, &who)) {
		session_end(visitor->session, "the configuration has changed");
		return;
	}
	roster_remove(&peer->link->roster, &peer->member);
	memcpy(peer->member.addrs, who.addrs, who.n * sizeof(*who.addrs));
	peer->member.n = who.n;
	roster_add(&peer->link->roster, &peer->member);
}
