// SPDX-License-Identifier: GPL-2.0-or-later
/* Windows, acknowledgments and receipts, both ways (AIM 628 section 3.8). */

#include <kunit/test.h>

#include "scenario.h"

/*
 * Sending.
 */

static void test_window(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 3);
	send_packets(ep, 7);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4], DAT 103/200 [4]");
	/* What has arrived need not be sent again, but still fills the window. */
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x103, 3);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->held, 4);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x103, 3);
	EMITS(ep, "DAT 104/200 [4], DAT 105/200 [4]");
	/* Acknowledged is received, whatever the receipt says. */
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x105, 0x103, 3);
	EMITS(ep, "DAT 106/200 [4], DAT 107/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->held, 2);
	scenario_end(test, ep);
}

static void test_window_1(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 1, 1);
	send_packets(ep, 3);
	EMITS(ep, "DAT 101/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 1);
	EMITS(ep, "DAT 102/200 [4]");
	/* The other way every packet is acknowledged as it is read. */
	ep_rcv_op(ep, CHAOS_OP_DAT, 0x201, 0x101);
	EMITS(ep, "+DAT 201");
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x202, 0x101), NCP_BEYOND_WINDOW);
	ep_read(ep, 1);
	EMITS(ep, "STS 103/201 r201 w1");
	ep_rcv_op(ep, CHAOS_OP_DAT, 0x202, 0x102);
	EMITS(ep, "+DAT 202, DAT 103/201 [4]");
	scenario_end(test, ep);
}

static void test_window_shut(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 2);
	send_packets(ep, 3);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 0);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4]");
	/* Only questions, ever more rarely, until it opens. */
	EMITS_AFTER(ep, 250 * NCP_MS, "SNS 103/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 0);
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 103/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 0);
	ep_run(ep, 30 * NCP_SEC);
	ep_take(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 1);
	EMITS(ep, "DAT 103/200 [4]");
	scenario_end(test, ep);
}

/* A smaller window takes nothing back, but nothing new goes until it allows. */
static void test_window_shrunk(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 4);
	send_packets(ep, 6);
	ep_take(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x104, 2);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x104, 2);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x103, 0x104, 2);
	EMITS(ep, "DAT 105/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x103, 0x104, 4);
	EMITS(ep, "DAT 106/200 [4]");
	scenario_end(test, ep);
}

static void test_window_huge(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 65535);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_window, NCP_WINDOW_MAX);
	send_packets(ep, NCP_WINDOW_MAX + 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_last, 0x100 + NCP_WINDOW_MAX);
	scenario_end(test, ep);
}

static void test_queue_bounded(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int n = 0;

	ep_open_user(ep, 13, 0);
	ep->often = true;
	while (n < 2 * NCP_QUEUE_MAX && ep_send(ep, CHAOS_OP_DAT, "data", 4))
		n++;
	KUNIT_EXPECT_EQ(test, n, NCP_QUEUE_MAX - 1);
	/* Closing still works. */
	ep_close(ep);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	scenario_end(test, ep);
}

/* Acknowledgments and receipts outside of what is open are ignored. */
struct outside {
	u16 ack, receipt;
	u16 acked, receipted;	/* what becomes of it */
	const char *rule;
};

/* 101 is read, 102 has arrived, 103 and 104 are under way, 105 is not sent. */
static const struct outside outsides[] = {
	{ 0x101, 0x102, 0x101, 0x102, "nothing new" },
	{ 0x101, 0x103, 0x101, 0x103, "one more receipt" },
	{ 0x102, 0x102, 0x102, 0x102, "one more read" },
	{ 0x103, 0x102, 0x103, 0x103, "acknowledgment implies receipt" },
	{ 0x104, 0x104, 0x104, 0x104, "all that was sent" },
	{ 0x104, 0x100, 0x104, 0x104, "an old receipt with a new acknowledgment" },
	{ 0x105, 0x102, 0x101, 0x102, "acknowledges what was never sent" },
	{ 0x101, 0x105, 0x101, 0x102, "receipts what was never sent" },
	{ 0x105, 0x105, 0x101, 0x102, "both" },
	{ 0x100, 0x102, 0x101, 0x102, "goes back" },
	{ 0x100, 0x101, 0x101, 0x102, "both go back" },
	{ 0x101, 0x100, 0x101, 0x102, "receipt goes back behind the acknowledgment" },
	{ 0x8101, 0x102, 0x101, 0x102, "half the circle" },
	{ 0x101, 0x8102, 0x101, 0x102, "receipt of half the circle" },
	{ 0x8100, 0x8101, 0x101, 0x102, "nearly half the circle ahead" },
	{ 0xffff, 0xffff, 0x101, 0x102, "far behind" },
	{ 0, 0, 0x101, 0x102, "zero, as on an ANS" },
	{ 0x105, 0x104, 0x101, 0x104, "bad acknowledgment, good receipt" },
	{ 0x104, 0x105, 0x104, 0x104, "good acknowledgment, bad receipt" },
};

