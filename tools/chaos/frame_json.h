/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in JSON. */
#ifndef CHAOS_FRAME_JSON_H
#define CHAOS_FRAME_JSON_H

#include <stdio.h>

#include "frame.h"

/**
 * struct frame_json - how frames are to be written
 * @out: where to
 * @name: gives the name of a host, or NULL; NULL: without names
 * @link: with addresses of the link, and with trailers
 */
struct frame_json {
	FILE *out;
	const char *(*name)(uint16_t addr);
	bool link;
};

void frame_json(const struct frame_json *j, const struct frame *f);

#endif /* CHAOS_FRAME_JSON_H */
