/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between a connection and local input and output. */
#ifndef CHAOS_PUMP_H
#define CHAOS_PUMP_H

#include <stdbool.h>

/**
 * struct pump - what to connect
 * @net: the connection
 * @in: what is read here goes to the peer
 * @out: what the peer sends goes here
 * @translate: convert to and from Lisp Machine characters
 * @keep_open: do not tell the peer when @in ends
 * @quiet_ms: the end too, after @in ended and the peer sent an EOF, is silence
 *	for so long
 */
struct pump {
	int net, in, out;
	bool translate;
	bool keep_open;
	int quiet_ms;
};

/* Why pump_run() came to its end. */
enum pump_end {
	PUMP_DONE,		/* both sides are satisfied */
	PUMP_LOST,		/* the connection broke, errno says how */
	PUMP_CLOSED_EARLY,	/* the peer closed before it took all we had */
	PUMP_NO_INPUT,		/* reading @in failed, errno says how */
	PUMP_NO_OUTPUT,		/* writing @out failed, errno says how */
};

enum pump_end pump_run(const struct pump *pump);

#endif /* CHAOS_PUMP_H */
