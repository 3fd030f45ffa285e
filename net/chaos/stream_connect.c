// SPDX-License-Identifier: GPL-2.0-only
/*
 * SOCK_STREAM and SOCK_SEQPACKET: connect().
 *
 * To one host by RFC, to the first of many that answers by BRD, or with CHAOS_FOLLOW
 * to wherever a server sends us.
 */

#include <linux/net.h>

#include "af_chaos.h"
#include "compat.h"
#include "follow.h"
#include "skb.h"
#include "stream.h"

/* Follows a FWD, which the peer's packet cannot wait for. */
static struct workqueue_struct *follow_queue;

/**
 * chaos_stream_event() - tell the program; see chaos_owner_fn for the context
 * @conn: connection
 * @sk: socket
 * @events: CHAOS_EVENT_*
 */
void chaos_stream_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	struct chaos_sock *cs = chaos_sk(sk);

	if (events & CHAOS_EVENT_END) {
		if (conn->follow && conn->ncp.end == NCP_END_FORWARDED) {
			sock_hold(sk);
			if (!queue_work(follow_queue, &cs->follow_work))
				sock_put(sk);
			return;
		}
		/* With data left to read the error waits for the reader. */
		if (skb_queue_empty_lockless(&conn->rxq))
			WRITE_ONCE(sk->sk_err, -chaos_end_errno(&conn->ncp));
		/* After sk_err: see chaos_stream_conn_state(). */
		smp_store_release(&conn->asking, false);
	}
	if (events & CHAOS_EVENT_STATE)
		sk->sk_state_change(sk);
	if (events & CHAOS_EVENT_DATA)
		sk->sk_data_ready(sk);
}

static bool connect_answered(struct sock *sk)
{
	return chaos_stream_state(chaos_sk(sk)) != CHAOS_RFC_SENT;
}

static void connect_drop_conn(struct chaos_sock *cs)
{
	struct chaos_conn *conn = cs->conn;

	if (!conn)
		return;
	WRITE_ONCE(cs->conn, NULL);
	cs->final_read = false;
	chaos_conn_orphan(conn, NULL, NULL);
	chaos_conn_put(conn);
}

/* Send RFC or BRD from a new connection, the socket's from now on.  @skb and @follow,
 * which may be NULL, are consumed.
 */
static int connect_send(struct chaos_sock *cs, u16 src, u16 dst, struct sk_buff *skb,
			struct chaos_follow *follow)
{
	struct chaos_conn *conn;
	int err;

	conn = chaos_conn_create(chaos_sk_net(&cs->sk), src, dst, chaos_sk_window(cs), GFP_KERNEL);
	if (!conn) {
		kfree(follow);
		err = -ENOMEM;
		goto free_skb;
	}
	conn->ncp.times = cs->times;
	conn->ncp.rcv_spare = chaos_sk_spare(cs);
	conn->sk = &cs->sk;
	conn->owner = chaos_stream_event;
	conn->asking = true;
	if (follow) {
		conn->follow = follow;
		conn->rfc = skb_clone(skb, GFP_KERNEL);
		err = -ENOMEM;
		if (!conn->rfc)
			goto put_conn;
	}
	err = chaos_conn_hash(conn);
	if (err)
		goto put_conn;
	connect_drop_conn(cs);
	WRITE_ONCE(cs->conn, conn);
	WRITE_ONCE(cs->sk.sk_err, 0);
	skb_set_owner_w(skb, &cs->sk);
	chaos_conn_lock(conn);
	if (dst)
		ncp_connect(&conn->ncp, chaos_pkt(skb), chaos_random_u16(), chaos_now());
	else
		ncp_broadcast(&conn->ncp, chaos_pkt(skb), chaos_random_u16(), chaos_now());
	chaos_conn_unlock(conn);
	return 0;

put_conn:
	chaos_conn_put(conn);
free_skb:
	kfree_skb(skb);
	return err;
}

/* For getpeername(): what we ask for, as much as an address has room for. */
static int connect_note_target(struct chaos_sock *cs, u16 addr, const void *data, size_t len)
{
	struct chaos_text *target = chaos_text_new(data, len);

	if (!target)
		return -ENOMEM;
	cs->peer_addr = addr;
	chaos_sk_set_target(cs, target);
	return 0;
}

static int connect_request(struct chaos_sock *cs, const struct chaos_target *t)
{
	struct chaos_follow *follow = NULL;
	struct sk_buff *skb;
	u16 src;
	int err;

	if (t->addr)
		err = chaos_source_addr(cs, t->addr, &src);
	else
		err = chaos_broadcast_addr(cs, &src);
	if (err)
		return err;
	skb = chaos_rfc_build(t->text, t->len, cs, GFP_KERNEL);
	if (!t->addr && !IS_ERR(skb))
		skb = chaos_brd_build(cs->subnets, skb, GFP_KERNEL);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	err = connect_note_target(cs, t->addr, t->text, t->len);
	if (err)
		goto free_skb;
	if (t->addr && cs->follow) {
		follow = chaos_follow_begin(cs->follow, t->addr, skb, GFP_KERNEL);
		err = -ENOMEM;
		if (!follow)
			goto free_skb;
	}
	err = connect_send(cs, src, t->addr, skb, follow);
	if (!err)
		cs->follow_err = 0;
	return err;

free_skb:
	kfree_skb(skb);
	return err;
}

