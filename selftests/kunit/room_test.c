// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The link is busy with our packets: those that carry data wait until there is room,
 * nothing is lost, and what is repeated meanwhile is little.
 */

#include <kunit/test.h>

#include "scenario.h"

/* There is room for so many more. */
static bool room_for(struct endpoint *ep)
{
	unsigned int *left = ep->priv;

	if (!*left)
		return false;
	--*left;
	return true;
}

static void test_wait(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep->crowded = true;
	send_packets(ep, 2);
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	EMITS(ep, "");
	ep_resume(ep);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4], EOF 103/200");
	ep_resume(ep);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 0);
	scenario_end(test, ep);
}

static void test_piecemeal(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int left = 2;

	ep_open_user(ep, 13, 13);
	ep->room = room_for;
	ep->priv = &left;
	send_packets(ep, 5);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4]");
	left = 1;
	ep_resume(ep);
	EMITS(ep, "DAT 103/200 [4]");
	left = 9;
	ep_resume(ep);
	EMITS(ep, "DAT 104/200 [4], DAT 105/200 [4]");
	/* It is asked once for each packet that goes. */
	KUNIT_EXPECT_EQ(test, left, 7);
	scenario_end(test, ep);
}

/* Room is no substitute for the peer's window, nor the other way round. */
static void test_window(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	ep->crowded = true;
	send_packets(ep, 3);
	ep_resume(ep);
	EMITS(ep, "DAT 101/200 [4]");
	ep->crowded = true;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 1);
	EMITS(ep, "");
	ep_resume(ep);
	EMITS(ep, "DAT 102/200 [4]");
	scenario_end(test, ep);
}

/* Opening needs room like all that is repeated until it arrives. */
static void test_rfc(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep->crowded = true;
	ep_connect(ep, 0x100);
	EMITS(ep, "=RFC-SENT");
	ep_resume(ep);
	EMITS(ep, "RFC 100/0 [4]");
	scenario_end(test, ep);
}

static void test_opn(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep->crowded = true;
	ep_accept(ep);
	EMITS(ep, "=RFC-RECEIVED, =OPENED");
	ep_resume(ep);
	EMITS(ep, "OPN 100/200 r200 w13");
	scenario_end(test, ep);
}

/* What tells the peer how things are goes at once. */
static void test_status(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep->crowded = true;
	send_packets(ep, 1);
	ep_rcv_op(ep, CHAOS_OP_SNS, 0x201, 0x100);
	EMITS(ep, "STS 101/200 r200 w13");
	rcv_packets(ep, 0x201, 1, 0x100);
	EMITS_AFTER(ep, NCP_STS_DELAY, "+DAT 201, STS 101/200 r201 w13");
	ep_abort(ep);
	EMITS(ep, "CLS 102/200 \"Aborted\", =CLOSED/local");
	scenario_end(test, ep);
}

/* A timeout with no room repeats one packet, which may be the one that is missing. */
static void test_retransmit(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 8);
	ep_take(ep);
	ep->crowded = true;
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 109/200, DAT 101/200 [4]");
	EMITS_AFTER(ep, 1000 * NCP_MS, "SNS 109/200, DAT 101/200 [4]");
	/* What was not repeated is no news for when there is room. */
	ep_resume(ep);
	EMITS(ep, "");
	EMITS_AFTER(ep, 2000 * NCP_MS, "SNS 109/200, DAT 101/200 [4], DAT 102/200 [4]");
	scenario_end(test, ep);
}

/* A link that has said no is not asked for every packet. */
static bool room_never(struct endpoint *ep)
{
	unsigned int *asked = ep->priv;

	++*asked;
	return false;
}

static void test_retransmit_asks_once(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int asked = 0;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 12);
	ep->room = room_never;
	ep->priv = &asked;
	ep_run(ep, 500 * NCP_MS);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 1);
	KUNIT_EXPECT_EQ(test, asked, 1);
	scenario_end(test, ep);
}

/* The internal window counts what goes, not what could not. */
static void test_retransmit_room(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int left = 100;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 12);
	ep->room = room_for;
	left = 2;
	ep->priv = &left;
	ep_take(ep);
	/* Six at most; the first needs no room, two find it. */
	EMITS_AFTER(ep, 500 * NCP_MS,
		    "SNS 10d/200, DAT 101/200 [4], DAT 102/200 [4], DAT 103/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.cwnd, 6);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, 3);
	scenario_end(test, ep);
}

/* A gap is repaired all the same. */
static void test_gap(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 5);
	ep->crowded = true;
	ep->now += 2 * NCP_MS;
	ep_take(ep);
	rcv_gap_reports(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* What waits to be filled needs no room; what waits for room can be filled. */
static void test_hold(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int left = 1;

	ep_open_user(ep, 13, 13);
	ep->room = room_for;
	ep->priv = &left;
	ep_write(ep, "more", 4, NCP_HOLD_MORE);
	KUNIT_EXPECT_EQ(test, left, 1);
	left = 0;
	ep_write(ep, "data", 4, NCP_HOLD_PARTIAL);
	EMITS_AFTER(ep, 100 * NCP_MS, "");
	ep_write(ep, "and more", 8, NCP_HOLD_PARTIAL);
	left = 1;
	ep_resume(ep);
	EMITS(ep, "DAT 101/200 [16]");
	scenario_end(test, ep);
}

/* The time to be filled ends while there is no room: it goes as soon as there is. */
static void test_hold_time(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_write(ep, "more", 4, NCP_HOLD_MORE);
	ep->crowded = true;
	ep_run(ep, 200 * NCP_MS);
	EMITS(ep, "");
	ep_resume(ep);
	EMITS(ep, "DAT 101/200 [4]");
	scenario_end(test, ep);
}

/* Room comes too late. */
static void test_ended(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep->crowded = true;
	send_packets(ep, 3);
	ep_rcv_op(ep, CHAOS_OP_CLS, 0x201, 0x100);
	EMITS(ep, "+CLS 201, =CLOSED/clean");
	ep->timer_at = 0;
	ep_resume(ep);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->timer_at, 0);
	scenario_end(test, ep);
}

/* A safe close waits for it as for everything else. */
static void test_close(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep->crowded = true;
	send_packets(ep, 1);
	ep_close(ep);
	EMITS(ep, "");
	ep_resume(ep);
	EMITS(ep, "DAT 101/200 [4], EOF 102/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	EMITS(ep, "CLS 103/200 \"Connection closed\", =CLOSED/local");
	scenario_end(test, ep);
}

static struct kunit_case room_cases[] = {
	KUNIT_CASE(test_wait),
	KUNIT_CASE(test_piecemeal),
	KUNIT_CASE(test_window),
	KUNIT_CASE(test_rfc),
	KUNIT_CASE(test_opn),
	KUNIT_CASE(test_status),
	KUNIT_CASE(test_retransmit),
	KUNIT_CASE(test_retransmit_asks_once),
	KUNIT_CASE(test_retransmit_room),
	KUNIT_CASE(test_gap),
	KUNIT_CASE(test_hold),
	KUNIT_CASE(test_hold_time),
	KUNIT_CASE(test_ended),
	KUNIT_CASE(test_close),
	{}
};

static struct kunit_suite room_suite = {
	.name = "chaos_ncp_room",
	.test_cases = room_cases,
};

kunit_test_suite(room_suite);
