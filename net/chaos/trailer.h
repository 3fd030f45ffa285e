/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The "hardware trailer" (AIM 628 section 2.5): what a Chaosnet interface sent behind
 * every packet.  Tunnels still do.  Pure code, also compiled on the host for tests.
 */
#ifndef _NET_CHAOS_TRAILER_H
#define _NET_CHAOS_TRAILER_H

#include <linux/types.h>
#include <linux/chaos.h>

/**
 * struct chaos_trailer - the trailer as it travels, LSB-first
 * @dst: link destination: the next hop, 0 for all
 * @src: link source: who sent it on this link
 * @check: Internet checksum (RFC 1071) over the packet and the two addresses
 */
struct chaos_trailer {
	__le16 dst;
	__le16 src;
	__sum16 check;
};

void chaos_trailer_build(struct chaos_trailer *trailer, const void *pkt, unsigned int len,
			 u16 dst, u16 src);
bool chaos_trailer_check(const void *record, unsigned int len);

#endif /* _NET_CHAOS_TRAILER_H */
