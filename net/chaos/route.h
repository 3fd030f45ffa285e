/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where packets go: single hosts in an xarray, subnets in an array, then what
 * bridges told us of subnets (learned.h), then the default.  Our own addresses
 * are host entries of type LOCAL.
 */
#ifndef _NET_CHAOS_ROUTE_H
#define _NET_CHAOS_ROUTE_H

#include <linux/rcupdate.h>
#include <linux/chaos_netlink.h>

#include "iface.h"

#define CHAOS_COST_DEFAULT	20	/* of a configured bridge */
#define CHAOS_COST_CAP		512	/* costs grow no further; such a subnet is not reached */

/**
 * struct chaos_route - one entry; replaced as a whole, except what a bridge tells again
 * @dst: host address; subnet number; 0 for the default
 * @via: bridge's address, 0 when direct
 * @cost: as configured or told, see chaos_route_cost(); accessed without lock
 * @type: enum chaos_route_type
 * @iface: direct and local: the link.  NULL with @via: the link follows from
 *	the bridge's address at each lookup, so links may come and go
 * @heard: type BRIDGE: jiffies when the bridge last told of it; accessed
 *	without lock
 * @rcu: for freeing
 */
struct chaos_route {
	u16 dst;
	u16 via;
	u16 cost;
	u8 type;
	struct chaos_iface *iface;
	unsigned long heard;
	struct rcu_head rcu;
};

/**
 * struct chaos_hop - the answer of a lookup
 * @iface: link to send on; for our own addresses the loopback
 * @nexthop: neighbour there, 0 with @local or for all hosts there
 * @src: our address on the link that the packet leaves by, the source of what
 *	is not bound to one; for our own addresses that address
 * @local: the destination is this host
 */
struct chaos_hop {
	struct chaos_iface *iface;
	u16 nexthop;
	u16 src;
	bool local;
};

int chaos_route_lookup(struct chaos_net *cn, u16 dst, struct chaos_hop *hop);
int chaos_route_subnet(struct chaos_net *cn, u8 subnet, struct chaos_hop *hop);
const struct chaos_route *chaos_route_get(struct chaos_net *cn, u16 addr);
const struct chaos_route *chaos_route_by_subnet(struct chaos_net *cn, u8 subnet);
const struct chaos_iface *chaos_route_iface(struct chaos_net *cn, const struct chaos_route *rt);
u16 chaos_route_cost(const struct chaos_route *rt);
bool chaos_addr_is_local(struct chaos_net *cn, u16 addr);

static inline bool chaos_subnet_is_private(const struct chaos_net *cn, u8 subnet)
{
	return test_bit(subnet, cn->private);
}

/* May this host know about a subnet?  Of private ones only those who are there. */
static inline bool chaos_subnet_is_shown(const struct chaos_net *cn, u8 subnet, u16 host)
{
	return !chaos_subnet_is_private(cn, subnet) || chaos_subnet(host) == subnet;
}

/* What a configuration request names. */
enum chaos_route_kind { CHAOS_ROUTE_KIND_HOST, CHAOS_ROUTE_KIND_SUBNET, CHAOS_ROUTE_KIND_DEFAULT };

struct chaos_route_spec {
	enum chaos_route_kind kind;
	u16 dst;			/* host address or subnet number */
	u16 via;			/* 0: direct on @iface */
	u16 cost;
	u8 type;
	struct chaos_iface *iface;	/* NULL with @via */
};

int chaos_route_add(struct chaos_net *cn, const struct chaos_route_spec *spec, bool replace,
		    struct netlink_ext_ack *extack);
int chaos_route_del(struct chaos_net *cn, enum chaos_route_kind kind, u16 dst, int type,
		    struct netlink_ext_ack *extack);
const struct chaos_route *chaos_route_walk(struct chaos_net *cn, unsigned long *pos,
					   enum chaos_route_kind *kind);
void chaos_route_drop_iface(struct chaos_net *cn, struct chaos_iface *iface);
void chaos_route_net_init(struct chaos_net *cn);
void chaos_route_net_exit(struct chaos_net *cn);

#endif /* _NET_CHAOS_ROUTE_H */
