// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer target: see hostile.c. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct endpoint ep;
	const char *broken;
	u8 *frame;

	if (!len)
		return 0;
	memset(&ep, 0, sizeof(ep));
	broken = hostile_story(&ep, bytes, len);
	if (!*broken) {
		/* A copy that is aligned and ends where it ends. */
		frame = malloc(len);
		memcpy(frame, bytes, len);
		broken = hostile_frame(frame, len);
		free(frame);
	}
	if (*broken) {
		fprintf(stderr, "Broken: %s\n", broken);
		abort();
	}
	return 0;
}
