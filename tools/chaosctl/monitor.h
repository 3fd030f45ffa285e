/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chaosctl monitor: events as they happen. */
#ifndef CHAOSCTL_MONITOR_H
#define CHAOSCTL_MONITOR_H

#include "object.h"

int monitor_run(struct ctl *ctl, char *const *words);

#endif /* CHAOSCTL_MONITOR_H */
