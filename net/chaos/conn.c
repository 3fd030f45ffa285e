// SPDX-License-Identifier: GPL-2.0-only
/* Connections: serialising them, carrying out what the engine wants, their end. */

#include <linux/chaos_netlink.h>
#include <linux/slab.h>

#include "broadcast.h"
#include "compat.h"
#include "conn.h"
#include "follow.h"
#include "nl.h"
#include "output.h"
#include "skb.h"
#include "stats.h"

/* An answer is repeated for this long (the RFC is retransmitted every 0.5 s). */
#define ANSWER_TIME	(2 * NCP_SEC)

/* Bytes by which a CPU's view of the memory used may be off. */
#define MEM_BATCH	(64 * 1024)

/* Effects of the engine. */

static struct chaos_conn *conn_of(struct ncp *c)
{
	return container_of(c, struct chaos_conn, ncp);
}

static void conn_mem_add(struct chaos_conn *conn, int bytes)
{
	conn->mem += bytes;
	percpu_counter_add_batch(&conn->cn->mem, bytes, MEM_BATCH);
}

/**
 * chaos_conn_charge() - count a packet that is to be kept in the memory used
 * @conn: connection, locked
 * @skb: packet, described in skb->cb
 */
void chaos_conn_charge(struct chaos_conn *conn, struct sk_buff *skb)
{
	chaos_pkt(skb)->owners = true;
	conn_mem_add(conn, skb->truesize);
}

/**
 * chaos_conn_uncharge() - the packet is kept no more
 * @conn: connection, locked
 * @skb: packet, described in skb->cb; nothing happens if it was not counted
 */
void chaos_conn_uncharge(struct chaos_conn *conn, struct sk_buff *skb)
{
	if (!chaos_pkt(skb)->owners)
		return;
	chaos_pkt(skb)->owners = false;
	conn_mem_add(conn, -(int)skb->truesize);
}

/**
 * chaos_conn_discard() - free a buffer once the connection is unlocked
 * @conn: connection, locked
 * @skb: buffer, in no queue
 */
void chaos_conn_discard(struct chaos_conn *conn, struct sk_buff *skb)
{
	skb->next = conn->garbage;
	conn->garbage = skb;
}

static void conn_free_garbage(struct sk_buff *garbage)
{
	struct sk_buff *next;

	for (; garbage; garbage = next) {
		next = garbage->next;
		skb_mark_not_on_list(garbage);
		consume_skb(garbage);
	}
}

/**
 * chaos_mem_full() - do the namespace's connections use all the memory they may?
 * @cn: namespace
 */
bool chaos_mem_full(struct chaos_net *cn)
{
	return percpu_counter_read_positive(&cn->mem) > READ_ONCE(cn->conf.max_mem);
}

/* What a stream is made of waits in @rxq to be read, answers to a broadcast to be
 * fetched; all else ends the connection.
 */
static void conn_op_deliver(struct ncp *c, struct ncp_pkt *pkt)
{
	struct chaos_conn *conn = conn_of(c);
	struct sk_buff *skb = chaos_pkt_skb(pkt);

	if (!chaos_op_is_stream(pkt->hdr.op) && c->state != CHAOS_BROADCAST_SENT) {
		conn->final = skb;
		return;
	}
	if (conn->sk)
		skb_set_owner_r(skb, conn->sk);
	__skb_queue_tail(&conn->rxq, skb);
	conn->events |= CHAOS_EVENT_DATA;
}

static void conn_op_release(struct ncp *c, struct ncp_pkt *pkt)
{
	chaos_conn_uncharge(conn_of(c), chaos_pkt_skb(pkt));
	chaos_conn_discard(conn_of(c), chaos_pkt_skb(pkt));
}

/* accept() is making it a new socket's, of which there is nothing to tell before the end:
 * then it calls chaos_conn_announce().
 */
static bool conn_in_accept(const struct chaos_conn *conn)
{
	return conn->sk && !READ_ONCE(conn->sk->sk_socket);
}

static void conn_op_state_changed(struct ncp *c)
{
	struct chaos_conn *conn = conn_of(c);
	bool pending = c->state == CHAOS_RFC_RECEIVED;

	if (pending != conn->pending) {
		conn->pending = pending;
		atomic_add(pending ? 1 : -1, &conn->cn->halfopen);
	}
	conn->events |= CHAOS_EVENT_STATE;
	if (c->state == CHAOS_OPENED && !conn_in_accept(conn))
		conn->events |= CHAOS_EVENT_OPEN;
	if (ncp_alive(c))
		return;
	conn->events |= CHAOS_EVENT_END;
	if (conn->orphaned) {
		conn->orphaned = false;
		atomic_dec(&conn->cn->orphans);
	}
}

static void conn_op_arm_timer(struct ncp *c, u64 when)
{
	struct chaos_conn *conn = conn_of(c);
	u64 now = chaos_now();
	unsigned int delay;

	delay = when > now ? min_t(u64, when - now, 1000 * NCP_SEC) : 0;
	if (!mod_timer(&conn->timer, jiffies + usecs_to_jiffies(delay) + 1))
		refcount_inc(&conn->ref);
}

