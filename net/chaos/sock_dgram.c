// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_DGRAM: the socket calls, and what both sides of transactions need. */

#include <asm/ioctls.h>
#include <linux/net.h>
#include <linux/poll.h>

#include "af_chaos.h"
#include "broadcast.h"
#include "compat.h"
#include "dgram.h"
#include "request.h"
#include "skb.h"

/* Transactions. */

/**
 * chaos_dgram_link() - let the socket have a transaction
 * @cs: socket
 * @conn: transaction, locked; the list gets a reference
 *
 * Context: BH disabled.
 *
 * Return: false if the socket is closed.
 */
bool chaos_dgram_link(struct chaos_sock *cs, struct chaos_conn *conn)
{
	bool open;

	spin_lock(&cs->queue_lock);
	open = !sock_flag(&cs->sk, SOCK_DEAD);
	if (open) {
		refcount_inc(&conn->ref);
		list_add_tail(&conn->link, &cs->queue);
		cs->queue_len++;
	}
	spin_unlock(&cs->queue_lock);
	return open;
}

/**
 * chaos_dgram_unlink() - a transaction is over
 * @cs: socket
 * @conn: transaction, not locked; whoever comes first drops the list's reference
 */
void chaos_dgram_unlink(struct chaos_sock *cs, struct chaos_conn *conn)
{
	bool linked;

	spin_lock_bh(&cs->queue_lock);
	linked = !list_empty(&conn->link);
	if (linked) {
		list_del_init(&conn->link);
		cs->queue_len--;
	}
	spin_unlock_bh(&cs->queue_lock);
	if (!linked)
		return;
	/* It had that from its beginning, or never. */
	if (conn->rfc) {
		chaos_conn_lock(conn);
		skb_orphan(conn->rfc);
		chaos_conn_unlock(conn);
	}
	chaos_conn_put(conn);
}

/**
 * chaos_dgram_queue() - put a packet where recvmsg() finds it
 * @sk: socket
 * @skb: packet, described in skb->cb; consumed on success
 * @contact_len: length of the contact name with which its data begins
 * @tid: CHAOS_TID
 *
 * Return: 0, or a negative errno if there is no room.
 */
int chaos_dgram_queue(struct sock *sk, struct sk_buff *skb, u8 contact_len, u32 tid)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	u8 skip = contact_len ? min(contact_len + 1, (int)hdr.len) : 0;

	/* Neither contact name nor pad byte is the program's. */
	skb_trim(skb, hdr.len);
	__skb_pull(skb, skip);
	*chaos_dgram_cb(skb) = (struct chaos_dgram_cb) {
		.hdr = hdr, .tid = tid, .skip = skip, .contact_len = contact_len,
	};
	return sock_queue_rcv_skb(sk, skb);
}

/**
 * chaos_dgram_build() - a packet of what a program sends
 * @cs: socket, locked but for an answer
 * @op: RFC, BRD or ANS
 * @t: the contact name, if any, comes first
 * @msg: arguments or answer
 * @len: its length
 *
 * Return: the packet, described in skb->cb, or an ERR_PTR: -EMSGSIZE, -ENOBUFS,
 * -EFAULT.
 */
struct sk_buff *chaos_dgram_build(struct chaos_sock *cs, u8 op, const struct chaos_target *t,
				  struct msghdr *msg, size_t len)
{
	size_t map = op == CHAOS_OP_BRD ? CHAOS_SUBNET_MAP : 0;
	bool space = t->contact_len && len;
	size_t head = map + t->contact_len + space;
	struct sk_buff *skb;

	if (len > CHAOS_DATA_MAX || head + len > CHAOS_DATA_MAX)
		return ERR_PTR(-EMSGSIZE);
	/* Of a request a clone travels. */
	skb = op == CHAOS_OP_RFC ? chaos_skb_alloc_queued(head + len, cs->sk.sk_allocation) :
				   chaos_skb_alloc(head + len, cs->sk.sk_allocation);
	if (!skb)
		return ERR_PTR(-ENOBUFS);
	if (map)
		skb_put_data(skb, cs->subnets, map);
	skb_put_data(skb, t->text, t->contact_len);
	if (space)
		skb_put_u8(skb, ' ');
	if (!copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	chaos_skb_ready(skb, op, head + len);
	chaos_pkt(skb)->hdr.ack = map;
	__skb_header_release(skb);
	return skb;
}

/* Sending. */

static bool dgram_may_send(struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) ||
	       sk->sk_shutdown & SEND_SHUTDOWN || READ_ONCE(sk->sk_err);
}

/* Where to send, if that is told: all zero if not. */
static int dgram_target(const struct msghdr *msg, struct chaos_target *t)
{
	int err;

	if (!msg->msg_namelen)
		return 0;
	err = chaos_target_parse(t, msg->msg_name, msg->msg_namelen);
	if (err)
		return err;
	/* A request needs a contact, an answer has none; arguments are the data. */
	if (t->len != t->contact_len || !t->index == !t->len || (!t->addr && t->index))
		return -EINVAL;
	return 0;
}

/* Where connect() said, which was checked then. */
static int dgram_connected_target(const struct chaos_sock *cs, struct chaos_target *t)
{
	const struct chaos_text *target = chaos_sk_target(cs);

	if (!target)
		return -EDESTADDRREQ;
	*t = (struct chaos_target) {
		.addr = cs->peer_addr, .text = target->data,
		.len = target->len, .contact_len = target->len,
	};
	return 0;
}

