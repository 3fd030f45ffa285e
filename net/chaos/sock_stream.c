// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_STREAM and SOCK_SEQPACKET: the socket calls, and its end. */

#include <asm/ioctls.h>
#include <linux/net.h>
#include <linux/poll.h>

#include "af_chaos.h"
#include "compat.h"
#include "skb.h"
#include "stream.h"

static int stream_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++;	/* SHUT_* to the bits RCV_SHUTDOWN and SEND_SHUTDOWN */
	if (how & ~SHUTDOWN_MASK || !how)
		return -EINVAL;
	lock_sock(sk);
	chaos_stream_note_state(sock);
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

static bool stream_gone(struct sock *sk)
{
	return !ncp_alive(&chaos_sk(sk)->conn->ncp);
}

/* SO_LINGER: give up at once, or wait for the safe close; @eof is consumed. */
static void stream_linger(struct chaos_sock *cs, struct sk_buff *eof)
{
	struct chaos_conn *conn = cs->conn;
	long timeo = cs->sk.sk_lingertime;

	chaos_conn_lock(conn);
	if (!timeo) {
		ncp_abort(&conn->ncp, conn->ncp.farewell ?: "Connection aborted", chaos_now());
	} else if (ncp_close_needs_eof(&conn->ncp) && eof) {
		ncp_close(&conn->ncp, chaos_pkt(eof), chaos_now());
		eof = NULL;
	} else {
		ncp_close(&conn->ncp, NULL, chaos_now());
	}
	chaos_conn_unlock(conn);
	kfree_skb(eof);
	if (!(current->flags & PF_EXITING))
		chaos_sk_wait(&cs->sk, &timeo, stream_gone);
}

static void stream_close_conn(struct chaos_sock *cs)
{
	struct chaos_text *contact;
	struct sk_buff *eof;

	/* Without memory for it the close is less safe, not less sure. */
	eof = chaos_skb_data(CHAOS_OP_EOF, NULL, 0, GFP_KERNEL);
	if (eof)
		__skb_header_release(eof);
	if (sock_flag(&cs->sk, SOCK_LINGER) && chaos_stream_was_open(cs)) {
		stream_linger(cs, eof);
		eof = NULL;
	}
	contact = rcu_dereference_protected(cs->target, lockdep_sock_is_held(&cs->sk));
	chaos_conn_orphan(cs->conn, contact, eof);
	RCU_INIT_POINTER(cs->target, NULL);
	chaos_conn_put(cs->conn);
	WRITE_ONCE(cs->conn, NULL);
}

static int stream_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs;

	if (!sk)
		return 0;
	cs = chaos_sk(sk);
	lock_sock(sk);
	chaos_listen_release(chaos_sk_net(sk), cs->listener);
	if (cs->conn)
		stream_close_conn(cs);
	if (sk->sk_state == TCP_LISTEN)
		chaos_stream_stop_listening(cs);
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
	const struct chaos_text *target;
	const struct ncp *ncp = NULL;
	int err = 0;

	lock_sock(sock->sk);
	target = chaos_sk_target(cs);
	chaos_stream_note_state(sock);
	if (cs->conn)
		ncp = &cs->conn->ncp;
	if (!peer)
		chaos_name_fill_own(sa, cs, ncp ? ncp->laddr : cs->bound, ncp ? ncp->lidx : 0);
	else if (chaos_stream_was_open(cs) || cs->undecided)
		chaos_name_fill(sa, ncp->raddr, ncp->ridx, target->data,
				chaos_contact_len(target->data, target->len));
	else
		err = -ENOTCONN;
	release_sock(sock->sk);
	return err ?: (int)sizeof(*sa);
}

static __poll_t stream_poll_conn(struct sock *sk, struct chaos_conn *conn)
{
	/* In this order: nothing arrives after the end. */
	u8 state = chaos_stream_conn_state(conn);
	bool unread = !skb_queue_empty_lockless(&conn->rxq);
	__poll_t mask = 0;

	if (unread && chaos_stream_enough(sk, conn))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (state == CHAOS_OPENED) {
		if (sock_writeable(sk) && !chaos_stream_mem_wait(sk, conn))
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
	/* The queue was made before. */
	if (smp_load_acquire(&sk->sk_state) == TCP_LISTEN)
		return chaos_stream_has_pending(sk) ? EPOLLIN | EPOLLRDNORM : 0;
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
	chaos_stream_note_state(sock);
	err = chaos_stream_sendmsg(sock, msg, len);
	release_sock(sock->sk);
	return err;
}

static int stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	int err;

	lock_sock(sock->sk);
	chaos_stream_note_state(sock);
	err = chaos_stream_recvmsg(sock, msg, len, flags);
	release_sock(sock->sk);
	return err;
}

CHAOS_COMPAT_ACCEPT(chaos_stream_accept)

const struct proto_ops chaos_stream_ops = {
	.family = PF_CHAOS,
	.owner = THIS_MODULE,
	.release = stream_release,
	.bind = chaos_bind,
	.connect = chaos_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = CHAOS_ACCEPT_OP(chaos_stream_accept),
	.getname = stream_getname,
	.poll = stream_poll,
	.ioctl = stream_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = chaos_stream_listen,
	.shutdown = stream_shutdown,
	.setsockopt = chaos_setsockopt,
	.getsockopt = chaos_getsockopt,
	.sendmsg = stream_sendmsg,
	.recvmsg = stream_recvmsg,
	.mmap = sock_no_mmap,
};
