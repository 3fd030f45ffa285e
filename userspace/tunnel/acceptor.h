/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accepting connections.  When there are no descriptors or no memory, nobody is accepted
 * for a while: those who wait are not refused, and the loop does not spin.
 */
#ifndef TUNNEL_ACCEPTOR_H
#define TUNNEL_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <systemd/sd-event.h>

struct acceptor;

/**
 * struct acceptor_counters - what came
 * @accepted: connections
 * @pauses: times when nobody could be accepted
 */
struct acceptor_counters {
	uint64_t accepted, pauses;
};

/**
 * typedef acceptor_taken - takes a connection
 * @arg: as given to acceptor_new()
 * @fd: non-blocking socket, now its owner's; acceptor_free() must not be called
 * @from: where it comes from
 */
typedef void (*acceptor_taken)(void *arg, int fd, const struct sockaddr_storage *from);

/**
 * acceptor_listen_tcp() - open a listening TCP socket
 * @addr: address and port; of all IPv6 addresses (``::``) IPv4 is served only if @both
 * @len: its length
 * @both: IPv4, too
 *
 * Return: the socket, or -errno.
 */
int acceptor_listen_tcp(const struct sockaddr_storage *addr, socklen_t len, bool both);

/**
 * acceptor_new() - get ready to accept
 * @event: loop
 * @fd: listening socket, non-blocking; closed by acceptor_free(), not on failure
 * @name: for messages, such as "listen tcp 127.0.0.1:4242"
 * @taken: takes the connections
 * @arg: for @taken
 * @acceptor: set on success
 *
 * Nobody is accepted before acceptor_begin().
 *
 * Return: 0 or -errno.
 */
int acceptor_new(sd_event *event, int fd, const char *name, acceptor_taken taken, void *arg,
		 struct acceptor **acceptor);

/**
 * acceptor_begin() - accept from now on
 * @acceptor: acceptor, which may have begun before
 */
void acceptor_begin(struct acceptor *acceptor);

/**
 * acceptor_free() - accept no more
 * @acceptor: may be NULL
 */
void acceptor_free(struct acceptor *acceptor);

const struct acceptor_counters *acceptor_counters(const struct acceptor *acceptor);

#endif /* TUNNEL_ACCEPTOR_H */
