// SPDX-License-Identifier: GPL-2.0-only
/* The attribute policies of the netlink family. */

#include <linux/if.h>
#include <linux/if_ether.h>

#include "net.h"
#include "nl_policy.h"

/* Routing costs stop growing there, as practice has it. */
#define COST_MAX	512

#define POLICY_IFINDEX	NLA_POLICY_MIN(NLA_U32, 1)
#define POLICY_IFNAME	{ .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 }
#define POLICY_COST	NLA_POLICY_RANGE(NLA_U16, 1, COST_MAX)
#define POLICY_U16	{ .type = NLA_U16 }
#define POLICY_CONTACT	{ .type = NLA_NUL_STRING, .len = CHAOS_CONTACT_MAX }
#define POLICY_LIST(t)	{ .type = NLA_BINARY, .len = CHAOS_RULE_LIST_MAX * sizeof(t) }

const struct nla_policy chaos_nl_link_key[CHAOS_LINK_A_MAX + 1] = {
	[CHAOS_LINK_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_LINK_A_IFNAME] = POLICY_IFNAME,
};

const struct nla_policy chaos_nl_link_set[CHAOS_LINK_A_MAX + 1] = {
	[CHAOS_LINK_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_LINK_A_IFNAME] = POLICY_IFNAME,
	[CHAOS_LINK_A_COST] = POLICY_COST,
	[CHAOS_LINK_A_CHANGE] = { .type = NLA_FLAG },
	[CHAOS_LINK_A_RUT] = NLA_POLICY_MAX(NLA_U8, CHAOS_RUT_ON),
	[CHAOS_LINK_A_POISON] = NLA_POLICY_MAX(NLA_U8, 1),
	[CHAOS_LINK_A_PROXY_ARP] = NLA_POLICY_MAX(NLA_U8, CHAOS_PROXY_ARP_ALL),
};

const struct nla_policy chaos_nl_addr_key[CHAOS_ADDR_A_MAX + 1] = {
	[CHAOS_ADDR_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_ADDR_A_IFNAME] = POLICY_IFNAME,
};

const struct nla_policy chaos_nl_addr_set[CHAOS_ADDR_A_MAX + 1] = {
	[CHAOS_ADDR_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_ADDR_A_IFNAME] = POLICY_IFNAME,
	[CHAOS_ADDR_A_ADDR] = POLICY_U16,
};

const struct nla_policy chaos_nl_route_key[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_SUBNET] = NLA_POLICY_MIN(NLA_U8, 1),
	[CHAOS_ROUTE_A_HOST] = POLICY_U16,
	[CHAOS_ROUTE_A_TYPE] = NLA_POLICY_MAX(NLA_U8, CHAOS_ROUTE_FIXED),
};

const struct nla_policy chaos_nl_route_get_policy[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_SUBNET] = NLA_POLICY_MIN(NLA_U8, 1),
	[CHAOS_ROUTE_A_HOST] = POLICY_U16,
	[CHAOS_ROUTE_A_SRC] = POLICY_U16,
};

const struct nla_policy chaos_nl_route_set[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_SUBNET] = NLA_POLICY_MIN(NLA_U8, 1),
	[CHAOS_ROUTE_A_HOST] = POLICY_U16,
	[CHAOS_ROUTE_A_VIA] = POLICY_U16,
	[CHAOS_ROUTE_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_ROUTE_A_IFNAME] = POLICY_IFNAME,
	[CHAOS_ROUTE_A_COST] = POLICY_COST,
	[CHAOS_ROUTE_A_REPLACE] = { .type = NLA_FLAG },
};

const struct nla_policy chaos_nl_neigh_key[CHAOS_NEIGH_A_MAX + 1] = {
	[CHAOS_NEIGH_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_NEIGH_A_IFNAME] = POLICY_IFNAME,
	[CHAOS_NEIGH_A_ADDR] = POLICY_U16,
	[CHAOS_NEIGH_A_PROXY] = { .type = NLA_FLAG },
};

const struct nla_policy chaos_nl_neigh_set[CHAOS_NEIGH_A_MAX + 1] = {
	[CHAOS_NEIGH_A_IFINDEX] = POLICY_IFINDEX,
	[CHAOS_NEIGH_A_IFNAME] = POLICY_IFNAME,
	[CHAOS_NEIGH_A_ADDR] = POLICY_U16,
	[CHAOS_NEIGH_A_LLADDR] = NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[CHAOS_NEIGH_A_REPLACE] = { .type = NLA_FLAG },
	[CHAOS_NEIGH_A_PROXY] = { .type = NLA_FLAG },
};

const struct nla_policy chaos_nl_rule_match[CHAOS_RULE_MATCH_A_MAX + 1] = {
	[CHAOS_RULE_MATCH_A_KIND] = NLA_POLICY_MAX(NLA_U8, CHAOS_RULE_MATCH_BROADCAST),
	[CHAOS_RULE_MATCH_A_HOSTS] = POLICY_LIST(u16),
	[CHAOS_RULE_MATCH_A_SUBNETS] = POLICY_LIST(u8),
};

const struct nla_policy chaos_nl_rule_key[CHAOS_RULE_A_MAX + 1] = {
	[CHAOS_RULE_A_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct nla_policy chaos_nl_rule_set[CHAOS_RULE_A_MAX + 1] = {
	[CHAOS_RULE_A_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
	[CHAOS_RULE_A_HOOKS] = NLA_POLICY_RANGE(NLA_U8, 1,
						CHAOS_RULE_HOOK_INPUT | CHAOS_RULE_HOOK_FORWARD),
	[CHAOS_RULE_A_CONTACT] = POLICY_CONTACT,
	[CHAOS_RULE_A_FROM] = NLA_POLICY_NESTED(chaos_nl_rule_match),
	[CHAOS_RULE_A_TO] = NLA_POLICY_NESTED(chaos_nl_rule_match),
	[CHAOS_RULE_A_ACTION] = NLA_POLICY_MAX(NLA_U8, CHAOS_RULE_FORWARD),
	[CHAOS_RULE_A_REASON] = { .type = NLA_NUL_STRING, .len = CHAOS_DATA_MAX },
	[CHAOS_RULE_A_FWD_HOST] = POLICY_U16,
	[CHAOS_RULE_A_FWD_CONTACT] = POLICY_CONTACT,
	[CHAOS_RULE_A_REPLACE] = { .type = NLA_FLAG },
};

const struct nla_policy chaos_nl_net_set_policy[CHAOS_NET_A_MAX + 1] = {
	[CHAOS_NET_A_NAME] = { .type = NLA_NUL_STRING, .len = CHAOS_NAME_MAX },
	[CHAOS_NET_A_FORWARDING] = NLA_POLICY_MAX(NLA_U8, 1),
	[CHAOS_NET_A_PRIVATE] = NLA_POLICY_EXACT_LEN(CHAOS_SUBNET_MAP_LEN),
};
