/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What attributes each command takes; all others are refused.  A policy has
 * the length of its object's attribute set.
 */
#ifndef _NET_CHAOS_NL_POLICY_H
#define _NET_CHAOS_NL_POLICY_H

#include <linux/chaos_netlink.h>
#include <net/netlink.h>

extern const struct nla_policy chaos_nl_link_key[CHAOS_LINK_A_MAX + 1];
extern const struct nla_policy chaos_nl_link_set[CHAOS_LINK_A_MAX + 1];
extern const struct nla_policy chaos_nl_addr_key[CHAOS_ADDR_A_MAX + 1];
extern const struct nla_policy chaos_nl_addr_set[CHAOS_ADDR_A_MAX + 1];
extern const struct nla_policy chaos_nl_route_key[CHAOS_ROUTE_A_MAX + 1];
extern const struct nla_policy chaos_nl_route_get_policy[CHAOS_ROUTE_A_MAX + 1];
extern const struct nla_policy chaos_nl_route_set[CHAOS_ROUTE_A_MAX + 1];
extern const struct nla_policy chaos_nl_neigh_key[CHAOS_NEIGH_A_MAX + 1];
extern const struct nla_policy chaos_nl_neigh_set[CHAOS_NEIGH_A_MAX + 1];
extern const struct nla_policy chaos_nl_map_key[CHAOS_MAP_A_MAX + 1];
extern const struct nla_policy chaos_nl_map_set[CHAOS_MAP_A_MAX + 1];
extern const struct nla_policy chaos_nl_rule_key[CHAOS_RULE_A_MAX + 1];
extern const struct nla_policy chaos_nl_rule_set[CHAOS_RULE_A_MAX + 1];
extern const struct nla_policy chaos_nl_rule_match[CHAOS_RULE_MATCH_A_MAX + 1];
extern const struct nla_policy chaos_nl_net_set_policy[CHAOS_NET_A_MAX + 1];

#endif /* _NET_CHAOS_NL_POLICY_H */
