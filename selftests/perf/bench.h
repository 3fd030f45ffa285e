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
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdint.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <linux/tcp.h>

#include "netns.h"

#define SEGMENT		CHAOS_DATA_MAX
#define BUFFER		65536		/* of a call to send or receive */
#define ROUNDS_MAX	99

enum { CLIENT = 0401, SERVER = 0402 };
#define CLIENT_IP	"10.9.0.1"
#define SERVER_IP	"10.9.0.2"
#define PORT		5001

static int client_ns, server_ns;
static uint64_t size = 8 << 20;
static unsigned int rounds = 5;
static int window;		/* of the stream's receiver; 0: the kernel's choice */
/* By what way streams reach the server. */
static unsigned int server_addr = SERVER;
static const char *server_ip = SERVER_IP;
static char buffer[BUFFER];

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
 * @us: from the first byte sent to the last received
 * @pause_us: longest wait of the receiver
 * @sent: packets of the client
 * @returned: packets of the server
 * @send_calls: system calls of the client
 * @recv_calls: of the server
 * @info: the client's end of a Chaosnet stream
 * @tcp: of a TCP connection
 */
struct round {
	uint64_t us, pause_us, sent, returned, send_calls, recv_calls;
	struct chaos_info info;
	struct tcp_info tcp;
};

/*
 * Take the last words of the command line, from optind on: [MIB [ROUNDS]], or [ROUNDS] if
 * the amount is fixed.  @bad: the words before
 * them were wrong already.
 */
static inline void take_amounts(int argc, char **argv, bool fixed, bool bad, const char *usage)
{
	if (!fixed && optind < argc)
		size = strtoull(argv[optind++], NULL, 10) << 20;
	if (optind < argc)
		rounds = strtoul(argv[optind++], NULL, 10);
	if (!bad && optind == argc && size && rounds && rounds <= ROUNDS_MAX)
		return;
	fprintf(stderr, "usage: %s\n", usage);
	exit(2);
}

/* The same for those who have no option but -w. */
static inline void take_words(int argc, char **argv, bool fixed, const char *usage)
{
	bool bad = false;
	int opt;

	while ((opt = getopt(argc, argv, "w:")) != -1) {
		if (opt == 'w')
			window = strtol(optarg, NULL, 10);
		else
			bad = true;
	}
	take_amounts(argc, argv, fixed, bad, usage);
}

static inline uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

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

static inline void offload_set(int fd, unsigned int command, bool on)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq ifr = { .ifr_name = "eth0", .ifr_data = (char *)&value };

	if (ioctl(fd, SIOCETHTOOL, &ifr) && errno != EOPNOTSUPP)
		tap_bail("ethtool %#x: %s", command, strerror(errno));
}

/* Of the host we are in; what a device does not have cannot be switched. */
static inline void offloads_set(bool on)
{
	static const unsigned int commands[] = {
		ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO,
		ETHTOOL_SGRO, ETHTOOL_SUFO,
	};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned int i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		offload_set(fd, commands[i], on);
	close(fd);
}

static inline void set_up_host(int ns, unsigned int addr, const char *ip)
{
	netns_host(ns, "eth0", addr, NULL);
	netns_must("ip addr add %s/24 dev eth0", ip);
	/* They would take 12 bytes of each segment. */
	netns_write("/proc/sys/net/ipv4/tcp_timestamps", "0");
	offloads_set(false);
}

static inline void set_up(void)
{
	client_ns = netns_new();
	server_ns = netns_new();
	netns_veth(client_ns, "eth0", server_ns, "eth0");
	set_up_host(server_ns, SERVER, SERVER_IP);
	set_up_host(client_ns, CLIENT, CLIENT_IP);
}

