// SPDX-License-Identifier: GPL-2.0-or-later
/* Values in statements: the next word, and what it means. */
#include <stdio.h>
#include <string.h>

#include "chaos_addr.h"
#include "conf.h"

/* Complains if there is something wrong with the word taken last. */
static int judge(struct conf *conf, const char *why)
{
	return why ? conf_error(conf, "%s", why) : 0;
}

int conf_addr(struct conf *conf, uint16_t *addr)
{
	const char *word = conf_take(conf, "an address");

	return word ? judge(conf, chaos_addr_parse(word, addr)) : -1;
}

int conf_subnet(struct conf *conf, uint8_t *subnet)
{
	const char *word = conf_take(conf, "a subnet");

	return word ? judge(conf, word_subnet(word, subnet)) : -1;
}

int conf_number(struct conf *conf, const char *what, unsigned long min, unsigned long max,
		unsigned long *value)
{
	const char *word = conf_take(conf, what);
	unsigned long number;

	if (!word || judge(conf, word_number(word, &number)))
		return -1;
	if (number < min || number > max)
		return conf_error(conf, "%s is from %lu to %lu here", what, min, max);
	*value = number;
	return 0;
}

int conf_port(struct conf *conf, uint16_t *port)
{
	unsigned long value;

	if (conf_number(conf, "a port", 1, 65535, &value))
		return -1;
	*port = value;
	return 0;
}

int conf_endpoint(struct conf *conf, struct endpoint *ep)
{
	const char *word = conf_take(conf, "a host");

	return word ? judge(conf, word_endpoint(word, ep)) : -1;
}

int conf_duration(struct conf *conf, unsigned long min, unsigned long max,
		  unsigned long *seconds)
{
	const char *word = conf_take(conf, "a time");
	unsigned long value;

	if (!word || judge(conf, word_duration(word, &value)))
		return -1;
	if (value < min || value > max)
		return conf_error(conf, "a time from %lu to %lu seconds is needed here", min, max);
	*seconds = value;
	return 0;
}

int conf_switch(struct conf *conf, bool *on)
{
	const char *word = conf_take(conf, "on or off");

	return word ? judge(conf, word_switch(word, on)) : -1;
}

int conf_link(struct conf *conf, char name[16])
{
	const char *word = conf_take(conf, "the name of a link");

	if (!word || judge(conf, word_link(word)))
		return -1;
	strcpy(name, word);
	return 0;
}

int conf_socket_path(struct conf *conf, char path[108])
{
	const char *word = conf_take(conf, "the path of a socket");

	if (!word || judge(conf, word_socket_path(word)))
		return -1;
	strcpy(path, word);
	return 0;
}

int conf_user(struct conf *conf, char *name, size_t size)
{
	const char *word = conf_take(conf, "the name of a user");

	if (!word || judge(conf, word_user(word)))
		return -1;
	if (strlen(word) >= size)
		return conf_error(conf, "the name is too long");
	strcpy(name, word);
	return 0;
}

/* Writes "a, b or c" as far as there is room. */
static void list_choices(char *text, size_t size, const char *const *names, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n && at < size; i++)
		at += snprintf(text + at, size - at, "%s%s",
			       !i ? "" : i + 1 < n ? ", " : " or ", names[i]);
}

int conf_choice(struct conf *conf, const char *what, const char *const *names, size_t n,
		size_t *value)
{
	const char *word = conf_take(conf, what);
	char choices[256] = "";

	if (!word)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(word, names[i])) {
			*value = i;
			return 0;
		}
	}
	list_choices(choices, sizeof(choices), names, n);
	return conf_error(conf, "%s is %s", what, choices);
}
