// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: neighbours. */

#include <linux/chaos_netlink.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "iface.h"
#include "neigh.h"
#include "net.h"
#include "nl.h"
#include "packet.h"
#include "proxy.h"
#include "route.h"

struct neigh_obj {
	const struct chaos_iface *iface;
	struct chaos_neigh_info info;
};

static int neigh_put_state(struct sk_buff *skb, const struct chaos_neigh_info *n)
{
	if (n->proxy)
		return nla_put_flag(skb, CHAOS_NEIGH_A_PROXY);
	if (nla_put_u8(skb, CHAOS_NEIGH_A_STATE, n->state))
		return -EMSGSIZE;
	switch (n->state) {
	case CHAOS_NEIGH_INCOMPLETE:
	case CHAOS_NEIGH_FAILED:
		return 0;
	case CHAOS_NEIGH_REACHABLE:
	case CHAOS_NEIGH_STALE:
		if (nla_put_u32(skb, CHAOS_NEIGH_A_AGE, n->age_ms))
			return -EMSGSIZE;
		break;
	}
	return nla_put(skb, CHAOS_NEIGH_A_LLADDR, ETH_ALEN, n->lladdr);
}

static int neigh_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	const struct neigh_obj *n = obj;
	void *hdr;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	if (chaos_nl_put_dev(skb, n->iface->dev, CHAOS_NEIGH_A_IFINDEX, CHAOS_NEIGH_A_IFNAME) ||
	    nla_put_u16(skb, CHAOS_NEIGH_A_ADDR, n->info.addr) ||
	    neigh_put_state(skb, &n->info)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * chaos_nl_neigh_event() - tell that a neighbour came, changed its state, or went
 * @iface: link, of type ether
 * @cmd: CHAOS_CMD_NEIGH_NEW or CHAOS_CMD_NEIGH_DEL
 * @info: the neighbour, or published address
 *
 * Context: any but hard interrupts; the caller keeps @iface from going.
 */
void chaos_nl_neigh_event(struct chaos_iface *iface, u8 cmd, const struct chaos_neigh_info *info)
{
	const struct neigh_obj n = { .iface = iface, .info = *info };

	chaos_nl_event(iface->cn->net, cmd, neigh_fill, &n);
}

/* The link and host that a request names. */
static struct chaos_iface *neigh_parse(struct genl_info *info, u16 *addr)
{
	struct chaos_iface *iface;
	int err;

	err = chaos_nl_need(info, CHAOS_NEIGH_A_ADDR, "which host?  its address is missing");
	if (err)
		return ERR_PTR(err);
	*addr = nla_get_u16(info->attrs[CHAOS_NEIGH_A_ADDR]);

	iface = chaos_nl_iface(info, CHAOS_NEIGH_A_IFINDEX, CHAOS_NEIGH_A_IFNAME);
	if (!IS_ERR(iface) && !iface->neighs) {
		GENL_SET_ERR_MSG(info, "there are no neighbours on this kind of link");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return iface;
}

static int neigh_check_addr(struct genl_info *info, struct chaos_net *cn, u16 addr)
{
	if (!chaos_addr_is_host(addr)) {
		GENL_SET_ERR_MSG(info,
				 "not a host address: neither the subnet nor the host byte may be 0");
		return -EINVAL;
	}
	if (chaos_addr_is_local(cn, addr)) {
		GENL_SET_ERR_MSG(info, "this is an address of ours");
		return -EINVAL;
	}
	return 0;
}

static int neigh_new_proxy(struct genl_info *info, struct chaos_iface *iface, u16 addr)
{
	const struct chaos_neigh_info proxy = { .addr = addr, .proxy = true };
	bool news = !chaos_proxy_has(iface, addr);
	int err;

	if (info->attrs[CHAOS_NEIGH_A_LLADDR]) {
		GENL_SET_ERR_MSG(info, "a published address has no hardware address but ours");
		return -EINVAL;
	}
	err = chaos_proxy_add(iface, addr, info->attrs[CHAOS_NEIGH_A_REPLACE], info->extack);
	if (!err && news)
		chaos_nl_neigh_event(iface, CHAOS_CMD_NEIGH_NEW, &proxy);
	return err;
}

static int neigh_new(struct genl_info *info)
{
	struct chaos_iface *iface;
	const u8 *lladdr;
	u16 addr;
	int err;

	iface = neigh_parse(info, &addr);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	err = neigh_check_addr(info, iface->cn, addr);
	if (err)
		return err;
	if (info->attrs[CHAOS_NEIGH_A_PROXY])
		return neigh_new_proxy(info, iface, addr);

	err = chaos_nl_need(info, CHAOS_NEIGH_A_LLADDR, "the hardware address is missing");
	if (err)
		return err;
	lladdr = nla_data(info->attrs[CHAOS_NEIGH_A_LLADDR]);
	if (!is_valid_ether_addr(lladdr)) {
		GENL_SET_ERR_MSG(info, "the hardware address is zero or a group's");
		return -EINVAL;
	}
	return chaos_neigh_add(iface, addr, lladdr, info->attrs[CHAOS_NEIGH_A_REPLACE],
			       info->extack);
}

/**
 * chaos_nl_neigh_new() - CHAOS_CMD_NEIGH_NEW: add a permanent neighbour, or publish
 *	an address
 * @skb: request
 * @info: request; CHAOS_NEIGH_A_REPLACE: there may be a permanent entry
 */
int chaos_nl_neigh_new(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = neigh_new(info);
	rtnl_unlock();
	return err;
}

static int neigh_del(struct genl_info *info)
{
	struct chaos_neigh_info proxy = { .proxy = true };
	struct chaos_iface *iface;
	int err;

	iface = neigh_parse(info, &proxy.addr);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (!info->attrs[CHAOS_NEIGH_A_PROXY])
		return chaos_neigh_del(iface, proxy.addr, info->extack);
	err = chaos_proxy_del(iface, proxy.addr, info->extack);
	if (!err)
		chaos_nl_neigh_event(iface, CHAOS_CMD_NEIGH_DEL, &proxy);
	return err;
}

/**
 * chaos_nl_neigh_del() - CHAOS_CMD_NEIGH_DEL: forget a neighbour or published address
 * @skb: request
 * @info: request
 */
int chaos_nl_neigh_del(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = neigh_del(info);
	rtnl_unlock();
	return err;
}

static int neigh_get(struct genl_info *info)
{
	struct chaos_iface *iface;
	struct neigh_obj n;
	u16 addr;

	iface = neigh_parse(info, &addr);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	if (info->attrs[CHAOS_NEIGH_A_PROXY]) {
		n.info = (struct chaos_neigh_info) { .addr = addr, .proxy = true };
		if (!chaos_proxy_has(iface, addr)) {
			GENL_SET_ERR_MSG(info, "this address is not published on the link");
			return -ENOENT;
		}
	} else if (!chaos_neigh_get(iface, addr, &n.info)) {
		GENL_SET_ERR_MSG(info, "no such neighbour on this link");
		return -ENOENT;
	}
	n.iface = iface;
	return chaos_nl_reply(info, neigh_fill, &n);
}

/**
 * chaos_nl_neigh_get() - CHAOS_CMD_NEIGH_GET: describe a neighbour or published address
 * @skb: request
 * @info: request
 */
int chaos_nl_neigh_get(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = neigh_get(info);
	rtnl_unlock();
	return err;
}

/* Positions in the dump of a link: neighbours by address, then what is published. */
#define FIRST_PROXY	(U16_MAX + 1ul)

static bool neigh_next(struct chaos_iface *iface, unsigned long *pos,
		       struct chaos_neigh_info *info)
{
	unsigned long host;

	if (!iface->neighs)
		return false;
	if (*pos < FIRST_PROXY) {
		if (chaos_neigh_walk(iface, pos, info))
			return true;
		*pos = FIRST_PROXY;
	}
	host = *pos - FIRST_PROXY;
	*info = (struct chaos_neigh_info) {
		.addr = chaos_proxy_walk(iface, &host),
		.proxy = true,
	};
	*pos = FIRST_PROXY + host;
	return info->addr;
}

/* The rest of a link's neighbours from @pos on; -EMSGSIZE when the buffer is full. */
static int neigh_walk(struct sk_buff *skb, const struct chaos_nl_to *to,
		      struct chaos_iface *iface, long *done)
{
	struct neigh_obj n = { .iface = iface };
	unsigned long pos = *done;

	while (neigh_next(iface, &pos, &n.info)) {
		if (neigh_fill(skb, to, &n))
			return -EMSGSIZE;
		*done = pos;
	}
	return 0;
}

/**
 * chaos_nl_neigh_dump() - CHAOS_CMD_NEIGH_GET: describe all neighbours and published
 *	addresses
 * @skb: message buffer
 * @cb: the dump
 */
int chaos_nl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return chaos_nl_dump_ifaces(skb, cb, CHAOS_CMD_NEIGH_GET, neigh_walk);
}
