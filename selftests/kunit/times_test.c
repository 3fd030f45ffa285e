// SPDX-License-Identifier: GPL-2.0-or-later
/* Times that a user chooses: each does what it says, from the moment it is set. */

#include <kunit/test.h>

#include "scenario.h"

static const struct ncp_times defaults = {
	.rto_min = NCP_RTO_MIN, .rto_max = NCP_RTO_MAX,
	.probe = NCP_PROBE, .idle = NCP_IDLE, .timeout = NCP_TIMEOUT,
};

/* Before anything happens: as a socket does it. */
static struct endpoint *with_times(struct kunit *test, const struct ncp_times *times)
{
	struct endpoint *ep = scenario(test);

	ep_init(ep, 13);
	ep->ncp.times = *times;
	if (times->rto_max > ep->rto_most)
		ep->rto_most = times->rto_max;
	return ep;
}

static void open(struct endpoint *ep)
{
	ep_connect(ep, EP_NUM);
	ep_rcv_words(ep, CHAOS_OP_OPN, EP_PEER_NUM, EP_NUM, EP_NUM, 13);
	ep_take(ep);
}

/* Retransmission timeout: what was measured, between the two. */
struct bounds {
	u64 min, max;
	u64 rtt;		/* 0: not measured */
	u64 rto;
};

static const struct bounds bounds[] = {
	{ 200 * NCP_MS, 2000 * NCP_MS, 0, 500 * NCP_MS },
	{ 700 * NCP_MS, 2000 * NCP_MS, 0, 700 * NCP_MS },
	{ 200 * NCP_MS, 300 * NCP_MS, 0, 300 * NCP_MS },
	{ 10 * NCP_MS, 2000 * NCP_MS, 1 * NCP_MS, 10 * NCP_MS },
	{ 10 * NCP_MS, 2000 * NCP_MS, 100 * NCP_MS, 300 * NCP_MS },
	{ 700 * NCP_MS, 2000 * NCP_MS, 100 * NCP_MS, 700 * NCP_MS },
	{ 10 * NCP_MS, 250 * NCP_MS, 100 * NCP_MS, 250 * NCP_MS },
	{ 10 * NCP_MS, 60 * NCP_SEC, 5 * NCP_SEC, 15 * NCP_SEC },
	/* Longer than any timeout: no answer to be measured. */
	{ 200 * NCP_MS, 1000 * NCP_MS, 1001 * NCP_MS, 500 * NCP_MS },
	/* At odds with each other: the peer had better be asked too soon. */
	{ 900 * NCP_MS, 400 * NCP_MS, 0, 400 * NCP_MS },
	{ 900 * NCP_MS, 400 * NCP_MS, 1 * NCP_MS, 400 * NCP_MS },
};

static void bounds_desc(const struct bounds *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%llu to %llu us, round trip %llu us: %llu us",
		 row->min, row->max, row->rtt, row->rto);
}

KUNIT_ARRAY_PARAM(bounds, bounds, bounds_desc);

static void test_rto(struct kunit *test)
{
	const struct bounds *row = test->param_value;
	struct ncp_times times = defaults;
	struct endpoint *ep;
	u64 sent;

	times.rto_min = row->min;
	times.rto_max = row->max;
	ep = with_times(test, &times);
	open(ep);
	if (row->rtt)
		measure(ep, row->rtt);
	KUNIT_EXPECT_EQ(test, ep->ncp.rto, row->rto);
	ep_run(ep, 2 * NCP_TICK);
	send_packets(ep, 1);
	sent = ep->now;
	while (!ep->ncp.count.retrans && ep->now < sent + 20 * NCP_SEC)
		ep_run(ep, 1 * NCP_MS);
	KUNIT_EXPECT_GE(test, ep->now - sent, row->rto);
	KUNIT_EXPECT_LE(test, ep->now - sent, row->rto + NCP_TICK + NCP_MS);
	scenario_end(test, ep);
}

