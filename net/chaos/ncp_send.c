// SPDX-License-Identifier: GPL-2.0-only
/* NCP engine: what goes out; windows, receipts, retransmission. */

#include <linux/kernel.h>
#include <linux/minmax.h>

#include "ncp.h"

/* More answers than this are not waited for. */
#define SNS_OWED_MAX	4

/* A cable may lose one packet of so many, and so many at once, before it counts as full. */
#define LOSS_ONE_OF	32
#define LOSS_CREDIT_MAX	8
#define LOSS_QUEUE_TIME	(5 * NCP_MS)	/* packets that wait less do not queue */

static u16 ncp_later(u16 a, u16 b)
{
	return chaos_num_after(a, b) ? a : b;
}

/* Everything sent from now on carries what our user has read.  The peer adds a window to
 * it of which we told it: the last one, or an earlier one if that STS is lost.
 */
static u16 ncp_note_ack(struct ncp *c)
{
	c->rcv_acked = c->rcv_read;
	c->told_rcpt = ncp_later(c->told_rcpt, c->rcv_read);
	c->rcv_edge = ncp_later(c->rcv_edge, c->rcv_read + c->rcv_window);
	c->rcv_limit = ncp_later(c->rcv_limit, c->rcv_read + c->rcv_widest);
	return c->rcv_read;
}

/**
 * ncp_xmit() - send an uncontrolled packet of the connection
 * @c: engine
 * @op: opcode
 * @data: its data
 * @len: length of @data
 * @now: time
 *
 * It carries the number that the next controlled packet will have; CLS that of
 * the next one after all that was queued, so that the peer misses what never went.
 */
void ncp_xmit(struct ncp *c, u8 op, const u8 *data, u16 len, u64 now)
{
	const struct chaos_hdr hdr = {
		.op = op, .len = len,
		.dst = c->raddr, .didx = c->ridx,
		.src = c->laddr, .sidx = c->lidx,
		.num = op == CHAOS_OP_CLS ? c->snd_next : c->snd_last + 1,
		.ack = ncp_note_ack(c),
	};

	c->ops->xmit(c, &hdr, data, NULL);
	c->count.pkts_sent++;
	c->last_tx = now;
}

/**
 * ncp_offered() - the window to tell the peer
 * @c: engine
 *
 * What has arrived behind a gap is on its way no more.  The peer may send as much again,
 * so that the line is in use while the gap is repaired.  Once that is done, what was
 * allowed stands until our user has read as much.
 */
u16 ncp_offered(const struct ncp *c)
{
	u16 window = c->rcv_window + min(c->rcv_early, c->rcv_spare);

	return ncp_later(c->rcv_read + window, c->rcv_edge) - c->rcv_read;
}

/**
 * ncp_send_sts() - tell the peer what has arrived, what was read, our window
 * @c: engine in CHAOS_OPENED
 * @now: time
 */
void ncp_send_sts(struct ncp *c, u64 now)
{
	u16 words[2 + 2 * NCP_RUNS_MAX] = { c->rcv_rcpt, ncp_offered(c) };
	unsigned int n = 2 + ncp_put_runs(c, words + 2);
	__le16 data[ARRAY_SIZE(words)];

	chaos_put_words(data, words, n);
	c->sts_due = 0;
	c->told_rcpt = c->rcv_rcpt;
	c->told_window = words[1];
	c->rcv_edge = c->rcv_read + words[1];
	c->rcv_widest = max(c->rcv_widest, words[1]);
	ncp_xmit(c, CHAOS_OP_STS, (const u8 *)data, n * sizeof(*data), now);
}

/**
 * ncp_send_sns() - ask the peer for an STS, and time the answer
 * @c: engine in CHAOS_OPENED
 * @now: time
 */
void ncp_send_sns(struct ncp *c, u64 now)
{
	c->sense_start = now;
	c->sense_clear = !c->repeats && !c->recovering;
	c->snd_asked = c->snd_last;
	if (c->sns_owed < SNS_OWED_MAX)
		c->sns_owed++;
	ncp_xmit(c, CHAOS_OP_SNS, NULL, 0, now);
}

