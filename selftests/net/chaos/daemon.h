/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemons of this tree, run by a test on its hosts.
 *
 *	static struct daemon udp = { .program = "udp/chaos-udp" };
 *
 *	udp.ns = a;
 *	daemon_start(&udp, "link chaos0 address 401\n...");
 *	... it is ready ...
 *	daemon_reload(&udp, "...");
 *	daemon_kill(&udp, SIGKILL);
 *
 * What a daemon needs is in a directory of its own, which is removed when the program ends:
 * the structure must last until then.  A daemon becomes "nobody" as it would on a real host,
 * and tells us as it would tell systemd when it is ready.  Programs define _GNU_SOURCE.
 */
#ifndef DAEMON_H
#define DAEMON_H

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "netns.h"

#define DAEMON_LOG	(1 << 20)	/* bytes of its messages, at most */
#define DAEMON_USER	"nobody"

/**
 * struct daemon - a daemon of the tree
 * @program: path below userspace/
 * @ns: its host
 * @pid: process, 0: it does not run
 * @notify: where it says that it is ready
 * @dir: its directory: "config", "log", "notify"
 */
struct daemon {
	const char *program;
	int ns;
	pid_t pid;
	int notify;
	char dir[24];
};

#define DAEMON_MAX	8

static struct daemon *daemon_all[DAEMON_MAX];
static pid_t daemon_owner;

static inline char *daemon_path(const struct daemon *d, const char *file)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", d->dir, file);
	return path;
}

/* Has it ended by itself?  Then it is not ours any more. */
static inline bool daemon_ended(struct daemon *d, int *status)
{
	if (d->pid > 0 && waitpid(d->pid, status, WNOHANG) != d->pid)
		return false;
	d->pid = 0;
	return true;
}

/* Stop it by a signal; returns its status as from waitpid(). */
static inline int daemon_kill(struct daemon *d, int sig)
{
	int status = 0;

	if (d->pid <= 0)
		return 0;
	kill(d->pid, sig);
	waitpid(d->pid, &status, 0);
	d->pid = 0;
	return status;
}

/* At exit of the test, but not of its children. */
static inline void daemon_clean_up(void)
{
	static const char * const files[] = { "config", "log", "notify" };
	unsigned int i, j;

	if (getpid() != daemon_owner)
		return;
	for (i = 0; i < DAEMON_MAX && daemon_all[i]; i++) {
		daemon_kill(daemon_all[i], SIGKILL);
		for (j = 0; j < ARRAY_SIZE(files); j++)
			unlink(daemon_path(daemon_all[i], files[j]));
		rmdir(daemon_all[i]->dir);
	}
}

static inline int daemon_notify_socket(const struct daemon *d)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", daemon_path(d, "notify"));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) ||
	    chmod(sun.sun_path, 0666))
		tap_bail("%s: %s", sun.sun_path, strerror(errno));
	return fd;
}

static inline void daemon_prepare(struct daemon *d)
{
	unsigned int i;

	if (*d->dir)
		return;
	strcpy(d->dir, "/tmp/daemon.XXXXXX");
	if (!mkdtemp(d->dir) || chmod(d->dir, 0755))
		tap_bail("%s: %s", d->dir, strerror(errno));
	d->notify = daemon_notify_socket(d);
	if (!daemon_owner) {
		daemon_owner = getpid();
		atexit(daemon_clean_up);
	}
	for (i = 0; i < DAEMON_MAX && daemon_all[i]; i++)
		;
	if (i == DAEMON_MAX)
		tap_bail("too many daemons");
	daemon_all[i] = d;
}

static inline void daemon_configure(struct daemon *d, const char *config)
{
	FILE *file = fopen(daemon_path(d, "config"), "we");

	if (!file || fprintf(file, "user %s\n%s", DAEMON_USER, config) < 0 || fclose(file))
		tap_bail("%s: %s", daemon_path(d, "config"), strerror(errno));
}

/* The program's path; we are TREE/selftests/.../PROGRAM. */
static inline const char *daemon_program(const struct daemon *d)
{
	static char path[PATH_MAX + 64];
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	path[len < 0 ? 0 : len] = 0;
	while (len > 0 && strncmp(path + len, "/selftests/", 11))
		len--;
	snprintf(path + len, sizeof(path) - len, "/userspace/%s", d->program);
	return path;
}

