// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: routes. */

#include <linux/chaos_netlink.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "forward.h"
#include "iface.h"
#include "net.h"
#include "nl.h"
#include "route.h"

/* A route to be described; its destination is not in struct chaos_route alone. */
struct route_obj {
	const struct chaos_route *rt;
	enum chaos_route_kind kind;
	u16 dst;
	const struct chaos_iface *iface;
	const struct chaos_hop *hop;	/* with the answer to a single GET, else NULL */
};

static int route_put_dst(struct sk_buff *skb, const struct route_obj *r)
{
	switch (r->kind) {
	case CHAOS_ROUTE_KIND_HOST:
		return nla_put_u16(skb, CHAOS_ROUTE_A_HOST, r->dst);
	case CHAOS_ROUTE_KIND_SUBNET:
		return nla_put_u8(skb, CHAOS_ROUTE_A_SUBNET, r->dst);
	case CHAOS_ROUTE_KIND_DEFAULT:
		break;
	}
	return 0;
}

/* How old news of it are. */
static int route_put_age(struct sk_buff *skb, const struct chaos_route *rt)
{
	unsigned long age = jiffies - READ_ONCE(rt->heard);

	if (rt->type != CHAOS_ROUTE_BRIDGE)
		return 0;
	return nla_put_u32(skb, CHAOS_ROUTE_A_AGE, jiffies_to_msecs(age));
}

static enum chaos_route_match route_match(const struct route_obj *r)
{
	if (r->rt->type == CHAOS_ROUTE_LOCAL)
		return CHAOS_ROUTE_MATCH_HOST;
	if (!r->rt->dst)
		return CHAOS_ROUTE_MATCH_DEFAULT;
	return r->rt->dst == r->dst ? CHAOS_ROUTE_MATCH_HOST : CHAOS_ROUTE_MATCH_SUBNET;
}

/* Why this entry, and the source address that goes with it. */
static int route_put_hop(struct sk_buff *skb, const struct route_obj *r)
{
	if (!r->hop)
		return 0;
	return nla_put_u8(skb, CHAOS_ROUTE_A_MATCH, route_match(r)) ?:
	       nla_put_u16(skb, CHAOS_ROUTE_A_SRC, r->hop->src);
}