static void ncp_transmit(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	struct chaos_hdr *hdr = &pkt->hdr;

	hdr->dst = c->raddr;
	hdr->didx = c->ridx;
	hdr->src = c->laddr;
	hdr->sidx = c->lidx;
	hdr->ack = hdr->op == CHAOS_OP_RFC ? 0 : ncp_note_ack(c);
	/* Nothing left to say in an STS?  Only that reports a gap. */
	if (c->rcv_rcpt == c->rcv_read && list_empty(&c->early))
		c->sts_due = 0;
	if (pkt->tries)
		c->count.retrans++;
	if (pkt->tries < U8_MAX)
		pkt->tries++;
	pkt->sent = now;
	c->ops->xmit(c, hdr, pkt->data, pkt);
	c->count.pkts_sent++;
	c->last_tx = now;
}

static bool ncp_window_allows(const struct ncp *c, const struct ncp_pkt *pkt)
{
	return (u16)(pkt->hdr.num - c->snd_ack) <= c->snd_window;
}

static bool ncp_cwnd_allows(const struct ncp *c, const struct ncp_pkt *pkt)
{
	return (u16)(pkt->hdr.num - c->snd_rcpt - c->snd_arrived) <= c->cwnd;
}

static bool ncp_may_send(const struct ncp *c, const struct ncp_pkt *pkt)
{
	if (pkt->hdr.op == CHAOS_OP_RFC || pkt->hdr.op == CHAOS_OP_OPN)
		return true;
	return !c->opn_wait && ncp_window_allows(c, pkt) && ncp_cwnd_allows(c, pkt);
}

/* Should a packet wait for more data?  Only the last one can, and as with TCP only one
 * that is not full is under way at a time (RFC 896, as Minshall has it).
 */
static bool ncp_held(const struct ncp *c, const struct ncp_pkt *pkt)
{
	if (pkt->hold <= NCP_HOLD_JOIN || !list_is_last(&pkt->list, &c->sendq))
		return false;
	if (pkt->hold == NCP_HOLD_BUSY)
		return true;
	if (pkt->hdr.len >= CHAOS_DATA_MAX)
		return false;
	return pkt->hold == NCP_HOLD_MORE ||
	       (c->snd_small != c->snd_rcpt &&
		chaos_num_between(c->snd_small, c->snd_rcpt, c->snd_last));
}

/*
 * Until when a packet waits to be filled: that it waits for the receipt of another one is
 * for the line's sake, which has carried that after a round trip.  The peer may delay the
 * receipt, for an answer to take it along, and the answer may depend on what waits here.
 */
static u64 ncp_hold_until(const struct ncp *c, const struct ncp_pkt *pkt, u64 now)
{
	u64 trip = c->srtt ?: c->flight_min, due = now + NCP_HOLD_TIME;

	if (pkt->hold == NCP_HOLD_PARTIAL && trip)
		due = now + clamp_t(u64, trip, NCP_TICK, NCP_HOLD_TIME);
	return c->hold_due ? min(c->hold_due, due) : due;
}

/* Is there room below us for one more?  Later ncp_resume() tells. */
static bool ncp_room(struct ncp *c)
{
	return !c->ops->room || c->ops->room(c);
}

/**
 * ncp_push() - send what the windows allow
 * @c: engine
 * @now: time
 */
void ncp_push(struct ncp *c, u64 now)
{
	struct ncp_pkt *pkt;

	while ((pkt = c->unsent) && ncp_may_send(c, pkt)) {
		c->holding = ncp_held(c, pkt);
		if (c->holding) {
			c->hold_due = ncp_hold_until(c, pkt, now);
			return;
		}
		c->hold_due = 0;
		if (!ncp_room(c))
			return;
		c->unsent = list_is_last(&pkt->list, &c->sendq) ?
			    NULL : list_next_entry(pkt, list);
		c->snd_last = pkt->hdr.num;
		if (pkt->hold != NCP_HOLD_NOT && pkt->hdr.len < CHAOS_DATA_MAX)
			c->snd_small = c->snd_last;
		if (pkt->hdr.op >= CHAOS_OP_DAT)
			c->count.bytes_sent += pkt->hdr.len;
		ncp_transmit(c, pkt, now);
	}
	c->holding = false;
	c->hold_due = 0;
	/*
	 * The peer reports by its own, wider window: ask when ours is the limit.
	 * Once for what was sent: an SNS for every STS would never end.
	 */
	if (pkt && c->snd_last != c->snd_asked && !c->sense_start && !c->opn_wait &&
	    ncp_window_allows(c, pkt))
		ncp_send_sns(c, now);
}

