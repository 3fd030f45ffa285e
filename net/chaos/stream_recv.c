// SPDX-License-Identifier: GPL-2.0-only
/*
 * SOCK_STREAM and SOCK_SEQPACKET: receiving.
 *
 * Only who holds the socket lock takes packets out of the receive queue, and what
 * arrives is put behind all that is there.  So a reader looks at the queue once, copies
 * without the connection's lock, and takes out what is read in one go.
 */

#include <linux/net.h>

#include "af_chaos.h"
#include "skb.h"
#include "stream.h"

static bool stream_readable(struct sock *sk)
{
	struct chaos_sock *cs = chaos_sk(sk);

	return !skb_queue_empty_lockless(&cs->conn->rxq) || chaos_stream_ended(cs) ||
	       sk->sk_shutdown & RCV_SHUTDOWN;
}

/**
 * struct stream_run - packets at the front of the receive queue
 * @skb: the next one to look at, if @left is not 0
 * @left: how many there are from there on that we know of
 * @read: how many before it are read and still in the queue
 */
struct stream_run {
	struct sk_buff *skb;
	unsigned int left;
	unsigned int read;
};

/* Go on behind @run->skb. */
static void stream_step(struct stream_run *run, bool read)
{
	run->read += read;
	if (--run->left)
		run->skb = run->skb->next;
}

/* Take out what is read and tell the engine.  Lock held. */
static void stream_take_out(struct chaos_conn *conn, struct stream_run *run,
			    struct sk_buff_head *garbage)
{
	u16 number = conn->ncp.rcv_read;
	const struct sk_buff *next;
	unsigned int n = run->read;
	struct sk_buff *skb;
	bool eof_next;

	while (run->read) {
		run->read--;
		skb = __skb_dequeue(&conn->rxq);
		chaos_conn_uncharge(conn, skb);
		if (chaos_pkt(skb)->hdr.op != CHAOS_OP_UNC)
			number = chaos_pkt(skb)->hdr.num;
		__skb_queue_tail(garbage, skb);
	}
	next = skb_peek(&conn->rxq);
	eof_next = next && chaos_pkt(next)->hdr.op == CHAOS_OP_EOF;
	ncp_consumed(&conn->ncp, number, eof_next, n, chaos_now());
	/* An error waits until everything before it is read. */
	if (!next && !ncp_alive(&conn->ncp) && conn->sk)
		WRITE_ONCE(conn->sk->sk_err, -chaos_end_errno(&conn->ncp));
}

/* Account for what is read, then look what there is; no more than may be read before
 * the peer must hear of it, unless @all.  Return: the first packet, or NULL.
 */
static struct sk_buff *stream_look(struct chaos_conn *conn, struct stream_run *run, bool all)
{
	struct sk_buff_head garbage;
	struct sk_buff *skb;

	__skb_queue_head_init(&garbage);
	chaos_conn_lock(conn);
	if (run->read)
		stream_take_out(conn, run, &garbage);
	run->skb = skb_peek(&conn->rxq);
	run->left = skb_queue_len(&conn->rxq);
	if (!all)
		run->left = min(run->left, max(ncp_read_quota(&conn->ncp), 1u));
	chaos_conn_unlock(conn);
	while ((skb = __skb_dequeue(&garbage)))
		consume_skb(skb);
	return run->skb;
}

/* Account for what is read. */
static void stream_finish(struct chaos_conn *conn, struct stream_run *run)
{
	if (run->read)
		stream_look(conn, run, false);
}

/* What there is to say once everything is read. */
static int stream_end(const struct chaos_sock *cs)
{
	if (cs->sk.sk_shutdown & RCV_SHUTDOWN || !chaos_stream_ended(cs))
		return 0;
	WRITE_ONCE(((struct sock *)&cs->sk)->sk_err, 0);
	return chaos_end_errno(&cs->conn->ncp);
}

