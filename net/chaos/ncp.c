// SPDX-License-Identifier: GPL-2.0-only
/* NCP engine: states, and what the user asks for: opening, sending, closing. */

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "ncp.h"

/**
 * ncp_init() - start with a closed connection
 * @c: engine
 * @ops: the way out
 * @window: packets we let the peer send ahead, 1 to NCP_WINDOW_MAX
 *
 * The caller then sets the addresses and indices, and other times if it likes.
 */
void ncp_init(struct ncp *c, const struct ncp_ops *ops, u16 window)
{
	*c = (struct ncp) {
		.ops = ops,
		.state = CHAOS_CLOSED,
		.rcv_window = window,
		.rcv_widest = window,
		.rto = NCP_RTO_START,
		.sense = NCP_SENSE_START,
		.loss_credit = NCP_LOSS_CREDIT,
		.times = {
			.rto_min = NCP_RTO_MIN,
			.rto_max = NCP_RTO_MAX,
			.probe = NCP_PROBE,
			.idle = NCP_IDLE,
			.timeout = NCP_TIMEOUT,
		},
	};
	INIT_LIST_HEAD(&c->sendq);
	INIT_LIST_HEAD(&c->early);
}

static void ncp_purge_queue(struct ncp *c, struct list_head *queue)
{
	struct ncp_pkt *pkt, *tmp;

	list_for_each_entry_safe(pkt, tmp, queue, list) {
		list_del(&pkt->list);
		c->ops->release(c, pkt);
	}
}

/**
 * ncp_purge() - release everything queued in the engine
 * @c: engine
 */
void ncp_purge(struct ncp *c)
{
	c->unsent = NULL;
	c->rcv_early = 0;
	ncp_purge_queue(c, &c->sendq);
	ncp_purge_queue(c, &c->early);
}

/**
 * ncp_set_state() - the one place where the state changes
 * @c: engine
 * @state: new state
 * @end: why, when the connection ends
 *
 * Nothing queued for sending survives the end; what was delivered stays with
 * the user (AIM 628 section 4.7).
 */
void ncp_set_state(struct ncp *c, enum chaos_state state, enum ncp_end end)
{
	c->state = state;
	c->end = end;
	if (state == CHAOS_OPENED)
		c->was_open = true;
	if (!ncp_alive(c)) {
		ncp_purge(c);
		c->sts_due = 0;
		c->sense_due = 0;
		c->hold_due = 0;
	}
	c->ops->state_changed(c);
}

static void ncp_set_numbers(struct ncp *c, u16 number)
{
	c->snd_next = number;
	c->snd_last = number - 1;
	c->snd_rcpt = number - 1;
	c->snd_ack = number - 1;
	c->snd_asked = number - 1;
	c->snd_small = number - 1;
	/* Until the peer tells its window only the RFC or OPN may go. */
	c->snd_window = 1;
	c->cwnd = NCP_WINDOW_MAX;
	/* The caller may have set other times. */
	ncp_set_rto(c);
}

/**
 * ncp_set_peer_number() - the peer's packets count from here
 * @c: engine
 * @number: of its RFC or OPN
 */
void ncp_set_peer_number(struct ncp *c, u16 number)
{
	c->rcv_rcpt = number;
	c->rcv_read = number;
	c->rcv_acked = number;
	c->told_rcpt = number;
	c->rcv_edge = number + c->rcv_window;
	c->rcv_limit = c->rcv_edge;
}

/* It is the next of the packets to be sent. */
static void ncp_number(struct ncp *c, struct ncp_pkt *pkt)
{
	pkt->hdr.num = c->snd_next++;
	pkt->tries = 0;
	pkt->arrived = false;
	if (!c->unsent)
		c->unsent = pkt;
}

static void ncp_enqueue(struct ncp *c, struct ncp_pkt *pkt)
{
	ncp_number(c, pkt);
	list_add_tail(&pkt->list, &c->sendq);
}

/**
 * ncp_connect() - request a connection (AIM 628 section 4.1)
 * @c: engine in CHAOS_CLOSED, addresses and local index set, @c->ridx 0
 * @rfc: packet with opcode RFC; its data is the contact name and arguments
 * @number: its packet number, which should be hard to guess
 * @now: time
 */
