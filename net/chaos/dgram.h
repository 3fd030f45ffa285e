/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SOCK_DGRAM: simple transactions (AIM 628 section 4.1), both sides.
 *
 * One of ours (dgram_request.c) is a connection that never opens.  It ends with ANS,
 * which goes to the receive queue, or fails, of which the error queue tells
 * (dgram_error.c); a broadcast takes any number of answers until its time is over.
 * chaos_sock.queue has all of them, with a reference each, until then.
 *
 * Theirs (dgram_answer.c) begins when their request is put into the receive queue, and
 * is found by address and index (request.c) when the program answers.
 */
#ifndef _NET_CHAOS_DGRAM_H
#define _NET_CHAOS_DGRAM_H

#include "af_chaos.h"

/**
 * struct chaos_dgram_cb - what recvmsg() tells of a packet in the receive queue
 * @hdr: its header
 * @tid: CHAOS_TID, of an answer
 * @skip: bytes before its data; they begin with the contact name
 * @contact_len: length of that, 0 in an answer
 */
struct chaos_dgram_cb {
	struct chaos_hdr hdr;
	u32 tid;
	u8 skip;
	u8 contact_len;
};

static inline struct chaos_dgram_cb *chaos_dgram_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct chaos_dgram_cb) > sizeof(skb->cb));
	return (struct chaos_dgram_cb *)skb->cb;
}

/* What both sides need: sock_dgram.c. */
bool chaos_dgram_link(struct chaos_sock *cs, struct chaos_conn *conn);
void chaos_dgram_unlink(struct chaos_sock *cs, struct chaos_conn *conn);
int chaos_dgram_queue(struct sock *sk, struct sk_buff *skb, u8 contact_len, u32 tid);
struct sk_buff *chaos_dgram_build(struct chaos_sock *cs, u8 op, const struct chaos_target *t,
				  struct msghdr *msg, size_t len);

int chaos_dgram_request(struct chaos_sock *cs, const struct chaos_target *t, u32 tid,
			struct msghdr *msg, size_t len);
int chaos_dgram_answer(struct chaos_sock *cs, const struct chaos_target *t, struct msghdr *msg,
		       size_t len);

void chaos_dgram_error(struct chaos_sock *cs, const struct chaos_conn *conn, int error,
		       const struct sk_buff *packet);
int chaos_dgram_recv_error(struct sock *sk, struct msghdr *msg, size_t len, int flags);

#endif /* _NET_CHAOS_DGRAM_H */
