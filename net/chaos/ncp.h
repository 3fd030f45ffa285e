/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Network Control Program's protocol engine: one end of one connection
 * (AIM 628 chapter 4).
 *
 * Pure: packets and calls come in with the time, packets and events go out
 * through struct ncp_ops.  No socket, lock, allocation or clock inside; the
 * caller serialises.  Also compiled on the host for tests.
 *
 * Times are in microseconds since some moment that never comes again; 0 as a
 * deadline means "none".
 */
#ifndef _NET_CHAOS_NCP_H
#define _NET_CHAOS_NCP_H

#include <linux/list.h>

#include "packet.h"

#define NCP_MS			1000ull
#define NCP_SEC			(1000 * NCP_MS)

#define NCP_TICK		(10 * NCP_MS)	/* between two timer events */
#define NCP_STS_DELAY		(40 * NCP_MS)	/* news to an STS */
#define NCP_HOLD_TIME		(200 * NCP_MS)	/* a packet waits to be filled, at most */
#define NCP_FLIGHT_TIME		(30 * NCP_SEC)	/* what packets take without queues is believed */
#define NCP_RTO_START		(500 * NCP_MS)	/* until a round trip is known */
#define NCP_SENSE_START		(250 * NCP_MS)	/* no progress to SNS, round trip unknown */
#define NCP_SENSE_BLOCKED	(20 * NCP_MS)	/* the same, data waits for the window */
#define NCP_SENSE_QUIET		(100 * NCP_MS)	/* the same, nothing waits */
#define NCP_RESEND_MIN		(33 * NCP_MS)	/* AIM 628: 1/30 s; round trip unknown */
#define NCP_CONNECT_TIMEOUT	(30 * NCP_SEC)	/* RFC without an answer */
#define NCP_PENDING_TIMEOUT	(60 * NCP_SEC)	/* RFC that the server does not decide on */
#define NCP_CLOSE_TIMEOUT	(60 * NCP_SEC)	/* safe close without progress */

/* Defaults of struct ncp_times. */
#define NCP_RTO_MIN		(200 * NCP_MS)
#define NCP_RTO_MAX		(2 * NCP_SEC)
#define NCP_PROBE		(5 * NCP_SEC)
#define NCP_IDLE		(60 * NCP_SEC)
#define NCP_TIMEOUT		(90 * NCP_SEC)

#define NCP_REPEATS		3	/* STS that say the same: the next packet is lost */
#define NCP_RUNS_MAX		8	/* of packets behind a gap, told in an STS */
#define NCP_ACK_EVERY		32	/* packets read to an STS, though the window is larger */

/* What a program that closes its socket says of requests it did not take. */
#define NCP_REFUSED		"Connection refused by server"

#define NCP_LOSS_CREDIT		2	/* losses at the start that need not mean congestion */

#define NCP_WINDOW_DEFAULT	128
#define NCP_WINDOW_MAX		1024
#define NCP_CWND_MIN		2
#define NCP_QUEUE_MAX		16384	/* keeps packet numbers comparable */

/**
 * struct ncp_times - times that a user may choose, in microseconds
 * @rto_min: shortest retransmission timeout
 * @rto_max: longest, back-off included
 * @probe: between probes of a silent peer
 * @idle: silence before probes begin, when nothing is outstanding
 * @timeout: silence that ends the connection: Incomplete
 */
struct ncp_times {
	u32 rto_min;
	u32 rto_max;
	u32 probe;
	u32 idle;
	u32 timeout;
};

/* May a data packet that nothing follows yet wait to be filled? */
enum ncp_hold {
	NCP_HOLD_NOT,
	NCP_HOLD_JOIN,		/* no, but until it goes more may join it */
	NCP_HOLD_PARTIAL,	/* while another such is under way */
	NCP_HOLD_MORE,		/* the user will send more */
	NCP_HOLD_BUSY,		/* between ncp_reopen() and ncp_extend() */
};

