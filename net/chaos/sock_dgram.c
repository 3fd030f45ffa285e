// SPDX-License-Identifier: GPL-2.0-only
/*
 * SOCK_DGRAM: simple transactions (AIM 628 section 4.5), both sides.
 *
 * Each transaction is a connection that never opens.  Ours ends with ANS, which
 * goes to the receive queue.  Theirs begins when their RFC is put there, and waits
 * in RFC-received to be found by address and index when the program answers.
 */

#include <asm/ioctls.h>
#include <linux/net.h>
#include <linux/poll.h>

#include "af_chaos.h"
#include "compat.h"
#include "skb.h"
#include "stats.h"

/* RFCs that one socket may leave unanswered; the kernel forgets them in time. */
#define DGRAM_PENDING_MAX	1024

/* What recvmsg() tells of a packet in the receive queue. */
struct dgram_cb {
	struct chaos_hdr hdr;
	u32 tid;
};

static struct dgram_cb *dgram_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct dgram_cb) > sizeof(skb->cb));
	return (struct dgram_cb *)skb->cb;
}

static bool dgram_link(struct chaos_sock *cs, struct chaos_conn *conn, unsigned int limit)
{
	bool room;

	spin_lock_bh(&cs->queue_lock);
	room = cs->queue_len < limit && !sock_flag(&cs->sk, SOCK_DEAD);
	if (room) {
		refcount_inc(&conn->ref);
		list_add_tail(&conn->link, &cs->queue);
		cs->queue_len++;
	}
	spin_unlock_bh(&cs->queue_lock);
	return room;
}

/* Forget a transaction; whoever comes first drops the list's reference. */
static void dgram_unlink(struct chaos_sock *cs, struct chaos_conn *conn)
{
	bool linked;

	spin_lock_bh(&cs->queue_lock);
	linked = !list_empty(&conn->link);
	if (linked) {
		list_del_init(&conn->link);
		cs->queue_len--;
	}
	spin_unlock_bh(&cs->queue_lock);
	if (linked)
		chaos_conn_put(conn);
}

/* Put a packet, described as in chaos_conn_rcv(), where recvmsg() finds it. */
static int dgram_queue(struct sock *sk, struct sk_buff *skb, unsigned int skip, u32 tid)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;

	/* Neither contact name nor pad byte is the program's. */
	skb_trim(skb, hdr.len);
	__skb_pull(skb, skip);
	*dgram_cb(skb) = (struct dgram_cb) { .hdr = hdr, .tid = tid };
	return sock_queue_rcv_skb(sk, skb);
}

static void dgram_failed(struct chaos_sock *cs, struct chaos_conn *conn)
{
	struct sk_buff *old;

	spin_lock_bh(&cs->queue_lock);
	old = cs->reason;
	cs->reason = conn->final;
	conn->final = NULL;
	cs->failed = conn->ncp.end;
	spin_unlock_bh(&cs->queue_lock);
	kfree_skb(old);

	/* As for UDP, only a connected socket can tell whose error it is. */
	if (READ_ONCE(cs->peer_addr)) {
		WRITE_ONCE(cs->sk.sk_err, -chaos_end_errno(&conn->ncp));
		sk_error_report(&cs->sk);
	}
}

/* Our transaction is over. */
static void dgram_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	struct chaos_sock *cs = chaos_sk(sk);

	if (!(events & CHAOS_EVENT_END))
		return;
	if (conn->ncp.end == NCP_END_ANSWERED) {
		if (dgram_queue(sk, conn->final, 0, conn->tid))
			chaos_drop(conn->cn, conn->final, CHAOS_STAT_DROP_BACKLOG, NULL);
		conn->final = NULL;
	} else if (conn->ncp.end != NCP_END_LOCAL) {
		dgram_failed(cs, conn);
	}
	dgram_unlink(cs, conn);
}

/* Their transaction is over before we have answered. */
static void dgram_pending_event(struct chaos_conn *conn, struct sock *sk, unsigned int events)
{
	if (events & CHAOS_EVENT_END)
		dgram_unlink(chaos_sk(sk), conn);
}

