/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What SIGUSR1 tells. */
#ifndef CHAOS_TLS_REPORT_H
#define CHAOS_TLS_REPORT_H

#include "tls.h"

void report(const struct tls *tls);

#endif /* CHAOS_TLS_REPORT_H */
