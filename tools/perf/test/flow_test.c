// SPDX-License-Identifier: GPL-2.0-or-later
/* Load on sockets of another family: what is counted, and where it ends. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/un.h>
#include <cmocka.h>

#include "perf_ask.h"
#include "perf_clock.h"
#include "perf_flow.h"

static int pair[2];

static void make_pair(int type)
{
	assert_int_equal(socketpair(AF_UNIX, type, 0, pair), 0);
}

static void drop_pair(void)
{
	close(pair[0]);
	close(pair[1]);
}

static void *receive(void *flow)
{
	perf_receive_all(flow);
	return NULL;
}

/* All of @amount in calls of @size, from one end to the other. */
static void transfer(int type, size_t size, uint64_t amount, uint64_t ops)
{
	struct perf_flow out = { .records = type == SOCK_SEQPACKET, .size = size,
				 .amount = amount };
	struct perf_flow in = { .records = out.records, .size = PERF_SIZE_MAX, .stamp = true };
	pthread_t thread;

	make_pair(type);
	out.fd = pair[0];
	in.fd = pair[1];
	assert_int_equal(pthread_create(&thread, NULL, receive, &in), 0);
	assert_int_equal(perf_send_all(&out), PERF_ENDED);
	shutdown(pair[0], SHUT_WR);
	pthread_join(thread, NULL);
	assert_int_equal(out.count.bytes, amount);
	assert_int_equal(in.count.bytes, amount);
	assert_int_equal(out.count.ops, ops);
	assert_int_equal(out.count.calls, ops);
	if (out.records)
		assert_int_equal(in.count.ops, ops);
	assert_int_equal(in.count.calls, in.count.ops + 1);
	assert_true(in.first && in.first <= in.last);
	assert_int_equal(out.first, 0);
	drop_pair();
}

static void streams(void **state)
{
	(void)state;
	transfer(SOCK_STREAM, 1000, 100000, 100);
	transfer(SOCK_STREAM, PERF_SIZE_MAX, PERF_SIZE_MAX * 3 + 7, 4);
	transfer(SOCK_STREAM, 1, 9, 9);
}

static void messages(void **state)
{
	(void)state;
	transfer(SOCK_SEQPACKET, 488, 488 * 50, 50);
	transfer(SOCK_SEQPACKET, 488, 1000, 3);
}

static void nothing_now(void **state)
{
	struct perf_flow in = { .size = 100, .flags = MSG_DONTWAIT };

	(void)state;
	make_pair(SOCK_STREAM);
	in.fd = pair[0];
	assert_int_equal(perf_receive(&in), PERF_AGAIN);
	assert_int_equal(in.count.again, 1);
	assert_int_equal(in.count.calls, 1);
	drop_pair();
}

static void broken(void **state)
{
	struct perf_flow out = { .size = 100 };

	(void)state;
	make_pair(SOCK_STREAM);
	close(pair[1]);
	out.fd = pair[0];
	assert_int_equal(perf_send(&out), PERF_FAILED);
	assert_int_equal(errno, EPIPE);
	close(pair[0]);
}

static void time_is_over(void **state)
{
	struct perf_flow out = { .size = 100, .end = 1 };

	(void)state;
	make_pair(SOCK_STREAM);
	out.fd = pair[0];
	assert_int_equal(perf_send_all(&out), PERF_ENDED);
	assert_int_equal(out.count.calls, 0);
	drop_pair();
}

/* Of what came, no more is taken than was wanted. */
static void amount_received(void **state)
{
	struct perf_flow in = { .size = 100, .amount = 30 };
	char data[50] = "", left[50];

	(void)state;
	make_pair(SOCK_STREAM);
	in.fd = pair[0];
	assert_int_equal(write(pair[1], data, sizeof(data)), sizeof(data));
	assert_int_equal(perf_receive_all(&in), PERF_ENDED);
	assert_int_equal(in.count.bytes, 30);
	assert_int_equal(read(pair[0], left, sizeof(left)), 20);
	drop_pair();
}

static bool even(struct msghdr *msg)
{
	const char *data = msg->msg_iov->iov_base;

	return *data % 2 == 0;
}

