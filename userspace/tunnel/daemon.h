/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemons have in common: command line, configuration, event loop, signals,
 * systemd.
 *
 *	PROGRAM [-c FILE] [-v|-q] [--check-config] [--user NAME] [--ACTION] [WORD...]
 *
 * The configuration is what the file says and the words of the command line behind it.
 * The program's usual file is read if neither a file nor words are given.  All daemons
 * know the statements
 *
 *	user NAME	who to become when everything is open
 *	log LEVEL	error, warning, notice, info or debug
 *
 * An action is done in the place of being a daemon.
 *
 * SIGHUP reads the configuration anew, SIGUSR1 has the program report, SIGTERM and
 * SIGINT end it.
 */
#ifndef TUNNEL_DAEMON_H
#define TUNNEL_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "conf.h"

/* Exit statuses. */
#define DAEMON_OK	0
#define DAEMON_FAILED	1
#define DAEMON_USAGE	2	/* command line or configuration; no use in trying again */

struct daemon;

/**
 * struct daemon_action - something else that the program does
 * @name: long option, without "--"
 * @argument: what the option takes, such as "NAME"; NULL: nothing
 * @help: what it does, a few words for --help
 * @configured: whether the configuration is read before
 * @run: does it; @config from @config_new, NULL unless @configured; @argument NULL unless
 *	the option takes one.  Signals are as they were, privileges all there.
 *	Returns the exit status, DAEMON_*.
 */
struct daemon_action {
	const char *name;
	const char *argument;
	const char *help;
	bool configured;
	int (*run)(const void *config, const char *argument);
};

/**
 * struct daemon_program - what is special about a daemon
 * @name: such as "chaos-udp"
 * @summary: what it does, one line for --help
 * @words: the statements, for --help: lines that end in newlines
 * @config_file: its usual configuration file
 * @keywords: its statements; their functions write to what @config_new returns
 * @actions: ends with one without a name; NULL: there are none
 * @keep: capabilities that stay when privileges are dropped
 * @n_keep: their number
 * @config_new: makes a configuration with the defaults, NULL if there is no memory
 * @config_free: forgets one
 * @config_check: complains (conf_error_at()) about what cannot work as a whole; may be NULL
 * @start: opens everything, with privileges, and adds to the event loop.  Returns 0, or
 *	-1 after an error was logged: @stop is called then, too.
 * @reload: goes over to a new configuration, without privileges.  Returns 0, or -1
 *	after an error was logged: then the old one stays in force as if nothing had
 *	happened, and @next is freed.  Otherwise daemon->config is freed when it returns.
 * @report: logs state and counters, as notices
 * @stop: closes everything
 */
struct daemon_program {
	const char *name;
	const char *summary;
	const char *words;
	const char *config_file;
	const struct conf_keyword *keywords;
	const struct daemon_action *actions;
	const int *keep;
	size_t n_keep;

	void *(*config_new)(void);
	void (*config_free)(void *config);
	void (*config_check)(struct conf *conf, void *config);
	int (*start)(struct daemon *daemon);
	int (*reload)(struct daemon *daemon, void *next);
	void (*report)(struct daemon *daemon);
	void (*stop)(struct daemon *daemon);
};

/**
 * struct daemon - a daemon that runs
 * @program: what it is
 * @event: its loop
 * @config: the configuration in force, from @program->config_new
 * @state: for the program
 */
struct daemon {
	const struct daemon_program *program;
	sd_event *event;
	void *config;
	void *state;
};

/**
 * daemon_main() - be a daemon
 * @program: which
 * @state: for the program, as daemon->state
 * @argc: from main()
 * @argv: from main()
 *
 * Return: exit status, DAEMON_*.
 */
int daemon_main(const struct daemon_program *program, void *state, int argc, char **argv);

/**
 * daemon_status() - tell systemd in a line what goes on, for systemctl status
 * @fmt: the line, such as "3 links, 17 peers"
 */
void daemon_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * daemon_fail() - end because of something that cannot be helped
 * @daemon: daemon
 *
 * The error has been logged.  Returns; the loop ends soon after, daemon_main() with
 * DAEMON_FAILED.
 */
void daemon_fail(struct daemon *daemon);

#endif /* TUNNEL_DAEMON_H */
