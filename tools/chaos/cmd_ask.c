// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands about a host itself: status, time, uptime. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "chaos_charset.h"
#include "clock.h"
#include "json.h"
#include "report.h"
#include "status.h"

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
		return ask_too_short(&ask, "STATUS");
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
		return ask_too_short(&ask, "TIME");
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
		return ask_too_short(&ask, "UPTIME");
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