static const struct ncp_ops conn_ncp_ops = {
	.xmit = chaos_conn_xmit,
	.deliver = conn_op_deliver,
	.release = conn_op_release,
	.room = chaos_conn_room,
	.state_changed = conn_op_state_changed,
	.arm_timer = conn_op_arm_timer,
};

static void conn_opened(struct chaos_conn *conn)
{
	if (conn->announced)
		return;
	conn->announced = true;
	chaos_nl_conn_event(conn, CHAOS_CMD_CONN_NEW);
}

/* The engine has ended: nothing is due any more, unless an answer is repeated. */
static void conn_ended(struct chaos_conn *conn, bool expired)
{
	if (conn->answer && !expired)
		return;
	if (timer_delete(&conn->timer))
		chaos_conn_put(conn);
	chaos_conn_unhash(conn);
	if (!conn->announced)
		return;
	conn->announced = false;
	chaos_nl_conn_event(conn, CHAOS_CMD_CONN_DEL);
}

static bool conn_has_effects(const struct chaos_conn *conn)
{
	return conn->events || !skb_queue_empty(&conn->out) || conn->garbage;
}

static void conn_output(struct chaos_conn *conn, struct sk_buff_head *out)
{
	u16 dst = READ_ONCE(conn->ncp.raddr);
	struct sk_buff *skb;

	if (dst)
		chaos_output_list(conn->cn, out, dst);
	while ((skb = __skb_dequeue(out)))
		chaos_broadcast_output(conn->cn, skb);
}

static void conn_flush(struct chaos_conn *conn) __must_hold(&conn->lock)
{
	struct sk_buff *garbage;
	struct sk_buff_head out;
	unsigned int events;
	chaos_owner_fn *owner;
	struct sock *sk;

	__skb_queue_head_init(&out);
	rcu_read_lock();
	conn->flushing = true;
	while (conn_has_effects(conn)) {
		skb_queue_splice_tail_init(&conn->out, &out);
		garbage = conn->garbage;
		conn->garbage = NULL;
		events = conn->events;
		conn->events = 0;
		owner = conn->owner;
		sk = conn->sk;
		spin_unlock(&conn->lock);

		conn_output(conn, &out);
		conn_free_garbage(garbage);
		if (events & CHAOS_EVENT_OPEN)
			conn_opened(conn);
		if (events && owner)
			owner(conn, sk, events);
		if (events & (CHAOS_EVENT_END | CHAOS_EVENT_EXPIRED))
			conn_ended(conn, events & CHAOS_EVENT_EXPIRED);

		spin_lock(&conn->lock);
	}
	conn->flushing = false;
	rcu_read_unlock();
}

/* The usual case: a stream has data to read, and there is nothing that must keep its
 * order.  Owners of broadcasts, which get answers as data, are told of one thing at a time.
 */
static bool conn_only_data(const struct chaos_conn *conn)
{
	return conn->events == CHAOS_EVENT_DATA && conn->ncp.state == CHAOS_OPENED &&
	       skb_queue_empty(&conn->out) && !conn->garbage;
}

static void conn_tell_data(struct chaos_conn *conn) __releases(&conn->lock)
{
	chaos_owner_fn *owner = conn->owner;
	struct sock *sk = conn->sk;

	conn->events = 0;
	rcu_read_lock();
	spin_unlock(&conn->lock);
	if (owner)
		owner(conn, sk, CHAOS_EVENT_DATA);
	rcu_read_unlock();
}

/**
 * chaos_conn_lock() - enter a connection's engine
 * @conn: connection
 */
void chaos_conn_lock(struct chaos_conn *conn) __acquires(&conn->lock)
{
	spin_lock_bh(&conn->lock);
}

/**
 * chaos_conn_leave() - leave the engine where BH are disabled anyway
 * @conn: connection, whose lock was taken as a plain one
 *
 * As chaos_conn_unlock() otherwise.
 */
void chaos_conn_leave(struct chaos_conn *conn) __releases(&conn->lock)
{
	if (!conn->flushing && conn_only_data(conn)) {
		conn_tell_data(conn);
		return;
	}
	if (!conn->flushing && conn_has_effects(conn))
		conn_flush(conn);
	spin_unlock(&conn->lock);
}

/**
 * chaos_conn_unlock() - leave it and carry out its effects
 * @conn: connection
 *
 * Effects that another CPU is about to carry out are left to it.  BH stay
 * disabled meanwhile, so that it is not kept from it.
 */
void chaos_conn_unlock(struct chaos_conn *conn) __releases(&conn->lock)
{
	chaos_conn_leave(conn);
	local_bh_enable();
}

static void conn_timer(struct timer_list *timer)
{
	struct chaos_conn *conn = timer_container_of(conn, timer, timer);

	chaos_conn_lock(conn);
	if (ncp_alive(&conn->ncp))
		ncp_timer(&conn->ncp, chaos_now());
	else
		conn->events |= CHAOS_EVENT_EXPIRED;
	chaos_conn_unlock(conn);
	chaos_conn_put(conn);
}

