// SPDX-License-Identifier: GPL-2.0-or-later
/* Error messages, in a file of their own so that tests can catch them. */
#include <stdarg.h>
#include <stdio.h>

#include "complain.h"

/**
 * complain() - tell the user what is wrong, on standard error
 * @fmt: message without the program's name and without newline
 */
void complain(const char *fmt, ...)
{
	va_list ap;

	/* What was printed before belongs before the message. */
	fflush(stdout);
	fputs("chaosctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
