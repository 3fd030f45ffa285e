// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is on a link: addresses, takeovers, next hops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "who.h"

#define SELF	03040
#define ADDRS(...)	((const uint16_t[]) { __VA_ARGS__, 0 })

static void test_member(void **state)
{
	struct member member = who_member("a", false, ADDRS(03041, 0402, 03041));
	unsigned int i;

	(void)state;
	assert_int_equal(member.n, 2);
	assert_true(member_may_use(&member, 03041));
	assert_true(member_may_use(&member, 0402));
	assert_false(member_may_use(&member, 03042));
	for (i = 1; i < 1000; i++)
		member_allow(&member, 010000 + i);
	assert_int_equal(member.n, MEMBER_ADDRS_MAX);
	assert_false(member_may_use(&member, 010000 + 999));
}

/* Two hosts whose certificates have DNS names only are two. */
static void test_no_subject(void **state)
{
	struct session_names first = who_named("a"), second = who_named("b");
	struct member member, other;

	(void)state;
	*first.subject = '\0';
	*second.subject = '\0';
	member_init(&member, &first, false);
	member_init(&other, &second, false);
	assert_string_not_equal(member.subject, other.subject);
	member_init(&other, &first, false);
	assert_string_equal(member.subject, other.subject);
}

/* Who may come in, while a client and our server are there. */
static void test_judge(void **state)
{
	static const struct {
		const char *name;
		bool is_server;
		uint16_t addr;
		enum roster_verdict verdict;
	} cases[] = {
		{ "client", false, 03041, ROSTER_TAKEOVER },
		{ "other", false, 03041, ROSTER_TAKEN },
		{ "client", true, 03041, ROSTER_TAKEN },
		{ "client", false, 03043, ROSTER_FREE },
		{ "other", false, 03042, ROSTER_FREE },
		{ "server", true, 03050, ROSTER_TAKEOVER },
		{ "server", false, 03050, ROSTER_TAKEN },
		{ "other", false, 03051, ROSTER_FREE },
	};
	struct member client = who_member("client", false, ADDRS(03041, 03042));
	struct member server = who_member("server", true, ADDRS(03050));
	struct roster roster;
	size_t i;

	(void)state;
	roster_init(&roster, SELF);
	roster_add(&roster, &client);
	roster_add(&roster, &server);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct member newcomer = who_member(cases[i].name, cases[i].is_server,
						    ADDRS(cases[i].addr));
		struct member *old = NULL;

		assert_int_equal(roster_judge(&roster, &newcomer, &old), cases[i].verdict);
		if (cases[i].verdict != ROSTER_FREE && cases[i].addr == 03041)
			assert_ptr_equal(old, &client);
		else if (cases[i].verdict != ROSTER_FREE)
			assert_ptr_equal(old, &server);
	}
}

/* Addresses that several may use belong to who came with them, else to who came first. */
static void test_addresses(void **state)
{
	struct member first = who_member("a", false, ADDRS(03041, 03051, 03052, 0402, SELF));
	struct member second = who_member("b", false, ADDRS(03042, 03052, 03053));
	struct member third = who_member("c", false, ADDRS(03051));
	struct roster roster;

	(void)state;
	roster_init(&roster, SELF);
	roster_add(&roster, &first);
	roster_add(&roster, &second);
	assert_ptr_equal(roster_find(&roster, 03041), &first);
	assert_ptr_equal(roster_find(&roster, 03051), &first);
	assert_ptr_equal(roster_find(&roster, 03052), &first);
	assert_ptr_equal(roster_find(&roster, 03053), &second);
	assert_null(roster_find(&roster, 0402));
	assert_null(roster_find(&roster, 03002));
	assert_null(roster_find(&roster, SELF));
	roster_add(&roster, &third);
	assert_ptr_equal(roster_find(&roster, 03051), &third);
	assert_int_equal(roster.n, 3);
	roster_remove(&roster, &third);
	assert_ptr_equal(roster_find(&roster, 03051), &first);
	roster_remove(&roster, &first);
	assert_null(roster_find(&roster, 03051));
	assert_ptr_equal(roster_find(&roster, 03052), &second);
	roster_remove(&roster, &second);
	assert_int_equal(roster.n, 0);
	assert_true(TAILQ_EMPTY(&roster.members));
}

static void test_next_hop(void **state)
{
	struct member client = who_member("client", false, ADDRS(03041));
	struct member server = who_member("server", true, ADDRS(03050));
	struct roster roster;

	(void)state;
	roster_init(&roster, SELF);
	roster_add(&roster, &client);
	assert_ptr_equal(roster_next_hop(&roster, 03041), &client);
	assert_null(roster_next_hop(&roster, 03042));
	assert_null(roster_next_hop(&roster, 0441));
	roster_add(&roster, &server);
	assert_ptr_equal(roster_next_hop(&roster, 03041), &client);
	assert_ptr_equal(roster_next_hop(&roster, 03042), &server);
	assert_ptr_equal(roster_next_hop(&roster, 0441), &server);
	roster_remove(&roster, &server);
	assert_null(roster_next_hop(&roster, 03042));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_no_subject),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_next_hop),
	};

	return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
