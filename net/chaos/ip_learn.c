// SPDX-License-Identifier: GPL-2.0-only
/*
 * Learning mappings from packets: only on links that were told to, only hosts of the
 * link's subnet, only so many, and never against what is configured.  Who is first at an
 * address has it until nothing is heard for a while.
 */

#include <linux/jiffies.h>

#include "iface.h"
#include "link_ip.h"
#include "packet.h"

/* Static mappings win, those of the subnet too. */
static bool learn_may(const struct chaos_iface *iface, struct chaos_ip_link *link, u16 hw_src)
{
	u16 addr = READ_ONCE(iface->addr);

	return link->count[CHAOS_IP_LEARNED] < READ_ONCE(link->learn) &&
	       chaos_addr_is_host(hw_src) && hw_src != addr &&
	       chaos_subnet(hw_src) == chaos_subnet(addr) &&
	       !xa_load(&link->maps, hw_src) && !xa_load(&link->maps, hw_src & 0xff00);
}

/**
 * chaos_ip_expire_later() - in a quarter of the age look for what is unheard
 * @link: link, locked
 */
void chaos_ip_expire_later(struct chaos_ip_link *link)
{
	schedule_delayed_work(&link->expire, READ_ONCE(link->learn_age) * HZ / 4 + 1);
}

static struct chaos_ip_map *learn_on(struct chaos_iface *iface, const struct chaos_ip_key *key,
				     u16 hw_src)
{
	struct chaos_ip_link *link = chaos_ip_link(iface->dev);
	struct chaos_ip_map *map = NULL;

	spin_lock_bh(&link->lock);
	if (learn_may(iface, link, hw_src)) {
		map = chaos_ip_map_create(link, hw_src, key, CHAOS_IP_LEARNED, GFP_ATOMIC);
		if (map)
			map->heard = jiffies ?: 1;
		if (map && chaos_ip_map_insert(map))
			map = NULL;
	}
	if (map)
		chaos_ip_expire_later(link);
	spin_unlock_bh(&link->lock);
	return map;
}

/**
 * chaos_ip_learn() - a packet came from an address that no mapping knows
 * @cn: namespace
 * @saddr: the address
 * @daddr: which of ours it came to
 * @hw_src: who sent it, by a trailer whose checksum is right
 *
 * Context: RCU read side, BH disabled.
 * Return: a new mapping, NULL if no link learns this one.
 */
struct chaos_ip_map *chaos_ip_learn(struct chaos_net *cn, const struct in6_addr *saddr,
				    const struct in6_addr *daddr, u16 hw_src)
{
	const struct chaos_ip_key key = { .addr = *saddr, .plen = CHAOS_IP_PLEN_HOST };
	struct chaos_iface *iface;
	struct chaos_ip_map *map;

	list_for_each_entry_rcu(iface, &cn->ifaces, list) {
		if (!chaos_ip_is_link(iface->dev) || !netif_running(iface->dev) ||
		    !chaos_ip_link_takes(chaos_ip_link(iface->dev), daddr))
			continue;
		map = learn_on(iface, &key, hw_src);
		if (map)
			return map;
	}
	return NULL;
}

/**
 * chaos_ip_learn_age() - set after what silence is forgotten what nobody configured
 * @link: link
 * @age: seconds
 *
 * Context: process, RTNL held.
 */
void chaos_ip_learn_age(struct chaos_ip_link *link, u32 age)
{
	WRITE_ONCE(link->learn_age, age);
	cancel_delayed_work_sync(&link->expire);
	spin_lock_bh(&link->lock);
	if (link->count[CHAOS_IP_LEARNED] || link->count[CHAOS_IP_DERIVED])
		chaos_ip_expire_later(link);
	spin_unlock_bh(&link->lock);
}

/* What is derived comes again when it is needed. */
static bool learn_is_old(const struct chaos_ip_map *map, unsigned long age)
{
	unsigned long heard = READ_ONCE(map->heard) ?: map->made;

	return map->origin != CHAOS_IP_STATIC && time_after(jiffies, heard + age);
}

/**
 * chaos_ip_expire() - forget mappings that nobody configured and that are unheard too long
 * @work: of a link
 */
void chaos_ip_expire(struct work_struct *work)
{
	struct chaos_ip_link *link = container_of(to_delayed_work(work), struct chaos_ip_link,
						  expire);
	unsigned long age = READ_ONCE(link->learn_age) * HZ;
	struct chaos_ip_map *map;
	unsigned long host;

	rcu_read_lock();
	spin_lock_bh(&link->lock);
	xa_for_each(&link->maps, host, map)
		if (learn_is_old(map, age))
			chaos_ip_map_remove(map);
	if (link->count[CHAOS_IP_LEARNED] || link->count[CHAOS_IP_DERIVED])
		chaos_ip_expire_later(link);
	spin_unlock_bh(&link->lock);
	rcu_read_unlock();
}
