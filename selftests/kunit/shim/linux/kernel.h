/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Odds and ends that the kernel has in <linux/kernel.h>. */
#ifndef _SHIM_LINUX_KERNEL_H
#define _SHIM_LINUX_KERNEL_H

#include <endian.h>
#include <stdio.h>

#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BUILD_BUG_ON(condition)	_Static_assert(!(condition), #condition)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define le16_to_cpu(x)		le16toh(x)
#define cpu_to_le16(x)		htole16(x)

#define __aligned(x)		__attribute__((aligned(x)))
#define __printf(fmt, first)	__attribute__((format(printf, fmt, first)))

#endif /* _SHIM_LINUX_KERNEL_H */
