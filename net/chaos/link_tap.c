// SPDX-License-Identifier: GPL-2.0-only
/* Links of type "chaos": their net_devices, and the way of a packet to the program. */

#include <linux/cred.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "iface.h"
#include "link.h"
#include "link_tap.h"
#include "nl.h"
#include "packet.h"
#include "stats.h"
#include "vdev.h"

/**
 * struct tap_link - netdev_priv() of such a device
 * @vdev: what all virtual devices have
 * @tap: who feeds it; written under RTNL
 * @persist: it stays when that file is closed; RTNL
 * @owner: may attach besides the administrator; RTNL
 * @group: likewise
 */
struct tap_link {
	struct chaos_vdev vdev;
	struct chaos_tap __rcu *tap;
	bool persist;
	kuid_t owner;
	kgid_t group;
};

static struct tap_link *tap_link(const struct net_device *dev)
{
	return netdev_priv(dev);
}

#define TAP_QUEUE_MAX	10000	/* whatever a namespace's root says */

/* The queue is full when it has as many packets as the device's txqueuelen. */
static bool tap_enqueue(struct chaos_tap *tap, struct sk_buff *skb, unsigned int limit)
{
	bool was_empty, full;

	spin_lock_bh(&tap->queue.lock);
	full = skb_queue_len(&tap->queue) >= limit;
	was_empty = skb_queue_empty(&tap->queue);
	if (!full)
		__skb_queue_tail(&tap->queue, skb);
	spin_unlock_bh(&tap->queue.lock);

	/* A reader sleeps only if nothing was there. */
	if (was_empty && !full && wq_has_sleeper(&tap->wait))
		wake_up_interruptible_poll(&tap->wait, EPOLLIN | EPOLLRDNORM);
	return !full;
}

/* The link, if there is one any more, counts what was not taken: see chaos_link_send(). */
static netdev_tx_t tap_drop(struct net_device *dev, struct sk_buff *skb, enum chaos_stat reason)
{
	struct chaos_iface *iface = chaos_iface_by_dev(chaos_net(dev_net(dev)), dev);

	dev_core_stats_tx_dropped_inc(dev);
	if (iface)
		chaos_drop(iface->cn, skb, reason, NULL);
	else
		kfree_skb(skb);
	return NET_XMIT_DROP;
}

/* RCU read side.  A packet keeps its owner while it waits: who fills the queue is slowed. */
static netdev_tx_t tap_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct chaos_tap *tap = rcu_dereference_bh(tap_link(dev)->tap);
	unsigned int len;
	u16 nexthop;

	if (!chaos_vdev_sent(dev, skb, &nexthop)) {
		DEV_STATS_INC(dev, tx_errors);
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	if (!tap)
		return tap_drop(dev, skb, CHAOS_STAT_DROP_LINK_DOWN);
	len = skb->len;
	*chaos_tap_cb(skb) = (struct chaos_tap_cb) {
		.hw_dst = nexthop,
		.hw_src = chaos_vdev_addr(dev),
	};
	if (!tap_enqueue(tap, skb, min(READ_ONCE(dev->tx_queue_len), TAP_QUEUE_MAX)))
		return tap_drop(dev, skb, CHAOS_STAT_DROP_QUEUE);
	dev_sw_netstats_tx_add(dev, 1, len);
	return NETDEV_TX_OK;
}

/* The device goes; its file, if there is one, learns it. */
static void tap_uninit(struct net_device *dev)
{
	struct chaos_tap *tap = rtnl_dereference(tap_link(dev)->tap);

	if (!tap)
		return;
	chaos_tap_unbind(tap);
	/* Their owners may go with the namespace. */
	skb_queue_purge(&tap->queue);
}

static const struct net_device_ops tap_netdev_ops = {
	.ndo_init = chaos_vdev_init,
	.ndo_uninit = tap_uninit,
	.ndo_start_xmit = tap_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
};