/* Remember an RFC as a connection that the program may answer. */
static struct chaos_conn *dgram_pending(struct sock *sk, const struct chaos_hdr *rfc,
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
	conn->owner = dgram_pending_event;
	ncp_offer(&conn->ncp, rfc, chaos_random_u16(), chaos_now());
	if (chaos_conn_hash_peer(conn, rfc->sidx)) {
		*reason = CHAOS_STAT_DROP_DUPLICATE;
		goto forget;
	}
	if (!dgram_link(cs, conn, DGRAM_PENDING_MAX)) {
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
 * chaos_dgram_offer() - an RFC for a bound socket
 * @sk: the socket
 * @skb: the RFC; consumed
 *
 * When there is no room it is dropped: it will come again.
 */
void chaos_dgram_offer(struct sock *sk, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	size_t skip = min_t(size_t, chaos_sk(sk)->listener.len + 1, hdr.len);
	enum chaos_stat reason;
	struct chaos_conn *conn;

	conn = dgram_pending(sk, &hdr, &reason);
	if (!conn)
		goto drop;
	skb = chaos_skb_compact(skb);
	if (dgram_queue(sk, skb, skip, 0)) {
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

/* Sending. */

static bool dgram_may_send(struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) ||
	       sk->sk_shutdown & SEND_SHUTDOWN || READ_ONCE(sk->sk_err);
}

/* What a program sends: after "contact " for a request, alone for an answer. */
static struct sk_buff *dgram_build(struct sock *sk, u8 op, const char *contact, size_t contact_len,
				   struct msghdr *msg, size_t len)
{
	size_t head = contact_len && len ? contact_len + 1 : contact_len;
	struct sk_buff *skb;

	if (len > CHAOS_DATA_MAX || head + len > CHAOS_DATA_MAX)
		return ERR_PTR(-EMSGSIZE);
	skb = chaos_skb_alloc(head + len, sk->sk_allocation);
	if (!skb)
		return ERR_PTR(-ENOBUFS);
	skb_put_data(skb, contact, contact_len);
	if (head > contact_len)
		skb_put_u8(skb, ' ');
	if (!copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	chaos_skb_ready(skb, op, head + len);
	__skb_header_release(skb);
	return skb;
}

static int dgram_request(struct chaos_sock *cs, const struct chaos_target *t, u32 tid,
			 struct msghdr *msg, size_t len)
{
	struct sock *sk = &cs->sk;
	struct chaos_conn *conn;
	struct sk_buff *skb;
	u16 src;
	int err;

	err = chaos_source_addr(cs, t->addr, &src);
	if (err)
		return err;
	skb = dgram_build(sk, CHAOS_OP_RFC, t->text, t->contact_len, msg, len);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	conn = chaos_conn_create(chaos_sk_net(sk), src, t->addr, 1, GFP_KERNEL);
	if (!conn) {
		err = -ENOBUFS;
		goto free_skb;
	}
	conn->ncp.simple = true;
	conn->tid = tid;
	conn->sk = sk;
	conn->owner = dgram_event;
	err = chaos_conn_hash(conn);
	if (err)
		goto put_conn;
	dgram_link(cs, conn, UINT_MAX);
	skb_set_owner_w(skb, sk);
	chaos_conn_lock(conn);
	ncp_connect(&conn->ncp, chaos_pkt(skb), chaos_random_u16(), chaos_now());
	chaos_conn_unlock(conn);
	chaos_conn_put(conn);
	return len;

put_conn:
	chaos_conn_put(conn);
free_skb:
	kfree_skb(skb);
	return err;
}

static int dgram_answer(struct chaos_sock *cs, const struct chaos_target *t, struct msghdr *msg,
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
	skb = dgram_build(&cs->sk, CHAOS_OP_ANS, NULL, 0, msg, len);
	err = PTR_ERR_OR_ZERO(skb);
	if (err)
		goto put_conn;
	dgram_unlink(cs, conn);
	err = chaos_conn_answer(conn, skb) ? (int)len : -ENOENT;
put_conn:
	chaos_conn_put(conn);
	return err;
}

/* The CHAOS_TID control message, unchanged if there is none. */
static int dgram_tid_cmsg(struct msghdr *msg, u32 *tid)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_CHAOS)
			continue;
		if (cmsg->cmsg_type != CHAOS_TID || cmsg->cmsg_len != CMSG_LEN(sizeof(*tid)))
			return -EINVAL;
		memcpy(tid, CMSG_DATA(cmsg), sizeof(*tid));
	}
	return 0;
}

/* Where to send: the given address, or that of connect(). */
static int dgram_target(struct chaos_sock *cs, struct msghdr *msg, struct chaos_target *t)
{
	if (msg->msg_namelen) {
		int err = chaos_target_parse(t, msg->msg_name, msg->msg_namelen);

		if (err)
			return err;
	} else {
		if (!cs->peer_addr)
			return -EDESTADDRREQ;
		*t = (struct chaos_target) {
			.addr = cs->peer_addr, .text = cs->target,
			.len = cs->target_len, .contact_len = cs->target_len,
		};
	}
	/* A request needs a contact, an answer has none; arguments are the data. */
	if (!t->addr || t->len != t->contact_len || !t->index == !t->len)
		return -EINVAL;
	return 0;
}

static int dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct chaos_target t;
	u32 tid = 0;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = dgram_tid_cmsg(msg, &tid);
	if (err)
		return err;
	lock_sock(sk);
	err = dgram_target(cs, msg, &t);
	if (!err)
		err = chaos_sk_wait(sk, &timeo, dgram_may_send);
	if (!err)
		err = sock_error(sk);
	if (!err && sk->sk_shutdown & SEND_SHUTDOWN)
		err = -EPIPE;
	if (!err)
		err = t.index ? dgram_answer(cs, &t, msg, len) :
				dgram_request(cs, &t, tid, msg, len);
	release_sock(sk);
	return err;
}

