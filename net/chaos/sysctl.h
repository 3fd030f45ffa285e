/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of a namespace: /proc/sys/net/chaos. */
#ifndef _NET_CHAOS_SYSCTL_H
#define _NET_CHAOS_SYSCTL_H

#include "ncp.h"
#include "net.h"

void chaos_conf_init(struct chaos_net *cn);
void chaos_default_times(const struct chaos_net *cn, struct ncp_times *times);
int chaos_sysctl_net_init(struct chaos_net *cn);
void chaos_sysctl_net_exit(struct chaos_net *cn);

#endif /* _NET_CHAOS_SYSCTL_H */
