// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl rule: what is sent, what is refused, and how rules are printed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "fake.h"
#include "rule.h"

#define TEN	"1234567890"
#define HUNDRED	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

#define NO_NUMBER " is not the number of a rule: those are decimal, from 1 to 4294967295"

/* @attrs: all attributes in their order, as number=bytes in hexadecimal, nests in []. */
static const struct {
	const char *words;
	uint8_t cmd;
	const char *attrs;
} rows[] = {
	{ "add allow", CHAOS_CMD_RULE_NEW, "7=00 " },
	{ "add drop", CHAOS_CMD_RULE_NEW, "7=01 " },
	{ "add reject", CHAOS_CMD_RULE_NEW, "7=02 " },
	{ "add reject reason No!", CHAOS_CMD_RULE_NEW, "7=02 8=4e6f2100 " },
	{ "add forward 3040", CHAOS_CMD_RULE_NEW, "7=03 9=2006 " },
	{ "add forward 3040 contact NEW", CHAOS_CMD_RULE_NEW, "7=03 9=2006 10=4e455700 " },
	{ "add number 258 drop", CHAOS_CMD_RULE_NEW, "2=02010000 7=01 " },
	{ "add number 4294967295 drop", CHAOS_CMD_RULE_NEW, "2=ffffffff 7=01 " },
	{ "add hook input drop", CHAOS_CMD_RULE_NEW, "3=01 7=01 " },
	{ "add hook forward drop", CHAOS_CMD_RULE_NEW, "3=02 7=01 " },
	{ "add hook both drop", CHAOS_CMD_RULE_NEW, "3=03 7=01 " },
	{ "add contact FILE drop", CHAOS_CMD_RULE_NEW, "4=46494c4500 7=01 " },
	{ "add from any drop", CHAOS_CMD_RULE_NEW, "5=[1=00 ] 7=01 " },
	{ "add from host 402 drop", CHAOS_CMD_RULE_NEW, "5=[1=01 2=0201 ] 7=01 " },
	{ "add from host 402,003040 drop", CHAOS_CMD_RULE_NEW, "5=[1=01 2=02012006 ] 7=01 " },
	{ "add from subnet 6,377 drop", CHAOS_CMD_RULE_NEW, "5=[1=02 3=06ff ] 7=01 " },
	{ "add from local drop", CHAOS_CMD_RULE_NEW, "5=[1=03 ] 7=01 " },
	{ "add from self drop", CHAOS_CMD_RULE_NEW, "5=[1=04 ] 7=01 " },
	{ "add to broadcast drop", CHAOS_CMD_RULE_NEW, "6=[1=05 ] 7=01 " },
	{ "add to host 402 from subnet 6 hook input contact A number 7 allow",
	  CHAOS_CMD_RULE_NEW,
	  "2=07000000 3=01 4=4100 5=[1=02 3=06 ] 6=[1=01 2=0201 ] 7=00 " },
	{ "add n 7 c A fr h 402 t su 6 fo 402 c B", CHAOS_CMD_RULE_NEW,
	  "2=07000000 4=4100 5=[1=01 2=0201 ] 6=[1=02 3=06 ] 7=03 9=0201 10=4200 " },
	{ "replace number 7 drop", CHAOS_CMD_RULE_NEW, "2=07000000 7=01 12= " },
	{ "delete 7", CHAOS_CMD_RULE_DEL, "2=07000000 " },
	{ "del number 7", CHAOS_CMD_RULE_DEL, "2=07000000 " },
	{ "flush", CHAOS_CMD_RULE_DEL, "" },
	{ "show 7", CHAOS_CMD_RULE_GET, "2=07000000 " },
};

static size_t list_attrs(char *buf, size_t size, struct nlattr *attr, int len)
{
	size_t used = 0;
	int rest;

	buf[0] = '\0';
	nla_for_each_attr(attr, attr, len, rest) {
		const unsigned char *data = nla_data(attr);
		int type = nla_type(attr);

		used += snprintf(buf + used, size - used, "%d=", type);
		if (attr->nla_type & NLA_F_NESTED) {
			used += snprintf(buf + used, size - used, "[");
			used += list_attrs(buf + used, size - used, nla_data(attr), nla_len(attr));
			used += snprintf(buf + used, size - used, "] ");
			continue;
		}
		for (int i = 0; i < nla_len(attr); i++)
			used += snprintf(buf + used, size - used, "%02x", data[i]);
		used += snprintf(buf + used, size - used, " ");
	}
	return used;
}

