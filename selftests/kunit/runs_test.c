// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs of packets that have arrived behind a gap: who is told, and what comes of it. */

#include <kunit/test.h>

#include "scenario.h"

#define WINDOW	64
#define FLIGHT	(10 * NCP_MS)
#define LATE	NCP_RESEND_MIN	/* longer than 1.5 round trips here */

/*
 * Receiving: what is told.
 */

struct told {
	u8 data[CHAOS_DATA_MAX];
	u16 len;
};

static void hook_transmit(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data)
{
	struct told *told = ep->priv;

	if (hdr->op != CHAOS_OP_STS)
		return;
	memcpy(told->data, data, hdr->len);
	told->len = hdr->len;
}

/* All numbers count from the last packet that had arrived in order before. */
struct telling {
	u16 start;
	const char *arrive;	/* in this order */
	u16 receipt;
	const char *runs;
	const char *rule;
};

static const struct telling tellings[] = {
	{ 0x200, "", 0, "", "nothing has arrived" },
	{ 0x200, "\1\2\3", 3, "", "nothing is missing" },
	{ 0x200, "\2", 0, "\2\2", "one packet" },
	{ 0x200, "\1\3\4\5", 1, "\3\5", "one run" },
	{ 0x200, "\5\3\2\4", 0, "\2\5", "one run, in disorder" },
	{ 0x200, "\3\3\3", 0, "\3\3", "duplicates" },
	{ 0x200, "\2\4\5\7", 0, "\2\2\4\5\7\7", "several" },
	{ 0x200, "\7\4\2\5", 0, "\2\2\4\5\7\7", "several, in disorder" },
	{ 0x200, "\2\4\3", 0, "\2\4", "two become one" },
	{ 0x200, "\2\4\6\1", 2, "\4\4\6\6", "the first gap is repaired" },
	{ 0x200, "\2\4\3\1", 4, "", "all is repaired" },
	{ 0x200, "\2\4\6\10\12\14\16\20", 0,
	  "\2\2\4\4\6\6\10\10\12\12\14\14\16\16\20\20", "as many as are told" },
	{ 0x200, "\2\4\6\10\12\14\16\20\22\23", 0,
	  "\2\2\4\4\6\6\10\10\12\12\14\14\16\16\20\20", "the first of more" },
	{ 0x200, "\23\22\20\16\14\12\10\6\4\2", 0,
	  "\2\2\4\4\6\6\10\10\12\12\14\14\16\16\20\20", "the first, though they came last" },
	{ 0x200, "\2\4\6\10\12\14\16\20\21\23", 0,
	  "\2\2\4\4\6\6\10\10\12\12\14\14\16\16\20\21", "all of the last of these" },
	{ 0xfffd, "\2\3\4", 0, "\2\4", "ffff to 1" },
	{ 0xfffc, "\2\3\5", 0, "\2\3\5\5", "fffe to ffff, 1" },
	{ 0xfffc, "\2\4\5", 0, "\2\2\4\5", "fffe, 0 to 1" },
	{ 0xffff, "\2", 0, "\2\2", "1, 0 is missing" },
	{ 0xfffe, "\2", 0, "\2\2", "0, ffff is missing" },
};

static void telling_desc(const struct telling *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "after %x: %s", row->start, row->rule);
}

KUNIT_ARRAY_PARAM(telling, tellings, telling_desc);

static struct endpoint *open_receiver(struct kunit *test, struct told *told, u16 start)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, WINDOW);
	ep_connect(ep, EP_NUM);
	ep_rcv_words(ep, CHAOS_OP_OPN, start, EP_NUM, EP_NUM, WINDOW);
	ep->transmit = hook_transmit;
	ep->priv = told;
	ep->quiet = true;
	return ep;
}

static void test_told(struct kunit *test)
{
	const struct telling *row = test->param_value;
	struct told told = {};
	struct endpoint *ep = open_receiver(test, &told, row->start);
	unsigned int i, n = strlen(row->runs);
	const char *num;

	for (num = row->arrive; *num; num++)
		rcv_packets(ep, row->start + *num, 1, EP_NUM);
	ep_rcv_op(ep, CHAOS_OP_SNS, row->start + 1, EP_NUM);
	KUNIT_ASSERT_EQ(test, told.len, 4 + 2 * n);
	KUNIT_EXPECT_EQ(test, chaos_get_word(told.data, 0), (u16)(row->start + row->receipt));
	KUNIT_EXPECT_EQ(test, chaos_get_word(told.data, 1), WINDOW);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, chaos_get_word(told.data, 2 + i),
				(u16)(row->start + row->runs[i]));
	scenario_end(test, ep);
}

