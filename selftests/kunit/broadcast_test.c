// SPDX-License-Identifier: GPL-2.0-or-later
/* BRD, from both ends (AIM 628 section 4.5).  What each packet does: state_test.c. */

#include <kunit/test.h>

#include "scenario.h"

static struct endpoint *call(struct kunit *test, bool simple)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep->ncp.simple = simple;
	ep_broadcast(ep, 0x100);
	return ep;
}

/* A packet from any host to ours, with the words of an OPN that fits. */
static enum ncp_verdict rcv_from(struct endpoint *ep, u8 op, u16 src, u16 sidx)
{
	const struct chaos_hdr hdr = {
		.op = op, .len = 4, .dst = EP_LADDR, .didx = EP_LIDX,
		.src = src, .sidx = sidx, .num = 0x200, .ack = 0x100,
	};

	return ep_rcv(ep, &hdr, "\0\1\15\0");
}

/* The NCP does not repeat it; who has asked is told when it is hopeless. */
static void test_once(struct kunit *test)
{
	struct endpoint *ep = call(test, false);

	EMITS(ep, "=BROADCAST-SENT, BRD 100/4 [8]");
	EMITS_AFTER(ep, NCP_CONNECT_TIMEOUT - 1, "");
	EMITS_AFTER(ep, 1, "=INCOMPLETE/timeout");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.pkts_sent, 1);
	scenario_end(test, ep);
}

/* Answers do not prolong it: the time counts from the BRD. */
static void test_answers(struct kunit *test)
{
	struct endpoint *ep = call(test, true);
	u16 host;

	ep_take(ep);
	for (host = 0403; host < 0403 + 29; host++) {
		ep_run(ep, NCP_SEC);
		KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_ANS, host, 0), NCP_ACCEPTED);
		EMITS(ep, "+ANS 200");
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.raddr, 0);
	EMITS_AFTER(ep, NCP_SEC, "=INCOMPLETE/timeout");
	/* The others are late. */
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_ANS, 0403, 0), NCP_WRONG_SOURCE);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/* A user that wants answers can have them, whatever else comes. */
static void test_answer_after_opn(struct kunit *test)
{
	struct endpoint *ep = call(test, true);

	ep_take(ep);
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_OPN, 0403, 0x33), NCP_NOT_OPEN);
	KUNIT_EXPECT_EQ(test, ep->ncp.raddr, 0);
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_ANS, 0404, 0), NCP_ACCEPTED);
	EMITS(ep, "+ANS 200");
	scenario_end(test, ep);
}

/* The first OPN makes a connection with its sender, as fast as any other. */
static void test_first_opens(struct kunit *test)
{
	struct endpoint *ep = call(test, false);

	ep_run(ep, NCP_SEC);
	ep_take(ep);
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_OPN, 0403, 0x33), NCP_ACCEPTED);
	EMITS(ep, "=OPENED, STS 101/200 r200 w13");
	KUNIT_EXPECT_EQ(test, ep->ncp.raddr, 0403);
	KUNIT_EXPECT_EQ(test, ep->ncp.ridx, 0x33);
	KUNIT_EXPECT_TRUE(test, ep->ncp.was_open);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_window, 13);
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	/* The others learn by LOS that they are too late. */
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_OPN, 0404, 0x33), NCP_WRONG_SOURCE);
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_OPN, 0403, 0x34), NCP_WRONG_SOURCE);
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_ANS, 0405, 0), NCP_WRONG_SOURCE);
	EMITS(ep, "");
	/* It again: the STS was lost. */
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_OPN, 0403, 0x33), NCP_DUPLICATE);
	EMITS(ep, "STS 101/200 r200 w13");
	send_packets(ep, 1);
	EMITS(ep, "DAT 101/200 [4]");
	/* The limit of the BRD is none for the connection. */
	ep_run(ep, NCP_CONNECT_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	scenario_end(test, ep);
}

/* An OPN that does not fit opens nothing, and spoils nothing. */
static void test_bad_opn(struct kunit *test)
{
	struct chaos_hdr hdr = {
		.op = CHAOS_OP_OPN, .len = 3, .dst = EP_LADDR, .didx = EP_LIDX,
		.src = 0403, .sidx = 0x33, .num = 0x200, .ack = 0x100,
	};
	struct endpoint *ep = call(test, false);

	ep_take(ep);
	KUNIT_EXPECT_EQ(test, ep_rcv(ep, &hdr, "\0\1\15"), NCP_MALFORMED);
	hdr.len = 4;
	hdr.ack = 0xff;
	KUNIT_EXPECT_EQ(test, ep_rcv(ep, &hdr, "\377\0\15\0"), NCP_MALFORMED);
	KUNIT_EXPECT_EQ(test, ep->ncp.raddr, 0);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, rcv_from(ep, CHAOS_OP_OPN, 0404, 0x44), NCP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ep->ncp.raddr, 0404);
	scenario_end(test, ep);
}