void ncp_connect(struct ncp *c, struct ncp_pkt *rfc, u16 number, u64 now)
{
	ncp_set_numbers(c, number);
	c->asked = true;
	c->opened = now;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_RFC_SENT, NCP_END_NONE);
	ncp_enqueue(c, rfc);
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_broadcast() - request a connection or answers from many hosts (AIM 628 section 4.5)
 * @c: engine in CHAOS_CLOSED, local address and index set, @c->raddr 0
 * @brd: packet with opcode BRD: bitmap of subnets, contact name, arguments; its
 *	@hdr.ack is the length of the bitmap.  Ownership passes
 * @number: its packet number
 * @now: time
 *
 * Sent once; whoever wants it repeated begins anew.  A simple one takes answers
 * from any source until it is given up; else the first OPN decides.
 */
void ncp_broadcast(struct ncp *c, struct ncp_pkt *brd, u16 number, u64 now)
{
	ncp_set_numbers(c, number);
	c->snd_next = number + 1;
	c->snd_last = number;
	c->asked = true;
	c->opened = now;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_BROADCAST_SENT, NCP_END_NONE);
	brd->hdr.src = c->laddr;
	brd->hdr.sidx = c->lidx;
	brd->hdr.num = number;
	c->ops->xmit(c, &brd->hdr, brd->data, brd);
	c->count.pkts_sent++;
	c->last_tx = now;
	c->ops->release(c, brd);
	ncp_schedule(c, now);
}

/**
 * ncp_offer() - take up an RFC or BRD; the server decides later
 * @c: engine in CHAOS_CLOSED, addresses and both indices set
 * @rfc: header of the RFC or BRD
 * @number: packet number of the OPN that may come
 * @now: time
 */
void ncp_offer(struct ncp *c, const struct chaos_hdr *rfc, u16 number, u64 now)
{
	ncp_set_numbers(c, number);
	ncp_set_peer_number(c, rfc->num);
	c->broadcast = rfc->op == CHAOS_OP_BRD;
	c->opened = now;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_RFC_RECEIVED, NCP_END_NONE);
	ncp_schedule(c, now);
}

/**
 * ncp_accept() - open the connection that was offered (AIM 628 section 4.1)
 * @c: engine in CHAOS_RFC_RECEIVED
 * @opn: packet with opcode OPN; its data are the RFC's number and our window
 * @now: time
 *
 * From here on data is received; it is sent once the OPN is receipted.
 */
void ncp_accept(struct ncp *c, struct ncp_pkt *opn, u64 now)
{
	c->rcv_widest = c->rcv_window;
	c->rcv_edge = c->rcv_read + c->rcv_window;
	c->rcv_limit = c->rcv_edge;
	c->told_window = c->rcv_window;
	c->opn_wait = true;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_OPENED, NCP_END_NONE);
	ncp_enqueue(c, opn);
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_answer() - answer an RFC without opening (AIM 628 section 4.1)
 * @c: engine in CHAOS_RFC_RECEIVED
 * @ans: packet with opcode ANS and the answer; stays the caller's
 * @now: time
 *
 * May be called again to repeat the answer to a repeated RFC.  Index, number
 * and acknowledgment are 0, as seen on the wire.
 */
void ncp_answer(struct ncp *c, struct ncp_pkt *ans, u64 now)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_ANS, .len = ans->hdr.len,
		.dst = c->raddr, .didx = c->ridx, .src = c->laddr,
	};

	c->ops->xmit(c, &hdr, ans->data, ans);
	c->count.pkts_sent++;
	c->last_tx = now;
	if (c->state == CHAOS_RFC_RECEIVED)
		ncp_set_state(c, CHAOS_CLOSED, NCP_END_LOCAL);
}

/**
 * ncp_forward() - tell who sent the RFC to ask elsewhere (AIM 628 section 4.1)
 * @c: engine in CHAOS_RFC_RECEIVED
 * @host: where to ask
 * @contact: what to ask for there
 * @len: its length
 * @now: time
 */
