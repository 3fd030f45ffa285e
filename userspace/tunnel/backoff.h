/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait before trying again: twice as long each time, up to a limit, and
 * each time somewhat more or less than that, so that many who lost the same server do not
 * all come back at once.
 */
#ifndef TUNNEL_BACKOFF_H
#define TUNNEL_BACKOFF_H

/**
 * struct backoff - times to wait
 * @first_ms: the first one
 * @longest_ms: none is longer than this and a quarter
 * @next_ms: the next one; 0: the first
 */
struct backoff {
	unsigned int first_ms, longest_ms, next_ms;
};

/**
 * backoff_next() - how long to wait
 * @backoff: times
 *
 * Return: milliseconds, at random between three and five quarters of what it is now.
 */
unsigned int backoff_next(struct backoff *backoff);

/**
 * backoff_reset() - it came to something: begin anew
 * @backoff: times
 */
void backoff_reset(struct backoff *backoff);

#endif /* TUNNEL_BACKOFF_H */
