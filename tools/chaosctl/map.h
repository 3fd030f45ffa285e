/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of links of type ip, for those who write the configuration. */
#ifndef CHAOSCTL_MAP_H
#define CHAOSCTL_MAP_H

#include <stdio.h>
#include <netlink/attr.h>

#include <linux/chaos_netlink.h>

extern const struct nla_policy map_policy[CHAOS_MAP_A_MAX + 1];

void map_write(FILE *f, struct nlattr **tb);

#endif /* CHAOSCTL_MAP_H */
