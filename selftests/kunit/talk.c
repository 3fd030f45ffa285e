// SPDX-License-Identifier: GPL-2.0-or-later
/* Two users, their engines and the network between them. */

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "talk.h"

/* A packet on its way, as bytes. */
struct flight {
	struct list_head list;
	u64 at;
	int to;
	unsigned int len;
	u8 frame[] __aligned(2);
};

static void talk_require(struct talk *talk, bool condition, const char *rule)
{
	if (!condition && !talk->broken)
		talk->broken = rule;
}

static int side_of(const struct talk *talk, const struct endpoint *ep)
{
	return ep == &talk->user[1].ep;
}

/*
 * The network.
 */

static void flight_enter(struct talk *talk, int from, const struct chaos_hdr *hdr,
			 const u8 *data, u64 at)
{
	unsigned int len = chaos_wire_len(hdr);
	struct flight *flight = kzalloc(sizeof(*flight) + len, GFP_KERNEL);
	struct flight *pos;

	flight->at = at;
	flight->to = !from;
	flight->len = len;
	chaos_hdr_build(flight->frame, hdr);
	if (hdr->len)
		memcpy(flight->frame + CHAOS_HDR_LEN, data, hdr->len);
	list_for_each_entry_reverse(pos, &talk->flight, list)
		if (pos->at <= at)
			break;
	list_add(&flight->list, &pos->list);
}

/* When a packet that leaves now arrives, if nothing happens to it. */
static u64 arrival(struct talk *talk, int from, u8 op)
{
	const struct talk_plan *plan = &talk->plan;
	struct talk_user *user = &talk->user[from];
	u64 at;

	user->link_free = max(user->link_free, talk->now) +
			  (chaos_op_is_data(op) ? plan->packet_time : plan->packet_time / 10);
	at = user->link_free + plan->delay;
	if (plan->jitter)
		at += random_below(&talk->random, plan->jitter);
	user->link_last = max(user->link_last, at);
	return user->link_last;
}

static void transmit(struct talk *talk, int from, const struct chaos_hdr *hdr, const u8 *data)
{
	const struct talk_plan *plan = &talk->plan;
	u64 at = arrival(talk, from, hdr->op);
	unsigned int copies = 1;

	talk->transmitted++;
	talk->questions += hdr->op == CHAOS_OP_SNS;
	if (talk->lose && talk->lose(talk, from, hdr))
		return;
	if (plan->drop && random_chance(&talk->random, plan->drop))
		return;
	if (plan->dup && random_chance(&talk->random, plan->dup))
		copies = 2;
	while (copies--) {
		u64 late = 0;

		if (plan->late && random_chance(&talk->random, plan->late))
			late = random_below(&talk->random, plan->late_by);
		flight_enter(talk, from, hdr, data, at + late);
	}
}

static void hook_transmit(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data)
{
	struct talk *talk = ep->priv;

	transmit(talk, side_of(talk, ep), hdr, data);
}

/* LOS, as the rest of the host sends it (AIM 628 section 4.2). */
static void send_los(struct talk *talk, int from, const struct chaos_hdr *offender)
{
	const struct chaos_hdr los = {
		.op = CHAOS_OP_LOS, .dst = offender->src, .didx = offender->sidx,
		.src = offender->dst, .sidx = offender->didx, .num = offender->ack,
	};

	transmit(talk, from, &los, NULL);
}

static bool los_if_unknown(u8 op)
{
	return op >= CHAOS_OP_DAT || op == CHAOS_OP_EOF || op == CHAOS_OP_STS ||
	       op == CHAOS_OP_OPN || op == CHAOS_OP_SNS;
}

/* An RFC to the server: the first one is taken up. */
static void take_rfc(struct talk *talk, const struct chaos_hdr *hdr)
{
	struct talk_user *user = &talk->user[1];

	if (user->ep.ncp.opened)
		return;
	user->ep.ncp.ridx = hdr->sidx;
	ep_offer(&user->ep, hdr->num, talk->plan.number[1]);
	user->accept_at = talk->now + talk->plan.accept_delay;
}