static void ncp_progress(struct ncp *c, u64 now)
{
	c->last_progress = now;
	c->sense = 0;
	c->sense_due = 0;
}

/**
 * ncp_loss_gain() - packets have arrived, which makes up for what is lost
 * @c: engine
 * @arrived: so many, each of which counts once
 */
void ncp_loss_gain(struct ncp *c, u16 arrived)
{
	unsigned int gain = c->loss_gain + arrived;

	c->loss_credit = min(c->loss_credit + gain / LOSS_ONE_OF, LOSS_CREDIT_MAX);
	c->loss_gain = gain % LOSS_ONE_OF;
}

/* One more packet in flight for every window that arrived. */
static void ncp_cwnd_grow(struct ncp *c, u16 receipted)
{
	c->cwnd_gain += receipted;
	if (c->cwnd_gain < c->cwnd)
		return;
	c->cwnd_gain = 0;
	if (c->cwnd < NCP_WINDOW_MAX)
		c->cwnd++;
}

/*
 * How long packets are under way when queues are full: from the latest one that a
 * receipt covers, if it was sent once and did not wait behind a gap.  Rises at
 * once, falls slowly.
 */
static void ncp_flight_sample(struct ncp *c, const struct ncp_pkt *pkt, u64 now)
{
	if (pkt->tries > 1 || c->recovering)
		return;
	c->newest = (u32)now - pkt->sent;
	if (!c->flight_min || c->newest < c->flight_min) {
		c->flight_min = c->newest;
		c->flight_since = now;
	}
	c->flight = max_t(u64, c->newest, (7 * (u64)c->flight + c->newest) / 8);
}

/* Data may go.  If the window has changed since the OPN told it, say so. */
static void ncp_opn_receipted(struct ncp *c, const struct ncp_pkt *opn, u64 now)
{
	c->opn_wait = false;
	if (chaos_get_word(opn->data, 1) != c->rcv_window && !c->sts_due)
		c->sts_due = now + NCP_STS_DELAY;
}

/* Return: true when something is newly receipted. */
static bool ncp_take_receipt(struct ncp *c, u16 receipt, u64 now)
{
	u16 known = c->snd_arrived;
	struct ncp_pkt *pkt, *tmp;

	if (!chaos_num_after(receipt, c->snd_rcpt) || chaos_num_after(receipt, c->snd_last))
		return false;
	list_for_each_entry_safe(pkt, tmp, &c->sendq, list) {
		if (chaos_num_after(pkt->hdr.num, receipt))
			break;
		/* With a gap behind it, it was late: the STS went because of that. */
		if (pkt->hdr.num == receipt && !known)
			ncp_flight_sample(c, pkt, now);
		if (pkt->hdr.op == CHAOS_OP_OPN)
			ncp_opn_receipted(c, pkt, now);
		c->snd_arrived -= pkt->arrived;
		list_del(&pkt->list);
		c->ops->release(c, pkt);
	}
	ncp_cwnd_grow(c, receipt - c->snd_rcpt);
	ncp_loss_gain(c, receipt - c->snd_rcpt - (known - c->snd_arrived));
	c->snd_rcpt = receipt;
	c->backoff = 0;
	c->repeats = 0;
	if (c->recovering && !chaos_num_before(receipt, c->snd_recover))
		c->recovering = false;
	ncp_progress(c, now);
	return true;
}

/**
 * ncp_take_ack() - use the acknowledgment field of a received packet
 * @c: engine
 * @ack: last packet that the peer's user has read
 * @now: time
 *
 * Values outside of what is sent and not yet acknowledged are ignored
 * (AIM 628 section 3.8).
 */
void ncp_take_ack(struct ncp *c, u16 ack, u64 now)
{
	if (!chaos_num_between(ack, c->snd_ack, c->snd_last))
		return;
	ncp_take_receipt(c, ack, now);
	if (ack != c->snd_ack) {
		c->snd_ack = ack;
		ncp_progress(c, now);
	}
}

/**
 * ncp_set_rto() - the retransmission timeout from what was measured, within bounds
 * @c: engine
 */
void ncp_set_rto(struct ncp *c)
{
	u64 rto = c->srtt ? c->srtt + 4 * (u64)c->rttvar : NCP_RTO_START;

	c->rto = min_t(u64, max_t(u64, rto, c->times.rto_min), c->times.rto_max);
}

