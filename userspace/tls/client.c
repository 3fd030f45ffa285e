// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link has one connection to a server, of those that are configured.  They are tried in
 * turn, all addresses of each; when none is left it is waited, ever longer.  A connection
 * that has lasted for a while makes that begin anew.
 *
 * To try: look up the address, connect, TLS, look up which Chaosnet addresses the name in
 * the certificate has, and tell who we are.  For each of these there is a limit in time.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backoff.h"
#include "client.h"
#include "context.h"
#include "identity.h"
#include "log.h"
#include "news.h"
#include "peer.h"
#include "sockerr.h"
#include "watch.h"

#define FIRST_MS	1000
#define LONGEST_MS	60000
#define LASTED_MS	10000	/* a connection that came to something */
#define RESOLVE_SECONDS	20
#define CONNECT_MS	10000
#define HURRIED_MS	10000	/* between attempts that a change of the network hastens */
#define SECURE_MS	20000	/* and look up who it is */
#define ACCURACY_USEC	1000	/* of the timer */

/* How far we are. */
enum client_state {
	CLIENT_WAIT,		/* for the time to begin */
	CLIENT_NEXT,		/* about to try the next address, or server */
	CLIENT_RESOLVE,		/* @query */
	CLIENT_CONNECT,		/* @fd */
	CLIENT_SECURE,		/* @session, then @identity */
	CLIENT_JOINED,		/* @session, @peer */
};

/**
 * struct client - a client
 * @tls: the daemon
 * @link: on which
 * @state: how far we are
 * @timer: the limit in time, or when to go on
 * @server: that is tried, of the configuration in force; NULL: begin with the first
 * @place: of the server, or that we are connected to
 * @query: for IP addresses
 * @addrs: of @place
 * @places: where connections to them begin
 * @n: their number
 * @tried: how many of them were tried
 * @fd: connects, -1: it does not
 * @io: watches @fd
 * @session: the connection
 * @identity: query for Chaosnet addresses
 * @peer: the server
 * @backoff: how long to wait
 * @hurry: when the session has ended, do not wait
 * @waits: it was told that it is tried again and again
 * @news: the reasons that were told since it has worked
 * @began: when it was begun to try them, ms
 * @rounds: how often all servers were tried
 * @joined: how often it has worked
 */
struct client {
	struct tls *tls;
	struct link *link;
	enum client_state state;
	sd_event_source *timer;
	const struct config_server *server;
	struct config_server place;
	struct resolve_query *query;
	struct sockaddr_storage addrs[RESOLVE_MAX];
	struct watch_place places[RESOLVE_MAX];
	size_t n, tried;
	int fd;
	sd_event_source *io;
	struct session *session;
	struct identity_query *identity;
	struct peer *peer;
	struct backoff backoff;
	bool hurry, waits;
	struct news news;
	uint64_t began, rounds, joined;
};

static void enter(struct client *client, enum client_state state, uint64_t ms)
{
	client->state = state;
	sd_event_source_set_time_relative(client->timer, ms * 1000);
	sd_event_source_set_enabled(client->timer, SD_EVENT_ONESHOT);
}

