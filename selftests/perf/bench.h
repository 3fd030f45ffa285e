/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending a lot of data from one host to another by Chaosnet or TCP, and measuring it:
 *
 *	client 401, 10.9.0.1 eth0 ------- eth0 402, 10.9.0.2 server
 *
 * Both have segments of 488 bytes, and the devices' offloads are off.
 */
#ifndef BENCH_H
#define BENCH_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/tcp.h>

#include "cable.h"
#include "clock.h"
#include "peer.h"
#include "perf_flow.h"

#define SEGMENT		CHAOS_DATA_MAX
#define BUFFER		65536		/* of a call to send or receive */

enum { CLIENT = 0401, SERVER = 0402 };
#define CLIENT_IP	"10.9.0.1"
#define SERVER_IP	"10.9.0.2"
#define PORT		5001

static int client_ns, server_ns;
static uint64_t size;		/* bytes of a stream */
static unsigned int rounds = 5;
static unsigned int window;	/* of the stream's receiver; 0: the kernel's choice */
/* By what way streams reach the server. */
static unsigned int server_addr = SERVER;
static const char *server_ip = SERVER_IP;

/**
 * struct kind - something to be measured
 * @name: in the table
 * @listen: make a listening socket
 * @connect: make a connection to it
 * @gso_max_segs: segments that TCP may hand to the device as one packet, which is
 *	cut up just before the device; 0: the kernel's choice
 */
struct kind {
	const char *name;
	int (*listen)(void);
	int (*connect)(void);
	unsigned int gso_max_segs;
};

/**
 * struct round - what was measured once
 * @ns: from the first byte sent to the last received
 * @pause_ns: longest wait of the receiver
 * @sent: packets of the client
 * @returned: packets of the server
 * @send_calls: system calls of the client
 * @recv_calls: of the server
 * @window: what the server offered of a Chaosnet stream before anything was lost
 * @info: the client's end of it
 * @tcp: of a TCP connection
 */
struct round {
	uint64_t ns, pause_ns, sent, returned, send_calls, recv_calls;
	unsigned int window;
	struct chaos_info info;
	struct tcp_info tcp;
};

/* Chaosnet. */

static inline int chaos_socket(unsigned int addr, struct sockaddr_chaos *sa)
{
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		tap_bail("socket(AF_CHAOS): %s", strerror(errno));
	*sa = (struct sockaddr_chaos) {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_contact = "BENCH",
	};
	return fd;
}

static inline int chaos_listen(void)
{
	const int space = window * 2048;	/* more than packets cost */
	struct sockaddr_chaos sa;
	int fd = chaos_socket(0, &sa);

	if (window && (setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)) ||
		       setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space))))
		tap_bail("CHAOS_WINDOW: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1))
		tap_bail("listen: %s", strerror(errno));
	return fd;
}

static inline int chaos_connect(void)
{
	const int space = window * 2048;
	struct sockaddr_chaos sa;
	int fd = chaos_socket(server_addr, &sa);

	if (window && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &space, sizeof(space)))
		tap_bail("SO_SNDBUF: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("connect: %s", strerror(errno));
	return fd;
}

/* TCP. */

static inline int tcp_socket(const char *address, struct sockaddr_in *sa)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), mss = SEGMENT, on = 1;

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		tap_bail("TCP socket: %s", strerror(errno));
	*sa = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons(PORT) };
	inet_pton(AF_INET, address, &sa->sin_addr);
	return fd;
}

static inline int tcp_listen(void)
{
	struct sockaddr_in sa;
	int fd = tcp_socket(server_ip, &sa);

	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1))
		tap_bail("TCP listen: %s", strerror(errno));
	return fd;
}

static inline int tcp_connect(void)
{
	struct sockaddr_in sa;
	int fd = tcp_socket(server_ip, &sa);

	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("TCP connect: %s", strerror(errno));
	return fd;
}

/* The cable. */

