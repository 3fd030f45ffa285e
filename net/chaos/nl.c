// SPDX-License-Identifier: GPL-2.0-only
/* The netlink family's table of commands, and what its objects share. */

#include <linux/chaos_netlink.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "iface.h"
#include "net.h"
#include "nl.h"
#include "nl_policy.h"

#define OP_SET(_cmd, _doit, _policy, _maxattr) { \
	.cmd = (_cmd), .flags = GENL_UNS_ADMIN_PERM, \
	.doit = (_doit), .policy = (_policy), .maxattr = (_maxattr), \
}

#define OP_GET(_cmd, _doit, _dumpit, _policy, _maxattr) { \
	.cmd = (_cmd), .doit = (_doit), .dumpit = (_dumpit), \
	.policy = (_policy), .maxattr = (_maxattr), \
}

/*
 * Commands without a policy take no attributes; the kernel refuses them, as it
 * does the flags that only rtnetlink knows.
 */
static const struct genl_ops nl_ops[] = {
	OP_SET(CHAOS_CMD_LINK_NEW, chaos_nl_link_new, chaos_nl_link_set, CHAOS_LINK_A_MAX),
	OP_SET(CHAOS_CMD_LINK_DEL, chaos_nl_link_del, chaos_nl_link_key, CHAOS_LINK_A_MAX),
	OP_GET(CHAOS_CMD_LINK_GET, chaos_nl_link_get, chaos_nl_link_dump,
	       chaos_nl_link_key, CHAOS_LINK_A_MAX),
	OP_SET(CHAOS_CMD_ADDR_NEW, chaos_nl_addr_new, chaos_nl_addr_set, CHAOS_ADDR_A_MAX),
	OP_SET(CHAOS_CMD_ADDR_DEL, chaos_nl_addr_del, chaos_nl_addr_set, CHAOS_ADDR_A_MAX),
	OP_GET(CHAOS_CMD_ADDR_GET, chaos_nl_addr_get, chaos_nl_addr_dump,
	       chaos_nl_addr_key, CHAOS_ADDR_A_MAX),
	OP_SET(CHAOS_CMD_ROUTE_NEW, chaos_nl_route_new, chaos_nl_route_set, CHAOS_ROUTE_A_MAX),
	OP_SET(CHAOS_CMD_ROUTE_DEL, chaos_nl_route_del, chaos_nl_route_key, CHAOS_ROUTE_A_MAX),
	OP_GET(CHAOS_CMD_ROUTE_GET, chaos_nl_route_get, chaos_nl_route_dump,
	       chaos_nl_route_get_policy, CHAOS_ROUTE_A_MAX),
	OP_SET(CHAOS_CMD_NEIGH_NEW, chaos_nl_neigh_new, chaos_nl_neigh_set, CHAOS_NEIGH_A_MAX),
	OP_SET(CHAOS_CMD_NEIGH_DEL, chaos_nl_neigh_del, chaos_nl_neigh_key, CHAOS_NEIGH_A_MAX),
	OP_GET(CHAOS_CMD_NEIGH_GET, chaos_nl_neigh_get, chaos_nl_neigh_dump,
	       chaos_nl_neigh_key, CHAOS_NEIGH_A_MAX),
	OP_SET(CHAOS_CMD_MAP_NEW, chaos_nl_map_new, chaos_nl_map_set, CHAOS_MAP_A_MAX),
	OP_SET(CHAOS_CMD_MAP_DEL, chaos_nl_map_del, chaos_nl_map_key, CHAOS_MAP_A_MAX),
	OP_GET(CHAOS_CMD_MAP_GET, chaos_nl_map_get, chaos_nl_map_dump,
	       chaos_nl_map_key, CHAOS_MAP_A_MAX),
	OP_SET(CHAOS_CMD_RULE_NEW, chaos_nl_rule_new, chaos_nl_rule_set, CHAOS_RULE_A_MAX),
	OP_SET(CHAOS_CMD_RULE_DEL, chaos_nl_rule_del, chaos_nl_rule_key, CHAOS_RULE_A_MAX),
	OP_GET(CHAOS_CMD_RULE_GET, chaos_nl_rule_get, chaos_nl_rule_dump,
	       chaos_nl_rule_key, CHAOS_RULE_A_MAX),
	{ .cmd = CHAOS_CMD_CONN_GET, .start = chaos_nl_conn_start,
	  .dumpit = chaos_nl_conn_dump, .done = chaos_nl_conn_done },
	{ .cmd = CHAOS_CMD_STATS_GET, .doit = chaos_nl_stats_get },
	{ .cmd = CHAOS_CMD_NET_GET, .doit = chaos_nl_net_get },
	OP_SET(CHAOS_CMD_NET_SET, chaos_nl_net_set, chaos_nl_net_set_policy, CHAOS_NET_A_MAX),
};

enum { NL_GROUP_EVENTS };

