// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The statements of chaosd.  Those about an ether follow "ether SUBNET"; if there is only
 * one it need not be named.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaos_addr.h"
#include "config.h"

#define MEMBERS_DEFAULT		64
#define MEMBERS_MAX		1024
#define QUEUE_DEFAULT		512
#define QUEUE_MAX		65536
#define STALL_DEFAULT		30
#define STALL_MAX		86400

void *config_new(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config)
		TAILQ_INIT(&config->ethers);
	return config;
}

static void free_ether(struct config_ether *ether)
{
	struct config_part *part;

	while ((part = TAILQ_FIRST(&ether->parts))) {
		TAILQ_REMOVE(&ether->parts, part, next);
		free(part);
	}
	free(ether);
}

void config_free(void *arg)
{
	struct config *config = arg;
	struct config_ether *ether;

	while (config && (ether = TAILQ_FIRST(&config->ethers))) {
		TAILQ_REMOVE(&config->ethers, ether, next);
		free_ether(ether);
	}
	free(config);
}

static struct config_ether *add_ether(struct conf *conf, struct config *config)
{
	struct config_ether *ether = calloc(1, sizeof(*ether));

	if (!ether) {
		conf_error_at(conf, NULL, "no memory");
		return NULL;
	}
	*ether = (struct config_ether) {
		.place = conf_place(conf),
		.members = MEMBERS_DEFAULT, .queue = QUEUE_DEFAULT, .stall = STALL_DEFAULT,
	};
	TAILQ_INIT(&ether->parts);
	TAILQ_INSERT_TAIL(&config->ethers, ether, next);
	return ether;
}

/* The ether that statements are about. */
static struct config_ether *present(struct conf *conf, struct config *config)
{
	struct config_ether *last = TAILQ_LAST(&config->ethers, config_ethers);

	return last ? last : add_ether(conf, config);
}

/* Called when all of the statement is right; puts in what it means as a whole. */
static int add_part(struct conf *conf, void *config, const struct config_part *said)
{
	struct config_ether *ether = present(conf, config);
	struct config_part *part = malloc(sizeof(*part));

	if (!ether || !part) {
		free(part);
		return conf_error_at(conf, NULL, "no memory");
	}
	*part = *said;
	part->place = conf_place(conf);
	TAILQ_INSERT_TAIL(&ether->parts, part, next);
	return 0;
}

static int read_ether(struct conf *conf, void *config)
{
	struct config_ether *ether;
	uint8_t subnet;

	if (conf_subnet(conf, &subnet))
		return -1;
	ether = add_ether(conf, config);
	if (!ether)
		return -1;
	ether->subnet = subnet;
	return 0;
}

/* "unix" and "tcp"; returns which, or -1. */
static int read_family(struct conf *conf)
{
	static const char *const names[] = { "unix", "tcp" };
	size_t which;

	return conf_choice(conf, "a kind of socket", names, 2, &which) ? -1 : (int)which;
}

/* A path if there is one: other words that may follow do not begin with a slash. */
static int read_path(struct conf *conf, struct config_part *part)
{
	const char *word = conf_peek(conf);

	snprintf(part->path, sizeof(part->path), "%s", CONFIG_SERVER);
	return word && strchr(word, '/') ? conf_socket_path(conf, part->path) : 0;
}

static int read_mode(struct conf *conf, mode_t *mode)
{
	const char *word = conf_take(conf, "a mode");
	char *end;
	unsigned long value;

	if (!word)
		return -1;
	value = strtoul(word, &end, 8);
	if (*end || strspn(word, "01234567") != strlen(word) || !*word || value > 0777)
		return conf_error(conf, "a mode is octal, such as 0660");
	*mode = value;
	return 0;
}