/* Is a packet in this part of a queue?  Forget what is before it. */
static bool is_ahead(const struct list_head **at, const struct list_head *queue, u16 num)
{
	const struct ncp_pkt *pkt;

	for (; *at != queue; *at = (*at)->next) {
		pkt = list_entry(*at, struct ncp_pkt, list);
		if (!chaos_num_before(pkt->hdr.num, num))
			return pkt->hdr.num == num;
	}
	return false;
}

/* Has the peer what it is believed to have behind a gap? */
static void check_arrived(struct talk *talk, int side)
{
	const struct ncp *peer = &talk->user[!side].ep.ncp;
	const struct ncp *c = &talk->user[side].ep.ncp;
	const struct list_head *at = peer->early.next;
	const struct ncp_pkt *pkt;

	if (!c->snd_arrived || !ncp_alive(peer))
		return;
	list_for_each_entry(pkt, &c->sendq, list)
		if (pkt->arrived && chaos_num_after(pkt->hdr.num, peer->rcv_rcpt))
			talk_require(talk, is_ahead(&at, &peer->early, pkt->hdr.num),
				     "what has arrived is with the peer");
}

static void receive(struct talk *talk, int side, const struct flight *flight)
{
	struct endpoint *ep = &talk->user[side].ep;
	enum ncp_verdict verdict;
	struct chaos_hdr hdr;

	talk_require(talk, chaos_hdr_parse(&hdr, flight->frame, flight->len) == CHAOS_PARSE_OK,
		     "what was built can be parsed");
	if (ncp_alive(&ep->ncp)) {
		verdict = ep_rcv(ep, &hdr, flight->frame + CHAOS_HDR_LEN);
		if (hdr.op == CHAOS_OP_STS)
			check_arrived(talk, side);
		if ((verdict == NCP_NOT_OPEN || verdict == NCP_WRONG_SOURCE) &&
		    los_if_unknown(hdr.op))
			send_los(talk, side, &hdr);
	} else if (hdr.op == CHAOS_OP_RFC) {
		take_rfc(talk, &hdr);
	} else if (los_if_unknown(hdr.op)) {
		send_los(talk, side, &hdr);
	}
}

/*
 * The users.  Item n of a side is an EOF or data: a packet that begins with n, or of
 * a stream a byte that depends on n.
 */

static bool is_eof(const struct talk *talk, u32 n)
{
	return talk->plan.eof_every && (n + 1) % talk->plan.eof_every == 0;
}

static u8 data_op(const struct talk *talk, u32 n)
{
	return talk->plan.holds || n % 3 ? CHAOS_OP_DAT : CHAOS_OP_DWD;
}

static u8 stream_byte(u32 n)
{
	return n ^ n >> 7 ^ n >> 15;
}

static u32 items_in(const struct talk *talk, const struct ncp_pkt *pkt)
{
	return talk->plan.holds && pkt->hdr.op != CHAOS_OP_EOF ? pkt->hdr.len : 1;
}

static void check_data(struct talk *talk, const struct ncp_pkt *pkt, u32 next)
{
	unsigned int i;
	u32 n;

	if (talk->plan.holds) {
		for (i = 0; i < pkt->hdr.len; i++)
			talk_require(talk, !is_eof(talk, next + i) &&
				     pkt->data[i] == stream_byte(next + i),
				     "bytes arrive once and in order");
		talk_require(talk, pkt->hdr.len, "no packet is empty");
		return;
	}
	talk_require(talk, pkt->hdr.len >= 4, "length arrives as sent");
	memcpy(&n, pkt->data, sizeof(n));
	talk_require(talk, n == next, "data arrives once and in order");
}

