// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

static void say_args(const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "chaos: %s\n", line);
}

/**
 * say() - print a line on standard error
 * @format: as for printf(), without the end of the line
 */
void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_args(format, args);
	va_end(args);
}

/**
 * usage_error() - say what is wrong with the command line
 * @cmd: subcommand
 * @format: as for printf()
 *
 * Return: the exit status.
 */
int usage_error(const struct cmd *cmd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_args(format, args);
	va_end(args);
	fprintf(stderr, "Usage: chaos %s\n", cmd->usage);
	return CHAOS_EXIT_USAGE;
}

/**
 * show_help() - explain a subcommand on standard output
 * @cmd: subcommand
 *
 * Return: the exit status.
 */
int show_help(const struct cmd *cmd)
{
	printf("Usage: chaos %s\n%s.\n\n%s", cmd->usage, cmd->about, cmd->help);
	return CHAOS_EXIT_OK;
}

/**
 * peer_error() - say why a host did not do what was asked
 * @host: the host as the user named it
 * @contact: what was asked for
 * @err: errno
 * @reason: the peer's words, printable; may be empty
 *
 * Return: the exit status, CHAOS_EXIT_PEER if the reason lies outside of this
 * machine.
 */
int peer_error(const char *host, const char *contact, int err, const char *reason)
{
	static const struct {
		int err;
		const char *text;
		bool their_words;	/* the reason is the peer's, not the kernel's */
	} peer[] = {
		{ ECONNREFUSED, "refused", true },
		{ ETIMEDOUT, "no answer", false },
		{ ENETUNREACH, "no route to its subnet", false },
		{ EHOSTUNREACH, "the next host on the way does not answer", false },
		{ ENETDOWN, "the link to it is down", false },
		{ ECONNRESET, "connection lost", true },
		{ EPROTOTYPE, "the service wants a connection, \"chaos call\" makes one", false },
		{ EREMCHG, "the service is elsewhere", true },
	};
	size_t i;

	if (err == EAFNOSUPPORT) {
		say("Chaosnet is not available: is the chaos module installed?");
		return CHAOS_EXIT_LOCAL;
	}
	for (i = 0; i < sizeof(peer) / sizeof(peer[0]); i++) {
		if (err != peer[i].err)
			continue;
		if (!peer[i].their_words)
			reason = "";
		say("%s: %s%s %s%s%s", host, contact, err == ECONNREFUSED ? "" : ":",
		    peer[i].text, *reason ? ": " : "", reason);
		return CHAOS_EXIT_PEER;
	}
	say("%s: %s: %s%s%s", host, contact, strerror(err), *reason ? ": " : "", reason);
	return CHAOS_EXIT_LOCAL;
}

/**
 * listen_error() - say why a contact cannot be served
 * @contact: contact name
 * @err: errno
 *
 * Return: the exit status.
 */
int listen_error(const char *contact, int err)
{
	if (err == EAFNOSUPPORT)
		return peer_error("", contact, err, "");
	if (err == EADDRINUSE)
		say("%s: something listens for this contact already", contact);
	else
		say("%s: cannot listen: %s", contact, strerror(err));
	return CHAOS_EXIT_LOCAL;
}
