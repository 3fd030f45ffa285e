// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_STREAM and SOCK_SEQPACKET: the life of a connection. */

#include <asm/ioctls.h>
#include <linux/net.h>
#include <linux/poll.h>

#include "af_chaos.h"
#include "compat.h"
#include "skb.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"

/* Tell the program; see chaos_owner_fn for the context. */
static void stream_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	if (events & CHAOS_EVENT_END) {
		/* With data left to read the error waits for the reader. */
		if (skb_queue_empty_lockless(&conn->rxq))
			WRITE_ONCE(sk->sk_err, -chaos_end_errno(&conn->ncp));
	}
	if (events & CHAOS_EVENT_STATE)
		sk->sk_state_change(sk);
	if (events & CHAOS_EVENT_DATA)
		sk->sk_data_ready(sk);
}

/* Connecting. */

static bool stream_answered(struct sock *sk)
{
	return chaos_stream_state(chaos_sk(sk)) != CHAOS_RFC_SENT;
}

static void stream_drop_conn(struct chaos_sock *cs)
{
	struct chaos_conn *conn = cs->conn;

	if (!conn)
		return;
	WRITE_ONCE(cs->conn, NULL);
	cs->final_read = false;
	chaos_conn_orphan(conn, NULL);
	chaos_conn_put(conn);
}

/* Send the RFC. */
static int stream_request(struct chaos_sock *cs, const struct chaos_target *t)
{
	struct chaos_conn *conn;
	struct sk_buff *rfc;
	u16 src;
	int err;

	err = chaos_source_addr(cs, t->addr, &src);
	if (err)
		return err;
	rfc = chaos_rfc_build(t->text, t->len, cs, GFP_KERNEL);
	if (IS_ERR(rfc))
		return PTR_ERR(rfc);
	stream_drop_conn(cs);
	cs->peer_addr = t->addr;
	cs->target_len = t->len;
	memcpy(cs->target, t->text, t->len);
	conn = chaos_conn_create(chaos_sk_net(&cs->sk), src, t->addr, chaos_sk_window(cs),
				 GFP_KERNEL);
	if (!conn) {
		err = -ENOMEM;
		goto free_rfc;
	}
	conn->sk = &cs->sk;
	conn->owner = stream_event;
	err = chaos_conn_hash(conn);
	if (err)
		goto put_conn;
	WRITE_ONCE(cs->conn, conn);
	skb_set_owner_w(rfc, &cs->sk);
	chaos_conn_lock(conn);
	ncp_connect(&conn->ncp, chaos_pkt(rfc), chaos_random_u16(), chaos_now());
	chaos_conn_unlock(conn);
	return 0;

put_conn:
	chaos_conn_put(conn);
free_rfc:
	kfree_skb(rfc);
	return err;
}

/* The RFC is answered, one way or another. */
static int stream_connected(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct chaos_conn *conn = chaos_sk(sk)->conn;

	/* It may have been closed again meanwhile. */
	if (chaos_stream_was_open(chaos_sk(sk))) {
		sk->sk_state = TCP_ESTABLISHED;
		sock->state = SS_CONNECTED;
		return 0;
	}
	sk->sk_state = TCP_CLOSE;
	sock->state = SS_UNCONNECTED;
	WRITE_ONCE(sk->sk_err, 0);
	return chaos_end_errno(&conn->ncp) ?: -ECONNABORTED;
}

static int stream_connect_begin(struct socket *sock, const void *uaddr, int addr_len)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	struct chaos_target t;
	int err;

	err = chaos_target_parse(&t, uaddr, addr_len);
	if (err)
		return err;
	if (sock->sk->sk_state == TCP_LISTEN)
		return -EOPNOTSUPP;
	if (!t.addr || t.index || !t.contact_len)
		return -EINVAL;
	err = stream_request(cs, &t);
	if (err)
		return err;
	sock->state = SS_CONNECTING;
	sock->sk->sk_state = TCP_SYN_SENT;
	return 0;
}

/* Has connect() failed in the background, and SO_ERROR said so? */
static bool stream_failure_told(struct sock *sk)
{
	return stream_answered(sk) && !chaos_stream_was_open(chaos_sk(sk)) &&
	       !READ_ONCE(sk->sk_err);
}