static const struct genl_multicast_group nl_groups[] = {
	[NL_GROUP_EVENTS] = { .name = CHAOS_GENL_MCGRP_EVENTS },
};

struct genl_family chaos_genl_family __ro_after_init = {
	.name = CHAOS_GENL_NAME,
	.version = CHAOS_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,		/* RTNL does it */
	.module = THIS_MODULE,
	.ops = nl_ops,
	.n_ops = ARRAY_SIZE(nl_ops),
	.mcgrps = nl_groups,
	.n_mcgrps = ARRAY_SIZE(nl_groups),
};

/* Events may happen before the family exists, and when it has gone. */
static bool nl_registered;

/**
 * chaos_nl_register() - open for configuration
 *
 * Return: 0 or a negative errno.
 */
int chaos_nl_register(void)
{
	int err;

	err = genl_register_family(&chaos_genl_family);
	if (!err)
		WRITE_ONCE(nl_registered, true);
	return err;
}

/**
 * chaos_nl_unregister() - close
 */
void chaos_nl_unregister(void)
{
	WRITE_ONCE(nl_registered, false);
	synchronize_rcu();
	genl_unregister_family(&chaos_genl_family);
}

/**
 * chaos_nl_put() - begin a message
 * @skb: message buffer
 * @to: whom it goes to
 *
 * Return: the header for genlmsg_end(), NULL if there is no room.
 */
void *chaos_nl_put(struct sk_buff *skb, const struct chaos_nl_to *to)
{
	void *hdr = genlmsg_put(skb, to->portid, to->seq, &chaos_genl_family, to->flags, to->cmd);

	if (hdr && to->cb)
		genl_dump_check_consistent(to->cb, hdr);
	return hdr;
}

/**
 * chaos_nl_answer() - build the answer to a request for one object
 * @info: the request
 * @fill: how to describe the object
 * @obj: the object
 * @gfp: how to allocate
 *
 * Return: the message for genlmsg_reply(), or an ERR_PTR().
 */
struct sk_buff *chaos_nl_answer(struct genl_info *info, chaos_nl_fill_fn *fill, const void *obj,
				gfp_t gfp)
{
	const struct chaos_nl_to to = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	struct sk_buff *skb;
	int err;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (!skb) {
		GENL_SET_ERR_MSG(info, "out of memory");
		return ERR_PTR(-ENOMEM);
	}
	err = fill(skb, &to, obj);
	if (err) {
		nlmsg_free(skb);
		return ERR_PTR(err);
	}
	return skb;
}

/**
 * chaos_nl_reply() - answer a request for one object
 * @info: the request
 * @fill: how to describe the object
 * @obj: the object
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int chaos_nl_reply(struct genl_info *info, chaos_nl_fill_fn *fill, const void *obj)
{
	struct sk_buff *skb = chaos_nl_answer(info, fill, obj, GFP_KERNEL);

	return IS_ERR(skb) ? PTR_ERR(skb) : genlmsg_reply(skb, info);
}

static enum chaos_genid nl_genid(u8 cmd)
{
	switch (cmd) {
	case CHAOS_CMD_ROUTE_GET:
		return CHAOS_GENID_ROUTE;
	case CHAOS_CMD_NEIGH_GET:
		return CHAOS_GENID_NEIGH;
	case CHAOS_CMD_RULE_GET:
		return CHAOS_GENID_RULE;
	case CHAOS_CMD_MAP_GET:
		return CHAOS_GENID_MAP;
	default:
		return CHAOS_GENID_LINK;
	}
}

/**
 * chaos_nl_dump_start() - what every part of a dump begins with
 * @skb: message buffer
 * @cb: the dump
 * @cmd: CHAOS_CMD_*
 * @to: result
 *
 * Context: process, RTNL held.
 * Return: 0, or -EINVAL if the request had attributes.
 */
int chaos_nl_dump_start(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			struct chaos_nl_to *to)
{
	struct chaos_net *cn = chaos_net(sock_net(skb->sk));

	if (nlmsg_len(cb->nlh) > GENL_HDRLEN) {
		NL_SET_ERR_MSG(cb->extack, "a dump takes no attributes");
		return -EINVAL;
	}
	/* 0 would switch the check for changes off. */
	cb->seq = atomic_read(&cn->genid[nl_genid(cmd)]) ?: 1;
	*to = (struct chaos_nl_to) {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
		.cb = cb,
	};
	return 0;
}

/**
 * chaos_nl_dump_ifaces() - dump what links have, link by link
 * @skb: message buffer
 * @cb: the dump; cb->args[] are links done and the position in the next one
 * @cmd: CHAOS_CMD_*
 * @walk: how to describe what one has
 *
 * Return: what a dumpit callback returns.
 */
