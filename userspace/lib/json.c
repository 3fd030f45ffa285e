// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "json.h"

/**
 * json_bytes() - write bytes as a string of JSON
 * @out: file
 * @bytes: bytes; one that is not ASCII becomes the character of that number: always
 *	valid, nothing lost
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
 * @text: bytes, as for json_bytes()
 */
void json_string(FILE *out, const char *text)
{
	json_bytes(out, text, strlen(text));
}

static void new_line(struct json *j)
{
	unsigned int i;

	if (!j->pretty)
		return;
	putc('\n', j->f);
	for (i = 0; i < j->depth; i++)
		fputs("  ", j->f);
}

/**
 * json_key() - what stands before a value: a comma, and the key
 * @j: writer
 * @key: key in the object that is open; NULL in a list, or where nothing is open
 */
void json_key(struct json *j, const char *key)
{
	if (j->filled[j->depth])
		putc(',', j->f);
	j->filled[j->depth] = true;
	if (j->depth)
		new_line(j);
	if (key) {
		json_string(j->f, key);
		fputs(j->pretty ? ": " : ":", j->f);
	}
}

/**
 * json_open() - begin a list or an object, at most JSON_DEPTH within each other
 * @j: writer
 * @key: as for json_key()
 * @bracket: '[' or '{'
 */
void json_open(struct json *j, const char *key, char bracket)
{
	json_key(j, key);
	putc(bracket, j->f);
	j->filled[++j->depth] = false;
}

/**
 * json_close() - end a list or an object, and the line after the outermost
 * @j: writer
 * @bracket: ']' or '}'
 */
void json_close(struct json *j, char bracket)
{
	bool filled = j->filled[j->depth--];

	if (filled)
		new_line(j);
	putc(bracket, j->f);
	if (!j->depth) {
		putc('\n', j->f);
		j->filled[0] = false;
	}
}

/**
 * json_text() - write a string
 * @j: writer
 * @key: as for json_key()
 * @value: as for json_bytes()
 */
void json_text(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	json_string(j->f, value);
}

/**
 * json_number() - write a whole number
 * @j: writer
 * @key: as for json_key()
 * @value: the number
 */
void json_number(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	fprintf(j->f, "%" PRIu64, value);
}

/**
 * json_real() - write a number with three places, or null if it is none
 * @j: writer
 * @key: as for json_key()
 * @value: the number
 */
void json_real(struct json *j, const char *key, double value)
{
	json_key(j, key);
	if (isfinite(value))
		fprintf(j->f, "%.3f", value);
	else
		fputs("null", j->f);
}

/**
 * json_bool() - write true or false
 * @j: writer
 * @key: as for json_key()
 * @value: which
 */
void json_bool(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	fputs(value ? "true" : "false", j->f);
}
