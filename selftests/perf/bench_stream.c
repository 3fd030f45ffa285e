// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast is one stream, and what does it cost, compared with TCP?
 *
 * Rounds of all kinds alternate, so that whatever else the machine does hits all of
 * them.  Figures: "line-rate"; packets in both directions for each MiB, "line-sent" and
 * "line-back"; system calls for each MiB, "line-send" and "line-recv"; "line-pause", the
 * longest wait of the receiver.  In "tcp-single" segments are made one by one, not by the
 * device.
 *
 * usage: bench_stream [-q] [-w PACKETS] [-s MS] [MIB [ROUNDS]]
 *
 * -q: a little, to see whether it works.  -w sets the window of the stream's receiver, and
 * buffers at both ends for it.  With -s, which makes sense where time counts instructions, a
 * stream whose receiver waited so long is a failure: on a cable that loses nothing, nothing
 * may wait for a timer.
 */
#define _GNU_SOURCE
#include "args.h"
#include "bench.h"
#include "figure.h"

static unsigned int mib = 8, stall_ms;

static const struct kind kinds[] = {
	{ "chaos", chaos_listen, chaos_connect, 0 },
	{ "tcp", tcp_listen, tcp_connect, 0 },
	{ "tcp-single", tcp_listen, tcp_connect, 1 },
};

#define N_KINDS	ARRAY_SIZE(kinds)

/* What is told of rounds. */

static double sent(const struct round *r)
{
	return r->sent * 1048576.0 / size;
}

static double returned(const struct round *r)
{
	return r->returned * 1048576.0 / size;
}

static double send_calls(const struct round *r)
{
	return r->send_calls * 1048576.0 / size;
}

static double recv_calls(const struct round *r)
{
	return r->recv_calls * 1048576.0 / size;
}

static double pause_ms(const struct round *r)
{
	return r->pause_ns / 1e6;
}

static const struct {
	const char *name, *unit;
	double (*of)(const struct round *r);
} columns[] = {
	{ "line-rate", "KiB/s", speed },
	{ "line-sent", "packets/MiB", sent },
	{ "line-back", "packets/MiB", returned },
	{ "line-send", "calls/MiB", send_calls },
	{ "line-recv", "calls/MiB", recv_calls },
	{ "line-pause", "ms", pause_ms },
};

static void tell(const struct kind *kind, const struct round *r)
{
	double values[ROUNDS_MAX] = {};
	unsigned int i, round;
	char name[64];

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		for (round = 0; round < rounds; round++)
			values[round] = columns[i].of(&r[round]);
		snprintf(name, sizeof(name), "%s.%s", columns[i].name, kind->name);
		figure(name, columns[i].unit, values, rounds, 0);
	}
}

static void show_stream(const struct chaos_info *i)
{
	printf("Chaosnet: window %u, %llu packets sent again, %llu gaps reported, "
	       "round trip %.3f ms\n", i->ci_snd_window, (long long)i->ci_retrans,
	       (long long)i->ci_gaps_rcvd, i->ci_rtt_us / 1e3);
}

/* Return: whether a stream waited for too long in some round. */
static bool stalled(const struct round *r)
{
	unsigned int i;

	for (i = 0; i < rounds; i++)
		if (stall_ms && r[i].pause_ns >= stall_ms * PERF_NS_PER_MS) {
			printf("Chaosnet: a stall of %.2f ms\n", r[i].pause_ns / 1e6);
			return true;
		}
	return false;
}

/* To see whether it works. */
static void do_little(void)
{
	mib = 1;
	rounds = 1;
}

int main(int argc, char **argv)
{
	static struct round result[N_KINDS][ROUNDS_MAX];
	unsigned int i, round;

	args_parse(&(struct args) {
		.usage = "bench_stream [-q] [-w PACKETS] [-s MS] [MIB [ROUNDS]]",
		.quick = do_little, .options = { { 'w', &window }, { 's', &stall_ms } },
		.numbers = { &mib, &rounds }, .rounds = &rounds,
	}, argc, argv);
	size = (uint64_t)mib << 20;
	set_up();
	for (i = 0; i < N_KINDS; i++)		/* warm up */
		measure(&kinds[i], &result[i][0]);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < N_KINDS; i++)
			measure(&kinds[i], &result[i][round]);
	for (i = 0; i < N_KINDS; i++)
		tell(&kinds[i], result[i]);
	show_stream(&median(result[0])->info);
	return stalled(result[0]);
}
