// SPDX-License-Identifier: GPL-2.0-only
/* NCP engine: states, opening and closing, what each packet does in each state. */

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
 * The caller then sets the addresses and indices.
 */
void ncp_init(struct ncp *c, const struct ncp_ops *ops, u16 window)
{
	*c = (struct ncp) {
		.ops = ops,
		.state = CHAOS_CLOSED,
		.rcv_window = window,
		.rto = NCP_RTO_START,
		.sense = NCP_SENSE_START,
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
 * the user (AIM 628 section 4.4).
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
		c->close_due = 0;
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
	/* Until the peer tells its window only the RFC or OPN may go. */
	c->snd_window = 1;
	c->cwnd = NCP_WINDOW_MAX;
}

static void ncp_set_peer_number(struct ncp *c, u16 number)
{
	c->rcv_rcpt = number;
	c->rcv_read = number;
	c->rcv_acked = number;
	c->rcv_limit = number + c->rcv_window;
}

static void ncp_enqueue(struct ncp *c, struct ncp_pkt *pkt)
{
	pkt->hdr.num = c->snd_next++;
	pkt->tries = 0;
	list_add_tail(&pkt->list, &c->sendq);
	if (!c->unsent)
		c->unsent = pkt;
}

/**
 * ncp_connect() - request a connection (AIM 628 section 4.2)
 * @c: engine in CHAOS_CLOSED, addresses and local index set, @c->ridx 0
 * @rfc: packet with opcode RFC; its data is the contact name and arguments
 * @number: its packet number, which should be hard to guess
 * @now: time
 */
void ncp_connect(struct ncp *c, struct ncp_pkt *rfc, u16 number, u64 now)
{
	ncp_set_numbers(c, number);
	c->opened = now;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_RFC_SENT, NCP_END_NONE);
	ncp_enqueue(c, rfc);
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_offer() - take up an RFC; the server decides later
 * @c: engine in CHAOS_CLOSED, addresses and both indices set
 * @rfc: header of the RFC
 * @number: packet number of the OPN that may come
 * @now: time
 */
void ncp_offer(struct ncp *c, const struct chaos_hdr *rfc, u16 number, u64 now)
{
	ncp_set_numbers(c, number);
	ncp_set_peer_number(c, rfc->num);
	c->opened = now;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_RFC_RECEIVED, NCP_END_NONE);
	ncp_schedule(c, now);
}

/**
 * ncp_accept() - open the connection that was offered (AIM 628 section 4.2)
 * @c: engine in CHAOS_RFC_RECEIVED
 * @opn: packet with opcode OPN; its data are the RFC's number and our window
 * @now: time
 *
 * From here on data is received; it is sent once the OPN is receipted.
 */
