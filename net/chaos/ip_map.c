// SPDX-License-Identifier: GPL-2.0-only
/* The mappings of IP links, and finding them. */

#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "iface.h"
#include "link_ip.h"
#include "nl.h"
#include "packet.h"

/**
 * struct chaos_ip_sources - all mappings of a namespace, by IP address
 * @table: struct chaos_ip_map by key; several links may have the same
 * @links: that use this; RTNL
 *
 * It exists while the namespace has IP links.
 */
struct chaos_ip_sources {
	struct rhltable table;
	unsigned int links;
};

static const struct rhashtable_params map_params = {
	.key_len = sizeof(struct chaos_ip_key),
	.key_offset = offsetof(struct chaos_ip_map, key),
	.head_offset = offsetof(struct chaos_ip_map, node),
	.automatic_shrinking = true,
};

/* ---------------------------------------------------------- a link's tables */

static struct chaos_ip_sources *sources_get(struct chaos_net *cn)
{
	struct chaos_ip_sources *sources = rtnl_dereference(cn->ip_sources);
	int err;

	if (!sources) {
		sources = kzalloc(sizeof(*sources), GFP_KERNEL);
		if (!sources)
			return ERR_PTR(-ENOMEM);
		err = rhltable_init(&sources->table, &map_params);
		if (err) {
			kfree(sources);
			return ERR_PTR(err);
		}
		rcu_assign_pointer(cn->ip_sources, sources);
	}
	sources->links++;
	return sources;
}

static void sources_put(struct chaos_net *cn)
{
	struct chaos_ip_sources *sources = rtnl_dereference(cn->ip_sources);

	if (--sources->links)
		return;
	RCU_INIT_POINTER(cn->ip_sources, NULL);
	synchronize_net();
	rhltable_destroy(&sources->table);
	kfree(sources);
}

/**
 * chaos_ip_map_open() - a link begins to have mappings
 * @link: link
 * @cn: its namespace
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOMEM.
 */
int chaos_ip_map_open(struct chaos_ip_link *link, struct chaos_net *cn)
{
	struct chaos_ip_sources *sources = sources_get(cn);

	if (IS_ERR(sources))
		return PTR_ERR(sources);
	spin_lock_bh(&link->lock);
	link->sources = sources;
	spin_unlock_bh(&link->lock);
	return 0;
}

/**
 * chaos_ip_map_close() - it ceases to: all go
 * @link: link
 *
 * Context: process, RTNL held.
 */
void chaos_ip_map_close(struct chaos_ip_link *link)
{
	struct chaos_ip_map *map;
	unsigned long host;

	spin_lock_bh(&link->lock);
	xa_for_each(&link->maps, host, map)
		chaos_ip_map_remove(map);
	link->sources = NULL;
	spin_unlock_bh(&link->lock);
	cancel_delayed_work_sync(&link->expire);
	sources_put(chaos_net(dev_net(link->dev)));
}

/* ------------------------------------------------------ coming and going */

/**
 * chaos_ip_map_free() - free one that is in no table
 * @map: mapping
 */
void chaos_ip_map_free(struct chaos_ip_map *map)
{
	dst_cache_destroy(&map->dst);
	kfree(map);
}

static void map_free_rcu(struct rcu_head *rcu)
{
	chaos_ip_map_free(container_of(rcu, struct chaos_ip_map, rcu));
}

/**
 * chaos_ip_map_create() - make one, which is in no table yet
 * @link: link
 * @host: whose
 * @key: where
 * @origin: why
 * @gfp: how to allocate
 *
 * Return: NULL without memory.
 */
struct chaos_ip_map *chaos_ip_map_create(struct chaos_ip_link *link, u16 host,
					 const struct chaos_ip_key *key, u8 origin, gfp_t gfp)
{
	struct chaos_ip_map *map = kzalloc(sizeof(*map), gfp);

	if (!map)
		return NULL;
	map->link = link;
	map->host = host;
	map->key = *key;
	map->origin = origin;
	map->made = jiffies;
	if (!chaos_ip_map_is_subnet(map) && dst_cache_init(&map->dst, gfp)) {
		kfree(map);
		return NULL;
	}
	return map;
}

/* Someone can be reached: that is what a link's carrier is. */
static void map_carrier(struct chaos_ip_link *link)
{
	if (link->count[CHAOS_IP_STATIC] || link->count[CHAOS_IP_LEARNED])
		netif_carrier_on(link->dev);
	else
		netif_carrier_off(link->dev);
}

static void map_changed(struct chaos_ip_map *map, u8 cmd)
{
	struct chaos_ip_link *link = map->link;

	chaos_genid_changed(chaos_net(dev_net(link->dev)), CHAOS_GENID_MAP);
	map_carrier(link);
	if (map->origin != CHAOS_IP_DERIVED)
		chaos_nl_map_event(map, cmd);
}