static inline void set_up_host(int ns, unsigned int addr, const char *ip)
{
	netns_host(ns, "eth0", addr, NULL);
	netns_must("ip addr add %s/24 dev eth0", ip);
	/* They would take 12 bytes of each segment. */
	netns_write("/proc/sys/net/ipv4/tcp_timestamps", "0");
	offloads_set("eth0", false);
}

static inline void set_up(void)
{
	client_ns = netns_new();
	server_ns = netns_new();
	netns_veth(client_ns, "eth0", server_ns, "eth0");
	set_up_host(server_ns, SERVER, SERVER_IP);
	set_up_host(client_ns, CLIENT, CLIENT_IP);
}

/* Measuring. */

struct report {
	struct perf_count count;
	uint64_t end, pause;
};

static inline void receive(int fd, struct report *r)
{
	struct perf_flow f = { .fd = fd, .size = BUFFER, .stamp = true };
	uint64_t before = perf_now();

	for (; perf_receive(&f) == PERF_MOVED; before = f.last)
		if (f.last - before > r->pause)
			r->pause = f.last - before;
	r->end = perf_now();
	r->count = f.count;
}

/* The server process: tells that it listens, then its report. */
__noreturn static inline void serve(const struct kind *kind, const struct peer *p)
{
	struct report report = {};
	int listener, fd;

	netns_enter(server_ns);
	listener = kind->listen();
	peer_tell(p, "", 1);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	close(listener);
	receive(fd, &report);
	peer_tell(p, &report, sizeof(report));
	exit(0);
}

/* Return: how many system calls that took. */
static inline uint64_t transmit(int fd)
{
	struct perf_flow f = { .fd = fd, .size = BUFFER, .amount = size };

	if (perf_send_all(&f) != PERF_ENDED)
		tap_bail("send: %s", strerror(errno));
	if (shutdown(fd, SHUT_WR))
		tap_bail("shutdown: %s", strerror(errno));
	return f.count.calls + 1;
}

static inline void measure(const struct kind *kind, struct round *round)
{
	uint64_t start, sent, rcvd, sent_before, rcvd_before;
	socklen_t len = sizeof(round->info), tcp_len = sizeof(round->tcp);
	struct report report;
	struct peer p;
	char ready;
	int fd;

	netns_enter(client_ns);
	netns_must("ip link set eth0 gso_max_segs %u", kind->gso_max_segs ?: 65535);
	p = peer_fork();
	if (!p.pid)
		serve(kind, &p);
	peer_hear(&p, &ready, sizeof(ready));

	packets_passed("eth0", &sent_before, &rcvd_before);
	fd = kind->connect();
	getsockopt(fd, SOL_CHAOS, CHAOS_INFO, &round->info, &len);
	round->window = round->info.ci_snd_window;
	start = perf_now();
	round->send_calls = transmit(fd);
	peer_hear(&p, &report, sizeof(report));
	if (report.count.bytes != size)
		tap_bail("%s: %llu bytes arrived", kind->name, (long long)report.count.bytes);
	/* One of them. */
	getsockopt(fd, SOL_CHAOS, CHAOS_INFO, &round->info, &len);
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &round->tcp, &tcp_len);
	close(fd);
	peer_wait(&p);
	packets_passed("eth0", &sent, &rcvd);

	round->ns = report.end - start;
	round->pause_ns = report.pause;
	round->recv_calls = report.count.calls;
	round->sent = sent - sent_before;
	round->returned = rcvd - rcvd_before;
}

/* Telling. */

static inline int compare_speed(const void *a, const void *b)
{
	const struct round *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

static inline const struct round *median(struct round *r)
{
	qsort(r, rounds, sizeof(*r), compare_speed);
	return &r[rounds / 2];
}

/* KiB/s */
static inline double speed(const struct round *r)
{
	return size / 1024.0 / (r->ns / 1e9);
}

#endif /* BENCH_H */
