// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of a connection on their way out, and how many there are below us.
 *
 * Whatever is handed to the links sits in queues of devices and CPUs, which drop what
 * is too much.  A destructor of the packets counts them; a connection that has
 * BELOW_MAX of them there waits until half are gone.  As with TCP's small queues a
 * tasklet then resumes it, for a destructor may run under locks of the device's queue.
 *
 * Such packets may outlive everything, in the queue of a stalled device.  They hold a
 * reference to the connection.  While there is a socket, that holds the module;
 * a connection that loses its socket holds the module itself until its packets are
 * gone, and what it sends from then on is not counted.
 */

#include <linux/interrupt.h>
#include <linux/module.h>

#include "conn.h"
#include "skb.h"
#include "stats.h"

#define BELOW_MAX	32
#define BELOW_LOW	16

/* Connections of a CPU that can go on; BH. */
struct xmit_resume {
	struct tasklet_struct tasklet;
	struct list_head conns;
};

static DEFINE_PER_CPU(struct xmit_resume, xmit_resume);

static void xmit_resume_one(struct chaos_conn *conn)
{
	chaos_conn_lock(conn);
	conn->crowded = false;
	ncp_resume(&conn->ncp, chaos_now());
	chaos_conn_unlock(conn);
	chaos_conn_put(conn);
}

static void xmit_tasklet(struct tasklet_struct *tasklet)
{
	struct xmit_resume *r = from_tasklet(r, tasklet, tasklet);
	struct chaos_conn *conn;

	while ((conn = list_first_entry_or_null(&r->conns, struct chaos_conn, resume))) {
		list_del(&conn->resume);
		atomic_set_release(&conn->resuming, false);
		xmit_resume_one(conn);
	}
}

static void xmit_schedule(struct chaos_conn *conn)
{
	struct xmit_resume *r;

	if (atomic_xchg_acquire(&conn->resuming, true))
		return;
	refcount_inc(&conn->ref);
	local_bh_disable();
	r = this_cpu_ptr(&xmit_resume);
	list_add_tail(&conn->resume, &r->conns);
	tasklet_schedule(&r->tasklet);
	local_bh_enable();
}

static void xmit_enter(struct chaos_conn *conn)
{
	if (atomic_inc_return(&conn->below) == 1)
		refcount_inc(&conn->ref);
}

/* rcu_barrier() at the module's end waits for this to return. */
static void xmit_unpin(struct rcu_head *rcu)
{
	struct chaos_conn *conn = container_of(rcu, struct chaos_conn, unpin);

	chaos_conn_put(conn);
	module_put(THIS_MODULE);
}

static void xmit_leave(struct chaos_conn *conn)
{
	int below;

	/* Once another packet can be the last, only RCU keeps the connection. */
	rcu_read_lock();
	below = atomic_dec_return(&conn->below);
	if (!below) {
		if (READ_ONCE(conn->crowded))
			xmit_schedule(conn);
		if (READ_ONCE(conn->pinned))
			call_rcu(&conn->unpin, xmit_unpin);
		else
			chaos_conn_put(conn);
	} else if (below == BELOW_LOW && READ_ONCE(conn->crowded) &&
		   refcount_inc_not_zero(&conn->ref)) {
		xmit_schedule(conn);
		chaos_conn_put(conn);
	}
	rcu_read_unlock();
}

static void xmit_destructor(struct sk_buff *skb)
{
	xmit_leave(skb_shinfo(skb)->destructor_arg);
}

/**
 * chaos_conn_room() - may one more data packet go?
 * @c: engine, locked
 *
 * After a "no" ncp_resume() is called in time.
 */
bool chaos_conn_room(struct ncp *c)
{
	struct chaos_conn *conn = container_of(c, struct chaos_conn, ncp);

	if (!conn->sk || atomic_read(&conn->below) < BELOW_MAX)
		return true;
	WRITE_ONCE(conn->crowded, true);
	/* Either we see them gone, or who counts them off sees that we wait. */
	smp_mb();
	if (atomic_read(&conn->below) > BELOW_LOW)
		return false;
	WRITE_ONCE(conn->crowded, false);
	return true;
}

/**
 * chaos_conn_pin() - the socket goes: outlive it with what is below
 * @conn: connection, locked; the socket still holds the module
 */
void chaos_conn_pin(struct chaos_conn *conn)
{
	if (conn->pinned || !atomic_read(&conn->below))
		return;
	xmit_enter(conn);
	__module_get(THIS_MODULE);
	WRITE_ONCE(conn->pinned, true);
	xmit_leave(conn);
}

/* A queued packet stays for retransmission; a clone of it travels.  The header
 * is written into the buffer they share, which is safe once no earlier clone is
 * on its way any more.
 */
static struct sk_buff *xmit_clone(struct sk_buff *skb)
{
	if (skb_cloned(skb))
		return __pskb_copy(skb, CHAOS_HEADROOM, GFP_ATOMIC);
	return skb_clone(skb, GFP_ATOMIC);
}

/* While a packet is missing, two windows wait for its receipt, and the user goes on writing:
 * the send buffer grows for the first one that is lost, unless its size was set.
 */
static void xmit_again(struct chaos_conn *conn)
{
	int room = 3 * conn->ncp.snd_window * (int)CHAOS_PKT_TRUESIZE;
	struct sock *sk = conn->sk;

	chaos_count(conn->cn, CHAOS_STAT_RETRANS);
	if (sk && sk->sk_type != SOCK_DGRAM && !(sk->sk_userlocks & SOCK_SNDBUF_LOCK) &&
	    READ_ONCE(sk->sk_sndbuf) < room)
		WRITE_ONCE(sk->sk_sndbuf, room);
}

/**
 * chaos_conn_xmit() - the engine wants a packet sent: see struct ncp_ops
 * @c: engine, locked
 * @hdr: header
 * @data: data
 * @pkt: the queued packet that holds the data, or NULL
 */
void chaos_conn_xmit(struct ncp *c, const struct chaos_hdr *hdr, const u8 *data,
		     struct ncp_pkt *pkt)
{
	struct chaos_conn *conn = container_of(c, struct chaos_conn, ncp);
	struct sk_buff *skb;

	skb = pkt ? xmit_clone(chaos_pkt_skb(pkt)) :
		    chaos_skb_data(hdr->op, data, hdr->len, GFP_ATOMIC);
	if (!skb) {
		/* As good as lost on the way. */
		chaos_count(conn->cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	if (pkt && pkt->tries > 1)
		xmit_again(conn);
	if (pkt && c->state == CHAOS_OPENED && conn->sk) {
		xmit_enter(conn);
		skb_shinfo(skb)->destructor_arg = conn;
		skb->destructor = xmit_destructor;
	}
	chaos_skb_push_hdr(skb, hdr);
	__skb_queue_tail(&conn->out, skb);
}

/**
 * chaos_xmit_init() - when the module is loaded
 */
void __init chaos_xmit_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct xmit_resume *r = per_cpu_ptr(&xmit_resume, cpu);

		INIT_LIST_HEAD(&r->conns);
		tasklet_setup(&r->tasklet, xmit_tasklet);
	}
}

/**
 * chaos_xmit_exit() - when it goes; there are no connections, nor packets of any
 */
void chaos_xmit_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&xmit_resume, cpu)->tasklet);
}
