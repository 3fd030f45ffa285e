// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands about what a host knows of others: routes, lastcn. */
#include <inttypes.h>
#include <stdio.h>

#include "ask.h"
#include "chaos_addr.h"
#include "chaos_routes.h"
#include "report.h"
#include "lastcn.h"

static void routes_json(const struct ask *ask, const struct chaos_routes *routes)
{
	unsigned int i;

	printf("{\"address\":\"%o\",\"routes\":[", ask->addr);
	for (i = 0; i < routes->n; i++) {
		printf("%s{\"subnet\":\"%o\",", i ? "," : "", routes->route[i].subnet);
		if (routes->route[i].method <= CHAOS_ROUTES_LINK_MAX)
			printf("\"link\":%u", routes->route[i].method);
		else
			printf("\"bridge\":\"%o\"", routes->route[i].method);
		printf(",\"cost\":%u}", routes->route[i].cost);
	}
	puts("]}");
}

static void routes_table(const struct ask *ask, const struct chaos_routes *routes)
{
	char label[ASK_LABEL];
	unsigned int i;

	printf("%s: routes to %u subnet%s\n", ask->label, routes->n,
	       routes->n == 1 ? "" : "s");
	if (routes->n)
		puts("subnet   cost  by");
	for (i = 0; i < routes->n; i++) {
		printf("%6o %6u  ", routes->route[i].subnet, routes->route[i].cost);
		if (routes->route[i].method <= CHAOS_ROUTES_LINK_MAX)
			printf("link %u\n", routes->route[i].method);
		else
			puts(ask_label(routes->route[i].method, label));
	}
}

static int run_routes(const struct cmd *cmd, int argc, char **argv)
{
	struct ask ask = {};
	struct chaos_routes routes;
	int ret = ask_host(&ask, cmd, "DUMP-ROUTING-TABLE", argc, argv);

	if (ret)
		return ret;
	chaos_routes_parse(&routes, ask.answer, ask.len);
	if (ask.json)
		routes_json(&ask, &routes);
	else
		routes_table(&ask, &routes);
	if (routes.cut_short)
		say("%s: the answer to DUMP-ROUTING-TABLE ends in the middle of an entry",
		    ask.host);
	return CHAOS_EXIT_OK;
}

static void seen_json(const struct ask *ask, const struct seen *seen)
{
	unsigned int i;

	printf("{\"address\":\"%o\",\"hosts\":[", ask->addr);
	for (i = 0; i < seen->n; i++) {
		const struct seen_host *host = &seen->host[i];

		printf("%s{\"host\":\"%o\",\"packets\":%" PRIu32 ",", i ? "," : "", host->addr,
		       host->packets);
		if (host->hop)
			printf("\"last_hop\":\"%o\",", host->hop);
		printf("\"seconds\":%" PRIu32 ",\"forwarded\":%u}", host->seconds,
		       host->forwarded);
	}
	puts("]}");
}

static void seen_table(const struct ask *ask, const struct seen *seen)
{
	char hop[CHAOS_ADDR_STRLEN], label[ASK_LABEL];
	unsigned int i;

	printf("%s: %u host%s heard lately\n", ask->label, seen->n, seen->n == 1 ? "" : "s");
	if (seen->n)
		puts("   packets  seconds ago  forwarded  last hop  host");
	for (i = 0; i < seen->n; i++) {
		const struct seen_host *host = &seen->host[i];

		printf("%10" PRIu32 "  %11" PRIu32 "  %9u  %8s  %s\n", host->packets,
		       host->seconds, host->forwarded,
		       host->hop ? chaos_addr_format(host->hop, hop) : "-",
		       ask_label(host->addr, label));
	}
}

static int run_lastcn(const struct cmd *cmd, int argc, char **argv)
{
	struct ask ask = {};
	struct seen seen;
	int ret = ask_host(&ask, cmd, "LASTCN", argc, argv);

	if (ret)
		return ret;
	seen_parse(&seen, ask.answer, ask.len);
	if (ask.json)
		seen_json(&ask, &seen);
	else
		seen_table(&ask, &seen);
	if (seen.cut_short)
		say("%s: the rest of the answer to LASTCN makes no sense", ask.host);
	return CHAOS_EXIT_OK;
}

const struct cmd cmd_routes = {
	.name = "routes",
	.usage = "routes [-j] [-t SECONDS] HOST",
	.about = "Show how a host reaches other subnets",
	.help = ask_help,
	.run = run_routes,
};

const struct cmd cmd_lastcn = {
	.name = "lastcn",
	.usage = "lastcn [-j] [-t SECONDS] HOST",
	.about = "Show which hosts a host has heard lately",
	.help = ask_help,
	.run = run_lastcn,
};