/* Receiving. */

static void dgram_fill_name(const struct chaos_sock *cs, struct msghdr *msg,
			    const struct chaos_hdr *hdr)
{
	bool rfc = hdr->op == CHAOS_OP_RFC;

	if (!msg->msg_name)
		return;
	chaos_name_fill(msg->msg_name, hdr->src, rfc ? hdr->sidx : 0, cs->listener.contact,
			rfc ? cs->listener.len : 0);
	msg->msg_namelen = sizeof(struct sockaddr_chaos);
}

static int dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	struct dgram_cb *cb;
	struct sk_buff *skb;
	int copied, err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = skb_recv_datagram(sock->sk, flags, &err);
	if (!skb)
		return err;
	copied = min_t(size_t, len, skb->len);
	if (len < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err)
		goto free_skb;
	cb = dgram_cb(skb);
	dgram_fill_name(cs, msg, &cb->hdr);
	chaos_put_cmsg_opcode(msg, cb->hdr.op);
	if (msg->msg_controllen && cb->tid)
		put_cmsg(msg, SOL_CHAOS, CHAOS_TID, sizeof(cb->tid), &cb->tid);
	err = flags & MSG_TRUNC ? (int)skb->len : copied;
free_skb:
	skb_free_datagram(sock->sk, skb);
	return err;
}

/* The rest. */

/* Fix the destination of what has none, or with AF_UNSPEC undo that. */
static int dgram_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len,
			 int flags)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	struct chaos_target t = {};
	u16 src;
	int err;

	if (addr_len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family != AF_UNSPEC) {
		err = chaos_target_parse(&t, uaddr, addr_len);
		if (err)
			return err;
		if (!t.addr || t.index || !t.len || t.len != t.contact_len)
			return -EINVAL;
		err = chaos_source_addr(cs, t.addr, &src);
		if (err)
			return err;
	}
	lock_sock(sk);
	WRITE_ONCE(cs->peer_addr, t.addr);
	cs->target_len = t.len;
	memcpy(cs->target, t.text, t.len);
	sock->state = t.addr ? SS_CONNECTED : SS_UNCONNECTED;
	release_sock(sk);
	return 0;
}

static int dgram_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_chaos *sa = (struct sockaddr_chaos *)uaddr;
	struct chaos_sock *cs = chaos_sk(sock->sk);
	int err = sizeof(*sa);

	lock_sock(sock->sk);
	if (!peer)
		chaos_name_fill(sa, cs->bound, 0, cs->listener.contact, cs->listener.len);
	else if (cs->peer_addr)
		chaos_name_fill(sa, cs->peer_addr, 0, cs->target, cs->target_len);
	else
		err = -ENOTCONN;
	release_sock(sock->sk);
	return err;
}

static int dgram_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;

	how++;	/* SHUT_* to the bits RCV_SHUTDOWN and SEND_SHUTDOWN */
	if (how & ~SHUTDOWN_MASK || !how)
		return -EINVAL;
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	sk->sk_state_change(sk);
	release_sock(sk);
	return 0;
}

static struct chaos_conn *dgram_first(struct chaos_sock *cs)
{
	struct chaos_conn *conn;

	spin_lock_bh(&cs->queue_lock);
	conn = list_first_entry_or_null(&cs->queue, struct chaos_conn, link);
	if (conn)
		refcount_inc(&conn->ref);
	spin_unlock_bh(&cs->queue_lock);
	return conn;
}

static int dgram_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct chaos_conn *conn;
	struct chaos_sock *cs;

	if (!sk)
		return 0;
	cs = chaos_sk(sk);
	lock_sock(sk);
	chaos_listen_release(chaos_sk_net(sk), &cs->listener);
	sock_orphan(sk);
	while ((conn = dgram_first(cs))) {
		dgram_unlink(cs, conn);
		chaos_conn_orphan(conn, NULL);
		chaos_conn_put(conn);
	}
	sock->sk = NULL;
	release_sock(sk);
	/* What is queued meanwhile goes with the socket. */
	skb_queue_purge(&sk->sk_receive_queue);
	sock_put(sk);
	return 0;
}

static int dgram_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int value;

	switch (cmd) {
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		value = skb ? skb->len : 0;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		break;
	case SIOCOUTQ:
		value = sk_wmem_alloc_get(sk);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(value, (int __user *)arg);
}

const struct proto_ops chaos_dgram_ops = {
	.family = PF_CHAOS,
	.owner = THIS_MODULE,
	.release = dgram_release,
	.bind = chaos_bind,
	.connect = dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = dgram_getname,
	.poll = datagram_poll,
	.ioctl = dgram_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = sock_no_listen,
	.shutdown = dgram_shutdown,
	.setsockopt = chaos_setsockopt,
	.getsockopt = chaos_getsockopt,
	.sendmsg = dgram_sendmsg,
	.recvmsg = dgram_recvmsg,
	.mmap = sock_no_mmap,
};
