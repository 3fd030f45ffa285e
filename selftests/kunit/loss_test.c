// SPDX-License-Identifier: GPL-2.0-or-later
/* Lost packets: is it the cable, or are there too many?  Only then fewer are sent. */

#include <kunit/test.h>

#include "scenario.h"

#define WINDOW	64
#define HALF	(WINDOW / 2 + 1)	/* one more when it has arrived */
#define SHORT	(10 * NCP_MS)
#define LONG	(40 * NCP_MS)

/* All that is under way arrives so much later. */
static void arrive(struct endpoint *ep, u64 flight)
{
	ep->now += flight;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, ep->ncp.snd_last, ep->ncp.snd_last, WINDOW);
}

/* Windows full of packets arrive, each after so much time. */
static void transfer(struct endpoint *ep, unsigned int windows, u64 flight)
{
	while (windows--) {
		send_packets(ep, WINDOW);
		arrive(ep, flight);
	}
}

/* The first packet of a window is lost, and repaired.  The first STS may answer an SNS. */
static void lose_one(struct endpoint *ep, u64 flight)
{
	send_packets(ep, WINDOW);
	ep->now += flight;
	rcv_same_sts(ep);
	rcv_gap_reports(ep);
	arrive(ep, flight);
}

/* The receipt advances to the next gap. */
static void repaired(struct endpoint *ep, u16 receipt)
{
	ep->now += SHORT;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, ep->ncp.snd_ack, receipt, WINDOW);
}

static struct endpoint *open(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, WINDOW);
	ep->quiet = true;
	measure(ep, 1 * NCP_MS);
	return ep;
}

/* A packet lost now and then does not change the window. */
static void test_cable(struct kunit *test)
{
	struct endpoint *ep = open(test);
	int i;

	transfer(ep, 4, SHORT);
	for (i = 0; i < 50; i++) {
		lose_one(ep, SHORT);
		KUNIT_EXPECT_FALSE(test, ep->ncp.recovering);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, 50);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	scenario_end(test, ep);
}

/* Nor does it if packets take longer than usual: but then they wait in a queue. */
static void test_queue(struct kunit *test)
{
	struct endpoint *ep = open(test);

	transfer(ep, 4, SHORT);
	transfer(ep, 1, LONG);
	lose_one(ep, LONG);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, HALF);
	scenario_end(test, ep);
}

/* One of 32 is credit for one loss; what many at once have used up does not count. */
static void test_credit(struct kunit *test)
{
	struct endpoint *ep = open(test);
	u16 first;

	transfer(ep, 1, SHORT);
	KUNIT_EXPECT_EQ(test, ep->ncp.loss_credit, NCP_LOSS_CREDIT + 2);
	first = ep->ncp.snd_next;
	send_packets(ep, WINDOW);
	ep->now += SHORT;
	rcv_gap_reports(ep);
	repaired(ep, first + 1);
	repaired(ep, first + 3);
	repaired(ep, first + 5);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	/* The fifth: 56 are not receipted. */
	repaired(ep, first + 7);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 5);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, (WINDOW - 8) / 2);
	/* Once for all that were under way. */
	repaired(ep, first + 9);
	repaired(ep, first + 11);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 7);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, (WINDOW - 8) / 2);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, 1);
	scenario_end(test, ep);
}

/* The path has become longer: that is no queue, as is found out in the end. */
static void test_longer_path(struct kunit *test)
{
	struct endpoint *ep = open(test);
	u16 cwnd;

	transfer(ep, 4, SHORT);
	transfer(ep, 4, LONG);
	lose_one(ep, LONG);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, HALF);
	ep->now += NCP_FLIGHT_TIME;
	transfer(ep, 4, LONG);
	lose_one(ep, LONG);
	transfer(ep, 4, LONG);
	cwnd = ep->ncp.cwnd;
	lose_one(ep, LONG);
	lose_one(ep, LONG);
	KUNIT_EXPECT_GE(test, ep->ncp.cwnd, cwnd);
	scenario_end(test, ep);
}

/* The queue was full when we came, so that we know no other time than that. */
static void test_full_queue(struct kunit *test)
{
	struct endpoint *ep = open(test);
	u16 cwnd;

	transfer(ep, 4, LONG);
	lose_one(ep, LONG);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	ep->now += NCP_FLIGHT_TIME;
	transfer(ep, 1, LONG);
	lose_one(ep, LONG);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, HALF);
	/* It empties, and fills again. */
	transfer(ep, 4, SHORT);
	transfer(ep, 1, LONG);
	cwnd = ep->ncp.cwnd;
	lose_one(ep, LONG);
	KUNIT_EXPECT_LE(test, ep->ncp.cwnd, cwnd / 2 + 1);
	scenario_end(test, ep);
}

