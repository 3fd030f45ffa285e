// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <linux/sock_diag.h>

#include "log.h"
#include "socket.h"

/* Room for what comes while we do something else: a second of 10,000 full packets. */
#define RECEIVE_BUFFER	(8 * 1024 * 1024)

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/*
 * Without any of these we can live.
 *
 * Packets fit into the 576 bytes that every host takes, so fragments hardly occur; but
 * if a path needs them, they shall be made.  Errors that come later, by ICMP, are
 * wanted with the address they are about: see errors.c.
 */
static void set_options(int fd, int family)
{
	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER))
		set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	set(fd, SOL_UDP, UDP_GRO, 1);
	set(fd, SOL_IP, IP_RECVERR, 1);
	set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	if (family == AF_INET6) {
		set(fd, SOL_IPV6, IPV6_RECVERR, 1);
		set(fd, SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
	}
}

/*
 * Bind @fd, if need be where @beside listens, too, or where that is in the way: a port at
 * one address when the other has it at all.  Whether they may share is looked at while one
 * is bound only, so nobody else comes in afterwards.
 */
static int bind_beside(int fd, const struct sockaddr_storage *addr, socklen_t len, int beside)
{
	int status = bind(fd, (const struct sockaddr *)addr, len), err;

	if (!status || errno != EADDRINUSE || beside < 0)
		return status;
	set(beside, SOL_SOCKET, SO_REUSEADDR, 1);
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	status = bind(fd, (const struct sockaddr *)addr, len);
	err = errno;
	set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	set(beside, SOL_SOCKET, SO_REUSEADDR, 0);
	errno = err;
	return status;
}

static int open_at(struct udp_socket *s, const struct sockaddr_storage *addr, socklen_t len,
		   int beside)
{
	struct sockaddr_storage bound;
	socklen_t bound_len = sizeof(bound);
	int fd, err;

	fd = socket(addr->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if ((addr->ss_family == AF_INET6 && set(fd, SOL_IPV6, IPV6_V6ONLY, 0)) ||
	    bind_beside(fd, addr, len, beside) ||
	    getsockname(fd, (struct sockaddr *)&bound, &bound_len)) {
		err = -errno;
		close(fd);
		return err;
	}
	set_options(fd, addr->ss_family);
	s->fd = fd;
	s->family = addr->ss_family;
	address_format(&bound, s->name);
	return 0;
}

/**
 * udp_socket_open() - open the socket
 * @s: result
 * @listen: numeric address and port; an empty host means all addresses there are
 * @beside: the socket that it replaces, which is still open; -1: there is none
 *
 * Return: 0, or -1 after an error was logged.
 */
int udp_socket_open(struct udp_socket *s, const struct endpoint *listen, int beside)
{
	struct endpoint ep = *listen;
	struct sockaddr_storage addr;
	char text[WORD_ENDPOINT_LEN];
	socklen_t len;
	int err;

	if (!*listen->host) {
		strcpy(ep.host, "::");
		ep.family = AF_INET6;
	}
	len = endpoint_address(&ep, CHUDP_PORT, &addr);
	err = len ? open_at(s, &addr, len, beside) : -EADDRNOTAVAIL;
	if (err == -EAFNOSUPPORT && !*listen->host) {
		strcpy(ep.host, "0.0.0.0");
		ep.family = AF_INET;
		len = endpoint_address(&ep, CHUDP_PORT, &addr);
		err = open_at(s, &addr, len, beside);
	}
	if (!err)
		return 0;
	errno = -err;
	if (!ep.port)
		ep.port = CHUDP_PORT;
	log_error("cannot listen on %s: %m", endpoint_format(&ep, text));
	return -1;
}

/**
 * udp_socket_drops() - datagrams that the kernel dropped because we were too slow
 * @s: socket
 */
uint64_t udp_socket_drops(const struct udp_socket *s)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return 0;
	return info[SK_MEMINFO_DROPS];
}
