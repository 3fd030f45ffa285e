// SPDX-License-Identifier: GPL-2.0-or-later
/* The flush commands: what they delete of what there is. */
#include <errno.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "fake.h"

/* A neighbour on link @index; @state -1 for one that is published. */
static void answer_neigh(uint32_t index, uint16_t addr, int state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NEIGH_NEW, NLM_F_MULTI);

	assert_int_equal(nla_put_u32(msg, CHAOS_NEIGH_A_IFINDEX, index), 0);
	assert_int_equal(nla_put_string(msg, CHAOS_NEIGH_A_IFNAME, index == 1 ? "lo" : "eth9"), 0);
	assert_int_equal(nla_put_u16(msg, CHAOS_NEIGH_A_ADDR, addr), 0);
	if (state < 0)
		assert_int_equal(nla_put_flag(msg, CHAOS_NEIGH_A_PROXY), 0);
	else
		assert_int_equal(nla_put_u8(msg, CHAOS_NEIGH_A_STATE, state), 0);
	fake_answer(msg);
}

static void answer_neighs(void)
{
	answer_neigh(1, 0402, CHAOS_NEIGH_REACHABLE);
	answer_neigh(1, 0403, CHAOS_NEIGH_PERMANENT);
	answer_neigh(1, 0404, -1);
	answer_neigh(2, 0405, CHAOS_NEIGH_FAILED);
	fake_done(0, NULL);
}

/* The request numbered @i deletes this neighbour. */
static void deleted(size_t i, uint32_t index, uint16_t addr, bool proxy)
{
	struct nlattr *tb[CHAOS_NEIGH_A_MAX + 1];
	struct nlmsghdr *msg = fake_sent(i);

	assert_int_equal(genlmsg_hdr(msg)->cmd, CHAOS_CMD_NEIGH_DEL);
	assert_int_equal(genlmsg_parse(msg, 0, tb, CHAOS_NEIGH_A_MAX, NULL), 0);
	assert_int_equal(nla_get_u32(tb[CHAOS_NEIGH_A_IFINDEX]), index);
	assert_int_equal(nla_get_u16(tb[CHAOS_NEIGH_A_ADDR]), addr);
	assert_int_equal(!!tb[CHAOS_NEIGH_A_PROXY], proxy);
}

static void test_neigh(void **state)
{
	(void)state;
	answer_neighs();
	fake_error(0, NULL);
	fake_error(0, NULL);
	assert_int_equal(fake_run(&neigh_object, "flush"), STATUS_OK);
	assert_int_equal(fake_n_sent(), 3);
	deleted(1, 1, 0402, false);
	deleted(2, 2, 0405, false);
}

static void test_neigh_all(void **state)
{
	(void)state;
	answer_neighs();
	for (int i = 0; i < 3; i++)
		fake_error(0, NULL);
	assert_int_equal(fake_run(&neigh_object, "flush all dev lo"), STATUS_OK);
	assert_int_equal(fake_n_sent(), 4);
	deleted(1, 1, 0402, false);
	deleted(2, 1, 0403, false);
	deleted(3, 1, 0404, true);
}

/* What went by itself meanwhile is no failure; what cannot be deleted does not stop us. */
static void test_refused(void **state)
{
	(void)state;
	answer_neighs();
	fake_error(EPERM, "you may not");
	fake_error(ESRCH, "no such neighbour");
	assert_int_equal(fake_run(&neigh_object, "flush"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "you may not\n");
	assert_int_equal(fake_n_sent(), 3);
}

static void test_no_device(void **state)
{
	(void)state;
	assert_int_equal(fake_run(&neigh_object, "flush dev nosuch"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "there is no device 'nosuch'\n");
	assert_int_equal(fake_n_sent(), 0);
}

static void test_no_list(void **state)
{
	(void)state;
	fake_done(EPERM, "not for you");
	assert_int_equal(fake_run(&addr_object, "flush"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "not for you\n");
	assert_int_equal(fake_n_sent(), 1);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_neigh),
		TEST(test_neigh_all),
		TEST(test_refused),
		TEST(test_no_device),
		TEST(test_no_list),
	};

	return cmocka_run_group_tests_name("flush", tests, NULL, NULL);
}
