// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "daemon.h"
#include "log.h"
#include "privs.h"

#define USER_LEN	64

/* What all daemons can be told, by statements. */
struct settings {
	char user[USER_LEN];
	int level;
};

/**
 * struct run - a daemon that runs, as this file sees it
 * @daemon: as the program sees it; first, see daemon_run()
 * @file: configuration file, NULL: none
 * @words: of the command line
 * @first: number of the first of them
 * @only_check: end after the configuration is read
 * @louder: options -v less options -q
 * @user: option --user
 * @action: to be done, NULL: be a daemon
 * @argument: for @action
 * @settings: in force
 */
struct run {
	struct daemon daemon;
	const char *file;
	char **words;
	unsigned int first;
	bool only_check;
	int louder;
	const char *user;
	const struct daemon_action *action;
	const char *argument;
	struct settings settings;
};

/* --------------------------------------------------------------- configuration */

static int read_user(struct conf *conf, void *config)
{
	struct settings *settings = config;

	return conf_user(conf, settings->user, sizeof(settings->user));
}

static int read_log(struct conf *conf, void *config)
{
	struct settings *settings = config;
	const char *names[LOG_DEBUG - LOG_ERR + 1];
	size_t index;

	for (int level = LOG_ERR; level <= LOG_DEBUG; level++)
		names[level - LOG_ERR] = log_level_name(level);
	if (conf_choice(conf, "a log level", names, LOG_DEBUG - LOG_ERR + 1, &index))
		return -1;
	settings->level = LOG_ERR + index;
	return 0;
}

static const struct conf_keyword common_keywords[] = {
	{ "user", "NAME", read_user },
	{ "log", "LEVEL", read_log },
	{ NULL }
};

/* For --check-config: without our name, so that editors find the place. */
static void print_complaint(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

/* Returns the program's configuration, or NULL after complaints. */
static void *read_config(struct run *run, struct settings *settings)
{
	const struct daemon_program *program = run->daemon.program;
	void *config = program->config_new();
	struct conf conf = {
		.tables = { common_keywords, program->keywords },
		.configs = { settings, config },
		.complain = run->only_check ? print_complaint : NULL,
	};

	if (!config) {
		log_error("no memory");
		return NULL;
	}
	*settings = (struct settings) { .level = LOG_NOTICE };
	if (run->file)
		conf_read_file(&conf, run->file);
	conf_read_words(&conf, run->words, run->first);
	if (!conf.errors && program->config_check)
		program->config_check(&conf, config);
	if (!conf.errors)
		return config;
	program->config_free(config);
	return NULL;
}

/* Options of the command line count for more than the configuration. */
static void apply_level(const struct run *run)
{
	int level = run->settings.level;

	if (run->louder)
		level = LOG_NOTICE + run->louder;
	log_set_level(level < LOG_ERR ? LOG_ERR : level > LOG_DEBUG ? LOG_DEBUG : level);
}

/* --------------------------------------------------------------------- signals */

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct daemon *daemon = arg;

	(void)source;
	log_info("ending: signal %s", sigabbrev_np(info->ssi_signo));
	sd_event_exit(daemon->event, DAEMON_OK);
	return 0;
}

/* Returns 0 if the new configuration is in force. */
static int reload(struct run *run)
{
	struct daemon *daemon = &run->daemon;
	struct settings settings;
	void *next = read_config(run, &settings);

	if (!next)
		return -1;
	if (daemon->program->reload(daemon, next)) {
		daemon->program->config_free(next);
		return -1;
	}
	daemon->program->config_free(daemon->config);
	daemon->config = next;
	if (strcmp(settings.user, run->settings.user) && !run->user)
		log_warning("another user needs a restart");
	run->settings = settings;
	apply_level(run);
	return 0;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct run *run = arg;
	struct timespec now;

	(void)source;
	(void)info;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   now.tv_sec * 1000000ull + now.tv_nsec / 1000);
	if (reload(run))
		log_error("the configuration stays as it was");
	else
		log_notice("the configuration was read anew");
	sd_notify(0, "READY=1");
	return 0;
}

