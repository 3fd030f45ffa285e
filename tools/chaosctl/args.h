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
};

/**
 * struct args - what was given
 * @given: ARG_* bits; the other members are valid only with theirs
 * @addr: ARG_ADDR
 * @via: ARG_VIA
 * @host: ARG_HOST
 * @cost: ARG_COST
 * @subnet: ARG_SUBNET
 * @lladdr: ARG_LLADDR
 * @dev: ARG_DEV, points into the command line
 * @name: ARG_NAME, points into the command line
 */
struct args {
	unsigned int given;
	uint16_t addr;
	uint16_t via;
	uint16_t host;
	uint16_t cost;
	uint8_t subnet;
	uint8_t lladdr[LLADDR_LEN];
	const char *dev;
	const char *name;
};

int args_parse(char *const *words, unsigned int takes, struct args *args);
int args_check(const char *command, unsigned int needs, const unsigned int one_of[MAX_CHOICES],
	       const struct args *args);

#endif /* CHAOSCTL_ARGS_H */
