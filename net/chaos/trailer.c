// SPDX-License-Identifier: GPL-2.0-only
/* Making and checking trailers. */

#include <linux/kernel.h>
#include <net/checksum.h>

#include "trailer.h"

/**
 * chaos_trailer_build() - make the trailer of a packet
 * @trailer: result
 * @pkt: packet, LSB-first, from its header on
 * @len: its length on the wire, even
 * @dst: link destination
 * @src: link source
 *
 * Context: any.
 */
void chaos_trailer_build(struct chaos_trailer *trailer, const void *pkt, unsigned int len,
			 u16 dst, u16 src)
{
	__wsum sum = csum_partial(pkt, len, 0);

	BUILD_BUG_ON(sizeof(*trailer) != CHAOS_TRAILER_LEN);
	trailer->dst = cpu_to_le16(dst);
	trailer->src = cpu_to_le16(src);
	trailer->check = 0;
	trailer->check = csum_fold(csum_partial(trailer, sizeof(*trailer), sum));
}

/**
 * chaos_trailer_check() - is the checksum right?
 * @record: packet with trailer
 * @len: length of both, even
 *
 * Context: any.
 */
bool chaos_trailer_check(const void *record, unsigned int len)
{
	return !csum_fold(csum_partial(record, len, 0));
}
