// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream that was captured between two other implementations, with our
 * engine in the place of either end.
 */

#include <kunit/test.h>

#include "scenario.h"

#define USER	1	/* sends this packet */
#define SERVER	2

struct captured {
	u8 from, op;
	u16 num, ack;
	u16 receipt, window;	/* OPN and STS */
	u16 len;		/* of data */
};

static const struct captured stream[] = {
	{ USER,	  CHAOS_OP_RFC, 0x5e8c, 0, .len = 5 },
	{ SERVER, CHAOS_OP_OPN, 0x4c91, 0x5e8c, 0x5e8c, 13 },
	{ USER,	  CHAOS_OP_STS, 0x5e8d, 0x4c90, 0x4c91, 13 },
	{ USER,	  CHAOS_OP_DAT, 0x5e8d, 0x4c91, .len = 488 },
	{ USER,	  CHAOS_OP_DAT, 0x5e8e, 0x4c91, .len = 22 },
	{ USER,	  CHAOS_OP_DAT, 0x5e8f, 0x4c91, .len = 488 },
	{ USER,	  CHAOS_OP_DAT, 0x5e90, 0x4c91, .len = 3 },
	{ SERVER, CHAOS_OP_DAT, 0x4c92, 0x5e90, .len = 6 },
	{ USER,	  CHAOS_OP_EOF, 0x5e91, 0x4c92 },
	{ SERVER, CHAOS_OP_STS, 0x4c93, 0x5e91, 0x5e91, 13 },
	{ USER,	  CHAOS_OP_CLS, 0x5e92, 0x4c92 },
};

struct replay {
	struct endpoint ep;
	struct chaos_hdr sent[ARRAY_SIZE(stream)];	/* by our side */
	u16 words[ARRAY_SIZE(stream)][2];
	unsigned int count;
	u8 data[CHAOS_DATA_MAX];
};

static void hook_transmit(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data)
{
	struct replay *replay = container_of(ep, struct replay, ep);
	unsigned int i = replay->count++;

	if (i >= ARRAY_SIZE(stream))
		return;
	replay->sent[i] = *hdr;
	if (hdr->op == CHAOS_OP_OPN || hdr->op == CHAOS_OP_STS) {
		replay->words[i][0] = chaos_get_word(data, 0);
		replay->words[i][1] = chaos_get_word(data, 1);
	}
}

static struct replay *replay_init(struct kunit *test)
{
	struct replay *replay = kunit_kzalloc(test, sizeof(*replay), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, replay);
	ep_init(&replay->ep, 13);
	replay->ep.transmit = hook_transmit;
	replay->ep.quiet = true;
	return replay;
}

static void play(struct replay *replay, const struct captured *row)
{
	struct endpoint *ep = &replay->ep;
	const struct chaos_hdr hdr = {
		.op = row->op, .len = row->len, .dst = EP_LADDR, .didx = EP_LIDX,
		.src = EP_RADDR, .sidx = EP_RIDX, .num = row->num, .ack = row->ack,
	};

	ep->now += 100;
	if (row->op == CHAOS_OP_OPN || row->op == CHAOS_OP_STS)
		ep_rcv_words(ep, row->op, row->num, row->ack, row->receipt, row->window);
	else
		ep_rcv(ep, &hdr, replay->data);
	ep_read(ep, 1);
}

/* Our packet number @i is that of the capture. */
static void expect_sent(struct kunit *test, const struct replay *replay, unsigned int i,
			const struct captured *row)
{
	const struct chaos_hdr *hdr = &replay->sent[i];
	/* Ours acknowledges the OPN together with its receipt. */
	u16 early = row->op == CHAOS_OP_STS && row->from == USER;

	KUNIT_ASSERT_TRUE_MSG(test, i < replay->count, "%03o %x was not sent", row->op, row->num);
	KUNIT_EXPECT_EQ(test, hdr->op, row->op);
	KUNIT_EXPECT_EQ(test, hdr->num, row->num);
	KUNIT_EXPECT_EQ(test, hdr->ack, (u16)(row->ack + early));
	KUNIT_EXPECT_EQ(test, replay->words[i][0], row->receipt);
	KUNIT_EXPECT_EQ(test, replay->words[i][1], row->window);
	if (row->op == CHAOS_OP_DAT)
		KUNIT_EXPECT_EQ(test, hdr->len, row->len);
}

static void test_as_user(struct kunit *test)
{
	struct replay *replay = replay_init(test);
	struct endpoint *ep = &replay->ep;
	unsigned int i, own = 0;

	ep_connect(ep, 0x5e8c);
	for (i = 0; i < ARRAY_SIZE(stream); i++) {
		if (stream[i].from == SERVER) {
			play(replay, &stream[i]);
			continue;
		}
		if (stream[i].op == CHAOS_OP_DAT)
			ep_send(ep, CHAOS_OP_DAT, replay->data, stream[i].len);
		if (stream[i].op == CHAOS_OP_EOF)
			ep_close(ep);
		expect_sent(test, replay, own++, &stream[i]);
	}
	KUNIT_EXPECT_EQ(test, replay->count, own);
	KUNIT_EXPECT_EQ(test, ep->ncp.end, NCP_END_LOCAL);
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

static void test_as_server(struct kunit *test)
{
	struct replay *replay = replay_init(test);
	struct endpoint *ep = &replay->ep;
	unsigned int i, own = 0;

	ep_offer(ep, 0x5e8c, 0x4c91);
	ep_accept(ep);
	for (i = 1; i < ARRAY_SIZE(stream); i++) {
		if (stream[i].from == USER) {
			play(replay, &stream[i]);
			continue;
		}
		if (stream[i].op == CHAOS_OP_DAT)
			ep_send(ep, CHAOS_OP_DAT, replay->data, stream[i].len);
		expect_sent(test, replay, own++, &stream[i]);
	}
	KUNIT_EXPECT_EQ(test, replay->count, own);
	KUNIT_EXPECT_EQ(test, ep->ncp.end, NCP_END_CLEAN);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.bytes_rcvd, 1001);
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

static struct kunit_case replay_cases[] = {
	KUNIT_CASE(test_as_user),
	KUNIT_CASE(test_as_server),
	{}
};

static struct kunit_suite replay_suite = {
	.name = "chaos_ncp_replay",
	.test_cases = replay_cases,
};

kunit_test_suite(replay_suite);
