// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_DGRAM: transactions that we begin, with RFC or BRD. */

#include <linux/net.h>

#include "broadcast.h"
#include "dgram.h"
#include "follow.h"
#include "skb.h"
#include "stats.h"

static chaos_owner_fn request_event, broadcast_event;

static struct chaos_conn *request_create(struct chaos_sock *cs, u16 src, u16 dst, u32 tid,
					 gfp_t gfp)
{
	struct chaos_conn *conn = chaos_conn_create(chaos_sk_net(&cs->sk), src, dst, 1, gfp);

	if (!conn)
		return NULL;
	conn->ncp.simple = true;
	conn->tid = tid;
	conn->sk = &cs->sk;
	conn->owner = dst ? request_event : broadcast_event;
	return conn;
}

/* Begin a transaction; @skb is consumed only then.  Fails when the socket is closed. */
static int request_begin(struct chaos_sock *cs, struct chaos_conn *conn, struct sk_buff *skb)
{
	struct sock *sk = &cs->sk;
	int err;

	chaos_conn_lock(conn);
	err = chaos_conn_hash(conn);
	if (err)
		goto unlock;
	if (!chaos_dgram_link(cs, conn)) {
		chaos_conn_unhash(conn);
		err = -EPIPE;
		goto unlock;
	}
	/* From here on the socket cannot go before we unlock. */
	if (chaos_pkt(skb)->hdr.op == CHAOS_OP_RFC) {
		skb_set_owner_w(skb, sk);
		ncp_connect(&conn->ncp, chaos_pkt(skb), chaos_random_u16(), chaos_now());
	} else {
		skb_set_owner_w(conn->rfc, sk);
		ncp_broadcast(&conn->ncp, chaos_pkt(skb), chaos_random_u16(), chaos_now());
	}
unlock:
	chaos_conn_unlock(conn);
	return err;
}

/* FWD: ask there (AIM 628 section 4.1).  Return: 0 or a negative errno. */
static int request_follow(struct chaos_sock *cs, struct chaos_conn *old)
{
	u16 host = chaos_pkt(old->final)->hdr.ack, src;
	struct chaos_conn *conn;
	struct sk_buff *skb;
	int err;

	skb = chaos_follow_next(old->follow, old->final, old->rfc, GFP_ATOMIC);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	err = chaos_source_addr(cs, host, &src);
	if (err)
		goto free_skb;
	err = -ENOMEM;
	conn = request_create(cs, src, host, old->tid, GFP_ATOMIC);
	if (!conn)
		goto free_skb;
	conn->ncp.times = old->ncp.times;
	conn->follow = old->follow;
	old->follow = NULL;
	conn->rfc = skb_clone(skb, GFP_ATOMIC);
	if (!conn->rfc)
		goto put_conn;
	err = request_begin(cs, conn, skb);
	if (err)
		goto put_conn;
	chaos_conn_put(conn);
	return 0;

put_conn:
	chaos_conn_put(conn);
free_skb:
	kfree_skb(skb);
	return err;
}

static void request_failed(struct chaos_sock *cs, struct chaos_conn *conn, int error)
{
	struct sk_buff *old;

	spin_lock_bh(&cs->queue_lock);
	old = cs->reason;
	cs->reason = conn->final ? skb_get(conn->final) : NULL;
	cs->failed = conn->ncp.end;
	spin_unlock_bh(&cs->queue_lock);
	kfree_skb(old);

	if (READ_ONCE(cs->recverr)) {
		chaos_dgram_error(cs, conn, error, conn->final);
	} else if (rcu_access_pointer(cs->target)) {
		/* As for UDP, only a connected socket can tell whose error it is. */
		WRITE_ONCE(cs->sk.sk_err, error);
		sk_error_report(&cs->sk);
	}
}

static void request_answered(struct chaos_conn *conn, struct sock *sk, struct sk_buff *ans)
{
	if (chaos_dgram_queue(sk, ans, 0, conn->tid))
		chaos_drop(conn->cn, ans, CHAOS_STAT_DROP_BACKLOG, NULL);
}

static void request_forwarded(struct chaos_sock *cs, struct chaos_conn *conn)
{
	int err = conn->follow ? request_follow(cs, conn) : -EREMCHG;

	if (err)
		request_failed(cs, conn, err == -ELOOP ? ELOOP : EREMCHG);
}

/* The transaction is over, or goes on with another host. */
static void request_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	struct chaos_sock *cs = chaos_sk(sk);

	if (!(events & CHAOS_EVENT_END))
		return;
	switch (conn->ncp.end) {
	case NCP_END_LOCAL:
		break;
	case NCP_END_ANSWERED:
		request_answered(conn, sk, conn->final);
		conn->final = NULL;
		break;
	case NCP_END_FORWARDED:
		request_forwarded(cs, conn);
		break;
	default:
		request_failed(cs, conn, -chaos_end_errno(&conn->ncp));
	}
	chaos_dgram_unlink(cs, conn);
}

