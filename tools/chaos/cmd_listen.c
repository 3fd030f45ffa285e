// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chaos listen: serve a contact, with standard input and output or a command
 * for each connection.
 *
 * All signals of interest are blocked except while the loop waits in ppoll().
 * SIGINT and SIGTERM close the listening socket; commands that run then finish.
 * A second one is not caught.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <linux/chaos.h>

#include "chaos_addr.h"
#include "chaos_charset.h"
#include "chaos_sockaddr.h"
#include "options.h"
#include "report.h"
#include "stream.h"

#define BACKLOG		32
#define COMMANDS_MAX	256	/* running at once; further callers wait */
#define RETRY_MS	1000	/* after running out of descriptors or memory */

struct listen {
	const char *contact;
	const char *command;		/* NULL: standard input and output */
	bool once, verbose, translate;
	int window;
	int fd;				/* -1: not listening any more */
	sigset_t unblocked;		/* the signal mask we were started with */
	unsigned int running;		/* commands */
	int failed;			/* wait status of a command that failed, 0: none */
};

/* Who calls. */
struct caller {
	int fd;
	char addr[CHAOS_ADDR_STRLEN];
	char contact[CHAOS_DATA_MAX + 1];
	char args[CHAOS_DATA_MAX + 1];
};

static volatile sig_atomic_t stop_signal;

static void on_stop(int sig)
{
	stop_signal = sig;
}

static void on_child(int sig)
{
	(void)sig;	/* ppoll() returns, that is all */
}

/* What we catch, and what was to happen with it before. */
static struct {
	int sig;
	void (*handler)(int);
	struct sigaction before;
} caught[] = {
	{ .sig = SIGINT, .handler = on_stop },
	{ .sig = SIGTERM, .handler = on_stop },
	{ .sig = SIGCHLD, .handler = on_child },
};

#define N_CAUGHT	(sizeof(caught) / sizeof(caught[0]))

static void catch_signals(struct listen *l)
{
	sigset_t mask;
	size_t i;

	sigemptyset(&mask);
	for (i = 0; i < N_CAUGHT; i++)
		sigaddset(&mask, caught[i].sig);
	sigprocmask(SIG_BLOCK, &mask, &l->unblocked);
	for (i = 0; i < N_CAUGHT; i++) {
		struct sigaction action = { .sa_handler = caught[i].handler };

		sigaction(caught[i].sig, NULL, &caught[i].before);
		/* A background job keeps ignoring SIGINT. */
		if (caught[i].before.sa_handler != SIG_IGN || caught[i].sig == SIGCHLD)
			sigaction(caught[i].sig, &action, NULL);
	}
}

static void restore_signals(const struct listen *l)
{
	size_t i;

	for (i = 0; i < N_CAUGHT; i++)
		sigaction(caught[i].sig, &caught[i].before, NULL);
	sigprocmask(SIG_SETMASK, &l->unblocked, NULL);
}

/* The next signal that wants us to stop need not wait for commands. */
static void stop_catching(void)
{
	size_t i;

	for (i = 0; i < N_CAUGHT; i++)
		if (caught[i].handler == on_stop)
			sigaction(caught[i].sig, &caught[i].before, NULL);
}

static void stop_listening(struct listen *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* Open the listening socket; returns an exit status. */
static int start_listening(struct listen *l)
{
	struct sockaddr_chaos sa;
	socklen_t len = chaos_sockaddr(&sa, 0, l->contact);

	l->fd = stream_socket(l->window);
	if (l->fd >= 0 && !bind(l->fd, (struct sockaddr *)&sa, len) && !listen(l->fd, BACKLOG)) {
		if (l->verbose)
			say("listening for %s", l->contact);
		return CHAOS_EXIT_OK;
	}
	return listen_error(l->contact, errno);
}

/* Split what the caller asked for into contact and arguments. */
static void read_request(struct caller *caller)
{
	socklen_t len = CHAOS_DATA_MAX;
	char *space;

	caller->args[0] = 0;
	if (getsockopt(caller->fd, SOL_CHAOS, CHAOS_RFC_DATA, caller->contact, &len))
		len = 0;
	caller->contact[len] = 0;
	space = memchr(caller->contact, ' ', len);
	if (!space)
		return;
	*space = 0;
	memcpy(caller->args, space + 1, caller->contact + len - space);
}

static void show_caller(const struct caller *caller)
{
	char contact[sizeof(caller->contact)], args[sizeof(caller->args)];

	chaos_text_printable(contact, caller->contact, strlen(caller->contact));
	chaos_text_printable(args, caller->args, strlen(caller->args));
	say("%s: %s%s%s", caller->addr, contact, *args ? " " : "", args);
}

/*
 * Take one connection, if there is one.  Returns 1 if so, 0 if not, -1 when
 * resources are short, and -2 with errno when listening has no future.
 */
static int take_caller(struct listen *l, struct caller *caller)
{
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);

	caller->fd = accept4(l->fd, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC);
	if (caller->fd < 0) {
		switch (stream_accept_failure(errno)) {
		case STREAM_NOBODY:
			return 0;
		case STREAM_LATER:
			say("%s: cannot accept yet: %m", l->contact);
			return -1;
		case STREAM_NEVER:
			return -2;
		}
	}
	chaos_addr_format(sa.sch_addr, caller->addr);
	read_request(caller);
	if (l->verbose)
		show_caller(caller);
	return 1;
}

