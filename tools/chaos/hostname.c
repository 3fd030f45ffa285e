// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of hosts for output that has many of them. */
#include <stddef.h>

#include "chaos_hosts.h"
#include "hostname.h"

#define SLOTS		256
#define NAME_ROOM	64

/* The file is read once for each host, or again when two share a slot. */
static struct {
	uint16_t addr;
	char name[NAME_ROOM];
} cache[SLOTS];

/**
 * hostname_get() - find the name of a host
 * @addr: its address
 *
 * Return: the name, valid until the next call; NULL if there is none.
 */
const char *hostname_get(uint16_t addr)
{
	size_t slot = (addr ^ addr >> 8) % SLOTS;

	if (cache[slot].addr != addr) {
		cache[slot].addr = addr;
		if (chaos_host_name(addr, cache[slot].name, NAME_ROOM))
			cache[slot].name[0] = 0;
	}
	return cache[slot].name[0] ? cache[slot].name : NULL;
}
