// SPDX-License-Identifier: GPL-2.0-or-later
/* Printing, plain or as JSON with the same calls. */
#include <stdio.h>
#include <string.h>

#include "colour.h"
#include "show.h"

/**
 * show_init() - start printing
 * @s: to initialise
 * @f: stream to print to
 * @json: JSON rather than plain
 * @pretty: JSON in many lines
 *
 * Without colours: who wants them sets s->colour afterwards.
 */
void show_init(struct show *s, FILE *f, bool json, bool pretty)
{
	memset(s, 0, sizeof(*s));
	s->f = f;
	s->json = json;
	s->writer = (struct json){ .f = f, .pretty = pretty };
}

static void plain_char(struct show *s, unsigned char c)
{
	fputc(c, s->f);
	s->column = c == '\n' ? 0 : s->column + 1;
}

/* Names come from other hosts: nothing that a terminal obeys may get through. */
static void plain_bytes(struct show *s, const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = value[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			plain_char(s, c);
		else
			s->column += fprintf(s->f, "\\%03o", c);
	}
}

/* Begins to print a plain value; the result is for colour_off(). */
static const char *colour_on(struct show *s, const char *key, const char *value, size_t len)
{
	const char *colour = s->colour ? colour_of(key, value, len) : NULL;

	/* Takes no room in the line. */
	if (colour)
		fputs(colour, s->f);
	return colour;
}

static void colour_off(struct show *s, const char *colour)
{
	if (colour)
		fputs(COLOUR_END, s->f);
}

/**
 * show_list_open() - what follows is a list
 * @s: printer
 * @key: key of the list in the object it is in, or NULL
 */
void show_list_open(struct show *s, const char *key)
{
	if (s->json)
		json_open(&s->writer, key, '[');
}

/**
 * show_list_close() - end of the list
 * @s: printer
 */
void show_list_close(struct show *s)
{
	if (s->json)
		json_close(&s->writer, ']');
}

/**
 * show_object_open() - what follows belongs to one thing
 * @s: printer
 * @key: key of the object in the object it is in, or NULL
 */
void show_object_open(struct show *s, const char *key)
{
	if (s->join) {
		s->join = false;
		return;
	}
	if (s->json)
		json_open(&s->writer, key, '{');
}

/**
 * show_object_join() - let the next object go on with the one that is open
 * @s: printer
 *
 * Instead of both, show_object_close() then ends one.
 */
void show_object_join(struct show *s)
{
	s->join = true;
}

/**
 * show_object_close() - end of the object
 * @s: printer
 */
void show_object_close(struct show *s)
{
	s->join = false;
	if (s->json)
		json_close(&s->writer, '}');
}

/**
 * show_text() - print something in plain form only
 * @s: printer
 * @text: our own text, printed as it is
 */
void show_text(struct show *s, const char *text)
{
	if (s->json)
		return;
	while (*text)
		plain_char(s, *text++);
}

/**
 * show_column() - in plain form, go on at a column
 * @s: printer
 * @column: number of characters before it; at least one space is printed
 */
void show_column(struct show *s, unsigned int column)
{
	do
		show_text(s, " ");
	while (!s->json && s->column < column);
}

/**
 * show_line_end() - in plain form, end the line
 * @s: printer
 */
void show_line_end(struct show *s)
{
	show_text(s, "\n");
}

/**
 * show_bytes() - print a string that may hold anything
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @value: the bytes
 * @len: their number
 */
void show_bytes(struct show *s, const char *key, const char *before, const char *value, size_t len)
{
	const char *colour;

	if (s->json) {
		json_key(&s->writer, key);
		json_bytes(s->f, value, len);
		return;
	}
	show_text(s, before);
	colour = colour_on(s, key, value, len);
	plain_bytes(s, value, len);
	colour_off(s, colour);
}

/**
 * show_str() - print a string
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @value: the string
 */
void show_str(struct show *s, const char *key, const char *before, const char *value)
{
	show_bytes(s, key, before, value, strlen(value));
}

/**
 * show_num() - print a decimal number
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @value: the number
 */
void show_num(struct show *s, const char *key, const char *before, uint64_t value)
{
	if (s->json)
		json_key(&s->writer, key);
	else
		show_text(s, before);
	s->column += fprintf(s->f, "%llu", (unsigned long long)value);
}

/**
 * show_bool() - print whether something is so
 * @s: printer
 * @key: JSON key
 * @plain: plain text instead, already chosen by @value
 * @value: true or false
 */
void show_bool(struct show *s, const char *key, const char *plain, bool value)
{
	const char *text = value ? "true" : "false";
	const char *colour;

	if (s->json) {
		json_bool(&s->writer, key, value);
		return;
	}
	colour = colour_on(s, key, text, strlen(text));
	show_text(s, plain);
	colour_off(s, colour);
}

/**
 * show_addr() - print an address in octal; in JSON a string
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @addr: address in host byte order
 */
void show_addr(struct show *s, const char *key, const char *before, uint16_t addr)
{
	char text[8];

	snprintf(text, sizeof(text), "%o", addr);
	show_str(s, key, before, text);
}

/**
 * show_subnet() - print a subnet number in octal; in JSON a string
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @subnet: the number
 */
void show_subnet(struct show *s, const char *key, const char *before, uint8_t subnet)
{
	show_addr(s, key, before, subnet);
}

/**
 * show_lladdr() - print a hardware address
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @lladdr: the bytes
 * @len: their number; what is beyond 32 is left out
 */
void show_lladdr(struct show *s, const char *key, const char *before, const uint8_t *lladdr,
		 size_t len)
{
	char text[32 * 3 + 1] = "";

	for (size_t i = 0; i < len && i < 32; i++)
		sprintf(text + (i ? 3 * i - 1 : 0), i ? ":%02x" : "%02x", lladdr[i]);
	show_str(s, key, before, text);
}

/**
 * show_name() - print the name of a value
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @names: names by value
 * @n: their number
 * @value: the value; one that a newer kernel added is printed as a number
 */
void show_name(struct show *s, const char *key, const char *before, const char *const *names,
	       size_t n, unsigned int value)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", value);
	show_str(s, key, before, value < n && names[value] ? names[value] : number);
}
