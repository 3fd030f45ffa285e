// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands that are one simple transaction: status, time, uptime. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chaos_addr.h"
#include "chaos_charset.h"
#include "chaos_hosts.h"
#include "chaos_transact.h"
#include "clock.h"
#include "json.h"
#include "options.h"
#include "report.h"
#include "status.h"

/* What the user wants to know, and the answer. */
struct ask {
	const char *host;		/* as typed */
	uint16_t addr;
	char label[128];		/* address, and name if there is one */
	bool json;
	int timeout;			/* s */
	time_t before, after;
	size_t len;
	uint8_t answer[CHAOS_DATA_MAX];
};

static const char ask_help[] =
	"  -t, --timeout SECONDS  wait so long for the answer (10)\n"
	"  -j, --json             print JSON\n";

static int ask_options(struct ask *ask, const struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int opt;

	ask->timeout = CONNECT_TIMEOUT;
	while ((opt = getopt_long(argc, argv, "t:jh", options, NULL)) != -1) {
		switch (opt) {
		case 't':
			if (parse_number(cmd, "timeout in seconds", optarg, 1, TIMEOUT_MAX,
					 &ask->timeout))
				return CHAOS_EXIT_USAGE;
			break;
		case 'j':
			ask->json = true;
			break;
		case 'h':
			exit(show_help(cmd));
		default:
			return CHAOS_EXIT_USAGE;
		}
	}
	if (argc - optind != 1)
		return usage_error(cmd, "%s: one host is needed", cmd->name);
	ask->host = argv[optind];
	return parse_host(ask->host, &ask->addr);
}

static void make_label(struct ask *ask)
{
	char addr[CHAOS_ADDR_STRLEN], name[96];

	chaos_addr_format(ask->addr, addr);
	if (chaos_host_name(ask->addr, name, sizeof(name)))
		snprintf(ask->label, sizeof(ask->label), "%s", addr);
	else
		snprintf(ask->label, sizeof(ask->label), "%s (%s)", addr, name);
}

/* The whole dialogue; returns an exit status. */
static int ask_host(struct ask *ask, const struct cmd *cmd, const char *contact, int argc,
		    char **argv)
{
	struct chaos_transaction t = { .contact = contact };
	int status = ask_options(ask, cmd, argc, argv);
	ssize_t n;

	if (status)
		return status;
	make_label(ask);
	t.host = ask->addr;
	t.timeout_ms = ask->timeout * 1000;
	ask->before = time(NULL);
	n = chaos_transact(&t, ask->answer, sizeof(ask->answer));
	if (n < 0)
		return peer_error(ask->host, contact, errno, t.reason);
	ask->after = time(NULL);
	ask->len = n;
	return CHAOS_EXIT_OK;
}

static int too_short(const struct ask *ask, const char *contact)
{
	say("%s: the answer to %s has only %zu bytes", ask->host, contact, ask->len);
	return CHAOS_EXIT_PEER;
}

static void status_json(const struct ask *ask, const struct status *status)
{
	unsigned int i, j;

	printf("{\"address\":\"%o\",\"name\":", ask->addr);
	json_string(stdout, status->name);
	printf(",\"subnets\":[");
	for (i = 0; i < status->n; i++) {
		const struct status_block *block = &status->block[i];

		printf("%s{\"subnet\":\"%o\"", i ? "," : "", block->subnet);
		for (j = 0; j < block->n; j++)
			printf(",\"%s\":%" PRIu32, status_counter_names[j], block->count[j]);
		putchar('}');
	}
	puts("]}");
}

static void status_table(const struct ask *ask, const struct status *status)
{
	char name[STATUS_NAME_LEN + 1];
	unsigned int i, j;

	chaos_text_printable(name, status->name, strlen(status->name));
	printf("%s: %s\n", ask->label, *name ? name : "no name");
	if (!status->n)
		return;
	printf("subnet");
	for (j = 0; j < STATUS_COUNTERS; j++)
		printf(" %11s", status_counter_names[j]);
	putchar('\n');
	for (i = 0; i < status->n; i++) {
		const struct status_block *block = &status->block[i];

		printf("%6o", block->subnet);
		for (j = 0; j < STATUS_COUNTERS; j++) {
			if (j < block->n)
				printf(" %11" PRIu32, block->count[j]);
			else
				printf(" %11s", "-");
		}
		putchar('\n');
	}
}

static int run_status(const struct cmd *cmd, int argc, char **argv)
{
	struct ask ask = {};
	struct status status;
	int ret = ask_host(&ask, cmd, "STATUS", argc, argv);

	if (ret)
		return ret;
	if (status_parse(&status, ask.answer, ask.len))
		return too_short(&ask, "STATUS");
	if (ask.json)
		status_json(&ask, &status);
	else
		status_table(&ask, &status);
	if (status.cut_short)
		say("%s: the answer to STATUS ends in the middle of a block", ask.host);
	if (status.unknown)
		say("%s: %u blocks of an unknown kind are not shown", ask.host, status.unknown);
	return CHAOS_EXIT_OK;
}

static void print_offset(int64_t offset)
{
	if (offset)
		printf(", %" PRId64 " s %s our clock\n", offset < 0 ? -offset : offset,
		       offset < 0 ? "behind" : "ahead of");
	else
		printf(", like our clock\n");
}

static int run_time(const struct cmd *cmd, int argc, char **argv)
{
	struct ask ask = {};
	int64_t offset;
	uint32_t value;
	char text[64];
	time_t when;
	int ret = ask_host(&ask, cmd, "TIME", argc, argv);

	if (ret)
		return ret;
	if (clock_parse(&value, ask.answer, ask.len))
		return too_short(&ask, "TIME");
	when = clock_to_unix(value, ask.after);
	offset = clock_offset(when, ask.before, ask.after);
	if (ask.json) {
		printf("{\"address\":\"%o\",\"time\":%lld,\"offset\":%" PRId64 "}\n", ask.addr,
		       (long long)when, offset);
		return CHAOS_EXIT_OK;
	}
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", localtime(&when));
	printf("%s: %s", ask.label, text);
	print_offset(offset);
	return CHAOS_EXIT_OK;
}

static int run_uptime(const struct cmd *cmd, int argc, char **argv)
{
	struct ask ask = {};
	char text[UPTIME_STRLEN];
	uint32_t ticks;
	int ret = ask_host(&ask, cmd, "UPTIME", argc, argv);

	if (ret)
		return ret;
	if (clock_parse(&ticks, ask.answer, ask.len))
		return too_short(&ask, "UPTIME");
	if (ask.json)
		printf("{\"address\":\"%o\",\"seconds\":%" PRIu32 "}\n", ask.addr,
		       ticks / UPTIME_HZ);
	else
		printf("%s: up %s\n", ask.label, clock_format_uptime(ticks, text));
	return CHAOS_EXIT_OK;
}

const struct cmd cmd_status = {
	.name = "status",
	.usage = "status [-j] [-t SECONDS] HOST",
	.about = "Show a host's name and packet counters",
	.help = ask_help,
	.run = run_status,
};

const struct cmd cmd_time = {
	.name = "time",
	.usage = "time [-j] [-t SECONDS] HOST",
	.about = "Show the time on a host and how it differs from ours",
	.help = ask_help,
	.run = run_time,
};

const struct cmd cmd_uptime = {
	.name = "uptime",
	.usage = "uptime [-j] [-t SECONDS] HOST",
	.about = "Show how long a host has been up",
	.help = ask_help,
	.run = run_uptime,
};