/* As other words: low byte first. */
static void test_told_bytes(struct kunit *test)
{
	static const u8 expected[] = {
		0x34, 0x12, WINDOW, 0, 0x36, 0x12, 0x37, 0x12, 0x39, 0x12, 0x39, 0x12,
	};
	struct told told = {};
	struct endpoint *ep = open_receiver(test, &told, 0x1234);

	rcv_packets(ep, 0x1236, 2, EP_NUM);
	rcv_packets(ep, 0x1239, 1, EP_NUM);
	KUNIT_ASSERT_EQ(test, told.len, sizeof(expected));
	KUNIT_EXPECT_EQ(test, memcmp(told.data, expected, sizeof(expected)), 0);
	scenario_end(test, ep);
}

/*
 * Sending: what is used.
 */

/* Round trip and flight are known, 110 is receipted, 111 to 11a are under way. */
static struct endpoint *open_sender(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, WINDOW);
	measure(ep, 1 * NCP_MS);
	send_packets(ep, 16);
	ep->now += FLIGHT;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x110, 0x110, WINDOW);
	send_packets(ep, 10);
	ep->now += FLIGHT;
	ep_take(ep);
	return ep;
}

/* Runs count from the receipt, 110. */
struct use {
	const char *runs, *sent, *rule;
};

static const struct use uses[] = {
	{ "\2\3", "", "two behind it: they may have overtaken it" },
	{ "\2\4", "DAT 111/200 [4]", "three behind it" },
	{ "\2\2\4\4\6\6", "DAT 111/200 [4]", "three runs behind it, one behind the last hole" },
	{ "\2\6\10\11", "DAT 111/200 [4]", "two behind the second" },
	{ "\2\3\5\7", "DAT 111/200 [4], DAT 114/200 [4]", "three behind the second" },
	{ "\3\4\7\11", "DAT 111/200 [4], DAT 112/200 [4], DAT 115/200 [4], DAT 116/200 [4]",
	  "holes of two" },
	{ "\2\12", "DAT 111/200 [4]", "all but one have arrived" },
	{ "\10\12", "DAT 111/200 [4], DAT 112/200 [4], DAT 113/200 [4], DAT 114/200 [4], "
	  "DAT 115/200 [4], DAT 116/200 [4], DAT 117/200 [4]", "only the last three have" },
};

static void use_desc(const struct use *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", row->rule);
}

KUNIT_ARRAY_PARAM(use, uses, use_desc);

static void test_used(struct kunit *test)
{
	const struct use *row = test->param_value;
	struct endpoint *ep = open_sender(test);
	u16 words[2 * NCP_RUNS_MAX], arrived = 0;
	unsigned int i, n = strlen(row->runs);

	for (i = 0; i < n; i++) {
		words[i] = 0x110 + row->runs[i];
		arrived += i % 2 ? words[i] + 1 - words[i - 1] : 0;
	}
	rcv_long_sts(ep, 0x110, words, n, 0);
	EMITS(ep, row->sent);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, arrived);
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, *row->sent ? 1 : 0);
	/* It is not said again. */
	rcv_long_sts(ep, 0x110, words, n, 0);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, arrived);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x11a, 0x11a, WINDOW);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	KUNIT_EXPECT_EQ(test, ep->held, 0);
	scenario_end(test, ep);
}

/* What was sent again is lost again only when it should have arrived. */
static void test_lost_again(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117);
	EMITS(ep, "DAT 111/200 [4], DAT 114/200 [4]");
	ep->now += LATE;
	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117);
	EMITS(ep, "");
	/* A new hole does not wait with them. */
	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117, 0x119, 0x11a);
	EMITS(ep, "");
	ep->now++;
	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117, 0x119, 0x11a);
	EMITS(ep, "DAT 111/200 [4], DAT 114/200 [4]");
	/* The first has arrived now. */
	RCV_RUNS(ep, 0x113, 0x115, 0x117, 0x119, 0x11a);
	EMITS(ep, "");
	ep->now += LATE + 1;
	RCV_RUNS(ep, 0x113, 0x115, 0x117, 0x119, 0x11a);
	EMITS(ep, "DAT 114/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.count.gaps, 1);
	scenario_end(test, ep);
}

