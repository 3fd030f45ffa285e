// SPDX-License-Identifier: GPL-2.0-or-later
/* close() with SO_LINGER, and the words with which a connection is closed. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/time.h>

#include "msg.h"
#include "watch.h"

#define BIG	20000

static char buf[BIG];
static int cable;

static void set_linger(int fd, int seconds)
{
	const struct linger l = { .l_onoff = 1, .l_linger = seconds };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)))
		tap_bail("SO_LINGER: %s", strerror(errno));
}

/* A connection on which A has written BIG bytes; B lets only 2 packets come. */
static struct pair stuck(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };

	pair_set_int(server, SOL_CHAOS, CHAOS_WINDOW, 2);
	p.b = pair_join(p.a, server);
	close(server);
	pair_fill(buf, 0, BIG);
	if (send(p.a, buf, BIG, 0) != BIG || !pair_wait_info(p.b, info.ci_rcv_unread == 2))
		tap_bail("cannot write");
	return p;
}

/* Read to the end.  Return: how many bytes there were; the errno at the end is left. */
static int read_all(int fd)
{
	int got = 0;
	ssize_t n;

	while ((n = recv(fd, buf, BIG, 0)) > 0) {
		if (!pair_filled(buf, got, n))
			return -1;
		got += n;
	}
	errno = n < 0 ? errno : 0;
	return got;
}

/* ms: it does not wait until the seconds of SO_LINGER are over. */
#define LINGER		60
#define NOT_LINGER	(LINGER / 2 * 1000)

/* Return: how many milliseconds from @start to the end of close(). */
static int close_since(int fd, long long start)
{
	if (close(fd))
		tap_diag("close: %s", strerror(errno));
	return netns_now() - start;
}

static int timed_close(int fd)
{
	return close_since(fd, netns_now());
}

/* What the peer does meanwhile; a process of its own would have A's socket, too. */
struct peer {
	pthread_t thread;
	int fd, ms;		/* when it begins */
	bool aborts;
	int got, error;
};

static void *peer_run(void *arg)
{
	struct peer *peer = arg;

	netns_sleep(peer->ms);
	if (peer->aborts) {
		watch_abort(peer->fd);
		return NULL;
	}
	peer->got = read_all(peer->fd);
	peer->error = errno;
	close(peer->fd);
	return NULL;
}

static void peer_start(struct peer *peer)
{
	if (pthread_create(&peer->thread, NULL, peer_run, peer))
		tap_bail("no thread");
}

/* Did it read everything? */
static bool peer_read_all(struct peer *peer)
{
	pthread_join(peer->thread, NULL);
	return peer->got == BIG && !peer->error;
}

static void test_zero(void)
{
	struct pair p = stuck();
	struct watch_packet cls;
	int got;

	set_linger(p.a, 0);
	watch_skip(cable);
	tap_ok(timed_close(p.a) < NOT_LINGER, "linger 0: close() does not wait");
	tap_ok(watch_for(cable, CHAOS_OP_CLS, &cls, PAIR_PATIENCE),
	       "linger 0: the CLS goes out, though the peer does not read");
	tap_ok(pair_wait_conns(PAIR_A, 0), "linger 0: nothing is left");
	got = read_all(p.b);
	tap_ok(got == 2 * CHAOS_DATA_MAX && errno == ECONNRESET,
	       "linger 0: the peer reads what has arrived, then ECONNRESET");
	tap_ok(!strcmp(pair_reason(p.b), "Connection aborted"), "linger 0: reason: %s",
	       pair_reason(p.b));
	close(p.b);

	p = pair_open(SOCK_STREAM, SOCK_STREAM);
	set_linger(p.a, 0);
	close(p.a);
	tap_eq(recv(p.b, buf, 1, 0), 0, "linger 0, nothing is missing: a clean end");
	close(p.b);
}

static void test_zero_queued(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	/* Nothing is lost on the way: it waits to be filled. */
	send(p.a, "waits", 5, MSG_MORE);
	set_linger(p.a, 0);
	close(p.a);
	tap_errno(recv(p.b, buf, 1, 0), ECONNRESET, "linger 0: data that waits is dropped");
	close(p.b);
}

static void test_wait(void)
{
	struct pair p = stuck();
	struct peer peer = { .fd = p.b, .ms = 500 };
	long long start;
	int ms;

	set_linger(p.a, LINGER);
	start = netns_now();
	peer_start(&peer);
	ms = close_since(p.a, start);
	tap_ok(ms >= 450 && ms < NOT_LINGER, "linger 60: close() waits for the peer: %d ms", ms);
	tap_ok(peer_read_all(&peer), "linger 60: which reads everything, and a clean end");
	tap_ok(pair_wait_conns(PAIR_A, 0), "linger 60: then it is closed");

	p = stuck();
	set_linger(p.a, LINGER);
	pair_nonblock(p.a, true);
	peer.fd = p.b;
	start = netns_now();
	peer_start(&peer);
	ms = close_since(p.a, start);
	tap_ok(ms >= 450 && ms < NOT_LINGER, "linger 60, non-blocking: it waits as for TCP: %d ms",
	       ms);
	tap_ok(peer_read_all(&peer), "linger 60, non-blocking: all is read");
}

