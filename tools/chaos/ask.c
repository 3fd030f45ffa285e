// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking a host for one thing: a simple transaction. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "chaos_addr.h"
#include "chaos_hosts.h"
#include "chaos_transact.h"
#include "options.h"
#include "report.h"

/* What these commands say to --help. */
const char ask_help[] =
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

/**
 * ask_label() - an address as people read it
 * @addr: address
 * @label: where to write: the address, and the host's name if it has one
 *
 * Return: @label.
 */
char *ask_label(uint16_t addr, char label[ASK_LABEL])
{
	char text[CHAOS_ADDR_STRLEN], name[96];

	chaos_addr_format(addr, text);
	if (chaos_host_name(addr, name, sizeof(name)))
		snprintf(label, ASK_LABEL, "%s", text);
	else
		snprintf(label, ASK_LABEL, "%s (%s)", text, name);
	return label;
}

/**
 * ask_host() - understand the command line, ask, and wait for the answer
 * @ask: result; zeros
 * @cmd: subcommand
 * @contact: what to ask for
 * @argc: of the subcommand
 * @argv: of the subcommand
 *
 * Return: CHAOS_EXIT_OK, or another exit status after a message.
 */
int ask_host(struct ask *ask, const struct cmd *cmd, const char *contact, int argc, char **argv)
{
	struct chaos_transaction t = { .contact = contact };
	int status = ask_options(ask, cmd, argc, argv);
	ssize_t n;

	if (status)
		return status;
	ask_label(ask->addr, ask->label);
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

/**
 * ask_too_short() - complain about an answer
 * @ask: the question
 * @contact: what was asked for
 *
 * Return: the exit status.
 */
int ask_too_short(const struct ask *ask, const char *contact)
{
	say("%s: the answer to %s has only %zu bytes", ask->host, contact, ask->len);
	return CHAOS_EXIT_PEER;
}
