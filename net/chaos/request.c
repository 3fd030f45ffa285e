// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simple transactions that others begin (AIM 628 section 4.1).
 *
 * A request waits until the program that it was given to answers, closes its socket, or
 * does neither for as long as NCP_PENDING_TIMEOUT after the last time the request came.
 * Its answer is kept for REQUEST_ANSWERED, to be repeated if the request is: the answer
 * may have been lost.  Of a transaction no other packet follows, so it needs neither an
 * index of ours nor an engine; it is known by the peer's address and index.
 *
 * All of a namespace are in one table, and in a list by time, the oldest first.
 */

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "af_chaos.h"
#include "output.h"
#include "request.h"
#include "skb.h"
#include "stats.h"

#define REQUEST_BUCKETS		1024
#define REQUEST_WAITING		((unsigned long)(NCP_PENDING_TIMEOUT / NCP_MS) * HZ / 1000)
#define REQUEST_ANSWERED	(2 * HZ)	/* the RFC is repeated every 0.5 s */
#define REQUEST_BATCH		64		/* that go without a pause */

/* Requests that one socket may leave unanswered. */
#define REQUEST_SOCKET_MAX	1024

#define REQUEST_SMALL		48		/* bytes */

/* Answers kept in a namespace; of more than that the oldest go earlier. */
#define REQUEST_ANSWERED_MAX	4096

/**
 * struct chaos_request - what a peer wants to know
 * @node: in chaos_requests.table
 * @list: in chaos_requests.waiting or .answered
 * @cs: the socket that shall answer; NULL: it has
 * @answer: what it has said, @answer_len bytes, or NULL; @small or allocated
 * @answer_len: at most CHAOS_DATA_MAX
 * @stamp: jiffies when it came last, or was answered
 * @laddr: our address that it came to
 * @raddr: the peer's address
 * @ridx: the peer's index
 * @broadcast: it came as BRD
 * @small: a short answer
 */
struct chaos_request {
	struct hlist_node node;
	struct list_head list;
	struct chaos_sock *cs;
	u8 *answer;
	unsigned long stamp;
	u16 answer_len;
	u16 laddr, raddr, ridx;
	bool broadcast;
	u8 small[REQUEST_SMALL];
};

/**
 * struct chaos_requests - those of a namespace
 * @lock: guards all here and chaos_sock.requests; BH
 * @cn: namespace
 * @waiting: by time
 * @answered: by time
 * @n_answered: their number
 * @work: lets go of what is too old
 * @when: jiffies when it runs, if it is pending
 * @table: by the peer's address and index
 */
struct chaos_requests {
	spinlock_t lock;		/* all here */
	struct chaos_net *cn;
	struct list_head waiting;
	struct list_head answered;
	unsigned int n_answered;
	struct delayed_work work;
	unsigned long when;
	struct hlist_head table[REQUEST_BUCKETS];
};

static struct hlist_head *request_bucket(struct chaos_requests *rs, u16 raddr, u16 ridx)
{
	return &rs->table[chaos_hash_pair(raddr, ridx) % REQUEST_BUCKETS];
}

/* Lock held. */
static struct chaos_request *request_find(struct chaos_requests *rs, u16 raddr, u16 ridx)
{
	struct chaos_request *r;

	hlist_for_each_entry(r, request_bucket(rs, raddr, ridx), node)
		if (r->raddr == raddr && r->ridx == ridx)
			return r;
	return NULL;
}

/* Have the work done by then.  Lock held. */
static void request_schedule(struct chaos_requests *rs, unsigned long when)
{
	unsigned long now = jiffies;

	if (delayed_work_pending(&rs->work) && !time_before(when, rs->when))
		return;
	rs->when = when;
	mod_delayed_work(system_power_efficient_wq, &rs->work,
			 time_after(when, now) ? when - now : 0);
}

static void request_waits_no_more(struct chaos_requests *rs, struct chaos_request *r)
{
	r->cs->requests--;
	r->cs = NULL;
	atomic_dec(&rs->cn->halfopen);
}

/* It goes to the list of what is to be freed.  Lock held. */
static void request_remove(struct chaos_requests *rs, struct chaos_request *r,
			   struct list_head *dead)
{
	if (r->cs)
		request_waits_no_more(rs, r);
	else
		rs->n_answered--;
	hlist_del(&r->node);
	list_move_tail(&r->list, dead);
}

