// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl trace: the bridges on the way to a host, each as the one before tells. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/chaos_netlink.h>

#include "bridge.h"
#include "chaos_transact.h"
#include "complain.h"
#include "peer.h"

#define HOPS_MAX	15	/* at most 14 bridges pass a packet on */
#define TIMEOUT_MS	5000
#define TIMEOUT_MIN_MS	1000
#define TIMEOUT_MAX_MS	30000

#define ADDR_COLUMN	3
#define NAME_COLUMN	10
#define TIME_COLUMN	27

/**
 * struct trace - one run of the command
 * @ctl: context
 * @host: where to
 * @timeout_ms: how long to wait for each answer
 * @n: number of hosts asked
 * @path: they
 */
struct trace {
	struct ctl *ctl;
	uint16_t host;
	unsigned int timeout_ms;
	unsigned int n;
	uint16_t path[HOPS_MAX];
};

static const struct nla_policy route_policy[CHAOS_ROUTE_A_MAX + 1] = {
	[CHAOS_ROUTE_A_VIA]	= { .type = NLA_U16 },
	[CHAOS_ROUTE_A_COST]	= { .type = NLA_U16 },
};

/* What our own routing table says. */
static int first_hop(struct trace *trace, struct bridge_hop *hop)
{
	struct nlattr *tb[CHAOS_ROUTE_A_MAX + 1] = { NULL };
	struct answer answer = { 0 };
	struct request req;
	int err = 0;

	if (request_begin(&req, trace->ctl->tr, CHAOS_CMD_ROUTE_GET, 0))
		return -1;
	request_u16(&req, CHAOS_ROUTE_A_HOST, trace->host);
	if (request_ask(&req, &answer))
		return -1;
	if (answer.n)
		err = answer_attrs(answer.msgs[0], tb, CHAOS_ROUTE_A_MAX, route_policy);
	hop->next = tb[CHAOS_ROUTE_A_VIA] ? nla_get_u16(tb[CHAOS_ROUTE_A_VIA]) : trace->host;
	hop->cost = tb[CHAOS_ROUTE_A_COST] ? nla_get_u16(tb[CHAOS_ROUTE_A_COST]) : 0;
	answer_free(&answer);
	return err;
}

/* Returns the length of the answer, or -1 with t->reason set to why there is none. */
static ssize_t ask(const struct trace *trace, struct chaos_transaction *t, const char *contact,
		   uint8_t answer[CHAOS_DATA_MAX])
{
	ssize_t n;

	*t = (struct chaos_transaction) {
		.host = trace->path[trace->n - 1],
		.contact = contact,
		.timeout_ms = trace->timeout_ms,
	};
	n = chaos_transact(t, answer, CHAOS_DATA_MAX);
	if (n < 0 && !t->reason[0])
		snprintf(t->reason, sizeof(t->reason), "%s", strerror(errno));
	return n;
}

/* Ask the last host of the path for its name, and tell about it. */
static int show_hop(const struct trace *trace, const struct bridge_hop *hop)
{
	char name[PEER_NAME_LEN + 1] = "";
	uint8_t answer[CHAOS_DATA_MAX];
	struct show *s = &trace->ctl->out;
	struct chaos_transaction t;
	uint64_t begun = peer_now_us();
	ssize_t len = ask(trace, &t, "STATUS", answer);
	uint64_t us = peer_now_us() - begun;

	show_object_open(s, NULL);
	show_num(s, "hop", "", trace->n);
	show_column(s, ADDR_COLUMN);
	show_addr(s, "addr", "", hop->next);
	show_column(s, NAME_COLUMN);
	if (len < 0) {
		show_text(s, "*");
		if (s->json)
			show_str(s, "error", "", t.reason);
	} else {
		peer_name(name, answer, len);
		if (s->json || name[0])
			show_str(s, "name", "", name);
		else
			show_text(s, "-");
		show_column(s, TIME_COLUMN);
		peer_show_us(s, "time_us", "", us);
		show_text(s, " ms");
	}
	show_num(s, "cost", " cost ", hop->cost);
	show_line_end(s);
	show_object_close(s);
	fflush(s->f);
	if (len < 0)
		complain("%o does not answer STATUS: %s", hop->next, t.reason);
	return len < 0 ? -1 : 0;
}

/* Ask the last host of the path where it sends packets for the destination. */
static int next_hop(const struct trace *trace, struct bridge_hop *hop)
{
	uint16_t bridge = trace->path[trace->n - 1];
	uint8_t table[CHAOS_DATA_MAX];
	struct chaos_transaction t;
	ssize_t len = ask(trace, &t, "DUMP-ROUTING-TABLE", table);
	const char *why;

	if (len < 0) {
		complain("%o does not tell its routes: %s", bridge, t.reason);
		return -1;
	}
	why = bridge_next(table, len, trace->host, hop);
	if (why)
		complain("the way ends at %o: %s", bridge, why);
	return why ? -1 : 0;
}

/* Whether a packet could get to the next host, and it is a new one. */
static int check_hop(const struct trace *trace, uint16_t next)
{
	for (unsigned int i = 0; i < trace->n; i++) {
		if (trace->path[i] == next) {
			complain("the way is a circle: %o sends packets for %o to %o again",
				 trace->path[trace->n - 1], trace->host, next);
			return -1;
		}
	}
	if (trace->n < HOPS_MAX)
		return 0;
	complain("there are more than %d bridges on the way: no packet gets there", HOPS_MAX - 1);
	return -1;
}

static int follow(struct trace *trace, struct bridge_hop *hop)
{
	for (;;) {
		if (check_hop(trace, hop->next))
			return PEER_SILENT;
		trace->path[trace->n++] = hop->next;
		if (show_hop(trace, hop))
			return PEER_SILENT;
		if (hop->next == trace->host)
			return PEER_ANSWERED;
		if (next_hop(trace, hop))
			return PEER_SILENT;
	}
}

static int take_words(struct trace *trace, char **argv, const char **host)
{
	int c;

	while ((c = peer_option(argv, ":W:jp")) != -1) {
		switch (c) {
		case 'W':
			if (peer_seconds("-W", optarg, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS,
					 &trace->timeout_ms))
				return -1;
			break;
		default:
			if (peer_common_option(trace->ctl, c))
				return -1;
		}
	}
	return peer_host(argv, host);
}

/**
 * trace_run() - obey the command
 * @ctl: context
 * @words: options and the host
 *
 * Return: PEER_*.
 */
int trace_run(struct ctl *ctl, char *const *words)
{
	struct trace trace = { .ctl = ctl, .timeout_ms = TIMEOUT_MS };
	struct bridge_hop hop;
	const char *host;
	char **argv;
	int status;

	if (peer_wants_help(words))
		return peer_help(ctl, TRACE_USAGE);
	argv = peer_argv("trace", words);
	if (!argv)
		return PEER_ERROR;
	status = take_words(&trace, argv, &host);
	free(argv);
	if (status)
		return peer_wrong_usage(TRACE_USAGE);
	if (ctl->check)
		return PEER_ANSWERED;
	if (peer_lookup(host, &trace.host) || first_hop(&trace, &hop))
		return PEER_ERROR;
	show_list_open(&ctl->out, NULL);
	status = follow(&trace, &hop);
	show_list_close(&ctl->out);
	return status;
}
