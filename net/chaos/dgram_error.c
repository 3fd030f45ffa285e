// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_DGRAM: which transaction has failed, and why, for recvmsg(MSG_ERRQUEUE). */

#include <linux/errqueue.h>

#include "dgram.h"
#include "skb.h"
#include "stats.h"

/* Kept with an entry of the error queue, whose data are the contact name that was
 * asked for, and the reason.
 */
struct error_cb {
	struct sock_extended_err ee;
	u32 tid;
	u16 addr;
	u8 contact_len;
};

static struct error_cb *error_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct error_cb) > sizeof(skb->cb));
	return (struct error_cb *)skb->cb;
}

/* Whose word it is, and for FWD where it sends us. */
static void error_origin(struct sock_extended_err *ee, const struct chaos_conn *conn,
			 const struct sk_buff *packet)
{
	u8 op = 0;

	if (packet)
		op = chaos_pkt(packet)->hdr.op;
	else if (conn->ncp.end == NCP_END_NOT_SIMPLE)
		op = CHAOS_OP_OPN;
	ee->ee_origin = op ? CHAOS_EE_ORIGIN : SO_EE_ORIGIN_LOCAL;
	ee->ee_type = op;
	if (op == CHAOS_OP_FWD)
		ee->ee_info = chaos_pkt(packet)->hdr.ack;
}

/**
 * chaos_dgram_error() - put an entry into the error queue
 * @cs: socket with CHAOS_RECVERR
 * @conn: the transaction; its @rfc, if any, tells the contact
 * @error: what has become of it, a positive errno
 * @packet: the packet of the peer that says so, or NULL; stays the caller's
 *
 * It is charged to the receive buffer, and lost if that is full.
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_dgram_error(struct chaos_sock *cs, const struct chaos_conn *conn, int error,
		       const struct sk_buff *packet)
{
	const struct sk_buff *rfc = conn->rfc;
	const char *text = packet ? NULL : chaos_end_text(conn->ncp.end);
	size_t len = packet ? chaos_pkt(packet)->hdr.len : strlen(text);
	size_t contact_len = 0;
	struct error_cb *cb;
	struct sk_buff *skb;

	if (rfc)
		contact_len = chaos_contact_len(rfc->data, chaos_pkt(rfc)->hdr.len);
	skb = alloc_skb(contact_len + len, GFP_ATOMIC);
	if (!skb) {
		chaos_count(conn->cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	if (rfc)
		skb_put_data(skb, rfc->data, contact_len);
	skb_put_data(skb, packet ? (const char *)packet->data : text, len);

	cb = error_cb(skb);
	*cb = (struct error_cb) {
		.ee.ee_errno = error,
		.tid = conn->tid,
		.addr = packet ? chaos_pkt(packet)->hdr.src : conn->ncp.raddr,
		.contact_len = contact_len,
	};
	error_origin(&cb->ee, conn, packet);
	if (sock_queue_err_skb(&cs->sk, skb))
		chaos_drop(conn->cn, skb, CHAOS_STAT_DROP_BACKLOG, NULL);
}

static struct sk_buff *error_first(struct sock *sk, bool peek)
{
	struct sk_buff_head *queue = &sk->sk_error_queue;
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	skb = skb_peek(queue);
	if (skb && peek)
		refcount_inc(&skb->users);
	else if (skb)
		__skb_unlink(skb, queue);
	spin_unlock_irqrestore(&queue->lock, flags);
	return skb;
}

/**
 * chaos_dgram_recv_error() - recvmsg(MSG_ERRQUEUE)
 * @sk: socket
 * @msg: gets the reason as data, as name the host and the contact it was asked for
 * @len: room for the reason
 * @flags: MSG_*; never waits
 *
 * Return: how many bytes were copied, with MSG_TRUNC in @flags how many there were;
 * -EAGAIN, -EFAULT.
 */
int chaos_dgram_recv_error(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct sk_buff *skb = error_first(sk, flags & MSG_PEEK);
	struct error_cb *cb;
	size_t text_len, copied;
	int err;

	if (!skb)
		return -EAGAIN;
	cb = error_cb(skb);
	text_len = skb->len - cb->contact_len;
	copied = min(len, text_len);
	err = skb_copy_datagram_msg(skb, cb->contact_len, msg, copied);
	if (err)
		goto free_skb;
	if (msg->msg_name) {
		chaos_name_fill(msg->msg_name, cb->addr, 0, skb->data, cb->contact_len);
		msg->msg_namelen = sizeof(struct sockaddr_chaos);
	}
	put_cmsg(msg, SOL_CHAOS, CHAOS_RECVERR, sizeof(cb->ee), &cb->ee);
	if (cb->tid)
		put_cmsg(msg, SOL_CHAOS, CHAOS_TID, sizeof(cb->tid), &cb->tid);
	msg->msg_flags |= MSG_ERRQUEUE;
	if (copied < text_len)
		msg->msg_flags |= MSG_TRUNC;
	err = flags & MSG_TRUNC ? text_len : copied;
free_skb:
	consume_skb(skb);
	return err;
}
