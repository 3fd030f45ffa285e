// SPDX-License-Identifier: GPL-2.0-or-later
/* Retransmission, questions and giving up (AIM 628 section 3.8). */

#include <kunit/test.h>

#include "scenario.h"

static void test_retransmit(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	EMITS(ep, "DAT 101/200 [4]");
	EMITS_AFTER(ep, 250 * NCP_MS, "SNS 102/200");
	EMITS_AFTER(ep, 250 * NCP_MS, "DAT 101/200 [4]");
	EMITS_AFTER(ep, 1000 * NCP_MS, "SNS 102/200, DAT 101/200 [4]");
	EMITS_AFTER(ep, 2000 * NCP_MS, "SNS 102/200, DAT 101/200 [4]");
	EMITS_AFTER(ep, 2000 * NCP_MS, "SNS 102/200, DAT 101/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 4);
	/* A receipt resets the back-off. */
	send_packets(ep, 1);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	ep_take(ep);
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 103/200, DAT 102/200 [4]");
	scenario_end(test, ep);
}

/* Doubled each time, up to 2 s. */
static void test_back_off(struct kunit *test)
{
	static const u32 waits[] = { 300, 600, 1200, 2000, 2000, 2000 };
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_user(ep, 13, 13);
	measure(ep, 100 * NCP_MS);
	send_packets(ep, 1);
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		ep_run(ep, waits[i] * NCP_MS - 2 * NCP_TICK);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, i);
		ep_run(ep, 2 * NCP_TICK);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, i + 1);
	}
	scenario_end(test, ep);
}

/* What went out shortly before the timeout is still on its way. */
static void test_retransmit_old(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_run(ep, 490 * NCP_MS);
	send_packets(ep, 2);
	ep_take(ep);
	EMITS_AFTER(ep, 10 * NCP_MS, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* A peer that lives but never takes the packet. */
static void test_retransmit_often(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	for (i = 0; i < 600; i++) {
		ep_run(ep, 1 * NCP_SEC);
		ep_rcv_op(ep, CHAOS_OP_SNS, 0x201, 0x100);
		ep_take(ep);
	}
	KUNIT_EXPECT_GE(test, ep->ncp.count.retrans, 300);
	scenario_end(test, ep);
}

/* Once the round trip is known: 0.2 to 2 s. */
struct rto_row {
	u64 rtt, rto;
};

static const struct rto_row rtos[] = {
	{ 100,		   200 * NCP_MS },
	{ 10 * NCP_MS,	   200 * NCP_MS },
	{ 66 * NCP_MS,	   200 * NCP_MS },
	{ 100 * NCP_MS,	   300 * NCP_MS },
	{ 500 * NCP_MS,	  1500 * NCP_MS },
	{ 700 * NCP_MS,	  2000 * NCP_MS },
	{ 1900 * NCP_MS,  2000 * NCP_MS },
};

static void rto_desc(const struct rto_row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "round trip %llu us, timeout %llu us", row->rtt,
		 row->rto);
}

KUNIT_ARRAY_PARAM(rto, rtos, rto_desc);

static void test_rto(struct kunit *test)
{
	const struct rto_row *row = test->param_value;
	struct endpoint *ep = scenario(test);
	u64 sent;

	ep_open_user(ep, 13, 13);
	measure(ep, row->rtt);
	KUNIT_EXPECT_EQ(test, ep->ncp.srtt, row->rtt);
	KUNIT_EXPECT_EQ(test, ep->ncp.rto, row->rto);
	ep_run(ep, 10 * NCP_MS);
	send_packets(ep, 1);
	sent = ep->now;
	while (!ep->ncp.count.retrans && ep->now < sent + 3 * NCP_SEC)
		ep_run(ep, 1 * NCP_MS);
	KUNIT_EXPECT_GE(test, ep->now - sent, row->rto);
	KUNIT_EXPECT_LE(test, ep->now - sent, row->rto + NCP_TICK + NCP_MS);
	scenario_end(test, ep);
}

/* The estimate follows, and settles. */
static void test_rtt_follows(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	int i;

	ep_open_user(ep, 13, 13);
	measure(ep, 100 * NCP_MS);
	for (i = 0; i < 100; i++)
		measure(ep, 20 * NCP_MS);
	KUNIT_EXPECT_GE(test, ep->ncp.srtt, 20 * NCP_MS);
	KUNIT_EXPECT_LE(test, ep->ncp.srtt, 21 * NCP_MS);
	KUNIT_EXPECT_LE(test, ep->ncp.rttvar, 1 * NCP_MS);
	for (i = 0; i < 100; i++)
		measure(ep, 200 * NCP_MS);
	KUNIT_EXPECT_GE(test, ep->ncp.srtt, 199 * NCP_MS);
	scenario_end(test, ep);
}

/* An answer that takes longer than any timeout is none. */
static void test_rtt_lost_answer(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 3 * NCP_SEC);
	KUNIT_EXPECT_EQ(test, ep->ncp.srtt, 0);
	KUNIT_EXPECT_EQ(test, ep->ncp.rto, NCP_RTO_START);
	scenario_end(test, ep);
}

