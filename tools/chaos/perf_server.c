// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server of "chaos perf": callers, and the tests they ask for.
 *
 * Tests are freed only here, between events: see perf_session.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "chaos_addr.h"
#include "chaos_sockaddr.h"
#include "perf_ask.h"
#include "perf_clock.h"
#include "perf_server.h"
#include "perf_session.h"
#include "report.h"
#include "stream.h"

#define BACKLOG		128
#define BURST		32
#define CHECK_NS	PERF_NS_PER_S
#define CALLER_WORDS	256		/* longer than any request that makes sense */

/* A socket that others call. */
struct listener {
	struct perf_watch watch;
	struct server *server;
	const char *contact;
	bool packets;
};

struct server {
	const struct perf_options *o;
	struct perf_loop loop;
	struct listener stream, packet, echo;
	LIST_HEAD(, perf_session) sessions;
	unsigned int n_sessions;
	bool paused;			/* callers must wait for resources */
	bool finished;
	int status;
	struct perf_count echoes;
};

/* Who calls, and what for. */
struct caller {
	int fd;
	uint16_t addr;
	struct perf_opening opening;
	const char *wrong;
};

static void fail(struct server *srv, const char *contact)
{
	say("%s: cannot serve: %m", contact);
	srv->status = CHAOS_EXIT_LOCAL;
	srv->finished = true;
}

static void read_request(struct caller *caller, const char *contact)
{
	char text[CALLER_WORDS];
	socklen_t len = sizeof(text) - 1;
	size_t skip = strlen(contact) + 1;

	if (getsockopt(caller->fd, SOL_CHAOS, CHAOS_RFC_DATA, text, &len))
		len = 0;
	text[len] = 0;
	caller->wrong = "this is a server of \"chaos perf\"";
	if (len > skip && len < sizeof(text) - 1 && text[skip - 1] == ' ')
		caller->wrong = perf_opening_parse(text + skip, &caller->opening);
}

/* Returns whether there is a caller. */
static bool take_caller(struct listener *l, struct caller *caller)
{
	struct server *srv = l->server;
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);

	caller->fd = accept4(l->watch.fd, (struct sockaddr *)&sa, &len,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (caller->fd >= 0) {
		caller->addr = sa.sch_addr;
		read_request(caller, l->contact);
		return true;
	}
	switch (stream_accept_failure(errno)) {
	case STREAM_NOBODY:
		break;
	case STREAM_LATER:
		srv->paused = true;
		break;
	case STREAM_NEVER:
		fail(srv, l->contact);
	}
	return false;
}

/* What this server does not do for anybody; NULL: it may do it. */
static const char *limits(const struct server *srv, const struct perf_request *r)
{
	static char why[128];

	if (srv->n_sessions >= (unsigned int)srv->o->max_tests)
		return "busy with other tests";
	if (r->conns > (unsigned int)srv->o->max_conns)
		snprintf(why, sizeof(why), "at most %d connections", srv->o->max_conns);
	else if (r->ms > srv->o->max_time * 1000ull)
		snprintf(why, sizeof(why), "at most %d seconds", srv->o->max_time);
	else
		return NULL;
	return why;
}

static const char *new_session(struct server *srv, const struct caller *caller)
{
	const struct perf_request *r = &caller->opening.request;
	const char *wrong = limits(srv, r);
	struct perf_session *s;

	if (wrong)
		return wrong;
	s = perf_session_new(&srv->loop, caller->addr, r, srv->o->max_time * 1000ull);
	if (!s)
		return "no memory";
	wrong = perf_session_open(s, caller->fd);
	if (wrong) {
		perf_session_free(s);
		return wrong;
	}
	LIST_INSERT_HEAD(&srv->sessions, s, list);
	srv->n_sessions++;
	return NULL;
}

static const char *join_session(struct server *srv, const struct caller *caller, bool packets)
{
	const struct perf_opening *opening = &caller->opening;
	struct perf_session *s;

	LIST_FOREACH(s, &srv->sessions, list)
		if (s->token == opening->token && s->peer == caller->addr &&
		    s->request.packets == packets)
			return perf_session_join(s, caller->fd, opening->index);
	return "no test waits for this connection";
}

static void listener_ready(struct perf_watch *watch)
{
	struct listener *l = (struct listener *)watch;
	struct caller caller = {};
	const char *wrong;

	if (!take_caller(l, &caller))
		return;
	wrong = caller.wrong;
	if (!wrong && caller.opening.data)
		wrong = join_session(l->server, &caller, l->packets);
	else if (!wrong)
		wrong = l->packets ? "tests are not asked for here" :
				     new_session(l->server, &caller);
	if (!wrong)
		return;
	if (l->server->o->verbose)
		say("%o: refused: %s", caller.addr, wrong);
	perf_refuse(caller.fd, wrong);
}

