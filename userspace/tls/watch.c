// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "log.h"
#include "watch.h"

#define SETTLE_USEC	1000000	/* one change brings others */

/**
 * struct watch - waits for changes
 * @socket: where the kernel tells them
 * @io: watches it
 * @timer: when it is to be told
 * @changed: whom to tell
 * @arg: for @changed
 */
struct watch {
	struct nl_sock *socket;
	sd_event_source *io;
	sd_event_source *timer;
	watch_changed changed;
	void *arg;
};

static int on_settled(sd_event_source *source, uint64_t usec, void *arg)
{
	struct watch *watch = arg;

	(void)source;
	(void)usec;
	watch->changed(watch->arg);
	return 0;
}

/* What exactly has changed does not matter, nor whether all of it was told. */
static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct watch *watch = arg;
	int enabled = SD_EVENT_OFF;

	(void)source;
	(void)fd;
	if (events & EPOLLHUP) {
		log_warning("changes of the network are not noticed any more");
		sd_event_source_set_enabled(watch->io, SD_EVENT_OFF);
	}
	while (nl_recvmsgs_default(watch->socket) >= 0)
		;
	if (sd_event_source_get_enabled(watch->timer, &enabled) > 0)
		return 0;
	sd_event_source_set_time_relative(watch->timer, SETTLE_USEC);
	sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
	return 0;
}

static int connect_netlink(struct watch *watch)
{
	watch->socket = nl_socket_alloc();
	if (!watch->socket)
		return -NLE_NOMEM;
	nl_socket_disable_seq_check(watch->socket);
	if (nl_connect(watch->socket, NETLINK_ROUTE) < 0)
		return -NLE_BAD_SOCK;
	nl_socket_set_nonblocking(watch->socket);
	return nl_socket_add_memberships(watch->socket, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE,
					 RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, 0);
}

static int watch_events(struct watch *watch, sd_event *event)
{
	int err = sd_event_add_time_relative(event, &watch->timer, CLOCK_MONOTONIC, 0, 0,
					     on_settled, watch);

	if (err >= 0)
		err = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
	if (err >= 0)
		err = sd_event_add_io(event, &watch->io, nl_socket_get_fd(watch->socket), EPOLLIN,
				      on_io, watch);
	return err;
}

/**
 * watch_new() - begin to watch
 * @event: loop
 * @changed: whom to tell
 * @arg: for @changed
 * @watch: set on success
 *
 * Return: 0 or -errno; netlink may not be there for us.
 */
int watch_new(sd_event *event, watch_changed changed, void *arg, struct watch **watch)
{
	struct watch *made = calloc(1, sizeof(*made));
	int err = -ENOMEM;

	if (!made)
		return err;
	made->changed = changed;
	made->arg = arg;
	err = connect_netlink(made) < 0 ? -EPROTONOSUPPORT : watch_events(made, event);
	if (err < 0) {
		watch_free(made);
		return err;
	}
	*watch = made;
	return 0;
}

/**
 * watch_free() - watch no more
 * @watch: may be NULL
 */
void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	sd_event_source_disable_unref(watch->io);
	sd_event_source_disable_unref(watch->timer);
	nl_socket_free(watch->socket);
	free(watch);
}

/**
 * watch_where() - where a connection to somebody would begin now
 * @peer: address of the other end
 * @place: result
 */
void watch_where(const struct sockaddr_storage *peer, struct watch_place *place)
{
	int fd = socket(peer->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(place->local);

	memset(place, 0, sizeof(*place));
	if (fd < 0)
		return;
	place->reachable = !connect(fd, (const struct sockaddr *)peer, sizeof(*peer)) &&
			   !getsockname(fd, (struct sockaddr *)&place->local, &len);
	close(fd);
}

/**
 * watch_same() - whether two places are the same
 * @a: one
 * @b: the other
 *
 * Of IPv6 the network counts: for privacy the rest changes every day, and the old address
 * stays good for another while.
 */
bool watch_same(const struct watch_place *a, const struct watch_place *b)
{
	const struct sockaddr_in6 *a6 = (const void *)&a->local, *b6 = (const void *)&b->local;
	const struct sockaddr_in *a4 = (const void *)&a->local, *b4 = (const void *)&b->local;

	if (!a->reachable || !b->reachable)
		return a->reachable == b->reachable;
	if (a->local.ss_family != b->local.ss_family)
		return false;
	if (a->local.ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr) / 2);
}

/**
 * watch_has_moved() - whether a connection begins where we are no more
 * @fd: connected TCP socket
 *
 * Return: whether the kernel would choose another address for it now.  Not if there is no
 * way to the peer at all: there may be one again.
 */
bool watch_has_moved(int fd)
{
	struct watch_place then = { .reachable = true }, now;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (getpeername(fd, (struct sockaddr *)&peer, &len))
		return false;
	len = sizeof(then.local);
	if (getsockname(fd, (struct sockaddr *)&then.local, &len))
		return false;
	watch_where(&peer, &now);
	return now.reachable && !watch_same(&then, &now);
}
