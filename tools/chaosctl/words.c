// SPDX-License-Identifier: GPL-2.0-or-later
/* What a single word of the command line means. */
#include <ctype.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>

#include "complain.h"
#include "names.h"
#include "words.h"

#define HOST_NAME_MAX_LEN	32	/* CHAOS_NET_A_NAME */
#define COST_MAX		512	/* where costs stop growing: the kernel takes no more */
#define CANDIDATES_LEN		160
#define ID_MAX			0xfffffffe	/* the next one means none */
#define DURATION_MAX		32767	/* CHAOS_LINK_A_LEARN_AGE */
#define DURATION_WORD_LEN	32	/* with many leading zeros */
#define SUBNET_WORD_LEN		32	/* with many leading zeros */

/* Lists the names that @word abbreviates: 'add', 'addr' or 'all'. */
static void list_candidates(char *buf, size_t size, const char *word,
			    const char *const *names, size_t n, size_t hits)
{
	size_t len = strlen(word);
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && used < size; i++) {
		const char *after = hits == 1 ? "" : hits == 2 ? " or " : ", ";

		if (!names[i] || strncmp(names[i], word, len))
			continue;
		used += snprintf(buf + used, size - used, "'%s'%s", names[i], after);
		hits--;
	}
}

/**
 * word_pick() - find a word in a table
 * @what: kind of thing looked for, for the message: "command"
 * @word: what the user wrote: a name or the beginning of exactly one
 * @names: the table; NULL entries are skipped
 * @n: its size
 *
 * Return: index in @names, or -1 after a complaint.
 */
int word_pick(const char *what, const char *word, const char *const *names, size_t n)
{
	char candidates[CANDIDATES_LEN];
	size_t len = strlen(word);
	size_t hits = 0;
	int found = -1;

	for (size_t i = 0; len && i < n; i++) {
		if (!names[i] || strncmp(names[i], word, len))
			continue;
		if (!names[i][len])
			return i;
		found = i;
		hits++;
	}
	if (hits == 1)
		return found;
	if (hits) {
		list_candidates(candidates, sizeof(candidates), word, names, n, hits);
		complain("'%s' is ambiguous: it could be %s", word, candidates);
	} else {
		complain("'%s' is not %s", word, what);
	}
	return -1;
}

/* Complains about the character of @word that ended a number. */
static int bad_character(const char *word, const char *what, unsigned char c)
{
	if (isdigit(c))
		complain("'%s' is not %s: digit %c", word, what, c);
	else if (isprint(c))
		complain("'%s' is not %s: character '%c'", word, what, c);
	else
		complain("'%s' is not %s: character code 0%o", word, what, c);
	return -1;
}

/* A whole number without sign; @what names it with its article. */
static int word_number(const char *word, const char *what, unsigned int base,
		       unsigned long max, unsigned long *number)
{
	unsigned long value = 0;

	if (!*word) {
		complain("'' is not %s: it is empty", what);
		return -1;
	}
	for (const char *p = word; *p; p++) {
		unsigned int digit = (unsigned char)*p - '0';

		if (digit >= base)
			return bad_character(word, what, *p);
		/* Stays above max, without overflow, to complain about a later character. */
		if (value <= max)
			value = value * base + digit;
	}
	if (value > max) {
		complain(base == 8 ? "'%s' is not %s: it is above %lo" :
				     "'%s' is not %s: it is above %lu", word, what, max);
		return -1;
	}
	*number = value;
	return 0;
}

/**
 * word_addr() - a host address, octal with or without leading zeros
 * @word: what the user wrote
 * @addr: the address, in host byte order
 *
 * Return: 0, or -1 after a complaint.
 */
int word_addr(const char *word, uint16_t *addr)
{
	unsigned long value;

	if (word_number(word, "an octal address", 8, 0xffff, &value))
		return -1;
	if (!(value >> 8)) {
		complain("'%s' is not a host address: its subnet is 0", word);
		return -1;
	}
	if (!(value & 0xff)) {
		complain("'%s' is not a host address: its host number is 0", word);
		return -1;
	}
	*addr = value;
	return 0;
}

