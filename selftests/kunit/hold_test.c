// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Small writes that join: which packets wait to be filled, what they wait for, and
 * for how long.
 */

#include <kunit/test.h>

#include "scenario.h"

static const u8 zeros[2 * CHAOS_DATA_MAX];

static void write(struct endpoint *ep, u16 len, enum ncp_hold hold)
{
	ep_write(ep, zeros, len, hold);
}

/* All up to this packet has arrived at the peer; nothing of it is read. */
static void receipt(struct endpoint *ep, u16 num)
{
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, ep->ncp.snd_ack, num, ep->ncp.snd_window);
}

/* One packet that is not full is under way at a time. */
static void test_partial(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [4]");
	write(ep, 3, NCP_HOLD_PARTIAL);
	write(ep, 2, NCP_HOLD_PARTIAL);
	EMITS(ep, "");
	/* It has arrived; it need not be read. */
	receipt(ep, 0x101);
	EMITS(ep, "DAT 102/200 [5]");
	write(ep, 1, NCP_HOLD_PARTIAL);
	receipt(ep, 0x102);
	EMITS(ep, "DAT 103/200 [1]");
	receipt(ep, 0x103);
	write(ep, 7, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 104/200 [7]");
	scenario_end(test, ep);
}

/* Full packets neither wait, nor are they waited for. */
static void test_partial_full(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, CHAOS_DATA_MAX + 12, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [488], DAT 102/200 [12]");
	write(ep, CHAOS_DATA_MAX + 13, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 103/200 [488]");
	write(ep, CHAOS_DATA_MAX - 14, NCP_HOLD_PARTIAL);
	EMITS(ep, "");
	write(ep, 1, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 104/200 [488]");
	write(ep, 9, NCP_HOLD_PARTIAL);
	EMITS(ep, "");
	/* 102 was the last that was not full. */
	receipt(ep, 0x101);
	EMITS(ep, "");
	receipt(ep, 0x102);
	EMITS(ep, "DAT 105/200 [9]");
	/* Now it is 105, with another one after it. */
	write(ep, CHAOS_DATA_MAX, NCP_HOLD_PARTIAL);
	receipt(ep, 0x106);
	write(ep, 10, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 106/200 [488], DAT 107/200 [10]");
	scenario_end(test, ep);
}

/* Nothing else is waited for: sent without delay, but joined while that cannot be. */
static void test_join(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 3);
	write(ep, 4, NCP_HOLD_JOIN);
	write(ep, 5, NCP_HOLD_JOIN);
	write(ep, 6, NCP_HOLD_JOIN);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [5], DAT 103/200 [6]");
	write(ep, 7, NCP_HOLD_JOIN);
	write(ep, 8, NCP_HOLD_JOIN);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x103, 3);
	EMITS(ep, "DAT 104/200 [15]");
	scenario_end(test, ep);
}

/* Whoever waits does so for those that did not. */
static void test_partial_after_join(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_JOIN);
	write(ep, 5, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [4]");
	receipt(ep, 0x101);
	EMITS(ep, "DAT 102/200 [5]");
	scenario_end(test, ep);
}

/* A packet that is complete as it is: not joined, not waited for. */
static void test_not(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 2);
	write(ep, 4, NCP_HOLD_NOT);
	write(ep, 5, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [5]");
	write(ep, 6, NCP_HOLD_NOT);
	KUNIT_EXPECT_TRUE(test, !ep_reopen(ep));
	write(ep, 7, NCP_HOLD_NOT);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 2);
	EMITS(ep, "DAT 103/200 [6], DAT 104/200 [7]");
	scenario_end(test, ep);
}

/* The end of a record joins what waits, and takes it along. */
static void test_not_joins(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	write(ep, 5, NCP_HOLD_NOT);
	EMITS(ep, "DAT 101/200 [9]");
	scenario_end(test, ep);
}

/* More is announced: the packet waits although nothing is under way. */
static void test_more(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	EMITS(ep, "");
	write(ep, 5, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [9]");
	/* A receipt changes nothing. */
	write(ep, 6, NCP_HOLD_MORE);
	receipt(ep, 0x101);
	EMITS(ep, "");
	write(ep, CHAOS_DATA_MAX, NCP_HOLD_MORE);
	EMITS(ep, "DAT 102/200 [488]");
	write(ep, CHAOS_DATA_MAX - 6, NCP_HOLD_MORE);
	EMITS(ep, "DAT 103/200 [488]");
	scenario_end(test, ep);
}

/* 200 ms from the first write are the limit, whatever joins. */
static void test_time(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	ep_run(ep, 150 * NCP_MS);
	write(ep, 4, NCP_HOLD_MORE);
	EMITS_AFTER(ep, 50 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 101/200 [8]");
	/* The next one has its own. */
	receipt(ep, 0x101);
	ep_run(ep, 70 * NCP_MS);
	write(ep, 5, NCP_HOLD_MORE);
	EMITS_AFTER(ep, 200 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 102/200 [5]");
	scenario_end(test, ep);
}

/* Also if nothing tells of the one that is under way: it may be lost. */
static void test_time_partial(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_PARTIAL);
	write(ep, 5, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [4]");
	EMITS_AFTER(ep, 200 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 102/200 [5]");
	/* 101 still is under way, so the next one waits, too. */
	write(ep, 6, NCP_HOLD_PARTIAL);
	EMITS(ep, "");
	receipt(ep, 0x101);
	EMITS(ep, "DAT 103/200 [6]");
	scenario_end(test, ep);
}

/* A packet waits for the receipt of another: for as long as that takes. */
struct trip {
	u64 rtt, wait;
};

static const struct trip trips[] = {
	{ 100, NCP_TICK },
	{ 50 * NCP_MS, 50 * NCP_MS },
	{ 300 * NCP_MS, 200 * NCP_MS },
};

static void trip_desc(const struct trip *trip, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "round trip %llu us", trip->rtt);
}

KUNIT_ARRAY_PARAM(trip, trips, trip_desc);

static void test_time_trip(struct kunit *test)
{
	const struct trip *trip = test->param_value;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, trip->rtt);
	ep_run(ep, 2 * NCP_TICK);
	write(ep, 4, NCP_HOLD_PARTIAL);
	write(ep, 5, NCP_HOLD_PARTIAL);
	ep_run(ep, 1);
	write(ep, 6, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 101/200 [4]");
	EMITS_AFTER(ep, trip->wait - 2, "");
	EMITS_AFTER(ep, 1, "DAT 102/200 [11]");
	/* More that was announced is another matter. */
	write(ep, 7, NCP_HOLD_MORE);
	ep_run(ep, 5 * NCP_MS);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	EMITS_AFTER(ep, 195 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 103/200 [7]");
	scenario_end(test, ep);
}

/* What may go is not kept by what is said to follow it. */
static void test_time_then_more(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 50 * NCP_MS);
	ep_run(ep, 2 * NCP_TICK);
	write(ep, 4, NCP_HOLD_PARTIAL);
	write(ep, 5, NCP_HOLD_PARTIAL);
	write(ep, 6, NCP_HOLD_MORE);
	EMITS(ep, "DAT 101/200 [4]");
	EMITS_AFTER(ep, 50 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 102/200 [11]");
	scenario_end(test, ep);
}

/* Time for which the window is shut does not count: nothing could have gone. */
static void test_time_window(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	write(ep, 4, NCP_HOLD_PARTIAL);
	write(ep, 5, NCP_HOLD_MORE);
	receipt(ep, 0x101);
	ep_run(ep, NCP_SEC);
	ep_take(ep);
	write(ep, 6, NCP_HOLD_MORE);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 1);
	EMITS_AFTER(ep, 200 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 102/200 [11]");
	scenario_end(test, ep);
}

/* A window that shuts while a packet waits stops the clock. */
static void test_time_window_shuts(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	write(ep, 4, NCP_HOLD_MORE);
	ep_run(ep, 100 * NCP_MS);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 0);
	ep_run(ep, 150 * NCP_MS);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 200 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* Only the last packet waits: what is queued behind it sends it. */
static void test_behind(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	EMITS(ep, "DAT 101/200 [4], EOF 102/200");
	write(ep, 5, NCP_HOLD_MORE);
	ep_send(ep, CHAOS_OP_DAT + 1, "data", 4);
	EMITS(ep, "DAT 103/200 [5], DAT 104/200 [4]");
	EMITS_AFTER(ep, 100 * NCP_MS, "");
	scenario_end(test, ep);
}

/* So does a safe close, whose EOF is data's last companion. */
static void test_close(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_PARTIAL);
	write(ep, 5, NCP_HOLD_PARTIAL);
	ep_close(ep);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [5], EOF 103/200");
	scenario_end(test, ep);
}

/* Without memory for the EOF, too. */
static void test_close_without_eof(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	ncp_close(&ep->ncp, NULL, ep->now);
	EMITS(ep, "DAT 101/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	EMITS(ep, "CLS 102/200 \"Connection closed\", =CLOSED/local");
	scenario_end(test, ep);
}

/* What waits when the connection is broken off is lost, and its sender's peer knows. */
static void test_abort(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	ep_abort(ep);
	EMITS_AFTER(ep, NCP_SEC, "CLS 102/200 \"Aborted\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_flush(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 2);
	ep_flush(ep);
	EMITS(ep, "");
	write(ep, 4, NCP_HOLD_MORE);
	ep_flush(ep);
	EMITS(ep, "DAT 101/200 [4]");
	ep_flush(ep);
	EMITS(ep, "");
	/* If it cannot go at once, nothing joins it any more. */
	write(ep, 5, NCP_HOLD_NOT);
	write(ep, 6, NCP_HOLD_MORE);
	ep_flush(ep);
	write(ep, 7, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 102/200 [5]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 2);
	EMITS(ep, "DAT 103/200 [6], DAT 104/200 [7]");
	scenario_end(test, ep);
}

/* While the user adds to it, nothing makes it go. */
static void test_busy(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	struct ncp_pkt *pkt;

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_PARTIAL);
	write(ep, 5, NCP_HOLD_PARTIAL);
	ep_take(ep);
	pkt = ep_reopen(ep);
	KUNIT_ASSERT_NOT_NULL(test, pkt);
	receipt(ep, 0x101);
	ep_flush(ep);
	EMITS_AFTER(ep, 250 * NCP_MS, "");
	ep_extend(ep, pkt, zeros, 6, NCP_HOLD_PARTIAL);
	EMITS(ep, "DAT 102/200 [11]");
	scenario_end(test, ep);
}

/* Nothing could be added after all: it goes as it is. */
static void test_busy_nothing_added(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	struct ncp_pkt *pkt;

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	pkt = ep_reopen(ep);
	KUNIT_ASSERT_NOT_NULL(test, pkt);
	ep_extend(ep, pkt, NULL, 0, NCP_HOLD_JOIN);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* Its time is not that of the additions, but then it is over. */
static void test_busy_time(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	struct ncp_pkt *pkt;

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	ep_run(ep, 190 * NCP_MS);
	pkt = ep_reopen(ep);
	KUNIT_ASSERT_NOT_NULL(test, pkt);
	ep_run(ep, 100 * NCP_MS);
	ep_extend(ep, pkt, zeros, 5, NCP_HOLD_MORE);
	EMITS(ep, "");
	EMITS_AFTER(ep, NCP_TICK, "DAT 101/200 [9]");
	scenario_end(test, ep);
}

/* The connection ends meanwhile: the packet is the engine's to give back. */
static void test_busy_lost(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	KUNIT_ASSERT_NOT_NULL(test, ep_reopen(ep));
	ep_rcv_op(ep, CHAOS_OP_LOS, 0x201, 0);
	KUNIT_EXPECT_EQ(test, ep->held, 0);
	KUNIT_EXPECT_TRUE(test, !ep_reopen(ep));
	EMITS_AFTER(ep, NCP_SEC, "+LOS 201, =LOST/lost");
	scenario_end(test, ep);
}

static void test_no_reopen(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	KUNIT_EXPECT_TRUE(test, !ep_reopen(ep));
	/* Gone. */
	write(ep, 4, NCP_HOLD_JOIN);
	KUNIT_EXPECT_TRUE(test, !ep_reopen(ep));
	/* A mark. */
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	KUNIT_EXPECT_TRUE(test, !ep_reopen(ep));
	/* Full. */
	write(ep, CHAOS_DATA_MAX, NCP_HOLD_MORE);
	KUNIT_EXPECT_TRUE(test, !ep_reopen(ep));
	scenario_end(test, ep);
}

/* Data that waits for its user is no reason to ask the peer. */
static void test_no_question(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	write(ep, 4, NCP_HOLD_MORE);
	EMITS_AFTER(ep, 200 * NCP_MS, "DAT 101/200 [4]");
	/* Neither if what went before has arrived and is not read. */
	receipt(ep, 0x101);
	write(ep, 5, NCP_HOLD_MORE);
	EMITS_AFTER(ep, 200 * NCP_MS, "DAT 102/200 [5]");
	scenario_end(test, ep);
}

/* Once the limit is another one, it is. */
static void test_question_when_blocked(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	write(ep, 4, NCP_HOLD_MORE);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 0);
	EMITS_AFTER(ep, NCP_SENSE_BLOCKED, "SNS 101/200");
	scenario_end(test, ep);
}

/* What waits is not sent and not counted yet. */
static void test_counters(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	struct chaos_info info;

	ep_open_user(ep, 13, 13);
	write(ep, 4, NCP_HOLD_MORE);
	ncp_info(&ep->ncp, &info, ep->now);
	KUNIT_EXPECT_EQ(test, info.ci_snd_queued, 1);
	KUNIT_EXPECT_EQ(test, info.ci_bytes_sent, 0);
	write(ep, 5, NCP_HOLD_PARTIAL);
	ncp_info(&ep->ncp, &info, ep->now);
	KUNIT_EXPECT_EQ(test, info.ci_snd_queued, 0);
	KUNIT_EXPECT_EQ(test, info.ci_bytes_sent, 9);
	scenario_end(test, ep);
}

/* Numbers go round: what is under way is told by its place on the circle. */
static void test_wrap(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0xfffe);
	ep_rcv_words(ep, CHAOS_OP_OPN, 0x200, 0xfffe, 0xfffe, 13);
	write(ep, CHAOS_DATA_MAX, NCP_HOLD_PARTIAL);
	write(ep, 4, NCP_HOLD_PARTIAL);
	ep_take(ep);
	write(ep, 5, NCP_HOLD_PARTIAL);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0xfffe, 0xffff, 13);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0xfffe, 0, 13);
	EMITS(ep, "DAT 1/200 [5]");
	scenario_end(test, ep);
}

static struct kunit_case hold_cases[] = {
	KUNIT_CASE(test_partial),
	KUNIT_CASE(test_partial_full),
	KUNIT_CASE(test_join),
	KUNIT_CASE(test_partial_after_join),
	KUNIT_CASE(test_not),
	KUNIT_CASE(test_not_joins),
	KUNIT_CASE(test_more),
	KUNIT_CASE(test_time),
	KUNIT_CASE(test_time_partial),
	KUNIT_CASE_PARAM(test_time_trip, trip_gen_params),
	KUNIT_CASE(test_time_then_more),
	KUNIT_CASE(test_time_window),
	KUNIT_CASE(test_time_window_shuts),
	KUNIT_CASE(test_behind),
	KUNIT_CASE(test_close),
	KUNIT_CASE(test_close_without_eof),
	KUNIT_CASE(test_abort),
	KUNIT_CASE(test_flush),
	KUNIT_CASE(test_busy),
	KUNIT_CASE(test_busy_nothing_added),
	KUNIT_CASE(test_busy_time),
	KUNIT_CASE(test_busy_lost),
	KUNIT_CASE(test_no_reopen),
	KUNIT_CASE(test_no_question),
	KUNIT_CASE(test_question_when_blocked),
	KUNIT_CASE(test_counters),
	KUNIT_CASE(test_wrap),
	{}
};

static struct kunit_suite hold_suite = {
	.name = "chaos_ncp_hold",
	.test_cases = hold_cases,
};

kunit_test_suite(hold_suite);
