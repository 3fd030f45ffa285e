/* SPDX-License-Identifier: GPL-2.0-only */
/* The way in: every link hands its packets to chaos_rcv(). */
#ifndef _NET_CHAOS_INPUT_H
#define _NET_CHAOS_INPUT_H

#include <linux/skbuff.h>

#include "iface.h"
#include "stats.h"

void chaos_rcv(struct chaos_iface *iface, struct sk_buff *skb);
void chaos_rcv_unreachable(struct chaos_net *cn, struct sk_buff *skb);

#endif /* _NET_CHAOS_INPUT_H */
