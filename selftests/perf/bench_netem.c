// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is left of the speed of one stream when the cable loses packets and takes its
 * time, at both ends alike, compared with TCP?
 *
 * Prints a table: rate of the data, as the ratio of Chaosnet to TCP, too; packets of
 * all kinds that the sender sent for each full packet of data; the receiver's longest
 * wait.
 *
 * usage: bench_netem [-w PACKETS] [ROUNDS]
 *
 * -w sets the window of the stream's receiver, and buffers at both ends for it.
 */
#define _GNU_SOURCE
#include "bench.h"

static const struct kind kinds[] = {
	{ "Chaosnet", chaos_listen, chaos_connect, 0 },
	{ "TCP", tcp_listen, tcp_connect, 1 },
};

enum { KIND_CHAOS, KIND_TCP, N_KINDS };

/* Percent of loss, and how many KiB are enough then. */
static const struct {
	unsigned int loss, kib;
} losses[] = { { 0, 2048 }, { 1, 1024 }, { 5, 256 }, { 20, 64 } };

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

static void show(unsigned int loss, unsigned int delay, const struct round *chaos,
		 const struct round *tcp)
{
	printf("%4u %% %5u ms %9.1f %9.1f %8.2f %9.2f %6.2f %9.0f %6.0f\n", loss, delay,
	       speed(chaos), speed(tcp), speed(chaos) / speed(tcp),
	       sent_per_packet(KIND_CHAOS, chaos), sent_per_packet(KIND_TCP, tcp),
	       chaos->pause_us / 1e3, tcp->pause_us / 1e3);
	fflush(stdout);
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
	show(loss, delay, median(result[KIND_CHAOS]), median(result[KIND_TCP]));
}

int main(int argc, char **argv)
{
	unsigned int i, j;

	take_words(argc, argv, true, "bench_netem [-w PACKETS] [ROUNDS]");
	set_up();
	know(server_ns, CLIENT, CLIENT_IP);
	know(client_ns, SERVER, SERVER_IP);
	printf("medians of %u rounds\n\n", rounds);
	printf("%6s %8s %19s %8s %16s %16s\n", "", "", "KiB/s", "", "sent per packet",
	       "longest wait ms");
	printf("%6s %8s %9s %9s %8s %9s %6s %9s %6s\n", "loss", "delay", "Chaosnet", "TCP",
	       "ratio", "Chaosnet", "TCP", "Chaosnet", "TCP");
	for (i = 0; i < ARRAY_SIZE(losses); i++)
		for (j = 0; j < ARRAY_SIZE(delays); j++) {
			size = losses[i].kib * 1024;
			measure_all(losses[i].loss, delays[j]);
		}
	return 0;
}
