// SPDX-License-Identifier: GPL-2.0-only
/* Links of type "ip": their net_devices, the way of a packet into IP and out of it. */

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <net/dst.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "iface.h"
#include "link.h"
#include "link_ip.h"
#include "nl.h"
#include "packet.h"
#include "trailer.h"

/* What comes before a packet in IPv6, besides what ether_setup() asked for. */
#define IP_HEADROOM	sizeof(struct ipv6hdr)

/* ------------------------------------------------------------------ sending */

/**
 * chaos_ip_drop() - drop a packet that cannot be sent
 * @dev: device of the link
 * @skb: packet; consumed
 * @reason: what to count
 *
 * Context: RCU read side.
 */
void chaos_ip_drop(struct net_device *dev, struct sk_buff *skb, enum chaos_stat reason)
{
	struct chaos_iface *iface = chaos_iface_by_dev(chaos_net(dev_net(dev)), dev);

	dev_core_stats_tx_dropped_inc(dev);
	if (iface)
		chaos_link_drop(iface, skb, reason, CHAOS_LINK_STAT_ABORTED);
	else
		kfree_skb(skb);
}

/* Clones whose header is ours to write leave us what is behind the packet, too. */
static bool ip_add_trailer(struct sk_buff *skb, u16 hw_dst, u16 hw_src)
{
	unsigned int len = skb->len;
	bool own = !skb_header_cloned(skb) && skb_tailroom(skb) >= CHAOS_TRAILER_LEN;

	if (!own && pskb_expand_head(skb, 0, CHAOS_TRAILER_LEN, GFP_ATOMIC))
		return false;
	chaos_trailer_build(skb_put(skb, CHAOS_TRAILER_LEN), skb->data, len, hw_dst, hw_src);
	return true;
}

static void ip_send(struct chaos_ip_map *map, struct sk_buff *skb)
{
	skb_reset_network_header(skb);
	skb_reset_inner_headers(skb);		/* iptunnel_xmit() counts from there */
	if (ipv6_addr_v4mapped(&map->key.addr))
		chaos_ip4_send(map, skb);
	else
		chaos_ip6_send(map, skb);
}

/* Of a subnet only hosts that were heard of: most of its addresses are nobody's. */
static bool ip_gets_broadcasts(const struct chaos_ip_map *map)
{
	if (map->origin == CHAOS_IP_DERIVED)
		return READ_ONCE(map->heard);
	return !chaos_ip_map_is_subnet(map);
}

/* A copy to each host; the last gets the original. */
static void ip_broadcast(struct chaos_ip_link *link, struct sk_buff *skb)
{
	struct chaos_ip_map *map, *last = NULL;
	struct sk_buff *copy;
	unsigned long host;

	xa_for_each(&link->maps, host, map) {
		if (!ip_gets_broadcasts(map))
			continue;
		copy = last ? skb_clone(skb, GFP_ATOMIC) : NULL;
		if (copy)
			ip_send(last, copy);
		last = map;
	}
	if (last)
		ip_send(last, skb);
	else
		consume_skb(skb);
}

/* RCU read side. */
static void ip_route_packet(struct net_device *dev, struct sk_buff *skb, u16 nexthop)
{
	struct chaos_ip_link *link = chaos_ip_link(dev);
	struct chaos_ip_map *map = nexthop ? chaos_ip_map_to(link, nexthop) : NULL;

	if (nexthop && !map)
		chaos_ip_drop(dev, skb, CHAOS_STAT_DROP_NO_MAP);
	else if (!ip_add_trailer(skb, nexthop, chaos_vdev_addr(dev)))
		chaos_ip_drop(dev, skb, CHAOS_STAT_DROP_NO_MEMORY);
	else if (map)
		ip_send(map, skb);
	else
		ip_broadcast(link, skb);
}