static void hook_arrived(struct endpoint *ep, const struct ncp_pkt *pkt)
{
	struct talk *talk = ep->priv;
	const struct talk_user *peer = &talk->user[!side_of(talk, ep)];
	struct talk_user *user = &talk->user[side_of(talk, ep)];

	if (pkt->hdr.op < CHAOS_OP_DAT && pkt->hdr.op != CHAOS_OP_EOF)
		return;
	if (user->arrived == peer->sent) {
		talk_require(talk, peer->closed && pkt->hdr.op == CHAOS_OP_EOF,
			     "only the last EOF follows all data");
		return;
	}
	if (is_eof(talk, user->arrived)) {
		talk_require(talk, pkt->hdr.op == CHAOS_OP_EOF && !pkt->hdr.len,
			     "the EOF mark is in its place");
	} else {
		talk_require(talk, pkt->hdr.op == data_op(talk, user->arrived),
			     "opcode arrives as sent");
		check_data(talk, pkt, user->arrived);
	}
	user->arrived += items_in(talk, pkt);
	talk->longest_wait = max(talk->longest_wait, talk->now - talk->data_at);
	talk->data_at = talk->now;
}

/* The link below: in a bad mood now and then. */
static bool hook_room(struct endpoint *ep)
{
	struct talk *talk = ep->priv;
	struct talk_user *user = &talk->user[side_of(talk, ep)];

	if (ep->crowded || !random_chance(&talk->random, talk->plan.busy))
		return !ep->crowded;
	user->resume_at = talk->now + 1 + random_below(&talk->random, talk->plan.busy_for);
	return false;
}

static bool wants_to_write(const struct talk *talk, int side)
{
	const struct talk_user *user = &talk->user[side];
	const struct ncp *c = &user->ep.ncp;

	return user->sent < talk->plan.packets[side] && !user->closed && !user->adding_to &&
	       c->state == CHAOS_OPENED &&
	       (u16)(c->snd_next - c->snd_last - 1) < talk->plan.queue;
}

static void write_packet(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];
	u8 data[12] = {};

	memcpy(data, &user->sent, sizeof(user->sent));
	user->sent += ep_send(&user->ep, data_op(talk, user->sent), data, 4 + user->sent % 9);
}

static enum ncp_hold random_hold(struct talk *talk)
{
	u32 hold;

	do
		hold = random_below(&talk->random, NCP_HOLD_BUSY);
	while (!(talk->plan.holds & 1 << hold));
	return hold;
}

/* Some bytes of a stream, into the buffer.  Return: how many. */
static u16 stream_bytes(struct talk *talk, int side, u32 most)
{
	static const u16 sizes[] = { 1, 16, 16, 16, 200, TALK_WRITE_MAX };
	const struct talk_user *user = &talk->user[side];
	const u32 eof_every = talk->plan.eof_every;
	u32 len, i;

	len = talk->plan.write_size ?:
	      1 + random_below(&talk->random,
			       sizes[random_below(&talk->random, ARRAY_SIZE(sizes))]);
	len = min(len, min(most, talk->plan.packets[side] - user->sent));
	if (eof_every)
		len = min(len, eof_every - 1 - user->sent % eof_every);
	for (i = 0; i < len; i++)
		talk->buffer[i] = stream_byte(user->sent + i);
	return len;
}

/* Now the user adds to the packet, unless the connection has ended. */
static void add_to_packet(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];
	struct ncp_pkt *pkt = user->adding_to;
	u16 len;

	user->adding_to = NULL;
	user->add_at = NEVER;
	if (!pkt || user->ep.ncp.state != CHAOS_OPENED)
		return;
	len = stream_bytes(talk, side, CHAOS_DATA_MAX - pkt->hdr.len);
	ep_extend(&user->ep, pkt, talk->buffer, len, random_hold(talk));
	user->sent += len;
}

static void write_stream(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];
	u16 len;

	/* Copying takes its time, in which much can happen. */
	if (!talk->plan.write_size && random_chance(&talk->random, 100))
		user->adding_to = ep_reopen(&user->ep);
	if (user->adding_to) {
		user->add_at = talk->now + random_below(&talk->random, 5000);
		return;
	}
	len = stream_bytes(talk, side, TALK_WRITE_MAX);
	user->sent += ep_write(&user->ep, talk->buffer, len, random_hold(talk));
	if (!talk->plan.write_size && random_chance(&talk->random, 10))
		ep_flush(&user->ep);
}

