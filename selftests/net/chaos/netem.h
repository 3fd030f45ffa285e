/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams over a bad cable, which netem makes of it at both ends:
 *
 *	client 401 eth0 netem ------- netem eth0 402 server
 *
 * A test is a table of struct netem_row.  Neighbours are known in advance: it is not
 * ARP that is tested.
 */
#ifndef NETEM_H
#define NETEM_H

#include <signal.h>
#include <sys/mman.h>

#include "transfer.h"

enum { NETEM_CLIENT = 0401, NETEM_SERVER = 0402 };

#define NETEM_CONTACT	"NETEM"
#define NETEM_RTO_MAX	2000	/* ms: CHAOS_RTO_MAX if nobody changes it */
#define NETEM_STREAMS	16	/* at most */

/* ms that a busy machine may be late; a kernel that checks itself, recognised by
 * lockdep, is slow.
 */
#define NETEM_SLOW	(access("/proc/lockdep_stats", F_OK) ? 1000 : 5000)

#define NETEM_TICK	20	/* ms between looks at how late the machine is */

/**
 * struct netem_row - a test
 * @args: of netem, at both ends; NULL: the cable is good
 * @kib: size of a stream in each direction
 * @rounds: how often a packet, or the news of it, may be lost in a row
 * @streams: how many at once
 * @one_way: data goes from client to server only
 *
 * A receiver waits for as long as the packet that it needs gets lost, or what it says
 * about others; each such round ends with a retransmission timeout or earlier.  With a
 * loss of p each way a round fails with the probability q = 1 - (1 - p)^2.  @rounds is
 * chosen such that once in a million runs one of the n packets of the test fails more
 * often: n * q^rounds < 1e-6.
 */
struct netem_row {
	const char *args;
	unsigned int kib, rounds, streams;
	bool one_way;
};

struct netem_ends {
	struct transfer_sum client, server;
};

static int netem_client_ns, netem_server_ns;

/* Make the cable bad; NULL: good. */
static inline void netem_set(const char *args)
{
	const int ns[] = { netem_server_ns, netem_client_ns };
	char output[NETNS_OUTPUT];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ns); i++) {
		netns_enter(ns[i]);
		if (!args)
			netns_must("tc qdisc del dev eth0 root");
		else if (netns_run(output, "tc qdisc add dev eth0 root netem limit 10000 %s", args))
			tap_skip_all("tc: %s", strtok(output, "\n"));
	}
}

static inline void netem_know(unsigned int addr)
{
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:%02x:%02x dev eth0", addr,
		   addr >> 8, addr & 255);
}

static inline void netem_host(int ns, unsigned int addr)
{
	netns_enter(ns);
	netns_must("ip link set eth0 address 02:00:00:00:%02x:%02x", addr >> 8, addr & 255);
	netns_host(ns, "eth0", addr, NULL);
	netem_know(addr == NETEM_CLIENT ? NETEM_SERVER : NETEM_CLIENT);
}

static inline void netem_setup(void)
{
	pattern_init();
	netem_client_ns = netns_new();
	netem_server_ns = netns_new();
	netns_veth(netem_client_ns, "eth0", netem_server_ns, "eth0");
	netem_host(netem_server_ns, NETEM_SERVER);
	netem_host(netem_client_ns, NETEM_CLIENT);
	netem_set("loss 1%");
	netem_set(NULL);
}

static inline uint64_t netem_size(const struct netem_row *row)
{
	return row->kib * 1024ull;
}

/* Which pattern goes in which direction of stream @i. */
static inline uint32_t netem_key_up(unsigned int i)
{
	return 2 * i;
}

static inline uint32_t netem_key_down(const struct netem_row *row, unsigned int i)
{
	return row->one_way ? PATTERN_NONE : 2 * i + 1;
}

/* Which stream this is, the caller says in its arguments. */
static inline void netem_accept(const struct netem_row *row, int listener, struct transfer *t)
{
	char request[CHAOS_DATA_MAX + 1];
	socklen_t len = sizeof(request) - 1;
	unsigned int i;
	int fd;

	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		tap_bail("accept: %s", strerror(errno));
	if (getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, request, &len))
		tap_bail("CHAOS_RFC_DATA: %s", strerror(errno));
	request[len] = 0;
	if (sscanf(request, NETEM_CONTACT " %u", &i) != 1 || i >= NETEM_STREAMS || t[i].fd)
		tap_bail("unexpected request \"%s\"", request);
	t[i] = (struct transfer) {
		.fd = fd, .size = netem_size(row), .called = true,
		.key_in = netem_key_up(i), .key_out = netem_key_down(row, i),
	};
}

/* The other host: tells through the pipe that it listens, then how it went. */
__noreturn static inline void netem_serve(const struct netem_row *row, int report)
{
	static struct transfer t[NETEM_STREAMS];
	unsigned int i, streams = row->streams;
	struct transfer_sum sum;
	int listener;

	netns_enter(netem_server_ns);
	listener = transfer_listen(NETEM_CONTACT, 0, streams);
	if (write(report, "", 1) != 1)
		exit(1);
	for (i = 0; i < streams; i++)
		netem_accept(row, listener, t);
	close(listener);
	transfer_run(t, streams);
	sum = transfer_sum(t, streams);
	exit(write(report, &sum, sizeof(sum)) != sizeof(sum));
}

