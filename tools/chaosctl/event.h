/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells without being asked: which kinds there are, and printing one. */
#ifndef CHAOSCTL_EVENT_H
#define CHAOSCTL_EVENT_H

#include <time.h>

#include "object.h"

void event_help(FILE *f);
int event_pick_kinds(char *const *words, unsigned int *kinds);
int event_show(struct ctl *ctl, struct nlmsghdr *msg, unsigned int kinds,
	       const struct timespec *when);

#endif /* CHAOSCTL_EVENT_H */
