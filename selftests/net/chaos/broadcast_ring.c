// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BRD in a ring of bridges (ring.h): everybody hears it, and nothing goes round and
 * round, even if hundreds of them are made to do so.
 */
#define _GNU_SOURCE
#include "ring.h"
#include "survey.h"

#define FLOOD		300
#define RATE		20	/* BRDs a second that a bridge sends on */
#define BURST		50
#define LINKS_MAX	3	/* of a bridge */
#define WATCH_MS	4000

static uint64_t copies(void)
{
	return topo_sum(ring, RING_HOSTS, CHAOS_STAT_BRD_FORWARDED);
}

static void test_survey(void)
{
	const struct topo_host * const others[] = {
		&ring[0], &ring[1], &ring[2], &ring[3], &ring[4], ring_z,
	};
	const struct subnets everywhere = { RANGE(1, 255) };
	const struct subnets far = { SUBNETS(RING_Z_SUBNET) };
	struct survey s;
	uint64_t before;

	tap_ok(survey_once(ring_a, &everywhere, others, ARRAY_SIZE(others)),
	       "everywhere: everybody answers once");
	before = copies();
	netns_sleep(WATCH_MS);
	tap_eq(copies(), before, "then it has come to an end");
	survey_take(&s, ring_a, &far, &others[ARRAY_SIZE(others) - 1], 1);
	if (!tap_ok(*survey_of(&s, "Z") >= 1, "a far subnet is reached"))
		survey_show(&s);
	netns_sleep(SURVEY_QUIET);
	tap_ok(topo_sum(ring, RING_HOSTS, CHAOS_STAT_DROP_BRD_RATE) == 0,
	       "no bridge had to limit how many it sends on");
}

/* A BRD that no bridge has seen, with bits that are turned off only when it arrives. */
static void send_forged(int wire, unsigned int number)
{
	const struct copies_brd brd = {
		.src = RING_A, .sidx = 0x7000, .num = number, .map = COPIES_MAP, .text = "NOBODY",
	};
	const struct subnets everywhere = { RANGE(0, 255) };
	struct wire_frame f;

	copies_build(&f, &brd, &everywhere);
	wire_send(wire, &f);
}

static void test_flood(void)
{
	int wire = topo_watch(ring_a, "eth0");
	uint64_t before = copies(), after, most;
	long long start = netns_now(), took;
	unsigned int i;

	for (i = 0; i < FLOOD; i++)
		send_forged(wire, i);
	took = topo_wait(TOPO_PATIENCE,
			 topo_sum(&ring[0], 1, CHAOS_STAT_DROP_BRD_RATE) > 0);
	tap_ok(took >= 0, "a flood of BRDs is limited");
	netns_sleep(WATCH_MS);
	after = copies();
	most = (BURST + (netns_now() - start) * RATE / 1000 + 1) * RING_BRIDGES * LINKS_MAX;
	if (!tap_ok(after - before <= most, "bridges send on what they may"))
		tap_diag("%llu, at most %llu", (unsigned long long)(after - before),
			 (unsigned long long)most);
	netns_sleep(WATCH_MS);
	tap_eq(copies(), after, "and nothing keeps going round");
	tap_ok(topo_ask(ring_a, RING_Z, TOPO_PATIENCE), "other traffic goes on");
	close(wire);
}

int main(void)
{
	pair_limit_time();
	ring_make();
	if (ring_converge(2 * TOPO_PATIENCE) < 0)
		tap_bail("the ring does not converge");
	/* Hardware addresses are known from here on. */
	if (!topo_ask(ring_a, RING_Z, TOPO_PATIENCE))
		tap_bail("no answer from %o", RING_Z);
	test_survey();
	test_flood();
	return tap_done();
}
