/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words after a command: addresses, devices and keywords with values. */
#ifndef CHAOSCTL_ARGS_H
#define CHAOSCTL_ARGS_H

#include <stdint.h>

#include "words.h"

#define MAX_CHOICES	2	/* groups of alternatives in a command */

/* Bits for what a command takes and what was given. */
enum {
	ARG_ADDR	= 1 << 0,	/* ADDRESS, without keyword */
	ARG_DEV		= 1 << 1,	/* dev DEV */
	ARG_BARE_DEV	= 1 << 2,	/* "dev" may be left out; not in args.given */
	ARG_COST	= 1 << 3,	/* cost N */
	ARG_VIA		= 1 << 4,	/* via ADDRESS */
	ARG_LLADDR	= 1 << 5,	/* lladdr MAC */
	ARG_SUBNET	= 1 << 6,	/* subnet N */
	ARG_HOST	= 1 << 7,	/* host ADDRESS */
	ARG_DEFAULT	= 1 << 8,	/* default */
	ARG_NAME	= 1 << 9,	/* name NAME */
	ARG_JUST_NAME	= 1 << 10,	/* name, without value */
	ARG_NET		= 1 << 11,	/* net */
	ARG_INFO	= 1 << 12,	/* info */
	ARG_ALL		= 1 << 13,	/* all */
	ARG_RUT		= 1 << 14,	/* rut MODE */
	ARG_POISON	= 1 << 15,	/* poison on|off */
	ARG_PROXY_ARP	= 1 << 16,	/* proxy_arp MODE */
	ARG_FORWARDING	= 1 << 17,	/* forwarding on|off */
	ARG_PRIVATE	= 1 << 18,	/* private SUBNETS */
	ARG_TYPE	= 1 << 19,	/* type TYPE */
	ARG_BARE_TYPE	= 1 << 20,	/* "type" may be left out; not in args.given */
	ARG_SRC		= 1 << 21,	/* from ADDRESS */
	ARG_PROXY	= 1 << 22,	/* proxy */
	ARG_FILE	= 1 << 23,	/* FILE, without keyword */
	ARG_WORDS	= 1 << 24,	/* whatever it is, alone */
	ARG_OR		= 1 << 30,	/* in a choice: several of it may be given */
};

/**
 * struct args - what was given
 * @given: ARG_* bits; the other members are valid only with theirs
 * @addr: ARG_ADDR
 * @via: ARG_VIA
 * @host: ARG_HOST
 * @cost: ARG_COST
 * @subnet: ARG_SUBNET
 * @src: ARG_SRC
 * @rut: ARG_RUT
 * @poison: ARG_POISON
 * @proxy_arp: ARG_PROXY_ARP
 * @forwarding: ARG_FORWARDING
 * @type: ARG_TYPE
 * @private: ARG_PRIVATE
 * @lladdr: ARG_LLADDR
 * @file: ARG_FILE, points into the command line
 * @dev: ARG_DEV, points into the command line
 * @name: ARG_NAME, points into the command line
 * @words: ARG_WORDS, all words, end with NULL
 */
struct args {
	unsigned int given;
	uint16_t addr;
	uint16_t via;
	uint16_t host;
	uint16_t cost;
	uint16_t src;
	uint8_t subnet;
	uint8_t rut;
	uint8_t poison;
	uint8_t proxy_arp;
	uint8_t forwarding;
	uint8_t type;
	uint8_t private[CHAOS_SUBNET_MAP_LEN];
	uint8_t lladdr[LLADDR_LEN];
	const char *file;
	const char *dev;
	const char *name;
	char *const *words;
};

int args_parse(char *const *words, unsigned int takes, struct args *args);
int args_check(const char *command, unsigned int needs, const unsigned int one_of[MAX_CHOICES],
	       const struct args *args);

#endif /* CHAOSCTL_ARGS_H */
