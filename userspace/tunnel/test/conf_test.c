// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations: what is understood, and every complaint with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "grammar.h"

/* What was complained about, one a line. */
struct complaints {
	char text[16384];
	size_t len;
	unsigned int n;
};

static void collect(void *arg, const char *text)
{
	struct complaints *c = arg;

	c->len += snprintf(c->text + c->len, sizeof(c->text) - c->len, "%s\n", text);
	assert_true(c->len < sizeof(c->text));
	c->n++;
}

static struct conf start(struct grammar *g, struct complaints *c)
{
	memset(g, 0, sizeof(*g));
	memset(c, 0, sizeof(*c));
	return (struct conf) {
		.tables = { grammar }, .configs = { g }, .complain = collect, .arg = c
	};
}

static void values(void **state)
{
	static const char text[] =
		"# A comment, with ' and \" and \\ in it\n"
		"\n"
		"link chudp0 address 3040\r\n"
		"  \tsubnet 6\tport 42042 number 7 # and more\n"
		"peer 3041 192.0.2.7:44041 quiet\n"
		"peer 3042\\\n"
		"   gateway.example\\\n"
		"\tquiet\n"
		"peer 177001 [2001:db8::1]:42042 peer 3043 gw\n"
		"age 5m dynamic on\n"
		"socket '/var/tmp/chaosd server' user root\n"
		"title \"a \\\"b\\\" # 'c' \\\\\"colour green\n"
		"colour blue";
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	/* After the closing quote the word goes on. */
	assert_int_equal(conf_read_text(&conf, "f", text, sizeof(text) - 1), -1);
	assert_string_equal(c.text, "f:12: 'green': there is no such word here; "
			    "'title' is followed by TITLE\n");
	assert_string_equal(g.link, "chudp0");
	assert_int_equal(g.addr, 03040);
	assert_int_equal(g.subnet, 6);
	assert_int_equal(g.port, 42042);
	assert_int_equal(g.number, 7);
	assert_int_equal(g.n_peers, 4);
	assert_int_equal(g.peers[0].place.number, 5);
	assert_string_equal(g.peers[0].ep.host, "192.0.2.7");
	assert_true(g.peers[0].quiet);
	assert_int_equal(g.peers[1].place.number, 6);
	assert_string_equal(g.peers[1].ep.host, "gateway.example");
	assert_true(g.peers[1].quiet);
	assert_int_equal(g.peers[2].place.number, 9);
	assert_int_equal(g.peers[2].ep.port, 42042);
	assert_false(g.peers[2].quiet);
	assert_int_equal(g.peers[3].addr, 03043);
	assert_int_equal(g.seconds, 300);
	assert_true(g.dynamic);
	assert_string_equal(g.path, "/var/tmp/chaosd server");
	assert_string_equal(g.user, "root");
	assert_string_equal(g.title, "a \"b\" # 'c' \\colour");
	assert_int_equal(g.colour, 2);
}

/* Every statement that is wrong is told of, and only it. */
static void complaints(void **state)
{
	static const char text[] =
		"link chudp0 address 3048\n"
		"pear 3041 192.0.2.7\n"
		"peer\n"
		"peer 3041\n"
		"\n"
		"# next comes a good one\n"
		"peer 3042 gw1\n"
		"peer 401 gw2 peer 3043 gw3\n"
		"peer 3044 192.0.2.256 quiet\n"
		"peer 3045 gw4 silent\n"
		"port 0\n"
		"port 65536\n"
		"port 042\n"
		"number 101\n"
		"age 9\n"
		"age 2d\n"
		"age soon\n"
		"dynamic maybe\n"
		"dynamic\n"
		"subnet 400\n"
		"socket chaosd\n"
		"user \"\"\n"
		"colour yellow\n"
		"link sixteen--letters\n"
		"title 'open\n"
		"title open\\";
	static const char told[] =
		"f:1: '3048': an address is octal, only digits 0 to 7\n"
		"f:2: 'pear': there is no such word here\n"
		"f:3: 'peer' lacks an address: peer ADDRESS HOST[:PORT] [quiet]\n"
		"f:4: 'peer' lacks a host: peer ADDRESS HOST[:PORT] [quiet]\n"
		"f:8: '401': this is ourselves\n"
		"f:9: '192.0.2.256': this is not an IPv4 address\n"
		"f:10: 'silent': there is no such word here; "
			"'peer' is followed by ADDRESS HOST[:PORT] [quiet]\n"
		"f:11: '0': a port is from 1 to 65535 here\n"
		"f:12: '65536': a port is from 1 to 65535 here\n"
		"f:13: '042': a decimal number does not begin with 0\n"
		"f:14: '101': a number is from 1 to 100 here\n"
		"f:15: '9': a time from 10 to 86400 seconds is needed here\n"
		"f:16: '2d': a time from 10 to 86400 seconds is needed here\n"
		"f:17: 'soon': a time is a number of seconds, or a number with s, m, h or d\n"
		"f:18: 'maybe': it is either on or off\n"
		"f:19: 'dynamic' lacks on or off: dynamic on|off\n"
		"f:20: '400': a subnet has 8 bits, at most 377\n"
		"f:21: 'chaosd': the path of a socket begins with /\n"
		"f:22: '': the name of the user is empty\n"
		"f:23: 'yellow': a colour is red, green or blue\n"
		"f:24: 'sixteen--letters': the name of a link has at most 15 characters\n"
		"f:25: a quote is not closed\n"
		"f:26: behind the backslash there is nothing\n";
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	assert_int_equal(conf_read_text(&conf, "f", text, sizeof(text) - 1), -1);
	assert_string_equal(c.text, told);
	assert_int_equal(conf.errors, c.n);
	assert_int_equal(g.n_peers, 2);
	assert_int_equal(g.peers[0].addr, 03042);
	assert_int_equal(g.peers[1].addr, 03045);
}

