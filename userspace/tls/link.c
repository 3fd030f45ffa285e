// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>

#include "link.h"
#include "log.h"
#include "peer.h"
#include "privs.h"

static void send_to_all(struct link *link, const uint8_t *packet, size_t len)
{
	struct member *member;

	TAILQ_FOREACH(member, &link->roster.members, next)
		peer_send(peer_of(member), packet, len);
}

static void send_packet(struct link *link, const uint8_t *packet, size_t len)
{
	uint16_t next_hop = frame_link_destination(packet);
	struct member *member;

	/* Host 0 is everybody, on whatever subnet. */
	if (!(next_hop & 0xff)) {
		send_to_all(link, packet, len);
		return;
	}
	member = roster_next_hop(&link->roster, next_hop);
	if (member)
		peer_send(peer_of(member), packet, len);
	else
		link->tx_nowhere++;
}

static void on_batch(struct tap *tap, void *arg)
{
	struct link *link = arg;
	struct member *member;
	const uint8_t *packet;
	size_t len;

	while ((packet = tap_next(tap, &len)))
		send_packet(link, packet, len);
	TAILQ_FOREACH(member, &link->roster.members, next)
		peer_flush(peer_of(member));
}

/**
 * link_open() - attach to a link
 * @tls: the daemon
 * @config: what link
 *
 * Return: the link, or NULL after an error was logged.
 */
struct link *link_open(struct tls *tls, const struct config_link *config)
{
	struct tap_config wanted = {
		.addr = config->addr, .persist = config->persist, .nocheck = true,
		.vital = privs_have(CAP_NET_ADMIN),
	};
	struct link *link = calloc(1, sizeof(*link));
	char err[TAP_ERRLEN];

	if (!link) {
		log_error("link %s: no memory", config->name);
		return NULL;
	}
	memcpy(wanted.name, config->name, sizeof(wanted.name));
	if (tap_open(&wanted, &link->tap, err)) {
		log_error("%s", err);
		free(link);
		return NULL;
	}
	link->tls = tls;
	link->config = config;
	roster_init(&link->roster, config->addr);
	return link;
}

/**
 * link_begin() - have packets come from the kernel
 * @link: link
 *
 * Return: 0 or -errno.
 */
int link_begin(struct link *link)
{
	return tap_watch(link->tap, link->tls->daemon->event, on_batch, link);
}

/**
 * link_close() - feed a link no more
 * @link: link without peers
 */
void link_close(struct link *link)
{
	tap_close(link->tap);
	free(link);
}
