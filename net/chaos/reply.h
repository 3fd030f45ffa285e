/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers that the host itself gives to packets that belong to no connection:
 * LOS, CLS, FWD and the ANS of the responders.  They keep no state, and their number
 * is limited by source, since sources are easily forged.
 */
#ifndef _NET_CHAOS_REPLY_H
#define _NET_CHAOS_REPLY_H

#include "net.h"

void chaos_reply_net_init(struct chaos_net *cn);
void chaos_reply_los(struct chaos_net *cn, const struct chaos_hdr *to, const char *reason);
void chaos_reply_cls(struct chaos_net *cn, const struct chaos_hdr *to, const char *reason);
void chaos_reply_fwd(struct chaos_net *cn, const struct chaos_hdr *to, u16 host,
		     const void *contact, size_t len, const void *args, size_t args_len);
bool chaos_reply_allowed(struct chaos_net *cn, u16 src);
void chaos_reply_ans(struct chaos_net *cn, const struct chaos_hdr *to, struct sk_buff *skb);

#endif /* _NET_CHAOS_REPLY_H */