static void outside_desc(const struct outside *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%x, %x: %s", row->ack, row->receipt, row->rule);
}

KUNIT_ARRAY_PARAM(outside, outsides, outside_desc);

static void test_outside(struct kunit *test)
{
	const struct outside *row = test->param_value;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 3);
	send_packets(ep, 5);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x102, 3);
	ep_take(ep);
	KUNIT_EXPECT_EQ(test, ep_rcv_words(ep, CHAOS_OP_STS, 0x201, row->ack, row->receipt, 3),
			NCP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_ack, row->acked);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, row->receipted);
	scenario_end(test, ep);
}

/* Which packets' acknowledgment field counts (AIM 628 sections 4 to 4.5)? */
struct carrier {
	u8 op;
	bool counts;
};

static const struct carrier carriers[] = {
	{ CHAOS_OP_SNS, true }, { CHAOS_OP_STS, true }, { CHAOS_OP_OPN, true },
	{ CHAOS_OP_EOF, true }, { CHAOS_OP_UNC, true }, { CHAOS_OP_DAT, true },
	{ CHAOS_OP_DWD, true }, { CHAOS_OP_RFC, false }, { CHAOS_OP_FWD, false },
	{ CHAOS_OP_ANS, false }, { CHAOS_OP_RUT, false }, { CHAOS_OP_MNT, false },
	{ CHAOS_OP_BRD, false },
};

static void carrier_desc(const struct carrier *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%03o %s", row->op,
		 row->counts ? "acknowledges" : "does not acknowledge");
}

KUNIT_ARRAY_PARAM(carrier, carriers, carrier_desc);

static void test_carrier(struct kunit *test)
{
	const struct carrier *row = test->param_value;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	send_packets(ep, 2);
	ep_rcv_words(ep, row->op, 0x201, 0x101, 0x100, 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_ack, row->counts ? 0x101 : 0x100);
	/* The window it opens is used at once. */
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_last, row->counts ? 0x102 : 0x101);
	scenario_end(test, ep);
}

/*
 * Receiving.
 */

/*
 * STS when more than a third of the window was read and not acknowledged, or 32
 * packets were.
 */
static const u16 windows[] = { 1, 2, 3, 4, 5, 6, 13, 15, 64, 92, 93, 96, 128, NCP_WINDOW_MAX };

static void window_desc(const u16 *window, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "window %u", *window);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static void test_much_read(struct kunit *test)
{
	const u16 *window = test->param_value;
	struct endpoint *ep = scenario(test);
	const u16 step = *window < 93 ? *window / 3 + 1 : 32;
	unsigned int i;
	char want[40];

	ep_open_user(ep, *window, 13);
	rcv_packets(ep, 0x201, *window, 0x100);
	ep_take(ep);
	for (i = 1; i <= *window; i++) {
		snprintf(want, sizeof(want), "STS 101/%x r%x w%u", 0x200 + i, 0x200 + *window,
			 *window);
		ep_read(ep, 1);
		EMITS(ep, i % step ? "" : want);
	}
	/* The rest follows within 40 ms. */
	snprintf(want, sizeof(want), "STS 101/%x r%x w%u", 0x200 + *window, 0x200 + *window,
		 *window);
	EMITS_AFTER(ep, NCP_STS_DELAY, *window % step ? want : "");
	EMITS_AFTER(ep, NCP_SEC, "");
	scenario_end(test, ep);
}