static void control_bytes(void **state)
{
	static const char text[] =
		"port 1\n"
		"port\0 2\n"
		"port 3 # \033[2J\n"
		"title \r4\n"
		"title g\303\244teway\n"
		"title \177\n";
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	assert_int_equal(conf_read_text(&conf, "f", text, sizeof(text) - 1), -1);
	assert_string_equal(c.text,
			    "f:2: there is a byte 0 in the line\n"
			    "f:3: there is a control character in the line\n"
			    "f:4: there is a control character in the line\n"
			    "f:6: there is a control character in the line\n");
	assert_int_equal(g.port, 1);
	assert_string_equal(g.title, "g\303\244teway");
}

static void long_lines(void **state)
{
	static char text[2 * CONF_LINE_MAX + 64];
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	/* As long as can be, all words. */
	for (size_t i = 0; i < CONF_LINE_MAX; i++)
		text[i] = i % 2 ? ' ' : '6';
	strcpy(text + CONF_LINE_MAX, "\nport 7\n");
	assert_int_equal(conf_read_text(&conf, "f", text, strlen(text)), -1);
	assert_string_equal(c.text, "f:1: '6': there is no such word here\n");
	assert_int_equal(g.port, 7);

	/* One more. */
	conf = start(&g, &c);
	memset(text, '6', CONF_LINE_MAX + 1);
	strcpy(text + CONF_LINE_MAX + 1, "\nport 8\n");
	assert_int_equal(conf_read_text(&conf, "f", text, strlen(text)), -1);
	assert_string_equal(c.text, "f:1: the line is longer than 4096 bytes\n");
	assert_int_equal(g.port, 8);

	/* One more, in two lines. */
	conf = start(&g, &c);
	memset(text, '6', CONF_LINE_MAX + 3);
	memcpy(text + 100, "\\\n", 2);
	strcpy(text + CONF_LINE_MAX + 3, "\nport 9\n");
	assert_int_equal(conf_read_text(&conf, "f", text, strlen(text)), -1);
	assert_string_equal(c.text, "f:1: the line is longer than 4096 bytes\n");
	assert_int_equal(g.port, 9);
}

static void many_mistakes(void **state)
{
	static char text[3000 + 16];
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	for (size_t i = 0; i < 3000; i += 3)
		memcpy(text + i, "no\n", 3);
	strcpy(text + 3000, "port 7\n");
	assert_int_equal(conf_read_text(&conf, "f", text, strlen(text)), -1);
	assert_int_equal(c.n, 101);
	assert_non_null(strstr(c.text, "f:100: 'no'"));
	assert_null(strstr(c.text, "f:101:"));
	assert_non_null(strstr(c.text, "more mistakes"));
	assert_int_equal(conf.errors, 1000);
	assert_int_equal(g.port, 7);
}

static void nothing(void **state)
{
	static const char *const texts[] = {
		"", "\n", "\n\n", " ", "#", "# x", "\t\n \\\n\n", "\r\n",
	};
	struct complaints c;
	struct grammar g;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct conf conf = start(&g, &c);

		assert_int_equal(conf_read_text(&conf, "f", texts[i], strlen(texts[i])), 0);
		assert_int_equal(c.n, 0);
	}
}

