/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What chaos-tls is told to do.
 *
 *	key FILE			our private key
 *	certificate FILE		our certificate; those of its issuers may follow in it
 *	chain FILE			certificates of its issuers
 *	ca FILE				who may issue certificates of peers
 *	crl FILE			certificates that were revoked
 *	hosts FILE			Chaosnet addresses of names, asked before DNS
 *	dns SERVER...			for class CH; else those of the C library
 *	listen PORT | ADDRESS[:PORT]	clients may connect; may be said several times
 *	clients N			of all links together
 *	accept-timeout TIME		until a client has told who it is
 *	queue PACKETS			that wait for each peer
 *	keepalive TIME			between SNS packets
 *	link NAME address ADDRESS [persist]
 *	    accept			clients of this subnet
 *	    mux NAME ADDRESS...		may be used by who is certified as NAME, too
 *	    connect HOST[:PORT] [name CERTIFIED]	servers, tried in turn
 *	    peer ADDRESS		of the servers; else what their certificates say
 *
 * What stands below "link" belongs to the link before it.  Files whose names do not begin
 * with a slash are looked for in $CREDENTIALS_DIRECTORY, then beside the configuration.
 */
#ifndef CHAOS_TLS_CONFIG_H
#define CHAOS_TLS_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "conf.h"

#define CONFIG_PORT		42042
#define CONFIG_MUX_MAX		16	/* addresses in a mux statement */
#define CONFIG_DNS_MAX		3	/* servers, as libresolv takes */

/**
 * struct config_files - keys and certificates, PEM
 * @key: private key
 * @certificate: ours
 * @chain: of its issuers; empty: none
 * @ca: who may issue peers' certificates
 * @crl: revoked certificates; empty: none
 */
struct config_files {
	char key[PATH_MAX];
	char certificate[PATH_MAX];
	char chain[PATH_MAX];
	char ca[PATH_MAX];
	char crl[PATH_MAX];
};

/**
 * struct config_names - how names become Chaosnet addresses
 * @hosts: file, empty: none
 * @dns: servers, numeric
 * @n_dns: their number; 0: those of the C library
 */
struct config_names {
	char hosts[PATH_MAX];
	struct endpoint dns[CONFIG_DNS_MAX];
	size_t n_dns;
};

/**
 * struct config_listen - where clients connect to
 * @place: where it was said
 * @endpoint: numeric; host "::" and family AF_UNSPEC: all addresses
 * @next: listen
 */
struct config_listen {
	struct conf_place place;
	struct endpoint endpoint;
	TAILQ_ENTRY(config_listen) next;
};

/**
 * struct config_server - a server to connect to
 * @endpoint: where
 * @name: what its certificate must say; empty: the endpoint's host
 * @next: server
 */
struct config_server {
	struct endpoint endpoint;
	char name[WORD_HOST_LEN];
	TAILQ_ENTRY(config_server) next;
};

/**
 * struct config_mux - hosts behind a peer
 * @place: where it was said
 * @name: what the peer's certificate says
 * @addrs: what it may use besides its own
 * @n: their number
 * @next: mux
 */
struct config_mux {
	struct conf_place place;
	char name[WORD_HOST_LEN];
	uint16_t addrs[CONFIG_MUX_MAX];
	size_t n;
	TAILQ_ENTRY(config_mux) next;
};

TAILQ_HEAD(config_servers, config_server);
TAILQ_HEAD(config_muxes, config_mux);

/**
 * struct config_link - a link
 * @place: where it was said
 * @name: of the net_device, may be a pattern
 * @addr: ours on it
 * @persist: it stays when we end
 * @accept: clients of its subnet are accepted
 * @peer: address of the servers; 0: what their certificates say
 * @servers: to connect to, in turn
 * @muxes: hosts behind peers
 * @next: link
 */
struct config_link {
	struct conf_place place;
	char name[16];
	uint16_t addr;
	bool persist;
	bool accept;
	uint16_t peer;
	struct config_servers servers;
	struct config_muxes muxes;
	TAILQ_ENTRY(config_link) next;
};

TAILQ_HEAD(config_listens, config_listen);
TAILQ_HEAD(config_links, config_link);

struct config {
	struct config_files files;
	struct config_names names;
	unsigned long clients;
	unsigned long accept_timeout;	/* s */
	unsigned long queue;		/* packets */
	unsigned long keepalive;	/* s */
	struct config_listens listens;
	struct config_links links;
};

extern const struct conf_keyword config_keywords[];
extern const char config_words[];

void *config_new(void);
void config_free(void *config);
void config_check(struct conf *conf, void *config);

bool config_same_endpoint(const struct endpoint *a, const struct endpoint *b);
const struct config_server *config_find_server(const struct config_link *link,
					       const struct endpoint *endpoint);

#endif /* CHAOS_TLS_CONFIG_H */
