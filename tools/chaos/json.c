// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.h"

/**
 * json_string() - write a string as JSON has it
 * @out: file
 * @text: bytes; those that are not ASCII are taken as Latin-1
 */
void json_string(FILE *out, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	putc('"', out);
	for (; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < ' ' || *c > '~')
			fprintf(out, "\\u%04x", *c);
		else
			putc(*c, out);
	}
	putc('"', out);
}