/*
 * An STS that was on its way when the SNS went is no answer to it.  On a line of
 * 300 ms: data at 0, SNS at 250, its receipt at 300, the answer to SNS at 550.
 */
static void test_rtt_crossing(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_run(ep, 250 * NCP_MS);
	EMITS(ep, "DAT 101/200 [4], SNS 102/200");
	ep_run(ep, 50 * NCP_MS);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	KUNIT_EXPECT_EQ(test, ep->ncp.srtt, 300 * NCP_MS);
	ep_run(ep, 250 * NCP_MS);
	rcv_same_sts(ep);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 0);
	/* Later, when the estimate is there, such an STS does not spoil it. */
	send_packets(ep, 1);
	ncp_send_sns(&ep->ncp, ep->now + 200 * NCP_MS);
	ep->now += 300 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	KUNIT_EXPECT_EQ(test, ep->ncp.srtt, 300 * NCP_MS);
	scenario_end(test, ep);
}

/* After several SNS the answer is that to the last one, at least not longer. */
static void test_rtt_several_sns(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ncp_send_sns(&ep->ncp, ep->now);
	ep->now += 100 * NCP_MS;
	measure(ep, 5 * NCP_MS);
	KUNIT_EXPECT_EQ(test, ep->ncp.srtt, 5 * NCP_MS);
	scenario_end(test, ep);
}

/* How long packets are under way does not include that they wait behind a gap. */
static void test_gap_wait_does_not_count(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 2);
	ep->now += 200 * NCP_MS;
	rcv_gap_reports(ep);
	ep->now += 1 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	KUNIT_EXPECT_EQ(test, ep->ncp.flight, 0);
	scenario_end(test, ep);
}

/* Data that waits behind others for a slow line is not lost. */
static void test_progress_holds_timeout(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u16 num;

	ep_open_user(ep, 13, 128);
	send_packets(ep, 100);
	for (num = 0x101; num <= 0x100 + 100; num++) {
		ep_run(ep, 100 * NCP_MS);
		ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, num, 128);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 0);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	scenario_end(test, ep);
}

/* Nor is what has to wait as long as others did. */
static void test_full_queues_hold_timeout(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 1);
	ep->now += 400 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	send_packets(ep, 1);
	ep_run(ep, 799 * NCP_MS);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 0);
	ep_run(ep, 1 * NCP_MS + NCP_TICK);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 1);
	scenario_end(test, ep);
}

/* ... but it is if nothing comes any more. */
static void test_timeout_after_progress(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 6);
	ep_run(ep, 100 * NCP_MS);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x102, 13);
	ep_take(ep);
	/* Half of what was under way may go again at once. */
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 107/200, DAT 103/200 [4], DAT 104/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, 2);
	scenario_end(test, ep);
}

/*
 * Repair without waiting for the timeout.
 */

/* A gap is reported by STS without news: the first missing packet goes again. */
static void test_gap_report(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	ep->ncp.loss_credit = 0;
	send_packets(ep, 7);
	ep_take(ep);
	ep->now += 1 * NCP_MS;
	for (i = 1; i < NCP_REPEATS; i++) {
		rcv_same_sts(ep);
		EMITS(ep, "");
	}
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, 3);
	/* It is on its way: more reports change nothing. */
	ep->now += 500;
	rcv_gap_reports(ep);
	rcv_gap_reports(ep);
	EMITS(ep, "");
	ep->now += 600;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x107, 13);
	EMITS(ep, "");
	KUNIT_EXPECT_FALSE(test, ep->ncp.recovering);
	scenario_end(test, ep);
}

/* Reports of one gap do not count for the next, whatever tells that it is no more. */
static void test_gap_filled(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 3);
	ep->now += 1 * NCP_MS;
	for (i = 0; i < 2 * NCP_REPEATS; i++)
		rcv_same_sts(ep);
	ep->now += 1 * NCP_MS;
	ep_rcv_op(ep, CHAOS_OP_DAT, 0x201, 0x103);
	KUNIT_EXPECT_FALSE(test, ep->ncp.recovering);
	send_packets(ep, 2);
	ep_take(ep);
	ep->now += 1 * NCP_MS;
	for (i = 1; i < NCP_REPEATS; i++)
		rcv_same_sts(ep);
	EMITS(ep, "");
	rcv_same_sts(ep);
	EMITS(ep, "DAT 104/200 [4]");
	scenario_end(test, ep);
}

