// SPDX-License-Identifier: GPL-2.0-or-later
/* Colours for people who look at a terminal. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "colour.h"
#include "words.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define RED	"\033[31m"
#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define MAGENTA	"\033[35m"
#define CYAN	"\033[36m"

/* By key, and among those of one key by value; @value NULL is for all the others. */
static const struct rule {
	const char *key;
	const char *value;
	const char *colour;
} rules[] = {
	{ "dev",		NULL,		CYAN },
	{ "lladdr",		NULL,		YELLOW },
	{ "conflict_with",	NULL,		YELLOW },
	{ "addr",		NULL,		MAGENTA },
	{ "subnet",		NULL,		MAGENTA },
	{ "host",		NULL,		MAGENTA },
	{ "via",		NULL,		MAGENTA },
	{ "src",		NULL,		MAGENTA },
	{ "local_addr",		NULL,		MAGENTA },
	{ "peer_addr",		NULL,		MAGENTA },
	{ "carrier",		"true",		GREEN },
	{ "carrier",		"false",	RED },
	{ "state",		"valid",	GREEN },
	{ "state",		"reachable",	GREEN },
	{ "state",		"permanent",	GREEN },
	{ "state",		"open",		GREEN },
	{ "state",		"conflict",	RED },
	{ "state",		"failed",	RED },
	{ "state",		"lost",		RED },
	{ "state",		"incomplete",	RED },
	{ "action",		"allow",	GREEN },
	{ "action",		"drop",		RED },
	{ "action",		"reject",	RED },
};

/**
 * colour_parse() - what follows -c
 * @word: "auto", "always" or "never", perhaps after "=" or abbreviated; NULL
 *	means always, as in ip(8)
 *
 * Return: enum colour_when, or -1 after a complaint.
 */
int colour_parse(const char *word)
{
	static const char *const names[] = {
		[COLOUR_AUTO]	= "auto",
		[COLOUR_ALWAYS]	= "always",
		[COLOUR_NEVER]	= "never",
	};

	if (!word)
		return COLOUR_ALWAYS;
	if (*word == '=')
		word++;
	return word_pick("a time for colours: always, auto or never", word, names,
			 ARRAY_SIZE(names));
}

/**
 * colour_wanted() - whether to print colours
 * @when: what the user said
 * @f: where to
 *
 * Return: true if so.
 */
bool colour_wanted(enum colour_when when, FILE *f)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when != COLOUR_AUTO)
		return when == COLOUR_ALWAYS;
	return isatty(fileno(f)) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

/**
 * colour_of() - the colour of a value
 * @key: its key in JSON
 * @value: as text
 * @len: length of the text
 *
 * Return: what switches it on, to be followed by COLOUR_END, or NULL for none.
 */
const char *colour_of(const char *key, const char *value, size_t len)
{
	for (size_t i = 0; key && i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];

		if (strcmp(r->key, key))
			continue;
		if (!r->value || (strlen(r->value) == len && !memcmp(r->value, value, len)))
			return r->colour;
	}
	return NULL;
}
