/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A net_device, and who is there. */
#ifndef CHAOS_TLS_LINK_H
#define CHAOS_TLS_LINK_H

#include "roster.h"
#include "tap.h"
#include "tls.h"

/**
 * struct link - a link
 * @tls: the daemon
 * @config: in force
 * @wanted: while the configuration changes: in the new one; NULL: it is not there
 * @tap: how packets come from the kernel, and go there
 * @roster: the peers
 * @client: connects to servers, NULL: there are none
 * @told: when it was told of each host that it has connected, ms
 * @tx_nowhere: packets for hosts who are not there
 * @next: link
 */
struct link {
	struct tls *tls;
	const struct config_link *config;
	const struct config_link *wanted;
	struct tap *tap;
	struct roster roster;
	struct client *client;
	uint64_t told[ROSTER_HOSTS];
	uint64_t tx_nowhere;
	TAILQ_ENTRY(link) next;
};

struct link *link_open(struct tls *tls, const struct config_link *config);
int link_begin(struct link *link);
void link_close(struct link *link);

#endif /* CHAOS_TLS_LINK_H */
