/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contact filter: an administrator's rules about RFCs and BRDs, for this host
 * and for others.  They are tried in the order of their numbers; the first that
 * matches decides.
 *
 * Life: the array of rules never changes; a new one takes its place.  The rules in
 * it are objects of their own, in one array after the other with their counters,
 * until they are deleted.  Packets find both by RCU; writers hold RTNL.
 */
#ifndef _NET_CHAOS_FILTER_H
#define _NET_CHAOS_FILTER_H

#include <linux/atomic.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>

#include "net.h"
#include "rule.h"

#define CHAOS_FILTER_MAX	1024	/* rules */

/**
 * struct chaos_filter_rule - a rule in use
 * @rcu: for freeing
 * @packets: how often it decided
 * @rule: the rule; does not change once in use
 * @reason: what @rule.reason points to, if anything
 */
struct chaos_filter_rule {
	struct rcu_head rcu;
	atomic64_t packets;
	struct chaos_rule rule;
	char reason[];
};

struct chaos_filter_rule *chaos_filter_rule_alloc(const char *reason);

int chaos_filter_add(struct chaos_net *cn, struct chaos_filter_rule *r, bool replace,
		     struct netlink_ext_ack *extack);
struct chaos_filter_rule *chaos_filter_del(struct chaos_net *cn, u32 number,
					   struct netlink_ext_ack *extack);
bool chaos_filter_flush(struct chaos_net *cn);
const struct chaos_filter_rule *chaos_filter_from(struct chaos_net *cn, u32 number);

bool chaos_filter_decide(struct chaos_net *cn, u8 hook, const struct chaos_hdr *hdr,
			 const u8 *contact, size_t len);

/**
 * chaos_filter_allows() - do the rules let an RFC or BRD go on?
 * @cn: namespace
 * @hook: CHAOS_RULE_HOOK_INPUT or CHAOS_RULE_HOOK_FORWARD
 * @hdr: its header; a BRD has destination 0, or if it is for this host an address
 *	of ours
 * @contact: contact name and arguments
 * @len: their length
 *
 * Context: BH disabled, RCU read side.
 * Return: true if so.  If not, it was answered as the rule wants, and is to be dropped
 * with CHAOS_STAT_DROP_FILTER.
 */
static inline bool chaos_filter_allows(struct chaos_net *cn, u8 hook, const struct chaos_hdr *hdr,
				       const u8 *contact, size_t len)
{
	if (likely(!rcu_access_pointer(cn->filter)))
		return true;
	return chaos_filter_decide(cn, hook, hdr, contact, len);
}

#endif /* _NET_CHAOS_FILTER_H */
