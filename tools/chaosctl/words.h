/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a single word of the command line means.  All parsers return 0, or -1
 * after a complaint that says what is wrong with the word.
 */
#ifndef CHAOSCTL_WORDS_H
#define CHAOSCTL_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include <linux/chaos_netlink.h>

#define LLADDR_LEN	6	/* Ethernet */

int word_pick(const char *what, const char *word, const char *const *names, size_t n);

int word_addr(const char *word, uint16_t *addr);
int word_subnet(const char *word, uint8_t *subnet);
int word_cost(const char *word, uint16_t *cost);
int word_count(const char *word, const char *what, uint32_t least, uint32_t most,
	       uint32_t *count);
int word_duration(const char *word, uint32_t *seconds);
int word_lladdr(const char *word, uint8_t lladdr[LLADDR_LEN]);
int word_dev(const char *word);
int word_host_name(const char *word);
int word_choice(const char *what, const char *word, const char *const *names, size_t n,
		uint8_t *value);
int word_switch(const char *word, uint8_t *on);
int word_subnets(const char *word, uint8_t map[CHAOS_SUBNET_MAP_LEN]);
int word_user(const char *word, uint32_t *uid);
int word_group(const char *word, uint32_t *gid);

#endif /* CHAOSCTL_WORDS_H */
