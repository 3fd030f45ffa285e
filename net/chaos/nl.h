/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic netlink family "chaos".  Each object has its own file; all of
 * them run under RTNL.
 */
#ifndef _NET_CHAOS_NL_H
#define _NET_CHAOS_NL_H

#include <net/genetlink.h>

#include "route.h"

struct chaos_channel;
struct chaos_conn;
struct chaos_iface;
struct chaos_ip_map;
struct chaos_listener;
struct chaos_neigh_info;
struct chaos_net;

extern struct genl_family chaos_genl_family;

int chaos_nl_register(void);
void chaos_nl_unregister(void);

/**
 * struct chaos_nl_to - whom a message goes to
 * @portid: netlink port, 0 for events
 * @seq: of the request
 * @flags: NLM_F_*
 * @cmd: CHAOS_CMD_*
 * @cb: the dump it belongs to, or NULL
 */
struct chaos_nl_to {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
	struct netlink_callback *cb;
};

/**
 * typedef chaos_nl_fill_fn - append one message about one object
 * @skb: message buffer
 * @to: whom it goes to
 * @obj: the object
 *
 * Return: 0, or -EMSGSIZE and @skb unchanged.
 */
typedef int chaos_nl_fill_fn(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj);

/**
 * typedef chaos_nl_walk_fn - append messages about what a link has, for a dump
 * @skb: message buffer
 * @to: whom they go to
 * @iface: link
 * @pos: where in it to go on, 0 at first; to be set behind each message that did fit
 *
 * Return: 0, or -EMSGSIZE when the buffer is full.
 */
typedef int chaos_nl_walk_fn(struct sk_buff *skb, const struct chaos_nl_to *to,
			     struct chaos_iface *iface, long *pos);

void *chaos_nl_put(struct sk_buff *skb, const struct chaos_nl_to *to);
struct sk_buff *chaos_nl_answer(struct genl_info *info, chaos_nl_fill_fn *fill, const void *obj,
				gfp_t gfp);
int chaos_nl_reply(struct genl_info *info, chaos_nl_fill_fn *fill, const void *obj);
int chaos_nl_dump_start(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			struct chaos_nl_to *to);
int chaos_nl_dump_ifaces(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			 chaos_nl_walk_fn *walk);
void chaos_nl_event(struct net *net, u8 cmd, chaos_nl_fill_fn *fill, const void *obj);

struct net_device *chaos_nl_dev(struct genl_info *info, int index_attr, int name_attr);
struct chaos_iface *chaos_nl_iface(struct genl_info *info, int index_attr, int name_attr);
int chaos_nl_put_dev(struct sk_buff *skb, const struct net_device *dev, int index_attr,
		     int name_attr);
int chaos_nl_need(struct genl_info *info, int attr, const char *msg);

int chaos_nl_link_new(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_link_del(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_link_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_link_dump(struct sk_buff *skb, struct netlink_callback *cb);
void chaos_nl_link_event(struct chaos_iface *iface, u8 cmd);

int chaos_nl_addr_new(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_addr_del(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_addr_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb);
void chaos_nl_addr_event(struct chaos_iface *iface, u8 cmd);

int chaos_nl_route_new(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_route_del(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_route_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_route_dump(struct sk_buff *skb, struct netlink_callback *cb);
void chaos_nl_route_event(struct chaos_net *cn, enum chaos_route_kind kind,
			  const struct chaos_route *rt, u8 cmd);

int chaos_nl_neigh_new(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_neigh_del(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_neigh_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb);
void chaos_nl_neigh_event(struct chaos_iface *iface, u8 cmd, const struct chaos_neigh_info *info);

int chaos_nl_map_new(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_map_del(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_map_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_map_dump(struct sk_buff *skb, struct netlink_callback *cb);
void chaos_nl_map_event(struct chaos_ip_map *map, u8 cmd);

int chaos_nl_rule_new(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_rule_del(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_rule_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_rule_dump(struct sk_buff *skb, struct netlink_callback *cb);

int chaos_nl_conn_start(struct netlink_callback *cb);
int chaos_nl_conn_dump(struct sk_buff *skb, struct netlink_callback *cb);
int chaos_nl_conn_done(struct netlink_callback *cb);
void chaos_nl_listener_event(const struct chaos_listener *l, u8 cmd);
void chaos_nl_channel_event(const struct chaos_channel *ch, u8 cmd);
void chaos_nl_conn_event(struct chaos_conn *conn, u8 cmd);

int chaos_nl_stats_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_net_get(struct sk_buff *skb, struct genl_info *info);
int chaos_nl_net_set(struct sk_buff *skb, struct genl_info *info);

#endif /* _NET_CHAOS_NL_H */
