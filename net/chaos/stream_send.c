// SPDX-License-Identifier: GPL-2.0-only
/*
 * SOCK_STREAM and SOCK_SEQPACKET: sending.
 *
 * A stream is the bytes of the data packets with EOF marks between them; a packet
 * socket keeps the packets and their opcodes.  A large write goes to the engine in
 * batches: one lock, one way down, and a receiver that is woken for all of them.
 */

#include <linux/net.h>

#include "af_chaos.h"
#include "skb.h"
#include "stream.h"

/* Packets of a write that are made before the engine gets them: no more go at once to
 * the links (conn_xmit.c).
 */
#define SEND_BATCH	32

static bool stream_has_space(struct sock *sk)
{
	struct chaos_conn *conn = chaos_sk(sk)->conn;

	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) &&
	       ncp_may_queue(&conn->ncp) && !chaos_stream_mem_wait(sk, conn);
}

static bool stream_may_send(struct sock *sk)
{
	struct chaos_sock *cs = chaos_sk(sk);
	u8 state = chaos_stream_state(cs);

	if (state == CHAOS_RFC_SENT)
		return false;
	if (state != CHAOS_OPENED || sk->sk_shutdown & SEND_SHUTDOWN)
		return true;
	return stream_has_space(sk);
}

/* Why nothing can be sent, or 0. */
static int stream_send_error(struct chaos_sock *cs)
{
	if (cs->sk.sk_shutdown & SEND_SHUTDOWN)
		return -EPIPE;
	if (!cs->conn || !chaos_stream_was_open(cs))
		return -ENOTCONN;
	if (chaos_stream_ended(cs))
		return chaos_end_errno(&cs->conn->ncp) ?: -EPIPE;
	return 0;
}

/* A packet is complete: put it behind the others of the batch. */
static void stream_add_skb(struct chaos_sock *cs, struct list_head *pkts, struct sk_buff *skb)
{
	skb_set_owner_w(skb, &cs->sk);
	__skb_header_release(skb);
	list_add_tail(&chaos_pkt(skb)->list, pkts);
}

/* Hand packets to the engine; consumed.  Fails if the connection has ended. */
static int stream_queue(struct chaos_sock *cs, struct list_head *pkts)
{
	struct chaos_conn *conn = cs->conn;
	struct ncp_pkt *pkt, *tmp;
	bool open;

	chaos_conn_lock(conn);
	open = conn->ncp.state == CHAOS_OPENED;
	if (open) {
		list_for_each_entry(pkt, pkts, list)
			chaos_conn_charge(conn, chaos_pkt_skb(pkt));
		ncp_send_list(&conn->ncp, pkts, chaos_now());
	}
	chaos_conn_unlock(conn);
	if (open)
		return 0;
	list_for_each_entry_safe(pkt, tmp, pkts, list)
		kfree_skb(chaos_pkt_skb(pkt));
	return stream_send_error(cs);
}

/**
 * chaos_stream_queue_eof() - send an EOF mark
 * @cs: socket, locked, with an open connection
 *
 * Return: 0, -ENOMEM, or why the connection has ended.
 */
int chaos_stream_queue_eof(struct chaos_sock *cs)
{
	struct sk_buff *skb = chaos_skb_data(CHAOS_OP_EOF, NULL, 0, GFP_KERNEL);
	LIST_HEAD(pkts);

	if (!skb)
		return -ENOMEM;
	stream_add_skb(cs, &pkts, skb);
	return stream_queue(cs, &pkts);
}

/* May the last packet of this write wait for the next write? */
static enum ncp_hold stream_hold(const struct chaos_sock *cs, const struct msghdr *msg)
{
	if (cs->sk.sk_type != SOCK_STREAM || msg->msg_flags & MSG_EOR)
		return NCP_HOLD_NOT;
	if (msg->msg_flags & MSG_MORE)
		return NCP_HOLD_MORE;
	return cs->nodelay ? NCP_HOLD_JOIN : NCP_HOLD_PARTIAL;
}

/* Put more data into @skb, which has room.  Return: 0 or -EFAULT, nothing changed. */
static int stream_fill(struct sk_buff *skb, struct msghdr *msg, size_t len)
{
	unsigned int old = chaos_pkt(skb)->hdr.len;
	int err = 0;

	__skb_trim(skb, old);
	if (copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		old += len;
	} else {
		__skb_trim(skb, old);
		err = -EFAULT;
	}
	if (old & 1)
		skb_put_u8(skb, 0);
	return err;
}

/* Add to the last packet if it has not gone yet.  Nobody else writes: the socket is
 * locked.  Return: the number of bytes taken, 0 if there is no such packet, or a
 * negative errno.
 */
static int stream_join(struct chaos_sock *cs, struct msghdr *msg, size_t len)
{
	struct chaos_conn *conn = cs->conn;
	struct ncp_pkt *pkt;
	struct sk_buff *skb;
	bool open;
	int err;

	chaos_conn_lock(conn);
	pkt = ncp_reopen(&conn->ncp);
	/* The engine may drop it while we copy. */
	skb = pkt ? skb_get(chaos_pkt_skb(pkt)) : NULL;
	chaos_conn_unlock(conn);
	if (!skb)
		return 0;
	len = min_t(size_t, len, CHAOS_DATA_MAX - pkt->hdr.len);
	err = stream_fill(skb, msg, len);
	chaos_conn_lock(conn);
	open = conn->ncp.state == CHAOS_OPENED;
	if (open)
		ncp_extend(&conn->ncp, pkt, pkt->hdr.len + (err ? 0 : len),
			   stream_hold(cs, msg), chaos_now());
	chaos_conn_unlock(conn);
	consume_skb(skb);
	if (!err && !open)
		err = stream_send_error(cs);
	return err ?: (int)len;
}

