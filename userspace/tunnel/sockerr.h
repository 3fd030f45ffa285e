/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has become of a socket. */
#ifndef TUNNEL_SOCKERR_H
#define TUNNEL_SOCKERR_H

#include <errno.h>
#include <sys/socket.h>

/**
 * socket_error() - the error that waits at a socket, which goes by being told
 * @fd: a socket; of one that was connecting, whether that has worked
 *
 * Return: an errno, 0: none.
 */
static inline int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int err = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

#endif /* TUNNEL_SOCKERR_H */
