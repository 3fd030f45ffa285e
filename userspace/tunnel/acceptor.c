// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "acceptor.h"
#include "log.h"

#define AT_ONCE		16	/* others want to be served, too */
#define PAUSE_USEC	1000000

/**
 * struct acceptor - accepts
 * @fd: listening socket
 * @name: for messages
 * @io: watches @fd, off while we pause
 * @pause: timer for the end of the pause
 * @taken: takes the connections
 * @arg: for @taken
 * @counters: what came
 */
struct acceptor {
	int fd;
	char *name;
	sd_event_source *io;
	sd_event_source *pause;
	acceptor_taken taken;
	void *arg;
	struct acceptor_counters counters;
};

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

int acceptor_listen_tcp(const struct sockaddr_storage *addr, socklen_t len, bool both)
{
	int fd = socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if ((addr->ss_family != AF_INET6 || !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !both)) &&
	    !bind(fd, (const struct sockaddr *)addr, len) && !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *arg)
{
	struct acceptor *acceptor = arg;

	(void)source;
	(void)usec;
	sd_event_source_set_enabled(acceptor->io, SD_EVENT_ON);
	return 0;
}

static void pause_accepting(struct acceptor *acceptor, int err)
{
	acceptor->counters.pauses++;
	log_limited(LOG_WARNING, "%s: cannot accept: %s", acceptor->name, strerror(err));
	if (sd_event_source_set_time_relative(acceptor->pause, PAUSE_USEC) < 0 ||
	    sd_event_source_set_enabled(acceptor->pause, SD_EVENT_ONESHOT) < 0)
		return;
	sd_event_source_set_enabled(acceptor->io, SD_EVENT_OFF);
}

static int on_io(sd_event_source *source, int listen_fd, uint32_t events, void *arg)
{
	struct acceptor *acceptor = arg;
	struct sockaddr_storage from;
	int i, fd;

	(void)source;
	(void)events;
	for (i = 0; i < AT_ONCE; i++) {
		socklen_t len = sizeof(from);

		memset(&from, 0, sizeof(from));
		fd = accept4(listen_fd, (struct sockaddr *)&from, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			break;
		acceptor->counters.accepted++;
		acceptor->taken(acceptor->arg, fd, &from);
	}
	/* Anything else is the end of one who wanted to connect. */
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
		pause_accepting(acceptor, errno);
	return 0;
}

static int watch(struct acceptor *acceptor, sd_event *event)
{
	int err = sd_event_add_io(event, &acceptor->io, acceptor->fd, EPOLLIN, on_io, acceptor);

	if (err >= 0)
		err = sd_event_source_set_enabled(acceptor->io, SD_EVENT_OFF);
	if (err >= 0)
		err = sd_event_add_time_relative(event, &acceptor->pause, CLOCK_MONOTONIC, 0, 0,
						 on_pause_over, acceptor);
	return err < 0 ? err : sd_event_source_set_enabled(acceptor->pause, SD_EVENT_OFF);
}

int acceptor_new(sd_event *event, int fd, const char *name, acceptor_taken taken, void *arg,
		 struct acceptor **acceptor)
{
	struct acceptor *made = calloc(1, sizeof(*made));
	int err = -ENOMEM;

	if (!made)
		return err;
	made->fd = -1;
	made->taken = taken;
	made->arg = arg;
	made->name = strdup(name);
	if (made->name) {
		made->fd = fd;
		err = watch(made, event);
	}
	if (err < 0) {
		made->fd = -1;
		acceptor_free(made);
		return err;
	}
	*acceptor = made;
	return 0;
}

void acceptor_begin(struct acceptor *acceptor)
{
	sd_event_source_set_enabled(acceptor->io, SD_EVENT_ON);
}

void acceptor_free(struct acceptor *acceptor)
{
	if (!acceptor)
		return;
	sd_event_source_disable_unref(acceptor->io);
	sd_event_source_disable_unref(acceptor->pause);
	if (acceptor->fd >= 0)
		close(acceptor->fd);
	free(acceptor->name);
	free(acceptor);
}

const struct acceptor_counters *acceptor_counters(const struct acceptor *acceptor)
{
	return &acceptor->counters;
}
