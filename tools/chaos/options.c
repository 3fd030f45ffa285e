// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "chaos_hosts.h"
#include "chaos_sockaddr.h"
#include "options.h"
#include "report.h"

/**
 * parse_number() - read the value of an option
 * @cmd: subcommand, for the message
 * @what: what the number is, for the message
 * @text: decimal digits
 * @min: least value
 * @max: greatest value
 * @value: result
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_USAGE after a message.
 */
int parse_number(const struct cmd *cmd, const char *what, const char *text, int min, int max,
		 int *value)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < min || n > max)
		return usage_error(cmd, "%s: the %s is a number from %d to %d", text, what,
				   min, max);
	*value = n;
	return CHAOS_EXIT_OK;
}

/**
 * parse_host() - find the address of a host
 * @text: octal address, or a name
 * @addr: result
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_USAGE after a message.
 */
int parse_host(const char *text, uint16_t *addr)
{
	char err[CHAOS_HOSTS_ERRLEN];

	if (!chaos_host_lookup(text, addr, err))
		return CHAOS_EXIT_OK;
	say("%s: %s", text, err);
	return CHAOS_EXIT_USAGE;
}

/**
 * parse_contact() - check a contact name
 * @cmd: subcommand, for the message
 * @text: the name
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_USAGE after a message.
 */
int parse_contact(const struct cmd *cmd, const char *text)
{
	const char *why = chaos_contact_check(text);

	return why ? usage_error(cmd, "%s: %s", text, why) : CHAOS_EXIT_OK;
}