static void words(void **state)
{
	char *good[] = {
		"link", "chudp0", "address", "3040", "peer", "3041", "192.0.2.7", "port", "7",
		"title", "two words", "title", "", NULL
	};
	char *bad[] = {
		"lnk", "chudp0", "peer", "3o41", "192.0.2.7", "quiet", "port", "7",
		"age", "\033", "age", NULL
	};
	char *none[] = { NULL };
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	assert_int_equal(conf_read_words(&conf, none, 1), 0);
	assert_int_equal(conf_read_words(&conf, good, 1), 0);
	assert_string_equal(g.link, "chudp0");
	assert_int_equal(g.addr, 03040);
	assert_int_equal(g.n_peers, 1);
	assert_null(g.peers[0].place.file);
	assert_int_equal(g.peers[0].place.number, 5);
	assert_int_equal(g.port, 7);
	assert_string_equal(g.title, "");

	/* Goes on at the next keyword. */
	conf = start(&g, &c);
	assert_int_equal(conf_read_words(&conf, bad, 3), -1);
	assert_string_equal(c.text,
			    "argument 3: 'lnk': there is no such word here\n"
			    "argument 6: '3o41': an address is octal, only digits 0 to 7\n"
			    "argument 12: '?': a time is a number of seconds, "
				    "or a number with s, m, h or d\n"
			    "argument 13: 'age' lacks a time: age TIME\n");
	assert_int_equal(g.port, 7);
	assert_int_equal(g.n_peers, 0);
}

/* Complaints about what was said before. */
static void later(void **state)
{
	static const char text[] = "\npeer 3041 gw\n";
	char *more[] = { "peer", "3042", "gw", NULL };
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);

	(void)state;
	conf_read_text(&conf, "f", text, sizeof(text) - 1);
	conf_read_words(&conf, more, 2);
	assert_int_equal(conf.errors, 0);
	assert_int_equal(conf_error_at(&conf, &g.peers[0].place, "it is %d", 1), -1);
	assert_int_equal(conf_error_at(&conf, &g.peers[1].place, "it is %d", 2), -1);
	assert_int_equal(conf_error_at(&conf, NULL, "there is no link"), -1);
	assert_string_equal(c.text, "f:2: it is 1\nargument 2: it is 2\nthere is no link\n");
}

/* Two tables: the program's own structure for each. */
static int read_level(struct conf *conf, void *config)
{
	return conf_port(conf, config);
}

static void two_tables(void **state)
{
	static const struct conf_keyword common[] = {
		{ "level", "N", read_level },
		{ NULL }
	};
	static const char text[] = "level 5 port 6\nlevel x\n";
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);
	uint16_t level = 0;

	(void)state;
	conf.tables[1] = common;
	conf.configs[1] = &level;
	assert_int_equal(conf_read_text(&conf, "f", text, sizeof(text) - 1), -1);
	assert_string_equal(c.text, "f:2: 'x': a decimal number is needed\n");
	assert_int_equal(level, 5);
	assert_int_equal(g.port, 6);
}

static void files(void **state)
{
	char path[] = "/tmp/conf_test.XXXXXX";
	char expected[256];
	struct complaints c;
	struct grammar g;
	struct conf conf = start(&g, &c);
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(conf_read_file(&conf, path), 0);
	assert_int_equal(write(fd, "port 7\nprt 8\nport 9", 19), 19);
	assert_int_equal(conf_read_file(&conf, path), -1);
	snprintf(expected, sizeof(expected), "%s:2: 'prt': there is no such word here\n", path);
	assert_string_equal(c.text, expected);
	assert_int_equal(g.port, 9);

	/* The longest. */
	conf = start(&g, &c);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, "\nport 10", 8, CONF_FILE_MAX - 8), 8);
	assert_int_equal(conf_read_file(&conf, path), -1);
	assert_int_equal(g.port, 10);
	assert_int_equal(pwrite(fd, "\n", 1, CONF_FILE_MAX), 1);
	conf = start(&g, &c);
	assert_int_equal(conf_read_file(&conf, path), -1);
	snprintf(expected, sizeof(expected), "%s: the file is longer than 1048576 bytes\n", path);
	assert_string_equal(c.text, expected);
	close(fd);
	unlink(path);

	conf = start(&g, &c);
	assert_int_equal(conf_read_file(&conf, path), -1);
	snprintf(expected, sizeof(expected), "%s: cannot be read: No such file or directory\n",
		 path);
	assert_string_equal(c.text, expected);
	conf = start(&g, &c);
	assert_int_equal(conf_read_file(&conf, "/"), -1);
	assert_string_equal(c.text, "/: cannot be read: Is a directory\n");
	conf = start(&g, &c);
	assert_int_equal(conf_read_file(&conf, "/dev/zero"), -1);
	assert_string_equal(c.text, "/dev/zero: the file is longer than 1048576 bytes\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(complaints),
		cmocka_unit_test(control_bytes),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(many_mistakes),
		cmocka_unit_test(nothing),
		cmocka_unit_test(words),
		cmocka_unit_test(later),
		cmocka_unit_test(two_tables),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests_name("configurations", tests, NULL, NULL);
}
