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
	{ &link_object, "add lo rut off poison on proxy_arp all cost 9", CHAOS_CMD_LINK_NEW,
	  "3=6c6f00 5=0900 10=00 11=01 12=02 " },
	{ &link_object, "set lo rut listen", CHAOS_CMD_LINK_NEW, "3=6c6f00 10=01 9= " },
	{ &link_object, "set lo ru on po off pr h", CHAOS_CMD_LINK_NEW,
	  "3=6c6f00 10=02 11=00 12=01 9= " },
	{ &link_object, "add lo type chaos", CHAOS_CMD_LINK_NEW, "3=6c6f00 4=6368616f7300 " },
	{ &link_object, "add lo ty c pe 3040 u root g 7 co 3", CHAOS_CMD_LINK_NEW,
	  "3=6c6f00 5=0300 4=6368616f7300 13=2006 15=00000000 16=07000000 " },
	{ &link_object, "set lo peer none", CHAOS_CMD_LINK_NEW, "3=6c6f00 13=0000 9= " },
	{ &link_object, "set lo user 4294967294", CHAOS_CMD_LINK_NEW, "3=6c6f00 15=feffffff 9= " },
	{ &link_object, "add lo type ip local 192.0.2.1 local6 2001:db8::1 ttl 9 learn 3 age 2m",
	  CHAOS_CMD_LINK_NEW, "3=6c6f00 4=697000 19=c0000201 "
	  "20=20010db8000000000000000000000001 23=09 21=03000000 22=78000000 " },
	{ &link_object, "set lo local ::", CHAOS_CMD_LINK_NEW,
	  "3=6c6f00 20=00000000000000000000000000000000 9= " },
	{ &link_object, "map lo 3040 192.0.2.7", CHAOS_CMD_MAP_NEW, "3=6c6f00 4=2006 6=c0000207 " },
	{ &link_object, "unmap lo subnet 2", CHAOS_CMD_MAP_DEL, "3=6c6f00 5=02 " },
	{ &map_object, "add lo fd00::7 3040", CHAOS_CMD_MAP_NEW,
	  "3=6c6f00 4=2006 7=fd000000000000000000000000000007 " },
	{ &map_object, "replace lo subnet 2 10.11.12.0/24", CHAOS_CMD_MAP_NEW,
	  "3=6c6f00 5=02 6=0a0b0c00 8=18 9= " },
	{ &map_object, "add dev lo subnet 377 fd00:1:2::/120", CHAOS_CMD_MAP_NEW,
	  "3=6c6f00 5=ff 7=fd000001000200000000000000000000 8=78 " },
	{ &map_object, "delete lo 3040", CHAOS_CMD_MAP_DEL, "3=6c6f00 4=2006 " },
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
	{ &route_object, "del subnet 6 type learned", CHAOS_CMD_ROUTE_DEL, "1=06 7=02 " },
	{ &route_object, "get 402", CHAOS_CMD_ROUTE_GET, "2=0201 " },
	{ &route_object, "add host 402 dev lo", CHAOS_CMD_ROUTE_NEW, "2=0201 5=6c6f00 " },
	{ &route_object, "add subnet 12 via 3040 dev lo cost 9", CHAOS_CMD_ROUTE_NEW,
	  "1=0a 3=2006 5=6c6f00 6=0900 " },
	{ &route_object, "get 402 from 1003", CHAOS_CMD_ROUTE_GET, "2=0201 11=0302 " },
	{ &neigh_object, "add 3040 lladdr 02:00:00:00:00:07 dev lo", CHAOS_CMD_NEIGH_NEW,
	  "2=6c6f00 3=2006 4=020000000007 " },
	{ &neigh_object, "rep 3040 d lo l 02:00:00:00:00:07", CHAOS_CMD_NEIGH_NEW,
	  "2=6c6f00 3=2006 4=020000000007 7= " },
	{ &neigh_object, "del 3040 dev lo", CHAOS_CMD_NEIGH_DEL, "2=6c6f00 3=2006 " },
	{ &neigh_object, "add proxy 3040 dev lo", CHAOS_CMD_NEIGH_NEW, "2=6c6f00 3=2006 8= " },
	{ &neigh_object, "rep proxy 3040 dev lo", CHAOS_CMD_NEIGH_NEW, "2=6c6f00 3=2006 8= 7= " },
	{ &neigh_object, "del proxy 3040 dev lo", CHAOS_CMD_NEIGH_DEL, "2=6c6f00 3=2006 8= " },
	{ &net_object, "set name AI", CHAOS_CMD_NET_SET, "1=414900 " },
	{ &net_object, "set forwarding on", CHAOS_CMD_NET_SET, "6=01 " },
	{ &net_object, "set name AI f off", CHAOS_CMD_NET_SET, "1=414900 6=00 " },
	{ &net_object, "set private 376,1,012", CHAOS_CMD_NET_SET,
	  "7=0204" "0000000000000000000000000000" "0000000000000000000000000000" "0040 " },
	{ &net_object, "set private none", CHAOS_CMD_NET_SET,
	  "7=" "00000000000000000000000000000000" "00000000000000000000000000000000" " " },
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
		{ &route_object, "show learned", CHAOS_CMD_ROUTE_GET },
		{ &route_object, "flush", CHAOS_CMD_ROUTE_GET },
		{ &route_object, "fl type fi", CHAOS_CMD_ROUTE_GET },
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
		{ &link_object, "set lo",
		  "link set: missing 'cost N' or 'rut off|listen|on' or 'poison on|off' or "
		  "'proxy_arp off|hosts|all' or 'peer ADDRESS|none' or 'user USER' or "
		  "'group GROUP' or 'local IP' or 'local6 IP' or 'ttl N' or 'learn N' or "
		  "'age DURATION'\n" },
		{ &link_object, "set lo rut x", "'x' is not 'off', 'listen' or 'on'\n" },
		{ &link_object, "set lo rut o", "'o' is ambiguous: it could be 'off' or 'on'\n" },
		{ &link_object, "set lo poison yes", "'yes' is not 'on' or 'off'\n" },
		{ &link_object, "set lo proxy_arp on", "'on' is not 'off', 'hosts' or 'all'\n" },
		{ &link_object, "set lo rut on rut off", "'rut' is given twice\n" },
		{ &link_object, "add lo cost 1x", "'1x' is not a decimal cost: character 'x'\n" },
		{ &addr_object, "add 3090 dev lo", "'3090' is not an octal address: digit 9\n" },
		{ &addr_object, "add 3040", "addr add: missing 'dev DEV'\n" },
		{ &addr_object, "add dev lo", "addr add: missing 'ADDRESS'\n" },
		{ &route_object, "add via 3040",
		  "route add: missing 'subnet N' or 'host ADDRESS' or 'default'\n" },
		{ &route_object, "add default", "route add: missing 'dev DEV' or 'via ADDRESS'\n" },
		{ &route_object, "add default subnet 6 via 3040",
		  "route add: 'subnet N' and 'default' exclude each other\n" },
		{ &route_object, "get 402 from 400",
		  "'400' is not a host address: its host number is 0\n" },
		{ &route_object, "show frob", "'frob' is not a type of route\n" },
		{ &route_object, "flush fixed local", "'local' is not a word known here\n" },
		{ &route_object, "get", "route get: missing 'ADDRESS'\n" },
		{ &neigh_object, "add 3040 dev lo", "neigh add: missing 'lladdr MAC' or 'proxy'\n" },
		{ &neigh_object, "add proxy 3040 lladdr 02:00:00:00:00:07 dev lo",
		  "neigh add: 'lladdr MAC' and 'proxy' exclude each other\n" },
		{ &conn_object, "show all", "'all' is not a word known here\n" },
		{ &net_object, "set", "net set: missing 'name NAME' or 'forwarding on|off' or "
		  "'private SUBNETS'\n" },
		{ &net_object, "set forwarding maybe", "'maybe' is not 'on' or 'off'\n" },
		{ &net_object, "set private 0", "'0' is not a subnet number: it is 0\n" },
		{ &net_object, "set private 1,,2", "'' is not an octal subnet number: it is empty\n" },
		{ &net_object, "set private 1,400",
		  "'400' is not an octal subnet number: it is above 377\n" },
		{ &net_object, "set private 1,9", "'9' is not an octal subnet number: digit 9\n" },
		{ &net_object, "set private 00000000000000000000000000000001",
		  "'00000000000000000000000000000001' is not a list of subnet numbers\n" },
		{ &link_object, "add lo type ether", "'ether' is not 'chaos' or 'ip'\n" },
		{ &link_object, "set lo type chaos", "'type' is not a word known here\n" },
		{ &link_object, "add lo ttl 256", "'256' is not a time to live: it is above 255\n" },
		{ &link_object, "add lo age 1d",
		  "'1d' is not a duration: it should look like 30s, 10m or 2h\n" },
		{ &link_object, "add lo local 10.0.0.0/24",
		  "'10.0.0.0/24' is not an IP address: it has a prefix length\n" },
		{ &link_object, "add lo local6 10.0.0.1", "'10.0.0.1' is not an IPv6 address\n" },
		{ &map_object, "add lo 3040", "map add: missing 'IP'\n" },
		{ &map_object, "add lo 10.0.0.1", "map add: missing 'ADDRESS' or 'subnet N'\n" },
		{ &map_object, "add lo 3040 10.0.0",
		  "'10.0.0' is not an IP address: it should look like 192.0.2.7 or 2001:db8::7\n" },
		{ &map_object, "add lo subnet 2 10.0.0.0/25",
		  "'10.0.0.0/25': a subnet is mapped to a prefix of 24 bits\n" },
		{ &map_object, "add lo subnet 2 fd00::1/120",
		  "'fd00::1/120': the last octet is the host's, it should be 0\n" },
		{ &link_object, "set lo peer 400",
		  "'400' is not a host address: its host number is 0\n" },
		{ &link_object, "set lo user 4294967295",
		  "'4294967295' is not a number of a user: it is above 4294967294\n" },
		{ &link_object, "set lo user no-such-user",
		  "'no-such-user' is not a user here\n" },
		{ &link_object, "set lo group 1x",
		  "'1x' is not a number of a group: character 'x'\n" },
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

