// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "json.h"

/**
 * json_bytes() - write bytes as a string of JSON
 * @out: file
 * @bytes: bytes; those that are not ASCII are taken as Latin-1
 * @len: how many
 */
void json_bytes(FILE *out, const void *bytes, size_t len)
{
	const unsigned char *c = bytes;

	putc('"', out);
	for (; len; len--, c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < ' ' || *c > '~')
			fprintf(out, "\\u%04x", *c);
		else
			putc(*c, out);
	}
	putc('"', out);
}

/**
 * json_string() - write a string as JSON has it
 * @out: file
 * @text: bytes; those that are not ASCII are taken as Latin-1
 */
void json_string(FILE *out, const char *text)
{
	json_bytes(out, text, strlen(text));
}
