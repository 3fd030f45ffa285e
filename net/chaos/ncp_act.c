// SPDX-License-Identifier: GPL-2.0-only
/*
 * NCP engine: what each packet does in each state (AIM 628 chapter 4).
 *
 * One function per action, one table entry per state and packet.  Each action takes
 * over the packet.
 */

#include <linux/kernel.h>
#include <linux/string.h>

#include "ncp.h"

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

/* OPN to an RFC or BRD of ours: data are receipt and window (AIM 628 section 4.1).
 * The first to answer a broadcast becomes the peer.
 */
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
	c->raddr = pkt->hdr.src;
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

/* OPN again: our STS was lost (AIM 628 section 4.1). */
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

/* LOS in an open connection.  When all has been said and the peer has ended with EOF,
 * its CLS was lost, as AIM 628 section 4.4 expects of it; then nothing else is.
 */
static enum ncp_verdict act_broken(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	bool done = c->rcv_eof && list_empty(&c->early) && (u16)(c->snd_ack + 1) == c->snd_next;

	c->ops->deliver(c, pkt);
	ncp_set_state(c, CHAOS_LOST, done ? NCP_END_CLEAN : NCP_END_LOST);
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

/* STS: data are receipt and window (AIM 628 section 4.2), and perhaps runs. */
static enum ncp_verdict act_sts(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	u16 receipt;

	if (pkt->hdr.len < 4) {
		c->ops->release(c, pkt);
		return NCP_MALFORMED;
	}
	receipt = chaos_get_word(pkt->data, 0);
	ncp_take_runs(c, pkt->data + 4, pkt->hdr.len - 4, receipt);
	ncp_take_sts(c, pkt->hdr.ack, receipt, chaos_get_word(pkt->data, 1), now);
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

/* An answer to a broadcast: there may be more (AIM 628 section 4.5).  A stream waits
 * for OPN only.
 */
static enum ncp_verdict act_one_answer(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	if (!c->simple)
		return act_drop(c, pkt, now);
	c->ops->deliver(c, pkt);
	return NCP_ACCEPTED;
}

/* OPN to a broadcast: who wanted answers only has no use for it. */
static enum ncp_verdict act_first_opens(struct ncp *c, struct ncp_pkt *pkt, u64 now)
{
	return c->simple ? act_los(c, pkt, now) : act_opened(c, pkt, now);
}

typedef enum ncp_verdict ncp_action(struct ncp *c, struct ncp_pkt *pkt, u64 now);

/* Columns are opcodes; all data opcodes share one. */
#define COL_DATA	(CHAOS_OP_BRD + 1)

/* Sections are those of AIM 628.  RUT, MNT and LSN never get here.  For states in
 * which there is no connection see gone[].
 */
static ncp_action * const actions[][COL_DATA + 1] = {
	[CHAOS_RFC_RECEIVED] = {
		[CHAOS_OP_RFC] = act_dup,		/* 4.1 RFC: pending, discard */
		[CHAOS_OP_OPN] = act_drop,		/* 4.2 LOS: none for OPN */
		[CHAOS_OP_CLS] = act_withdrawn,		/* 4.1 CLS */
		[CHAOS_OP_FWD] = act_drop,		/* 4.1 FWD answers an RFC of ours */
		[CHAOS_OP_ANS] = act_drop,		/* 4.1 ANS likewise */
		[CHAOS_OP_SNS] = act_drop,		/* 4.2 LOS: none for SNS */
		[CHAOS_OP_STS] = act_los,		/* 4.2 LOS: not open */
		[CHAOS_OP_LOS] = act_lost,		/* 4.2 LOS: both ends match */
		[CHAOS_OP_EOF] = act_los,		/* 4.2 LOS: not open */
		[CHAOS_OP_UNC] = act_drop,		/* 4.3 UNC may be discarded */
		[CHAOS_OP_BRD] = act_dup,		/* 4.5 BRD: as RFC */
		[COL_DATA]     = act_los,		/* 4.2 LOS: not open */
	},
	[CHAOS_RFC_SENT] = {
		[CHAOS_OP_RFC] = act_drop,		/* 4.1: crossing RFCs are two requests */
		[CHAOS_OP_OPN] = act_opened,		/* 4.1 OPN */
		[CHAOS_OP_CLS] = act_not_opened,	/* 4.1 CLS: refusal */
		[CHAOS_OP_FWD] = act_not_opened,	/* 4.1 FWD */
		[CHAOS_OP_ANS] = act_not_opened,	/* 4.1 ANS: simple transaction */
		[CHAOS_OP_SNS] = act_drop,		/* 4.2 LOS: none for SNS */
		[CHAOS_OP_STS] = act_los,		/* 4.2 LOS: not open */
		[CHAOS_OP_LOS] = act_lost,		/* 4.2 LOS: both ends match */
		[CHAOS_OP_EOF] = act_los,		/* 4.2 LOS: not open */
		[CHAOS_OP_UNC] = act_drop,		/* 4.3 UNC may be discarded */
		[CHAOS_OP_BRD] = act_drop,		/* as RFC */
		[COL_DATA]     = act_los,		/* 4.2 LOS: not open */
	},
	[CHAOS_BROADCAST_SENT] = {
		[CHAOS_OP_RFC] = act_drop,		/* as in RFC-sent */
		[CHAOS_OP_OPN] = act_first_opens,	/* 4.5 the first OPN wins */
		[CHAOS_OP_CLS] = act_one_answer,	/* 4.5 a true negative response */
		[CHAOS_OP_FWD] = act_one_answer,	/* 4.5 likewise readable */
		[CHAOS_OP_ANS] = act_one_answer,	/* 4.5 any number */
		[CHAOS_OP_SNS] = act_drop,		/* 4.2 LOS: none for SNS */
		[CHAOS_OP_STS] = act_los,		/* 4.2 LOS: not open */
		[CHAOS_OP_LOS] = act_drop,		/* 4.2 LOS: there is no other end */
		[CHAOS_OP_EOF] = act_los,		/* 4.2 LOS: not open */
		[CHAOS_OP_UNC] = act_drop,		/* 4.3 UNC may be discarded */
		[CHAOS_OP_BRD] = act_drop,		/* as RFC */
		[COL_DATA]     = act_los,		/* 4.2 LOS: not open */
	},
	[CHAOS_OPENED] = {
		[CHAOS_OP_RFC] = act_dup,		/* 4.1 RFC: open, discard */
		[CHAOS_OP_OPN] = act_opn_again,		/* 4.1 OPN: discard, send STS */
		[CHAOS_OP_CLS] = act_closed,		/* 4.1 CLS */
		[CHAOS_OP_FWD] = act_drop,		/* 4.1 FWD answers an RFC only */
		[CHAOS_OP_ANS] = act_drop,		/* 4.1 ANS likewise */
		[CHAOS_OP_SNS] = act_sns,		/* 4.2 SNS: send STS */
		[CHAOS_OP_STS] = act_sts,		/* 4.2 STS */
		[CHAOS_OP_LOS] = act_broken,		/* 4.2 LOS: breaks the connection */
		[CHAOS_OP_EOF] = act_data,		/* 4.4 EOF is controlled */
		[CHAOS_OP_UNC] = act_unc,		/* 4.3 UNC */
		[CHAOS_OP_BRD] = act_dup,		/* 4.5 BRD: as RFC */
		[COL_DATA]     = act_data,		/* 4.3 DAT */
	},
};

/* Closed, Lost, Incomplete: not found any more, but for a packet that came just now. */
static ncp_action * const gone[COL_DATA + 1] = {
	[CHAOS_OP_RFC] = act_drop,			/* it will come again, as a new one */
	[CHAOS_OP_OPN] = act_los,			/* 4.2 LOS: no such connection */
	[CHAOS_OP_CLS] = act_drop,			/* 4.2 LOS: none for CLS */
	[CHAOS_OP_FWD] = act_drop,			/* 4.1 FWD may be lost */
	[CHAOS_OP_ANS] = act_drop,			/* 4.5 surplus answers are discarded */
	[CHAOS_OP_SNS] = act_los,			/* 4.2 LOS: no such connection */
	[CHAOS_OP_STS] = act_los,			/* 4.2 LOS: likewise */
	[CHAOS_OP_LOS] = act_drop,			/* 4.2 LOS: none for LOS */
	[CHAOS_OP_EOF] = act_los,			/* 4.2 LOS: no such connection */
	[CHAOS_OP_UNC] = act_drop,			/* 4.3 UNC may be discarded */
	[CHAOS_OP_BRD] = act_drop,			/* as RFC */
	[COL_DATA]     = act_los,			/* 4.2 LOS: no such connection */
};

static bool ncp_source_matches(const struct ncp *c, const struct chaos_hdr *hdr)
{
	if (c->state == CHAOS_BROADCAST_SENT)
		return true;
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
	ncp_action *act = NULL;
	enum ncp_verdict verdict;

	if (!ncp_source_matches(c, &pkt->hdr)) {
		c->ops->release(c, pkt);
		return NCP_WRONG_SOURCE;
	}
	c->count.pkts_rcvd++;
	/* A repeated RFC or BRD says that the peer knows nothing of an open connection. */
	if ((op != CHAOS_OP_RFC && op != CHAOS_OP_BRD) || c->state != CHAOS_OPENED)
		c->last_rx = now;
	if (col <= COL_DATA)
		act = ncp_alive(c) ? actions[c->state][col] : gone[col];
	verdict = (act ?: act_drop)(c, pkt, now);
	ncp_closing_step(c, now);
	ncp_schedule(c, now);
	return verdict;
}
