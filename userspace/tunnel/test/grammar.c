// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "grammar.h"

static int read_link(struct conf *conf, void *config)
{
	struct grammar *g = config;

	if (conf_link(conf, g->link))
		return -1;
	return conf_accept(conf, "address") ? conf_addr(conf, &g->addr) : 0;
}

static int read_peer(struct conf *conf, void *config)
{
	struct grammar *g = config;
	struct grammar_peer peer = { .place = conf_place(conf) };

	if (conf_addr(conf, &peer.addr))
		return -1;
	if (peer.addr == 0401)
		return conf_error(conf, "this is ourselves");
	if (conf_endpoint(conf, &peer.ep))
		return -1;
	peer.quiet = conf_accept(conf, "quiet");
	if (g->n_peers == GRAMMAR_PEERS)
		return conf_error(conf, "there are too many peers");
	g->peers[g->n_peers++] = peer;
	return 0;
}

static int read_subnet(struct conf *conf, void *config)
{
	return conf_subnet(conf, &((struct grammar *)config)->subnet);
}

static int read_port(struct conf *conf, void *config)
{
	return conf_port(conf, &((struct grammar *)config)->port);
}

static int read_number(struct conf *conf, void *config)
{
	return conf_number(conf, "a number", 1, 100, &((struct grammar *)config)->number);
}

static int read_age(struct conf *conf, void *config)
{
	return conf_duration(conf, 10, 86400, &((struct grammar *)config)->seconds);
}

static int read_dynamic(struct conf *conf, void *config)
{
	return conf_switch(conf, &((struct grammar *)config)->dynamic);
}

static int read_socket(struct conf *conf, void *config)
{
	return conf_socket_path(conf, ((struct grammar *)config)->path);
}

static int read_user(struct conf *conf, void *config)
{
	struct grammar *g = config;

	return conf_user(conf, g->user, sizeof(g->user));
}

static int read_title(struct conf *conf, void *config)
{
	struct grammar *g = config;
	const char *word = conf_take(conf, "a title");

	if (!word)
		return -1;
	snprintf(g->title, sizeof(g->title), "%s", word);
	return 0;
}

static int read_colour(struct conf *conf, void *config)
{
	static const char *const names[] = { "red", "green", "blue" };

	return conf_choice(conf, "a colour", names, 3, &((struct grammar *)config)->colour);
}

const struct conf_keyword grammar[] = {
	{ "link", "NAME [address ADDRESS]", read_link },
	{ "peer", "ADDRESS HOST[:PORT] [quiet]", read_peer },
	{ "subnet", "SUBNET", read_subnet },
	{ "port", "PORT", read_port },
	{ "number", "N", read_number },
	{ "age", "TIME", read_age },
	{ "dynamic", "on|off", read_dynamic },
	{ "socket", "PATH", read_socket },
	{ "user", "NAME", read_user },
	{ "title", "TITLE", read_title },
	{ "colour", "red|green|blue", read_colour },
	{ NULL }
};
