// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
/*
 * Lisp Machines have printing characters where ASCII has its format effectors,
 * and keep the effectors at 0200 and up.  The end of a line is Return there and
 * linefeed here, so Line and Return change places on the way.
 */
#include <stdbool.h>
#include <stdint.h>

#include "chaos_charset.h"

static const struct {
	uint8_t local, lispm;
} swapped[] = {
	{ '\b', 0210 },		/* Overstrike */
	{ '\t', 0211 },		/* Tab */
	{ '\r', 0212 },		/* Line */
	{ '\f', 0214 },		/* Page */
	{ '\n', 0215 },		/* Return */
};

static uint8_t translate(uint8_t c)
{
	size_t i;

	for (i = 0; i < sizeof(swapped) / sizeof(swapped[0]); i++) {
		if (c == swapped[i].lispm)
			return swapped[i].local;
		if (c == swapped[i].local)
			return swapped[i].lispm;
	}
	return c;
}

/**
 * chaos_text_translate() - between our text and that of Lisp Machines
 * @text: converted in place
 * @len: its length
 *
 * Pairs of codes change places.  So the same function serves both directions,
 * every byte has an image of its own, and what goes there and back is
 * unchanged.
 */
void chaos_text_translate(void *text, size_t len)
{
	uint8_t *c = text;

	for (; len; len--, c++)
		*c = translate(*c);
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/**
 * chaos_text_printable() - make a peer's text fit for one line of a terminal
 * @line: room for @len + 1 bytes; gets a NUL terminated string; may be @text
 * @text: anything, such as the reason in a CLS
 * @len: its length
 *
 * Ends of lines and tabs become spaces, what is not ASCII becomes '?', and
 * trailing white space goes.
 */
void chaos_text_printable(char *line, const void *text, size_t len)
{
	const uint8_t *in = text;
	size_t i;

	for (i = 0; i < len && in[i]; i++) {
		if (is_space(in[i]) || is_space(translate(in[i])))
			line[i] = ' ';
		else if (in[i] < ' ' || in[i] > '~')
			line[i] = '?';
		else
			line[i] = in[i];
	}
	while (i && line[i - 1] == ' ')
		i--;
	line[i] = 0;
}
