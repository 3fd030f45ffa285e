/* SPDX-License-Identifier: GPL-2.0-only */
/* The way out: route, then link. */
#ifndef _NET_CHAOS_OUTPUT_H
#define _NET_CHAOS_OUTPUT_H

#include <linux/skbuff.h>

#include "route.h"
#include "stats.h"

enum chaos_stat chaos_output_error_stat(int err);
void chaos_output_hop(struct chaos_net *cn, struct sk_buff *skb, const struct chaos_hop *hop);
int chaos_output(struct chaos_net *cn, struct sk_buff *skb, u16 dst);
void chaos_output_list(struct chaos_net *cn, struct sk_buff_head *list, u16 dst);

#endif /* _NET_CHAOS_OUTPUT_H */
