// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "acceptor.h"
#include "log.h"
#include "server.h"
#include "visitor.h"

/**
 * struct listener - a listening socket
 * @endpoint: as it was configured
 * @acceptor: accepts connections there
 * @next: listener
 */
struct listener {
	struct endpoint endpoint;
	struct acceptor *acceptor;
	TAILQ_ENTRY(listener) next;
};

/* ------------------------------------------------------------------ listening */

static int listen_at(const struct endpoint *endpoint)
{
	struct endpoint numeric = *endpoint;
	struct sockaddr_storage addr;
	socklen_t len;
	int fd;

	if (endpoint->family != AF_UNSPEC) {
		len = endpoint_address(endpoint, CONFIG_PORT, &addr);
		return len ? acceptor_listen_tcp(&addr, len, false) : -EADDRNOTAVAIL;
	}
	numeric.family = AF_INET6;
	len = endpoint_address(&numeric, CONFIG_PORT, &addr);
	fd = acceptor_listen_tcp(&addr, len, true);
	if (fd != -EAFNOSUPPORT && fd != -EADDRNOTAVAIL)
		return fd;
	/* There is no IPv6 here. */
	numeric.family = AF_INET;
	strcpy(numeric.host, "0.0.0.0");
	len = endpoint_address(&numeric, CONFIG_PORT, &addr);
	return acceptor_listen_tcp(&addr, len, false);
}

static void on_accepted(void *arg, int fd, const struct sockaddr_storage *from)
{
	struct server *server = arg;
	struct pending *victim;

	if (server->pending.n >= PENDING_MAX) {
		victim = pending_victim(&server->pending);
		server->counters.evicted++;
		visitor_evict(visitor_of(victim));
	}
	visitor_new(server, fd, from);
}

static struct listener *open_listener(struct server *server, const struct endpoint *endpoint)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	char where[WORD_ENDPOINT_LEN];
	int fd, err = -ENOMEM;

	endpoint_format(endpoint, where);
	if (!listener)
		goto complain;
	listener->endpoint = *endpoint;
	fd = listen_at(endpoint);
	err = fd;
	if (fd >= 0)
		err = acceptor_new(server->tls->daemon->event, fd, where, on_accepted, server,
				   &listener->acceptor);
	if (!err)
		return listener;
	if (fd >= 0)
		close(fd);
	free(listener);
complain:
	log_error("cannot listen on %s: %s", where, strerror(-err));
	return NULL;
}

static struct listener *find_listener(const struct listener_list *listeners,
				      const struct endpoint *endpoint)
{
	struct listener *listener;

	TAILQ_FOREACH(listener, listeners, next)
		if (config_same_endpoint(&listener->endpoint, endpoint))
			return listener;
	return NULL;
}

static bool is_wanted(const struct config *config, const struct listener *listener)
{
	const struct config_listen *wanted;

	TAILQ_FOREACH(wanted, &config->listens, next)
		if (config_same_endpoint(&wanted->endpoint, &listener->endpoint))
			return true;
	return false;
}

/**
 * server_close_listeners() - listen there no more
 * @listeners: is empty then
 */
void server_close_listeners(struct listener_list *listeners)
{
	struct listener *listener;

	while ((listener = TAILQ_FIRST(listeners))) {
		TAILQ_REMOVE(listeners, listener, next);
		acceptor_free(listener->acceptor);
		free(listener);
	}
}

/**
 * server_open() - open the sockets that a configuration needs and we do not have
 * @server: server
 * @config: configuration
 * @fresh: result
 *
 * Return: 0, or -1 after an error was logged, and @fresh is empty.
 */
int server_open(struct server *server, const struct config *config, struct listener_list *fresh)
{
	const struct config_listen *wanted;
	struct listener *listener;

	TAILQ_FOREACH(wanted, &config->listens, next) {
		if (find_listener(&server->listeners, &wanted->endpoint))
			continue;
		listener = open_listener(server, &wanted->endpoint);
		if (!listener) {
			server_close_listeners(fresh);
			return -1;
		}
		TAILQ_INSERT_TAIL(fresh, listener, next);
	}
	return 0;
}

/* --------------------------------------------------------------- configuration */

static void move(struct listener *listener, struct listener_list *from, struct listener_list *to)
{
	TAILQ_REMOVE(from, listener, next);
	TAILQ_INSERT_TAIL(to, listener, next);
}

/**
 * server_configure() - go over to the configuration in force
 * @server: server
 * @fresh: from server_open(); is empty then
 */
void server_configure(struct server *server, struct listener_list *fresh)
{
	struct listener_list old = TAILQ_HEAD_INITIALIZER(old);
	struct listener *listener, *next;
	char where[WORD_ENDPOINT_LEN];
	struct visitor *visitor;

	for (listener = TAILQ_FIRST(&server->listeners); listener; listener = next) {
		next = TAILQ_NEXT(listener, next);
		if (!is_wanted(server->tls->config, listener))
			move(listener, &server->listeners, &old);
	}
	server_close_listeners(&old);
	while ((listener = TAILQ_FIRST(fresh))) {
		move(listener, fresh, &server->listeners);
		acceptor_begin(listener->acceptor);
		log_notice("listening on %s", endpoint_format(&listener->endpoint, where));
	}
	TAILQ_FOREACH(visitor, &server->visitors, next)
		visitor_recheck(visitor);
}

/**
 * server_forget_link() - a link goes
 * @server: server
 * @link: the link; it has no peers of ours then
 */
void server_forget_link(struct server *server, const struct link *link)
{
	struct visitor *visitor, *next;

	for (visitor = TAILQ_FIRST(&server->visitors); visitor; visitor = next) {
		next = TAILQ_NEXT(visitor, next);
		if (visitor->peer && visitor->peer->link == link)
			visitor_free(visitor);
	}
}

/**
 * server_new() - a server that does not listen yet
 * @tls: the daemon
 *
 * Return: the server, NULL: no memory.
 */
struct server *server_new(struct tls *tls)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->tls = tls;
	TAILQ_INIT(&server->listeners);
	TAILQ_INIT(&server->visitors);
	pending_init(&server->pending);
	return server;
}

/**
 * server_free() - close all connections
 * @server: may be NULL
 */
void server_free(struct server *server)
{
	if (!server)
		return;
	server_close_listeners(&server->listeners);
	while (!TAILQ_EMPTY(&server->visitors))
		visitor_free(TAILQ_FIRST(&server->visitors));
	free(server);
}

/**
 * server_report() - log state and counters
 * @server: server
 */
void server_report(const struct server *server)
{
	const struct server_counters *c = &server->counters;
	const struct listener *listener;
	char where[WORD_ENDPOINT_LEN];

	TAILQ_FOREACH(listener, &server->listeners, next) {
		const struct acceptor_counters *came = acceptor_counters(listener->acceptor);

		log_notice("listening on %s: %" PRIu64 " accepted, %" PRIu64 " pauses",
			   endpoint_format(&listener->endpoint, where), came->accepted,
			   came->pauses);
	}
	if (!TAILQ_EMPTY(&server->listeners))
		log_notice("%u of %lu clients, %u not known yet; %" PRIu64 " identified, %" PRIu64
			   " refused, of them %" PRIu64 " for want of room",
			   tls_count_clients(server->tls), server->tls->config->clients,
			   server->pending.n, c->identified, c->refused, c->evicted);
}
