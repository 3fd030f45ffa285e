/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One name looked up in DNS, class CH: its addresses, and the name that each of them has. */
#ifndef CHAOS_TLS_LOOKUP_H
#define CHAOS_TLS_LOOKUP_H

#include <stdbool.h>

#include "chaos_dns.h"
#include "workers.h"

/**
 * struct lookup_host - an address of the name
 * @addr: the address
 * @named: whether it has a name
 * @text: the name, or why there is none
 */
struct lookup_host {
	uint16_t addr;
	bool named;
	char text[CHAOS_DNS_ERRLEN];
};

/**
 * struct lookup_answer - what came of it
 * @status: as of chaos_dns_addrs(); -ETIMEDOUT
 * @error: why it is not 0
 * @doubtful: DNS could not tell all of it for now
 * @hosts: the addresses
 * @n: their number
 * @ttl: seconds for which they hold
 */
struct lookup_answer {
	int status;
	char error[CHAOS_DNS_ERRLEN];
	bool doubtful;
	struct lookup_host hosts[CHAOS_DNS_ADDRS];
	size_t n;
	uint32_t ttl;
};

/**
 * typedef lookup_done - takes an answer
 * @arg: as given to lookup_begin()
 * @answer: good until it returns
 */
typedef void (*lookup_done)(void *arg, const struct lookup_answer *answer);

/**
 * lookup_begin() - look up a name
 * @workers: who wait for the answers
 * @dns: whom to ask; copied
 * @name: name
 * @done: takes the answer, from the event loop, unless work_cancel() is called before
 * @arg: for @done
 * @work: set on success
 *
 * Return: 0 or -errno.
 */
int lookup_begin(struct workers *workers, const struct chaos_dns *dns, const char *name,
		 lookup_done done, void *arg, struct work **work);

#endif /* CHAOS_TLS_LOOKUP_H */
