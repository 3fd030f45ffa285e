/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links of this machine that carry Chaosnet. */
#ifndef CHAOS_LINKS_H
#define CHAOS_LINKS_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct links - names of links
 * @n: how many
 * @name: their names, allocated
 */
struct links {
	size_t n;
	char (*name)[IF_NAMESIZE];
};

int links_add(struct links *links, const char *name);
int links_find(struct links *links, uint8_t subnet);
void links_free(struct links *links);

#endif /* CHAOS_LINKS_H */