void ncp_forward(struct ncp *c, u16 host, const char *contact, u16 len, u64 now)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_FWD, .len = len,
		.dst = c->raddr, .didx = c->ridx,
		.src = c->laddr, .ack = host,
	};

	c->ops->xmit(c, &hdr, (const u8 *)contact, NULL);
	c->count.pkts_sent++;
	c->last_tx = now;
	ncp_set_state(c, CHAOS_CLOSED, NCP_END_LOCAL);
}

/**
 * ncp_may_queue() - can ncp_send_list() take another packet?
 * @c: engine
 *
 * A bound that no sensible send buffer reaches: packet numbers must stay
 * comparable.
 */
bool ncp_may_queue(const struct ncp *c)
{
	return (u16)(c->snd_next - c->snd_ack) < NCP_QUEUE_MAX;
}

/**
 * ncp_send_list() - queue controlled packets of the user
 * @c: engine in CHAOS_OPENED, ncp_may_queue()
 * @pkts: packets with opcode DAT or EOF and their data, in order; empty afterwards
 * @now: time
 */
void ncp_send_list(struct ncp *c, struct list_head *pkts, u64 now)
{
	struct ncp_pkt *pkt;

	list_for_each_entry(pkt, pkts, list) {
		c->need_eof = pkt->hdr.op != CHAOS_OP_EOF;
		ncp_number(c, pkt);
	}
	list_splice_tail_init(pkts, &c->sendq);
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_reopen() - is there room for more data in the last packet?
 * @c: engine in CHAOS_OPENED
 *
 * Return: the last packet, if it may be extended and was never transmitted; it will
 * not be until ncp_extend().  Else NULL.
 */
struct ncp_pkt *ncp_reopen(struct ncp *c)
{
	struct ncp_pkt *pkt;

	if (c->state != CHAOS_OPENED || !c->unsent)
		return NULL;
	pkt = list_last_entry(&c->sendq, struct ncp_pkt, list);
	if (pkt->hold == NCP_HOLD_NOT || pkt->hdr.len >= CHAOS_DATA_MAX)
		return NULL;
	pkt->hold = NCP_HOLD_BUSY;
	return pkt;
}

/**
 * ncp_extend() - the last packet has got more data
 * @c: engine in CHAOS_OPENED
 * @pkt: from ncp_reopen()
 * @len: its new length
 * @hold: may it wait for yet more?
 * @now: time
 */
void ncp_extend(struct ncp *c, struct ncp_pkt *pkt, u16 len, enum ncp_hold hold, u64 now)
{
	pkt->hdr.len = len;
	pkt->hold = hold;
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_flush() - send what waits to be filled
 * @c: engine
 * @now: time
 */
void ncp_flush(struct ncp *c, u64 now)
{
	struct ncp_pkt *pkt;

	if (!c->unsent)
		return;
	pkt = list_last_entry(&c->sendq, struct ncp_pkt, list);
	if (pkt->hold == NCP_HOLD_BUSY)
		return;
	pkt->hold = NCP_HOLD_NOT;
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_resume() - there is room below again
 * @c: engine
 * @now: time
 */
void ncp_resume(struct ncp *c, u64 now)
{
	if (!ncp_alive(c))
		return;
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_close_needs_eof() - will ncp_close() want an EOF to send?
 * @c: engine
 *
 * Without data after the last EOF there is nothing whose arrival must be
 * made sure of.
 */
bool ncp_close_needs_eof(const struct ncp *c)
{
	return c->state == CHAOS_OPENED && c->need_eof;
}

/**
 * ncp_close() - the user is done: close so that nothing sent is lost
 * @c: engine
 * @eof: packet with opcode EOF if ncp_close_needs_eof(), NULL otherwise or to
 *	go without
 * @now: time
 *
 * An open connection goes on in the background until everything, the EOF
 * included, is acknowledged; then CLS goes out (AIM 628 section 4.4).  What
 * arrives meanwhile is receipted and thrown away by the caller.
 */
void ncp_close(struct ncp *c, struct ncp_pkt *eof, u64 now)
{
	LIST_HEAD(pkts);

	/* Some other host may serve a broadcast (AIM 628 section 4.5). */
	if (c->state == CHAOS_RFC_RECEIVED && !c->broadcast) {
		ncp_abort(c, c->farewell ?: NCP_REFUSED, now);
		return;
	}
	if (c->state != CHAOS_OPENED) {
		ncp_forget(c);
		return;
	}
	c->closing = true;
	c->last_progress = now;
	c->sense_due = 0;
	c->rcv_read = c->rcv_rcpt;
	c->rcv_unread = 0;
	if (eof) {
		list_add(&eof->list, &pkts);
		ncp_send_list(c, &pkts, now);
	} else {
		ncp_flush(c, now);
	}
	ncp_closing_step(c, now);
	/* The peer need not wait for what nobody will read. */
	if (c->state == CHAOS_OPENED && c->rcv_acked != c->rcv_read)
		ncp_send_sts(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_end_close() - the end of a safe close
 * @c: engine
 * @now: time
 */
void ncp_end_close(struct ncp *c, u64 now)
{
	ncp_abort(c, c->farewell ?: "Connection closed", now);
}

/**
 * ncp_closing_step() - finish a safe close once all is acknowledged
 * @c: engine
 * @now: time
 */
void ncp_closing_step(struct ncp *c, u64 now)
{
	if (c->closing && c->state == CHAOS_OPENED && (u16)(c->snd_ack + 1) == c->snd_next)
		ncp_end_close(c, now);
}

/**
 * ncp_abort() - close at once, giving up what is not acknowledged
 * @c: engine
 * @reason: text for the peer's user
 * @now: time
 */
void ncp_abort(struct ncp *c, const char *reason, u64 now)
{
	if (c->state == CHAOS_OPENED || c->state == CHAOS_RFC_RECEIVED)
		ncp_xmit(c, CHAOS_OP_CLS, (const u8 *)reason, strlen(reason), now);
	if (ncp_alive(c))
		ncp_set_state(c, CHAOS_CLOSED, NCP_END_LOCAL);
}

/**
 * ncp_forget() - end a connection without a word
 * @c: engine
 *
 * For an RFC that there is no room for: the peer repeats it.
 */
void ncp_forget(struct ncp *c)
{
	if (ncp_alive(c))
		ncp_set_state(c, CHAOS_CLOSED, NCP_END_LOCAL);
}

/**
 * ncp_unreachable() - the RFC cannot be delivered
 * @c: engine
 *
 * Once the connection is open this is only one more lost packet.
 */
void ncp_unreachable(struct ncp *c)
{
	if (c->state == CHAOS_RFC_SENT)
		ncp_set_state(c, CHAOS_CLOSED, NCP_END_UNREACHABLE);
}

/**
 * ncp_info() - fill in what CHAOS_INFO and chaosctl show
 * @c: engine
 * @info: result
 * @now: time
 */
void ncp_info(const struct ncp *c, struct chaos_info *info, u64 now)
{
	const struct ncp_counters *n = &c->count;

	*info = (struct chaos_info) {
		.ci_state = c->state,
		.ci_local_addr = c->laddr,
		.ci_local_index = c->lidx,
		.ci_peer_addr = c->raddr,
		.ci_peer_index = c->ridx,
		.ci_rcv_window = c->rcv_window,
		.ci_snd_window = c->snd_window,
		.ci_snd_cwnd = min(c->cwnd, c->snd_window),
		.ci_snd_unacked = c->snd_last - c->snd_ack,
		.ci_snd_unreceipted = c->snd_last - c->snd_rcpt,
		.ci_snd_queued = c->snd_next - c->snd_last - 1,
		.ci_rcv_unread = c->rcv_unread,
		.ci_rcv_ooo = c->rcv_early,
		.ci_rtt_us = c->srtt,
		.ci_rttvar_us = c->rttvar,
		.ci_rto_us = c->rto,
		.ci_last_rx_ms = (now - c->last_rx) / NCP_MS,
		.ci_last_tx_ms = (now - c->last_tx) / NCP_MS,
		.ci_pkts_sent = n->pkts_sent,
		.ci_pkts_rcvd = n->pkts_rcvd,
		.ci_bytes_sent = n->bytes_sent,
		.ci_bytes_rcvd = n->bytes_rcvd,
		.ci_retrans = n->retrans,
		.ci_dups_rcvd = n->dups,
		.ci_ooo_rcvd = n->ooo,
		.ci_gaps_rcvd = n->gaps,
		.ci_beyond_window = n->beyond_window,
	};
}
