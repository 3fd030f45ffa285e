// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pump, in a child process between three pairs of descriptors:
 *
 *	test -- in (pipe) --> pump <== net (socket pair) ==> test
 *	test <-- out (pipe) --'
 *
 * A Unix socket has no EOF marks and no errors like a connection's; recvmsg()
 * is wrapped to make them of certain one-byte records.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <linux/chaos.h>
#include <cmocka.h>

#include "pump.h"

#define MARK	"\016"
#define RESET	"\021"
#define MANY	(1 << 20)
#define SOON_MS	10000		/* for what must happen */
#define LATER_MS 200		/* for what must not */

struct rig {
	int net, in, out;		/* the test's ends */
	pid_t pid;
	uint16_t *unacked;		/* what CHAOS_INFO says, shared */
};

static uint16_t *shared_unacked;

ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len);

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = __real_recvmsg(fd, msg, flags);
	const char *data = msg->msg_iov->iov_base;

	if (n == 1 && *data == *MARK) {
		msg->msg_flags |= MSG_EOR;
		return 0;
	}
	if (n == 1 && *data == *RESET) {
		errno = ECONNRESET;
		return -1;
	}
	return n;
}

int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	struct chaos_info *info = val;

	(void)fd;
	assert_int_equal(level, SOL_CHAOS);
	assert_int_equal(name, CHAOS_INFO);
	assert_int_equal(*len, sizeof(*info));
	info->ci_snd_unacked = *shared_unacked;
	return 0;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Signals all the time, none of which restarts a system call. */
static void interrupt_often(void)
{
	const struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
	const struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void start_type(struct rig *rig, const struct pump *options, int type, bool interrupt)
{
	struct pump pump = *options;
	int net[2], in[2], out[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, net), 0);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	*shared_unacked = 0;
	rig->unacked = shared_unacked;
	rig->pid = fork();
	assert_true(rig->pid >= 0);
	if (!rig->pid) {
		close(net[0]);
		close(in[1]);
		close(out[0]);
		pump.net = net[1];
		pump.in = in[0];
		pump.out = out[1];
		signal(SIGPIPE, SIG_IGN);
		if (interrupt)
			interrupt_often();
		_exit(pump_run(&pump));
	}
	close(net[1]);
	close(in[0]);
	close(out[1]);
	rig->net = net[0];
	rig->in = in[1];
	rig->out = out[0];
}

static void start(struct rig *rig, const struct pump *options)
{
	start_type(rig, options, SOCK_SEQPACKET, false);
}

static bool readable(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, timeout_ms) == 1;
}

/* The next bytes from there are these. */
static void expect(int fd, const char *text)
{
	size_t len = strlen(text), got = 0;
	char buf[64];

	while (got < len) {
		ssize_t n;

		assert_true(readable(fd, SOON_MS));
		n = read(fd, buf + got, len - got);
		assert_true(n > 0);
		got += n;
	}
	assert_memory_equal(buf, text, len);
}

static void expect_eof(int fd)
{
	char c;

	assert_true(readable(fd, SOON_MS));
	assert_int_equal(read(fd, &c, 1), 0);
}

static void put(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void expect_end(struct rig *rig, enum pump_end end)
{
	int status;

	assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), end);
	close(rig->net);
	close(rig->in);
	close(rig->out);
}

static void expect_running(struct rig *rig)
{
	const struct timespec while_ = { .tv_nsec = LATER_MS * 1000000 };
	int status;

	nanosleep(&while_, NULL);
	assert_int_equal(waitpid(rig->pid, &status, WNOHANG), 0);
}

static void half_close(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){ .quiet_ms = 60000 });
	put(rig.in, "question");
	expect(rig.net, "question");
	close(rig.in);
	expect_eof(rig.net);
	put(rig.net, "answer");
	expect(rig.out, "answer");
	put(rig.net, " and more");
	close(rig.net);
	expect(rig.out, " and more");
	expect_eof(rig.out);
	expect_end(&rig, PUMP_DONE);
}