/* Packets sent and received so far on a device of the host we are in. */
static inline void packets(const char *dev, uint64_t *sent, uint64_t *rcvd)
{
	struct ifaddrs *list, *i;

	*sent = 0;
	*rcvd = 0;
	if (getifaddrs(&list))
		tap_bail("getifaddrs: %s", strerror(errno));
	for (i = list; i; i = i->ifa_next) {
		const struct rtnl_link_stats *stats = i->ifa_data;

		/* Others are addresses; some devices have none of their own. */
		if (!stats || strcmp(i->ifa_name, dev))
			continue;
		*sent = stats->tx_packets;
		*rcvd = stats->rx_packets;
	}
	freeifaddrs(list);
}

/* Measuring. */

struct report {
	uint64_t end_us, pause_us, calls, bytes;
};

static inline void receive(int fd, struct report *r)
{
	uint64_t before = now_us();
	ssize_t n;

	while ((n = recv(fd, buffer, BUFFER, 0)) > 0) {
		uint64_t now = now_us();

		r->bytes += n;
		r->calls++;
		if (now - before > r->pause_us)
			r->pause_us = now - before;
		before = now;
	}
	r->end_us = now_us();
	r->calls++;
}

/* The server process: tells through the pipe that it listens, then its report. */
__noreturn static inline void serve(const struct kind *kind, int pipe)
{
	struct report report = {};
	int listener, fd;

	netns_enter(server_ns);
	listener = kind->listen();
	if (write(pipe, "", 1) != 1)
		exit(1);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	close(listener);
	receive(fd, &report);
	exit(write(pipe, &report, sizeof(report)) != sizeof(report));
}

static inline uint64_t transmit(int fd)
{
	uint64_t left = size, calls = 0;
	ssize_t n;

	for (; left; left -= n) {
		n = send(fd, buffer, left < BUFFER ? left : BUFFER, 0);
		if (n < 0)
			tap_bail("send: %s", strerror(errno));
		calls++;
	}
	if (shutdown(fd, SHUT_WR))
		tap_bail("shutdown: %s", strerror(errno));
	return calls + 1;
}

static inline void read_report(int pipe, void *data, size_t len)
{
	if (read(pipe, data, len) != (ssize_t)len)
		tap_bail("no report from the server");
}

static inline void measure(const struct kind *kind, struct round *round)
{
	uint64_t start, sent, rcvd, sent_before, rcvd_before;
	socklen_t len = sizeof(round->info), tcp_len = sizeof(round->tcp);
	struct report report;
	int fd, pipe[2];
	char ready;
	pid_t pid;

	netns_enter(client_ns);
	netns_must("ip link set eth0 gso_max_segs %u", kind->gso_max_segs ?: 65535);
	if (pipe2(pipe, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		serve(kind, pipe[1]);
	close(pipe[1]);
	read_report(pipe[0], &ready, sizeof(ready));

	packets("eth0", &sent_before, &rcvd_before);
	fd = kind->connect();
	start = now_us();
	round->send_calls = transmit(fd);
	read_report(pipe[0], &report, sizeof(report));
	if (report.bytes != size)
		tap_bail("%s: %llu bytes arrived", kind->name, (long long)report.bytes);
	/* One of them. */
	getsockopt(fd, SOL_CHAOS, CHAOS_INFO, &round->info, &len);
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &round->tcp, &tcp_len);
	close(fd);
	close(pipe[0]);
	waitpid(pid, NULL, 0);
	packets("eth0", &sent, &rcvd);

	round->us = report.end_us - start;
	round->pause_us = report.pause_us;
	round->recv_calls = report.calls;
	round->sent = sent - sent_before;
	round->returned = rcvd - rcvd_before;
}

/* Telling. */

static inline int compare_speed(const void *a, const void *b)
{
	const struct round *x = a, *y = b;

	return (x->us > y->us) - (x->us < y->us);
}

static inline const struct round *median(struct round *r)
{
	qsort(r, rounds, sizeof(*r), compare_speed);
	return &r[rounds / 2];
}

static inline double speed(const struct round *r)
{
	return size / 1024.0 / (r->us / 1e6);
}

#endif /* BENCH_H */
