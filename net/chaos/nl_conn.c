// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: listeners, channels of foreign protocols, and connections, orphans included. */

#include <linux/chaos_netlink.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "af_chaos.h"
#include "nl.h"
#include "request.h"
#include "skb.h"

/* Position of a dump: the listeners by bucket, channels by index, requests that wait for
 * an answer, then connections.
 */
struct conn_dump {
	unsigned int bucket;
	unsigned int skip;
	unsigned long index;
	struct chaos_request_pos request;
	struct rhashtable_iter iter;
};

/* An event is the same for all who listen: users are as the namespace's owner sees them. */
static int conn_put_socket(struct sk_buff *skb, const struct chaos_sock *cs)
{
	struct sock *sk = (struct sock *)&cs->sk;
	kuid_t uid = sock_net_uid(sock_net(sk), sk);
	struct user_namespace *ns = skb->sk ? sk_user_ns(skb->sk) : sock_net(sk)->user_ns;

	if (nla_put_u8(skb, CHAOS_CONN_A_SOCKTYPE, sk->sk_type) ||
	    nla_put_u32(skb, CHAOS_CONN_A_UID, from_kuid_munged(ns, uid)) ||
	    nla_put_u32(skb, CHAOS_CONN_A_INODE, sock_i_ino(sk)))
		return -EMSGSIZE;
	return 0;
}

/* Netlink strings end with a NUL. */
static int conn_put_contact(struct sk_buff *skb, const void *contact, size_t len)
{
	char text[CHAOS_CONTACT_MAX + 1];

	len = min_t(size_t, len, CHAOS_CONTACT_MAX);
	memcpy(text, contact, len);
	text[len] = 0;
	return nla_put_string(skb, CHAOS_CONN_A_CONTACT, text);
}

static int listener_put(struct sk_buff *skb, const void *obj)
{
	const struct chaos_listener *l = obj;
	const struct chaos_sock *cs = chaos_sk(l->sk);
	const struct chaos_info info = {
		.ci_state = CHAOS_LISTENING,
		.ci_local_addr = l->addr,
		.ci_rcv_window = chaos_sk_window(cs),
	};

	if (nla_put(skb, CHAOS_CONN_A_INFO, sizeof(info), &info) ||
	    conn_put_contact(skb, l->contact, l->len) ||
	    conn_put_socket(skb, cs) ||
	    nla_put_u32(skb, CHAOS_CONN_A_BACKLOG,
			READ_ONCE(cs->queue_len) + READ_ONCE(cs->requests)) ||
	    nla_put_u32(skb, CHAOS_CONN_A_BACKLOG_MAX, READ_ONCE(l->sk->sk_max_ack_backlog)))
		return -EMSGSIZE;
	return 0;
}

static int channel_put(struct sk_buff *skb, const void *obj)
{
	const struct chaos_channel *ch = obj;
	struct chaos_info info;

	chaos_foreign_info(ch, &info);
	return nla_put(skb, CHAOS_CONN_A_INFO, sizeof(info), &info) ?:
	       conn_put_socket(skb, chaos_sk(ch->sk));
}

struct request {
	const struct chaos_info *info;
	const struct chaos_sock *cs;
};

static int request_put(struct sk_buff *skb, const void *obj)
{
	const struct request *r = obj;

	return nla_put(skb, CHAOS_CONN_A_INFO, sizeof(*r->info), r->info) ?:
	       conn_put_socket(skb, r->cs);
}

/* Who requested what: their RFC, or what the socket knows of it, or did. */
static int conn_put_request(struct sk_buff *skb, const struct chaos_conn *conn)
{
	const struct chaos_text *target = conn->contact;

	if (conn->rfc)
		return conn_put_contact(skb, conn->rfc->data,
					chaos_contact_len(conn->rfc->data,
							  chaos_pkt(conn->rfc)->hdr.len));
	if (conn->sk)
		target = rcu_dereference_bh(chaos_sk(conn->sk)->target);
	if (!target)
		return 0;
	return conn_put_contact(skb, target->data, chaos_contact_len(target->data, target->len));
}

static int conn_put(struct sk_buff *skb, const void *obj)
{
	struct chaos_conn *conn = (struct chaos_conn *)obj;
	struct chaos_info info;
	int err;

	chaos_conn_lock(conn);
	ncp_info(&conn->ncp, &info, chaos_now());
	err = nla_put(skb, CHAOS_CONN_A_INFO, sizeof(info), &info) ?:
	      conn_put_request(skb, conn);
	if (!err && conn->sk)
		err = conn_put_socket(skb, chaos_sk(conn->sk));
	chaos_conn_unlock(conn);
	return err;
}

/* One message, of which @put makes the attributes.
 *
 * Return: 0 or -EMSGSIZE with @skb unchanged.
 */
static int message_fill(struct sk_buff *skb, const struct chaos_nl_to *to,
			int (*put)(struct sk_buff *skb, const void *obj), const void *obj)
{
	void *hdr = chaos_nl_put(skb, to);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = put(skb, obj);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

static int listener_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	return message_fill(skb, to, listener_put, obj);
}

static int channel_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	return message_fill(skb, to, channel_put, obj);
}

