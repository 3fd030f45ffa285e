// SPDX-License-Identifier: GPL-2.0-or-later
/* One NCP engine on the bench. */

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>

#include "endpoint.h"

#define WRITE_BATCH	32	/* packets of a write that are handed in together */

/* Whose packet is it?  Only the engine may give one away, and only once. */
enum owner { ENGINE, USER };

struct packet {
	struct ncp_pkt pkt;
	enum owner owner;
};

static struct endpoint *ep_of(struct ncp *c)
{
	return container_of(c, struct endpoint, ncp);
}

static void ep_break(struct endpoint *ep, const char *rule)
{
	if (!ep->broken)
		ep->broken = rule;
}

static void ep_require(struct endpoint *ep, bool condition, const char *rule)
{
	if (!condition)
		ep_break(ep, rule);
}

/*
 * Packets.  Data has memory of its own and exactly its length, so that a read
 * behind its end is seen.
 */

static struct ncp_pkt *packet_new(const struct chaos_hdr *hdr, const void *data)
{
	struct packet *packet = kzalloc(sizeof(*packet), GFP_KERNEL);
	u8 *copy = kmalloc(hdr->len, GFP_KERNEL);

	if (hdr->len)
		memcpy(copy, data, hdr->len);
	packet->pkt.hdr = *hdr;
	packet->pkt.data = copy;
	return &packet->pkt;
}

static struct ncp_pkt *packet_op(u8 op, const void *data, u16 len)
{
	const struct chaos_hdr hdr = { .op = op, .len = len };

	return packet_new(&hdr, data);
}

/* More data for a packet that has not gone yet; hdr.len is for the engine to set. */
static void packet_append(struct ncp_pkt *pkt, const void *data, u16 len)
{
	u8 *longer = kmalloc(pkt->hdr.len + len, GFP_KERNEL);

	if (pkt->hdr.len)
		memcpy(longer, pkt->data, pkt->hdr.len);
	if (len)
		memcpy(longer + pkt->hdr.len, data, len);
	kfree(pkt->data);
	pkt->data = longer;
}

static void packet_free(struct ncp_pkt *pkt)
{
	kfree(pkt->data);
	kfree(container_of(pkt, struct packet, pkt));
}

/* The engine gets a packet. */
static struct ncp_pkt *ep_hand_in(struct endpoint *ep, struct ncp_pkt *pkt)
{
	ep->held++;
	return pkt;
}

/* The engine gives one back. */
static void ep_hand_out(struct endpoint *ep, struct ncp_pkt *pkt)
{
	struct packet *packet = container_of(pkt, struct packet, pkt);

	ep_require(ep, packet->owner == ENGINE && ep->held, "a packet given away twice");
	packet->owner = USER;
	ep->held--;
}

/*
 * The record.
 */

static void __printf(2, 3) ep_log(struct endpoint *ep, const char *fmt, ...)
{
	size_t room = sizeof(ep->log) - ep->log_len;
	va_list args;
	int n;

	if (ep->quiet)
		return;
	if (ep->log_len && room > 2) {
		memcpy(ep->log + ep->log_len, ", ", 3);
		ep->log_len += 2;
		room -= 2;
	}
	va_start(args, fmt);
	n = vsnprintf(ep->log + ep->log_len, room, fmt, args);
	va_end(args);
	ep->log_len += n < (int)room ? n : (int)room - 1;
}

static const char *state_name(u8 state)
{
	static const char * const names[] = {
		[CHAOS_CLOSED] = "CLOSED", [CHAOS_RFC_RECEIVED] = "RFC-RECEIVED",
		[CHAOS_RFC_SENT] = "RFC-SENT", [CHAOS_OPENED] = "OPENED",
		[CHAOS_LOST] = "LOST", [CHAOS_INCOMPLETE] = "INCOMPLETE",
		[CHAOS_BROADCAST_SENT] = "BROADCAST-SENT",
	};

	return state < ARRAY_SIZE(names) && names[state] ? names[state] : "?";
}

