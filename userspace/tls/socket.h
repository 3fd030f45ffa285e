/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How TCP behaves under a session. */
#ifndef CHAOS_TLS_SOCKET_H
#define CHAOS_TLS_SOCKET_H

#include "words.h"

/**
 * socket_options() - set the options of a TCP connection
 * @fd: socket; on one that is not TCP's those that are are left out
 *
 * Nothing waits for more to come; a peer that vanished is noticed in half a minute; the
 * kernel takes little more than it can send.
 */
void socket_options(int fd);

/**
 * socket_where() - write ADDRESS:PORT of the other end
 * @fd: connected socket
 * @where: where to write it
 */
void socket_where(int fd, char where[WORD_ENDPOINT_LEN]);

#endif /* CHAOS_TLS_SOCKET_H */
