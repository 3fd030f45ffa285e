/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking up IP addresses of names without waiting for the answers.
 *
 * The C library's functions block, so a few threads call them.  Answers are delivered
 * by the event loop.  Numeric endpoints need no resolver: see endpoint_address().
 */
#ifndef TUNNEL_RESOLVE_H
#define TUNNEL_RESOLVE_H

#include <stddef.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "words.h"

#define RESOLVE_MAX	16	/* addresses of a name; more are ignored */
#define RESOLVE_THREADS	4

struct resolver;
struct resolve_query;

/**
 * typedef resolve_done - takes an answer
 * @arg: as given to resolve()
 * @error: NULL, or why there is no address, in words
 * @addrs: the addresses, with port, in order of preference; valid until it returns
 * @n: their number, not 0 if @error is NULL
 *
 * Is called exactly once, unless the query is cancelled.  The query is over: its
 * pointer must not be used any more.
 */
typedef void (*resolve_done)(void *arg, const char *error,
			     const struct sockaddr_storage *addrs, size_t n);

/**
 * resolver_new() - get ready to look up names
 * @event: loop that is to deliver answers
 * @resolver: set on success; ends with resolver_free()
 *
 * Return: 0 or -errno.
 */
int resolver_new(sd_event *event, struct resolver **resolver);

/**
 * resolver_free() - stop looking up names
 * @resolver: may be NULL
 *
 * Cancels all queries.  Does not wait for threads.
 */
void resolver_free(struct resolver *resolver);

/**
 * resolve() - look up a name
 * @resolver: resolver
 * @ep: name (or numeric address) and port
 * @port: to use if @ep has none
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for both
 * @seconds: time after which the answer is "timed out"
 * @done: takes the answer, always from the event loop, never before this returns
 * @arg: for @done
 * @query: set on success, for resolve_cancel(); may be NULL
 *
 * Return: 0 or -errno; then @done is not called.
 */
int resolve(struct resolver *resolver, const struct endpoint *ep, uint16_t port, int family,
	    unsigned int seconds, resolve_done done, void *arg, struct resolve_query **query);

/**
 * resolve_cancel() - do without an answer
 * @query: a query whose answer has not been delivered; NULL: nothing happens
 */
void resolve_cancel(struct resolve_query *query);

#endif /* TUNNEL_RESOLVE_H */
