// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl monitor: events as they happen. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "complain.h"
#include "event.h"
#include "monitor.h"
#include "nlsock.h"

#define BUFFER_SIZE	(32 * 1024)	/* the kernel puts at most 8 KiB into an event */

/**
 * struct monitor - an ongoing watch
 * @ctl: context
 * @kinds: of event_pick_kinds()
 * @events: socket where the events come
 * @signals: becomes readable when we shall end
 * @old_mask: signals as they were
 */
struct monitor {
	struct ctl *ctl;
	unsigned int kinds;
	int events;
	int signals;
	sigset_t old_mask;
};

static int failed(const char *what)
{
	complain("%s: %s", what, strerror(errno));
	return -1;
}

static int watch_signals(struct monitor *m)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, &m->old_mask);
	m->signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (m->signals >= 0)
		return 0;
	failed("cannot wait for signals");
	sigprocmask(SIG_SETMASK, &m->old_mask, NULL);
	return -1;
}

/* A signal that has ended the watch has done what it was for. */
static void unwatch_signals(struct monitor *m)
{
	struct signalfd_siginfo info;
	struct pollfd pfd = { .fd = m->signals, .events = POLLIN };

	while (poll(&pfd, 1, 0) > 0 && read(m->signals, &info, sizeof(info)) > 0)
		;
	close(m->signals);
	sigprocmask(SIG_SETMASK, &m->old_mask, NULL);
}

static void show_events(const struct monitor *m, void *buf, int len)
{
	struct nlmsghdr *msg = buf;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	for (; nlmsg_ok(msg, len); msg = nlmsg_next(msg, &len))
		event_show(m->ctl, msg, m->kinds, m->ctl->timestamp ? &now : NULL);
}

/* Takes what has come.  What was lost cannot be had any more; what follows can. */
static int take_events(const struct monitor *m)
{
	char buf[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	int len = nlsock_event(m->events, buf, sizeof(buf));

	if (len < 0 && errno == ENOBUFS) {
		complain("warning: events came too fast, some are lost");
		return 0;
	}
	if (len < 0)
		return failed("cannot receive events");
	show_events(m, buf, len);
	/* Who reads this is to see it now. */
	return fflush(m->ctl->out.f) ? -1 : 0;
}

/* Until a signal, until nobody reads the output any more, or until it fails. */
static int watch(const struct monitor *m)
{
	struct pollfd fds[] = {
		{ .fd = m->events, .events = POLLIN },
		{ .fd = m->signals, .events = POLLIN },
		{ .fd = fileno(m->ctl->out.f), .events = 0 },
	};

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
			if (errno == EINTR)
				continue;
			return failed("cannot wait for events");
		}
		/* Before a signal: it has happened before. */
		if (fds[0].revents && take_events(m))
			return -1;
		if (fds[1].revents || fds[2].revents & (POLLERR | POLLHUP | POLLNVAL))
			return 0;
	}
}

/**
 * monitor_run() - print events until a signal comes
 * @ctl: context
 * @words: kinds of events, or "help"; ends with NULL
 *
 * Return: STATUS_*.
 */
int monitor_run(struct ctl *ctl, char *const *words)
{
	struct monitor m = { .ctl = ctl };
	int err;

	if (*words && !strcmp(*words, "help")) {
		if (help_refused(ctl))
			return STATUS_USAGE;
		event_help(stdout);
		return STATUS_OK;
	}
	if (event_pick_kinds(words, &m.kinds)) {
		fputs("usage: ", stderr);
		event_help(stderr);
		return STATUS_USAGE;
	}
	if (ctl->check)
		return STATUS_OK;
	m.events = nlsock_listen(ctl->tr);
	if (m.events < 0 || watch_signals(&m))
		return STATUS_FAILED;
	err = watch(&m);
	unwatch_signals(&m);
	return err ? STATUS_FAILED : STATUS_OK;
}
