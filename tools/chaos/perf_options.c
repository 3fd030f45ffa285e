// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "perf_flow.h"
#include "perf_options.h"
#include "report.h"

#define SECONDS		10		/* of a test that nobody limits */
#define STREAM_SIZE	65536
#define ASK_SIZE	32
#define TIME_MAX	3600		/* s, what a server allows */
#define CONNS_MAX	32
#define TESTS_MAX	8
#define TESTS_LIMIT	64
#define INTERVAL_MIN	100		/* ms */

enum { OPT_BIDIR = 256, OPT_MAX_TIME, OPT_MAX_CONNS, OPT_MAX_TESTS };

/* What --help says. */
const char perf_help[] =
	"  -m, --mode MODE            stream (default), packet or transaction\n"
	"  -R, --reverse              the server sends\n"
	"      --bidir                both sides send\n"
	"  -P, --parallel N           connections, or transactions at a time (1)\n"
	"  -t, --time SECONDS         how long (10, without end with -n)\n"
	"  -n, --amount N[KMG]        how many bytes in each direction, or transactions\n"
	"  -l, --length N[KM]         bytes of a call (64K), a packet (488) or a request (32)\n"
	"  -w, --window PACKETS       let each side send so many packets ahead\n"
	"  -a, --ask CONTACT          transactions with this contact, such as STATUS\n"
	"  -c, --contact CONTACT      contact of the server (PERF)\n"
	"  -i, --interval SECONDS     between lines of progress (1); 0: none\n"
	"  -T, --timeout SECONDS      give up after so long without progress (10)\n"
	"  -j, --json                 print JSON\n"
	"The server:\n"
	"  -s, --server               serve, as CONTACT (PERF), CONTACT-PACKET and CONTACT-ECHO\n"
	"  -1, --once                 serve one test\n"
	"  -v, --verbose              tell of tests on standard error\n"
	"      --max-time SECONDS     longest test (3600)\n"
	"      --max-connections N    of one test (32)\n"
	"      --max-tests N          at a time (8)\n";

static const struct option long_options[] = {
	{ "server", no_argument, NULL, 's' },
	{ "mode", required_argument, NULL, 'm' },
	{ "reverse", no_argument, NULL, 'R' },
	{ "bidir", no_argument, NULL, OPT_BIDIR },
	{ "parallel", required_argument, NULL, 'P' },
	{ "time", required_argument, NULL, 't' },
	{ "amount", required_argument, NULL, 'n' },
	{ "length", required_argument, NULL, 'l' },
	{ "window", required_argument, NULL, 'w' },
	{ "ask", required_argument, NULL, 'a' },
	{ "contact", required_argument, NULL, 'c' },
	{ "interval", required_argument, NULL, 'i' },
	{ "timeout", required_argument, NULL, 'T' },
	{ "json", no_argument, NULL, 'j' },
	{ "once", no_argument, NULL, '1' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "max-time", required_argument, NULL, OPT_MAX_TIME },
	{ "max-connections", required_argument, NULL, OPT_MAX_CONNS },
	{ "max-tests", required_argument, NULL, OPT_MAX_TESTS },
	{ "help", no_argument, NULL, 'h' },
	{}
};

/* The command line so far. */
struct line {
	struct perf_options *o;
	const struct cmd *cmd;
	const char *for_client, *for_server, *for_test;	/* an option for these only */
	const char *ask;
	bool reverse, bidir, sized, timed;
};

static int number(const struct line *l, const char *what, int min, int max, uint64_t *value)
{
	int n, status = parse_number(l->cmd, what, optarg, min, max, &n);

	if (!status)
		*value = n;
	return status;
}

static int mode(struct line *l)
{
	struct perf_options *o = l->o;

	o->transactions = !strcmp(optarg, "transaction");
	o->request.packets = !strcmp(optarg, "packet");
	if (o->transactions || o->request.packets || !strcmp(optarg, "stream"))
		return CHAOS_EXIT_OK;
	return usage_error(l->cmd, "%s: the mode is stream, packet or transaction", optarg);
}

