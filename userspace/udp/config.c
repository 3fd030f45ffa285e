// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "peer.h"

#define AGE_MIN		60		/* s; above PEER_HOLD, which forgetting would evade */
#define AGE_MAX		(24 * 60 * 60)

/* Make room for one more in an array whose size is always a power of 2. */
static void *grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return reallocarray(array, n ? 2 * n : 1, size);
}

static int no_memory(struct conf *conf)
{
	return conf_error(conf, "there is no memory for it");
}

static int read_listen(struct conf *conf, void *arg)
{
	struct config *config = arg;
	const char *word = conf_peek(conf);
	struct endpoint ep = { .port = 0 };

	if (word && *word && strspn(word, "0123456789") == strlen(word)) {
		if (conf_port(conf, &ep.port))
			return -1;
	} else {
		if (conf_endpoint(conf, &ep))
			return -1;
		if (ep.family == AF_UNSPEC)
			return conf_error(conf, "this must be an IP address, a port, or both");
	}
	if (config->listen_place.number)
		return conf_error(conf, "there can be only one 'listen'");
	config->listen = ep;
	config->listen_place = conf_place(conf);
	return 0;
}

/* Read the words behind name and address of a link.  Returns 0 or -1. */
static int read_link_options(struct conf *conf, struct config_link *link)
{
	bool limits = false;

	for (;;) {
		int status = 0;

		if (conf_accept(conf, "to")) {
			status = conf_addr(conf, &link->tap.peer);
		} else if (conf_accept(conf, "persist")) {
			status = conf_switch(conf, &link->tap.persist);
		} else if (conf_accept(conf, "dynamic")) {
			status = conf_switch(conf, &link->dynamic);
		} else if (conf_accept(conf, "max")) {
			limits = true;
			status = conf_number(conf, "a number of peers", 1, CONFIG_LEARNED_MAX,
					     &link->max);
		} else if (conf_accept(conf, "age")) {
			limits = true;
			status = conf_duration(conf, AGE_MIN, AGE_MAX, &link->age);
		} else {
			break;
		}
		if (status)
			return -1;
	}
	if (limits && !link->dynamic)
		return conf_error(conf, "'max' and 'age' mean something with 'dynamic on' only");
	return 0;
}

static int read_link(struct conf *conf, void *arg)
{
	struct config *config = arg;
	struct config_link link = {
		.tap.persist = true,
		.tap.nocheck = true,
		.max = CONFIG_LEARNED,
		.age = CONFIG_AGE,
		.place = conf_place(conf),
	};
	struct config_link *links;

	if (conf_link(conf, link.tap.name))
		return -1;
	if (strchr(link.tap.name, '%'))
		return conf_error(conf, "the link needs a name of its own here");
	conf_accept(conf, "address");
	if (conf_addr(conf, &link.tap.addr) || read_link_options(conf, &link))
		return -1;
	if (config->n_links == CONFIG_LINKS_MAX)
		return conf_error(conf, "there are not so many subnets");
	links = grow(config->links, config->n_links, sizeof(*links));
	if (!links)
		return no_memory(conf);
	config->links = links;
	links[config->n_links++] = link;
	return 0;
}

static int read_peer(struct conf *conf, void *arg)
{
	struct config *config = arg;
	struct config_peer peer = { .place = conf_place(conf) };
	struct config_peer *peers;

	if (conf_addr(conf, &peer.addr))
		return -1;
	peer.roam = conf_accept(conf, "roam");
	if (!peer.roam) {
		if (conf_endpoint(conf, &peer.where))
			return -1;
		peer.roam = conf_accept(conf, "roam");
	}
	peers = grow(config->peers, config->n_peers, sizeof(*peers));
	if (!peers)
		return no_memory(conf);
	config->peers = peers;
	peers[config->n_peers++] = peer;
	return 0;
}

const struct conf_keyword config_keywords[] = {
	{ "listen", "[ADDRESS:]PORT", read_listen },
	{ "link", "NAME [address] ADDRESS [to ADDRESS] [persist on|off] "
		  "[dynamic on|off] [max N] [age TIME]", read_link },
	{ "peer", "ADDRESS HOST[:PORT] [roam], or ADDRESS roam", read_peer },
	{ 0 }
};

