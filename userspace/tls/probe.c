// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "chaos_addr.h"
#include "probe.h"
#include "sockerr.h"
#include "tell.h"

#define RESOLVE_SECONDS		20
#define CONNECT_MS		10000
#define SECURE_SECONDS		20
#define REFUSE_SECONDS		2	/* for the server to look at our certificate */

/* Turns the loop until @done; returns whether it came to that. */
static bool wait_for(struct probe *probe, const bool *done, unsigned int seconds)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (!*done) {
		if (sd_event_run(probe->event, 100000) < 0)
			return false;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
			break;
	}
	return *done;
}

/* ------------------------------------------------------------ Chaosnet names */

struct naming {
	struct probe_addrs *found;
	bool done;
};

static void on_identified(void *arg, const char *error, const uint16_t *addrs, size_t n)
{
	struct naming *naming = arg;
	struct probe_addrs *found = naming->found;

	naming->done = true;
	if (error) {
		snprintf(found->error, sizeof(found->error), "%s", error);
		return;
	}
	found->n = n < IDENTITY_ADDRS_MAX ? n : IDENTITY_ADDRS_MAX;
	memcpy(found->addrs, addrs, found->n * sizeof(*addrs));
}

void probe_names(struct probe *probe, const struct session_names *names,
		 struct probe_addrs *found)
{
	struct naming naming = { .found = found };
	const char *list[SESSION_NAMES_MAX];
	struct identity_query *query;
	size_t i;
	int err;

	*found = (struct probe_addrs) {};
	for (i = 0; i < names->n; i++)
		list[i] = names->name[i];
	err = identity_find(probe->identity, list, names->n, on_identified, &naming, &query);
	if (err) {
		snprintf(found->error, sizeof(found->error), "%s", strerror(-err));
	} else if (!wait_for(probe, &naming.done, 2 * RESOLVE_SECONDS)) {
		identity_cancel(query);
		snprintf(found->error, sizeof(found->error), "DNS does not answer");
	}
}

bool probe_has(const struct probe_addrs *found, uint16_t addr)
{
	size_t i;

	for (i = 0; i < found->n; i++)
		if (found->addrs[i] == addr)
			return true;
	return false;
}

const char *probe_list(const struct probe_addrs *found, char *text, size_t len)
{
	size_t i, at = 0;

	*text = '\0';
	for (i = 0; i < found->n && at + CHAOS_ADDR_STRLEN + 2 < len; i++)
		at += snprintf(text + at, len - at, "%s%o", i ? ", " : "", found->addrs[i]);
	return text;
}

/* -------------------------------------------------------- Internet addresses */

struct resolving {
	struct sockaddr_storage addrs[RESOLVE_MAX];
	size_t n;
	char error[256];
	bool done;
};

static void on_resolved(void *arg, const char *error, const struct sockaddr_storage *addrs,
			size_t n)
{
	struct resolving *resolving = arg;

	resolving->done = true;
	if (error) {
		snprintf(resolving->error, sizeof(resolving->error), "%s", error);
		return;
	}
	resolving->n = n < RESOLVE_MAX ? n : RESOLVE_MAX;
	memcpy(resolving->addrs, addrs, resolving->n * sizeof(*addrs));
}

static void find_addresses(struct probe *probe, const struct endpoint *endpoint,
			   struct resolving *resolving)
{
	struct resolve_query *query;
	int err = resolve(probe->resolver, endpoint, CONFIG_PORT, AF_UNSPEC, RESOLVE_SECONDS,
			  on_resolved, resolving, &query);

	if (err) {
		snprintf(resolving->error, sizeof(resolving->error), "%s", strerror(-err));
	} else if (!wait_for(probe, &resolving->done, 2 * RESOLVE_SECONDS)) {
		resolve_cancel(query);
		snprintf(resolving->error, sizeof(resolving->error), "timed out");
	}
}

/* Returns a connected socket, or -errno. */
static int connect_to(const struct sockaddr_storage *addr)
{
	int fd = socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	int err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)addr, addr->ss_family == AF_INET ?
		     sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)))
		return fd;
	err = errno;
	if (err == EINPROGRESS)
		err = poll(&poll_fd, 1, CONNECT_MS) > 0 ? socket_error(fd) : ETIMEDOUT;
	if (!err)
		return fd;
	close(fd);
	return -err;
}

/* ------------------------------------------------------------------- TLS */

struct greeting {
	bool secured;		/* or it has ended */
	bool settled;		/* it has ended, or the server sends packets */
	char why[SESSION_WHY_LEN];
};

