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
	KUNIT_EXPECT_EQ(test, ep->ncp.loss_credit, 2);
	first = ep->ncp.snd_next;
	send_packets(ep, WINDOW);
	ep->now += SHORT;
	rcv_gap_reports(ep);
	repaired(ep, first + 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	/* The third: 60 are not receipted. */
	repaired(ep, first + 3);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 3);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, (WINDOW - 4) / 2);
	/* Once for all that were under way. */
	repaired(ep, first + 5);
	repaired(ep, first + 7);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 5);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, (WINDOW - 4) / 2);
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

static struct kunit_case loss_cases[] = {
	KUNIT_CASE(test_cable),
	KUNIT_CASE(test_queue),
	KUNIT_CASE(test_credit),
	KUNIT_CASE(test_longer_path),
	KUNIT_CASE(test_full_queue),
	{}
};

static struct kunit_suite loss_suite = {
	.name = "chaos_ncp_loss",
	.test_cases = loss_cases,
};

kunit_test_suite(loss_suite);
