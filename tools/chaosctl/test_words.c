// SPDX-License-Identifier: GPL-2.0-or-later
/* Single words: octal numbers, devices, hardware addresses, abbreviations. */
#include <string.h>

#include "fake.h"
#include "words.h"

/* @complaint NULL: the word is good and has @value. */
struct row {
	const char *word;
	unsigned int value;
	const char *complaint;
};

static const struct row addresses[] = {
	{ "3040", 03040, NULL },
	{ "03040", 03040, NULL },
	{ "0000000000000000000000003040", 03040, NULL },
	{ "401", 0401, NULL },
	{ "177777", 0177777, NULL },
	{ "", 0, "'' is not an octal address: it is empty\n" },
	{ "3090", 0, "'3090' is not an octal address: digit 9\n" },
	{ "8", 0, "'8' is not an octal address: digit 8\n" },
	{ "0x620", 0, "'0x620' is not an octal address: character 'x'\n" },
	{ "3040 ", 0, "'3040 ' is not an octal address: character ' '\n" },
	{ " 3040", 0, "' 3040' is not an octal address: character ' '\n" },
	{ "-1", 0, "'-1' is not an octal address: character '-'\n" },
	{ "+401", 0, "'+401' is not an octal address: character '+'\n" },
	{ "401\033", 0, "'401\033' is not an octal address: character code 033\n" },
	{ "401\377", 0, "'401\377' is not an octal address: character code 0377\n" },
	{ "200000", 0, "'200000' is not an octal address: it is above 177777\n" },
	{ "7777777777777777777777777777", 0,
	  "'7777777777777777777777777777' is not an octal address: it is above 177777\n" },
	{ "2000000000000000000000401", 0,
	  "'2000000000000000000000401' is not an octal address: it is above 177777\n" },
	{ "0", 0, "'0' is not a host address: its subnet is 0\n" },
	{ "377", 0, "'377' is not a host address: its subnet is 0\n" },
	{ "400", 0, "'400' is not a host address: its host number is 0\n" },
	{ "177400", 0, "'177400' is not a host address: its host number is 0\n" },
};

static const struct row subnets[] = {
	{ "6", 6, NULL },
	{ "10", 8, NULL },
	{ "0377", 255, NULL },
	{ "0", 0, "'0' is not a subnet number: it is 0\n" },
	{ "400", 0, "'400' is not an octal subnet number: it is above 377\n" },
	{ "9", 0, "'9' is not an octal subnet number: digit 9\n" },
	{ "six", 0, "'six' is not an octal subnet number: character 's'\n" },
};

static const struct row costs[] = {
	{ "1", 1, NULL },
	{ "011", 11, NULL },
	{ "512", 512, NULL },
	{ "0", 0, "'0' is not a cost: it is 0\n" },
	{ "513", 0, "'513' is not a decimal cost: it is above 512\n" },
	{ "18446744073709551617", 0,
	  "'18446744073709551617' is not a decimal cost: it is above 512\n" },
	{ "1a", 0, "'1a' is not a decimal cost: character 'a'\n" },
	{ "", 0, "'' is not a decimal cost: it is empty\n" },
};

static const struct row devices[] = {
	{ "eth0", 0, NULL },
	{ "fifteen.letters", 0, NULL },
	{ "", 0, "'' is not a device name: it is empty\n" },
	{ "sixteen.letters.", 0,
	  "'sixteen.letters.' is not a device name: it is longer than 15 characters\n" },
	{ "a/b", 0, "'a/b' is not a device name: no device name has a space, '/' or ':'\n" },
	{ "a b", 0, "'a b' is not a device name: no device name has a space, '/' or ':'\n" },
	{ "..", 0, "'..' is not a device name: it is reserved\n" },
};

#define LLADDR_HINT	" is not a hardware address: it should look like 52:54:00:12:34:56\n"

static const struct row lladdrs[] = {
	{ "02:aB:00:0c:00:ff", 0, NULL },
	{ "", 0, "''" LLADDR_HINT },
	{ "02:ab:00:0c:00", 0, "'02:ab:00:0c:00'" LLADDR_HINT },
	{ "02:ab:00:0c:00:", 0, "'02:ab:00:0c:00:'" LLADDR_HINT },
	{ "02:ab:00:0c:00:f", 0, "'02:ab:00:0c:00:f'" LLADDR_HINT },
	{ "02:ab:00:0c:00:ff:", 0, "'02:ab:00:0c:00:ff:'" LLADDR_HINT },
	{ "02:ab:00:0c:00:ff:01", 0, "'02:ab:00:0c:00:ff:01'" LLADDR_HINT },
	{ "02-ab-00-0c-00-ff", 0, "'02-ab-00-0c-00-ff'" LLADDR_HINT },
	{ "0g:ab:00:0c:00:ff", 0, "'0g:ab:00:0c:00:ff'" LLADDR_HINT },
};