static netdev_tx_t ip_xmit(struct sk_buff *skb, struct net_device *dev)
{
	u16 nexthop;

	if (!chaos_vdev_sent(dev, skb, &nexthop)) {
		DEV_STATS_INC(dev, tx_errors);
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	/* Parts of IP take a socket that a packet has for one of theirs. */
	if (skb->sk)
		skb_orphan(skb);
	rcu_read_lock();	/* not every caller has more than the one for BH */
	ip_route_packet(dev, skb, nexthop);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/* ---------------------------------------------------------------- receiving */

/**
 * struct ip_frame - what came, as far as its length and trailer tell
 * @hdr: header
 * @parsed: what was found wrong with that
 * @len: of the packet itself
 * @bad_len: it is neither that long nor that and a trailer
 * @bad_check: the trailer's checksum is wrong
 * @hw_src: link source; 0 without trailer
 */
struct ip_frame {
	struct chaos_hdr hdr;
	enum chaos_parse parsed;
	unsigned int len;
	bool bad_len;
	bool bad_check;
	u16 hw_src;
};

static void ip_parse_trailer(struct sk_buff *skb, struct ip_frame *f)
{
	struct chaos_trailer trailer;

	f->bad_check = !chaos_trailer_check(skb->data, skb->len);
	if (f->bad_check)
		return;
	memcpy(&trailer, skb->data + f->len, sizeof(trailer));
	f->hw_src = le16_to_cpu(trailer.src);
}

/* Decided by length: some send no trailer behind full packets. */
static void ip_parse(struct sk_buff *skb, struct ip_frame *f)
{
	*f = (struct ip_frame) { .len = skb->len };
	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, CHAOS_RECORD_MAX))) {
		f->parsed = CHAOS_PARSE_SHORT;
		return;
	}
	f->parsed = chaos_hdr_parse(&f->hdr, skb->data, skb_headlen(skb));
	if (f->parsed != CHAOS_PARSE_OK && f->parsed != CHAOS_PARSE_RESERVED)
		return;
	f->len = chaos_wire_len(&f->hdr);
	if (skb->len == f->len + sizeof(struct chaos_trailer))
		ip_parse_trailer(skb, f);
	else
		f->bad_len = skb->len != f->len;
}

/* Why it is dropped, and what the link counts; 0 if it is not. */
static enum chaos_stat ip_judge(const struct chaos_ip_map *map, const struct ip_frame *f,
				int *link_stat)
{
	if (f->parsed == CHAOS_PARSE_SHORT) {
		*link_stat = CHAOS_LINK_STAT_BADLEN;
		return CHAOS_STAT_DROP_SHORT;
	}
	if (f->bad_len) {
		*link_stat = CHAOS_LINK_STAT_BADLEN;
		return CHAOS_STAT_DROP_IP_TRAILER;
	}
	if (f->bad_check) {
		*link_stat = CHAOS_LINK_STAT_CRC;
		return CHAOS_STAT_DROP_CHECKSUM;
	}
	if (f->hw_src && f->hw_src != map->host) {
		*link_stat = CHAOS_LINK_STAT_REJECTED;
		return CHAOS_STAT_DROP_IP_TRAILER;
	}
	return 0;
}

static void ip_rcv_drop(struct chaos_ip_map *map, struct sk_buff *skb, enum chaos_stat reason,
			int link_stat)
{
	struct net_device *dev = map->link->dev;
	struct chaos_iface *iface = chaos_iface_by_dev(chaos_net(dev_net(dev)), dev);

	DEV_STATS_INC(dev, rx_errors);
	if (link_stat == CHAOS_LINK_STAT_CRC)
		DEV_STATS_INC(dev, rx_crc_errors);
	if (link_stat == CHAOS_LINK_STAT_BADLEN)
		DEV_STATS_INC(dev, rx_length_errors);
	if (iface)
		chaos_link_drop(iface, skb, reason, link_stat);
	else
		kfree_skb(skb);
}

/* The packet leaves IP. */
static void ip_deliver(struct chaos_ip_map *map, struct sk_buff *skb, const struct ip_frame *f)
{
	struct net_device *dev = map->link->dev;

	chaos_ip_map_heard(map);
	if (pskb_trim(skb, f->len) || skb_cow_head(skb, ETH_HLEN)) {
		ip_rcv_drop(map, skb, CHAOS_STAT_DROP_NO_MEMORY, CHAOS_LINK_STAT_LOST);
		return;
	}
	__skb_tunnel_rx(skb, dev, dev_net(dev));
	skb->ip_summed = CHECKSUM_NONE;
	/* That it was sent to us IP said already, whatever the sender knows of our address. */
	chaos_vdev_rcv(dev, skb, 0, map->host);
}

/**
 * chaos_ip_rcv() - a packet of protocol 16 came
 * @skb: packet, after all IP headers; consumed
 * @saddr: from there
 * @daddr: to this address of ours
 *
 * Context: BH disabled, RCU read side.
 * Return: false, and nothing done, in a namespace without IP links, where protocol 16 is
 * as unknown as it is without this module.
 */