/* Who asks for a report wants to see it, however quiet we are otherwise. */
static int on_report(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct daemon *daemon = arg;
	int level = log_level();

	(void)source;
	(void)info;
	if (level < LOG_NOTICE)
		log_set_level(LOG_NOTICE);
	daemon->program->report(daemon);
	log_set_level(level);
	return 0;
}

/* They must be blocked before there are threads. */
static void block_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int add_signals(struct run *run)
{
	static const struct {
		int number;
		sd_event_signal_handler_t handler;
	} signals[] = {
		{ SIGTERM, on_end },
		{ SIGINT, on_end },
		{ SIGHUP, on_reload },
		{ SIGUSR1, on_report },
	};
	int status = 0;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]) && status >= 0; i++)
		status = sd_event_add_signal(run->daemon.event, NULL, signals[i].number,
					     signals[i].handler, run);
	return status;
}

/* --------------------------------------------------------------------- running */

static int make_loop(struct run *run)
{
	int status = sd_event_default(&run->daemon.event);

	if (status >= 0)
		status = add_signals(run);
	if (status >= 0)
		status = sd_event_set_watchdog(run->daemon.event, true);
	if (status < 0)
		log_error("there is no event loop: %s", strerror(-status));
	return status < 0 ? -1 : 0;
}

static int start(struct run *run)
{
	const struct daemon_program *program = run->daemon.program;
	const char *user = run->user ? run->user : run->settings.user;

	if (program->start(&run->daemon))
		return -1;
	return privs_drop(*user ? user : NULL, program->keep, program->n_keep);
}

/* Returns the exit status. */
static int loop(struct run *run)
{
	int status;

	sd_notify(0, "READY=1");
	status = sd_event_loop(run->daemon.event);
	if (status < 0) {
		log_error("the event loop failed: %s", strerror(-status));
		status = DAEMON_FAILED;
	}
	sd_notify(0, "STOPPING=1");
	return status;
}

static int daemon_run(struct run *run)
{
	struct daemon *daemon = &run->daemon;
	int status = DAEMON_FAILED;

	block_signals();
	if (!make_loop(run)) {
		if (!start(run))
			status = loop(run);
		daemon->program->stop(daemon);
	}
	sd_event_unref(daemon->event);
	return status;
}

/* ---------------------------------------------------------------- command line */

static void print_actions(const struct daemon_action *action)
{
	char option[64];

	for (; action && action->name; action++) {
		snprintf(option, sizeof(option), "--%s%s%s", action->name,
			 action->argument ? " " : "", action->argument ? action->argument : "");
		printf("      %-15s %s\n", option, action->help);
	}
}

static void print_help(const struct daemon_program *program)
{
	printf("Usage: %s [OPTION]... [STATEMENT]...\n"
	       "%s\n\n"
	       "Options:\n"
	       "  -c, --config FILE   read the configuration from FILE\n"
	       "      --check-config  only look for mistakes in the configuration\n",
	       program->name, program->summary);
	print_actions(program->actions);
	printf("  -u, --user NAME     become NAME when everything is open\n"
	       "  -v, --verbose       tell more; twice: tell everything\n"
	       "  -q, --quiet         tell warnings and errors only; twice: errors only\n"
	       "  -h, --help          print this\n"
	       "  -V, --version       print the version\n\n"
	       "Statements, in the configuration file or as arguments:\n"
	       "%s"
	       "  user NAME\n"
	       "  log error|warning|notice|info|debug\n\n"
	       "Without --config and statements, %s is read.\n",
	       program->words, program->config_file);
}

/* Actions are numbered from OPTION_ACTION on. */
enum { OPTION_CHECK = 256, OPTION_ACTION };

static const struct option common_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check-config", no_argument, NULL, OPTION_CHECK },
	{ "user", required_argument, NULL, 'u' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};