static void marks_are_not_the_end(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){ .quiet_ms = 1 });
	put(rig.net, "one");
	put(rig.net, MARK);
	put(rig.net, MARK);
	put(rig.net, "two");
	put(rig.net, MARK);
	expect(rig.out, "onetwo");
	expect_running(&rig);
	put(rig.in, "still there");
	expect(rig.net, "still there");
	close(rig.net);
	expect_end(&rig, PUMP_DONE);
}

/* A host that vanishes after its EOF, or that wants us to send the CLS. */
static void silence_after_mark(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){ .quiet_ms = 50 });
	close(rig.in);
	expect_eof(rig.net);
	put(rig.net, "data");
	expect(rig.out, "data");
	expect_running(&rig);	/* no mark yet */
	put(rig.net, MARK);
	put(rig.net, "more");
	expect(rig.out, "more");
	expect_running(&rig);	/* data after the mark */
	*rig.unacked = 1;
	put(rig.net, MARK);
	expect_running(&rig);	/* it has not read our EOF yet */
	*rig.unacked = 0;
	expect_end(&rig, PUMP_DONE);
}

/* A server closes as soon as both have sent EOF. */
static void no_wait_after_mark(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){ .quiet_ms = 0 });
	*rig.unacked = 1;
	put(rig.net, "data");
	put(rig.net, MARK);
	expect(rig.out, "data");
	expect_running(&rig);
	close(rig.in);
	expect_end(&rig, PUMP_DONE);
}

static void keeps_open(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){ .keep_open = true, .quiet_ms = 60000 });
	put(rig.in, "x");
	close(rig.in);
	expect(rig.net, "x");
	assert_false(readable(rig.net, LATER_MS));
	close(rig.net);
	expect_end(&rig, PUMP_DONE);
}

static void translates(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){ .translate = true });
	put(rig.in, "a\n\t");
	expect(rig.net, "a\215\211");
	put(rig.net, "b\215\211");
	expect(rig.out, "b\n\t");
	close(rig.net);
	expect_end(&rig, PUMP_DONE);
}

static uint8_t pattern(size_t i)
{
	return i * 7 + i / 251;
}

/* Send as much as goes, continuing a stream of which @sent bytes went. */
static size_t put_pattern(int fd, size_t sent)
{
	uint8_t buf[4096];
	size_t i, len;
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (sent < MANY) {
		len = MANY - sent < sizeof(buf) ? MANY - sent : sizeof(buf);
		for (i = 0; i < len; i++)
			buf[i] = pattern(sent + i);
		n = write(fd, buf, len);
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			break;
		}
		sent += n;
	}
	return sent;
}

static size_t get_pattern(int fd, size_t got)
{
	static uint8_t buf[65536];
	ssize_t n, i;

	assert_true(readable(fd, SOON_MS));
	n = read(fd, buf, sizeof(buf));
	assert_true(n > 0);
	for (i = 0; i < n; i++)
		if (buf[i] != pattern(got + i))
			fail_msg("byte %zu is wrong", got + i);
	return got + n;
}

/* A blocked direction leaves the other one alone and loses nothing. */
static void one_side_slow(struct rig *rig, int from, int to, int free_from, int free_to)
{
	size_t sent, got = 0, before;

	sent = put_pattern(from, 0);
	do {
		before = sent;
		readable(-1, 20);
		sent = put_pattern(from, sent);
	} while (sent != before);
	assert_true(sent < MANY);
	put(free_from, "meanwhile");
	expect(free_to, "meanwhile");
	expect_running(rig);
	while (got < MANY) {
		got = get_pattern(to, got);
		sent = put_pattern(from, sent);
	}
	assert_int_equal(got, MANY);
}

static void slow_output(void **state)
{
	struct rig rig;

	(void)state;
	start_type(&rig, &(struct pump){}, SOCK_STREAM, true);
	one_side_slow(&rig, rig.net, rig.out, rig.in, rig.net);
	close(rig.net);
	expect_eof(rig.out);
	expect_end(&rig, PUMP_DONE);
}