static int stream_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len,
			  int flags)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int err = 0;

	lock_sock(sk);
	if (sock->state == SS_CONNECTING && stream_failure_told(sk))
		sock->state = SS_UNCONNECTED;
	switch (sock->state) {
	case SS_CONNECTED:
		err = -EISCONN;
		goto unlock;
	case SS_CONNECTING:
		if (!stream_answered(sk) && !timeo)
			err = -EALREADY;
		break;
	default:
		err = stream_connect_begin(sock, uaddr, addr_len);
		if (!err && !stream_answered(sk) && !timeo)
			err = -EINPROGRESS;
	}
	if (!err) {
		err = chaos_sk_wait(sk, &timeo, stream_answered);
		/* As for TCP: it goes on in the background. */
		if (err == -EAGAIN)
			err = -EINPROGRESS;
	}
	if (!err)
		err = stream_connected(sock);
unlock:
	release_sock(sk);
	return err;
}

/* A non-blocking connect() is noticed by whatever call comes first. */
static void stream_note_state(struct socket *sock)
{
	if (sock->state == SS_CONNECTING && chaos_stream_was_open(chaos_sk(sock->sk)))
		stream_connected(sock);
}

/* Listening. */

/* Take a connection out of its listener's queue, if it is there. */
static bool stream_unqueue(struct chaos_sock *cs, struct chaos_conn *conn)
{
	bool queued;

	spin_lock_bh(&cs->queue_lock);
	queued = !list_empty(&conn->link);
	if (queued) {
		list_del_init(&conn->link);
		cs->queue_len--;
	}
	spin_unlock_bh(&cs->queue_lock);
	return queued;
}

/* The peer has given up before accept(). */
static void stream_pending_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	if (events & CHAOS_EVENT_END && stream_unqueue(chaos_sk(sk), conn))
		chaos_conn_put(conn);
}

/* Return: false if the queue is full or the socket is being closed. */
static bool stream_queue(struct chaos_sock *cs, struct chaos_conn *conn)
{
	bool room;

	spin_lock_bh(&cs->queue_lock);
	room = cs->queue_len < READ_ONCE(cs->sk.sk_max_ack_backlog);
	if (room) {
		list_add_tail(&conn->link, &cs->queue);
		cs->queue_len++;
	}
	spin_unlock_bh(&cs->queue_lock);
	return room;
}

/**
 * stream_offer() - an RFC for a listening socket
 * @sk: the socket
 * @skb: the RFC; consumed
 *
 * When the queue is full the RFC is dropped: it will come again.
 */
static void stream_offer(struct sock *sk, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	struct chaos_net *cn = chaos_sk_net(sk);
	struct chaos_sock *cs = chaos_sk(sk);
	enum chaos_stat reason = CHAOS_STAT_DROP_NO_MEMORY;
	struct chaos_conn *conn;

	conn = chaos_conn_create(cn, hdr.dst, hdr.src, chaos_sk_window(cs), GFP_ATOMIC);
	if (!conn)
		goto drop;
	if (chaos_conn_hash(conn))
		goto put_conn;
	chaos_conn_lock(conn);
	conn->sk = sk;
	conn->owner = stream_pending_event;
	ncp_offer(&conn->ncp, &hdr, chaos_random_u16(), chaos_now());
	if (chaos_conn_hash_peer(conn, hdr.sidx)) {
		reason = CHAOS_STAT_DROP_DUPLICATE;
		goto forget;
	}
	if (!stream_queue(cs, conn)) {
		reason = CHAOS_STAT_DROP_BACKLOG;
		goto forget;
	}
	conn->rfc = chaos_skb_compact(skb);
	chaos_conn_unlock(conn);
	sk->sk_data_ready(sk);
	return;

forget:
	ncp_forget(&conn->ncp);
	chaos_conn_unlock(conn);
put_conn:
	chaos_conn_put(conn);
drop:
	chaos_drop(cn, skb, reason, &hdr);
}

static int stream_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	int err = 0;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || cs->conn)
		err = -EINVAL;
	else if (!cs->listener.len)
		err = -EDESTADDRREQ;
	if (!err) {
		/* listen(fd, 0) lets one wait, as for TCP. */
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog + 1);
		sk->sk_state = TCP_LISTEN;
		WRITE_ONCE(cs->listener.offer, stream_offer);
	}
	release_sock(sk);
	return err;
}

static bool stream_has_pending(struct sock *sk)
{
	return !list_empty_careful(&chaos_sk(sk)->queue);
}

static struct chaos_conn *stream_dequeue(struct chaos_sock *cs)
{
	struct chaos_conn *conn;

	spin_lock_bh(&cs->queue_lock);
	conn = list_first_entry_or_null(&cs->queue, struct chaos_conn, link);
	if (conn) {
		list_del_init(&conn->link);
		cs->queue_len--;
	}
	spin_unlock_bh(&cs->queue_lock);
	return conn;
}