/* The number of a process depends on who is told; of an event's listeners nothing is known. */
static int tap_fill(const struct chaos_iface *iface, struct sk_buff *msg, bool event)
{
	const struct tap_link *link = tap_link(iface->dev);
	struct user_namespace *ns = iface->cn->net->user_ns;
	const struct chaos_tap *tap = rtnl_dereference(link->tap);

	if ((link->vdev.peer && nla_put_u16(msg, CHAOS_LINK_A_PEER, link->vdev.peer)) ||
	    nla_put_u8(msg, CHAOS_LINK_A_PERSIST, link->persist) ||
	    (uid_valid(link->owner) &&
	     nla_put_u32(msg, CHAOS_LINK_A_UID, from_kuid_munged(ns, link->owner))) ||
	    (gid_valid(link->group) &&
	     nla_put_u32(msg, CHAOS_LINK_A_GID, from_kgid_munged(ns, link->group))))
		return -EMSGSIZE;
	if (tap && (nla_put_string(msg, CHAOS_LINK_A_FEEDER, tap->comm) ||
		    (!event &&
		     nla_put_u32(msg, CHAOS_LINK_A_FEEDER_PID, pid_vnr(tap->pid)))))
		return -EMSGSIZE;
	return 0;
}

static int tap_change(struct chaos_iface *iface, struct genl_info *info)
{
	struct nlattr *peer = info->attrs[CHAOS_LINK_A_PEER];
	struct nlattr *uid = info->attrs[CHAOS_LINK_A_UID];
	struct nlattr *gid = info->attrs[CHAOS_LINK_A_GID];
	struct user_namespace *ns = genl_info_net(info)->user_ns;
	struct tap_link *link = tap_link(iface->dev);
	kuid_t owner = uid ? make_kuid(ns, nla_get_u32(uid)) : link->owner;
	kgid_t group = gid ? make_kgid(ns, nla_get_u32(gid)) : link->group;

	if (peer && nla_get_u16(peer) && !chaos_addr_is_host(nla_get_u16(peer))) {
		NL_SET_ERR_MSG_ATTR(info->extack, peer, "the peer is not a host address");
		return -EINVAL;
	}
	if (peer && nla_get_u16(peer) && nla_get_u16(peer) == iface->addr) {
		NL_SET_ERR_MSG_ATTR(info->extack, peer, "the peer is the link itself");
		return -EINVAL;
	}
	if (uid && !uid_valid(owner)) {
		NL_SET_ERR_MSG_ATTR(info->extack, uid, "no such user in this namespace");
		return -EINVAL;
	}
	if (gid && !gid_valid(group)) {
		NL_SET_ERR_MSG_ATTR(info->extack, gid, "no such group in this namespace");
		return -EINVAL;
	}
	if (peer)
		WRITE_ONCE(link->vdev.peer, nla_get_u16(peer));
	link->owner = owner;
	link->group = group;
	return 0;
}

static const struct chaos_link_ops tap_link_ops = {
	.name = "chaos",
	.attrs = BIT_ULL(CHAOS_LINK_A_PEER) | BIT_ULL(CHAOS_LINK_A_UID) |
		 BIT_ULL(CHAOS_LINK_A_GID),
	.init = chaos_vdev_link_init,
	.addr_changed = chaos_vdev_link_addr,
	.xmit = chaos_vdev_link_xmit,
	.xmit_list = chaos_vdev_link_xmit_list,
	.fill = tap_fill,
	.change = tap_change,
	.delete = chaos_vdev_link_delete,
};

static void tap_setup(struct net_device *dev)
{
	struct tap_link *link = tap_link(dev);

	chaos_vdev_setup(dev, &tap_link_ops);
	dev->netdev_ops = &tap_netdev_ops;
	link->persist = true;
	link->owner = INVALID_UID;
	link->group = INVALID_GID;
}

static int CHAOS_NEWLINK(tap_newlink)
{
	return register_netdevice(dev);
}

