/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that move packets.  Each waits in the very system call that reads, does a turn
 * with what it got, and begins again: nothing tells it first that there is something.
 *
 * What they have in common they lock among themselves.  The event loop needs no lock: it
 * holds all of them, which is quick, before it touches anything that is theirs.  All
 * functions but pumps_call() are for the event loop.
 */
#ifndef TUNNEL_PUMPS_H
#define TUNNEL_PUMPS_H

#include <stdbool.h>

#include <systemd/sd-event.h>

struct pump;
struct pumps;

/**
 * struct pump_ops - what a pump does
 * @turn: reads once, and does it all; in the pump's thread.  A signal ends the wait: then
 *	there was nothing.  Returns whether to go on; if not, the next turn is when they were
 *	held, and pumps_call() is what the pump calls before
 * @attend: does what only the event loop can do; from there, while all are held, some time
 *	after anybody called pumps_call().  May remove this pump, and add others
 */
struct pump_ops {
	bool (*turn)(void *arg);
	void (*attend)(void *arg);
};

/**
 * pumps_new() - get ready
 * @event: loop
 * @threads: if not, the event loop takes turns itself, when there is something to read
 * @pumps: set on success; ends with pumps_free()
 *
 * Return: 0 or -errno.
 */
int pumps_new(sd_event *event, bool threads, struct pumps **pumps);

/**
 * pumps_free() - end
 * @pumps: without pumps; may be NULL
 */
void pumps_free(struct pumps *pumps);

/**
 * pump_add() - have another one
 * @pumps: its fellows
 * @fd: what it reads; made blocking if there is a thread
 * @ops: what it does
 * @arg: for @ops
 * @pump: set on success; ends with pump_remove()
 *
 * It starts with the event loop, without the privileges that are given up until then.  If
 * there can be no thread, the event loop takes its turns.
 *
 * Return: 0 or -errno.
 */
int pump_add(struct pumps *pumps, int fd, const struct pump_ops *ops, void *arg,
	     struct pump **pump);

/**
 * pump_remove() - end one
 * @pump: may be NULL
 */
void pump_remove(struct pump *pump);

/**
 * pumps_hold() - wait until all are between two turns, and keep them there
 * @pumps: all; may be held already
 */
void pumps_hold(struct pumps *pumps);

/**
 * pumps_release() - let them go on, if they were not held before
 * @pumps: all
 */
void pumps_release(struct pumps *pumps);

/**
 * pumps_call() - have the event loop attend to all
 * @pumps: all
 *
 * From any thread.
 */
void pumps_call(struct pumps *pumps);

#endif /* TUNNEL_PUMPS_H */
