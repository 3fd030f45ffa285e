// SPDX-License-Identifier: GPL-2.0-or-later
/* Error messages, in a file of their own so that tests can catch them. */
#include <stdarg.h>
#include <stdio.h>

#include "complain.h"

/* What complaints are about: a line of a file, or the command line. */
static const char *about_file;
static unsigned int about_line;

/**
 * complain_at() - say what the complaints to come are about
 * @file: name of a file, used until the next call; NULL for the command line
 * @line: number of its line
 */
void complain_at(const char *file, unsigned int line)
{
	about_file = file;
	about_line = line;
}

/**
 * complain() - tell the user what is wrong, on standard error
 * @fmt: message without the program's name and without newline
 */
void complain(const char *fmt, ...)
{
	va_list ap;

	/* What was printed before belongs before the message. */
	fflush(stdout);
	if (about_file)
		fprintf(stderr, "%s:%u: ", about_file, about_line);
	else
		fputs("chaosctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
