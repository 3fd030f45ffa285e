// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target for frames as they are captured; see "make fuzz". */
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "frame_json.h"
#include "match.h"
#include "text.h"

#define ROOM	65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *name_of(uint16_t addr)
{
	return addr & 1 ? "oz" : NULL;
}

/* The first byte says what kind of link, and how to print. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int dlts[] = { DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_RAW };
	static const struct match status = { .n_hosts = 1, .hosts = { 0402 }, .contact = "STATUS" };
	static char out[ROOM];
	static FILE *f;
	struct frame_json json = { .name = name_of };
	struct text text = { .name = name_of };
	struct frame frame;

	if (!f)
		f = fmemopen(out, sizeof(out), "w");
	if (!size || !f)
		return 0;
	text.out = f;
	json.out = f;
	text.link = *data & 4;
	json.link = text.link;
	text.whole = *data & 8;
	frame_decode(&frame, dlts[*data & 3], data + 1, size - 1);
	if (frame.kind == FRAME_OTHER)
		return 0;
	if (frame.len && (frame.bytes < data + 1 || frame.bytes + frame.len > data + size))
		abort();
	match_frame(&status, &frame);
	rewind(f);
	text_frame(&text, &frame);
	frame_json(&json, &frame);
	if (*data & 16)
		text_bytes(f, frame.bytes, frame.len);
	/* All of it had room. */
	if (ferror(f))
		abort();
	return 0;
}
