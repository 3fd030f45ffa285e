/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers may send.  Pure. */
#ifndef CHAOS_TLS_RULES_H
#define CHAOS_TLS_RULES_H

#include "config.h"
#include "roster.h"

#define RULES_WHY_LEN	512

/**
 * struct rules_client - what is known of a client before its first packet
 * @names: of its certificate
 * @addrs: that they have
 * @n: their number
 */
struct rules_client {
	const struct session_names *names;
	const uint16_t *addrs;
	size_t n;
};

enum rules_verdict {
	RULES_PASS,
	RULES_KEEPALIVE,	/* it has done its work by coming here */
	RULES_SOURCE,		/* it is not the sender's to send */
};

bool rules_has_mux(const struct config *config, const struct session_names *names);
const struct config_link *rules_first(const struct config *config,
				      const struct rules_client *client, const uint8_t *packet,
				      char why[RULES_WHY_LEN]);
bool rules_admit(const struct config_link *link, const struct rules_client *client,
		 uint16_t addr, struct member *member);
enum rules_verdict rules_look(const uint8_t *packet, const struct member *from,
			      const struct member *owner, bool ours);

#endif /* CHAOS_TLS_RULES_H */