static void request_free(struct list_head *dead)
{
	struct chaos_request *r, *tmp;

	list_for_each_entry_safe(r, tmp, dead, list) {
		if (r->answer != r->small)
			kfree(r->answer);
		kfree(r);
	}
}

/* At most @n of those that are @age old.  Lock held; returns how many more may go. */
static unsigned int request_expire(struct chaos_requests *rs, struct list_head *list,
				   unsigned long age, unsigned int n, struct list_head *dead)
{
	struct chaos_request *r;

	while (n) {
		r = list_first_entry_or_null(list, struct chaos_request, list);
		if (!r)
			break;
		if (time_before(jiffies, r->stamp + age)) {
			request_schedule(rs, r->stamp + age);
			break;
		}
		request_remove(rs, r, dead);
		n--;
	}
	return n;
}

static void request_work(struct work_struct *work)
{
	struct chaos_requests *rs = container_of(to_delayed_work(work), struct chaos_requests,
						 work);
	unsigned int left;
	LIST_HEAD(dead);

	do {
		cond_resched();
		spin_lock_bh(&rs->lock);
		left = request_expire(rs, &rs->answered, REQUEST_ANSWERED, REQUEST_BATCH, &dead);
		left = request_expire(rs, &rs->waiting, REQUEST_WAITING, left, &dead);
		spin_unlock_bh(&rs->lock);
		request_free(&dead);
		INIT_LIST_HEAD(&dead);
	} while (!left);
}

/* Why a socket cannot have one more request; 0 if it can.  Lock held. */
static int request_refusal(struct chaos_requests *rs, struct chaos_sock *cs,
			   const struct chaos_hdr *rfc)
{
	if (request_find(rs, rfc->src, rfc->sidx))
		return CHAOS_STAT_DROP_DUPLICATE;
	if (cs->requests >= REQUEST_SOCKET_MAX || sock_flag(&cs->sk, SOCK_DEAD))
		return CHAOS_STAT_DROP_BACKLOG;
	return 0;
}

/**
 * chaos_request_add() - a request is about to be given to a program
 * @cs: its socket, after chaos_requests_need()
 * @rfc: header of RFC or BRD, with an address of ours as destination
 *
 * Context: BH disabled.
 *
 * Return: 0, or why not: a counter of the namespace, enum chaos_stat.
 */
int chaos_request_add(struct chaos_sock *cs, const struct chaos_hdr *rfc)
{
	struct chaos_net *cn = chaos_sk_net(&cs->sk);
	struct chaos_requests *rs = READ_ONCE(cn->requests);
	struct chaos_request *r = kmalloc(sizeof(*r), GFP_ATOMIC);
	int refusal;

	if (!r)
		return CHAOS_STAT_DROP_NO_MEMORY;
	r->cs = cs;
	r->answer = NULL;
	r->stamp = jiffies;
	r->laddr = rfc->dst;
	r->raddr = rfc->src;
	r->ridx = rfc->sidx;
	r->broadcast = rfc->op == CHAOS_OP_BRD;
	spin_lock(&rs->lock);
	refusal = request_refusal(rs, cs, rfc);
	if (!refusal) {
		cs->requests++;
		atomic_inc(&cn->halfopen);
		hlist_add_head(&r->node, request_bucket(rs, r->raddr, r->ridx));
		list_add_tail(&r->list, &rs->waiting);
		request_schedule(rs, r->stamp + REQUEST_WAITING);
	}
	spin_unlock(&rs->lock);
	if (refusal)
		kfree(r);
	return refusal;
}

/**
 * chaos_request_forget() - the program did not get it
 * @cs: socket
 * @rfc: header of the request
 *
 * Context: BH disabled.
 */
void chaos_request_forget(struct chaos_sock *cs, const struct chaos_hdr *rfc)
{
	struct chaos_requests *rs = READ_ONCE(chaos_sk_net(&cs->sk)->requests);
	struct chaos_request *r;
	LIST_HEAD(dead);

	spin_lock(&rs->lock);
	r = request_find(rs, rfc->src, rfc->sidx);
	if (r && r->cs == cs)
		request_remove(rs, r, &dead);
	spin_unlock(&rs->lock);
	request_free(&dead);
}

/**
 * chaos_request_waits() - does somebody wait for this socket's answer?
 * @cs: socket
 * @addr: his address
 * @index: his index
 *
 * Context: process.
 */
