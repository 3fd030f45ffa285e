// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_DGRAM: transactions that others begin, with RFC or BRD. */

#include <linux/net.h>

#include "dgram.h"
#include "request.h"
#include "skb.h"
#include "stats.h"

/**
 * chaos_dgram_offer() - a request for a bound socket (AIM 628 sections 4.1 and 4.5)
 * @sk: the socket
 * @skb: RFC, or BRD without its map of subnets; consumed
 *
 * When there is no room it is dropped: it will come again.
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_dgram_offer(struct sock *sk, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	size_t contact_len = chaos_contact_len(skb->data, hdr.len);
	struct chaos_sock *cs = chaos_sk(sk);
	int reason = chaos_request_add(cs, &hdr);

	if (!reason) {
		skb = chaos_skb_compact(skb);
		if (!chaos_dgram_queue(sk, skb, contact_len, 0))
			return;
		reason = CHAOS_STAT_DROP_BACKLOG;
		chaos_request_forget(cs, &hdr);
	}
	chaos_drop(chaos_sk_net(sk), skb, reason, &hdr);
}

/**
 * chaos_dgram_answer() - answer a request with ANS (AIM 628 section 4.1)
 * @cs: socket
 * @t: who has asked: address and index
 * @msg: the answer
 * @len: its length
 *
 * Return: @len, -ENOENT if there is no such request to this socket, -EMSGSIZE,
 * -ENOBUFS, -EFAULT.
 */
int chaos_dgram_answer(struct chaos_sock *cs, const struct chaos_target *t, struct msghdr *msg,
		       size_t len)
{
	struct sk_buff *skb;

	skb = chaos_dgram_build(cs, CHAOS_OP_ANS, t, msg, len);
	/* What is wrong with an answer that nobody waits for does not matter. */
	if (IS_ERR(skb))
		return chaos_request_waits(cs, t->addr, t->index) ? PTR_ERR(skb) : -ENOENT;
	return chaos_request_answer(cs, t->addr, t->index, skb);
}
