// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "chaos_sockaddr.h"
#include "chaos_transact.h"
#include "report.h"
#include "stream.h"

/**
 * stream_socket() - make a non-blocking stream socket
 * @window: receive window in packets, 0 for the default
 *
 * Return: the socket, or -1 with errno set.
 */
int stream_socket(int window)
{
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0 || !window)
		return fd;
	if (!setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Wait until the request is answered; returns 0 or an errno. */
static int wait_connected(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int n, err;

	n = poll(&pfd, 1, timeout_ms);
	if (!n)
		return ETIMEDOUT;
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return errno;
	return err;
}

/**
 * stream_connect() - open a stream to a host
 * @fd: from stream_socket()
 * @addr: the host
 * @contact: contact name
 * @args: its arguments, may be empty
 * @timeout_ms: give up after so long
 *
 * Return: 0, or -1 with errno set, ETIMEDOUT when the host does not answer.
 */
int stream_connect(int fd, uint16_t addr, const char *contact, const char *args, int timeout_ms)
{
	struct sockaddr_chaos sa;
	socklen_t sa_len = chaos_sockaddr(&sa, addr, contact);

	if (*args && setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, args, strlen(args)))
		return -1;
	if (!connect(fd, (struct sockaddr *)&sa, sa_len))
		return 0;
	if (errno == EINPROGRESS)
		errno = wait_connected(fd, timeout_ms);
	return errno ? -1 : 0;
}

/**
 * stream_accept_failure() - what does it mean that accept() fails?
 * @err: errno
 *
 * Return: one of three.
 */
enum stream_accept stream_accept_failure(int err)
{
	switch (err) {
	case EAGAIN:
	case EINTR:
	case ECONNABORTED:
		return STREAM_NOBODY;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return STREAM_LATER;
	default:
		return STREAM_NEVER;
	}
}

/**
 * stream_pump() - run a pump and say how it failed
 * @pump: what to connect
 * @host: the peer, for messages
 * @contact: contact name, for messages
 *
 * Return: the exit status.
 */
int stream_pump(const struct pump *pump, const char *host, const char *contact)
{
	char reason[CHAOS_DATA_MAX + 1];
	enum pump_end end;

	signal(SIGPIPE, SIG_IGN);
	end = pump_run(pump);
	switch (end) {
	case PUMP_DONE:
		return CHAOS_EXIT_OK;
	case PUMP_LOST:
		chaos_socket_reason(pump->net, reason);
		return peer_error(host, contact, errno, reason);
	case PUMP_CLOSED_EARLY:
		chaos_socket_reason(pump->net, reason);
		say("%s: %s: closed by the peer before it took all the input%s%s", host, contact,
		    *reason ? ": " : "", reason);
		return CHAOS_EXIT_PEER;
	case PUMP_NO_INPUT:
		say("cannot read the input: %m");
		break;
	case PUMP_NO_OUTPUT:
		say("cannot write the output: %m");
		break;
	}
	return CHAOS_EXIT_LOCAL;
}
