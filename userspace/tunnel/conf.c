// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "conf_line.h"
#include "log.h"

#define ERRORS_MAX	100	/* complaints; a file with more of them is something else */
#define COMPLAINT_LEN	1024

static void log_complaint(void *arg, const char *text)
{
	(void)arg;
	log_error("%s", text);
}

static int complain(struct conf *conf, const struct conf_place *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts the place before the text and hands it over.  Returns -1. */
static int complain(struct conf *conf, const struct conf_place *place, const char *fmt, ...)
{
	conf_complain tell = conf->complain ? conf->complain : log_complaint;
	char text[COMPLAINT_LEN];
	va_list args;
	int at = 0;

	if (conf->errors++ > ERRORS_MAX)
		return -1;
	if (conf->errors > ERRORS_MAX) {
		tell(conf->arg, "there are more mistakes than can be told");
		return -1;
	}
	if (place && place->file && place->number)
		at = snprintf(text, sizeof(text), "%.255s:%u: ", place->file, place->number);
	else if (place && place->file)
		at = snprintf(text, sizeof(text), "%.255s: ", place->file);
	else if (place)
		at = snprintf(text, sizeof(text), "argument %u: ", place->number);
	va_start(args, fmt);
	vsnprintf(text + at, sizeof(text) - at, fmt, args);
	va_end(args);
	log_make_printable(text);
	tell(conf->arg, text);
	return -1;
}

/* -------------------------------------------------- for functions of keywords */

const char *conf_peek(const struct conf *conf)
{
	return conf->next < conf->n_words ? conf->words[conf->next] : NULL;
}

/* Goes on to the next word, which must be there. */
static const char *advance(struct conf *conf)
{
	conf->word = conf->words[conf->next++];
	if (!conf->place.file)
		conf->place.number = conf->first + conf->next - 1;
	return conf->word;
}

bool conf_accept(struct conf *conf, const char *word)
{
	const char *next = conf_peek(conf);

	if (!next || strcmp(next, word))
		return false;
	advance(conf);
	return true;
}

const char *conf_take(struct conf *conf, const char *what)
{
	if (conf_peek(conf))
		return advance(conf);
	complain(conf, &conf->place, "'%s' lacks %s: %s %s", conf->keyword->name, what,
		 conf->keyword->name, conf->keyword->form);
	return NULL;
}

int conf_error(struct conf *conf, const char *fmt, ...)
{
	char text[COMPLAINT_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return complain(conf, &conf->place, "'%.80s': %s", conf->word, text);
}

struct conf_place conf_place(const struct conf *conf)
{
	return conf->place;
}

int conf_error_at(struct conf *conf, const struct conf_place *place, const char *fmt, ...)
{
	char text[COMPLAINT_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return complain(conf, place, "%s", text);
}

/* -------------------------------------------------------------- statements */

static const struct conf_keyword *find(const struct conf *conf, const char *word, void **config)
{
	for (size_t i = 0; i < CONF_TABLES; i++) {
		const struct conf_keyword *keyword = conf->tables[i];

		for (; keyword && keyword->name; keyword++) {
			if (strcmp(keyword->name, word))
				continue;
			*config = conf->configs[i];
			return keyword;
		}
	}
	return NULL;
}

static int unknown_word(struct conf *conf, const struct conf_keyword *before)
{
	if (!before)
		return conf_error(conf, "there is no such word here");
	return conf_error(conf, "there is no such word here; '%s' is followed by %s",
			  before->name, before->form);
}

/* Leaves words until there is a keyword, or all of the line of a file. */
static void skip(struct conf *conf)
{
	void *config;

	if (conf->place.file)
		conf->next = conf->n_words;
	while (conf_peek(conf) && !find(conf, conf_peek(conf), &config))
		conf->next++;
}

/* Reads the statements that conf->words consist of. */
static void read_statements(struct conf *conf)
{
	const struct conf_keyword *before = NULL;
	void *config;

	conf->next = 0;
	while (conf_peek(conf)) {
		conf->keyword = find(conf, advance(conf), &config);
		if (conf->keyword ? conf->keyword->read(conf, config) :
				    unknown_word(conf, before))
			skip(conf);
		before = conf->keyword;
	}
}

int conf_read_words(struct conf *conf, char *const *words, unsigned int first)
{
	unsigned int errors = conf->errors;

	conf->place = (struct conf_place) { .number = first };
	conf->first = first;
	conf->words = words;
	for (conf->n_words = 0; words[conf->n_words]; conf->n_words++)
		;
	read_statements(conf);
	return conf->errors == errors ? 0 : -1;
}

int conf_read_text(struct conf *conf, const char *file, const char *text, size_t len)
{
	unsigned int errors = conf->errors;
	struct conf_line line;
	const char *why;

	conf_line_init(&line, text, len);
	while (conf_line_next(&line, &why)) {
		conf->place = (struct conf_place) { file, line.number };
		conf->words = line.words;
		conf->n_words = line.n_words;
		if (why)
			complain(conf, &conf->place, "%s", why);
		else
			read_statements(conf);
	}
	return conf->errors == errors ? 0 : -1;
}

/* ------------------------------------------------------------------- files */

/* Reads up to @room bytes; returns their number, or -errno. */
static ssize_t read_all(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, text + len, room - len);
		if (got > 0)
			len += got;
		else if (got < 0 && errno != EINTR)
			break;
	} while (got && len < room);
	got = got < 0 ? -errno : (ssize_t)len;
	close(fd);
	return got;
}

int conf_read_file(struct conf *conf, const char *path)
{
	const struct conf_place place = { .file = path };
	char *text = malloc(CONF_FILE_MAX + 1);
	ssize_t len;
	int status;

	if (!text)
		return complain(conf, &place, "no memory to read it");
	len = read_all(path, text, CONF_FILE_MAX + 1);
	if (len < 0)
		status = complain(conf, &place, "cannot be read: %s", strerror(-len));
	else if (len > CONF_FILE_MAX)
		status = complain(conf, &place, "the file is longer than %d bytes", CONF_FILE_MAX);
	else
		status = conf_read_text(conf, path, text, len);
	free(text);
	return status;
}
