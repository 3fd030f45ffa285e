// SPDX-License-Identifier: GPL-2.0-only
/* Chaosnet in IPv4. */

#include <linux/icmp.h>
#include <linux/ip.h>
#include <net/icmp.h>
#include <net/protocol.h>
#include <net/route.h>

#include "compat.h"
#include "link_ip.h"

/* The core has dealt with options and fragments, and asked IPsec's policy. */
static int ip4_rcv(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct in6_addr saddr, daddr;

	ipv6_addr_set_v4mapped(iph->saddr, &saddr);
	ipv6_addr_set_v4mapped(iph->daddr, &daddr);
	/* The core would say nothing if a raw socket took it; that is not known here. */
	if (!chaos_ip_rcv(skb, &saddr, &daddr)) {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
		kfree_skb(skb);
	}
	return 0;
}

/* What an ICMP message says, 0 if it is no error. */
static int ip4_errno(u8 type, u8 code)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
		return code <= NR_ICMP_UNREACH ? -icmp_err_convert[code].errno : -EHOSTUNREACH;
	case ICMP_TIME_EXCEEDED:
		return -EHOSTUNREACH;
	case ICMP_PARAMETERPROB:
		return -EPROTO;
	default:
		return 0;
	}
}

/* @skb is at the header of our packet. */
static int ip4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct icmphdr *icmp = icmp_hdr(skb);
	int error = ip4_errno(icmp->type, icmp->code);
	struct chaos_net *cn = chaos_net(dev_net(skb->dev));
	struct in6_addr peer, local;

	if (!error && icmp->type != ICMP_REDIRECT)
		return 0;
	ipv6_addr_set_v4mapped(iph->daddr, &peer);
	ipv6_addr_set_v4mapped(iph->saddr, &local);
	if (!cn || !chaos_ip_map_error(cn, &peer, &local, error))
		return -ENOENT;
	if (icmp->type == ICMP_REDIRECT)
		ipv4_redirect(skb, dev_net(skb->dev), 0, CHAOS_IPPROTO);
	if (icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, dev_net(skb->dev), info, 0, CHAOS_IPPROTO);
	return 0;
}

/* The way to a host, and our address on it. */
static struct rtable *ip4_route(struct chaos_ip_map *map, __be32 *saddr)
{
	struct rtable *rt = dst_cache_get_ip4(&map->dst, saddr);
	struct flowi4 fl4 = {
		.flowi4_proto = CHAOS_IPPROTO,
		.daddr = map->key.addr.s6_addr32[3],
		.saddr = READ_ONCE(map->link->local4),
	};

	if (rt)
		return rt;
	rt = ip_route_output_key(dev_net(map->link->dev), &fl4);
	if (IS_ERR(rt))
		return rt;
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	*saddr = fl4.saddr;
	dst_cache_set_ip4(&map->dst, &rt->dst, *saddr);
	return rt;
}

/**
 * chaos_ip4_send() - send a packet to a host
 * @map: where it is, an IPv4 address
 * @skb: packet with trailer; consumed
 *
 * Packets fit any path of 576 bytes; only where a shorter one is known of they may be
 * fragmented.
 *
 * Context: RCU read side, BH disabled.
 */
void chaos_ip4_send(struct chaos_ip_map *map, struct sk_buff *skb)
{
	struct chaos_ip_link *link = map->link;
	struct rtable *rt;
	__be32 saddr;
	bool fits;

	rt = ip4_route(map, &saddr);
	if (IS_ERR(rt)) {
		chaos_ip_drop(link->dev, skb, CHAOS_STAT_DROP_IP_ROUTE);
		return;
	}
	if (skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev) + sizeof(struct iphdr))) {
		ip_rt_put(rt);
		chaos_ip_drop(link->dev, skb, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	fits = skb->len + sizeof(struct iphdr) <= dst_mtu(&rt->dst);
	atomic64_inc(&map->tx);
	iptunnel_xmit(NULL, rt, skb, saddr, map->key.addr.s6_addr32[3], CHAOS_IPPROTO, 0,
		      READ_ONCE(link->ttl), fits ? htons(IP_DF) : 0, false, 0);
}

static const struct net_protocol ip4_protocol = {
	.handler = ip4_rcv,
	.err_handler = ip4_err,
};

/**
 * chaos_ip4_register() - begin to receive protocol 16 of IPv4, everywhere
 *
 * Return: 0, or -EBUSY if another module does.
 */
int chaos_ip4_register(void)
{
	return inet_add_protocol(&ip4_protocol, CHAOS_IPPROTO) ? -EBUSY : 0;
}

/**
 * chaos_ip4_unregister() - end it; waits until nobody is in the handlers
 */
void chaos_ip4_unregister(void)
{
	inet_del_protocol(&ip4_protocol, CHAOS_IPPROTO);
}
