/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ends of something that carries packets or bytes from the client to the server of
 * lab.h, in several protocols.
 */
#ifndef ENDS_H
#define ENDS_H

#include <netinet/tcp.h>
#include <netpacket/packet.h>

#include "lab.h"

#define ENDS_PORT	64		/* index and port of the server */
#define ENDS_SPACE	(4 << 20)	/* bytes of buffers, more than needed */
#define ENDS_ETHERTYPE	0x88b5		/* for experiments */
#define ENDS_HEADER_UDP	28

/**
 * struct ends - a socket of the client and one of the server
 * @fd: the sockets
 * @to: where the client sends, if its socket is not connected, as is usual with UDP
 * @to_len: 0 if it is
 */
struct ends {
	int fd[N_ENDS];
	struct sockaddr_in to;
	socklen_t to_len;
};

static inline bool ends_send(const struct ends *e, const void *data, size_t len)
{
	const struct sockaddr *to = e->to_len ? (const struct sockaddr *)&e->to : NULL;

	return sendto(e->fd[NEAR], data, len, 0, to, e->to_len) == (ssize_t)len;
}

static inline int ends_socket(unsigned int end, int family, int type, int protocol)
{
	const int space = ENDS_SPACE;
	int fd;

	lab_enter(end);
	fd = socket(family, type | SOCK_CLOEXEC, protocol);
	if (fd < 0 ||
	    (type != SOCK_STREAM &&
	     (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)) ||
	      setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &space, sizeof(space)))))
		tap_bail("socket of family %d, type %d: %s", family, type, strerror(errno));
	return fd;
}

static inline void ends_name(int fd, int (*call)(int fd, const struct sockaddr *sa, socklen_t len),
			     const void *sa, socklen_t len)
{
	if (call(fd, sa, len) && errno != EINPROGRESS)
		tap_bail("bind or connect: %s", strerror(errno));
}

/* Datagrams to the server's address on a subnet. */
static inline struct ends ends_udp(unsigned int subnet)
{
	struct ends e = { .to = lab_ip(subnet, LAB_FAR, ENDS_PORT), .to_len = sizeof(e.to) };

	e.fd[FAR] = ends_socket(FAR, AF_INET, SOCK_DGRAM, 0);
	ends_name(e.fd[FAR], bind, &e.to, e.to_len);
	e.fd[NEAR] = ends_socket(NEAR, AF_INET, SOCK_DGRAM, 0);
	return e;
}

/* The same over a connected socket. */
static inline struct ends ends_udp_connected(unsigned int subnet)
{
	struct ends e = ends_udp(subnet);

	ends_name(e.fd[NEAR], connect, &e.to, e.to_len);
	e.to_len = 0;
	return e;
}

static inline struct ends ends_unc(unsigned int subnet)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS };
	socklen_t len = sizeof(sa);
	struct ends e = {};

	e.fd[FAR] = ends_socket(FAR, AF_CHAOS, SOCK_DGRAM, CHAOSPROTO_UNC);
	ends_name(e.fd[FAR], bind, &sa, sizeof(sa));
	getsockname(e.fd[FAR], (struct sockaddr *)&sa, &len);
	sa.sch_addr = lab_addr(subnet, LAB_FAR);
	e.fd[NEAR] = ends_socket(NEAR, AF_CHAOS, SOCK_DGRAM, CHAOSPROTO_UNC);
	ends_name(e.fd[NEAR], connect, &sa, sizeof(sa));
	return e;
}

/* Frames as they are, of a protocol that nobody else has. */
static inline struct ends ends_packet(unsigned int subnet)
{
	struct sockaddr_ll sa = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ENDS_ETHERTYPE),
	};
	struct ends e = {};
	unsigned int end;

	(void)subnet;
	for (end = 0; end < N_ENDS; end++) {
		e.fd[end] = ends_socket(end, AF_PACKET, SOCK_RAW, 0);
		sa.sll_ifindex = if_nametoindex("eth0");
		/* The sender need not see anything. */
		sa.sll_protocol = end == FAR ? htons(ENDS_ETHERTYPE) : 0;
		ends_name(e.fd[end], bind, &sa, sizeof(sa));
	}
	return e;
}

static inline struct ends ends_unix(unsigned int subnet)
{
	struct ends e = {};

	(void)subnet;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, e.fd))
		tap_bail("socketpair: %s", strerror(errno));
	return e;
}

/* Connections. */

static inline struct sockaddr_chaos ends_contact(unsigned int subnet)
{
	return pair_name(lab_addr(subnet, LAB_FAR), "BENCH");
}

static inline int ends_listen_chaos(unsigned int subnet, int type)
{
	struct sockaddr_chaos sa = ends_contact(subnet);
	int fd = ends_socket(FAR, AF_CHAOS, type, 0);

	ends_name(fd, bind, &sa, sizeof(sa));
	if (listen(fd, 128))
		tap_bail("listen: %s", strerror(errno));
	return fd;
}

static inline int ends_listen_tcp(unsigned int subnet)
{
	const struct sockaddr_in sa = lab_ip(subnet, LAB_FAR, ENDS_PORT);
	int fd = ends_socket(FAR, AF_INET, SOCK_STREAM, 0);
	const int segment = CHAOS_DATA_MAX, on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		tap_bail("TCP_MAXSEG: %s", strerror(errno));
	ends_name(fd, bind, &sa, sizeof(sa));
	if (listen(fd, 128))
		tap_bail("listen: %s", strerror(errno));
	return fd;
}

static inline void ends_ready(int fd, short events)
{
	if (!(pair_poll(fd, events, NETNS_PATIENCE) & events))
		tap_bail("no connection");
}

/* Connect without waiting, accept, and see that the connection is there. */
static inline struct ends ends_open(int client, int listener, const void *sa, socklen_t len)
{
	struct ends e = { .fd = { client } };

	pair_nonblock(client, true);
	ends_name(client, connect, sa, len);
	e.fd[FAR] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (e.fd[FAR] < 0)
		tap_bail("accept: %s", strerror(errno));
	ends_ready(client, POLLOUT);
	pair_nonblock(client, false);
	return e;
}

static inline struct ends ends_chaos(unsigned int subnet, int type)
{
	const struct sockaddr_chaos sa = ends_contact(subnet);
	int listener = ends_listen_chaos(subnet, type);
	struct ends e = ends_open(ends_socket(NEAR, AF_CHAOS, type, 0), listener, &sa, sizeof(sa));

	close(listener);
	return e;
}

static inline struct ends ends_seqpacket(unsigned int subnet)
{
	return ends_chaos(subnet, SOCK_SEQPACKET);
}

static inline struct ends ends_stream(unsigned int subnet)
{
	return ends_chaos(subnet, SOCK_STREAM);
}

static inline struct ends ends_tcp(unsigned int subnet)
{
	const struct sockaddr_in sa = lab_ip(subnet, LAB_FAR, ENDS_PORT);
	int listener = ends_listen_tcp(subnet);
	struct ends e;

	e = ends_open(ends_socket(NEAR, AF_INET, SOCK_STREAM, 0), listener, &sa, sizeof(sa));
	close(listener);
	return e;
}

static inline void ends_close(struct ends *e)
{
	close(e->fd[NEAR]);
	close(e->fd[FAR]);
}

#endif /* ENDS_H */