static const char *end_name(u8 end)
{
	static const char * const names[] = {
		[NCP_END_NONE] = "", [NCP_END_LOCAL] = "/local",
		[NCP_END_CLEAN] = "/clean", [NCP_END_BROKEN] = "/broken",
		[NCP_END_LOST] = "/lost", [NCP_END_REFUSED] = "/refused",
		[NCP_END_ANSWERED] = "/answered", [NCP_END_FORWARDED] = "/forwarded",
		[NCP_END_NOT_SIMPLE] = "/not-simple",
		[NCP_END_UNREACHABLE] = "/unreachable", [NCP_END_TIMEOUT] = "/timeout",
	};

	return end < ARRAY_SIZE(names) ? names[end] : "/?";
}

static const char *op_name(u8 op)
{
	static const char * const names[] = {
		[CHAOS_OP_RFC] = "RFC", [CHAOS_OP_OPN] = "OPN", [CHAOS_OP_CLS] = "CLS",
		[CHAOS_OP_FWD] = "FWD", [CHAOS_OP_ANS] = "ANS", [CHAOS_OP_SNS] = "SNS",
		[CHAOS_OP_STS] = "STS", [CHAOS_OP_LOS] = "LOS", [CHAOS_OP_EOF] = "EOF",
		[CHAOS_OP_UNC] = "UNC", [CHAOS_OP_BRD] = "BRD",
	};

	if (op >= CHAOS_OP_DAT)
		return op >= CHAOS_OP_DWD ? "DWD" : "DAT";
	return op < ARRAY_SIZE(names) && names[op] ? names[op] : "?";
}

/* Numbered, retransmitted, delivered in order (AIM 628 section 3.4). */
static bool is_controlled(u8 op)
{
	return op >= CHAOS_OP_DAT || op == CHAOS_OP_RFC || op == CHAOS_OP_OPN ||
	       op == CHAOS_OP_EOF;
}

static void ep_log_sent(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data)
{
	const char *op = op_name(hdr->op);

	switch (hdr->op) {
	case CHAOS_OP_OPN:
	case CHAOS_OP_STS:
		ep_log(ep, "%s %x/%x r%x w%u", op, hdr->num, hdr->ack,
		       chaos_get_word(data, 0), chaos_get_word(data, 1));
		break;
	case CHAOS_OP_SNS:
	case CHAOS_OP_EOF:
		ep_log(ep, "%s %x/%x", op, hdr->num, hdr->ack);
		break;
	case CHAOS_OP_CLS:
	case CHAOS_OP_ANS:
	case CHAOS_OP_FWD:
		ep_log(ep, "%s %x/%x \"%.*s\"", op, hdr->num, hdr->ack, hdr->len, data);
		break;
	default:
		ep_log(ep, "%s %x/%x [%u]", op, hdr->num, hdr->ack, hdr->len);
	}
}

/**
 * ep_take() - what came out since the last call
 * @ep: endpoint
 *
 * Packets sent as "OPCODE number/acknowledgment", all in hexadecimal, with
 * " rRECEIPT wWINDOW", " [length]" or the text, where there is any; packets
 * delivered as "+OPCODE number"; states as "=STATE" with "/end".
 */
const char *ep_take(struct endpoint *ep)
{
	memcpy(ep->taken, ep->log, sizeof(ep->taken));
	ep->log[0] = '\0';
	ep->log_len = 0;
	return ep->taken;
}

/*
 * Rules for what the engine does.
 */

static bool is_small(const struct ncp_pkt *pkt)
{
	return pkt->hold != NCP_HOLD_NOT && pkt->hdr.len < CHAOS_DATA_MAX;
}

/* The last packet goes though it might wait to be filled: is it its turn? */
static void check_not_held(struct endpoint *ep, const struct ncp_pkt *pkt)
{
	const struct ncp_pkt *pos;

	if (!list_is_last(&pkt->list, &ep->ncp.sendq) || !is_small(pkt))
		return;
	ep_require(ep, pkt->hold < NCP_HOLD_MORE, "sent: a packet that should wait for more");
	if (pkt->hold != NCP_HOLD_PARTIAL)
		return;
	list_for_each_entry(pos, &ep->ncp.sendq, list)
		ep_require(ep, pos == pkt || !is_small(pos),
			   "sent: one packet that is not full at a time");
}

