// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Joining another hub, again and again: it may come later than we do, and be restarted.
 * The time between attempts grows up to a minute, and begins anew once a connection has
 * lasted.
 *
 * An attempt: look up the address (TCP by name), connect, be a member.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backoff.h"
#include "connector.h"
#include "log.h"
#include "member.h"
#include "sockerr.h"
#include "unixpath.h"

#define FIRST_MS	1000
#define LONGEST_MS	60000
#define LASTED_MS	10000		/* a connection that came to something */
#define RESOLVE_SECONDS	20

struct connector {
	struct part part;
	unsigned int number;			/* among those of this process */
	sd_event_source *timer;			/* for the next attempt */
	struct resolve_query *query;		/* asks for the address */
	int fd;					/* connects, -1: it does not */
	sd_event_source *io;			/* while it connects */
	struct member *member;			/* connected */
	struct unixpath name;			/* of the socket */
	struct backoff backoff;			/* before the next attempt */
	bool told;				/* that it cannot connect */
	uint64_t attempts, joined;
};

static struct connector *of_part(const struct part *part)
{
	return (struct connector *)part;
}

/* The smallest number that no other has. */
static unsigned int free_number(const struct chaosd *chaosd)
{
	const struct part *part;
	unsigned int number = 0;
	bool taken;

	do {
		taken = false;
		TAILQ_FOREACH(part, &chaosd->parts, next)
			if (part->ops == &connector_ops && of_part(part)->number == number)
				taken = true;
	} while (taken && ++number);
	return number;
}

static void try_later(struct connector *connector)
{
	sd_event_source_set_time_relative(connector->timer,
					  backoff_next(&connector->backoff) * 1000ULL);
	sd_event_source_set_enabled(connector->timer, SD_EVENT_ONESHOT);
}

/* No attempt is under way after this. */
static void give_up(struct connector *connector)
{
	sd_event_source_disable_unref(connector->io);
	connector->io = NULL;
	resolve_cancel(connector->query);
	connector->query = NULL;
	if (connector->fd >= 0)
		close(connector->fd);
	connector->fd = -1;
	unixpath_remove(&connector->name);
}

static void failed(struct connector *connector, const char *why)
{
	if (!connector->told)
		log_warning("%s: %s; trying again and again", connector->part.config->text, why);
	connector->told = true;
	give_up(connector);
	try_later(connector);
}

static void join(struct connector *connector)
{
	struct part *part = &connector->part;
	int fd = connector->fd;

	sd_event_source_disable_unref(connector->io);
	connector->io = NULL;
	connector->fd = -1;
	connector->member = member_new(part, fd, HUB_UPSTREAM, part->config->text);
	if (!connector->member) {
		failed(connector, "no member");
		return;
	}
	connector->told = false;
	connector->joined++;
}

static int on_connected(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct connector *connector = arg;
	int err = socket_error(fd);

	(void)source;
	(void)events;
	if (err)
		failed(connector, strerror(err));
	else
		join(connector);
	return 0;
}

static void connect_to(struct connector *connector, const void *addr, socklen_t len)
{
	sd_event *event = connector->part.chaosd->daemon->event;
	int err;

	if (!connect(connector->fd, addr, len)) {
		join(connector);
		return;
	}
	/* On a Unix socket EAGAIN means that many others wait. */
	if (errno != EINPROGRESS) {
		failed(connector, strerror(errno));
		return;
	}
	err = sd_event_add_io(event, &connector->io, connector->fd, EPOLLOUT, on_connected,
			      connector);
	if (err < 0)
		failed(connector, strerror(-err));
}