static int duration(struct line *l)
{
	int ms, status = parse_seconds(l->cmd, "time", optarg, 100, PERF_MS_MAX, &ms);

	if (status)
		return status;
	l->o->request.ms = ms;
	l->timed = true;
	return CHAOS_EXIT_OK;
}

static int interval(struct line *l)
{
	int min = strcmp(optarg, "0") ? INTERVAL_MIN : 0;

	return parse_seconds(l->cmd, "interval", optarg, min, TIMEOUT_MAX * 1000,
			     &l->o->interval_ms);
}

/* Options that a server has. */
static int server_option(struct line *l, int opt)
{
	struct perf_options *o = l->o;

	switch (opt) {
	case '1':
		o->once = true;
		return CHAOS_EXIT_OK;
	case 'v':
		o->verbose = true;
		return CHAOS_EXIT_OK;
	case OPT_MAX_TIME:
		return parse_number(l->cmd, "time", optarg, 1, PERF_MS_MAX / 1000, &o->max_time);
	case OPT_MAX_CONNS:
		return parse_number(l->cmd, "number of connections", optarg, 1, PERF_CONNS_MAX,
				    &o->max_conns);
	default:
		return parse_number(l->cmd, "number of tests", optarg, 1, TESTS_LIMIT,
				    &o->max_tests);
	}
}

/* Options of tests with a server. */
static int test_option(struct line *l, int opt)
{
	switch (opt) {
	case 'R':
		l->reverse = true;
		return CHAOS_EXIT_OK;
	case OPT_BIDIR:
		l->bidir = true;
		return CHAOS_EXIT_OK;
	default:
		return number(l, "window", 1, WINDOW_MAX, &l->o->request.window);
	}
}

/* Options that a client has. */
static int client_option(struct line *l, int opt)
{
	struct perf_options *o = l->o;

	switch (opt) {
	case 'm':
		return mode(l);
	case 'P':
		return number(l, "number of connections", 1, PERF_CONNS_MAX, &o->request.conns);
	case 't':
		return duration(l);
	case 'n':
		return parse_amount(l->cmd, "amount", optarg, 1, 1ull << 60, &o->request.amount);
	case 'l':
		l->sized = true;
		return parse_amount(l->cmd, "length", optarg, 0, PERF_SIZE_MAX, &o->request.size);
	case 'a':
		l->ask = optarg;
		return parse_contact(l->cmd, optarg);
	case 'c':
		o->contact = optarg;
		return CHAOS_EXIT_OK;
	case 'i':
		return interval(l);
	case 'T':
		return parse_number(l->cmd, "timeout in seconds", optarg, 1, TIMEOUT_MAX,
				    &o->timeout);
	default:
		o->json = true;
		return CHAOS_EXIT_OK;
	}
}

/* One option, by whom it is for. */
static int one_option(struct line *l, int opt, const char *word)
{
	switch (opt) {
	case 's':
		l->o->server = true;
		return CHAOS_EXIT_OK;
	case 'h':
		exit(show_help(l->cmd));
	case '?':
		return CHAOS_EXIT_USAGE;
	case '1':
	case 'v':
	case OPT_MAX_TIME:
	case OPT_MAX_CONNS:
	case OPT_MAX_TESTS:
		l->for_server = word;
		return server_option(l, opt);
	case 'R':
	case 'w':
	case OPT_BIDIR:
		l->for_client = word;
		l->for_test = word;
		return test_option(l, opt);
	default:
		l->for_client = word;
		return client_option(l, opt);
	}
}