static unsigned int map_limit(u8 origin)
{
	return origin == CHAOS_IP_DERIVED ? CHAOS_IP_DERIVED_MAX : CHAOS_IP_MAP_MAX;
}

/**
 * chaos_ip_map_insert() - put a mapping into the tables
 * @map: mapping, whose link is locked; freed if this fails.  The caller removes another
 *	one of the same host, which is found no more
 *
 * Return: 0, or -ENODEV when the link goes, -ENOSPC, -ENOMEM.
 */
int chaos_ip_map_insert(struct chaos_ip_map *map)
{
	struct chaos_ip_link *link = map->link;
	struct chaos_ip_map *old = xa_load(&link->maps, map->host);
	bool more = !old || old->origin != map->origin;
	int err;

	lockdep_assert_held(&link->lock);
	err = -ENODEV;
	if (!link->sources)
		goto free;
	err = -ENOSPC;
	if (more && link->count[map->origin] >= map_limit(map->origin))
		goto free;
	err = xa_err(xa_store(&link->maps, map->host, map, GFP_ATOMIC));
	if (err)
		goto free;
	err = rhltable_insert(&link->sources->table, &map->node, map_params);
	if (err)
		goto restore;
	link->count[map->origin]++;
	map_changed(map, CHAOS_CMD_MAP_NEW);
	return 0;

restore:
	xa_store(&link->maps, map->host, old, GFP_ATOMIC);	/* needs no memory */
	err = -ENOMEM;
free:
	call_rcu(&map->rcu, map_free_rcu);
	return err;
}

/**
 * chaos_ip_map_remove() - take one out, and free it in time
 * @map: mapping, whose link is locked
 */
void chaos_ip_map_remove(struct chaos_ip_map *map)
{
	struct chaos_ip_link *link = map->link;

	lockdep_assert_held(&link->lock);
	rhltable_remove(&link->sources->table, &map->node, map_params);
	link->count[map->origin]--;
	/* One that was replaced does not go for people. */
	if (xa_cmpxchg(&link->maps, map->host, map, NULL, GFP_ATOMIC) == map)
		map_changed(map, CHAOS_CMD_MAP_DEL);
	call_rcu(&map->rcu, map_free_rcu);
}

/* A subnet's mapping goes, and what was derived from it. */
static void map_remove_subnet(struct chaos_ip_map *subnet)
{
	struct chaos_ip_link *link = subnet->link;
	struct chaos_ip_map *map;
	unsigned long host;

	xa_for_each_range(&link->maps, host, map, subnet->host + 1, subnet->host | 0xff)
		if (map->origin == CHAOS_IP_DERIVED)
			chaos_ip_map_remove(map);
	chaos_ip_map_remove(subnet);
}

static void map_remove_any(struct chaos_ip_map *map)
{
	if (chaos_ip_map_is_subnet(map))
		map_remove_subnet(map);
	else
		chaos_ip_map_remove(map);
}

/* --------------------------------------------------------------- finding */

static struct rhlist_head *map_list(struct chaos_ip_sources *sources,
				    const struct chaos_ip_key *key)
{
	return rhltable_lookup(&sources->table, key, map_params);
}

/* What a link has at an address; RCU read side. */
static struct chaos_ip_map *map_at(struct chaos_ip_link *link, const struct chaos_ip_key *key)
{
	struct rhlist_head *list = map_list(link->sources, key), *pos;
	struct chaos_ip_map *map;

	rhl_for_each_entry_rcu(map, pos, list, node)
		if (map->link == link)
			return map;
	return NULL;
}

static struct chaos_ip_key map_host_key(const struct chaos_ip_map *subnet, u16 host)
{
	struct chaos_ip_key key = { .addr = subnet->key.addr, .plen = CHAOS_IP_PLEN_HOST };

	key.addr.s6_addr[15] = host & 0xff;
	return key;
}

/* Is there an address for a host of a mapped subnet?  At 255 there are all of them. */
static bool map_covers(const struct chaos_ip_map *subnet, u16 host)
{
	u8 byte = host & 0xff;

	return byte && !(byte == 0xff && ipv6_addr_v4mapped(&subnet->key.addr));
}

/* The mapping of a host that only its subnet has one for so far. */
static struct chaos_ip_map *map_derive(struct chaos_ip_map *subnet, u16 host)
{
	const struct chaos_ip_key key = map_host_key(subnet, host);
	struct chaos_ip_link *link = subnet->link;
	struct chaos_ip_map *map = NULL;

