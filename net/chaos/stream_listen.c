// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_STREAM and SOCK_SEQPACKET: listen() and accept(). */

#include <linux/capability.h>
#include <linux/chaos_netlink.h>
#include <linux/net.h>

#include "af_chaos.h"
#include "compat.h"
#include "nl.h"
#include "skb.h"
#include "stats.h"
#include "stream.h"

/* Take a connection out of its listener's queue, if it is there. */
static bool listen_unqueue(struct chaos_sock *cs, struct chaos_conn *conn)
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
static void listen_pending_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	if (events & CHAOS_EVENT_END && listen_unqueue(chaos_sk(sk), conn))
		chaos_conn_put(conn);
}

/* Return: false if the queue is full or the socket is being closed. */
static bool listen_queue(struct chaos_sock *cs, struct chaos_conn *conn)
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

/* An RFC, consumed.  When the queue is full it is dropped: it will come again. */
static void listen_offer(struct sock *sk, struct sk_buff *skb)
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
	conn->owner = listen_pending_event;
	conn->ncp.times = cs->times;
	ncp_offer(&conn->ncp, &hdr, chaos_random_u16(), chaos_now());
	if (chaos_conn_hash_peer(conn, hdr.sidx)) {
		reason = CHAOS_STAT_DROP_DUPLICATE;
		goto forget;
	}
	if (!listen_queue(cs, conn)) {
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

/* Claim what nobody else does. */
static int listen_unmatched(struct chaos_sock *cs)
{
	struct chaos_net *cn = chaos_sk_net(&cs->sk);

	if (!ns_capable(cn->net->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	return chaos_sk_claim(cs, NULL, cs->bound, NULL, 0);
}

/* Another listen() only changes the backlog. */
static void listen_begin(struct chaos_sock *cs)
{
	if (cs->sk.sk_state == TCP_LISTEN)
		return;
	INIT_LIST_HEAD(&cs->queue);
	/* Who sees this may look into the queue. */
	smp_store_release(&cs->sk.sk_state, TCP_LISTEN);
	/* The same for who offers something. */
	smp_store_release(&cs->listener->offer, listen_offer);
	chaos_nl_listener_event(cs->listener, CHAOS_CMD_CONN_NEW);
}

/**
 * chaos_stream_listen() - listen()
 * @sock: socket, bound; to no contact if it wants what nobody else takes
 * @backlog: how many requests may wait for accept()
 *
 * Return: 0, -EINVAL, -EDESTADDRREQ (not bound), -EACCES, -EADDRINUSE.
 */
int chaos_stream_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	int err = 0;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || cs->conn)
		err = -EINVAL;
	else if (!cs->named)
		err = -EDESTADDRREQ;
	else if (!cs->listener)
		err = listen_unmatched(cs);
	if (!err) {
		/* listen(fd, 0) lets one wait, as for TCP. */
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog + 1);
		listen_begin(cs);
	}
	release_sock(sk);
	return err;
}

/**
 * chaos_stream_has_pending() - is there something to accept()?
 * @sk: socket
 */
bool chaos_stream_has_pending(struct sock *sk)
{
	return !list_empty_careful(&chaos_sk(sk)->queue);
}

static struct chaos_conn *accept_dequeue(struct chaos_sock *cs)
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
static void accept_give_back(struct chaos_sock *cs)
{
	chaos_conn_lock(cs->conn);
	cs->conn->sk = NULL;
	cs->conn->owner = NULL;
	chaos_conn_unlock(cs->conn);
	cs->conn = NULL;
}

/* What an accepted socket has from the one that listens. */
static void accept_inherit(struct sock *newsk, const struct chaos_sock *listener)
{
	struct chaos_sock *cs = chaos_sk(newsk);

	cs->bound = listener->bound;
	cs->window = listener->window;
	cs->times = listener->times;
	cs->nodelay = listener->nodelay;
	/* With both, the window can be kept. */
	newsk->sk_rcvbuf = READ_ONCE(listener->sk.sk_rcvbuf);
	newsk->sk_sndbuf = READ_ONCE(listener->sk.sk_sndbuf);
}

