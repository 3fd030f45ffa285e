// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: mappings of IP links. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "iface.h"
#include "link_ip.h"
#include "net.h"
#include "nl.h"
#include "packet.h"
#include "route.h"

struct map_obj {
	const struct net_device *dev;
	struct chaos_ip_map_info info;
};

/* A derived one has both: a host, by a subnet's mapping. */
static int map_put_whom(struct sk_buff *skb, const struct chaos_ip_map_info *map)
{
	bool subnet = map->key.plen == CHAOS_IP_PLEN_SUBNET;

	if ((subnet || map->origin == CHAOS_IP_DERIVED) &&
	    nla_put_u8(skb, CHAOS_MAP_A_SUBNET, chaos_subnet(map->host)))
		return -EMSGSIZE;
	if (!subnet && nla_put_u16(skb, CHAOS_MAP_A_HOST, map->host))
		return -EMSGSIZE;
	if (map->origin == CHAOS_IP_LEARNED && nla_put_flag(skb, CHAOS_MAP_A_LEARNED))
		return -EMSGSIZE;
	return 0;
}

static int map_put_where(struct sk_buff *skb, const struct chaos_ip_key *key)
{
	bool v4 = ipv6_addr_v4mapped(&key->addr);

	if (key->plen == CHAOS_IP_PLEN_SUBNET &&
	    nla_put_u8(skb, CHAOS_MAP_A_PREFIXLEN, v4 ? 24 : 120))
		return -EMSGSIZE;
	if (v4)
		return nla_put_in_addr(skb, CHAOS_MAP_A_ADDR4, key->addr.s6_addr32[3]);
	return nla_put_in6_addr(skb, CHAOS_MAP_A_ADDR6, &key->addr);
}

static int map_put_state(struct sk_buff *skb, const struct chaos_ip_map_info *map)
{
	if (map->key.plen == CHAOS_IP_PLEN_SUBNET)
		return 0;
	if ((map->heard && nla_put_u32(skb, CHAOS_MAP_A_AGE, map->age_ms)) ||
	    nla_put_u64_64bit(skb, CHAOS_MAP_A_RX, map->rx, CHAOS_MAP_A_PAD) ||
	    nla_put_u64_64bit(skb, CHAOS_MAP_A_TX, map->tx, CHAOS_MAP_A_PAD) ||
	    nla_put_u64_64bit(skb, CHAOS_MAP_A_ERRORS, map->errors, CHAOS_MAP_A_PAD) ||
	    (map->error && nla_put_u32(skb, CHAOS_MAP_A_ERROR, map->error)))
		return -EMSGSIZE;
	return 0;
}