/* Errors that wait to be told come before anything is sent. */
static int dgram_check_send(struct sock *sk)
{
	int err = sock_error(sk);

	if (!err && READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		err = -EPIPE;
	return err;
}

static int dgram_request(struct sock *sk, struct chaos_target *t, u32 tid, struct msghdr *msg,
			 size_t len)
{
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct chaos_sock *cs = chaos_sk(sk);
	int err = 0;

	lock_sock(sk);
	if (!msg->msg_namelen)
		err = dgram_connected_target(cs, t);
	if (!err)
		err = chaos_sk_wait(sk, &timeo, dgram_may_send);
	if (!err)
		err = dgram_check_send(sk);
	if (!err)
		err = chaos_dgram_request(cs, t, tid, msg, len);
	release_sock(sk);
	return err;
}

/* An answer needs nothing of the socket's that its lock guards, nor of its memory. */
static int dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct chaos_target t = {};
	u32 tid = 0;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = chaos_get_cmsg(msg, CHAOS_TID, &tid, sizeof(tid));
	if (!err)
		err = dgram_target(msg, &t);
	if (err)
		return err;
	if (!t.index)
		return dgram_request(sock->sk, &t, tid, msg, len);
	err = dgram_check_send(sock->sk);
	return err ?: chaos_dgram_answer(chaos_sk(sock->sk), &t, msg, len);
}

/* Receiving. */

/* Of a request also the index to answer to, and the contact. */
static void dgram_fill_name(const struct chaos_sock *cs, struct msghdr *msg,
			    const struct sk_buff *skb)
{
	const struct chaos_dgram_cb *cb = chaos_dgram_cb(skb);
	const struct chaos_listener *l = READ_ONCE(cs->listener);
	const u8 *contact = skb->data - cb->skip;

	if (!msg->msg_name)
		return;
	if (cb->contact_len && l)
		contact = l->contact;
	chaos_name_fill(msg->msg_name, cb->hdr.src, cb->contact_len ? cb->hdr.sidx : 0, contact,
			cb->contact_len);
	msg->msg_namelen = sizeof(struct sockaddr_chaos);
}

static int dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	struct chaos_dgram_cb *cb;
	struct sk_buff *skb;
	int copied, err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return chaos_dgram_recv_error(sock->sk, msg, len, flags);
	skb = skb_recv_datagram(sock->sk, flags, &err);
	if (!skb)
		return err;
	copied = min_t(size_t, len, skb->len);
	if (len < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err)
		goto free_skb;
	cb = chaos_dgram_cb(skb);
	dgram_fill_name(cs, msg, skb);
	chaos_put_cmsg_opcode(msg, cb->hdr.op);
	if (msg->msg_controllen && cb->tid)
		put_cmsg(msg, SOL_CHAOS, CHAOS_TID, sizeof(cb->tid), &cb->tid);
	err = flags & MSG_TRUNC ? (int)skb->len : copied;
free_skb:
	skb_free_datagram(sock->sk, skb);
	return err;
}

/* The rest. */

/* May this be the destination of what has none? */
static int dgram_check_connect(struct chaos_sock *cs, const struct chaos_target *t)
{
	u16 src;

	if (t->index || !t->len || t->len != t->contact_len)
		return -EINVAL;
	if (!t->addr)
		return sock_flag(&cs->sk, SOCK_BROADCAST) ? 0 : -EACCES;
	return chaos_source_addr(cs, t->addr, &src);
}

/* Fix the destination of what has none, or with AF_UNSPEC undo that. */
static int dgram_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len,
			 int flags)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	struct chaos_text *target = NULL;
	struct chaos_target t = {};
	int err;

	if (addr_len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family != AF_UNSPEC) {
		err = chaos_target_parse(&t, uaddr, addr_len);
		if (err)
			return err;
		err = dgram_check_connect(cs, &t);
		if (err)
			return err;
	}
	if (t.len) {
		target = chaos_text_new(t.text, t.len);
		if (!target)
			return -ENOMEM;
	}
	lock_sock(sk);
	cs->peer_addr = t.addr;
	chaos_sk_set_target(cs, target);
	sock->state = t.len ? SS_CONNECTED : SS_UNCONNECTED;
	release_sock(sk);
	return 0;
}

static int dgram_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_chaos *sa = (struct sockaddr_chaos *)uaddr;
	struct chaos_sock *cs = chaos_sk(sock->sk);
	const struct chaos_text *target;
	int err = sizeof(*sa);

	lock_sock(sock->sk);
	target = chaos_sk_target(cs);
	if (!peer)
		chaos_name_fill_own(sa, cs, cs->bound, 0);
	else if (target)
		chaos_name_fill(sa, cs->peer_addr, 0, target->data, target->len);
	else
		err = -ENOTCONN;
	release_sock(sock->sk);
	return err;
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
	chaos_listen_release(chaos_sk_net(sk), cs->listener);
	sock_orphan(sk);
	chaos_request_close(cs);
	while ((conn = dgram_first(cs))) {
		chaos_dgram_unlink(cs, conn);
		chaos_conn_orphan(conn, NULL, NULL);
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
	.shutdown = chaos_shutdown,
	.setsockopt = chaos_setsockopt,
	.getsockopt = chaos_getsockopt,
	.sendmsg = dgram_sendmsg,
	.recvmsg = dgram_recvmsg,
	.mmap = sock_no_mmap,
};