/* A gap was reported so often; then there is silence, and we ask.  No SNS has been
 * answered yet: what packets take tells how long an answer does.
 */
static void ask_after(struct kunit *test, unsigned int reports)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, WINDOW);
	transfer(ep, 2, SHORT);
	send_packets(ep, WINDOW);
	ep->now += SHORT;
	while (reports--)
		rcv_same_sts(ep);
	ep_take(ep);
	EMITS_AFTER(ep, NCP_SENSE_QUIET - 1, "");
	EMITS_AFTER(ep, NCP_TICK, "SNS 1c1/200");
	ep->now += SHORT;
	rcv_same_sts(ep);
	EMITS(ep, "DAT 181/200 [4]");
	scenario_end(test, ep);
}

/* Other reports are lost. */
static void test_few_reports(struct kunit *test)
{
	ask_after(test, 1);
}

/* What was sent again is lost, and there is no room for more that would reveal it. */
static void test_silence(struct kunit *test)
{
	ask_after(test, NCP_REPEATS);
}

/*
 * Receiving: what arrives behind a gap makes room for more.
 */

#define ROOM	13	/* window, and what may come on top of it */

static struct endpoint *open_spare(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, ROOM);
	ep->ncp.rcv_spare = ROOM;
	ep->window_most += ROOM;
	return ep;
}

static void rcv_quietly(struct endpoint *ep, u16 first, unsigned int n)
{
	ep->quiet = true;
	rcv_packets(ep, first, n, 0x100);
	ep->quiet = false;
}

static void test_spare(struct kunit *test)
{
	struct endpoint *ep = open_spare(test);

	rcv_packets(ep, 0x202, 4, 0x100);
	EMITS(ep, "STS 101/200 r200 w14, STS 101/200 r200 w15, STS 101/200 r200 w16, "
		  "STS 101/200 r200 w17");
	/* The sender knows of the gap; now it hears of room. */
	rcv_packets(ep, 0x206, 4, 0x100);
	EMITS(ep, "");
	rcv_packets(ep, 0x20a, 1, 0x100);
	EMITS(ep, "STS 101/200 r200 w22");
	rcv_packets(ep, 0x20b, 12, 0x100);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x217, 0x100), NCP_BEYOND_WINDOW);
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_early, 21);
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 101/200 r200 w26");
	scenario_end(test, ep);
}

/* What was allowed stands; the window is the usual one when so much is read. */
static void test_spare_ends(struct kunit *test)
{
	struct endpoint *ep = open_spare(test);

	rcv_quietly(ep, 0x202, 4);
	rcv_packets(ep, 0x201, 1, 0x100);
	EMITS(ep, "+DAT 201, +DAT 202, +DAT 203, +DAT 204, +DAT 205, STS 101/200 r205 w17");
	ep_read(ep, 3);
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 101/203 r205 w14");
	ep_read(ep, 2);
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 101/205 r205 w13");
	scenario_end(test, ep);
}

/* A user who wants a smaller window gets it at once, but for what is behind the gap. */
static void test_spare_set_window(struct kunit *test)
{
	struct endpoint *ep = open_spare(test);

	rcv_quietly(ep, 0x202, ROOM);
	ep_set_window(ep, 2);
	EMITS(ep, "STS 101/200 r200 w15");
	/* The peer may not have heard yet. */
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x216, 0x100), NCP_ACCEPTED);
	scenario_end(test, ep);
}

/* An STS may be lost that told of a smaller window: who goes by the last is not refused. */
static void test_spare_told(struct kunit *test)
{
	struct endpoint *ep = open_spare(test);

	rcv_packets(ep, 0x202, 4, 0x100);
	rcv_packets(ep, 0x201, 1, 0x100);
	ep_read(ep, 5);
	send_packets(ep, 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_acked, 0x205);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x205 + ROOM + 4, 0x101),
			NCP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x205 + ROOM + 5, 0x101),
			NCP_BEYOND_WINDOW);
	scenario_end(test, ep);
}

static struct kunit_case loss_cases[] = {
	KUNIT_CASE(test_cable),
	KUNIT_CASE(test_queue),
	KUNIT_CASE(test_credit),
	KUNIT_CASE(test_longer_path),
	KUNIT_CASE(test_full_queue),
	KUNIT_CASE(test_few_reports),
	KUNIT_CASE(test_silence),
	KUNIT_CASE(test_spare),
	KUNIT_CASE(test_spare_ends),
	KUNIT_CASE(test_spare_set_window),
	KUNIT_CASE(test_spare_told),
	{}
};

static struct kunit_suite loss_suite = {
	.name = "chaos_ncp_loss",
	.test_cases = loss_cases,
};

kunit_test_suite(loss_suite);