static inline void netem_connect(const struct netem_row *row, unsigned int i, struct transfer *t)
{
	struct sockaddr_chaos sa;
	char request[40];

	snprintf(request, sizeof(request), NETEM_CONTACT " %u", i);
	sa = transfer_peer(NETEM_SERVER, request);
	*t = (struct transfer) {
		.fd = transfer_socket(0), .size = netem_size(row), .called = true,
		.key_out = netem_key_up(i), .key_in = netem_key_down(row, i),
	};
	if (fcntl(t->fd, F_SETFL, O_NONBLOCK) ||
	    (connect(t->fd, (struct sockaddr *)&sa, sizeof(sa)) && errno != EINPROGRESS))
		tap_bail("connect: %s", strerror(errno));
}

/* Start the server; returns where it reports. */
static inline int netem_start(const struct netem_row *row)
{
	int report[2];
	char ready;

	if (pipe2(report, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	if (!fork())
		netem_serve(row, report[1]);
	close(report[1]);
	if (read(report[0], &ready, 1) != 1)
		tap_bail("the server does not start");
	return report[0];
}

static inline void netem_transfer(const struct netem_row *row, struct netem_ends *ends)
{
	static struct transfer t[NETEM_STREAMS];
	unsigned int i, streams = row->streams;
	int report = netem_start(row);

	netns_enter(netem_client_ns);
	for (i = 0; i < streams; i++)
		netem_connect(row, i, &t[i]);
	transfer_run(t, streams);
	ends->client = transfer_sum(t, streams);
	if (read(report, &ends->server, sizeof(ends->server)) != sizeof(ends->server))
		tap_bail("the server reports nothing");
	close(report);
	wait(NULL);
}

/* How late this machine is at the moment: a process that does nothing but sleep.  *@late
 * becomes the most milliseconds that it has overslept.
 */
static inline pid_t netem_measure(volatile unsigned int *late)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	for (;;) {
		long long due = netns_now() + NETEM_TICK;

		netns_sleep(NETEM_TICK);
		if (netns_now() - due > *late)
			*late = netns_now() - due;
	}
}

static inline unsigned int netem_measured(pid_t pid, volatile unsigned int *late)
{
	unsigned int ms = *late;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	munmap((void *)late, sizeof(*late));
	return ms;
}

/* @late: ms that the machine was late, whatever it had to do */
static inline void netem_judge(const struct netem_row *row, const char *what, const char *who,
			       const struct transfer_sum *sum, unsigned int late)
{
	if (!tap_eq(sum->failed, 0, "%s: %s: every byte arrived, then EOF", what, who))
		tap_diag("%s", sum->error);
	/* The timer, and our looks before and behind it. */
	tap_ok(sum->silence <= NETEM_RTO_MAX + NETEM_SLOW + 3 * late,
	       "%s: %s: never longer than the timeout without sending again", what, who);
	tap_ok(sum->pause <= row->rounds * (NETEM_RTO_MAX + late) + NETEM_SLOW + 3 * late,
	       "%s: %s: no longer wait than %u timeouts", what, who, row->rounds);
	tap_eq(sum->beyond, 0, "%s: %s: nothing came beyond the window", what, who);
	tap_diag("%s: %llu packets sent, %llu of them again; %llu gaps, %llu duplicates; "
		 "longest wait %u ms, %u ms without sending again", who, sum->pkts_sent,
		 sum->retrans, sum->gaps, sum->dups, sum->pause, sum->silence);
}

static inline void netem_test(const struct netem_row *row)
{
	volatile unsigned int *late = mmap(NULL, sizeof(*late), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long start = netns_now();
	struct netem_ends ends = {};
	unsigned int most_late;
	char what[80];
	pid_t meter;

	if (late == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	snprintf(what, sizeof(what), "%s%s", row->args ?: "good", row->one_way ? ", one way" : "");
	transfer_stall = 2 * row->rounds * NETEM_RTO_MAX + 3 * NETNS_PATIENCE + 20 * NETEM_SLOW;
	if (row->args)
		netem_set(row->args);
	meter = netem_measure(late);
	netem_transfer(row, &ends);
	most_late = netem_measured(meter, late);
	tap_diag("%s: %u KiB%s of %u streams in %lld ms; the machine was up to %u ms late", what,
		 row->kib, row->one_way ? "" : " each way", row->streams, netns_now() - start,
		 most_late);
	netem_judge(row, what, "client", &ends.client, most_late);
	netem_judge(row, what, "server", &ends.server, most_late);
	/* That both ends close well is sure only if their last packets arrive. */
	if (row->args)
		netem_set(NULL);
	tap_ok(transfer_all_gone(netem_client_ns), "%s: client: no connection is left", what);
	tap_ok(transfer_all_gone(netem_server_ns), "%s: server: no connection is left", what);
}

/* The end: nothing holds the device any more. */
static inline int netem_done(void)
{
	long long start = netns_now();

	netns_enter(netem_client_ns);
	netns_must("ip link del eth0");
	tap_ok(netns_now() - start < 3 * NETNS_PATIENCE, "the device can be deleted");
	return tap_done();
}

/**
 * netem_main() - what main() of a test does that is a table
 * @rows: the table
 * @n: its length
 */
static inline int netem_main(const struct netem_row *rows, unsigned int n)
{
	unsigned int i;

	netem_setup();
	for (i = 0; i < n; i++)
		netem_test(&rows[i]);
	return netem_done();
}

#endif /* NETEM_H */
