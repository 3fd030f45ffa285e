// SPDX-License-Identifier: GPL-2.0-only
/* Connections: finding them, serialising them, carrying out what the engine wants. */

#include <linux/slab.h>

#include "compat.h"
#include "conn.h"
#include "output.h"
#include "reply.h"
#include "skb.h"
#include "stats.h"
#include "trace.h"

/* An answer is repeated for this long (the RFC is retransmitted every 0.5 s). */
#define ANSWER_TIME	(2 * NCP_SEC)

static const struct rhashtable_params conn_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct chaos_conn, key),
	.head_offset = offsetof(struct chaos_conn, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params peer_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct chaos_conn, peer_key),
	.head_offset = offsetof(struct chaos_conn, peer_node),
	.automatic_shrinking = true,
};

static u32 conn_key(u16 addr, u16 index)
{
	return (u32)addr << 16 | index;
}

/* Effects of the engine. */

static struct chaos_conn *conn_of(struct ncp *c)
{
	return container_of(c, struct chaos_conn, ncp);
}

/* A queued packet stays for retransmission; a clone of it travels.  The header
 * is written into the buffer they share, which is safe once no earlier clone is
 * on its way any more.
 */
static struct sk_buff *conn_clone(struct sk_buff *skb)
{
	if (skb_cloned(skb))
		return __pskb_copy(skb, CHAOS_HEADROOM, GFP_ATOMIC);
	return skb_clone(skb, GFP_ATOMIC);
}

static void conn_op_xmit(struct ncp *c, const struct chaos_hdr *hdr, const u8 *data,
			 struct ncp_pkt *pkt)
{
	struct chaos_conn *conn = conn_of(c);
	struct sk_buff *skb;

