// SPDX-License-Identifier: GPL-2.0-or-later
/* The words after a command, together. */
#include <string.h>

#include "args.h"
#include "fake.h"

#define MAX_WORDS	10

#define ROUTE_NEW	(ARG_SUBNET | ARG_HOST | ARG_DEFAULT | ARG_VIA | ARG_COST)
#define DEST		(ARG_SUBNET | ARG_HOST | ARG_DEFAULT)
#define NEIGH_NEW	(ARG_ADDR | ARG_DEV | ARG_LLADDR)
#define LINK_NEW	(ARG_DEV | ARG_BARE_DEV | ARG_COST)

static const struct {
	uint64_t takes;
	const char *words[MAX_WORDS];
	uint64_t given;		/* 0: an error, unless no words */
	const char *complaint;
} rows[] = {
	{ ROUTE_NEW, { NULL }, 0, "" },
	{ ROUTE_NEW, { "subnet", "6", "via", "3060" }, ARG_SUBNET | ARG_VIA, "" },
	{ ROUTE_NEW, { "v", "3060", "s", "6", "c", "3" }, ARG_SUBNET | ARG_VIA | ARG_COST, "" },
	{ ROUTE_NEW, { "def", "via", "3060" }, ARG_DEFAULT | ARG_VIA, "" },
	{ ROUTE_NEW, { "via" }, 0, "'via' needs a value: via ADDRESS\n" },
	{ ROUTE_NEW, { "via", "3060", "via", "3061" }, 0, "'via' is given twice\n" },
	{ ROUTE_NEW, { "via", "3090" }, 0, "'3090' is not an octal address: digit 9\n" },
	{ ROUTE_NEW, { "dev", "eth0" }, 0, "'dev' is not a word known here\n" },
	{ ROUTE_NEW, { "" }, 0, "'' is not a word known here\n" },
	{ NEIGH_NEW, { "3060", "lladdr", "2:3" }, 0,
	  "'2:3' is not a hardware address: it should look like 52:54:00:12:34:56\n" },
	{ NEIGH_NEW, { "3060", "ll", "02:00:00:00:00:01", "d", "eth0" }, NEIGH_NEW, "" },
	{ NEIGH_NEW, { "dev", "eth0", "3060" }, ARG_DEV | ARG_ADDR, "" },
	{ NEIGH_NEW, { "9060" }, 0, "'9060' is not an octal address: digit 9\n" },
	{ NEIGH_NEW, { "-1" }, 0, "'-1' is not an octal address: character '-'\n" },
	{ NEIGH_NEW, { "3060", "3061" }, 0, "'3061' is not a word known here\n" },
	{ NEIGH_NEW, { "dev", "" }, 0, "'' is not a device name: it is empty\n" },
	/* A device may have a name that begins a keyword, or even is one after "dev". */
	{ LINK_NEW, { "c" }, ARG_DEV, "" },
	{ LINK_NEW, { "c", "c", "5" }, ARG_DEV | ARG_COST, "" },
	{ LINK_NEW, { "cost", "5", "dev", "cost" }, ARG_DEV | ARG_COST, "" },
	{ LINK_NEW, { "dev", "dev" }, ARG_DEV, "" },
	{ LINK_NEW, { "eth0", "eth1" }, 0, "'eth1' is not a word known here\n" },
	{ LINK_NEW, { "eth0", "dev", "eth1" }, 0, "'dev' is given twice\n" },
	{ ARG_ADDR, { "3060", "x" }, 0, "'x' is one word too many\n" },
	{ ARG_NAME, { "name" }, 0, "'name' needs a value: name NAME\n" },
	{ ARG_NAME, { "n", "" }, ARG_NAME, "" },
	{ ARG_JUST_NAME | ARG_NET, { "net", "name" }, ARG_JUST_NAME | ARG_NET, "" },
	{ ARG_JUST_NAME | ARG_NET, { "n" }, 0,
	  "'n' is ambiguous: it could be 'name' or 'net'\n" },
	{ ARG_TYPE | ARG_BARE_TYPE, { "learned" }, ARG_TYPE, "" },
	{ ARG_TYPE | ARG_BARE_TYPE, { "type", "f" }, ARG_TYPE, "" },
	{ ARG_TYPE | ARG_BARE_TYPE, { "f", "type", "f" }, 0, "'type' is given twice\n" },
	{ ARG_TYPE | ARG_BARE_TYPE, { "f", "f" }, 0, "'f' is not a word known here\n" },
	{ ARG_TYPE | ARG_BARE_TYPE, { "x" }, 0, "'x' is not a type of route\n" },
	{ ARG_POISON, { "poison", "o" }, 0,
	  "'o' is ambiguous: it could be 'off' or 'on'\n" },
	{ ARG_KIND | ARG_PEER, { "type", "c", "peer", "none" }, ARG_KIND | ARG_PEER, "" },
	{ ARG_KIND, { "type", "x" }, 0, "'x' is not 'chaos' or 'ip'\n" },
	{ 0, { "x" }, 0, "'x' is one word too many\n" },
};