/* There is no packet: wait for one.  Return: 0, 1 at the end, or a negative errno. */
static int stream_wait_packet(struct chaos_sock *cs, struct stream_run *run, bool all,
			      long *timeo)
{
	int err = chaos_sk_wait(&cs->sk, timeo, stream_readable);

	return err ?: !stream_look(cs->conn, run, all);
}

/* See stream_copy_in(). */
static bool stream_copy_out(struct msghdr *msg, const struct ncp_pkt *pkt, size_t len)
{
	if (len == CHAOS_DATA_MAX)
		return copy_to_iter(pkt->data, CHAOS_DATA_MAX, &msg->msg_iter) == len;
	return copy_to_iter(pkt->data, len, &msg->msg_iter) == len;
}

/* Copy from one packet, or as for TCP only count.  Return: bytes, or -EFAULT. */
static int stream_copy(struct msghdr *msg, struct sk_buff *skb, size_t len, int flags)
{
	struct ncp_pkt *pkt = chaos_pkt(skb);
	int n = min_t(size_t, len, pkt->hdr.len);

	if (!(flags & MSG_TRUNC) && !stream_copy_out(msg, pkt, n))
		return -EFAULT;
	if (!(flags & MSG_PEEK)) {
		pkt->data += n;
		pkt->hdr.len -= n;
	}
	return n;
}

/* Uncontrolled and empty packets are no part of a stream. */
static bool stream_is_nothing(const struct sk_buff *skb)
{
	return chaos_pkt(skb)->hdr.op == CHAOS_OP_UNC || !chaos_pkt(skb)->hdr.len;
}

/* Read bytes up to the next mark.  Marks and empty or uncontrolled packets at the
 * front have been dealt with when this returns 0 with MSG_EOR, or more than 0.
 */
static int stream_read_run(struct chaos_sock *cs, struct stream_run *run, struct msghdr *msg,
			   size_t len, int flags)
{
	int target = sock_rcvlowat(&cs->sk, flags & MSG_WAITALL, len);
	long timeo = sock_rcvtimeo(&cs->sk, flags & MSG_DONTWAIT);
	bool peek = flags & MSG_PEEK;
	int copied = 0, err;

	while ((size_t)copied < len) {
		if (!run->left && copied && peek)
			break;
		if (!run->left && !stream_look(cs->conn, run, peek)) {
			if (copied >= target)
				break;
			err = stream_wait_packet(cs, run, peek, &timeo);
			if (err)
				return copied ?: err == 1 ? stream_end(cs) : err;
		}
		if (chaos_pkt(run->skb)->hdr.op == CHAOS_OP_EOF) {
			if (copied)
				break;
			msg->msg_flags |= MSG_EOR;
			stream_step(run, !peek);
			break;
		}
		if (stream_is_nothing(run->skb)) {
			/* At the front even a peek takes it, to wait for what follows. */
			stream_step(run, !copied || !peek);
			continue;
		}
		err = stream_copy(msg, run->skb, len - copied, flags);
		if (err < 0)
			return copied ?: err;
		copied += err;
		if (peek || !chaos_pkt(run->skb)->hdr.len)
			stream_step(run, !peek);
	}
	return copied;
}

static int stream_read(struct chaos_sock *cs, struct msghdr *msg, size_t len, int flags)
{
	struct stream_run run = {};
	int n = stream_read_run(cs, &run, msg, len, flags);

	stream_finish(cs->conn, &run);
	return n;
}

/* The CLS or LOS that ended a packet connection is its last packet. */
static int packet_read_final(struct chaos_sock *cs, struct msghdr *msg, size_t len, int flags)
{
	const struct sk_buff *skb = cs->conn->final;
	int n;

	if (cs->sk.sk_shutdown & RCV_SHUTDOWN || !skb || cs->final_read)
		return stream_end(cs);
	n = chaos_pkt(skb)->hdr.len;
	if (len < (size_t)n)
		msg->msg_flags |= MSG_TRUNC;
	if (memcpy_to_msg(msg, skb->data, min_t(size_t, len, n)))
		return -EFAULT;
	chaos_put_cmsg_opcode(msg, chaos_pkt(skb)->hdr.op);
	msg->msg_flags |= MSG_EOR;
	if (!(flags & MSG_PEEK))
		cs->final_read = true;
	return flags & MSG_TRUNC ? n : min_t(size_t, len, n);
}