#define N_COMMON	(sizeof(common_options) / sizeof(common_options[0]))

/* To be freed; NULL: there is no memory. */
static struct option *all_options(const struct daemon_action *actions)
{
	struct option *options;
	size_t n = 0;

	while (actions && actions[n].name)
		n++;
	options = calloc(N_COMMON + n + 1, sizeof(*options));
	if (!options)
		return NULL;
	memcpy(options, common_options, sizeof(common_options));
	for (size_t i = 0; i < n; i++)
		options[N_COMMON + i] = (struct option) {
			.name = actions[i].name,
			.has_arg = actions[i].argument ? required_argument : no_argument,
			.val = OPTION_ACTION + i,
		};
	return options;
}

/* Returns -1 to go on, or an exit status. */
static int choose_action(struct run *run, const struct daemon_action *action)
{
	if (run->action && run->action != action) {
		log_error("--%s and --%s: one at a time", run->action->name, action->name);
		return DAEMON_USAGE;
	}
	run->action = action;
	run->argument = optarg;
	return -1;
}

/* Returns -1 to go on, or an exit status. */
static int read_option(struct run *run, int option)
{
	if (option >= OPTION_ACTION)
		return choose_action(run, &run->daemon.program->actions[option - OPTION_ACTION]);
	switch (option) {
	case 'c':
		run->file = optarg;
		return -1;
	case OPTION_CHECK:
		run->only_check = true;
		return -1;
	case 'u':
		run->user = optarg;
		return -1;
	case 'v':
		run->louder++;
		return -1;
	case 'q':
		run->louder--;
		return -1;
	case 'h':
		print_help(run->daemon.program);
		return DAEMON_OK;
	case 'V':
		printf("%s %s\n", run->daemon.program->name, TUNNEL_VERSION);
		return DAEMON_OK;
	default:
		fprintf(stderr, "Try: %s --help\n", run->daemon.program->name);
		return DAEMON_USAGE;
	}
}

/* Returns -1 to go on, or an exit status. */
static int read_options(struct run *run, int argc, char **argv)
{
	struct option *options = all_options(run->daemon.program->actions);
	int option, status = -1;

	if (!options) {
		log_error("no memory");
		return DAEMON_FAILED;
	}
	/* "+": words that follow are statements, even if a "-" begins one of them. */
	while (status < 0 && (option = getopt_long(argc, argv, "+c:u:vqhV", options, NULL)) >= 0)
		status = read_option(run, option);
	free(options);
	run->first = optind;
	run->words = argv + optind;
	if (!run->file && !*run->words)
		run->file = run->daemon.program->config_file;
	return status;
}

/* Returns an exit status.  Statements would be for nobody. */
static int act_unconfigured(const struct run *run)
{
	if (*run->words) {
		log_error("'%s': --%s takes no statements", *run->words, run->action->name);
		return DAEMON_USAGE;
	}
	return run->action->run(NULL, run->argument);
}

static int work(struct run *run)
{
	if (run->action)
		return run->action->run(run->daemon.config, run->argument);
	if (!run->only_check)
		return daemon_run(run);
	printf("%s: no mistakes\n", run->file ? run->file : "command line");
	return DAEMON_OK;
}

int daemon_main(const struct daemon_program *program, void *state, int argc, char **argv)
{
	struct run run = { .daemon = { .program = program, .state = state } };
	int status;

	log_init(program->name);
	status = read_options(&run, argc, argv);
	if (status >= 0)
		return status;
	if (run.action && !run.action->configured)
		return act_unconfigured(&run);
	run.daemon.config = read_config(&run, &run.settings);
	if (!run.daemon.config)
		return DAEMON_USAGE;
	apply_level(&run);
	status = work(&run);
	program->config_free(run.daemon.config);
	return status;
}

void daemon_status(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sd_notifyf(0, "STATUS=%s", text);
}

void daemon_fail(struct daemon *daemon)
{
	sd_event_exit(daemon->event, DAEMON_FAILED);
}
