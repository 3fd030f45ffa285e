/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests that tell a story packet by packet. */
#ifndef _CHAOS_KUNIT_SCENARIO_H
#define _CHAOS_KUNIT_SCENARIO_H

#include <kunit/test.h>

#include "endpoint.h"

/* Exactly this came out since it was last looked at, see ep_take(); else "test" fails. */
#define EMITS(ep, text) KUNIT_EXPECT_STREQ(test, ep_take(ep), text)

/* The same after some time with its timer events. */
#define EMITS_AFTER(ep, duration, text) do {	\
	ep_run(ep, duration);			\
	EMITS(ep, text);			\
} while (0)

/* An endpoint for ep_init() and the like. */
static inline struct endpoint *scenario(struct kunit *test)
{
	struct endpoint *ep = kunit_kzalloc(test, sizeof(*ep), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ep);
	return ep;
}

/* The end: all rules of ep_check() held, no packet was lost or given back twice. */
static inline void scenario_end(struct kunit *test, struct endpoint *ep)
{
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

static inline void send_packets(struct endpoint *ep, unsigned int n)
{
	while (n--)
		ep_send(ep, CHAOS_OP_DAT, "data", 4);
}

/* Data arrives: @n packets, the first with number @num. */
static inline void rcv_packets(struct endpoint *ep, u16 num, unsigned int n, u16 ack)
{
	while (n--)
		ep_rcv_op(ep, CHAOS_OP_DAT, num++, ack);
}

/* The peer says the same as before: nothing new. */
static inline void rcv_same_sts(struct endpoint *ep)
{
	const struct ncp *c = &ep->ncp;

	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, c->snd_ack, c->snd_rcpt, c->snd_window);
}

/* ... so often that the next packet must be lost. */
static inline void rcv_gap_reports(struct endpoint *ep)
{
	unsigned int i;

	for (i = 0; i < NCP_REPEATS; i++)
		rcv_same_sts(ep);
}

/* An STS with @n words after receipt and window, of which the last @cut bytes are missing. */
static inline enum ncp_verdict rcv_long_sts(struct endpoint *ep, u16 receipt, const u16 *words,
					    unsigned int n, unsigned int cut)
{
	u16 all[2 + 2 * NCP_RUNS_MAX + 2] = { receipt, ep->ncp.snd_window };
	__le16 data[ARRAY_SIZE(all)];

	memcpy(all + 2, words, n * sizeof(*words));
	chaos_put_words(data, all, 2 + n);
	return ep_rcv_data(ep, CHAOS_OP_STS, 0x201, ep->ncp.snd_ack, data, 2 * (2 + n) - cut);
}

/* The peer tells of a gap, and of runs behind it: first and last number of each. */
#define RCV_RUNS(ep, receipt, ...) do {					\
	static const u16 _runs[] = { __VA_ARGS__ };			\
									\
	rcv_long_sts(ep, receipt, _runs, ARRAY_SIZE(_runs), 0);		\
} while (0)

/* A round trip is measured, by an SNS when nothing else is going on. */
static inline void measure(struct endpoint *ep, u64 rtt)
{
	ncp_send_sns(&ep->ncp, ep->now);
	ep->now += rtt;
	rcv_same_sts(ep);
	ep_take(ep);
}

#endif /* _CHAOS_KUNIT_SCENARIO_H */