/* Two STS without news are no report: duplicates may have brought them. */
static void test_gap_not_in_a_row(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u16 num;

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 10);
	ep_take(ep);
	for (num = 0x101; num < 0x10a; num++) {
		ep->now += 1 * NCP_MS;
		rcv_same_sts(ep);
		rcv_same_sts(ep);
		ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 0x10d - num);
	}
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, 0);
	scenario_end(test, ep);
}

/* Nor do STS count that we have asked for. */
static void test_gap_answers_do_not_count(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_user(ep, 13, 13);
	measure(ep, 20 * NCP_MS);
	for (i = 0; i < NCP_REPEATS; i++)
		ncp_send_sns(&ep->ncp, ep->now);
	ep->now += 1;
	send_packets(ep, 5);
	ep_take(ep);
	ep->now += 20 * NCP_MS;
	/* Sent after the questions: the answers say nothing about it. */
	rcv_gap_reports(ep);
	EMITS(ep, "");
	KUNIT_EXPECT_FALSE(test, ep->ncp.repeats);
	for (i = 1; i < NCP_REPEATS; i++)
		rcv_same_sts(ep);
	EMITS(ep, "");
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* What is repaired reveals the next gap, which is repaired at once. */
static void test_gap_next(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 5);
	ep_take(ep);
	ep->now += 1 * NCP_MS;
	rcv_gap_reports(ep);
	EMITS(ep, "DAT 101/200 [4]");
	/* Whatever packets usually take. */
	ep->now += 500;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 13);
	EMITS(ep, "DAT 102/200 [4]");
	ep->now += 500;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x103, 13);
	EMITS(ep, "DAT 104/200 [4]");
	/* It has moved nothing: there is no next one. */
	rcv_gap_reports(ep);
	EMITS(ep, "");
	ep->now += 500;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x105, 13);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 3);
	KUNIT_EXPECT_FALSE(test, ep->ncp.recovering);
	scenario_end(test, ep);
}

/* But what was sent no earlier than the repair may be under way. */
static void test_gap_sent_later(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 8);
	ep_take(ep);
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 109/200, DAT 101/200 [4], DAT 102/200 [4], "
				      "DAT 103/200 [4], DAT 104/200 [4]");
	ep->now += 10;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 13);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x103, 13);
	EMITS(ep, "");
	/* Of the old ones 105 is the next. */
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x104, 13);
	EMITS(ep, "DAT 105/200 [4]");
	send_packets(ep, 1);
	EMITS(ep, "DAT 109/200 [4]");
	ep->now += 10;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x107, 13);
	EMITS(ep, "DAT 108/200 [4]");
	ep->now += 10;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x108, 13);
	EMITS(ep, "");
	KUNIT_EXPECT_FALSE(test, ep->ncp.recovering);
	scenario_end(test, ep);
}

/* A report says nothing about a packet that has just gone. */
static void test_gap_too_young(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 50 * NCP_MS);
	send_packets(ep, 2);
	ep->now += 25 * NCP_MS - 1;
	ep_take(ep);
	rcv_gap_reports(ep);
	EMITS(ep, "");
	ep->now += 1;
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* Not twice within 1/30 s while the round trip is not known (AIM 628 section 3.8). */
static void test_gap_unknown_rtt(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 2);
	ep_take(ep);
	ep->now += 1 * NCP_MS;
	rcv_gap_reports(ep);
	EMITS(ep, "DAT 101/200 [4]");
	ep->now += 1;
	ncp_send_sns(&ep->ncp, ep->now);
	ep_take(ep);
	ep->now += 33 * NCP_MS - 1;
	rcv_gap_reports(ep);
	EMITS(ep, "");
	ep->now += 1;
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* An STS with news is no report of a gap: the rest may be under way. */
static void test_news_is_no_gap(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 5);
	ep_take(ep);
	ep->now += 100 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x102, 13);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x102, 13);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x102, 12);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 12);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/* The answer to an SNS tells for sure what was lost before it. */