/**
 * struct ncp_pkt - a packet in the engine's hands
 * @list: in a queue of whoever owns it
 * @data: @hdr.len bytes, 2-byte aligned
 * @hdr: its header; addresses and indices are set when it is transmitted
 * @sent: low 32 bits of the time of its last transmission
 * @tries: transmissions so far, at most 255
 * @hold: enum ncp_hold
 * @owners: for whoever owns the packets, not looked at
 * @arrived: the peer has it, behind a gap
 */
struct ncp_pkt {
	struct list_head list;
	const u8 *data;
	struct chaos_hdr hdr;
	u32 sent;
	u8 tries;
	u8 hold;
	u8 owners;
	bool arrived;
};

struct ncp;

/**
 * struct ncp_ops - the engine's only way out
 * @xmit: transmit a packet with this header and hdr->len bytes of @data.
 *	@pkt is the queued packet that holds the data, which stays the
 *	engine's, or NULL when @data is good only during the call
 * @deliver: a packet for the user, in order: data, EOF, UNC, and what ends
 *	the connection: CLS, LOS, ANS, FWD.  Ownership passes
 * @release: a packet that is not needed any more.  Ownership passes
 * @room: may one more data packet go, or is the link busy with ours?  When the
 *	answer was no, ncp_resume() is called in time.  NULL: always
 * @state_changed: ncp.state is new
 * @arm_timer: call ncp_timer() at this time, which is earlier than what was asked for
 *	before
 */
struct ncp_ops {
	void (*xmit)(struct ncp *c, const struct chaos_hdr *hdr, const u8 *data,
		     struct ncp_pkt *pkt);
	void (*deliver)(struct ncp *c, struct ncp_pkt *pkt);
	void (*release)(struct ncp *c, struct ncp_pkt *pkt);
	bool (*room)(struct ncp *c);
	void (*state_changed)(struct ncp *c);
	void (*arm_timer)(struct ncp *c, u64 when);
};

/* How a connection came to its end. */
enum ncp_end {
	NCP_END_NONE,
	NCP_END_LOCAL,		/* we closed it */
	NCP_END_CLEAN,		/* CLS after everything had arrived */
	NCP_END_BROKEN,		/* any other CLS of an open connection */
	NCP_END_LOST,		/* LOS */
	NCP_END_REFUSED,	/* CLS instead of OPN */
	NCP_END_ANSWERED,	/* ANS instead of OPN */
	NCP_END_FORWARDED,	/* FWD instead of OPN */
	NCP_END_NOT_SIMPLE,	/* OPN instead of ANS */
	NCP_END_UNREACHABLE,	/* the next hop is not there */
	NCP_END_TIMEOUT,	/* the peer is silent */
};

/* What became of a received packet; for counters and for sending LOS. */
enum ncp_verdict {
	NCP_ACCEPTED,
	NCP_DUPLICATE,
	NCP_BEYOND_WINDOW,
	NCP_MALFORMED,
	NCP_WRONG_STATE,	/* no LOS is given */
	NCP_NOT_OPEN,		/* LOS is given */
	NCP_WRONG_SOURCE,	/* LOS is given */
};

struct ncp_counters {
	u64 pkts_sent, pkts_rcvd;
	u64 bytes_sent, bytes_rcvd;
	u64 retrans, dups, ooo, gaps, beyond_window;
};

/*
 * struct ncp - one end of a connection
 *
 * Packet numbers of what we send, in order:
 * snd_ack <= snd_rcpt <= snd_last < snd_next, where snd_ack is read by the
 * peer's user, snd_rcpt has arrived there, snd_last was transmitted and
 * snd_next is free.  Of what we receive: rcv_acked <= rcv_read <= rcv_rcpt,
 * where rcv_acked is the last acknowledgment we sent, rcv_read is read by our
 * user, rcv_rcpt has arrived in order.
 */
