// SPDX-License-Identifier: GPL-2.0-or-later
/* Named network namespaces, as ip-netns(8) makes them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "netns.h"
#include "object.h"

#define NETNS_DIR	"/run/netns"

/**
 * netns_enter() - continue in another network namespace
 * @name: its name under /run/netns
 *
 * Return: STATUS_*, after a complaint unless STATUS_OK.
 */
int netns_enter(const char *name)
{
	char path[sizeof(NETNS_DIR) + 1 + NAME_MAX];
	int fd;
	int err;

	if (!*name || strchr(name, '/') || strlen(name) > NAME_MAX ||
	    !strcmp(name, ".") || !strcmp(name, "..")) {
		complain("'%s' is not a name of a network namespace", name);
		return STATUS_USAGE;
	}
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		complain("cannot open network namespace '%s': %s", name, strerror(errno));
		return STATUS_FAILED;
	}
	err = setns(fd, CLONE_NEWNET);
	if (err)
		complain("cannot enter network namespace '%s': %s", name, strerror(errno));
	close(fd);
	return err ? STATUS_FAILED : STATUS_OK;
}
