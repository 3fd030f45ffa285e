/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host at the other end of a TLS connection, of which it is known who it is. */
#ifndef CHAOS_TLS_PEER_H
#define CHAOS_TLS_PEER_H

#include "link.h"
#include "session.h"

/**
 * struct peer_counters - what was not passed on
 * @rx_source: packets that were not the peer's to send
 * @rx_keepalive: SNS that only said that it is there
 * @tx_keepalive: likewise, from us
 */
struct peer_counters {
	uint64_t rx_source;
	uint64_t rx_keepalive;
	uint64_t tx_keepalive;
};

/**
 * struct peer - a peer
 * @member: who it is; first, see peer_of()
 * @link: on which it is
 * @session: of whom it became one; not ours
 * @holder: points to us; NULL when we are gone
 * @keepalive: timer
 * @since: when it came, ms
 * @sent: when something was sent to it, ms
 * @touched: it has packets that session_flush() waits for
 * @counters: what was not passed on
 */
struct peer {
	struct member member;
	struct link *link;
	struct session *session;
	struct peer **holder;
	sd_event_source *keepalive;
	uint64_t since;
	uint64_t sent;
	bool touched;
	struct peer_counters counters;
};

static inline struct peer *peer_of(struct member *member)
{
	return (struct peer *)member;
}

int peer_new(struct link *link, struct session *session, const struct member *who,
	     struct peer **holder);
void peer_free(struct peer *peer);
void peer_judge_all(struct tls *tls);
void peer_replace(struct peer *peer, const char *by);
void peer_packet(struct peer *peer, uint8_t *packet, size_t len);
void peer_batch(struct peer *peer);
void peer_send(struct peer *peer, const uint8_t *packet, size_t len);
void peer_flush(struct peer *peer);
void peer_tell(struct peer *peer);

#endif /* CHAOS_TLS_PEER_H */
