// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "log.h"
#include "tell.h"

static unsigned int wrongs;

/* Much of it was written by others. */
static void tell(const char *verdict, const char *fmt, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, args);
	log_make_printable(text);
	printf("%-6s %s\n", verdict, text);
	/* The next thing may take its time. */
	fflush(stdout);
}

void tell_good(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell("good", fmt, args);
	va_end(args);
}

void tell_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell("note", fmt, args);
	va_end(args);
}

void tell_wrong(const char *advice, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell("WRONG", fmt, args);
	va_end(args);
	printf("%-6s %s\n", "", advice);
	fflush(stdout);
	wrongs++;
}

unsigned int tell_wrongs(void)
{
	return wrongs;
}
