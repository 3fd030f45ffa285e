// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chaos_addr.h"
#include "config.h"

#define CLIENTS_DEFAULT		64
#define CLIENTS_MAX		4096
#define ACCEPT_DEFAULT		15
#define ACCEPT_MAX		300
#define QUEUE_DEFAULT		128
#define QUEUE_MAX		4096
#define KEEPALIVE_DEFAULT	15
#define KEEPALIVE_MAX		3600

/* -------------------------------------------------------------------- memory */

void *config_new(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	config->clients = CLIENTS_DEFAULT;
	config->accept_timeout = ACCEPT_DEFAULT;
	config->queue = QUEUE_DEFAULT;
	config->keepalive = KEEPALIVE_DEFAULT;
	TAILQ_INIT(&config->listens);
	TAILQ_INIT(&config->links);
	return config;
}

static void free_link(struct config_link *link)
{
	struct config_server *server;
	struct config_mux *mux;

	while ((server = TAILQ_FIRST(&link->servers))) {
		TAILQ_REMOVE(&link->servers, server, next);
		free(server);
	}
	while ((mux = TAILQ_FIRST(&link->muxes))) {
		TAILQ_REMOVE(&link->muxes, mux, next);
		free(mux);
	}
	free(link);
}

void config_free(void *arg)
{
	struct config *config = arg;
	struct config_listen *listen;
	struct config_link *link;

	if (!config)
		return;
	while ((listen = TAILQ_FIRST(&config->listens))) {
		TAILQ_REMOVE(&config->listens, listen, next);
		free(listen);
	}
	while ((link = TAILQ_FIRST(&config->links))) {
		TAILQ_REMOVE(&config->links, link, next);
		free_link(link);
	}
	free(config);
}

/* Returns zeroed memory, or NULL after a complaint. */
static void *make(struct conf *conf, size_t size)
{
	void *made = calloc(1, size);

	if (!made)
		conf_error_at(conf, NULL, "no memory");
	return made;
}

/* --------------------------------------------------------------------- files */

/* Writes the directory of the file where we are, with a slash, or nothing. */
static int put_directory(char *path, size_t size, const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	return slash ? snprintf(path, size, "%.*s", (int)(slash + 1 - file), file) : 0;
}

/*
 * systemd may have put it where only we can read it; otherwise it is beside the
 * configuration.
 */
static int find_file(char path[PATH_MAX], const char *word, const char *file)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	int at;

	if (*word == '/')
		return snprintf(path, PATH_MAX, "%s", word);
	if (credentials) {
		at = snprintf(path, PATH_MAX, "%s/%s", credentials, word);
		if (at < PATH_MAX && !access(path, F_OK))
			return at;
	}
	at = put_directory(path, PATH_MAX, file);
	return at < PATH_MAX ? at + snprintf(path + at, PATH_MAX - at, "%s", word) : at;
}

static int read_path(struct conf *conf, char path[PATH_MAX])
{
	const char *word = conf_take(conf, "the name of a file");
	char found[PATH_MAX];

	if (!word)
		return -1;
	if (*path)
		return conf_error(conf, "there can be only one such file");
	if (!*word)
		return conf_error(conf, "the name of the file is empty");
	if (find_file(found, word, conf_place(conf).file) >= PATH_MAX)
		return conf_error(conf, "the name of the file is too long");
	strcpy(path, found);
	return 0;
}

static int read_key(struct conf *conf, void *config)
{
	return read_path(conf, ((struct config *)config)->files.key);
}

static int read_certificate(struct conf *conf, void *config)
{
	return read_path(conf, ((struct config *)config)->files.certificate);
}

static int read_chain(struct conf *conf, void *config)
{
	return read_path(conf, ((struct config *)config)->files.chain);
}

static int read_ca(struct conf *conf, void *config)
{
	return read_path(conf, ((struct config *)config)->files.ca);
}

static int read_crl(struct conf *conf, void *config)
{
	return read_path(conf, ((struct config *)config)->files.crl);
}

static int read_hosts(struct conf *conf, void *config)
{
	return read_path(conf, ((struct config *)config)->names.hosts);
}

/* ------------------------------------------------------------ for all of it */

static bool is_numeric(const char *word)
{
	struct endpoint ep;

	return word && !word_endpoint(word, &ep) && ep.family != AF_UNSPEC;
}