/* A link that does not work says nothing about the others. */
static void test_unreachable(struct kunit *test)
{
	struct endpoint *ep = call(test, false);

	ep_take(ep);
	ncp_unreachable(&ep->ncp);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_BROADCAST_SENT);
	scenario_end(test, ep);
}

/* The user has had enough: there is nobody to tell. */
static void test_close(struct kunit *test)
{
	struct endpoint *ep = call(test, true);

	ep_take(ep);
	ep_close(ep);
	EMITS_AFTER(ep, NCP_CONNECT_TIMEOUT, "=CLOSED/local");
	ep = call(test, false);
	ep_take(ep);
	ep_abort(ep);
	EMITS(ep, "=CLOSED/local");
	scenario_end(test, ep);
}

/*
 * The server.
 */

static struct endpoint *called(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer_brd(ep, 0x200, 0x100);
	EMITS(ep, "=RFC-RECEIVED");
	return ep;
}

/* Not decided on: some other host may serve it. */
static void test_undecided(struct kunit *test)
{
	struct endpoint *ep = called(test);

	/* Last words are for those that one has spoken to. */
	ep->ncp.farewell = "Good night";
	ep_close(ep);
	EMITS_AFTER(ep, NCP_PENDING_TIMEOUT, "=CLOSED/local");
	scenario_end(test, ep);
}

static void test_undecided_timeout(struct kunit *test)
{
	struct endpoint *ep = called(test);

	ep_run(ep, NCP_PENDING_TIMEOUT - NCP_SEC);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_BRD, 0x200, 0), NCP_DUPLICATE);
	EMITS_AFTER(ep, NCP_PENDING_TIMEOUT - 1, "");
	EMITS_AFTER(ep, 1, "=CLOSED/timeout");
	scenario_end(test, ep);
}

/* A decision is a decision: a true negative response, an answer, a connection. */
static void test_reject(struct kunit *test)
{
	struct endpoint *ep = called(test);

	ncp_abort(&ep->ncp, "Not today", ep->now);
	EMITS(ep, "CLS 100/200 \"Not today\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_answer(struct kunit *test)
{
	struct endpoint *ep = called(test);

	ep_answer(ep, "time");
	EMITS(ep, "ANS 0/0 \"time\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_accept(struct kunit *test)
{
	struct endpoint *ep = called(test);

	ep_accept(ep);
	EMITS(ep, "=OPENED, OPN 100/200 r200 w13");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 13);
	/* From here on it is a connection like any other. */
	send_packets(ep, 1);
	ep_close(ep);
	EMITS(ep, "DAT 101/200 [4], EOF 102/200");
	scenario_end(test, ep);
}

/* As with RFC: a peer that only repeats its BRD does not know of the connection. */
static void test_brd_of_open(struct kunit *test)
{
	struct endpoint *ep = called(test);
	unsigned int i;

	ep_accept(ep);
	for (i = 0; i < 90; i++) {
		KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_BRD, 0x200, 0), NCP_DUPLICATE);
		ep_run(ep, NCP_SEC);
		ep_take(ep);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
	scenario_end(test, ep);
}

static struct kunit_case broadcast_cases[] = {
	KUNIT_CASE(test_once),
	KUNIT_CASE(test_answers),
	KUNIT_CASE(test_answer_after_opn),
	KUNIT_CASE(test_first_opens),
	KUNIT_CASE(test_bad_opn),
	KUNIT_CASE(test_unreachable),
	KUNIT_CASE(test_close),
	KUNIT_CASE(test_undecided),
	KUNIT_CASE(test_undecided_timeout),
	KUNIT_CASE(test_reject),
	KUNIT_CASE(test_answer),
	KUNIT_CASE(test_accept),
	KUNIT_CASE(test_brd_of_open),
	{}
};

static struct kunit_suite broadcast_suite = {
	.name = "chaos_ncp_broadcast",
	.test_cases = broadcast_cases,
};

kunit_test_suite(broadcast_suite);
