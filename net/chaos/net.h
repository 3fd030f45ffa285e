/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that one network namespace has of Chaosnet.  There is no other
 * mutable state in the module except what hashes are keyed with, the memory of
 * connections, those that wait to send on (conn_xmit.c), and the number of IP links.
 */
#ifndef _NET_CHAOS_NET_H
#define _NET_CHAOS_NET_H

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/percpu_counter.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/hashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include "packet.h"

struct chaos_iface;
struct chaos_filter;
struct chaos_ip_sources;
struct chaos_requests;
struct chaos_route;
struct chaos_seen_table;
struct chaos_stats;

#define CHAOS_NAME_MAX		32	/* host name in STATUS (AIM 628 section 5.1) */
#define CHAOS_LISTEN_HASH_BITS	6
#define CHAOS_REPLY_HASH_BITS	6
#define CHAOS_HOST_HASH_BITS	8
#define CHAOS_BROADCASTS	64	/* of which copies are recognised */

/* Answers to strangers, rate limited by source: see reply.c. */
struct chaos_reply_bucket {
	unsigned long stamp;	/* jiffies */
	u32 credit;		/* answers */
};

/* A BRD that was here lately: see broadcast.c. */
struct chaos_broadcast_seen {
	u32 from;		/* source address and index */
	u16 num;
	unsigned long stamp;	/* jiffies */
	DECLARE_BITMAP(asked, CHAOS_SUBNET_COUNT);	/* by its copies so far */
};

/**
 * struct chaos_rut - learning and telling of routes; see rut.c
 * @lock: guards all here, and chaos_net.learned for writing; BH
 * @work: rut_work()
 * @when: jiffies when @work is due, if it is pending
 * @next: jiffies of the next regular routing packets
 * @hasty: limit on routing packets because of changes, see rate.h
 * @farewells: regular packets until we have nothing to tell; as long as we forward
 *	there are always some
 * @changed: there was a change that neighbours have not heard of
 * @closed: the namespace goes
 */
struct chaos_rut {
	spinlock_t lock;		/* all here */
	struct delayed_work work;
	unsigned long when;
	unsigned long next;
	unsigned long hasty;
	u8 farewells;
	bool changed;
	bool closed;
};

/**
 * struct chaos_conf - what an administrator may set: sysctl net.chaos.*
 * @window: default of CHAOS_WINDOW
 * @rto_min_ms: default of CHAOS_RTO_MIN
 * @rto_max_ms: default of CHAOS_RTO_MAX
 * @probe_ms: default of CHAOS_PROBE
 * @idle_ms: default of CHAOS_IDLE
 * @timeout_ms: default of CHAOS_TIMEOUT
 * @reply_rate: answers per second to a host we have no connection with
 * @max_halfopen: RFCs that may wait for a server to decide
 * @max_orphans: connections that may close in the background
 * @max_mem: bytes that connections may have queued
 * @forwarding: packets for other hosts are sent on
 * @rut_interval_ms: between routing packets
 * @rut_expire_ms: a learned route is dead when nobody told of it for so long
 */
struct chaos_conf {
	int window;
	int rto_min_ms;
	int rto_max_ms;
	int probe_ms;
	int idle_ms;
	int timeout_ms;
	int reply_rate;
	int max_halfopen;
	int max_orphans;
	unsigned long max_mem;
	int forwarding;
	int rut_interval_ms;
	int rut_expire_ms;
};

/* What dumps are consistent by. */
enum chaos_genid {
	CHAOS_GENID_LINK,	/* addresses, too */
	CHAOS_GENID_ROUTE,
	CHAOS_GENID_NEIGH,
	CHAOS_GENID_RULE,
	CHAOS_GENID_MAP,
	CHAOS_GENIDS
};

