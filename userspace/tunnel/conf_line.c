// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "conf_line.h"

void conf_line_init(struct conf_line *line, const char *text, size_t len)
{
	line->at = text;
	line->end = text + len;
	line->lines = 0;
	line->n_words = 0;
}

/* Whether the next line belongs to this one, which ends in a backslash then. */
static bool continues(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[len - 1 - n] == '\\')
		n++;
	return n % 2;
}

static const char *check_bytes(const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = from[i];

		if (!c)
			return "there is a byte 0 in the line";
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "there is a control character in the line";
	}
	return NULL;
}

/* Appends a line of the text to line->text.  Returns what is wrong with it. */
static const char *append(struct conf_line *line, size_t *used)
{
	const char *from = line->at;
	const char *newline = memchr(from, '\n', line->end - from);
	size_t len = (newline ? newline : line->end) - from;
	const char *why;

	line->at = newline ? newline + 1 : line->end;
	line->lines++;
	/* Some editors end lines in CR LF. */
	if (len && from[len - 1] == '\r')
		len--;
	why = check_bytes(from, len);
	if (why)
		return why;
	if (len > CONF_LINE_MAX - *used)
		return "the line is longer than 4096 bytes";
	memcpy(line->text + *used, from, len);
	*used += len;
	line->text[*used] = '\0';
	return NULL;
}

_Static_assert(CONF_LINE_MAX == 4096, "as the message says");

/* Reads a line and those it is joined with.  Returns what is wrong with it. */
static const char *join(struct conf_line *line)
{
	const char *why;
	size_t used = 0;

	line->number = line->lines + 1;
	why = append(line, &used);
	while (!why && line->at < line->end && continues(line->text, used)) {
		used--;
		why = append(line, &used);
	}
	return why;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Ends the word that begins at *@p, without its quotes and backslashes, and goes on
 * behind it.  Returns what is wrong with it.
 */
static const char *take_word(char **p)
{
	char *from = *p, *to = *p;
	char quote = 0;
	bool more;

	for (; *from && (quote || !is_space(*from)); from++) {
		if (*from == '\\' && quote != '\'') {
			if (!*++from)
				return "behind the backslash there is nothing";
			*to++ = *from;
		} else if (quote ? *from == quote : *from == '"' || *from == '\'') {
			quote = quote ? 0 : *from;
		} else {
			*to++ = *from;
		}
	}
	if (quote)
		return "a quote is not closed";
	more = *from;
	*to = '\0';
	*p = more ? from + 1 : from;
	return NULL;
}

/* Takes line->text apart.  Returns what is wrong with it. */
static const char *split(struct conf_line *line)
{
	const char *why;
	char *p = line->text;

	for (;;) {
		while (is_space(*p))
			p++;
		if (!*p || *p == '#')
			return NULL;
		/* Words and the spaces between them: there cannot be more than fit. */
		line->words[line->n_words++] = p;
		why = take_word(&p);
		if (why)
			return why;
	}
}

bool conf_line_next(struct conf_line *line, const char **why)
{
	*why = NULL;
	do {
		line->n_words = 0;
		if (line->at == line->end)
			return false;
		*why = join(line);
		if (!*why)
			*why = split(line);
	} while (!*why && !line->n_words);
	if (*why)
		line->n_words = 0;
	return true;
}
