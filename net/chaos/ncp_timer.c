// SPDX-License-Identifier: GPL-2.0-only
/*
 * NCP engine: time.
 *
 * sts_due	an STS is owed: NCP_STS_DELAY after the first unreported news.
 * resend	the oldest packet that is not receipted: the retransmission timeout
 *		after its last transmission or the last progress, doubled each time,
 *		reset by a receipt.
 * sense_due	nothing was receipted or acknowledged for a while: SNS, at doubling
 *		intervals up to ncp_times.probe.
 * hold_due	a packet has waited long enough to be filled: NCP_HOLD_TIME, or, if it
 *		waits for a receipt, a round trip.
 * idle		nothing outstanding and nothing heard for ncp_times.idle: SNS every
 *		ncp_times.probe.
 * give up	silence for ncp_times.timeout; RFC or BRD of ours without answer for
 *		NCP_CONNECT_TIMEOUT; RFC of theirs that is neither decided on nor
 *		repeated for NCP_PENDING_TIMEOUT; a safe close without progress for
 *		NCP_CLOSE_TIMEOUT.
 *
 * Two timer events are at least NCP_TICK apart.
 */

#include <linux/kernel.h>
#include <linux/minmax.h>

#include "ncp.h"

static u64 ncp_resend_due(struct ncp *c, u64 now)
{
	struct ncp_pkt *pkt = list_first_entry_or_null(&c->sendq, struct ncp_pkt, list);
	u64 rto, since;

	if (!pkt || !pkt->tries)
		return 0;
	/* Full queues, too, need their time. */
	rto = max_t(u64, c->rto, 2 * (u64)c->flight);
	since = now - (u32)((u32)now - pkt->sent);
	return max(since, c->last_progress) + min_t(u64, rto << c->backoff, c->times.rto_max);
}

static u64 ncp_give_up_due(const struct ncp *c)
{
	if (c->state == CHAOS_RFC_SENT || c->state == CHAOS_BROADCAST_SENT)
		return c->opened + min_t(u64, NCP_CONNECT_TIMEOUT, c->times.timeout);
	if (c->state == CHAOS_RFC_RECEIVED)
		return c->last_rx + NCP_PENDING_TIMEOUT;
	if (c->closing)
		return min(c->last_rx + c->times.timeout, c->last_progress + NCP_CLOSE_TIMEOUT);
	return c->last_rx + c->times.timeout;
}

/* The interval before the first SNS when progress stops. */
static u32 ncp_sense_interval(const struct ncp *c)
{
	bool blocked = c->unsent && !c->holding;
	bool gap = c->recovering || c->repeats;
	u32 trip = c->srtt ?: gap ? c->flight : 0;
	u32 least = blocked ? NCP_SENSE_BLOCKED : NCP_SENSE_QUIET;

	/* All has arrived; only the user is slow.  Or its answer to our last EOF is lost. */
	if (c->snd_rcpt == c->snd_last && !blocked && !c->closing)
		return c->times.probe;
	if (!trip)
		return min_t(u64, NCP_SENSE_START, c->times.probe);
	return min_t(u64, max_t(u64, 2 * (u64)trip, least), c->times.probe);
}

static u64 ncp_sense_due(struct ncp *c, u64 now)
{
	if (c->state != CHAOS_OPENED)
		return 0;
	if (c->snd_ack == c->snd_last && (!c->unsent || c->holding)) {
		c->sense_due = 0;
		c->sense = 0;
		return max(c->last_rx + c->times.idle, c->last_tx + c->times.probe);
	}
	if (!c->sense_due) {
		c->sense = ncp_sense_interval(c);
		c->sense_due = now + c->sense;
	}
	return c->sense_due;
}

static u64 ncp_earlier(u64 a, u64 b)
{
	return !b || (a && a < b) ? a : b;
}

/* Who only receives has nothing due before the STS, for which the timer is armed. */
static bool ncp_only_sts_due(const struct ncp *c)
{
	return c->armed && c->sts_due && c->state == CHAOS_OPENED &&
	       list_empty(&c->sendq) && c->snd_ack == c->snd_last;
}

/**
 * ncp_schedule() - ask for the next timer event
 * @c: engine
 * @now: time
 */
void ncp_schedule(struct ncp *c, u64 now)
{
	u64 due;

	if (!ncp_alive(c) || (ncp_only_sts_due(c) && c->armed <= c->sts_due))
		return;
	due = ncp_earlier(ncp_give_up_due(c), c->sts_due);
	due = ncp_earlier(due, c->hold_due);
	due = ncp_earlier(due, ncp_resend_due(c, now));
	due = ncp_earlier(due, ncp_sense_due(c, now));
	due = max(due, c->last_timer + NCP_TICK);
	if (c->armed && c->armed <= due)
		return;
	c->armed = due;
	c->ops->arm_timer(c, due);
}

/**
 * ncp_set_times() - have other times from now on
 * @c: engine
 * @times: they
 * @now: time
 */
void ncp_set_times(struct ncp *c, const struct ncp_times *times, u64 now)
{
	c->times = *times;
	c->sense = 0;
	c->sense_due = 0;
	ncp_set_rto(c);
	ncp_schedule(c, now);
}

static void ncp_give_up(struct ncp *c, u64 now)
{
	if (c->closing)
		ncp_end_close(c, now);
	else if (c->state == CHAOS_RFC_RECEIVED)
		ncp_set_state(c, CHAOS_CLOSED, NCP_END_TIMEOUT);
	else
		ncp_set_state(c, CHAOS_INCOMPLETE, NCP_END_TIMEOUT);
}

static void ncp_sense(struct ncp *c, u64 now)
{
	c->sense = min_t(u64, 2 * (u64)c->sense, c->times.probe);
	if (c->sense_due)
		c->sense_due = now + c->sense;
	ncp_send_sns(c, now);
}

/* What data carried meanwhile need not be said again: the peer would take that for
 * the report of a gap.
 */
static void ncp_sts_if_news(struct ncp *c, u64 now)
{
	c->sts_due = 0;
	if (c->told_rcpt != c->rcv_rcpt || c->told_window != ncp_offered(c) ||
	    c->rcv_acked != c->rcv_read || !list_empty(&c->early))
		ncp_send_sts(c, now);
}

/**
 * ncp_timer() - do what is due
 * @c: engine
 * @now: time; calls before anything is due do no harm
 */
void ncp_timer(struct ncp *c, u64 now)
{
	u64 due;

	if (!ncp_alive(c))
		return;
	c->last_timer = now;
	c->armed = 0;
	if (now >= ncp_give_up_due(c)) {
		ncp_give_up(c, now);
		return;
	}
	if (c->sts_due && now >= c->sts_due)
		ncp_sts_if_news(c, now);
	if (c->hold_due && now >= c->hold_due)
		ncp_flush(c, now);
	due = ncp_resend_due(c, now);
	if (due && now >= due) {
		if ((u64)c->rto << c->backoff < c->times.rto_max)
			c->backoff++;
		ncp_retransmit(c, now);
	}
	due = ncp_sense_due(c, now);
	if (due && now >= due)
		ncp_sense(c, now);
	ncp_schedule(c, now);
}
