/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in plain text. */
#ifndef CHAOS_TEXT_H
#define CHAOS_TEXT_H

#include <stdio.h>

#include "frame.h"

/**
 * struct text - how frames are to be printed
 * @out: where to
 * @name: gives the name of a host, or NULL; NULL: without names
 * @link: with addresses of the link, and with trailers
 * @whole: all of the data, instead of its beginning
 */
struct text {
	FILE *out;
	const char *(*name)(uint16_t addr);
	bool link;
	bool whole;
};

void text_frame(const struct text *t, const struct frame *f);
void text_bytes(FILE *out, const uint8_t *bytes, size_t len);
bool text_virtual_mac(const uint8_t mac[FRAME_MAC], uint16_t *addr);

#endif /* CHAOS_TEXT_H */
