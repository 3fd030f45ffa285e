/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/*
 * Names of hosts from DNS, class CH: "up.update.uu.se. CH A CH-ADDR.NET. 3143" and
 * "3143.CH-ADDR.NET. CH PTR up.update.uu.se.".  These functions block; any thread may
 * call them.
 */
#ifndef LIBCHAOS_DNS_H
#define LIBCHAOS_DNS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CHAOS_DNS_SERVERS	3
#define CHAOS_DNS_ADDRS		16
#define CHAOS_DNS_NAME_LEN	256	/* with the NUL */
#define CHAOS_DNS_ERRLEN	384

/**
 * struct chaos_dns - whom to ask, and for how long
 * @servers: addresses and ports
 * @n_servers: their number; 0: those of /etc/resolv.conf
 * @timeout: seconds, for each try
 * @tries: of each server
 */
struct chaos_dns {
	struct sockaddr_storage servers[CHAOS_DNS_SERVERS];
	size_t n_servers;
	unsigned int timeout, tries;
};

/**
 * struct chaos_dns_answer - addresses of a name
 * @addrs: without repetition
 * @n: their number
 * @ttl: seconds for which they hold
 */
struct chaos_dns_answer {
	uint16_t addrs[CHAOS_DNS_ADDRS];
	size_t n;
	uint32_t ttl;
};

/**
 * chaos_dns_addrs() - addresses of a name
 * @dns: whom to ask
 * @name: full name, with or without a dot at its end
 * @answer: on success; @n is not 0
 * @err: on failure, what went wrong, in words
 *
 * Return: 0; -ENOENT: there is no such name, or it has no address; -EAGAIN: no server
 * answered or could answer now; -EBADMSG: the answer makes no sense; -EINVAL: that is no name;
 * or another -errno.
 */
int chaos_dns_addrs(const struct chaos_dns *dns, const char *name,
		    struct chaos_dns_answer *answer, char err[CHAOS_DNS_ERRLEN]);

/**
 * chaos_dns_name() - the name of an address
 * @dns: whom to ask
 * @addr: of a host
 * @wanted: the name to be told if there are several and it is one of them; NULL: the first
 * @name: on success, without a dot at its end
 * @err: on failure, what went wrong, in words
 *
 * Return: as chaos_dns_addrs().
 */
int chaos_dns_name(const struct chaos_dns *dns, uint16_t addr, const char *wanted,
		   char name[CHAOS_DNS_NAME_LEN], char err[CHAOS_DNS_ERRLEN]);

#endif /* LIBCHAOS_DNS_H */