/* Most packets of a large write are full.  Where the length is known to the compiler, a
 * hardened kernel need not look for the buffer that it must fit.
 */
static bool stream_copy_in(struct sk_buff *skb, struct msghdr *msg, size_t len)
{
	void *to = skb_put(skb, len);

	if (len == CHAOS_DATA_MAX)
		return copy_from_iter_full(to, CHAOS_DATA_MAX, &msg->msg_iter);
	return copy_from_iter_full(to, len, &msg->msg_iter);
}

/* Make a packet.  Return: the number of bytes taken, or a negative errno. */
static int stream_make_packet(struct chaos_sock *cs, struct msghdr *msg, u8 op, size_t len,
			      struct list_head *pkts)
{
	enum ncp_hold hold = stream_hold(cs, msg);
	struct sk_buff *skb;

	/* With room for what may join it. */
	skb = chaos_skb_alloc_queued(hold == NCP_HOLD_NOT ? len : CHAOS_DATA_MAX,
				     cs->sk.sk_allocation);
	if (!skb)
		return -ENOBUFS;
	if (!stream_copy_in(skb, msg, len)) {
		kfree_skb(skb);
		return -EFAULT;
	}
	chaos_skb_ready(skb, op, len);
	chaos_pkt(skb)->hold = op == CHAOS_OP_EOF ? NCP_HOLD_NOT : hold;
	stream_add_skb(cs, pkts, skb);
	return len;
}

/* Send one packet, or as many as a batch of a stream has; @len may be 0.  Return: the
 * number of bytes taken, or a negative errno if there are none.
 */
static int stream_send_batch(struct chaos_sock *cs, struct msghdr *msg, u8 op, size_t len)
{
	unsigned int n = 0;
	LIST_HEAD(pkts);
	int made = 0, err;

	do {
		err = stream_make_packet(cs, msg, op, min_t(size_t, len - made, CHAOS_DATA_MAX),
					 &pkts);
		if (err < 0)
			break;
		made += err;
	} while ((size_t)made < len && ++n < SEND_BATCH && stream_has_space(&cs->sk));
	if (list_empty(&pkts))
		return err;
	err = stream_queue(cs, &pkts);
	return err ?: made;
}

/* EOF takes no data; other controlled opcodes are data of a packet socket. */
static int stream_check_opcode(const struct sock *sk, int op, size_t len)
{
	if (op == CHAOS_OP_EOF)
		return len ? -EINVAL : 0;
	if (op < CHAOS_OP_DAT || op > U8_MAX)
		return -EINVAL;
	if (sk->sk_type == SOCK_STREAM)
		return op == CHAOS_OP_DAT ? 0 : -EINVAL;
	return len > CHAOS_DATA_MAX ? -EMSGSIZE : 0;
}

/**
 * chaos_stream_sendmsg() - sendmsg()
 * @sock: socket, locked
 * @msg: data, destination (must be none) and control messages
 * @len: bytes
 *
 * Return: bytes taken, fewer than @len only if something happened on the way; or
 * a negative errno.
 */
int chaos_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	int op = CHAOS_OP_DAT, sent = 0, err;
	bool packet;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->msg_namelen)
		return chaos_stream_was_open(cs) ? -EISCONN : -EOPNOTSUPP;
	err = chaos_get_cmsg(msg, CHAOS_OPCODE, &op, sizeof(op));
	if (!err)
		err = stream_check_opcode(sk, op, len);
	if (err)
		return err;
	/* An empty write to a stream is nothing; everything else is a packet. */
	packet = sk->sk_type == SOCK_SEQPACKET || op == CHAOS_OP_EOF;
	while (len > (size_t)sent || packet) {
		if (cs->conn)
			err = chaos_sk_wait(sk, &timeo, stream_may_send);
		if (!err)
			err = stream_send_error(cs);
		if (!err && !packet && !sent)
			err = stream_join(cs, msg, len - sent);
		if (!err)
			err = stream_send_batch(cs, msg, op, len - sent);
		if (err < 0)
			break;
		sent += err;
		err = 0;
		packet = false;
	}
	if (sent)
		return sent;
	if (err == -EPIPE && !(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return err;
}

/**
 * chaos_stream_outq() - bytes sent that are not known to have arrived
 * @cs: socket, locked
 */
int chaos_stream_outq(struct chaos_sock *cs)
{
	struct ncp_pkt *pkt;
	int sum = 0;

	if (!cs->conn)
		return 0;
	chaos_conn_lock(cs->conn);
	list_for_each_entry(pkt, &cs->conn->ncp.sendq, list)
		if (pkt->hdr.op >= CHAOS_OP_DAT)
			sum += pkt->hdr.len;
	chaos_conn_unlock(cs->conn);
	return sum;
}