static void test_sense_finds_loss(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 100 * NCP_MS, "SNS 102/200");
	ep->now += 1 * NCP_MS;
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* If a gap was being reported when we asked, what comes too early is no answer. */
static void test_sense_during_reports(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 20 * NCP_MS);
	send_packets(ep, 3);
	ep->now += 20 * NCP_MS;
	rcv_same_sts(ep);
	ncp_send_sns(&ep->ncp, ep->now);
	ep_take(ep);
	ep->now += 15 * NCP_MS - 1;
	rcv_same_sts(ep);
	EMITS(ep, "");
	ep->now += 1;
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.srtt, 20 * NCP_MS);
	scenario_end(test, ep);
}

/* Packets that have been seen to take longer than answers are given that time. */
static void test_sense_slow_packets(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 1);
	ep->now += 80 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	send_packets(ep, 1);
	ep->now += 79 * NCP_MS;
	measure(ep, 1 * NCP_MS);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 0);
	measure(ep, 1 * NCP_MS);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 1);
	scenario_end(test, ep);
}

/* ... and nothing about what was sent after it. */
static void test_sense_crossing(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 10 * NCP_MS);
	ncp_send_sns(&ep->ncp, ep->now);
	ep->now += 1;
	send_packets(ep, 1);
	ep_take(ep);
	/* The line has become slower meanwhile. */
	ep->now += 15 * NCP_MS;
	rcv_same_sts(ep);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/*
 * Fewer packets under way than the peer allows: it is asked for its STS, because
 * its own rule, a third of its window, will not bring one.
 */
static void test_ask_when_limited(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 128);
	measure(ep, 1 * NCP_MS);
	ep->ncp.cwnd = 4;
	send_packets(ep, 10);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4], DAT 103/200 [4], DAT 104/200 [4], SNS 105/200");
	ep->now += 1 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x104, 128);
	EMITS(ep, "DAT 105/200 [4], DAT 106/200 [4], DAT 107/200 [4], DAT 108/200 [4], "
		  "DAT 109/200 [4], SNS 10a/200");
	scenario_end(test, ep);
}

/* An answer that could be something else is one for this purpose. */
static void test_ask_again(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 128);
	measure(ep, 10 * NCP_MS);
	rcv_same_sts(ep);
	ep->ncp.cwnd = 2;
	send_packets(ep, 10);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4], SNS 103/200");
	ep->now += 10 * NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 128);
	EMITS(ep, "DAT 103/200 [4], DAT 104/200 [4], DAT 105/200 [4], SNS 106/200");
	scenario_end(test, ep);
}

/* Once for what was sent: asking after every STS would go on for ever. */
static void test_ask_once(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u64 sent;
	int i;

	ep_open_user(ep, 13, 128);
	measure(ep, 10 * NCP_MS);
	ep->ncp.cwnd = 4;
	send_packets(ep, 10);
	sent = ep->ncp.count.pkts_sent;
	for (i = 0; i < 100; i++)
		rcv_same_sts(ep);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.pkts_sent, sent);
	scenario_end(test, ep);
}

/*
 * Questions.
 */

/* Nothing arrives: ever more rarely, then every 5 s, until it is hopeless. */
static void test_sense_unanswered(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	send_packets(ep, 1);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 0);
	send_packets(ep, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 250 * NCP_MS, "SNS 102/200");
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 102/200");
	EMITS_AFTER(ep, 1 * NCP_SEC, "SNS 102/200");
	EMITS_AFTER(ep, 2 * NCP_SEC, "SNS 102/200");
	EMITS_AFTER(ep, 4 * NCP_SEC, "SNS 102/200");
	EMITS_AFTER(ep, 5 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "SNS 102/200");
	EMITS_AFTER(ep, 5 * NCP_SEC, "SNS 102/200");
	ep_run(ep, 90 * NCP_SEC);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
	scenario_end(test, ep);
}

/* All has arrived but is not read: the peer is asked every 5 s (AIM 628 section 3.8). */
static void test_sense_unread(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	int i;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 13);
	ep_take(ep);
	for (i = 0; i < 20; i++) {
		EMITS_AFTER(ep, NCP_PROBE, "SNS 102/200");
		rcv_same_sts(ep);
	}
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	EMITS_AFTER(ep, 59 * NCP_SEC, "");
	scenario_end(test, ep);
}

/* Data waits for the window: every two round trips at first, 20 ms at least. */
static void test_sense_blocked(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 2);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 20 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "SNS 102/200");
	rcv_same_sts(ep);
	EMITS_AFTER(ep, 40 * NCP_MS, "SNS 102/200");
	rcv_same_sts(ep);
	EMITS_AFTER(ep, 80 * NCP_MS, "SNS 102/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 1);
	EMITS(ep, "DAT 102/200 [4]");
	scenario_end(test, ep);
}