static void test_parse(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int expected = rows[i].words[0] && !rows[i].given ? -1 : 0;
		struct args args;

		fake_setup(state);
		assert_int_equal(args_parse((char *const *)rows[i].words, rows[i].takes, &args),
				 expected);
		assert_string_equal(fake_complaints(), rows[i].complaint);
		if (!expected)
			assert_int_equal(args.given, rows[i].given);
	}
}

static void test_values(void **state)
{
	static const char *const words[] = {
		"3060", "dev", "eth0", "cost", "7", "via", "401", "host", "402", "subnet", "12",
		"name", "A Host", "lladdr", "02:00:00:00:00:07", "rut", "listen",
		"poison", "on", "proxy_arp", "all", "forwarding", "on", "private", "1,377",
		"type", "learned", "from", "403",
		"peer", "404", "user", "5", "group", "root", NULL,
	};
	const uint64_t takes = ARG_ADDR | ARG_DEV | ARG_COST | ARG_VIA | ARG_HOST |
		ARG_SUBNET | ARG_NAME | ARG_LLADDR | ARG_RUT | ARG_POISON | ARG_PROXY_ARP |
		ARG_FORWARDING | ARG_PRIVATE | ARG_TYPE | ARG_SRC | ARG_PEER | ARG_USER |
		ARG_GROUP;
	struct args args;

	(void)state;
	assert_int_equal(args_parse((char *const *)words, takes, &args), 0);
	assert_int_equal(args.given, takes);
	assert_int_equal(args.addr, 03060);
	assert_string_equal(args.dev, "eth0");
	assert_int_equal(args.cost, 7);
	assert_int_equal(args.via, 0401);
	assert_int_equal(args.host, 0402);
	assert_int_equal(args.subnet, 012);
	assert_string_equal(args.name, "A Host");
	assert_int_equal(args.lladdr[5], 7);
	assert_int_equal(args.rut, CHAOS_RUT_LISTEN);
	assert_int_equal(args.poison, 1);
	assert_int_equal(args.proxy_arp, CHAOS_PROXY_ARP_ALL);
	assert_int_equal(args.forwarding, 1);
	assert_int_equal(args.private[0], 2);
	assert_int_equal(args.private[31], 0x80);
	assert_int_equal(args.type, CHAOS_ROUTE_BRIDGE);
	assert_int_equal(args.src, 0403);
	assert_int_equal(args.peer, 0404);
	assert_int_equal(args.uid, 5);
	assert_int_equal(args.gid, 0);
}

static void test_check(void **state)
{
	static const struct {
		uint64_t given;
		uint64_t needs;
		uint64_t one_of[MAX_CHOICES];
		const char *complaint;
	} checks[] = {
		{ 0, 0, {}, "" },
		{ ARG_VIA | ARG_HOST, ARG_VIA, { DEST }, "" },
		{ ARG_VIA, ARG_VIA, { DEST },
		  "x: missing 'subnet N' or 'host ADDRESS' or 'default'\n" },
		{ ARG_VIA | ARG_HOST | ARG_DEFAULT, ARG_VIA, { DEST },
		  "x: 'host ADDRESS' and 'default' exclude each other\n" },
		{ ARG_DEFAULT, ARG_VIA, { DEST }, "x: missing 'via ADDRESS'\n" },
		{ ARG_DEFAULT | ARG_DEV, 0, { DEST, ARG_VIA | ARG_DEV }, "" },
		{ ARG_DEFAULT, 0, { DEST, ARG_VIA | ARG_DEV },
		  "x: missing 'dev DEV' or 'via ADDRESS'\n" },
		{ ARG_DEFAULT | ARG_DEV | ARG_VIA, 0, { DEST, ARG_VIA | ARG_DEV },
		  "x: 'dev DEV' and 'via ADDRESS' exclude each other\n" },
		{ ARG_DEV | ARG_VIA, 0, { ARG_VIA | ARG_DEV | ARG_OR }, "" },
		{ ARG_VIA, 0, { ARG_VIA | ARG_DEV | ARG_OR }, "" },
		{ 0, 0, { ARG_VIA | ARG_DEV | ARG_OR },
		  "x: missing 'dev DEV' or 'via ADDRESS'\n" },
		{ 0, ARG_ADDR | ARG_DEV, {}, "x: missing 'ADDRESS' and 'dev DEV'\n" },
		{ ARG_ADDR, ARG_ADDR | ARG_DEV, {}, "x: missing 'dev DEV'\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		struct args args = { .given = checks[i].given };

		fake_setup(state);
		assert_int_equal(args_check("x", checks[i].needs, checks[i].one_of, &args),
				 *checks[i].complaint ? -1 : 0);
		assert_string_equal(fake_complaints(), checks[i].complaint);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_parse, fake_setup),
		cmocka_unit_test_setup(test_values, fake_setup),
		cmocka_unit_test_setup(test_check, fake_setup),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