static void test_requests(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nlmsghdr *msg;
		char attrs[200];

		fake_setup(state);
		fake_error(0, NULL);
		assert_int_equal(fake_run(&rule_object, rows[i].words), STATUS_OK);
		assert_string_equal(fake_complaints(), "");
		assert_int_equal(fake_n_sent(), 1);
		msg = fake_sent(0);
		assert_int_equal(genlmsg_hdr(msg)->cmd, rows[i].cmd);
		assert_int_equal(msg->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
		list_attrs(attrs, sizeof(attrs), genlmsg_attrdata(genlmsg_hdr(msg), 0),
			   genlmsg_attrlen(genlmsg_hdr(msg), 0));
		assert_string_equal(attrs, rows[i].attrs);
		assert_int_equal(fake_teardown(state), 0);
	}
	fake_setup(state);
}

/* Only checked: nothing is sent, and what is wrong is found. */
static void test_check(void **state)
{
	struct ctl ctl = { .check = true };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(fake_run_ctl(&ctl, &rule_object, rows[i].words, false),
				 STATUS_OK);
	assert_string_equal(fake_complaints(), "");
	assert_int_equal(fake_run_ctl(&ctl, &rule_object, "add number 0 drop", false),
			 STATUS_USAGE);
	assert_int_equal(fake_n_sent(), 0);
}

/* What is wrong with the command line: said, status 1, and nothing is sent. */
static void test_wrong_usage(void **state)
{
	static const struct {
		const char *words;
		const char *complaint;
	} usages[] = {
		{ "add",
		  "rule add: missing 'allow', 'drop', 'reject' or 'forward ADDRESS'" },
		{ "add contact FILE",
		  "rule add: missing 'allow', 'drop', 'reject' or 'forward ADDRESS'" },
		{ "replace drop", "rule replace: missing 'number N'" },
		{ "add frob drop", "'frob' is not a word known here" },
		{ "add f 402", "'f' is ambiguous: it could be 'from' or 'forward'" },
		{ "add number", "'number' needs a value: number N" },
		{ "add number 0 drop",
		  "'0'" NO_NUMBER },
		{ "add number 4294967296 drop",
		  "'4294967296'" NO_NUMBER },
		{ "add number 99999999999999999999 drop",
		  "'99999999999999999999'" NO_NUMBER },
		{ "add number -1 drop",
		  "'-1'" NO_NUMBER },
		{ "add number 5x drop",
		  "'5x'" NO_NUMBER },
		{ "add hook", "'hook' needs a value: hook input|forward|both" },
		{ "add hook output drop", "'output' is not 'input', 'forward' or 'both'" },
		{ "add contact", "'contact' needs a value: contact NAME" },
		{ "add contact " HUNDRED TEN TEN "1 drop",
		  "'" HUNDRED TEN TEN
		  "1' is not a contact name: it is longer than 120 characters" },
		{ "add from", "'from' needs a value: from any|host LIST|subnet LIST|local|self" },
		{ "add from nowhere drop", "'nowhere' is not known after 'from'" },
		{ "add from broadcast drop", "'broadcast' is not known after 'from'" },
		{ "add to s drop", "'s' is ambiguous: it could be 'subnet' or 'self'" },
		{ "add from host", "'host' needs a value: host A,B,..." },
		{ "add from host 400 drop",
		  "'400' is not a host address: its host number is 0" },
		{ "add from host 401, drop", "'' is not an octal address: it is empty" },
		{ "add from host ,401 drop", "'' is not an octal address: it is empty" },
		{ "add from host 401;402 drop",
		  "'401;402' is not an octal address: character ';'" },
		{ "add from host 000000000000000000000000000000000000401 drop",
		  "'000000000000000000000000000000000000401' is too long for a number" },
		{ "add to subnet 0 drop", "'0' is not a subnet number: it is 0" },
		{ "add to subnet 1,400 drop",
		  "'400' is not an octal subnet number: it is above 377" },
		{ "add to subnet 1,2,3,4,5,6,7,10,11,12,13,14,15,16,17,20,21,22,23,24,25,26,27,"
		  "30,31,32,33,34,35,36,37,40,41,42,43,44,45,46,47,50,51,52,53,54,55,56,57,"
		  "60,61,62,63,64,65,66,67,70,71,72,73,74,75,76,77,100,101 drop",
		  "a list may have at most 64 members" },
		{ "add contact A contact B drop", "'contact' is given twice" },
		{ "add drop allow", "'allow' is one word too many: nothing follows the action" },
		{ "add drop contact A",
		  "'contact' is one word too many: nothing follows the action" },
		{ "add drop reason A",
		  "'reason' is one word too many: nothing follows the action" },
		{ "add reject reason", "'reason' needs a value: reason TEXT" },
		{ "add reject reason a b",
		  "'b' is one word too many: nothing follows the action" },
		{ "add reject reason " HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED,
		  "the reason is longer than 488 characters" },
		{ "add forward", "'forward' needs a value: forward ADDRESS" },
		{ "add forward 3000", "'3000' is not a host address: its host number is 0" },
		{ "add forward 402 contact", "'contact' needs a value: contact NAME" },
		{ "add forward 402 contact " HUNDRED TEN TEN "1",
		  "'" HUNDRED TEN TEN
		  "1' is not a contact name: it is longer than 120 characters" },
		{ "delete", "rule delete: missing the number of a rule" },
		{ "delete number", "rule delete: missing the number of a rule" },
		{ "delete all",
		  "'all'" NO_NUMBER },
		{ "delete 1 2", "'2' is one word too many" },
		{ "show 0",
		  "'0'" NO_NUMBER },
		{ "flush 1", "'1' is one word too many" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(usages); i++) {
		char complaint[600];

		fake_setup(state);
		assert_int_equal(fake_run(&rule_object, usages[i].words), STATUS_USAGE);
		snprintf(complaint, sizeof(complaint), "%s\n", usages[i].complaint);
		assert_string_equal(fake_complaints(), complaint);
		assert_int_equal(fake_n_sent(), 0);
		assert_int_equal(fake_teardown(state), 0);
	}
	fake_setup(state);
}

static struct nl_msg *rule_msg(uint32_t number, uint8_t hooks, uint8_t action)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_RULE_NEW, NLM_F_MULTI);

	assert_int_equal(nla_put_u32(msg, CHAOS_RULE_A_NUMBER, number), 0);
	fake_put_u8(msg, CHAOS_RULE_A_HOOKS, hooks);
	fake_put_u8(msg, CHAOS_RULE_A_ACTION, action);
	assert_int_equal(nla_put_u64(msg, CHAOS_RULE_A_PACKETS, number + 1), 0);
	return msg;
}

