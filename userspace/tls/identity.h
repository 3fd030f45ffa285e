/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which Chaosnet addresses a name has: what the hosts file says, or else DNS in class CH,
 * asked beside the event loop.  An address from DNS counts only if the name that it has
 * there leads back to the one that was asked for.
 *
 * Answers are kept as long as they say, failures for a short while; the hosts file is
 * read anew when it has changed.
 */
#ifndef CHAOS_TLS_IDENTITY_H
#define CHAOS_TLS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "config.h"

#define IDENTITY_ADDRS_MAX	32

struct identity;
struct identity_query;

/**
 * typedef identity_done - takes an answer
 * @arg: as given to identity_find()
 * @error: NULL, or why there is no address, in words: "X has no address in class CH"
 * @addrs: the addresses; good until it returns
 * @n: their number, not 0 if @error is NULL
 *
 * Is called exactly once, from the event loop, unless the query is cancelled, and the
 * query is over then.
 */
typedef void (*identity_done)(void *arg, const char *error, const uint16_t *addrs, size_t n);

/**
 * identity_new() - get ready to look up names
 * @event: loop
 * @config: hosts file and servers; copied
 * @identity: set on success; ends with identity_free(), which cancels all queries
 *
 * Return: 0 or -errno.
 */
int identity_new(sd_event *event, const struct config_names *config, struct identity **identity);
void identity_free(struct identity *identity);

/**
 * identity_configure() - go over to another configuration
 * @identity: names; all that is kept is forgotten
 * @config: copied
 */
void identity_configure(struct identity *identity, const struct config_names *config);

/**
 * identity_find() - look up names
 * @identity: names
 * @names: of one host; the addresses of all are joined
 * @n: their number
 * @done: takes the answer
 * @arg: for @done
 * @query: set on success, for identity_cancel(); may be NULL
 *
 * Return: 0 or -errno; then @done is not called.
 */
int identity_find(struct identity *identity, const char *const *names, size_t n,
		  identity_done done, void *arg, struct identity_query **query);
void identity_cancel(struct identity_query *query);

#endif /* CHAOS_TLS_IDENTITY_H */