/**
 * struct chaos_net - the Chaosnet part of a network namespace
 * @net: back pointer; not a reference, it outlives us
 * @stats: counters by enum chaos_stat
 * @boot: ktime_get_boottime_ns() when the namespace came up, for UPTIME
 * @name: host name for STATUS, NUL terminated; written under RTNL
 * @conf: see there
 * @sysctl: registration of @sysctl_table (sysctl.c)
 * @sysctl_table: this namespace's (sysctl.c)
 * @ifaces: struct chaos_iface, RCU list, written under RTNL (iface.c)
 * @loopback: the iface of lo, set while it is registered (iface.c)
 * @subnets: route of each subnet, RCU, written under RTNL (route.c)
 * @hosts: routes of single hosts and our addresses, struct chaos_route by
 *	address, RCU, written under RTNL (route.c)
 * @hosts_like: how many of these there are by a hash of the address, written under
 *	RTNL: most addresses need not be looked for (route.c)
 * @default_route: for subnets without entry, RCU, written under RTNL (route.c)
 * @learned: what bridges told of each subnet, RCU, written under @rut's lock
 *	(learned.c)
 * @rut: how that goes on (rut.c)
 * @private: map of the subnets that are nobody else's business; bits are
 *	written under RTNL (route.c)
 * @filter: rules on RFC and BRD, RCU, written under RTNL; NULL if there are
 *	none (filter.c)
 * @seen: hosts that packets came from lately (seen.c)
 * @genid: for each kind of object, changes with every one that comes, changes or
 *	goes, so that a dump can tell that it is not consistent
 * @conns: connections by local index and peer address (conn.c)
 * @peers: the same connections by peer's address and index, for duplicate
 *	RFCs (conn.c)
 * @halfopen: RFCs that nobody has decided on: connections in RFC-received (conn.c), and
 *	requests without an answer (request.c)
 * @orphans: connections that close without a socket (conn.c)
 * @mem: bytes in queues of connections (conn.c)
 * @indices: which indices are in use or were lately; NULL until there is an
 *	address (index.c)
 * @next_index: where the search for a free one goes on (index.c)
 * @requests: transactions that others began, and programs answer; NULL until there is
 *	such a program (request.c)
 * @listen_lock: guards @listeners for writing; BH
 * @listeners: listening sockets by contact, RCU (listen.c)
 * @channels: channels of foreign protocols, struct chaos_channel by index, RCU
 *	(foreign.c)
 * @unclaimed: those that receive for indices nobody has, by our address, 0 for
 *	all, RCU (foreign.c)
 * @reply_lock: guards @replies; BH
 * @replies: rate limits (reply.c)
 * @broadcast_lock: guards @broadcasts and @broadcast_clock; softirq only
 * @broadcasts: what came lately, to recognise copies (broadcast.c)
 * @broadcast_clock: limit on BRDs that are sent on, see rate.h (broadcast_forward.c)
 * @ip_sources: mappings by IP address, RCU, written under RTNL; NULL without IP links
 *	(ip_map.c)
 */
struct chaos_net {
	struct net *net;
	struct chaos_stats __percpu *stats;
	u64 boot;
	char name[CHAOS_NAME_MAX + 1];
	struct chaos_conf conf;
	struct ctl_table_header *sysctl;
	struct ctl_table *sysctl_table;

	struct list_head ifaces;
	struct chaos_iface __rcu *loopback;

	struct chaos_route __rcu *subnets[CHAOS_SUBNET_COUNT];
	struct xarray hosts;
	u16 hosts_like[1 << CHAOS_HOST_HASH_BITS];
	struct chaos_route __rcu *default_route;
	struct chaos_route __rcu *learned[CHAOS_SUBNET_COUNT];
	struct chaos_rut rut;
	DECLARE_BITMAP(private, CHAOS_SUBNET_COUNT);
	struct chaos_filter __rcu *filter;
	struct chaos_seen_table *seen;
	atomic_t genid[CHAOS_GENIDS];

	struct rhashtable conns;
	struct rhashtable peers;
	atomic_t halfopen;
	atomic_t orphans;
	struct percpu_counter mem;
	u16 *indices;
	atomic_t next_index;

	struct chaos_requests *requests;

	spinlock_t listen_lock;		/* @listeners, for writing */
	DECLARE_HASHTABLE(listeners, CHAOS_LISTEN_HASH_BITS);

	struct xarray channels;
	struct xarray unclaimed;

	spinlock_t reply_lock;		/* @replies */
	struct chaos_reply_bucket replies[1 << CHAOS_REPLY_HASH_BITS];

	spinlock_t broadcast_lock;	/* @broadcasts, @broadcast_clock */
	struct chaos_broadcast_seen broadcasts[CHAOS_BROADCASTS];
	unsigned long broadcast_clock;

	struct chaos_ip_sources __rcu *ip_sources;
};

static inline void chaos_genid_changed(struct chaos_net *cn, enum chaos_genid kind)
{
	atomic_inc(&cn->genid[kind]);
}

extern unsigned int chaos_net_id;
struct chaos_net *chaos_net(const struct net *net);

u32 chaos_hash(u32 a, u32 b);

#define CHAOS_SCRAMBLERS	4

extern u32 chaos_scramblers[CHAOS_SCRAMBLERS][256];
void chaos_scramblers_init(void);

/* Keyed hash of an address or index, where many are needed: for two bytes it is no worse
 * than any other (tabulation hashing).  It must not be seen outside: some values give the
 * others away.  The keys are there once a device or socket could bring packets, which is
 * chaos_scramblers_init()'s callers' affair.
 */
static inline u32 chaos_hash_addr(u16 addr)
{
	return chaos_scramblers[0][addr & 0xff] ^ chaos_scramblers[1][addr >> 8];
}

/* The same of two: an address and an index. */
static inline u32 chaos_hash_pair(u16 a, u16 b)
{
	return chaos_hash_addr(a) ^ rol32(chaos_hash_addr(b), 16);
}

u16 chaos_random_u16(void);

int chaos_net_register(void);
void chaos_net_unregister(void);

#endif /* _NET_CHAOS_NET_H */
