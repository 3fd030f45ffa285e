/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RUT: bridges tell their neighbours which subnets they reach (AIM 628 section
 * 3.7): every 15 seconds, and soon after something changed.
 */
#ifndef _NET_CHAOS_RUT_H
#define _NET_CHAOS_RUT_H

#include <linux/skbuff.h>

#include "iface.h"

void chaos_rut_rcv(struct chaos_iface *iface, struct sk_buff *skb);
void chaos_rut_changed(struct chaos_net *cn);
void chaos_rut_link(struct chaos_iface *iface, bool usable);
void chaos_rut_net_init(struct chaos_net *cn);
void chaos_rut_net_exit(struct chaos_net *cn);

#endif /* _NET_CHAOS_RUT_H */