/* Reading all at once reports as often as reading one by one. */
static void test_much_read_at_once(struct kunit *test)
{
	const u16 *window = test->param_value;
	const u16 step = *window < 93 ? *window / 3 + 1 : 32;
	struct endpoint *ep = scenario(test);
	unsigned int i;
	static char want[4000];
	int len = 0;

	want[0] = '\0';
	ep_open_user(ep, *window, 13);
	rcv_packets(ep, 0x201, *window, 0x100);
	ep_take(ep);
	for (i = step; i <= *window; i += step)
		len += snprintf(want + len, sizeof(want) - len, "%sSTS 101/%x r%x w%u",
				len ? ", " : "", 0x200 + i, 0x200 + *window, *window);
	KUNIT_EXPECT_EQ(test, ep_read(ep, NCP_WINDOW_MAX), *window);
	EMITS(ep, want);
	scenario_end(test, ep);
}

/* Packets that are handed in together go as the window allows, the last as it likes. */
static void test_write_much(struct kunit *test)
{
	static const u8 data[3 * CHAOS_DATA_MAX + 1];
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 3);
	ep_write(ep, data, sizeof(data), NCP_HOLD_MORE);
	EMITS(ep, "DAT 101/200 [488], DAT 102/200 [488], DAT 103/200 [488]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x103, 0x103, 3);
	EMITS(ep, "");
	KUNIT_EXPECT_TRUE(test, ep->ncp.holding);
	EMITS_AFTER(ep, NCP_HOLD_TIME, "DAT 104/200 [1]");
	scenario_end(test, ep);
}

/* What arrives is receipted, and what is read is acknowledged, within 40 ms. */
static void test_sts_soon(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 1, 0x100);
	EMITS(ep, "+DAT 201");
	EMITS_AFTER(ep, 30 * NCP_MS, "");
	rcv_packets(ep, 0x202, 1, 0x100);
	EMITS(ep, "+DAT 202");
	EMITS_AFTER(ep, 10 * NCP_MS, "STS 101/200 r202 w13");
	EMITS_AFTER(ep, NCP_SEC, "");
	ep_read(ep, 1);
	EMITS_AFTER(ep, 39 * NCP_MS, "");
	EMITS_AFTER(ep, 1 * NCP_MS, "STS 101/201 r202 w13");
	EMITS_AFTER(ep, NCP_SEC, "");
	scenario_end(test, ep);
}

/* Data that goes the other way tells it as well. */
static void test_data_acknowledges(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 1, 0x100);
	ep_read(ep, 1);
	ep_take(ep);
	send_packets(ep, 1);
	EMITS(ep, "DAT 101/201 [4]");
	EMITS_AFTER(ep, 100 * NCP_MS, "");
	scenario_end(test, ep);
}

/* But it cannot tell what has arrived and is not read, nor of a gap. */
static void test_data_does_not_receipt(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 2, 0x100);
	ep_read(ep, 1);
	ep_take(ep);
	send_packets(ep, 1);
	EMITS(ep, "DAT 101/201 [4]");
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 102/201 r202 w13");
	scenario_end(test, ep);
}

static void test_data_does_not_report_gap(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x202, NCP_REPEATS + 2, 0x100);
	ep_take(ep);
	send_packets(ep, 1);
	EMITS(ep, "DAT 101/200 [4]");
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 102/200 r200 w13");
	EMITS_AFTER(ep, 2 * NCP_STS_DELAY, "");
	scenario_end(test, ep);
}

/* Data has told in time all there is to tell: saying so again looks like a gap. */
static void test_data_told_all(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 2, 0x100);
	EMITS_AFTER(ep, NCP_STS_DELAY, "+DAT 201, +DAT 202, STS 101/200 r202 w13");
	ep_read(ep, 1);
	send_packets(ep, 1);
	EMITS(ep, "DAT 101/201 [4]");
	EMITS_AFTER(ep, 2 * NCP_STS_DELAY, "");
	scenario_end(test, ep);
}

/* So has a question. */
static void test_question_told_all(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_server(ep, 13, 13);
	rcv_packets(ep, 0x201, 1, 0x100);
	ep_read(ep, 1);
	ep_take(ep);
	ncp_send_sns(&ep->ncp, ep->now);
	EMITS(ep, "SNS 101/201");
	EMITS_AFTER(ep, NCP_SEC, "");
	/* But not what came after it, read or not. */
	rcv_packets(ep, 0x202, 1, 0x100);
	EMITS_AFTER(ep, NCP_STS_DELAY, "+DAT 202, STS 101/201 r202 w13");
	ep_read(ep, 1);
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 101/202 r202 w13");
	scenario_end(test, ep);
}

