// SPDX-License-Identifier: GPL-2.0-or-later
/* A hostile peer: nothing it sends breaks a rule of ep_check(). */

#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "hostile.h"
#include "random.h"
#include "scenario.h"

#define STORIES	1000	/* in each round */
#define FRAMES	100000

static void random_bytes(struct random *random, u8 *bytes, size_t len)
{
	while (len--)
		*bytes++ = random_next(random);
}

static void test_stories(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	const size_t max = 4000;
	u8 *bytes = kunit_kzalloc(test, max, GFP_KERNEL);
	struct random random;
	const char *broken;
	unsigned int i;
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (i = 0; i < rounds * some_of(STORIES); i++) {
		random_seed(&random, (u64)seed << 32 | i);
		len = random_below(&random, i % 10 ? 200 : max);
		random_bytes(&random, bytes, len);
		memset(ep, 0, sizeof(*ep));
		broken = hostile_story(ep, bytes, len);
		KUNIT_EXPECT_STREQ_MSG(test, broken, "", "story %u", i);
		if (*broken)
			return;
	}
}

static void test_frames(struct kunit *test)
{
	struct random random;
	unsigned int i;
	size_t len;
	u8 *bytes;

	for (i = 0; i < rounds * some_of(FRAMES); i++) {
		random_seed(&random, (u64)seed << 32 | i);
		len = random_below(&random, i % 10 ? 40 : 600);
		bytes = kmalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, bytes);
		random_bytes(&random, bytes, len);
		/* Most of the time nothing is wrong with the first words. */
		if (len > 3 && i % 4) {
			bytes[0] = 0;
			bytes[3] &= 1;
		}
		KUNIT_EXPECT_STREQ_MSG(test, hostile_frame(bytes, len), "", "frame %u", i);
		kfree(bytes);
	}
}

/* Each number from half the circle behind to half the circle ahead. */
static void test_any_number(struct kunit *test)
{
	static const u8 ops[] = { CHAOS_OP_DAT, CHAOS_OP_EOF, CHAOS_OP_SNS, CHAOS_OP_UNC };
	struct endpoint *ep = scenario(test);
	u32 num, i;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 20);
	for (num = 0; num < 65536; num += one_in()) {
		/* Not the one that would be right. */
		if ((u16)(num - ep->ncp.rcv_rcpt - 1) >= 13)
			for (i = 0; i < ARRAY_SIZE(ops); i++)
				ep_rcv_op(ep, ops[i], num, 0x100);
		ep_take(ep);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_rcpt, 0x200);
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_early, 0);
	scenario_end(test, ep);
}

static void test_any_acknowledgment(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u32 ack, receipt;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 20);
	for (ack = 0; ack < 65536; ack += 13 * one_in()) {
		for (receipt = 0; receipt < 65536; receipt += 4091) {
			/* Not those that are under way, 101 to 10d. */
			if ((u16)(ack - 0x101) < 13 || (u16)(receipt - 0x101) < 13)
				continue;
			ep_rcv_words(ep, CHAOS_OP_STS, 0x201, ack, receipt, 13);
			ep_take(ep);
		}
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_ack, 0x100);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, 0x100);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_last, 0x10d);
	scenario_end(test, ep);
}

/* However much is thrown at it, only so much is kept. */
static void test_memory(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u32 i;

	ep_open_user(ep, 128, 13);
	for (i = 0; i < max(some_of(5000), 500u); i++) {
		ep_rcv_op(ep, CHAOS_OP_UNC, 0x201, 0x100);
		ep_rcv_op(ep, CHAOS_OP_EOF, 0x201 + i, 0x100);
		ep_rcv_op(ep, CHAOS_OP_DAT, 0x210 + 7 * i, 0x100);
		ep_take(ep);
	}
	KUNIT_EXPECT_LE(test, ep->ncp.rcv_unread + ep->ncp.rcv_early, 2 * 129);
	scenario_end(test, ep);
}

/* What one packet provokes is bounded: the new window, one repair, STS and SNS. */
static void test_amplification(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	const u32 n = some_of(10000);
	u64 sent, before;
	u32 i;

	ep_open_user(ep, 13, 1);
	send_packets(ep, 1000);
	sent = ep->ncp.count.pkts_sent;
	for (i = 0; i < n; i++) {
		before = ep->ncp.count.pkts_sent;
		ep->now += 100;
		ep_rcv_words(ep, i % 2 ? CHAOS_OP_STS : CHAOS_OP_OPN, 0x200, 0x100, 0x100, i % 3);
		ep_take(ep);
		KUNIT_EXPECT_LE(test, ep->ncp.count.pkts_sent - before, 3);
	}
	/* One STS for each OPN; repairs only as the round trip allows. */
	KUNIT_EXPECT_LE(test, ep->ncp.count.pkts_sent - sent, n / 2 + n * 100 / 33000 + 10);
	scenario_end(test, ep);
}

static struct kunit_case hostile_cases[] = {
	KUNIT_CASE(test_stories),
	KUNIT_CASE(test_frames),
	KUNIT_CASE(test_any_number),
	KUNIT_CASE(test_any_acknowledgment),
	KUNIT_CASE(test_memory),
	KUNIT_CASE(test_amplification),
	{}
};

static struct kunit_suite hostile_suite = {
	.name = "chaos_hostile_peer",
	.test_cases = hostile_cases,
};

kunit_test_suite(hostile_suite);
