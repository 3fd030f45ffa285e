// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A member that does not read has its packets wait, then dropped; when it has taken
 * nothing for the time that the configuration allows and another packet is dropped, it
 * is disconnected.  So one that is halted with little traffic comes to no harm, and
 * nobody else ever waits for it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ether.h"
#include "log.h"
#include "member.h"

static struct member *of_port(struct hub_port *port)
{
	return (struct member *)((char *)port - offsetof(struct member, port));
}

/**
 * member_end() - have a connection closed soon
 * @member: the member, which may be in use
 * @fmt: why, for the log
 */
void member_end(struct member *member, const char *fmt, ...)
{
	va_list args;

	if (*member->why)
		return;
	va_start(args, fmt);
	vsnprintf(member->why, sizeof(member->why), fmt, args);
	va_end(args);
	sd_event_source_set_enabled(member->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(member->end, SD_EVENT_ONESHOT);
}

static void watch(struct member *member)
{
	sd_event_source_set_io_events(member->io, outq_empty(&member->out) ? EPOLLIN :
						  EPOLLIN | EPOLLOUT);
}

static void flush(struct hub_port *port)
{
	struct member *member = of_port(port);
	int gone;

	if (*member->why || outq_empty(&member->out))
		return;
	gone = outq_flush(&member->out, member->fd);
	if (gone < 0 && gone != -EAGAIN) {
		member_end(member, "%s", strerror(-gone));
		return;
	}
	if (gone > 0) {
		member->moved = chaosd_now(member->part->chaosd);
		member->dropping = false;
	}
	watch(member);
}

static void drop(struct member *member)
{
	uint64_t still = chaosd_now(member->part->chaosd) - member->moved;

	member->dropped++;
	if (still >= member->part->ether->config->stall * 1000) {
		member_end(member, "it took no packet for %" PRIu64 " s", still / 1000);
	} else if (!member->dropping) {
		member->dropping = true;
		log_limited(LOG_NOTICE, "%s: does not read; packets for it are dropped",
			    member->name);
	}
}

static void take(struct hub_port *port, const uint8_t *packet, size_t len)
{
	struct member *member = of_port(port);

	if (*member->why)
		return;
	if (outq_empty(&member->out))
		member->moved = chaosd_now(member->part->chaosd);
	if (member->out.count == member->out.limit)
		flush(port);
	if (*member->why)
		return;
	if (!outq_put(&member->out, packet, len)) {
		drop(member);
		return;
	}
	port->packets_out++;
	port->bytes_out += len;
}

static const struct hub_port_ops ops = { .take = take, .flush = flush };

static void packets(struct member *member)
{
	uint64_t now = chaosd_now(member->part->chaosd);
	struct stream_packet packet;
	enum stream_status status;

	while ((status = stream_next(&member->in, &packet)) == STREAM_PACKET)
		hub_packet(&member->port, packet.data, packet.len, now);
	if (status != STREAM_MORE)
		member_end(member, "it announced a packet of %u bytes, %s",
			   stream_length(&member->in), stream_status_text(status));
	hub_flush(member->port.hub);
}

static void receive(struct member *member)
{
	size_t room;
	uint8_t *to = stream_room(&member->in, &room);
	ssize_t n = recv(member->fd, to, room, MSG_DONTWAIT);

	if (n > 0) {
		stream_filled(&member->in, n);
		packets(member);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		member_end(member, "%s", strerror(errno));
	} else if (!n) {
		member_end(member, "it closed%s",
			   stream_rest(&member->in) ? " in the middle of a packet" : "");
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct member *member = arg;

	(void)source;
	(void)fd;
	if (events & EPOLLOUT)
		flush(&member->port);
	if (events & ~EPOLLOUT && !*member->why)
		receive(member);
	return 0;
}

static int on_end(sd_event_source *source, void *arg)
{
	(void)source;
	member_free(arg);
	return 0;
}

static int listen_to_events(struct member *member)
{
	sd_event *event = member->part->chaosd->daemon->event;
	int err;

	err = sd_event_add_defer(event, &member->end, on_end, member);
	if (err < 0)
		return err;
	err = sd_event_source_set_enabled(member->end, SD_EVENT_OFF);
	if (err < 0)
		return err;
	return sd_event_add_io(event, &member->io, member->fd, EPOLLIN, on_io, member);
}

static void forget(struct member *member)
{
	sd_event_source_disable_unref(member->io);
	sd_event_source_disable_unref(member->end);
	outq_free(&member->out);
	close(member->fd);
	free(member);
}

/**
 * member_new() - a connection becomes a member of an ether
 * @part: by which it came
 * @fd: the socket; taken over, closed also on failure
 * @kind: what it is
 * @name: who that is, for messages
 *
 * Return: the member, or NULL after an error was logged.
 */
struct member *member_new(struct part *part, int fd, enum hub_port_kind kind, const char *name)
{
	struct member *member = calloc(1, sizeof(*member));
	char ether[ETHER_NAME_LEN];
	int err = -ENOMEM;

	if (!member) {
		close(fd);
		goto failed;
	}
	member->part = part;
	member->fd = fd;
	member->port = (struct hub_port) { .ops = &ops, .kind = kind, .name = member->name };
	stream_init(&member->in, STREAM_CHAOSD);
	member->since = chaosd_now(part->chaosd);
	snprintf(member->name, sizeof(member->name), "%s", name);
	if (outq_init(&member->out, part->ether->config->queue))
		err = listen_to_events(member);
	if (err < 0) {
		forget(member);
		goto failed;
	}
	hub_join(&part->ether->hub, &member->port);
	TAILQ_INSERT_TAIL(&part->chaosd->members, member, next);
	log_info("%s: joined %s", name, ether_name(part->ether, ether));
	return member;

failed:
	log_error("%s: %s", name, strerror(-err));
	return NULL;
}

/**
 * member_free() - close a connection
 * @member: not in use; member_end() may have told why
 */
void member_free(struct member *member)
{
	struct part *part = member->part;
	char ether[ETHER_NAME_LEN];

	log_info("%s: left %s: %s", member->name, ether_name(part->ether, ether),
		 *member->why ? member->why : "closed by us");
	TAILQ_REMOVE(&part->chaosd->members, member, next);
	hub_leave(&member->port);
	if (part->ops->lost)
		part->ops->lost(part, member);
	forget(member);
}
