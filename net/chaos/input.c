// SPDX-License-Identifier: GPL-2.0-only
/* The way in: validate, then to the connection, the listener, the channel or nowhere. */

#include <linux/skbuff.h>

#include "broadcast.h"
#include "conn.h"
#include "foreign.h"
#include "forward.h"
#include "index.h"
#include "input.h"
#include "listen.h"
#include "reply.h"
#include "route.h"
#include "rut.h"
#include "seen.h"
#include "skb.h"
#include "stats.h"

/* What the parser found wrong: our counter, the link's, and LOS if it is due. */
static const struct {
	enum chaos_stat stat;
	int link_stat;
	const char *los;
} parse_errors[] = {
	[CHAOS_PARSE_SHORT]	= { CHAOS_STAT_DROP_SHORT, CHAOS_LINK_STAT_BADLEN },
	[CHAOS_PARSE_TRUNCATED]	= { CHAOS_STAT_DROP_TRUNCATED, CHAOS_LINK_STAT_BADLEN },
	[CHAOS_PARSE_TOO_LONG]	= { CHAOS_STAT_DROP_TOO_LONG, CHAOS_LINK_STAT_BADLEN,
				    "Byte count over 488" },
	[CHAOS_PARSE_RESERVED]	= { CHAOS_STAT_DROP_RESERVED, CHAOS_LINK_STAT_REJECTED },
};

/* Can the source of this packet be told that it is wrong? */
static bool rcv_may_complain(struct chaos_net *cn, const struct chaos_hdr *hdr)
{
	return chaos_addr_is_host(hdr->src) && chaos_addr_is_local(cn, hdr->dst) &&
	       !chaos_addr_is_local(cn, hdr->src);
}

static void rcv_parse_error(struct chaos_iface *iface, struct sk_buff *skb,
			    enum chaos_parse error, const struct chaos_hdr *hdr)
{
	struct chaos_net *cn = iface->cn;

	chaos_iface_count(iface, parse_errors[error].link_stat, 1);
	if (parse_errors[error].los && rcv_may_complain(cn, hdr))
		chaos_reply_los(cn, hdr, parse_errors[error].los);
	chaos_drop(cn, skb, parse_errors[error].stat,
		   error == CHAOS_PARSE_SHORT ? NULL : hdr);
}

static void rcv_reject(struct chaos_iface *iface, struct sk_buff *skb, enum chaos_stat reason,
		       const struct chaos_hdr *hdr)
{
	chaos_iface_count(iface, CHAOS_LINK_STAT_REJECTED, 1);
	chaos_drop(iface->cn, skb, reason, hdr);
}

/* Nobody has the connection this packet is for (AIM 628 section 4.2).  LOS must not
 * overtake a CLS, which another CPU may be sending: who sends the packet again, having
 * heard nothing, gets it then.
 */
static void rcv_stray(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr *hdr = &chaos_pkt(skb)->hdr;

	switch (hdr->op) {
	case CHAOS_OP_OPN:
	case CHAOS_OP_SNS:
	case CHAOS_OP_STS:
	case CHAOS_OP_EOF:
	case CHAOS_OP_DAT ... 0377:
		if (!chaos_index_told(cn, hdr->didx))
			chaos_reply_los(cn, hdr, "No such connection");
		break;
	}
	chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_CONN, hdr);
}

/* A packet for one of our addresses. */
static void rcv_local(struct chaos_iface *iface, struct sk_buff *skb)
{
	const struct chaos_hdr *hdr = &chaos_pkt(skb)->hdr;
	struct chaos_net *cn = iface->cn;

	if (!chaos_op_defined(hdr->op)) {
		chaos_reply_los(cn, hdr, "Undefined opcode");
		chaos_drop(cn, skb, CHAOS_STAT_DROP_OPCODE, hdr);
		return;
	}
	chaos_count(cn, CHAOS_STAT_DELIVERED);
	switch (hdr->op) {
	case CHAOS_OP_RFC:
		chaos_listen_rcv(cn, skb);
		break;
	case CHAOS_OP_BRD:	/* nobody's: its destination should be 0 */
		chaos_drop(cn, skb, CHAOS_STAT_DROP_BROADCAST, hdr);
		break;
	case CHAOS_OP_RUT:
		chaos_rut_rcv(iface, skb);
		break;
	case CHAOS_OP_MNT:
		chaos_drop(cn, skb, CHAOS_STAT_DROP_MNT, hdr);
		break;
	default:
		if (chaos_conn_rcv(cn, skb))
			break;
		if (hdr->op == CHAOS_OP_UNC)
			chaos_foreign_rcv(cn, skb);
		else
			rcv_stray(cn, skb);
	}
}

