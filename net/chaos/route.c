// SPDX-License-Identifier: GPL-2.0-only
/* The routing table: lookup by RCU, changes under RTNL. */

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "iface.h"
#include "net.h"
#include "packet.h"
#include "route.h"

/* The entry by which @addr is reached without a bridge. */
static const struct chaos_route *route_find_direct(struct chaos_net *cn, u16 addr)
{
	const struct chaos_route *rt;

	rt = xa_load(&cn->hosts, addr);
	if (rt && rt->type == CHAOS_ROUTE_DIRECT)
		return rt;
	rt = rcu_dereference_rtnl(cn->subnets[chaos_subnet(addr)]);
	if (rt && rt->type == CHAOS_ROUTE_DIRECT)
		return rt;
	return NULL;
}

/**
 * chaos_route_get() - the entry that decides about an address
 * @cn: namespace
 * @addr: host address
 *
 * That of the host itself, of its subnet, or the default.
 *
 * Context: RCU read side or RTNL held.
 * Return: NULL if there is none.
 */
const struct chaos_route *chaos_route_get(struct chaos_net *cn, u16 addr)
{
	const struct chaos_route *rt;

	rt = xa_load(&cn->hosts, addr);
	if (!rt)
		rt = rcu_dereference_rtnl(cn->subnets[chaos_subnet(addr)]);
	if (!rt)
		rt = rcu_dereference_rtnl(cn->default_route);
	return rt;
}

/* The link and next hop of an entry, for @dst: a host, or 0 for all on its link. */
static int route_follow(struct chaos_net *cn, const struct chaos_route *rt, u16 dst,
			struct chaos_hop *hop)
{
	if (!rt)
		return -ENETUNREACH;
	hop->local = rt->type == CHAOS_ROUTE_LOCAL;
	if (hop->local) {
		hop->iface = rcu_dereference_rtnl(cn->loopback);
		hop->nexthop = 0;
		hop->src = dst;
	} else {
		hop->nexthop = rt->via ?: dst;
		if (rt->via)
			rt = route_find_direct(cn, rt->via);
		if (!rt)
			return -EHOSTUNREACH;
		hop->iface = rt->iface;
		hop->src = READ_ONCE(rt->iface->addr);
	}
	if (!hop->iface || !hop->src)	/* being taken away */
		return -ENETUNREACH;
	if (!chaos_iface_can_send(hop->iface))
		return -ENETDOWN;
	return 0;
}

/**
 * chaos_route_lookup() - where to send a packet (AIM 628 section 3.7)
 * @cn: namespace
 * @dst: host address; not 0, which is no matter of routes
 * @hop: result
 *
 * Context: RCU read side, as long as @hop->iface is used.
 * Return: 0, or -ENETUNREACH (no route), -EHOSTUNREACH (the bridge is on no
 * link of ours), -ENETDOWN (the link, or lo for our own address, is down).
 */
int chaos_route_lookup(struct chaos_net *cn, u16 dst, struct chaos_hop *hop)
{
	return route_follow(cn, chaos_route_get(cn, dst), dst, hop);
}

/**
 * chaos_route_subnet() - where to send a packet for all hosts of a subnet
 * @cn: namespace
 * @subnet: which
 * @hop: result; @hop->nexthop is 0, all hosts on the link, if the subnet is direct
 *
 * Context: RCU read side, as long as @hop->iface is used.
 * Return: as chaos_route_lookup().
 */
int chaos_route_subnet(struct chaos_net *cn, u8 subnet, struct chaos_hop *hop)
{
	const struct chaos_route *rt = rcu_dereference_rtnl(cn->subnets[subnet]);

	if (!rt)
		rt = rcu_dereference_rtnl(cn->default_route);
	return route_follow(cn, rt, 0, hop);
}

/**
 * chaos_addr_is_local() - is this an address of ours?
 * @cn: namespace
 * @addr: any address
 *
 * Context: any but hard interrupts.
 */
bool chaos_addr_is_local(struct chaos_net *cn, u16 addr)
{
	const struct chaos_route *rt;
	bool local;

	rcu_read_lock();
	rt = xa_load(&cn->hosts, addr);
	local = rt && rt->type == CHAOS_ROUTE_LOCAL;
	rcu_read_unlock();
	return local;
}

/* Where the entry of a subnet, or the default, hangs. */
static struct chaos_route __rcu **route_slot(struct chaos_net *cn, enum chaos_route_kind kind,
					     u16 dst)
{
	return kind == CHAOS_ROUTE_KIND_SUBNET ? &cn->subnets[dst] : &cn->default_route;
}

