/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a configuration file, taken apart into words; used by conf.c only. */
#ifndef TUNNEL_CONF_LINE_H
#define TUNNEL_CONF_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

#define CONF_WORDS_MAX	(CONF_LINE_MAX / 2 + 1)

/**
 * struct conf_line - a line, with those joined to it
 * @at: where in the text to go on
 * @end: of the text
 * @lines: lines read so far
 * @number: of the first line of this one
 * @n_words: words in it
 * @words: the words, ended by NUL bytes, in @text
 * @text: the line, without quotes and backslashes
 */
struct conf_line {
	const char *at;
	const char *end;
	unsigned int lines;
	unsigned int number;
	size_t n_words;
	char *words[CONF_WORDS_MAX];
	char text[CONF_LINE_MAX + 1];
};

/**
 * conf_line_init() - start reading lines
 * @line: to initialise
 * @text: any bytes; must stay there
 * @len: their number
 */
void conf_line_init(struct conf_line *line, const char *text, size_t len);

/**
 * conf_line_next() - read the next line that has words
 * @line: lines
 * @why: NULL, or what is wrong with the line; then it has no words
 *
 * Return: false at the end of the text.
 */
bool conf_line_next(struct conf_line *line, const char **why);

#endif /* TUNNEL_CONF_LINE_H */
