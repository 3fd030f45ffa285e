// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos: the user's client for Chaosnet. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "report.h"

static const struct cmd *const cmds[] = {
	&cmd_status,
	&cmd_time,
	&cmd_uptime,
	&cmd_routes,
	&cmd_lastcn,
	&cmd_call,
	&cmd_listen,
	&cmd_dump,
	&cmd_perf,
};

#define N_CMDS	(sizeof(cmds) / sizeof(cmds[0]))

static void help(FILE *out)
{
	size_t i;

	fputs("Usage: chaos COMMAND [OPTION...] ARGUMENT...\n\nCommands:\n", out);
	for (i = 0; i < N_CMDS; i++)
		fprintf(out, "  %-9s %s\n", cmds[i]->name, cmds[i]->about);
	fputs("\nA HOST is an octal address or a name in /etc/chaosnet/hosts.\n"
	      "\"chaos COMMAND --help\" explains a command; see also chaos(1).\n", out);
}

/*
 * A socket must not become standard input or output of a program that was
 * started without them.  Using what is opened here instead gives EBADF.
 */
static int open_standard_fds(void)
{
	static const int mode[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd]) != fd)
			return -1;
	return 0;
}

static int run(int argc, char **argv)
{
	static char name[] = "chaos";	/* in getopt's messages */
	size_t i;

	if (argc < 2) {
		help(stderr);
		return CHAOS_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help(stdout);
		return CHAOS_EXIT_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("chaos " VERSION);
		return CHAOS_EXIT_OK;
	}
	for (i = 0; i < N_CMDS; i++) {
		if (!strcmp(argv[1], cmds[i]->name)) {
			argv[1] = name;
			return cmds[i]->run(cmds[i], argc - 1, argv + 1);
		}
	}
	say("%s: no such command; \"chaos --help\" lists them", argv[1]);
	return CHAOS_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int status;

	if (open_standard_fds())
		return CHAOS_EXIT_LOCAL;
	status = run(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		say("cannot write the output: %m");
		return CHAOS_EXIT_LOCAL;
	}
	return status;
}
