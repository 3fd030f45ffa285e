/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Proxy ARP: answering on an Ethernet link for hosts that are elsewhere.  For
 * whom is said by the routes, when the host forwards, and by a list of published
 * addresses, which people configure.
 */
#ifndef _NET_CHAOS_PROXY_H
#define _NET_CHAOS_PROXY_H

#include <linux/netlink.h>

#include "arp.h"

struct chaos_proxies *chaos_proxies_create(void);
void chaos_proxies_destroy(struct chaos_proxies *proxies);

int chaos_proxy_add(struct chaos_iface *iface, u16 addr, bool replace,
		    struct netlink_ext_ack *extack);
int chaos_proxy_del(struct chaos_iface *iface, u16 addr, struct netlink_ext_ack *extack);
bool chaos_proxy_has(const struct chaos_iface *iface, u16 addr);
u16 chaos_proxy_walk(const struct chaos_iface *iface, unsigned long *pos);

bool chaos_proxy_answers(struct chaos_iface *iface, const struct chaos_arp *arp);

#endif /* _NET_CHAOS_PROXY_H */