static void test_wait_in_vain(void)
{
	struct pair p = stuck();
	int ms;

	set_linger(p.a, 1);
	ms = timed_close(p.a);
	/* The kernel counts ticks; it makes up for several at once when the machine has stalled. */
	tap_ok(ms >= 700 && ms < PAIR_PATIENCE, "linger 1: close() returns after a second: %d ms",
	       ms);
	tap_eq(pair_count_conns(PAIR_A), 1, "linger 1: the rest goes on in the background");
	tap_ok(read_all(p.b) == BIG && !errno, "linger 1: everything can still be read");
	close(p.b);
}

static void do_nothing(int sig)
{
	(void)sig;
}

static void test_signal(void)
{
	const struct sigaction action = { .sa_handler = do_nothing };
	/* Again and again: the first may come before close() waits. */
	const struct timeval soon = { .tv_usec = 300000 };
	const struct itimerval timer = { soon, soon }, none = {};
	struct pair p = stuck();
	long long start;
	int ms;

	sigaction(SIGALRM, &action, NULL);
	set_linger(p.a, LINGER);
	start = netns_now();
	setitimer(ITIMER_REAL, &timer, NULL);
	ms = close_since(p.a, start);
	setitimer(ITIMER_REAL, &none, NULL);
	tap_ok(ms >= 250 && ms < NOT_LINGER, "linger 60: a signal ends waiting: %d ms", ms);
	tap_ok(read_all(p.b) == BIG && !errno, "linger 60, signal: everything can still be read");
	close(p.b);
}

/* Who exits, or is killed, does not wait. */
static void test_exit(void)
{
	struct pair p = stuck();
	long long start;
	int status;
	pid_t pid;

	set_linger(p.a, LINGER);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	close(p.a);
	start = netns_now();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(netns_now() - start < NOT_LINGER, "linger 60: the exit of a process does not wait");
	tap_ok(read_all(p.b) == BIG && !errno, "linger 60, exit: everything can still be read");
	close(p.b);
}

/* The peer ends the connection while close() waits. */
static void test_broken(void)
{
	struct pair p = stuck();
	struct peer peer = { .fd = p.b, .ms = 300, .aborts = true };
	long long start;
	int ms;

	set_linger(p.a, LINGER);
	start = netns_now();
	peer_start(&peer);
	ms = close_since(p.a, start);
	pthread_join(peer.thread, NULL);
	tap_ok(ms >= 250 && ms < NOT_LINGER, "linger 60: the peer aborts: %d ms", ms);
}

/* Sockets that have nothing to wait for. */
static void test_other_states(void)
{
	int fd = pair_socket(PAIR_A, SOCK_STREAM), server;
	struct pair p;

	set_linger(fd, LINGER);
	tap_ok(timed_close(fd) < NOT_LINGER, "linger 60: a fresh socket");
	fd = pair_listen(PAIR_A, SOCK_STREAM, 1);
	set_linger(fd, LINGER);
	tap_ok(timed_close(fd) < NOT_LINGER, "linger 60: a listening socket");
	server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	fd = pair_socket(PAIR_A, SOCK_STREAM);
	pair_call(fd, server);
	set_linger(fd, LINGER);
	tap_ok(timed_close(fd) < NOT_LINGER, "linger 60: a connecting socket");
	close(server);
	p = pair_open(SOCK_STREAM, SOCK_STREAM);
	set_linger(p.a, LINGER);
	tap_ok(timed_close(p.a) < NOT_LINGER, "linger 60: nothing was written");
	close(p.b);
	p = pair_open(SOCK_STREAM, SOCK_STREAM);
	close(p.b);
	pair_poll(p.a, POLLHUP, PAIR_PATIENCE);
	set_linger(p.a, LINGER);
	tap_ok(timed_close(p.a) < NOT_LINGER, "linger 60: the peer has closed");
	p = stuck();
	close(p.a);
	tap_ok(read_all(p.b) == BIG && !errno, "no linger: everything is read");
	close(p.b);
}

/* The words of whom closes are the peer's CHAOS_REASON. */
static const struct reason_row {
	const char *what, *set, *got;
	bool linger;			/* for 0 seconds */
} reason_rows[] = {
	{ "none set", NULL, "Connection closed", false },
	{ "none set, aborted", NULL, "Connection aborted", true },
	{ "set", "Good bye", "Good bye", false },
	{ "set, aborted", "I have had enough", "I have had enough", true },
	{ "empty", "", "", false },
	{ "empty, aborted", "", "", true },
};

