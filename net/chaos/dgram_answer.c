// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_DGRAM: transactions that others begin, with RFC or BRD. */

#include <linux/net.h>

#include "dgram.h"
#include "skb.h"
#include "stats.h"

/* Requests that one socket may leave unanswered; the kernel forgets them in time. */
#define DGRAM_PENDING_MAX	1024

/* Their transaction is over before we have answered. */
static void answer_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	if (events & CHAOS_EVENT_END)
		chaos_dgram_unlink(chaos_sk(sk), conn);
}

/* Remember a request as a connection that the program may answer. */
static struct chaos_conn *answer_pending(struct sock *sk, const struct chaos_hdr *rfc,
					 enum chaos_stat *reason)
{
	struct chaos_sock *cs = chaos_sk(sk);
	struct chaos_conn *conn;

	*reason = CHAOS_STAT_DROP_NO_MEMORY;
	conn = chaos_conn_create(chaos_sk_net(sk), rfc->dst, rfc->src, 1, GFP_ATOMIC);
	if (!conn)
		return NULL;
	if (chaos_conn_hash(conn))
		goto put_conn;
	chaos_conn_lock(conn);
	conn->sk = sk;
	conn->owner = answer_event;
	ncp_offer(&conn->ncp, rfc, chaos_random_u16(), chaos_now());
	if (chaos_conn_hash_peer(conn, rfc->sidx)) {
		*reason = CHAOS_STAT_DROP_DUPLICATE;
		goto forget;
	}
	if (!chaos_dgram_link(cs, conn, DGRAM_PENDING_MAX)) {
		*reason = CHAOS_STAT_DROP_BACKLOG;
		goto forget;
	}
	chaos_conn_unlock(conn);
	return conn;

forget:
	ncp_forget(&conn->ncp);
	chaos_conn_unlock(conn);
put_conn:
	chaos_conn_put(conn);
	return NULL;
}

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
	enum chaos_stat reason;
	struct chaos_conn *conn;

	conn = answer_pending(sk, &hdr, &reason);
	if (!conn)
		goto drop;
	skb = chaos_skb_compact(skb);
	if (chaos_dgram_queue(sk, skb, contact_len, 0)) {
		reason = CHAOS_STAT_DROP_BACKLOG;
		chaos_conn_lock(conn);
		ncp_forget(&conn->ncp);
		chaos_conn_unlock(conn);
		chaos_conn_put(conn);
		goto drop;
	}
	chaos_conn_put(conn);
	return;
drop:
	chaos_drop(chaos_sk_net(sk), skb, reason, &hdr);
}

/**
 * chaos_dgram_answer() - answer a request with ANS (AIM 628 section 4.1)
 * @cs: socket, locked
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
	struct chaos_conn *conn;
	struct sk_buff *skb;
	int err = -ENOENT;
	bool ours;

	conn = chaos_conn_find_peer(chaos_sk_net(&cs->sk), t->addr, t->index);
	if (!conn)
		return err;
	chaos_conn_lock(conn);
	ours = conn->sk == &cs->sk && conn->ncp.state == CHAOS_RFC_RECEIVED;
	chaos_conn_unlock(conn);
	if (!ours)
		goto put_conn;
	skb = chaos_dgram_build(cs, CHAOS_OP_ANS, t, msg, len);
	err = PTR_ERR_OR_ZERO(skb);
	if (err)
		goto put_conn;
	chaos_dgram_unlink(cs, conn);
	err = chaos_conn_answer(conn, skb) ? (int)len : -ENOENT;
put_conn:
	chaos_conn_put(conn);
	return err;
}