/* Nothing is under way after this. */
static void give_up(struct client *client)
{
	client->io = sd_event_source_disable_unref(client->io);
	resolve_cancel(client->query);
	client->query = NULL;
	identity_cancel(client->identity);
	client->identity = NULL;
	peer_free(client->peer);
	session_free(client->session);
	client->session = NULL;
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

static void forget_told(struct client *client)
{
	client->waits = false;
	news_forget(&client->news);
}

static void failed(struct client *client, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void failed(struct client *client, const char *fmt, ...)
{
	char where[WORD_ENDPOINT_LEN], text[WORD_ENDPOINT_LEN + 512];
	va_list args;
	int at;

	at = snprintf(text, sizeof(text), "%s: ", endpoint_format(&client->place.endpoint, where));
	va_start(args, fmt);
	vsnprintf(text + at, sizeof(text) - at, fmt, args);
	va_end(args);
	log_at(news_add(&client->news, text) ? LOG_WARNING : LOG_DEBUG, "link %s: not connected to %s",
	       tap_name(client->link->tap), text);
	give_up(client);
	enter(client, CLIENT_NEXT, 0);
}

/* -------------------------------------------------------------- who the server is */

/* The address that it has on the link, 0: none after a failure. */
static uint16_t choose_address(struct client *client, const uint16_t *addrs, size_t n)
{
	const struct config_link *config = client->link->config;
	size_t i;

	for (i = 0; i < n; i++)
		if (config->peer ? addrs[i] == config->peer :
		    addrs[i] >> 8 == config->addr >> 8 && addrs[i] != config->addr)
			return addrs[i];
	if (config->peer)
		failed(client, "it is certified as %s, which is not %o",
		       session_names(client->session)->name[0], config->peer);
	else
		failed(client, "it is certified as %s, which is not on subnet %o",
		       session_names(client->session)->name[0], config->addr >> 8);
	return 0;
}

static void join(struct client *client, const struct member *who)
{
	char where[WORD_ENDPOINT_LEN];
	struct member *old;
	int err;

	if (roster_judge(&client->link->roster, who, &old) != ROSTER_FREE) {
		failed(client, "%o is connected to us already, as %s", who->addr, old->name);
		return;
	}
	err = peer_new(client->link, client->session, who, &client->peer);
	if (err) {
		failed(client, "%s", strerror(-err));
		return;
	}
	client->state = CLIENT_JOINED;
	sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
	forget_told(client);
	client->hurry = false;
	client->joined++;
	log_notice("link %s: connected to %s, %o (%s)", tap_name(client->link->tap),
		   endpoint_format(&client->place.endpoint, where), who->addr, who->name);
	peer_tell(client->peer);
	session_hold(client->session, false);
}

static void on_identified(void *arg, const char *error, const uint16_t *addrs, size_t n)
{
	struct client *client = arg;
	struct member who;
	size_t i;

	client->identity = NULL;
	if (error) {
		failed(client, "%s", error);
		return;
	}
	member_init(&who, session_names(client->session), true);
	who.addr = choose_address(client, addrs, n);
	for (i = 0; i < n; i++)
		member_allow(&who, addrs[i]);
	if (who.addr)
		join(client, &who);
}

/* --------------------------------------------------------------------- the session */

static void on_secured(struct session *session, void *arg)
{
	struct client *client = arg;
	int err = tls_identify(client->tls, session, on_identified, client, &client->identity);

	if (err)
		failed(client, "its addresses cannot be looked up: %s", strerror(-err));
}

static void on_packet(struct session *session, uint8_t *packet, size_t len, void *arg)
{
	struct client *client = arg;

	(void)session;
	if (client->peer)
		peer_packet(client->peer, packet, len);
}

static void on_batch(struct session *session, void *arg)
{
	struct client *client = arg;

	(void)session;
	if (client->peer)
		peer_batch(client->peer);
}

/* It was a peer until now. */
static void lost(struct client *client, const char *why)
{
	uint64_t lasted = tls_now(client->tls) - client->peer->since;
	char where[WORD_ENDPOINT_LEN];

	log_notice("link %s: the connection to %s, %o (%s), has ended: %s",
		   tap_name(client->link->tap), endpoint_format(&client->place.endpoint, where),
		   client->peer->member.addr, client->peer->member.name, why);
	give_up(client);
	/* One that does not last is no better than one that fails. */
	if (lasted < LASTED_MS && !client->hurry) {
		enter(client, CLIENT_NEXT, 0);
		return;
	}
	backoff_reset(&client->backoff);
	enter(client, CLIENT_WAIT, client->hurry ? 0 : backoff_next(&client->backoff));
}

static void on_ended(struct session *session, const char *why, void *arg)
{
	struct client *client = arg;

	(void)session;
	if (client->peer)
		lost(client, why);
	else
		failed(client, "%s", why);
}

static const struct session_ops ops = {
	.secured = on_secured,
	.packet = on_packet,
	.batch = on_batch,
	.ended = on_ended,
};

static void secure(struct client *client)
{
	const struct config_server *place = &client->place;
	SSL *ssl = context_ssl(client->tls->context, CONTEXT_CLIENT,
			       *place->name ? place->name : place->endpoint.host);
	int fd = client->fd, err;

	client->io = sd_event_source_disable_unref(client->io);
	if (!ssl) {
		failed(client, "there is no TLS");
		return;
	}
	client->fd = -1;
	err = session_new(client->tls->daemon->event, ssl, CONTEXT_CLIENT, fd,
			  client->tls->config->queue, &ops, client, &client->session);
	if (err)
		failed(client, "%s", strerror(-err));
	else
		enter(client, CLIENT_SECURE, SECURE_MS);
}

/* -------------------------------------------------------------------- connecting */

static int on_connected(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct client *client = arg;
	int err = socket_error(fd);

	(void)source;
	(void)events;
	if (err)
		failed(client, "%s", strerror(err));
	else
		secure(client);
	return 0;
}

static void connect_to(struct client *client, const struct sockaddr_storage *addr)
{
	socklen_t len = addr->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
						     sizeof(struct sockaddr_in6);
	int err;

	client->fd = socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    (connect(client->fd, (const struct sockaddr *)addr, len) && errno != EINPROGRESS)) {
		failed(client, "%s", strerror(errno));
		return;
	}
	err = sd_event_add_io(client->tls->daemon->event, &client->io, client->fd, EPOLLOUT,
			      on_connected, client);
	if (err < 0)
		failed(client, "%s", strerror(-err));
	else
		enter(client, CLIENT_CONNECT, CONNECT_MS);
}

static void on_resolved(void *arg, const char *error, const struct sockaddr_storage *addrs,
			size_t n)
{
	struct client *client = arg;
	size_t i;

	client->query = NULL;
	if (error) {
		failed(client, "%s", error);
		return;
	}
	client->n = n < RESOLVE_MAX ? n : RESOLVE_MAX;
	memcpy(client->addrs, addrs, client->n * sizeof(*addrs));
	for (i = 0; i < client->n; i++)
		watch_where(&addrs[i], &client->places[i]);
	enter(client, CLIENT_NEXT, 0);
}

static void try_server(struct client *client, const struct config_server *server)
{
	int err;

	client->server = server;
	client->place = *server;
	client->n = 0;
	client->tried = 0;
	/* The resolver has its own limit in time. */
	enter(client, CLIENT_RESOLVE, 2 * RESOLVE_SECONDS * 1000);
	err = resolve(client->tls->resolver, &server->endpoint, CONFIG_PORT, AF_UNSPEC,
		      RESOLVE_SECONDS, on_resolved, client, &client->query);
	if (err)
		failed(client, "%s", strerror(-err));
}

static void begin_round(struct client *client)
{
	client->hurry = false;
	client->began = tls_now(client->tls);
	client->rounds++;
	try_server(client, TAILQ_FIRST(&client->link->config->servers));
}

/* Tried in vain: another address, another server, or wait. */
static void try_next(struct client *client)
{
	const struct config_server *server = client->server;
	unsigned int ms;

	if (client->tried < client->n) {
		connect_to(client, &client->addrs[client->tried++]);
		return;
	}
	server = TAILQ_NEXT(server, next);
	if (server) {
		try_server(client, server);
		return;
	}
	ms = backoff_next(&client->backoff);
	log_at(client->waits ? LOG_DEBUG : LOG_NOTICE,
	       "link %s: trying again in %u s, and so on", tap_name(client->link->tap),
	       (ms + 999) / 1000);
	client->waits = true;
	enter(client, CLIENT_WAIT, ms);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct client *client = arg;

	(void)source;
	(void)usec;
	switch (client->state) {
	case CLIENT_WAIT:
		begin_round(client);
		break;
	case CLIENT_NEXT:
		try_next(client);
		break;
	case CLIENT_RESOLVE:
	case CLIENT_CONNECT:
	case CLIENT_SECURE:
		failed(client, "it took too long");
		break;
	case CLIENT_JOINED:
		break;
	}
	return 0;
}

/* ------------------------------------------------------------ what others tell us */

/* Whether what was in vain may be worth another attempt. */
static bool is_elsewhere(const struct client *client)
{
	struct watch_place now;
	size_t i;

	for (i = 0; i < client->n; i++) {
		watch_where(&client->addrs[i], &now);
		if (!watch_same(&now, &client->places[i]))
			return true;
	}
	return false;
}

/* Wait less, but do not annoy a server whenever any route comes or goes. */
static void hasten(struct client *client)
{
	uint64_t now = tls_now(client->tls), since = now - client->began, due;
	uint64_t ms = since >= HURRIED_MS || is_elsewhere(client) ? 0 : HURRIED_MS - since;

	if (sd_event_source_get_time(client->timer, &due) >= 0 && due / 1000 > now + ms)
		enter(client, CLIENT_WAIT, ms);
}

/**
 * client_network_changed() - look whether it matters
 * @client: client
 */
void client_network_changed(struct client *client)
{
	switch (client->state) {
	case CLIENT_WAIT:
		hasten(client);
		break;
	case CLIENT_CONNECT:
		if (watch_has_moved(client->fd))
			failed(client, "the network has changed");
		break;
	case CLIENT_SECURE:
	case CLIENT_JOINED:
		if (!watch_has_moved(session_fd(client->session)))
			break;
		client->hurry = true;
		session_end(client->session, "the network has changed");
		break;
	case CLIENT_NEXT:
	case CLIENT_RESOLVE:
		break;
	}
}

static bool still_fits(const struct client *client)
{
	const struct config_link *config = client->link->config;
	const struct config_server *server = config_find_server(config, &client->place.endpoint);

	return client->state == CLIENT_JOINED && server &&
	       !strcmp(server->name, client->place.name) &&
	       (!config->peer || config->peer == client->peer->member.addr);
}

/**
 * client_configure() - go over to the configuration in force
 * @client: client, whose link has it and still has servers
 *
 * A connection that fits stays.
 */
void client_configure(struct client *client)
{
	bool fits = still_fits(client);

	client->server = config_find_server(client->link->config, &client->place.endpoint);
	if (fits)
		return;
	if (client->peer)
		log_notice("link %s: leaving %o (%s): the configuration has changed",
			   tap_name(client->link->tap), client->peer->member.addr,
			   client->peer->member.name);
	give_up(client);
	forget_told(client);
	backoff_reset(&client->backoff);
	enter(client, CLIENT_WAIT, 0);
}

/**
 * client_report() - log state and counters
 * @client: client
 */
void client_report(const struct client *client)
{
	static const char *const states[] = {
		[CLIENT_WAIT] = "waiting to try again",
		[CLIENT_NEXT] = "about to try the next place",
		[CLIENT_RESOLVE] = "looking up",
		[CLIENT_CONNECT] = "connecting to",
		[CLIENT_SECURE] = "agreeing with",
		[CLIENT_JOINED] = "connected to",
	};
	char where[WORD_ENDPOINT_LEN] = "";

	if (client->state > CLIENT_NEXT)
		endpoint_format(&client->place.endpoint, where);
	log_notice("  client: %s%s%s; tried %" PRIu64 " times, connected %" PRIu64 " times",
		   states[client->state], *where ? " " : "", where, client->rounds,
		   client->joined);
}

/**
 * client_new() - begin to connect to servers
 * @link: on which; has servers
 *
 * The first attempt is made by the loop.
 *
 * Return: the client, or NULL after an error was logged.
 */
struct client *client_new(struct link *link)
{
	struct client *client = calloc(1, sizeof(*client));
	int err = -ENOMEM;

	if (client)
		err = sd_event_add_time_relative(link->tls->daemon->event, &client->timer,
						 CLOCK_MONOTONIC, 0, ACCURACY_USEC, on_timer,
						 client);
	if (err < 0) {
		log_error("link %s: cannot connect: %s", tap_name(link->tap), strerror(-err));
		free(client);
		return NULL;
	}
	client->tls = link->tls;
	client->link = link;
	client->fd = -1;
	client->backoff = (struct backoff) { .first_ms = FIRST_MS, .longest_ms = LONGEST_MS };
	return client;
}

/**
 * client_free() - connect no more
 * @client: may be NULL
 */
void client_free(struct client *client)
{
	if (!client)
		return;
	give_up(client);
	sd_event_source_disable_unref(client->timer);
	free(client);
}
