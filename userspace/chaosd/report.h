/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What SIGUSR1 prints. */
#ifndef CHAOSD_REPORT_H
#define CHAOSD_REPORT_H

#include "chaosd.h"

void report(struct daemon *daemon);

#endif /* CHAOSD_REPORT_H */
