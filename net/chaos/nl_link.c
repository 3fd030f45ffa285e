// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: links. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>

#include "iface.h"
#include "link_ip.h"
#include "link_tap.h"
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
	    (iface->ops->fill && iface->ops->fill(iface, skb, !to->portid)) ||
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

/* What only some kinds of link have. */
static const u8 link_special[] = {
	CHAOS_LINK_A_PEER, CHAOS_LINK_A_UID, CHAOS_LINK_A_GID,
	CHAOS_LINK_A_LOCAL4, CHAOS_LINK_A_LOCAL6, CHAOS_LINK_A_LEARN, CHAOS_LINK_A_LEARN_AGE,
	CHAOS_LINK_A_TTL,
};

static int link_set_special(struct genl_info *info, struct chaos_iface *iface, bool *changed)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(link_special); i++) {
		struct nlattr *attr = info->attrs[link_special[i]];

		if (!attr)
			continue;
		if (!(iface->ops->attrs & BIT_ULL(link_special[i]))) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "not for links of this type");
			return -EOPNOTSUPP;
		}
		*changed = true;
	}
	return *changed ? iface->ops->change(iface, info) : 0;
}

/* The settings that may fail come first and last. */
static int link_set(struct genl_info *info, struct chaos_iface *iface)
{
	struct nlattr *cost = info->attrs[CHAOS_LINK_A_COST];
	struct nlattr *rut = info->attrs[CHAOS_LINK_A_RUT];
	struct nlattr *poison = info->attrs[CHAOS_LINK_A_POISON];
	struct nlattr *proxy_arp = info->attrs[CHAOS_LINK_A_PROXY_ARP];
	bool changed = rut || poison || proxy_arp || cost;
	bool special = false;
	int err;

	err = link_set_special(info, iface, &special);
	if (err)
		return err;
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
	if (!err && (changed || special))
		chaos_nl_link_event(iface, CHAOS_CMD_LINK_NEW);
	return err;
}

/* The kinds of virtual device. */
static const struct {
	const char *type;
	struct net_device *(*create)(struct net *net, const char *name);
} link_virtual[] = {
	{ "chaos", chaos_tap_create },
	{ "ip", chaos_ip_create },
};

static struct net_device *link_create(struct genl_info *info)
{
	struct nlattr *name = info->attrs[CHAOS_LINK_A_IFNAME];
	struct nlattr *type = info->attrs[CHAOS_LINK_A_TYPE];
	struct net_device *dev = ERR_PTR(-EOPNOTSUPP);
	char buf[IFNAMSIZ];
	unsigned int i;

	if (!name || info->attrs[CHAOS_LINK_A_IFINDEX] || info->attrs[CHAOS_LINK_A_CHANGE]) {
		GENL_SET_ERR_MSG(info, "a new device has a name and no index, and is not changed");
		return ERR_PTR(-EINVAL);
	}
	nla_strscpy(buf, name, sizeof(buf));
	for (i = 0; i < ARRAY_SIZE(link_virtual) && dev == ERR_PTR(-EOPNOTSUPP); i++)
		if (!nla_strcmp(type, link_virtual[i].type))
			dev = link_virtual[i].create(genl_info_net(info), buf);
	if (dev == ERR_PTR(-EOPNOTSUPP))
		NL_SET_ERR_MSG_ATTR(info->extack, type, "no such type of virtual link");
	else if (dev == ERR_PTR(-EEXIST))
		NL_SET_ERR_MSG_ATTR(info->extack, name, "there is a device of this name");
	else if (dev == ERR_PTR(-EBUSY))
		NL_SET_ERR_MSG_ATTR(info->extack, type,
				    "IP protocol 16 is taken by another module");
	return dev;
}

/* A new virtual link, which goes again if something about it is refused. */
static int link_new_virtual(struct genl_info *info)
{
	struct net_device *dev = link_create(info);
	struct chaos_iface *iface;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	iface = chaos_iface_by_dev(chaos_net(genl_info_net(info)), dev);
	err = link_set(info, iface);
	if (err)
		iface->ops->delete(iface);
	return err;
}

static int link_new(struct genl_info *info)
{
	struct chaos_net *cn = chaos_net(genl_info_net(info));
	bool change = info->attrs[CHAOS_LINK_A_CHANGE];
	struct chaos_iface *iface;
	struct net_device *dev;
	int err;

	if (info->attrs[CHAOS_LINK_A_TYPE])
		return link_new_virtual(info);

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
	if (change)
		return link_set(info, iface);

	iface = chaos_iface_attach(cn, dev, info->extack);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	err = link_set(info, iface);
	if (err)
		chaos_iface_detach(iface);
	return err;
}

/**
 * chaos_nl_link_new() - CHAOS_CMD_LINK_NEW: attach a device, or change a link
 * @skb: request
 * @info: request; CHAOS_LINK_A_CHANGE: the link must exist, else it must not;
 *	CHAOS_LINK_A_TYPE: the device must not, either
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
	if (iface->ops->delete)
		iface->ops->delete(iface);
	else
		chaos_iface_detach(iface);
	return 0;
}

/**
 * chaos_nl_link_del() - CHAOS_CMD_LINK_DEL: detach a device; delete a virtual one
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

static int link_walk(struct sk_buff *skb, const struct chaos_nl_to *to,
		     struct chaos_iface *iface, long *pos)
{
	return link_fill(skb, to, iface);
}

/**
 * chaos_nl_link_dump() - CHAOS_CMD_LINK_GET: describe all links
 * @skb: message buffer
 * @cb: the dump
 */
int chaos_nl_link_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return chaos_nl_dump_ifaces(skb, cb, CHAOS_CMD_LINK_GET, link_walk);
}
