/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection: the NCP engine joined to the network, to time and to its owner.
 *
 * Life of a struct chaos_conn.  References are held by
 *  - the table of connections, from chaos_conn_hash() until the engine is at its
 *    end (and, after an answer, until it need not be repeated any more);
 *  - the timer while it is pending;
 *  - the owner: the socket in chaos_sock.conn or a list of it, or the backlog of
 *    a listening socket.
 * Received packets find it by RCU and need no reference: its memory goes after a
 * grace period, and an engine at its end ignores everything.
 *
 * A socket that is closed hands its connection over to chaos_conn_orphan(), which
 * lets the engine finish in the background.  Such a connection holds neither
 * socket nor module; the end of the namespace aborts it.
 *
 * Locks: @lock guards the engine, the queues, @sk and @owner.  Order: socket
 * lock, then @lock.  What the engine wants done is put on lists while @lock is
 * held and carried out by chaos_conn_unlock() after releasing it, by one CPU at a
 * time, so that packets stay in order.
 */
#ifndef _NET_CHAOS_CONN_H
#define _NET_CHAOS_CONN_H

#include <linux/ktime.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <net/sock.h>

#include "ncp.h"
#include "net.h"

struct chaos_conn;
struct chaos_follow;
struct chaos_text;

/* What an owner is told; the bits may come together. */
#define CHAOS_EVENT_DATA	BIT(0)	/* something to read in @rxq */
#define CHAOS_EVENT_STATE	BIT(1)	/* another state */
#define CHAOS_EVENT_END		BIT(2)	/* no state that packets belong to */
#define CHAOS_EVENT_EXPIRED	BIT(3)	/* internal: forget it */
#define CHAOS_EVENT_OPEN	BIT(4)	/* internal: tell netlink that it is open */

/**
 * typedef chaos_owner_fn - tell the owner what happened
 * @conn: the connection
 * @sk: the owner's socket
 * @events: CHAOS_EVENT_*
 *
 * CHAOS_EVENT_DATA of an open stream may be told by several CPUs at once, and beside
 * other events; all else by one at a time.
 *
 * Called without locks, BH disabled, RCU read side: @sk may be closing, but is
 * still there.
 */
typedef void chaos_owner_fn(struct chaos_conn *conn, struct sock *sk, unsigned int events);

/**
 * struct chaos_conn - a connection
 * @ncp: the engine; its addresses and indices do not change once hashed, but
 *	for the peer's index when it opens; its farewell is ours to free
 * @lock: see above
 * @ref: see above
 * @cn: namespace
 * @node: in chaos_net.conns, by @key
 * @peer_node: in chaos_net.peers, by @peer_key; only if the peer began
 * @key: local index and peer address
 * @peer_key: peer address and index, if the peer began
 * @tid: CHAOS_TID of a transaction that we began
 * @hashed: in @node's table; only the flushing CPU changes it
 * @peered: in @peer_node's table; likewise
 * @announced: netlink was told that it is open; only the flushing CPU changes it
 * @flushing: a CPU is carrying out effects
 * @events: for the owner, CHAOS_EVENT_*
 * @sk: the owner's socket; NULL for an orphan
 * @owner: how to tell it
 * @link: in a list of the owner, guarded by the owner's lock; not any more once it is open
 * @timer: for the engine
 * @rxq: packets for the user, in order
 * @out: effects: packets to transmit
 * @garbage: effects: buffers to free, a list by skb->next
 * @rfc: the RFC by which the peer began, or ours if a FWD may be followed: contact
 *	name, space, arguments
 * @contact: an orphan's, as its socket had it: what was asked for, by either side
 * @follow: how often a FWD may still be followed; NULL: not at all
 * @final: CLS, LOS, ANS or FWD that ended the connection
 * @answer: our ANS, repeated when the RFC is
 * @answered: somebody has answered our broadcast
 * @mem: bytes in its queues, as counted in chaos_net.mem
 * @pending: counted in chaos_net.halfopen
 * @orphaned: counted in chaos_net.orphans
 * @resuming: in a list of conn_xmit.c, by @resume
 * @below: data packets that are with the links (conn_xmit.c)
 * @crowded: waits for some of these to go
 * @pinned: holds the module while there are any
 * @asking: we have begun it, and the program was not told yet that it has ended
 * @resume: in a list of conn_xmit.c while @resuming
 * @unpin: for letting go of the module
 * @rcu: for freeing
 */