/* What the peer asked for, as far as an address can tell. */
static int accept_target(struct chaos_sock *cs, const struct sk_buff *rfc)
{
	size_t len = chaos_contact_len(rfc->data, chaos_pkt(rfc)->hdr.len);
	struct chaos_text *target = chaos_text_new(rfc->data, len);

	if (!target)
		return -ENOMEM;
	chaos_sk_set_target(cs, target);
	return 0;
}

/* An RFC without arguments has nothing that the socket's target has not. */
static void accept_forget_rfc(struct chaos_conn *conn)
{
	struct sk_buff *rfc = conn->rfc;
	u16 len = chaos_pkt(rfc)->hdr.len;

	if (len > CHAOS_CONTACT_MAX || chaos_contact_len(rfc->data, len) != len)
		return;
	chaos_conn_lock(conn);
	conn->rfc = NULL;
	chaos_conn_discard(conn, rfc);
	chaos_conn_unlock(conn);
}

/* Return: 1 if the connection is @newsk's, 0 if the peer has left. */
static int accept_conn(struct chaos_sock *listener, struct chaos_conn *conn,
		       struct sock *newsk)
{
	struct chaos_sock *cs = chaos_sk(newsk);
	int err;

	accept_inherit(newsk, listener);
	chaos_conn_lock(conn);
	if (conn->ncp.state == CHAOS_RFC_RECEIVED) {
		conn->sk = newsk;
		conn->owner = chaos_stream_event;
		conn->ncp.rcv_window = chaos_sk_window(cs);
		conn->ncp.rcv_spare = chaos_sk_spare(cs);
		ncp_set_times(&conn->ncp, &cs->times, chaos_now());
		cs->conn = conn;
	}
	chaos_conn_unlock(conn);
	if (!cs->conn)
		return 0;
	cs->undecided = true;
	cs->peer_addr = conn->ncp.raddr;
	err = accept_target(cs, conn->rfc);
	if (!err && !listener->defer)
		err = chaos_decide(cs, CHAOS_OPEN, KERNEL_SOCKPTR(NULL), 0);
	if (!err) {
		accept_forget_rfc(conn);
		return 1;
	}
	accept_give_back(cs);
	return err == -ECONNABORTED ? 0 : err;
}

/**
 * chaos_stream_accept() - accept()
 * @sock: socket that listens
 * @newsock: for the connection
 * @arg: how
 *
 * Opens the connection, or with CHAOS_DEFER leaves that to the program.
 *
 * Return: 0 or a negative errno.
 */
int chaos_stream_accept(struct socket *sock, struct socket *newsock,
			struct proto_accept_arg *arg)
{
	struct sock *newsk, *sk = sock->sk;
	struct chaos_conn *conn;
	int err = -EINVAL;
	long timeo;

	newsk = chaos_sk_alloc(sock_net(sk), NULL, sk->sk_type, 0, arg->kern);
	if (!newsk)
		return -ENOMEM;
	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	if (sk->sk_state != TCP_LISTEN)
		goto unlock;
	for (;;) {
		err = chaos_sk_wait(sk, &timeo, chaos_stream_has_pending);
		if (err)
			break;
		conn = accept_dequeue(chaos_sk(sk));
		if (!conn)
			continue;
		err = accept_conn(chaos_sk(sk), conn, newsk);
		if (err == 1)
			break;
		chaos_conn_orphan(conn, NULL, NULL);
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
		chaos_conn_announce(conn);
		return 0;
	}
	sock_put(newsk);
	return err;
}

/**
 * chaos_stream_stop_listening() - the socket is closed: refuse what waits for accept()
 * @cs: socket, locked, in TCP_LISTEN
 */
void chaos_stream_stop_listening(struct chaos_sock *cs)
{
	struct chaos_conn *conn;

	spin_lock_bh(&cs->queue_lock);
	WRITE_ONCE(cs->sk.sk_max_ack_backlog, 0);
	spin_unlock_bh(&cs->queue_lock);
	while ((conn = accept_dequeue(cs))) {
		chaos_conn_orphan(conn, NULL, NULL);
		chaos_conn_put(conn);
	}
}
