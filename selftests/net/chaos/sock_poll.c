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

/* Write until there is no room. */
static void fill(int fd)
{
	pair_nonblock(fd, true);
	do {
		while (send(fd, buf, CHAOS_DATA_MAX, 0) > 0)
			;
	} while (pair_poll(fd, POLLOUT, 100));
}

/* Read until nothing more comes. */
static void drain(int fd)
{
	pair_nonblock(fd, true);
	do {
		while (recv(fd, buf, sizeof(buf), 0) > 0)
			;
	} while (pair_poll(fd, POLLIN, 300));
}

static void make_full(struct state *s)
{
	make_open(s);
	fill(s->p.a);
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
	drain(s.p.b);
	pair_wait_info(s.p.a, !info.ci_snd_unacked && !info.ci_snd_queued);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLOUT, "edge: room");
	tap_eq(epoll_get(ep, 100), 0, "edge: only once");
	tap_eq(send(s.p.a, buf, 1, 0), 1, "edge: and it is true");
	fill(s.p.a);
	while (epoll_get(ep, 100))
		;
	drain(s.p.b);
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLOUT, "edge: full again, and room again");
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
	tap_eq(epoll_get(ep, PAIR_PATIENCE), EPOLLIN, "one shot: armed again");
	close(ep);
	pair_close(&p);
}

/* Packets without data and uncontrolled ones are nothing to a stream. */
static void test_nothing(void)
{
	const struct inject_packet unc = { .op = CHAOS_OP_UNC, .text = "nothing" };
	struct pair p = pair_open(SOCK_STREAM, SOCK_SEQPACKET);
	int level = epoll_on(p.a, EPOLLIN), edge = epoll_on(p.a, EPOLLIN | EPOLLET);

	send(p.b, "", 0, 0);
	tap_ok(pair_wait_info(p.a, info.ci_rcv_unread == 1), "nothing: an empty packet arrives");
	tap_eq(epoll_get(level, 100), 0, "nothing: an empty packet is none");
	tap_eq(epoll_get(edge, 0), 0, "nothing: edge: an empty packet is none");
	inject_from_peer(p.a, &unc);
	tap_eq(epoll_get(level, 200), 0, "nothing: UNC is none");
	tap_eq(epoll_get(edge, 0), 0, "nothing: edge: UNC is none");
	tap_eq(pair_ioctl(p.a, SIOCINQ), 0, "nothing: SIOCINQ");
	tap_errno(recv(p.a, buf, 10, MSG_DONTWAIT), EAGAIN, "nothing: to read");
	send(p.b, "", 0, 0);
	send(p.b, "x", 1, 0);
	tap_eq(epoll_get(level, PAIR_PATIENCE), EPOLLIN, "nothing: then data");
	tap_eq(epoll_get(edge, PAIR_PATIENCE), EPOLLIN, "nothing: edge: then data");
	tap_eq(recv(p.a, buf, 10, MSG_DONTWAIT), 1, "nothing: before data is skipped");
	close(level);
	close(edge);
	pair_close(&p);
}

/* More of it than the window has room for: who waits for data must get it. */
static void test_nothing_much(void)
{
	int server = pair_listen(PAIR_B, SOCK_SEQPACKET, 1), i;
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };
	ssize_t n;

	pair_set_int(p.a, SOL_CHAOS, CHAOS_WINDOW, 4);
	p.b = pair_join(p.a, server);
	close(server);
	for (i = 0; i < 10; i++)
		send(p.b, "", 0, 0);
	send(p.b, "x", 1, 0);
	do {
		n = -1;
		if (!(pair_poll(p.a, POLLIN, PAIR_PATIENCE) & POLLIN))
			break;
		n = recv(p.a, buf, 10, MSG_DONTWAIT);
	} while (n < 0 && errno == EAGAIN);
	tap_eq(n, 1, "nothing: more than a window of it does not hide data");
	pair_close(&p);
}

/* SO_RCVLOWAT: how much is enough. */
static void test_lowat(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int level = epoll_on(p.a, EPOLLIN), edge = epoll_on(p.a, EPOLLIN | EPOLLET);

	pair_set_int(p.a, SOL_SOCKET, SO_RCVLOWAT, 1000);
	send(p.b, buf, 999, 0);
	pair_wait_info(p.a, info.ci_bytes_rcvd == 999);
	tap_eq(epoll_get(level, 100), 0, "low water: one byte less");
	tap_eq(epoll_get(edge, 0), 0, "low water: edge: one byte less");
	tap_eq(pair_ioctl(p.a, SIOCINQ), 999, "low water: it is there");
	send(p.b, buf, 1, 0);
	tap_eq(epoll_get(level, PAIR_PATIENCE), EPOLLIN, "low water: enough");
	tap_eq(epoll_get(edge, PAIR_PATIENCE), EPOLLIN, "low water: edge: enough");
	recv(p.a, buf, 10, 0);
	tap_eq(epoll_get(level, 100), 0, "low water: less again");
	msg_send_eof(p.b);
	tap_eq(epoll_get(level, PAIR_PATIENCE), EPOLLIN, "low water: a mark is enough");
	tap_eq(epoll_get(edge, PAIR_PATIENCE), EPOLLIN, "low water: edge: a mark is enough");
	tap_eq(recv(p.a, buf, sizeof(buf), 0), 990, "low water: up to the mark");
	recv(p.a, buf, 10, 0);
	send(p.b, buf, 5, 0);
	pair_wait_info(p.a, info.ci_bytes_rcvd == 1005);
	tap_eq(epoll_get(level, 100), 0, "low water: too little behind it");
	pair_set_int(p.a, SOL_SOCKET, SO_RCVLOWAT, 5);
	tap_eq(pair_poll(p.a, POLLIN, PAIR_PATIENCE), POLLIN,
	       "low water: enough when less is asked for");
	pair_set_int(p.a, SOL_SOCKET, SO_RCVLOWAT, 1000);
	close(p.b);
	tap_ok(epoll_get(level, PAIR_PATIENCE) & EPOLLIN, "low water: the end is enough");
	close(level);
	close(edge);
	close(p.a);
}

/* More than the window lets come. */
static void test_lowat_window(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };

	pair_set_int(p.a, SOL_CHAOS, CHAOS_WINDOW, 2);
	pair_set_int(p.a, SOL_SOCKET, SO_RCVLOWAT, 5000);
	p.b = pair_join(p.a, server);
	close(server);
	send(p.b, buf, 10000, 0);
	tap_eq(pair_poll(p.a, POLLIN, PAIR_PATIENCE), POLLIN, "low water: a full window is enough");
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
	test_nothing();
	test_nothing_much();
	test_lowat();
	test_lowat_window();
	return tap_done();
}