/* Four packets behind a gap report it, others do so in their time. */
static void test_gap(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 2, 0x100);
	EMITS(ep, "+DAT 201, +DAT 202");
	rcv_packets(ep, 0x204, 1, 0x100);
	EMITS(ep, "STS 101/200 r202 w13");
	rcv_packets(ep, 0x206, 1, 0x100);
	EMITS(ep, "STS 101/200 r202 w13");
	rcv_packets(ep, 0x205, 1, 0x100);
	EMITS(ep, "STS 101/200 r202 w13");
	rcv_packets(ep, 0x207, 1, 0x100);
	EMITS(ep, "STS 101/200 r202 w13");
	rcv_packets(ep, 0x208, 1, 0x100);
	EMITS_AFTER(ep, 30 * NCP_MS, "");
	rcv_packets(ep, 0x209, 1, 0x100);
	EMITS_AFTER(ep, 10 * NCP_MS, "STS 101/200 r202 w13");
	EMITS_AFTER(ep, NCP_SEC, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_early, 6);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x206, 0x100), NCP_DUPLICATE);
	EMITS(ep, "STS 101/200 r202 w13");
	rcv_packets(ep, 0x203, 1, 0x100);
	EMITS(ep, "+DAT 203, +DAT 204, +DAT 205, +DAT 206, +DAT 207, +DAT 208, +DAT 209, "
		  "STS 101/200 r209 w13");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.ooo, 6);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.dups, 1);
	scenario_end(test, ep);
}

static void test_two_gaps(struct kunit *test)
{
	static const char first[] = "STS 101/200 r200 w13", second[] = "STS 101/200 r202 w13";
	struct endpoint *ep = scenario(test);
	u16 num;

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x202, 1, 0x100);
	EMITS(ep, first);
	for (num = 0x204; num < 0x204 + NCP_REPEATS; num++) {
		rcv_packets(ep, num, 1, 0x100);
		EMITS(ep, first);
	}
	rcv_packets(ep, num++, 1, 0x100);
	EMITS(ep, "");
	rcv_packets(ep, 0x201, 1, 0x100);
	EMITS(ep, "+DAT 201, +DAT 202, STS 101/200 r202 w13");
	/* The second one is reported as often. */
	for (; num <= 0x208 + NCP_REPEATS; num++) {
		rcv_packets(ep, num, 1, 0x100);
		EMITS(ep, second);
	}
	rcv_packets(ep, num++, 1, 0x100);
	EMITS(ep, "");
	EMITS_AFTER(ep, NCP_STS_DELAY, second);
	scenario_end(test, ep);
}

/* A window that was offered is honoured, even if a smaller one is now. */
static void test_own_window(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 5, 13);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x206, 0x100), NCP_BEYOND_WINDOW);
	ep_set_window(ep, 8);
	EMITS(ep, "STS 101/200 r200 w8");
	ep_set_window(ep, 2);
	EMITS(ep, "STS 101/200 r200 w2");
	rcv_packets(ep, 0x201, 8, 0x100);
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_unread, 8);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x209, 0x100), NCP_BEYOND_WINDOW);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.beyond_window, 2);
	/* The offer counts from what was read last. */
	ep_read(ep, 7);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x209, 0x100), NCP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x20a, 0x100), NCP_BEYOND_WINDOW);
	scenario_end(test, ep);
}

/* What was read but not yet said so does not open the window. */
static void test_window_is_what_was_told(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 9, 13);
	rcv_packets(ep, 0x201, 9, 0x100);
	ep_read(ep, 2);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x20a, 0x100), NCP_BEYOND_WINDOW);
	ep_run(ep, NCP_STS_DELAY);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_DAT, 0x20a, 0x100), NCP_ACCEPTED);
	scenario_end(test, ep);
}

/* One UNC fits into a full window (AIM 628 section 4.3); it needs no number. */
static void test_unc(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 3, 13);
	rcv_packets(ep, 0x201, 3, 0x100);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_UNC, 0x204, 0x100), NCP_ACCEPTED);
	KUNIT_EXPECT_EQ(test, ep_rcv_op(ep, CHAOS_OP_UNC, 0x204, 0x100), NCP_BEYOND_WINDOW);
	EMITS(ep, "+DAT 201, +DAT 202, +DAT 203, +UNC 204");
	ep_read(ep, 3);
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_read, 0x203);
	ep_take(ep);
	ep_read(ep, 1);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_read, 0x203);
	scenario_end(test, ep);
}

