// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of net/chaos/rule.[ch]: for which packets a rule of the contact filter is. */

#include <kunit/test.h>
#include <linux/string.h>

#include "../../net/chaos/rule.h"

/* We are 401 and 1001; 402 is on a subnet of ours, 3040 is not. */
#define SELF(a)		{ .addr = (a), .local = true, .self = true }
#define LOCAL(a)	{ .addr = (a), .local = true }
#define FAR(a)		{ .addr = (a) }
#define NOBODY		{ .addr = 0 }

#define INPUT		CHAOS_RULE_HOOK_INPUT
#define FORWARD		CHAOS_RULE_HOOK_FORWARD

#define HOSTS(...)	{ .kind = CHAOS_RULE_MATCH_HOSTS, LIST(u16, __VA_ARGS__) }
#define SUBNETS(...)	{ .kind = CHAOS_RULE_MATCH_SUBNETS, LIST(u16, __VA_ARGS__) }
#define KIND(k)		{ .kind = CHAOS_RULE_MATCH_##k }
#define LIST(t, ...)	.n = sizeof((t[]){ __VA_ARGS__ }) / sizeof(t), .list = { __VA_ARGS__ }
#define CONTACT(text)	{ .len = sizeof(text) - 1, .name = text }

/**
 * struct row - a rule and a packet
 * @name: of the test
 * @matches: what is expected
 * @hooks: of the rule, 0: both
 * @rule: the rule, but for its hooks
 * @pkt: the packet, but for its contact
 * @contact: its contact, NULL: "FILE"
 */
struct row {
	const char *name;
	bool matches;
	u8 hooks;
	struct chaos_rule rule;
	struct chaos_rule_packet pkt;
	const char *contact;
};

#define RFC_IN(s, d)	{ .hook = INPUT, .src = s, .dst = d }
#define RFC_BY(s, d)	{ .hook = FORWARD, .src = s, .dst = d }
#define BRD_IN(s, d)	{ .hook = INPUT, .broadcast = true, .src = s, .dst = d }
#define BRD_BY(s)	{ .hook = FORWARD, .broadcast = true, .src = s, .dst = NOBODY }
#define TO_US		RFC_IN(FAR(03040), SELF(0401))

