// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How do many busy connections share two processors?
 *
 * One process sends as much as it can on all of them, the other receives, for some
 * seconds.  Measured are the throughput of all, and how equal they are: Jain's index, the
 * square of the sum of all throughputs by their number and the sum of their squares.
 *
 * For a machine with two processors: times vary, so rounds of all numbers and both
 * protocols alternate, and only ratios within a run mean something.
 *
 * usage: bench_busy [-q] [-r ROUNDS] [-t SECONDS]
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/resource.h>

#include "args.h"
#include "ends.h"
#include "figure.h"
#include "peer.h"
#include "perf_clock.h"
#include "perf_flow.h"

#define CALL		65536		/* bytes of a call to send or receive */
#define EVENTS		64
#define BUSY_MAX	256

static const unsigned int counts[] = { 1, 4, 16, 64, BUSY_MAX };

#define N_COUNTS	ARRAY_SIZE(counts)

enum { CHAOS, TCP, N_PROTOCOLS };

static const struct protocol {
	const char *name;
	struct ends (*open)(unsigned int subnet);
} protocols[N_PROTOCOLS] = { { "chaos", ends_stream }, { "tcp", ends_tcp } };

static double kib_s[N_PROTOCOLS][N_COUNTS][ROUNDS_MAX], jain[N_PROTOCOLS][N_COUNTS][ROUNDS_MAX];
static unsigned int rounds = 3, seconds = 10;

static void watch(int epoll, int fd, unsigned int number, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u32 = number };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		tap_bail("epoll_ctl: %s", strerror(errno));
}

/* Move data on all flows that can, until the time is over. */
static void run_flows(struct perf_flow *flows, unsigned int n, uint32_t events, uint64_t until,
		      enum perf_step (*step)(struct perf_flow *f))
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), i, got;
	struct epoll_event ready[EVENTS];
	unsigned int k;

	for (k = 0; k < n; k++) {
		pair_nonblock(flows[k].fd, true);
		watch(epoll, flows[k].fd, k, events);
	}
	while (perf_now() < until) {
		got = epoll_wait(epoll, ready, EVENTS, 100);
		for (i = 0; i < got; i++)
			if (step(&flows[ready[i].data.u32]) > PERF_AGAIN)
				tap_bail("connection %u of %u: %s", ready[i].data.u32, n,
					 strerror(errno));
	}
	close(epoll);
}

/* The receiving process: how many bytes came by each connection. */
__noreturn static void take(struct perf_flow *flows, unsigned int n, uint64_t until,
			    const struct peer *p)
{
	uint64_t bytes[BUSY_MAX];
	unsigned int i;

	run_flows(flows, n, EPOLLIN, until, perf_receive);
	for (i = 0; i < n; i++)
		bytes[i] = flows[i].count.bytes;
	peer_tell(p, bytes, n * sizeof(*bytes));
	_exit(0);
}

static double fairness(const uint64_t *bytes, unsigned int n)
{
	double sum = 0, squares = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sum += bytes[i];
		squares += (double)bytes[i] * bytes[i];
	}
	return squares > 0 ? sum * sum / (n * squares) : 0;
}

/* KiB/s of @n connections, and Jain's index. */
static double measure(const struct protocol *protocol, unsigned int n, double *index)
{
	static struct perf_flow flows[N_ENDS][BUSY_MAX];
	struct ends ends[BUSY_MAX];
	uint64_t bytes[BUSY_MAX], until, sum = 0;
	struct peer p;
	unsigned int i;

	for (i = 0; i < n; i++) {
		ends[i] = protocol->open(LAB_DIRECT);
		flows[NEAR][i] = (struct perf_flow) { .fd = ends[i].fd[NEAR], .size = CALL };
		flows[FAR][i] = (struct perf_flow) { .fd = ends[i].fd[FAR], .size = CALL };
	}
	until = perf_now() + seconds * PERF_NS_PER_S;
	p = peer_fork();
	if (!p.pid)
		take(flows[FAR], n, until, &p);
	run_flows(flows[NEAR], n, EPOLLOUT, until, perf_send);
	peer_hear(&p, bytes, n * sizeof(*bytes));
	peer_wait(&p);
	for (i = 0; i < n; i++) {
		ends_close(&ends[i]);
		sum += bytes[i];
	}
	*index = fairness(bytes, n);
	return sum / 1024.0 / seconds;
}

static void tell_figures(void)
{
	unsigned int protocol, i;
	char name[64];

	for (protocol = 0; protocol < N_PROTOCOLS; protocol++)
		for (i = 0; i < N_COUNTS; i++) {
			snprintf(name, sizeof(name), "busy-%u.%s", counts[i],
				 protocols[protocol].name);
			figure(name, "KiB/s", kib_s[protocol][i], rounds, 0);
			snprintf(name, sizeof(name), "fair-%u.%s", counts[i],
				 protocols[protocol].name);
			figure(name, "Jain", jain[protocol][i], rounds, 0);
		}
}

/* To see whether it works. */
static void do_little(void)
{
	rounds = 1;
	seconds = 1;
}

int main(int argc, char **argv)
{
	const struct rlimit limit = { 4 * BUSY_MAX, 4 * BUSY_MAX };
	unsigned int protocol, i, round;

	args_parse(&(struct args) {
		.usage = "bench_busy [-q] [-r ROUNDS] [-t SECONDS]", .quick = do_little,
		.options = { { 'r', &rounds }, { 't', &seconds } }, .rounds = &rounds,
	}, argc, argv);
	setrlimit(RLIMIT_NOFILE, &limit);
	lab_set_up();
	for (round = 0; round < rounds; round++)
		for (i = 0; i < N_COUNTS; i++)
			for (protocol = 0; protocol < N_PROTOCOLS; protocol++)
				kib_s[protocol][i][round] =
					measure(&protocols[protocol], counts[i],
						&jain[protocol][i][round]);
	tell_figures();
	return 0;
}
