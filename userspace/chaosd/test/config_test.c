// SPDX-License-Identifier: GPL-2.0-or-later
/* What chaosd understands, and what it says about the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "config.h"

#define FILE_NAME	"chaosd.conf"

static char complaints[4096];

static void complain(void *arg, const char *text)
{
	size_t len = strlen(complaints);

	(void)arg;
	snprintf(complaints + len, sizeof(complaints) - len, "%s\n", text);
}

/* Returns what was read, complaints or not. */
static struct config *read_text(const char *text)
{
	struct config *config = config_new();
	struct conf conf = {
		.tables = { config_keywords }, .configs = { config }, .complain = complain,
	};

	*complaints = 0;
	assert_non_null(config);
	conf_read_text(&conf, FILE_NAME, text, strlen(text));
	if (!conf.errors)
		config_check(&conf, config);
	return config;
}

/* Ethers and their parts in a line. */
static void describe(const struct config *config, char *text, size_t size)
{
	const struct config_ether *ether;
	const struct config_part *part;
	size_t at = 0;

	TAILQ_FOREACH(ether, &config->ethers, next) {
		at += snprintf(text + at, size - at, "%s%o:", at ? " | " : "", ether->subnet);
		TAILQ_FOREACH(part, &ether->parts, next)
			at += snprintf(text + at, size - at, " %s%s",
				       part == TAILQ_FIRST(&ether->parts) ? "" : "; ", part->text);
	}
}

