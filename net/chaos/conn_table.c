// SPDX-License-Identifier: GPL-2.0-only
/* The table of connections, and packets that come for them. */

#include <linux/slab.h>

#include "conn.h"
#include "index.h"
#include "reply.h"
#include "skb.h"
#include "stats.h"
#include "trace.h"

/* Bytes that every connection may have, whatever the others have. */
#define MEM_SHARE	(8 * 1024)

/* There are no more indices, and so no more connections. */
#define CONN_BUCKETS	65536

/* Keyed by what nobody knows, so nobody can choose what collides; @seed adds nothing. */
static u32 conn_hash(const void *data, u32 len, u32 seed)
{
	u32 key = *(const u32 *)data;

	return chaos_hash_pair(key >> 16, key) ^ seed;
}

static int conn_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	return ((const struct chaos_conn *)obj)->key != *(const u32 *)arg->key;
}

static int peer_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	return ((const struct chaos_conn *)obj)->peer_key != *(const u32 *)arg->key;
}

static const struct rhashtable_params conn_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct chaos_conn, key),
	.head_offset = offsetof(struct chaos_conn, node),
	.hashfn = conn_hash,
	.obj_cmpfn = conn_differs,
	.max_size = CONN_BUCKETS,
	.automatic_shrinking = true,
};

static const struct rhashtable_params peer_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct chaos_conn, peer_key),
	.head_offset = offsetof(struct chaos_conn, peer_node),
	.hashfn = conn_hash,
	.obj_cmpfn = peer_differs,
	.max_size = CONN_BUCKETS,
	.automatic_shrinking = true,
};

/* Of their size the general caches would waste a third. */
static struct kmem_cache *conn_cache __read_mostly;

/**
 * chaos_conn_alloc() - memory for a connection, all zero but for the engine
 * @gfp: allocation flags
 *
 * Return: the memory or NULL.
 */
struct chaos_conn *chaos_conn_alloc(gfp_t gfp)
{
	struct chaos_conn *conn = kmem_cache_alloc(conn_cache, gfp);

	BUILD_BUG_ON(offsetof(struct chaos_conn, ncp));
	if (conn)
		memset_after(conn, 0, ncp);
	return conn;
}

/**
 * chaos_conn_free() - give it back
 * @conn: connection, of which nothing is left
 */
void chaos_conn_free(struct chaos_conn *conn)
{
	kmem_cache_free(conn_cache, conn);
}

/**
 * chaos_conn_init() - when the module is loaded
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_conn_init(void)
{
	conn_cache = KMEM_CACHE(chaos_conn, SLAB_ACCOUNT);
	return conn_cache ? 0 : -ENOMEM;
}

/**
 * chaos_conn_exit() - when it goes; there are no connections, and no grace periods to wait for
 */
void chaos_conn_exit(void)
{
	kmem_cache_destroy(conn_cache);
}

static u32 conn_key(u16 addr, u16 index)
{
	return (u32)addr << 16 | index;
}

static enum chaos_index_past conn_past(const struct chaos_conn *conn)
{
	if (ncp_has_told(&conn->ncp))
		return CHAOS_INDEX_TOLD;
	return ncp_may_echo(&conn->ncp) ? CHAOS_INDEX_STRAYS : CHAOS_INDEX_UNUSED;
}

/**
 * chaos_conn_unhash() - packets find the connection no more
 * @conn: connection
 *
 * Only the CPU that carries out the effects may call it.
 */
void chaos_conn_unhash(struct chaos_conn *conn)
{
	if (conn->peered) {
		conn->peered = false;
		rhashtable_remove_fast(&conn->cn->peers, &conn->peer_node, peer_params);
	}
	if (conn->hashed) {
		conn->hashed = false;
		/* First: who does not find the connection looks at its index. */
		chaos_index_put(conn->cn, conn->ncp.lidx, conn_past(conn));
		rhashtable_remove_fast(&conn->cn->conns, &conn->node, conn_params);
		chaos_conn_put(conn);
	}
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
	int err;

	err = chaos_index_get(cn, &conn->ncp.lidx);
	if (err)
		return err;
	conn->key = conn_key(conn->ncp.raddr, conn->ncp.lidx);
	refcount_inc(&conn->ref);
	err = rhashtable_lookup_insert_fast(&cn->conns, &conn->node, conn_params);
	if (err) {
		chaos_index_put(cn, conn->ncp.lidx, CHAOS_INDEX_UNUSED);
		chaos_conn_put(conn);
		return err;
	}
	conn->hashed = true;
	return 0;
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

/* Counters and LOS for what the engine did not take (AIM 628 section 4.2). */
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

/* With max_mem used up, a connection that has its share gets no more, except for what
 * lets its reader go on.  Its peer will send it again.
 */
static bool conn_may_keep(const struct chaos_conn *conn, const struct chaos_hdr *hdr)
{
	if (hdr->op < CHAOS_OP_DAT || conn->mem < MEM_SHARE)
		return true;
	if (skb_queue_empty(&conn->rxq) && hdr->num == (u16)(conn->ncp.rcv_rcpt + 1))
		return true;
	return !chaos_mem_full(conn->cn);
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
	enum ncp_verdict verdict = NCP_ACCEPTED;
	struct chaos_conn *conn;

	conn = rhashtable_lookup(&cn->conns, &key, conn_params);
	if (!conn) {
		/* Anybody may answer a broadcast. */
		key = conn_key(0, hdr.didx);
		conn = rhashtable_lookup(&cn->conns, &key, conn_params);
	}
	if (!conn || conn->ncp.laddr != hdr.dst)
		return false;
	skb = chaos_skb_compact(skb);
	spin_lock(&conn->lock);
	if (conn_may_keep(conn, &hdr)) {
		if (chaos_op_is_stream(hdr.op))
			chaos_conn_charge(conn, skb);
		verdict = ncp_rcv(&conn->ncp, chaos_pkt(skb), chaos_now());
		/* Our CLS may not have gone yet. */
		if (verdict == NCP_NOT_OPEN && ncp_has_told(&conn->ncp))
			verdict = NCP_WRONG_STATE;
		skb = NULL;
	}
	chaos_conn_leave(conn);
	if (skb) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_MEM_LIMIT, &hdr);
		return true;
	}
	conn_verdict(cn, verdict, &hdr);
	return true;
}

/**
 * chaos_conn_rcv_rfc() - take an RFC that was seen before
 * @cn: namespace
 * @skb: starts with the data, described in skb->cb; consumed if it was
 *
 * Duplicates of pending and open ones are discarded, those of answered ones are
 * answered again (AIM 628 section 4.1).
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
		chaos_conn_discard(conn, skb);
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

	chaos_index_net_init(cn);
	err = percpu_counter_init(&cn->mem, 0, GFP_KERNEL);
	if (err)
		return err;
	err = rhashtable_init(&cn->conns, &conn_params);
	if (err)
		goto destroy_mem;
	err = rhashtable_init(&cn->peers, &peer_params);
	if (err)
		goto destroy_conns;
	return 0;

destroy_conns:
	rhashtable_destroy(&cn->conns);
destroy_mem:
	percpu_counter_destroy(&cn->mem);
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
	chaos_index_net_exit(cn);
	percpu_counter_destroy(&cn->mem);
}