static void put_side(struct nl_msg *msg, int attr, uint8_t kind, int list, const void *data,
		     int len)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	assert_non_null(nest);
	fake_put_u8(msg, CHAOS_RULE_MATCH_A_KIND, kind);
	if (list)
		assert_int_equal(nla_put(msg, list, len, data), 0);
	nla_nest_end(msg, nest);
}

static void answer_rules(void)
{
	static const uint16_t hosts[] = { 0402, 03040 };
	static const uint8_t subnets[] = { 6, 0377 };
	struct nl_msg *msg = rule_msg(10, 3, CHAOS_RULE_ALLOW);

	fake_answer(msg);
	msg = rule_msg(20, 1, CHAOS_RULE_REJECT);
	fake_put_str(msg, CHAOS_RULE_A_CONTACT, "FILE");
	put_side(msg, CHAOS_RULE_A_FROM, CHAOS_RULE_MATCH_HOSTS, CHAOS_RULE_MATCH_A_HOSTS, hosts,
		 sizeof(hosts));
	put_side(msg, CHAOS_RULE_A_TO, CHAOS_RULE_MATCH_SELF, 0, NULL, 0);
	fake_put_str(msg, CHAOS_RULE_A_REASON, "Go \"away\" \\ now");
	fake_answer(msg);
	msg = rule_msg(30, 2, CHAOS_RULE_FORWARD);
	fake_put_str(msg, CHAOS_RULE_A_CONTACT, "#'`");
	put_side(msg, CHAOS_RULE_A_FROM, CHAOS_RULE_MATCH_SUBNETS, CHAOS_RULE_MATCH_A_SUBNETS,
		 subnets, sizeof(subnets));
	put_side(msg, CHAOS_RULE_A_TO, CHAOS_RULE_MATCH_BROADCAST, 0, NULL, 0);
	assert_int_equal(nla_put_u16(msg, CHAOS_RULE_A_FWD_HOST, 03040), 0);
	fake_put_str(msg, CHAOS_RULE_A_FWD_CONTACT, "NEW");
	fake_answer(msg);
	fake_done(0, NULL);
}

