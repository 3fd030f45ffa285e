// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a connection (AIM 628 sections 4.1 and 4.4). */

#include <kunit/test.h>

#include "scenario.h"

#define CLS_CLOSED(numbers)	"CLS " numbers " \"Connection closed\", =CLOSED/local"

/* All data, then EOF; CLS once that is acknowledged. */
static void test_safe_close(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 2);
	KUNIT_EXPECT_TRUE(test, ncp_close_needs_eof(&ep->ncp));
	ep_close(ep);
	EMITS(ep, "DAT 101/200 [4], DAT 102/200 [4], EOF 103/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x103, 13);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x103, 0x103, 13);
	EMITS(ep, CLS_CLOSED("104/200"));
	scenario_end(test, ep);
}

/* The EOF waits for its turn like all data. */
static void test_safe_close_window(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 1);
	send_packets(ep, 2);
	ep_close(ep);
	EMITS(ep, "DAT 101/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 1);
	EMITS(ep, "DAT 102/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 1);
	EMITS(ep, "EOF 103/200");
	/* Lost: it is repeated like all data. */
	ep_run(ep, 500 * NCP_MS);
	EMITS(ep, "SNS 104/200, EOF 103/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x103, 0x103, 1);
	EMITS(ep, CLS_CLOSED("104/200"));
	scenario_end(test, ep);
}

/* Nothing was sent, so nothing can be lost. */
static void test_close_nothing_sent(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 1, 0x100);
	ep_take(ep);
	KUNIT_EXPECT_FALSE(test, ncp_close_needs_eof(&ep->ncp));
	ep_close(ep);
	EMITS(ep, CLS_CLOSED("101/201"));
	scenario_end(test, ep);
}

/* The user has sent its last EOF already. */
static void test_close_after_eof(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	ep_take(ep);
	KUNIT_EXPECT_FALSE(test, ncp_close_needs_eof(&ep->ncp));
	ep_close(ep);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	EMITS(ep, CLS_CLOSED("103/200"));
	scenario_end(test, ep);
}

/* Only its acknowledgment is missing: it may be lost, so the peer is asked soon. */
static void test_close_asks(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x102, 13);
	ep_take(ep);
	EMITS_AFTER(ep, 1 * NCP_SEC, "");
	ep_close(ep);
	EMITS_AFTER(ep, 250 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "SNS 103/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	EMITS(ep, CLS_CLOSED("103/200"));
	scenario_end(test, ep);
}

/* Data after an EOF needs one of its own. */
static void test_close_after_eof_and_data(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_send(ep, CHAOS_OP_EOF, NULL, 0);
	send_packets(ep, 1);
	ep_take(ep);
	KUNIT_EXPECT_TRUE(test, ncp_close_needs_eof(&ep->ncp));
	ep_close(ep);
	EMITS(ep, "EOF 103/200");
	scenario_end(test, ep);
}

/* A server that says nothing still makes sure that the OPN has arrived. */
static void test_close_opn_pending(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_accept(ep);
	ep_take(ep);
	ep_close(ep);
	EMITS(ep, "");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 13);
	EMITS(ep, CLS_CLOSED("101/200"));
	scenario_end(test, ep);
}

/* What nobody will read is acknowledged at once, so that the peer gets on. */
static void test_close_unread(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 3, 1);
	send_packets(ep, 2);
	rcv_packets(ep, 0x201, 3, 0x100);
	ep_take(ep);
	ep_close(ep);
	EMITS(ep, "STS 102/203 r203 w3");
	/* And so is what comes later, by the third of the window. */
	rcv_packets(ep, 0x204, 1, 0x100);
	EMITS(ep, "");
	rcv_packets(ep, 0x205, 2, 0x100);
	EMITS(ep, "STS 102/205 r205 w3");
	EMITS_AFTER(ep, NCP_STS_DELAY, "STS 102/206 r206 w3");
	KUNIT_EXPECT_TRUE(test, list_empty(&ep->unread));
	scenario_end(test, ep);
}

/* The EOF tells it, if it goes. */
static void test_close_unread_eof(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 3, 13);
	send_packets(ep, 1);
	rcv_packets(ep, 0x201, 3, 0x100);
	ep_take(ep);
	ep_close(ep);
	EMITS(ep, "EOF 102/203");
	scenario_end(test, ep);
}