__noreturn static inline void daemon_exec(const struct daemon *d)
{
	const char *program = daemon_program(d);
	int log;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	netns_enter(d->ns);
	log = open(daemon_path(d, "log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log >= 0 && dup2(log, 1) == 1 && dup2(log, 2) == 2) {
		setenv("NOTIFY_SOCKET", daemon_path(d, "notify"), 1);
		execl(program, program, "-c", daemon_path(d, "config"), NULL);
		fprintf(stderr, "%s: %s\n", program, strerror(errno));
	}
	_exit(127);
}

/* All that it has said, in a buffer that the next call uses again. */
static inline const char *daemon_log(const struct daemon *d)
{
	static char text[DAEMON_LOG];
	FILE *file = fopen(daemon_path(d, "log"), "re");
	size_t len = 0;

	if (file) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[len] = 0;
	return text;
}

static inline void daemon_show_log(const struct daemon *d)
{
	const char *line = daemon_log(d), *end;

	for (; (end = strchr(line, '\n')); line = end + 1)
		tap_diag("%.*s", (int)(end - line), line);
}

/* All that follows is new. */
static inline void daemon_forget_log(const struct daemon *d)
{
	if (truncate(daemon_path(d, "log"), 0))
		tap_bail("%s: %s", daemon_path(d, "log"), strerror(errno));
}

/* The next message for systemd, or NULL if none comes in time.  The buffer is used again. */
static inline const char *daemon_message(const struct daemon *d, int ms)
{
	struct pollfd pfd = { .fd = d->notify, .events = POLLIN };
	static char text[1024];
	ssize_t len;

	if (poll(&pfd, 1, ms) <= 0)
		return NULL;
	len = recv(d->notify, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = 0;
	return text;
}

/* Wait for a message that has @line; false if none comes, or the daemon ends. */
static inline bool daemon_wait_message(struct daemon *d, const char *line)
{
	long long end = netns_now() + 3 * NETNS_PATIENCE;
	const char *text, *found;
	int status;

	while (netns_now() < end) {
		text = daemon_message(d, 100);
		found = text ? strstr(text, line) : NULL;
		if (found && (found == text || found[-1] == '\n'))
			return true;
		if (!text && daemon_ended(d, &status))
			return false;
	}
	return false;
}

static inline bool daemon_wait_ready(struct daemon *d)
{
	return daemon_wait_message(d, "READY=1");
}

/* Start it with its present configuration. */
static inline void daemon_restart(struct daemon *d)
{
	fflush(stdout);
	d->pid = fork();
	if (!d->pid)
		daemon_exec(d);
	if (!daemon_wait_ready(d)) {
		daemon_show_log(d);
		tap_bail("%s does not start", d->program);
	}
}

static inline void daemon_start(struct daemon *d, const char *config)
{
	daemon_prepare(d);
	daemon_configure(d, config);
	daemon_restart(d);
}

/* Have it read another configuration. */
static inline bool daemon_reload(struct daemon *d, const char *config)
{
	daemon_configure(d, config);
	kill(d->pid, SIGHUP);
	return daemon_wait_ready(d);
}

/* Wait until it has said @text, after the first @skip bytes of its log. */
static inline bool daemon_wait_log(const struct daemon *d, size_t skip, const char *text)
{
	long long end = netns_now() + NETNS_PATIENCE;

	do {
		const char *log = daemon_log(d);

		if (strlen(log) > skip && strstr(log + skip, text))
			return true;
		netns_sleep(50);
	} while (netns_now() < end);
	return false;
}

/* A line of /proc/PID/status, without its name, in a buffer that is used again. */
static inline const char *daemon_proc(const struct daemon *d, const char *name)
{
	static char line[256];
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", d->pid);
	file = fopen(path, "re");
	if (!file)
		tap_bail("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		size_t len = strlen(name);

		if (strncmp(line, name, len) || line[len] != ':')
			continue;
		fclose(file);
		line[strcspn(line, "\n")] = 0;
		len++;
		return line + len + strspn(line + len, "\t ");
	}
	tap_bail("%s: no %s", path, name);
}

#endif /* DAEMON_H */
