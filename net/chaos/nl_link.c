// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: links. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>

#include "iface.h"
#include "net.h"
#include "nl.h"
#include "rut.h"

static struct chaos_iface *link_of(struct genl_info *info)
{
	return chaos_nl_iface(info, CHAOS_LINK_A_IFINDEX, CHAOS_LINK_A_IFNAME);
}

static int link_put_stats(struct sk_buff *skb, const struct chaos_iface *iface)
{
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(skb, CHAOS_LINK_A_STATS);
	if (!nest)
		return -EMSGSIZE;
	for (i = CHAOS_LINK_STAT_PAD + 1; i <= CHAOS_LINK_STAT_MAX; i++)
		if (nla_put_u64_64bit(skb, i, chaos_iface_stat(iface, i), CHAOS_LINK_STAT_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int link_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	const struct chaos_iface *iface = obj;
	void *hdr;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	if (chaos_nl_put_dev(skb, iface->dev, CHAOS_LINK_A_IFINDEX, CHAOS_LINK_A_IFNAME) ||
	    nla_put_string(skb, CHAOS_LINK_A_TYPE, iface->ops->name) ||
	    nla_put_u16(skb, CHAOS_LINK_A_COST, iface->cost) ||
	    (iface->addr && nla_put_u16(skb, CHAOS_LINK_A_ADDR, iface->addr)) ||
	    nla_put_u8(skb, CHAOS_LINK_A_CARRIER, chaos_iface_can_send(iface)) ||
	    nla_put_u8(skb, CHAOS_LINK_A_RUT, iface->rut) ||
	    nla_put_u8(skb, CHAOS_LINK_A_POISON, iface->poison) ||
	    nla_put_u8(skb, CHAOS_LINK_A_PROXY_ARP, iface->proxy_arp) ||
	    link_put_stats(skb, iface)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * chaos_nl_link_event() - tell that a link came, changed, or goes
 * @iface: link
 * @cmd: CHAOS_CMD_LINK_NEW or CHAOS_CMD_LINK_DEL
 *
 * Context: process, RTNL held.
 */
void chaos_nl_link_event(struct chaos_iface *iface, u8 cmd)
{
	chaos_nl_event(iface->cn->net, cmd, link_fill, iface);
}

/* The settings that may fail come last. */
static int link_set(struct genl_info *info, struct chaos_iface *iface)
{
	struct nlattr *cost = info->attrs[CHAOS_LINK_A_COST];
	struct nlattr *rut = info->attrs[CHAOS_LINK_A_RUT];
	struct nlattr *poison = info->attrs[CHAOS_LINK_A_POISON];
	struct nlattr *proxy_arp = info->attrs[CHAOS_LINK_A_PROXY_ARP];
	int err = 0;

	if (rut)
		WRITE_ONCE(iface->rut, nla_get_u8(rut));
	if (poison)
		WRITE_ONCE(iface->poison, nla_get_u8(poison));
	if (rut || poison)
		chaos_rut_link(iface, iface->rut != CHAOS_RUT_OFF);
	if (proxy_arp)
		WRITE_ONCE(iface->proxy_arp, nla_get_u8(proxy_arp));
	if (cost)
		err = chaos_iface_set_cost(iface, nla_get_u16(cost), info->extack);
	if (!err && (rut || poison || proxy_arp || cost))
		chaos_nl_link_event(iface, CHAOS_CMD_LINK_NEW);
	return err;
}

static int link_new(struct genl_info *info)
{
	struct chaos_net *cn = chaos_net(genl_info_net(info));
	bool change = info->attrs[CHAOS_LINK_A_CHANGE];
	struct chaos_iface *iface;
	struct net_device *dev;

	dev = chaos_nl_dev(info, CHAOS_LINK_A_IFINDEX, CHAOS_LINK_A_IFNAME);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	iface = chaos_iface_by_dev(cn, dev);
	if (iface && !change) {
		GENL_SET_ERR_MSG(info, "the device carries Chaosnet already");
		return -EEXIST;
	}
	if (!iface && change) {
		GENL_SET_ERR_MSG(info, "the device carries no Chaosnet: add the link first");
		return -ENOENT;
	}
	if (!iface)
		iface = chaos_iface_attach(cn, dev, info->extack);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	return link_set(info, iface);
}

/**
 * chaos_nl_link_new() - CHAOS_CMD_LINK_NEW: attach a device, or change a link
 * @skb: request
 * @info: request; CHAOS_LINK_A_CHANGE: the link must exist, else it must not
 */
int chaos_nl_link_new(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = link_new(info);
	rtnl_unlock();
	return err;
}

static int link_del(struct genl_info *info)
{
	struct chaos_iface *iface = link_of(info);

	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (iface->ops == &chaos_link_loopback) {
		GENL_SET_ERR_MSG(info, "the loopback link always stays");
		return -EBUSY;
	}
	chaos_iface_detach(iface);
	return 0;
}

/**
 * chaos_nl_link_del() - CHAOS_CMD_LINK_DEL: detach a device
 * @skb: request
 * @info: request
 */
int chaos_nl_link_del(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = link_del(info);
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_link_get() - CHAOS_CMD_LINK_GET: describe a link
 * @skb: request
 * @info: request
 */
int chaos_nl_link_get(struct sk_buff *skb, struct genl_info *info)
{
	struct chaos_iface *iface;
	int err;

	rtnl_lock();
	iface = link_of(info);
	err = IS_ERR(iface) ? PTR_ERR(iface) : chaos_nl_reply(info, link_fill, iface);
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_link_dump() - CHAOS_CMD_LINK_GET: describe all links
 * @skb: message buffer
 * @cb: the dump
 */
int chaos_nl_link_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return chaos_nl_dump_ifaces(skb, cb, CHAOS_CMD_LINK_GET, link_fill);
}