/* Read one packet; what does not fit is lost. */
static int packet_read(struct chaos_sock *cs, struct msghdr *msg, size_t len, int flags)
{
	long timeo = sock_rcvtimeo(&cs->sk, flags & MSG_DONTWAIT);
	struct stream_run run = {};
	struct sk_buff *skb;
	int n, copied;

	n = stream_look(cs->conn, &run, false) ? 0 :
	    stream_wait_packet(cs, &run, false, &timeo);
	if (n == 1)
		return packet_read_final(cs, msg, len, flags);
	if (n)
		return n;
	skb = run.skb;
	n = chaos_pkt(skb)->hdr.len;
	if (len < (size_t)n)
		msg->msg_flags |= MSG_TRUNC;
	copied = min_t(size_t, len, n);
	if (!stream_copy_out(msg, chaos_pkt(skb), copied))
		return -EFAULT;
	chaos_put_cmsg_opcode(msg, chaos_pkt(skb)->hdr.op);
	msg->msg_flags |= MSG_EOR;
	stream_step(&run, !(flags & MSG_PEEK));
	stream_finish(cs->conn, &run);
	return flags & MSG_TRUNC ? n : copied;
}

/**
 * chaos_stream_recvmsg() - recvmsg()
 * @sock: socket, locked
 * @msg: where to put data and control messages
 * @len: room
 * @flags: MSG_*
 *
 * Return: bytes; 0 with MSG_EOR at an EOF mark, without it at the end; or a
 * negative errno.
 */
int chaos_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	/* Errors of a connection are its end: there is no queue of them. */
	if (flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (!chaos_stream_was_open(cs))
		return -ENOTCONN;
	if (sock->type == SOCK_SEQPACKET)
		return packet_read(cs, msg, len, flags);
	return stream_read(cs, msg, len, flags);
}

/**
 * chaos_stream_inq() - bytes that can be read before the next mark
 * @cs: socket, locked
 */
int chaos_stream_inq(struct chaos_sock *cs)
{
	struct sk_buff *skb;
	int sum = 0;

	if (!cs->conn)
		return 0;
	chaos_conn_lock(cs->conn);
	skb_queue_walk(&cs->conn->rxq, skb) {
		if (chaos_pkt(skb)->hdr.op == CHAOS_OP_EOF)
			break;
		if (chaos_pkt(skb)->hdr.op != CHAOS_OP_UNC)
			sum += chaos_pkt(skb)->hdr.len;
	}
	chaos_conn_unlock(cs->conn);
	return sum;
}

/**
 * chaos_stream_enough() - is there as much to read as SO_RCVLOWAT wants?
 * @sk: socket
 * @conn: its connection, with something to read
 *
 * A mark is enough, and so is a full window: more would not come.
 */
bool chaos_stream_enough(const struct sock *sk, struct chaos_conn *conn)
{
	int missing = sock_rcvlowat(sk, 0, INT_MAX);
	struct sk_buff *skb;

	if (sk->sk_type != SOCK_STREAM)
		return true;
	chaos_conn_lock(conn);
	skb_queue_walk(&conn->rxq, skb) {
		if (chaos_pkt(skb)->hdr.op == CHAOS_OP_EOF)
			missing = 0;
		else if (chaos_pkt(skb)->hdr.op != CHAOS_OP_UNC)
			missing -= chaos_pkt(skb)->hdr.len;
		if (missing <= 0)
			break;
	}
	/* No room for more, even if what is there is nothing: reading makes some. */
	if (conn->ncp.rcv_unread >= conn->ncp.rcv_window)
		missing = 0;
	chaos_conn_unlock(conn);
	return missing <= 0;
}
