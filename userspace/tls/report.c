// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "client.h"
#include "log.h"
#include "peer.h"
#include "report.h"
#include "server.h"

/* Room for ten addresses besides the first; a host may have many. */
#define ADDRS		10
#define ADDRS_LEN	(ADDRS * 8 + 16)

static void list_others(const struct member *member, char text[ADDRS_LEN])
{
	size_t i, n = 0;
	int at = 0;

	*text = '\0';
	for (i = 0; i < member->n; i++) {
		if (member->addrs[i] == member->addr)
			continue;
		if (n++ == ADDRS) {
			snprintf(text + at, ADDRS_LEN - at, ", ...");
			return;
		}
		at += snprintf(text + at, ADDRS_LEN - at, "%s%o", n == 1 ? ", also " : ", ",
			       member->addrs[i]);
	}
}

static void report_peer(const struct peer *peer, uint64_t now)
{
	const struct session_counters *c = session_counters(peer->session);
	const struct peer_counters *p = &peer->counters;
	char others[ADDRS_LEN];

	list_others(&peer->member, others);
	log_notice("  %s %o (%s)%s, at %s, for %" PRIu64 " s, %s",
		   peer->member.is_server ? "server" : "client", peer->member.addr,
		   peer->member.name, others, session_where(peer->session),
		   (now - peer->since) / 1000, session_cipher(peer->session));
	log_notice("    in: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " keep-alive, %"
		   PRIu64 " malformed, %" PRIu64 " with another's source",
		   c->rx_packets, c->rx_bytes, p->rx_keepalive, c->rx_malformed, p->rx_source);
	log_notice("    out: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64
		   " keep-alive, %u waiting, %" PRIu64 " dropped",
		   c->tx_packets, c->tx_bytes, p->tx_keepalive, session_waiting(peer->session),
		   c->tx_dropped);
}

static void report_link(const struct link *link)
{
	const struct tap_counters *c = tap_counters(link->tap);
	struct member *member;

	log_notice("link %s, where we are %o%s: %u peers, %" PRIu64 " in by %" PRIu64
		   " writes, %" PRIu64 " out by %" PRIu64 " reads, %" PRIu64
		   " for nobody, %" PRIu64 " not taken by the kernel",
		   tap_name(link->tap), link->config->addr,
		   tap_attached(link->tap) ? "" : " (deleted)", link->roster.n, c->tx_packets,
		   c->tx_writes, c->rx_packets, c->rx_reads, link->tx_nowhere, c->tx_lost);
	if (link->client)
		client_report(link->client);
	TAILQ_FOREACH(member, &link->roster.members, next)
		report_peer(peer_of(member), tls_now(link->tls));
}

/**
 * report() - log state and counters
 * @tls: the daemon
 */
void report(const struct tls *tls)
{
	const struct link *link;

	server_report(tls->server);
	TAILQ_FOREACH(link, &tls->links, next)
		report_link(link);
}