/* A packet goes for the first time. */
static void check_new(struct endpoint *ep, const struct ncp_pkt *pkt)
{
	const struct ncp *c = &ep->ncp;

	ep_require(ep, !ep->crowded, "sent: nothing new while there is no room");
	if (pkt->hdr.op == CHAOS_OP_RFC || pkt->hdr.op == CHAOS_OP_OPN)
		return;
	ep_require(ep, !c->opn_wait && (u16)(pkt->hdr.num - c->snd_ack) <= c->snd_window,
		   "sent: new packets keep to the window");
	check_not_held(ep, pkt);
}

static void check_controlled(struct endpoint *ep, const struct ncp_pkt *pkt)
{
	const struct ncp *c = &ep->ncp;

	ep_require(ep, container_of(pkt, struct packet, pkt)->owner == ENGINE,
		   "sent: a packet that was given away");
	ep_require(ep, chaos_num_between(pkt->hdr.num, c->snd_rcpt + 1, c->snd_last),
		   "sent: controlled packets are not receipted yet");
	if (pkt->tries == 1)
		check_new(ep, pkt);
	else if (ep->crowded)
		ep_require(ep, !ep->repeats++, "sent: one repetition while there is no room");
}

/* Packets that no connection comes of have neither index nor number. */
static void check_sent(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data,
		       const struct ncp_pkt *pkt)
{
	const struct ncp *c = &ep->ncp;
	bool alone = hdr->op == CHAOS_OP_ANS || hdr->op == CHAOS_OP_FWD;

	ep_require(ep, hdr->dst == c->raddr && hdr->src == c->laddr &&
		   hdr->sidx == (alone ? 0 : c->lidx) && hdr->didx == c->ridx,
		   "sent: addresses and indices are the connection's");
	ep_require(ep, hdr->len <= CHAOS_DATA_MAX && !hdr->fc, "sent: header in bounds");
	ep_require(ep, !pkt || (data == pkt->data && hdr->len == pkt->hdr.len),
		   "sent: data is the packet's");
	if (alone) {
		ep_require(ep, !hdr->num, "sent: what opens no connection has number 0");
	} else if (hdr->op == CHAOS_OP_BRD) {
		ep_require(ep, pkt && !hdr->dst && hdr->num == c->snd_last, "sent: BRD to all");
	} else {
		ep_require(ep, !pkt == !is_controlled(hdr->op),
			   "sent: controlled packets are queued ones");
		ep_require(ep, pkt || chaos_num_between(hdr->num, c->snd_last + 1, c->snd_next),
			   "sent: uncontrolled packets carry a number not yet used");
		if (pkt)
			check_controlled(ep, pkt);
	}
}

static void op_xmit(struct ncp *c, const struct chaos_hdr *hdr, const u8 *data,
		    struct ncp_pkt *pkt)
{
	struct endpoint *ep = ep_of(c);

	check_sent(ep, hdr, data, pkt);
	if (ep->transmit)
		ep->transmit(ep, hdr, data);
	if (!ep->quiet)
		ep_log_sent(ep, hdr, data);
}

static void op_deliver(struct ncp *c, struct ncp_pkt *pkt)
{
	struct endpoint *ep = ep_of(c);

	ep_hand_out(ep, pkt);
	ep_log(ep, "+%s %x", op_name(pkt->hdr.op), pkt->hdr.num);
	list_add_tail(&pkt->list, &ep->unread);
	if (ep->arrived)
		ep->arrived(ep, pkt);
}

static void op_release(struct ncp *c, struct ncp_pkt *pkt)
{
	ep_hand_out(ep_of(c), pkt);
	packet_free(pkt);
}

static bool op_room(struct ncp *c)
{
	struct endpoint *ep = ep_of(c);

	if (ep->room && !ep->room(ep))
		ep->crowded = true;
	return !ep->crowded;
}

static void op_state_changed(struct ncp *c)
{
	struct endpoint *ep = ep_of(c);

	ep_log(ep, "=%s%s", state_name(c->state), end_name(c->end));
	ep_require(ep, ncp_alive(c) == (c->end == NCP_END_NONE), "an end has a reason");
}

static void op_arm_timer(struct ncp *c, u64 when)
{
	struct endpoint *ep = ep_of(c);

	ep_require(ep, !ep->last_timer || when >= ep->last_timer + NCP_TICK,
		   "timer: one event in 10 ms");
	if (!ep->timer_at || when < ep->timer_at)
		ep->timer_at = when;
}