static int route_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	const struct route_obj *r = obj;
	void *hdr;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	if (route_put_dst(skb, r) ||
	    (r->rt->via && nla_put_u16(skb, CHAOS_ROUTE_A_VIA, r->rt->via)) ||
	    (r->iface && chaos_nl_put_dev(skb, r->iface->dev, CHAOS_ROUTE_A_IFINDEX,
					  CHAOS_ROUTE_A_IFNAME)) ||
	    nla_put_u16(skb, CHAOS_ROUTE_A_COST, chaos_route_cost(r->rt)) ||
	    nla_put_u8(skb, CHAOS_ROUTE_A_TYPE, r->rt->type) ||
	    route_put_age(skb, r->rt) || route_put_hop(skb, r)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* A request with neither host nor subnet means the default. */
static int route_parse_dst(struct genl_info *info, struct chaos_route_spec *spec)
{
	struct nlattr *subnet = info->attrs[CHAOS_ROUTE_A_SUBNET];
	struct nlattr *host = info->attrs[CHAOS_ROUTE_A_HOST];

	if (subnet && host) {
		GENL_SET_ERR_MSG(info, "a route goes to a subnet or to a host, not both");
		return -EINVAL;
	}
	spec->kind = CHAOS_ROUTE_KIND_DEFAULT;
	if (host) {
		spec->kind = CHAOS_ROUTE_KIND_HOST;
		spec->dst = nla_get_u16(host);
	} else if (subnet) {
		spec->kind = CHAOS_ROUTE_KIND_SUBNET;
		spec->dst = nla_get_u8(subnet);
	}
	return 0;
}

/* Single hosts may be put on another link than their subnet is. */
static int route_parse_link(struct genl_info *info, struct chaos_route_spec *spec)
{
	struct chaos_iface *iface;

	if (spec->kind != CHAOS_ROUTE_KIND_HOST) {
		GENL_SET_ERR_MSG(info,
				 "the route needs a bridge: direct routes to subnets follow our addresses");
		return -EINVAL;
	}
	iface = chaos_nl_iface(info, CHAOS_ROUTE_A_IFINDEX, CHAOS_ROUTE_A_IFNAME);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (iface->ops == &chaos_link_loopback) {
		GENL_SET_ERR_MSG(info, "there are no other hosts on the loopback link");
		return -EINVAL;
	}
	if (!iface->addr) {
		GENL_SET_ERR_MSG(info, "we have no address on that link");
		return -EADDRNOTAVAIL;
	}
	spec->type = CHAOS_ROUTE_DIRECT;
	spec->iface = iface;
	spec->cost = iface->cost;
	return 0;
}

static int route_parse_via(struct genl_info *info, struct chaos_route_spec *spec)
{
	struct chaos_iface *iface;

	/* It follows from the bridge's address; who names it as well wants to be sure. */
	if (info->attrs[CHAOS_ROUTE_A_IFINDEX] || info->attrs[CHAOS_ROUTE_A_IFNAME]) {
		iface = chaos_nl_iface(info, CHAOS_ROUTE_A_IFINDEX, CHAOS_ROUTE_A_IFNAME);
		if (IS_ERR(iface))
			return PTR_ERR(iface);
		spec->iface = iface;
	}
	spec->type = CHAOS_ROUTE_FIXED;
	spec->via = nla_get_u16(info->attrs[CHAOS_ROUTE_A_VIA]);
	spec->cost = CHAOS_COST_DEFAULT;
	return 0;
}

static int route_new(struct genl_info *info)
{
	struct nlattr *cost = info->attrs[CHAOS_ROUTE_A_COST];
	struct chaos_route_spec spec = {};
	int err;

	err = route_parse_dst(info, &spec);
	if (err)
		return err;
	if (info->attrs[CHAOS_ROUTE_A_VIA])
		err = route_parse_via(info, &spec);
	else
		err = route_parse_link(info, &spec);
	if (err)
		return err;
	if (cost)
		spec.cost = nla_get_u16(cost);
	return chaos_route_add(chaos_net(genl_info_net(info)), &spec,
			       info->attrs[CHAOS_ROUTE_A_REPLACE], info->extack);
}

/**
 * chaos_nl_route_new() - CHAOS_CMD_ROUTE_NEW: add a route
 * @skb: request
 * @info: request; CHAOS_ROUTE_A_REPLACE: it may exist
 */
int chaos_nl_route_new(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = route_new(info);
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_route_del() - CHAOS_CMD_ROUTE_DEL: delete a route
 * @skb: request
 * @info: request; with CHAOS_ROUTE_A_TYPE only one of this type
 */
int chaos_nl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *type = info->attrs[CHAOS_ROUTE_A_TYPE];
	struct chaos_route_spec spec = {};
	int err;

	err = route_parse_dst(info, &spec);
	if (err)
		return err;
	rtnl_lock();
	err = chaos_route_del(chaos_net(genl_info_net(info)), spec.kind, spec.dst,
			      type ? nla_get_u8(type) : -1, info->extack);
	rtnl_unlock();
	return err;
}

/* What there is to say about a packet that goes nowhere. */
static void route_explain(struct genl_info *info, int err)
{
	switch (err) {
	case -ENETUNREACH:
		GENL_SET_ERR_MSG(info, "there is no route to this host");
		break;
	case -EHOSTUNREACH:
		GENL_SET_ERR_MSG(info, "the bridge is on no subnet of ours");
		break;
	case -ENETDOWN:
		GENL_SET_ERR_MSG(info, "the link is down");
		break;
	case -EPERM:
		GENL_SET_ERR_MSG(info, "forwarding is off");
		break;
	case -EACCES:
		GENL_SET_ERR_MSG(info, "a private subnet: its packets do not leave it");
		break;
	}
}

/* Where a packet would go, from us or, if @src is another host, passing through. */
static int route_lookup(struct chaos_net *cn, u16 src, u16 dst, struct chaos_hop *hop)
{
	int err = chaos_route_lookup(cn, dst, hop);

	if (err || hop->local || !src || chaos_addr_is_local(cn, src))
		return err;
	return chaos_forward_allowed(cn, src, dst);
}

static int route_host_attr(struct genl_info *info, int attr, u16 *addr)
{
	*addr = nla_get_u16(info->attrs[attr]);
	if (chaos_addr_is_host(*addr))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
			    "not a host address: neither the subnet nor the host byte may be 0");
	return -EINVAL;
}

