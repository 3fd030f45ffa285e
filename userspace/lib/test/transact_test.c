// SPDX-License-Identifier: GPL-2.0-or-later
/* Simple transactions, the kernel's side played by the functions __wrap_*. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "chaos_transact.h"

/* What the kernel will do with the next request, and what it saw of it. */
static struct {
	int socket_errno, connect_errno, recv_errno;
	int spurious;			/* wake-ups with nothing to receive */
	const char *answer, *reason;
	int peer;
	struct sockaddr_chaos to;
	socklen_t to_len;
	char args[CHAOS_DATA_MAX];
	size_t args_len;
} kernel;

int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t to_len);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len);

int __wrap_socket(int domain, int type, int protocol)
{
	int pair[2];

	assert_int_equal(domain, 18);
	assert_int_equal(type, SOCK_DGRAM | SOCK_CLOEXEC);
	assert_int_equal(protocol, 0);
	if (kernel.socket_errno) {
		errno = kernel.socket_errno;
		return -1;
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	kernel.peer = pair[1];
	return pair[0];
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t to_len)
{
	(void)fd;
	memcpy(&kernel.to, to, to_len);
	kernel.to_len = to_len;
	if (kernel.connect_errno) {
		errno = kernel.connect_errno;
		return -1;
	}
	return 0;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	(void)fd;
	(void)flags;
	if (len)
		memcpy(kernel.args, buf, len);
	kernel.args_len = len;
	if (kernel.answer)
		assert_true(__real_send(kernel.peer, kernel.answer, strlen(kernel.answer), 0) > 0);
	if (kernel.recv_errno)
		shutdown(kernel.peer, SHUT_WR);
	return len;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	if (kernel.spurious) {
		kernel.spurious--;
		errno = kernel.spurious % 2 ? EAGAIN : EINTR;
		return -1;
	}
	if (kernel.recv_errno) {
		errno = kernel.recv_errno;
		return -1;
	}
	return __real_recv(fd, buf, len, flags);
}

int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	(void)fd;
	assert_int_equal(level, SOL_CHAOS);
	assert_int_equal(name, CHAOS_REASON);
	if (!kernel.reason) {
		errno = ENOTCONN;
		return -1;
	}
	if (*len > strlen(kernel.reason))
		*len = strlen(kernel.reason);
	memcpy(val, kernel.reason, *len);
	return 0;
}

static int reset(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.peer = -1;
	return 0;
}

static int close_peer(void **state)
{
	(void)state;
	close(kernel.peer);
	return 0;
}

static void answers(void **state)
{
	struct chaos_transaction t = {
		.host = 0402, .contact = "load", .args = "name x", .args_len = 6,
		.timeout_ms = 10000,
	};
	char buf[CHAOS_DATA_MAX];

	(void)state;
	kernel.answer = "1.5";
	kernel.spurious = 3;
	assert_int_equal(chaos_transact(&t, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "1.5", 3);
	assert_int_equal(kernel.to.sch_addr, 0402);
	assert_int_equal(kernel.to_len, 8 + 4);
	assert_memory_equal(kernel.to.sch_contact, "LOAD", 4);
	assert_int_equal(kernel.args_len, 6);
	assert_memory_equal(kernel.args, "name x", 6);
	assert_string_equal(t.reason, "");
}

static void too_long_for_us(void **state)
{
	struct chaos_transaction t = { .host = 0402, .contact = "A", .timeout_ms = 10000 };
	char buf[2];

	(void)state;
	kernel.answer = "1.5";
	assert_int_equal(chaos_transact(&t, buf, sizeof(buf)), -1);
	assert_int_equal(errno, EMSGSIZE);
}

static void refused(void **state)
{
	struct chaos_transaction t = { .host = 0402, .contact = "A", .timeout_ms = 10000 };
	char buf[8];

	(void)state;
	kernel.recv_errno = ECONNREFUSED;
	kernel.reason = "Go\033away";
	assert_int_equal(chaos_transact(&t, buf, sizeof(buf)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_string_equal(t.reason, "Go?away");
}

static void unreachable(void **state)
{
	struct chaos_transaction t = { .host = 0402, .contact = "A", .timeout_ms = 10000 };
	char buf[8];

	(void)state;
	kernel.connect_errno = ENETUNREACH;
	assert_int_equal(chaos_transact(&t, buf, sizeof(buf)), -1);
	assert_int_equal(errno, ENETUNREACH);
	assert_string_equal(t.reason, "");
}

static void silence(void **state)
{
	struct chaos_transaction t = { .host = 0402, .contact = "A", .timeout_ms = 20 };
	char buf[8];

	(void)state;
	assert_int_equal(chaos_transact(&t, buf, sizeof(buf)), -1);
	assert_int_equal(errno, ETIMEDOUT);
}

static void no_module(void **state)
{
	struct chaos_transaction t = { .host = 0402, .contact = "A", .timeout_ms = 20 };
	char buf[8];

	(void)state;
	kernel.socket_errno = EAFNOSUPPORT;
	assert_int_equal(chaos_transact(&t, buf, sizeof(buf)), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, reset, close_peer)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ROW(answers),
		ROW(too_long_for_us),
		ROW(refused),
		ROW(unreachable),
		ROW(silence),
		ROW(no_module),
	};

	return cmocka_run_group_tests_name("libchaos transactions", tests, NULL, NULL);
}