static void what_is_no_data_ends(void **state)
{
	struct perf_flow in = { .size = 100, .records = true, .is_data = even };

	(void)state;
	make_pair(SOCK_SEQPACKET);
	in.fd = pair[0];
	assert_int_equal(write(pair[1], "\2", 1), 1);
	assert_int_equal(write(pair[1], "\1reason", 7), 7);
	assert_int_equal(perf_receive_all(&in), PERF_ENDED);
	assert_int_equal(in.count.bytes, 1);
	drop_pair();
}

struct server {
	int fd;
	unsigned int n;
};

static void *answer(void *data)
{
	struct server *server = data;
	struct perf_count count = {};

	while (count.ops < server->n && perf_echo(server->fd, 0, &count) == PERF_MOVED)
		;
	return NULL;
}

static void bind_unix(int fd, struct sockaddr_un *sa, const char *name)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* An abstract name: begins with a NUL. */
	snprintf(sa->sun_path + 1, sizeof(sa->sun_path) - 1, "perf-%d-%s", getpid(), name);
	assert_int_equal(bind(fd, (struct sockaddr *)sa, sizeof(*sa)), 0);
}

static void transactions(void **state)
{
	static struct perf_hist hist;
	struct server server = { .fd = socket(AF_UNIX, SOCK_DGRAM, 0), .n = 20 };
	struct perf_ask ask = { .fd = socket(AF_UNIX, SOCK_DGRAM, 0), .request = 32,
				.amount = 20, .latency = &hist };
	struct sockaddr_un sa;
	pthread_t thread;

	(void)state;
	bind_unix(ask.fd, &sa, "client");
	bind_unix(server.fd, &sa, "server");
	assert_int_equal(connect(ask.fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(pthread_create(&thread, NULL, answer, &server), 0);
	assert_int_equal(perf_ask_all(&ask), PERF_ENDED);
	pthread_join(thread, NULL);
	assert_int_equal(ask.count.ops, 20);
	assert_int_equal(ask.count.bytes, 20 * 32);
	assert_int_equal(ask.count.calls, 40);
	assert_int_equal(hist.n, 20);
	close(ask.fd);
	close(server.fd);
}

/* An answer that comes in pieces. */
static void stream_transaction(void **state)
{
	struct perf_ask ask = { .stream = true, .request = 10, .answer = 5, .amount = 1 };
	char data[10];

	(void)state;
	make_pair(SOCK_STREAM);
	ask.fd = pair[0];
	assert_int_equal(perf_ask(&ask), PERF_MOVED);
	assert_true(ask.waiting);
	assert_int_equal(read(pair[1], data, sizeof(data)), 10);
	assert_int_equal(write(pair[1], data, 2), 2);
	assert_int_equal(perf_ask(&ask), PERF_MOVED);
	assert_true(ask.waiting);
	assert_int_equal(write(pair[1], data, 3), 3);
	assert_int_equal(perf_ask(&ask), PERF_MOVED);
	assert_int_equal(perf_ask(&ask), PERF_ENDED);
	assert_int_equal(ask.count.ops, 1);
	assert_int_equal(ask.count.bytes, 5);
	ask.amount = 2;
	assert_int_equal(perf_ask(&ask), PERF_MOVED);
	shutdown(pair[1], SHUT_RDWR);
	assert_int_equal(perf_ask(&ask), PERF_FAILED);
	assert_int_equal(errno, ECONNRESET);
	drop_pair();
}

static void poll_times(void **state)
{
	(void)state;
	assert_int_equal(perf_ms_left(0), -1);
	assert_int_equal(perf_ms_left(1), 0);
	assert_int_equal(perf_ms_left(UINT64_MAX - PERF_NS_PER_S), INT32_MAX);
	assert_in_range(perf_ms_left(perf_now() + 5 * PERF_NS_PER_S), 1, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams),
		cmocka_unit_test(messages),
		cmocka_unit_test(nothing_now),
		cmocka_unit_test(broken),
		cmocka_unit_test(time_is_over),
		cmocka_unit_test(amount_received),
		cmocka_unit_test(what_is_no_data_ends),
		cmocka_unit_test(transactions),
		cmocka_unit_test(stream_transaction),
		cmocka_unit_test(poll_times),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
