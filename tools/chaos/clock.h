/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers to TIME and UPTIME. */
#ifndef CHAOS_CLOCK_H
#define CHAOS_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define UPTIME_HZ	60
#define UPTIME_STRLEN	32

int clock_parse(uint32_t *value, const void *answer, size_t len);
int64_t clock_to_unix(uint32_t value, int64_t near);
int64_t clock_offset(int64_t peer, int64_t before, int64_t after);
char *clock_format_uptime(uint32_t ticks, char buf[UPTIME_STRLEN]);

#endif /* CHAOS_CLOCK_H */