/* The names of all that a server has. */
static int contacts(struct line *l)
{
	struct perf_options *o = l->o;

	if (parse_contact(l->cmd, o->contact))
		return CHAOS_EXIT_USAGE;
	if (strlen(o->contact) > CHAOS_CONTACT_MAX - strlen(PERF_PACKET))
		return usage_error(l->cmd, "%s: the contact name is too long", o->contact);
	snprintf(o->packet_contact, sizeof(o->packet_contact), "%s" PERF_PACKET, o->contact);
	snprintf(o->echo_contact, sizeof(o->echo_contact), "%s" PERF_ECHO, o->contact);
	if (l->ask)
		snprintf(o->echo_contact, sizeof(o->echo_contact), "%s", l->ask);
	return CHAOS_EXIT_OK;
}

/* How much at a time. */
static int length(struct line *l)
{
	struct perf_options *o = l->o;
	size_t max = PERF_SIZE_MAX, usual = STREAM_SIZE, min = 1;

	if (o->transactions) {
		/* Contact and arguments share a packet. */
		max = CHAOS_DATA_MAX - strlen(o->echo_contact) - 1;
		usual = l->ask ? 0 : ASK_SIZE;
		min = 0;
	} else if (o->request.packets) {
		max = CHAOS_DATA_MAX;
		usual = max;
	}
	if (!l->sized)
		o->request.size = usual;
	if (o->request.size >= min && o->request.size <= max)
		return CHAOS_EXIT_OK;
	return usage_error(l->cmd, "the length is from %zu to %zu here", min, max);
}

/* Do the client's options fit together? */
static int client_line(struct line *l)
{
	struct perf_options *o = l->o;

	if (l->for_server)
		return usage_error(l->cmd, "%s: this is an option of the server", l->for_server);
	if (l->ask)
		o->transactions = true;
	if (o->transactions && l->for_test)
		return usage_error(l->cmd, "%s: this makes no sense with transactions",
				   l->for_test);
	if (l->reverse && l->bidir)
		return usage_error(l->cmd, "perf: -R and --bidir exclude each other");
	if (o->request.amount && o->request.amount < o->request.conns)
		return usage_error(l->cmd, "perf: more connections than there is to do");
	o->request.send = !o->transactions && !l->reverse;
	o->request.back = !o->transactions && (l->reverse || l->bidir);
	if (!l->timed && !o->request.amount)
		o->request.ms = SECONDS * 1000;
	return length(l);
}

static int operands(struct line *l, int argc, char **argv)
{
	struct perf_options *o = l->o;
	int status;

	if (o->server && l->for_client)
		return usage_error(l->cmd, "%s: this is an option of the client", l->for_client);
	if (o->server ? argc > 1 : argc != 1)
		return usage_error(l->cmd, o->server ? "perf: one contact name at most" :
						       "perf: one host is needed");
	if (o->server && argc)
		o->contact = argv[0];
	status = contacts(l);
	if (status || o->server)
		return status;
	status = client_line(l);
	o->host = argv[0];
	return status ? status : parse_host(o->host, &o->addr);
}

/**
 * perf_options() - understand the command line
 * @o: result
 * @cmd: subcommand
 * @argc: of the subcommand
 * @argv: of the subcommand
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_USAGE after a message.
 */
int perf_options(struct perf_options *o, const struct cmd *cmd, int argc, char **argv)
{
	struct line l = { .o = o, .cmd = cmd };
	int opt, status, at;

	*o = (struct perf_options) {
		.contact = PERF_CONTACT, .request.conns = 1, .interval_ms = 1000,
		.timeout = CONNECT_TIMEOUT, .max_time = TIME_MAX, .max_conns = CONNS_MAX,
		.max_tests = TESTS_MAX,
	};
	for (;;) {
		at = optind;
		opt = getopt_long(argc, argv, "sm:RP:t:n:l:w:a:c:i:T:j1vh", long_options, NULL);
		if (opt == -1)
			return operands(&l, argc - optind, argv + optind);
		status = one_option(&l, opt, argv[at]);
		if (status)
			return status;
	}
}