int chaos_nl_dump_ifaces(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			 chaos_nl_walk_fn *walk)
{
	struct chaos_net *cn = chaos_net(sock_net(skb->sk));
	struct chaos_iface *iface;
	struct chaos_nl_to to;
	long i = 0;
	int err;

	rtnl_lock();
	err = chaos_nl_dump_start(skb, cb, cmd, &to);
	if (err)
		goto unlock;
	list_for_each_entry(iface, &cn->ifaces, list) {
		if (i++ < cb->args[0])
			continue;
		if (walk(skb, &to, iface, &cb->args[1]))
			break;
		cb->args[0]++;
		cb->args[1] = 0;
	}
unlock:
	rtnl_unlock();
	return err ?: skb->len;
}

/**
 * chaos_nl_event() - tell everybody who listens
 * @net: namespace
 * @cmd: CHAOS_CMD_*_NEW or _DEL
 * @fill: how to describe the object
 * @obj: the object
 *
 * Context: any but hard interrupts.
 */
void chaos_nl_event(struct net *net, u8 cmd, chaos_nl_fill_fn *fill, const void *obj)
{
	const struct chaos_nl_to to = { .cmd = cmd };
	struct sk_buff *skb;

	rcu_read_lock();
	if (!READ_ONCE(nl_registered) ||
	    !genl_has_listeners(&chaos_genl_family, net, NL_GROUP_EVENTS))
		goto unlock;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!skb)
		goto unlock;
	if (fill(skb, &to, obj) || !skb->len)
		nlmsg_free(skb);
	else
		genlmsg_multicast_netns(&chaos_genl_family, net, skb, 0, NL_GROUP_EVENTS,
					GFP_ATOMIC);
unlock:
	rcu_read_unlock();
}

/**
 * chaos_nl_dev() - the device that a request names by number, name, or both
 * @info: request
 * @index_attr: CHAOS_*_A_IFINDEX
 * @name_attr: CHAOS_*_A_IFNAME
 *
 * Context: process, RTNL held; no reference is taken.
 * Return: the device, ERR_PTR(-EINVAL) or ERR_PTR(-ENODEV) with the reason in
 * @info's extack.
 */
struct net_device *chaos_nl_dev(struct genl_info *info, int index_attr, int name_attr)
{
	struct nlattr *index = info->attrs[index_attr];
	struct nlattr *name = info->attrs[name_attr];
	struct net *net = genl_info_net(info);
	struct net_device *dev;
	char buf[IFNAMSIZ];

	if (!index && !name) {
		GENL_SET_ERR_MSG(info, "which link?  its name or index is missing");
		return ERR_PTR(-EINVAL);
	}
	if (name)
		nla_strscpy(buf, name, sizeof(buf));
	dev = index ? __dev_get_by_index(net, nla_get_u32(index)) : __dev_get_by_name(net, buf);
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, index ?: name, "no such device");
		return ERR_PTR(-ENODEV);
	}
	if (index && name && strcmp(dev->name, buf)) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "link name and index do not match");
		return ERR_PTR(-EINVAL);
	}
	return dev;
}

/**
 * chaos_nl_iface() - the link that a request names
 * @info: request
 * @index_attr: CHAOS_*_A_IFINDEX
 * @name_attr: CHAOS_*_A_IFNAME
 *
 * Context: process, RTNL held; no reference is taken.
 * Return: the link, or what chaos_nl_dev() returns, also if the device is not
 * attached.
 */
struct chaos_iface *chaos_nl_iface(struct genl_info *info, int index_attr, int name_attr)
{
	struct net_device *dev = chaos_nl_dev(info, index_attr, name_attr);
	struct chaos_iface *iface;

	if (IS_ERR(dev))
		return ERR_CAST(dev);
	iface = chaos_iface_by_dev(chaos_net(genl_info_net(info)), dev);
	if (!iface) {
		GENL_SET_ERR_MSG(info, "the device carries no Chaosnet: add the link first");
		return ERR_PTR(-ENODEV);
	}
	return iface;
}

/**
 * chaos_nl_put_dev() - name a device in a message
 * @skb: message buffer
 * @dev: device
 * @index_attr: CHAOS_*_A_IFINDEX
 * @name_attr: CHAOS_*_A_IFNAME
 *
 * Return: 0 or -EMSGSIZE.
 */
int chaos_nl_put_dev(struct sk_buff *skb, const struct net_device *dev, int index_attr,
		     int name_attr)
{
	if (nla_put_u32(skb, index_attr, dev->ifindex) ||
	    nla_put_string(skb, name_attr, dev->name))
		return -EMSGSIZE;
	return 0;
}

/**
 * chaos_nl_need() - refuse a request without an attribute
 * @info: request
 * @attr: attribute
 * @msg: what to say; a constant
 *
 * Return: 0 if the attribute is there, -EINVAL if not.
 */
int chaos_nl_need(struct genl_info *info, int attr, const char *msg)
{
	if (info->attrs[attr])
		return 0;
	info->extack->_msg = msg;
	return -EINVAL;
}