/* The same for who begins, and for who answers. */
static void test_rto_rfc(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.rto_min = 800 * NCP_MS;
	times.rto_max = 1000 * NCP_MS;
	ep = with_times(test, &times);
	ep_connect(ep, 0x100);
	ep_take(ep);
	EMITS_AFTER(ep, 800 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "RFC 100/0 [4]");
	EMITS_AFTER(ep, 1000 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "RFC 100/0 [4]");
	EMITS_AFTER(ep, 1000 * NCP_MS, "RFC 100/0 [4]");
	scenario_end(test, ep);
}

static void test_rto_opn(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.rto_min = 800 * NCP_MS;
	ep = with_times(test, &times);
	ep_offer(ep, 0x200, 0x100);
	ep_accept(ep);
	ep_take(ep);
	EMITS_AFTER(ep, 800 * NCP_MS - 1, "SNS 101/200, SNS 101/200");
	EMITS_AFTER(ep, 1, "OPN 100/200 r200 w13");
	scenario_end(test, ep);
}

/* The back-off ends at the longest timeout. */
static void test_back_off(struct kunit *test)
{
	static const u32 waits[] = { 20, 40, 80, 160, 320, 600, 600 };
	struct ncp_times times = defaults;
	struct endpoint *ep;
	unsigned int i;

	times.rto_min = 20 * NCP_MS;
	times.rto_max = 600 * NCP_MS;
	ep = with_times(test, &times);
	open(ep);
	measure(ep, 1 * NCP_MS);
	ep_run(ep, 2 * NCP_TICK);
	send_packets(ep, 1);
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		ep_run(ep, waits[i] * NCP_MS - 1);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, i);
		ep_run(ep, 1);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, i + 1);
	}
	scenario_end(test, ep);
}

/* ... also when that is longer than the usual one. */
static void test_back_off_long(struct kunit *test)
{
	static const u32 waits[] = { 500, 1000, 2000, 4000, 8000, 10000, 10000 };
	struct ncp_times times = defaults;
	struct endpoint *ep;
	unsigned int i;

	times.rto_max = 10 * NCP_SEC;
	ep = with_times(test, &times);
	open(ep);
	send_packets(ep, 1);
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		ep_run(ep, waits[i] * NCP_MS - 1);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, i);
		ep_run(ep, 1);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.retrans, i + 1);
	}
	scenario_end(test, ep);
}

/* A timeout shorter than the time for which a packet waits to be filled. */
static void test_rto_held(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.rto_min = 50 * NCP_MS;
	ep = with_times(test, &times);
	open(ep);
	measure(ep, 1 * NCP_MS);
	ep_write(ep, "more", 4, NCP_HOLD_MORE);
	ep_flush(ep);
	EMITS_AFTER(ep, 50 * NCP_MS, "DAT 101/200 [4], DAT 101/200 [4]");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	ep_run(ep, NCP_SEC);
	ep_write(ep, "more", 4, NCP_HOLD_MORE);
	ep_write(ep, "data", 4, NCP_HOLD_PARTIAL);
	EMITS_AFTER(ep, 50 * NCP_MS, "DAT 102/200 [8], DAT 102/200 [8]");
	scenario_end(test, ep);
}

/* Unread data: the peer is asked so often. */
static void test_probe(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;
	int i;

	times.probe = 700 * NCP_MS;
	ep = with_times(test, &times);
	open(ep);
	send_packets(ep, 1);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 13);
	ep_take(ep);
	for (i = 0; i < 5; i++) {
		EMITS_AFTER(ep, 700 * NCP_MS - 1, "");
		EMITS_AFTER(ep, 1, "SNS 102/200");
		rcv_same_sts(ep);
	}
	scenario_end(test, ep);
}

/* Questions come ever more rarely, but so often. */
static void test_probe_most(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.probe = 600 * NCP_MS;
	ep = with_times(test, &times);
	open(ep);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x100, 0);
	send_packets(ep, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 250 * NCP_MS, "SNS 101/200");
	EMITS_AFTER(ep, 500 * NCP_MS, "SNS 101/200");
	EMITS_AFTER(ep, 600 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "SNS 101/200");
	EMITS_AFTER(ep, 600 * NCP_MS, "SNS 101/200");
	scenario_end(test, ep);
}

