/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The present configuration as commands. */
#ifndef CHAOSCTL_SAVE_H
#define CHAOSCTL_SAVE_H

#include <stdio.h>
#include <netlink/attr.h>

#include "object.h"

int save_commands(struct ctl *ctl, FILE *f);
bool save_is_loopback(struct nlattr *type);
bool save_is_passing(struct nlattr *persist);

#endif /* CHAOSCTL_SAVE_H */
