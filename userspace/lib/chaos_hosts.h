/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* Names of hosts, from a file. */
#ifndef LIBCHAOS_HOSTS_H
#define LIBCHAOS_HOSTS_H

#include <stddef.h>
#include <stdint.h>

#define CHAOS_HOSTS_FILE	"/etc/chaosnet/hosts"
#define CHAOS_HOSTS_ENV		"CHAOS_HOSTS"	/* names another file */
#define CHAOS_HOSTS_ERRLEN	256

/**
 * struct chaos_hosts_entry - one line of the file
 * @addr: the host's address
 * @names: its names, separated by single spaces; the first is the official one
 */
struct chaos_hosts_entry {
	uint16_t addr;
	char *names;
};

const char *chaos_hosts_line(char *line, struct chaos_hosts_entry *entry);
int chaos_hosts_addrs(const char *path, const char *name, uint16_t *addrs, size_t max,
		      char err[CHAOS_HOSTS_ERRLEN]);
int chaos_host_lookup(const char *host, uint16_t *addr, char err[CHAOS_HOSTS_ERRLEN]);
int chaos_host_name(uint16_t addr, char *name, size_t size);

#endif /* LIBCHAOS_HOSTS_H */
