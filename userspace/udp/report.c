// SPDX-License-Identifier: GPL-2.0-or-later
/* What SIGUSR1 tells. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "udp.h"

#define LINE	512

/* Add ", N WHAT" if there is something to count. */
static void add(char line[LINE], uint64_t n, const char *what)
{
	size_t at = strlen(line);

	if (n)
		snprintf(line + at, LINE - at, ", %" PRIu64 " %s", n, what);
}

static void add_input(char line[LINE], const struct peer_counters *c)
{
	add(line, c->rx_sender, "with another source");
	add(line, c->rx_version, "not Chaosnet");
	add(line, c->rx_malformed, "malformed");
	add(line, c->rx_checksum, "with a bad checksum");
}

static void report_peer(const struct peer *peer)
{
	const struct peer_counters *c = &peer->counters;
	char where[UDPADDR_STRLEN] = "nowhere", name[WORD_ENDPOINT_LEN] = "";
	char heard[64] = "never heard", line[LINE] = "";

	if (peer->to_len)
		udpaddr_format(&peer->place[peer->current].addr, where);
	if (*peer->where.host)
		endpoint_format(&peer->where, name);
	if (peer->heard)
		snprintf(heard, sizeof(heard), "heard %" PRIu64 " s ago",
			 clock_now() - peer->heard);
	add_input(line, c);
	add(line, c->tx_errors, "not sent");
	add(line, c->tx_nowhere, "for nowhere");
	add(line, c->icmp_errors, "answered by ICMP");
	log_notice("peer %o %s%s%s%s%s: %s, %" PRIu64 " in, %" PRIu64 " out%s%s%s", peer->addr,
		   peer->learned ? "(learned) " : "", name, *name ? " " : "",
		   "at ", where, heard, c->rx_packets, c->tx_packets, line,
		   peer->error ? "; last error: " : "",
		   peer->error ? strerror(peer->error) : "");
}

static void report_link(const struct link *link)
{
	const struct tap_counters *c = tap_counters(link->tap);
	char line[LINE] = "", learned[64] = "";
	const struct peer *peer;

	if (link->max)
		snprintf(learned, sizeof(learned), ", %u of %u learned", link->n_learned,
			 link->max);
	add(line, link->tx_unknown, "for hosts that are no peers");
	add(line, c->tx_lost, "not taken by the kernel");
	log_notice("link %s, where we are %o%s: %u peers%s, %" PRIu64 " in by %" PRIu64
		   " writes, %" PRIu64 " out by %" PRIu64 " reads%s",
		   tap_name(link->tap), link->addr, tap_attached(link->tap) ? "" : " (deleted)",
		   link->n_fixed, learned, c->tx_packets, c->tx_writes, c->rx_packets, c->rx_reads,
		   line);
	TAILQ_FOREACH(peer, &link->fixed, list)
		report_peer(peer);
	TAILQ_FOREACH(peer, &link->learned, list)
		report_peer(peer);
}

static void report_socket(const struct udp *udp)
{
	const struct input *in = &udp->input;
	uint64_t calls = 0, waits = 0;
	char line[LINE] = "";
	const struct link *link;

	TAILQ_FOREACH(link, &udp->links, list) {
		calls += link->output.calls;
		waits += link->output.waits;
	}

	add_input(line, &in->strangers);
	add(line, in->verdicts[PEER_STRANGER], "from nobody we know");
	add(line, in->verdicts[PEER_CLAIMED], "from a peer that is elsewhere");
	add(line, in->verdicts[PEER_FULL], "from too many peers");
	add(line, udp_socket_drops(&udp->socket), "dropped by the kernel");
	log_notice("listening on %s: %" PRIu64 " calls to receive, %" PRIu64 " to send, %" PRIu64
		   " waits%s%s", udp->socket.name, in->calls, calls, waits,
		   *line ? "; dropped from elsewhere: " : "", *line ? line + 2 : "");
}

/**
 * udp_report() - log state and counters
 * @udp: daemon
 */
void udp_report(const struct udp *udp)
{
	const struct link *link;

	pumps_hold(udp->pumps);
	report_socket(udp);
	TAILQ_FOREACH(link, &udp->links, list)
		report_link(link);
	pumps_release(udp->pumps);
}
