// SPDX-License-Identifier: GPL-2.0-or-later
/* Windows and buffers: nothing is lost, and nobody has to keep more than he offered. */
#define _GNU_SOURCE
#include <linux/sock_diag.h>

#include "pair.h"

enum { BIG = 1 << 18 };

static char out[BIG], in[BIG];

/* A connection whose ends offer these windows and buffers; 0 for what they have. */
struct offer {
	int window, rcvbuf, sndbuf;
};

static void set_offer(int fd, const struct offer *o)
{
	if (o->window)
		pair_set_int(fd, SOL_CHAOS, CHAOS_WINDOW, o->window);
	if (o->rcvbuf)
		pair_set_int(fd, SOL_SOCKET, SO_RCVBUF, o->rcvbuf);
	if (o->sndbuf)
		pair_set_int(fd, SOL_SOCKET, SO_SNDBUF, o->sndbuf);
}

static struct pair open_with(const struct offer *a, const struct offer *b)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };

	set_offer(p.a, a);
	set_offer(server, b);
	p.b = pair_join(p.a, server);
	close(server);
	return p;
}

/* One end of an exchange: how far it is. */
struct end {
	int fd;
	size_t sent, got;
	char in[BIG];
};

static size_t at_most(size_t len, size_t most)
{
	return len < most ? len : most;
}

/* What can be done without waiting, in odd pieces. */
static void step(struct end *e, size_t size)
{
	ssize_t n;

	if (e->sent < size) {
		n = send(e->fd, out + e->sent, at_most(size - e->sent, 1999), 0);
		e->sent += n > 0 ? n : 0;
	}
	if (e->got < size) {
		n = recv(e->fd, e->in + e->got, at_most(size - e->got, 777), 0);
		e->got += n > 0 ? n : 0;
	}
}

/* Both ends write and read at the same time. */
static bool exchange(const struct pair *p, size_t size)
{
	static struct end ends[2];
	struct pollfd pfd[2];
	int i;

	for (i = 0; i < 2; i++) {
		ends[i].fd = i ? p->b : p->a;
		pfd[i].fd = ends[i].fd;
		ends[i].sent = 0;
		ends[i].got = 0;
		pair_nonblock(ends[i].fd, true);
	}
	while (ends[0].got < size || ends[1].got < size) {
		for (i = 0; i < 2; i++)
			pfd[i].events = (ends[i].sent < size ? POLLOUT : 0) |
					(ends[i].got < size ? POLLIN : 0);
		if (poll(pfd, 2, PAIR_PATIENCE) <= 0)
			return false;
		for (i = 0; i < 2; i++)
			step(&ends[i], size);
	}
	return !memcmp(ends[0].in, out, size) && !memcmp(ends[1].in, out, size);
}

static void test_windows(void)
{
	static const int windows[][2] = {
		{ 1, 1 }, { 1, 13 }, { 2, 2 }, { 3, 1 }, { 5, 5 }, { 13, 13 }, { 1024, 1024 },
		{ 1024, 1 },
	};
	size_t i, size = 60000;

	pair_fill(out, 0, BIG);
	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		struct offer a = { windows[i][0], 4 << 20, 0 }, b = { windows[i][1], 4 << 20, 0 };
		struct pair p = open_with(&a, &b);

		tap_ok(exchange(&p, size), "windows %d and %d: %zu bytes both ways", windows[i][0],
		       windows[i][1], size);
		tap_eq(pair_info(p.a).ci_beyond_window + pair_info(p.b).ci_beyond_window, 0,
		       "windows %d and %d: kept", windows[i][0], windows[i][1]);
		pair_close(&p);
	}
}

/* Ends tell each other their windows, at first and when they change. */
static void test_window_told(void)
{
	struct offer five = { 5, 0, 0 }, thirteen = { 13, 0, 0 };
	struct pair p = open_with(&five, &thirteen);
	int server;

	tap_ok(pair_wait_info(p.a, info.ci_snd_window == 13), "the caller knows the window");
	tap_ok(pair_wait_info(p.b, info.ci_snd_window == 5), "the server knows the window");
	tap_eq(pair_info(p.a).ci_rcv_window, 5, "the caller's own");
	tap_eq(pair_info(p.b).ci_rcv_window, 13, "the server's own");
	tap_eq(pair_get_int(p.b, SOL_CHAOS, CHAOS_WINDOW), 13, "inherited from the listener");
	pair_set_int(p.b, SOL_CHAOS, CHAOS_WINDOW, 64);
	tap_ok(pair_wait_info(p.a, info.ci_snd_window == 64), "a larger one is told");
	pair_set_int(p.b, SOL_CHAOS, CHAOS_WINDOW, 1);
	tap_ok(pair_wait_info(p.a, info.ci_snd_window == 1), "a smaller one is told");
	tap_ok(exchange(&p, 20000), "and both are kept");
	pair_close(&p);

	server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	p.a = pair_socket(PAIR_A, SOCK_STREAM);
	pair_call(p.a, server);
	pair_poll(server, POLLIN, PAIR_PATIENCE);
	pair_set_int(server, SOL_CHAOS, CHAOS_WINDOW, 9);
	p.b = accept(server, NULL, NULL);
	tap_eq(pair_info(p.b).ci_rcv_window, 9, "set when called: the window is that at accept()");
	pair_set_int(p.b, SOL_CHAOS, CHAOS_WINDOW, 7);
	tap_ok(pair_wait_info(p.a, info.ci_snd_window == 7), "set at once after accept(): is told");
	close(server);
	pair_close(&p);
}