static void test_unc_before_eof(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_rcv_op(ep, CHAOS_OP_UNC, 0x201, 0x100);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x201, 0x100);
	EMITS(ep, "+UNC 201, +EOF 201, STS 101/200 r201 w13");
	ep_read(ep, 1);
	EMITS(ep, "STS 101/201 r201 w13");
	scenario_end(test, ep);
}

/*
 * EOF: its sender waits for the acknowledgment, which says that all before it
 * was read.
 */

static void test_eof_nothing_unread(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 2, 0x100);
	ep_read(ep, 2);
	ep_take(ep);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x203, 0x100);
	EMITS(ep, "+EOF 203, STS 101/203 r203 w13");
	ep_read(ep, 1);
	EMITS_AFTER(ep, NCP_SEC, "");
	scenario_end(test, ep);
}

static void test_eof_after_unread(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 2, 0x100);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x203, 0x100);
	EMITS(ep, "+DAT 201, +DAT 202, +EOF 203, STS 101/200 r203 w13");
	ep_read(ep, 1);
	EMITS(ep, "");
	/* The last data is read: so is the EOF, as far as its sender cares. */
	ep_read(ep, 1);
	EMITS(ep, "STS 101/203 r203 w13");
	ep_read(ep, 1);
	EMITS_AFTER(ep, NCP_SEC, "");
	scenario_end(test, ep);
}

static void test_eof_early(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x202, 0x100);
	EMITS(ep, "STS 101/200 r200 w13");
	rcv_packets(ep, 0x201, 1, 0x100);
	EMITS(ep, "+DAT 201, +EOF 202, STS 101/200 r202 w13");
	ep_read(ep, 1);
	EMITS(ep, "STS 101/202 r202 w13");
	scenario_end(test, ep);
}

/* More data may follow a mark, and another mark. */
static void test_eof_twice(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x201, 0x100);
	EMITS(ep, "+EOF 201, STS 101/201 r201 w13");
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x202, 0x100);
	EMITS(ep, "+EOF 202, STS 101/201 r202 w13");
	ep_read(ep, 1);
	EMITS(ep, "STS 101/202 r202 w13");
	rcv_packets(ep, 0x203, 1, 0x100);
	ep_read(ep, 2);
	EMITS_AFTER(ep, NCP_STS_DELAY, "+DAT 203, STS 101/203 r203 w13");
	scenario_end(test, ep);
}

/* EOF has no data (AIM 628 section 4.4); what is in one is not delivered. */
static void test_eof_data(struct kunit *test)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_EOF, .len = 4, .dst = EP_LADDR, .didx = EP_LIDX,
		.src = EP_RADDR, .sidx = EP_RIDX, .num = 0x201, .ack = 0x100,
	};
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_rcv(ep, &hdr, "text");
	KUNIT_EXPECT_EQ(test, list_first_entry(&ep->unread, struct ncp_pkt, list)->hdr.len, 0);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.bytes_rcvd, 0);
	scenario_end(test, ep);
}

/* A flood of EOFs ends at the window: only one counts as read before it is. */
static void test_eof_flood(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u16 num;

	ep_open_user(ep, 5, 13);
	for (num = 0x201; num < 0x300; num++)
		ep_rcv_op(ep, CHAOS_OP_EOF, num, 0x100);
	KUNIT_EXPECT_EQ(test, ep->ncp.rcv_unread, 6);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.beyond_window, 0x300 - 0x207);
	scenario_end(test, ep);
}

/*
 * Counters (struct chaos_info).
 */

