// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon from start to end, in a process of its own; the test is its service manager
 * and hears of everything through the notification socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture.h"
#include "daemon.h"
#include "log.h"

#define LIMIT	60000	/* milliseconds until a test has failed */
#define N_WORDS	12

/* ------------------------------------------------------------- the daemon */

static char directory[] = "/tmp/daemon_test.XXXXXX";
static char config_file[sizeof(directory) + 16];

struct config {
	unsigned long value;
};

static int read_value(struct conf *conf, void *config)
{
	return conf_number(conf, "a value", 1, 100, &((struct config *)config)->value);
}

static const struct conf_keyword keywords[] = {
	{ "value", "N", read_value },
	{ NULL }
};

static void *config_new(void)
{
	return calloc(1, sizeof(struct config));
}

static void config_check(struct conf *conf, void *config)
{
	if (((struct config *)config)->value == 13)
		conf_error_at(conf, NULL, "13 is unlucky");
}

static int on_deferred(sd_event_source *source, void *arg)
{
	(void)source;
	log_error("it cannot be helped");
	daemon_fail(arg);
	return 0;
}

static int start(struct daemon *daemon)
{
	const struct config *config = daemon->config;

	daemon_status("start %lu %s", config->value, (char *)daemon->state);
	if (config->value == 66) {
		log_error("66 cannot be started");
		return -1;
	}
	if (config->value == 67)
		sd_event_add_defer(daemon->event, NULL, on_deferred, daemon);
	return 0;
}

static int reload(struct daemon *daemon, void *next)
{
	const struct config *old = daemon->config, *new = next;

	if (new->value == 99) {
		log_error("99 cannot be had");
		return -1;
	}
	daemon_status("reload %lu to %lu", old->value, new->value);
	return 0;
}

static void report(struct daemon *daemon)
{
	log_notice("value %lu", ((const struct config *)daemon->config)->value);
	daemon_status("report %lu level %s user %d", ((const struct config *)daemon->config)->value,
		      log_level_name(log_level()), geteuid());
}

static void stop(struct daemon *daemon)
{
	daemon_status("stop %lu", ((const struct config *)daemon->config)->value);
}

static int show(const void *config, const char *argument)
{
	printf("value %lu%s\n", ((const struct config *)config)->value, argument ? "?" : "");
	return DAEMON_FAILED;
}

static int make(const void *config, const char *argument)
{
	printf("%smade %s\n", config ? "?" : "", argument);
	return DAEMON_OK;
}

static const struct daemon_action actions[] = {
	{ "show", NULL, "tell the value", true, show },
	{ "make", "THING", "make THING", false, make },
	{ NULL }
};

static const struct daemon_program program = {
	.name = "testd",
	.summary = "Does nothing.",
	.words = "  value N\n",
	.config_file = config_file,
	.keywords = keywords,
	.actions = actions,
	.config_new = config_new,
	.config_free = free,
	.config_check = config_check,
	.start = start,
	.reload = reload,
	.report = report,
	.stop = stop,
};

/* ----------------------------------------------------- its service manager */

struct fixture {
	int notify;
	pid_t pid;
	int output;		/* its standard output and standard error output */
	char text[CAPTURE_LEN];
};

static void write_config(const char *text)
{
	FILE *f = fopen(config_file, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	static struct fixture f;
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	snprintf(name.sun_path, sizeof(name.sun_path), "%s/notify", directory);
	unlink(name.sun_path);
	memset(&f, 0, sizeof(f));
	f.notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (f.notify < 0 || bind(f.notify, (struct sockaddr *)&name, sizeof(name)) ||
	    chmod(name.sun_path, 0777))
		return -1;
	setenv("NOTIFY_SOCKET", name.sun_path, 1);
	f.output = memfd_create("output", MFD_CLOEXEC);
	*state = &f;
	return f.output < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->pid) {
		kill(f->pid, SIGKILL);
		waitpid(f->pid, NULL, 0);
	}
	close(f->notify);
	close(f->output);
	unlink(config_file);
	return 0;
}