static const struct ncp_ops ep_ops = {
	.xmit = op_xmit,
	.deliver = op_deliver,
	.release = op_release,
	.room = op_room,
	.state_changed = op_state_changed,
	.arm_timer = op_arm_timer,
};

static void check_sendq(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;
	const struct ncp_pkt *pkt, *unsent = NULL;
	/* A BRD is sent once and not kept. */
	u16 num = c->state == CHAOS_BROADCAST_SENT ? c->snd_last : c->snd_rcpt;
	u16 arrived = 0;

	list_for_each_entry(pkt, &c->sendq, list) {
		ep_require(ep, pkt->hdr.num == ++num, "sendq: consecutive after the receipt");
		if (!unsent && chaos_num_after(num, c->snd_last))
			unsent = pkt;
		ep_require(ep, !pkt->tries == !!unsent, "sendq: sent up to snd_last");
		ep_require(ep, pkt->tries || !pkt->arrived, "sendq: only what was sent arrives");
		arrived += pkt->arrived;
	}
	ep_require(ep, (u16)(num + 1) == c->snd_next, "sendq: up to snd_next");
	ep_require(ep, unsent == c->unsent, "sendq: unsent is the first of these");
	ep_require(ep, arrived == c->snd_arrived, "sendq: what has arrived is counted");
}

static void check_early(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;
	u16 num = c->rcv_rcpt + 1, count = 0;
	const struct ncp_pkt *pkt;

	list_for_each_entry(pkt, &c->early, list) {
		ep_require(ep, chaos_num_after(pkt->hdr.num, num), "early: in order, after a gap");
		num = pkt->hdr.num;
		count++;
	}
	ep_require(ep, count == c->rcv_early, "early: counted");
	ep_require(ep, !count || !chaos_num_after(num, c->rcv_limit), "early: within the window");
}

static void check_numbers(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;
	u16 sent = c->snd_last - c->snd_ack;

	ep_require(ep, (u16)(c->snd_rcpt - c->snd_ack) <= sent, "snd_ack <= snd_rcpt <= snd_last");
	ep_require(ep, (u16)(c->snd_next - c->snd_ack - 1) >= sent, "snd_last < snd_next");
	ep_require(ep, (u16)(c->snd_next - c->snd_ack) <= NCP_QUEUE_MAX + 1, "sendq: bounded");
	ep_require(ep, (u16)(c->rcv_read - c->rcv_acked) <= (u16)(c->rcv_rcpt - c->rcv_acked) &&
		   (u16)(c->rcv_rcpt - c->rcv_acked) <= 2 * NCP_WINDOW_MAX,
		   "rcv_acked <= rcv_read <= rcv_rcpt");
	ep_require(ep, c->state == CHAOS_RFC_SENT || c->state == CHAOS_BROADCAST_SENT ||
		   chaos_num_between(c->rcv_rcpt, c->rcv_read, c->rcv_limit),
		   "received within the window");
	ep_require(ep, c->rcv_unread <= 2 * (ep->window_most + 1), "unread: bounded by the window");
	ep_require(ep, c->snd_window <= NCP_WINDOW_MAX, "the peer's window: bounded");
	ep_require(ep, c->cwnd >= NCP_CWND_MIN && c->cwnd <= NCP_WINDOW_MAX, "cwnd: bounded");
}

/* What may go has gone, but for one packet that waits to be filled. */
static void check_unsent(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;
	const struct ncp_pkt *pkt = c->unsent;
	bool window = pkt && !c->opn_wait && (u16)(pkt->hdr.num - c->snd_ack) <= c->snd_window;
	bool cwnd = pkt && (u16)(pkt->hdr.num - c->snd_rcpt - c->snd_arrived) <= c->cwnd;
	bool may_go = window && cwnd && !ep->crowded;

	/* The internal window may have shrunk since it was decided. */
	ep_require(ep, window || !c->holding, "held: only what could go");
	ep_require(ep, c->holding || !may_go, "held: what may go and has not");
	ep_require(ep, c->holding == !!c->hold_due, "held: for a certain time");
	if (!c->holding)
		return;
	ep_require(ep, list_is_last(&pkt->list, &c->sendq), "held: only the last packet");
	ep_require(ep, pkt->hold == NCP_HOLD_BUSY || (pkt->hold > NCP_HOLD_JOIN && is_small(pkt)),
		   "held: only a packet that may be filled");
	ep_require(ep, c->hold_due <= ep->now + NCP_HOLD_TIME, "held: for 200 ms");
}

