/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The neighbour table of an Ethernet link: hardware address by host address.
 * The kernel's neighbour core has no slot for other families.
 */
#ifndef _NET_CHAOS_NEIGH_H
#define _NET_CHAOS_NEIGH_H

#include <linux/if_ether.h>
#include <linux/chaos_netlink.h>

#include "iface.h"

struct chaos_neigh_table *chaos_neigh_table_create(struct chaos_iface *iface);
void chaos_neigh_table_destroy(struct chaos_neigh_table *tbl);

void chaos_neigh_output(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop);
void chaos_neigh_output_list(struct chaos_iface *iface, struct sk_buff_head *list, u16 nexthop);
void chaos_neigh_learn(struct chaos_iface *iface, u16 addr, const u8 *lladdr, bool create);
void chaos_neigh_flush(struct chaos_iface *iface, bool permanent_too);
int chaos_neigh_add(struct chaos_iface *iface, u16 addr, const u8 *lladdr, bool replace,
		    struct netlink_ext_ack *extack);
int chaos_neigh_del(struct chaos_iface *iface, u16 addr, struct netlink_ext_ack *extack);

/**
 * struct chaos_neigh_info - one entry as shown to people
 * @addr: host address
 * @lladdr: hardware address, with every state but incomplete and failed
 * @state: enum chaos_neigh_state
 * @age_ms: since it was confirmed, with the states reachable and stale
 * @proxy: not a neighbour but a published address (proxy.c): nothing else matters
 */
struct chaos_neigh_info {
	u16 addr;
	u8 lladdr[ETH_ALEN];
	u8 state;
	u32 age_ms;
	bool proxy;
};

bool chaos_neigh_get(struct chaos_iface *iface, u16 addr, struct chaos_neigh_info *info);
bool chaos_neigh_walk(struct chaos_iface *iface, unsigned long *pos,
		      struct chaos_neigh_info *info);

#endif /* _NET_CHAOS_NEIGH_H */
