// SPDX-License-Identifier: GPL-2.0-or-later
/* Accepting members, at a Unix socket or a TCP port. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "acceptor.h"
#include "listener.h"
#include "log.h"
#include "member.h"
#include "peer.h"
#include "unixpath.h"

struct listener {
	struct part part;
	struct acceptor *acceptor;
	struct unixpath name;			/* none on TCP; the file has */
	mode_t mode;				/* this mode */
	char group[64];				/* and group */
	uint64_t joined, refused;
};

static struct listener *of_part(const struct part *part)
{
	return (struct listener *)part;
}

/* Returns a socket, or -errno. */
static int listen_at(struct listener *listener, const struct config_part *config)
{
	struct sockaddr_storage addr;
	socklen_t len;

	if (!config->tcp)
		return unixpath_listen(&listener->name, config->path, config->mode);
	len = endpoint_address(&config->endpoint, 0, &addr);
	return len ? acceptor_listen_tcp(&addr, len, false) : -EADDRNOTAVAIL;
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

	unixpath_remove(&listener->name);
	acceptor_free(listener->acceptor);
	free(listener);
}

static void admit_member(void *arg, int fd, const struct sockaddr_storage *from)
{
	struct listener *listener = arg;
	struct ether *ether = listener->part.ether;
	char name[MEMBER_NAME_LEN];
	int on = 1;

	(void)from;
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
	listener->joined++;
}

/* Returns 0 or -errno. */
static int make_acceptor(struct listener *listener, sd_event *event,
			 const struct config_part *config)
{
	int fd = listen_at(listener, config), err;

	if (fd < 0)
		return fd;
	listener->mode = config->mode;
	err = acceptor_new(event, fd, config->text, admit_member, listener, &listener->acceptor);
	if (err)
		close(fd);
	return err;
}

static struct part *listener_open(struct chaosd *chaosd, const struct config_part *config)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	int err = -ENOMEM;

	if (listener)
		err = make_acceptor(listener, chaosd->daemon->event, config);
	if (err)
		log_error("%s: %s", config->text, why_not(err, config));
	if (!err && !admit(listener, config))
		return &listener->part;
	if (listener)
		listener_close(&listener->part);
	return NULL;
}

static void listener_begin(struct part *part)
{
	struct listener *listener = of_part(part);

	admit(listener, part->config);
	acceptor_begin(listener->acceptor);
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
		   part->config->text, listener->joined, listener->refused,
		   acceptor_counters(listener->acceptor)->pauses);
}

const struct part_ops listener_ops = {
	.open = listener_open,
	.begin = listener_begin,
	.close = listener_close,
	.lost = listener_lost,
	.report = listener_report,
};
