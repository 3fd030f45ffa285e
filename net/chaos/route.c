// SPDX-License-Identifier: GPL-2.0-only
/* The routing table: lookup by RCU, changes of what is configured under RTNL. */

#include <linux/hash.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "iface.h"
#include "learned.h"
#include "net.h"
#include "nl.h"
#include "packet.h"
#include "route.h"
#include "rut.h"

static u16 *route_hosts_like(struct chaos_net *cn, u16 addr)
{
	return &cn->hosts_like[hash_32(addr, CHAOS_HOST_HASH_BITS)];
}

/* The entry of a single host, or one of our addresses; NULL if there is none. */
static const struct chaos_route *route_of_host(struct chaos_net *cn, u16 addr)
{
	return READ_ONCE(*route_hosts_like(cn, addr)) ? xa_load(&cn->hosts, addr) : NULL;
}

/* The entry by which @addr is reached without a bridge. */
static const struct chaos_route *route_find_direct(struct chaos_net *cn, u16 addr)
{
	const struct chaos_route *rt;

	rt = route_of_host(cn, addr);
	if (rt && rt->type == CHAOS_ROUTE_DIRECT)
		return rt;
	rt = rcu_dereference_rtnl(cn->subnets[chaos_subnet(addr)]);
	if (rt && rt->type == CHAOS_ROUTE_DIRECT)
		return rt;
	return NULL;
}

/**
 * chaos_route_by_subnet() - the entry in force for a subnet, but the default
 * @cn: namespace
 * @subnet: which
 *
 * What is configured goes before what bridges told, unless it is a subnet of
 * ours whose link cannot send.
 *
 * Context: RCU read side.
 * Return: NULL if there is none.
 */
const struct chaos_route *chaos_route_by_subnet(struct chaos_net *cn, u8 subnet)
{
	const struct chaos_route *rt = rcu_dereference(cn->subnets[subnet]);

	if (rt && (rt->type != CHAOS_ROUTE_DIRECT || chaos_iface_can_send(rt->iface)))
		return rt;
	return chaos_learned_get(cn, subnet) ?: rt;
}

/* The default is for the public: nobody else knows our private subnets. */
static const struct chaos_route *route_for_subnet(struct chaos_net *cn, u8 subnet)
{
	const struct chaos_route *rt = chaos_route_by_subnet(cn, subnet);

	if (!rt && !chaos_subnet_is_private(cn, subnet))
		rt = rcu_dereference(cn->default_route);
	return rt;
}

/**
 * chaos_route_get() - the entry that decides about an address
 * @cn: namespace
 * @addr: host address
 *
 * That of the host itself, of its subnet, or the default.
 *
 * Context: RCU read side.
 * Return: NULL if there is none.
 */
const struct chaos_route *chaos_route_get(struct chaos_net *cn, u16 addr)
{
	const struct chaos_route *rt = route_of_host(cn, addr);

	return rt ?: route_for_subnet(cn, chaos_subnet(addr));
}

/**
 * chaos_route_iface() - the link an entry leads to
 * @cn: namespace
 * @rt: entry
 *
 * Context: RCU read side.
 * Return: NULL if the bridge is on no link of ours.
 */
const struct chaos_iface *chaos_route_iface(struct chaos_net *cn, const struct chaos_route *rt)
{
	if (rt->via)
		rt = route_find_direct(cn, rt->via);
	return rt ? rt->iface : NULL;
}

/**
 * chaos_route_cost() - what an entry costs now (AIM 628 section 3.7)
 * @rt: entry
 *
 * What a bridge told counts for less as it gets old: 1 every 4 seconds, up to
 * CHAOS_COST_CAP.
 *
 * Context: any.
 */
