// SPDX-License-Identifier: GPL-2.0-only
/* Links: attaching to net_devices, following their fate, our addresses. */

#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "iface.h"
#include "index.h"
#include "learned.h"
#include "nl.h"
#include "packet.h"
#include "route.h"
#include "rut.h"
#include "vdev.h"

/**
 * chaos_iface_stat() - the sum of a link's counter over all CPUs
 * @iface: link
 * @stat: CHAOS_LINK_STAT_*
 *
 * Context: any but hard interrupts.
 */
u64 chaos_iface_stat(const struct chaos_iface *iface, int stat)
{
	return chaos_count_sum(&iface->stats->n[stat], &iface->stats->syncp);
}

/**
 * chaos_iface_stats() - the same for counters in a row
 * @iface: link
 * @first: CHAOS_LINK_STAT_* of the first
 * @n: how many
 * @sums: to these they are added
 *
 * Context: any but hard interrupts.
 */
void chaos_iface_stats(const struct chaos_iface *iface, int first, unsigned int n, u64 *sums)
{
	chaos_count_sums(sums, &iface->stats->n[first], n, &iface->stats->syncp);
}

/**
 * chaos_iface_by_dev() - the link on a device
 * @cn: namespace
 * @dev: device
 *
 * Context: RCU read side or RTNL held; no reference is taken.
 * Return: NULL if the device is not attached.
 */
struct chaos_iface *chaos_iface_by_dev(struct chaos_net *cn, const struct net_device *dev)
{
	struct chaos_iface *iface;

	list_for_each_entry_rcu(iface, &cn->ifaces, list, lockdep_rtnl_is_held())
		if (iface->dev == dev)
			return iface;
	return NULL;
}

/* The kind of link that @dev makes, or why it makes none. */
static const struct chaos_link_ops *iface_ops(struct net_device *dev,
					      struct netlink_ext_ack *extack)
{
	const struct chaos_link_ops *ops = chaos_vdev_link_ops(dev);

	if (ops)
		return ops;
	if (dev->flags & IFF_LOOPBACK)
		return &chaos_link_loopback;
	if (dev->type != ARPHRD_ETHER) {
		NL_SET_ERR_MSG(extack, "not an Ethernet device");
		return ERR_PTR(-EPROTONOSUPPORT);
	}
	if (dev->mtu < CHAOS_MTU) {
		NL_SET_ERR_MSG(extack, "the device's MTU is below 504");
		return ERR_PTR(-EMSGSIZE);
	}
	if (netdev_master_upper_dev_get(dev) && netdev_is_rx_handler_busy(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device is a port of another, which takes its packets: attach that one");
		return ERR_PTR(-EBUSY);
	}
	return &chaos_link_ether;
}

static struct chaos_iface *iface_alloc(struct chaos_net *cn, struct net_device *dev,
				       const struct chaos_link_ops *ops)
{
	struct chaos_iface *iface;

	iface = kzalloc(sizeof(*iface), GFP_KERNEL);
	if (!iface)
		return NULL;
	iface->stats = netdev_alloc_pcpu_stats(struct chaos_iface_stats);
	if (!iface->stats) {
		kfree(iface);
		return NULL;
	}
	iface->cn = cn;
	iface->dev = dev;
	iface->ops = ops;
	iface->cost = CHAOS_COST_ETHER;
	iface->rut = CHAOS_RUT_ON;
	iface->proxy_arp = CHAOS_PROXY_ARP_HOSTS;
	iface->pt.dev = dev;
	iface->arp_pt.dev = dev;
	chaos_dad_init(iface);
	return iface;
}

/* The route to the subnet of the link's address.  When several links are on one
 * subnet it belongs to the first that can send.  lo is not on the subnets of its addresses.
 */
static int iface_add_subnet(struct chaos_iface *iface, struct netlink_ext_ack *extack)
{
	struct chaos_net *cn = iface->cn;
	const struct chaos_route_spec spec = {
		.kind = CHAOS_ROUTE_KIND_SUBNET,
		.type = CHAOS_ROUTE_DIRECT,
		.dst = chaos_subnet(iface->addr),
		.cost = iface->cost,
		.iface = iface,
	};
	const struct chaos_route *rt = rtnl_dereference(cn->subnets[spec.dst]);

	if (iface->ops == &chaos_link_loopback)
		return 0;
	if (rt && rt->type == CHAOS_ROUTE_DIRECT && rt->iface != iface &&
	    (chaos_iface_can_send(rt->iface) || !chaos_iface_can_send(iface))) {
		NL_SET_ERR_MSG(extack, "another link on this subnet keeps the route to it");
		return 0;
	}
	return chaos_route_add(cn, &spec, true, extack);
}

/* A link that can send takes the route to a subnet over, if its present one cannot or
 * has gone.  Only memory may be lacking.
 */
static void iface_hand_over(struct chaos_net *cn, u8 subnet)
{
	struct chaos_iface *iface;

	list_for_each_entry(iface, &cn->ifaces, list)
		if (iface->ops != &chaos_link_loopback && iface->addr &&
		    chaos_subnet(iface->addr) == subnet)
			iface_add_subnet(iface, NULL);
}

static void iface_share_subnet(struct chaos_iface *iface)
{
	if (iface->addr && iface->ops != &chaos_link_loopback)
		iface_hand_over(iface->cn, chaos_subnet(iface->addr));
}

/* Tells the kind of link when the device begins or ceases to be able to send. */
static void iface_check_up(struct chaos_iface *iface)
{
	bool up = chaos_iface_can_send(iface);

	if (up == iface->up)
		return;
	iface->up = up;
	if (up && iface->ops->addr_changed)
		iface->ops->addr_changed(iface);
	if (!up && iface->ops->down)
		iface->ops->down(iface);
	iface_share_subnet(iface);
	chaos_rut_link(iface, up);
}

/**
 * chaos_iface_attach() - make a link of a device
 * @cn: namespace
 * @dev: device in it
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: the link, or ERR_PTR of -EEXIST, -EPROTONOSUPPORT, -EMSGSIZE (MTU),
 * -EBUSY (enslaved), -ENOMEM.
 */
struct chaos_iface *chaos_iface_attach(struct chaos_net *cn, struct net_device *dev,
				       struct netlink_ext_ack *extack)
{
	const struct chaos_link_ops *ops;
	struct chaos_iface *iface;
	int err;