/* The timer runs when this is due, or as soon as it may. */
static bool timer_serves(const struct endpoint *ep, u64 due)
{
	return !due || ep->timer_at <= max_t(u64, due, ep->last_timer + NCP_TICK);
}

static void check_times(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;
	const struct ncp_times *times = &c->times;

	ep_require(ep, ep->timer_at, "timer: armed while alive");
	ep_require(ep, timer_serves(ep, c->sts_due) && timer_serves(ep, c->hold_due),
		   "timer: early enough");
	ep_require(ep, c->rto >= min(times->rto_min, times->rto_max) && c->rto <= times->rto_max,
		   "rto: bounded");
	ep_require(ep, c->srtt <= ep->rto_most, "srtt: bounded");
	ep_require(ep, !c->sense_due || c->sense <= times->probe, "sense: bounded");
	ep_require(ep, !c->sts_due || c->sts_due <= ep->now + NCP_STS_DELAY, "STS: within 40 ms");
}

/**
 * ep_check() - do all rules hold?
 * @ep: endpoint; the first that does not is in @ep->broken
 */
void ep_check(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;

	if (!ncp_alive(c)) {
		ep_require(ep, !ep->held && list_empty(&c->sendq) && list_empty(&c->early),
			   "nothing is kept after the end");
		ep_require(ep, !c->sts_due && !c->sense_due && !c->hold_due,
			   "nothing is due after the end");
		return;
	}
	check_numbers(ep);
	check_times(ep);
	if (c->state == CHAOS_OPENED)
		check_unsent(ep);
	if (ep->often && ++ep->checks % 64)
		return;
	check_sendq(ep);
	check_early(ep);
}

/*
 * Beginning and end.
 */

/**
 * ep_init() - an endpoint with a closed connection
 * @ep: endpoint, zeroed
 * @window: its receive window
 */
void ep_init(struct endpoint *ep, u16 window)
{
	ncp_init(&ep->ncp, &ep_ops, window);
	ep->ncp.laddr = EP_LADDR;
	ep->ncp.lidx = EP_LIDX;
	ep->ncp.raddr = EP_RADDR;
	ep->now = EP_START;
	ep->window_most = window;
	ep->rto_most = NCP_RTO_MAX;
	INIT_LIST_HEAD(&ep->unread);
}

/**
 * ep_fini() - take it down
 * @ep: endpoint
 *
 * Return: the rule that was broken, or "".
 */
const char *ep_fini(struct endpoint *ep)
{
	struct ncp_pkt *pkt, *tmp;

	ncp_purge(&ep->ncp);
	ep_require(ep, !ep->held, "every packet is given back");
	list_for_each_entry_safe(pkt, tmp, &ep->unread, list)
		packet_free(pkt);
	INIT_LIST_HEAD(&ep->unread);
	return ep->broken ?: "";
}

/*
 * The user.
 */

void ep_connect(struct endpoint *ep, u16 number)
{
	ncp_connect(&ep->ncp, ep_hand_in(ep, packet_op(CHAOS_OP_RFC, "ECHO", 4)), number, ep->now);
	ep_check(ep);
}

/* For answers, or for the first to open, if @ep->ncp.simple is not set. */
void ep_broadcast(struct endpoint *ep, u16 number)
{
	/* Subnet 1, contact TIME. */
	struct ncp_pkt *brd = packet_op(CHAOS_OP_BRD, "\2\0\0\0TIME", 8);

	brd->hdr.ack = 4;
	ep->ncp.raddr = 0;
	ncp_broadcast(&ep->ncp, ep_hand_in(ep, brd), number, ep->now);
	ep_check(ep);
}

