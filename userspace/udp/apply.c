// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From one configuration to the next, or from none to the first.
 *
 * What is the same in both keeps its state.  Everything that can fail is done first,
 * beside what is there, so that a configuration is applied as a whole or not at all.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>

#include "clock.h"
#include "daemon.h"
#include "log.h"
#include "privs.h"
#include "udp.h"

static struct link *find_link(const struct udp *udp, const struct config_link *want)
{
	struct link *link;

	TAILQ_FOREACH(link, &udp->links, list)
		if (!strcmp(tap_name(link->tap), want->tap.name))
			return link;
	return NULL;
}

static const struct config_link *find_config(const struct config *config, const struct link *link)
{
	size_t i;

	for (i = 0; i < config->n_links; i++)
		if (!strcmp(config->links[i].tap.name, tap_name(link->tap)))
			return &config->links[i];
	return NULL;
}

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !strcmp(a->host, b->host);
}

/**
 * udp_remove_link() - stop feeding a link
 * @udp: daemon
 * @link: link, with its peers
 */
void udp_remove_link(struct udp *udp, struct link *link)
{
	struct peer *peer;

	TAILQ_FOREACH(peer, &link->fixed, list)
		names_forget(peer);
	peer_table_remove_link(&udp->table, link);
	TAILQ_REMOVE(&udp->links, link, list);
	tap_close(link->tap);
	free(link);
}

/* Attach to a link.  Returns NULL after an error was logged. */
static struct link *open_link(struct udp *udp, const struct config_link *want)
{
	struct link *link = calloc(1, sizeof(*link));
	struct tap_config tap = want->tap;
	char err[TAP_ERRLEN];
	int status;

	if (!link) {
		log_error("link %s: no memory", want->tap.name);
		return NULL;
	}
	tap.vital = privs_have(CAP_NET_ADMIN);
	if (tap_open(&tap, &link->tap, err)) {
		log_error("%s", err);
		free(link);
		return NULL;
	}
	link_init(link, want->tap.addr);
	link->udp = udp;
	link->to = want->tap.peer;
	link->persist = want->tap.persist;
	output_init(&link->output, &udp->errors);
	status = tap_pump(link->tap, udp->event, udp->pumps, udp_tap_batch, link);
	if (status) {
		log_error("link %s: %s", want->tap.name, strerror(-status));
		tap_close(link->tap);
		free(link);
		return NULL;
	}
	return link;
}

static void close_links(struct link_list *links)
{
	struct link *link;

	while ((link = TAILQ_FIRST(links))) {
		TAILQ_REMOVE(links, link, list);
		tap_close(link->tap);
		free(link);
	}
}

/* A link that is attached keeps what it was attached with. */
static bool unchanged(const struct link *link, const struct config_link *want)
{
	if (link->addr == want->tap.addr && link->to == want->tap.peer &&
	    link->persist == want->tap.persist)
		return true;
	log_error("link %s: its address, 'to' and 'persist' cannot change while it is fed: restart",
		  want->tap.name);
	return false;
}

/* Attach to the links that are new.  Returns 0, or -1 and @fresh is empty. */
static int open_links(struct udp *udp, const struct config *next, struct link_list *fresh)
{
	struct link *link;
	size_t i;

	TAILQ_INIT(fresh);
	for (i = 0; i < next->n_links; i++) {
		link = find_link(udp, &next->links[i]);
		if (link && unchanged(link, &next->links[i]))
			continue;
		link = link ? NULL : open_link(udp, &next->links[i]);
		if (!link) {
			close_links(fresh);
			return -1;
		}
		TAILQ_INSERT_TAIL(fresh, link, list);
	}
	return 0;
}

