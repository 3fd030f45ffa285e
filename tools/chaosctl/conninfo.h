/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a connection: struct chaos_info. */
#ifndef CHAOSCTL_CONNINFO_H
#define CHAOSCTL_CONNINFO_H

#include <linux/chaos.h>
#include <netlink/attr.h>

#include "show.h"

void conninfo_copy(struct chaos_info *info, struct nlattr *attr);
void conninfo_show(struct show *s, const struct chaos_info *info);

#endif /* CHAOSCTL_CONNINFO_H */
