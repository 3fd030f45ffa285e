// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What surrounds a daemon that is tested as a whole, as the environment says:
 *
 *	TAP_FDlink	descriptor that is the other side of this link
 *	TAP_FD		of all others
 *	BACKOFF_MS	how long to wait before trying anything again
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backoff.h"
#include "tap.h"

int __wrap_tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN]);
unsigned int __real_backoff_next(struct backoff *backoff);
unsigned int __wrap_backoff_next(struct backoff *backoff);

static int kernel(const char *link)
{
	const char *number;
	char name[64];

	snprintf(name, sizeof(name), "TAP_FD%s", link);
	number = getenv(name) ?: getenv("TAP_FD");
	return number ? dup(atoi(number)) : -1;
}

int __wrap_tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN])
{
	int status, fd = kernel(config->name);

	if (fd < 0) {
		snprintf(err, TAP_ERRLEN, "%s: there is no kernel", config->name);
		return -1;
	}
	status = tap_open_fd(config, fd, tap);
	if (status)
		close(fd);
	return status;
}

unsigned int __wrap_backoff_next(struct backoff *backoff)
{
	const char *number = getenv("BACKOFF_MS");

	return number ? strtoul(number, NULL, 10) : __real_backoff_next(backoff);
}