/* The peer has given up just now: the socket is to be used for the next. */
static void stream_give_back(struct chaos_sock *cs)
{
	chaos_conn_lock(cs->conn);
	cs->conn->sk = NULL;
	cs->conn->owner = NULL;
	chaos_conn_unlock(cs->conn);
	cs->conn = NULL;
}

/* What an accepted socket has from the one that listens. */
static void stream_inherit(struct sock *newsk, const struct chaos_sock *listener)
{
	struct chaos_sock *cs = chaos_sk(newsk);

	cs->bound = listener->bound;
	cs->window = listener->window;
	cs->target_len = listener->listener.len;
	memcpy(cs->target, listener->listener.contact, cs->target_len);
	/* With both, the window can be kept. */
	newsk->sk_rcvbuf = READ_ONCE(listener->sk.sk_rcvbuf);
	newsk->sk_sndbuf = READ_ONCE(listener->sk.sk_sndbuf);
}

/* Return: 1 if the connection is @newsk's, 0 if the peer has left. */
static int stream_accept_conn(struct chaos_sock *listener, struct chaos_conn *conn,
			      struct sock *newsk)
{
	struct chaos_sock *cs = chaos_sk(newsk);
	int err = 0;

	stream_inherit(newsk, listener);
	chaos_conn_lock(conn);
	if (conn->ncp.state == CHAOS_RFC_RECEIVED) {
		conn->sk = newsk;
		conn->owner = stream_event;
		conn->ncp.rcv_window = chaos_sk_window(cs);
		cs->conn = conn;
	}
	chaos_conn_unlock(conn);
	if (!cs->conn)
		return 0;
	cs->undecided = true;
	cs->peer_addr = conn->ncp.raddr;
	if (!listener->defer)
		err = chaos_decide(cs, CHAOS_OPEN, KERNEL_SOCKPTR(NULL), 0);
	if (!err)
		return 1;
	stream_give_back(cs);
	return err == -ECONNABORTED ? 0 : err;
}

static int stream_accept(struct socket *sock, struct socket *newsock,
			 struct proto_accept_arg *arg)
{
	struct sock *newsk, *sk = sock->sk;
	struct chaos_conn *conn;
	int err = -EINVAL;
	long timeo;

	newsk = chaos_sk_alloc(sock_net(sk), NULL, sk->sk_type, arg->kern);
	if (!newsk)
		return -ENOMEM;
	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	if (sk->sk_state != TCP_LISTEN)
		goto unlock;
	for (;;) {
		err = chaos_sk_wait(sk, &timeo, stream_has_pending);
		if (err)
			break;
		conn = stream_dequeue(chaos_sk(sk));
		if (!conn)
			continue;
		err = stream_accept_conn(chaos_sk(sk), conn, newsk);
		if (err == 1)
			break;
		chaos_conn_orphan(conn, NULL);
		chaos_conn_put(conn);
		if (err)
			break;
	}
unlock:
	release_sock(sk);
	if (err == 1) {
		newsk->sk_state = TCP_ESTABLISHED;
		sock_graft(newsk, newsock);
		newsock->state = SS_CONNECTED;
		return 0;
	}
	sock_put(newsk);
	return err;
}

CHAOS_COMPAT_ACCEPT(stream_accept)

/* Refuse what waits for accept(). */
static void stream_stop_listening(struct chaos_sock *cs)
{
	struct chaos_conn *conn;

	spin_lock_bh(&cs->queue_lock);
	WRITE_ONCE(cs->sk.sk_max_ack_backlog, 0);
	spin_unlock_bh(&cs->queue_lock);
	while ((conn = stream_dequeue(cs))) {
		chaos_conn_orphan(conn, NULL);
		chaos_conn_put(conn);
	}
}

/* The end. */

static int stream_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++;	/* SHUT_* to the bits RCV_SHUTDOWN and SEND_SHUTDOWN */
	if (how & ~SHUTDOWN_MASK || !how)
		return -EINVAL;
	lock_sock(sk);
	stream_note_state(sock);
	if (!chaos_stream_was_open(chaos_sk(sk)))
		err = -ENOTCONN;
	else if (how & SEND_SHUTDOWN && !(sk->sk_shutdown & SEND_SHUTDOWN) &&
		 !chaos_stream_ended(chaos_sk(sk)))
		err = chaos_stream_queue_eof(chaos_sk(sk));
	if (!err) {
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		sk->sk_state_change(sk);
	}
	release_sock(sk);
	return err;
}