struct chaos_conn {
	struct ncp ncp;
	/* Guards the engine, the queues, @sk and @owner. */
	spinlock_t lock;
	refcount_t ref;
	struct chaos_net *cn;

	struct rhash_head node;
	struct rhash_head peer_node;
	u32 key;
	union {
		u32 peer_key;
		u32 tid;
	};
	bool hashed;
	bool peered;
	bool announced;

	bool flushing;
	u8 events;
	bool answered;
	bool pending;
	bool orphaned;
	struct sock *sk;
	chaos_owner_fn *owner;
	union {
		struct list_head link;		/* before it is open */
		struct list_head resume;	/* since then */
	};

	struct timer_list timer;

	struct sk_buff_head rxq;
	struct sk_buff_head out;
	struct sk_buff *garbage;
	struct sk_buff *rfc;
	struct chaos_text *contact;
	struct chaos_follow *follow;
	struct sk_buff *final;
	struct sk_buff *answer;
	unsigned int mem;

	atomic_t resuming;
	atomic_t below;
	bool crowded;
	bool pinned;
	bool asking;
	union {
		struct rcu_head unpin;		/* has a reference */
		struct rcu_head rcu;		/* after the last is gone */
	};
};

/* Is this what a stream is made of?  No other packet waits in a queue for long. */
static inline bool chaos_op_is_stream(u8 op)
{
	return op >= CHAOS_OP_DAT || op == CHAOS_OP_EOF || op == CHAOS_OP_UNC;
}

/* The engine's time. */
static inline u64 chaos_now(void)
{
	return ktime_to_us(ktime_get());
}

struct chaos_conn *chaos_conn_create(struct chaos_net *cn, u16 laddr, u16 raddr, u16 window,
				     gfp_t gfp);
void chaos_conn_put(struct chaos_conn *conn);

void chaos_conn_lock(struct chaos_conn *conn) __acquires(&conn->lock);
void chaos_conn_unlock(struct chaos_conn *conn) __releases(&conn->lock);
void chaos_conn_leave(struct chaos_conn *conn) __releases(&conn->lock);

void chaos_conn_charge(struct chaos_conn *conn, struct sk_buff *skb);
void chaos_conn_uncharge(struct chaos_conn *conn, struct sk_buff *skb);
void chaos_conn_discard(struct chaos_conn *conn, struct sk_buff *skb);
bool chaos_mem_full(struct chaos_net *cn);
void chaos_conn_announce(struct chaos_conn *conn);
void chaos_conn_orphan(struct chaos_conn *conn, struct chaos_text *contact, struct sk_buff *eof);
bool chaos_conn_answer(struct chaos_conn *conn, struct sk_buff *ans);

/* Their memory and their table: conn_table.c. */
struct chaos_conn *chaos_conn_alloc(gfp_t gfp);
void chaos_conn_free(struct chaos_conn *conn);
int chaos_conn_init(void);
void chaos_conn_exit(void);
int chaos_conn_hash(struct chaos_conn *conn);
int chaos_conn_hash_peer(struct chaos_conn *conn, u16 ridx);
void chaos_conn_unhash(struct chaos_conn *conn);
bool chaos_conn_rcv(struct chaos_net *cn, struct sk_buff *skb);
bool chaos_conn_rcv_rfc(struct chaos_net *cn, struct sk_buff *skb);
void chaos_conn_unreachable(struct chaos_net *cn, const struct chaos_hdr *hdr);
int chaos_conn_net_init(struct chaos_net *cn);
void chaos_conn_net_exit(struct chaos_net *cn);

/* On their way out: conn_xmit.c. */
void chaos_conn_xmit(struct ncp *c, const struct chaos_hdr *hdr, const u8 *data,
		     struct ncp_pkt *pkt);
bool chaos_conn_room(struct ncp *c);
void chaos_conn_pin(struct chaos_conn *conn);
void chaos_xmit_init(void);
void chaos_xmit_exit(void);

#endif /* _NET_CHAOS_CONN_H */
