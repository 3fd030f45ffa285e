// SPDX-License-Identifier: GPL-2.0-or-later
/* How events are chosen and printed, also strange ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/genl/genl.h>

#include <linux/chaos.h>
#include <linux/chaos_netlink.h>

#include "event.h"
#include "fake.h"

#define ALL	(~0u)

static const struct timespec when = { 1234567890, 12345678 };

static struct ctl ctl;
static char *output;
static size_t output_len;

static int setup(void **state)
{
	memset(&ctl, 0, sizeof(ctl));
	return fake_setup(state);
}

static int teardown(void **state)
{
	free(output);
	output = NULL;
	return fake_teardown(state);
}

/* Prints the message, which is freed, and checks what is printed and what is returned. */
static void show(struct nl_msg *msg, unsigned int kinds, bool json, const struct timespec *time,
		 int result, const char *expected)
{
	FILE *f;

	free(output);
	f = open_memstream(&output, &output_len);
	assert_non_null(f);
	show_init(&ctl.out, f, json, false);
	assert_int_equal(event_show(&ctl, nlmsg_hdr(msg), kinds, time), result);
	fclose(f);
	assert_string_equal(output, expected);
	nlmsg_free(msg);
}

static struct nl_msg *route_event(uint8_t cmd)
{
	struct nl_msg *msg = fake_msg(cmd, 0);

	assert_int_equal(nla_put_u8(msg, CHAOS_ROUTE_A_SUBNET, 7), 0);
	assert_int_equal(nla_put_u16(msg, CHAOS_ROUTE_A_VIA, 03040), 0);
	assert_int_equal(nla_put_u16(msg, CHAOS_ROUTE_A_COST, 20), 0);
	assert_int_equal(nla_put_u8(msg, CHAOS_ROUTE_A_TYPE, CHAOS_ROUTE_FIXED), 0);
	return msg;
}

static struct nl_msg *conn_event(uint8_t cmd)
{
	const struct chaos_info info = { .ci_state = CHAOS_LISTENING };
	struct nl_msg *msg = fake_msg(cmd, 0);

	assert_int_equal(nla_put(msg, CHAOS_CONN_A_INFO, sizeof(info), &info), 0);
	assert_int_equal(nla_put_string(msg, CHAOS_CONN_A_CONTACT, "SINK"), 0);
	assert_int_equal(nla_put_u8(msg, CHAOS_CONN_A_SOCKTYPE, SOCK_STREAM), 0);
	assert_int_equal(nla_put_u32(msg, CHAOS_CONN_A_BACKLOG, 0), 0);
	assert_int_equal(nla_put_u32(msg, CHAOS_CONN_A_BACKLOG_MAX, 5), 0);
	return msg;
}

static void test_plain(void **state)
{
	(void)state;
	show(route_event(CHAOS_CMD_ROUTE_NEW), ALL, false, NULL, 0,
	     "route subnet 7 via 3040 cost 20 fixed\n");
	show(route_event(CHAOS_CMD_ROUTE_DEL), ALL, false, NULL, 0,
	     "Deleted route subnet 7 via 3040 cost 20 fixed\n");
	assert_string_equal(fake_complaints(), "");
}

static void test_columns(void **state)
{
	(void)state;
	show(conn_event(CHAOS_CMD_CONN_NEW), ALL, false, NULL, 0,
	     "conn listening      stream    0      5      *:*         *:*         SINK\n");
	show(conn_event(CHAOS_CMD_CONN_DEL), ALL, false, NULL, 0,
	     "Deleted conn listening      stream    0      5      *:*         *:*         SINK\n");
}

static void test_json(void **state)
{
	(void)state;
	show(route_event(CHAOS_CMD_ROUTE_NEW), ALL, true, NULL, 0,
	     "{\"event\":\"route-new\",\"subnet\":\"7\",\"via\":\"3040\",\"cost\":20,\"type\":\"fixed\"}\n");
	show(route_event(CHAOS_CMD_ROUTE_DEL), ALL, true, NULL, 0,
	     "{\"event\":\"route-del\",\"subnet\":\"7\",\"via\":\"3040\",\"cost\":20,\"type\":\"fixed\"}\n");
	ctl.info = true;
	show(conn_event(CHAOS_CMD_CONN_DEL), ALL, true, NULL, 0,
	     "{\"event\":\"conn-del\",\"state\":\"listening\",\"type\":\"stream\",\"backlog\":0,"
	     "\"backlog_max\":5,\"contact\":\"SINK\"}\n");
}

