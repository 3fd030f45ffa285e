/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHAOS_PERF_SERVER_H
#define CHAOS_PERF_SERVER_H

#include "perf_options.h"

int perf_serve(const struct perf_options *o);

#endif /* CHAOS_PERF_SERVER_H */