/* Ask where the FWD that ended @cs->conn sends us. */
static int connect_follow(struct chaos_sock *cs)
{
	struct chaos_conn *old = cs->conn;
	u16 src, host = chaos_pkt(old->final)->hdr.ack;
	struct chaos_follow *follow;
	struct sk_buff *rfc;
	int err;

	rfc = chaos_follow_next(old->follow, old->final, old->rfc, GFP_KERNEL);
	if (IS_ERR(rfc))
		return PTR_ERR(rfc);
	err = chaos_source_addr(cs, host, &src) ?:
	      connect_note_target(cs, host, rfc->data, chaos_pkt(rfc)->hdr.len);
	if (err)
		goto free_rfc;
	follow = kmemdup(old->follow, sizeof(*follow), GFP_KERNEL);
	if (!follow) {
		err = -ENOMEM;
		goto free_rfc;
	}
	return connect_send(cs, src, host, rfc, follow);

free_rfc:
	kfree_skb(rfc);
	return err;
}

/* From here on the FWD is the program's affair. */
static void connect_follow_no_more(struct chaos_sock *cs, int err)
{
	struct chaos_conn *conn = cs->conn;

	cs->follow_err = err;
	chaos_conn_lock(conn);
	kfree(conn->follow);
	conn->follow = NULL;
	chaos_conn_unlock(conn);
	WRITE_ONCE(cs->sk.sk_err, -err);
	/* After sk_err. */
	smp_store_release(&conn->asking, false);
	cs->sk.sk_state_change(&cs->sk);
}

/**
 * chaos_stream_follow() - a server has sent us elsewhere
 * @work: in the socket, with a reference to it
 */
void chaos_stream_follow(struct work_struct *work)
{
	struct chaos_sock *cs = container_of(work, struct chaos_sock, follow_work);
	int err;

	lock_sock(&cs->sk);
	if (cs->conn && chaos_stream_forwarded(cs->conn)) {
		err = connect_follow(cs);
		if (err)
			connect_follow_no_more(cs, err);
	}
	release_sock(&cs->sk);
	sock_put(&cs->sk);
}

/* The request is answered, one way or another. */
static int connect_end(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);

	/* It may have been closed again meanwhile. */
	if (chaos_stream_was_open(cs)) {
		sk->sk_state = TCP_ESTABLISHED;
		sock->state = SS_CONNECTED;
		return 0;
	}
	sk->sk_state = TCP_CLOSE;
	sock->state = SS_UNCONNECTED;
	WRITE_ONCE(sk->sk_err, 0);
	return cs->follow_err ?: chaos_end_errno(&cs->conn->ncp) ?: -ECONNABORTED;
}

static int connect_begin(struct socket *sock, const void *uaddr, int addr_len)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	struct chaos_target t;
	int err;

	err = chaos_target_parse(&t, uaddr, addr_len);
	if (err)
		return err;
	if (sock->sk->sk_state == TCP_LISTEN)
		return -EOPNOTSUPP;
	if (t.index || !t.contact_len)
		return -EINVAL;
	err = connect_request(cs, &t);
	if (err)
		return err;
	sock->state = SS_CONNECTING;
	sock->sk->sk_state = TCP_SYN_SENT;
	return 0;
}

/* Has connect() failed in the background, and SO_ERROR said so? */
static bool connect_failure_told(struct sock *sk)
{
	return connect_answered(sk) && !chaos_stream_was_open(chaos_sk(sk)) &&
	       !READ_ONCE(sk->sk_err);
}

/**
 * chaos_stream_connect() - connect()
 * @sock: socket
 * @uaddr: host and contact; host 0: broadcast
 * @addr_len: its length
 * @flags: O_NONBLOCK
 *
 * Return: 0 or a negative errno: see chaos(7).
 */
int chaos_stream_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len,
			 int flags)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int err = 0;

	lock_sock(sk);
	if (sock->state == SS_CONNECTING && connect_failure_told(sk))
		sock->state = SS_UNCONNECTED;
	switch (sock->state) {
	case SS_CONNECTED:
		err = -EISCONN;
		goto unlock;
	case SS_CONNECTING:
		if (!connect_answered(sk) && !timeo)
			err = -EALREADY;
		break;
	default:
		err = connect_begin(sock, uaddr, addr_len);
		if (!err && !connect_answered(sk) && !timeo)
			err = -EINPROGRESS;
	}
	if (!err) {
		err = chaos_sk_wait(sk, &timeo, connect_answered);
		/* As for TCP: it goes on in the background. */
		if (err == -EAGAIN)
			err = -EINPROGRESS;
	}
	if (!err)
		err = connect_end(sock);
unlock:
	release_sock(sk);
	return err;
}

/**
 * chaos_stream_note_state() - notice that a non-blocking connect() is done
 * @sock: socket, locked
 */
void chaos_stream_note_state(struct socket *sock)
{
	if (sock->state == SS_CONNECTING && chaos_stream_was_open(chaos_sk(sock->sk)))
		connect_end(sock);
}

/**
 * chaos_stream_init() - when the module is loaded
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_stream_init(void)
{
	follow_queue = alloc_workqueue("chaos_follow", WQ_UNBOUND, 0);
	return follow_queue ? 0 : -ENOMEM;
}

/**
 * chaos_stream_exit() - when it goes; waits for the last of us to return
 */
void chaos_stream_exit(void)
{
	destroy_workqueue(follow_queue);
}
