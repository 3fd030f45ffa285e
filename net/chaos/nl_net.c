// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: the namespace as a whole, and its counters. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>

#include "learned.h"
#include "net.h"
#include "nl.h"
#include "rut.h"
#include "stats.h"

static int stats_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	const struct chaos_net *cn = obj;
	void *hdr;
	int i;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	for (i = CHAOS_STAT_PAD + 1; i <= CHAOS_STAT_MAX; i++)
		if (nla_put_u64_64bit(skb, i, chaos_stats_read(cn, i), CHAOS_STAT_PAD)) {
			genlmsg_cancel(skb, hdr);
			return -EMSGSIZE;
		}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * chaos_nl_stats_get() - CHAOS_CMD_STATS_GET: all counters
 * @skb: request
 * @info: request
 */
int chaos_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	return chaos_nl_reply(info, stats_fill, chaos_net(genl_info_net(info)));
}

static int net_put_private(struct sk_buff *skb, const struct chaos_net *cn)
{
	u8 map[CHAOS_SUBNET_MAP_LEN] = {};
	unsigned int subnet;

	for_each_set_bit(subnet, cn->private, CHAOS_SUBNET_COUNT)
		map[subnet / 8] |= BIT(subnet % 8);
	return nla_put(skb, CHAOS_NET_A_PRIVATE, sizeof(map), map);
}

static int net_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	struct chaos_net *cn = (struct chaos_net *)obj;
	u64 mem = percpu_counter_sum_positive(&cn->mem);
	void *hdr;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, CHAOS_NET_A_NAME, cn->name) ||
	    nla_put_u32(skb, CHAOS_NET_A_HALFOPEN, atomic_read(&cn->halfopen)) ||
	    nla_put_u32(skb, CHAOS_NET_A_ORPHANS, atomic_read(&cn->orphans)) ||
	    nla_put_u64_64bit(skb, CHAOS_NET_A_MEM, mem, CHAOS_NET_A_PAD) ||
	    nla_put_u8(skb, CHAOS_NET_A_FORWARDING, READ_ONCE(cn->conf.forwarding)) ||
	    net_put_private(skb, cn)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * chaos_nl_net_get() - CHAOS_CMD_NET_GET: settings of the namespace
 * @skb: request
 * @info: request
 */
int chaos_nl_net_get(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = chaos_nl_reply(info, net_fill, chaos_net(genl_info_net(info)));
	rtnl_unlock();
	return err;
}

static bool net_name_valid(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return p > name;
}

/* The name is valid, or absent. */
static int net_check_name(struct genl_info *info, char *name, size_t size)
{
	struct nlattr *attr = info->attrs[CHAOS_NET_A_NAME];

	if (!attr)
		return 0;
	nla_strscpy(name, attr, size);
	if (net_name_valid(name))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "the name must be printable ASCII without spaces");
	return -EINVAL;
}

/* Subnet 0 is none. */
static int net_check_private(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[CHAOS_NET_A_PRIVATE];

	if (!attr || !(*(const u8 *)nla_data(attr) & 1))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "there is no subnet 0");
	return -EINVAL;
}

static void net_set_private(struct chaos_net *cn, const u8 *map)
{
	struct chaos_iface *iface;
	unsigned int subnet;

	for (subnet = 1; subnet < CHAOS_SUBNET_COUNT; subnet++) {
		bool private = map[subnet / 8] & BIT(subnet % 8);

		private |= subnet == CHAOS_SUBNET_PRIVATE;
		assign_bit(subnet, cn->private, private);
		if (private)
			chaos_learned_del(cn, subnet);
	}
	list_for_each_entry(iface, &cn->ifaces, list)
		if (chaos_subnet_is_private(cn, chaos_subnet(iface->addr)))
			chaos_rut_link(iface, false);
	chaos_genid_changed(cn, CHAOS_GENID_ROUTE);
}

/**
 * chaos_nl_net_set() - CHAOS_CMD_NET_SET: change settings of the namespace
 * @skb: request
 * @info: request; what it does not name stays
 */
int chaos_nl_net_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *forwarding = info->attrs[CHAOS_NET_A_FORWARDING];
	struct nlattr *private = info->attrs[CHAOS_NET_A_PRIVATE];
	struct chaos_net *cn = chaos_net(genl_info_net(info));
	char name[sizeof(cn->name)];
	int err;

	if (!info->attrs[CHAOS_NET_A_NAME] && !forwarding && !private) {
		GENL_SET_ERR_MSG(info, "nothing to set");
		return -EINVAL;
	}
	err = net_check_name(info, name, sizeof(name)) ?: net_check_private(info);
	if (err)
		return err;
	rtnl_lock();
	/* nla_strscpy() filled it up with zeros; the last byte never changes. */
	if (info->attrs[CHAOS_NET_A_NAME])
		memcpy(cn->name, name, sizeof(name));
	if (forwarding)
		WRITE_ONCE(cn->conf.forwarding, nla_get_u8(forwarding));
	if (private)
		net_set_private(cn, nla_data(private));
	if (forwarding || private)
		chaos_rut_changed(cn);
	chaos_nl_event(genl_info_net(info), CHAOS_CMD_NET_SET, net_fill, cn);
	rtnl_unlock();
	return 0;
}
