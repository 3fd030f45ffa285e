/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where hosts of an IP link are: mappings of a Chaosnet host to an IP address, or of a
 * subnet to a prefix whose last octet is the host byte.
 *
 * A subnet's hosts get mappings of their own, derived ones, when they are first sent to
 * or heard of: each needs a cached route and has its own fate.  They are forgotten when they
 * are not heard of for long, and made again when needed.
 *
 * Each mapping is in two tables: that of its link, by Chaosnet address, and that of its
 * namespace, by IP address, for what comes in.  Both are read under RCU and written under
 * the link's lock.  All mappings go when their link does; RCU frees them.
 */
#ifndef _NET_CHAOS_IP_MAP_H
#define _NET_CHAOS_IP_MAP_H

#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <net/dst_cache.h>

#include "net.h"

struct chaos_ip_link;
struct netlink_ext_ack;

#define CHAOS_IP_MAP_MAX	1024	/* mappings configured or learned on a link, each */
#define CHAOS_IP_DERIVED_MAX	16384	/* hosts of 64 subnets */
#define CHAOS_IP_PLEN_HOST	128
#define CHAOS_IP_PLEN_SUBNET	120	/* of IPv4, too: mapped into IPv6 it is a /24 */

/**
 * struct chaos_ip_key - an address, or a prefix
 * @addr: an IPv4 address is in here as ::ffff:A.B.C.D
 * @plen: CHAOS_IP_PLEN_*
 */
struct chaos_ip_key {
	struct in6_addr addr;
	u32 plen;
};

enum chaos_ip_origin {
	CHAOS_IP_STATIC,	/* configured, hosts and subnets */
	CHAOS_IP_LEARNED,	/* by a packet from there */
	CHAOS_IP_DERIVED,	/* from a subnet's */
	CHAOS_IP_ORIGINS
};

/**
 * struct chaos_ip_map - a mapping
 * @node: in the namespace's table
 * @key: where
 * @link: which link's
 * @host: whose; host byte 0: of the whole subnet
 * @origin: enum chaos_ip_origin
 * @error: what the last ICMP error said, an errno; 0 once a packet came
 * @made: jiffies when it was
 * @heard: jiffies when the last packet came from there, never 0; 0: none did
 * @rx: packets from there
 * @tx: packets to there
 * @errors: ICMP errors
 * @dst: the way there, not for a whole subnet
 * @rcu: to free it
 */
struct chaos_ip_map {
	struct rhlist_head node;
	struct chaos_ip_key key;
	struct chaos_ip_link *link;
	u16 host;
	u8 origin;
	int error;
	unsigned long made;
	unsigned long heard;
	atomic64_t rx;
	atomic64_t tx;
	atomic64_t errors;
	struct dst_cache dst;
	struct rcu_head rcu;
};

/**
 * struct chaos_ip_map_info - what people are shown of a mapping
 * @host: as in struct chaos_ip_map
 * @key: likewise
 * @origin: likewise
 * @heard: whether a packet came from there
 * @age_ms: since the last one
 * @rx: packets
 * @tx: packets
 * @errors: ICMP errors
 * @error: the last one
 */
struct chaos_ip_map_info {
	u16 host;
	struct chaos_ip_key key;
	u8 origin;
	bool heard;
	u32 age_ms;
	u64 rx;
	u64 tx;
	u64 errors;
	int error;
};

static inline bool chaos_ip_map_is_subnet(const struct chaos_ip_map *map)
{
	return map->key.plen == CHAOS_IP_PLEN_SUBNET;
}

int chaos_ip_map_open(struct chaos_ip_link *link, struct chaos_net *cn);
void chaos_ip_map_close(struct chaos_ip_link *link);

int chaos_ip_map_add(struct chaos_ip_link *link, u16 host, const struct chaos_ip_key *key,
		     bool replace, struct netlink_ext_ack *extack);
int chaos_ip_map_del(struct chaos_ip_link *link, u16 host, struct netlink_ext_ack *extack);
void chaos_ip_map_info(struct chaos_ip_map *map, struct chaos_ip_map_info *info);
bool chaos_ip_map_get(struct chaos_ip_link *link, u16 host, struct chaos_ip_map_info *info);
bool chaos_ip_map_walk(struct chaos_ip_link *link, unsigned long *pos,
		       struct chaos_ip_map_info *info);

struct chaos_ip_map *chaos_ip_map_to(struct chaos_ip_link *link, u16 host);
struct chaos_ip_map *chaos_ip_map_from(struct chaos_net *cn, const struct in6_addr *saddr,
				       const struct in6_addr *daddr, u16 hw_src, bool derive);
void chaos_ip_map_heard(struct chaos_ip_map *map);
bool chaos_ip_map_error(struct chaos_net *cn, const struct in6_addr *peer,
			const struct in6_addr *local, int error);
void chaos_ip_map_reroute(struct chaos_ip_link *link);

/* For ip_learn.c. */
struct chaos_ip_map *chaos_ip_map_create(struct chaos_ip_link *link, u16 host,
					 const struct chaos_ip_key *key, u8 origin, gfp_t gfp);
int chaos_ip_map_insert(struct chaos_ip_map *map);
void chaos_ip_map_remove(struct chaos_ip_map *map);
void chaos_ip_map_free(struct chaos_ip_map *map);

#endif /* _NET_CHAOS_IP_MAP_H */
