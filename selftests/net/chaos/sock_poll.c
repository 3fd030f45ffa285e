// SPDX-License-Identifier: GPL-2.0-or-later
/* poll and epoll, level and edge, of streams in all their states. */
#define _GNU_SOURCE
#include <sys/epoll.h>

#include "inject.h"
#include "msg.h"
#include "pair.h"

static char buf[65536];

/* What epoll can tell of these sockets; the rest always comes with one of them. */
enum { EVENTS = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR };

struct state {
	struct pair p;
	int server;
};

static void make_fresh(struct state *s)
{
	s->p.a = pair_socket(PAIR_A, SOCK_STREAM);
}

static void make_listening(struct state *s)
{
	s->p.a = pair_listen(PAIR_A, SOCK_STREAM, 1);
}

static void make_called(struct state *s)
{
	s->p.a = pair_listen(PAIR_B, SOCK_STREAM, 1);
	s->server = pair_socket(PAIR_A, SOCK_STREAM);	/* here it is the caller */
	pair_call(s->server, s->p.a);
}

static void make_connecting(struct state *s)
{
	s->server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	s->p.a = pair_socket(PAIR_A, SOCK_STREAM);
	pair_call(s->p.a, s->server);
}

static void make_refused(struct state *s)
{
	make_connecting(s);
	pair_poll(s->server, POLLIN, PAIR_PATIENCE);
	close(s->server);
	s->server = -1;
}

static void make_open(struct state *s)
{
	s->p = pair_open(SOCK_STREAM, SOCK_STREAM);
}

static void make_data(struct state *s)
{
	make_open(s);
	send(s->p.b, "x", 1, 0);
}

static void make_mark(struct state *s)
{
	make_open(s);
	msg_send_eof(s->p.b);
}

static void make_read(struct state *s)
{
	make_data(s);
	recv(s->p.a, buf, 1, 0);
}

static void make_full(struct state *s)
{
	make_open(s);
	pair_nonblock(s->p.a, true);
	do {
		while (send(s->p.a, buf, CHAOS_DATA_MAX, 0) > 0)
			;
	} while (pair_poll(s->p.a, POLLOUT, 100));
}

static void make_full_shut(struct state *s)
{
	make_full(s);
	shutdown(s->p.a, SHUT_WR);
}

static void make_shut_wr(struct state *s)
{
	make_open(s);
	shutdown(s->p.a, SHUT_WR);
}

static void make_shut_rd(struct state *s)
{
	make_open(s);
	shutdown(s->p.a, SHUT_RD);
}

static void make_shut_both(struct state *s)
{
	make_open(s);
	shutdown(s->p.a, SHUT_RDWR);
}

static void make_peer_shut(struct state *s)
{
	make_open(s);
	shutdown(s->p.b, SHUT_WR);
}

static void make_closed(struct state *s)
{
	make_open(s);
	close(s->p.b);
	s->p.b = -1;
}

static void make_closed_data(struct state *s)
{
	make_data(s);
	close(s->p.b);
	s->p.b = -1;
}

static void make_broken(struct state *s)
{
	const struct inject_packet los = { .op = CHAOS_OP_LOS, .text = "" };

	make_open(s);
	inject_from_peer(s->p.a, &los);
}

static const struct state_row {
	const char *what;
	void (*make)(struct state *s);
	unsigned int events;
} state_rows[] = {
	{ "fresh", make_fresh, EPOLLOUT | EPOLLHUP },
	{ "listening", make_listening, 0 },
	{ "listening, called", make_called, EPOLLIN },
	{ "connecting", make_connecting, 0 },
	{ "refused", make_refused, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR },
	{ "open", make_open, EPOLLOUT },
	{ "data arrived", make_data, EPOLLIN | EPOLLOUT },
	{ "a mark arrived", make_mark, EPOLLIN | EPOLLOUT },
	{ "data read", make_read, EPOLLOUT },
	{ "send buffer full", make_full, 0 },
	{ "send buffer full, shut for writing", make_full_shut, EPOLLOUT },
	{ "shut for writing", make_shut_wr, EPOLLOUT },
	{ "shut for reading", make_shut_rd, EPOLLIN | EPOLLOUT | EPOLLRDHUP },
	{ "shut for both", make_shut_both, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP },
	{ "the peer shut for writing", make_peer_shut, EPOLLIN | EPOLLOUT },
	{ "closed by the peer", make_closed, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP },
	/* A safe close waits for us to read. */
	{ "closed by the peer, data unread", make_closed_data, EPOLLIN | EPOLLOUT },
	{ "broken", make_broken, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR },
};