/**
 * word_subnet() - a subnet number, octal
 * @word: what the user wrote
 * @subnet: the number
 *
 * Return: 0, or -1 after a complaint.
 */
int word_subnet(const char *word, uint8_t *subnet)
{
	unsigned long value;

	if (word_number(word, "an octal subnet number", 8, 0xff, &value))
		return -1;
	if (!value) {
		complain("'%s' is not a subnet number: it is 0", word);
		return -1;
	}
	*subnet = value;
	return 0;
}

/**
 * word_cost() - a routing cost, decimal
 * @word: what the user wrote
 * @cost: the number
 *
 * Return: 0, or -1 after a complaint.
 */
int word_cost(const char *word, uint16_t *cost)
{
	unsigned long value;

	if (word_number(word, "a decimal cost", 10, COST_MAX, &value))
		return -1;
	if (!value) {
		complain("'%s' is not a cost: it is 0", word);
		return -1;
	}
	*cost = value;
	return 0;
}

/**
 * word_count() - a decimal number within limits
 * @word: what the user wrote
 * @what: what it is a number of, with its article
 * @least: it is no less
 * @most: and no more
 * @count: the number
 *
 * Return: 0, or -1 after a complaint.
 */
int word_count(const char *word, const char *what, uint32_t least, uint32_t most,
	       uint32_t *count)
{
	unsigned long value;

	if (word_number(word, what, 10, most, &value))
		return -1;
	if (value < least) {
		complain("'%s' is not %s: it is below %u", word, what, least);
		return -1;
	}
	*count = value;
	return 0;
}

/**
 * word_duration() - seconds, or minutes or hours with m or h behind
 * @word: what the user wrote
 * @seconds: result, up to DURATION_MAX
 *
 * Return: 0, or -1 after a complaint.
 */
int word_duration(const char *word, uint32_t *seconds)
{
	static const char units[] = "smh";
	static const uint32_t lengths[] = { 1, 60, 3600 };
	size_t len = strlen(word), digits = strspn(word, "0123456789");
	const char *unit = digits + 1 == len ? strchr(units, word[digits]) : NULL;
	uint32_t length = unit ? lengths[unit - units] : 1;
	char number[DURATION_WORD_LEN];

	if (!digits || (!unit && digits < len) || digits >= sizeof(number)) {
		complain("'%s' is not a duration: it should look like 30s, 10m or 2h", word);
		return -1;
	}
	memcpy(number, word, digits);
	number[digits] = '\0';
	if (word_count(number, "a duration", 1, DURATION_MAX / length, seconds))
		return -1;
	*seconds *= length;
	return 0;
}

/**
 * word_lladdr() - a hardware address of an Ethernet
 * @word: what the user wrote: six pairs of hexadecimal digits
 * @lladdr: the bytes
 *
 * Return: 0, or -1 after a complaint.
 */
int word_lladdr(const char *word, uint8_t lladdr[LLADDR_LEN])
{
	const char *p = word;

	for (int i = 0; i < LLADDR_LEN; i++, p += 3) {
		char end = i < LLADDR_LEN - 1 ? ':' : '\0';

		if (!isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]) ||
		    p[2] != end) {
			complain("'%s' is not a hardware address: it should look like 52:54:00:12:34:56",
				 word);
			return -1;
		}
		lladdr[i] = strtoul((char[]){ p[0], p[1], '\0' }, NULL, 16);
	}
	return 0;
}

/**
 * word_dev() - check the name of a network device
 * @word: what the user wrote
 *
 * Return: 0, or -1 after a complaint.
 */
