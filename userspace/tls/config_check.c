// SPDX-License-Identifier: GPL-2.0-or-later
/* What cannot work although each statement by itself is right. */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "config.h"

/**
 * config_same_endpoint() - whether two endpoints are written the same
 * @a: one
 * @b: the other
 */
bool config_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->family == b->family && !strcasecmp(a->host, b->host);
}

/**
 * config_find_server() - whether a link connects to a place
 * @link: link
 * @endpoint: where, with port
 *
 * Return: the server, or NULL.
 */
const struct config_server *config_find_server(const struct config_link *link,
					       const struct endpoint *endpoint)
{
	const struct config_server *server;

	TAILQ_FOREACH(server, &link->servers, next)
		if (config_same_endpoint(&server->endpoint, endpoint))
			return server;
	return NULL;
}

static void check_files(struct conf *conf, const struct config_files *files)
{
	static const char missing[] = "'%s FILE' is missing, %s";

	if (!*files->key)
		conf_error_at(conf, NULL, missing, "key", "our private key");
	if (!*files->certificate)
		conf_error_at(conf, NULL, missing, "certificate", "which says who we are");
	if (!*files->ca)
		conf_error_at(conf, NULL, missing, "ca", "who may issue certificates of peers");
}

/* Whether two sockets cannot be there at the same time. */
static bool collide(const struct endpoint *a, const struct endpoint *b)
{
	if (a->port != b->port)
		return false;
	return a->family == AF_UNSPEC || b->family == AF_UNSPEC || !strcmp(a->host, b->host);
}

static bool accepts(const struct config *config)
{
	const struct config_link *link;

	TAILQ_FOREACH(link, &config->links, next)
		if (link->accept)
			return true;
	return false;
}

static void check_listens(struct conf *conf, const struct config *config)
{
	const struct config_listen *listen, *other;
	char where[WORD_ENDPOINT_LEN];

	listen = TAILQ_FIRST(&config->listens);
	if (listen && !accepts(config))
		conf_error_at(conf, &listen->place,
			      "'listen' is of no use: no link says 'accept'");
	TAILQ_FOREACH(listen, &config->listens, next) {
		for (other = TAILQ_FIRST(&config->listens); other != listen;
		     other = TAILQ_NEXT(other, next)) {
			if (!collide(&listen->endpoint, &other->endpoint))
				continue;
			conf_error_at(conf, &listen->place, "%s is listened at already",
				      endpoint_format(&listen->endpoint, where));
			break;
		}
	}
}

/* What two links cannot have in common. */
static void check_pair(struct conf *conf, const struct config_link *link,
		       const struct config_link *other)
{
	if (!strcmp(link->name, other->name) && !strchr(link->name, '%'))
		conf_error_at(conf, &link->place, "link %s is there already", link->name);
	else if (link->addr == other->addr)
		conf_error_at(conf, &link->place, "%o is our address on link %s already",
			      link->addr, other->name);
	else if (link->accept && other->accept && link->addr >> 8 == other->addr >> 8)
		conf_error_at(conf, &link->place, "link %s accepts clients of subnet %o already",
			      other->name, link->addr >> 8);
}

static void check_link(struct conf *conf, const struct config *config,
		       const struct config_link *link)
{
	const struct config_link *other;

	for (other = TAILQ_FIRST(&config->links); other != link; other = TAILQ_NEXT(other, next))
		check_pair(conf, link, other);
	if (!link->accept && TAILQ_EMPTY(&link->servers))
		conf_error_at(conf, &link->place,
			      "link %s leads nowhere: 'accept' or 'connect HOST' must follow",
			      link->name);
	if (link->accept && TAILQ_EMPTY(&config->listens))
		conf_error_at(conf, &link->place,
			      "link %s accepts clients, but nobody listens: say 'listen PORT'",
			      link->name);
	if (link->peer && TAILQ_EMPTY(&link->servers))
		conf_error_at(conf, &link->place,
			      "link %s has a 'peer', but no server: say 'connect HOST'",
			      link->name);
}

/* Addresses are told from each other by the byte of the host. */
static void check_mux(struct conf *conf, const struct config_link *link,
		      const struct config_mux *mux, bool seen[256])
{
	size_t i;

	for (i = 0; i < mux->n; i++) {
		uint16_t addr = mux->addrs[i];

		if (addr >> 8 != link->addr >> 8)
			conf_error_at(conf, &mux->place, "%o is not on subnet %o, as link %s is",
				      addr, link->addr >> 8, link->name);
		else if (addr == link->addr)
			conf_error_at(conf, &mux->place, "%o is our own address", addr);
		else if (seen[addr & 0xff])
			conf_error_at(conf, &mux->place, "%o is in a 'mux' already", addr);
		else
			seen[addr & 0xff] = true;
	}
}

static void check_muxes(struct conf *conf, const struct config_link *link)
{
	const struct config_mux *mux;
	bool seen[256] = { false };

	mux = TAILQ_FIRST(&link->muxes);
	if (mux && !link->accept)
		conf_error_at(conf, &mux->place,
			      "'mux' is about clients, which link %s does not 'accept'",
			      link->name);
	TAILQ_FOREACH(mux, &link->muxes, next)
		check_mux(conf, link, mux, seen);
}

void config_check(struct conf *conf, void *arg)
{
	const struct config *config = arg;
	const struct config_link *link;

	check_files(conf, &config->files);
	check_listens(conf, config);
	if (TAILQ_EMPTY(&config->links))
		conf_error_at(conf, NULL, "there is no 'link', so there is nothing to do");
	TAILQ_FOREACH(link, &config->links, next) {
		check_link(conf, config, link);
		check_muxes(conf, link);
	}
}
