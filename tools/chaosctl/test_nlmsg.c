// SPDX-License-Identifier: GPL-2.0-or-later
/* Exchanges with the kernel: errors, its words, repeated and broken answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "fake.h"

static int change(void)
{
	struct request req;

	if (request_begin(&req, &fake, CHAOS_CMD_LINK_NEW, 0))
		return -1;
	request_str(&req, CHAOS_LINK_A_IFNAME, "eth0");
	return request_change(&req);
}

static int dump(struct answer *answer)
{
	struct request req;

	if (request_begin(&req, &fake, CHAOS_CMD_LINK_GET, NLM_F_DUMP))
		return -1;
	return request_ask(&req, answer);
}

static void expect_dump(int err, size_t n, const char *complaints)
{
	struct answer answer = { 0 };

	assert_int_equal(dump(&answer), err);
	assert_int_equal(answer.n, n);
	assert_string_equal(fake_complaints(), complaints);
	answer_free(&answer);
}

static void test_acknowledged(void **state)
{
	struct nlmsghdr *msg;

	(void)state;
	fake_error(0, NULL);
	assert_int_equal(change(), 0);
	assert_string_equal(fake_complaints(), "");
	assert_int_equal(fake_n_sent(), 1);
	msg = fake_sent(0);
	assert_int_equal(msg->nlmsg_type, FAKE_FAMILY);
	assert_int_equal(msg->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(genlmsg_hdr(msg)->cmd, CHAOS_CMD_LINK_NEW);
	assert_int_equal(genlmsg_hdr(msg)->version, CHAOS_GENL_VERSION);
}

static void test_kernel_text(void **state)
{
	(void)state;
	fake_error(EEXIST, "eth0 carries Chaosnet already");
	assert_int_equal(change(), -1);
	assert_string_equal(fake_complaints(), "eth0 carries Chaosnet already\n");
}

static void test_no_kernel_text(void **state)
{
	(void)state;
	fake_error(EPERM, NULL);
	assert_int_equal(change(), -1);
	assert_string_equal(fake_complaints(), "Operation not permitted\n");
}

/* A kernel that sends our request back before its text. */
static void test_uncapped(void **state)
{
	(void)state;
	fake_error_uncapped(EINVAL, "a text", 33);
	assert_int_equal(change(), -1);
	assert_string_equal(fake_complaints(), "a text\n");
}

/* The request that comes back is said to be longer than the message. */
static void test_uncapped_lie(void **state)
{
	struct {
		struct nlmsghdr hdr;
		struct nlmsgerr err;
	} msg = {
		.hdr = { sizeof(msg), NLMSG_ERROR, NLM_F_ACK_TLVS, 0, 0 },
		.err = { -EINVAL, { .nlmsg_len = 0xfffffff0 } },
	};

	(void)state;
	fake_raw(&msg, sizeof(msg));
	assert_int_equal(change(), -1);
	assert_string_equal(fake_complaints(), "Invalid argument\n");
}

static void test_long_text(void **state)
{
	char text[1000];
	char expected[300];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	fake_error(EINVAL, text);
	assert_int_equal(change(), -1);
	memset(expected, 'x', 255);
	strcpy(expected + 255, "\n");
	assert_string_equal(fake_complaints(), expected);
}

static void test_warning(void **state)
{
	(void)state;
	fake_error(0, "cost is unusual");
	assert_int_equal(change(), 0);
	assert_string_equal(fake_complaints(), "warning: cost is unusual\n");
}

static void test_short_error(void **state)
{
	struct nlmsghdr hdr = { sizeof(hdr), NLMSG_ERROR, 0, 0, 0 };

	(void)state;
	fake_raw(&hdr, sizeof(hdr));
	assert_int_equal(change(), -1);
	assert_string_equal(fake_complaints(), "the kernel's answer is too short\n");
}

static void test_not_available(void **state)
{
	(void)state;
	fake_unavailable();
	assert_int_equal(change(), -1);
	assert_int_equal(fake_n_sent(), 0);
}

static void test_dump(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI));
	fake_done(0, NULL);
	expect_dump(0, 3, "");
	assert_int_equal(fake_sent(0)->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
}

