/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words after a command: addresses, devices and keywords with values. */
#ifndef CHAOSCTL_ARGS_H
#define CHAOSCTL_ARGS_H

#include <stdint.h>

#include "ip.h"
#include "words.h"

#define MAX_CHOICES	2	/* groups of alternatives in a command */

/* Bits for what a command takes and what was given. */
enum {
	ARG_ADDR	= 1ull << 0,	/* ADDRESS, without keyword */
	ARG_DEV		= 1ull << 1,	/* dev DEV */
	ARG_BARE_DEV	= 1ull << 2,	/* "dev" may be left out; not in args.given */
	ARG_COST	= 1ull << 3,	/* cost N */
	ARG_VIA		= 1ull << 4,	/* via ADDRESS */
	ARG_LLADDR	= 1ull << 5,	/* lladdr MAC */
	ARG_SUBNET	= 1ull << 6,	/* subnet N */
	ARG_HOST	= 1ull << 7,	/* host ADDRESS */
	ARG_DEFAULT	= 1ull << 8,	/* default */
	ARG_NAME	= 1ull << 9,	/* name NAME */
	ARG_JUST_NAME	= 1ull << 10,	/* name, without value */
	ARG_NET		= 1ull << 11,	/* net */
	ARG_INFO	= 1ull << 12,	/* info */
	ARG_ALL		= 1ull << 13,	/* all */
	ARG_RUT		= 1ull << 14,	/* rut MODE */
	ARG_POISON	= 1ull << 15,	/* poison on|off */
	ARG_PROXY_ARP	= 1ull << 16,	/* proxy_arp MODE */
	ARG_FORWARDING	= 1ull << 17,	/* forwarding on|off */
	ARG_PRIVATE	= 1ull << 18,	/* private SUBNETS */
	ARG_TYPE	= 1ull << 19,	/* type TYPE */
	ARG_BARE_TYPE	= 1ull << 20,	/* "type" may be left out; not in args.given */
	ARG_SRC		= 1ull << 21,	/* from ADDRESS */
	ARG_PROXY	= 1ull << 22,	/* proxy */
	ARG_FILE	= 1ull << 23,	/* FILE, without keyword */
	ARG_WORDS	= 1ull << 24,	/* whatever it is, alone */
	ARG_KIND	= 1ull << 25,	/* type KIND, of a link */
	ARG_PEER	= 1ull << 26,	/* peer ADDRESS|none */
	ARG_USER	= 1ull << 27,	/* user USER */
	ARG_GROUP	= 1ull << 28,	/* group GROUP */
	ARG_IP		= 1ull << 31,	/* IP or IP/LENGTH, without keyword */
	ARG_LOCAL	= 1ull << 32,	/* local IP */
	ARG_LOCAL6	= 1ull << 33,	/* the same, of IPv6 */
	ARG_TTL		= 1ull << 34,	/* ttl N */
	ARG_LEARN	= 1ull << 35,	/* learn N */
	ARG_AGE		= 1ull << 36,	/* age DURATION */
	ARG_SELF	= 1ull << 37,	/* addr ADDRESS */
	ARG_OR		= 1ull << 30,	/* in a choice: several of it may be given */
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
 * @kind: ARG_KIND
 * @peer: ARG_PEER, 0: none
 * @uid: ARG_USER
 * @gid: ARG_GROUP
 * @self: ARG_SELF
 * @ip: ARG_IP
 * @local: ARG_LOCAL
 * @local6: ARG_LOCAL6
 * @ttl: ARG_TTL
 * @learn: ARG_LEARN
 * @age: ARG_AGE, seconds
 * @words: ARG_WORDS, all words, end with NULL
 */
struct args {
	uint64_t given;
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
	const char *kind;
	uint16_t peer;
	uint32_t uid;
	uint32_t gid;
	uint16_t self;
	struct ip_word ip;
	struct ip_word local;
	struct ip_word local6;
	uint32_t ttl;
	uint32_t learn;
	uint32_t age;
	char *const *words;
};

int args_parse(char *const *words, uint64_t takes, struct args *args);
int args_check(const char *command, uint64_t needs, const uint64_t one_of[MAX_CHOICES],
	       const struct args *args);

#endif /* CHAOSCTL_ARGS_H */