/* More is found to be missing while the first is repaired. */
static void test_more_holes(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	RCV_RUNS(ep, 0x110, 0x112, 0x114);
	EMITS(ep, "DAT 111/200 [4]");
	RCV_RUNS(ep, 0x110, 0x112, 0x114, 0x116, 0x117);
	EMITS(ep, "");
	RCV_RUNS(ep, 0x110, 0x112, 0x114, 0x116, 0x118);
	EMITS(ep, "DAT 115/200 [4]");
	scenario_end(test, ep);
}

/* The link takes one; the next STS brings the others. */
static void test_no_room(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	ep->crowded = true;
	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 5);
	ep_resume(ep);
	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117);
	EMITS(ep, "DAT 111/200 [4], DAT 114/200 [4]");
	scenario_end(test, ep);
}

/* A timeout: what has arrived is not sent again. */
static void test_timeout(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117);
	ep_take(ep);
	EMITS_AFTER(ep, NCP_RTO_MIN,
		    "SNS 11b/200, DAT 111/200 [4], DAT 114/200 [4], DAT 118/200 [4], DAT 119/200 [4], "
		    "DAT 11a/200 [4]");
	scenario_end(test, ep);
}

/* ... but for the first: the peer may have been wrong. */
static void test_timeout_first(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	RCV_RUNS(ep, 0x110, 0x112, 0x119);
	ep_rcv_op(ep, CHAOS_OP_UNC, 0x201, 0x111);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, 0x111);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 8);
	ep_take(ep);
	EMITS_AFTER(ep, NCP_RTO_MIN, "SNS 11b/200, DAT 112/200 [4], DAT 11a/200 [4]");
	scenario_end(test, ep);
}

/* Our own limit is on what may still be under way. */
static void test_cwnd(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	ep->ncp.cwnd = 10;
	ep->ncp.cwnd_gain = 0;
	ep->ncp.snd_asked = ep->ncp.snd_last;
	send_packets(ep, 5);
	EMITS(ep, "");
	RCV_RUNS(ep, 0x110, 0x112, 0x113);
	EMITS(ep, "DAT 11b/200 [4], DAT 11c/200 [4], SNS 11d/200");
	/* What is receipted now is not counted twice. */
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x110, 0x113, WINDOW);
	EMITS(ep, "DAT 11d/200 [4]");
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	scenario_end(test, ep);
}

/* The peer's window is one on numbers: there it is no help. */
static void test_window(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	ep->ncp.snd_window = 10;
	send_packets(ep, 5);
	RCV_RUNS(ep, 0x110, 0x112, 0x113);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/* In packets, of which one makes up for nothing yet. */
static unsigned int credit(const struct endpoint *ep)
{
	return 32 * ep->ncp.loss_credit + ep->ncp.loss_gain;
}

/* Each packet that arrives counts once. */
static void test_credit(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);
	unsigned int before = credit(ep);

	RCV_RUNS(ep, 0x110, 0x112, 0x113);
	KUNIT_EXPECT_EQ(test, credit(ep), before + 2);
	RCV_RUNS(ep, 0x110, 0x112, 0x113);
	KUNIT_EXPECT_EQ(test, credit(ep), before + 2);
	RCV_RUNS(ep, 0x111, 0x113, 0x113);
	KUNIT_EXPECT_EQ(test, credit(ep), before + 3);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x110, 0x113, WINDOW);
	KUNIT_EXPECT_EQ(test, credit(ep), before + 3);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x11a, 0x11a, WINDOW);
	KUNIT_EXPECT_EQ(test, credit(ep), before + 10);
	scenario_end(test, ep);
}

/* A packet that waited behind a gap does not tell how long packets take. */
static void test_flight(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x11a, 0x11a, WINDOW);
	send_packets(ep, 3);
	ep->now += NCP_MS;
	RCV_RUNS(ep, 0x11a, 0x11c, 0x11d);
	ep->now += NCP_MS;
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x11a, 0x11d, WINDOW);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, 0x11d);
	KUNIT_EXPECT_EQ(test, ep->ncp.newest, 0);
	KUNIT_EXPECT_EQ(test, ep->ncp.flight_min, FLIGHT);
	scenario_end(test, ep);
}

