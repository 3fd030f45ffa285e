// SPDX-License-Identifier: GPL-2.0-or-later
/* Any configuration: what is accepted must make sense. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void one_line(void *arg, const char *text)
{
	(void)arg;
	must(*text && !strchr(text, '\n'));
}

static void look_at_link(const struct config_link *link)
{
	const struct config_server *server;
	const struct config_mux *mux;
	size_t i;

	must(*link->name && link->addr >> 8 && link->addr & 0xff);
	must(link->accept || !TAILQ_EMPTY(&link->servers));
	must(!link->peer || link->peer >> 8 == link->addr >> 8);
	must(link->peer != link->addr);
	TAILQ_FOREACH(server, &link->servers, next) {
		must(*server->endpoint.host && server->endpoint.port);
		must(config_find_server(link, &server->endpoint) == server);
	}
	TAILQ_FOREACH(mux, &link->muxes, next) {
		must(link->accept && *mux->name && mux->n && mux->n <= CONFIG_MUX_MAX);
		for (i = 0; i < mux->n; i++)
			must(mux->addrs[i] >> 8 == link->addr >> 8 && mux->addrs[i] != link->addr);
	}
}

static void look(const struct config *config)
{
	const struct config_listen *listen;
	const struct config_link *link;
	bool accept = false;

	must(*config->files.key && *config->files.certificate && *config->files.ca);
	must(config->names.n_dns <= CONFIG_DNS_MAX && !TAILQ_EMPTY(&config->links));
	must(config->clients && config->queue && config->keepalive && config->accept_timeout);
	TAILQ_FOREACH(link, &config->links, next) {
		look_at_link(link);
		accept = accept || link->accept;
	}
	must(accept == !TAILQ_EMPTY(&config->listens));
	TAILQ_FOREACH(listen, &config->listens, next)
		must(listen->endpoint.port && (listen->endpoint.family != AF_UNSPEC ||
					       !strcmp(listen->endpoint.host, "::")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	struct conf conf = {
		.tables = { config_keywords }, .configs = { config }, .complain = one_line,
	};

	if (!conf_read_text(&conf, "fuzz", (const char *)data, size))
		config_check(&conf, config);
	if (!conf.errors)
		look(config);
	config_free(config);
	return 0;
}