/* Without progress the peer's user is not waited for for ever. */
static void test_close_gives_up(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	unsigned int i;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_close(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x102, 13);
	for (i = 0; i < 59; i++) {
		ep_run(ep, NCP_SEC);
		ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x102, 13);
	}
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	ep_take(ep);
	EMITS_AFTER(ep, NCP_SEC, CLS_CLOSED("103/200"));
	scenario_end(test, ep);
}

/* With progress it is, however long it takes. */
static void test_close_slow_reader(struct kunit *test)
{
	struct endpoint *ep = scenario(test);
	u16 num;

	ep_open_user(ep, 13, 13);
	send_packets(ep, 10);
	ep_close(ep);
	for (num = 0x101; num <= 0x10a; num++) {
		ep_run(ep, 50 * NCP_SEC);
		ep_rcv_words(ep, CHAOS_OP_STS, 0x201, num, 0x10b, 13);
		KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	}
	ep_take(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x10b, 0x10b, 13);
	EMITS(ep, CLS_CLOSED("10c/200"));
	scenario_end(test, ep);
}

static void test_close_peer_silent(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_close(ep);
	ep_run(ep, NCP_CLOSE_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_CLOSED);
	scenario_end(test, ep);
}

/* The last words are the user's, if it has any. */
static void test_farewell(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep->ncp.farewell = "Good night";
	send_packets(ep, 1);
	ep_close(ep);
	ep_take(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x102, 0x102, 13);
	EMITS(ep, "CLS 103/200 \"Good night\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_farewell_gives_up(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep->ncp.farewell = "Good night";
	send_packets(ep, 1);
	ep_close(ep);
	ep_run(ep, NCP_CLOSE_TIMEOUT - 1);
	ep_take(ep);
	EMITS_AFTER(ep, 1, "CLS 103/200 \"Good night\", =CLOSED/local");
	scenario_end(test, ep);
}

/* The peer learns from the number of the CLS whether it has everything. */
static void test_abort(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 2);
	send_packets(ep, 2);
	ep_take(ep);
	ep_abort(ep);
	EMITS(ep, "CLS 103/200 \"Aborted\", =CLOSED/local");
	scenario_end(test, ep);
}

static void test_abort_unsent(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 2);
	send_packets(ep, 5);
	ep_take(ep);
	ep_abort(ep);
	EMITS(ep, "CLS 106/200 \"Aborted\", =CLOSED/local");
	scenario_end(test, ep);
}

/* What a CLS means for the one who gets it. */
struct cls_row {
	u16 num;
	bool gap;
	const char *end;
	const char *rule;
};

/* 201 and 202 have arrived, and with a gap also 204. */
static const struct cls_row cls_rows[] = {
	{ 0x203, false, "/clean", "the next number: complete" },
	{ 0x204, false, "/broken", "203 is missing" },
	{ 0x202, false, "/broken", "makes no sense" },
	{ 0x203, true, "/broken", "203 is missing, 204 is there" },
	{ 0x205, true, "/broken", "203 is missing" },
};

static void cls_desc(const struct cls_row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "CLS %x%s: %s", row->num,
		 row->gap ? " after a gap" : "", row->rule);
}

KUNIT_ARRAY_PARAM(cls, cls_rows, cls_desc);

static void test_cls(struct kunit *test)
{
	const struct cls_row *row = test->param_value;
	struct endpoint *ep = scenario(test);
	char want[40];

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	rcv_packets(ep, 0x201, 2, 0x100);
	if (row->gap)
		rcv_packets(ep, 0x204, 1, 0x100);
	ep_take(ep);
	ep_rcv_op(ep, CHAOS_OP_CLS, row->num, 0x101);
	snprintf(want, sizeof(want), "+CLS %x, =CLOSED%s", row->num, row->end);
	EMITS(ep, want);
	/* Its acknowledgment counts (AIM 628 section 3.8). */
	KUNIT_EXPECT_EQ(test, ep->ncp.snd_ack, 0x101);
	/* What had arrived in order can still be read. */
	KUNIT_EXPECT_TRUE(test, ep->ncp.was_open);
	KUNIT_EXPECT_EQ(test, ep_read(ep, 9), 2);
	EMITS_AFTER(ep, 2 * NCP_TIMEOUT, "");
	scenario_end(test, ep);
}