static void means(void **state)
{
	static const struct {
		const char *text, *meaning;
	} rows[] = {
		{ "", "0: listen unix /var/tmp/chaosd_server" },
		{ "# nothing\n", "0: listen unix /var/tmp/chaosd_server" },
		{ "listen unix", "0: listen unix /var/tmp/chaosd_server" },
		{ "link chaos0 address 177001",
		  "376: link chaos0 address 177001 ; listen unix /var/tmp/chaosd_server" },
		{ "ether 376 link chaos0 address 177001 persist listen unix /run/x",
		  "376: link chaos0 address 177001 persist ; listen unix /run/x" },
		{ "link chaos0 address 177001 connect unix",
		  "376: link chaos0 address 177001 ; connect unix /var/tmp/chaosd_server" },
		{ "ether 6\nlisten tcp 127.0.0.1:4006\nether 7\nlisten tcp 127.0.0.1:4007\n",
		  "6: listen tcp 127.0.0.1:4006 | 7: listen tcp 127.0.0.1:4007" },
		{ "listen tcp [::1]:4006 listen tcp 127.9.9.9:4006",
		  "0: listen tcp [::1]:4006 ; listen tcp 127.9.9.9:4006" },
		{ "listen tcp 192.0.2.7:4006 exposed", "0: listen tcp 192.0.2.7:4006" },
		{ "connect tcp some.where.example:4006", "0: connect tcp some.where.example:4006" },
		{ "listen unix mode 0600 group users members 7 queue 8 stall 2m",
		  "0: listen unix /var/tmp/chaosd_server" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = read_text(rows[i].text);
		char text[1024] = "";

		describe(config, text, sizeof(text));
		assert_string_equal(complaints, "");
		assert_string_equal(text, rows[i].meaning);
		config_free(config);
	}
}

static void numbers(void **state)
{
	struct config *config = read_text("ether 6 members 7 queue 8 stall 2m "
					  "listen unix /run/x mode 0606 group users\n"
					  "ether 7 listen unix /run/y");
	const struct config_ether *ether = TAILQ_FIRST(&config->ethers);
	const struct config_part *part = TAILQ_FIRST(&ether->parts);

	(void)state;
	assert_string_equal(complaints, "");
	assert_int_equal(ether->members, 7);
	assert_int_equal(ether->queue, 8);
	assert_int_equal(ether->stall, 120);
	assert_int_equal(part->mode, 0606);
	assert_string_equal(part->group, "users");
	ether = TAILQ_NEXT(ether, next);
	part = TAILQ_FIRST(&ether->parts);
	assert_int_equal(ether->members, 64);
	assert_int_equal(ether->queue, 512);
	assert_int_equal(ether->stall, 30);
	assert_int_equal(part->mode, 0660);
	assert_string_equal(part->group, "");
	config_free(config);
}

/* Every complaint has its line; these are parts of what is said. */
static void refuses(void **state)
{
	static const struct {
		const char *text, *complaint;
	} rows[] = {
		{ "pear", ":1: 'pear': there is no such word here" },
		{ "\nether", ":2: 'ether' lacks" },
		{ "ether 9", ":1: '9': " },
		{ "ether 400", ":1: '400': " },
		{ "listen", ":1: 'listen' lacks a kind of socket" },
		{ "listen pipe", ":1: 'pipe': " },
		{ "listen unix mode", ":1: 'listen' lacks a mode" },
		{ "listen unix mode 0680", ":1: '0680': a mode is octal" },
		{ "listen unix mode 1777", ":1: '1777': a mode is octal" },
		{ "listen unix mode \"\"", ":1: '': a mode is octal" },
		{ "listen unix group \"\"", ":1: '': no group" },
		{ "listen unix run/x", ":1: 'run/x': " },
		{ "listen tcp", ":1: 'listen' lacks" },
		{ "listen tcp 127.0.0.1", ":1: '127.0.0.1': there must be a port" },
		{ "listen tcp 127.0.0.1:0", ":1: '127.0.0.1:0': " },
		{ "listen tcp localhost:4006", ":1: 'localhost:4006': a numeric address" },
		{ "listen tcp 0.0.0.0:4006", ":1: '0.0.0.0:4006': other hosts can reach it" },
		{ "listen tcp [::]:4006", ":1: '[::]:4006': other hosts can reach it" },
		{ "listen tcp 128.0.0.1:4006 listen unix", "other hosts can reach it" },
		{ "connect tcp somewhere", ":1: 'somewhere': there must be a port" },
		{ "link", ":1: 'link' lacks" },
		{ "link chaos0", ":1: 'chaos0': 'address ADDRESS' must follow" },
		{ "link chaos0 address", ":1: 'link' lacks" },
		{ "link chaos0 address 3o41", ":1: '3o41': " },
		{ "link a/b address 401", ":1: 'a/b': " },
		{ "members 0", ":1: '0': " },
		{ "queue 65537", ":1: '65537': " },
		{ "stall 0", ":1: '0': " },
		{ "ether 6\nlink chaos0 address 401",
		  ":2: link chaos0 address 401: this is not an address on subnet 6" },
		{ "link chaos0 address 401\nlink chaos1 address 402",
		  ":2: link chaos1 address 402: this ether has a link, chaos0" },
		{ "ether 1 link chaos0 address 401 listen unix /x\n"
		  "ether 2 link chaos0 address 1001 listen unix /y", ":2: 'link chaos0 address 1001' cannot be" },
		{ "ether 6 listen unix /x\nether 6 listen unix /y", ":2: subnet 6 is described twice" },
		{ "link chaos0 address 3001\nether 6 listen unix /y", ":2: subnet 6 is described twice" },
		{ "ether 6\nether 7", ":2: 'listen unix /var/tmp/chaosd_server' cannot be together" },
		{ "listen unix\nconnect unix", ":2: 'connect unix /var/tmp/chaosd_server' cannot be" },
		{ "listen tcp 127.0.0.1:7\nconnect tcp 127.0.0.1:7", ":2: 'connect tcp 127.0.0.1:7' cannot" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		config_free(read_text(rows[i].text));
		if (!strstr(complaints, rows[i].complaint) ||
		    strncmp(complaints, FILE_NAME ":", strlen(FILE_NAME ":")))
			fail_msg("'%s': '%s' instead of '%s'", rows[i].text, complaints,
				 rows[i].complaint);
	}
}

/* All mistakes are told. */
static void goes_on(void **state)
{
	(void)state;
	config_free(read_text("pear\nether 6\nplum\n"));
	assert_non_null(strstr(complaints, ":1: 'pear'"));
	assert_non_null(strstr(complaints, ":3: 'plum'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means),
		cmocka_unit_test(numbers),
		cmocka_unit_test(refuses),
		cmocka_unit_test(goes_on),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