static int map_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	const struct map_obj *map = obj;
	void *hdr;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	if (chaos_nl_put_dev(skb, map->dev, CHAOS_MAP_A_IFINDEX, CHAOS_MAP_A_IFNAME) ||
	    map_put_whom(skb, &map->info) || map_put_where(skb, &map->info.key) ||
	    map_put_state(skb, &map->info)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * chaos_nl_map_event() - tell that a mapping came or went
 * @map: mapping, not a derived one
 * @cmd: CHAOS_CMD_MAP_NEW or CHAOS_CMD_MAP_DEL
 *
 * Context: any but hard interrupts; the mapping's link is locked.
 */
void chaos_nl_map_event(struct chaos_ip_map *map, u8 cmd)
{
	struct map_obj obj = { .dev = map->link->dev };

	chaos_ip_map_info(map, &obj.info);
	chaos_nl_event(dev_net(obj.dev), cmd, map_fill, &obj);
}

/* The link and the host that a request names, or the subnet, as its host 0. */
static struct chaos_ip_link *map_parse(struct genl_info *info, u16 *host)
{
	struct nlattr *host_attr = info->attrs[CHAOS_MAP_A_HOST];
	struct nlattr *subnet_attr = info->attrs[CHAOS_MAP_A_SUBNET];
	struct chaos_iface *iface;

	if (!host_attr == !subnet_attr) {
		GENL_SET_ERR_MSG(info, "which host or subnet?  one of them is needed");
		return ERR_PTR(-EINVAL);
	}
	*host = host_attr ? nla_get_u16(host_attr) : nla_get_u8(subnet_attr) << 8;
	if (host_attr && !chaos_addr_is_host(*host)) {
		NL_SET_ERR_MSG_ATTR(info->extack, host_attr,
				    "not a host address: neither the subnet nor the host byte may be 0");
		return ERR_PTR(-EINVAL);
	}
	iface = chaos_nl_iface(info, CHAOS_MAP_A_IFINDEX, CHAOS_MAP_A_IFNAME);
	if (IS_ERR(iface))
		return ERR_CAST(iface);
	if (!chaos_ip_is_link(iface->dev)) {
		GENL_SET_ERR_MSG(info, "only links of type ip have mappings");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return chaos_ip_link(iface->dev);
}

/* ------------------------------------------------------------------ addresses */

/* Why an address is no host's that packets can be sent to; NULL if it may be one. */
static const char *map_addr_fault(const struct in6_addr *addr, bool v4)
{
	if (v4 && (ipv4_is_multicast(addr->s6_addr32[3]) || ipv4_is_lbcast(addr->s6_addr32[3])))
		return "a group's address is none of a host";
	if (v4)
		return ipv4_is_zeronet(addr->s6_addr32[3]) ? "not an address of a host" : NULL;
	if (ipv6_addr_is_multicast(addr))
		return "a group's address is none of a host";
	if (ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL)
		return "a link-local address: IP cannot tell which device leads there";
	if (ipv6_addr_any(addr) || ipv6_addr_v4mapped(addr))
		return "not an address of a host";
	return NULL;
}

static const char *map_subnet_fault(struct genl_info *info, const struct chaos_ip_key *key,
				    bool v4)
{
	struct nlattr *plen = info->attrs[CHAOS_MAP_A_PREFIXLEN];

	if (!plen || nla_get_u8(plen) != (v4 ? 24 : 120))
		return "a subnet is mapped to a prefix of 24 bits of IPv4 or 120 of IPv6";
	if (key->addr.s6_addr[15])
		return "the last octet of the prefix is not 0: the host byte comes there";
	return NULL;
}

static const char *map_host_fault(struct genl_info *info, u16 host,
				  const struct chaos_ip_key *key, bool v4)
{
	if (info->attrs[CHAOS_MAP_A_PREFIXLEN])
		return "a host is mapped to an address, not a prefix";
	if (v4 && (host & 0xff) == 0xff && key->addr.s6_addr[15] == 0xff)
		return "host 0377 would be at the broadcast address of IPv4";
	return NULL;
}

static int map_parse_where(struct genl_info *info, u16 host, struct chaos_ip_key *key)
{
	struct nlattr *addr4 = info->attrs[CHAOS_MAP_A_ADDR4];
	struct nlattr *addr6 = info->attrs[CHAOS_MAP_A_ADDR6];
	struct nlattr *subnet = info->attrs[CHAOS_MAP_A_SUBNET];
	struct netlink_ext_ack *extack = info->extack;
	const char *fault;

	if (!addr4 == !addr6) {
		GENL_SET_ERR_MSG(info, "where?  an IPv4 or an IPv6 address is needed");
		return -EINVAL;
	}
	if (addr6 && !IS_ENABLED(CONFIG_IPV6)) {
		NL_SET_ERR_MSG_ATTR(extack, addr6, "this kernel has no IPv6");
		return -EAFNOSUPPORT;
	}
	if (addr4)
		ipv6_addr_set_v4mapped(nla_get_in_addr(addr4), &key->addr);
	else
		key->addr = nla_get_in6_addr(addr6);
	key->plen = subnet ? CHAOS_IP_PLEN_SUBNET : CHAOS_IP_PLEN_HOST;

	fault = map_addr_fault(&key->addr, addr4);
	if (!fault && subnet)
		fault = map_subnet_fault(info, key, addr4);
	else if (!fault)
		fault = map_host_fault(info, host, key, addr4);
	if (!fault)
		return 0;
	NL_SET_BAD_ATTR(extack, addr4 ?: addr6);
	extack->_msg = fault;
	return -EINVAL;
}

/* ------------------------------------------------------------------- commands */

static int map_new(struct genl_info *info)
{
	bool replace = info->attrs[CHAOS_MAP_A_REPLACE];
	struct chaos_ip_link *link;
	struct chaos_ip_key key = { };
	u16 host;
	int err;

	link = map_parse(info, &host);
	if (IS_ERR(link))
		return PTR_ERR(link);
	if (info->attrs[CHAOS_MAP_A_HOST] &&
	    chaos_addr_is_local(chaos_net(genl_info_net(info)), host)) {
		GENL_SET_ERR_MSG(info, "this is an address of ours");
		return -EINVAL;
	}
	err = map_parse_where(info, host, &key);
	return err ?: chaos_ip_map_add(link, host, &key, replace, info->extack);
}

/**
 * chaos_nl_map_new() - CHAOS_CMD_MAP_NEW: map a host or subnet
 * @skb: request
 * @info: request; CHAOS_MAP_A_REPLACE: it may be mapped already
 */
int chaos_nl_map_new(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = map_new(info);
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_map_del() - CHAOS_CMD_MAP_DEL: remove a mapping
 * @skb: request
 * @info: request
 */
int chaos_nl_map_del(struct sk_buff *skb, struct genl_info *info)
{
	struct chaos_ip_link *link;
	u16 host;
	int err;

	rtnl_lock();
	link = map_parse(info, &host);
	err = IS_ERR(link) ? PTR_ERR(link) : chaos_ip_map_del(link, host, info->extack);
	rtnl_unlock();
	return err;
}

static int map_get(struct genl_info *info)
{
	struct chaos_ip_link *link;
	struct map_obj obj;
	u16 host;

	link = map_parse(info, &host);
	if (IS_ERR(link))
		return PTR_ERR(link);
	if (!chaos_ip_map_get(link, host, &obj.info)) {
		GENL_SET_ERR_MSG(info, "no such mapping on this link");
		return -ENOENT;
	}
	obj.dev = link->dev;
	return chaos_nl_reply(info, map_fill, &obj);
}

/**
 * chaos_nl_map_get() - CHAOS_CMD_MAP_GET: describe a mapping
 * @skb: request
 * @info: request
 */
int chaos_nl_map_get(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = map_get(info);
	rtnl_unlock();
	return err;
}

/* The rest of a link's mappings from @pos on; -EMSGSIZE when the buffer is full. */
static int map_walk(struct sk_buff *skb, const struct chaos_nl_to *to,
		    struct chaos_iface *iface, long *done)
{
	struct map_obj obj = { .dev = iface->dev };
	unsigned long pos = *done;

	if (!chaos_ip_is_link(iface->dev))
		return 0;
	while (chaos_ip_map_walk(chaos_ip_link(iface->dev), &pos, &obj.info)) {
		if (map_fill(skb, to, &obj))
			return -EMSGSIZE;
		*done = pos;
	}
	return 0;
}

/**
 * chaos_nl_map_dump() - CHAOS_CMD_MAP_GET: describe all mappings
 * @skb: message buffer
 * @cb: the dump
 */
int chaos_nl_map_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return chaos_nl_dump_ifaces(skb, cb, CHAOS_CMD_MAP_GET, map_walk);
}
