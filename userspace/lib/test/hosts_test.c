// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_hosts.h"

static const char *const good =
	"# private subnet\n"
	"177001\tbridge gw\n"
	"\n"
	"   402 MIT-OZ   oz  # the other one\r\n"
	"1002 mit-oz\n"
	"403 last";

static const char *const broken =
	"401 a\n"
	"b 402\n"
	"403\n"
	"404 d\n";

static char path[] = "/tmp/libchaos-hosts-XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return setenv(CHAOS_HOSTS_ENV, path, 1);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void lines(void **state)
{
	static const struct {
		const char *line, *why, *names;
		uint16_t addr;
	} rows[] = {
		{ "", NULL, NULL, 0 },
		{ "  \t \n", NULL, NULL, 0 },
		{ "# 401 a", NULL, NULL, 0 },
		{ "401 a", NULL, "a", 0401 },
		{ "401\ta\t b #c", NULL, "a b", 0401 },
		{ "401#a", "without a name", NULL, 0 },
		{ "401", "without a name", NULL, 0 },
		{ "a 401", "octal", NULL, 0 },
		{ "400 a", "host 0", NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct chaos_hosts_entry entry;
		char line[32];
		const char *why;

		strcpy(line, rows[i].line);
		why = chaos_hosts_line(line, &entry);
		if (rows[i].why) {
			assert_non_null(why);
			assert_non_null(strstr(why, rows[i].why));
		} else {
			assert_null(why);
		}
		if (rows[i].names) {
			assert_string_equal(entry.names, rows[i].names);
			assert_int_equal(entry.addr, rows[i].addr);
		} else {
			assert_null(entry.names);
		}
	}
}

static void finds(void **state)
{
	static const struct {
		const char *host;
		uint16_t addr;
	} rows[] = {
		{ "bridge", 0177001 }, { "GW", 0177001 }, { "oz", 0402 },
		{ "Mit-Oz", 0402 }, { "last", 0403 }, { "405", 0405 },
	};
	char err[CHAOS_HOSTS_ERRLEN];
	size_t i;

	(void)state;
	write_file(good);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t addr = 0;

		assert_int_equal(chaos_host_lookup(rows[i].host, &addr, err), 0);
		assert_int_equal(addr, rows[i].addr);
	}
}

static void finds_not(void **state)
{
	char err[CHAOS_HOSTS_ERRLEN];
	uint16_t addr = 12345;

	(void)state;
	write_file(good);
	assert_int_equal(chaos_host_lookup("bridg", &addr, err), -1);
	assert_non_null(strstr(err, "no such host in "));
	assert_int_equal(chaos_host_lookup("", &addr, err), -1);
	assert_non_null(strstr(err, "empty"));
	assert_int_equal(chaos_host_lookup("409", &addr, err), -1);
	assert_non_null(strstr(err, "octal"));

	write_file(broken);
	assert_int_equal(chaos_host_lookup("b", &addr, err), -1);
	assert_non_null(strstr(err, "line 2"));
	assert_int_equal(addr, 12345);
	assert_int_equal(chaos_host_lookup("d", &addr, err), 0);
	assert_int_equal(addr, 0404);

	setenv(CHAOS_HOSTS_ENV, "/nonexistent/hosts", 1);
	assert_int_equal(chaos_host_lookup("b", &addr, err), -1);
	assert_non_null(strstr(err, "cannot read /nonexistent/hosts: No such file"));
	setenv(CHAOS_HOSTS_ENV, "/", 1);
	assert_int_equal(chaos_host_lookup("b", &addr, err), -1);
	assert_non_null(strstr(err, "Is a directory"));
	setenv(CHAOS_HOSTS_ENV, path, 1);
}

static void all_addresses(void **state)
{
	static const struct {
		const char *name;
		int n;
		uint16_t addrs[2];
	} rows[] = {
		{ "MIT-OZ", 2, { 0402, 01002 } }, { "oz", 1, { 0402 } }, { "last", 1, { 0403 } },
		{ "402", 0, { 0 } }, { "", 0, { 0 } }, { "mit", 0, { 0 } },
	};
	char err[CHAOS_HOSTS_ERRLEN] = "";
	uint16_t addrs[3];
	size_t i;

	(void)state;
	write_file(good);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(chaos_hosts_addrs(path, rows[i].name, addrs, 3, err), rows[i].n);
		assert_memory_equal(addrs, rows[i].addrs, rows[i].n * sizeof(addrs[0]));
		assert_int_equal(!!*err, !rows[i].n);
		*err = 0;
	}
	assert_int_equal(chaos_hosts_addrs(path, "mit-oz", addrs, 1, err), 1);
	assert_int_equal(chaos_hosts_addrs("/nonexistent/hosts", "oz", addrs, 3, err), -ENOENT);
	assert_non_null(strstr(err, "cannot read /nonexistent/hosts: No such file"));
	write_file("401 a b\n401 b\n401 c a\n");
	assert_int_equal(chaos_hosts_addrs(path, "a", addrs, 3, err), 1);
	write_file("401 a\n4O2 b\n");
	assert_int_equal(chaos_hosts_addrs(path, "a", addrs, 3, err), 1);
	assert_int_equal(chaos_hosts_addrs(path, "b", addrs, 3, err), -EBADMSG);
	assert_non_null(strstr(err, "line 2: "));
}

static void names(void **state)
{
	char name[32];

	(void)state;
	write_file(good);
	assert_int_equal(chaos_host_name(0177001, name, sizeof(name)), 0);
	assert_string_equal(name, "bridge");
	assert_int_equal(chaos_host_name(01002, name, sizeof(name)), 0);
	assert_string_equal(name, "mit-oz");
	assert_int_equal(chaos_host_name(0177001, name, 4), 0);
	assert_string_equal(name, "bri");
	assert_int_equal(chaos_host_name(0777, name, sizeof(name)), -ENOENT);
	setenv(CHAOS_HOSTS_ENV, "/nonexistent/hosts", 1);
	assert_int_equal(chaos_host_name(0401, name, sizeof(name)), -ENOENT);
	setenv(CHAOS_HOSTS_ENV, path, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(finds),
		cmocka_unit_test(finds_not),
		cmocka_unit_test(all_addresses),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("libchaos hosts file", tests, set_up, tear_down);
}
