// SPDX-License-Identifier: GPL-2.0-or-later
/* Single words. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "words.h"

#define LABEL	"abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxy"	/* 63 */

_Static_assert(sizeof(LABEL) == 64, "the longest label");

static void endpoints(void **state)
{
	static const struct {
		const char *word, *host;
		uint16_t port;
		int family;
		const char *written;	/* NULL: as @word */
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7", 0, AF_INET, NULL },
		{ "192.0.2.7:42042", "192.0.2.7", 42042, AF_INET, NULL },
		{ "0.0.0.0:1", "0.0.0.0", 1, AF_INET, NULL },
		{ "gateway", "gateway", 0, AF_UNSPEC, NULL },
		{ "gw-1.example.net:65535", "gw-1.example.net", 65535, AF_UNSPEC, NULL },
		{ "example.net.", "example.net.", 0, AF_UNSPEC, NULL },
		{ "_x.example", "_x.example", 0, AF_UNSPEC, NULL },
		{ "7up.example", "7up.example", 0, AF_UNSPEC, NULL },
		{ LABEL, LABEL, 0, AF_UNSPEC, NULL },
		{ "2001:db8::1", "2001:db8::1", 0, AF_INET6, NULL },
		{ "::", "::", 0, AF_INET6, NULL },
		{ "[::1]", "::1", 0, AF_INET6, "::1" },
		{ "[2001:db8::1]:44041", "2001:db8::1", 44041, AF_INET6, NULL },
		{ "fe80::1%eth0", "fe80::1%eth0", 0, AF_INET6, NULL },
		{ "[fe80::1%2]:042", "fe80::1%2", 42, AF_INET6, "[fe80::1%2]:42" },
		{ "::ffff:192.0.2.7", "::ffff:192.0.2.7", 0, AF_INET6, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[WORD_ENDPOINT_LEN];
		struct endpoint ep;

		assert_null(word_endpoint(rows[i].word, &ep));
		assert_string_equal(ep.host, rows[i].host);
		assert_int_equal(ep.port, rows[i].port);
		assert_int_equal(ep.family, rows[i].family);
		assert_string_equal(endpoint_format(&ep, text),
				    rows[i].written ? rows[i].written : rows[i].word);
	}
}

static void no_endpoints(void **state)
{
	static const struct {
		const char *word, *why;
	} rows[] = {
		{ "", "empty" },
		{ ":42042", "empty" },
		{ "gateway:", "port" },
		{ "gateway:0", "port" },
		{ "gateway:65536", "port" },
		{ "gateway:99999999999999999999999", "port" },
		{ "gateway:42o42", "port" },
		{ "gateway:-1", "port" },
		{ "192.0.2.256", "IPv4" },
		{ "192.0.2", "IPv4" },
		{ "192.0.2.7.8:42042", "IPv4" },
		{ "3040", "IPv4" },
		{ "gate way", "neither" },
		{ "-gateway", "neither" },
		{ "a..b", "neither" },
		{ ".", "neither" },
		{ "gateway/24", "neither" },
		{ "g\303\244teway", "neither" },
		{ LABEL "x", "neither" },
		{ "[", "brackets" },
		{ "[::1", "brackets" },
		{ "[::1]42042", "brackets" },
		{ "[::1]:", "port" },
		{ "[]", "IPv6" },
		{ "[192.0.2.7]", "IPv6" },
		{ "[gateway]:42042", "IPv6" },
		{ "1:2", "IPv4" },
		{ "2001:db8::1::2", "IPv6" },
		{ "2001:db8:0:0:0:0:0:1:42042", "[ADDRESS]:PORT" },
		{ "fe80::1%", "IPv6" },
		{ "fe80::1%a%b", "IPv6" },
		{ "fe80::1%no/such", "IPv6" },
	};
	char word[600];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint ep = { .port = 12345 };
		const char *why = word_endpoint(rows[i].word, &ep);

		assert_non_null(why);
		assert_non_null(strstr(why, rows[i].why));
		assert_int_equal(ep.port, 12345);
	}
	for (size_t len = 200; len < sizeof(word); len += 50) {
		struct endpoint ep;

		memset(word, 'a', len);
		word[len] = '\0';
		assert_non_null(word_endpoint(word, &ep));
		word[0] = '[';
		word[len - 1] = ']';
		assert_non_null(word_endpoint(word, &ep));
		memset(word, ':', len);
		assert_non_null(word_endpoint(word, &ep));
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *word;
		const char *written;	/* NULL: a name */
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7:42042" },
		{ "192.0.2.7:44041", "192.0.2.7:44041" },
		{ "2001:db8::1", "[2001:db8::1]:42042" },
		{ "[2001:db8::1]:44041", "[2001:db8::1]:44041" },
		{ "[::ffff:192.0.2.7]:44041", "192.0.2.7:44041" },
		{ "[fe80::1%lo]:44041", "[fe80::1%1]:44041" },
		{ "fe80::1%nosuchlink", NULL },
		{ "gateway", NULL },
		{ "localhost", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_storage addr;
		char text[WORD_ENDPOINT_LEN];
		struct endpoint ep;
		socklen_t len;

		assert_null(word_endpoint(rows[i].word, &ep));
		len = endpoint_address(&ep, 42042, &addr);
		if (rows[i].written) {
			assert_int_equal(len, ep.family == AF_INET ?
					 sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
			assert_string_equal(address_format(&addr, text), rows[i].written);
		} else {
			assert_int_equal(len, 0);
		}
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *word;
		bool good;
		unsigned long value;
	} rows[] = {
		{ "0", true, 0 },
		{ "7", true, 7 },
		{ "18446744073709551615", true, 18446744073709551615ul },
		/* Whatever is larger is as large as can be, and so out of any range. */
		{ "18446744073709551616", true, 18446744073709551615ul },
		{ "99999999999999999999999999999", true, 18446744073709551615ul },
		{ "", false, 0 },
		{ "010", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "1x", false, 0 },
		{ "0x10", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long value = 12345;
		const char *why = word_number(rows[i].word, &value);

		assert_int_equal(!why, rows[i].good);
		assert_true(value == (rows[i].good ? rows[i].value : 12345));
	}
}

static void durations(void **state)
{
	static const struct {
		const char *word;
		bool good;
		unsigned long seconds;
	} rows[] = {
		{ "0", true, 0 },
		{ "90", true, 90 },
		{ "90s", true, 90 },
		{ "5m", true, 300 },
		{ "2h", true, 7200 },
		{ "1d", true, 86400 },
		{ "99999999999999999999d", true, ~0ul },
		{ "18446744073709551615m", true, ~0ul },
		{ "", false, 0 },
		{ "m", false, 0 },
		{ "5 m", false, 0 },
		{ "5M", false, 0 },
		{ "5ms", false, 0 },
		{ "1h30m", false, 0 },
		{ "-5m", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long seconds = 12345;
		const char *why = word_duration(rows[i].word, &seconds);

		assert_int_equal(!why, rows[i].good);
		assert_true(seconds == (rows[i].good ? rows[i].seconds : 12345));
	}
}

static void subnets(void **state)
{
	static const struct {
		const char *word, *why;
		uint8_t subnet;
	} rows[] = {
		{ "1", NULL, 1 },
		{ "6", NULL, 6 },
		{ "06", NULL, 6 },
		{ "376", NULL, 0376 },
		{ "377", NULL, 0377 },
		{ "0", "not a subnet", 0 },
		{ "400", "377", 0 },
		{ "77777777777777777777777", "377", 0 },
		{ "8", "octal", 0 },
		{ "", "octal", 0 },
		{ "6 ", "octal", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t subnet = 0;
		const char *why = word_subnet(rows[i].word, &subnet);

		assert_int_equal(subnet, rows[i].subnet);
		if (rows[i].why)
			assert_non_null(strstr(why, rows[i].why));
		else
			assert_null(why);
	}
}

static void links(void **state)
{
	static const char *const good[] = {
		"chudp0", "chaos%d", "a", "eth0.6", "fifteen-letters",
	};
	static const char *const bad[] = {
		"", ".", "..", "sixteen--letters", "a b", "a/b", "a:b", "a\tb", "g\303\244", "%",
		"chaos%", "chaos%s", "chaos%d%d", "%%d", "\177",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(word_link(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(word_link(bad[i]));
}

static void others(void **state)
{
	char path[200];
	bool on = false;

	(void)state;
	assert_null(word_switch("on", &on));
	assert_true(on);
	assert_non_null(word_switch("yes", &on));
	assert_true(on);
	assert_null(word_switch("off", &on));
	assert_false(on);

	assert_null(word_socket_path("/var/tmp/chaosd_server"));
	assert_non_null(word_socket_path(""));
	assert_non_null(word_socket_path("chaosd_server"));
	memset(path, '/', sizeof(path));
	path[108] = '\0';
	assert_non_null(word_socket_path(path));
	path[107] = '\0';
	assert_null(word_socket_path(path));

	assert_null(word_user("root"));
	assert_non_null(word_user(""));
	assert_non_null(word_user("no such user, surely"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints),
		cmocka_unit_test(no_endpoints),
		cmocka_unit_test(addresses),
		cmocka_unit_test(numbers),
		cmocka_unit_test(durations),
		cmocka_unit_test(subnets),
		cmocka_unit_test(links),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
