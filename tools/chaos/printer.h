/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of frames that are wanted: lines of text or JSON, a file. */
#ifndef CHAOS_PRINTER_H
#define CHAOS_PRINTER_H

#include <stdio.h>

#include "capture.h"
#include "match.h"

/* What stands before a frame, as of tcpdump(8): -t given so many times. */
enum printer_time {
	PRINTER_CLOCK,		/* time of day */
	PRINTER_NO_TIME,
	PRINTER_SECONDS,	/* since the Epoch */
	PRINTER_DELTA,		/* since the frame before */
	PRINTER_DATE,		/* and time of day */
};

/**
 * struct printer - how frames are printed and kept
 * @match: which are wanted
 * @captures: where they come from, for the names
 * @show_link: more than one link: tell which
 * @print: on standard output
 * @json: as JSON
 * @names: with names of hosts
 * @link: with addresses of the link
 * @hex: with the bytes, in hexadecimal
 * @whole: all text
 * @time: what stands before
 * @file: where they are kept, NULL: nowhere
 * @path: its name
 * @max: end after so many, 0: no limit
 * @count: how many there were
 * @last_ns: time of the last one
 */
struct printer {
	struct match match;
	const struct capture *captures;
	bool show_link;
	bool print, json, names, link, hex, whole;
	enum printer_time time;
	FILE *file;
	const char *path;
	uint64_t max;
	uint64_t count;
	uint64_t last_ns;
};

bool printer_take(void *ctx, const struct capture_frame *frame);
bool printer_flush(void *ctx);

#endif /* CHAOS_PRINTER_H */