struct ncp {
	const struct ncp_ops *ops;
	u8 state;			/* enum chaos_state */
	u8 end;				/* enum ncp_end */
	bool was_open;			/* what it brought can be read */
	bool asked;			/* we began, with RFC or BRD */
	bool broadcast;			/* the peer began with BRD */
	bool simple;			/* wants ANS, not OPN */
	bool closing;			/* the user is gone: safe close */
	bool need_eof;			/* data was queued after the last EOF */
	bool rcv_eof;			/* the last packet in order was EOF */
	bool opn_wait;			/* our OPN is not receipted: hold back data */
	bool recovering;		/* packets up to snd_recover are being repaired */
	bool reduced;			/* and the window was made smaller for it */
	bool holding;			/* only held packets are unsent */
	bool sense_clear;		/* no other STS was expected when the SNS went */
	u16 laddr, lidx, raddr, ridx;	/* raddr is 0 until a broadcast is answered */
	u16 snd_asked;			/* snd_last when we last sent SNS */
	const char *farewell;		/* reason in our CLS, or NULL for the usual ones */
	struct ncp_times times;
	u32 rto;			/* us: the present retransmission timeout */

	struct list_head sendq;		/* not receipted, by number */
	struct ncp_pkt *unsent;		/* first in sendq never transmitted */
	u16 snd_next, snd_last, snd_rcpt, snd_ack;
	u16 snd_small;			/* last packet sent that had room for more */
	u16 snd_window;			/* the peer's */
	u16 cwnd, cwnd_gain;		/* our own limit on what is not receipted */
	u16 snd_recover;
	u16 snd_arrived;		/* so many of sendq have arrived, behind a gap */
	u32 sense;			/* us: present interval of SNS */

	struct list_head early;		/* arrived out of order, by number */
	u16 rcv_rcpt, rcv_read, rcv_acked;
	u16 rcv_limit;			/* last number our window ever allowed */
	u16 rcv_window;			/* offered while nothing is missing */
	u16 rcv_spare;			/* so many more while something is, as others arrive */
	u16 rcv_edge;			/* last number that it allows, as far as told */
	u16 rcv_widest;			/* the widest that the peer was told */
	u16 rcv_unread;			/* delivered and not consumed */
	u16 rcv_early;			/* length of early */
	u16 told_rcpt, told_window;	/* what the peer was told of rcv_rcpt, and as window */

	u8 told_gap:3;			/* how often the gap after rcv_rcpt was reported */
	u8 sns_owed:3;			/* SNS that may still be answered */
	u8 repeats:2;			/* STS in a row that brought nothing new, unasked */
	u8 backoff;			/* doublings of the retransmission timeout */
	u8 loss_credit;			/* losses that need not mean congestion */
	u8 loss_gain;			/* arrived packets that it does not count yet */
	u32 srtt, rttvar;		/* us; srtt 0: unknown */
	u32 flight;			/* us: sending to receipt lately, queues included */
	u32 newest;			/* us: the same of this STS, 0: unknown */
	u32 flight_min;			/* us: the least of it: without queues, 0: unknown */
	u32 flight_since;		/* when that was measured */
	u32 last_repair;		/* when a packet was last sent again */
	u64 sense_start;		/* when the unanswered SNS went, 0: none */
	u64 opened, last_rx, last_tx, last_progress;
	u64 sts_due, sense_due, hold_due, last_timer;
	u64 armed;			/* the next timer event, 0: none */

	struct ncp_counters count;
};

void ncp_init(struct ncp *c, const struct ncp_ops *ops, u16 window);
void ncp_connect(struct ncp *c, struct ncp_pkt *rfc, u16 number, u64 now);
void ncp_broadcast(struct ncp *c, struct ncp_pkt *brd, u16 number, u64 now);
void ncp_offer(struct ncp *c, const struct chaos_hdr *rfc, u16 number, u64 now);
void ncp_accept(struct ncp *c, struct ncp_pkt *opn, u64 now);
void ncp_answer(struct ncp *c, struct ncp_pkt *ans, u64 now);
void ncp_forward(struct ncp *c, u16 host, const char *contact, u16 len, u64 now);