bool chaos_ip_rcv(struct sk_buff *skb, const struct in6_addr *saddr,
		  const struct in6_addr *daddr)
{
	struct chaos_net *cn = chaos_net(dev_net(skb->dev));
	enum chaos_stat reason;
	struct chaos_ip_map *map;
	struct ip_frame f;
	int link_stat;
	bool good;

	if (!cn || !rcu_access_pointer(cn->ip_sources))
		return false;
	ip_parse(skb, &f);
	/* What else is wrong chaos_rcv() will say. */
	good = f.parsed != CHAOS_PARSE_SHORT && !f.bad_len && !f.bad_check;
	map = chaos_ip_map_from(cn, saddr, daddr, f.hw_src, good);
	if (!map && f.hw_src)
		map = chaos_ip_learn(cn, saddr, daddr, f.hw_src);
	if (!map) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_IP_SOURCE,
			   f.parsed == CHAOS_PARSE_SHORT ? NULL : &f.hdr);
		return true;
	}
	reason = ip_judge(map, &f, &link_stat);
	if (!netif_running(map->link->dev))
		ip_rcv_drop(map, skb, CHAOS_STAT_DROP_LINK_DOWN, CHAOS_LINK_STAT_REJECTED);
	else if (reason)
		ip_rcv_drop(map, skb, reason, link_stat);
	else
		ip_deliver(map, skb, &f);
	return true;
}

/* ------------------------------------------------------------ the protocols */

static unsigned int ip_devices;		/* RTNL */

/* The first device takes the protocols, so that without any all is as if we were not there. */
static int ip_protocols_get(void)
{
	int err;

	ASSERT_RTNL();
	if (ip_devices++)
		return 0;
	err = chaos_ip4_register();
	if (err)
		goto none;
	err = chaos_ip6_register();
	if (err)
		goto unregister_ip4;
	return 0;

unregister_ip4:
	chaos_ip4_unregister();
none:
	ip_devices--;
	return err;
}

static void ip_protocols_put(void)
{
	ASSERT_RTNL();
	if (--ip_devices)
		return;
	chaos_ip6_unregister();
	chaos_ip4_unregister();
}

/* --------------------------------------------------------------- the device */

static int ip_dev_init(struct net_device *dev)
{
	int err;

	err = ip_protocols_get();
	if (err)
		return err;
	err = chaos_vdev_init(dev);
	if (err)
		ip_protocols_put();
	return err;
}

static void ip_dev_uninit(struct net_device *dev)
{
	ip_protocols_put();
}

static const struct net_device_ops ip_netdev_ops = {
	.ndo_init = ip_dev_init,
	.ndo_uninit = ip_dev_uninit,
	.ndo_start_xmit = ip_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
};

static int ip_link_init(struct chaos_iface *iface)
{
	chaos_vdev_link_init(iface);
	return chaos_ip_map_open(chaos_ip_link(iface->dev), iface->cn);
}

static void ip_link_exit(struct chaos_iface *iface)
{
	chaos_ip_map_close(chaos_ip_link(iface->dev));
}

static int ip_fill(const struct chaos_iface *iface, struct sk_buff *msg, bool event)
{
	const struct chaos_ip_link *link = chaos_ip_link(iface->dev);

	if ((link->local4 && nla_put_in_addr(msg, CHAOS_LINK_A_LOCAL4, link->local4)) ||
	    (!ipv6_addr_any(&link->local6) &&
	     nla_put_in6_addr(msg, CHAOS_LINK_A_LOCAL6, &link->local6)) ||
	    nla_put_u32(msg, CHAOS_LINK_A_LEARN, link->learn) ||
	    nla_put_u32(msg, CHAOS_LINK_A_LEARN_AGE, link->learn_age) ||
	    nla_put_u8(msg, CHAOS_LINK_A_TTL, link->ttl))
		return -EMSGSIZE;
	return 0;
}