static int stream_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct sk_buff *eof = NULL;
	struct chaos_sock *cs;

	if (!sk)
		return 0;
	cs = chaos_sk(sk);
	lock_sock(sk);
	chaos_listen_release(chaos_sk_net(sk), &cs->listener);
	if (cs->conn) {
		/* Without memory for it the close is less safe, not less sure. */
		eof = chaos_skb_data(CHAOS_OP_EOF, NULL, 0, GFP_KERNEL);
		if (eof)
			__skb_header_release(eof);
		chaos_conn_orphan(cs->conn, eof);
		chaos_conn_put(cs->conn);
		cs->conn = NULL;
	}
	stream_stop_listening(cs);
	sk->sk_state = TCP_CLOSE;
	sock_orphan(sk);
	sock->sk = NULL;
	release_sock(sk);
	sock_put(sk);
	return 0;
}

static int stream_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_chaos *sa = (struct sockaddr_chaos *)uaddr;
	struct chaos_sock *cs = chaos_sk(sock->sk);
	const struct ncp *ncp = NULL;
	int err = 0;

	lock_sock(sock->sk);
	stream_note_state(sock);
	if (cs->conn)
		ncp = &cs->conn->ncp;
	if (!peer)
		chaos_name_fill(sa, ncp ? ncp->laddr : cs->bound, ncp ? ncp->lidx : 0,
				cs->listener.contact, cs->listener.len);
	else if (chaos_stream_was_open(cs) || cs->undecided)
		chaos_name_fill(sa, ncp->raddr, ncp->ridx, cs->target,
				chaos_contact_len(cs->target, cs->target_len));
	else
		err = -ENOTCONN;
	release_sock(sock->sk);
	return err ?: (int)sizeof(*sa);
}

static __poll_t stream_poll_conn(struct sock *sk, struct chaos_conn *conn)
{
	/* In this order: nothing arrives after the end. */
	u8 state = READ_ONCE(conn->ncp.state);
	bool unread = !skb_queue_empty_lockless(&conn->rxq);
	__poll_t mask = 0;

	if (unread && chaos_stream_enough(sk, conn))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (state == CHAOS_OPENED) {
		if (sock_writeable(sk))
			mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	} else if (state != CHAOS_RFC_SENT && state != CHAOS_RFC_RECEIVED) {
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLHUP;
		if (!unread)
			mask |= EPOLLRDHUP;
		if (!unread && chaos_end_errno(&conn->ncp))
			mask |= EPOLLERR;
	}
	return mask;
}

static __poll_t stream_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	struct chaos_conn *conn;
	__poll_t mask = 0;
	u8 shutdown;

	sock_poll_wait(file, sock, wait);
	if (sk->sk_state == TCP_LISTEN)
		return stream_has_pending(sk) ? EPOLLIN | EPOLLRDNORM : 0;
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (shutdown & SEND_SHUTDOWN)
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	/* Another connect() may replace the connection: RCU keeps this one. */
	rcu_read_lock();
	conn = READ_ONCE(chaos_sk(sk)->conn);
	mask |= conn ? stream_poll_conn(sk, conn) : EPOLLOUT | EPOLLWRNORM | EPOLLHUP;
	rcu_read_unlock();
	return mask;
}

static int stream_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	int err = -ENOIOCTLCMD;

	lock_sock(sock->sk);
	switch (cmd) {
	case SIOCINQ:
		err = put_user(chaos_stream_inq(cs), (int __user *)arg);
		break;
	case SIOCOUTQ:
		err = put_user(chaos_stream_outq(cs), (int __user *)arg);
		break;
	}
	release_sock(sock->sk);
	return err;
}

static int stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	int err;

	lock_sock(sock->sk);
	stream_note_state(sock);
	err = chaos_stream_sendmsg(sock, msg, len);
	release_sock(sock->sk);
	return err;
}

static int stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	int err;

	lock_sock(sock->sk);
	stream_note_state(sock);
	err = chaos_stream_recvmsg(sock, msg, len, flags);
	release_sock(sock->sk);
	return err;
}

const struct proto_ops chaos_stream_ops = {
	.family = PF_CHAOS,
	.owner = THIS_MODULE,
	.release = stream_release,
	.bind = chaos_bind,
	.connect = stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = CHAOS_ACCEPT_OP(stream_accept),
	.getname = stream_getname,
	.poll = stream_poll,
	.ioctl = stream_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = stream_listen,
	.shutdown = stream_shutdown,
	.setsockopt = chaos_setsockopt,
	.getsockopt = chaos_getsockopt,
	.sendmsg = stream_sendmsg,
	.recvmsg = stream_recvmsg,
	.mmap = sock_no_mmap,
};