/* ANS is an answer; CLS and FWD tell about one host of many (AIM 628 section 4.5). */
static void broadcast_answered(struct chaos_sock *cs, struct chaos_conn *conn,
			       struct sk_buff *skb)
{
	u8 op = chaos_pkt(skb)->hdr.op;

	conn->answered = true;
	if (op == CHAOS_OP_ANS) {
		request_answered(conn, &cs->sk, skb);
		return;
	}
	if (READ_ONCE(cs->recverr))
		chaos_dgram_error(cs, conn, op == CHAOS_OP_FWD ? EREMCHG : ECONNREFUSED, skb);
	consume_skb(skb);
}

/* Answers to a broadcast have come, or its time is over. */
static void broadcast_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	struct chaos_sock *cs = chaos_sk(sk);
	struct sk_buff_head answers;
	struct sk_buff *skb;

	__skb_queue_head_init(&answers);
	chaos_conn_lock(conn);
	while ((skb = __skb_dequeue(&conn->rxq))) {
		skb_orphan(skb);
		__skb_queue_tail(&answers, skb);
	}
	chaos_conn_unlock(conn);
	while ((skb = __skb_dequeue(&answers)))
		broadcast_answered(cs, conn, skb);

	if (!(events & CHAOS_EVENT_END))
		return;
	if (conn->ncp.end == NCP_END_TIMEOUT && !conn->answered && READ_ONCE(cs->recverr))
		chaos_dgram_error(cs, conn, ETIMEDOUT, NULL);
	chaos_dgram_unlink(cs, conn);
}

/* Keep what is asked for: to tell when it fails, and to ask again after a FWD.  That of a
 * broadcast is also what counts against the send buffer.
 */
static int request_keep(const struct chaos_sock *cs, struct chaos_conn *conn, struct sk_buff *skb)
{
	bool broadcast = chaos_pkt(skb)->hdr.op == CHAOS_OP_BRD;
	struct ncp_pkt *pkt;

	if (!cs->recverr && !cs->follow && !broadcast)
		return 0;
	conn->rfc = skb_clone(skb, GFP_KERNEL);
	if (!conn->rfc)
		return -ENOBUFS;
	if (broadcast) {
		pkt = chaos_pkt(conn->rfc);
		pkt->data = __skb_pull(conn->rfc, CHAOS_SUBNET_MAP);
		pkt->hdr.len -= CHAOS_SUBNET_MAP;
	} else if (cs->follow) {
		conn->follow = chaos_follow_begin(cs->follow, conn->ncp.raddr, skb, GFP_KERNEL);
		if (!conn->follow)
			return -ENOBUFS;
	}
	return 0;
}

/**
 * chaos_dgram_request() - ask a host, or many (AIM 628 sections 4.1 and 4.5)
 * @cs: socket, locked
 * @t: host and contact; without a host, all that CHAOS_SUBNETS says
 * @tid: comes back with what becomes of it
 * @msg: arguments
 * @len: their length
 *
 * Return: @len, -EACCES (broadcast without SO_BROADCAST), -EDESTADDRREQ (broadcast
 * without CHAOS_SUBNETS), -EMSGSIZE, -EFAULT, -ENOBUFS, or as chaos_source_addr(),
 * chaos_broadcast_source() and chaos_conn_hash().
 */
int chaos_dgram_request(struct chaos_sock *cs, const struct chaos_target *t, u32 tid,
			struct msghdr *msg, size_t len)
{
	struct chaos_conn *conn;
	struct sk_buff *skb;
	u16 src;
	int err;

	err = t->addr ? chaos_source_addr(cs, t->addr, &src) : chaos_broadcast_addr(cs, &src);
	if (err)
		return err;
	skb = chaos_dgram_build(cs, t->addr ? CHAOS_OP_RFC : CHAOS_OP_BRD, t, msg, len);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	err = -ENOBUFS;
	conn = request_create(cs, src, t->addr, tid, GFP_KERNEL);
	if (!conn)
		goto free_skb;
	conn->ncp.times = cs->times;
	err = request_keep(cs, conn, skb);
	if (err)
		goto put_conn;
	err = request_begin(cs, conn, skb);
	if (err)
		goto put_conn;
	chaos_conn_put(conn);
	return len;

put_conn:
	chaos_conn_put(conn);
free_skb:
	kfree_skb(skb);
	return err;
}