/* Open another socket if that is needed.  Returns 0 or -1. */
static int change_socket(struct udp *udp, const struct config *next)
{
	struct udp_socket s;
	int err;

	if (udp->socket.fd >= 0 && same_endpoint(&udp->listen, &next->listen))
		return 0;
	if (udp_socket_open(&s, &next->listen, udp->socket.fd))
		return -1;
	err = udp_use_socket(udp, &s);
	if (err) {
		log_error("cannot listen on %s: %s", s.name, strerror(-err));
		close(s.fd);
		return -1;
	}
	udp->listen = next->listen;
	log_notice("listening on %s", s.name);
	return 0;
}

static void set_limits(struct udp *udp, struct link *link, const struct config_link *want)
{
	link->max = want->dynamic ? want->max : 0;
	link->age = want->age;
	while (link->n_learned > link->max)
		peer_free(&udp->table, TAILQ_FIRST(&link->learned));
	if (link->max)
		udp_wake(udp, clock_now());
}

static void change_links(struct udp *udp, const struct config *next, struct link_list *fresh)
{
	struct link *link, *safe;

	for (link = TAILQ_FIRST(&udp->links); link; link = safe) {
		safe = TAILQ_NEXT(link, list);
		if (find_config(next, link))
			continue;
		log_notice("link %s is fed no more", tap_name(link->tap));
		udp_remove_link(udp, link);
	}
	while ((link = TAILQ_FIRST(fresh))) {
		TAILQ_REMOVE(fresh, link, list);
		TAILQ_INSERT_TAIL(&udp->links, link, list);
		peer_table_add_link(&udp->table, link);
		log_notice("feeding link %s, where we are %o", tap_name(link->tap), link->addr);
	}
	TAILQ_FOREACH(link, &udp->links, list)
		set_limits(udp, link, find_config(next, link));
}

static void change_peer(struct udp *udp, const struct config_peer *want)
{
	struct link *link = udp->table.by_subnet[want->addr >> 8];
	struct peer *peer = udp->table.by_addr[want->addr];

	if (!peer || peer->learned) {
		peer = peer_new(&udp->table, link, want->addr);
		if (!peer) {
			log_error("peer %o: no memory", want->addr);
			return;
		}
	} else if (peer->roam == want->roam && same_endpoint(&peer->where, &want->where)) {
		return;
	}
	peer->roam = want->roam;
	peer->where = want->where;
	names_locate(udp, peer);
}

/* Which peers stay; the array has all addresses. */
static bool *list_wanted(const struct config *next)
{
	bool *wanted = calloc(65536, sizeof(*wanted));
	size_t i;

	for (i = 0; wanted && i < next->n_peers; i++)
		wanted[next->peers[i].addr] = true;
	return wanted;
}

static void change_peers(struct udp *udp, const struct config *next, const bool *wanted)
{
	struct peer *peer, *safe;
	struct link *link;
	size_t i;

	TAILQ_FOREACH(link, &udp->links, list) {
		for (peer = TAILQ_FIRST(&link->fixed); peer; peer = safe) {
			safe = TAILQ_NEXT(peer, list);
			if (wanted[peer->addr])
				continue;
			names_forget(peer);
			peer_free(&udp->table, peer);
		}
	}
	for (i = 0; i < next->n_peers; i++)
		change_peer(udp, &next->peers[i]);
}

/**
 * udp_apply() - go over to a configuration
 * @udp: daemon
 * @next: what is to be, checked
 *
 * Return: 0, or -1 after an error was logged, and nothing has changed.
 */
int udp_apply(struct udp *udp, const struct config *next)
{
	bool *wanted = list_wanted(next);
	struct link_list fresh;
	int status = -1;

	if (!wanted) {
		log_error("no memory");
		return -1;
	}
	pumps_hold(udp->pumps);
	if (open_links(udp, next, &fresh))
		goto release;
	if (change_socket(udp, next)) {
		close_links(&fresh);
		goto release;
	}
	change_links(udp, next, &fresh);
	change_peers(udp, next, wanted);
	daemon_status("%zu links, %zu peers configured; listening on %s", next->n_links,
		      next->n_peers, udp->socket.name);
	status = 0;
release:
	pumps_release(udp->pumps);
	free(wanted);
	return status;
}
