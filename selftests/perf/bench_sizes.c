// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How does throughput depend on the size of messages?
 *
 * Packets of sequenced packet sockets and of UDP, in bursts, and calls to streams of
 * Chaosnet and TCP.  Where time counts instructions, rates are those of a processor that
 * does a thousand million of them in a second.
 *
 * usage: bench_sizes [-q] [-r ROUNDS]
 */
#define _GNU_SOURCE
#include "args.h"
#include "burst.h"
#include "figure.h"
#include "memory.h"
#include "stream.h"

#define COUNT		2048
#define DATA		(1 << 20)	/* bytes of a stream, at most */
#define CALLS		2048		/* on a stream, at most */

static const struct kind {
	const char *name;
	struct ends (*open)(unsigned int subnet);
	bool stream;
} kinds[] = {
	{ "packet.chaos", ends_seqpacket, false },
	{ "packet.udp", ends_udp, false },
	{ "write.chaos", ends_stream, true },
	{ "write.tcp", ends_tcp, true },
};

#define N_KINDS	ARRAY_SIZE(kinds)

static const unsigned int packet_sizes[] = { 1, 8, 32, 64, 128, 192, 256, 320, 384, 448, 488 };
static const unsigned int write_sizes[] = { 16, 64, 256, 488, 1024, 4096, 16384, 65536 };

static unsigned int rounds = 3;
static bool quick;

/* MiB/s of messages of this size. */
static double measure(const struct kind *kind, unsigned int size)
{
	struct ends e = kind->open(LAB_DIRECT);
	unsigned int calls;

	if (!kind->stream)
		return size * 1e9 / 1048576 / burst_ns(&e, size, quick ? BURST : COUNT);
	calls = DATA / size < CALLS ? DATA / size : CALLS;
	return CHAOS_DATA_MAX * 1e9 / 1048576 / stream_ns(&e, (uint64_t)size * calls, size);
}

static void measure_size(const struct kind *kind, unsigned int size)
{
	double mib_s[ROUNDS_MAX] = {};
	unsigned int round;
	char name[64];

	measure(kind, size);		/* warm up */
	for (round = 0; round < rounds; round++)
		mib_s[round] = measure(kind, size);
	snprintf(name, sizeof(name), "size-%u.%s", size, kind->name);
	figure(name, "MiB/s", mib_s, rounds, 0);
}

/* To see whether it works. */
static void do_little(void)
{
	quick = true;
}

int main(int argc, char **argv)
{
	unsigned int kind, i;

	args_parse(&(struct args) {
		.usage = "bench_sizes [-q] [-r ROUNDS]", .quick = do_little,
		.options = { { 'r', &rounds } }, .rounds = &rounds,
	}, argc, argv);
	memory_stay();
	lab_set_up();
	for (kind = 0; kind < N_KINDS; kind++) {
		const unsigned int *sizes = kinds[kind].stream ? write_sizes : packet_sizes;
		const unsigned int n = kinds[kind].stream ? ARRAY_SIZE(write_sizes) :
							    ARRAY_SIZE(packet_sizes);

		for (i = 0; i < n; i++)
			measure_size(&kinds[kind], sizes[i]);
	}
	return 0;
}
