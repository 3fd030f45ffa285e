// SPDX-License-Identifier: GPL-2.0-or-later
/* What each command that changes something sends to the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "fake.h"

/* @attrs: all attributes in their order, as number=bytes in hexadecimal. */
static const struct {
	const struct object *object;
	const char *words;
	uint8_t cmd;
	const char *attrs;
} rows[] = {
	{ &link_object, "add lo", CHAOS_CMD_LINK_NEW, "3=6c6f00 " },
	{ &link_object, "add dev lo cost 10", CHAOS_CMD_LINK_NEW, "3=6c6f00 5=0a00 " },
	{ &link_object, "set lo cost 256", CHAOS_CMD_LINK_NEW, "3=6c6f00 5=0001 9= " },
	{ &link_object, "del lo", CHAOS_CMD_LINK_DEL, "3=6c6f00 " },
	{ &addr_object, "add 3040 dev lo", CHAOS_CMD_ADDR_NEW, "2=6c6f00 3=2006 " },
	{ &addr_object, "a d lo 03040", CHAOS_CMD_ADDR_NEW, "2=6c6f00 3=2006 " },
	{ &addr_object, "delete 3040 dev lo", CHAOS_CMD_ADDR_DEL, "2=6c6f00 3=2006 " },
	{ &route_object, "add subnet 12 via 3040", CHAOS_CMD_ROUTE_NEW, "1=0a 3=2006 " },
	{ &route_object, "add host 402 via 3040 cost 9", CHAOS_CMD_ROUTE_NEW,
	  "2=0201 3=2006 6=0900 " },
	{ &route_object, "add default via 3040", CHAOS_CMD_ROUTE_NEW, "3=2006 " },
	{ &route_object, "rep default via 3040", CHAOS_CMD_ROUTE_NEW, "3=2006 8= " },
	{ &route_object, "del subnet 377", CHAOS_CMD_ROUTE_DEL, "1=ff " },
	{ &route_object, "del host 402", CHAOS_CMD_ROUTE_DEL, "2=0201 " },
	{ &route_object, "del default", CHAOS_CMD_ROUTE_DEL, "" },
	{ &route_object, "get 402", CHAOS_CMD_ROUTE_GET, "2=0201 " },
	{ &route_object, "add host 402 dev lo", CHAOS_CMD_ROUTE_NEW, "2=0201 5=6c6f00 " },
	{ &neigh_object, "add 3040 lladdr 02:00:00:00:00:07 dev lo", CHAOS_CMD_NEIGH_NEW,
	  "2=6c6f00 3=2006 4=020000000007 " },
	{ &neigh_object, "rep 3040 d lo l 02:00:00:00:00:07", CHAOS_CMD_NEIGH_NEW,
	  "2=6c6f00 3=2006 4=020000000007 7= " },
	{ &neigh_object, "del 3040 dev lo", CHAOS_CMD_NEIGH_DEL, "2=6c6f00 3=2006 " },
	{ &net_object, "set name AI", CHAOS_CMD_NET_SET, "1=414900 " },
	{ &net_object, "show", CHAOS_CMD_NET_GET, "" },
	{ &stat_object, "show", CHAOS_CMD_STATS_GET, "" },
};

static void list_attrs(char *buf, size_t size, struct nlmsghdr *msg)
{
	struct nlattr *attr;
	size_t used = 0;
	int rest;

	buf[0] = '\0';
	nla_for_each_attr(attr, genlmsg_attrdata(genlmsg_hdr(msg), 0),
			  genlmsg_attrlen(genlmsg_hdr(msg), 0), rest) {
		const unsigned char *data = nla_data(attr);

		used += snprintf(buf + used, size - used, "%d=", nla_type(attr));
		for (int i = 0; i < nla_len(attr); i++)
			used += snprintf(buf + used, size - used, "%02x", data[i]);
		used += snprintf(buf + used, size - used, " ");
	}
}

static void test_requests(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nlmsghdr *msg;
		char attrs[200];

		fake_setup(state);
		fake_error(0, NULL);
		assert_int_equal(fake_run(rows[i].object, rows[i].words), STATUS_OK);
		assert_string_equal(fake_complaints(), "");
		assert_int_equal(fake_n_sent(), 1);
		msg = fake_sent(0);
		assert_int_equal(genlmsg_hdr(msg)->cmd, rows[i].cmd);
		assert_int_equal(msg->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
		list_attrs(attrs, sizeof(attrs), msg);
		assert_string_equal(attrs, rows[i].attrs);
		assert_int_equal(fake_teardown(state), 0);
	}
	fake_setup(state);
}

