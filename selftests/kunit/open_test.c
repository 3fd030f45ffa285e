// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening a connection, and not opening it (AIM 628 section 4.1). */

#include <kunit/test.h>

#include "scenario.h"

static void test_rfc(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	EMITS(ep, "=RFC-SENT, RFC 100/0 [4]");
	EMITS_AFTER(ep, 499 * NCP_MS, "");
	EMITS_AFTER(ep, 1 * NCP_MS, "RFC 100/0 [4]");
	/* Twice the time, up to two seconds. */
	EMITS_AFTER(ep, 999 * NCP_MS, "");
	EMITS_AFTER(ep, 1 * NCP_MS, "RFC 100/0 [4]");
	EMITS_AFTER(ep, 1999 * NCP_MS, "");
	EMITS_AFTER(ep, 1 * NCP_MS, "RFC 100/0 [4]");
	EMITS_AFTER(ep, 2000 * NCP_MS, "RFC 100/0 [4]");
	scenario_end(test, ep);
}

static void test_rfc_unanswered(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	ep_run(ep, NCP_CONNECT_TIMEOUT - 1);
	ep_take(ep);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_RFC_SENT);
	EMITS_AFTER(ep, 1, "=INCOMPLETE/timeout");
	EMITS_AFTER(ep, NCP_TIMEOUT, "");
	scenario_end(test, ep);
}

static void test_unreachable(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	ep_take(ep);
	ncp_unreachable(&ep->ncp);
	EMITS(ep, "=CLOSED/unreachable");
	scenario_end(test, ep);
}

/* Once open, it is one more lost packet. */
static void test_unreachable_open(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ncp_unreachable(&ep->ncp);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	scenario_end(test, ep);
}

/* The user may be slow to get its OPN; the connection is as fast as any other. */
static void test_slow_server(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	ep_run(ep, 5 * NCP_SEC);
	ep_take(ep);
	ep_rcv_words(ep, CHAOS_OP_OPN, 0x200, 0x100, 0x100, 3);
	EMITS(ep, "=OPENED, STS 101/200 r200 w13");
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	KUNIT_EXPECT_EQ(test, ep->ncp.backoff, 0);
	send_packets(ep, 4);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4], DAT 103/200 [4]");
	scenario_end(test, ep);
}

/* The server cannot know whether OPN or STS was lost. */
static void test_opn_lost(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	EMITS(ep, "=RFC-RECEIVED");
	ep_accept(ep);
	EMITS(ep, "=OPENED, OPN 100/200 r200 w13");
	send_packets(ep, 1);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_RFC, 0x200, 0), NCP_DUPLICATE);
	EMITS_AFTER(ep, 250 * NCP_MS, "SNS 101/200");
	EMITS_AFTER(ep, 250 * NCP_MS, "OPN 100/200 r200 w13");
	EMITS_AFTER(ep, 1000 * NCP_MS, "SNS 101/200, OPN 100/200 r200 w13");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 13);
	EMITS(ep, "DAT 101/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, NCP_WINDOW_MAX);
	scenario_end(test, ep);
}

/* Which of two OPNs is answered?  That does not tell how long packets take. */
static void test_opn_twice(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_accept(ep);
	ep_run(ep, 900 * NCP_MS);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 13);
	KUNIT_EXPECT_EQ(test, ep->ncp.flight, 0);
	send_packets(ep, 2);
	ep_take(ep);
	/* So the answer tells of a loss, not of impatience. */
	EMITS_AFTER(ep, 250 * NCP_MS, "SNS 103/200");
	ep->now += 50 * NCP_MS;
	rcv_same_sts(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* What arrives before the OPN's receipt is receipted in its time. */
static void test_data_before_sts(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_accept(ep);
	rcv_packets(ep, 0x201, 1, 0xff);
	ep_run(ep, 30 * NCP_MS);
	ep_set_window(ep, 9);
	ep_take(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x202, 0x100, 0x100, 13);
	EMITS_AFTER(ep, 10 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "STS 101/200 r201 w9");
	scenario_end(test, ep);
}

static void test_sts_lost(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	int i;

	ep_open_user(ep, 13, 13);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, ep_rcv_words(ep, CHAOS_OP_OPN, 0x200, 0x100, 0x100, 13),
				NCP_DUPLICATE);
		EMITS(ep, "STS 101/200 r200 w13");
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.count.dups, 3);
	scenario_end(test, ep);
}

/* What OPN says about our packets counts in a repeated one, too. */
static void test_opn_again_acks(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	send_packets(ep, 2);
	EMITS(ep, "DAT 101/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_OPN, 0x200, 0x101, 0x100, 1);
	EMITS(ep, "DAT 102/200 [4], STS 103/200 r200 w13");
	scenario_end(test, ep);
}

static void test_rfc_repeated(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	/* As long as the peer repeats it, the server has time to decide. */
	ep_run(ep, NCP_PENDING_TIMEOUT - NCP_SEC);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_RFC, 0x200, 0), NCP_DUPLICATE);
	ep_run(ep, NCP_PENDING_TIMEOUT - 1);
	EMITS(ep, "");
	EMITS_AFTER(ep, 1, "=CLOSED/timeout");
	scenario_end(test, ep);
}