	if (!map_covers(subnet, host))
		return NULL;
	spin_lock_bh(&link->lock);
	if (xa_load(&link->maps, subnet->host) != subnet)
		goto unlock;
	map = xa_load(&link->maps, host);
	if (map || map_at(link, &key))
		goto unlock;
	map = chaos_ip_map_create(link, host, &key, CHAOS_IP_DERIVED, GFP_ATOMIC);
	if (map && chaos_ip_map_insert(map))
		map = NULL;
	if (map)
		chaos_ip_expire_later(link);
unlock:
	spin_unlock_bh(&link->lock);
	return map;
}

/**
 * chaos_ip_map_to() - where is a host?
 * @link: link
 * @host: its address
 *
 * Context: RCU read side, BH disabled.
 * Return: NULL if no mapping says.
 */
struct chaos_ip_map *chaos_ip_map_to(struct chaos_ip_link *link, u16 host)
{
	struct chaos_ip_map *map = xa_load(&link->maps, host);

	if (map)
		return map;
	map = xa_load(&link->maps, host & 0xff00);
	return map ? map_derive(map, host) : NULL;
}

/* Of the links that may receive what came, the one where its sender is, if it tells. */
static struct chaos_ip_map *map_pick(struct rhlist_head *list, const struct in6_addr *daddr,
				     u16 hw_src)
{
	struct chaos_ip_map *map, *best = NULL;
	struct rhlist_head *pos;

	rhl_for_each_entry_rcu(map, pos, list, node) {
		if (!chaos_ip_link_takes(map->link, daddr))
			continue;
		if (map->host == hw_src || map->host == (hw_src & 0xff00))
			return map;
		best = map;
	}
	return best;
}

/**
 * chaos_ip_map_from() - who is at an address?
 * @cn: namespace
 * @saddr: the address that a packet came from
 * @daddr: to which of ours
 * @hw_src: who it says sent it, 0 if it does not
 * @derive: a host of a mapped subnet gets its own; otherwise it is the subnet's
 *
 * Of several links that map the address it prefers one that has @hw_src there.
 *
 * Context: RCU read side, BH disabled.
 * Return: NULL if no mapping allows packets from there.
 */
struct chaos_ip_map *chaos_ip_map_from(struct chaos_net *cn, const struct in6_addr *saddr,
				       const struct in6_addr *daddr, u16 hw_src, bool derive)
{
	struct chaos_ip_sources *sources = rcu_dereference(cn->ip_sources);
	struct chaos_ip_key key = { .addr = *saddr, .plen = CHAOS_IP_PLEN_HOST };
	struct chaos_ip_map *map;
	u16 host;

	if (!sources)
		return NULL;
	map = map_pick(map_list(sources, &key), daddr, hw_src);
	if (map)
		return map;

	key.addr.s6_addr[15] = 0;
	key.plen = CHAOS_IP_PLEN_SUBNET;
	map = map_pick(map_list(sources, &key), daddr, hw_src);
	if (!map || !derive)
		return map;
	host = map->host | saddr->s6_addr[15];
	map = map_derive(map, host);
	/* That host may have been mapped to another place. */
	return map && ipv6_addr_equal(&map->key.addr, saddr) ? map : NULL;
}

/* ----------------------------------------------------------------- its fate */

/**
 * chaos_ip_map_heard() - a packet came from there
 * @map: mapping
 *
 * Context: RCU read side.
 */
void chaos_ip_map_heard(struct chaos_ip_map *map)
{
	atomic64_inc(&map->rx);
	WRITE_ONCE(map->heard, jiffies ?: 1);
	if (READ_ONCE(map->error))
		WRITE_ONCE(map->error, 0);
}

/**
 * chaos_ip_map_error() - an ICMP error came about a packet of ours
 * @cn: namespace
 * @peer: where that was sent
 * @local: from which address
 * @error: what it means, a negative errno; 0 only to ask
 *
 * Anybody may send such errors, so they are counted and shown, and change nothing.
 *
 * Context: RCU read side, BH disabled.
 * Return: whether it can have been ours.
 */
bool chaos_ip_map_error(struct chaos_net *cn, const struct in6_addr *peer,
			const struct in6_addr *local, int error)
{
	struct chaos_ip_sources *sources = rcu_dereference(cn->ip_sources);
	const struct chaos_ip_key key = { .addr = *peer, .plen = CHAOS_IP_PLEN_HOST };
	struct chaos_iface *iface;
	struct chaos_ip_map *map;

	map = sources ? map_pick(map_list(sources, &key), local, 0) : NULL;
	if (!map || !error)
		return map;
	atomic64_inc(&map->errors);
	WRITE_ONCE(map->error, -error);
	chaos_count(cn, CHAOS_STAT_IP_ERROR);
	DEV_STATS_INC(map->link->dev, tx_carrier_errors);
	iface = chaos_iface_by_dev(cn, map->link->dev);
	if (iface)
		chaos_iface_count(iface, CHAOS_LINK_STAT_ABORTED, 1);
	return true;
}