static void test_dump_requests(void **state)
{
	static const struct {
		const struct object *object;
		const char *words;
		uint8_t cmd;
	} dumps[] = {
		{ &link_object, "", CHAOS_CMD_LINK_GET },
		{ &link_object, "sh lo", CHAOS_CMD_LINK_GET },
		{ &addr_object, "", CHAOS_CMD_ADDR_GET },
		{ &addr_object, "show dev lo", CHAOS_CMD_ADDR_GET },
		{ &route_object, "", CHAOS_CMD_ROUTE_GET },
		{ &neigh_object, "", CHAOS_CMD_NEIGH_GET },
		{ &conn_object, "", CHAOS_CMD_CONN_GET },
		{ &conn_object, "info", CHAOS_CMD_CONN_GET },
		{ &conn_object, "show info", CHAOS_CMD_CONN_GET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		struct nlmsghdr *msg;

		fake_setup(state);
		fake_done(0, NULL);
		assert_int_equal(fake_run(dumps[i].object, dumps[i].words), STATUS_OK);
		msg = fake_sent(0);
		assert_int_equal(genlmsg_hdr(msg)->cmd, dumps[i].cmd);
		assert_int_equal(msg->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
		assert_int_equal(genlmsg_attrlen(genlmsg_hdr(msg), 0), 0);
		assert_int_equal(fake_teardown(state), 0);
	}
	fake_setup(state);
}

/* Refused by the kernel: its words, status 2. */
static void test_refused(void **state)
{
	(void)state;
	fake_error(EEXIST, "3040 is in use already");
	assert_int_equal(fake_run(&addr_object, "add 3040 dev lo"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "3040 is in use already\n");
	assert_string_equal(fake_output(), "");
}

static void test_unknown_device(void **state)
{
	(void)state;
	assert_int_equal(fake_run(&addr_object, "show dev nosuchdev"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "there is no device 'nosuchdev'\n");
	assert_int_equal(fake_n_sent(), 0);
}

/* What is wrong with the command line: said, status 1, and nothing is sent. */
static void test_wrong_usage(void **state)
{
	static const struct {
		const struct object *object;
		const char *words;
		const char *complaint;
	} usages[] = {
		{ &link_object, "s", "'s' is ambiguous: it could be 'show' or 'set'\n" },
		{ &link_object, "frob", "'frob' is not a command of link\n" },
		{ &link_object, "add", "link add: missing 'dev DEV'\n" },
		{ &link_object, "set lo", "link set: missing 'cost N'\n" },
		{ &link_object, "add lo cost 1x", "'1x' is not a decimal cost: character 'x'\n" },
		{ &addr_object, "add 3090 dev lo", "'3090' is not an octal address: digit 9\n" },
		{ &addr_object, "add 3040", "addr add: missing 'dev DEV'\n" },
		{ &addr_object, "add dev lo", "addr add: missing 'ADDRESS'\n" },
		{ &route_object, "add via 3040",
		  "route add: missing 'subnet N' or 'host ADDRESS' or 'default'\n" },
		{ &route_object, "add default", "route add: missing 'dev DEV' or 'via ADDRESS'\n" },
		{ &route_object, "add default subnet 6 via 3040",
		  "route add: 'subnet N' and 'default' exclude each other\n" },
		{ &route_object, "get", "route get: missing 'ADDRESS'\n" },
		{ &neigh_object, "add 3040 dev lo", "neigh add: missing 'lladdr MAC'\n" },
		{ &conn_object, "show all", "'all' is not a word known here\n" },
		{ &net_object, "set", "net set: missing 'name NAME'\n" },
		{ &stat_object, "show everything", "'everything' is not a word known here\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(usages); i++) {
		fake_setup(state);
		assert_int_equal(fake_run(usages[i].object, usages[i].words), STATUS_USAGE);
		assert_string_equal(fake_complaints(), usages[i].complaint);
		assert_int_equal(fake_n_sent(), 0);
		assert_int_equal(fake_teardown(state), 0);
	}
	fake_setup(state);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_requests),
		TEST(test_dump_requests),
		TEST(test_refused),
		TEST(test_unknown_device),
		TEST(test_wrong_usage),
	};

	/* The usage lines on standard error are not of interest here. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
