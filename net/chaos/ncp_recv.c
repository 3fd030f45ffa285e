// SPDX-License-Identifier: GPL-2.0-only
/* NCP engine: controlled packets that come in; order, duplicates, when to report. */

#include <linux/kernel.h>
#include <linux/minmax.h>

#include "ncp.h"

/* There is something the peer should know, though not at once. */
static void ncp_sts_soon(struct ncp *c, u64 now)
{
	if (!c->sts_due)
		c->sts_due = now + NCP_STS_DELAY;
}

/* An STS for so many packets: more than a third of the window (AIM 628 section 3.8), or so
 * much that the sender's buffer may be empty.
 */
static u16 ncp_sts_every(const struct ncp *c)
{
	return min(c->rcv_window / 3 + 1, NCP_ACK_EVERY);
}

/**
 * ncp_read_quota() - how many packets may be read before the peer must hear of it?
 * @c: engine
 *
 * Return: at least 1, unless so much has been read already.
 */
unsigned int ncp_read_quota(const struct ncp *c)
{
	u16 read = c->rcv_read - c->rcv_acked;
	u16 much = ncp_sts_every(c);

	return read < much ? much - read : 0;
}

static bool ncp_much_read(const struct ncp *c)
{
	return !ncp_read_quota(c);
}

/* Hand the next packet in order to the user.  An EOF that finds everything
 * before it read counts as read itself: that is what its sender waits for.  One
 * at most, so that a peer cannot fill our memory with them.
 */
static void ncp_deliver(struct ncp *c, struct ncp_pkt *pkt)
{
	c->rcv_rcpt = pkt->hdr.num;
	c->told_gap = 0;
	c->rcv_eof = pkt->hdr.op == CHAOS_OP_EOF;
	if (pkt->hdr.op == CHAOS_OP_EOF) {
		pkt->hdr.len = 0;
		if (!c->rcv_unread)
			c->rcv_read = c->rcv_rcpt;
	}
	if (c->closing) {
		c->rcv_read = c->rcv_rcpt;
		c->ops->release(c, pkt);
		return;
	}
	c->count.bytes_rcvd += pkt->hdr.len;
	c->rcv_unread++;
	c->ops->deliver(c, pkt);
}

static void ncp_deliver_early(struct ncp *c)
{
	struct ncp_pkt *pkt, *tmp;

	list_for_each_entry_safe(pkt, tmp, &c->early, list) {
		if (pkt->hdr.num != (u16)(c->rcv_rcpt + 1))
			break;
		list_del(&pkt->list);
		c->rcv_early--;
		ncp_deliver(c, pkt);
	}
}

static enum ncp_verdict ncp_rcv_duplicate(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	c->count.dups++;
	c->ops->release(c, pkt);
	ncp_send_sts(c, now);
	return NCP_DUPLICATE;
}

/* So much has arrived behind a gap that the sender should hear of more room. */
static bool ncp_much_early(const struct ncp *c)
{
	return (u16)(c->rcv_read + ncp_offered(c) - c->rcv_edge) >= ncp_sts_every(c);
}

/* Is a packet the one behind a gap by which the sender takes that for a loss? */
static bool ncp_proves_gap(const struct ncp *c, const struct ncp_pkt *pkt)
{
	unsigned int n = 1;

	while (n <= NCP_REPEATS && pkt->list.prev != &c->early) {
		u16 num = pkt->hdr.num;

		pkt = list_prev_entry(pkt, list);
		if (pkt->hdr.num != (u16)(num - 1))
			break;
		n++;
	}
	return n == NCP_REPEATS;
}

/* Keep a packet that is ahead of its turn.  It reveals a gap, of which the sender
 * should hear NCP_REPEATS times; the first STS may have other news as well.  Of those
 * behind it, it hears when there is enough to tell.
 */
