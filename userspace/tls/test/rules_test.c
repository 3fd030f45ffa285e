// SPDX-License-Identifier: GPL-2.0-or-later
/* What the first packet of a client must be, and what all others may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "frame.h"
#include "rules.h"
#include "who.h"

static struct config *config;

static int set_up(void **state)
{
	static const char text[] =
		"key /k certificate /c ca /a listen 1\n"
		"link c0 address 3040 accept mux cert.example 3061 3062 mux other 3063\n"
		"link c1 address 401 accept mux cert.example 461\n"
		"link c2 address 1001 connect h\n";
	struct conf conf = { .tables = { config_keywords } };

	(void)state;
	config = config_new();
	conf.configs[0] = config;
	conf_read_text(&conf, "rules", text, sizeof(text) - 1);
	config_check(&conf, config);
	return conf.errors;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(config);
	return 0;
}

static const char *judge_first(const char *name, unsigned int opcode, uint16_t from, size_t n)
{
	static const uint16_t addrs[] = { 03041, 0402, 01002, 03040, 03042, 03043 };
	struct session_names names = who_named(name);
	struct rules_client client = { .names = &names, .addrs = addrs, .n = n };
	static char why[RULES_WHY_LEN];
	const struct config_link *link;
	uint8_t packet[FRAME_MIN];

	who_packet(packet, opcode, from, 0);
	link = rules_first(config, &client, packet, why);
	return link ? link->name : why;
}

static void test_first(void **state)
{
	static const struct {
		const char *name;
		unsigned int opcode;
		uint16_t from;
		size_t n;
		const char *verdict;
	} cases[] = {
		{ "a", CHAOS_OP_SNS, 03041, 3, "c0" },
		{ "a", CHAOS_OP_RUT, 03041, 3, "c0" },
		{ "a", CHAOS_OP_SNS, 0402, 3, "c1" },
		{ "cert.example", CHAOS_OP_SNS, 03061, 3, "c0" },
		{ "cert.example", CHAOS_OP_SNS, 0461, 0, "c1" },
		{ "a", CHAOS_OP_RFC, 03041, 3,
		  "its first packet has opcode 1, which does not tell who it is" },
		{ "a", 0377, 03041, 3,
		  "its first packet has opcode 377, which does not tell who it is" },
		{ "a", CHAOS_OP_SNS, 03040, 4, "it says it is 3040, which we are" },
		{ "a", CHAOS_OP_SNS, 01002, 3,
		  "it says it is 1002, on a subnet whose clients are not accepted here" },
		{ "a", CHAOS_OP_SNS, 0, 3,
		  "it says it is 0, on a subnet whose clients are not accepted here" },
		{ "a", CHAOS_OP_SNS, 03044, 3,
		  "it says it is 3044, but is certified as a, which has 3041, 402, 1002" },
		{ "a", CHAOS_OP_SNS, 03044, 6, "it says it is 3044, but is certified as a, "
		  "which has 3041, 402, 1002, 3040, ..." },
		{ "a", CHAOS_OP_SNS, 03061, 1,
		  "it says it is 3061, but is certified as a, which has 3041" },
		{ "a", CHAOS_OP_SNS, 03041, 0,
		  "it says it is 3041, but is certified as a, which has no address" },
		{ "cert.example", CHAOS_OP_SNS, 03063, 0,
		  "it says it is 3063, but is certified as cert.example, which has 3061, 3062" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(judge_first(cases[i].name, cases[i].opcode, cases[i].from,
						cases[i].n), cases[i].verdict);
}

static void test_has_mux(void **state)
{
	struct session_names names = who_named("a");

	(void)state;
	assert_false(rules_has_mux(config, &names));
	names.n = 2;
	strcpy(names.name[1], "other");
	assert_true(rules_has_mux(config, &names));
}

/* Of a peer that may use 3041 and 402, while 3042 is another one's and 3040 ours. */
static void test_look(void **state)
{
	static const struct {
		unsigned int opcode;
		uint16_t from, index;
		enum rules_verdict verdict;
	} cases[] = {
		{ CHAOS_OP_RFC, 03041, 0, RULES_PASS },
		{ CHAOS_OP_DAT, 0402, 7, RULES_PASS },
		{ CHAOS_OP_DAT, 05555, 7, RULES_PASS },
		{ CHAOS_OP_DAT, 0, 7, RULES_PASS },
		{ CHAOS_OP_DAT, 03042, 7, RULES_SOURCE },
		{ CHAOS_OP_DAT, 03040, 7, RULES_SOURCE },
		{ CHAOS_OP_SNS, 03041, 0, RULES_KEEPALIVE },
		{ CHAOS_OP_SNS, 05555, 0, RULES_KEEPALIVE },
		{ CHAOS_OP_SNS, 03042, 0, RULES_SOURCE },
		{ CHAOS_OP_SNS, 03041, 7, RULES_PASS },
		{ CHAOS_OP_RUT, 03041, 0, RULES_PASS },
		{ CHAOS_OP_RUT, 0402, 0, RULES_PASS },
		{ CHAOS_OP_RUT, 05555, 0, RULES_SOURCE },
		{ CHAOS_OP_RUT, 03042, 0, RULES_SOURCE },
	};
	struct member from = who_member("a", false, (const uint16_t[]) { 03041, 0402, 0 });
	struct member other = who_member("b", false, (const uint16_t[]) { 03042, 0 });
	uint8_t packet[FRAME_MIN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct member *owner = NULL;

		if (cases[i].from == 03042)
			owner = &other;
		else if (cases[i].from == 03041)
			owner = &from;
		who_packet(packet, cases[i].opcode, cases[i].from, cases[i].index);
		assert_int_equal(rules_look(packet, &from, owner, cases[i].from == 03040),
				 cases[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_has_mux),
		cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests_name("rules", tests, set_up, tear_down);
}
