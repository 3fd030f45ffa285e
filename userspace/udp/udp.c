// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/random.h>

#include "clock.h"
#include "log.h"
#include "udp.h"

#define FORGET_EVERY	30	/* s: how exactly the age of learned peers is kept */

/* The time after which the timer is to go off next. */
static uint64_t do_what_is_due(struct udp *udp, uint64_t now)
{
	uint64_t next = names_due(udp, now);
	struct link *link;

	TAILQ_FOREACH(link, &udp->links, list) {
		if (!link->max)
			continue;
		peer_forget(&udp->table, link, now);
		if (next > now + FORGET_EVERY)
			next = now + FORGET_EVERY;
	}
	return next;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct udp *udp = arg;

	(void)source;
	(void)usec;
	pumps_hold(udp->pumps);
	udp->timer_at = UINT64_MAX;
	udp_wake(udp, do_what_is_due(udp, clock_now()));
	pumps_release(udp->pumps);
	return 0;
}

/**
 * udp_wake() - look for what is due at some time, or before
 * @udp: daemon
 * @at: seconds as of clock_now(); UINT64_MAX: never
 */
void udp_wake(struct udp *udp, uint64_t at)
{
	if (at >= udp->timer_at)
		return;
	udp->timer_at = at;
	/* clock_now() rounds up, so this is no earlier. */
	sd_event_source_set_time(udp->timer, at * 1000000 + CLOCK_LATE);
	sd_event_source_set_enabled(udp->timer, SD_EVENT_ONESHOT);
}

/**
 * udp_tap_batch() - send packets that were read from a link
 * @tap: the link's file
 * @arg: struct link
 */
void udp_tap_batch(struct tap *tap, void *arg)
{
	struct link *link = arg;

	(void)tap;
	output_batch(&link->output, link);
}

static bool turn(void *arg)
{
	struct udp *udp = arg;

	input_read(&udp->input);
	return true;
}

/* Somebody was in trouble. */
static void attend(void *arg)
{
	struct udp *udp = arg;

	udp_wake(udp, do_what_is_due(udp, clock_now()));
}

static const struct pump_ops pump_ops = { .turn = turn, .attend = attend };

/**
 * udp_use_socket() - go over to a socket
 * @udp: daemon
 * @s: socket
 *
 * The one used before is closed.  The pumps are held.
 *
 * Return: 0, or -errno: then @s is not used, and not closed either.
 */
int udp_use_socket(struct udp *udp, const struct udp_socket *s)
{
	struct pump *pump;
	int err;

	err = pump_add(udp->pumps, s->fd, &pump_ops, udp, &pump);
	if (err)
		return err;
	pump_remove(udp->pump);
	if (udp->socket.fd >= 0)
		close(udp->socket.fd);
	udp->pump = pump;
	udp->socket = *s;
	udp->input.fd = s->fd;
	udp->errors.fd = s->fd;
	if (udp->table.family != s->family)
		peer_table_set_family(&udp->table, s->family);
	return 0;
}

/**
 * udp_new() - make a daemon that has nothing to do yet
 * @event: loop
 * @threads: packets are moved by threads, not by the loop
 *
 * Return: daemon, or NULL after an error was logged.
 */
struct udp *udp_new(sd_event *event, bool threads)
{
	struct udp *udp = calloc(1, sizeof(*udp));
	uint64_t seed = 0;
	int err = -ENOMEM;

	if (!udp)
		goto fail;
	udp->event = sd_event_ref(event);
	udp->socket.fd = -1;
	udp->timer_at = UINT64_MAX;
	TAILQ_INIT(&udp->links);
	getentropy(&seed, sizeof(seed));
	peer_table_init(&udp->table, AF_INET6, seed);
	udp->errors.fd = -1;
	udp->errors.table = &udp->table;
	udp->errors.trouble = names_trouble;
	udp->errors.arg = udp;
	input_init(&udp->input, -1, &udp->table, &udp->errors);
	err = pumps_new(event, threads, &udp->pumps);
	if (err >= 0)
		err = sd_event_add_time(event, &udp->timer, CLOCK_MONOTONIC, 0, 0, on_timer,
					udp);
	if (err >= 0)
		err = sd_event_source_set_enabled(udp->timer, SD_EVENT_OFF);
	if (err >= 0)
		err = resolver_new(event, &udp->resolver);
	if (err >= 0)
		return udp;
	udp_free(udp);
fail:
	log_error("cannot start: %s", strerror(-err));
	return NULL;
}

/**
 * udp_free() - end a daemon
 * @udp: daemon, may be NULL
 */
void udp_free(struct udp *udp)
{
	struct link *link;

	if (!udp)
		return;
	if (udp->pumps)
		pumps_hold(udp->pumps);
	while ((link = TAILQ_FIRST(&udp->links)))
		udp_remove_link(udp, link);
	resolver_free(udp->resolver);
	pump_remove(udp->pump);
	pumps_free(udp->pumps);
	sd_event_source_disable_unref(udp->timer);
	if (udp->socket.fd >= 0)
		close(udp->socket.fd);
	sd_event_unref(udp->event);
	free(udp);
}
