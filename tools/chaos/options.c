// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

/* How far a suffix moves a number, in bits; -1: it is none. */
static int suffix_shift(const char *suffix)
{
	static const char letters[] = "kmg";
	const char *letter;

	if (!*suffix)
		return 0;
	letter = strchr(letters, tolower((unsigned char)*suffix));
	return letter && !suffix[1] ? (letter - letters + 1) * 10 : -1;
}

/**
 * parse_amount() - read a number that may be large
 * @cmd: subcommand, for the message
 * @what: what the number is, for the message
 * @text: decimal digits, and perhaps K, M or G for 2^10, 2^20 or 2^30 times as many
 * @min: least value
 * @max: greatest value
 * @value: result
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_USAGE after a message.
 */
int parse_amount(const struct cmd *cmd, const char *what, const char *text, uint64_t min,
		 uint64_t max, uint64_t *value)
{
	unsigned long long n = 0;
	int shift = -1;
	char *end;

	errno = 0;
	if (isdigit((unsigned char)*text)) {
		n = strtoull(text, &end, 10);
		shift = suffix_shift(end);
	}
	if (errno || shift < 0 || n > max >> shift || n << shift < min)
		return usage_error(cmd, "%s: the %s is a number from %" PRIu64 " to %" PRIu64
				   ", perhaps with K, M or G", text, what, min, max);
	*value = n << shift;
	return CHAOS_EXIT_OK;
}

/**
 * parse_seconds() - read a time
 * @cmd: subcommand, for the message
 * @what: what takes this time, for the message
 * @text: seconds, decimal digits, perhaps with a point in them
 * @min_ms: least value
 * @max_ms: greatest value
 * @ms: result, in milliseconds
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_USAGE after a message.
 */
int parse_seconds(const struct cmd *cmd, const char *what, const char *text, int min_ms,
		  int max_ms, int *ms)
{
	double seconds = strtod(text, NULL);

	if (!isdigit((unsigned char)*text) || text[strspn(text, "0123456789.")] ||
	    strchr(text, '.') != strrchr(text, '.') || seconds * 1000 < min_ms ||
	    seconds * 1000 > max_ms)
		return usage_error(cmd, "%s: the %s is a number of seconds from %g to %g", text,
				   what, min_ms / 1e3, max_ms / 1e3);
	*ms = seconds * 1000 + 0.5;
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