/* Even the first one, whether the round trip is known or not. */
static void test_probe_first(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.probe = 50 * NCP_MS;
	ep = with_times(test, &times);
	open(ep);
	send_packets(ep, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 50 * NCP_MS, "SNS 102/200");
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x101, 0x101, 13);
	measure(ep, 40 * NCP_MS);
	send_packets(ep, 1);
	ep_take(ep);
	EMITS_AFTER(ep, 50 * NCP_MS, "SNS 103/200");
	scenario_end(test, ep);
}

static void test_idle(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.idle = 3 * NCP_SEC;
	times.probe = 2 * NCP_SEC;
	ep = with_times(test, &times);
	open(ep);
	EMITS_AFTER(ep, 3 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "SNS 101/200");
	EMITS_AFTER(ep, 2 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "SNS 101/200");
	rcv_same_sts(ep);
	EMITS_AFTER(ep, 3 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "SNS 101/200");
	scenario_end(test, ep);
}

static void test_timeout(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.timeout = 7 * NCP_SEC;
	ep = with_times(test, &times);
	open(ep);
	EMITS_AFTER(ep, 7 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "=INCOMPLETE/timeout");
	scenario_end(test, ep);
}

/* It limits the wait for an answer, too, which has a limit of its own. */
static void test_timeout_asking(struct kunit *test)
{
	static const u64 timeouts[] = { 7 * NCP_SEC, 29 * NCP_SEC, 31 * NCP_SEC, 3600 * NCP_SEC };
	struct ncp_times times = defaults;
	struct endpoint *ep;
	unsigned int i;
	u64 limit;

	for (i = 0; i < 2 * ARRAY_SIZE(timeouts); i++) {
		times.timeout = timeouts[i / 2];
		limit = i / 2 < 2 ? times.timeout : NCP_CONNECT_TIMEOUT;
		ep = with_times(test, &times);
		if (i % 2)
			ep_connect(ep, 0x100);
		else
			ep_broadcast(ep, 0x100);
		ep_run(ep, limit - 1);
		KUNIT_EXPECT_TRUE(test, ncp_alive(&ep->ncp));
		ep_run(ep, 1);
		KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
		scenario_end(test, ep);
	}
}

/* The server may think as long as it likes, while the peer repeats its RFC. */
static void test_timeout_deciding(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.timeout = 2 * NCP_SEC;
	ep = with_times(test, &times);
	ep_offer(ep, 0x200, 0x100);
	ep_take(ep);
	EMITS_AFTER(ep, NCP_PENDING_TIMEOUT - 1, "");
	EMITS_AFTER(ep, 1, "=CLOSED/timeout");
	scenario_end(test, ep);
}

