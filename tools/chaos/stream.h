/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a stream, and serving it with standard input and output. */
#ifndef CHAOS_STREAM_H
#define CHAOS_STREAM_H

#include <stdint.h>

#include "pump.h"

/* What a failure of accept() means. */
enum stream_accept {
	STREAM_NOBODY,		/* there is nobody to accept any more */
	STREAM_LATER,		/* resources are short */
	STREAM_NEVER,		/* listening has no future */
};

enum stream_accept stream_accept_failure(int err);
int stream_socket(int window);
int stream_connect(int fd, uint16_t addr, const char *contact, const char *args, int timeout_ms);
int stream_pump(const struct pump *pump, const char *host, const char *contact);

#endif /* CHAOS_STREAM_H */