static void test_los(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	rcv_packets(ep, 0x201, 2, 0x100);
	send_packets(ep, 20);
	ep_take(ep);
	ep_rcv_op(ep, CHAOS_OP_LOS, 0, 0);
	EMITS(ep, "+LOS 0, =LOST/lost");
	KUNIT_EXPECT_EQ(test, ep_read(ep, 9), 2);
	KUNIT_EXPECT_FALSE(test, ep_send(ep, CHAOS_OP_DAT, "data", 4));
	ep_close(ep);
	EMITS_AFTER(ep, 2 * NCP_TIMEOUT, "");
	scenario_end(test, ep);
}

/* A peer that vanishes after its EOF, without CLS, as one implementation does. */
/* The peer has said all and gone, and its CLS was lost (AIM 628 section 4.4). */
static void test_los_after_eof(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	rcv_packets(ep, 0x201, 2, 0x101);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x203, 0x101);
	ep_take(ep);
	ep_rcv_op(ep, CHAOS_OP_LOS, 0, 0);
	EMITS(ep, "+LOS 0, =LOST/clean");
	KUNIT_EXPECT_EQ(test, ep->ncp.end, NCP_END_CLEAN);
	scenario_end(test, ep);

	/* Something of ours may not have arrived. */
	ep = scenario(test);
	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x201, 0x100);
	ep_rcv_op(ep, CHAOS_OP_LOS, 0, 0);
	KUNIT_EXPECT_EQ(test, ep->ncp.end, NCP_END_LOST);
	scenario_end(test, ep);

	/* More was to come after the mark. */
	ep = scenario(test);
	ep_open_user(ep, 13, 13);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x201, 0x100);
	rcv_packets(ep, 0x203, 1, 0x100);
	ep_rcv_op(ep, CHAOS_OP_LOS, 0, 0);
	KUNIT_EXPECT_EQ(test, ep->ncp.end, NCP_END_LOST);
	scenario_end(test, ep);
}

static void test_peer_vanishes(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_server(ep, 13, 13);
	ep_rcv_op(ep, CHAOS_OP_EOF, 0x201, 0x100);
	ep_read(ep, 1);
	ep_run(ep, NCP_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
	KUNIT_EXPECT_EQ(test, ep->ncp.end, NCP_END_TIMEOUT);
	scenario_end(test, ep);
}

/*
 * May packets still come for a connection that has ended?  Then its index rests.
 */

struct echo {
	u8 end;
	bool asked;
	bool echoes;	/* never open, and nothing was repeated */
	const char *rule;
};

static const struct echo echoes[] = {
	{ NCP_END_LOCAL, true, true, "we gave up: the answer may come" },
	{ NCP_END_CLEAN, true, true, "the RFC may be answered" },
	{ NCP_END_BROKEN, true, true, "the RFC may be answered" },
	{ NCP_END_LOST, true, true, "who sent LOS may have an older RFC" },
	{ NCP_END_REFUSED, true, false, "one RFC, one answer" },
	{ NCP_END_ANSWERED, true, false, "one RFC, one answer" },
	{ NCP_END_FORWARDED, true, false, "one RFC, one answer" },
	{ NCP_END_NOT_SIMPLE, true, true, "the OPN is repeated" },
	{ NCP_END_UNREACHABLE, true, true, "perhaps it could be delivered" },
	{ NCP_END_TIMEOUT, true, true, "the answer may come late" },
	{ NCP_END_LOCAL, false, false, "we decided: the peer knows no index of ours" },
	{ NCP_END_CLEAN, false, false, "never open" },
	{ NCP_END_BROKEN, false, false, "withdrawn" },
	{ NCP_END_LOST, false, false, "the peer knows no index of ours" },
	{ NCP_END_REFUSED, false, false, "not asked" },
	{ NCP_END_ANSWERED, false, false, "not asked" },
	{ NCP_END_FORWARDED, false, false, "not asked" },
	{ NCP_END_NOT_SIMPLE, false, false, "not asked" },
	{ NCP_END_UNREACHABLE, false, false, "not asked" },
	{ NCP_END_TIMEOUT, false, false, "not decided in time" },
};

static void echo_desc(const struct echo *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, end %u: %s",
		 row->asked ? "asked" : "was asked", row->end, row->rule);
}

KUNIT_ARRAY_PARAM(echo, echoes, echo_desc);

