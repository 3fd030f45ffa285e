/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHAOS_PERF_CLIENT_H
#define CHAOS_PERF_CLIENT_H

#include "perf_options.h"

int perf_measure(const struct perf_options *o);
int perf_transact(const struct perf_options *o);

#endif /* CHAOS_PERF_CLIENT_H */