static void show(struct ctl *ctl, const char *words, bool json, int status, const char *expected)
{
	assert_int_equal(fake_run_ctl(ctl, &rule_object, words, json), status);
	assert_string_equal(fake_output(), expected);
}

static void test_show(void **state)
{
	struct ctl ctl = { 0 };

	(void)state;
	answer_rules();
	show(&ctl, "", false, STATUS_OK,
	     "number 10 allow\n"
	     "number 20 hook input contact FILE from host 402,3040 to self "
	     "reject reason \"Go \\\"away\\\" \\\\ now\"\n"
	     "number 30 hook forward contact \"#'`\" from subnet 6,377 to broadcast "
	     "forward 3040 contact NEW\n");
	answer_rules();
	show(&ctl, "show", true, STATUS_OK,
	     "[{\"number\":10,\"hook\":\"both\",\"action\":\"allow\"},"
	     "{\"number\":20,\"hook\":\"input\",\"contact\":\"FILE\","
	     "\"from\":{\"match\":\"host\",\"list\":[\"402\",\"3040\"]},"
	     "\"to\":{\"match\":\"self\"},"
	     "\"action\":\"reject\",\"reason\":\"Go \\\"away\\\" \\\\ now\"},"
	     "{\"number\":30,\"hook\":\"forward\",\"contact\":\"#'`\","
	     "\"from\":{\"match\":\"subnet\",\"list\":[\"6\",\"377\"]},"
	     "\"to\":{\"match\":\"broadcast\"},"
	     "\"action\":\"forward\",\"fwd_host\":\"3040\",\"fwd_contact\":\"NEW\"}]\n");
	ctl.stats = true;
	fake_answer(rule_msg(10, 3, CHAOS_RULE_ALLOW));
	fake_done(0, NULL);
	show(&ctl, "", false, STATUS_OK, "number 10 allow\n    packets 11\n");
	fake_answer(rule_msg(10, 3, CHAOS_RULE_ALLOW));
	fake_done(0, NULL);
	show(&ctl, "", true, STATUS_OK,
	     "[{\"number\":10,\"hook\":\"both\",\"action\":\"allow\",\"packets\":11}]\n");
	assert_string_equal(fake_complaints(), "");
}

/* As an event: all rules have gone. */
static void test_all(void **state)
{
	struct ctl ctl = { 0 };

	(void)state;
	fake_answer(fake_msg(CHAOS_CMD_RULE_DEL, NLM_F_MULTI));
	fake_done(0, NULL);
	show(&ctl, "", false, STATUS_OK, "all\n");
	fake_answer(fake_msg(CHAOS_CMD_RULE_DEL, NLM_F_MULTI));
	fake_done(0, NULL);
	show(&ctl, "", true, STATUS_OK, "[{\"all\":true}]\n");
}

/* Names that a newer kernel has, half an address, and an attribute that is too short. */
static void test_strange(void **state)
{
	struct ctl ctl = { 0 };
	struct nl_msg *msg = rule_msg(10, 4, 9);

	(void)state;
	put_side(msg, CHAOS_RULE_A_FROM, 77, 0, NULL, 0);
	put_side(msg, CHAOS_RULE_A_TO, CHAOS_RULE_MATCH_HOSTS, CHAOS_RULE_MATCH_A_HOSTS,
		 "\2\1\3", 3);
	fake_answer(msg);
	fake_done(0, NULL);
	show(&ctl, "", false, STATUS_OK, "number 10 hook 4 from 77 to host 402 9\n");
	msg = fake_msg(CHAOS_CMD_RULE_NEW, NLM_F_MULTI);
	assert_int_equal(nla_put(msg, CHAOS_RULE_A_NUMBER, 1, "\1"), 0);
	fake_answer(msg);
	fake_done(0, NULL);
	assert_int_equal(fake_run_ctl(&ctl, &rule_object, "", true), STATUS_FAILED);
	assert_string_equal(fake_output(), "[]\n");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_requests),
		TEST(test_check),
		TEST(test_wrong_usage),
		TEST(test_show),
		TEST(test_all),
		TEST(test_strange),
	};

	/* The usage lines on standard error are not of interest here. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
