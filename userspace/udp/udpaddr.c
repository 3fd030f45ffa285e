// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "udpaddr.h"

/**
 * udpaddr_from_sockaddr() - read what the kernel or the resolver says
 * @addr: result
 * @sa: an address; need not be aligned
 * @len: its length
 *
 * Return: false if it is neither IPv4 nor IPv6.
 */
bool udpaddr_from_sockaddr(struct udpaddr *addr, const void *sa, socklen_t len)
{
	sa_family_t family = AF_UNSPEC;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (len >= sizeof(family))
		memcpy(&family, sa, sizeof(family));	/* it is the first in all of them */
	memset(addr, 0, sizeof(*addr));
	if (family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, sa, sizeof(in6));
		addr->ip = in6.sin6_addr;
		addr->port = ntohs(in6.sin6_port);
		if (IN6_IS_ADDR_LINKLOCAL(&addr->ip))
			addr->scope = in6.sin6_scope_id;
		return true;
	}
	if (family == AF_INET && len >= sizeof(in)) {
		memcpy(&in, sa, sizeof(in));
		addr->ip.s6_addr[10] = 0xff;
		addr->ip.s6_addr[11] = 0xff;
		memcpy(&addr->ip.s6_addr[12], &in.sin_addr, 4);
		addr->port = ntohs(in.sin_port);
		return true;
	}
	return false;
}

/**
 * udpaddr_to_sockaddr() - make an address to send to
 * @to: result
 * @addr: where it is
 * @family: of the socket that will be used, AF_INET or AF_INET6
 *
 * Return: the length of the address; 0 if such a socket cannot send there.
 */
socklen_t udpaddr_to_sockaddr(union udpaddr_sockaddr *to, const struct udpaddr *addr, int family)
{
	memset(to, 0, sizeof(*to));
	if (!udpaddr_usable(addr, family))
		return 0;
	if (family == AF_INET) {
		to->in.sin_family = AF_INET;
		to->in.sin_port = htons(addr->port);
		memcpy(&to->in.sin_addr, &addr->ip.s6_addr[12], 4);
		return sizeof(to->in);
	}
	to->in6.sin6_family = AF_INET6;
	to->in6.sin6_port = htons(addr->port);
	to->in6.sin6_addr = addr->ip;
	to->in6.sin6_scope_id = addr->scope;
	return sizeof(to->in6);
}

/**
 * udpaddr_usable() - can a socket of this family send there?
 * @addr: where
 * @family: AF_INET or AF_INET6, the latter for both kinds
 */
bool udpaddr_usable(const struct udpaddr *addr, int family)
{
	if (!addr->port || IN6_IS_ADDR_UNSPECIFIED(&addr->ip) || IN6_IS_ADDR_MULTICAST(&addr->ip))
		return false;
	return family == AF_INET6 || IN6_IS_ADDR_V4MAPPED(&addr->ip);
}

/**
 * udpaddr_format() - print, for people
 * @addr: what
 * @buf: result: 192.0.2.1:42042, or [2001:db8::1]:42042
 *
 * Return: @buf.
 */
char *udpaddr_format(const struct udpaddr *addr, char buf[UDPADDR_STRLEN])
{
	struct sockaddr_storage storage = { .ss_family = AF_INET6 };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&storage;

	in6->sin6_addr = addr->ip;
	in6->sin6_port = htons(addr->port);
	in6->sin6_scope_id = addr->scope;
	return address_format(&storage, buf);
}