/* Several messages in one datagram. */
static void test_datagram_of_many(void **state)
{
	unsigned char buf[40 * 20];
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);
	size_t len = nlmsg_hdr(msg)->nlmsg_len;

	(void)state;
	for (int i = 0; i < 40; i++)
		memcpy(buf + i * len, nlmsg_hdr(msg), len);
	nlmsg_free(msg);
	fake_raw(buf, 40 * len);
	fake_done(0, NULL);
	expect_dump(0, 40, "");
}

static void test_dump_refused(void **state)
{
	(void)state;
	fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI));
	fake_done(EOPNOTSUPP, "no such list");
	expect_dump(-1, 0, "no such list\n");
}

static void test_dump_refused_at_once(void **state)
{
	(void)state;
	fake_error(EPERM, NULL);
	expect_dump(-1, 0, "Operation not permitted\n");
}

static void test_interrupted_once(void **state)
{
	(void)state;
	fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI));
	fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI | NLM_F_DUMP_INTR));
	fake_done(0, NULL);
	fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI));
	fake_done(0, NULL);
	expect_dump(0, 1, "");
	assert_int_equal(fake_n_sent(), 2);
	assert_int_equal(fake_sent(1)->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
}

static void test_interrupted_always(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI | NLM_F_DUMP_INTR));
		fake_done(0, NULL);
	}
	expect_dump(0, 1, "warning: the list changes while it is read and may be incomplete\n");
	assert_int_equal(fake_n_sent(), 5);
}

static void test_interrupted_at_the_end(void **state)
{
	struct {
		struct nlmsghdr hdr;
		int err;
	} done = {
		.hdr = { sizeof(done), NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, 0, 0 },
	};

	(void)state;
	fake_raw(&done, sizeof(done));
	fake_done(0, NULL);
	expect_dump(0, 0, "");
	assert_int_equal(fake_n_sent(), 2);
}

static void test_lost(void **state)
{
	struct nlmsghdr hdr = { sizeof(hdr), NLMSG_OVERRUN, 0, 0, 0 };

	(void)state;
	fake_raw(&hdr, sizeof(hdr));
	expect_dump(-1, 0, "the kernel's answer was lost\n");
}

static void test_cut_short(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);

	(void)state;
	fake_raw(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len - 1);
	nlmsg_free(msg);
	expect_dump(-1, 0, "the kernel's answer is cut short\n");
}

static void test_noop(void **state)
{
	struct nlmsghdr hdr = { sizeof(hdr), NLMSG_NOOP, 0, 0, 0 };

	(void)state;
	fake_raw(&hdr, sizeof(hdr));
	fake_done(0, NULL);
	expect_dump(0, 0, "");
}

static void test_foreign(void **state)
{
	(void)state;
	fake_foreign_answers();
	fake_answer(fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI));
	fake_done(0, NULL);
	expect_dump(-1, 0, "nothing to receive\n");
}

static void test_too_big(void **state)
{
	struct request req;
	char *big = calloc(1, 60000);

	(void)state;
	assert_non_null(big);
	assert_int_equal(request_begin(&req, &fake, CHAOS_CMD_LINK_NEW, 0), 0);
	request_bytes(&req, CHAOS_LINK_A_IFNAME, big, 60000);
	free(big);
	assert_int_equal(request_change(&req), -1);
	assert_string_equal(fake_complaints(), "the request does not fit into a message\n");
	assert_int_equal(fake_n_sent(), 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_acknowledged),
		TEST(test_kernel_text),
		TEST(test_no_kernel_text),
		TEST(test_uncapped),
		TEST(test_uncapped_lie),
		TEST(test_long_text),
		TEST(test_warning),
		TEST(test_short_error),
		TEST(test_not_available),
		TEST(test_dump),
		TEST(test_datagram_of_many),
		TEST(test_dump_refused),
		TEST(test_dump_refused_at_once),
		TEST(test_interrupted_once),
		TEST(test_interrupted_always),
		TEST(test_interrupted_at_the_end),
		TEST(test_lost),
		TEST(test_cut_short),
		TEST(test_noop),
		TEST(test_foreign),
		TEST(test_too_big),
	};

	return cmocka_run_group_tests_name("nlmsg", tests, NULL, NULL);
}