const char config_words[] =
	"  listen [ADDRESS:]PORT         where to listen; else at all addresses, port 42042\n"
	"  link NAME [address] ADDRESS   feed this link; our Chaosnet address on it\n"
	"       [to ADDRESS]               it leads to this peer only, point to point\n"
	"       [persist on|off]           it stays when this program ends; else on\n"
	"       [dynamic on|off]           learn peers from what they send; else off\n"
	"       [max N] [age TIME]         at most so many, each until unheard so long\n"
	"  peer ADDRESS HOST[:PORT]      this host of a link's subnet is there\n"
	"       [roam]                     or wherever it sends from\n"
	"  peer ADDRESS roam             this host is wherever it sends from\n";

/**
 * config_new() - make a configuration with the defaults
 *
 * Return: struct config, NULL: no memory.
 */
void *config_new(void)
{
	return calloc(1, sizeof(struct config));
}

/**
 * config_free() - forget a configuration
 * @config: struct config, may be NULL
 */
void config_free(void *config)
{
	struct config *c = config;

	if (!c)
		return;
	free(c->links);
	free(c->peers);
	free(c);
}

/**
 * config_link_of() - on which link is a host?
 * @config: configuration
 * @addr: address of the host
 *
 * Return: the link, NULL: none.
 */
const struct config_link *config_link_of(const struct config *config, uint16_t addr)
{
	size_t i;

	for (i = 0; i < config->n_links; i++)
		if (config->links[i].tap.addr >> 8 == addr >> 8)
			return &config->links[i];
	return NULL;
}

static void check_link(struct conf *conf, const struct config *config, size_t i)
{
	const struct config_link *link = &config->links[i];
	unsigned int subnet = link->tap.addr >> 8;
	size_t k;

	for (k = 0; k < i; k++) {
		const struct config_link *other = &config->links[k];

		if (!strcmp(other->tap.name, link->tap.name))
			conf_error_at(conf, &link->place, "link %s is there already",
				      link->tap.name);
		else if (other->tap.addr >> 8 == (int)subnet)
			conf_error_at(conf, &link->place, "subnet %o is on link %s already",
				      subnet, other->tap.name);
	}
	if (!link->tap.peer)
		return;
	if (link->tap.peer >> 8 != (int)subnet || link->tap.peer == link->tap.addr)
		conf_error_at(conf, &link->place, "%o is no other host of subnet %o",
			      link->tap.peer, subnet);
	if (link->dynamic)
		conf_error_at(conf, &link->place,
			      "a link to one peer cannot learn others: 'peer %o roam'?",
			      link->tap.peer);
}

static void check_peer(struct conf *conf, const struct config *config,
		       const struct config_peer *peer)
{
	const struct config_link *link = config_link_of(config, peer->addr);

	if (!link)
		conf_error_at(conf, &peer->place, "there is no link for peer %o, on subnet %o",
			      peer->addr, peer->addr >> 8);
	else if (link->tap.addr == peer->addr)
		conf_error_at(conf, &peer->place, "%o cannot be a peer, it is our own address",
			      peer->addr);
	else if (link->tap.peer && link->tap.peer != peer->addr)
		conf_error_at(conf, &peer->place, "link %s leads to %o only, not to peer %o",
			      link->tap.name, link->tap.peer, peer->addr);
}

static int by_addr(const void *a, const void *b)
{
	const struct config_peer *const *p = a, *const *q = b;

	if ((*p)->addr != (*q)->addr)
		return (*p)->addr < (*q)->addr ? -1 : 1;
	return *p < *q ? -1 : *p > *q;
}

static void check_twins(struct conf *conf, const struct config *config)
{
	const struct config_peer **sorted = calloc(config->n_peers + 1, sizeof(*sorted));
	size_t i;

	if (!sorted) {
		conf_error_at(conf, NULL, "there is no memory");
		return;
	}
	for (i = 0; i < config->n_peers; i++)
		sorted[i] = &config->peers[i];
	qsort(sorted, config->n_peers, sizeof(*sorted), by_addr);
	for (i = 1; i < config->n_peers; i++)
		if (sorted[i]->addr == sorted[i - 1]->addr)
			conf_error_at(conf, &sorted[i]->place, "peer %o is there already",
				      sorted[i]->addr);
	free(sorted);
}

/**
 * config_check() - complain about what cannot work as a whole
 * @conf: where to complain
 * @config: struct config
 */
void config_check(struct conf *conf, void *config)
{
	struct config *c = config;
	size_t i;

	if (!c->n_links)
		conf_error_at(conf, NULL, "there is no 'link', so there is nothing to do");
	for (i = 0; i < c->n_links; i++)
		check_link(conf, c, i);
	for (i = 0; i < c->n_peers; i++)
		check_peer(conf, c, &c->peers[i]);
	check_twins(conf, c);
}