static int read_listen_unix(struct conf *conf, struct config_part *part)
{
	part->mode = 0660;
	if (read_path(conf, part))
		return -1;
	for (;;) {
		if (conf_accept(conf, "mode")) {
			if (read_mode(conf, &part->mode))
				return -1;
		} else if (conf_accept(conf, "group")) {
			const char *word = conf_take(conf, "a group");

			if (!word)
				return -1;
			if (!*word || strlen(word) >= sizeof(part->group))
				return conf_error(conf, "no group is called this");
			strcpy(part->group, word);
		} else {
			return 0;
		}
	}
}

static int read_endpoint(struct conf *conf, struct config_part *part)
{
	if (conf_endpoint(conf, &part->endpoint))
		return -1;
	if (!part->endpoint.port)
		return conf_error(conf, "there must be a port behind it, as in HOST:PORT");
	return 0;
}

static bool is_loopback(const struct endpoint *ep)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, ep->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, ep->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Whoever can connect is believed: this must not happen inadvertently. */
static int read_listen_tcp(struct conf *conf, struct config_part *part)
{
	if (read_endpoint(conf, part))
		return -1;
	if (part->endpoint.family == AF_UNSPEC)
		return conf_error(conf, "a numeric address is needed, such as 127.0.0.1:%u",
				  part->endpoint.port);
	if (!is_loopback(&part->endpoint) &&
	    !(conf_peek(conf) && !strcmp(conf_peek(conf), "exposed")))
		return conf_error(conf, "other hosts can reach it: say 'exposed' if they shall");
	conf_accept(conf, "exposed");
	return 0;
}

static void name_socket(struct config_part *part, const char *verb)
{
	char where[WORD_ENDPOINT_LEN];

	if (part->tcp)
		snprintf(part->text, sizeof(part->text), "%s tcp %s", verb,
			 endpoint_format(&part->endpoint, where));
	else
		snprintf(part->text, sizeof(part->text), "%s unix %s", verb, part->path);
}

static int read_listen(struct conf *conf, void *config)
{
	struct config_part part = { .kind = CONFIG_LISTEN };
	int family = read_family(conf);

	part.tcp = family == 1;
	if (family < 0 ||
	    (part.tcp ? read_listen_tcp(conf, &part) : read_listen_unix(conf, &part)))
		return -1;
	name_socket(&part, "listen");
	return add_part(conf, config, &part);
}

static int read_connect(struct conf *conf, void *config)
{
	struct config_part part = { .kind = CONFIG_CONNECT };
	int family = read_family(conf);

	part.tcp = family == 1;
	if (family < 0 || (part.tcp ? read_endpoint(conf, &part) : read_path(conf, &part)))
		return -1;
	name_socket(&part, "connect");
	return add_part(conf, config, &part);
}

static int read_link(struct conf *conf, void *config)
{
	struct config_part part = { .kind = CONFIG_LINK };
	char addr[CHAOS_ADDR_STRLEN];

	if (conf_link(conf, part.link))
		return -1;
	if (!conf_accept(conf, "address"))
		return conf_error(conf, "'address ADDRESS' must follow");
	if (conf_addr(conf, &part.addr))
		return -1;
	part.persist = conf_accept(conf, "persist");
	snprintf(part.text, sizeof(part.text), "link %s address %s%s", part.link,
		 chaos_addr_format(part.addr, addr), part.persist ? " persist" : "");
	return add_part(conf, config, &part);
}

static int read_members(struct conf *conf, void *config)
{
	struct config_ether *ether = present(conf, config);

	return ether ? conf_number(conf, "a number of members", 1, MEMBERS_MAX, &ether->members) :
		       -1;
}

static int read_queue(struct conf *conf, void *config)
{
	struct config_ether *ether = present(conf, config);

	return ether ? conf_number(conf, "a number of packets", 1, QUEUE_MAX, &ether->queue) : -1;
}

static int read_stall(struct conf *conf, void *config)
{
	struct config_ether *ether = present(conf, config);

	return ether ? conf_duration(conf, 1, STALL_MAX, &ether->stall) : -1;
}

