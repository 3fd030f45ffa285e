// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel for the daemon's test: descriptor TAP_FD of the environment is the other side
 * of every link.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

int __wrap_tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN]);

int __wrap_tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN])
{
	const char *number = getenv("TAP_FD");
	int status, fd = number ? dup(atoi(number)) : -1;

	if (fd < 0) {
		snprintf(err, TAP_ERRLEN, "%s: there is no kernel", config->name);
		return -1;
	}
	status = tap_open_fd(config, fd, tap);
	if (status)
		close(fd);
	return status;
}
