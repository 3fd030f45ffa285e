// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that wait: interrupted or restarted by signals, ended by timeouts; and
 * SIGPIPE.
 *
 * A timer sends SIGALRM all the time.  The handler counts, and from the third one on
 * lets happen what the call waits for, until it has.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>

#include "msg.h"
#include "pair.h"

enum { EVERY_MS = 40, ENOUGH = 3 };

/* A timeout; one that is earlier was none.  The kernel counts ticks, of which it makes up
 * for several at once when the machine has stalled.
 */
enum { TIMEOUT_MS = 500, NO_TIMEOUT_MS = 300 };

static volatile sig_atomic_t alarms, pipes;
static bool (*volatile at_last)(void);

static void on_alarm(int sig)
{
	int error = errno;

	(void)sig;
	if (++alarms >= ENOUGH && at_last && at_last())
		at_last = NULL;
	errno = error;
}

static void on_pipe(int sig)
{
	(void)sig;
	pipes++;
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void alarms_start(int flags, bool (*then)(void))
{
	const struct timeval every = { 0, EVERY_MS * 1000 };
	const struct itimerval timer = { every, every };

	alarms = 0;
	at_last = then;
	handle(SIGALRM, on_alarm, flags);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void alarms_stop(void)
{
	const struct itimerval timer = {};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* What the calls and the handler work with. */
static struct pair ends;
static int server, accepted;
static char buf[64 * 1024];

static int call_accept(void)
{
	return accept(server, NULL, NULL);
}

static bool let_accept(void)
{
	fcntl(ends.a, F_SETFL, O_NONBLOCK);
	pair_connect_to(ends.a, server);
	return true;
}

static int call_connect(void)
{
	return pair_connect_to(ends.a, server);
}

static bool let_connect(void)
{
	fcntl(server, F_SETFL, O_NONBLOCK);
	accepted = accept4(server, NULL, NULL, SOCK_NONBLOCK);
	return accepted >= 0;
}

static int call_recv(void)
{
	return recv(ends.a, buf, sizeof(buf), 0);
}

static bool let_recv(void)
{
	send(ends.b, "hello", 5, 0);
	return true;
}

static int call_send(void)
{
	return send(ends.a, buf, CHAOS_DATA_MAX, 0);
}

static bool let_send(void)
{
	fcntl(ends.b, F_SETFL, O_NONBLOCK);
	while (recv(ends.b, buf, sizeof(buf), 0) > 0)
		;
	return false;
}

/* A connection that takes no more from A.  Receipts that come late make room for a
 * packet or two, of which poll() tells only when it is much.
 */
static void prepare_full(void)
{
	ends = pair_open(SOCK_STREAM, SOCK_STREAM);
	pair_nonblock(ends.a, true);
	do {
		while (send(ends.a, buf, CHAOS_DATA_MAX, 0) > 0)
			;
	} while (pair_poll(ends.a, POLLOUT, 300) || send(ends.a, buf, CHAOS_DATA_MAX, 0) > 0);
	pair_nonblock(ends.a, false);
}

static void prepare_open(void)
{
	ends = pair_open(SOCK_STREAM, SOCK_STREAM);
}

static void prepare_packets(void)
{
	ends = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
}

static void prepare_listen(void)
{
	server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	ends.a = pair_socket(PAIR_A, SOCK_STREAM);
	ends.b = -1;
}

static void prepare_dgram(void)
{
	ends.a = pair_socket(PAIR_A, SOCK_DGRAM);
	ends.b = pair_socket(PAIR_B, SOCK_DGRAM);
	pair_bind(ends.b, 0, "ASK");
	pair_connect(ends.a, PAIR_B, "ASK");
	send(ends.a, "?", 1, 0);
}

static bool let_dgram(void)
{
	struct msg_got got;

	if (msg_recv(ends.b, buf, sizeof(buf), MSG_DONTWAIT, &got) < 0)
		return false;
	memset(got.from.sch_contact, 0, sizeof(got.from.sch_contact));
	sendto(ends.b, "hello", 5, 0, (struct sockaddr *)&got.from, sizeof(got.from));
	return true;
}

static const struct wait_row {
	const char *what;
	void (*prepare)(void);
	int (*call)(void);
	bool (*let)(void);
	int timeout;			/* the option that limits it */
	int timeout_error;
	int result;			/* in the end, or -1 for a file descriptor */
} wait_rows[] = {
	{ "accept", prepare_listen, call_accept, let_accept, SO_RCVTIMEO, EAGAIN, -1 },
	{ "connect", prepare_listen, call_connect, let_connect, SO_SNDTIMEO, EINPROGRESS, 0 },
	{ "recv, stream", prepare_open, call_recv, let_recv, SO_RCVTIMEO, EAGAIN, 5 },
	{ "recv, seqpacket", prepare_packets, call_recv, let_recv, SO_RCVTIMEO, EAGAIN, 5 },
	{ "recv, dgram", prepare_dgram, call_recv, let_dgram, SO_RCVTIMEO, EAGAIN, 5 },
	{ "send, stream", prepare_full, call_send, let_send, SO_SNDTIMEO, EAGAIN, CHAOS_DATA_MAX },
};

static void clean_up(const struct wait_row *row)
{
	close(ends.a);
	if (ends.b >= 0)
		close(ends.b);
	if (row->prepare == prepare_listen)
		close(server);
	if (row->let == let_connect && accepted > 0)
		close(accepted);
	accepted = -1;
}

static int waiting_socket(const struct wait_row *row)
{
	return row->call == call_accept ? server : ends.a;
}

static void test_interrupted(const struct wait_row *row)
{
	int result;

	row->prepare();
	alarms_start(0, NULL);
	result = row->call();
	alarms_stop();
	tap_errno(result, EINTR, "%s: a signal", row->what);
	clean_up(row);
}

static void test_restarted(const struct wait_row *row)
{
	int result;

	row->prepare();
	alarms_start(SA_RESTART, row->let);
	result = row->call();
	alarms_stop();
	tap_ok(alarms >= ENOUGH && (row->result < 0 ? result >= 0 : result == row->result),
	       "%s: goes on after signals with SA_RESTART", row->what);
	if (result < 0)
		tap_diag("%s", strerror(errno));
	if (row->result < 0 && result >= 0)
		close(result);
	clean_up(row);
}

static void test_timeout(const struct wait_row *row)
{
	long long start;
	int result;

	row->prepare();
	pair_timeout(waiting_socket(row), row->timeout, TIMEOUT_MS);
	start = netns_now();
	result = row->call();
	tap_errno(result, row->timeout_error, "%s: a timeout", row->what);
	tap_ok(netns_now() - start >= NO_TIMEOUT_MS, "%s: not before it is over", row->what);
	clean_up(row);

	/* signal(7): with a timeout, SA_RESTART makes no difference. */
	row->prepare();
	pair_timeout(waiting_socket(row), row->timeout, 20000);
	alarms_start(SA_RESTART, NULL);
	result = row->call();
	alarms_stop();
	tap_errno(result, EINTR, "%s: a signal before the timeout", row->what);
	clean_up(row);
}

/* After EINTR, connect() goes on in the background. */
static void test_connect_goes_on(void)
{
	prepare_listen();
	alarms_start(0, NULL);
	call_connect();
	alarms_stop();
	accepted = accept(server, NULL, NULL);
	tap_eq(call_connect(), 0, "connect: again after EINTR");
	tap_errno(call_connect(), EISCONN, "connect: once more");
	close(ends.a);
	close(accepted);
	close(server);
}

static void test_pipe(int type, const char *name)
{
	struct pair p = pair_open(type, type);

	pipes = 0;
	shutdown(p.a, SHUT_WR);
	tap_errno(send(p.a, "x", 1, MSG_NOSIGNAL), EPIPE, "%s: send after shutdown", name);
	tap_eq(pipes, 0, "%s: no SIGPIPE with MSG_NOSIGNAL", name);
	tap_errno(send(p.a, "x", 1, 0), EPIPE, "%s: send after shutdown, without", name);
	tap_eq(pipes, 1, "%s: SIGPIPE", name);
	tap_errno(write(p.a, "x", 1), EPIPE, "%s: write after shutdown", name);
	tap_eq(pipes, 2, "%s: SIGPIPE again", name);

	close(p.a);
	pair_poll(p.b, POLLHUP, PAIR_PATIENCE);
	tap_errno(write(p.b, "x", 1), EPIPE, "%s: write after the peer has closed", name);
	tap_eq(pipes, 3, "%s: SIGPIPE when the peer has closed", name);
	close(p.b);
}

/* Another process shuts our socket down while we wait. */
static void shutdown_soon(void)
{
	fflush(stdout);
	if (!fork()) {
		netns_sleep(100);
		shutdown(ends.a, SHUT_RDWR);
		_exit(0);
	}
}

static void test_shutdown_wakes(void)
{
	prepare_open();
	shutdown_soon();
	tap_eq(call_recv(), 0, "recv: ended by shutdown");
	wait(NULL);
	pair_close(&ends);
	prepare_full();
	shutdown_soon();
	tap_errno(call_send(), EPIPE, "send: ended by shutdown");
	wait(NULL);
	pair_close(&ends);
}

int main(void)
{
	size_t i;

	pair_setup();
	handle(SIGPIPE, on_pipe, 0);
	for (i = 0; i < ARRAY_SIZE(wait_rows); i++) {
		test_interrupted(&wait_rows[i]);
		test_restarted(&wait_rows[i]);
		test_timeout(&wait_rows[i]);
	}
	test_connect_goes_on();
	test_pipe(SOCK_STREAM, "stream");
	test_pipe(SOCK_SEQPACKET, "seqpacket");
	test_shutdown_wakes();
	return tap_done();
}
