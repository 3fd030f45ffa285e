/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations: statements, each a keyword with what it needs.
 *
 * In a file a line holds one or more whole statements.  # begins a comment where a
 * word could begin; a backslash at the end of a line joins the next one to it.  Words
 * in double or single quotes may hold spaces; elsewhere than between single quotes, a
 * backslash takes the meaning from the sign behind it.  In the command line the
 * statements follow each other.
 *
 * A program describes its statements by a table of keywords.  The function of each
 * takes the words behind the keyword and writes to the program's own structure.  After
 * a mistake reading goes on with the next line (in the command line: with the next
 * keyword), so that all mistakes are reported:
 *
 *	/etc/chaosnet/chaos-udp.conf:7: '3o41': an address is octal, only digits 0 to 7
 *	argument 3: 'pear': there is no such word here
 *
 * In functions of keywords: conf_take() and the conf_*() that read a value take the
 * next word of the statement; if it is missing or wrong they complain and return -1,
 * which the function then returns, too.
 */
#ifndef TUNNEL_CONF_H
#define TUNNEL_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "words.h"

#define CONF_FILE_MAX	(1024 * 1024)	/* bytes in a file */
#define CONF_LINE_MAX	4096		/* bytes in a line, with those joined to it */
#define CONF_TABLES	2

struct conf;

/**
 * typedef conf_statement - reads one statement
 * @conf: gives the words behind the keyword
 * @config: the program's own structure
 *
 * Return: 0, or -1 after a complaint.
 */
typedef int (*conf_statement)(struct conf *conf, void *config);

/**
 * struct conf_keyword - one kind of statement; tables end with an empty one
 * @name: first word of the statement
 * @form: what follows it, for messages, such as "ADDRESS HOST[:PORT]"; may be ""
 * @read: reads it
 */
struct conf_keyword {
	const char *name;
	const char *form;
	conf_statement read;
};

/**
 * struct conf_place - where something was said, for complaints later on
 * @file: name of the file (not copied), NULL: the command line
 * @number: of the line or argument, from 1
 */
struct conf_place {
	const char *file;
	unsigned int number;
};

/**
 * typedef conf_complain - takes a complaint
 * @arg: as given in struct conf
 * @text: one line with its place, without newline
 */
typedef void (*conf_complain)(void *arg, const char *text);

/**
 * struct conf - a configuration that is being read
 * @tables: keywords; the second may be NULL
 * @configs: structures for the functions of each table
 * @complain: takes complaints; NULL: they are logged as errors
 * @arg: for @complain
 * @errors: complaints so far
 *
 * The caller sets @tables, @configs and, if it wants to, @complain and @arg; all else
 * begins as 0.
 */
struct conf {
	const struct conf_keyword *tables[CONF_TABLES];
	void *configs[CONF_TABLES];
	conf_complain complain;
	void *arg;
	unsigned int errors;

	/* private: */
	const struct conf_keyword *keyword;
	struct conf_place place;
	unsigned int first;
	char *const *words;
	size_t n_words;
	size_t next;
	const char *word;
};

/**
 * conf_read_file() - read a file
 * @conf: configuration
 * @path: its name, used in complaints; must outlive @conf and places taken from it
 *
 * Return: 0, or -1 if there were complaints.
 */
int conf_read_file(struct conf *conf, const char *path);

/**
 * conf_read_text() - read the text of a file
 * @conf: configuration
 * @file: its name, as in conf_read_file()
 * @text: any bytes
 * @len: their number
 *
 * Return: 0, or -1 if there were complaints.
 */
int conf_read_text(struct conf *conf, const char *file, const char *text, size_t len);

/**
 * conf_read_words() - read words of the command line
 * @conf: configuration
 * @words: the words, up to a NULL
 * @first: the number of the first, for complaints
 *
 * Return: 0, or -1 if there were complaints.
 */
int conf_read_words(struct conf *conf, char *const *words, unsigned int first);

/* For functions of keywords. */

/**
 * conf_peek() - look at the next word of the line without taking it
 * @conf: configuration
 *
 * Return: the word, valid until the function of the keyword returns; NULL at the end.
 */
const char *conf_peek(const struct conf *conf);

/**
 * conf_accept() - take the next word if it is a certain one
 * @conf: configuration
 * @word: which, such as "port" in "peer 3041 via 192.0.2.7 port 44041"
 *
 * Return: whether it was taken.
 */
bool conf_accept(struct conf *conf, const char *word);

/**
 * conf_take() - take the next word, whatever it is
 * @conf: configuration
 * @what: what it should be, for the complaint, such as "an address"
 *
 * Return: the word, valid until the function of the keyword returns; NULL after a
 *	complaint that @what is missing.
 */
const char *conf_take(struct conf *conf, const char *what);

/* A Chaosnet address of a host, in octal. */
int conf_addr(struct conf *conf, uint16_t *addr);

/* A subnet, in octal. */
int conf_subnet(struct conf *conf, uint8_t *subnet);

/* A decimal number, @what it is in words such as "a port", from @min to @max. */
int conf_number(struct conf *conf, const char *what, unsigned long min, unsigned long max,
		unsigned long *value);

/* A UDP or TCP port, 1 to 65535. */
int conf_port(struct conf *conf, uint16_t *port);

/* HOST, HOST:PORT, V6 or [V6]:PORT. */
int conf_endpoint(struct conf *conf, struct endpoint *ep);

/* A time such as 90, 90s, 5m, from @min to @max seconds. */
int conf_duration(struct conf *conf, unsigned long min, unsigned long max,
		  unsigned long *seconds);

/* "on" or "off". */
int conf_switch(struct conf *conf, bool *on);

/* The name of a link; @name has room for 16 bytes. */
int conf_link(struct conf *conf, char name[16]);

/* The path of a Unix socket; @path has room for 108 bytes. */
int conf_socket_path(struct conf *conf, char path[108]);

/* The name of a user of this machine; @name has room for @size bytes. */
int conf_user(struct conf *conf, char *name, size_t size);

/* One of @n words; @value is its index. */
int conf_choice(struct conf *conf, const char *what, const char *const *names, size_t n,
		size_t *value);

/**
 * conf_error() - complain about the word taken last
 * @conf: configuration
 * @fmt: what is wrong with it, to follow "'WORD': "
 *
 * Return: -1.
 */
int conf_error(struct conf *conf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * conf_place() - where we are, to be kept for conf_error_at()
 * @conf: configuration
 */
struct conf_place conf_place(const struct conf *conf);

/**
 * conf_error_at() - complain about something that was said before, or is missing
 * @conf: configuration
 * @place: where it was said; NULL: nowhere
 * @fmt: what is wrong
 *
 * Return: -1.
 */
int conf_error_at(struct conf *conf, const struct conf_place *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* TUNNEL_CONF_H */