static void answer_route(int attr, uint16_t value, uint8_t type)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ROUTE_NEW, NLM_F_MULTI);

	if (attr == CHAOS_ROUTE_A_SUBNET)
		assert_int_equal(nla_put_u8(msg, attr, value), 0);
	else if (attr)
		assert_int_equal(nla_put_u16(msg, attr, value), 0);
	assert_int_equal(nla_put_string(msg, CHAOS_ROUTE_A_IFNAME, "lo"), 0);
	assert_int_equal(nla_put_u8(msg, CHAOS_ROUTE_A_TYPE, type), 0);
	fake_answer(msg);
}

static void answer_routes(void)
{
	answer_route(CHAOS_ROUTE_A_HOST, 0401, CHAOS_ROUTE_LOCAL);
	answer_route(CHAOS_ROUTE_A_HOST, 01001, CHAOS_ROUTE_DIRECT);
	answer_route(CHAOS_ROUTE_A_SUBNET, 1, CHAOS_ROUTE_DIRECT);
	answer_route(CHAOS_ROUTE_A_SUBNET, 6, CHAOS_ROUTE_BRIDGE);
	answer_route(CHAOS_ROUTE_A_SUBNET, 7, CHAOS_ROUTE_FIXED);
	answer_route(0, 0, CHAOS_ROUTE_FIXED);
	fake_done(0, NULL);
}