static int ip_check_local(struct genl_info *info)
{
	struct nlattr *local4 = info->attrs[CHAOS_LINK_A_LOCAL4];
	struct nlattr *local6 = info->attrs[CHAOS_LINK_A_LOCAL6];
	struct in6_addr addr6;

	if (local4 && (ipv4_is_multicast(nla_get_in_addr(local4)) ||
		       ipv4_is_lbcast(nla_get_in_addr(local4)))) {
		NL_SET_ERR_MSG_ATTR(info->extack, local4, "not an address of a host");
		return -EINVAL;
	}
	if (!local6)
		return 0;
	addr6 = nla_get_in6_addr(local6);
	if (ipv6_addr_is_multicast(&addr6) || ipv6_addr_v4mapped(&addr6) ||
	    ipv6_addr_type(&addr6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG_ATTR(info->extack, local6,
				    "not a global or unique local address of a host");
		return -EINVAL;
	}
	return 0;
}

static int ip_change(struct chaos_iface *iface, struct genl_info *info)
{
	struct chaos_ip_link *link = chaos_ip_link(iface->dev);
	struct nlattr *local4 = info->attrs[CHAOS_LINK_A_LOCAL4];
	struct nlattr *local6 = info->attrs[CHAOS_LINK_A_LOCAL6];
	int err;

	err = ip_check_local(info);
	if (err)
		return err;
	if (local4)
		WRITE_ONCE(link->local4, nla_get_in_addr(local4));
	if (local6)
		link->local6 = nla_get_in6_addr(local6);
	if (local4 || local6)
		chaos_ip_map_reroute(link);
	if (info->attrs[CHAOS_LINK_A_LEARN])
		WRITE_ONCE(link->learn, nla_get_u32(info->attrs[CHAOS_LINK_A_LEARN]));
	if (info->attrs[CHAOS_LINK_A_LEARN_AGE])
		chaos_ip_learn_age(link, nla_get_u32(info->attrs[CHAOS_LINK_A_LEARN_AGE]));
	if (info->attrs[CHAOS_LINK_A_TTL])
		WRITE_ONCE(link->ttl, nla_get_u8(info->attrs[CHAOS_LINK_A_TTL]));
	return 0;
}

static const struct chaos_link_ops ip_link_ops = {
	.name = "ip",
	.attrs = BIT_ULL(CHAOS_LINK_A_LOCAL4) | BIT_ULL(CHAOS_LINK_A_LOCAL6) |
		 BIT_ULL(CHAOS_LINK_A_LEARN) | BIT_ULL(CHAOS_LINK_A_LEARN_AGE) |
		 BIT_ULL(CHAOS_LINK_A_TTL),
	.init = ip_link_init,
	.exit = ip_link_exit,
	.addr_changed = chaos_vdev_link_addr,
	.xmit = chaos_vdev_link_xmit,
	.xmit_list = chaos_vdev_link_xmit_list,
	.fill = ip_fill,
	.change = ip_change,
	.delete = chaos_vdev_link_delete,
};

static void ip_setup(struct net_device *dev)
{
	struct chaos_ip_link *link = chaos_ip_link(dev);

	chaos_vdev_setup(dev, &ip_link_ops);
	dev->netdev_ops = &ip_netdev_ops;
	dev->needed_headroom = IP_HEADROOM;
	dev->needed_tailroom = CHAOS_TRAILER_LEN;
	link->dev = dev;
	link->ttl = IPDEFTTL;
	link->learn_age = CHAOS_IP_LEARN_AGE;
	spin_lock_init(&link->lock);
	xa_init(&link->maps);
	INIT_DELAYED_WORK(&link->expire, chaos_ip_expire);
}

static int CHAOS_NEWLINK(ip_newlink)
{
	int err = register_netdevice(dev);

	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack, "IP protocol 16 is taken by another module");
	return err;
}

static struct rtnl_link_ops ip_rtnl_ops __read_mostly = {
	.kind = "chip",
	.priv_size = sizeof(struct chaos_ip_link),
	.setup = ip_setup,
	.validate = chaos_vdev_validate,
	.newlink = ip_newlink,
};

/**
 * chaos_ip_is_link() - is this device a link of type "ip"?
 * @dev: any device
 */
bool chaos_ip_is_link(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &ip_rtnl_ops;
}

/**
 * chaos_ip_create() - make a link, up: whether it can send depends on its mappings
 * @net: namespace
 * @name: of the device, may have a "%d"
 *
 * Context: process, RTNL held.
 * Return: as chaos_vdev_create(), or ERR_PTR(-EBUSY) if another module has the protocol.
 */
struct net_device *chaos_ip_create(struct net *net, const char *name)
{
	struct net_device *dev;
	int err;

	dev = chaos_vdev_create(net, name, sizeof(struct chaos_ip_link), ip_setup,
				&ip_rtnl_ops);
	if (IS_ERR(dev))
		return dev;
	err = dev_open(dev, NULL);
	if (err) {
		unregister_netdevice(dev);
		return ERR_PTR(err);
	}
	return dev;
}

/**
 * chaos_ip_register() - allow such links
 *
 * Return: 0 or a negative errno.
 */
int chaos_ip_register(void)
{
	return rtnl_link_register(&ip_rtnl_ops);
}

/**
 * chaos_ip_unregister() - delete them all
 */
void chaos_ip_unregister(void)
{
	rtnl_link_unregister(&ip_rtnl_ops);
}

MODULE_ALIAS_RTNL_LINK("chip");
