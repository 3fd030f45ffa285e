/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links of type "ip": Chaosnet packets in IPv4 and IPv6, protocol 16, LSB-first, with a
 * trailer.  The packets travel in the namespace of the link's device.
 *
 * Chaosnet knows neither priorities nor congestion marks: outer packets have TOS 0 and are
 * not ECN capable, and nothing of an outer header gets into what it carries.
 */
#ifndef _NET_CHAOS_LINK_IP_H
#define _NET_CHAOS_LINK_IP_H

#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/ipv6.h>

#include "ip_map.h"
#include "stats.h"
#include "vdev.h"

#define CHAOS_IPPROTO		16	/* of old, "CHAOS" */
#define CHAOS_IP_LEARN_AGE	600	/* seconds */

struct chaos_ip_sources;

/**
 * struct chaos_ip_link - netdev_priv() of such a device
 * @vdev: what all virtual devices have
 * @dev: the device
 * @local4: source address, 0: as the route says.  Readers of @local6 may see it half
 *	written; the routes found with that are dropped right after
 * @local6: likewise
 * @ttl: of outer packets
 * @learn: how many mappings may be learned
 * @learn_age: seconds after which those unheard are forgotten
 * @lock: guards @maps, @count and @sources, for writing; BH
 * @maps: struct chaos_ip_map by address, that of a subnet by its host 0; RCU
 * @count: mappings of each origin
 * @sources: the namespace's table, NULL while this is no link
 * @expire: chaos_ip_expire()
 */
struct chaos_ip_link {
	struct chaos_vdev vdev;
	struct net_device *dev;
	__be32 local4;
	struct in6_addr local6;
	u8 ttl;
	u32 learn;
	u32 learn_age;
	spinlock_t lock;		/* @maps, @count, @sources */
	struct xarray maps;
	unsigned int count[CHAOS_IP_ORIGINS];
	struct chaos_ip_sources *sources;
	struct delayed_work expire;
};

static inline struct chaos_ip_link *chaos_ip_link(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/* Are packets to one of our addresses for this link? */
static inline bool chaos_ip_link_takes(const struct chaos_ip_link *link,
				       const struct in6_addr *daddr)
{
	__be32 local4 = READ_ONCE(link->local4);

	if (ipv6_addr_v4mapped(daddr))
		return !local4 || local4 == daddr->s6_addr32[3];
	return ipv6_addr_any(&link->local6) || ipv6_addr_equal(&link->local6, daddr);
}

/* link_ip.c */
struct net_device *chaos_ip_create(struct net *net, const char *name);
bool chaos_ip_is_link(const struct net_device *dev);
bool chaos_ip_rcv(struct sk_buff *skb, const struct in6_addr *saddr,
		  const struct in6_addr *daddr);
void chaos_ip_drop(struct net_device *dev, struct sk_buff *skb, enum chaos_stat reason);
int chaos_ip_register(void);
void chaos_ip_unregister(void);

/* ip_learn.c */
struct chaos_ip_map *chaos_ip_learn(struct chaos_net *cn, const struct in6_addr *saddr,
				    const struct in6_addr *daddr, u16 hw_src);
void chaos_ip_expire_later(struct chaos_ip_link *link);
void chaos_ip_expire(struct work_struct *work);
void chaos_ip_learn_age(struct chaos_ip_link *link, u32 age);

/* ip4.c and ip6.c */
int chaos_ip4_register(void);
void chaos_ip4_unregister(void);
void chaos_ip4_send(struct chaos_ip_map *map, struct sk_buff *skb);

#if IS_ENABLED(CONFIG_IPV6)
int chaos_ip6_register(void);
void chaos_ip6_unregister(void);
void chaos_ip6_send(struct chaos_ip_map *map, struct sk_buff *skb);
#else
static inline int chaos_ip6_register(void)
{
	return 0;
}

static inline void chaos_ip6_unregister(void)
{
}

static inline void chaos_ip6_send(struct chaos_ip_map *map, struct sk_buff *skb)
{
	chaos_ip_drop(map->link->dev, skb, CHAOS_STAT_DROP_IP_ROUTE);
}
#endif

#endif /* _NET_CHAOS_LINK_IP_H */
