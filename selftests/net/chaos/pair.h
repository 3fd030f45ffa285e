/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two hosts and the connections between them, for tests of sockets.
 *
 *	A 401 eth0 ------- eth0 402 B
 *
 * All sockets are made here: client ends on A, servers on B.  One process plays
 * both sides.  Programs define _GNU_SOURCE.
 */
#ifndef PAIR_H
#define PAIR_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <linux/sockios.h>

#include "netns.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { PAIR_A = 0401, PAIR_B = 0402 };

/* Things that should happen have happened after so many milliseconds. */
#define PAIR_PATIENCE NETNS_PATIENCE

/* No test program takes as many seconds, whatever the machine. */
#define PAIR_LIMIT 500

/* The two ends of a connection. */
struct pair {
	int a, b;
};

static int pair_ns_a = -1, pair_ns_b = -1;

static inline void pair_stuck(int sig)
{
	static const char text[] = "Bail out! stuck in a system call\n";

	(void)sig;
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ? 2 : 1);
}

/* Calls that wrongly wait forever should not take everybody's time. */
static inline void pair_limit_time(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	const struct itimerspec limit = { .it_value.tv_sec = PAIR_LIMIT };
	timer_t timer;

	signal(SIGUSR2, pair_stuck);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &limit, NULL))
		tap_bail("timer: %s", strerror(errno));
}

static inline void pair_setup(void)
{
	pair_limit_time();
	pair_ns_a = netns_new();
	pair_ns_b = netns_new();
	netns_veth(pair_ns_a, "eth0", pair_ns_b, "eth0");
	netns_host(pair_ns_a, "eth0", PAIR_A, "ALPHA");
	netns_host(pair_ns_b, "eth0", PAIR_B, "BETA");
}

static inline void pair_enter(unsigned int host)
{
	netns_enter(host == PAIR_A ? pair_ns_a : pair_ns_b);
}

static inline int pair_socket(unsigned int host, int type)
{
	int fd;

	pair_enter(host);
	fd = socket(AF_CHAOS, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		tap_bail("socket: %s", strerror(errno));
	return fd;
}

static inline struct sockaddr_chaos pair_name(unsigned int addr, const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = addr };
	size_t len = strlen(contact);

	memcpy(sa.sch_contact, contact, len < sizeof(sa.sch_contact) ? len :
	       sizeof(sa.sch_contact));
	return sa;
}

static inline int pair_bind(int fd, unsigned int addr, const char *contact)
{
	struct sockaddr_chaos sa = pair_name(addr, contact);

	return bind(fd, (struct sockaddr *)&sa, sizeof(sa));
}

static inline int pair_connect(int fd, unsigned int addr, const char *contact)
{
	struct sockaddr_chaos sa = pair_name(addr, contact);

	return connect(fd, (struct sockaddr *)&sa, sizeof(sa));
}

/* A server on a host; the contact is one that nobody has yet. */
static inline int pair_listen(unsigned int host, int type, int backlog)
{
	static unsigned int serial;
	int fd = pair_socket(host, type);
	char contact[16];

	snprintf(contact, sizeof(contact), "TEST%u", ++serial);
	if (pair_bind(fd, 0, contact) || listen(fd, backlog))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

static inline void pair_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* What of @events there is, at the latest after @ms. */
static inline short pair_poll(int fd, short events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, ms) > 0 ? pfd.revents : 0;
}

/* connect() to a server, which is on B if it does not say where. */
static inline int pair_connect_to(int client, int server)
{
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);

	getsockname(server, (struct sockaddr *)&sa, &len);
	if (!sa.sch_addr)
		sa.sch_addr = PAIR_B;
	return connect(client, (struct sockaddr *)&sa, len);
}

/* Send the request for a server's contact without waiting for what comes of it. */
static inline void pair_call(int client, int server)
{
	pair_nonblock(client, true);
	if (!pair_connect_to(client, server) || errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
	pair_nonblock(client, false);
}

/* Connect @client with @server, and return the server's end. */
static inline int pair_join(int client, int server)
{
	int fd;

	pair_call(client, server);
	if (!pair_poll(server, POLLIN, PAIR_PATIENCE))
		tap_bail("no request arrives");
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	if (!(pair_poll(client, POLLOUT, PAIR_PATIENCE) & POLLOUT))
		tap_bail("the connection does not open");
	return fd;
}

/* A connection between sockets of these types. */
static inline struct pair pair_open(int type_a, int type_b)
{
	int server = pair_listen(PAIR_B, type_b, 1);
	struct pair p;

	p.a = pair_socket(PAIR_A, type_a);
	p.b = pair_join(p.a, server);
	close(server);
	return p;
}

static inline void pair_close(struct pair *p)
{
	close(p->a);
	close(p->b);
}

static inline int pair_get_int(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	if (getsockopt(fd, level, name, &value, &len))
		tap_bail("getsockopt %d: %s", name, strerror(errno));
	return value;
}

static inline int pair_set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* Have nothing sent again: what comes twice may come when the first is over, and be new. */
static inline void pair_send_once(int fd)
{
	const int late = 60000;		/* ms */

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_RTO_MAX, late) ||
	    pair_set_int(fd, SOL_CHAOS, CHAOS_RTO_MIN, late))
		tap_bail("CHAOS_RTO_MIN: %s", strerror(errno));
}