static struct rtnl_link_ops tap_rtnl_ops __read_mostly = {
	.kind = "chaos",
	.priv_size = sizeof(struct tap_link),
	.setup = tap_setup,
	.validate = chaos_vdev_validate,
	.newlink = tap_newlink,
};

/**
 * chaos_tap_is_link() - is this device a link of type "chaos"?
 * @dev: any device
 */
bool chaos_tap_is_link(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &tap_rtnl_ops;
}

/**
 * chaos_tap_create() - make a link, persistent at first, that nobody feeds
 * @net: namespace
 * @name: of the device, may have a "%d"
 *
 * Context: process, RTNL held.
 * Return: as chaos_vdev_create().
 */
struct net_device *chaos_tap_create(struct net *net, const char *name)
{
	return chaos_vdev_create(net, name, sizeof(struct tap_link), tap_setup, &tap_rtnl_ops);
}

/**
 * chaos_tap_may_feed() - may the current process attach to a link?
 * @dev: the link
 *
 * Context: process, RTNL held.
 * Return: true for the administrator of its namespace, its owner, and its group.
 */
bool chaos_tap_may_feed(const struct net_device *dev)
{
	const struct tap_link *link = tap_link(dev);

	return (uid_valid(link->owner) && uid_eq(current_fsuid(), link->owner)) ||
	       (gid_valid(link->group) && in_group_p(link->group)) ||
	       ns_capable(dev_net(dev)->user_ns, CAP_NET_ADMIN);
}

/**
 * chaos_tap_persists() - does a link outlive the file?
 * @dev: the link
 *
 * Context: process, RTNL held.
 */
bool chaos_tap_persists(const struct net_device *dev)
{
	return tap_link(dev)->persist;
}

/**
 * chaos_tap_set_persist() - let it, or not
 * @dev: the link
 * @persist: which
 *
 * Context: process, RTNL held.
 */
void chaos_tap_set_persist(struct net_device *dev, bool persist)
{
	tap_link(dev)->persist = persist;
}

/**
 * chaos_tap_is_fed() - does a file feed a link?
 * @dev: the link
 *
 * Context: process, RTNL held.
 */
bool chaos_tap_is_fed(const struct net_device *dev)
{
	return rtnl_dereference(tap_link(dev)->tap);
}

/**
 * chaos_tap_bind() - a file begins to feed a link
 * @tap: the file, which never fed any
 * @dev: the link, which nobody feeds
 *
 * Context: process, RTNL held.
 */
void chaos_tap_bind(struct chaos_tap *tap, struct net_device *dev)
{
	tap->pid = get_pid(task_tgid(current));
	get_task_comm(tap->comm, current);
	rcu_assign_pointer(tap->dev, dev);
	rcu_assign_pointer(tap_link(dev)->tap, tap);
	netif_carrier_on(dev);
}

/**
 * chaos_tap_unbind() - it ends; who waits at the file is told
 * @tap: the file, which feeds a link
 *
 * Context: process, RTNL held.  The tap must not be freed before synchronize_net().
 */
void chaos_tap_unbind(struct chaos_tap *tap)
{
	struct net_device *dev = rtnl_dereference(tap->dev);

	netif_carrier_off(dev);
	RCU_INIT_POINTER(tap_link(dev)->tap, NULL);
	RCU_INIT_POINTER(tap->dev, NULL);
	wake_up_interruptible_all(&tap->wait);
}

/**
 * chaos_tap_register() - allow such links
 *
 * Return: 0 or a negative errno.
 */
int chaos_tap_register(void)
{
	return rtnl_link_register(&tap_rtnl_ops);
}

/**
 * chaos_tap_unregister() - delete them all
 */
void chaos_tap_unregister(void)
{
	rtnl_link_unregister(&tap_rtnl_ops);
}

MODULE_ALIAS_RTNL_LINK("chaos");
