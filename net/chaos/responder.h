/* SPDX-License-Identifier: GPL-2.0-only */
/* Simple transactions that the kernel answers itself. */
#ifndef _NET_CHAOS_RESPONDER_H
#define _NET_CHAOS_RESPONDER_H

#include "net.h"

struct sk_buff;

/**
 * typedef chaos_responder_fn - answer a request
 * @cn: namespace
 * @rfc: header of the request, an RFC or what a BRD is made into
 * @skb: empty; the answer, at most CHAOS_DATA_MAX bytes, is to be appended
 *
 * Context: RCU read side, no locks.
 */
typedef void chaos_responder_fn(struct chaos_net *cn, const struct chaos_hdr *rfc,
				struct sk_buff *skb);

chaos_responder_fn chaos_answer_routes;		/* dump_routes.c */
chaos_responder_fn chaos_answer_lastcn;		/* lastcn.c */

bool chaos_responder_has(const u8 *contact, size_t len);
bool chaos_responder_answer(struct chaos_net *cn, const struct chaos_hdr *rfc, const u8 *contact,
			    size_t len);

#endif /* _NET_CHAOS_RESPONDER_H */