/* SO_ERROR */
static inline int pair_error(int fd)
{
	return pair_get_int(fd, SOL_SOCKET, SO_ERROR);
}

/* SO_RCVTIMEO or SO_SNDTIMEO, in milliseconds. */
static inline void pair_timeout(int fd, int name, int ms)
{
	const struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)))
		tap_bail("timeout: %s", strerror(errno));
}

static inline int pair_ioctl(int fd, unsigned long request)
{
	int value = -1;

	if (ioctl(fd, request, &value))
		tap_bail("ioctl %lx: %s", request, strerror(errno));
	return value;
}

static inline struct chaos_info pair_info(int fd)
{
	struct chaos_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_CHAOS, CHAOS_INFO, &info, &len) || len != sizeof(info))
		tap_bail("CHAOS_INFO: %s", strerror(errno));
	return info;
}

/* CHAOS_REASON, in a buffer that the next call uses again. */
static inline const char *pair_reason(int fd)
{
	static char text[CHAOS_DATA_MAX + 1];
	socklen_t len = sizeof(text);

	if (getsockopt(fd, SOL_CHAOS, CHAOS_REASON, text, &len))
		tap_bail("CHAOS_REASON: %s", strerror(errno));
	return text;
}

/* Wait until a field of CHAOS_INFO is something. */
#define pair_wait_info(fd, condition) ({				\
	long long end_ = netns_now() + PAIR_PATIENCE;			\
	struct chaos_info info;						\
	bool done_;							\
									\
	while (info = pair_info(fd), done_ = (condition), !done_ && netns_now() < end_)	\
		netns_sleep(5);						\
	done_; })

/* Lines of chaosctl conn on a host, without the heading. */
static inline int pair_count_conns(unsigned int host)
{
	char output[NETNS_OUTPUT], *line = output;
	int lines = -1;

	pair_enter(host);
	if (netns_run(output, "chaosctl conn show"))
		tap_bail("chaosctl conn: %s", output);
	while ((line = strchr(line, '\n'))) {
		line++;
		lines++;
	}
	return lines;
}

/* Wait until a host has so many. */
static inline bool pair_wait_conns(unsigned int host, int count)
{
	long long end = netns_now() + PAIR_PATIENCE;

	while (pair_count_conns(host) != count) {
		if (netns_now() > end)
			return false;
		netns_sleep(20);
	}
	return true;
}

/* Closed connections go on for a while, and then are gone. */
static inline bool pair_wait_no_conns(void)
{
	long long end = netns_now() + 3 * PAIR_PATIENCE;

	while (pair_count_conns(PAIR_A) || pair_count_conns(PAIR_B)) {
		if (netns_now() > end)
			return false;
		netns_sleep(100);
	}
	return true;
}

/* Byte @i of a stream, such that a shift or a lost packet shows. */
static inline uint8_t pair_byte(size_t i)
{
	return i * 31 + i / CHAOS_DATA_MAX * 7 + i / 65536;
}

static inline void pair_fill(void *buf, size_t offset, size_t len)
{
	uint8_t *bytes = buf;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = pair_byte(offset + i);
}

static inline bool pair_filled(const void *buf, size_t offset, size_t len)
{
	const uint8_t *bytes = buf;
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] != pair_byte(offset + i))
			return false;
	return true;
}

/**
 * pair_take() - accept a connection that comes in time
 * @server: socket that listens
 */
static inline int pair_take(int server)
{
	int fd;

	if (!pair_poll(server, POLLIN, PAIR_PATIENCE))
		tap_bail("no request arrives");
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	return fd;
}

static inline void pair_begin_connect(int fd, const char *target)
{
	pair_nonblock(fd, true);
	if (!pair_connect(fd, PAIR_B, target) || errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
}

/**
 * pair_begin_call() - begin to connect from A to B
 * @target: contact and arguments
 *
 * The socket is non-blocking.
 */
static inline int pair_begin_call(const char *target)
{
	int fd = pair_socket(PAIR_A, SOCK_STREAM);

	pair_begin_connect(fd, target);
	return fd;
}

/**
 * pair_begin_call_once() - the same, sending the request only once
 * @target: contact and arguments
 */
static inline int pair_begin_call_once(const char *target)
{
	int fd = pair_socket(PAIR_A, SOCK_STREAM);

	pair_send_once(fd);
	pair_begin_connect(fd, target);
	return fd;
}

#endif /* PAIR_H */