/* What is deleted by which flush; the rest belongs to our addresses. */
static void test_flush(void **state)
{
	static const struct {
		const char *words;
		const char *deleted[4];
	} flushes[] = {
		{ "flush", { "2=0102 7=01 ", "1=06 7=02 ", "1=07 7=03 ", "7=03 " } },
		{ "flush learned", { "1=06 7=02 " } },
		{ "flush type bridge", { "1=06 7=02 " } },
		{ "flush fixed", { "1=07 7=03 ", "7=03 " } },
		{ "flush direct", { "2=0102 7=01 " } },
		{ "flush local", { NULL } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flushes); i++) {
		const char *const *deleted = flushes[i].deleted;
		size_t n = 0;
		char attrs[200];

		fake_setup(state);
		answer_routes();
		for (; n < 4 && deleted[n]; n++)
			fake_error(0, NULL);
		assert_int_equal(fake_run(&route_object, flushes[i].words), STATUS_OK);
		assert_string_equal(fake_complaints(), "");
		assert_int_equal(fake_n_sent(), n + 1);
		for (size_t d = 0; d < n; d++) {
			assert_int_equal(genlmsg_hdr(fake_sent(d + 1))->cmd, CHAOS_CMD_ROUTE_DEL);
			list_attrs(attrs, sizeof(attrs), fake_sent(d + 1));
			assert_string_equal(attrs, deleted[d]);
		}
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
		TEST(test_flush),
		TEST(test_refused),
		TEST(test_unknown_device),
		TEST(test_wrong_usage),
	};

	/* The usage lines on standard error are not of interest here. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