static void echo_ready(struct perf_watch *watch)
{
	struct listener *l = (struct listener *)watch;
	enum perf_step step = PERF_MOVED;
	int i;

	/* Address and index are what the answer goes to; the contact is not. */
	for (i = 0; i < BURST && step == PERF_MOVED; i++)
		step = perf_echo(watch->fd, offsetof(struct sockaddr_chaos, sch_contact),
				 &l->server->echoes);
	/* Whatever it is: not at once again. */
	if (step == PERF_FAILED)
		l->server->paused = true;
}

static int start_listening(struct server *srv, struct listener *l, int type, const char *contact)
{
	const int on = 1;
	struct sockaddr_chaos sa;
	socklen_t len = chaos_sockaddr(&sa, 0, contact);
	int fd = socket(AF_CHAOS, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*l = (struct listener) {
		.watch = { .fd = fd, .ready = type == SOCK_DGRAM ? echo_ready : listener_ready },
		.server = srv, .contact = contact, .packets = type == SOCK_SEQPACKET,
	};
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&sa, len) &&
	    (type == SOCK_DGRAM ||
	     (!setsockopt(fd, SOL_CHAOS, CHAOS_DEFER, &on, sizeof(on)) && !listen(fd, BACKLOG))) &&
	    !perf_loop_watch(&srv->loop, &l->watch, EPOLLIN))
		return CHAOS_EXIT_OK;
	return listen_error(contact, errno);
}

static int open_all(struct server *srv)
{
	const struct perf_options *o = srv->o;
	int status;

	if (perf_loop_open(&srv->loop)) {
		say("cannot wait for callers: %m");
		return CHAOS_EXIT_LOCAL;
	}
	status = start_listening(srv, &srv->stream, SOCK_STREAM, o->contact);
	if (!status)
		status = start_listening(srv, &srv->packet, SOCK_SEQPACKET, o->packet_contact);
	if (!status)
		status = start_listening(srv, &srv->echo, SOCK_DGRAM, o->echo_contact);
	if (status)
		return status;
	say("serving %s, %s and %s", o->contact, o->packet_contact, o->echo_contact);
	return CHAOS_EXIT_OK;
}

static void tell(const struct perf_session *s)
{
	uint64_t rx = 0, tx = 0;
	unsigned int i;

	for (i = 0; i < s->request.conns; i++) {
		rx += s->conns[i].in.count.bytes;
		tx += s->conns[i].out.count.bytes;
	}
	say("%o: %s, %u of %u connections: %llu bytes received, %llu sent%s%s", s->peer,
	    s->request.packets ? "packets" : "stream", s->opened,
	    (unsigned int)s->request.conns, (unsigned long long)rx, (unsigned long long)tx,
	    s->why ? "; " : "", s->why ? s->why : "");
}

static void end_session(struct server *srv, struct perf_session *s)
{
	if (srv->o->verbose)
		tell(s);
	LIST_REMOVE(s, list);
	srv->n_sessions--;
	perf_session_free(s);
	srv->finished |= srv->o->once;
}

/* Look after all tests; returns when to do it again. */
static uint64_t check_sessions(struct server *srv, uint64_t *checked)
{
	struct perf_session *s, *next;
	uint64_t now = perf_now(), until = *checked + CHECK_NS;
	bool due = now >= until;

	for (s = LIST_FIRST(&srv->sessions); s; s = next) {
		uint64_t end = perf_session_next(s);

		next = LIST_NEXT(s, list);
		if (due || (end && now >= end))
			perf_session_check(s, now);
		else if (end && end < until)
			until = end;
		if (s->over)
			end_session(srv, s);
	}
	if (!due)
		return until;
	*checked = now;
	srv->paused = false;
	return now + 1;
}

static void run(struct server *srv)
{
	uint64_t checked = perf_now();

	while (!srv->finished && !perf_loop_stopped()) {
		uint64_t until = check_sessions(srv, &checked);
		uint32_t events = srv->paused ? 0 : EPOLLIN;

		if (perf_loop_watch(&srv->loop, &srv->stream.watch, events) ||
		    perf_loop_watch(&srv->loop, &srv->packet.watch, events) ||
		    perf_loop_watch(&srv->loop, &srv->echo.watch, events) ||
		    perf_loop_wait(&srv->loop, until))
			fail(srv, srv->o->contact);
	}
}

static void close_all(struct server *srv)
{
	struct perf_session *s;

	while ((s = LIST_FIRST(&srv->sessions))) {
		if (!s->over) {
			s->over = true;
			s->why = "the server was stopped";
		}
		end_session(srv, s);
	}
	perf_loop_forget(&srv->loop, &srv->stream.watch);
	perf_loop_forget(&srv->loop, &srv->packet.watch);
	perf_loop_forget(&srv->loop, &srv->echo.watch);
}

/**
 * perf_serve() - serve tests until SIGINT or SIGTERM
 * @o: options
 *
 * Return: the exit status.
 */
int perf_serve(const struct perf_options *o)
{
	struct server srv = { .o = o };

	LIST_INIT(&srv.sessions);
	srv.status = open_all(&srv);
	if (srv.status)
		return srv.status;
	run(&srv);
	close_all(&srv);
	return srv.status;
}