static void write_one(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];

	if (is_eof(talk, user->sent))
		user->sent += ep_send(&user->ep, CHAOS_OP_EOF, NULL, 0);
	else if (talk->plan.holds)
		write_stream(talk, side);
	else
		write_packet(talk, side);
}

static void change_window(struct talk *talk, int side)
{
	u16 window = 1 + random_below(&talk->random, 2 * talk->plan.window[side]);

	ep_set_window(&talk->user[side].ep, min_t(u16, window, NCP_WINDOW_MAX));
}

static bool read_one(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];
	struct ncp_pkt *pkt = list_first_entry_or_null(&user->ep.unread, struct ncp_pkt, list);
	u32 items = pkt ? items_in(talk, pkt) : 0;

	if (!ep_read(&user->ep, 1))
		return false;
	user->read += items;
	if (talk->plan.window_change && random_chance(&talk->random, talk->plan.window_change))
		change_window(talk, side);
	return true;
}

/* After whatever happened to a side, its user does what can be done now. */
static void user_acts(struct talk *talk, int side)
{
	const struct talk_plan *plan = &talk->plan;
	struct talk_user *user = &talk->user[side];

	if (!plan->read_every)
		while (read_one(talk, side))
			;
	else if (user->read_at == NEVER && !list_empty(&user->ep.unread))
		user->read_at = talk->now + plan->read_every;
	if (!plan->write_every)
		while (wants_to_write(talk, side))
			write_one(talk, side);
	else if (user->write_at == NEVER && wants_to_write(talk, side))
		user->write_at = talk->now + plan->write_every;
}

static void user_clock(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];

	if (user->accept_at <= talk->now) {
		user->accept_at = NEVER;
		if (user->ep.ncp.state == CHAOS_RFC_RECEIVED)
			ep_accept(&user->ep);
	}
	if (user->resume_at <= talk->now) {
		user->resume_at = NEVER;
		ep_resume(&user->ep);
	}
	if (user->add_at <= talk->now)
		add_to_packet(talk, side);
	if (user->read_at <= talk->now) {
		user->read_at = NEVER;
		read_one(talk, side);
	}
	if (user->write_at <= talk->now) {
		user->write_at = NEVER;
		if (wants_to_write(talk, side))
			write_one(talk, side);
	}
}

/*
 * Time.
 */

static u64 engine_time(const struct talk *talk, const struct talk_user *user)
{
	return talk->timers && user->ep.timer_at ? user->ep.timer_at : NEVER;
}

static u64 user_time(const struct talk_user *user)
{
	u64 next = min(min(user->write_at, user->read_at), user->accept_at);

	return min(next, min(user->add_at, user->resume_at));
}

static struct flight *first_flight(struct talk *talk)
{
	return list_first_entry_or_null(&talk->flight, struct flight, list);
}

/* Return: when something happens next, or NEVER. */
static u64 next_time(struct talk *talk)
{
	struct flight *flight = first_flight(talk);
	u64 next = flight ? flight->at : NEVER;
	int side;

	for (side = 0; side < 2; side++) {
		next = min(next, engine_time(talk, &talk->user[side]));
		next = min(next, user_time(&talk->user[side]));
	}
	return next;
}

/* The one thing that happens now to this side, if any. */
static bool side_acts(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];
	struct flight *flight = first_flight(talk);

	if (flight && flight->to == side && flight->at <= talk->now) {
		list_del(&flight->list);
		receive(talk, side, flight);
		kfree(flight);
	} else if (user_time(user) <= talk->now) {
		user_clock(talk, side);
	} else if (engine_time(talk, user) <= talk->now) {
		talk->timer_events++;
		ep_timer(&user->ep);
	} else {
		return false;
	}
	user_acts(talk, side);
	return true;
}

/* Each packet of data costs a few on the network, never that many. */
static bool too_many(const struct talk *talk)
{
	return talk->transmitted > 20 * (talk->plan.packets[0] + talk->plan.packets[1]) + 10000;
}

/**
 * talk_step() - let the next thing happen
 * @talk: talk
 *
 * Return: false if nothing will ever happen again.
 */