/*
 * RFC 6298 with bounds; samples are exchanges without think time.
 *
 * An STS with @news may have been under way before our SNS went.  Then the round
 * trip lies between the time since the SNS and that since the newest packet went
 * that the STS receipts; the estimate changes only if it is outside.
 */
static void ncp_rtt_sample(struct ncp *c, bool news, u64 now)
{
	u64 rtt = max(now - c->sense_start, 1ull);

	c->sense_start = 0;
	if (news) {
		u64 least = min_t(u64, rtt, c->newest);

		rtt = c->srtt ? clamp_t(u64, c->srtt, least, c->newest) : c->newest;
	}
	/* Not known, or longer than any timeout: SNS or answer was lost. */
	if (!rtt || rtt > c->times.rto_max)
		return;
	if (!c->srtt) {
		c->srtt = rtt;
		c->rttvar = rtt / 2;
	} else {
		u32 delta = rtt > c->srtt ? rtt - c->srtt : c->srtt - rtt;

		c->rttvar = (3 * (u64)c->rttvar + delta) / 4;
		c->srtt = max_t(u64, (7 * (u64)c->srtt + rtt) / 8, 1);
	}
	ncp_set_rto(c);
}

static struct ncp_pkt *ncp_first_sent(struct ncp *c)
{
	struct ncp_pkt *pkt = list_first_entry_or_null(&c->sendq, struct ncp_pkt, list);

	return pkt && pkt->tries ? pkt : NULL;
}

/* How long a packet must have been out before a timeout can mean it. */
static u32 ncp_guard(const struct ncp *c)
{
	return c->srtt ? max(c->srtt, c->flight) : max_t(u32, c->flight, NCP_RESEND_MIN);
}

/* There may be another path now, or the queues were never empty. */
static bool ncp_flight_is_old(const struct ncp *c, u64 now)
{
	return (u32)now - c->flight_since >= NCP_FLIGHT_TIME;
}

/* Are packets lost because there are too many?  Then they have to wait as well, or it
 * happens often; else it is the cable, and fewer packets would not help.
 */
static bool ncp_is_congested(const struct ncp *c, u64 now)
{
	return !c->loss_credit || ncp_flight_is_old(c, now) ||
	       c->flight > c->flight_min + c->flight_min / 2 + LOSS_QUEUE_TIME;
}

/* A gap means loss, until what is out now has arrived. */
static void ncp_enter_recovery(struct ncp *c)
{
	c->recovering = true;
	c->reduced = false;
	c->snd_recover = c->snd_last;
}

/* Less in flight, which empties queues: a time to measure what packets take without. */
static void ncp_reduce(struct ncp *c, u64 now)
{
	u16 flight = c->snd_last - c->snd_rcpt;

	c->reduced = true;
	c->cwnd = max_t(u16, min(c->cwnd, flight) / 2, NCP_CWND_MIN);
	c->cwnd_gain = 0;
	if (ncp_flight_is_old(c, now))
		c->flight_min = 0;
}

/*
 * An STS leaves packets unreceipted.  Packets overtake each other rarely, so the first
 * of them is lost if
 *  - the STS answers an SNS that went out after it;
 *  - something was repaired, the receipt has advanced to the next gap, and the packet
 *    was sent before what was repaired;
 *  - several STS in a row said the same unasked, which is how a gap is reported.
 * But for the first of these ncp_repair_between() knows better if the peer tells it.
 */
static bool ncp_is_lost(const struct ncp *c, const struct ncp_pkt *pkt, bool advanced,
			u64 sensed, u64 now)
{
	u32 age = (u32)now - pkt->sent;

	if (sensed && !advanced)
		return age > now - sensed && age > ncp_guard(c);
	if (c->snd_arrived >= NCP_REPEATS)
		return false;
	if (c->recovering)
		return advanced && age > (u32)now - c->last_repair;
	/* They may be about duplicates, and the packet just have gone. */
	return c->repeats >= NCP_REPEATS && age >= c->srtt / 2;
}

/* A packet is lost. */
static void ncp_resend(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	if (!c->recovering) {
		c->count.gaps++;
		ncp_enter_recovery(c);
	}
	if (!c->reduced && ncp_is_congested(c, now))
		ncp_reduce(c, now);
	if (c->loss_credit)
		c->loss_credit--;
	c->last_repair = now;
	c->sense_due = 0;
	ncp_transmit(c, pkt, now);
}