static void test_counters(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	struct chaos_info info;

	ep_open_user(ep, 13, 2);
	send_packets(ep, 4);
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 2);
	rcv_packets(ep, 0x201, 3, 0x100);
	rcv_packets(ep, 0x205, 1, 0x100);
	rcv_packets(ep, 0x201, 1, 0x100);
	rcv_packets(ep, 0x2ff, 1, 0x100);
	ep_read(ep, 1);
	ep->now += 5 * NCP_MS;
	ncp_info(&ep->ncp, &info, ep->now);
	KUNIT_EXPECT_EQ(test, info.ci_state, CHAOS_OPENED);
	KUNIT_EXPECT_EQ(test, info.ci_local_addr, EP_LADDR);
	KUNIT_EXPECT_EQ(test, info.ci_local_index, EP_LIDX);
	KUNIT_EXPECT_EQ(test, info.ci_peer_addr, EP_RADDR);
	KUNIT_EXPECT_EQ(test, info.ci_peer_index, EP_RIDX);
	KUNIT_EXPECT_EQ(test, info.ci_rcv_window, 13);
	KUNIT_EXPECT_EQ(test, info.ci_snd_window, 2);
	KUNIT_EXPECT_EQ(test, info.ci_snd_cwnd, 2);
	KUNIT_EXPECT_EQ(test, info.ci_snd_unacked, 2);
	KUNIT_EXPECT_EQ(test, info.ci_snd_unreceipted, 1);
	KUNIT_EXPECT_EQ(test, info.ci_snd_queued, 3);
	KUNIT_EXPECT_EQ(test, info.ci_rcv_unread, 2);
	KUNIT_EXPECT_EQ(test, info.ci_rcv_ooo, 1);
	KUNIT_EXPECT_EQ(test, info.ci_rto_us, 500 * NCP_MS);
	KUNIT_EXPECT_EQ(test, info.ci_last_rx_ms, 5);
	KUNIT_EXPECT_EQ(test, info.ci_last_tx_ms, 5);
	/* RFC, STS, two DAT, STS for the gap and for the duplicate. */
	KUNIT_EXPECT_EQ(test, info.ci_pkts_sent, 6);
	KUNIT_EXPECT_EQ(test, info.ci_pkts_rcvd, 8);
	KUNIT_EXPECT_EQ(test, info.ci_bytes_sent, 8);
	KUNIT_EXPECT_EQ(test, info.ci_bytes_rcvd, 12);
	KUNIT_EXPECT_EQ(test, info.ci_retrans, 0);
	KUNIT_EXPECT_EQ(test, info.ci_dups_rcvd, 1);
	KUNIT_EXPECT_EQ(test, info.ci_ooo_rcvd, 1);
	KUNIT_EXPECT_EQ(test, info.ci_gaps_rcvd, 0);
	KUNIT_EXPECT_EQ(test, info.ci_beyond_window, 1);
	scenario_end(test, ep);
}

static struct kunit_case flow_cases[] = {
	KUNIT_CASE(test_window),
	KUNIT_CASE(test_window_1),
	KUNIT_CASE(test_window_shut),
	KUNIT_CASE(test_window_shrunk),
	KUNIT_CASE(test_window_huge),
	KUNIT_CASE(test_queue_bounded),
	KUNIT_CASE_PARAM(test_outside, outside_gen_params),
	KUNIT_CASE_PARAM(test_carrier, carrier_gen_params),
	KUNIT_CASE_PARAM(test_much_read, window_gen_params),
	KUNIT_CASE_PARAM(test_much_read_at_once, window_gen_params),
	KUNIT_CASE(test_write_much),
	KUNIT_CASE(test_sts_soon),
	KUNIT_CASE(test_data_acknowledges),
	KUNIT_CASE(test_data_does_not_receipt),
	KUNIT_CASE(test_data_does_not_report_gap),
	KUNIT_CASE(test_data_told_all),
	KUNIT_CASE(test_question_told_all),
	KUNIT_CASE(test_gap),
	KUNIT_CASE(test_two_gaps),
	KUNIT_CASE(test_own_window),
	KUNIT_CASE(test_window_is_what_was_told),
	KUNIT_CASE(test_unc),
	KUNIT_CASE(test_unc_before_eof),
	KUNIT_CASE(test_eof_nothing_unread),
	KUNIT_CASE(test_eof_after_unread),
	KUNIT_CASE(test_eof_early),
	KUNIT_CASE(test_eof_twice),
	KUNIT_CASE(test_eof_data),
	KUNIT_CASE(test_eof_flood),
	KUNIT_CASE(test_counters),
	{}
};

static struct kunit_suite flow_suite = {
	.name = "chaos_ncp_flow",
	.test_cases = flow_cases,
};

kunit_test_suite(flow_suite);