static void test_idle(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	EMITS_AFTER(ep, NCP_IDLE - 1, "");
	EMITS_AFTER(ep, 1, "SNS 101/200");
	EMITS_AFTER(ep, 5 * NCP_SEC, "SNS 101/200");
	EMITS_AFTER(ep, 5 * NCP_SEC, "SNS 101/200");
	EMITS_AFTER(ep, 5 * NCP_SEC, "SNS 101/200");
	EMITS_AFTER(ep, 5 * NCP_SEC, "SNS 101/200");
	EMITS_AFTER(ep, 5 * NCP_SEC, "SNS 101/200");
	EMITS_AFTER(ep, 5 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "=INCOMPLETE/timeout");
	scenario_end(test, ep);
}

/* Any packet of the connection counts as a sign of life. */
static void test_idle_answered(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	int i;

	ep_open_user(ep, 13, 13);
	for (i = 0; i < 10; i++) {
		EMITS_AFTER(ep, NCP_IDLE, "SNS 101/200");
		rcv_same_sts(ep);
	}
	ep_run(ep, 50 * NCP_SEC);
	ep_rcv_op(ep, CHAOS_OP_SNS, 0x201, 0x100);
	ep_take(ep);
	EMITS_AFTER(ep, NCP_IDLE - 1, "");
	scenario_end(test, ep);
}

/*
 * The timer.
 */

/* Called too early or too often it does nothing, and calls come 10 ms apart. */
static void test_timer_early(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u64 end, sent;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 3);
	rcv_packets(ep, 0x201, 2, 0x100);
	ep_take(ep);
	sent = ep->ncp.count.pkts_sent;
	for (end = ep->now + 39 * NCP_MS; ep->now < end; ep->now += 100)
		ncp_timer(&ep->ncp, ep->now);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.pkts_sent, sent);
	EMITS(ep, "");
	scenario_end(test, ep);
}

static void test_timer_rate(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int events = 0;
	u64 end;

	ep_open_user(ep, 1, 3);
	send_packets(ep, 20);
	/* The peer keeps it as busy as it can: one packet each 100 us. */
	for (end = ep->now + NCP_SEC; ep->now < end; ep->now += 100) {
		rcv_packets(ep, ep->ncp.rcv_rcpt + 1, 1, 0x100);
		if (ep->timer_at > ep->now)
			continue;
		ep_timer(ep);
		events++;
	}
	KUNIT_EXPECT_LE(test, events, 101);
	scenario_end(test, ep);
}

static struct kunit_case timer_cases[] = {
	KUNIT_CASE(test_retransmit),
	KUNIT_CASE(test_back_off),
	KUNIT_CASE(test_retransmit_old),
	KUNIT_CASE(test_retransmit_often),
	KUNIT_CASE_PARAM(test_rto, rto_gen_params),
	KUNIT_CASE(test_rtt_follows),
	KUNIT_CASE(test_rtt_lost_answer),
	KUNIT_CASE(test_rtt_crossing),
	KUNIT_CASE(test_rtt_several_sns),
	KUNIT_CASE(test_progress_holds_timeout),
	KUNIT_CASE(test_full_queues_hold_timeout),
	KUNIT_CASE(test_timeout_after_progress),
	KUNIT_CASE(test_gap_report),
	KUNIT_CASE(test_gap_filled),
	KUNIT_CASE(test_gap_not_in_a_row),
	KUNIT_CASE(test_gap_answers_do_not_count),
	KUNIT_CASE(test_gap_next),
	KUNIT_CASE(test_gap_sent_later),
	KUNIT_CASE(test_gap_too_young),
	KUNIT_CASE(test_gap_unknown_rtt),
	KUNIT_CASE(test_gap_wait_does_not_count),
	KUNIT_CASE(test_news_is_no_gap),
	KUNIT_CASE(test_sense_finds_loss),
	KUNIT_CASE(test_sense_during_reports),
	KUNIT_CASE(test_sense_slow_packets),
	KUNIT_CASE(test_sense_crossing),
	KUNIT_CASE(test_ask_when_limited),
	KUNIT_CASE(test_ask_again),
	KUNIT_CASE(test_ask_once),
	KUNIT_CASE(test_sense_unanswered),
	KUNIT_CASE(test_sense_unread),
	KUNIT_CASE(test_sense_blocked),
	KUNIT_CASE(test_idle),
	KUNIT_CASE(test_idle_answered),
	KUNIT_CASE(test_timer_early),
	KUNIT_CASE(test_timer_rate),
	{}
};

static struct kunit_suite timer_suite = {
	.name = "chaos_ncp_timers",
	.test_cases = timer_cases,
};

kunit_test_suite(timer_suite);