static void ep_offer_op(struct endpoint *ep, u8 op, u16 peer_number, u16 number)
{
	const struct chaos_hdr rfc = { .op = op, .num = peer_number };

	if (!ep->ncp.ridx)
		ep->ncp.ridx = EP_RIDX;
	ncp_offer(&ep->ncp, &rfc, number, ep->now);
	ep_check(ep);
}

void ep_offer(struct endpoint *ep, u16 rfc_number, u16 number)
{
	ep_offer_op(ep, CHAOS_OP_RFC, rfc_number, number);
}

void ep_offer_brd(struct endpoint *ep, u16 brd_number, u16 number)
{
	ep_offer_op(ep, CHAOS_OP_BRD, brd_number, number);
}

void ep_accept(struct endpoint *ep)
{
	const u16 words[] = { ep->ncp.rcv_rcpt, ep->ncp.rcv_window };
	__le16 data[2];

	chaos_put_words(data, words, ARRAY_SIZE(words));
	ncp_accept(&ep->ncp, ep_hand_in(ep, packet_op(CHAOS_OP_OPN, data, 4)), ep->now);
	ep_check(ep);
}

void ep_answer(struct endpoint *ep, const char *text)
{
	struct ncp_pkt *ans = packet_op(CHAOS_OP_ANS, text, strlen(text));

	ncp_answer(&ep->ncp, ans, ep->now);
	packet_free(ans);
	ep_check(ep);
}

/**
 * ep_send() - queue data or an EOF
 * @ep: endpoint
 * @op: opcode
 * @data: data
 * @len: its length
 *
 * Return: false if that is not possible now.
 */
bool ep_send(struct endpoint *ep, u8 op, const void *data, u16 len)
{
	LIST_HEAD(pkts);

	if (ep->ncp.state != CHAOS_OPENED || !ncp_may_queue(&ep->ncp))
		return false;
	list_add(&ep_hand_in(ep, packet_op(op, data, len))->list, &pkts);
	ncp_send_list(&ep->ncp, &pkts, ep->now);
	ep_check(ep);
	return true;
}

/**
 * ep_reopen() - begin to add to the last packet
 * @ep: endpoint
 *
 * Return: packet for ep_extend(), or NULL if nothing can be added.
 */
struct ncp_pkt *ep_reopen(struct endpoint *ep)
{
	struct ncp_pkt *pkt = ncp_reopen(&ep->ncp);

	ep_require(ep, !pkt || (!pkt->tries && pkt->hdr.len < CHAOS_DATA_MAX),
		   "reopened: a packet with room that has not gone");
	ep_check(ep);
	return pkt;
}

/**
 * ep_extend() - add to the last packet
 * @ep: endpoint with an open connection
 * @pkt: packet of ep_reopen()
 * @data: data
 * @len: its length, no more than there is room
 * @hold: may it wait for more?
 */
void ep_extend(struct endpoint *ep, struct ncp_pkt *pkt, const void *data, u16 len,
	       enum ncp_hold hold)
{
	packet_append(pkt, data, len);
	ncp_extend(&ep->ncp, pkt, pkt->hdr.len + len, hold, ep->now);
	ep_check(ep);
}

/* Packets that the engine gets at once.  Return: their data. */
static u16 write_batch(struct endpoint *ep, const void *data, u16 len, enum ncp_hold hold)
{
	struct ncp_pkt *pkt;
	unsigned int n = 0;
	u16 done, part;
	LIST_HEAD(pkts);

	for (done = 0; done < len && n < WRITE_BATCH; done += part, n++) {
		part = min_t(u16, len - done, CHAOS_DATA_MAX);
		pkt = ep_hand_in(ep, packet_op(CHAOS_OP_DAT, data + done, part));
		pkt->hold = hold;
		list_add_tail(&pkt->list, &pkts);
	}
	ncp_send_list(&ep->ncp, &pkts, ep->now);
	ep_require(ep, list_empty(&pkts), "written: all in the engine's hands");
	ep_check(ep);
	return done;
}

/**
 * ep_write() - write to a stream, as a socket does
 * @ep: endpoint
 * @data: data
 * @len: its length
 * @hold: may the last packet wait for more?
 *
 * Return: how much was taken.
 */
