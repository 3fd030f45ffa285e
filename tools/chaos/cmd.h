/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands of chaos(1). */
#ifndef CHAOS_CMD_H
#define CHAOS_CMD_H

/* Exit statuses; part of the interface. */
enum {
	CHAOS_EXIT_OK,
	CHAOS_EXIT_USAGE,	/* the command line makes no sense */
	CHAOS_EXIT_PEER,	/* refused, unreachable, silent or lost */
	CHAOS_EXIT_LOCAL,	/* something failed on this machine */
};

/**
 * struct cmd - a subcommand
 * @name: as typed
 * @usage: one line, what follows "chaos"
 * @about: one line for the list of subcommands
 * @help: the options, for --help
 * @run: called with @name as argv[0]; returns the exit status
 */
struct cmd {
	const char *name;
	const char *usage;
	const char *about;
	const char *help;
	int (*run)(const struct cmd *cmd, int argc, char **argv);
};

extern const struct cmd cmd_status, cmd_time, cmd_uptime, cmd_routes, cmd_lastcn, cmd_call,
			cmd_listen, cmd_dump, cmd_perf;

#endif /* CHAOS_CMD_H */
