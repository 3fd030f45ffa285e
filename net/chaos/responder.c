// SPDX-License-Identifier: GPL-2.0-only
/* Simple transactions that the kernel answers itself: one table row each. */

#include <linux/string.h>
#include <linux/ktime.h>

#include "iface.h"
#include "reply.h"
#include "responder.h"
#include "route.h"
#include "skb.h"
#include "stats.h"

/* Seconds from 1900-01-01 to 1970-01-01. */
#define EPOCH_1900	2208988800u

/* 32 bits travel as two words, low half first. */
static void put_u32(struct sk_buff *skb, u32 value)
{
	const u16 words[] = { value, value >> 16 };

	chaos_put_words(skb_put(skb, sizeof(words)), words, ARRAY_SIZE(words));
}

/* TIME: seconds since 1900 UTC. */
static void answer_time(struct chaos_net *cn, const struct chaos_hdr *rfc, struct sk_buff *skb)
{
	put_u32(skb, (u32)ktime_get_real_seconds() + EPOCH_1900);
}

/* UPTIME: 1/60 s since the host, for us the namespace, came up. */
static void answer_uptime(struct chaos_net *cn, const struct chaos_hdr *rfc, struct sk_buff *skb)
{
	u64 up = ktime_get_boottime_ns() - cn->boot;

	put_u32(skb, div_u64(up * 3, NSEC_PER_SEC / 20));
}

#define STATUS_BLOCK_MAX	12	/* what fits into a packet */
#define STATUS_COUNTERS		8

/* The counters of all our links on a subnet together. */
static void status_count(struct chaos_net *cn, u8 subnet, u64 *counters)
{
	struct chaos_iface *iface;

	list_for_each_entry_rcu(iface, &cn->ifaces, list)
		if (chaos_subnet(READ_ONCE(iface->addr)) == subnet)
			chaos_iface_stats(iface, CHAOS_LINK_STAT_RECEIVED, STATUS_COUNTERS,
					  counters);
}

/* One subnet: identification, length in words, counters (AIM 628 section 5.1). */
static void put_status_block(struct chaos_net *cn, u8 subnet, struct sk_buff *skb)
{
	u16 words[2 + 2 * STATUS_COUNTERS] = { 0400 + subnet, 2 * STATUS_COUNTERS };
	u64 counters[STATUS_COUNTERS] = {};
	int i;

	status_count(cn, subnet, counters);
	for (i = 0; i < STATUS_COUNTERS; i++) {
		words[2 + 2 * i] = counters[i];
		words[3 + 2 * i] = counters[i] >> 16;
	}
	chaos_put_words(skb_put(skb, sizeof(words)), words, ARRAY_SIZE(words));
}

static void answer_status(struct chaos_net *cn, const struct chaos_hdr *rfc, struct sk_buff *skb)
{
	DECLARE_BITMAP(done, CHAOS_SUBNET_COUNT) = {};
	struct chaos_iface *iface;
	int blocks = 0;

	BUILD_BUG_ON(CHAOS_NAME_MAX + STATUS_BLOCK_MAX * (4 + 4 * STATUS_COUNTERS) >
		     CHAOS_DATA_MAX);

	/* The name is zero padded, and one being changed still ends in zeros. */
	skb_put_data(skb, cn->name, CHAOS_NAME_MAX);
	list_for_each_entry_rcu(iface, &cn->ifaces, list) {
		u16 addr = READ_ONCE(iface->addr);

		if (!addr || !chaos_subnet_is_shown(cn, chaos_subnet(addr), rfc->src) ||
		    __test_and_set_bit(chaos_subnet(addr), done))
			continue;
		put_status_block(cn, chaos_subnet(addr), skb);
		if (++blocks == STATUS_BLOCK_MAX)
			break;
	}
}

#define RESPONDER(contact, answer)	{ contact, sizeof(contact) - 1, answer }

static const struct responder {
	const char *contact;
	size_t len;
	chaos_responder_fn *answer;
} responders[] = {
	RESPONDER("STATUS", answer_status),	/* AIM 628 section 5.1, mandatory */
	RESPONDER("TIME", answer_time),		/* AIM 628 section 5.8 */
	RESPONDER("UPTIME", answer_uptime),
	RESPONDER("DUMP-ROUTING-TABLE", chaos_answer_routes),
	RESPONDER("LASTCN", chaos_answer_lastcn),
};

static const struct responder *responder_find(const u8 *contact, size_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(responders); i++)
		if (responders[i].len == len &&
		    !strncasecmp(responders[i].contact, contact, len))
			return &responders[i];
	return NULL;
}

/**
 * chaos_responder_has() - is this contact answered by the kernel?
 * @contact: contact name, in any case
 * @len: its length
 */
bool chaos_responder_has(const u8 *contact, size_t len)
{
	return responder_find(contact, len);
}

/**
 * chaos_responder_answer() - answer an RFC, if its contact is the kernel's
 * @cn: namespace
 * @rfc: header of the RFC
 * @contact: contact name
 * @len: its length
 *
 * Context: RCU read side, no locks.
 *
 * Return: true if the contact is the kernel's.  Then it was answered, if rate
 * limit and memory allowed.
 */
bool chaos_responder_answer(struct chaos_net *cn, const struct chaos_hdr *rfc, const u8 *contact,
			    size_t len)
{
	const struct responder *r = responder_find(contact, len);
	struct sk_buff *skb;

	if (!r)
		return false;
	if (!chaos_reply_allowed(cn, rfc->src))
		return true;
	skb = chaos_skb_alloc(CHAOS_DATA_MAX, GFP_ATOMIC);
	if (!skb) {
		chaos_count(cn, CHAOS_STAT_DROP_NO_MEMORY);
		return true;
	}
	r->answer(cn, rfc, skb);
	chaos_skb_ready(skb, CHAOS_OP_ANS, skb->len);
	chaos_reply_ans(cn, rfc, skb);
	return true;
}
