// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long does a line of eight subnets take until everybody knows the way to everybody?
 *
 *	A --1-- B0 --2-- B1 --3-- B2 --4-- B3 --5-- B4 --6-- B5 --7-- B6 --8-- Z
 *
 * Measured are the times from the moment that all bridges begin to forward
 * ("converge.start"), that a ninth subnet appears at one end ("converge.appear"), and that
 * it goes again ("converge.go").  Routing packets are sent as often as usual.
 *
 * usage: bench_converge [-q] [ROUNDS]
 *
 * -q: one round, to see whether it works.
 */
#define _GNU_SOURCE
#include "args.h"
#include "figure.h"
#include "topo.h"

#define BRIDGES		7
#define HOSTS		(BRIDGES + 2)
#define SUBNETS		8
#define NINTH		9
#define PATIENCE	120000	/* ms */

enum { STARTS, APPEARS, GOES, N_EVENTS };

static const char * const events[N_EVENTS] = {
	"converge.start", "converge.appear", "converge.go",
};

static struct topo_host hosts[HOSTS];
static unsigned int rounds = 5;

static void make_line(void)
{
	unsigned int i;

	topo_hosts(hosts, HOSTS, 'H');
	for (i = 1; i < HOSTS; i++) {
		topo_cable(&hosts[i - 1], "right", &hosts[i], "left");
		topo_addr(&hosts[i - 1], "right", i << 8 | 1);
		topo_addr(&hosts[i], "left", i << 8 | 2);
	}
	/* The ninth subnet, on the last bridge. */
	topo_cable(&hosts[BRIDGES], "ninth", &hosts[BRIDGES], "nobody");
}

static void forward(bool on)
{
	unsigned int i;

	for (i = 1; i <= BRIDGES; i++)
		topo_forward(&hosts[i], on);
}

/* Has everybody forgotten what is learned? */
static bool all_forgotten(void)
{
	unsigned int i, subnet;

	for (i = 0; i < HOSTS; i++)
		for (subnet = 1; subnet <= SUBNETS; subnet++)
			if (topo_learned(&hosts[i], subnet))
				return false;
	return true;
}

/* Until A, at the other end, can reach the ninth subnet, or cannot any more. */
static long long wait_ninth(bool there)
{
	const struct topo_route *r;

	return topo_wait(PATIENCE, !!(r = topo_learned(&hosts[0], NINTH)) == there);
}

static double must(long long ms, const char *what)
{
	if (ms < 0)
		tap_bail("%s: not in %u s", what, PATIENCE / 1000);
	return ms;
}

static void measure(unsigned int round, double times[N_EVENTS][ROUNDS_MAX])
{
	/* Bridges are anywhere between two regular routing packets. */
	netns_sleep(1000 + 3571 * round % 15000);
	forward(true);
	times[STARTS][round] = must(topo_wait(PATIENCE, topo_all_known(hosts, HOSTS, SUBNETS)),
				    events[STARTS]);
	netns_sleep(20000 + 3571 * round % 15000);
	topo_addr(&hosts[BRIDGES], "ninth", NINTH << 8 | 1);
	times[APPEARS][round] = must(wait_ninth(true), events[APPEARS]);
	netns_sleep(20000 + 3571 * round % 15000);
	topo_up(&hosts[BRIDGES], "ninth", false);
	times[GOES][round] = must(wait_ninth(false), events[GOES]);
	/* As it was. */
	topo_enter(&hosts[BRIDGES]);
	netns_must("chaosctl link del ninth");
	netns_dev_up("ninth", true);
	forward(false);
	must(topo_wait(PATIENCE, all_forgotten()), "routes are to be forgotten");
}

/* To see whether it works. */
static void do_little(void)
{
	rounds = 1;
}

int main(int argc, char **argv)
{
	static double times[N_EVENTS][ROUNDS_MAX];
	unsigned int i, round;

	args_parse(&(struct args) {
		.usage = "bench_converge [-q] [ROUNDS]", .quick = do_little,
		.numbers = { &rounds }, .rounds = &rounds,
	}, argc, argv);
	make_line();
	for (round = 0; round < rounds; round++)
		measure(round, times);
	for (i = 0; i < N_EVENTS; i++)
		figure(events[i], "ms", times[i], rounds, 0);
	return 0;
}