typedef int (*parser)(const char *word, unsigned int *value);

static int addr(const char *word, unsigned int *value)
{
	uint16_t v = 0;
	int err = word_addr(word, &v);

	*value = v;
	return err;
}

static int subnet(const char *word, unsigned int *value)
{
	uint8_t v = 0;
	int err = word_subnet(word, &v);

	*value = v;
	return err;
}

static int cost(const char *word, unsigned int *value)
{
	uint16_t v = 0;
	int err = word_cost(word, &v);

	*value = v;
	return err;
}

static int dev(const char *word, unsigned int *value)
{
	*value = 0;
	return word_dev(word);
}

static int lladdr(const char *word, unsigned int *value)
{
	uint8_t v[LLADDR_LEN];

	*value = 0;
	return word_lladdr(word, v);
}

static void check_rows(const struct row *rows, size_t n, parser parse)
{
	for (const struct row *row = rows; row < rows + n; row++) {
		unsigned int value;

		fake_setup(NULL);
		assert_int_equal(parse(row->word, &value), row->complaint ? -1 : 0);
		assert_string_equal(fake_complaints(), row->complaint ? row->complaint : "");
		assert_int_equal(value, row->value);
	}
}

static void test_addresses(void **state)
{
	(void)state;
	check_rows(addresses, ARRAY_SIZE(addresses), addr);
}

static void test_subnets(void **state)
{
	(void)state;
	check_rows(subnets, ARRAY_SIZE(subnets), subnet);
}

static void test_costs(void **state)
{
	(void)state;
	check_rows(costs, ARRAY_SIZE(costs), cost);
}

static void test_devices(void **state)
{
	(void)state;
	check_rows(devices, ARRAY_SIZE(devices), dev);
}

static void test_lladdrs(void **state)
{
	static const uint8_t expected[] = { 0x02, 0xab, 0, 0x0c, 0, 0xff };
	uint8_t bytes[LLADDR_LEN];

	(void)state;
	check_rows(lladdrs, ARRAY_SIZE(lladdrs), lladdr);
	assert_int_equal(word_lladdr("02:aB:00:0c:00:ff", bytes), 0);
	assert_memory_equal(bytes, expected, LLADDR_LEN);
}

static void test_host_names(void **state)
{
	(void)state;
	assert_int_equal(word_host_name("a name of 32 characters, exactly"), 0);
	assert_string_equal(fake_complaints(), "");
	assert_int_equal(word_host_name("a name of 33 characters, one more"), -1);
	assert_string_equal(fake_complaints(),
			    "'a name of 33 characters, one more' is not a host name: it is longer than 32 characters\n");
}

static void test_pick(void **state)
{
	static const char *const names[] = {
		"stat", "set", NULL, "show", "addr", "address", "neigh",
	};
	static const struct {
		const char *word;
		int index;
		const char *complaint;
	} rows[] = {
		{ "stat", 0, "" },
		{ "st", 0, "" },
		{ "se", 1, "" },
		{ "sh", 3, "" },
		{ "n", 6, "" },
		{ "addr", 4, "" },	/* in full, although another name begins so */
		{ "addre", 5, "" },
		{ "add", -1, "'add' is ambiguous: it could be 'addr' or 'address'\n" },
		{ "s", -1, "'s' is ambiguous: it could be 'stat', 'set' or 'show'\n" },
		{ "", -1, "'' is not an object\n" },
		{ "stats", -1, "'stats' is not an object\n" },
		{ "N", -1, "'N' is not an object\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_setup(state);
		assert_int_equal(word_pick("an object", rows[i].word, names, ARRAY_SIZE(names)),
				 rows[i].index);
		assert_string_equal(fake_complaints(), rows[i].complaint);
	}
}

/* The list of candidates is cut, not the memory behind it. */
static void test_pick_many(void **state)
{
	static const char long_name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	const char *const names[] = { long_name, long_name, long_name, long_name };

	(void)state;
	assert_int_equal(word_pick("an object", "a", names, ARRAY_SIZE(names)), -1);
	assert_non_null(strstr(fake_complaints(), "'a' is ambiguous: it could be 'aaaa"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_addresses, fake_setup),
		cmocka_unit_test_setup(test_subnets, fake_setup),
		cmocka_unit_test_setup(test_costs, fake_setup),
		cmocka_unit_test_setup(test_devices, fake_setup),
		cmocka_unit_test_setup(test_lladdrs, fake_setup),
		cmocka_unit_test_setup(test_host_names, fake_setup),
		cmocka_unit_test_setup(test_pick, fake_setup),
		cmocka_unit_test_setup(test_pick_many, fake_setup),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