/* A peer that only repeats its RFC does not know of the open connection. */
static void test_rfc_of_open(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_server(ep, 13, 13);
	for (i = 0; i < 90; i++) {
		ep_rcv_op(ep, CHAOS_OP_RFC, 0x200, 0);
		ep_run(ep, NCP_SEC);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
	scenario_end(test, ep);
}

/* What the server took to decide is not the peer's silence. */
static void test_decided_late(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_run(ep, 50 * NCP_SEC);
	ep_accept(ep);
	ep_run(ep, NCP_TIMEOUT - 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	ep_run(ep, 1 + NCP_TICK);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
	scenario_end(test, ep);
}

static void test_reject(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	ep_close(ep);
	EMITS(ep, "CLS 100/200 \"Connection refused by server\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_reject_with_reason(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep->ncp.farewell = "Not on Sundays";
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	ep_close(ep);
	EMITS(ep, "CLS 100/200 \"Not on Sundays\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_forget(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	ncp_forget(&ep->ncp);
	EMITS(ep, "=CLOSED/local");
	ncp_forget(&ep->ncp);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/* Giving up before there is an answer is silent: the peer will find out. */
static void test_close_asking(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	ep_take(ep);
	ep_close(ep);
	EMITS(ep, "=CLOSED/local");
	scenario_end(test, ep);
}

/* ANS has index, number and acknowledgment 0, and leaves no state. */
static void test_answer(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	ep_answer(ep, "time");
	EMITS(ep, "ANS 0/0 \"time\", =CLOSED/local");
	/* The RFC is repeated: the answer was lost. */
	ep_answer(ep, "time");
	EMITS(ep, "ANS 0/0 \"time\"");
	scenario_end(test, ep);
}

/* FWD has the other host in the acknowledgment field (AIM 628 section 4.1). */
static void test_forward(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	ncp_forward(&ep->ncp, 0x103, "TIME", 4, ep->now);
	EMITS(ep, "FWD 0/103 \"TIME\", =CLOSED/local");
	EMITS_AFTER(ep, NCP_TIMEOUT, "");
	scenario_end(test, ep);
}

/* Before the server decides nothing was offered yet. */
static void test_window_before_opn(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_set_window(ep, 2);
	ep_accept(ep);
	EMITS(ep, "=RFC-RECEIVED, =OPENED, OPN 100/200 r200 w2");
	rcv_packets(ep, 0x201, 2, 0xff);
	EMITS(ep, "+DAT 201, +DAT 202");
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x203, 0xff), NCP_BEYOND_WINDOW);
	scenario_end(test, ep);
}

/* A window that is changed while the OPN is on its way is told after it. */
static void test_window_after_opn(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_accept(ep);
	ep_take(ep);
	ep_set_window(ep, 50);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 13);
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 101/200 r200 w50");
	scenario_end(test, ep);
}

static void test_window_not_changed(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_server(ep, 13, 13);
	EMITS_AFTER(ep, NCP_SEC, "");
	scenario_end(test, ep);
}

static void test_numbers_wrap(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_connect(ep, 0xffff);
	EMITS(ep, "=RFC-SENT, RFC ffff/0 [4]");
	ep_rcv_words(ep, CHAOS_OP_OPN, 0xfffe, 0xffff, 0xffff, 2);
	EMITS(ep, "=OPENED, STS 0/fffe rfffe w13");
	send_packets(ep, 4);
	EMITS(ep, "DAT 0/fffe [4], DAT 1/fffe [4]");
	ep_rcv_op(ep, CHAOS_OP_DAT, 0xffff, 0);
	EMITS(ep, "+DAT ffff, DAT 2/fffe [4]");
	ep_rcv_op(ep, CHAOS_OP_DAT, 1, 1);
	EMITS(ep, "STS 3/fffe rffff w13, DAT 3/fffe [4]");
	ep_rcv_op(ep, CHAOS_OP_DAT, 0, 1);
	EMITS(ep, "+DAT 0, +DAT 1, STS 4/fffe r1 w13");
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0xb, 1), NCP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0xc, 1), NCP_BEYOND_WINDOW);
	scenario_end(test, ep);
}

static struct kunit_case open_cases[] = {
	KUNIT_CASE(test_rfc),
	KUNIT_CASE(test_rfc_unanswered),
	KUNIT_CASE(test_unreachable),
	KUNIT_CASE(test_unreachable_open),
	KUNIT_CASE(test_slow_server),
	KUNIT_CASE(test_opn_lost),
	KUNIT_CASE(test_opn_twice),
	KUNIT_CASE(test_data_before_sts),
	KUNIT_CASE(test_sts_lost),
	KUNIT_CASE(test_opn_again_acks),
	KUNIT_CASE(test_rfc_repeated),
	KUNIT_CASE(test_rfc_of_open),
	KUNIT_CASE(test_decided_late),
	KUNIT_CASE(test_reject),
	KUNIT_CASE(test_reject_with_reason),
	KUNIT_CASE(test_forget),
	KUNIT_CASE(test_close_asking),
	KUNIT_CASE(test_answer),
	KUNIT_CASE(test_forward),
	KUNIT_CASE(test_window_before_opn),
	KUNIT_CASE(test_window_after_opn),
	KUNIT_CASE(test_window_not_changed),
	KUNIT_CASE(test_numbers_wrap),
	{}
};

static struct kunit_suite open_suite = {
	.name = "chaos_ncp_open",
	.test_cases = open_cases,
};

kunit_test_suite(open_suite);