/* A packet for everybody on the link: nothing is ever answered with LOS. */
static void rcv_broadcast(struct chaos_iface *iface, struct sk_buff *skb)
{
	struct chaos_net *cn = iface->cn;
	const struct chaos_hdr *hdr = &chaos_pkt(skb)->hdr;

	if (!chaos_op_defined(hdr->op))
		chaos_drop(cn, skb, CHAOS_STAT_DROP_OPCODE, hdr);
	else if (hdr->op == CHAOS_OP_RUT)
		chaos_rut_rcv(iface, skb);
	else if (hdr->op == CHAOS_OP_BRD)
		chaos_broadcast_rcv(iface, skb);
	else
		chaos_drop(cn, skb, CHAOS_STAT_DROP_BROADCAST, hdr);
}

/* What is private stays on its subnet, and nothing else goes there. */
static bool rcv_private_elsewhere(const struct chaos_iface *iface, const struct chaos_hdr *hdr)
{
	u8 here = chaos_subnet(READ_ONCE(iface->addr)), from = chaos_subnet(hdr->src);
	u8 to = hdr->dst ? chaos_subnet(hdr->dst) : here;

	if (!chaos_subnet_is_private(iface->cn, from) &&
	    !chaos_subnet_is_private(iface->cn, to) && !chaos_subnet_is_private(iface->cn, here))
		return false;
	return from != to || from != here;
}

/* What is wrong with a packet's addresses; 0 if nothing is.  On lo all is ours. */
static enum chaos_stat rcv_check_addrs(struct chaos_iface *iface, const struct chaos_hdr *hdr)
{
	if (!chaos_addr_is_host(hdr->src))
		return CHAOS_STAT_DROP_SRC_ZERO;
	if (iface->dev->flags & IFF_LOOPBACK)
		return 0;
	if (chaos_addr_is_local(iface->cn, hdr->src))
		return CHAOS_STAT_DROP_SRC_SELF;
	if (rcv_private_elsewhere(iface, hdr))
		return CHAOS_STAT_DROP_PRIVATE;
	return 0;
}

/**
 * chaos_rcv() - take a packet from a link
 * @iface: the link
 * @skb: not shared, starts with the Chaosnet header, may be longer than the
 *	packet; consumed
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_rcv(struct chaos_iface *iface, struct sk_buff *skb)
{
	struct chaos_net *cn = iface->cn;
	enum chaos_parse error;
	enum chaos_stat reason;
	struct chaos_hdr hdr;
	bool local;

	chaos_count(cn, CHAOS_STAT_RX);
	chaos_iface_count(iface, CHAOS_LINK_STAT_RECEIVED, 1);
	chaos_iface_count(iface, CHAOS_LINK_STAT_RX_BYTES, skb->len);
	skb_orphan(skb);

	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, CHAOS_PKT_MAX))) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_MEMORY, NULL);
		return;
	}
	error = chaos_hdr_parse(&hdr, skb->data, skb->len);
	if (error) {
		rcv_parse_error(iface, skb, error, &hdr);
		return;
	}
	reason = rcv_check_addrs(iface, &hdr);
	if (reason) {
		rcv_reject(iface, skb, reason, &hdr);
		return;
	}
	if (!(iface->dev->flags & IFF_LOOPBACK))
		chaos_seen_note(iface, skb, &hdr);
	if (pskb_trim(skb, chaos_wire_len(&hdr))) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_MEMORY, &hdr);
		return;
	}
	local = hdr.dst && (hdr.dst == READ_ONCE(iface->addr) || chaos_addr_is_local(cn, hdr.dst));
	if (hdr.dst && !local) {
		chaos_forward(iface, skb, &hdr);
		return;
	}
	__skb_pull(skb, CHAOS_HDR_LEN);
	*chaos_pkt(skb) = (struct ncp_pkt) { .data = skb->data, .hdr = hdr };

	if (local)
		rcv_local(iface, skb);
	else
		rcv_broadcast(iface, skb);
}

/**
 * chaos_rcv_unreachable() - a link could not find the next hop of a packet
 * @cn: namespace
 * @skb: starts with the Chaosnet header; consumed
 *
 * Counts the drop, and tells the connection if the packet was ours.
 *
 * Context: any but hard interrupts, no locks that output takes.
 */
void chaos_rcv_unreachable(struct chaos_net *cn, struct sk_buff *skb)
{
	struct chaos_hdr hdr;

	if (chaos_hdr_parse(&hdr, skb->data, skb_headlen(skb)) != CHAOS_PARSE_OK) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_NEIGH, NULL);
		return;
	}
	if (chaos_addr_is_local(cn, hdr.src))
		chaos_conn_unreachable(cn, &hdr);
	chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_NEIGH, &hdr);
}
