// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast is one stream, and what does it cost, compared with TCP?
 *
 * Rounds of all kinds alternate, so that whatever else the machine does hits all of
 * them.
 *
 * usage: bench_stream [-w PACKETS] [-s MS] [MIB [ROUNDS]]
 *
 * -w sets the window of the stream's receiver, and buffers at both ends for it.  With
 * -s, which makes sense where time counts instructions, a stream whose receiver waited
 * so long is a failure: on a cable that loses nothing, nothing may wait for a timer.
 */
#define _GNU_SOURCE
#include "bench.h"

static unsigned int stall_ms;

static const struct kind kinds[] = {
	{ "Chaosnet", chaos_listen, chaos_connect, 0 },
	{ "TCP", tcp_listen, tcp_connect, 0 },
	{ "TCP, segments one by one", tcp_listen, tcp_connect, 1 },
};

#define N_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static double per_mib(uint64_t n)
{
	return n * 1048576.0 / size;
}

static void show(const struct kind *kind, const struct round *r)
{
	printf("%-26s %8.0f %10.1f %10.1f %10.1f %10.1f %10.2f\n", kind->name, speed(r),
	       per_mib(r->sent), per_mib(r->returned), per_mib(r->send_calls),
	       per_mib(r->recv_calls), r->pause_us / 1e3);
}

static void show_stream(const struct chaos_info *i)
{
	printf("Chaosnet: window %u, %llu packets sent again, %llu gaps reported, "
	       "round trip %.3f ms\n", i->ci_snd_window, (long long)i->ci_retrans,
	       (long long)i->ci_gaps_rcvd, i->ci_rtt_us / 1e3);
}

static void show_all(struct round result[N_KINDS][ROUNDS_MAX])
{
	const struct round *middle[N_KINDS];
	unsigned int i;

	printf("%llu MiB, median of %u rounds\n\n", (long long)size >> 20, rounds);
	printf("%-26s %8s %10s %10s %10s %10s %10s\n", "", "KiB/s", "sent/MiB", "back/MiB",
	       "send/MiB", "recv/MiB", "pause ms");
	for (i = 0; i < N_KINDS; i++) {
		middle[i] = median(result[i]);
		show(&kinds[i], middle[i]);
	}
	printf("\n(packets; system calls; longest wait of the receiver)\n");
	show_stream(&middle[0]->info);
	for (i = 1; i < N_KINDS; i++)
		printf("Chaosnet : %s = %.2f\n", kinds[i].name,
		       speed(middle[0]) / speed(middle[i]));
}

/* Return: whether a stream waited for too long in some round. */
static bool stalled(const struct round *r)
{
	unsigned int i;

	for (i = 0; i < rounds; i++)
		if (stall_ms && r[i].pause_us >= stall_ms * 1000) {
			printf("Chaosnet: a stall of %.2f ms\n", r[i].pause_us / 1e3);
			return true;
		}
	return false;
}

static void parse(int argc, char **argv)
{
	bool bad = false;
	int opt;

	while ((opt = getopt(argc, argv, "w:s:")) != -1) {
		if (opt == 'w')
			window = strtol(optarg, NULL, 10);
		else if (opt == 's')
			stall_ms = strtoul(optarg, NULL, 10);
		else
			bad = true;
	}
	take_amounts(argc, argv, false, bad, "bench_stream [-w PACKETS] [-s MS] [MIB [ROUNDS]]");
}

int main(int argc, char **argv)
{
	static struct round result[N_KINDS][ROUNDS_MAX];
	unsigned int i, round;

	parse(argc, argv);
	set_up();
	for (i = 0; i < N_KINDS; i++)		/* warm up */
		measure(&kinds[i], &result[i][0]);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < N_KINDS; i++)
			measure(&kinds[i], &result[i][round]);
	show_all(result);
	return stalled(result[0]);
}
