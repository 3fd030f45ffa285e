// SPDX-License-Identifier: GPL-2.0-only
/* Proxy ARP: the published addresses of a link, and for whom its routes speak. */

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "packet.h"
#include "proxy.h"
#include "route.h"

#define PROXY_MAX	1024

/**
 * struct chaos_proxies - the published addresses of a link
 * @addrs: a value for each, RCU, written under RTNL
 * @count: of them, under RTNL
 */
struct chaos_proxies {
	struct xarray addrs;
	unsigned int count;
};

/**
 * chaos_proxies_create() - an empty list
 *
 * Context: process.
 * Return: NULL without memory.
 */
struct chaos_proxies *chaos_proxies_create(void)
{
	struct chaos_proxies *proxies = kzalloc(sizeof(*proxies), GFP_KERNEL);

	if (proxies)
		xa_init(&proxies->addrs);
	return proxies;
}

/**
 * chaos_proxies_destroy() - free it; nobody can reach it any more
 * @proxies: list
 */
void chaos_proxies_destroy(struct chaos_proxies *proxies)
{
	xa_destroy(&proxies->addrs);
	kfree(proxies);
}

/**
 * chaos_proxy_add() - publish an address
 * @iface: link, of type ether
 * @addr: host address, not ours
 * @replace: it may be published already
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0, -EEXIST, -ENOSPC (too many), -ENOMEM.
 */
int chaos_proxy_add(struct chaos_iface *iface, u16 addr, bool replace,
		    struct netlink_ext_ack *extack)
{
	struct chaos_proxies *proxies = iface->proxies;

	ASSERT_RTNL();
	if (chaos_proxy_has(iface, addr)) {
		if (replace)
			return 0;
		NL_SET_ERR_MSG(extack, "this address is published on the link already");
		return -EEXIST;
	}
	if (proxies->count >= PROXY_MAX) {
		NL_SET_ERR_MSG(extack, "too many published addresses on this link");
		return -ENOSPC;
	}
	if (xa_err(xa_store(&proxies->addrs, addr, xa_mk_value(0), GFP_KERNEL))) {
		NL_SET_ERR_MSG(extack, "out of memory");
		return -ENOMEM;
	}
	proxies->count++;
	chaos_genid_changed(iface->cn, CHAOS_GENID_NEIGH);
	return 0;
}

/**
 * chaos_proxy_del() - take back what chaos_proxy_add() did
 * @iface: link, of type ether
 * @addr: host address
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOENT.
 */
int chaos_proxy_del(struct chaos_iface *iface, u16 addr, struct netlink_ext_ack *extack)
{
	ASSERT_RTNL();
	if (!xa_erase(&iface->proxies->addrs, addr)) {
		NL_SET_ERR_MSG(extack, "this address is not published on the link");
		return -ENOENT;
	}
	iface->proxies->count--;
	chaos_genid_changed(iface->cn, CHAOS_GENID_NEIGH);
	return 0;
}

/**
 * chaos_proxy_has() - is an address published?
 * @iface: link, of type ether
 * @addr: host address
 *
 * Context: any.
 */
bool chaos_proxy_has(const struct chaos_iface *iface, u16 addr)
{
	return xa_load(&iface->proxies->addrs, addr);
}

/**
 * chaos_proxy_walk() - look at the published addresses one after the other
 * @iface: link, of type ether
 * @pos: 0 at first; where to go on
 *
 * Context: any.
 * Return: 0 if there are no more.
 */
u16 chaos_proxy_walk(const struct chaos_iface *iface, unsigned long *pos)
{
	void *entry = xa_find(&iface->proxies->addrs, pos, U16_MAX, XA_PRESENT);

	return entry ? (*pos)++ : 0;
}

/* Hosts of other subnets should be sent to bridges and not asked for; those here
 * that know no better are helped only if the link is told to.  Of the link's own
 * subnet, whoever has no route of its own is likely to be here, even if the route to
 * the subnet belongs to another link of ours.
 */
static bool proxy_route_counts(const struct chaos_iface *iface, u16 addr)
{
	bool all = READ_ONCE(iface->proxy_arp) == CHAOS_PROXY_ARP_ALL;
	u8 here = chaos_subnet(READ_ONCE(iface->addr)), there = chaos_subnet(addr);
	const struct chaos_route *rt = chaos_route_get(iface->cn, addr);
	bool local = rt && rt->type == CHAOS_ROUTE_LOCAL;

	if (!rt)
		return false;
	if (here != there)
		return all && !chaos_subnet_is_private(iface->cn, here) &&
		       !chaos_subnet_is_private(iface->cn, there);
	if (rt->dst == addr && !local)
		return true;
	return all && (rt->via || local);
}

/* Whether packets for the address would go on from here by another link. */
static bool proxy_leads_on(struct chaos_iface *iface, u16 addr)
{
	struct chaos_net *cn = iface->cn;
	struct chaos_hop hop;

	return READ_ONCE(cn->conf.forwarding) &&
	       READ_ONCE(iface->proxy_arp) != CHAOS_PROXY_ARP_OFF &&
	       proxy_route_counts(iface, addr) && !chaos_route_lookup(cn, addr, &hop) &&
	       hop.iface != iface;
}

/**
 * chaos_proxy_answers() - do we answer this ARP packet in another host's place?
 * @iface: link that it came from, of type ether, with an address
 * @arp: the packet; its target is not our address there
 *
 * Only requests are answered, and never our own, from another link of ours in the
 * same place.  A host that asks whether its own address is free (RFC 5227) is
 * contradicted only for published addresses: routes may be older than the host's
 * move to this link.
 *
 * Context: RCU read side.
 */
bool chaos_proxy_answers(struct chaos_iface *iface, const struct chaos_arp *arp)
{
	if (arp->op != ARPOP_REQUEST || arp->sip == arp->tip)
		return false;
	if (arp->sip && chaos_addr_is_local(iface->cn, arp->sip))
		return false;
	if (chaos_proxy_has(iface, arp->tip))
		return true;
	return arp->sip && proxy_leads_on(iface, arp->tip);
}
