// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: the namespace as a whole, and its counters. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>

#include "net.h"
#include "nl.h"
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
	    nla_put_u64_64bit(skb, CHAOS_NET_A_MEM, mem, CHAOS_NET_A_PAD)) {
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

/**
 * chaos_nl_net_set() - CHAOS_CMD_NET_SET: change settings of the namespace
 * @skb: request
 * @info: request
 */
int chaos_nl_net_set(struct sk_buff *skb, struct genl_info *info)
{
	struct chaos_net *cn = chaos_net(genl_info_net(info));
	char name[sizeof(cn->name)];
	int err;

	err = chaos_nl_need(info, CHAOS_NET_A_NAME, "nothing to set: the name is missing");
	if (err)
		return err;
	nla_strscpy(name, info->attrs[CHAOS_NET_A_NAME], sizeof(name));
	if (!net_name_valid(name)) {
		GENL_SET_ERR_MSG(info, "the name must be printable ASCII without spaces");
		return -EINVAL;
	}
	/* nla_strscpy() filled it up with zeros; the last byte never changes. */
	rtnl_lock();
	memcpy(cn->name, name, sizeof(name));
	rtnl_unlock();
	return 0;
}