static enum ncp_verdict ncp_rcv_early(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	struct ncp_pkt *pos;

	list_for_each_entry_reverse(pos, &c->early, list) {
		if (pos->hdr.num == pkt->hdr.num)
			return ncp_rcv_duplicate(c, pkt, now);
		if (chaos_num_before(pos->hdr.num, pkt->hdr.num))
			break;
	}
	list_add(&pkt->list, &pos->list);
	c->rcv_early++;
	c->count.ooo++;
	if (c->told_gap <= NCP_REPEATS) {
		c->told_gap++;
		ncp_send_sts(c, now);
	} else if (ncp_proves_gap(c, pkt) || ncp_much_early(c)) {
		ncp_send_sts(c, now);
	} else {
		ncp_sts_soon(c, now);
	}
	return NCP_ACCEPTED;
}

/**
 * ncp_rcv_controlled() - data or EOF has arrived (AIM 628 section 3.8)
 * @c: engine in CHAOS_OPENED
 * @pkt: the packet; ownership passes
 * @now: time
 */
enum ncp_verdict ncp_rcv_controlled(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	u16 num = pkt->hdr.num;
	bool report, gap;

	if (!chaos_num_after(num, c->rcv_rcpt))
		return ncp_rcv_duplicate(c, pkt, now);
	if (chaos_num_after(num, c->rcv_limit)) {
		c->count.beyond_window++;
		c->ops->release(c, pkt);
		return NCP_BEYOND_WINDOW;
	}
	if (num != (u16)(c->rcv_rcpt + 1))
		return ncp_rcv_early(c, pkt, now);

	gap = !list_empty(&c->early);
	report = pkt->hdr.op == CHAOS_OP_EOF;
	ncp_deliver(c, pkt);
	if (gap)
		ncp_deliver_early(c);
	if (report || gap || ncp_much_read(c))
		ncp_send_sts(c, now);
	else
		ncp_sts_soon(c, now);
	return NCP_ACCEPTED;
}

/**
 * ncp_rcv_unc() - an uncontrolled packet for the user (AIM 628 section 4.3)
 * @c: engine in CHAOS_OPENED
 * @pkt: the packet; ownership passes
 *
 * One fits even when the window is full; beyond that it is lost, as it may be.
 */
enum ncp_verdict ncp_rcv_unc(struct ncp *c, struct ncp_pkt *pkt)
{
	if (c->closing || c->rcv_unread > c->rcv_window) {
		c->count.beyond_window++;
		c->ops->release(c, pkt);
		return NCP_BEYOND_WINDOW;
	}
	c->rcv_unread++;
	c->ops->deliver(c, pkt);
	return NCP_ACCEPTED;
}

/**
 * ncp_consumed() - the user has read packets
 * @c: engine
 * @number: the last controlled one among them; rcv_read if there is none
 * @eof_next: an EOF follows directly: it counts as read, too
 * @packets: how many were taken, UNC included
 * @now: time
 */
void ncp_consumed(struct ncp *c, u16 number, bool eof_next, unsigned int packets, u64 now)
{
	c->rcv_unread -= packets;
	if (c->state != CHAOS_OPENED)
		return;
	if (eof_next)
		number++;
	if (!chaos_num_after(number, c->rcv_read))
		return;
	c->rcv_read = number;
	if (eof_next || ncp_much_read(c))
		ncp_send_sts(c, now);
	else
		ncp_sts_soon(c, now);
	ncp_schedule(c, now);
}

/**
 * ncp_set_window() - change the receive window (AIM 628 section 3.8)
 * @c: engine
 * @window: packets, 1 to NCP_WINDOW_MAX
 * @now: time
 *
 * What an earlier, larger window allowed is still taken.  A peer that has not seen
 * our OPN yet would answer STS with LOS; once it has, it is told.
 */
void ncp_set_window(struct ncp *c, u16 window, u64 now)
{
	c->rcv_window = window;
	c->rcv_widest = window;
	c->rcv_edge = c->rcv_read + window;
	if (c->state == CHAOS_OPENED && !c->opn_wait)
		ncp_send_sts(c, now);
}
