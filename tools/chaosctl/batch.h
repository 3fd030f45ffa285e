/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands in a file, one a line.  # begins a comment; a backslash at the end of
 * a line joins the next one to it.  A word in quotes may hold spaces.  Elsewhere
 * than between single quotes a backslash stands before a character that loses
 * its meaning, or before the three octal digits of any byte but 0.
 */
#ifndef CHAOSCTL_BATCH_H
#define CHAOSCTL_BATCH_H

#include <stddef.h>
#include <stdio.h>

#include "object.h"

/**
 * struct batch - a file of commands that is being read
 * @f: the file
 * @name: what complaints call it
 * @line: number of the line that the command begins in
 * @lines: lines read
 * @text: the command, taken apart
 * @words: its words, end with NULL
 * @room: room in @words
 */
struct batch {
	FILE *f;
	const char *name;
	unsigned int line;
	unsigned int lines;
	char *text;
	char **words;
	size_t room;
};

/* What batch_next() found. */
enum batch_found {
	BATCH_END,
	BATCH_COMMAND,
	BATCH_BAD,		/* a line that makes no sense: the next one may */
	BATCH_UNREADABLE,
};

void batch_init(struct batch *b, FILE *f, const char *name);
enum batch_found batch_next(struct batch *b);
void batch_free(struct batch *b);

int batch_stream(struct ctl *ctl, FILE *f, const char *name);
int batch_file(struct ctl *ctl, const char *path);
void batch_quote(FILE *f, const char *word, size_t len);

#endif /* CHAOSCTL_BATCH_H */