	ASSERT_RTNL();
	if (chaos_iface_by_dev(cn, dev)) {
		NL_SET_ERR_MSG(extack, "the device is attached already");
		return ERR_PTR(-EEXIST);
	}
	ops = iface_ops(dev, extack);
	if (IS_ERR(ops))
		return ERR_CAST(ops);

	/* Hosts may be heard before there is an address. */
	if (ops != &chaos_link_loopback)
		chaos_scramblers_init();
	iface = iface_alloc(cn, dev, ops);
	if (!iface) {
		err = -ENOMEM;
		goto fail;
	}
	err = ops->init(iface);
	if (err)
		goto free_iface;

	netdev_hold(dev, &iface->dev_tracker, GFP_KERNEL);
	list_add_tail_rcu(&iface->list, &cn->ifaces);
	if (ops == &chaos_link_loopback)
		rcu_assign_pointer(cn->loopback, iface);
	dev_add_pack(&iface->pt);
	if (iface->arp_pt.func)
		dev_add_pack(&iface->arp_pt);
	chaos_genid_changed(cn, CHAOS_GENID_LINK);
	chaos_nl_link_event(iface, CHAOS_CMD_LINK_NEW);
	iface_check_up(iface);
	return iface;

free_iface:
	free_percpu(iface->stats);
	kfree(iface);
fail:
	NL_SET_ERR_MSG(extack, "out of memory");
	return ERR_PTR(err);
}

/**
 * chaos_iface_detach() - undo chaos_iface_attach(), and the address if any
 * @iface: link, freed here
 *
 * Context: process, RTNL held; waits for a grace period.
 */
void chaos_iface_detach(struct chaos_iface *iface)
{
	struct chaos_net *cn = iface->cn;

	ASSERT_RTNL();
	if (iface->addr)
		chaos_iface_clear_addr(iface);
	chaos_nl_link_event(iface, CHAOS_CMD_LINK_DEL);
	list_del_rcu(&iface->list);
	if (rcu_access_pointer(cn->loopback) == iface)
		RCU_INIT_POINTER(cn->loopback, NULL);
	__dev_remove_pack(&iface->pt);
	if (iface->arp_pt.func)
		__dev_remove_pack(&iface->arp_pt);
	chaos_genid_changed(cn, CHAOS_GENID_LINK);

	synchronize_net();
	if (iface->ops->exit)
		iface->ops->exit(iface);
	netdev_put(iface->dev, &iface->dev_tracker);
	free_percpu(iface->stats);
	kfree(iface);
}

static int iface_add_local(struct chaos_iface *iface, struct netlink_ext_ack *extack)
{
	const struct chaos_route_spec spec = {
		.kind = CHAOS_ROUTE_KIND_HOST,
		.type = CHAOS_ROUTE_LOCAL,
		.dst = iface->addr,
		.iface = iface,
	};

	return chaos_route_add(iface->cn, &spec, false, extack);
}

static int iface_addr_allowed(struct chaos_iface *iface, u16 addr,
			      struct netlink_ext_ack *extack)
{
	if (!chaos_addr_is_host(addr)) {
		NL_SET_ERR_MSG(extack,
			       "not a host address: neither the subnet nor the host byte may be 0");
		return -EINVAL;
	}
	if (iface->addr == addr) {
		NL_SET_ERR_MSG(extack, "the link has this address already");
		return -EEXIST;
	}
	if (iface->addr) {
		NL_SET_ERR_MSG(extack, "the link has another address: delete it first");
		return -EEXIST;
	}
	if (chaos_vdev_link_ops(iface->dev) && chaos_vdev(iface->dev)->peer == addr) {
		NL_SET_ERR_MSG(extack, "the link's peer has this address");
		return -EINVAL;
	}
	if (chaos_addr_is_local(iface->cn, addr)) {
		NL_SET_ERR_MSG(extack, "another link of this host has this address");
		return -EADDRINUSE;
	}
	return 0;
}

/**
 * chaos_iface_set_addr() - give a link its address
 * @iface: link, without one
 * @addr: host address
 * @extack: where to say why not; also a remark when another link on the same
 *	subnet keeps the route
 *
 * Context: process, RTNL held.
 * Return: 0, or -EINVAL (not a host address, or the peer's), -EADDRINUSE (another link's),
 * -EEXIST (the link has one, or a configured route to the host or subnet is in
 * the way), -ENOMEM.
 */
int chaos_iface_set_addr(struct chaos_iface *iface, u16 addr, struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	err = iface_addr_allowed(iface, addr, extack) ?: chaos_index_need(iface->cn);
	if (err)
		return err;

	/* Before the routes: what they send is from this address. */
	WRITE_ONCE(iface->addr, addr);
	err = iface_add_local(iface, extack);
	if (!err)
		err = iface_add_subnet(iface, extack);
	if (err) {
		chaos_route_drop_iface(iface->cn, iface);
		WRITE_ONCE(iface->addr, 0);
		return err;
	}
	chaos_genid_changed(iface->cn, CHAOS_GENID_LINK);
	if (iface->ops->addr_changed)
		iface->ops->addr_changed(iface);
	chaos_nl_addr_event(iface, CHAOS_CMD_ADDR_NEW);
	return 0;
}

/**
 * chaos_iface_clear_addr() - take a link's address away, with all routes
 * @iface: link with an address
 *
 * Context: process, RTNL held.
 */
void chaos_iface_clear_addr(struct chaos_iface *iface)
{
	struct chaos_net *cn = iface->cn;
	u16 addr = iface->addr;

	ASSERT_RTNL();
	chaos_nl_addr_event(iface, CHAOS_CMD_ADDR_DEL);
	chaos_rut_link(iface, false);
	chaos_route_drop_iface(cn, iface);
	WRITE_ONCE(iface->addr, 0);
	chaos_learned_drop_iface(cn, NULL);	/* what came in the meantime */
	memset(iface->rut_told, 0, sizeof(iface->rut_told));
	chaos_genid_changed(cn, CHAOS_GENID_LINK);
	if (iface->ops->addr_changed)
		iface->ops->addr_changed(iface);
	if (iface->ops != &chaos_link_loopback)
		iface_hand_over(cn, chaos_subnet(addr));
}

/**
 * chaos_iface_set_cost() - set the routing cost of a link's subnet
 * @iface: link
 * @cost: 1 or more
 * @extack: where to say why not
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOMEM.
 */
int chaos_iface_set_cost(struct chaos_iface *iface, u16 cost, struct netlink_ext_ack *extack)
{
	u16 old = iface->cost;
	int err = 0;

	ASSERT_RTNL();
	iface->cost = cost;
	if (iface->addr)
		err = iface_add_subnet(iface, extack);
	if (err)
		iface->cost = old;
	else
		chaos_genid_changed(iface->cn, CHAOS_GENID_LINK);
	return err;
}

/* Virtual devices have no other purpose: they are links from birth, wherever they are. */
static int iface_registered(struct chaos_net *cn, struct net_device *dev)
{
	if (!cn || !chaos_vdev_link_ops(dev))
		return NOTIFY_DONE;
	return notifier_from_errno(PTR_ERR_OR_ZERO(chaos_iface_attach(cn, dev, NULL)));
}

static int iface_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct chaos_net *cn = chaos_net(dev_net(dev));
	struct chaos_iface *iface;

