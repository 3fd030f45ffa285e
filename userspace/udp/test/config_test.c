// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration: what it means, and what is said about mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config.h"

#define SAID	4096

static void note(void *arg, const char *text)
{
	char *said = arg;
	size_t at = strlen(said);

	snprintf(said + at, SAID - at, "%s\n", text);
}

/* Reads a configuration; complaints go to @said. */
static struct config *read_text(const char *text, char said[SAID])
{
	struct config *config = config_new();
	struct conf conf = {
		.tables = { config_keywords },
		.configs = { config },
		.complain = note,
		.arg = said,
	};

	*said = '\0';
	conf_read_text(&conf, "f", text, strlen(text));
	if (!conf.errors)
		config_check(&conf, config);
	return config;
}

static void test_full(void **state)
{
	char said[SAID];
	struct config *c = read_text("# a comment\n"
				     "peer 177040 roam\n"
				     "listen [::1]:44041\n"
				     "link chaos0 address 177001 dynamic on max 20 age 5m\n"
				     "link chaos1 3001 to 3002 persist off\n"
				     "peer 177002 its.example.org:44042 roam\n"
				     "peer 3002 [2001:db8::2]:42043 peer 177003 10.0.0.1\n", said);

	(void)state;
	assert_string_equal(said, "");
	assert_string_equal(c->listen.host, "::1");
	assert_int_equal(c->listen.port, 44041);
	assert_int_equal(c->n_links, 2);
	assert_string_equal(c->links[0].tap.name, "chaos0");
	assert_int_equal(c->links[0].tap.addr, 0177001);
	assert_true(c->links[0].tap.persist && c->links[0].tap.nocheck);
	assert_true(c->links[0].dynamic);
	assert_int_equal(c->links[0].max, 20);
	assert_int_equal(c->links[0].age, 300);
	assert_int_equal(c->links[1].tap.peer, 03002);
	assert_false(c->links[1].tap.persist || c->links[1].dynamic);
	assert_int_equal(c->n_peers, 4);
	assert_int_equal(c->peers[0].addr, 0177040);
	assert_string_equal(c->peers[0].where.host, "");
	assert_true(c->peers[0].roam);
	assert_string_equal(c->peers[1].where.host, "its.example.org");
	assert_int_equal(c->peers[1].where.port, 44042);
	assert_true(c->peers[1].roam);
	assert_int_equal(c->peers[2].where.family, AF_INET6);
	assert_false(c->peers[2].roam);
	assert_int_equal(c->peers[3].where.port, 0);
	config_free(c);
}

static void test_listen(void **state)
{
	char said[SAID];
	struct config *c = read_text("link chaos0 3001", said);

	(void)state;
	assert_string_equal(said, "");
	assert_string_equal(c->listen.host, "");
	assert_int_equal(c->listen.port, 0);
	config_free(c);
	c = read_text("link chaos0 3001 listen 44041", said);
	assert_string_equal(said, "");
	assert_string_equal(c->listen.host, "");
	assert_int_equal(c->listen.port, 44041);
	config_free(c);
	c = read_text("link chaos0 3001 listen 127.0.0.1", said);
	assert_string_equal(said, "");
	assert_string_equal(c->listen.host, "127.0.0.1");
	config_free(c);
}

/* Each mistake is told with its line; "l" stands for a link that is fine. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "there is no 'link', so there is nothing to do\n" },
		{ "link\n", "f:1: 'link' lacks the name of a link" },
		{ "link chaos0\n", "f:1: 'link' lacks an address" },
		{ "link chaos%d 3001\n", "f:1: 'chaos%d': the link needs a name of its own here" },
		{ "link chaos0 3081\n", "f:1: '3081': " },
		{ "link chaos0 3001 to\n", "f:1: 'link' lacks an address" },
		{ "link chaos0 3001 max 5\n",
		  "f:1: '5': 'max' and 'age' mean something with 'dynamic on' only" },
		{ "link chaos0 3001 dynamic on max 0\n", "f:1: '0': " },
		{ "link chaos0 3001 dynamic on max 255\n", "f:1: '255': " },
		{ "link chaos0 3001 dynamic on age 59\n", "f:1: '59': " },
		{ "link chaos0 3001 dynamic yes\n", "f:1: 'yes': it is either on or off" },
		{ "link chaos0 3001 persistent\n", "f:1: 'persistent': there is no such word" },
		{ "link chaos0 3001\nlink chaos0 401\n", "f:2: link chaos0 is there already" },
		{ "link chaos0 3001\nlink chaos1 3002\n",
		  "f:2: subnet 6 is on link chaos0 already" },
		{ "link chaos0 3001 to 402\n", "f:1: 402 is no other host of subnet 6" },
		{ "link chaos0 3001 to 3001\n", "f:1: 3001 is no other host of subnet 6" },
		{ "link chaos0 3001 to 3002 dynamic on\n",
		  "f:1: a link to one peer cannot learn others: 'peer 3002 roam'?" },
		{ "link chaos0 3001 to 3002\npeer 3003 roam\n",
		  "f:2: link chaos0 leads to 3002 only, not to peer 3003" },
		{ "link chaos0 3001\npeer\n", "f:2: 'peer' lacks an address" },
		{ "link chaos0 3001\npeer 3002\n", "f:2: 'peer' lacks a host" },
		{ "link chaos0 3001\npeer 3002 a:0\n", "f:2: 'a:0': " },
		{ "link chaos0 3001\n\npeer 402 a\n",
		  "f:3: there is no link for peer 402, on subnet 1" },
		{ "link chaos0 3001\npeer 3001 a\n",
		  "f:2: 3001 cannot be a peer, it is our own address" },
		{ "link chaos0 3001\npeer 3002 a\npeer 3003 a\npeer 3002 b\n",
		  "f:4: peer 3002 is there already" },
		{ "listen example.org\n",
		  "f:1: 'example.org': this must be an IP address, a port, or both" },
		{ "listen 70000\n", "f:1: '70000': " },
		{ "listen 1 listen 2\n", "f:1: '2': there can be only one 'listen'" },
		{ "hello\n", "f:1: 'hello': there is no such word here" },
	};
	char said[SAID];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config_free(read_text(cases[i].text, said));
		if (strncmp(said, cases[i].said, strlen(cases[i].said)))
			fail_msg("\"%s\" gives \"%s\"", cases[i].text, said);
	}
}

/* Mistakes do not hide each other. */
static void test_several_mistakes(void **state)
{
	char said[SAID];

	(void)state;
	config_free(read_text("link chaos0 9\nlink chaos1 401\npeer 402 a:b\n", said));
	assert_non_null(strstr(said, "f:1: "));
	assert_null(strstr(said, "f:2: "));
	assert_non_null(strstr(said, "f:3: "));
}

/* More links than subnets, and more peers than anybody has. */
static void test_many(void **state)
{
	char said[SAID], *text = calloc(1, 1024 * 1024), *end = text;
	struct config *c;
	int i;

	(void)state;
	for (i = 1; i <= 256; i++)
		end += sprintf(end, "link c%d %o\n", i, i % 256 << 8 | 1);
	config_free(read_text(text, said));
	assert_non_null(strstr(said, "f:256: "));
	end = text + sprintf(text, "link c 3001\n");
	for (i = 2; i < 256; i++)
		end += sprintf(end, "peer %o 10.0.0.%d\n", 03000 | i, i);
	c = read_text(text, said);
	assert_string_equal(said, "");
	assert_int_equal(c->n_peers, 254);
	config_free(c);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_several_mistakes),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