static void slow_peer(void **state)
{
	struct rig rig;

	(void)state;
	start_type(&rig, &(struct pump){ .quiet_ms = 60000 }, SOCK_STREAM, true);
	one_side_slow(&rig, rig.in, rig.net, rig.net, rig.out);
	close(rig.in);
	expect_eof(rig.net);
	close(rig.net);
	expect_end(&rig, PUMP_DONE);
}

/* All that came before the end of a connection is written, however it ends. */
static void end_with_data_waiting(struct rig *rig)
{
	size_t sent = put_pattern(rig->net, 0), got = 0;

	close(rig->net);
	while (got < sent)
		got = get_pattern(rig->out, got);
	expect_eof(rig->out);
}

static void peer_ends(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){});
	end_with_data_waiting(&rig);
	expect_end(&rig, PUMP_DONE);
}

static void connection_breaks(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){});
	put(rig.net, "last words");
	put(rig.net, RESET);
	expect(rig.out, "last words");
	expect_eof(rig.out);
	expect_end(&rig, PUMP_LOST);
}

static void peer_takes_no_more(void **state)
{
	struct rig rig;
	size_t sent, before;

	(void)state;
	start(&rig, &(struct pump){});
	sent = put_pattern(rig.in, 0);
	do {
		before = sent;
		readable(-1, 20);
		sent = put_pattern(rig.in, sent);
	} while (sent != before);
	put(rig.net, "enough");
	shutdown(rig.net, SHUT_RD);
	expect(rig.out, "enough");
	put(rig.net, " really");
	expect(rig.out, " really");
	shutdown(rig.net, SHUT_WR);
	expect_end(&rig, PUMP_CLOSED_EARLY);
}

static void output_goes(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, &(struct pump){});
	close(rig.out);
	expect_end(&rig, PUMP_NO_OUTPUT);
	start(&rig, &(struct pump){});
	put(rig.net, "x");
	expect(rig.out, "x");
	put(rig.net, "y");
	close(rig.out);
	expect_end(&rig, PUMP_NO_OUTPUT);
}

/* Regular files and things that cannot be read, without a child in between. */
static void files(void **state)
{
	char path[] = "/tmp/chaos-pump-XXXXXX", text[8] = "";
	int net[2], dir = open("/", O_RDONLY), file = mkstemp(path);
	struct pump pump = { .quiet_ms = 60000 };

	(void)state;
	assert_true(file >= 0 && dir >= 0);
	unlink(path);
	put(file, "in");
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, net), 0);
	put(net[0], "out");
	assert_int_equal(shutdown(net[0], SHUT_WR), 0);
	pump.net = net[1];
	pump.in = file;
	pump.out = dup(file);
	assert_int_equal(pump_run(&pump), PUMP_DONE);
	expect(net[0], "in");
	assert_int_equal(pread(file, text, sizeof(text), 0), 5);
	assert_string_equal(text, "inout");

	pump.in = dir;
	assert_int_equal(pump_run(&pump), PUMP_NO_INPUT);
	close(net[0]);
	close(net[1]);
	close(pump.out);
	close(file);
	close(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_close),
		cmocka_unit_test(marks_are_not_the_end),
		cmocka_unit_test(silence_after_mark),
		cmocka_unit_test(no_wait_after_mark),
		cmocka_unit_test(keeps_open),
		cmocka_unit_test(translates),
		cmocka_unit_test(slow_output),
		cmocka_unit_test(slow_peer),
		cmocka_unit_test(peer_ends),
		cmocka_unit_test(connection_breaks),
		cmocka_unit_test(peer_takes_no_more),
		cmocka_unit_test(output_goes),
		cmocka_unit_test(files),
	};

	signal(SIGPIPE, SIG_IGN);
	shared_unacked = mmap(NULL, sizeof(*shared_unacked), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared_unacked == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests_name("chaos pump", tests, NULL, NULL);
}