bool talk_step(struct talk *talk)
{
	u64 next = next_time(talk);

	if (next == NEVER || talk->broken)
		return false;
	talk->now = max(talk->now, next);
	talk->user[0].ep.now = talk->now;
	talk->user[1].ep.now = talk->now;
	if (!side_acts(talk, 0))
		side_acts(talk, 1);
	talk_require(talk, !too_many(talk), "packets without end");
	talk_require(talk, !talk->user[0].ep.broken, talk->user[0].ep.broken);
	talk_require(talk, !talk->user[1].ep.broken, talk->user[1].ep.broken);
	return true;
}

/**
 * talk_run() - go on until something is reached
 * @talk: talk
 * @done: has it been reached?
 * @limit: give up after so much time
 *
 * Return: true if it was reached.
 */
bool talk_run(struct talk *talk, bool (*done)(const struct talk *talk), u64 limit)
{
	u64 end = talk->now + limit;

	while (!done(talk)) {
		if (talk->now > end || !talk_step(talk))
			return false;
		cond_resched();
	}
	return true;
}

/**
 * talk_close() - one user closes safely
 * @talk: talk
 * @side: which
 */
void talk_close(struct talk *talk, int side)
{
	add_to_packet(talk, side);
	talk->user[side].closed = true;
	ep_close(&talk->user[side].ep);
}

/* Has each user read all that the other has for it? */
bool talk_all_read(const struct talk *talk)
{
	return talk->user[0].read == talk->plan.packets[1] &&
	       talk->user[1].read == talk->plan.packets[0];
}

static bool all_acked(const struct ncp *c)
{
	return c->state == CHAOS_OPENED && (u16)(c->snd_ack + 1) == c->snd_next;
}

/* And does the other know? */
bool talk_all_acked(const struct talk *talk)
{
	return talk_all_read(talk) && all_acked(&talk->user[0].ep.ncp) &&
	       all_acked(&talk->user[1].ep.ncp);
}

/* Are both engines at their end? */
bool talk_ended(const struct talk *talk)
{
	return !ncp_alive(&talk->user[0].ep.ncp) && !ncp_alive(&talk->user[1].ep.ncp);
}

static void user_init(struct talk *talk, int side)
{
	struct talk_user *user = &talk->user[side];

	ep_init(&user->ep, talk->plan.window[side]);
	user->ep.ncp.rcv_spare = min(talk->plan.spare * talk->plan.window[side],
				     NCP_WINDOW_MAX - talk->plan.window[side]);
	user->ep.window_most += user->ep.ncp.rcv_spare;
	user->ep.quiet = true;
	user->ep.often = true;
	user->ep.transmit = hook_transmit;
	user->ep.arrived = hook_arrived;
	if (talk->plan.busy)
		user->ep.room = hook_room;
	user->ep.priv = talk;
	user->write_at = NEVER;
	user->add_at = NEVER;
	user->read_at = NEVER;
	user->accept_at = NEVER;
	user->resume_at = NEVER;
}

/**
 * talk_init() - begin: side 0 asks for a connection
 * @talk: talk, zeroed
 * @plan: what is to happen
 */
void talk_init(struct talk *talk, const struct talk_plan *plan)
{
	struct ncp *server = talk_ncp(talk, 1);

	talk->plan = *plan;
	talk->now = EP_START;
	talk->data_at = talk->now;
	talk->timers = true;
	random_seed(&talk->random, plan->seed);
	INIT_LIST_HEAD(&talk->flight);
	user_init(talk, 0);
	user_init(talk, 1);
	server->laddr = EP_RADDR;
	server->lidx = EP_RIDX;
	server->raddr = EP_LADDR;
	ep_connect(&talk->user[0].ep, plan->number[0]);
}

/**
 * talk_fini() - take it down
 * @talk: talk
 */
void talk_fini(struct talk *talk)
{
	struct flight *flight, *tmp;
	int side;

	list_for_each_entry_safe(flight, tmp, &talk->flight, list)
		kfree(flight);
	INIT_LIST_HEAD(&talk->flight);
	for (side = 0; side < 2; side++) {
		const char *broken = ep_fini(&talk->user[side].ep);

		talk_require(talk, !*broken, broken);
	}
}
