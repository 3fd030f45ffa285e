// SPDX-License-Identifier: GPL-2.0-or-later
/* EOF marks in streams: they are read once, in their place, and are not the end. */
#define _GNU_SOURCE
#include "inject.h"
#include "msg.h"
#include "pair.h"

static char buf[2000];

/* The next thing in the stream is these bytes, without MSG_EOR ... */
static bool next_is(int fd, const char *text, int flags)
{
	size_t len = strlen(text);
	struct msg_got got;

	return msg_recv(fd, buf, sizeof(buf), flags, &got) == (ssize_t)len &&
	       !memcmp(buf, text, len) && !(got.flags & MSG_EOR) && got.opcode == -1;
}

/* ... or a mark ... */
static bool next_is_mark(int fd, int flags)
{
	struct msg_got got;

	return !msg_recv(fd, buf, sizeof(buf), flags, &got) && got.flags & MSG_EOR;
}

/* ... or the end. */
static bool next_is_end(int fd)
{
	struct msg_got got;

	return !msg_recv(fd, buf, sizeof(buf), 0, &got) && !(got.flags & MSG_EOR);
}

/* "abc", mark, "def", all arrived. */
static struct pair with_mark(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	send(p.a, "abc", 3, 0);
	if (!tap_eq(msg_send_eof(p.a), 0, "send a mark"))
		tap_diag("%s", strerror(errno));
	send(p.a, "def", 3, 0);
	if (!pair_wait_info(p.b, info.ci_rcv_unread == 3))
		tap_bail("data and mark do not arrive");
	return p;
}

static void test_mark(void)
{
	struct pair p = with_mark();
	struct msg_got got;

	tap_eq(pair_ioctl(p.b, SIOCINQ), 3, "SIOCINQ ends at the mark");
	tap_ok(next_is(p.b, "abc", MSG_PEEK), "a peek ends at the mark");
	tap_ok(next_is(p.b, "abc", MSG_PEEK | MSG_WAITALL), "so does one that waits for all");
	tap_ok(next_is(p.b, "abc", 0), "a read ends at the mark");
	tap_eq(pair_ioctl(p.b, SIOCINQ), 0, "SIOCINQ at the mark");
	tap_eq(pair_poll(p.b, POLLIN | POLLRDHUP, 0), POLLIN, "the mark can be read");
	tap_ok(next_is_mark(p.b, MSG_PEEK), "peek at the mark");
	tap_ok(next_is_mark(p.b, MSG_PEEK), "and again");
	tap_eq(read(p.b, buf, 0), 0, "read nothing");
	tap_ok(!msg_recv(p.b, buf, 0, 0, &got) && !(got.flags & MSG_EOR), "without mark");
	tap_ok(next_is_mark(p.b, 0), "read the mark");
	tap_eq(pair_ioctl(p.b, SIOCINQ), 3, "SIOCINQ behind the mark");
	tap_ok(next_is(p.b, "def", 0), "read on behind the mark");
	tap_errno(recv(p.b, buf, 1, MSG_DONTWAIT), EAGAIN, "it is not the end");
	send(p.b, "back", 4, 0);
	tap_ok(next_is(p.a, "back", 0), "nor of the other way");
	pair_close(&p);

	p = with_mark();
	tap_eq(read(p.b, buf, sizeof(buf)), 3, "read(2): up to the mark");
	tap_eq(read(p.b, buf, sizeof(buf)), 0, "read(2): the mark");
	tap_eq(read(p.b, buf, sizeof(buf)), 3, "read(2): behind the mark");
	pair_close(&p);
}

static void test_several_marks(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int i;

	for (i = 0; i < 3; i++)
		msg_send_eof(p.a);
	send(p.a, "x", 1, 0);
	for (i = 0; i < 3; i++)
		tap_ok(next_is_mark(p.b, 0), "mark %d of 3", i + 1);
	tap_ok(next_is(p.b, "x", 0), "data behind them");
	tap_ok(pair_wait_info(p.a, !info.ci_snd_unacked), "all are acknowledged");
	pair_close(&p);
}

/* A mark ends what waits for more. */
static void test_waiting(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	fflush(stdout);
	if (!fork()) {
		netns_sleep(100);
		msg_send_eof(p.a);
		netns_sleep(100);
		send(p.a, "abc", 3, 0);
		netns_sleep(100);
		msg_send_eof(p.a);
		_exit(0);
	}
	tap_ok(next_is_mark(p.b, 0), "a mark ends waiting");
	tap_ok(next_is(p.b, "abc", MSG_WAITALL), "a mark ends MSG_WAITALL");
	tap_ok(next_is_mark(p.b, MSG_WAITALL), "and is read next");
	wait(NULL);

	pair_set_int(p.b, SOL_SOCKET, SO_RCVLOWAT, 100);
	send(p.a, "abc", 3, 0);
	pair_wait_info(p.b, info.ci_rcv_unread == 1);
	tap_eq(pair_poll(p.b, POLLIN, 50), 0, "SO_RCVLOWAT: not readable before the mark");
	msg_send_eof(p.a);
	tap_eq(pair_poll(p.b, POLLIN, PAIR_PATIENCE), POLLIN, "a mark satisfies SO_RCVLOWAT");
	tap_ok(next_is(p.b, "abc", 0), "and reading does not wait");
	tap_eq(pair_poll(p.b, POLLIN, 0), POLLIN, "the mark alone satisfies it, too");
	pair_close(&p);
}

