// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts that packets came from: a table of sets, by a keyed hash of the address.
 *
 * A set is made when its first host is heard, and stays; in a full one a new host
 * takes the place of that which was heard longest ago.  So the table takes at most
 * 34 KiB, whatever sources anybody invents.  New hosts are taken at a limited rate,
 * and not while another CPU does so: their next packet will do.
 *
 * Packets of known hosts take no lock.  If the host's place is given to another at
 * the same moment, what is told of that other is wrong until its next packet, and its
 * number of packets by a few; nothing but LASTCN depends on it.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "net.h"
#include "seen.h"

#define SEEN_SETS	128
#define SEEN_WAYS	8
#define SEEN_RATE	128	/* new hosts in a second */

/* The members are those of struct chaos_seen; accessed without lock. */
struct seen_host {
	u64 lladdr;
	unsigned long stamp;	/* jiffies of the last packet */
	int ifindex;
	atomic_t packets;
};

/* Hosts with the same hash.  The address is 0 where there is none, and written under
 * the table's lock.
 */
struct seen_set {
	u16 addr[SEEN_WAYS];
	u8 fc[SEEN_WAYS];
	struct seen_host host[SEEN_WAYS];
};

/**
 * struct chaos_seen_table - hosts that were heard
 * @lock: guards all but what packets of known hosts write; BH disabled
 * @begin: jiffies when the present second began
 * @made: hosts that were new in it
 * @sets: by hash; NULL where no host was yet
 */
struct chaos_seen_table {
	spinlock_t lock;	/* against others who add hosts */
	unsigned long begin;
	unsigned int made;
	struct seen_set __rcu *sets[SEEN_SETS];
};

/**
 * chaos_seen_net_init() - for a new namespace
 * @cn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_seen_net_init(struct chaos_net *cn)
{
	BUILD_BUG_ON(sizeof(struct seen_set) > 256);

	cn->seen = kzalloc(sizeof(*cn->seen), GFP_KERNEL);
	if (!cn->seen)
		return -ENOMEM;
	spin_lock_init(&cn->seen->lock);
	cn->seen->begin = jiffies;
	return 0;
}

/**
 * chaos_seen_net_exit() - forget everybody; there are no links any more
 * @cn: namespace
 */
void chaos_seen_net_exit(struct chaos_net *cn)
{
	unsigned int i;

	for (i = 0; i < SEEN_SETS; i++)
		kfree(rcu_dereference_protected(cn->seen->sets[i], true));
	kfree(cn->seen);
}

/* Where the host is in the set, SEEN_WAYS if it is not. */
static unsigned int seen_find(const struct seen_set *set, u16 addr)
{
	unsigned int i;

	for (i = 0; i < SEEN_WAYS; i++)
		if (READ_ONCE(set->addr[i]) == addr)
			break;
	return i;
}

/* A free place in the set, or that of the host which was heard longest ago. */
static unsigned int seen_place(const struct seen_set *set)
{
	unsigned int i, oldest = 0;

	for (i = 0; i < SEEN_WAYS; i++) {
		if (!set->addr[i])
			return i;
		if (time_before(READ_ONCE(set->host[i].stamp), READ_ONCE(set->host[oldest].stamp)))
			oldest = i;
	}
	return oldest;
}

static bool seen_may_add(struct chaos_seen_table *table)
{
	if (time_after_eq(jiffies, table->begin + HZ)) {
		table->begin = jiffies;
		table->made = 0;
	}
	return table->made++ < SEEN_RATE;
}

/* Lock held.  NULL without memory. */
static struct seen_set *seen_get_set(struct chaos_seen_table *table, unsigned int hash)
{
	struct seen_set *set;

	set = rcu_dereference_protected(table->sets[hash], lockdep_is_held(&table->lock));
	if (!set) {
		set = kzalloc(sizeof(*set), GFP_ATOMIC);
		rcu_assign_pointer(table->sets[hash], set);
	}
	return set;
}

/* The set, with the host, which was not there; NULL if it cannot be added now. */
static struct seen_set *seen_add(struct chaos_seen_table *table, unsigned int hash, u16 addr)
{
	struct seen_set *set = NULL;
	unsigned int i;