bool chaos_request_waits(struct chaos_sock *cs, u16 addr, u16 index)
{
	struct chaos_requests *rs = READ_ONCE(chaos_sk_net(&cs->sk)->requests);
	struct chaos_request *r;
	bool waits;

	if (!rs)
		return false;
	spin_lock_bh(&rs->lock);
	r = request_find(rs, addr, index);
	waits = r && r->cs == cs;
	spin_unlock_bh(&rs->lock);
	return waits;
}

/* Index, number and acknowledgment are 0, as seen on the wire. */
static struct chaos_hdr request_ans(const struct chaos_request *r)
{
	return (struct chaos_hdr) {
		.op = CHAOS_OP_ANS, .len = r->answer_len,
		.dst = r->raddr, .didx = r->ridx, .src = r->laddr,
	};
}

static void request_send(struct chaos_net *cn, const struct chaos_hdr *hdr, struct sk_buff *skb)
{
	if (!skb) {
		/* As good as lost on the way. */
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	chaos_skb_push_hdr(skb, hdr);
	chaos_output(cn, skb, hdr->dst);
}

/* Keep the answer, of which there is a copy if it is not small.  Lock held; what has to
 * go for it goes to @dead.
 */
static void request_keep(struct chaos_requests *rs, struct chaos_request *r,
			 const struct sk_buff *ans, u8 *copy, struct list_head *dead)
{
	request_waits_no_more(rs, r);
	r->answer_len = chaos_pkt(ans)->hdr.len;
	r->answer = copy ?: memcpy(r->small, ans->data, r->answer_len);
	r->stamp = jiffies;
	list_move_tail(&r->list, &rs->answered);
	if (rs->n_answered++ == REQUEST_ANSWERED_MAX)
		request_remove(rs, list_first_entry(&rs->answered, struct chaos_request, list),
			       dead);
	request_schedule(rs, r->stamp + REQUEST_ANSWERED);
}

/**
 * chaos_request_answer() - answer a request
 * @cs: socket
 * @addr: who waits: his address
 * @index: his index
 * @ans: the answer, described in skb->cb; consumed
 *
 * Context: process.
 *
 * Return: @ans's length, -ENOENT if he does not wait any more, -ENOBUFS.
 */
int chaos_request_answer(struct chaos_sock *cs, u16 addr, u16 index, struct sk_buff *ans)
{
	struct chaos_net *cn = chaos_sk_net(&cs->sk);
	struct chaos_requests *rs = READ_ONCE(cn->requests);
	u16 len = chaos_pkt(ans)->hdr.len;
	struct chaos_request *r;
	u8 *copy = NULL;
	struct chaos_hdr hdr;
	LIST_HEAD(dead);
	bool waits;

	if (rs && len > REQUEST_SMALL)
		copy = kmemdup(ans->data, len, GFP_KERNEL);
	if (!rs || (len > REQUEST_SMALL && !copy)) {
		kfree_skb(ans);
		return rs ? -ENOBUFS : -ENOENT;
	}
	spin_lock_bh(&rs->lock);
	r = request_find(rs, addr, index);
	waits = r && r->cs == cs;
	if (waits) {
		request_keep(rs, r, ans, copy, &dead);
		hdr = request_ans(r);
	}
	spin_unlock_bh(&rs->lock);
	request_free(&dead);
	if (!waits) {
		kfree_skb(ans);
		kfree(copy);
		return -ENOENT;
	}
	request_send(cn, &hdr, ans);
	return len;
}

/**
 * chaos_request_rcv() - take a request that came before
 * @cn: namespace
 * @skb: RFC or BRD, described in skb->cb; consumed if it did
 *
 * If it was answered it is answered again.
 *
 * Context: BH disabled, RCU read side.
 *
 * Return: false if it is new.
 */
bool chaos_request_rcv(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr rfc = chaos_pkt(skb)->hdr;
	struct chaos_requests *rs = READ_ONCE(cn->requests);
	struct chaos_request *r;
	struct sk_buff *ans = NULL;
	struct chaos_hdr hdr = {};

	if (!rs || hlist_empty(request_bucket(rs, rfc.src, rfc.sidx)))
		return false;
	spin_lock(&rs->lock);
	r = request_find(rs, rfc.src, rfc.sidx);
	if (r && r->answer) {
		hdr = request_ans(r);
		ans = chaos_skb_data(CHAOS_OP_ANS, r->answer, r->answer_len, GFP_ATOMIC);
	} else if (r) {
		r->stamp = jiffies;
		list_move_tail(&r->list, &rs->waiting);
	}
	spin_unlock(&rs->lock);
	if (!r)
		return false;
	if (hdr.op)
		request_send(cn, &hdr, ans);
	chaos_drop(cn, skb, CHAOS_STAT_DROP_DUPLICATE, &rfc);
	return true;
}

/* A BRD is never refused: some other host may serve it (AIM 628 section 4.5). */
static void request_refuse(struct chaos_net *cn, const struct chaos_request *r)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_CLS, .len = sizeof(NCP_REFUSED) - 1,
		.dst = r->raddr, .didx = r->ridx, .src = r->laddr,
	};

	if (!r->broadcast)
		request_send(cn, &hdr, chaos_skb_data(hdr.op, NCP_REFUSED, hdr.len, GFP_KERNEL));
}

