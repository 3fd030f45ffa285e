// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos call: a stream to a host, as standard input and output. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/chaos.h>

#include "chaos_charset.h"
#include "chaos_transact.h"
#include "options.h"
#include "report.h"
#include "stream.h"

#define QUIET	5	/* s */

struct call {
	struct pump pump;
	const char *host, *contact;
	char args[CHAOS_DATA_MAX + 1];
	uint16_t addr;
	int timeout;			/* s */
	int window;
};

static int call_args(struct call *call, const struct cmd *cmd, int argc, char **argv)
{
	size_t n = 0;
	int i;

	for (i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]);

		if (n + len + 2 > sizeof(call->args))
			return usage_error(cmd, "%s: the arguments are longer than %d bytes",
					   call->contact, CHAOS_DATA_MAX);
		n += sprintf(call->args + n, "%s%s", i ? " " : "", argv[i]);
	}
	return CHAOS_EXIT_OK;
}

static int call_operands(struct call *call, const struct cmd *cmd, int argc, char **argv)
{
	if (argc < 2)
		return usage_error(cmd, "call: a host and a contact name are needed");
	call->host = argv[0];
	call->contact = argv[1];
	if (parse_host(call->host, &call->addr) || parse_contact(cmd, call->contact))
		return CHAOS_EXIT_USAGE;
	return call_args(call, cmd, argc - 2, argv + 2);
}

static int call_options(struct call *call, const struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "window", required_argument, NULL, 'w' },
		{ "quiet", required_argument, NULL, 'q' },
		{ "lispm", no_argument, NULL, 'l' },
		{ "no-eof", no_argument, NULL, 'N' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int opt, quiet = QUIET, bad = 0;

	/* "+": what begins with '-' after the contact is for the peer. */
	while (!bad && (opt = getopt_long(argc, argv, "+t:w:q:lNh", options, NULL)) != -1) {
		switch (opt) {
		case 't':
			bad = parse_number(cmd, "timeout in seconds", optarg, 1, TIMEOUT_MAX,
					   &call->timeout);
			break;
		case 'w':
			bad = parse_number(cmd, "window", optarg, 1, WINDOW_MAX, &call->window);
			break;
		case 'q':
			bad = parse_number(cmd, "time in seconds", optarg, 0, TIMEOUT_MAX,
					   &quiet);
			break;
		case 'l':
			call->pump.translate = true;
			break;
		case 'N':
			call->pump.keep_open = true;
			break;
		case 'h':
			exit(show_help(cmd));
		default:
			return CHAOS_EXIT_USAGE;
		}
	}
	call->pump.quiet_ms = quiet * 1000;
	return bad ? bad : call_operands(call, cmd, argc - optind, argv + optind);
}

/* The service is a simple transaction: its answer is all there is. */
static int call_simple(const struct call *call)
{
	struct chaos_transaction t = {
		.host = call->addr,
		.contact = call->contact,
		.args = call->args,
		.args_len = strlen(call->args),
		.timeout_ms = call->timeout * 1000,
	};
	char answer[CHAOS_DATA_MAX];
	ssize_t n = chaos_transact(&t, answer, sizeof(answer));

	if (n < 0)
		return peer_error(call->host, call->contact, errno, t.reason);
	if (call->pump.translate)
		chaos_text_translate(answer, n);
	fwrite(answer, 1, n, stdout);
	return CHAOS_EXIT_OK;
}

static int run_call(const struct cmd *cmd, int argc, char **argv)
{
	struct call call = {
		.pump = { .in = STDIN_FILENO, .out = STDOUT_FILENO },
		.timeout = CONNECT_TIMEOUT,
	};
	int status = call_options(&call, cmd, argc, argv);
	char reason[CHAOS_DATA_MAX + 1];
	int fd;

	if (status)
		return status;
	fd = stream_socket(call.window);
	if (fd < 0)
		return peer_error(call.host, call.contact, errno, "");
	if (stream_connect(fd, call.addr, call.contact, call.args, call.timeout * 1000)) {
		if (errno == EPROTOTYPE)
			return call_simple(&call);
		chaos_socket_reason(fd, reason);
		return peer_error(call.host, call.contact, errno, reason);
	}
	call.pump.net = fd;
	return stream_pump(&call.pump, call.host, call.contact);
}

const struct cmd cmd_call = {
	.name = "call",
	.usage = "call [-lN] [-t SECONDS] [-w PACKETS] [-q SECONDS] HOST CONTACT [ARGUMENT...]",
	.about = "Connect standard input and output to a service on a host",
	.help =
	"  -t, --timeout SECONDS  wait so long for the connection (10)\n"
	"  -w, --window PACKETS   let the peer send so many packets ahead\n"
	"  -l, --lispm            convert to and from Lisp Machine characters\n"
	"  -N, --no-eof           do not send EOF when the input ends\n"
	"  -q, --quiet SECONDS    after the input has ended and EOF came back, close\n"
	"                         when nothing more comes for so long (5)\n",
	.run = run_call,
};
