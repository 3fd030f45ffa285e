// SPDX-License-Identifier: GPL-2.0-only
/*
 * SOCK_STREAM and SOCK_SEQPACKET: sending and receiving.
 *
 * A stream is the bytes of the data packets with EOF marks between them; a packet
 * socket keeps the packets and their opcodes.
 */

#include <linux/net.h>

#include "af_chaos.h"
#include "skb.h"
#include "stream.h"

/* Sending. */

static bool stream_may_send(struct sock *sk)
{
	struct chaos_sock *cs = chaos_sk(sk);
	u8 state = chaos_stream_state(cs);

	if (state == CHAOS_RFC_SENT)
		return false;
	if (state != CHAOS_OPENED || sk->sk_shutdown & SEND_SHUTDOWN)
		return true;
	if (chaos_stream_mem_wait(sk, cs->conn))
		return false;
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) &&
	       ncp_may_queue(&cs->conn->ncp);
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

/* Hand a packet to the engine; consumed.  Fails if the connection has ended. */
static int stream_queue_skb(struct chaos_sock *cs, struct sk_buff *skb)
{
	struct chaos_conn *conn = cs->conn;
	bool open;

	skb_set_owner_w(skb, &cs->sk);
	__skb_header_release(skb);
	chaos_conn_lock(conn);
	open = conn->ncp.state == CHAOS_OPENED;
	if (open) {
		chaos_conn_charge(conn, skb);
		ncp_send(&conn->ncp, chaos_pkt(skb), chaos_now());
	}
	chaos_conn_unlock(conn);
	if (open)
		return 0;
	kfree_skb(skb);
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

	if (!skb)
		return -ENOMEM;
	return stream_queue_skb(cs, skb);
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

/* Return: the number of bytes taken, or a negative errno. */
static int stream_send_packet(struct chaos_sock *cs, struct msghdr *msg, u8 op, size_t len)
{
	enum ncp_hold hold = stream_hold(cs, msg);
	struct sk_buff *skb;
	int err;

	/* With room for what may join it. */
	skb = chaos_skb_alloc(hold == NCP_HOLD_NOT ? len : CHAOS_DATA_MAX, cs->sk.sk_allocation);

	if (!skb)
		return -ENOBUFS;
	if (!copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		kfree_skb(skb);
		return -EFAULT;
	}
	chaos_skb_ready(skb, op, len);
	chaos_pkt(skb)->hold = op == CHAOS_OP_EOF ? NCP_HOLD_NOT : hold;
	err = stream_queue_skb(cs, skb);
	return err ?: (int)len;
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
			err = stream_send_packet(cs, msg, op,
						 min_t(size_t, len - sent, CHAOS_DATA_MAX));
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

/* Receiving. */

static bool stream_readable(struct sock *sk)
{
	struct chaos_sock *cs = chaos_sk(sk);

	return !skb_queue_empty_lockless(&cs->conn->rxq) || chaos_stream_ended(cs) ||
	       sk->sk_shutdown & RCV_SHUTDOWN;
}

/* The packet after @skb, or the first; only we take packets out. */
static struct sk_buff *stream_next(struct chaos_conn *conn, struct sk_buff *skb)
{
	struct sk_buff *next;

	chaos_conn_lock(conn);
	next = skb ? skb_peek_next(skb, &conn->rxq) : skb_peek(&conn->rxq);
	chaos_conn_unlock(conn);
	return next;
}

/* Take the first packet out and tell the engine that it is read. */
static void stream_consume(struct chaos_conn *conn, struct sk_buff *skb)
{
	const struct ncp_pkt *pkt = chaos_pkt(skb);
	const struct sk_buff *next;
	bool eof_next;
	u16 number;

	chaos_conn_lock(conn);
	__skb_unlink(skb, &conn->rxq);
	chaos_conn_uncharge(conn, skb);
	next = skb_peek(&conn->rxq);
	eof_next = next && chaos_pkt(next)->hdr.op == CHAOS_OP_EOF;
	number = pkt->hdr.op == CHAOS_OP_UNC ? conn->ncp.rcv_read : pkt->hdr.num;
	ncp_consumed(&conn->ncp, number, eof_next, 1, chaos_now());
	/* An error waits until everything before it is read. */
	if (!next && !ncp_alive(&conn->ncp) && conn->sk)
		WRITE_ONCE(conn->sk->sk_err, -chaos_end_errno(&conn->ncp));
	chaos_conn_unlock(conn);
	consume_skb(skb);
}

/* What there is to say once everything is read. */
static int stream_end(const struct chaos_sock *cs)
{
	if (cs->sk.sk_shutdown & RCV_SHUTDOWN || !chaos_stream_ended(cs))
		return 0;
	WRITE_ONCE(((struct sock *)&cs->sk)->sk_err, 0);
	return chaos_end_errno(&cs->conn->ncp);
}

/* Wait for a packet.  Return: 0, 1 at the end, or a negative errno. */
static int stream_wait_packet(struct chaos_sock *cs, long *timeo)
{
	int err = chaos_sk_wait(&cs->sk, timeo, stream_readable);

	return err ?: !stream_next(cs->conn, NULL);
}

/* Copy from one packet, or as for TCP only count.  Return: bytes, or -EFAULT. */
static int stream_copy(struct msghdr *msg, struct sk_buff *skb, size_t len, int flags)
{
	struct ncp_pkt *pkt = chaos_pkt(skb);
	int n = min_t(size_t, len, pkt->hdr.len);

	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, (void *)pkt->data, n))
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
static int stream_read(struct chaos_sock *cs, struct msghdr *msg, size_t len, int flags)
{
	int target = sock_rcvlowat(&cs->sk, flags & MSG_WAITALL, len);
	long timeo = sock_rcvtimeo(&cs->sk, flags & MSG_DONTWAIT);
	struct chaos_conn *conn = cs->conn;
	struct sk_buff *skb = NULL;
	int copied = 0, err;

	while ((size_t)copied < len) {
		skb = stream_next(conn, flags & MSG_PEEK ? skb : NULL);
		if (!skb) {
			if (copied >= target || (copied && flags & MSG_PEEK))
				break;
			err = stream_wait_packet(cs, &timeo);
			if (err == 1)
				err = stream_end(cs);
			else if (!err)
				continue;
			return copied ?: err;
		}
		if (chaos_pkt(skb)->hdr.op == CHAOS_OP_EOF) {
			if (copied)
				break;
			msg->msg_flags |= MSG_EOR;
			if (!(flags & MSG_PEEK))
				stream_consume(conn, skb);
			break;
		}
		if (stream_is_nothing(skb)) {
			/* At the front even a peek takes it, to wait for what follows. */
			if (copied && flags & MSG_PEEK)
				continue;
			stream_consume(conn, skb);
			skb = NULL;
			continue;
		}
		err = stream_copy(msg, skb, len - copied, flags);
		if (err < 0)
			return copied ?: err;
		copied += err;
		if (!chaos_pkt(skb)->hdr.len)
			stream_consume(conn, skb);
	}
	return copied;
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
	struct sk_buff *skb;
	int n, copied;

	n = stream_wait_packet(cs, &timeo);
	if (n == 1)
		return packet_read_final(cs, msg, len, flags);
	if (n)
		return n;
	skb = stream_next(cs->conn, NULL);
	n = chaos_pkt(skb)->hdr.len;
	if (len < (size_t)n)
		msg->msg_flags |= MSG_TRUNC;
	copied = min_t(size_t, len, n);
	if (memcpy_to_msg(msg, (void *)chaos_pkt(skb)->data, copied))
		return -EFAULT;
	chaos_put_cmsg_opcode(msg, chaos_pkt(skb)->hdr.op);
	msg->msg_flags |= MSG_EOR;
	if (!(flags & MSG_PEEK))
		stream_consume(cs->conn, skb);
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