static struct chaos_route *route_current(struct chaos_net *cn, enum chaos_route_kind kind, u16 dst)
{
	if (kind == CHAOS_ROUTE_KIND_HOST)
		return xa_load(&cn->hosts, dst);
	return rtnl_dereference(*route_slot(cn, kind, dst));
}

/* Makes @rt, or nothing if NULL, the entry; the old one goes. */
static int route_install(struct chaos_net *cn, enum chaos_route_kind kind, u16 dst,
			 struct chaos_route *rt)
{
	struct chaos_route *old = route_current(cn, kind, dst);

	if (kind == CHAOS_ROUTE_KIND_HOST) {
		int err = xa_err(xa_store(&cn->hosts, dst, rt, GFP_KERNEL));

		if (err)
			return err;
	} else {
		rcu_assign_pointer(*route_slot(cn, kind, dst), rt);
	}
	if (old)
		kfree_rcu(old, rcu);
	atomic_inc(&cn->genid);
	return 0;
}

static int route_check_dst(const struct chaos_route_spec *spec, struct netlink_ext_ack *extack)
{
	if (spec->kind == CHAOS_ROUTE_KIND_HOST && !chaos_addr_is_host(spec->dst)) {
		NL_SET_ERR_MSG(extack,
			       "not a host address: neither the subnet nor the host byte may be 0");
		return -EINVAL;
	}
	if (spec->kind == CHAOS_ROUTE_KIND_SUBNET && (!spec->dst || spec->dst > 255)) {
		NL_SET_ERR_MSG(extack, "not a subnet: it must be in 1-377 (octal)");
		return -EINVAL;
	}
	return 0;
}

static int route_check_via(struct chaos_net *cn, const struct chaos_route_spec *spec,
			   struct netlink_ext_ack *extack)
{
	if (!chaos_addr_is_host(spec->via)) {
		NL_SET_ERR_MSG(extack, "the bridge's address is not a host address");
		return -EINVAL;
	}
	if (chaos_addr_is_local(cn, spec->via)) {
		NL_SET_ERR_MSG(extack, "the bridge's address is our own");
		return -EINVAL;
	}
	if (spec->kind == CHAOS_ROUTE_KIND_HOST && spec->via == spec->dst) {
		NL_SET_ERR_MSG(extack, "a host cannot be the bridge to itself");
		return -EINVAL;
	}
	if (!route_find_direct(cn, spec->via)) {
		NL_SET_ERR_MSG(extack, "the bridge is not on a directly connected subnet");
		return -ENETUNREACH;
	}
	return 0;
}

/* May @spec take the place of @old? */
static int route_check_old(const struct chaos_route *old, const struct chaos_route_spec *spec,
			   bool replace, struct netlink_ext_ack *extack)
{
	if (!old || (replace && old->type == spec->type))
		return 0;
	switch (old->type) {
	case CHAOS_ROUTE_LOCAL:
		NL_SET_ERR_MSG(extack, "this is an address of ours");
		break;
	case CHAOS_ROUTE_DIRECT:
		NL_SET_ERR_MSG(extack, "there is a direct route already");
		break;
	default:
		NL_SET_ERR_MSG(extack, "there is a configured route already");
		break;
	}
	return -EEXIST;
}

/**
 * chaos_route_add() - add or replace an entry
 * @cn: namespace
 * @spec: the entry, of type LOCAL, DIRECT, or FIXED with a bridge
 * @replace: one of the same type may exist
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0, or -EINVAL (no valid destination or bridge), -ENETUNREACH (the
 * bridge is on no link of ours), -EEXIST, -ENOMEM.
 */
int chaos_route_add(struct chaos_net *cn, const struct chaos_route_spec *spec, bool replace,
		    struct netlink_ext_ack *extack)
{
	struct chaos_route *rt;
	int err;

	ASSERT_RTNL();
	err = route_check_dst(spec, extack);
	if (!err)
		err = route_check_old(route_current(cn, spec->kind, spec->dst), spec, replace,
				      extack);
	if (!err && spec->type == CHAOS_ROUTE_FIXED)
		err = route_check_via(cn, spec, extack);
	if (err)
		return err;

	rt = kzalloc(sizeof(*rt), GFP_KERNEL);
	if (!rt)
		goto no_memory;
	rt->dst = spec->dst;
	rt->via = spec->via;
	rt->cost = spec->cost;
	rt->type = spec->type;
	rt->iface = spec->iface;
	if (route_install(cn, spec->kind, spec->dst, rt))
		goto free_route;
	return 0;

free_route:
	kfree(rt);
no_memory:
	NL_SET_ERR_MSG(extack, "out of memory");
	return -ENOMEM;
}

