// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands in a file, one a line. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "complain.h"

/**
 * batch_init() - start reading commands
 * @b: to initialise; ends with batch_free()
 * @f: the file; stays open
 * @name: what complaints call it; must outlive @b
 */
void batch_init(struct batch *b, FILE *f, const char *name)
{
	memset(b, 0, sizeof(*b));
	b->f = f;
	b->name = name;
}

/**
 * batch_free() - stop reading commands
 * @b: batch
 *
 * Complaints are about the command line again.
 */
void batch_free(struct batch *b)
{
	free(b->text);
	free(b->words);
	complain_at(NULL, 0);
}

/* Whether the next line belongs to this one, which ends in a backslash then. */
static bool continues(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[len - 1 - n] == '\\')
		n++;
	return n % 2;
}

/* Appends a line of the file to b->text; returns 1, 0 at the end, -1 after a complaint. */
static int append_line(struct batch *b, size_t *used)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	char *text;

	errno = 0;
	len = getline(&line, &room, b->f);
	if (len < 0) {
		free(line);
		if (!ferror(b->f) && !errno)
			return 0;
		complain("cannot read on: %s", strerror(errno));
		return -1;
	}
	b->lines++;
	if (len && line[len - 1] == '\n')
		len--;
	text = realloc(b->text, *used + len + 1);
	if (!text) {
		free(line);
		complain("no memory");
		return -1;
	}
	memcpy(text + *used, line, len);
	free(line);
	*used += len;
	text[*used] = '\0';
	b->text = text;
	return 1;
}

/* Reads a line and those it is joined with, to be called line b->line. */
static enum batch_found read_line(struct batch *b)
{
	size_t used = 0;
	int found;

	b->line = b->lines + 1;
	complain_at(b->name, b->line);
	found = append_line(b, &used);
	if (!found)
		return BATCH_END;
	while (found > 0 && continues(b->text, used)) {
		b->text[--used] = '\0';
		found = append_line(b, &used);
	}
	if (found < 0)
		return BATCH_UNREADABLE;
	if (strlen(b->text) == used)
		return BATCH_COMMAND;
	complain("there is a byte 0 in the line");
	return BATCH_BAD;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The byte that a backslash and what follows mean; goes on behind it.  Returns 0 if none. */
static unsigned char unescape(char **p)
{
	char *c = *p + 1;
	unsigned int byte;

	if (is_octal(c[0]) && is_octal(c[1]) && is_octal(c[2])) {
		byte = (c[0] - '0') * 64 + (c[1] - '0') * 8 + c[2] - '0';
		*p += 4;
		return byte < 256 ? byte : 0;
	}
	*p += 2;
	return isalnum((unsigned char)*c) ? 0 : *c;
}

/* Ends the word that begins at @p, without its quotes; returns where to go on, or NULL. */
static char *take_word(char *p)
{
	char *end = p;
	char quote = 0;
	bool more;

	while (*p && (quote || !isspace((unsigned char)*p))) {
		if (*p == '\\' && quote != '\'') {
			*end = unescape(&p);
			if (*end++)
				continue;
			complain("after a backslash there is neither a sign nor three octal digits");
			return NULL;
		}
		if (quote ? *p == quote : *p == '"' || *p == '\'')
			quote = quote ? 0 : *p;
		else
			*end++ = *p;
		p++;
	}
	if (quote) {
		complain("a quote (%c) is not closed", quote);
		return NULL;
	}
	more = *p;
	*end = '\0';
	return more ? p + 1 : p;
}

static int add_word(struct batch *b, size_t n, char *word)
{
	if (n == b->room) {
		size_t room = b->room ? 2 * b->room : 16;
		char **words = reallocarray(b->words, room, sizeof(*words));

		if (!words) {
			complain("no memory");
			return -1;
		}
		b->words = words;
		b->room = room;
	}
	b->words[n] = word;
	return 0;
}

/* Takes b->text apart. */
static int split(struct batch *b)
{
	char *p = b->text;
	size_t n = 0;

	for (;;) {
		char *word;

		while (isspace((unsigned char)*p))
			p++;
		if (!*p || *p == '#')
			return add_word(b, n, NULL);
		word = p;
		p = take_word(p);
		if (!p || add_word(b, n++, word))
			return -1;
	}
}

/**
 * batch_next() - read the next command
 * @b: batch; on success b->words is the command until the next call
 *
 * Complaints from now on are about its line.
 *
 * Return: what was found, after a complaint if it is bad.
 */
enum batch_found batch_next(struct batch *b)
{
	enum batch_found found;

	do {
		found = read_line(b);
		if (found != BATCH_COMMAND)
			return found;
		if (split(b))
			return BATCH_BAD;
	} while (!b->words[0]);
	return BATCH_COMMAND;
}

/* Runs one command; what it does to the options must not reach the next one. */
static int run_command(struct ctl *ctl, char **words)
{
	struct ctl own = *ctl;
	int status;

	if (words[0][0] == '-') {
		complain("'%s' looks like an option: those stand in the command line only",
			 words[0]);
		return STATUS_USAGE;
	}
	own.batch = true;
	status = ctl->run(&own, words);
	ctl->out = own.out;
	/* Whoever feeds us through a pipe may wait for it. */
	fflush(ctl->out.f);
	return status;
}

/**
 * batch_stream() - run the commands of an open file
 * @ctl: context; goes on after a command that fails if @ctl->force
 * @f: the file; stays open
 * @name: what complaints call it
 *
 * In JSON the results are the elements of one list.
 *
 * Return: the status of the first command that failed, or STATUS_OK.
 */
int batch_stream(struct ctl *ctl, FILE *f, const char *name)
{
	int first = STATUS_OK;
	enum batch_found found;
	struct batch b;

	batch_init(&b, f, name);
	show_list_open(&ctl->out, NULL);
	do {
		int status = STATUS_OK;

		found = batch_next(&b);
		if (found == BATCH_COMMAND)
			status = run_command(ctl, b.words);
		else if (found == BATCH_BAD)
			status = STATUS_USAGE;
		else if (found == BATCH_UNREADABLE)
			status = STATUS_FAILED;
		if (first == STATUS_OK)
			first = status;
		if (status != STATUS_OK && !ctl->force)
			break;
	} while (found == BATCH_COMMAND || found == BATCH_BAD);
	show_list_close(&ctl->out);
	batch_free(&b);
	return first;
}

/**
 * batch_file() - run the commands of a file
 * @ctl: context
 * @path: its name, or "-" for standard input
 *
 * Return: as batch_stream().
 */
int batch_file(struct ctl *ctl, const char *path)
{
	int status;
	FILE *f;

	if (!strcmp(path, "-"))
		return batch_stream(ctl, stdin, path);
	f = fopen(path, "re");
	if (!f) {
		complain("cannot open '%s': %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	status = batch_stream(ctl, f, path);
	fclose(f);
	return status;
}

/**
 * batch_quote() - write a word so that reading it gives the same bytes
 * @f: where to
 * @word: the bytes, none of them 0
 * @len: their number
 *
 * Words that mean the same without quotes get none.
 */
void batch_quote(FILE *f, const char *word, size_t len)
{
	bool plain = len > 0;

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)word[i]) && !strchr("-_.:,/+*@%=", word[i]))
			plain = false;
	}
	if (plain) {
		fwrite(word, 1, len, f);
		return;
	}
	fputc('"', f);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = word[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			fputc(c, f);
		else
			fprintf(f, "\\%03o", c);
	}
	fputc('"', f);
}
