// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: addresses. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>

#include "dad.h"
#include "iface.h"
#include "net.h"
#include "nl.h"

static struct chaos_iface *addr_link(struct genl_info *info)
{
	return chaos_nl_iface(info, CHAOS_ADDR_A_IFINDEX, CHAOS_ADDR_A_IFNAME);
}

/* A link without an address is left out. */
static int addr_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	struct chaos_iface *iface = (struct chaos_iface *)obj;
	u16 addr = READ_ONCE(iface->addr);
	u8 lladdr[ETH_ALEN] __aligned(2);
	void *hdr;
	u8 state;

	if (!addr)
		return 0;
	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	state = chaos_dad_state(iface, lladdr);
	if (chaos_nl_put_dev(skb, iface->dev, CHAOS_ADDR_A_IFINDEX, CHAOS_ADDR_A_IFNAME) ||
	    nla_put_u16(skb, CHAOS_ADDR_A_ADDR, addr) ||
	    nla_put_u8(skb, CHAOS_ADDR_A_STATE, state) ||
	    (state == CHAOS_ADDR_CONFLICT &&
	     nla_put(skb, CHAOS_ADDR_A_LLADDR, ETH_ALEN, lladdr))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * chaos_nl_addr_event() - tell that an address came, changed its state, or goes
 * @iface: link, with the address
 * @cmd: CHAOS_CMD_ADDR_NEW or CHAOS_CMD_ADDR_DEL
 *
 * Context: any but hard interrupts.
 */
void chaos_nl_addr_event(struct chaos_iface *iface, u8 cmd)
{
	chaos_nl_event(iface->cn->net, cmd, addr_fill, iface);
}

static int addr_new(struct genl_info *info)
{
	struct chaos_net *cn = chaos_net(genl_info_net(info));
	struct chaos_iface *iface;
	struct net_device *dev;
	bool attached;
	int err;

	err = chaos_nl_need(info, CHAOS_ADDR_A_ADDR, "which address?  it is missing");
	if (err)
		return err;
	dev = chaos_nl_dev(info, CHAOS_ADDR_A_IFINDEX, CHAOS_ADDR_A_IFNAME);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	iface = chaos_iface_by_dev(cn, dev);
	attached = iface;
	if (!attached)
		iface = chaos_iface_attach(cn, dev, info->extack);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	err = chaos_iface_set_addr(iface, nla_get_u16(info->attrs[CHAOS_ADDR_A_ADDR]),
				   info->extack);
	if (err && !attached)
		chaos_iface_detach(iface);
	return err;
}

/**
 * chaos_nl_addr_new() - CHAOS_CMD_ADDR_NEW: give a link, or a device that is to
 *	become one, its address
 * @skb: request
 * @info: request
 */
int chaos_nl_addr_new(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = addr_new(info);
	rtnl_unlock();
	return err;
}

static int addr_del(struct genl_info *info)
{
	struct nlattr *addr = info->attrs[CHAOS_ADDR_A_ADDR];
	struct chaos_iface *iface = addr_link(info);

	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (!iface->addr) {
		GENL_SET_ERR_MSG(info, "the link has no address");
		return -EADDRNOTAVAIL;
	}
	if (addr && nla_get_u16(addr) != iface->addr) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "the link has another address");
		return -EADDRNOTAVAIL;
	}
	chaos_iface_clear_addr(iface);
	return 0;
}

/**
 * chaos_nl_addr_del() - CHAOS_CMD_ADDR_DEL: take a link's address away
 * @skb: request
 * @info: request; if it tells the address, that must be right
 */
int chaos_nl_addr_del(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = addr_del(info);
	rtnl_unlock();
	return err;
}

static int addr_get(struct genl_info *info)
{
	struct chaos_iface *iface = addr_link(info);

	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (!iface->addr) {
		GENL_SET_ERR_MSG(info, "the link has no address");
		return -EADDRNOTAVAIL;
	}
	return chaos_nl_reply(info, addr_fill, iface);
}

/**
 * chaos_nl_addr_get() - CHAOS_CMD_ADDR_GET: describe a link's address
 * @skb: request
 * @info: request
 */
int chaos_nl_addr_get(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = addr_get(info);
	rtnl_unlock();
	return err;
}

static int addr_walk(struct sk_buff *skb, const struct chaos_nl_to *to,
		     struct chaos_iface *iface, long *pos)
{
	return addr_fill(skb, to, iface);
}

/**
 * chaos_nl_addr_dump() - CHAOS_CMD_ADDR_GET: describe all addresses
 * @skb: message buffer
 * @cb: the dump
 */
int chaos_nl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return chaos_nl_dump_ifaces(skb, cb, CHAOS_CMD_ADDR_GET, addr_walk);
}
