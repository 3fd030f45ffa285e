/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this host's place in the Internet changes. */
#ifndef CHAOS_TLS_WATCH_H
#define CHAOS_TLS_WATCH_H

#include <stdbool.h>
#include <sys/socket.h>

#include <systemd/sd-event.h>

struct watch;

/**
 * typedef watch_changed - addresses or routes have changed
 * @arg: as given to watch_new()
 *
 * Changes that follow each other closely are told once.
 */
typedef void (*watch_changed)(void *arg);

/**
 * struct watch_place - where a connection begins
 * @reachable: there is a way to the other end
 * @local: our address, if it is
 */
struct watch_place {
	bool reachable;
	struct sockaddr_storage local;
};

int watch_new(sd_event *event, watch_changed changed, void *arg, struct watch **watch);
void watch_free(struct watch *watch);
void watch_where(const struct sockaddr_storage *peer, struct watch_place *place);
bool watch_same(const struct watch_place *a, const struct watch_place *b);
bool watch_has_moved(int fd);

#endif /* CHAOS_TLS_WATCH_H */
