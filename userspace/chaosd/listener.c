// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Accepting members, at a Unix socket or a TCP port.
 *
 * When there are no descriptors or no memory, nobody is accepted for a while: those who
 * wait are not refused, and the loop does not spin.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"
#include "member.h"
#include "peer.h"
#include "unixpath.h"

#define BACKLOG		64
#define PAUSE_USEC	1000000

struct listener {
	struct part part;
	int fd;
	struct unixpath name;			/* none on TCP; the file has */
	mode_t mode;				/* this mode */
	char group[64];				/* and group */
	uint64_t accepted, refused, pauses;
	sd_event_source *io, *pause;
};

static struct listener *of_part(const struct part *part)
{
	return (struct listener *)part;
}

static int listen_tcp(const struct config_part *config)
{
	struct sockaddr_storage addr;
	socklen_t len = endpoint_address(&config->endpoint, 0, &addr);
	int fd, err, on = 1;

	if (!len)
		return -EADDRNOTAVAIL;
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!bind(fd, (struct sockaddr *)&addr, len) && !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static const char *why_not(int err, const struct config_part *config)
{
	if (err == -EADDRINUSE && !config->tcp)
		return "a server is there already";
	if (err == -EEXIST)
		return "there is a file, which is no socket";
	return strerror(-err);
}

/* Let those connect to a Unix socket who may.  Returns 0, or -1 after an error was logged. */
static int admit(struct listener *listener, const struct config_part *config)
{
	int err;

	if (config->tcp)
		return 0;
	if (listener->mode != config->mode && chmod(listener->name.path, config->mode)) {
		log_error("%s: cannot have mode %04o: %s", config->text, config->mode,
			  strerror(errno));
		return -1;
	}
	listener->mode = config->mode;
	if (!strcmp(listener->group, config->group))
		return 0;
	err = unixpath_set_group(&listener->name, config->group);
	if (err) {
		log_error("%s: cannot be given to group '%s': %s", config->text, config->group,
			  err == -ESRCH ? "there is none" : strerror(-err));
		return -1;
	}
	strcpy(listener->group, config->group);
	return 0;
}

static void listener_close(struct part *part)
{
	struct listener *listener = of_part(part);

	sd_event_source_disable_unref(listener->io);
	sd_event_source_disable_unref(listener->pause);
	unixpath_remove(&listener->name);
	close(listener->fd);
	free(listener);
}

/* The descriptor is the caller's. */
static void admit_member(struct listener *listener, int fd)
{
	struct ether *ether = listener->part.ether;
	char name[MEMBER_NAME_LEN];
	int on = 1;

	peer_name(fd, name, sizeof(name));
	if (ether->n_members >= ether->config->members) {
		listener->refused++;
		log_limited(LOG_WARNING, "%s: refused, there are %lu members", name,
			    ether->config->members);
		close(fd);
		return;
	}
	if (listener->part.config->tcp) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	}
	if (!member_new(&listener->part, fd, HUB_MEMBER, name))
		return;
	ether->n_members++;
	listener->accepted++;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *arg)
{
	struct listener *listener = arg;

	(void)source;
	(void)usec;
	sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
	return 0;
}

static void pause_accepting(struct listener *listener, int err)
{
	listener->pauses++;
	log_limited(LOG_WARNING, "%s: cannot accept: %s", listener->part.config->text,
		    strerror(err));
	if (sd_event_source_set_time_relative(listener->pause, PAUSE_USEC) < 0 ||
	    sd_event_source_set_enabled(listener->pause, SD_EVENT_ONESHOT) < 0)
		return;
	sd_event_source_set_enabled(listener->io, SD_EVENT_OFF);
}

static int on_io(sd_event_source *source, int listen_fd, uint32_t events, void *arg)
{
	struct listener *listener = arg;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)source;
	(void)events;
	if (fd >= 0)
		admit_member(listener, fd);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		pause_accepting(listener, errno);
	/* Anything else is the end of one who wanted to connect. */
	return 0;
}

static int watch(struct listener *listener, sd_event *event)
{
	int err = sd_event_add_io(event, &listener->io, listener->fd, EPOLLIN, on_io, listener);

	if (err >= 0)
		err = sd_event_source_set_enabled(listener->io, SD_EVENT_OFF);
	if (err >= 0)
		err = sd_event_add_time_relative(event, &listener->pause, CLOCK_MONOTONIC, 0, 0,
						 on_pause_over, listener);
	return err < 0 ? err : sd_event_source_set_enabled(listener->pause, SD_EVENT_OFF);
}

static struct part *listener_open(struct chaosd *chaosd, const struct config_part *config)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	int err = -ENOMEM;

	if (!listener)
		goto complain;
	listener->fd = config->tcp ? listen_tcp(config) :
		       unixpath_listen(&listener->name, config->path, config->mode);
	if (listener->fd < 0) {
		err = listener->fd;
		goto free_listener;
	}
	listener->mode = config->mode;
	err = watch(listener, chaosd->daemon->event);
	if (err < 0)
		log_error("%s: %s", config->text, strerror(-err));
	if (err < 0 || admit(listener, config)) {
		listener_close(&listener->part);
		return NULL;
	}
	return &listener->part;

free_listener:
	free(listener);
complain:
	log_error("%s: %s", config->text, why_not(err, config));
	return NULL;
}

static void listener_begin(struct part *part)
{
	struct listener *listener = of_part(part);

	admit(listener, part->config);
	sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
}

static void listener_lost(struct part *part, struct member *member)
{
	(void)member;
	part->ether->n_members--;
}

static void listener_report(const struct part *part)
{
	const struct listener *listener = of_part(part);

	log_notice("  %s: %" PRIu64 " accepted, %" PRIu64 " refused, %" PRIu64 " pauses",
		   part->config->text, listener->accepted, listener->refused, listener->pauses);
}

const struct part_ops listener_ops = {
	.open = listener_open,
	.begin = listener_begin,
	.close = listener_close,
	.lost = listener_lost,
	.report = listener_report,
};