bool ncp_may_queue(const struct ncp *c);
void ncp_send_list(struct ncp *c, struct list_head *pkts, u64 now);
struct ncp_pkt *ncp_reopen(struct ncp *c);
void ncp_extend(struct ncp *c, struct ncp_pkt *pkt, u16 len, enum ncp_hold hold, u64 now);
void ncp_flush(struct ncp *c, u64 now);
void ncp_resume(struct ncp *c, u64 now);
unsigned int ncp_read_quota(const struct ncp *c);
void ncp_consumed(struct ncp *c, u16 number, bool eof_next, unsigned int packets, u64 now);
void ncp_set_times(struct ncp *c, const struct ncp_times *times, u64 now);
void ncp_set_window(struct ncp *c, u16 window, u64 now);

bool ncp_close_needs_eof(const struct ncp *c);
void ncp_close(struct ncp *c, struct ncp_pkt *eof, u64 now);
void ncp_abort(struct ncp *c, const char *reason, u64 now);
void ncp_forget(struct ncp *c);
void ncp_unreachable(struct ncp *c);

enum ncp_verdict ncp_rcv(struct ncp *c, struct ncp_pkt *pkt, u64 now);
void ncp_timer(struct ncp *c, u64 now);
void ncp_purge(struct ncp *c);
void ncp_info(const struct ncp *c, struct chaos_info *info, u64 now);

/* Is the connection one that packets can belong to? */
static inline bool ncp_alive(const struct ncp *c)
{
	return c->state == CHAOS_RFC_RECEIVED || c->state == CHAOS_RFC_SENT ||
	       c->state == CHAOS_OPENED || c->state == CHAOS_BROADCAST_SENT;
}

/* May packets still come for a connection that has ended? */
static inline bool ncp_may_echo(const struct ncp *c)
{
	bool answered = c->end == NCP_END_REFUSED || c->end == NCP_END_ANSWERED ||
			c->end == NCP_END_FORWARDED;

	return c->was_open || c->count.retrans || (c->asked && !answered);
}

/* Was the peer told by a CLS of ours?  What it sent before it heard of it needs no LOS. */
static inline bool ncp_has_told(const struct ncp *c)
{
	return c->was_open && c->end == NCP_END_LOCAL;
}

/* Between the files of the engine. */
void ncp_set_state(struct ncp *c, enum chaos_state state, enum ncp_end end);
void ncp_set_peer_number(struct ncp *c, u16 number);
void ncp_xmit(struct ncp *c, u8 op, const u8 *data, u16 len, u64 now);
u16 ncp_offered(const struct ncp *c);
void ncp_send_sts(struct ncp *c, u64 now);
void ncp_send_sns(struct ncp *c, u64 now);
void ncp_push(struct ncp *c, u64 now);
void ncp_set_rto(struct ncp *c);
void ncp_take_ack(struct ncp *c, u16 ack, u64 now);
void ncp_loss_gain(struct ncp *c, u16 arrived);
unsigned int ncp_put_runs(const struct ncp *c, u16 *words);
void ncp_take_runs(struct ncp *c, const u8 *data, unsigned int len, u16 receipt);
void ncp_take_sts(struct ncp *c, u16 ack, u16 receipt, u16 window, u64 now);
void ncp_retransmit(struct ncp *c, u64 now);
enum ncp_verdict ncp_rcv_controlled(struct ncp *c, struct ncp_pkt *pkt, u64 now);
enum ncp_verdict ncp_rcv_unc(struct ncp *c, struct ncp_pkt *pkt);
void ncp_schedule(struct ncp *c, u64 now);
void ncp_end_close(struct ncp *c, u64 now);
void ncp_closing_step(struct ncp *c, u64 now);

#endif /* _NET_CHAOS_NCP_H */
