// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "chaos_addr.h"
#include "ether.h"
#include "log.h"
#include "member.h"
#include "report.h"

/* Room for ten addresses; a hub that we joined may have many behind it. */
#define ADDRS	10

static void addresses(const struct hub_port *port, char *text, size_t size)
{
	const struct claim *claims = port->hub->claims.by_host;
	unsigned int host, n = 0;
	size_t at = 0;

	*text = 0;
	for (host = 0; host < 256; host++) {
		char addr[CHAOS_ADDR_STRLEN];

		if (claims[host].owner != port)
			continue;
		if (n++ == ADDRS) {
			snprintf(text + at, size - at, ", ...");
			return;
		}
		at += snprintf(text + at, size - at, "%s%s", n == 1 ? ": " : ", ",
			       chaos_addr_format(claims[host].addr, addr));
	}
}

static void report_member(const struct member *member, uint64_t now)
{
	const struct hub_port *port = &member->port;
	char text[ADDRS * (CHAOS_ADDR_STRLEN + 2) + 16];

	addresses(port, text, sizeof(text));
	log_notice("    %s%s", member->name, text);
	log_notice("      for %" PRIu64 " s; packets %" PRIu64 " from, %" PRIu64
		   " to it, %u waiting, %" PRIu64 " dropped, %" PRIu64 " echoes",
		   (now - member->since) / 1000, port->packets_in, port->packets_out,
		   member->out.count, member->dropped, port->echoes);
}

static void report_ether(const struct chaosd *chaosd, const struct ether *ether)
{
	uint64_t now = chaosd_now(chaosd);
	const struct member *member;
	const struct part *part;
	char name[ETHER_NAME_LEN];

	log_notice("%s: %u of %lu members", ether_name(ether, name), ether->n_members,
		   ether->config->members);
	TAILQ_FOREACH(part, &chaosd->parts, next) {
		if (part->ether != ether)
			continue;
		part->ops->report(part);
		TAILQ_FOREACH(member, &chaosd->members, next)
			if (member->part == part)
				report_member(member, now);
	}
}

/**
 * report() - log everything there is to know
 * @daemon: the daemon
 */
void report(struct daemon *daemon)
{
	const struct chaosd *chaosd = daemon->state;
	const struct ether *ether;

	TAILQ_FOREACH(ether, &chaosd->ethers, next)
		report_ether(chaosd, ether);
}
