// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is left of the rate of a slow line with a short queue, and how much is sent twice?
 *
 *	client -------- in router out --- 1 Mbit/s, 20 packets --- server
 *
 * The line counts headers, too: 488 of 518 bytes of a packet in a frame are data.
 *
 * Made for a machine whose time counts instructions: waiting costs none.
 *
 * usage: bench_bottleneck [-q] [KIB [ROUNDS]]
 */
#define _GNU_SOURCE
#include "args.h"
#include "figure.h"
#include "stream.h"

#define RATE		1000000		/* bits in a second */
#define QUEUE		20		/* packets */
#define CALL		4096		/* bytes */

static unsigned int kib = 2048, rounds = 5;

/* What the receiver tells. */
struct report {
	uint64_t end, duplicates;
};

__noreturn static void take(const struct ends *e, uint64_t size, const struct peer *p)
{
	struct report report = {};

	stream_take(e, size, CALL);
	report.end = perf_now();
	if (pair_get_int(e->fd[FAR], SOL_SOCKET, SO_DOMAIN) == AF_CHAOS)
		report.duplicates = pair_info(e->fd[FAR]).ci_dups_rcvd;
	peer_tell(p, &report, sizeof(report));
	_exit(0);
}

/* The share of the rate that is data, and percent of packets that arrive twice. */
static double measure(struct ends e, double *duplicates)
{
	const uint64_t size = kib * 1024ull;
	struct peer p = peer_fork();
	struct report report;
	uint64_t start;

	if (!p.pid)
		take(&e, size, &p);
	start = clock_align();
	stream_give(&e, size, CALL);
	peer_hear(&p, &report, sizeof(report));
	peer_wait(&p);
	ends_close(&e);
	*duplicates = 100.0 * report.duplicates * CHAOS_DATA_MAX / size;
	return size * 8e9 / RATE / (report.end - start);
}

static void make_slow(void)
{
	topo_enter(&lab_router);
	netns_must("tc qdisc add dev out root handle 1: tbf rate %ubit burst 1600 limit 1mb && "
		   "tc qdisc add dev out parent 1: handle 2: pfifo limit %u", RATE, QUEUE);
}

/* To see whether it works. */
static void do_little(void)
{
	kib = 128;
	rounds = 1;
}

int main(int argc, char **argv)
{
	static double share[2][ROUNDS_MAX], duplicates[ROUNDS_MAX], none;
	unsigned int round;

	args_parse(&(struct args) {
		.usage = "bench_bottleneck [-q] [KIB [ROUNDS]]", .quick = do_little,
		.numbers = { &kib, &rounds }, .rounds = &rounds,
	}, argc, argv);
	lab_set_up();
	make_slow();
	for (round = 0; round < rounds; round++) {
		share[0][round] = measure(ends_stream(LAB_OUT), &duplicates[round]);
		share[1][round] = measure(ends_tcp(LAB_OUT), &none);
	}
	figure("bottleneck.chaos", "rate", share[0], rounds, 0);
	figure("bottleneck.tcp", "rate", share[1], rounds, 0);
	figure("bottleneck.duplicates", "percent", duplicates, rounds, 0);
	return 0;
}