/**
 * chaos_conn_create() - a closed connection
 * @cn: namespace
 * @laddr: our address
 * @raddr: the peer's
 * @window: receive window
 * @gfp: allocation flags
 *
 * Return: the connection with one reference, the caller's, or NULL.
 */
struct chaos_conn *chaos_conn_create(struct chaos_net *cn, u16 laddr, u16 raddr, u16 window,
				     gfp_t gfp)
{
	struct chaos_conn *conn = chaos_conn_alloc(gfp);

	if (!conn)
		return NULL;
	ncp_init(&conn->ncp, &conn_ncp_ops, window);
	conn->ncp.laddr = laddr;
	conn->ncp.raddr = raddr;
	spin_lock_init(&conn->lock);
	refcount_set(&conn->ref, 1);
	conn->cn = cn;
	INIT_LIST_HEAD(&conn->link);
	timer_setup(&conn->timer, conn_timer, 0);
	__skb_queue_head_init(&conn->rxq);
	__skb_queue_head_init(&conn->out);
	return conn;
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	struct chaos_conn *conn = container_of(rcu, struct chaos_conn, rcu);

	__skb_queue_purge(&conn->rxq);
	__skb_queue_purge(&conn->out);
	conn_free_garbage(conn->garbage);
	kfree_skb(conn->rfc);
	kfree_skb(conn->final);
	kfree_skb(conn->answer);
	kfree(conn->contact);
	kfree(conn->follow);
	kfree(conn->ncp.farewell);
	chaos_conn_free(conn);
}

/**
 * chaos_conn_put() - drop a reference
 * @conn: connection
 */
void chaos_conn_put(struct chaos_conn *conn)
{
	if (refcount_dec_and_test(&conn->ref))
		call_rcu(&conn->rcu, conn_free_rcu);
}

/**
 * chaos_conn_announce() - tell netlink of a connection that accept() has opened
 * @conn: connection; its socket is complete
 *
 * Context: process.  Nothing is told if it has ended meanwhile, or is not open yet.
 */
void chaos_conn_announce(struct chaos_conn *conn)
{
	chaos_conn_lock(conn);
	if (conn->ncp.state == CHAOS_OPENED)
		conn->events |= CHAOS_EVENT_OPEN;
	chaos_conn_unlock(conn);
}

/* It closes in the background, unless too many do already. */
static void conn_count_orphan(struct chaos_conn *conn)
{
	struct chaos_net *cn = conn->cn;

	if (!ncp_alive(&conn->ncp))
		return;
	conn->orphaned = true;
	if (atomic_inc_return(&cn->orphans) <= READ_ONCE(cn->conf.max_orphans))
		return;
	chaos_count(cn, CHAOS_STAT_ABORT_ORPHAN);
	ncp_abort(&conn->ncp, "Too many connections to close", chaos_now());
}

/**
 * chaos_conn_orphan() - the socket is being closed
 * @conn: connection; the caller's reference stays the caller's
 * @contact: what was asked for, or NULL: the connection's from now on
 * @eof: packet for ncp_close(), or NULL; consumed
 *
 * Returns with no buffer charged to the socket any more.
 */
void chaos_conn_orphan(struct chaos_conn *conn, struct chaos_text *contact, struct sk_buff *eof)
{
	struct ncp_pkt *pkt;
	struct sk_buff *skb;

	chaos_conn_lock(conn);
	conn->sk = NULL;
	conn->owner = NULL;
	conn->contact = contact;
	while ((skb = __skb_dequeue(&conn->rxq))) {
		skb_orphan(skb);
		chaos_conn_uncharge(conn, skb);
		chaos_conn_discard(conn, skb);
	}
	chaos_conn_pin(conn);
	list_for_each_entry(pkt, &conn->ncp.sendq, list)
		skb_orphan(chaos_pkt_skb(pkt));
	if (eof && !ncp_close_needs_eof(&conn->ncp)) {
		chaos_conn_discard(conn, eof);
		eof = NULL;
	}
	ncp_close(&conn->ncp, eof ? chaos_pkt(eof) : NULL, chaos_now());
	conn_count_orphan(conn);
	chaos_conn_unlock(conn);
}

/**
 * chaos_conn_answer() - answer the RFC that began this connection
 * @conn: connection; the owner's reference stays
 * @ans: the answer; consumed
 *
 * It is kept for a while, to be repeated if the RFC is.
 *
 * Return: false if the connection is not in CHAOS_RFC_RECEIVED any more.
 */
bool chaos_conn_answer(struct chaos_conn *conn, struct sk_buff *ans)
{
	bool waits;

	chaos_conn_lock(conn);
	waits = conn->ncp.state == CHAOS_RFC_RECEIVED;
	if (waits) {
		conn->sk = NULL;
		conn->owner = NULL;
		conn->answer = ans;
		ncp_answer(&conn->ncp, chaos_pkt(ans), chaos_now());
		conn_op_arm_timer(&conn->ncp, chaos_now() + ANSWER_TIME);
	}
	chaos_conn_unlock(conn);
	if (!waits)
		kfree_skb(ans);
	return waits;
}

