/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual net_devices: tunnels that look like Ethernets with Chaosnet in them, so that
 * tcpdump, tc and nftables work on them and all above the link sees one kind of frame.
 * The hardware address is 02:43:48:00 and the Chaosnet address of the host on the link;
 * that is where the link's two addresses, the trailer's, travel inside the kernel.
 */
#ifndef _NET_CHAOS_VDEV_H
#define _NET_CHAOS_VDEV_H

#include <linux/netdevice.h>

#include "iface.h"

/**
 * struct chaos_vdev - what all of them have; the first thing in netdev_priv()
 * @link_ops: the kind of link it is from birth
 * @peer: the only other host there, 0 for any number; written under RTNL
 */
struct chaos_vdev {
	const struct chaos_link_ops *link_ops;
	u16 peer;
};

static inline struct chaos_vdev *chaos_vdev(const struct net_device *dev)
{
	return netdev_priv(dev);
}

void chaos_vdev_setup(struct net_device *dev, const struct chaos_link_ops *link_ops);
int chaos_vdev_init(struct net_device *dev);
int chaos_vdev_validate(struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack);
struct net_device *chaos_vdev_create(struct net *net, const char *name, unsigned int size,
				     void (*setup)(struct net_device *dev),
				     const struct rtnl_link_ops *rtnl_ops);
const struct chaos_link_ops *chaos_vdev_link_ops(const struct net_device *dev);

bool chaos_vdev_sent(struct net_device *dev, struct sk_buff *skb, u16 *nexthop);
u16 chaos_vdev_addr(const struct net_device *dev);
void chaos_vdev_rcv(struct net_device *dev, struct sk_buff *skb, u16 hw_dst, u16 hw_src);

/* Parts of a struct chaos_link_ops. */
int chaos_vdev_link_init(struct chaos_iface *iface);
void chaos_vdev_link_addr(struct chaos_iface *iface);
void chaos_vdev_link_xmit(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop);
void chaos_vdev_link_xmit_list(struct chaos_iface *iface, struct sk_buff_head *list,
			       u16 nexthop);
void chaos_vdev_link_delete(struct chaos_iface *iface);

#endif /* _NET_CHAOS_VDEV_H */
