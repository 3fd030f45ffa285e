/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A link of ours: a net_device with a Chaosnet address.
 *
 * Life: chaos_iface_attach() creates it under RTNL; it holds its net_device.
 * chaos_iface_detach() unlinks it from the namespace and removes its packet
 * handlers, waits for a grace period, ends what the kind of link has running,
 * and frees it.  The data path finds it by RCU only and holds no reference.
 */
#ifndef _NET_CHAOS_IFACE_H
#define _NET_CHAOS_IFACE_H

#include <linux/netdevice.h>
#include <linux/chaos_netlink.h>

#include "count.h"
#include "dad.h"
#include "net.h"

struct genl_info;

#define CHAOS_COST_ETHER	11	/* AIM 628 section 3.7 */

struct chaos_neigh_table;
struct chaos_proxies;

/**
 * struct chaos_link_ops - what differs between kinds of link
 * @name: CHAOS_LINK_A_TYPE
 * @attrs: bits of the CHAOS_LINK_A_* that only some kinds have and @change takes
 * @init: fill in @iface->pt and, if wanted, @iface->arp_pt, and whatever else
 *	the link needs; may sleep, RTNL held
 * @exit: before it goes; no packet is in @xmit or a handler any more; RTNL held
 * @addr_changed: @iface->addr was set or cleared, the device's hardware
 *	address changed, or it came up; RTNL held
 * @down: the device went down or lost its carrier; RTNL held
 * @xmit: send @skb, which starts with the Chaosnet header, to the host
 *	@nexthop on this link, 0 for all.  Consumes @skb.  RCU read side, any
 *	context but hard interrupts.
 * @xmit_list: the same for several packets, at least one; @list is empty afterwards
 * @fill: put what only this kind has into a netlink message, an event's or the answer
 *	to the current process; RTNL held
 * @change: do what @attrs of a request say, or say why not; RTNL held
 * @delete: delete the device, with the link; only virtual ones have it; RTNL held
 */
struct chaos_link_ops {
	const char *name;
	u64 attrs;
	int (*init)(struct chaos_iface *iface);
	void (*exit)(struct chaos_iface *iface);
	void (*addr_changed)(struct chaos_iface *iface);
	void (*down)(struct chaos_iface *iface);
	void (*xmit)(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop);
	void (*xmit_list)(struct chaos_iface *iface, struct sk_buff_head *list, u16 nexthop);
	int (*fill)(const struct chaos_iface *iface, struct sk_buff *msg, bool event);
	int (*change)(struct chaos_iface *iface, struct genl_info *info);
	void (*delete)(struct chaos_iface *iface);
};

struct chaos_iface_stats {
	u64 n[__CHAOS_LINK_STAT_MAX];
	struct u64_stats_sync syncp;
};

/**
 * struct chaos_iface - a link
 * @list: in chaos_net.ifaces
 * @cn: our namespace
 * @dev: the device; a reference is held
 * @ops: kind of link
 * @dev_tracker: of that reference
 * @pt: handler of the device's Chaosnet packets, finds us by container_of()
 * @arp_pt: handler of the device's ARP packets (ether only)
 * @up: the device could send when we last looked; written under RTNL
 * @addr: our address there, 0 for none; written under RTNL
 * @cost: routing cost of the subnet; written under RTNL
 * @rut: enum chaos_rut_mode; written under RTNL
 * @rut_told: for each subnet, in how many more regular routing packets our neighbours
 *	there will hear of it, at least (rut.c)
 * @rut_helped: subnets that neighbours there were told of because they had lost their
 *	way; guarded by chaos_rut.lock
 * @rut_clock: limit on routing packets from there, see rate.h; guarded by chaos_rut.lock
 * @poison: what is reached through the link is advertised on it as unreachable;
 *	written under RTNL
 * @proxy_arp: enum chaos_proxy_arp; written under RTNL
 * @dad: duplicate address detection, with the state of @addr
 * @neighs: neighbour table (ether only)
 * @proxies: published addresses (ether only)
 * @stats: per-CPU counters by CHAOS_LINK_STAT_*
 */
struct chaos_iface {
	struct list_head list;
	struct chaos_net *cn;
	struct net_device *dev;
	netdevice_tracker dev_tracker;
	const struct chaos_link_ops *ops;
	struct packet_type pt;
	struct packet_type arp_pt;
	bool up;
	u16 addr;
	u16 cost;
	u8 rut;
	u8 rut_told[CHAOS_SUBNET_COUNT];
	DECLARE_BITMAP(rut_helped, CHAOS_SUBNET_COUNT);
	unsigned long rut_clock;
	bool poison;
	u8 proxy_arp;
	struct chaos_dad dad;
	struct chaos_neigh_table *neighs;
	struct chaos_proxies *proxies;
	struct chaos_iface_stats __percpu *stats;
};

/* Whether packets can be sent: the device is up and has a carrier. */
static inline bool chaos_iface_can_send(const struct chaos_iface *iface)
{
	return netif_running(iface->dev) && netif_carrier_ok(iface->dev);
}

static inline void chaos_iface_count(struct chaos_iface *iface, int stat, u64 add)
{
	chaos_count_add(&iface->stats->n[stat], &iface->stats->syncp, add);
}

u64 chaos_iface_stat(const struct chaos_iface *iface, int stat);
void chaos_iface_stats(const struct chaos_iface *iface, int first, unsigned int n, u64 *sums);

struct chaos_iface *chaos_iface_by_dev(struct chaos_net *cn, const struct net_device *dev);
struct chaos_iface *chaos_iface_attach(struct chaos_net *cn, struct net_device *dev,
				       struct netlink_ext_ack *extack);
void chaos_iface_detach(struct chaos_iface *iface);
int chaos_iface_set_addr(struct chaos_iface *iface, u16 addr, struct netlink_ext_ack *extack);
void chaos_iface_clear_addr(struct chaos_iface *iface);
int chaos_iface_set_cost(struct chaos_iface *iface, u16 cost, struct netlink_ext_ack *extack);

/* Implemented by link_ether.c and link_loopback.c. */
extern const struct chaos_link_ops chaos_link_ether;
extern const struct chaos_link_ops chaos_link_loopback;

int chaos_iface_register(void);
void chaos_iface_unregister(void);
void chaos_iface_net_exit(struct chaos_net *cn);

#endif /* _NET_CHAOS_IFACE_H */