static int read_dns(struct conf *conf, void *arg)
{
	struct config_names *names = &((struct config *)arg)->names;
	struct endpoint ep;

	do {
		if (conf_endpoint(conf, &ep))
			return -1;
		if (ep.family == AF_UNSPEC)
			return conf_error(conf, "a numeric address is needed");
		if (names->n_dns == CONFIG_DNS_MAX)
			return conf_error(conf, "there can be at most %d servers",
					  CONFIG_DNS_MAX);
		names->dns[names->n_dns++] = ep;
	} while (is_numeric(conf_peek(conf)));
	return 0;
}

/* A port for all addresses, or one address. */
static int read_place(struct conf *conf, struct endpoint *ep)
{
	const char *word = conf_peek(conf);

	*ep = (struct endpoint) { .host = "::", .family = AF_UNSPEC };
	if (word && *word && strspn(word, "0123456789") == strlen(word))
		return conf_port(conf, &ep->port);
	if (conf_endpoint(conf, ep))
		return -1;
	if (ep->family == AF_UNSPEC)
		return conf_error(conf, "this must be an IP address, a port, or both");
	if (!ep->port)
		ep->port = CONFIG_PORT;
	return 0;
}

static int read_listen(struct conf *conf, void *arg)
{
	struct config *config = arg;
	struct config_listen *listen;
	struct endpoint ep;

	if (read_place(conf, &ep))
		return -1;
	listen = make(conf, sizeof(*listen));
	if (!listen)
		return -1;
	listen->place = conf_place(conf);
	listen->endpoint = ep;
	TAILQ_INSERT_TAIL(&config->listens, listen, next);
	return 0;
}

static int read_clients(struct conf *conf, void *config)
{
	return conf_number(conf, "a number of clients", 1, CLIENTS_MAX,
			   &((struct config *)config)->clients);
}

static int read_accept_timeout(struct conf *conf, void *config)
{
	return conf_duration(conf, 1, ACCEPT_MAX, &((struct config *)config)->accept_timeout);
}

static int read_queue(struct conf *conf, void *config)
{
	return conf_number(conf, "a number of packets", 1, QUEUE_MAX,
			   &((struct config *)config)->queue);
}

static int read_keepalive(struct conf *conf, void *config)
{
	return conf_duration(conf, 1, KEEPALIVE_MAX, &((struct config *)config)->keepalive);
}

/* --------------------------------------------------------------------- links */

static int read_link(struct conf *conf, void *arg)
{
	struct config *config = arg;
	struct config_link said = { .place = conf_place(conf) }, *link;

	if (conf_link(conf, said.name))
		return -1;
	if (!conf_accept(conf, "address"))
		return conf_error(conf, "'address ADDRESS' must follow");
	if (conf_addr(conf, &said.addr))
		return -1;
	said.persist = conf_accept(conf, "persist");
	link = make(conf, sizeof(*link));
	if (!link)
		return -1;
	*link = said;
	TAILQ_INIT(&link->servers);
	TAILQ_INIT(&link->muxes);
	TAILQ_INSERT_TAIL(&config->links, link, next);
	return 0;
}

/* The link that the statement belongs to, or NULL after a complaint. */
static struct config_link *present(struct conf *conf, const struct config *config)
{
	struct config_link *link = TAILQ_LAST(&config->links, config_links);

	if (!link)
		conf_error(conf, "this must follow the 'link' that it is about");
	return link;
}

static int read_accept(struct conf *conf, void *config)
{
	struct config_link *link = present(conf, config);

	if (!link)
		return -1;
	link->accept = true;
	return 0;
}

/* What certificates say; in lower case, as they are compared. */
static int read_name(struct conf *conf, const char *what, char name[WORD_HOST_LEN])
{
	const char *word = conf_take(conf, what);
	size_t i;

	if (!word)
		return -1;
	if (!*word || strlen(word) >= WORD_HOST_LEN)
		return conf_error(conf, "a name has 1 to %d characters", WORD_HOST_LEN - 1);
	for (i = 0; word[i]; i++)
		if (!isalnum((unsigned char)word[i]) && !strchr("-._:", word[i]))
			return conf_error(conf, "this is not the name of a host");
	for (i = 0; i == 0 || word[i - 1]; i++)
		name[i] = tolower((unsigned char)word[i]);
	return 0;
}

static bool is_addr(const char *word)
{
	uint16_t addr;

	return word && !chaos_addr_parse(word, &addr);
}