/* An STS that was overtaken is still right about what has arrived. */
static void test_overtaken(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x110, 0x112, WINDOW);
	RCV_RUNS(ep, 0x110, 0x112, 0x112);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	RCV_RUNS(ep, 0x110, 0x112, 0x114);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 2);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/* It may tell of several runs that are receipted since. */
static void test_overtaken_runs(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);

	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x110, 0x116, WINDOW);
	RCV_RUNS(ep, 0x110, 0x112, 0x112, 0x114, 0x114, 0x116, 0x116);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	RCV_RUNS(ep, 0x110, 0x112, 0x112, 0x114, 0x114, 0x116, 0x116, 0x119, 0x119);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 1);
	RCV_RUNS(ep, 0x116, 0x119, 0x119);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 1);
	EMITS(ep, "");
	scenario_end(test, ep);
}

/*
 * What is not.
 */

struct nonsense {
	u16 receipt;
	u16 words[6];
	u8 count;
	u8 cut;			/* bytes that are missing at the end */
	const char *rule;
};

/* 111 to 11a are under way. */
static const struct nonsense nonsenses[] = {
	{ 0x110, {}, 0, 0, "nothing" },
	{ 0x110, { 0x112 }, 1, 0, "one word" },
	{ 0x110, { 0x112, 0x114 }, 2, 1, "three bytes" },
	{ 0x110, { 0x112 }, 1, 1, "one byte" },
	{ 0x110, { 0x112, 0x114, 0x116 }, 3, 0, "three words" },
	{ 0x110, { 0x112, 0x114, 0x116, 0x118 }, 4, 1, "seven bytes" },
	{ 0x110, { 0, 0 }, 2, 0, "zeros" },
	{ 0x110, { 0, 0, 0, 0, 0, 0 }, 6, 0, "more zeros" },
	{ 0x110, { 0x112, 0x114, 0, 0 }, 4, 0, "zeros behind a run" },
	{ 0x110, { 0x111, 0x114 }, 2, 0, "touches the receipt" },
	{ 0x110, { 0x110, 0x114 }, 2, 0, "begins at the receipt" },
	{ 0x110, { 0x10e, 0x114 }, 2, 0, "begins before the receipt" },
	{ 0x112, { 0x113, 0x118 }, 2, 0, "touches a new receipt" },
	{ 0x110, { 0x114, 0x112 }, 2, 0, "ends before it begins" },
	{ 0x110, { 0x112, 0x113, 0x118, 0x117 }, 4, 0, "the second ends before it begins" },
	{ 0x110, { 0x116, 0x118, 0x112, 0x114 }, 4, 0, "descending" },
	{ 0x110, { 0x112, 0x114, 0x112, 0x114 }, 4, 0, "the same again" },
	{ 0x110, { 0x112, 0x115, 0x115, 0x118 }, 4, 0, "overlapping" },
	{ 0x110, { 0x112, 0x114, 0x115, 0x118 }, 4, 0, "two that are one" },
	{ 0x110, { 0x112, 0x11b }, 2, 0, "one was never sent" },
	{ 0x110, { 0x11b, 0x11b }, 2, 0, "none was ever sent" },
	{ 0x110, { 0x112, 0x114, 0x116, 0x11b }, 4, 0, "the second run was never sent" },
	{ 0x110, { 0x112, 0x8112 }, 2, 0, "half the circle" },
	{ 0x110, { 0x8111, 0x114 }, 2, 0, "from half the circle behind" },
	{ 0x110, { 0x7fff, 0x8010 }, 2, 0, "far ahead" },
	{ 0x11b, { 0x112, 0x114 }, 2, 0, "before a receipt for what was never sent" },
};

static void nonsense_desc(const struct nonsense *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", row->rule);
}

KUNIT_ARRAY_PARAM(nonsense, nonsenses, nonsense_desc);

