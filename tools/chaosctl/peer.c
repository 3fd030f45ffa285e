// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking other hosts: what ping and trace have in common. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chaos_hosts.h"
#include "complain.h"
#include "peer.h"

/**
 * peer_wants_help() - whether all that is wanted is to be told how to write it
 * @words: after the name of the command
 */
bool peer_wants_help(char *const *words)
{
	return words[0] && !words[1] && !strcmp(words[0], "help");
}

/**
 * peer_help() - tell how to write a command
 * @ctl: context
 * @usage: the command and its words
 *
 * Return: PEER_ANSWERED, or PEER_ERROR if that would spoil the output.
 */
int peer_help(struct ctl *ctl, const char *usage)
{
	if (help_refused(ctl))
		return PEER_ERROR;
	printf("chaosctl %s\n", usage);
	return PEER_ANSWERED;
}

/**
 * peer_wrong_usage() - after a complaint, tell how it should be written
 * @usage: the command and its words
 *
 * Return: PEER_ERROR.
 */
int peer_wrong_usage(const char *usage)
{
	fprintf(stderr, "usage: chaosctl %s\n", usage);
	return PEER_ERROR;
}

static int count_words(char *const *words)
{
	int n = 0;

	while (words[n])
		n++;
	return n;
}

/**
 * peer_argv() - the words of a command, to take options from
 * @name: the command
 * @words: what follows
 *
 * Return: for peer_option(), to be freed; or NULL after a complaint.
 */
char **peer_argv(const char *name, char *const *words)
{
	int n = count_words(words);
	char **argv = calloc(n + 2, sizeof(*argv));

	if (!argv) {
		complain("no memory");
		return NULL;
	}
	argv[0] = (char *)name;
	memcpy(argv + 1, words, n * sizeof(*argv));
	optind = 0;
	return argv;
}

/**
 * peer_option() - the next option of a command
 * @words: from peer_argv(); those that are no options go to the end
 * @options: as for getopt(), beginning with a colon
 *
 * Return: the option, with optarg set, or '?' after a complaint, or -1 if there
 * are no more; then optind tells where the other words begin.
 */
int peer_option(char **words, const char *options)
{
	int c;

	opterr = 0;
	c = getopt(count_words(words), words, options);
	if (c == ':')
		complain("%s: '-%c' needs a value", words[0], optopt);
	else if (c == '?')
		complain("%s: '-%c' is not an option", words[0], optopt);
	return c == ':' ? '?' : c;
}

/**
 * peer_common_option() - obey an option that all commands have
 * @ctl: context
 * @option: as from peer_option()
 *
 * Return: 0, or -1 for any other.
 */
int peer_common_option(struct ctl *ctl, int option)
{
	switch (option) {
	case 'j':
		ctl->out.json = true;
		return 0;
	case 'p':
		ctl->out.json = true;
		ctl->out.writer.pretty = true;
		return 0;
	default:
		return -1;
	}
}

/**
 * peer_host() - the only word besides options
 * @words: of the command, after peer_option() has returned -1
 * @host: the word
 *
 * Return: 0, or -1 after a complaint.
 */
int peer_host(char **words, const char **host)
{
	*host = words[optind];
	if (!*host) {
		complain("%s: missing 'HOST'", words[0]);
		return -1;
	}
	if (words[optind + 1]) {
		complain("%s: '%s' is one word too many", words[0], words[optind + 1]);
		return -1;
	}
	return 0;
}

/**
 * peer_lookup() - the host that somebody wants to reach
 * @host: an octal address, or a name of the hosts file
 * @addr: its address
 *
 * Return: 0, or PEER_ERROR after a complaint.
 */
int peer_lookup(const char *host, uint16_t *addr)
{
	char why[CHAOS_HOSTS_ERRLEN];

	if (!chaos_host_lookup(host, addr, why))
		return 0;
	complain("%s: %s", host, why);
	return PEER_ERROR;
}

/**
 * peer_name() - the host's name in an answer to STATUS
 * @name: result, may be empty
 * @answer: data of the answer, from anybody
 * @len: its length
 */
void peer_name(char name[PEER_NAME_LEN + 1], const uint8_t *answer, size_t len)
{
	if (len > PEER_NAME_LEN)
		len = PEER_NAME_LEN;
	memcpy(name, answer, len);
	name[len] = '\0';
}

/* Digits of @word up to another character, as a number that stops growing above @max. */
static const char *digits(const char *word, unsigned long max, unsigned long *value)
{
	for (*value = 0; isdigit((unsigned char)*word); word++) {
		if (*value <= max)
			*value = *value * 10 + *word - '0';
	}
	return word;
}

/**
 * peer_seconds() - a time in seconds, with up to three decimals
 * @what: what it is for, in a complaint
 * @word: what the user wrote
 * @min_ms: least
 * @max_ms: most
 * @ms: result, in milliseconds
 *
 * Return: 0, or -1 after a complaint.
 */
int peer_seconds(const char *what, const char *word, unsigned int min_ms, unsigned int max_ms,
		 unsigned int *ms)
{
	unsigned long value;
	const char *p = digits(word, max_ms, &value);

	value *= 1000;
	if (*p == '.' && (isdigit((unsigned char)p[1]) || p != word)) {
		for (unsigned int unit = 100; isdigit((unsigned char)*++p); unit /= 10)
			value += unit * (*p - '0');
	}
	if (p == word || *p) {
		complain("%s: '%s' is not a number of seconds", what, word);
		return -1;
	}
	if (value < min_ms || value > max_ms) {
		complain("%s: '%s' is not between %g and %g seconds", what, word, min_ms / 1000.0,
			 max_ms / 1000.0);
		return -1;
	}
	*ms = value;
	return 0;
}

/**
 * peer_count() - a number from 1
 * @what: what it is for, in a complaint
 * @word: what the user wrote
 * @max: most
 * @count: result
 *
 * Return: 0, or -1 after a complaint.
 */
int peer_count(const char *what, const char *word, unsigned long max, unsigned long *count)
{
	const char *p = digits(word, max, count);

	if (p != word && !*p && *count && *count <= max)
		return 0;
	complain("%s: '%s' is not a number from 1 to %lu", what, word, max);
	return -1;
}

/**
 * peer_now_us() - a clock that nobody sets, in microseconds
 */
uint64_t peer_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

/**
 * peer_show_us() - print a time: milliseconds for people, microseconds in JSON
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @us: the time
 */
void peer_show_us(struct show *s, const char *key, const char *before, uint64_t us)
{
	char text[32];

	if (s->json) {
		show_num(s, key, "", us);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64 ".%03u", us / 1000, (unsigned int)(us % 1000));
	show_text(s, before);
	show_text(s, text);
}

/**
 * peer_no_socket() - complain that there is no socket to ask with
 * @err: positive errno
 *
 * Return: PEER_ERROR.
 */
int peer_no_socket(int err)
{
	if (err == EAFNOSUPPORT)
		complain("Chaosnet is not available: is the chaos module installed?");
	else
		complain("cannot make a socket: %s", strerror(err));
	return PEER_ERROR;
}
