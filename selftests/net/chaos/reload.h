/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading and unloading the module, for tests that have the machine for themselves.
 *
 *	reload_check();			... skips the test where others need the module
 *	while (reload_load() && ...)
 *		reload_unload();
 */
#ifndef RELOAD_H
#define RELOAD_H

#include <sys/syscall.h>

#include "netns.h"

/* Is there a line in @file that begins with @word? */
static inline bool reload_file_has(const char *file, const char *word)
{
	FILE *f = fopen(file, "re");
	size_t len = strlen(word);
	bool found = false;
	char line[512];

	if (!f)
		tap_bail("%s: %s", file, strerror(errno));
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, word, len) && line[len] == ' ';
	fclose(f);
	return found;
}

static inline bool reload_loaded(void)
{
	return reload_file_has("/proc/modules", "chaos");
}

static inline bool reload_load(void)
{
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		tap_diag("socket: %s", strerror(errno));
		return false;
	}
	close(fd);
	return reload_loaded() && reload_file_has("/proc/net/protocols", "CHAOS");
}

/* Closed sockets hold the module for a grace period of RCU, no longer. */
static inline bool reload_unload(void)
{
	long long end = netns_now() + NETNS_PATIENCE;

	while (syscall(SYS_delete_module, "chaos", O_NONBLOCK)) {
		if (errno != EWOULDBLOCK || netns_now() > end) {
			tap_diag("delete_module: %s", strerror(errno));
			return false;
		}
		netns_sleep(10);
	}
	return !reload_loaded() && !reload_file_has("/proc/net/protocols", "CHAOS");
}

/* Whether somebody else needs the module is decided before we load it. */
static inline void reload_check(void)
{
	char output[NETNS_OUTPUT];

	netns_check();
	if (netns_run(output, "chaosctl addr") || *output)
		tap_skip_all("this machine itself has Chaosnet addresses");
	if (!reload_unload())
		tap_skip_all("the module is in use");
}

#endif /* RELOAD_H */