/* All of it is ignored, but receipt and window are used. */
static void test_nonsense(struct kunit *test)
{
	const struct nonsense *row = test->param_value;
	struct endpoint *ep = open_sender(test);
	const u16 receipt = row->receipt > ep->ncp.snd_last ? 0x110 : row->receipt;
	const unsigned int before = credit(ep);

	ep->ncp.snd_window = 30;
	KUNIT_EXPECT_EQ(test, rcv_long_sts(ep, row->receipt, row->words, row->count, row->cut),
			NCP_ACCEPTED);
	EMITS(ep, "");
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, receipt);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_window, 30);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	KUNIT_EXPECT_EQ(test, credit(ep), before + receipt - 0x110);
	KUNIT_EXPECT_FALSE(test, ep->ncp.recovering);
	scenario_end(test, ep);
}

/* The longest STS there is. */
static void test_long(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);
	__le16 data[CHAOS_DATA_MAX / 2];
	u16 words[CHAOS_DATA_MAX / 2] = { 0x110, WINDOW };
	unsigned int i;

	for (i = 2; i < ARRAY_SIZE(words); i++)
		words[i] = 0x110 + 2 * (i / 2);
	chaos_put_words(data, words, ARRAY_SIZE(words));
	ep_rcv_data(ep, CHAOS_OP_STS, 0x201, 0x110, data, sizeof(data));
	/* 112, 114 ...: most were never sent. */
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	ep_rcv_data(ep, CHAOS_OP_STS, 0x201, 0x110, data, 4 + 4 * 5);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 5);
	scenario_end(test, ep);
}

/* Only STS have them. */
static void test_opn(struct kunit *test)
{
	static const u16 words[] = { 0x110, WINDOW, 0x112, 0x118 };
	struct endpoint *ep = open_sender(test);
	__le16 data[ARRAY_SIZE(words)];

	chaos_put_words(data, words, ARRAY_SIZE(words));
	ep_rcv_data(ep, CHAOS_OP_OPN, 0x200, 0x110, data, sizeof(data));
	EMITS(ep, "STS 11b/200 r200 w13");
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	scenario_end(test, ep);
}

/* A peer that gets each packet only if it is the next one, whatever it has told us. */
static void lossy_transmit(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data)
{
	u16 *receipt = ep->priv;

	if (hdr->op == CHAOS_OP_DAT && hdr->num == (u16)(*receipt + 1))
		++*receipt;
}

/* What it said had arrived has not: it gets all the same, if only in time. */
static void test_liar(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);
	unsigned int i;
	u16 receipt = 0x110;

	ep->transmit = lossy_transmit;
	ep->priv = &receipt;
	RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x11a);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 8);
	for (i = 0; i < 100 && ep->ncp.snd_rcpt != 0x11a; i++) {
		ep_run(ep, 100 * NCP_MS);
		ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x110, receipt, WINDOW);
		ep_take(ep);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, 0x11a);
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_arrived, 0);
	scenario_end(test, ep);
}

/* Reports of the same make nobody send more than the line carries. */
static void test_amplification(struct kunit *test)
{
	struct endpoint *ep = open_sender(test);
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		ep->now += FLIGHT / 100;
		RCV_RUNS(ep, 0x110, 0x112, 0x113, 0x115, 0x117);
		ep_take(ep);
	}
	KUNIT_EXPECT_LE(test, ep->ncp.count.retrans, 2 * (1 + 1000 * (FLIGHT / 100) / LATE));
	scenario_end(test, ep);
}

static struct kunit_case runs_cases[] = {
	KUNIT_CASE_PARAM(test_told, telling_gen_params),
	KUNIT_CASE(test_told_bytes),
	KUNIT_CASE_PARAM(test_used, use_gen_params),
	KUNIT_CASE(test_lost_again),
	KUNIT_CASE(test_more_holes),
	KUNIT_CASE(test_no_room),
	KUNIT_CASE(test_timeout),
	KUNIT_CASE(test_timeout_first),
	KUNIT_CASE(test_cwnd),
	KUNIT_CASE(test_window),
	KUNIT_CASE(test_credit),
	KUNIT_CASE(test_flight),
	KUNIT_CASE(test_overtaken),
	KUNIT_CASE(test_overtaken_runs),
	KUNIT_CASE_PARAM(test_nonsense, nonsense_gen_params),
	KUNIT_CASE(test_long),
	KUNIT_CASE(test_opn),
	KUNIT_CASE(test_liar),
	KUNIT_CASE(test_amplification),
	{}
};

static struct kunit_suite runs_suite = {
	.name = "chaos_ncp_runs",
	.test_cases = runs_cases,
};

kunit_test_suite(runs_suite);
