/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel types for the host build; the __u16 family is that of the C library's headers. */
#ifndef _SHIM_LINUX_TYPES_H
#define _SHIM_LINUX_TYPES_H

#include_next <linux/types.h>

#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#define U8_MAX		((u8)~0)
#define U16_MAX		((u16)~0)
#define U32_MAX		((u32)~0)
#define U64_MAX		((u64)~0)

struct list_head {
	struct list_head *next, *prev;
};

#endif /* _SHIM_LINUX_TYPES_H */