/* In the child: become the command, with the connection as its 0 and 1. */
static void __attribute__((noreturn)) exec_command(const struct listen *l,
						   const struct caller *caller)
{
	restore_signals(l);
	if (dup2(caller->fd, STDIN_FILENO) < 0 || dup2(caller->fd, STDOUT_FILENO) < 0 ||
	    setenv("CHAOS_PEER", caller->addr, 1) ||
	    setenv("CHAOS_CONTACT", caller->contact, 1) ||
	    setenv("CHAOS_ARGS", caller->args, 1)) {
		say("cannot prepare the command: %m");
		_exit(127);
	}
	execl("/bin/sh", "sh", "-c", l->command, (char *)NULL);
	say("cannot run /bin/sh: %m");
	_exit(127);
}

static void start_command(struct listen *l, const struct caller *caller)
{
	pid_t pid = fork();

	if (!pid)
		exec_command(l, caller);
	if (pid < 0)
		say("%s: cannot start the command: %m", caller->addr);
	else
		l->running++;
	close(caller->fd);
}

static void reap(struct listen *l)
{
	int status;

	while (waitpid(-1, &status, WNOHANG) > 0) {
		l->running--;
		if (status)
			l->failed = status;
	}
}

/* Wait for a caller, the end of a command or a signal. */
static bool wait_event(struct listen *l, bool pause)
{
	bool want = l->fd >= 0 && l->running < COMMANDS_MAX && !pause;
	const struct timespec retry = { .tv_sec = RETRY_MS / 1000 };
	struct pollfd pfd = { .fd = want ? l->fd : -1, .events = POLLIN };

	return ppoll(&pfd, 1, pause ? &retry : NULL, &l->unblocked) > 0 && !stop_signal;
}

static int serve_commands(struct listen *l)
{
	struct caller caller;
	int taken = 0;

	while (l->fd >= 0 || l->running) {
		bool event = wait_event(l, taken == -1);

		reap(l);
		if (stop_signal) {
			stop_listening(l);
			stop_catching();
		}
		taken = event ? take_caller(l, &caller) : 0;
		if (taken == -2) {
			say("%s: cannot accept: %m", l->contact);
			return CHAOS_EXIT_LOCAL;
		}
		if (taken != 1)
			continue;
		start_command(l, &caller);
		if (l->once)
			stop_listening(l);
	}
	return CHAOS_EXIT_OK;
}

/* One connection, for standard input and output. */
static int serve_stdio(struct listen *l)
{
	struct pump pump = {
		.in = STDIN_FILENO, .out = STDOUT_FILENO, .translate = l->translate,
	};
	struct caller caller;
	int taken = 0;

	while (taken != 1) {
		bool event = wait_event(l, taken == -1);

		if (stop_signal)
			return CHAOS_EXIT_OK;
		taken = event ? take_caller(l, &caller) : 0;
		if (taken == -2) {
			say("%s: cannot accept: %m", l->contact);
			return CHAOS_EXIT_LOCAL;
		}
	}
	stop_listening(l);
	restore_signals(l);
	pump.net = caller.fd;
	return stream_pump(&pump, caller.addr, caller.contact);
}

static int command_status(const struct listen *l)
{
	if (!l->once || !l->failed)
		return CHAOS_EXIT_OK;
	if (WIFSIGNALED(l->failed))
		say("the command was killed by signal %d", WTERMSIG(l->failed));
	else
		say("the command failed with status %d", WEXITSTATUS(l->failed));
	return CHAOS_EXIT_LOCAL;
}

static int listen_options(struct listen *l, const struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "exec", required_argument, NULL, 'e' },
		{ "once", no_argument, NULL, '1' },
		{ "window", required_argument, NULL, 'w' },
		{ "lispm", no_argument, NULL, 'l' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "e:1w:lvh", options, NULL)) != -1) {
		switch (opt) {
		case 'e':
			l->command = optarg;
			break;
		case '1':
			l->once = true;
			break;
		case 'w':
			if (parse_number(cmd, "window", optarg, 1, WINDOW_MAX, &l->window))
				return CHAOS_EXIT_USAGE;
			break;
		case 'l':
			l->translate = true;
			break;
		case 'v':
			l->verbose = true;
			break;
		case 'h':
			exit(show_help(cmd));
		default:
			return CHAOS_EXIT_USAGE;
		}
	}
	if (argc - optind != 1)
		return usage_error(cmd, "listen: one contact name is needed");
	if (l->command && l->translate)
		return usage_error(cmd, "listen: -l does not go with -e: "
				   "a command has the connection itself");
	l->contact = argv[optind];
	return parse_contact(cmd, l->contact);
}

static int run_listen(const struct cmd *cmd, int argc, char **argv)
{
	struct listen l = { .fd = -1 };
	int status = listen_options(&l, cmd, argc, argv);

	if (!status) {
		catch_signals(&l);
		status = start_listening(&l);
	}
	if (status)
		return status;
	if (!l.command)
		return serve_stdio(&l);
	status = serve_commands(&l);
	return status ? status : command_status(&l);
}

const struct cmd cmd_listen = {
	.name = "listen",
	.usage = "listen [-1lv] [-w PACKETS] [-e COMMAND] CONTACT",
	.about = "Serve a contact with standard input and output, or with a command",
	.help =
	"  -e, --exec COMMAND    run COMMAND for each connection, which is its standard\n"
	"                        input and output; CHAOS_PEER, CHAOS_CONTACT and\n"
	"                        CHAOS_ARGS in its environment say who wants what\n"
	"  -1, --once            with -e, serve one connection only\n"
	"  -w, --window PACKETS  let the peer send so many packets ahead\n"
	"  -l, --lispm           without -e, convert to and from Lisp Machine characters\n"
	"  -v, --verbose         tell of connections on standard error\n",
	.run = run_listen,
};