static void connect_tcp(struct connector *connector, const struct sockaddr_storage *addr,
			socklen_t len)
{
	int on = 1;

	connector->fd = socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connector->fd < 0) {
		failed(connector, strerror(errno));
		return;
	}
	setsockopt(connector->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(connector->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	connect_to(connector, addr, len);
}

/* Of several addresses the next one is for the next attempt. */
static void on_resolved(void *arg, const char *error, const struct sockaddr_storage *addrs,
			size_t n)
{
	struct connector *connector = arg;
	const struct sockaddr_storage *addr;

	connector->query = NULL;
	if (error) {
		failed(connector, error);
		return;
	}
	addr = &addrs[connector->attempts % n];
	connect_tcp(connector, addr, addr->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
								  sizeof(struct sockaddr_in6));
}

static void attempt_tcp(struct connector *connector)
{
	const struct endpoint *endpoint = &connector->part.config->endpoint;
	struct sockaddr_storage addr;
	socklen_t len = endpoint_address(endpoint, 0, &addr);
	int err;

	if (len) {
		connect_tcp(connector, &addr, len);
		return;
	}
	err = resolve(connector->part.chaosd->resolver, endpoint, 0, AF_UNSPEC, RESOLVE_SECONDS,
		      on_resolved, connector, &connector->query);
	if (err)
		failed(connector, strerror(-err));
}

static void attempt_unix(struct connector *connector)
{
	const char *path = connector->part.config->path;
	struct sockaddr_un sun;
	int fd = unixpath_client(&connector->name, path, connector->number);

	if (fd < 0) {
		failed(connector, strerror(-fd));
		return;
	}
	connector->fd = fd;
	unixpath_addr(&sun, path);
	connect_to(connector, &sun, sizeof(sun));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct connector *connector = arg;

	(void)source;
	(void)usec;
	connector->attempts++;
	if (connector->part.config->tcp)
		attempt_tcp(connector);
	else
		attempt_unix(connector);
	return 0;
}

static struct part *connector_open(struct chaosd *chaosd, const struct config_part *config)
{
	struct connector *connector = calloc(1, sizeof(*connector));
	int err = -ENOMEM;

	if (connector)
		err = sd_event_add_time_relative(chaosd->daemon->event, &connector->timer,
						 CLOCK_MONOTONIC, 0, 0, on_timer, connector);
	if (err >= 0)
		err = sd_event_source_set_enabled(connector->timer, SD_EVENT_OFF);
	if (err < 0)
		goto failed;
	connector->fd = -1;
	connector->backoff = (struct backoff) { .first_ms = FIRST_MS, .longest_ms = LONGEST_MS };
	connector->number = free_number(chaosd);
	return &connector->part;

failed:
	log_error("%s: %s", config->text, strerror(-err));
	if (connector)
		sd_event_source_disable_unref(connector->timer);
	free(connector);
	return NULL;
}

/*
 * The first attempt is made by the loop, when privileges have been given up: the names of
 * sockets then belong to who has to remove them.
 */
static void connector_begin(struct part *part)
{
	struct connector *connector = of_part(part);

	if (!connector->attempts)
		sd_event_source_set_enabled(connector->timer, SD_EVENT_ONESHOT);
}

static void connector_close(struct part *part)
{
	struct connector *connector = of_part(part);

	give_up(connector);
	sd_event_source_disable_unref(connector->timer);
	free(connector);
}

static void connector_lost(struct part *part, struct member *member)
{
	struct connector *connector = of_part(part);

	connector->member = NULL;
	unixpath_remove(&connector->name);
	if (chaosd_now(part->chaosd) - member->since >= LASTED_MS)
		backoff_reset(&connector->backoff);
	try_later(connector);
}

static void connector_report(const struct part *part)
{
	const struct connector *connector = of_part(part);

	log_notice("  %s: %s, %" PRIu64 " attempts, joined %" PRIu64 " times",
		   part->config->text, connector->member ? "joined" : "not joined",
		   connector->attempts, connector->joined);
}

const struct part_ops connector_ops = {
	.open = connector_open,
	.begin = connector_begin,
	.close = connector_close,
	.lost = connector_lost,
	.report = connector_report,
};