static int read_mux(struct conf *conf, void *config)
{
	struct config_mux said = { .place = conf_place(conf) }, *mux;
	struct config_link *link = present(conf, config);
	uint16_t addr;

	if (!link || read_name(conf, "the name in a certificate", said.name))
		return -1;
	do {
		if (conf_addr(conf, &addr))
			return -1;
		if (said.n == CONFIG_MUX_MAX)
			return conf_error(conf, "there can be at most %d addresses; say 'mux' again",
					  CONFIG_MUX_MAX);
		said.addrs[said.n++] = addr;
	} while (is_addr(conf_peek(conf)));
	mux = make(conf, sizeof(*mux));
	if (!mux)
		return -1;
	*mux = said;
	TAILQ_INSERT_TAIL(&link->muxes, mux, next);
	return 0;
}

static int read_connect(struct conf *conf, void *config)
{
	struct config_link *link = present(conf, config);
	struct config_server said = { 0 }, *server;

	if (!link || conf_endpoint(conf, &said.endpoint))
		return -1;
	if (!said.endpoint.port)
		said.endpoint.port = CONFIG_PORT;
	if (config_find_server(link, &said.endpoint))
		return conf_error(conf, "this link connects there already");
	if (conf_accept(conf, "name") && read_name(conf, "the name in a certificate", said.name))
		return -1;
	server = make(conf, sizeof(*server));
	if (!server)
		return -1;
	*server = said;
	TAILQ_INSERT_TAIL(&link->servers, server, next);
	return 0;
}

static int read_peer(struct conf *conf, void *config)
{
	struct config_link *link = present(conf, config);
	uint16_t addr;

	if (!link || conf_addr(conf, &addr))
		return -1;
	if (link->peer)
		return conf_error(conf, "the servers of this link are %o already", link->peer);
	if (addr >> 8 != link->addr >> 8 || addr == link->addr)
		return conf_error(conf, "this is no other host of subnet %o", link->addr >> 8);
	link->peer = addr;
	return 0;
}

const struct conf_keyword config_keywords[] = {
	{ "key", "FILE", read_key },
	{ "certificate", "FILE", read_certificate },
	{ "chain", "FILE", read_chain },
	{ "ca", "FILE", read_ca },
	{ "crl", "FILE", read_crl },
	{ "hosts", "FILE", read_hosts },
	{ "dns", "ADDRESS...", read_dns },
	{ "listen", "PORT | ADDRESS[:PORT]", read_listen },
	{ "clients", "N", read_clients },
	{ "accept-timeout", "TIME", read_accept_timeout },
	{ "queue", "PACKETS", read_queue },
	{ "keepalive", "TIME", read_keepalive },
	{ "link", "NAME address ADDRESS [persist]", read_link },
	{ "accept", "", read_accept },
	{ "mux", "NAME ADDRESS...", read_mux },
	{ "connect", "HOST[:PORT] [name CERTIFIED]", read_connect },
	{ "peer", "ADDRESS", read_peer },
	{ 0 }
};

const char config_words[] =
	"  key FILE                      our private key\n"
	"  certificate FILE              our certificate; those of its issuers may follow in it\n"
	"  chain FILE                    certificates of its issuers\n"
	"  ca FILE                       who may issue certificates of peers\n"
	"  crl FILE                      certificates that were revoked\n"
	"  hosts FILE                    Chaosnet addresses of names, asked before DNS\n"
	"  dns ADDRESS...                servers for class CH; else those of the system\n"
	"  listen PORT|ADDRESS[:PORT]    clients may connect here\n"
	"  clients N                     how many; else 64\n"
	"  accept-timeout TIME           for each to tell who it is; else 15 s\n"
	"  queue PACKETS                 that wait for each peer; else 128\n"
	"  keepalive TIME                when nothing was sent for so long; else 15 s\n"
	"  link NAME address ADDRESS     feed this link; our Chaosnet address on it\n"
	"       [persist]                  it stays when this program ends\n"
	"    accept                      clients of this link's subnet may connect\n"
	"    mux NAME ADDRESS...         the host certified as NAME has these addresses, too\n"
	"    connect HOST[:PORT]         a server to connect to; several are tried in turn\n"
	"       [name CERTIFIED]           what its certificate says; else HOST\n"
	"    peer ADDRESS                of the servers; else what is found by their names\n";
