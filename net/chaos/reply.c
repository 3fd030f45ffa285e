// SPDX-License-Identifier: GPL-2.0-only
/* Stateless, rate limited answers of the host. */

#include <linux/jiffies.h>
#include <linux/string.h>

#include "output.h"
#include "reply.h"
#include "skb.h"
#include "stats.h"

/* Answers that may go at once. */
static u32 reply_burst(int rate)
{
	return DIV_ROUND_UP(rate, 4);
}

/**
 * chaos_reply_net_init() - for a new namespace
 * @cn: namespace
 */
void chaos_reply_net_init(struct chaos_net *cn)
{
	unsigned int i;

	spin_lock_init(&cn->reply_lock);
	for (i = 0; i < ARRAY_SIZE(cn->replies); i++) {
		cn->replies[i].stamp = jiffies;
		cn->replies[i].credit = reply_burst(cn->conf.reply_rate);
	}
}

/**
 * chaos_reply_allowed() - may one more answer go to this host?
 * @cn: namespace
 * @src: the host
 *
 * A token bucket; hosts with the same hash share it.  A refusal is counted.
 */
bool chaos_reply_allowed(struct chaos_net *cn, u16 src)
{
	int rate = READ_ONCE(cn->conf.reply_rate);
	struct chaos_reply_bucket *b;
	unsigned long now = jiffies;
	bool allowed = false;
	u64 gain;

	b = &cn->replies[chaos_hash_addr(src) % ARRAY_SIZE(cn->replies)];
	spin_lock_bh(&cn->reply_lock);
	gain = (u64)(now - b->stamp) * rate / HZ;
	if (gain) {
		b->credit = min_t(u64, b->credit + gain, reply_burst(rate));
		b->stamp = now;
	}
	if (b->credit) {
		b->credit--;
		allowed = true;
	}
	spin_unlock_bh(&cn->reply_lock);
	if (!allowed)
		chaos_count(cn, CHAOS_STAT_DROP_RATE_LIMIT);
	return allowed;
}

/* @skb has the data, described in skb->cb; consumed. */
static void reply_send(struct chaos_net *cn, const struct chaos_hdr *hdr, struct sk_buff *skb,
		       enum chaos_stat stat)
{
	chaos_skb_push_hdr(skb, hdr);
	if (!chaos_output(cn, skb, hdr->dst))
		chaos_count(cn, stat);
}

static void reply_text(struct chaos_net *cn, const struct chaos_hdr *hdr, const char *text,
		       enum chaos_stat stat)
{
	struct sk_buff *skb;

	if (!chaos_reply_allowed(cn, hdr->dst))
		return;
	skb = chaos_skb_data(hdr->op, text, hdr->len, GFP_ATOMIC);
	if (!skb) {
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	reply_send(cn, hdr, skb, stat);
}

/**
 * chaos_reply_los() - tell a host that its packet makes no sense here
 * @cn: namespace
 * @to: header of the packet, which was sent to an address of ours, not 0
 * @reason: for the user there
 *
 * Carries the offender's addresses and indices swapped (AIM 628 section 4.2).
 * Nothing is sent if the packet's opcode is one that LOS is never given for.
 */
void chaos_reply_los(struct chaos_net *cn, const struct chaos_hdr *to, const char *reason)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_LOS, .len = strlen(reason),
		.dst = to->src, .didx = to->sidx,
		.src = to->dst, .sidx = to->didx,
	};

	if (!chaos_op_never_los(to->op))
		reply_text(cn, &hdr, reason, CHAOS_STAT_LOS_TX);
}

/**
 * chaos_reply_cls() - refuse an RFC
 * @cn: namespace
 * @to: header of the RFC, whose destination the refusal comes from
 * @reason: for the user there
 */
void chaos_reply_cls(struct chaos_net *cn, const struct chaos_hdr *to, const char *reason)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_CLS, .len = strlen(reason),
		.dst = to->src, .didx = to->sidx,
		.src = to->dst,
	};

	reply_text(cn, &hdr, reason, CHAOS_STAT_CLS_TX);
}

/**
 * chaos_reply_fwd() - tell who has sent an RFC to ask elsewhere (AIM 628 section 4.1)
 * @cn: namespace
 * @to: header of the RFC, whose destination the answer comes from
 * @host: where to ask
 * @contact: what to ask for there, or its beginning
 * @len: length of @contact
 * @args: the rest, from the space on
 * @args_len: length of @args; with @len at most CHAOS_DATA_MAX
 *
 * Some programs send the data on as it is, so the arguments go with it.
 */
void chaos_reply_fwd(struct chaos_net *cn, const struct chaos_hdr *to, u16 host,
		     const void *contact, size_t len, const void *args, size_t args_len)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_FWD, .len = len + args_len,
		.dst = to->src, .didx = to->sidx,
		.src = to->dst, .ack = host,
	};
	struct sk_buff *skb;

	if (!chaos_reply_allowed(cn, hdr.dst))
		return;
	skb = chaos_skb_alloc(hdr.len, GFP_ATOMIC);
	if (!skb) {
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return;
	}
	skb_put_data(skb, contact, len);
	skb_put_data(skb, args, args_len);
	chaos_skb_ready(skb, hdr.op, hdr.len);
	reply_send(cn, &hdr, skb, CHAOS_STAT_FWD_TX);
}

/**
 * chaos_reply_ans() - answer an RFC
 * @cn: namespace
 * @to: header of the RFC, chaos_reply_allowed()
 * @skb: the answer, described in skb->cb; consumed
 */
void chaos_reply_ans(struct chaos_net *cn, const struct chaos_hdr *to, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_ANS, .len = chaos_pkt(skb)->hdr.len,
		.dst = to->src, .didx = to->sidx,
		.src = to->dst,
	};

	reply_send(cn, &hdr, skb, CHAOS_STAT_ANS_TX);
}