static void test_may_echo(struct kunit *test)
{
	const struct echo *row = test->param_value;
	struct ncp c = { .end = row->end, .asked = row->asked };

	KUNIT_EXPECT_EQ(test, ncp_may_echo(&c), row->echoes);
	c.count.retrans = 1;
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&c));
	c.was_open = true;
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&c));
	c.count.retrans = 0;
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&c));
}

/* The same in life. */
static void test_echo_answered(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep->ncp.simple = true;
	ep_connect(ep, 0x100);
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&ep->ncp));
	ep_rcv_op(ep, CHAOS_OP_ANS, 0, 0);
	KUNIT_EXPECT_FALSE(test, ncp_may_echo(&ep->ncp));
	scenario_end(test, ep);
	/* Asked twice: there may be two answers. */
	ep = scenario(test);
	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	ep_run(ep, NCP_RTO_START);
	ep_rcv_op(ep, CHAOS_OP_ANS, 0, 0);
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&ep->ncp));
	scenario_end(test, ep);
}

static void test_echo_broadcast(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep->ncp.simple = true;
	ep_broadcast(ep, 0x100);
	ep_rcv_op(ep, CHAOS_OP_ANS, 0, 0);
	ep_close(ep);
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&ep->ncp));
	scenario_end(test, ep);
}

static void test_echo_server(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep_offer(ep, 0x200, 0x100);
	ep_answer(ep, "time");
	KUNIT_EXPECT_FALSE(test, ncp_may_echo(&ep->ncp));
	scenario_end(test, ep);
	ep = scenario(test);
	ep_open_server(ep, 13, 13);
	ep_abort(ep);
	KUNIT_EXPECT_TRUE(test, ncp_may_echo(&ep->ncp));
	scenario_end(test, ep);
}

/* Who is silent after its own CLS, though packets come. */
static void test_told(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_server(ep, 13, 13);
	KUNIT_EXPECT_FALSE(test, ncp_has_told(&ep->ncp));
	ep_abort(ep);
	KUNIT_EXPECT_TRUE(test, ncp_has_told(&ep->ncp));
	scenario_end(test, ep);
	/* The peer closes. */
	ep = scenario(test);
	ep_open_server(ep, 13, 13);
	ep_rcv_op(ep, CHAOS_OP_CLS, 0x201, 0x100);
	KUNIT_EXPECT_FALSE(test, ncp_has_told(&ep->ncp));
	scenario_end(test, ep);
	/* A request is withdrawn without a word. */
	ep = scenario(test);
	ep_init(ep, 13);
	ep_connect(ep, 0x100);
	ep_close(ep);
	KUNIT_EXPECT_FALSE(test, ncp_has_told(&ep->ncp));
	scenario_end(test, ep);
}

static struct kunit_case close_cases[] = {
	KUNIT_CASE(test_safe_close),
	KUNIT_CASE(test_safe_close_window),
	KUNIT_CASE(test_close_nothing_sent),
	KUNIT_CASE(test_close_after_eof),
	KUNIT_CASE(test_close_asks),
	KUNIT_CASE(test_close_after_eof_and_data),
	KUNIT_CASE(test_close_opn_pending),
	KUNIT_CASE(test_close_unread),
	KUNIT_CASE(test_close_unread_eof),
	KUNIT_CASE(test_close_gives_up),
	KUNIT_CASE(test_close_slow_reader),
	KUNIT_CASE(test_close_peer_silent),
	KUNIT_CASE(test_farewell),
	KUNIT_CASE(test_farewell_gives_up),
	KUNIT_CASE(test_abort),
	KUNIT_CASE(test_abort_unsent),
	KUNIT_CASE_PARAM(test_cls, cls_gen_params),
	KUNIT_CASE(test_los),
	KUNIT_CASE(test_los_after_eof),
	KUNIT_CASE(test_peer_vanishes),
	KUNIT_CASE_PARAM(test_may_echo, echo_gen_params),
	KUNIT_CASE(test_echo_answered),
	KUNIT_CASE(test_echo_broadcast),
	KUNIT_CASE(test_echo_server),
	KUNIT_CASE(test_told),
	{}
};

static struct kunit_suite close_suite = {
	.name = "chaos_ncp_close",
	.test_cases = close_cases,
};

kunit_test_suite(close_suite);