int word_dev(const char *word)
{
	const char *wrong = NULL;

	if (!*word)
		wrong = "it is empty";
	else if (strlen(word) >= IFNAMSIZ)
		wrong = "it is longer than 15 characters";
	else if (strpbrk(word, "/: \t\n\v\f\r"))
		wrong = "no device name has a space, '/' or ':'";
	else if (!strcmp(word, ".") || !strcmp(word, ".."))
		wrong = "it is reserved";
	if (!wrong)
		return 0;
	complain("'%s' is not a device name: %s", word, wrong);
	return -1;
}

/**
 * word_host_name() - check the name this host tells others
 * @word: what the user wrote
 *
 * Only the length is checked: the kernel decides about the characters.
 *
 * Return: 0, or -1 after a complaint.
 */
int word_host_name(const char *word)
{
	if (strlen(word) <= HOST_NAME_MAX_LEN)
		return 0;
	complain("'%s' is not a host name: it is longer than %d characters", word,
		 HOST_NAME_MAX_LEN);
	return -1;
}

/**
 * word_choice() - one of a few names, or the beginning of exactly one
 * @what: what it should be, for the message
 * @word: what the user wrote
 * @names: by value
 * @n: their number
 * @value: the value
 *
 * Return: 0, or -1 after a complaint.
 */
int word_choice(const char *what, const char *word, const char *const *names, size_t n,
		uint8_t *value)
{
	int i = word_pick(what, word, names, n);

	if (i < 0)
		return -1;
	*value = i;
	return 0;
}

/**
 * word_switch() - "on" or "off"
 * @word: what the user wrote
 * @on: 1 or 0
 *
 * Return: 0, or -1 after a complaint.
 */
int word_switch(const char *word, uint8_t *on)
{
	return word_choice("'on' or 'off'", word, switch_names, N_SWITCH_NAMES, on);
}

/**
 * word_subnets() - several subnets, octal, between commas, or "none"
 * @word: what the user wrote
 * @map: bit s % 8 of byte s / 8 is set for each subnet s
 *
 * Return: 0, or -1 after a complaint.
 */
int word_subnets(const char *word, uint8_t map[CHAOS_SUBNET_MAP_LEN])
{
	memset(map, 0, CHAOS_SUBNET_MAP_LEN);
	if (!strcmp(word, "none"))
		return 0;
	for (;;) {
		size_t len = strcspn(word, ",");
		char one[SUBNET_WORD_LEN];
		uint8_t subnet;

		if (len >= sizeof(one)) {
			complain("'%s' is not a list of subnet numbers", word);
			return -1;
		}
		memcpy(one, word, len);
		one[len] = '\0';
		if (word_subnet(one, &subnet))
			return -1;
		map[subnet / 8] |= 1 << subnet % 8;
		if (!word[len])
			return 0;
		word += len + 1;
	}
}

/**
 * word_user() - understand a user
 * @word: name or number; a name of digits is one
 * @uid: result
 *
 * Return: 0, or -1 after a complaint.
 */
int word_user(const char *word, uint32_t *uid)
{
	const struct passwd *user = getpwnam(word);
	unsigned long value;

	if (user) {
		*uid = user->pw_uid;
		return 0;
	}
	if (!isdigit((unsigned char)*word)) {
		complain("'%s' is not a user here", word);
		return -1;
	}
	if (word_number(word, "a number of a user", 10, ID_MAX, &value))
		return -1;
	*uid = value;
	return 0;
}

/**
 * word_group() - understand a group
 * @word: name or number; a name of digits is one
 * @gid: result
 *
 * Return: 0, or -1 after a complaint.
 */
int word_group(const char *word, uint32_t *gid)
{
	const struct group *group = getgrnam(word);
	unsigned long value;

	if (group) {
		*gid = group->gr_gid;
		return 0;
	}
	if (!isdigit((unsigned char)*word)) {
		complain("'%s' is not a group here", word);
		return -1;
	}
	if (word_number(word, "a number of a group", 10, ID_MAX, &value))
		return -1;
	*gid = value;
	return 0;
}
