// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "perf_words.h"

static uint64_t get(const struct perf_word *word, const void *from)
{
	return *(const uint64_t *)((const char *)from + word->offset);
}

static void set(const struct perf_word *word, void *to, uint64_t value)
{
	*(uint64_t *)((char *)to + word->offset) = value;
}

/**
 * perf_words_print() - write a structure
 * @out: where to: a space before each word
 * @words: its numbers
 * @n: how many
 * @from: the structure; what is 0 is left out
 */
void perf_words_print(FILE *out, const struct perf_word *words, size_t n, const void *from)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (get(&words[i], from))
			fprintf(out, " %s=%" PRIu64, words[i].key, get(&words[i], from));
}

/**
 * perf_number() - read a number and nothing else
 * @text: digits
 * @base: as for strtoull()
 * @max: greatest value
 * @value: result
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_number(const char *text, int base, uint64_t max, uint64_t *value)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return "not a number";
	errno = 0;
	*value = strtoull(text, &end, base);
	if (end == text || *end)
		return "not a number";
	return errno || *value > max ? "a number that is too large" : NULL;
}

static const struct perf_word *find(const struct perf_word *words, size_t n, const char *key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(words[i].key, key))
			return &words[i];
	return NULL;
}

static const char *parse_word(char *text, const struct perf_word *words, size_t n, void *to)
{
	char *equals = strchr(text, '=');
	const struct perf_word *word;
	const char *wrong;
	uint64_t value;

	if (!equals)
		return "a word without a number";
	*equals = 0;
	word = find(words, n, text);
	if (!word)
		return "a word that is not known";
	wrong = perf_number(equals + 1, 10, word->max, &value);
	if (!wrong)
		set(word, to, value);
	return wrong;
}

/**
 * perf_words_parse() - read a structure
 * @text: words, separated by spaces; is changed
 * @words: its numbers
 * @n: how many
 * @to: result; what the words do not say is 0
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_words_parse(char *text, const struct perf_word *words, size_t n, void *to)
{
	const char *wrong;
	char *word, *rest;
	size_t i;

	for (i = 0; i < n; i++)
		set(&words[i], to, 0);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		wrong = parse_word(word, words, n, to);
		if (wrong)
			return wrong;
	}
	for (i = 0; i < n; i++)
		if (get(&words[i], to) < words[i].min)
			return "a number that is missing or too small";
	return NULL;
}