	if (!spin_trylock(&table->lock))
		return NULL;
	if (seen_may_add(table))
		set = seen_get_set(table, hash);
	if (set && seen_find(set, addr) == SEEN_WAYS) {
		i = seen_place(set);
		WRITE_ONCE(set->addr[i], 0);
		atomic_set(&set->host[i].packets, 0);
		WRITE_ONCE(set->addr[i], addr);
	}
	spin_unlock(&table->lock);
	return set;
}

/* Writes only what changes: several CPUs may hear the host. */
static void seen_update(struct seen_set *set, unsigned int i, int ifindex, u64 lladdr, u8 fc)
{
	struct seen_host *host = &set->host[i];
	unsigned long now = jiffies;

	atomic_inc(&host->packets);
	if (READ_ONCE(host->stamp) != now)
		WRITE_ONCE(host->stamp, now);
	if (READ_ONCE(host->lladdr) != lladdr)
		WRITE_ONCE(host->lladdr, lladdr);
	if (READ_ONCE(host->ifindex) != ifindex)
		WRITE_ONCE(host->ifindex, ifindex);
	if (READ_ONCE(set->fc[i]) != fc)
		WRITE_ONCE(set->fc[i], fc);
}

/* As ether_addr_to_u64(), which looks at each byte. */
static u64 seen_lladdr(const u8 *mac)
{
	return (u64)get_unaligned_be16(mac) << 32 | get_unaligned_be32(mac + 2);
}

/**
 * chaos_seen_note() - a valid packet came
 * @iface: link that it came by, not lo
 * @skb: the packet, with its link-level header
 * @hdr: its header; the source is a host and not this one
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_seen_note(struct chaos_iface *iface, const struct sk_buff *skb,
		     const struct chaos_hdr *hdr)
{
	struct chaos_seen_table *table = iface->cn->seen;
	unsigned int i, hash = chaos_hash_addr(hdr->src) % SEEN_SETS;
	struct seen_set *set;
	u64 lladdr = 0;

	if (iface->dev->type == ARPHRD_ETHER && skb_mac_header_was_set(skb))
		lladdr = seen_lladdr(eth_hdr(skb)->h_source);
	set = rcu_dereference(table->sets[hash]);
	i = set ? seen_find(set, hdr->src) : SEEN_WAYS;
	if (i == SEEN_WAYS) {
		set = seen_add(table, hash, hdr->src);
		i = set ? seen_find(set, hdr->src) : SEEN_WAYS;
	}
	if (i < SEEN_WAYS)
		seen_update(set, i, iface->dev->ifindex, lladdr, hdr->fc);
}

static void seen_read(const struct seen_set *set, unsigned int i, struct chaos_seen *seen)
{
	const struct seen_host *host = &set->host[i];
	long age = jiffies - READ_ONCE(host->stamp);

	*seen = (struct chaos_seen) {
		.addr = READ_ONCE(set->addr[i]),
		.fc = READ_ONCE(set->fc[i]),
		.ifindex = READ_ONCE(host->ifindex),
		.lladdr = READ_ONCE(host->lladdr),
		.packets = atomic_read(&host->packets),
		.age = age < 0 ? 0 : min_t(unsigned long, age, U32_MAX),
	};
}

/* Puts it where it belongs in a list of at most @max, the latest first. */
static unsigned int seen_insert(struct chaos_seen *list, unsigned int n, unsigned int max,
				const struct chaos_seen *seen)
{
	unsigned int i;

	if (n == max && seen->age >= list[n - 1].age)
		return n;
	i = n < max ? n++ : n - 1;
	for (; i && seen->age < list[i - 1].age; i--)
		list[i] = list[i - 1];
	list[i] = *seen;
	return n;
}

/**
 * chaos_seen_latest() - the hosts that were heard last
 * @cn: namespace
 * @list: result, the latest first
 * @max: at most so many, 1 or more
 *
 * Context: RCU read side.
 * Return: how many there are.
 */
unsigned int chaos_seen_latest(struct chaos_net *cn, struct chaos_seen *list, unsigned int max)
{
	const struct seen_set *set;
	unsigned int hash, i, n = 0;
	struct chaos_seen seen;

	for (hash = 0; hash < SEEN_SETS; hash++) {
		set = rcu_dereference(cn->seen->sets[hash]);
		for (i = 0; set && i < SEEN_WAYS; i++) {
			seen_read(set, i, &seen);
			if (seen.addr && seen.packets)
				n = seen_insert(list, n, max, &seen);
		}
	}
	return n;
}
