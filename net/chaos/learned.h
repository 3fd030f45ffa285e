/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bridges told us of subnets: entries of type BRIDGE, at most one for each
 * subnet, beside what is configured.
 */
#ifndef _NET_CHAOS_LEARNED_H
#define _NET_CHAOS_LEARNED_H

#include "route.h"

const struct chaos_route *chaos_learned_get(struct chaos_net *cn, u8 subnet);
bool chaos_learned_tell(struct chaos_net *cn, u8 subnet, u16 via, u16 cost);
bool chaos_learned_del(struct chaos_net *cn, u8 subnet);
void chaos_learned_drop_iface(struct chaos_net *cn, const struct chaos_iface *iface);
bool chaos_learned_expire(struct chaos_net *cn, unsigned long *next);
void chaos_learned_net_exit(struct chaos_net *cn);

#endif /* _NET_CHAOS_LEARNED_H */