u16 ep_write(struct endpoint *ep, const void *data, u16 len, enum ncp_hold hold)
{
	struct ncp_pkt *pkt;
	u16 done, part;

	for (done = 0; done < len; done += part) {
		pkt = done ? NULL : ep_reopen(ep);
		if (!pkt && (ep->ncp.state != CHAOS_OPENED || !ncp_may_queue(&ep->ncp)))
			break;
		if (!pkt) {
			part = write_batch(ep, data + done, len - done, hold);
			continue;
		}
		part = min_t(u16, len, CHAOS_DATA_MAX - pkt->hdr.len);
		ep_extend(ep, pkt, data, part, hold);
	}
	return done;
}

void ep_flush(struct endpoint *ep)
{
	ncp_flush(&ep->ncp, ep->now);
	ep_check(ep);
}

static struct ncp_pkt *first_unread(struct endpoint *ep)
{
	return list_first_entry_or_null(&ep->unread, struct ncp_pkt, list);
}

/* CLS and the like are not read from the queue. */
static bool is_readable(const struct ncp_pkt *pkt)
{
	return pkt && (pkt->hdr.op >= CHAOS_OP_DAT || pkt->hdr.op == CHAOS_OP_EOF ||
		       pkt->hdr.op == CHAOS_OP_UNC);
}

/* Packets that are read before the engine hears of it.  Return: how many. */
static unsigned int read_batch(struct endpoint *ep, unsigned int packets)
{
	unsigned int n, most = min(packets, max(ncp_read_quota(&ep->ncp), 1u));
	u16 number = ep->ncp.rcv_read;
	struct ncp_pkt *pkt;

	for (n = 0; n < most && is_readable(pkt = first_unread(ep)); n++) {
		list_del(&pkt->list);
		if (pkt->hdr.op != CHAOS_OP_UNC)
			number = pkt->hdr.num;
		packet_free(pkt);
	}
	if (!n)
		return 0;
	pkt = first_unread(ep);
	ncp_consumed(&ep->ncp, number, pkt && pkt->hdr.op == CHAOS_OP_EOF, n, ep->now);
	ep_check(ep);
	return n;
}

/**
 * ep_read() - read packets, as a socket does
 * @ep: endpoint
 * @packets: how many, if they are there
 *
 * Return: how many there were.
 */
unsigned int ep_read(struct endpoint *ep, unsigned int packets)
{
	unsigned int done = 0, n;

	do {
		n = read_batch(ep, packets - done);
		done += n;
	} while (n && done < packets);
	return done;
}

void ep_set_window(struct endpoint *ep, u16 window)
{
	if (window > ep->window_most)
		ep->window_most = window;
	ncp_set_window(&ep->ncp, window, ep->now);
	ep_check(ep);
}

void ep_set_times(struct endpoint *ep, const struct ncp_times *times)
{
	if (times->rto_max > ep->rto_most)
		ep->rto_most = times->rto_max;
	ncp_set_times(&ep->ncp, times, ep->now);
	ep_check(ep);
}

/**
 * ep_close() - close safely; what is unread is thrown away
 * @ep: endpoint
 */
void ep_close(struct endpoint *ep)
{
	struct ncp_pkt *pkt, *tmp, *eof = NULL;

	list_for_each_entry_safe(pkt, tmp, &ep->unread, list)
		packet_free(pkt);
	INIT_LIST_HEAD(&ep->unread);
	if (ncp_close_needs_eof(&ep->ncp))
		eof = ep_hand_in(ep, packet_op(CHAOS_OP_EOF, NULL, 0));
	ncp_close(&ep->ncp, eof, ep->now);
	ep_check(ep);
}

void ep_abort(struct endpoint *ep)
{
	ncp_abort(&ep->ncp, "Aborted", ep->now);
	ep_check(ep);
}

/*
 * Network and clock.
 */

/**
 * ep_rcv() - a packet arrives
 * @ep: endpoint
 * @hdr: header
 * @data: hdr->len bytes
 *
 * Return: the engine's verdict.
 */
enum ncp_verdict ep_rcv(struct endpoint *ep, const struct chaos_hdr *hdr, const void *data)
{
	enum ncp_verdict verdict;

	ep->repeats = 0;
	verdict = ncp_rcv(&ep->ncp, ep_hand_in(ep, packet_new(hdr, data)), ep->now);
	ep_check(ep);
	return verdict;
}