static const struct row rows[] = {
	{ "nothing asked", true, .pkt = TO_US },
	{ "nothing asked, passing through", true, .pkt = RFC_BY(FAR(03040), FAR(03440)) },
	{ "nothing asked, broadcast", true, .pkt = BRD_IN(FAR(03040), SELF(0401)) },

	{ "input only: input", true, INPUT, .pkt = TO_US },
	{ "input only: passing", false, INPUT, .pkt = RFC_BY(FAR(03040), FAR(03440)) },
	{ "passing only: input", false, FORWARD, .pkt = TO_US },
	{ "passing only: passing", true, FORWARD, .pkt = RFC_BY(FAR(03040), FAR(03440)) },

	{ "contact", true, .rule = { .contact = CONTACT("FILE") }, .pkt = TO_US },
	{ "contact, lower case in the rule", true, .rule = { .contact = CONTACT("file") },
	  .pkt = TO_US },
	{ "contact, lower case in the packet", true, .rule = { .contact = CONTACT("FILE") },
	  .pkt = TO_US, .contact = "fiLe" },
	{ "contact, longer", false, .rule = { .contact = CONTACT("FILE") }, .pkt = TO_US,
	  .contact = "FILES" },
	{ "contact, shorter", false, .rule = { .contact = CONTACT("FILE") }, .pkt = TO_US,
	  .contact = "FIL" },
	{ "contact, empty", false, .rule = { .contact = CONTACT("FILE") }, .pkt = TO_US,
	  .contact = "" },
	{ "contact, another", false, .rule = { .contact = CONTACT("FILE") }, .pkt = TO_US,
	  .contact = "FIRE" },
	{ "contact, not a letter", false, .rule = { .contact = CONTACT("A[") }, .pkt = TO_US,
	  .contact = "A{" },
	{ "no contact asked, empty", true, .pkt = TO_US, .contact = "" },

	{ "from the host", true, .rule = { .from = HOSTS(03040) }, .pkt = TO_US },
	{ "from the last of the hosts", true, .rule = { .from = HOSTS(0402, 0403, 03040) },
	  .pkt = TO_US },
	{ "from no such host", false, .rule = { .from = HOSTS(0402, 0403, 03041) },
	  .pkt = TO_US },
	{ "from: not the destination", false, .rule = { .from = HOSTS(0401) }, .pkt = TO_US },
	{ "from the subnet", true, .rule = { .from = SUBNETS(6) }, .pkt = TO_US },
	{ "from the last of the subnets", true, .rule = { .from = SUBNETS(1, 2, 6) },
	  .pkt = TO_US },
	{ "from no such subnet", false, .rule = { .from = SUBNETS(1, 040) }, .pkt = TO_US },
	{ "from a local subnet", true, .rule = { .from = KIND(LOCAL) },
	  .pkt = RFC_IN(LOCAL(0402), SELF(0401)) },
	{ "from ourselves, who are local", true, .rule = { .from = KIND(LOCAL) },
	  .pkt = RFC_IN(SELF(0401), SELF(0401)) },
	{ "from afar, not local", false, .rule = { .from = KIND(LOCAL) }, .pkt = TO_US },
	{ "from ourselves", true, .rule = { .from = KIND(SELF) },
	  .pkt = RFC_IN(SELF(01001), SELF(0401)) },
	{ "from a neighbour, not ourselves", false, .rule = { .from = KIND(SELF) },
	  .pkt = RFC_IN(LOCAL(0402), SELF(0401)) },
	{ "from: a BRD's source counts", true, .rule = { .from = HOSTS(03040) },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "from a broadcast, which cannot be", false, .rule = { .from = KIND(BROADCAST) },
	  .pkt = BRD_IN(FAR(03040), SELF(0401)) },

	{ "to the host", true, .rule = { .to = HOSTS(0401) }, .pkt = TO_US },
	{ "to another host", false, .rule = { .to = HOSTS(03040) }, .pkt = TO_US },
	{ "to the subnet", true, .rule = { .to = SUBNETS(7) },
	  .pkt = RFC_BY(FAR(03040), FAR(03440)) },
	{ "to another subnet", false, .rule = { .to = SUBNETS(6) },
	  .pkt = RFC_BY(FAR(03040), FAR(03440)) },
	{ "to us", true, .rule = { .to = KIND(SELF) }, .pkt = TO_US },
	{ "to a neighbour, not us", false, .rule = { .to = KIND(SELF) },
	  .pkt = RFC_BY(FAR(03040), LOCAL(0402)) },
	{ "to a neighbour, local", true, .rule = { .to = KIND(LOCAL) },
	  .pkt = RFC_BY(FAR(03040), LOCAL(0402)) },
	{ "to afar, not local", false, .rule = { .to = KIND(LOCAL) },
	  .pkt = RFC_BY(FAR(03040), FAR(03440)) },

	{ "BRD here: broadcast", true, .rule = { .to = KIND(BROADCAST) },
	  .pkt = BRD_IN(FAR(03040), SELF(0401)) },
	{ "BRD here: to us", true, .rule = { .to = KIND(SELF) },
	  .pkt = BRD_IN(FAR(03040), SELF(0401)) },
	{ "BRD here: to our address", true, .rule = { .to = HOSTS(0401) },
	  .pkt = BRD_IN(FAR(03040), SELF(0401)) },
	{ "BRD passing: broadcast", true, .rule = { .to = KIND(BROADCAST) },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "BRD passing: to nobody of ours", false, .rule = { .to = KIND(SELF) },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "BRD passing: to nobody local", false, .rule = { .to = KIND(LOCAL) },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "BRD passing: to no host", false, .rule = { .to = HOSTS(0401) },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "BRD passing: to no subnet", false, .rule = { .to = SUBNETS(1, 2, 3) },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "RFC: no broadcast", false, .rule = { .to = KIND(BROADCAST) }, .pkt = TO_US },

	{ "all together", true, INPUT,
	  { .contact = CONTACT("FILE"), .from = SUBNETS(6), .to = KIND(SELF) }, TO_US },
	{ "all but one", false, INPUT,
	  { .contact = CONTACT("FILE"), .from = SUBNETS(7), .to = KIND(SELF) }, TO_US },

	{ "forward: to another host", true,
	  .rule = { .action = CHAOS_RULE_FORWARD, .fwd_host = 0402 }, .pkt = TO_US },
	{ "forward: is there already", false,
	  .rule = { .action = CHAOS_RULE_FORWARD, .fwd_host = 0401 }, .pkt = TO_US },
	{ "forward: here, to another contact", true,
	  .rule = { .action = CHAOS_RULE_FORWARD, .fwd_host = 0401,
		    .fwd_contact = CONTACT("NEW") }, .pkt = TO_US },
	{ "forward: here, to the same contact", false,
	  .rule = { .action = CHAOS_RULE_FORWARD, .fwd_host = 0401,
		    .fwd_contact = CONTACT("file") }, .pkt = TO_US },
	{ "forward: elsewhere, to the same contact", true,
	  .rule = { .action = CHAOS_RULE_FORWARD, .fwd_host = 0402,
		    .fwd_contact = CONTACT("FILE") }, .pkt = TO_US },
	{ "forward: a BRD on its way", true,
	  .rule = { .action = CHAOS_RULE_FORWARD, .fwd_host = 0401 },
	  .pkt = BRD_BY(FAR(03040)) },
	{ "other actions have no host", true, .rule = { .action = CHAOS_RULE_REJECT },
	  .pkt = TO_US },

	{ "a kind of the future", false, .rule = { .to = { .kind = 77 } }, .pkt = TO_US },
};

