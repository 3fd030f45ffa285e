/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where on the Internet: an IP address and a UDP port.
 *
 * IPv4 addresses are kept as IPv4-mapped ones (::ffff:192.0.2.1), so that there is
 * one kind to compare, whatever kind of socket is used.  Pure code.
 */
#ifndef CHAOS_UDP_UDPADDR_H
#define CHAOS_UDP_UDPADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "words.h"

#define UDPADDR_STRLEN	WORD_ENDPOINT_LEN

/**
 * struct udpaddr - an address and a port
 * @ip: the address
 * @scope: index of the interface, of link-local addresses; otherwise 0
 * @port: UDP port, host order
 */
struct udpaddr {
	struct in6_addr ip;
	uint32_t scope;
	uint16_t port;
};

/* An address as system calls take it. */
union udpaddr_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

bool udpaddr_from_sockaddr(struct udpaddr *addr, const void *sa, socklen_t len);
socklen_t udpaddr_to_sockaddr(union udpaddr_sockaddr *to, const struct udpaddr *addr, int family);
bool udpaddr_usable(const struct udpaddr *addr, int family);
char *udpaddr_format(const struct udpaddr *addr, char buf[UDPADDR_STRLEN]);

static inline bool udpaddr_same(const struct udpaddr *a, const struct udpaddr *b)
{
	return a->port == b->port && a->scope == b->scope && IN6_ARE_ADDR_EQUAL(&a->ip, &b->ip);
}

#endif /* CHAOS_UDP_UDPADDR_H */
