// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "log.h"
#include "peer.h"
#include "rules.h"

static int arm(struct peer *peer, uint64_t ms)
{
	int err = sd_event_source_set_time_relative(peer->keepalive, ms * 1000);

	return err < 0 ? err : sd_event_source_set_enabled(peer->keepalive, SD_EVENT_ONESHOT);
}

static size_t make_sns(uint8_t *packet, uint16_t to, uint16_t from)
{
	memset(packet, 0, FRAME_HEADER_LEN);
	packet[1] = CHAOS_OP_SNS;
	frame_put_word(packet + 4, to);
	frame_put_word(packet + 8, from);
	return frame_set_trailer(packet, to, from);
}

/**
 * peer_tell() - tell a peer who we are, and that we are there
 * @peer: the peer
 */
void peer_tell(struct peer *peer)
{
	uint8_t packet[FRAME_MIN];
	size_t len = make_sns(packet, peer->member.addr, peer->link->roster.self);

	peer->counters.tx_keepalive++;
	peer_send(peer, packet, len);
	peer_flush(peer);
}

static int on_keepalive(sd_event_source *source, uint64_t usec, void *arg)
{
	struct peer *peer = arg;
	const struct tls *tls = peer->link->tls;
	uint64_t period = tls->config->keepalive * 1000, silent = tls_now(tls) - peer->sent;

	(void)source;
	(void)usec;
	if (silent >= period) {
		peer_tell(peer);
		silent = 0;
	}
	arm(peer, period - silent);
	return 0;
}

/**
 * peer_new() - a session becomes a peer
 * @link: on which
 * @session: the session
 * @who: who that is; copied; the link's roster has room for it
 * @holder: set on success, and to NULL when the peer goes
 *
 * Return: 0 or -errno.
 */
int peer_new(struct link *link, struct session *session, const struct member *who,
	     struct peer **holder)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	int err;

	if (!peer)
		return -ENOMEM;
	peer->member = *who;
	peer->link = link;
	peer->session = session;
	peer->holder = holder;
	peer->since = tls_now(link->tls);
	peer->sent = peer->since;
	err = sd_event_add_time_relative(link->tls->daemon->event, &peer->keepalive,
					 CLOCK_MONOTONIC, link->tls->config->keepalive * 1000000ull,
					 0, on_keepalive, peer);
	if (err < 0) {
		free(peer);
		return err;
	}
	roster_add(&link->roster, &peer->member);
	*holder = peer;
	tls_tell_status(link->tls);
	return 0;
}

/**
 * peer_free() - a peer goes
 * @peer: may be NULL; its session stays
 */
void peer_free(struct peer *peer)
{
	if (!peer)
		return;
	roster_remove(&peer->link->roster, &peer->member);
	tls_tell_status(peer->link->tls);
	sd_event_source_disable_unref(peer->keepalive);
	*peer->holder = NULL;
	free(peer);
}

/**
 * peer_judge_all() - look whether peers would still be let in
 * @tls: the daemon
 *
 * Those whose certificates are not good any more end soon.
 */
void peer_judge_all(struct tls *tls)
{
	struct member *member;
	struct link *link;

	TAILQ_FOREACH(link, &tls->links, next)
		TAILQ_FOREACH(member, &link->roster.members, next)
			session_judge(peer_of(member)->session, tls->context);
}

/**
 * peer_replace() - a peer goes because it is here once more
 * @peer: the peer; its session ends soon
 * @by: where it is now
 */
void peer_replace(struct peer *peer, const char *by)
{
	session_end(peer->session, "a newer connection of the same host, from %s, replaces it", by);
	peer_free(peer);
}

/**
 * peer_packet() - a packet came from a peer
 * @peer: the peer
 * @packet: with its trailer; is changed
 * @len: its length
 *
 * The kernel has it after peer_batch().
 */
void peer_packet(struct peer *peer, uint8_t *packet, size_t len)
{
	const struct link *link = peer->link;
	uint16_t source = frame_source(packet);

	switch (rules_look(packet, &peer->member, tls_owner(link->tls, source),
			   tls_is_ours(link->tls, source))) {
	case RULES_PASS:
		frame_claim(packet, link->roster.self);
		tap_put(link->tap, packet, len);
		break;
	case RULES_KEEPALIVE:
		peer->counters.rx_keepalive++;
		break;
	case RULES_SOURCE:
		peer->counters.rx_source++;
		log_limited(LOG_INFO, "%o (%s): dropped a packet, %o cannot be its source",
			    peer->member.addr, peer->member.name, source);
		break;
	}
}

/**
 * peer_batch() - no more packets for now
 * @peer: the peer
 */
void peer_batch(struct peer *peer)
{
	tap_flush(peer->link->tap);
}

/**
 * peer_send() - send a packet to a peer
 * @peer: the peer
 * @packet: with its trailer
 * @len: its length
 *
 * It goes with the next peer_flush().
 */
void peer_send(struct peer *peer, const uint8_t *packet, size_t len)
{
	session_send(peer->session, packet, len);
	peer->touched = true;
}

/**
 * peer_flush() - have sent what was given to peer_send()
 * @peer: the peer
 */
void peer_flush(struct peer *peer)
{
	if (!peer->touched)
		return;
	peer->touched = false;
	peer->sent = tls_now(peer->link->tls);
	session_flush(peer->session);
}