u16 chaos_route_cost(const struct chaos_route *rt)
{
	unsigned long age, cost;

	if (rt->type != CHAOS_ROUTE_BRIDGE)
		return rt->cost;
	cost = READ_ONCE(rt->cost);
	age = (jiffies - READ_ONCE(rt->heard)) / (4 * HZ);
	return min_t(unsigned long, cost + age, CHAOS_COST_CAP);
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
	return route_follow(cn, route_for_subnet(cn, subnet), 0, hop);
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

	if (!READ_ONCE(*route_hosts_like(cn, addr)))
		return false;
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

/* Who listens hears of what users make and delete.  Our addresses have events of their own. */
static void route_event(struct chaos_net *cn, enum chaos_route_kind kind,
			const struct chaos_route *rt, u8 cmd)
{
	if (rt && rt->type != CHAOS_ROUTE_LOCAL)
		chaos_nl_route_event(cn, kind, rt, cmd);
}

/* Who finds that there are none like it must not miss it: counted before, and until after. */
static int route_install_host(struct chaos_net *cn, u16 dst, const struct chaos_route *old,
			      struct chaos_route *rt)
{
	u16 *like = route_hosts_like(cn, dst);
	int err;

	if (rt)
		WRITE_ONCE(*like, *like + 1);
	err = xa_err(xa_store(&cn->hosts, dst, rt, GFP_KERNEL));
	if (err ? !!rt : !!old)
		WRITE_ONCE(*like, *like - 1);
	return err;
}

/* Makes @rt, or nothing if NULL, the entry; the old one goes. */
static int route_install(struct chaos_net *cn, enum chaos_route_kind kind, u16 dst,
			 struct chaos_route *rt)
{
	struct chaos_route *old = route_current(cn, kind, dst);

	if (kind == CHAOS_ROUTE_KIND_HOST) {
		int err = route_install_host(cn, dst, old, rt);

		if (err)
			return err;
	} else {
		rcu_assign_pointer(*route_slot(cn, kind, dst), rt);
	}
	chaos_genid_changed(cn, CHAOS_GENID_ROUTE);
	if (rt)
		route_event(cn, kind, rt, CHAOS_CMD_ROUTE_NEW);
	else
		route_event(cn, kind, old, CHAOS_CMD_ROUTE_DEL);
	if (kind == CHAOS_ROUTE_KIND_SUBNET && (rt || old))
		chaos_rut_changed(cn);
	if (old)
		kfree_rcu(old, rcu);
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

/* What is private is never reached through others, who might see it. */
static int route_check_private(struct chaos_net *cn, const struct chaos_route_spec *spec,
			       struct netlink_ext_ack *extack)
{
	u8 subnet = spec->kind == CHAOS_ROUTE_KIND_HOST ? chaos_subnet(spec->dst) : spec->dst;

	if (spec->kind == CHAOS_ROUTE_KIND_DEFAULT || !chaos_subnet_is_private(cn, subnet) ||
	    (spec->kind == CHAOS_ROUTE_KIND_HOST && chaos_subnet(spec->via) == subnet))
		return 0;
	NL_SET_ERR_MSG(extack, "the subnet is private: no bridge leads there");
	return -EPERM;
}

static int route_check_via(struct chaos_net *cn, const struct chaos_route_spec *spec,
			   struct netlink_ext_ack *extack)
{
	const struct chaos_route *direct;

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
	direct = route_find_direct(cn, spec->via);
	if (!direct) {
		NL_SET_ERR_MSG(extack, "the bridge is not on a directly connected subnet");
		return -ENETUNREACH;
	}
	if (spec->iface && spec->iface != direct->iface) {
		NL_SET_ERR_MSG(extack, "the bridge is on another link");
		return -EINVAL;
	}
	return route_check_private(cn, spec, extack);
}

/* May @spec take the place of @old?  Both kinds of host routes are made by users. */
static int route_check_old(const struct chaos_route *old, const struct chaos_route_spec *spec,
			   bool replace, struct netlink_ext_ack *extack)
{
	if (!old || (replace && old->type == spec->type))
		return 0;
	if (replace && spec->kind == CHAOS_ROUTE_KIND_HOST && old->type != CHAOS_ROUTE_LOCAL)
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
 * bridge is on no link of ours), -EPERM (private subnet), -EEXIST, -ENOMEM.
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
	rt->iface = spec->via ? NULL : spec->iface;
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
 * chaos_route_del() - delete an entry that the user made, or else a learned one
 * @cn: namespace
 * @kind: what @dst is
 * @dst: host address or subnet
 * @type: enum chaos_route_type: no other than such a one; -1: any
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0, -ESRCH if there is none, -EBUSY if it belongs to an address.
 */
int chaos_route_del(struct chaos_net *cn, enum chaos_route_kind kind, u16 dst, int type,
		    struct netlink_ext_ack *extack)
{
	const struct chaos_route *rt;

	ASSERT_RTNL();
	rt = route_current(cn, kind, dst);
	if (rt && type >= 0 && rt->type != type)
		rt = NULL;
	if (kind == CHAOS_ROUTE_KIND_SUBNET && (type < 0 || type == CHAOS_ROUTE_BRIDGE) &&
	    (!rt || route_follows_addr(kind, rt)) && chaos_learned_del(cn, dst)) {
		chaos_rut_changed(cn);
		return 0;
	}
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

/* Configured and learned entries of the subnets in turn. */
static const struct chaos_route *route_walk_subnet(struct chaos_net *cn, unsigned long i)
{
	const struct chaos_route *rt;

	if (i % 2)
		rt = chaos_learned_get(cn, i / 2);
	else
		rt = rcu_dereference(cn->subnets[i / 2]);
	return rt;
}

/**
 * chaos_route_walk() - look at the entries one after the other
 * @cn: namespace
 * @pos: 0 at first; where to go on.  Counts subnets, hosts, then the default
 * @kind: result: what the entry's destination is
 *
 * Context: RCU read side; with RTNL held no configured entry comes or goes.
 * Return: NULL if there are no more.
 */
const struct chaos_route *chaos_route_walk(struct chaos_net *cn, unsigned long *pos,
					   enum chaos_route_kind *kind)
{
	const unsigned long first_host = 2 * CHAOS_SUBNET_COUNT;
	const unsigned long last = first_host + U16_MAX + 1;
	const struct chaos_route *rt;
	unsigned long host;

	*kind = CHAOS_ROUTE_KIND_SUBNET;
	while (*pos < first_host) {
		rt = route_walk_subnet(cn, (*pos)++);
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
	return rcu_dereference(cn->default_route);
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