static int epoll_on(int fd, unsigned int events)
{
	struct epoll_event event = { .events = events };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event))
		tap_bail("epoll: %s", strerror(errno));
	return ep;
}

/* The events there are within @ms; 0 if none. */
static unsigned int epoll_get(int ep, int ms)
{
	struct epoll_event event;

	return epoll_wait(ep, &event, 1, ms) == 1 ? event.events : 0;
}

/* Level-triggered events appear, and stay. */
static void test_state(const struct state_row *row)
{
	struct state s = { .p = { -1, -1 }, .server = -1 };
	long long end = netns_now() + PAIR_PATIENCE;
	unsigned int events;
	int ep;

	row->make(&s);
	ep = epoll_on(s.p.a, EVENTS);
	do {
		events = epoll_get(ep, 50);
	} while (events != row->events && netns_now() < end);
	if (!tap_ok(events == row->events && epoll_get(ep, 50) == events, "events: %s", row->what))
		tap_diag("got %x, expected %x", events, row->events);
	close(ep);
	close(s.p.a);
	close(s.p.b);
	close(s.server);
}

/* Edge-triggered events come once for each thing that happens. */
static void test_edge_in(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int ep = epoll_on(p.a, EPOLLIN | EPOLLRDHUP | EPOLLET);

	tap_eq(epoll_get(ep, 50), 0, "edge: nothing yet");
	send(p.b, "one", 3, 0);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLIN, "edge: data");
	tap_eq(epoll_get(ep, 50), 0, "edge: only once");
	send(p.b, "two", 3, 0);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLIN, "edge: more data, the first unread");
	recv(p.a, buf, 100, 0);
	tap_eq(epoll_get(ep, 50), 0, "edge: reading is none");
	msg_send_eof(p.b);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLIN, "edge: a mark");
	tap_eq(epoll_get(ep, 50), 0, "edge: only once");
	recv(p.a, buf, 100, 0);
	close(p.b);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLIN | EPOLLRDHUP | EPOLLHUP, "edge: the end");
	tap_eq(epoll_get(ep, 50), 0, "edge: only once");
	close(ep);
	close(p.a);
}

static void test_edge_out(void)
{
	struct state s;
	int ep;

	make_full(&s);
	ep = epoll_on(s.p.a, EPOLLOUT | EPOLLET);
	tap_eq(epoll_get(ep, 100), 0, "edge: no room to write");
	pair_nonblock(s.p.b, true);
	do {
		while (recv(s.p.b, buf, sizeof(buf), 0) > 0)
			;
	} while (pair_poll(s.p.b, POLLIN, 300));
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLOUT, "edge: room");
	tap_eq(send(s.p.a, buf, 1, 0), 1, "edge: and it is true");
	close(ep);
	pair_close(&s.p);
}

static void test_edge_connect(void)
{
	struct state s;
	int ep, ep_server, fd;

	make_connecting(&s);
	ep = epoll_on(s.p.a, EPOLLOUT | EPOLLET);
	ep_server = epoll_on(s.server, EPOLLIN | EPOLLET);
	tap_eq(epoll_get(ep_server, PAIR_PATIENCE), EPOLLIN, "edge: called");
	tap_eq(epoll_get(ep, 50), 0, "edge: connecting");
	fd = accept(s.server, NULL, NULL);
	tap_eq(epoll_get(ep_server, 50), 0, "edge: accepting is none");
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLOUT, "edge: connected");
	tap_eq(epoll_get(ep, 50), 0, "edge: only once");
	tap_eq(pair_error(s.p.a), 0, "SO_ERROR: connected");
	close(fd);
	close(ep);
	close(ep_server);
	close(s.p.a);
	close(s.server);
}

/* With EPOLLONESHOT an event comes again only when asked for. */
static void test_oneshot(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };
	int ep = epoll_on(p.a, event.events);

	send(p.b, "x", 1, 0);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLIN, "one shot: data");
	tap_eq(epoll_get(ep, 50), 0, "one shot: disarmed");
	epoll_ctl(ep, EPOLL_CTL_MOD, p.a, &event);
	tap_eq(epoll_get(ep, 50), EPOLLIN, "one shot: armed again");
	close(ep);
	pair_close(&p);
}

int main(void)
{
	size_t i;

	pair_setup();
	for (i = 0; i < ARRAY_SIZE(state_rows); i++)
		test_state(&state_rows[i]);
	test_edge_in();
	test_edge_out();
	test_edge_connect();
	test_oneshot();
	return tap_done();
}
