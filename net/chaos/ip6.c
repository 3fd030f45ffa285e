// SPDX-License-Identifier: GPL-2.0-only
/* Chaosnet in IPv6. */

#include <linux/icmpv6.h>
#include <net/ip6_route.h>
#include <net/protocol.h>

#include "compat.h"
#include "link_ip.h"

/* The core has dealt with extension headers and fragments, and asked IPsec's policy. */
static int ip6_rcv(struct sk_buff *skb)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	const struct in6_addr saddr = iph->saddr, daddr = iph->daddr;

	/* What looks like IPv4 in our tables must have come by it. */
	if (ipv6_addr_v4mapped(&saddr) || ipv6_addr_v4mapped(&daddr)) {
		kfree_skb(skb);
	} else if (!chaos_ip_rcv(skb, &saddr, &daddr)) {
		icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR, IP6CB(skb)->nhoff);
		kfree_skb(skb);
	}
	return 0;
}

static int ip6_unreach_errno(u8 code)
{
	switch (code) {
	case ICMPV6_NOROUTE:
		return -ENETUNREACH;
	case ICMPV6_ADM_PROHIBITED:
	case ICMPV6_POLICY_FAIL:
	case ICMPV6_REJECT_ROUTE:
		return -EACCES;
	default:
		return -EHOSTUNREACH;
	}
}

/* What an ICMP message says, 0 if it is no error. */
static int ip6_errno(u8 type, u8 code)
{
	switch (type) {
	case ICMPV6_DEST_UNREACH:
		return ip6_unreach_errno(code);
	case ICMPV6_PKT_TOOBIG:
		return -EMSGSIZE;
	case ICMPV6_TIME_EXCEED:
		return -EHOSTUNREACH;
	case ICMPV6_PARAMPROB:
		return code == ICMPV6_UNK_NEXTHDR ? -ENOPROTOOPT : -EPROTO;
	default:
		return 0;
	}
}

/* @skb is at the header of our packet.  What is too big needs no memory of the path: our
 * packets are far below what every path of IPv6 can take.
 */
static int ip6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
		   int offset, __be32 info)
{
	const struct ipv6hdr *iph = (const struct ipv6hdr *)skb->data;
	struct chaos_net *cn = chaos_net(dev_net(skb->dev));
	int error = ip6_errno(type, code);

	if (!error)
		return 0;
	if (!cn || !chaos_ip_map_error(cn, &iph->daddr, &iph->saddr, error))
		return -ENOENT;
	return 0;
}

/* The way to a host, and our address on it. */
static struct dst_entry *ip6_route(struct chaos_ip_map *map, struct in6_addr *saddr)
{
	struct dst_entry *dst = dst_cache_get_ip6(&map->dst, saddr);
	struct flowi6 fl6 = {
		.flowi6_proto = CHAOS_IPPROTO,
		.daddr = map->key.addr,
		.saddr = map->link->local6,
	};

	if (dst)
		return dst;
	dst = chaos_ip6_route(dev_net(map->link->dev), &fl6);
	if (IS_ERR(dst))
		return dst;
	*saddr = fl6.saddr;
	dst_cache_set_ip6(&map->dst, dst, saddr);
	return dst;
}

static void ip6_push_hdr(struct chaos_ip_map *map, struct sk_buff *skb,
			 const struct in6_addr *saddr)
{
	struct ipv6hdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	ip6_flow_hdr(iph, 0, 0);
	iph->nexthdr = CHAOS_IPPROTO;
	iph->hop_limit = READ_ONCE(map->link->ttl);
	iph->saddr = *saddr;
	iph->daddr = map->key.addr;
}

/**
 * chaos_ip6_send() - send a packet to a host
 * @map: where it is, an IPv6 address
 * @skb: packet with trailer; consumed
 *
 * Context: RCU read side, BH disabled.
 */
void chaos_ip6_send(struct chaos_ip_map *map, struct sk_buff *skb)
{
	struct net_device *dev = map->link->dev;
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = ip6_route(map, &saddr);
	if (IS_ERR(dst)) {
		chaos_ip_drop(dev, skb, CHAOS_STAT_DROP_IP_ROUTE);
		return;
	}
	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev) + sizeof(struct ipv6hdr))) {
		dst_release(dst);
		chaos_ip_drop(dev, skb, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	skb_scrub_packet(skb, false);
	skb_dst_set(skb, dst);
	ip6_push_hdr(map, skb, &saddr);
	atomic64_inc(&map->tx);
	ip6tunnel_xmit(NULL, skb, dev, 0);
}

static const struct inet6_protocol ip6_protocol = {
	.handler = ip6_rcv,
	.err_handler = ip6_err,
	.flags = INET6_PROTO_FINAL,
};

/**
 * chaos_ip6_register() - begin to receive protocol 16 of IPv6, everywhere
 *
 * Return: 0, or -EBUSY if another module does.
 */
int chaos_ip6_register(void)
{
	return inet6_add_protocol(&ip6_protocol, CHAOS_IPPROTO) ? -EBUSY : 0;
}

/**
 * chaos_ip6_unregister() - end it; waits until nobody is in the handlers
 */
void chaos_ip6_unregister(void)
{
	inet6_del_protocol(&ip6_protocol, CHAOS_IPPROTO);
}
