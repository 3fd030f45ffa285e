/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as a whole.
 *
 * A thread for each link reads from it and sends, one receives from the socket and writes
 * to the links (pumps.h).  Everything else is done by the event loop while they are held.
 */
#ifndef CHAOS_UDP_UDP_H
#define CHAOS_UDP_UDP_H

#include <systemd/sd-event.h>

#include "config.h"
#include "errors.h"
#include "input.h"
#include "link.h"
#include "output.h"
#include "resolve.h"
#include "socket.h"

/**
 * struct udp - the daemon
 * @event: its loop
 * @socket: where it listens; fd is -1 before
 * @listen: the same, as configured
 * @pumps: move packets
 * @pump: the one that reads the socket
 * @timer: for what is due
 * @timer_at: when that is, in seconds
 * @resolver: looks up names
 * @links: the links that are fed
 * @errors: takes errors in sending
 * @table: all peers
 * @input: from the socket to the links
 */
struct udp {
	sd_event *event;
	struct udp_socket socket;
	struct endpoint listen;
	struct pumps *pumps;
	struct pump *pump;
	sd_event_source *timer;
	uint64_t timer_at;
	struct resolver *resolver;
	struct link_list links;
	struct errors errors;
	struct peer_table table;
	struct input input;
};

struct udp *udp_new(sd_event *event, bool threads);
void udp_free(struct udp *udp);
int udp_use_socket(struct udp *udp, const struct udp_socket *s);
void udp_wake(struct udp *udp, uint64_t at);
void udp_tap_batch(struct tap *tap, void *arg);

/* apply.c */
int udp_apply(struct udp *udp, const struct config *next);
void udp_remove_link(struct udp *udp, struct link *link);

/* names.c */
#define NAMES_INTERVAL	300	/* s, from one look-up to the next */
#define NAMES_RETRY	15	/* s, after one that failed, or after an error in sending */

void names_locate(struct udp *udp, struct peer *peer);
void names_forget(struct peer *peer);
void names_trouble(void *arg, struct peer *peer);
uint64_t names_due(struct udp *udp, uint64_t now);

/* report.c */
void udp_report(const struct udp *udp);

#endif /* CHAOS_UDP_UDP_H */