/* The peer tells what has arrived.  A packet is lost if NCP_REPEATS that went after it have,
 * unless it was just sent, and one that was sent again if it should be there: not before
 * NCP_RESEND_MIN, so that STS cannot make us flood the line.
 */
static void ncp_repair_between(struct ncp *c, u64 now)
{
	u32 again = max_t(u32, ncp_guard(c) / 2 * 3, NCP_RESEND_MIN);
	u32 least = max(c->srtt, c->flight) / 2;
	u16 later = c->snd_arrived;
	struct ncp_pkt *pkt;

	list_for_each_entry(pkt, &c->sendq, list) {
		if (later < NCP_REPEATS)
			return;
		if (pkt->arrived) {
			later--;
			continue;
		}
		if ((u32)now - pkt->sent <= (pkt->tries > 1 ? again : least))
			continue;
		if (!ncp_room(c))
			return;
		ncp_resend(c, pkt, now);
	}
}

static void ncp_repair(struct ncp *c, bool advanced, u64 sensed, u64 now)
{
	struct ncp_pkt *pkt = ncp_first_sent(c);

	if (pkt && ncp_is_lost(c, pkt, advanced, sensed, now))
		ncp_resend(c, pkt, now);
	ncp_repair_between(c, now);
}

/* Can this STS answer our SNS?  Reports of a gap may have been under way before that
 * arrived.
 */
static bool ncp_is_answer(const struct ncp *c, u64 now)
{
	u32 trip = c->srtt ?: c->flight_min;

	if (!c->sense_start || c->sense_clear)
		return c->sense_start;
	return now - c->sense_start >= (trip ? trip / 4 * 3 : NCP_RESEND_MIN);
}

/* Perhaps a gap.  If no more reports come, we ask. */
static void ncp_count_repeat(struct ncp *c)
{
	c->repeats++;
	c->sense_due = 0;
}

/**
 * ncp_take_sts() - use a received STS, or the same fields of an OPN
 * @c: engine in CHAOS_OPENED
 * @ack: acknowledgment field
 * @receipt: first data word, the last packet that arrived in order
 * @window: second data word, the peer's receive window
 * @now: time
 */
void ncp_take_sts(struct ncp *c, u16 ack, u16 receipt, u16 window, u64 now)
{
	u16 old_ack = c->snd_ack, old_window = c->snd_window;
	u64 sensed = ncp_is_answer(c, now) ? c->sense_start : 0;
	bool advanced, repeat;

	c->newest = 0;
	advanced = ncp_take_receipt(c, receipt, now);
	ncp_take_ack(c, ack, now);
	c->snd_window = min_t(u16, window, NCP_WINDOW_MAX);
	/* What arrives behind a gap may make the window larger. */
	repeat = !advanced && old_ack == c->snd_ack && old_window <= c->snd_window &&
		 receipt == c->snd_rcpt;
	if (!repeat)
		c->repeats = 0;
	else if (!c->sns_owed && c->repeats < NCP_REPEATS)
		ncp_count_repeat(c);
	if (c->sns_owed)
		c->sns_owed--;
	if (sensed && c->sense_clear)
		ncp_rtt_sample(c, !repeat, now);
	else if (sensed)
		c->sense_start = 0;
	ncp_repair(c, advanced, sensed, now);
}

/**
 * ncp_retransmit() - the retransmission timeout has passed
 * @c: engine with packets that are not receipted
 * @now: time
 *
 * Sends what cannot still be under way, oldest first, as far as the internal
 * window goes.
 */
void ncp_retransmit(struct ncp *c, u64 now)
{
	u32 guard = max_t(u32, ncp_guard(c), NCP_RESEND_MIN);
	struct ncp_pkt *pkt;
	u16 budget;

	/* A server may take its time to answer an RFC; that is no loss. */
	if (c->state == CHAOS_OPENED && !c->opn_wait) {
		ncp_enter_recovery(c);
		ncp_reduce(c, now);
	}
	c->last_repair = now;
	budget = c->cwnd;
	list_for_each_entry(pkt, &c->sendq, list) {
		if (!pkt->tries || !budget)
			break;
		/* The first has been out for the whole timeout. */
		if (budget < c->cwnd && (pkt->arrived || (u32)now - pkt->sent < guard))
			continue;
		if (budget < c->cwnd && !ncp_room(c))
			break;
		ncp_transmit(c, pkt, now);
		budget--;
	}
}