	skb = pkt ? conn_clone(chaos_pkt_skb(pkt)) :
		    chaos_skb_data(hdr->op, data, hdr->len, GFP_ATOMIC);
	if (!skb) {
		/* As good as lost on the way. */
		chaos_count(conn->cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	if (pkt && pkt->tries > 1)
		chaos_count(conn->cn, CHAOS_STAT_RETRANS);
	chaos_skb_push_hdr(skb, hdr);
	__skb_queue_tail(&conn->out, skb);
}

static void conn_op_deliver(struct ncp *c, struct ncp_pkt *pkt)
{
	struct chaos_conn *conn = conn_of(c);
	struct sk_buff *skb = chaos_pkt_skb(pkt);

	if (pkt->hdr.op < CHAOS_OP_DAT && pkt->hdr.op != CHAOS_OP_EOF &&
	    pkt->hdr.op != CHAOS_OP_UNC) {
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
	__skb_queue_tail(&conn_of(c)->garbage, chaos_pkt_skb(pkt));
}

static void conn_op_state_changed(struct ncp *c)
{
	struct chaos_conn *conn = conn_of(c);

	conn->events |= CHAOS_EVENT_STATE;
	if (!ncp_alive(c))
		conn->events |= CHAOS_EVENT_END;
}

/* A pending timer is moved only forwards in time; running early does no harm. */
static void conn_op_arm_timer(struct ncp *c, u64 when)
{
	struct chaos_conn *conn = conn_of(c);
	u64 now = chaos_now();
	unsigned int delay;

	if (conn->timer_at && conn->timer_at <= when)
		return;
	conn->timer_at = when;
	delay = when > now ? min_t(u64, when - now, 1000 * NCP_SEC) : 0;
	if (!mod_timer(&conn->timer, jiffies + usecs_to_jiffies(delay) + 1))
		refcount_inc(&conn->ref);
}

static const struct ncp_ops conn_ncp_ops = {
	.xmit = conn_op_xmit,
	.deliver = conn_op_deliver,
	.release = conn_op_release,
	.state_changed = conn_op_state_changed,
	.arm_timer = conn_op_arm_timer,
};

static void conn_unhash(struct chaos_conn *conn)
{
	if (conn->peered) {
		conn->peered = false;
		rhashtable_remove_fast(&conn->cn->peers, &conn->peer_node, peer_params);
	}
	if (conn->hashed) {
		conn->hashed = false;
		rhashtable_remove_fast(&conn->cn->conns, &conn->node, conn_params);
		chaos_conn_put(conn);
	}
}

/* The engine has ended: nothing is due any more, unless an answer is repeated. */
static void conn_ended(struct chaos_conn *conn, bool expired)
{
	if (conn->answer && !expired)
		return;
	if (timer_delete(&conn->timer))
		chaos_conn_put(conn);
	conn_unhash(conn);
}

static bool conn_has_effects(const struct chaos_conn *conn)
{
	return conn->events || !skb_queue_empty(&conn->out) || !skb_queue_empty(&conn->garbage);
}

static void conn_flush(struct chaos_conn *conn) __must_hold(&conn->lock)
{
	struct sk_buff_head out, garbage;
	unsigned int events;
	chaos_owner_fn *owner;
	struct sk_buff *skb;
	struct sock *sk;

	__skb_queue_head_init(&out);
	__skb_queue_head_init(&garbage);
	rcu_read_lock();
	conn->flushing = true;
	while (conn_has_effects(conn)) {
		skb_queue_splice_tail_init(&conn->out, &out);
		skb_queue_splice_tail_init(&conn->garbage, &garbage);
		events = conn->events;
		conn->events = 0;
		owner = conn->owner;
		sk = conn->sk;
		spin_unlock(&conn->lock);

		while ((skb = __skb_dequeue(&out)))
			chaos_output(conn->cn, skb, conn->ncp.raddr);
		while ((skb = __skb_dequeue(&garbage)))
			consume_skb(skb);
		if (events && owner)
			owner(conn, sk, events);
		if (events & (CHAOS_EVENT_END | CHAOS_EVENT_EXPIRED))
			conn_ended(conn, events & CHAOS_EVENT_EXPIRED);

		spin_lock(&conn->lock);
	}
	conn->flushing = false;
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
 * chaos_conn_unlock() - leave it and carry out its effects
 * @conn: connection
 *
 * Effects that another CPU is about to carry out are left to it.  BH stay
 * disabled meanwhile, so that it is not kept from it.
 */
void chaos_conn_unlock(struct chaos_conn *conn) __releases(&conn->lock)
{
	if (!conn->flushing && conn_has_effects(conn))
		conn_flush(conn);
	spin_unlock_bh(&conn->lock);
}

static void conn_timer(struct timer_list *timer)
{
	struct chaos_conn *conn = timer_container_of(conn, timer, timer);

	chaos_conn_lock(conn);
	conn->timer_at = 0;
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
	struct chaos_conn *conn = kzalloc(sizeof(*conn), gfp);

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
	__skb_queue_head_init(&conn->garbage);
	return conn;
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	struct chaos_conn *conn = container_of(rcu, struct chaos_conn, rcu);

	__skb_queue_purge(&conn->rxq);
	__skb_queue_purge(&conn->out);
	__skb_queue_purge(&conn->garbage);
	kfree_skb(conn->rfc);
	kfree_skb(conn->final);
	kfree_skb(conn->answer);
	kfree(conn);
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

/* Indices: a counter through a keyed permutation of 16-bit numbers.  Nobody can
 * guess the next one, and none comes back before all others were used.
 */
static u16 conn_next_index(struct chaos_net *cn)
{
	u16 n = atomic_inc_return(&cn->next_index);
	u8 left = n >> 8, right = n;
	unsigned int round;

	for (round = 0; round < 4; round++) {
		u8 mixed = left ^ chaos_hash(right, round + 1);

		left = right;
		right = mixed;
	}
	return left << 8 | right;
}

/**
 * chaos_conn_hash() - give the connection an index and let packets find it
 * @conn: connection with its addresses
 *
 * Return: 0, -EADDRNOTAVAIL when no index is free, -ENOMEM.
 */
int chaos_conn_hash(struct chaos_conn *conn)
{
	struct chaos_net *cn = conn->cn;
	int tries, err = -EADDRNOTAVAIL;

	refcount_inc(&conn->ref);
	for (tries = 0; tries < U16_MAX; tries++) {
		u16 index = conn_next_index(cn);

		if (!index)
			continue;
		conn->ncp.lidx = index;
		conn->key = conn_key(conn->ncp.raddr, index);
		err = rhashtable_lookup_insert_fast(&cn->conns, &conn->node, conn_params);
		if (err != -EEXIST)
			break;
	}
	if (!err) {
		conn->hashed = true;
		return 0;
	}
	chaos_conn_put(conn);
	return err == -EEXIST ? -EADDRNOTAVAIL : err;
}

/**
 * chaos_conn_hash_peer() - let duplicates of the RFC find the connection
 * @conn: connection, hashed
 * @ridx: the peer's index
 *
 * Return: 0, -EEXIST if there is one with this peer already, -ENOMEM.
 */
int chaos_conn_hash_peer(struct chaos_conn *conn, u16 ridx)
{
	int err;

	conn->ncp.ridx = ridx;
	conn->peer_key = conn_key(conn->ncp.raddr, ridx);
	err = rhashtable_lookup_insert_fast(&conn->cn->peers, &conn->peer_node, peer_params);
	if (!err)
		conn->peered = true;
	return err;
}

/**
 * chaos_conn_find_peer() - the connection that a peer's RFC has begun
 * @cn: namespace
 * @raddr: peer's address
 * @ridx: peer's index
 *
 * Return: the connection with a reference, or NULL.
 */
struct chaos_conn *chaos_conn_find_peer(struct chaos_net *cn, u16 raddr, u16 ridx)
{
	u32 key = conn_key(raddr, ridx);
	struct chaos_conn *conn;

	rcu_read_lock();
	conn = rhashtable_lookup(&cn->peers, &key, peer_params);
	if (conn && !refcount_inc_not_zero(&conn->ref))
		conn = NULL;
	rcu_read_unlock();
	return conn;
}

/**
 * chaos_conn_orphan() - the socket is being closed
 * @conn: connection; the caller's reference stays the caller's
 * @eof: packet for ncp_close(), or NULL; consumed
 *
 * Returns with no buffer charged to the socket any more.
 */
void chaos_conn_orphan(struct chaos_conn *conn, struct sk_buff *eof)
{
	struct ncp_pkt *pkt;
	struct sk_buff *skb;

	chaos_conn_lock(conn);
	conn->sk = NULL;
	conn->owner = NULL;
	while ((skb = __skb_dequeue(&conn->rxq))) {
		skb_orphan(skb);
		__skb_queue_tail(&conn->garbage, skb);
	}
	list_for_each_entry(pkt, &conn->ncp.sendq, list)
		skb_orphan(chaos_pkt_skb(pkt));
	if (eof && !ncp_close_needs_eof(&conn->ncp)) {
		__skb_queue_tail(&conn->garbage, eof);
		eof = NULL;
	}
	ncp_close(&conn->ncp, eof ? chaos_pkt(eof) : NULL, chaos_now());
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
		conn->timer_at = 0;
		conn_op_arm_timer(&conn->ncp, chaos_now() + ANSWER_TIME);
	}
	chaos_conn_unlock(conn);
	if (!waits)
		kfree_skb(ans);
	return waits;
}

/* Counters and LOS for what the engine did not take (AIM 628 section 4.3). */
static void conn_verdict(struct chaos_net *cn, enum ncp_verdict verdict,
			 const struct chaos_hdr *hdr)
{
	static const struct {
		enum chaos_stat stat;
		const char *los;
	} verdicts[] = {
		[NCP_DUPLICATE]	    = { CHAOS_STAT_DROP_DUPLICATE },
		[NCP_BEYOND_WINDOW] = { CHAOS_STAT_DROP_WINDOW },
		[NCP_MALFORMED]     = { CHAOS_STAT_DROP_MALFORMED },
		[NCP_WRONG_STATE]   = { CHAOS_STAT_DROP_WRONG_STATE },
		[NCP_NOT_OPEN]	    = { CHAOS_STAT_DROP_WRONG_STATE, "Connection is not open" },
		[NCP_WRONG_SOURCE]  = { CHAOS_STAT_DROP_WRONG_SOURCE,
					"Connection is with another index" },
	};

	if (verdict == NCP_ACCEPTED)
		return;
	trace_chaos_drop(verdicts[verdict].stat, hdr);
	chaos_count(cn, verdicts[verdict].stat);
	if (verdicts[verdict].los)
		chaos_reply_los(cn, hdr, verdicts[verdict].los);
}

/**
 * chaos_conn_rcv() - a packet for a connection
 * @cn: namespace
 * @skb: starts with the data, described in skb->cb; consumed if there is one
 *
 * Context: BH disabled, RCU read side.
 *
 * Return: false if there is no such connection.
 */
bool chaos_conn_rcv(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	u32 key = conn_key(hdr.src, hdr.didx);
	enum ncp_verdict verdict;
	struct chaos_conn *conn;

	conn = rhashtable_lookup(&cn->conns, &key, conn_params);
	if (!conn || conn->ncp.laddr != hdr.dst)
		return false;
	skb = chaos_skb_compact(skb);
	chaos_conn_lock(conn);
	verdict = ncp_rcv(&conn->ncp, chaos_pkt(skb), chaos_now());
	chaos_conn_unlock(conn);
	conn_verdict(cn, verdict, &hdr);
	return true;
}

/**
 * chaos_conn_rcv_rfc() - take an RFC that was seen before
 * @cn: namespace
 * @skb: starts with the data, described in skb->cb; consumed if it was
 *
 * Duplicates of pending and open ones are discarded, those of answered ones are
 * answered again (AIM 628 section 4.2).
 *
 * Context: BH disabled, RCU read side.
 *
 * Return: false if it is new.
 */
bool chaos_conn_rcv_rfc(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	u32 key = conn_key(hdr.src, hdr.sidx);
	enum ncp_verdict verdict;
	struct chaos_conn *conn;

	conn = rhashtable_lookup(&cn->peers, &key, peer_params);
	if (!conn)
		return false;
	chaos_conn_lock(conn);
	if (conn->answer) {
		ncp_answer(&conn->ncp, chaos_pkt(conn->answer), chaos_now());
		__skb_queue_tail(&conn->garbage, skb);
		verdict = NCP_DUPLICATE;
	} else {
		verdict = ncp_rcv(&conn->ncp, chaos_pkt(skb), chaos_now());
	}
	chaos_conn_unlock(conn);
	conn_verdict(cn, verdict, &hdr);
	return true;
}

/**
 * chaos_conn_unreachable() - a packet of ours could not be sent
 * @cn: namespace
 * @hdr: its header
 */
void chaos_conn_unreachable(struct chaos_net *cn, const struct chaos_hdr *hdr)
{
	u32 key = conn_key(hdr->dst, hdr->sidx);
	struct chaos_conn *conn;

	rcu_read_lock();
	conn = rhashtable_lookup(&cn->conns, &key, conn_params);
	if (conn) {
		chaos_conn_lock(conn);
		ncp_unreachable(&conn->ncp);
		chaos_conn_unlock(conn);
	}
	rcu_read_unlock();
}

/**
 * chaos_conn_net_init() - for a new namespace
 * @cn: namespace
 *
 * Return: 0 or a negative errno.
 */
int chaos_conn_net_init(struct chaos_net *cn)
{
	int err;

	atomic_set(&cn->next_index, chaos_random_u16());
	err = rhashtable_init(&cn->conns, &conn_params);
	if (err)
		return err;
	err = rhashtable_init(&cn->peers, &peer_params);
	if (err)
		rhashtable_destroy(&cn->conns);
	return err;
}

/* End one connection that has no socket, and wait for its timer. */
static void conn_kill(struct chaos_conn *conn)
{
	chaos_conn_lock(conn);
	ncp_abort(&conn->ncp, "Host is going down", chaos_now());
	conn->events |= CHAOS_EVENT_EXPIRED;
	chaos_conn_unlock(conn);
	if (timer_delete_sync(&conn->timer))
		chaos_conn_put(conn);
	chaos_conn_put(conn);
}

/* Return: some connection with a reference, or NULL if there is none. */
static struct chaos_conn *conn_any(struct chaos_net *cn)
{
	struct rhashtable_iter iter;
	struct chaos_conn *conn;

	rhashtable_walk_enter(&cn->conns, &iter);
	rhashtable_walk_start(&iter);
	do {
		conn = rhashtable_walk_next(&iter);
		if (!IS_ERR_OR_NULL(conn) && !refcount_inc_not_zero(&conn->ref))
			conn = ERR_PTR(-EAGAIN);
	} while (IS_ERR(conn));
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return conn;
}

/**
 * chaos_conn_net_exit() - the namespace goes: abort what has outlived its socket
 * @cn: namespace; no socket is left, and no link brings packets any more
 */
void chaos_conn_net_exit(struct chaos_net *cn)
{
	struct chaos_conn *conn;

	while ((conn = conn_any(cn)))
		conn_kill(conn);
	rhashtable_destroy(&cn->peers);
	rhashtable_destroy(&cn->conns);
}