const struct conf_keyword config_keywords[] = {
	{ "ether", "SUBNET", read_ether },
	{ "listen", "{ unix [PATH] [mode MODE] [group NAME] | tcp ADDRESS:PORT [exposed] }",
	  read_listen },
	{ "connect", "{ unix [PATH] | tcp HOST:PORT }", read_connect },
	{ "link", "NAME address ADDRESS [persist]", read_link },
	{ "members", "N", read_members },
	{ "queue", "PACKETS", read_queue },
	{ "stall", "SECONDS", read_stall },
	{}
};

/* The link and the ether must tell the same subnet; there is one link at most. */
static void check_link(struct conf *conf, struct config_ether *ether)
{
	const struct config_part *part, *link = NULL;

	TAILQ_FOREACH(part, &ether->parts, next) {
		if (part->kind != CONFIG_LINK)
			continue;
		if (link)
			conf_error_at(conf, &part->place, "%s: this ether has a link, %s",
				      part->text, link->link);
		else
			link = part;
	}
	if (!link)
		return;
	if (!ether->subnet)
		ether->subnet = link->addr >> 8;
	else if (ether->subnet != link->addr >> 8)
		conf_error_at(conf, &link->place, "%s: this is not an address on subnet %o",
			      link->text, ether->subnet);
}

/* One that nobody can reach is to be found where programs look. */
static void complete(struct conf *conf, struct config_ether *ether)
{
	struct config_part *part;

	TAILQ_FOREACH(part, &ether->parts, next)
		if (part->kind != CONFIG_LINK)
			return;
	part = calloc(1, sizeof(*part));
	if (!part) {
		conf_error_at(conf, NULL, "no memory");
		return;
	}
	*part = (struct config_part) {
		.kind = CONFIG_LISTEN, .place = ether->place, .mode = 0660, .path = CONFIG_SERVER,
	};
	name_socket(part, "listen");
	TAILQ_INSERT_TAIL(&ether->parts, part, next);
}

/* Whether two parts, of whatever ethers, cannot both be. */
static bool collide(const struct config_part *a, const struct config_part *b)
{
	if (a->kind == CONFIG_LINK || b->kind == CONFIG_LINK)
		return a->kind == b->kind && !strcmp(a->link, b->link) && !strchr(a->link, '%');
	if (a->tcp != b->tcp)
		return false;
	/* To listen and connect to oneself would send packets round for ever. */
	if (a->tcp)
		return a->endpoint.port == b->endpoint.port &&
		       !strcmp(a->endpoint.host, b->endpoint.host);
	return !strcmp(a->path, b->path);
}

static void check_part(struct conf *conf, struct config *config, const struct config_part *part)
{
	const struct config_ether *ether;
	const struct config_part *other;

	TAILQ_FOREACH(ether, &config->ethers, next) {
		TAILQ_FOREACH(other, &ether->parts, next) {
			if (other == part)
				return;
			if (collide(other, part)) {
				conf_error_at(conf, &part->place,
					      "'%s' cannot be together with '%s'", part->text,
					      other->text);
				return;
			}
		}
	}
}

static void check_subnet(struct conf *conf, struct config *config,
			 const struct config_ether *ether)
{
	const struct config_ether *other;

	TAILQ_FOREACH(other, &config->ethers, next) {
		if (other == ether)
			return;
		if (other->subnet == ether->subnet) {
			conf_error_at(conf, &ether->place, "subnet %o is described twice",
				      ether->subnet);
			return;
		}
	}
}

void config_check(struct conf *conf, void *arg)
{
	struct config *config = arg;
	struct config_ether *ether;
	struct config_part *part;

	if (!present(conf, config))
		return;
	TAILQ_FOREACH(ether, &config->ethers, next) {
		check_link(conf, ether);
		complete(conf, ether);
		check_subnet(conf, config, ether);
		TAILQ_FOREACH(part, &ether->parts, next)
			check_part(conf, config, part);
	}
}
