// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is left of the speed of one stream when the cable loses packets and takes its
 * time, at both ends alike, compared with TCP?
 *
 * For each loss and delay: the rate of the data, for Chaosnet also as a share of a window
 * in each round trip; packets of all kinds that the sender sent for each full packet of
 * data; the receiver's longest wait.
 *
 * usage: bench_netem [-q] [-w PACKETS] [ROUNDS]
 *
 * -w sets the window of the stream's receiver, and buffers at both ends for it.
 */
#define _GNU_SOURCE
#include "args.h"
#include "bench.h"
#include "figure.h"

static const struct kind kinds[] = {
	{ "Chaosnet", chaos_listen, chaos_connect, 0 },
	{ "TCP", tcp_listen, tcp_connect, 1 },
};

enum { KIND_CHAOS, KIND_TCP, N_KINDS };

/* Percent of loss, and how many KiB are enough then. */
static const struct {
	unsigned int loss, kib;
} losses[] = { { 0, 2048 }, { 1, 2048 }, { 5, 256 }, { 20, 64 } };

static const unsigned int delays[] = { 0, 10, 50 };	/* ms, in each direction */

/* ARP is not what is measured. */
static void know(int ns, unsigned int addr, const char *ip)
{
	netns_enter(ns);
	netns_must("ip link set eth0 address 02:00:00:00:00:%02x", addr == CLIENT ? 2 : 1);
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:00:%02x dev eth0", addr,
		   addr == CLIENT ? 1 : 2);
	netns_must("ip neigh replace %s lladdr 02:00:00:00:00:%02x dev eth0", ip,
		   addr == CLIENT ? 1 : 2);
}

static void make_bad(int ns, unsigned int loss, unsigned int delay)
{
	netns_enter(ns);
	netns_must("tc qdisc replace dev eth0 root netem limit 10000 loss %u%% delay %ums",
		   loss, delay);
}

/* Packets that the sender sent for each that was needed. */
static double sent_per_packet(unsigned int kind, const struct round *r)
{
	uint64_t sent = kind == KIND_CHAOS ? r->info.ci_pkts_sent : r->tcp.tcpi_segs_out;

	return (double)sent * SEGMENT / size;
}

/* The rate as a share of a window in each round trip; the delay is one way, in ms. */
static double window_share(const struct round *r, unsigned int delay)
{
	double windows = (double)size / SEGMENT / r->window;

	return windows * 2 * delay * PERF_NS_PER_MS / r->ns;
}

static void tell(const char *what, const char *unit, unsigned int loss, unsigned int delay,
		 unsigned int kind, double *values)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%u-%u.%s", what, loss, delay,
		 kind == KIND_CHAOS ? "chaos" : "tcp");
	figure(name, unit, values, rounds, 0);
}

static void tell_all(unsigned int loss, unsigned int delay, unsigned int kind,
		     const struct round *r)
{
	double kib_s[ROUNDS_MAX], sent[ROUNDS_MAX], pause[ROUNDS_MAX], share[ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		kib_s[i] = speed(&r[i]);
		sent[i] = sent_per_packet(kind, &r[i]);
		pause[i] = r[i].pause_ns / 1e6;
		share[i] = kind == KIND_CHAOS ? window_share(&r[i], delay) : 0;
	}
	tell("loss", "KiB/s", loss, delay, kind, kib_s);
	tell("loss-sent", "packets", loss, delay, kind, sent);
	tell("loss-wait", "ms", loss, delay, kind, pause);
	if (delay && kind == KIND_CHAOS)
		tell("loss-window", "window/round-trip", loss, delay, kind, share);
}

static void measure_all(unsigned int loss, unsigned int delay)
{
	static struct round result[N_KINDS][ROUNDS_MAX];
	unsigned int i, round;

	make_bad(server_ns, loss, delay);
	make_bad(client_ns, loss, delay);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < N_KINDS; i++)
			measure(&kinds[i], &result[i][round]);
	for (i = 0; i < N_KINDS; i++)
		tell_all(loss, delay, i, result[i]);
}

/* To see whether it works. */
static void do_little(void)
{
	rounds = 1;
}

int main(int argc, char **argv)
{
	unsigned int i, j;

	args_parse(&(struct args) {
		.usage = "bench_netem [-q] [-w PACKETS] [ROUNDS]", .quick = do_little,
		.options = { { 'w', &window } }, .numbers = { &rounds }, .rounds = &rounds,
	}, argc, argv);
	set_up();
	know(server_ns, CLIENT, CLIENT_IP);
	know(client_ns, SERVER, SERVER_IP);
	for (i = 0; i < ARRAY_SIZE(losses); i++)
		for (j = 0; j < ARRAY_SIZE(delays); j++) {
			size = losses[i].kib * 1024;
			measure_all(losses[i].loss, delays[j]);
		}
	return 0;
}