/* EOF is acknowledged when everything before it is read, read or not itself. */
static void test_acknowledged(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	msg_send_eof(p.a);
	tap_ok(pair_wait_info(p.a, !info.ci_snd_unacked), "a lone mark is acknowledged unread");
	tap_ok(next_is_mark(p.b, 0), "and still there");
	send(p.a, "abc", 3, 0);
	msg_send_eof(p.a);
	pair_wait_info(p.a, !info.ci_snd_unreceipted);
	tap_eq(pair_info(p.a).ci_snd_unacked, 2, "behind data it is not");
	tap_ok(next_is(p.b, "abc", 0), "the data is read");
	tap_ok(pair_wait_info(p.a, !info.ci_snd_unacked), "then it is");
	pair_close(&p);
}

static void test_shutdown(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	send(p.a, "last", 4, 0);
	tap_eq(shutdown(p.a, SHUT_WR), 0, "shutdown");
	tap_eq(shutdown(p.a, SHUT_WR), 0, "shutdown again");
	tap_errno(send(p.a, "x", 1, MSG_NOSIGNAL), EPIPE, "send after it");
	tap_errno(msg_send_eof(p.a), EPIPE, "send a mark after it");
	tap_ok(next_is(p.b, "last", 0) && next_is_mark(p.b, 0), "the peer reads data and mark");
	tap_eq(pair_poll(p.b, POLLIN | POLLRDHUP, 100), 0, "and nothing more");
	tap_eq(send(p.b, "answer", 6, 0), 6, "the peer sends on");
	tap_ok(next_is(p.a, "answer", 0), "and we read on");
	close(p.b);
	tap_ok(next_is_mark(p.a, 0), "the peer closes: its mark");
	tap_ok(next_is_end(p.a), "the end");
	tap_ok(next_is_end(p.a), "which stays");
	close(p.a);

	p = pair_open(SOCK_STREAM, SOCK_STREAM);
	tap_eq(shutdown(p.a, SHUT_RD), 0, "shutdown of reading");
	tap_ok(next_is_end(p.a), "reads the end");
	tap_eq(send(p.a, "still", 5, 0), 5, "writing goes on");
	tap_ok(next_is(p.b, "still", 0), "and arrives");
	pair_close(&p);
}

/* What is not part of a stream: empty packets, uncontrolled ones. */
static void test_nothing(void)
{
	const struct inject_packet unc = { .op = CHAOS_OP_UNC, .text = "unc" };
	struct pair p = pair_open(SOCK_STREAM, SOCK_SEQPACKET);

	send(p.b, "", 0, 0);
	pair_wait_info(p.a, info.ci_rcv_unread == 1);
	tap_errno(recv(p.a, buf, 9, MSG_PEEK | MSG_DONTWAIT), EAGAIN,
		  "there is nothing to peek at in an empty packet");
	send(p.b, "", 0, 0);
	pair_wait_info(p.a, info.ci_rcv_unread == 1);
	tap_errno(recv(p.a, buf, 9, MSG_DONTWAIT), EAGAIN, "nor to read");
	send(p.b, "abc", 3, 0);
	send(p.b, "", 0, 0);
	inject_from_peer(p.a, &unc);
	send(p.b, "def", 3, 0);
	pair_wait_info(p.a, info.ci_rcv_unread == 4);
	tap_ok(next_is(p.a, "abcdef", MSG_PEEK), "peek over empty and uncontrolled packets");
	tap_ok(next_is(p.a, "abcdef", 0), "read over them");
	inject_from_peer(p.a, &unc);
	pair_wait_info(p.a, info.ci_rcv_unread == 1);
	tap_errno(recv(p.a, buf, 9, MSG_PEEK | MSG_DONTWAIT), EAGAIN,
		  "there is nothing to peek at in an uncontrolled packet");
	send(p.b, "", 0, 0);
	msg_send_eof(p.b);
	tap_ok(next_is_mark(p.a, MSG_PEEK), "peek at a mark behind an empty packet");
	tap_ok(next_is_mark(p.a, 0), "read it");
	pair_close(&p);
}

int main(void)
{
	pair_setup();
	test_mark();
	test_several_marks();
	test_waiting();
	test_acknowledged();
	test_shutdown();
	test_nothing();
	return tap_done();
}
