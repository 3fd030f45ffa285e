/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels, 6.1 and later.  No other file looks at version
 * numbers; the code is written for the newest interface and this file gives
 * it to older kernels.  Where a macro shows that something exists, that is
 * asked for instead of the version: distributions backport.
 */
#ifndef _NET_CHAOS_COMPAT_H
#define _NET_CHAOS_COMPAT_H

#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/socket.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/ip6_tunnel.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#ifdef CHAOS_IPV6_STUBS
#include <net/ipv6_stubs.h>
#endif

/* 6.16 renamed it. */
#ifndef timer_container_of
#define timer_container_of(var, callback_timer, timer_fieldname) \
	from_timer(var, callback_timer, timer_fieldname)
#endif

/* 6.3 made a macro of its own for what has no rcu_head. */
#ifndef kfree_rcu_mightsleep
#define kfree_rcu_mightsleep(ptr) kfree_rcu(ptr)
#endif

/* Before 6.19 bind() and connect() of struct proto_ops took a struct sockaddr. */
#if KERNEL_VERSION(6, 19, 0) > LINUX_VERSION_CODE
#define sockaddr_unsized sockaddr
#endif

/* Before 6.10 accept() of struct proto_ops took its arguments one by one. */
#if KERNEL_VERSION(6, 10, 0) > LINUX_VERSION_CODE
struct proto_accept_arg {
	int flags;
	int err;
	int is_empty;
	bool kern;
};

#define CHAOS_ACCEPT_OP(fn) fn##_compat
#define CHAOS_COMPAT_ACCEPT(fn)							\
static int fn##_compat(struct socket *sock, struct socket *newsock, int flags,	\
		       bool kern)						\
{										\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };		\
										\
	return fn(sock, newsock, &arg);						\
}
#else
#define CHAOS_ACCEPT_OP(fn) fn
#define CHAOS_COMPAT_ACCEPT(fn)
#endif

/*
 * Since 6.6 the length of a table is told, and since 6.12 nothing may follow the last
 * entry; before, an empty one must.  Ours have one more that is not counted.
 */
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
#define register_net_sysctl_sz(net, path, table, size) register_net_sysctl(net, path, table)
#endif

/* Since 6.11 handlers must not change the entry. */
#if KERNEL_VERSION(6, 11, 0) > LINUX_VERSION_CODE
#define CHAOS_CTL_CONST
#else
#define CHAOS_CTL_CONST const
#endif

/* Since 6.12 this is a field; before, a feature.  The device needs no lock to transmit. */
static inline void chaos_dev_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* Since 6.15 what newlink() of struct rtnl_link_ops is told is in a structure.  Ours need
 * only what follows it, @dev and @extack.
 */
#if KERNEL_VERSION(6, 15, 0) > LINUX_VERSION_CODE
#define CHAOS_NEWLINK(fn)							\
	fn(struct net *net, struct net_device *dev, struct nlattr *tb[],	\
	   struct nlattr *data[], struct netlink_ext_ack *extack)
#else
#define CHAOS_NEWLINK(fn)							\
	fn(struct net_device *dev, struct rtnl_newlink_params *params,		\
	   struct netlink_ext_ack *extack)
#endif

/* Since 6.17 these take flags for the packet's control block. */
#if KERNEL_VERSION(6, 17, 0) > LINUX_VERSION_CODE
#define iptunnel_xmit(sk, rt, skb, src, dst, proto, tos, ttl, df, xnet, flags)	\
	iptunnel_xmit(sk, rt, skb, src, dst, proto, tos, ttl, df, xnet)
#define ip6tunnel_xmit(sk, skb, dev, flags) ip6tunnel_xmit(sk, skb, dev)
#endif

/* IPv6 was a module that others reached through stubs, until they went with it. */
static inline struct dst_entry *chaos_ip6_route(struct net *net, struct flowi6 *fl6)
{
#if !IS_ENABLED(CONFIG_IPV6)
	return ERR_PTR(-EAFNOSUPPORT);
#elif defined(CHAOS_IPV6_STUBS)
	return ipv6_stub->ipv6_dst_lookup_flow(net, NULL, fl6, NULL);
#else
	if (!ipv6_mod_enabled())
		return ERR_PTR(-EAFNOSUPPORT);
	return ip6_dst_lookup_flow(net, NULL, fl6, NULL);
#endif
}

#endif /* _NET_CHAOS_COMPAT_H */
