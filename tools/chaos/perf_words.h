/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structures of numbers as words KEY=NUMBER, which is how the two sides of a test talk. */
#ifndef CHAOS_PERF_WORDS_H
#define CHAOS_PERF_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct perf_word - one number; all are of type uint64_t
 * @key: its name
 * @offset: where it is in the structure
 * @min: least value; what is not said is 0
 * @max: greatest value
 */
struct perf_word {
	const char *key;
	size_t offset;
	uint64_t min, max;
};

void perf_words_print(FILE *out, const struct perf_word *words, size_t n, const void *from);
const char *perf_words_parse(char *text, const struct perf_word *words, size_t n, void *to);
const char *perf_number(const char *text, int base, uint64_t max, uint64_t *value);

#endif /* CHAOS_PERF_WORDS_H */
