// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture.h"

static int capture_file = -1, capture_saved = -1;

static void must(int condition)
{
	if (!condition)
		abort();
}

/* From now on messages go to a file. */
void capture_start(void)
{
	fflush(stderr);
	capture_file = memfd_create("stderr", MFD_CLOEXEC);
	capture_saved = dup(STDERR_FILENO);
	must(capture_file >= 0 && capture_saved >= 0);
	must(dup2(capture_file, STDERR_FILENO) == STDERR_FILENO);
}

/* No more; returns @text, what it was. */
const char *capture_end(char text[CAPTURE_LEN])
{
	ssize_t len;

	fflush(stderr);
	must(dup2(capture_saved, STDERR_FILENO) == STDERR_FILENO);
	close(capture_saved);
	len = pread(capture_file, text, CAPTURE_LEN - 1, 0);
	must(len >= 0);
	text[len] = '\0';
	close(capture_file);
	return text;
}