/* Each on a line of its own, without commas between. */
static void test_json_lines(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NET_SET, 0);
	FILE *f = open_memstream(&output, &output_len);

	(void)state;
	assert_non_null(f);
	assert_int_equal(nla_put_string(msg, CHAOS_NET_A_NAME, "A"), 0);
	show_init(&ctl.out, f, true, false);
	assert_int_equal(event_show(&ctl, nlmsg_hdr(msg), ALL, NULL), 0);
	assert_int_equal(event_show(&ctl, nlmsg_hdr(msg), ALL, NULL), 0);
	fclose(f);
	assert_string_equal(output, "{\"event\":\"net-set\",\"name\":\"A\"}\n"
				    "{\"event\":\"net-set\",\"name\":\"A\"}\n");
	nlmsg_free(msg);
}

static void test_time(void **state)
{
	(void)state;
	setenv("TZ", "XXX-1:30", 1);
	tzset();
	show(route_event(CHAOS_CMD_ROUTE_DEL), ALL, false, &when, 0,
	     "[2009-02-14T01:01:30.012345] Deleted route subnet 7 via 3040 cost 20 fixed\n");
	show(route_event(CHAOS_CMD_ROUTE_NEW), ALL, true, &when, 0,
	     "{\"time\":\"2009-02-14T01:01:30.012345+01:30\",\"event\":\"route-new\","
	     "\"subnet\":\"7\",\"via\":\"3040\",\"cost\":20,\"type\":\"fixed\"}\n");
}

static void test_net(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NET_SET, 0);

	(void)state;
	assert_int_equal(nla_put_string(msg, CHAOS_NET_A_NAME, "ALPHA"), 0);
	show(msg, ALL, true, NULL, 0, "{\"event\":\"net-set\",\"name\":\"ALPHA\"}\n");
}

/* What is chosen by words, and that nothing else is printed. */
static void test_kinds(void **state)
{
	static char *const none[] = { NULL };
	static char *const some[] = { "route", "li", NULL };
	static char *const others[] = { "addr", "conn", NULL };
	static char *const all[] = { "addr", "all", NULL };
	static char *const wrong[] = { "addr", "foo", NULL };
	unsigned int kinds;

	(void)state;
	assert_int_equal(event_pick_kinds(some, &kinds), 0);
	show(route_event(CHAOS_CMD_ROUTE_NEW), kinds, false, NULL, 0,
	     "route subnet 7 via 3040 cost 20 fixed\n");
	assert_int_equal(event_pick_kinds(others, &kinds), 0);
	show(route_event(CHAOS_CMD_ROUTE_DEL), kinds, false, NULL, 0, "");
	assert_int_equal(event_pick_kinds(none, &kinds), 0);
	show(route_event(CHAOS_CMD_ROUTE_DEL), kinds, false, NULL, 0,
	     "Deleted route subnet 7 via 3040 cost 20 fixed\n");
	assert_int_equal(event_pick_kinds(all, &kinds), 0);
	show(route_event(CHAOS_CMD_ROUTE_DEL), kinds, false, NULL, 0,
	     "Deleted route subnet 7 via 3040 cost 20 fixed\n");
	assert_string_equal(fake_complaints(), "");
	assert_int_equal(event_pick_kinds(wrong, &kinds), -1);
	assert_string_equal(fake_complaints(), "'foo' is not a kind of event\n");
}

/* Answers to requests, and commands of newer kernels. */
static void test_unknown(void **state)
{
	(void)state;
	show(fake_msg(CHAOS_CMD_ROUTE_GET, 0), ALL, false, NULL, 0, "");
	show(fake_msg(CHAOS_CMD_UNSPEC, 0), ALL, false, NULL, 0, "");
	show(fake_msg(255, 0), ALL, true, &when, 0, "");
	assert_string_equal(fake_complaints(), "");
}

/* The line ends, and in JSON the object, so that the next event can be read. */
static void test_broken(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ROUTE_NEW, 0);

	(void)state;
	assert_int_equal(nla_put_u8(msg, CHAOS_ROUTE_A_COST, 1), 0);
	show(msg, ALL, true, NULL, -1, "{\"event\":\"route-new\"}\n");
	msg = fake_msg(CHAOS_CMD_ROUTE_DEL, 0);
	assert_int_equal(nla_put_u8(msg, CHAOS_ROUTE_A_COST, 1), 0);
	show(msg, ALL, false, NULL, -1, "Deleted route \n");
	assert_non_null(strstr(fake_complaints(), "makes no sense"));
	show(route_event(CHAOS_CMD_ROUTE_NEW), ALL, true, NULL, 0,
	     "{\"event\":\"route-new\",\"subnet\":\"7\",\"via\":\"3040\",\"cost\":20,\"type\":\"fixed\"}\n");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_columns),
		TEST(test_json),
		TEST(test_json_lines),
		TEST(test_time),
		TEST(test_net),
		TEST(test_kinds),
		TEST(test_unknown),
		TEST(test_broken),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
