/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What values are called, by those who write them and where they are shown. */
#ifndef CHAOSCTL_NAMES_H
#define CHAOSCTL_NAMES_H

#include <linux/chaos_netlink.h>

#define N_SWITCH_NAMES		2
#define N_RUT_NAMES		(CHAOS_RUT_ON + 1)
#define N_PROXY_ARP_NAMES	(CHAOS_PROXY_ARP_ALL + 1)
#define N_ROUTE_TYPE_NAMES	(CHAOS_ROUTE_FIXED + 1)
#define N_LINK_KIND_NAMES	2

extern const char *const switch_names[N_SWITCH_NAMES];
extern const char *const rut_names[N_RUT_NAMES];
extern const char *const proxy_arp_names[N_PROXY_ARP_NAMES];
extern const char *const route_type_names[N_ROUTE_TYPE_NAMES];
extern const char *const link_kind_names[N_LINK_KIND_NAMES];

#endif /* CHAOSCTL_NAMES_H */
