/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that blocks, done by a few threads beside the event loop.
 *
 * Threads may be stuck for long: nobody waits for them, and what they do then is nobody's
 * concern.
 */
#ifndef TUNNEL_WORKERS_H
#define TUNNEL_WORKERS_H

#include <stdbool.h>
#include <sys/queue.h>

#include <systemd/sd-event.h>

struct work;
struct workers;

/**
 * struct work_ops - what a piece of work is
 * @run: does it, in any thread.  Uses nothing but the work itself, which may have been
 *	given up long ago
 * @done: it is over; from the event loop, once, never before work_begin() returned.  If
 *	@timed_out it may still be done: then @done looks only at what @run leaves alone.
 *	workers_free() may be called
 */
struct work_ops {
	void (*run)(struct work *work);
	void (*done)(struct work *work, bool timed_out);
};

/* Where a piece of work is. */
enum work_place {
	WORK_WAITS,
	WORK_RUNS,
	WORK_IS_OVER,
	WORK_IS_OURS,
};

/**
 * struct work - a piece of work: the first member of what it is done with
 * @ops: what it is
 * @workers: who do it; for the event loop only
 * @timer: its time is over; for the event loop only
 * @sibling: in the list of all; for the event loop only
 * @place: where it is; under the pool's lock
 * @cancelled: nobody wants it any more; under the pool's lock
 * @next: in a list of the pool; under the pool's lock
 *
 * All of it is one block of malloc().  From work_begin() on it belongs to the workers, who
 * free it when @done has returned, or it was cancelled.
 */
struct work {
	const struct work_ops *ops;
	struct workers *workers;
	sd_event_source *timer;
	LIST_ENTRY(work) sibling;
	enum work_place place;
	bool cancelled;
	TAILQ_ENTRY(work) next;
};

/**
 * workers_new() - get ready to work
 * @event: loop that is to hear of it
 * @threads: most threads that work at a time; each is started when it is needed
 * @workers: set on success; ends with workers_free()
 *
 * Return: 0 or -errno.
 */
int workers_new(sd_event *event, unsigned int threads, struct workers **workers);

/**
 * workers_free() - work no more
 * @workers: may be NULL
 *
 * Cancels all work.  Does not wait for threads.
 */
void workers_free(struct workers *workers);

/**
 * work_begin() - have something done
 * @workers: who are to do it
 * @work: what; zeroed but for what is behind it
 * @ops: how
 * @seconds: time after which it is given up
 *
 * What is begun earlier is done earlier.
 *
 * Return: 0, or -errno: then the work is still the caller's.
 */
int work_begin(struct workers *workers, struct work *work, const struct work_ops *ops,
	       unsigned int seconds);

/**
 * work_cancel() - do without it
 * @work: whose @done was not called; NULL: nothing happens.  Is not to be used after this
 */
void work_cancel(struct work *work);

#endif /* TUNNEL_WORKERS_H */