static int request_fill(struct sk_buff *skb, const void *to, const struct chaos_info *info,
			const struct chaos_sock *cs)
{
	const struct request r = { .info = info, .cs = cs };

	return message_fill(skb, to, request_put, &r);
}

static int conn_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	return message_fill(skb, to, conn_put, obj);
}

/**
 * chaos_nl_listener_event() - tell that a socket begins to listen, or ceases to
 * @l: its claim to a contact
 * @cmd: CHAOS_CMD_CONN_NEW or CHAOS_CMD_CONN_DEL
 *
 * Context: process; the socket is locked.
 */
void chaos_nl_listener_event(const struct chaos_listener *l, u8 cmd)
{
	chaos_nl_event(sock_net(l->sk), cmd, listener_fill, l);
}

/**
 * chaos_nl_channel_event() - tell that a foreign protocol's channel opens or closes
 * @ch: channel, open
 * @cmd: CHAOS_CMD_CONN_NEW or CHAOS_CMD_CONN_DEL
 *
 * Context: process; the socket is locked.
 */
void chaos_nl_channel_event(const struct chaos_channel *ch, u8 cmd)
{
	chaos_nl_event(sock_net(ch->sk), cmd, channel_fill, ch);
}

/**
 * chaos_nl_conn_event() - tell that a connection has opened or ended
 * @conn: connection, not locked
 * @cmd: CHAOS_CMD_CONN_NEW or CHAOS_CMD_CONN_DEL
 *
 * Context: any but hard interrupts; RCU read side, or the caller has a reference.
 */
void chaos_nl_conn_event(struct chaos_conn *conn, u8 cmd)
{
	chaos_nl_event(conn->cn->net, cmd, conn_fill, conn);
}

/* Return: 0 when all listeners are out, -EMSGSIZE when the message is full. */
static int dump_listeners(struct sk_buff *skb, const struct chaos_nl_to *to,
			  struct chaos_net *cn, struct conn_dump *dump)
{
	struct chaos_listener *l;
	unsigned int i;

	for (; dump->bucket < HASH_SIZE(cn->listeners); dump->bucket++, dump->skip = 0) {
		i = 0;
		hlist_for_each_entry_rcu(l, &cn->listeners[dump->bucket], node) {
			if (i++ < dump->skip || !READ_ONCE(l->offer))
				continue;
			if (listener_fill(skb, to, l))
				return -EMSGSIZE;
			dump->skip = i;
		}
	}
	return 0;
}

/* Likewise for the channels. */
static int dump_channels(struct sk_buff *skb, const struct chaos_nl_to *to,
			 struct chaos_net *cn, struct conn_dump *dump)
{
	struct chaos_channel *ch;
	unsigned long index;

	xa_for_each_start(&cn->channels, index, ch, dump->index) {
		if (channel_fill(skb, to, ch))
			return -EMSGSIZE;
		dump->index = index + 1;
	}
	return 0;
}

static void dump_conns(struct sk_buff *skb, const struct chaos_nl_to *to, struct conn_dump *dump)
{
	struct chaos_conn *conn;

	rhashtable_walk_start(&dump->iter);
	conn = rhashtable_walk_peek(&dump->iter);
	while (conn) {
		/* -EAGAIN: the table was resized; some may be shown twice. */
		if (!IS_ERR(conn) && conn_fill(skb, to, conn))
			break;
		conn = rhashtable_walk_next(&dump->iter);
	}
	rhashtable_walk_stop(&dump->iter);
}

/**
 * chaos_nl_conn_start() - begin to dump connections
 * @cb: the dump
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_nl_conn_start(struct netlink_callback *cb)
{
	struct chaos_net *cn = chaos_net(sock_net(cb->skb->sk));
	struct conn_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	rhashtable_walk_enter(&cn->conns, &dump->iter);
	cb->args[0] = (long)dump;
	return 0;
}

/**
 * chaos_nl_conn_dump() - dump as many listeners, channels and connections as fit
 * @skb: message buffer
 * @cb: the dump
 *
 * Connections come and go; what exists all the time is shown.
 *
 * Return: what a dumpit callback returns.
 */
int chaos_nl_conn_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct chaos_net *cn = chaos_net(sock_net(skb->sk));
	struct conn_dump *dump = (struct conn_dump *)cb->args[0];
	struct chaos_nl_to to;
	int err;

	err = chaos_nl_dump_start(skb, cb, CHAOS_CMD_CONN_GET, &to);
	if (err)
		return err;
	to.cb = NULL;
	rcu_read_lock();
	if (!dump_listeners(skb, &to, cn, dump) && !dump_channels(skb, &to, cn, dump) &&
	    !chaos_request_walk(cn, &dump->request, request_fill, skb, &to))
		dump_conns(skb, &to, dump);
	rcu_read_unlock();
	return skb->len;
}

/**
 * chaos_nl_conn_done() - the dump is over
 * @cb: the dump
 *
 * Return: 0.
 */
int chaos_nl_conn_done(struct netlink_callback *cb)
{
	struct conn_dump *dump = (struct conn_dump *)cb->args[0];

	if (dump)
		rhashtable_walk_exit(&dump->iter);
	kfree(dump);
	return 0;
}