/* Memory that a socket is charged for, or may be: SK_MEMINFO_*. */
static unsigned int memory(int fd, int what)
{
	uint32_t info[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		tap_bail("SO_MEMINFO: %s", strerror(errno));
	return info[what];
}

/* Nobody reads: the writer is stopped, by the window and by its own buffer. */
static const struct stop_row {
	const char *what;
	struct offer a, b;		/* A writes */
	unsigned int unread;		/* packets that B has to keep in the end; 0: see below */
	unsigned int written_max;	/* bytes */
} stop_rows[] = {
	{ "small window", { 0, 0, 0 }, { 4, 0, 0 }, 4, 300000 },
	{ "small window, small send buffer", { 0, 0, 4608 }, { 4, 0, 0 }, 4, 4 * 488 + 9216 },
	{ "small receive buffer", { 0, 0, 0 }, { 1024, 8192, 0 }, 0, 300000 },
	{ "large window", { 0, 0, 0 }, { 1024, 4 << 20, 0 }, 0, BIG },
};

/* Write from @from on, as far as it goes.  Returns how far. */
static size_t write_some(int fd, size_t from)
{
	size_t sent = 0;
	ssize_t n;

	do {
		n = send(fd, out + from + sent, at_most(BIG - from - sent, 1000), 0);
		sent += n > 0 ? n : 0;
	} while (n > 0);
	return sent;
}

static void test_stop(const struct stop_row *row)
{
	struct pair p = open_with(&row->a, &row->b);
	size_t written = 0, got = 0, more;
	unsigned int window = pair_info(p.b).ci_rcv_window;
	ssize_t n;

	/* Until nothing moves any more, not even the little that poll() does not tell. */
	pair_nonblock(p.a, true);
	do {
		more = write_some(p.a, written);
		written += more;
		pair_wait_info(p.a, !info.ci_snd_unreceipted);
	} while (written < BIG && (more || pair_poll(p.a, POLLOUT, 200)));
	tap_ok(written >= 4 * 488 && written <= row->written_max, "%s: the writer stops at %zu",
	       row->what, written);
	if (written < BIG)
		tap_errno(send(p.a, out, 1, 0), EAGAIN, "%s: there is no room", row->what);
	tap_ok(pair_info(p.b).ci_rcv_unread <= window &&
	       (!row->unread || pair_info(p.b).ci_rcv_unread == row->unread),
	       "%s: the reader keeps what it has offered: %u of %u", row->what,
	       pair_info(p.b).ci_rcv_unread, window);
	tap_ok(memory(p.b, SK_MEMINFO_RMEM_ALLOC) <= memory(p.b, SK_MEMINFO_RCVBUF) &&
	       memory(p.b, SK_MEMINFO_RMEM_ALLOC) >= (unsigned int)pair_ioctl(p.b, SIOCINQ),
	       "%s: the reader pays %u of %u", row->what, memory(p.b, SK_MEMINFO_RMEM_ALLOC),
	       memory(p.b, SK_MEMINFO_RCVBUF));
	/* A packet is let in when there is any room at all. */
	tap_ok(memory(p.a, SK_MEMINFO_WMEM_ALLOC) <= memory(p.a, SK_MEMINFO_SNDBUF) + 2048 &&
	       memory(p.a, SK_MEMINFO_WMEM_ALLOC) >= (unsigned int)pair_ioctl(p.a, SIOCOUTQ),
	       "%s: the writer pays %u of %u", row->what, memory(p.a, SK_MEMINFO_WMEM_ALLOC),
	       memory(p.a, SK_MEMINFO_SNDBUF));
	tap_eq(pair_ioctl(p.a, SIOCOUTQ) + pair_ioctl(p.b, SIOCINQ), written,
	       "%s: every byte is somewhere", row->what);

	/* Reading sets it going again. */
	while (got < BIG) {
		written += write_some(p.a, written);
		if (!pair_poll(p.b, POLLIN, PAIR_PATIENCE))
			break;
		n = recv(p.b, in + got, BIG - got, 0);
		if (n <= 0)
			break;
		got += n;
	}
	tap_ok(got == BIG && pair_filled(in, 0, BIG),
	       "%s: reading goes on, and nothing is lost", row->what);
	tap_eq(pair_info(p.b).ci_beyond_window, 0, "%s: the writer has kept to the window",
	       row->what);
	tap_ok(pair_wait_info(p.a, !info.ci_snd_unreceipted) &&
	       !memory(p.a, SK_MEMINFO_WMEM_ALLOC) && !memory(p.b, SK_MEMINFO_RMEM_ALLOC),
	       "%s: nobody pays for anything any more", row->what);
	pair_close(&p);
}

/* A writer that waits is woken when the reader makes room. */
static void test_blocked_writer(void)
{
	struct offer few = { 2, 0, 4608 };
	struct pair p = open_with(&few, &few);
	size_t got = 0;
	int status;
	ssize_t n;

	fflush(stdout);
	if (!fork())
		_exit(send(p.a, out, 100000, 0) != 100000);
	netns_sleep(200);
	while (got < 100000 && (n = recv(p.b, in + got, 100000 - got, 0)) > 0)
		got += n;
	wait(&status);
	tap_ok(!status, "a blocked writer has written all");
	tap_ok(got == 100000 && pair_filled(in, 0, got), "a slow reader has read all");
	pair_close(&p);
}

int main(void)
{
	size_t i;

	pair_setup();
	test_windows();
	test_window_told();
	for (i = 0; i < ARRAY_SIZE(stop_rows); i++)
		test_stop(&stop_rows[i]);
	test_blocked_writer();
	return tap_done();
}
