/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the standard error output: for the journal if that is what it is, with
 * priorities, otherwise for people.
 *
 * What happens once (a peer appears, a link is lost) is told by log_error(),
 * log_warning(), log_notice(), log_info(), log_debug().  What somebody else can cause
 * as often as they like is told by log_limited(), which counts instead when it becomes
 * too much.  Nothing is logged per packet.  Control bytes in messages become "?".
 */
#ifndef TUNNEL_LOG_H
#define TUNNEL_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>	/* LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG */

#define LOG_BURST	5	/* messages of one kind in LOG_INTERVAL */
#define LOG_INTERVAL	30	/* seconds */

/**
 * struct log_site - a place in the program that logs with a limit
 * @since: when counting began, in seconds
 * @told: messages since
 * @kept: messages not told since
 *
 * Begins as 0.  For one thread only.
 */
struct log_site {
	uint64_t since;
	unsigned int told;
	unsigned int kept;
};

/**
 * log_init() - say who we are
 * @program: name to put before messages for people; not copied
 *
 * Finds out whether the standard error output is the journal.  Before it, messages
 * are for people, without a name.
 */
void log_init(const char *program);

/**
 * log_set_level() - choose what is told
 * @level: the least important kind; at first LOG_NOTICE
 */
void log_set_level(int level);

/**
 * log_level() - what is told at present
 *
 * Return: the least important kind, LOG_ERR to LOG_DEBUG.
 */
int log_level(void);

/**
 * log_level_name() - a level in one word
 * @level: LOG_ERR to LOG_DEBUG
 *
 * Return: "error", "warning", "notice", "info" or "debug".
 */
const char *log_level_name(int level);

/**
 * log_message() - tell something
 * @level: LOG_ERR to LOG_DEBUG
 * @fmt: one line, without newline
 *
 * Does not change errno.  For any thread.
 */
void log_message(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * log_make_printable() - replace control bytes by "?"
 * @text: a text that somebody else may have written
 *
 * A line stays one line, and does not steer a terminal.
 */
void log_make_printable(char *text);

/**
 * log_site_allows() - count a message and look whether it may be told
 * @site: its place in the program
 * @level: its level
 *
 * When telling starts again, the number of those that were not told is told first.  For any
 * thread.
 */
bool log_site_allows(struct log_site *site, int level);

/* The arguments are not evaluated unless the message is told. */
#define log_at(level, ...) do {						\
	if ((level) <= log_level())					\
		log_message(level, __VA_ARGS__);			\
} while (0)

#define log_error(...)		log_at(LOG_ERR, __VA_ARGS__)
#define log_warning(...)	log_at(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)		log_at(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)		log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...)		log_at(LOG_DEBUG, __VA_ARGS__)

#define log_limited(level, ...) do {					\
	static struct log_site log_site_;				\
									\
	if ((level) <= log_level() && log_site_allows(&log_site_, level)) \
		log_message(level, __VA_ARGS__);			\
} while (0)

#endif /* TUNNEL_LOG_H */