/* Entries that come and go with our addresses are not the user's to delete. */
static bool route_follows_addr(enum chaos_route_kind kind, const struct chaos_route *rt)
{
	return rt->type == CHAOS_ROUTE_LOCAL ||
	       (rt->type == CHAOS_ROUTE_DIRECT && kind == CHAOS_ROUTE_KIND_SUBNET);
}

/**
 * chaos_route_del() - delete an entry that the user made
 * @cn: namespace
 * @kind: what @dst is
 * @dst: host address or subnet
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0, -ESRCH if there is none, -EBUSY if it belongs to an address.
 */
int chaos_route_del(struct chaos_net *cn, enum chaos_route_kind kind, u16 dst,
		    struct netlink_ext_ack *extack)
{
	const struct chaos_route *rt;

	ASSERT_RTNL();
	rt = route_current(cn, kind, dst);
	if (!rt) {
		NL_SET_ERR_MSG(extack, "no such route");
		return -ESRCH;
	}
	if (route_follows_addr(kind, rt)) {
		NL_SET_ERR_MSG(extack, "the route belongs to an address of ours: delete that");
		return -EBUSY;
	}
	return route_install(cn, kind, dst, NULL);
}

/**
 * chaos_route_drop_iface() - delete every entry that names a link
 * @cn: namespace
 * @iface: link
 *
 * Context: process, RTNL held.
 */
void chaos_route_drop_iface(struct chaos_net *cn, struct chaos_iface *iface)
{
	struct chaos_route *rt;
	unsigned long dst;

	ASSERT_RTNL();
	xa_for_each(&cn->hosts, dst, rt)
		if (rt->iface == iface)
			route_install(cn, CHAOS_ROUTE_KIND_HOST, dst, NULL);
	for (dst = 0; dst < ARRAY_SIZE(cn->subnets); dst++) {
		rt = rtnl_dereference(cn->subnets[dst]);
		if (rt && rt->iface == iface)
			route_install(cn, CHAOS_ROUTE_KIND_SUBNET, dst, NULL);
	}
}

/**
 * chaos_route_walk() - look at the entries one after the other
 * @cn: namespace
 * @pos: 0 at first; where to go on.  Counts subnets, hosts, then the default
 * @kind: result: what the entry's destination is
 *
 * Context: RTNL held.
 * Return: NULL if there are no more.
 */
const struct chaos_route *chaos_route_walk(struct chaos_net *cn, unsigned long *pos,
					   enum chaos_route_kind *kind)
{
	const unsigned long first_host = ARRAY_SIZE(cn->subnets);
	const unsigned long last = first_host + U16_MAX + 1;
	const struct chaos_route *rt;
	unsigned long host;

	ASSERT_RTNL();
	*kind = CHAOS_ROUTE_KIND_SUBNET;
	while (*pos < first_host) {
		rt = rtnl_dereference(cn->subnets[(*pos)++]);
		if (rt)
			return rt;
	}
	*kind = CHAOS_ROUTE_KIND_HOST;
	if (*pos < last) {
		host = *pos - first_host;
		rt = xa_find(&cn->hosts, &host, U16_MAX, XA_PRESENT);
		*pos = rt ? first_host + host + 1 : last;
		if (rt)
			return rt;
	}
	*kind = CHAOS_ROUTE_KIND_DEFAULT;
	if (*pos > last)
		return NULL;
	++*pos;
	return rtnl_dereference(cn->default_route);
}

/**
 * chaos_route_net_init() - prepare the table of a new namespace
 * @cn: namespace
 */
void chaos_route_net_init(struct chaos_net *cn)
{
	xa_init(&cn->hosts);
	set_bit(CHAOS_SUBNET_PRIVATE, cn->private);
}

/**
 * chaos_route_net_exit() - free the table; there are no links any more
 * @cn: namespace
 */
void chaos_route_net_exit(struct chaos_net *cn)
{
	struct chaos_route *rt;
	unsigned long dst;

	rtnl_lock();
	xa_for_each(&cn->hosts, dst, rt)
		route_install(cn, CHAOS_ROUTE_KIND_HOST, dst, NULL);
	for (dst = 0; dst < ARRAY_SIZE(cn->subnets); dst++)
		route_install(cn, CHAOS_ROUTE_KIND_SUBNET, dst, NULL);
	route_install(cn, CHAOS_ROUTE_KIND_DEFAULT, 0, NULL);
	rtnl_unlock();
	xa_destroy(&cn->hosts);
}
