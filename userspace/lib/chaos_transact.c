// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

#include "chaos_charset.h"
#include "chaos_sockaddr.h"
#include "chaos_transact.h"

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/**
 * chaos_socket_reason() - why a connection or transaction failed
 * @fd: a Chaosnet socket
 * @reason: the text of CHAOS_REASON, made printable, empty if there is none
 *
 * Leaves errno alone.
 */
void chaos_socket_reason(int fd, char reason[CHAOS_DATA_MAX + 1])
{
	socklen_t len = CHAOS_DATA_MAX;
	int err = errno;

	if (getsockopt(fd, SOL_CHAOS, CHAOS_REASON, reason, &len))
		len = 0;
	chaos_text_printable(reason, reason, len);
	errno = err;
}

/* Returns 0 when there is something to receive, or -1 with errno set. */
static int wait_answer(int fd, long long deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	for (;;) {
		long long left = deadline - now_ms();
		int n = poll(&pfd, 1, left > 0 ? left : 0);

		if (n > 0)
			return 0;
		if (!n) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

static ssize_t receive_answer(int fd, void *answer, size_t size, int timeout_ms)
{
	long long deadline = now_ms() + timeout_ms;
	ssize_t n;

	do {
		if (wait_answer(fd, deadline))
			return -1;
		n = recv(fd, answer, size, MSG_DONTWAIT | MSG_TRUNC);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n > (ssize_t)size) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

/**
 * chaos_transact() - ask a host one question
 * @t: the question; @t->reason is set on failure
 * @answer: where to write the data of the answer
 * @size: room there; no answer is longer than CHAOS_DATA_MAX
 *
 * The kernel repeats the request until something comes back.  Signals do not
 * interrupt the wait.
 *
 * Return: length of the answer, which may be 0, or -1 with errno set as
 * chaos(7) says: ECONNREFUSED when the host refuses, ETIMEDOUT when nothing
 * comes back in time, EMSGSIZE also when the answer is longer than @size.
 */
ssize_t chaos_transact(struct chaos_transaction *t, void *answer, size_t size)
{
	struct sockaddr_chaos sa;
	socklen_t sa_len = chaos_sockaddr(&sa, t->host, t->contact);
	ssize_t n;
	int fd, err;

	t->reason[0] = 0;
	if (!sa_len) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* Only a connected socket is told of failures. */
	n = connect(fd, (struct sockaddr *)&sa, sa_len);
	if (!n)
		n = send(fd, t->args, t->args_len, MSG_NOSIGNAL);
	if (n >= 0)
		n = receive_answer(fd, answer, size, t->timeout_ms);
	if (n < 0)
		chaos_socket_reason(fd, t->reason);
	err = errno;
	close(fd);
	errno = err;
	return n;
}
