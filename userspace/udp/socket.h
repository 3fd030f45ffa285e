/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP socket. */
#ifndef CHAOS_UDP_SOCKET_H
#define CHAOS_UDP_SOCKET_H

#include <stdint.h>

#include "words.h"

#define CHUDP_PORT	42042

/**
 * struct udp_socket - what a socket is, besides its number
 * @fd: non-blocking, not connected
 * @family: AF_INET, or AF_INET6 for IPv4, too
 * @name: where it listens, for people
 */
struct udp_socket {
	int fd;
	int family;
	char name[WORD_ENDPOINT_LEN];
};

int udp_socket_open(struct udp_socket *s, const struct endpoint *listen, int beside);
uint64_t udp_socket_drops(const struct udp_socket *s);

#endif /* CHAOS_UDP_SOCKET_H */
