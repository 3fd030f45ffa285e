// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses and the address structure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_addr.h"
#include "chaos_sockaddr.h"

static void parses(void **state)
{
	static const struct {
		const char *text;
		uint16_t addr;
	} rows[] = {
		{ "401", 0401 },
		{ "0401", 0401 },
		{ "000000000401", 0401 },
		{ "3040", 03040 },
		{ "177777", 0177777 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t addr = 0;

		assert_null(chaos_addr_parse(rows[i].text, &addr));
		assert_int_equal(addr, rows[i].addr);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "empty" },
		{ "408", "octal" },
		{ "0x101", "octal" },
		{ "-401", "octal" },
		{ " 401", "octal" },
		{ "401 ", "octal" },
		{ "200000", "16 bits" },
		{ "40000000000000000000401", "16 bits" },
		{ "0", "subnet 0" },
		{ "377", "subnet 0" },
		{ "400", "host 0" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t addr = 12345;
		const char *why = chaos_addr_parse(rows[i].text, &addr);

		assert_non_null(why);
		assert_non_null(strstr(why, rows[i].why));
		assert_int_equal(addr, 12345);
	}
}

static void formats(void **state)
{
	char buf[CHAOS_ADDR_STRLEN];

	(void)state;
	assert_string_equal(chaos_addr_format(0401, buf), "401");
	assert_string_equal(chaos_addr_format(0177777, buf), "177777");
	assert_string_equal(chaos_addr_format(0, buf), "0");
}

static void contacts(void **state)
{
	char longest[CHAOS_CONTACT_MAX + 2];

	(void)state;
	memset(longest, 'A', sizeof(longest));
	longest[CHAOS_CONTACT_MAX + 1] = 0;
	assert_non_null(strstr(chaos_contact_check(longest), "120"));
	longest[CHAOS_CONTACT_MAX] = 0;
	assert_null(chaos_contact_check(longest));
	assert_null(chaos_contact_check("DUMP-ROUTING-TABLE"));
	assert_null(chaos_contact_check("~"));
	assert_non_null(strstr(chaos_contact_check(""), "empty"));
	assert_non_null(strstr(chaos_contact_check("A B"), "space"));
	assert_non_null(strstr(chaos_contact_check("A\tB"), "printing"));
	assert_non_null(strstr(chaos_contact_check("A\177"), "printing"));
	assert_non_null(strstr(chaos_contact_check("A\345"), "printing"));
}

static void sockaddr(void **state)
{
	struct sockaddr_chaos sa;
	char longest[CHAOS_CONTACT_MAX + 2];

	(void)state;
	assert_int_equal(sizeof(sa), 128);
	memset(&sa, 0xff, sizeof(sa));
	assert_int_equal(chaos_sockaddr(&sa, 0402, "name-2"), 8 + 6);
	assert_int_equal(sa.sch_family, 18);
	assert_int_equal(sa.sch_addr, 0402);
	assert_int_equal(sa.sch_index, 0);
	assert_int_equal(sa.sch_flags, 0);
	assert_memory_equal(sa.sch_contact, "NAME-2\0", 7);
	assert_int_equal(chaos_sockaddr(&sa, 0402, NULL), 8);
	memset(longest, 'A', sizeof(longest));
	longest[CHAOS_CONTACT_MAX + 1] = 0;
	assert_int_equal(chaos_sockaddr(&sa, 0402, longest), 0);
	longest[CHAOS_CONTACT_MAX] = 0;
	assert_int_equal(chaos_sockaddr(&sa, 0402, longest), 128);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(formats),
		cmocka_unit_test(contacts),
		cmocka_unit_test(sockaddr),
	};

	return cmocka_run_group_tests_name("libchaos addresses", tests, NULL, NULL);
}