/**
 * ep_rcv_data() - a packet from the peer
 * @ep: endpoint
 * @op: opcode
 * @num: packet number
 * @ack: acknowledgment
 * @data: data
 * @len: its length
 *
 * Return: the engine's verdict.
 */
enum ncp_verdict ep_rcv_data(struct endpoint *ep, u8 op, u16 num, u16 ack, const void *data,
			     u16 len)
{
	const struct chaos_hdr hdr = {
		.op = op, .len = len, .dst = EP_LADDR, .didx = EP_LIDX,
		.src = EP_RADDR, .sidx = EP_RIDX, .num = num, .ack = ack,
	};

	return ep_rcv(ep, &hdr, data);
}

/**
 * ep_rcv_op() - a packet from the peer, with four bytes of text if it is data
 * @ep: endpoint
 * @op: opcode
 * @num: packet number
 * @ack: acknowledgment
 *
 * Return: the engine's verdict.
 */
enum ncp_verdict ep_rcv_op(struct endpoint *ep, u8 op, u16 num, u16 ack)
{
	bool text = op >= CHAOS_OP_DAT || op == CHAOS_OP_UNC || op == CHAOS_OP_CLS ||
		    op == CHAOS_OP_LOS || op == CHAOS_OP_ANS || op == CHAOS_OP_FWD;

	return ep_rcv_data(ep, op, num, ack, "text", text ? 4 : 0);
}

/**
 * ep_rcv_words() - an OPN or STS from the peer
 * @ep: endpoint
 * @op: opcode
 * @num: packet number
 * @ack: acknowledgment
 * @receipt: first word
 * @window: second word
 *
 * Return: the engine's verdict.
 */
enum ncp_verdict ep_rcv_words(struct endpoint *ep, u8 op, u16 num, u16 ack, u16 receipt,
			      u16 window)
{
	const u16 words[] = { receipt, window };
	__le16 data[2];

	chaos_put_words(data, words, ARRAY_SIZE(words));
	return ep_rcv_data(ep, op, num, ack, data, sizeof(data));
}

/**
 * ep_resume() - the link has room again
 * @ep: endpoint
 */
void ep_resume(struct endpoint *ep)
{
	ep->crowded = false;
	ncp_resume(&ep->ncp, ep->now);
	ep_check(ep);
}

/**
 * ep_timer() - the timer runs, now
 * @ep: endpoint
 */
void ep_timer(struct endpoint *ep)
{
	ep_require(ep, !ep->last_timer || ep->now >= ep->last_timer + NCP_TICK,
		   "timer: one event in 10 ms");
	ep->timer_at = 0;
	ep->last_timer = ep->now;
	ep->repeats = 0;
	ncp_timer(&ep->ncp, ep->now);
	ep_check(ep);
}

/**
 * ep_run() - let time pass, with the timer events in it
 * @ep: endpoint
 * @duration: how much
 */
void ep_run(struct endpoint *ep, u64 duration)
{
	u64 end = ep->now + duration;

	while (ep->timer_at && ep->timer_at <= end) {
		if (ep->timer_at > ep->now)
			ep->now = ep->timer_at;
		ep_timer(ep);
	}
	ep->now = end;
}

/*
 * Shortcuts.
 */

/**
 * ep_open_user() - open, as the one who asked
 * @ep: endpoint, zeroed
 * @window: its window
 * @peer_window: the peer's
 */
void ep_open_user(struct endpoint *ep, u16 window, u16 peer_window)
{
	ep_init(ep, window);
	ep_connect(ep, EP_NUM);
	ep_rcv_words(ep, CHAOS_OP_OPN, EP_PEER_NUM, EP_NUM, EP_NUM, peer_window);
	ep_take(ep);
}

/**
 * ep_open_server() - open, as the one who was asked
 * @ep: endpoint, zeroed
 * @window: its window
 * @peer_window: the peer's
 */
void ep_open_server(struct endpoint *ep, u16 window, u16 peer_window)
{
	ep_init(ep, window);
	ep_offer(ep, EP_PEER_NUM, EP_NUM);
	ep_accept(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, EP_PEER_NUM + 1, EP_NUM, EP_NUM, peer_window);
	ep_take(ep);
}