/**
 * chaos_request_close() - a socket is closed: refuse what it has not answered
 * @cs: socket, dead
 *
 * Context: process.
 */
void chaos_request_close(struct chaos_sock *cs)
{
	struct chaos_net *cn = chaos_sk_net(&cs->sk);
	struct chaos_requests *rs = READ_ONCE(cn->requests);
	struct chaos_request *r, *tmp;
	LIST_HEAD(dead);

	if (!rs)
		return;
	spin_lock_bh(&rs->lock);
	list_for_each_entry_safe(r, tmp, &rs->waiting, list) {
		if (!cs->requests)
			break;
		if (r->cs == cs)
			request_remove(rs, r, &dead);
	}
	spin_unlock_bh(&rs->lock);
	list_for_each_entry(r, &dead, list)
		request_refuse(cn, r);
	request_free(&dead);
}

static int request_tell(const struct chaos_request *r, chaos_request_fn *fn, struct sk_buff *skb,
			const void *arg)
{
	const struct chaos_info info = {
		.ci_state = CHAOS_RFC_RECEIVED,
		.ci_local_addr = r->laddr,
		.ci_peer_addr = r->raddr,
		.ci_peer_index = r->ridx,
		.ci_last_rx_ms = jiffies_to_msecs(jiffies - r->stamp),
	};

	return fn(skb, arg, &info, r->cs);
}

/**
 * chaos_request_walk() - look at those that wait, one after the other
 * @cn: namespace
 * @pos: zeros at first; where to go on
 * @fn: told of each, with a lock held; its error ends the walk before that one
 * @skb: passed to it
 * @arg: passed to it
 *
 * Context: process.
 *
 * Return: 0 after the last, or what @fn returned.
 */
int chaos_request_walk(struct chaos_net *cn, struct chaos_request_pos *pos, chaos_request_fn *fn,
		       struct sk_buff *skb, const void *arg)
{
	struct chaos_requests *rs = READ_ONCE(cn->requests);
	struct chaos_request *r;
	unsigned int i;
	int err = 0;

	if (!rs)
		return 0;
	spin_lock_bh(&rs->lock);
	for (; pos->bucket < REQUEST_BUCKETS; pos->bucket++, pos->skip = 0) {
		i = 0;
		hlist_for_each_entry(r, &rs->table[pos->bucket], node) {
			if (!r->cs || i++ < pos->skip)
				continue;
			err = request_tell(r, fn, skb, arg);
			if (err)
				goto unlock;
			pos->skip = i;
		}
	}
unlock:
	spin_unlock_bh(&rs->lock);
	return err;
}

/**
 * chaos_requests_need() - a program is about to answer requests
 * @cn: namespace
 *
 * Context: may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_requests_need(struct chaos_net *cn)
{
	struct chaos_requests *rs;

	if (READ_ONCE(cn->requests))
		return 0;
	rs = kvzalloc(sizeof(*rs), GFP_KERNEL_ACCOUNT);
	if (!rs)
		return -ENOMEM;
	spin_lock_init(&rs->lock);
	rs->cn = cn;
	INIT_LIST_HEAD(&rs->waiting);
	INIT_LIST_HEAD(&rs->answered);
	INIT_DELAYED_WORK(&rs->work, request_work);
	if (cmpxchg(&cn->requests, NULL, rs))
		kvfree(rs);
	return 0;
}

/**
 * chaos_requests_net_exit() - the namespace goes
 * @cn: namespace; no socket is left, and no link brings packets any more
 */
void chaos_requests_net_exit(struct chaos_net *cn)
{
	struct chaos_requests *rs = cn->requests;

	if (!rs)
		return;
	cancel_delayed_work_sync(&rs->work);
	request_free(&rs->answered);
	kvfree(rs);
}
