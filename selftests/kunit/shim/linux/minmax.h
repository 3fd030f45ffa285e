/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SHIM_LINUX_MINMAX_H
#define _SHIM_LINUX_MINMAX_H

/* As in the kernel, each argument is evaluated once. */
#define min_t(type, x, y) ({ type _x = (x); type _y = (y); _x < _y ? _x : _y; })
#define max_t(type, x, y) ({ type _x = (x); type _y = (y); _x > _y ? _x : _y; })
#define clamp_t(type, val, lo, hi) \
	({ type _v = (val); type _lo = (lo); type _hi = (hi); \
	   _v < _lo ? _lo : _v > _hi ? _hi : _v; })

/* Arguments of one type. */
#define min(x, y)		min_t(typeof(x), x, y)
#define max(x, y)		max_t(typeof(x), x, y)
#define clamp(val, lo, hi)	clamp_t(typeof(val), val, lo, hi)

#endif /* _SHIM_LINUX_MINMAX_H */
