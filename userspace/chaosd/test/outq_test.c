// SPDX-License-Identifier: GPL-2.0-or-later
/* The queue of what a member has not taken, against real sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../tunnel/test/captured.h"
#include "outq.h"

#define LIMIT	1000

static void unix_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
}

/* Over TCP frames are broken anywhere. */
static void tcp_pair(int fds[2])
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int small = 4096, listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(sin);

	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(bind(listener, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	assert_int_equal(connect(fds[0], (struct sockaddr *)&sin, sizeof(sin)), 0);
	fds[1] = accept(listener, NULL, NULL);
	assert_true(fds[1] >= 0);
	close(listener);
}

/* Packet number n. */
static size_t make_packet(unsigned int n, uint8_t packet[CHAOS_RECORD_MAX])
{
	size_t len = CHAOS_RECORD_MIN + 2 * (n * 7 % 245);

	memset(packet, n, len);
	return len;
}

static bool put(struct outq *q, unsigned int n)
{
	uint8_t packet[CHAOS_RECORD_MAX];

	return outq_put(q, packet, make_packet(n, packet));
}

/* Read so much.  A signal, even SIGCONT, makes MSG_WAITALL return less. */
static void read_all(int fd, uint8_t *to, size_t len)
{
	ssize_t n;

	for (; len; to += n, len -= n) {
		n = recv(fd, to, len, MSG_WAITALL);
		assert_true(n > 0);
	}
}

/* Read one frame, which must be packet n. */
static void expect(int fd, unsigned int n)
{
	uint8_t wanted[CHAOS_RECORD_MAX], got[STREAM_FRAME_MAX], header[STREAM_CHAOSD];
	size_t len = make_packet(n, wanted);

	read_all(fd, got, STREAM_CHAOSD + len);
	stream_header(STREAM_CHAOSD, header, len);
	assert_memory_equal(got, header, sizeof(header));
	assert_memory_equal(got + STREAM_CHAOSD, wanted, len);
}

static void captured(void **state)
{
	uint8_t got[64];
	struct outq q;
	int fds[2];

	(void)state;
	unix_pair(fds);
	assert_true(outq_init(&q, 1));
	assert_true(outq_put(&q, captured_rfc + 4, sizeof(captured_rfc) - 4));
	assert_int_equal(outq_flush(&q, fds[0]), 1);
	assert_true(outq_empty(&q));
	assert_int_equal(recv(fds[1], got, sizeof(got), 0), sizeof(captured_rfc));
	assert_memory_equal(got, captured_rfc, sizeof(captured_rfc));
	outq_free(&q);
	close(fds[0]);
	close(fds[1]);
}

static void bounded(void **state)
{
	struct outq q;
	unsigned int i;

	(void)state;
	assert_true(outq_init(&q, 5));
	for (i = 0; i < 5; i++)
		assert_true(put(&q, i));
	assert_false(put(&q, 5));
	assert_int_equal(q.count, 5);
	outq_free(&q);
}

/* More than any buffer takes; in order, whole and once, while the reader is behind. */
static void resumes(int fds[2])
{
	unsigned int made = 0, seen = 0;
	struct outq q;
	int gone;

	assert_true(outq_init(&q, 100));
	while (made < 20 * LIMIT || !outq_empty(&q)) {
		while (made < 20 * LIMIT && put(&q, made))
			made++;
		gone = outq_flush(&q, fds[0]);
		assert_true(gone >= 0 || gone == -EAGAIN);
		if (!outq_empty(&q) || made % 3)
			while (seen + q.count + 1 < made)
				expect(fds[1], seen++);
	}
	while (seen < made)
		expect(fds[1], seen++);
	outq_free(&q);
	close(fds[0]);
	close(fds[1]);
}

static void resumes_unix(void **state)
{
	int fds[2];

	(void)state;
	unix_pair(fds);
	resumes(fds);
}

static void resumes_tcp(void **state)
{
	int fds[2];

	(void)state;
	tcp_pair(fds);
	resumes(fds);
}

/* On a Unix socket only whole frames are in the socket, however full it is. */
static void whole_on_unix(void **state)
{
	uint8_t got[STREAM_FRAME_MAX];
	unsigned int i, full;
	struct outq q;
	int fds[2];

	(void)state;
	unix_pair(fds);
	assert_true(outq_init(&q, LIMIT));
	for (i = 0; put(&q, i); i++)
		;
	while (outq_flush(&q, fds[0]) > 0)
		;
	assert_false(outq_empty(&q));
	assert_int_equal(q.sent, 0);
	full = LIMIT - q.count;
	for (i = 0; i < full; i++)
		expect(fds[1], i);
	assert_int_equal(recv(fds[1], got, sizeof(got), MSG_DONTWAIT), -1);
	outq_free(&q);
	close(fds[0]);
	close(fds[1]);
}

static void reader_dies(void **state)
{
	struct outq q;
	int fds[2];

	(void)state;
	unix_pair(fds);
	assert_true(outq_init(&q, 10));
	put(&q, 1);
	close(fds[1]);
	assert_int_equal(outq_flush(&q, fds[0]), -EPIPE);
	outq_free(&q);
	close(fds[0]);
}

static void stalled(void **state)
{
	struct outq q;
	int fds[2];

	(void)state;
	unix_pair(fds);
	assert_true(outq_init(&q, LIMIT));
	do
		while (put(&q, 0))
			;
	while (outq_flush(&q, fds[0]) > 0);
	assert_int_equal(outq_flush(&q, fds[0]), -EAGAIN);
	outq_free(&q);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured),
		cmocka_unit_test(bounded),
		cmocka_unit_test(resumes_unix),
		cmocka_unit_test(resumes_tcp),
		cmocka_unit_test(whole_on_unix),
		cmocka_unit_test(reader_dies),
		cmocka_unit_test(stalled),
	};

	return cmocka_run_group_tests_name("outq", tests, NULL, NULL);
}