	if (event == NETDEV_REGISTER)
		return iface_registered(cn, dev);
	iface = cn ? chaos_iface_by_dev(cn, dev) : NULL;
	if (!iface)
		return NOTIFY_DONE;

	switch (event) {
	case NETDEV_UNREGISTER:		/* also when moved to another namespace */
		chaos_iface_detach(iface);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		if (iface->up != chaos_iface_can_send(iface))
			chaos_nl_link_event(iface, CHAOS_CMD_LINK_NEW);
		iface_check_up(iface);
		break;
	case NETDEV_CHANGEADDR:
		if (iface->ops->addr_changed)
			iface->ops->addr_changed(iface);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block iface_notifier = {
	.notifier_call = iface_event,
};

/**
 * chaos_iface_register() - begin to follow the fate of devices, everywhere
 *
 * After chaos_net_register().
 *
 * Return: 0 or a negative errno.
 */
int chaos_iface_register(void)
{
	return register_netdevice_notifier(&iface_notifier);
}

/**
 * chaos_iface_unregister() - end it; every link is detached
 *
 * The kernel does so by pretending that every device goes.
 */
void chaos_iface_unregister(void)
{
	unregister_netdevice_notifier(&iface_notifier);
}

/**
 * chaos_iface_net_exit() - detach every link of a namespace
 * @cn: namespace
 */
void chaos_iface_net_exit(struct chaos_net *cn)
{
	struct chaos_iface *iface, *next;

	rtnl_lock();
	list_for_each_entry_safe(iface, next, &cn->ifaces, list)
		chaos_iface_detach(iface);
	rtnl_unlock();
}