static void test_timeout_closing(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep;

	times.timeout = 2 * NCP_SEC;
	ep = with_times(test, &times);
	open(ep);
	send_packets(ep, 1);
	ep_close(ep);
	ep_run(ep, 2 * NCP_SEC - 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	ep_run(ep, 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_CLOSED);
	scenario_end(test, ep);
	/* But not longer than any close. */
	times.timeout = 3600 * NCP_SEC;
	ep = with_times(test, &times);
	open(ep);
	send_packets(ep, 1);
	ep_close(ep);
	ep_run(ep, NCP_CLOSE_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_CLOSED);
	scenario_end(test, ep);
}

/*
 * On a connection that lives already.
 */

static void test_live_timeout(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_run(ep, 30 * NCP_SEC);
	times.timeout = 40 * NCP_SEC;
	ep_set_times(ep, &times);
	EMITS_AFTER(ep, 10 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "=INCOMPLETE/timeout");
	scenario_end(test, ep);
}

/* It has passed already. */
static void test_live_timeout_passed(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_run(ep, 30 * NCP_SEC);
	times.timeout = 20 * NCP_SEC;
	ep_set_times(ep, &times);
	EMITS_AFTER(ep, NCP_TICK, "=INCOMPLETE/timeout");
	scenario_end(test, ep);
}

static void test_live_timeout_longer(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_run(ep, 80 * NCP_SEC);
	times.timeout = 200 * NCP_SEC;
	ep_set_times(ep, &times);
	ep_run(ep, 120 * NCP_SEC - 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_OPENED);
	ep_run(ep, 1);
	KUNIT_EXPECT_EQ(test, ep->ncp.state, CHAOS_INCOMPLETE);
	scenario_end(test, ep);
}

static void test_live_idle(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_run(ep, 10 * NCP_SEC);
	times.idle = 15 * NCP_SEC;
	ep_set_times(ep, &times);
	EMITS_AFTER(ep, 5 * NCP_SEC - 1, "");
	EMITS_AFTER(ep, 1, "SNS 101/200");
	scenario_end(test, ep);
}

static void test_live_probe(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	send_packets(ep, 1);
	ep_rcv_words(ep, CHAOS_OP_STS, 0x201, 0x100, 0x101, 13);
	ep_take(ep);
	EMITS_AFTER(ep, 4 * NCP_SEC, "");
	times.probe = 300 * NCP_MS;
	ep_set_times(ep, &times);
	EMITS_AFTER(ep, 300 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "SNS 102/200");
	/* And back again. */
	ep_set_times(ep, &defaults);
	EMITS_AFTER(ep, NCP_PROBE - 1, "");
	EMITS_AFTER(ep, 1, "SNS 102/200");
	scenario_end(test, ep);
}

static void test_live_rto(struct kunit *test)
{
	struct ncp_times times = defaults;
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	measure(ep, 100 * NCP_MS);
	send_packets(ep, 1);
	ep_take(ep);
	times.rto_min = 400 * NCP_MS;
	ep_set_times(ep, &times);
	KUNIT_EXPECT_EQ(test, ep->ncp.rto, 400 * NCP_MS);
	times.rto_max = 150 * NCP_MS;
	times.rto_min = 10 * NCP_MS;
	ep_set_times(ep, &times);
	EMITS_AFTER(ep, 150 * NCP_MS - 1, "");
	EMITS_AFTER(ep, 1, "DAT 101/200 [4]");
	/* What was measured is not forgotten. */
	ep_set_times(ep, &defaults);
	KUNIT_EXPECT_EQ(test, ep->ncp.rto, 300 * NCP_MS);
	scenario_end(test, ep);
}

/* A connection at its end needs no timer. */
static void test_ended(struct kunit *test)
{
	struct endpoint *ep = scenario(test);

	ep_open_user(ep, 13, 13);
	ep_abort(ep);
	ep_take(ep);
	ep->timer_at = 0;
	ep_set_times(ep, &defaults);
	KUNIT_EXPECT_EQ(test, ep->timer_at, 0);
	EMITS(ep, "");
	scenario_end(test, ep);
}

static struct kunit_case times_cases[] = {
	KUNIT_CASE_PARAM(test_rto, bounds_gen_params),
	KUNIT_CASE(test_rto_rfc),
	KUNIT_CASE(test_rto_opn),
	KUNIT_CASE(test_back_off),
	KUNIT_CASE(test_back_off_long),
	KUNIT_CASE(test_rto_held),
	KUNIT_CASE(test_probe),
	KUNIT_CASE(test_probe_most),
	KUNIT_CASE(test_probe_first),
	KUNIT_CASE(test_idle),
	KUNIT_CASE(test_timeout),
	KUNIT_CASE(test_timeout_asking),
	KUNIT_CASE(test_timeout_deciding),
	KUNIT_CASE(test_timeout_closing),
	KUNIT_CASE(test_live_timeout),
	KUNIT_CASE(test_live_timeout_passed),
	KUNIT_CASE(test_live_timeout_longer),
	KUNIT_CASE(test_live_idle),
	KUNIT_CASE(test_live_probe),
	KUNIT_CASE(test_live_rto),
	KUNIT_CASE(test_ended),
	{}
};

static struct kunit_suite times_suite = {
	.name = "chaos_ncp_times",
	.test_cases = times_cases,
};

kunit_test_suite(times_suite);