static void test_reason(const struct reason_row *row)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct msg_got got;
	ssize_t n;
	int i;

	/* The first round with a stream at the other end, then one with packets. */
	for (i = 0; i < 2; i++) {
		if (i)
			p = pair_open(SOCK_STREAM, SOCK_SEQPACKET);
		if (row->set)
			setsockopt(p.a, SOL_CHAOS, CHAOS_REASON, row->set, strlen(row->set));
		if (row->linger)
			set_linger(p.a, 0);
		close(p.a);
		n = msg_recv(p.b, buf, sizeof(buf), 0, &got);
		if (i)
			tap_ok(n == (ssize_t)strlen(row->got) && got.opcode == CHAOS_OP_CLS &&
			       got.flags & MSG_EOR && !memcmp(buf, row->got, n),
			       "reason %s: the last packet is %.*s", row->what, (int)n, buf);
		else
			tap_eq(n, 0, "reason %s: the end", row->what);
		tap_ok(!strcmp(pair_reason(p.b), row->got), "reason %s: is read: %s", row->what,
		       pair_reason(p.b));
		close(p.b);
	}
}

static void test_reason_values(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	static char text[CHAOS_DATA_MAX + 1];
	int fd = pair_socket(PAIR_A, SOCK_STREAM);

	memset(text, 'x', sizeof(text));
	tap_errno(setsockopt(fd, SOL_CHAOS, CHAOS_REASON, "x", 1), ENOTCONN,
		  "reason: not connected");
	close(fd);
	tap_errno(setsockopt(p.a, SOL_CHAOS, CHAOS_REASON, text, sizeof(text)), EMSGSIZE,
		  "reason: too long");
	tap_errno(setsockopt(p.a, SOL_CHAOS, CHAOS_REASON, (void *)8, 5), EFAULT,
		  "reason: bad pointer");
	tap_eq(setsockopt(p.a, SOL_CHAOS, CHAOS_REASON, "first", 5), 0, "reason: one");
	tap_eq(setsockopt(p.a, SOL_CHAOS, CHAOS_REASON, text, CHAOS_DATA_MAX), 0,
	       "reason: another, as long as can be");
	tap_ok(!*pair_reason(p.a), "reason: ours is not what we get");
	send(p.a, "data", 4, 0);
	shutdown(p.a, SHUT_WR);
	close(p.a);
	tap_ok(recv(p.b, buf, 10, 0) == 4 && !recv(p.b, buf, 10, 0) && !recv(p.b, buf, 10, 0),
	       "reason: data, mark and end come before");
	text[CHAOS_DATA_MAX] = 0;
	tap_ok(!strcmp(pair_reason(p.b), text), "reason: all of it arrives");
	close(p.b);
}

/* The reason counts although the peer reads only after the close, in the background. */
static void test_reason_late(void)
{
	struct pair p = stuck();

	setsockopt(p.a, SOL_CHAOS, CHAOS_REASON, "Read it all?", 12);
	close(p.a);
	tap_ok(read_all(p.b) == BIG && !errno, "reason, unsent data: everything is read");
	/* read_all() stops at the mark. */
	recv(p.b, buf, 1, 0);
	tap_ok(!strcmp(pair_reason(p.b), "Read it all?"), "reason, unsent data: %s",
	       pair_reason(p.b));
	close(p.b);
}

/* A server that does not want to talk can say why before it has opened. */
static void test_reason_undecided(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };

	pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 1);
	pair_call(p.a, server);
	p.b = accept(server, NULL, NULL);
	close(server);
	tap_eq(setsockopt(p.b, SOL_CHAOS, CHAOS_REASON, "Not today", 9), 0,
	       "reason: before the decision");
	close(p.b);
	pair_poll(p.a, POLLHUP, PAIR_PATIENCE);
	tap_eq(pair_error(p.a), ECONNREFUSED, "reason: closing instead of deciding refuses");
	tap_ok(!strcmp(pair_reason(p.a), "Not today"), "reason: with these words: %s",
	       pair_reason(p.a));
	close(p.a);
}

int main(void)
{
	size_t i;

	pair_setup();
	cable = watch_open(PAIR_A);
	test_zero();
	test_zero_queued();
	test_wait();
	test_wait_in_vain();
	test_signal();
	test_exit();
	test_broken();
	test_other_states();
	for (i = 0; i < ARRAY_SIZE(reason_rows); i++)
		test_reason(&reason_rows[i]);
	test_reason_values();
	test_reason_late();
	test_reason_undecided();
	tap_ok(pair_wait_no_conns(), "nothing is left of all these");
	return tap_done();
}