static void on_secured(struct session *session, void *arg)
{
	(void)session;
	((struct greeting *)arg)->secured = true;
}

static void on_packet(struct session *session, uint8_t *packet, size_t len, void *arg)
{
	(void)session;
	(void)packet;
	(void)len;
	((struct greeting *)arg)->settled = true;
}

static void on_ended(struct session *session, const char *why, void *arg)
{
	struct greeting *greeting = arg;

	(void)session;
	greeting->secured = true;
	greeting->settled = true;
	snprintf(greeting->why, sizeof(greeting->why), "%s", why);
}

static const char *advice_for(const char *why)
{
	if (strstr(why, "certificate") && !strncmp(why, "its ", 4))
		return "If 'ca' and 'connect' are as they should be, tell the server's operator.";
	if (strstr(why, "alert"))
		return "Our certificate must be of the server's network: look at 'certificate', "
		       "'chain' and the date, then ask its operator.";
	return "Look whether that is the right port of the right host, and ask its operator.";
}

static void look_at_addresses(struct probe *probe, const struct config_link *link,
			      const char *where, const struct session_names *names)
{
	struct probe_addrs found;
	char list[256];
	size_t i;

	probe_names(probe, names, &found);
	if (*found.error) {
		tell_wrong("Look at 'dns' and 'hosts'; if they are right tell the server's operator.",
			   "%s: it is %s, but %s", where, names->name[0], found.error);
		return;
	}
	probe_list(&found, list, sizeof(list));
	for (i = 0; i < found.n; i++)
		if (link->peer ? found.addrs[i] == link->peer :
		    found.addrs[i] >> 8 == link->addr >> 8 && found.addrs[i] != link->addr) {
			tell_good("%s: it is %s, %o", where, names->name[0], found.addrs[i]);
			return;
		}
	if (link->peer)
		tell_wrong("Put one of these behind 'peer', or connect to another server.",
			   "%s: it is %s, which has address %s, not %o", where, names->name[0],
			   list, link->peer);
	else
		tell_wrong("Our address on the link must be of the server's subnet: look at 'link'.",
			   "%s: it is %s, which has address %s, not on subnet %o", where,
			   names->name[0], list, link->addr >> 8);
}

static void greet(struct probe *probe, const struct config_link *link,
		  const struct config_server *server, const char *where, int fd)
{
	static const struct session_ops ops = {
		.secured = on_secured, .packet = on_packet, .ended = on_ended,
	};
	SSL *ssl = context_ssl(probe->context, CONTEXT_CLIENT,
			       *server->name ? server->name : server->endpoint.host);
	struct greeting greeting = {};
	struct session *session;

	if (!ssl) {
		close(fd);
		return;
	}
	if (session_new(probe->event, ssl, CONTEXT_CLIENT, fd, 1, &ops, &greeting, &session)) {
		tell_wrong("Try again when there is more memory.", "%s: no memory", where);
		return;
	}
	/* That it does not like our certificate the server may say a moment later. */
	if (wait_for(probe, &greeting.secured, SECURE_SECONDS))
		wait_for(probe, &greeting.settled, REFUSE_SECONDS);
	if (!greeting.secured)
		tell_wrong(advice_for(""), "%s: it does not answer in TLS", where);
	else if (*greeting.why)
		tell_wrong(advice_for(greeting.why), "%s: %s", where, greeting.why);
	else
		look_at_addresses(probe, link, where, session_names(session));
	session_free(session);
}

void probe_server(struct probe *probe, const struct config_link *link,
		  const struct config_server *server)
{
	char name[WORD_ENDPOINT_LEN], where[WORD_ENDPOINT_LEN];
	char text[2 * WORD_ENDPOINT_LEN + 16];
	struct resolving resolving = {};
	size_t i;
	int fd;

	endpoint_format(&server->endpoint, name);
	find_addresses(probe, &server->endpoint, &resolving);
	if (*resolving.error)
		tell_wrong("Look whether the name is right, and whether this machine has DNS.",
			   "server %s: %s", name, resolving.error);
	for (i = 0; i < resolving.n; i++) {
		address_format(&resolving.addrs[i], where);
		snprintf(text, sizeof(text), "server %s (%s)", name, where);
		fd = connect_to(&resolving.addrs[i]);
		if (fd < 0)
			tell_wrong("Look at the port, and at firewalls; ask the server's operator "
				   "whether it is up.", "%s: %s", text, strerror(-fd));
		else
			greet(probe, link, server, text, fd);
	}
}