/* What the answer to a GET says; the entry does not outlive the RCU read side. */
static struct sk_buff *route_answer(struct genl_info *info, u16 src, u16 dst)
{
	struct chaos_net *cn = chaos_net(genl_info_net(info));
	struct route_obj r = { .kind = CHAOS_ROUTE_KIND_HOST, .dst = dst };
	struct chaos_hop hop;
	struct sk_buff *skb;
	int err;

	rcu_read_lock();
	err = route_lookup(cn, src, dst, &hop);
	r.rt = err ? NULL : chaos_route_get(cn, dst);
	if (r.rt) {
		r.iface = hop.iface;
		r.hop = &hop;
		skb = chaos_nl_answer(info, route_fill, &r, GFP_ATOMIC);
	} else {
		err = err ?: -ENETUNREACH;
		route_explain(info, err);
		skb = ERR_PTR(err);
	}
	rcu_read_unlock();
	return skb;
}

static int route_get(struct genl_info *info)
{
	struct sk_buff *skb;
	u16 src = 0, dst;
	int err;

	err = chaos_nl_need(info, CHAOS_ROUTE_A_HOST, "to which host?  its address is missing");
	if (err)
		return err;
	if (info->attrs[CHAOS_ROUTE_A_SUBNET]) {
		GENL_SET_ERR_MSG(info, "packets go to a host, not to a subnet");
		return -EINVAL;
	}
	err = route_host_attr(info, CHAOS_ROUTE_A_HOST, &dst);
	if (!err && info->attrs[CHAOS_ROUTE_A_SRC])
		err = route_host_attr(info, CHAOS_ROUTE_A_SRC, &src);
	if (err)
		return err;
	skb = route_answer(info, src, dst);
	return IS_ERR(skb) ? PTR_ERR(skb) : genlmsg_reply(skb, info);
}

/**
 * chaos_nl_route_get() - CHAOS_CMD_ROUTE_GET: where packets to a host would go
 * @skb: request
 * @info: request
 *
 * The answer has the link that they would leave by.
 */
int chaos_nl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = route_get(info);
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_route_dump() - CHAOS_CMD_ROUTE_GET: describe all routes
 * @skb: message buffer
 * @cb: the dump; cb->args[0] is the position
 */
int chaos_nl_route_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct chaos_net *cn = chaos_net(sock_net(skb->sk));
	unsigned long pos = cb->args[0];
	struct chaos_nl_to to;
	struct route_obj r = {};
	int err;

	rtnl_lock();
	rcu_read_lock();
	err = chaos_nl_dump_start(skb, cb, CHAOS_CMD_ROUTE_GET, &to);
	if (err)
		goto unlock;
	while ((r.rt = chaos_route_walk(cn, &pos, &r.kind))) {
		r.dst = r.rt->dst;
		r.iface = r.rt->iface;
		if (route_fill(skb, &to, &r))
			break;
		cb->args[0] = pos;
	}
unlock:
	rcu_read_unlock();
	rtnl_unlock();
	return err ?: skb->len;
}

/**
 * chaos_nl_route_event() - tell who listens that a route came, changed or went
 * @cn: namespace
 * @kind: what its destination is
 * @rt: the route
 * @cmd: CHAOS_CMD_ROUTE_NEW or CHAOS_CMD_ROUTE_DEL
 *
 * Context: any but hard interrupts; @rt does not go meanwhile.
 */
void chaos_nl_route_event(struct chaos_net *cn, enum chaos_route_kind kind,
			  const struct chaos_route *rt, u8 cmd)
{
	const struct route_obj r = {
		.rt = rt, .kind = kind, .dst = rt->dst, .iface = rt->iface,
	};

	chaos_nl_event(cn->net, cmd, route_fill, &r);
}
