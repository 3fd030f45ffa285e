/* SPDX-License-Identifier: GPL-2.0-only */
/* Going where a server sends us: FWD (AIM 628 section 4.1). */
#ifndef _NET_CHAOS_FOLLOW_H
#define _NET_CHAOS_FOLLOW_H

#include <linux/skbuff.h>

#define CHAOS_FOLLOW_MAX	16	/* CHAOS_FOLLOW */

/**
 * struct chaos_follow - a request on its way from server to server
 * @left: how many FWDs may still be followed
 * @n: servers asked so far
 * @seen: hash of each one's address and contact
 */
struct chaos_follow {
	u8 left;
	u8 n;
	u32 seen[CHAOS_FOLLOW_MAX + 1];
};

struct chaos_follow *chaos_follow_begin(unsigned int hops, u16 host, const struct sk_buff *rfc,
					gfp_t gfp);
struct sk_buff *chaos_follow_next(struct chaos_follow *f, const struct sk_buff *fwd,
				  const struct sk_buff *rfc, gfp_t gfp);

#endif /* _NET_CHAOS_FOLLOW_H */
