/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum (RFC 1071), over words in the processor's order as in the kernel. */
#ifndef _SHIM_NET_CHECKSUM_H
#define _SHIM_NET_CHECKSUM_H

#include <linux/string.h>
#include <linux/types.h>

static inline __wsum csum_partial(const void *buff, int len, __wsum sum)
{
	const u8 *bytes = buff;
	u64 total = sum;
	u16 word;

	for (; len > 0; len -= 2, bytes += 2) {
		word = 0;
		memcpy(&word, bytes, len > 1 ? 2 : 1);
		total += word;
	}
	while (total >> 32)
		total = (u32)total + (total >> 32);
	return total;
}

static inline __sum16 csum_fold(__wsum sum)
{
	u32 folded = sum;

	while (folded >> 16)
		folded = (folded & 0xffff) + (folded >> 16);
	return ~folded;
}

#endif /* _SHIM_NET_CHECKSUM_H */