/* Runs it with these words, up to a NULL. */
static void run(struct fixture *f, ...)
{
	char *argv[N_WORDS + 2] = { (char *)"testd" };
	int argc = 1;
	va_list args;

	va_start(args, f);
	while (argc <= N_WORDS && (argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	fflush(stdout);
	f->pid = fork();
	assert_true(f->pid >= 0);
	if (f->pid)
		return;
	dup2(f->output, STDOUT_FILENO);
	dup2(f->output, STDERR_FILENO);
	exit(daemon_main(&program, (char *)"state", argc, argv));
}

/* The next message it sends must be this, but for what comes behind. */
static void expect(struct fixture *f, const char *message)
{
	struct pollfd wait = { .fd = f->notify, .events = POLLIN };
	char text[1024];
	ssize_t len;

	assert_int_equal(poll(&wait, 1, LIMIT), 1);
	len = recv(f->notify, text, sizeof(text) - 1, 0);
	assert_true(len > 0);
	text[len] = '\0';
	if (strncmp(text, message, strlen(message)))
		assert_string_equal(text, message);
}

/* It must end with this status; returns all it said. */
static const char *ends(struct fixture *f, int expected)
{
	ssize_t len;
	int status;

	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	f->pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
	len = pread(f->output, f->text, sizeof(f->text) - 1, 0);
	assert_true(len >= 0);
	f->text[len] = '\0';
	return f->text;
}

/* ------------------------------------------------------------------- tests */

static void whole_life(void **state)
{
	struct fixture *f = *state;

	write_config("value 7\n");
	run(f, NULL);
	expect(f, "STATUS=start 7 state");
	expect(f, "READY=1");
	kill(f->pid, SIGTERM);
	expect(f, "STOPPING=1");
	expect(f, "STATUS=stop 7");
	assert_string_equal(ends(f, DAEMON_OK), "");

	run(f, "-v", "value", "8", NULL);
	expect(f, "STATUS=start 8");
	expect(f, "READY=1");
	kill(f->pid, SIGINT);
	expect(f, "STOPPING=1");
	expect(f, "STATUS=stop 8");
	assert_string_equal(ends(f, DAEMON_OK), "testd: ending: signal INT\n");
}

static void reloads(void **state)
{
	struct fixture *f = *state;
	char expected[512];

	write_config("value 7\n");
	run(f, NULL);
	expect(f, "STATUS=start 7");
	expect(f, "READY=1");

	write_config("value 8\nlog debug\n");
	kill(f->pid, SIGHUP);
	expect(f, "RELOADING=1\nMONOTONIC_USEC=");
	expect(f, "STATUS=reload 7 to 8");
	expect(f, "READY=1");

	/* A bad one. */
	write_config("value x\n");
	kill(f->pid, SIGHUP);
	expect(f, "RELOADING=1");
	expect(f, "READY=1");

	/* One that does not work. */
	write_config("value 99\nlog error\n");
	kill(f->pid, SIGHUP);
	expect(f, "RELOADING=1");
	expect(f, "READY=1");

	/* None. */
	unlink(config_file);
	kill(f->pid, SIGHUP);
	expect(f, "RELOADING=1");
	expect(f, "READY=1");

	kill(f->pid, SIGUSR1);
	expect(f, "STATUS=report 8 level debug");
	kill(f->pid, SIGTERM);
	expect(f, "STOPPING=1");
	expect(f, "STATUS=stop 8");
	snprintf(expected, sizeof(expected),
		 "testd: the configuration was read anew\n"
		 "testd: %s:1: 'x': a decimal number is needed\n"
		 "testd: the configuration stays as it was\n"
		 "testd: 99 cannot be had\n"
		 "testd: the configuration stays as it was\n"
		 "testd: %s: cannot be read: No such file or directory\n"
		 "testd: the configuration stays as it was\n"
		 "testd: value 8\n"
		 "testd: ending: signal TERM\n", config_file, config_file);
	assert_string_equal(ends(f, DAEMON_OK), expected);
}

static void levels(void **state)
{
	static const struct {
		const char *option, *level, *expected;
	} rows[] = {
		{ NULL, "notice", "notice" },
		{ NULL, "error", "notice" },	/* for the report */
		{ NULL, "debug", "debug" },
		{ "-v", "error", "info" },
		{ "-vv", "error", "debug" },
		{ "-vvv", "error", "debug" },
		{ "-vq", "info", "info" },
		{ "-q", "debug", "notice" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char expected[64];

		if (rows[i].option)
			run(f, rows[i].option, "value", "7", "log", rows[i].level, NULL);
		else
			run(f, "value", "7", "log", rows[i].level, NULL);
		expect(f, "STATUS=start 7");
		expect(f, "READY=1");
		kill(f->pid, SIGUSR1);
		snprintf(expected, sizeof(expected), "STATUS=report 7 level %s", rows[i].expected);
		expect(f, expected);
		kill(f->pid, SIGTERM);
		expect(f, "STOPPING=1");
		expect(f, "STATUS=stop 7");
		assert_non_null(strstr(ends(f, DAEMON_OK), "testd: value 7\n"));
	}
}

static void users(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct fixture *f = *state;
	char expected[64];

	if (geteuid() || !nobody)
		skip();
	snprintf(expected, sizeof(expected), "STATUS=report 7 level notice user %d",
		 nobody->pw_uid);
	for (int option = 0; option < 2; option++) {
		if (option)
			run(f, "--user", "nobody", "value", "7", "user", "root", NULL);
		else
			run(f, "value", "7", "user", "nobody", NULL);
		expect(f, "STATUS=start 7");
		expect(f, "READY=1");
		kill(f->pid, SIGUSR1);
		expect(f, expected);
		kill(f->pid, SIGTERM);
		expect(f, "STOPPING=1");
		expect(f, "STATUS=stop 7");
		ends(f, DAEMON_OK);
	}
	run(f, "--user", "no-such-user-at-all", "value", "7", NULL);
	expect(f, "STATUS=start 7");
	expect(f, "STATUS=stop 7");
	assert_non_null(strstr(ends(f, DAEMON_FAILED), "there is no such user"));
}

static void failures(void **state)
{
	struct fixture *f = *state;

	run(f, "value", "66", NULL);
	expect(f, "STATUS=start 66");
	expect(f, "STATUS=stop 66");
	assert_string_equal(ends(f, DAEMON_FAILED), "testd: 66 cannot be started\n");

	run(f, "value", "67", NULL);
	expect(f, "STATUS=start 67");
	expect(f, "READY=1");
	expect(f, "STOPPING=1");
	expect(f, "STATUS=stop 67");
	assert_non_null(strstr(ends(f, DAEMON_FAILED), "testd: it cannot be helped\n"));
}

static void watchdog(void **state)
{
	struct fixture *f = *state;

	setenv("WATCHDOG_USEC", "1000000", 1);
	unsetenv("WATCHDOG_PID");
	run(f, "value", "7", NULL);
	unsetenv("WATCHDOG_USEC");
	expect(f, "WATCHDOG=1");
	expect(f, "STATUS=start 7");
	expect(f, "READY=1");
	expect(f, "WATCHDOG=1");
	expect(f, "WATCHDOG=1");
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	f->pid = 0;
}

/* Replaces each "FILE" in the text by the name of the configuration file. */
static const char *with_name(const char *text, char *result, size_t size)
{
	size_t at = 0;

	while (*text) {
		bool is_name = !strncmp(text, "FILE", 4);

		at += snprintf(result + at, size - at, "%.*s", is_name ? 200 : 1,
			       is_name ? config_file : text);
		assert_true(at < size);
		text += is_name ? 4 : 1;
	}
	return result;
}

/* Runs it, which must end with this status and have said this. */
#define SAYS(f, status, text, ...) do {						\
	char says_[1024];							\
										\
	assert_int_equal(ftruncate((f)->output, 0), 0);				\
	assert_int_equal(lseek((f)->output, 0, SEEK_SET), 0);			\
	run(f, __VA_ARGS__);							\
	assert_string_equal(ends(f, status), with_name(text, says_, sizeof(says_))); \
} while (0)

static void command_lines(void **state)
{
	struct fixture *f = *state;

	SAYS(f, DAEMON_USAGE, "testd: FILE: cannot be read: No such file or directory\n", NULL);
	SAYS(f, DAEMON_USAGE, "testd: argument 1: 'vlue': there is no such word here\n",
	     "vlue", "7", NULL);
	SAYS(f, DAEMON_USAGE, "testd: argument 5: '0': a value is from 1 to 100 here\n",
	     "-u", "root", "-v", "value", "0", NULL);
	SAYS(f, DAEMON_OK, "testd " TUNNEL_VERSION "\n", "--version", NULL);
	SAYS(f, DAEMON_OK, "testd " TUNNEL_VERSION "\n", "-V", NULL);
	run(f, "--help", NULL);
	assert_non_null(strstr(ends(f, DAEMON_OK), "Usage: testd [OPTION]"));
	assert_non_null(strstr(f->text, "  value N\n"));
	run(f, "--nonsense", NULL);
	assert_non_null(strstr(ends(f, DAEMON_USAGE), "Try: testd --help\n"));
	run(f, "-c", NULL);
	assert_non_null(strstr(ends(f, DAEMON_USAGE), "Try: testd --help\n"));
}

static void check_config(void **state)
{
	struct fixture *f = *state;

	write_config("value 7\nlog info\nuser root\n");
	SAYS(f, DAEMON_OK, "FILE: no mistakes\n", "--check-config", NULL);
	SAYS(f, DAEMON_OK, "FILE: no mistakes\n", "--check-config", "-c", config_file, NULL);
	SAYS(f, DAEMON_OK, "command line: no mistakes\n", "--check-config", "value", "7", NULL);
	/* Words come on top of a file that is named. */
	SAYS(f, DAEMON_USAGE, "13 is unlucky\n", "--check-config", "-c", config_file,
	     "value", "13", NULL);
	write_config("value 0\n\nlog loudly\nvalue\n");
	SAYS(f, DAEMON_USAGE,
	     "FILE:1: '0': a value is from 1 to 100 here\n"
	     "FILE:3: 'loudly': a log level is error, warning, notice, info or debug\n"
	     "FILE:4: 'value' lacks a value: value N\n", "--check-config", NULL);
}

static void does_something_else(void **state)
{
	struct fixture *f = *state;

	/* Without a configuration. */
	SAYS(f, DAEMON_OK, "made it\n", "--make", "it", NULL);
	SAYS(f, DAEMON_OK, "made it\n", "-v", "--make=it", "-q", NULL);
	SAYS(f, DAEMON_USAGE, "testd: 'value': --make takes no statements\n", "--make", "it",
	     "value", "7", NULL);
	run(f, "--make", NULL);
	assert_non_null(strstr(ends(f, DAEMON_USAGE), "Try: testd --help\n"));
	SAYS(f, DAEMON_USAGE, "testd: --make and --show: one at a time\n", "--make", "it", "--show",
	     NULL);

	/* With one, however it is given. */
	SAYS(f, DAEMON_USAGE, "testd: FILE: cannot be read: No such file or directory\n", "--show",
	     NULL);
	SAYS(f, DAEMON_FAILED, "value 7\n", "--show", "value", "7", NULL);
	write_config("value 8\n");
	SAYS(f, DAEMON_FAILED, "value 8\n", "--show", NULL);
	SAYS(f, DAEMON_FAILED, "value 8\n", "--show", "-c", config_file, NULL);
	write_config("value 13\n");
	SAYS(f, DAEMON_USAGE, "testd: 13 is unlucky\n", "--show", NULL);
	run(f, "--help", NULL);
	assert_non_null(strstr(ends(f, DAEMON_OK),
			       "configuration\n"
			       "      --show          tell the value\n"
			       "      --make THING    make THING\n"
			       "  -u, --user"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reloads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(levels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(users, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(watchdog, set_up, tear_down),
		cmocka_unit_test_setup_teardown(command_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(check_config, set_up, tear_down),
		cmocka_unit_test_setup_teardown(does_something_else, set_up, tear_down),
	};
	char command[64];
	int status;

	/* The journal's address would have the daemon write for it. */
	unsetenv("JOURNAL_STREAM");
	if (!mkdtemp(directory) || chmod(directory, 0755))
		return 1;
	snprintf(config_file, sizeof(config_file), "%s/testd.conf", directory);
	status = cmocka_run_group_tests_name("daemons", tests, NULL, NULL);
	snprintf(command, sizeof(command), "%s/notify", directory);
	unlink(command);
	rmdir(directory);
	return status;
}