/**
 * chaos_ip_map_reroute() - forget the ways to all hosts: our address is another
 * @link: link
 *
 * Context: process, RTNL held.
 */
void chaos_ip_map_reroute(struct chaos_ip_link *link)
{
	struct chaos_ip_map *map;
	unsigned long host;

	spin_lock_bh(&link->lock);
	xa_for_each(&link->maps, host, map)
		dst_cache_reset(&map->dst);
	spin_unlock_bh(&link->lock);
}

/* ------------------------------------------------------------ configuration */

/**
 * chaos_ip_map_add() - configure a mapping
 * @link: link
 * @host: whose; host byte 0: of the whole subnet
 * @key: where
 * @replace: there may be one already
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0, or -EEXIST, -EADDRINUSE when another host is there, -ENOSPC, -ENOMEM.
 */
int chaos_ip_map_add(struct chaos_ip_link *link, u16 host, const struct chaos_ip_key *key,
		     bool replace, struct netlink_ext_ack *extack)
{
	struct chaos_ip_map *map, *old, *there;
	int err;

	map = chaos_ip_map_create(link, host, key, CHAOS_IP_STATIC, GFP_KERNEL_ACCOUNT);
	if (!map)
		return -ENOMEM;
	rcu_read_lock();
	spin_lock_bh(&link->lock);
	old = xa_load(&link->maps, host);
	there = link->sources ? map_at(link, key) : NULL;
	if (old && old->origin == CHAOS_IP_STATIC && !replace) {
		NL_SET_ERR_MSG(extack, "there is a mapping of this host or subnet already");
		err = -EEXIST;
		goto refuse;
	}
	if (there && there != old && there->origin == CHAOS_IP_STATIC) {
		NL_SET_ERR_MSG(extack, "another host or subnet of the link is mapped there");
		err = -EADDRINUSE;
		goto refuse;
	}
	err = chaos_ip_map_insert(map);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(extack, "the link has 1024 mappings already");
	if (!err && there && there != old)
		chaos_ip_map_remove(there);
	if (!err && old)
		map_remove_any(old);
	goto unlock;

refuse:
	chaos_ip_map_free(map);
unlock:
	spin_unlock_bh(&link->lock);
	rcu_read_unlock();
	return err;
}

/**
 * chaos_ip_map_del() - remove a mapping, configured or not
 * @link: link
 * @host: whose; host byte 0: of the whole subnet
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOENT.
 */
int chaos_ip_map_del(struct chaos_ip_link *link, u16 host, struct netlink_ext_ack *extack)
{
	struct chaos_ip_map *map;

	spin_lock_bh(&link->lock);
	map = xa_load(&link->maps, host);
	if (map)
		map_remove_any(map);
	spin_unlock_bh(&link->lock);
	if (map)
		return 0;
	NL_SET_ERR_MSG(extack, "no such mapping on this link");
	return -ENOENT;
}

/**
 * chaos_ip_map_info() - describe a mapping
 * @map: mapping
 * @info: result
 *
 * Context: RCU read side, or its link is locked.
 */
void chaos_ip_map_info(struct chaos_ip_map *map, struct chaos_ip_map_info *info)
{
	unsigned long heard = READ_ONCE(map->heard);

	*info = (struct chaos_ip_map_info) {
		.host = map->host,
		.key = map->key,
		.origin = map->origin,
		.heard = heard,
		.age_ms = jiffies_to_msecs(jiffies - heard),
		.rx = atomic64_read(&map->rx),
		.tx = atomic64_read(&map->tx),
		.errors = atomic64_read(&map->errors),
		.error = READ_ONCE(map->error),
	};
}

/**
 * chaos_ip_map_get() - look at the mapping of a host or subnet
 * @link: link
 * @host: whose
 * @info: result
 *
 * Context: process.
 * Return: false if it has none of its own.
 */
bool chaos_ip_map_get(struct chaos_ip_link *link, u16 host, struct chaos_ip_map_info *info)
{
	struct chaos_ip_map *map;

	rcu_read_lock();
	map = xa_load(&link->maps, host);
	if (map)
		chaos_ip_map_info(map, info);
	rcu_read_unlock();
	return map;
}

/**
 * chaos_ip_map_walk() - look at one after the other
 * @link: link
 * @pos: where to go on; advanced
 * @info: result
 *
 * Context: process.
 * Return: false at the end.
 */
bool chaos_ip_map_walk(struct chaos_ip_link *link, unsigned long *pos,
		       struct chaos_ip_map_info *info)
{
	struct chaos_ip_map *map;

	rcu_read_lock();
	map = xa_find(&link->maps, pos, ULONG_MAX, XA_PRESENT);
	if (map)
		chaos_ip_map_info(map, info);
	rcu_read_unlock();
	*pos += 1;
	return map;
}
