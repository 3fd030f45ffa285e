/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of chaos-udp:
 *
 *	listen [ADDRESS:]PORT | ADDRESS
 *	link NAME [address] ADDRESS [to ADDRESS] [persist on|off]
 *	     [dynamic on|off] [max N] [age TIME]
 *	peer ADDRESS HOST[:PORT] [roam] | ADDRESS roam
 *
 * A peer is on the link of its subnet.
 */
#ifndef CHAOS_UDP_CONFIG_H
#define CHAOS_UDP_CONFIG_H

#include "conf.h"
#include "tap.h"

#define CONFIG_LINKS_MAX	255	/* subnets that there can be */
#define CONFIG_LEARNED		32	/* learned peers of a link, unless "max" is there */
#define CONFIG_LEARNED_MAX	254	/* with "max": a subnet has 255 hosts */
#define CONFIG_AGE		600	/* s, unless "age" is there */

/**
 * struct config_link - a link statement
 * @tap: name, address and the like
 * @dynamic: peers may be learned
 * @max: how many
 * @age: after how many seconds they are forgotten
 * @place: where it was said
 */
struct config_link {
	struct tap_config tap;
	bool dynamic;
	unsigned long max, age;
	struct conf_place place;
};

/**
 * struct config_peer - a peer statement
 * @addr: its address
 * @where: where it is; the host is empty if that is not said
 * @roam: it may be elsewhere
 * @place: where it was said
 */
struct config_peer {
	uint16_t addr;
	struct endpoint where;
	bool roam;
	struct conf_place place;
};

/**
 * struct config - a configuration
 * @listen: where to listen; with an empty host everywhere, with port 0 at the usual one
 * @listen_place: where it was said, line 0: nowhere
 * @links: links
 * @n_links: number of those
 * @peers: peers
 * @n_peers: number of those
 */
struct config {
	struct endpoint listen;
	struct conf_place listen_place;
	struct config_link *links;
	size_t n_links;
	struct config_peer *peers;
	size_t n_peers;
};

extern const struct conf_keyword config_keywords[];
extern const char config_words[];

void *config_new(void);
void config_free(void *config);
void config_check(struct conf *conf, void *config);
const struct config_link *config_link_of(const struct config *config, uint16_t addr);

#endif /* CHAOS_UDP_CONFIG_H */