static void row_desc(const struct row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", row->name);
}

KUNIT_ARRAY_PARAM(row, rows, row_desc);

/* The contact's memory ends where the contact does: a sanitizer sees a read beyond it. */
static void test_match(struct kunit *test)
{
	const struct row *row = test->param_value;
	const char *contact = row->contact ?: "FILE";
	struct chaos_rule_packet pkt = row->pkt;
	struct chaos_rule rule = row->rule;
	u8 *name;

	rule.hooks = row->hooks ?: INPUT | FORWARD;
	pkt.len = strlen(contact);
	name = kmalloc(pkt.len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);
	memcpy(name, contact, pkt.len);
	pkt.contact = name;
	KUNIT_EXPECT_EQ(test, chaos_rule_matches(&rule, &pkt), row->matches);
	kfree(name);
}

/* The longest lists and names there are. */
static void test_limits(struct kunit *test)
{
	struct chaos_rule_packet pkt = TO_US;
	struct chaos_rule *rule = kunit_kzalloc(test, sizeof(*rule), GFP_KERNEL);
	u8 name[CHAOS_CONTACT_MAX];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, rule);
	rule->hooks = INPUT;
	rule->from.kind = CHAOS_RULE_MATCH_HOSTS;
	rule->from.n = CHAOS_RULE_LIST_MAX;
	for (i = 0; i < CHAOS_RULE_LIST_MAX; i++)
		rule->from.list[i] = 03040 + CHAOS_RULE_LIST_MAX - 1 - i;
	rule->contact.len = CHAOS_CONTACT_MAX;
	memset(rule->contact.name, 'a', CHAOS_CONTACT_MAX);
	memset(name, 'A', sizeof(name));
	pkt.contact = name;
	pkt.len = sizeof(name);
	KUNIT_EXPECT_TRUE(test, chaos_rule_matches(rule, &pkt));
	pkt.src.addr = 03040 + CHAOS_RULE_LIST_MAX;
	KUNIT_EXPECT_FALSE(test, chaos_rule_matches(rule, &pkt));
	pkt.src.addr--;
	KUNIT_EXPECT_TRUE(test, chaos_rule_matches(rule, &pkt));
	pkt.len--;
	KUNIT_EXPECT_FALSE(test, chaos_rule_matches(rule, &pkt));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_match, row_gen_params),
	KUNIT_CASE(test_limits),
	{}
};

static struct kunit_suite suite = {
	.name = "chaos_filter",
	.test_cases = cases,
};

kunit_test_suite(suite);