void ncp_accept(struct ncp *c, struct ncp_pkt *opn, u64 now)
{
	c->rcv_limit = c->rcv_read + c->rcv_window;
	c->opn_wait = true;
	c->last_rx = now;
	ncp_set_state(c, CHAOS_OPENED, NCP_END_NONE);
	ncp_enqueue(c, opn);
	ncp_push(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_answer() - answer an RFC without opening (AIM 628 section 4.5)
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
 * ncp_forward() - tell who sent the RFC to ask elsewhere (AIM 628 section 4.2)
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
 * ncp_may_queue() - can ncp_send() take another packet?
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
 * ncp_send() - queue a controlled packet of the user
 * @c: engine in CHAOS_OPENED, ncp_may_queue()
 * @pkt: packet with opcode DAT or EOF and its data
 * @now: time
 */
void ncp_send(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->need_eof = pkt->hdr.op != CHAOS_OP_EOF;
	ncp_enqueue(c, pkt);
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
	if (c->state == CHAOS_RFC_RECEIVED) {
		ncp_abort(c, "Connection refused by server", now);
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
	if (eof)
		ncp_send(c, eof, now);
	ncp_closing_step(c, now);
	/* The peer need not wait for what nobody will read. */
	if (c->state == CHAOS_OPENED && c->rcv_acked != c->rcv_read)
		ncp_send_sts(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_closing_step() - finish a safe close once all is acknowledged
 * @c: engine
 * @now: time
 */
void ncp_closing_step(struct ncp *c, u64 now)
{
	if (c->closing && c->state == CHAOS_OPENED && (u16)(c->snd_ack + 1) == c->snd_next)
		ncp_abort(c, "Connection closed", now);
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

/* What received packets do: one function per action, one table row per state.
 * Each takes over the packet.
 */

static enum ncp_verdict act_drop(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->ops->release(c, pkt);
	return NCP_WRONG_STATE;
}

static enum ncp_verdict act_los(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->ops->release(c, pkt);
	return NCP_NOT_OPEN;
}

static enum ncp_verdict act_dup(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->count.dups++;
	c->ops->release(c, pkt);
	return NCP_DUPLICATE;
}

/* The server wants a stream where we asked for an answer. */
static enum ncp_verdict ncp_not_simple(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	static const char reason[] = "Simple transaction expected";

	c->ops->release(c, pkt);
	ncp_xmit(c, CHAOS_OP_CLS, (const u8 *)reason, strlen(reason), now);
	ncp_set_state(c, CHAOS_CLOSED, NCP_END_NOT_SIMPLE);
	return NCP_ACCEPTED;
}

/* OPN to an RFC of ours: data are receipt and window (AIM 628 section 4.2). */
static enum ncp_verdict act_opened(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	u16 receipt, window;

	if (pkt->hdr.len < 4) {
		c->ops->release(c, pkt);
		return NCP_MALFORMED;
	}
	receipt = chaos_get_word(pkt->data, 0);
	window = chaos_get_word(pkt->data, 1);
	if (receipt != c->snd_last && pkt->hdr.ack != c->snd_last) {
		c->ops->release(c, pkt);
		return NCP_MALFORMED;
	}
	c->ridx = pkt->hdr.sidx;
	ncp_set_peer_number(c, pkt->hdr.num);
	if (c->simple)
		return ncp_not_simple(c, pkt, now);
	ncp_set_state(c, CHAOS_OPENED, NCP_END_NONE);
	ncp_take_sts(c, c->snd_last, c->snd_last, window, now);
	c->ops->release(c, pkt);
	ncp_send_sts(c, now);
	return NCP_ACCEPTED;
}

/* OPN again: our STS was lost (AIM 628 section 4.2). */
static enum ncp_verdict act_opn_again(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->count.dups++;
	ncp_take_ack(c, pkt->hdr.ack, now);
	c->ops->release(c, pkt);
	ncp_push(c, now);
	ncp_send_sts(c, now);
	return NCP_DUPLICATE;
}

/* CLS, ANS or FWD instead of OPN. */
static enum ncp_verdict act_not_opened(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	static const u8 end[] = {
		[CHAOS_OP_CLS] = NCP_END_REFUSED,
		[CHAOS_OP_ANS] = NCP_END_ANSWERED,
		[CHAOS_OP_FWD] = NCP_END_FORWARDED,
	};
	u8 op = pkt->hdr.op;

	c->ops->deliver(c, pkt);
	ncp_set_state(c, CHAOS_CLOSED, end[op]);
	return NCP_ACCEPTED;
}

/* The user has withdrawn an RFC. */
static enum ncp_verdict act_withdrawn(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->ops->deliver(c, pkt);
	ncp_set_state(c, CHAOS_CLOSED, NCP_END_BROKEN);
	return NCP_ACCEPTED;
}

/* CLS: clean when nothing is missing before it. */
static enum ncp_verdict act_closed(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	bool clean = pkt->hdr.num == (u16)(c->rcv_rcpt + 1) && list_empty(&c->early);

	ncp_take_ack(c, pkt->hdr.ack, now);
	c->ops->deliver(c, pkt);
	ncp_set_state(c, CHAOS_CLOSED, clean ? NCP_END_CLEAN : NCP_END_BROKEN);
	return NCP_ACCEPTED;
}

static enum ncp_verdict act_lost(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->ops->deliver(c, pkt);
	ncp_set_state(c, CHAOS_LOST, NCP_END_LOST);
	return NCP_ACCEPTED;
}

static enum ncp_verdict act_sns(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	ncp_take_ack(c, pkt->hdr.ack, now);
	c->ops->release(c, pkt);
	ncp_push(c, now);
	ncp_send_sts(c, now);
	return NCP_ACCEPTED;
}

/* STS: data are receipt and window, more is ignored (AIM 628 section 4.3). */
static enum ncp_verdict act_sts(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	if (pkt->hdr.len < 4) {
		c->ops->release(c, pkt);
		return NCP_MALFORMED;
	}
	ncp_take_sts(c, pkt->hdr.ack, chaos_get_word(pkt->data, 0),
		     chaos_get_word(pkt->data, 1), now);
	c->ops->release(c, pkt);
	ncp_push(c, now);
	return NCP_ACCEPTED;
}

static enum ncp_verdict act_data(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	enum ncp_verdict verdict;

	ncp_take_ack(c, pkt->hdr.ack, now);
	verdict = ncp_rcv_controlled(c, pkt, now);
	ncp_push(c, now);
	return verdict;
}

static enum ncp_verdict act_unc(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	enum ncp_verdict verdict;

	ncp_take_ack(c, pkt->hdr.ack, now);
	verdict = ncp_rcv_unc(c, pkt);
	ncp_push(c, now);
	return verdict;
}

typedef enum ncp_verdict ncp_action(struct ncp *c, struct ncp_pkt *pkt, u64 now);

/* All data opcodes share a column. */
#define COL_DATA	(CHAOS_OP_BRD + 1)

/* AIM 628 chapter 4; "LOS is given for" in section 4.3. */
static ncp_action * const actions[][COL_DATA + 1] = {
	[CHAOS_RFC_RECEIVED] = {
		[CHAOS_OP_RFC] = act_dup,
		[CHAOS_OP_BRD] = act_dup,
		[CHAOS_OP_CLS] = act_withdrawn,
		[CHAOS_OP_LOS] = act_lost,
		[CHAOS_OP_STS] = act_los,
		[CHAOS_OP_EOF] = act_los,
		[COL_DATA]     = act_los,
	},
	[CHAOS_RFC_SENT] = {
		[CHAOS_OP_OPN] = act_opened,
		[CHAOS_OP_CLS] = act_not_opened,
		[CHAOS_OP_ANS] = act_not_opened,
		[CHAOS_OP_FWD] = act_not_opened,
		[CHAOS_OP_LOS] = act_lost,
		[CHAOS_OP_STS] = act_los,
		[CHAOS_OP_EOF] = act_los,
		[COL_DATA]     = act_los,
	},
	[CHAOS_OPENED] = {
		[CHAOS_OP_RFC] = act_dup,
		[CHAOS_OP_BRD] = act_dup,
		[CHAOS_OP_OPN] = act_opn_again,
		[CHAOS_OP_CLS] = act_closed,
		[CHAOS_OP_LOS] = act_lost,
		[CHAOS_OP_SNS] = act_sns,
		[CHAOS_OP_STS] = act_sts,
		[CHAOS_OP_EOF] = act_data,
		[CHAOS_OP_UNC] = act_unc,
		[COL_DATA]     = act_data,
	},
};

static bool ncp_source_matches(const struct ncp *c, const struct chaos_hdr *hdr)
{
	if (hdr->src != c->raddr)
		return false;
	return c->state == CHAOS_RFC_SENT || hdr->sidx == c->ridx;
}

/**
 * ncp_rcv() - process a packet for this connection
 * @c: engine; the packet's destination is its local end
 * @pkt: packet with a defined opcode; ownership passes
 * @now: time
 *
 * Return: what became of it; after NCP_NOT_OPEN and NCP_WRONG_SOURCE the
 * caller sends LOS, unless the packet is one that never gets it.
 */
enum ncp_verdict ncp_rcv(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	u8 op = pkt->hdr.op;
	u8 col = chaos_op_is_data(op) ? COL_DATA : op;
	ncp_action *act = act_drop;
	enum ncp_verdict verdict;

	if (!ncp_source_matches(c, &pkt->hdr)) {
		c->ops->release(c, pkt);
		return NCP_WRONG_SOURCE;
	}
	c->count.pkts_rcvd++;
	/* A repeated RFC says that the peer knows nothing of an open connection. */
	if (op != CHAOS_OP_RFC || c->state != CHAOS_OPENED)
		c->last_rx = now;
	if (c->state < ARRAY_SIZE(actions) && col <= COL_DATA && actions[c->state][col])
		act = actions[c->state][col];
	verdict = act(c, pkt, now);
	ncp_closing_step(c, now);
	ncp_schedule(c, now);
	return verdict;
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
