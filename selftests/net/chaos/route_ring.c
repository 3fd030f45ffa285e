// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of bridges: no packet circles, and when a cable is cut traffic takes the
 * other way round.  The network is drawn in ring.h.
 *
 * Times are a tenth of the real ones; exact_ring has those.
 */
#define _GNU_SOURCE
#include "ring.h"

#define INTERVAL	1500		/* ms between routing packets */
#define EXPIRE		(4 * INTERVAL)

/* Slow machines may take so long for what should take a second, or none. */
#define MARGIN		10000

/* One packet from A to @dst must be forwarded @want times, and then be gone. */
static void check_dies(const char *what, uint16_t dst, unsigned int want)
{
	uint64_t before = topo_sum(ring, RING_HOSTS, CHAOS_STAT_FORWARDED), after;
	uint8_t mac[6];

	topo_mac(&ring[0], "host", mac);
	topo_inject(ring_a, "eth0", mac, CHAOS_OP_MNT, RING_A, dst, 0);
	topo_wait(PAIR_PATIENCE,
		  topo_sum(ring, RING_HOSTS, CHAOS_STAT_FORWARDED) >= before + want);
	netns_sleep(200);
	after = topo_sum(ring, RING_HOSTS, CHAOS_STAT_FORWARDED);
	tap_eq(after - before, want, "a packet for %s is forwarded %u times", what, want);
}

static void test_steady(void)
{
	int wire = topo_watch(ring_z, "eth0");

	tap_ok(topo_wait(TOPO_PATIENCE, ring_is_whole()) >= 0, "the shortest way is taken");
	tap_ok(topo_ask(ring_a, RING_Z, PAIR_PATIENCE), "A reaches Z");
	tap_eq(topo_hops(wire, RING_A), 3, "over three bridges");
	check_dies("Z", RING_Z, 3);
	check_dies("a host that does not exist", RING_Z + 1, 3);
	check_dies("a subnet that does not exist", 040001, 0);
	tap_eq(ring_drop_hops(), 0, "nothing has gone around in circles");
	close(wire);
}

/* A cut, then the cable is mended. */
static void test_cut(const char *how, void (*cut)(bool), unsigned int limit)
{
	struct pair p = ring_connect();
	long long took;

	tap_ok(ring_echo(&p, 'a', PAIR_PATIENCE), "%s: there is a connection", how);
	cut(true);
	took = topo_wait_answer(ring_a, RING_Z, limit);
	if (!tap_ok(took >= 0, "%s: traffic resumes", how)) {
		topo_show_routes(&ring[0]);
		topo_show_routes(&ring[2]);
	}
	tap_diag("%s: traffic resumes after %lld ms", how, took);
	tap_ok(ring_echo(&p, 'b', PAIR_PATIENCE), "%s: the connection still works", how);
	tap_ok(topo_via(&ring[0], RING_Z_SUBNET) == 02401 &&
	       topo_via(&ring[2], RING_A_SUBNET) == 01402, "%s: it is the other way round", how);
	cut(false);
	took = topo_wait(TOPO_PATIENCE, ring_is_whole());
	tap_ok(took >= 0, "%s: when the cable is mended it is used again", how);
	tap_diag("%s: the cable is used again after %lld ms", how, took);
	tap_ok(ring_echo(&p, 'c', PAIR_PATIENCE), "%s: the connection works as before", how);
	pair_close(&p);
	/* What it has still to say is not to be counted by others. */
	tap_ok(transfer_all_gone(ring_a->ns) && transfer_all_gone(ring_z->ns),
	       "%s: the connection ends", how);
}

/* Z's subnet is gone: nobody may think that somebody else knows the way. */
static void test_withdrawn(void)
{
	unsigned int i;
	long long took;

	topo_up(ring_z, "eth0", false);
	took = topo_wait(TOPO_PATIENCE, ({
		for (i = 0; i < RING_BRIDGES && (i == 2 || !topo_via(&ring[i], RING_Z_SUBNET)); i++)
			;
		i == RING_BRIDGES;
	}));
	if (!tap_ok(took >= 0, "a subnet that is gone is gone everywhere"))
		for (i = 0; i < RING_BRIDGES; i++)
			topo_show_routes(&ring[i]);
	tap_diag("after %lld ms", took);
	check_dies("the subnet that is gone", RING_Z, 0);
	topo_up(ring_z, "eth0", true);
	tap_ok(topo_wait_answer(ring_a, RING_Z, TOPO_PATIENCE) >= 0, "it is back when it is back");
}

int main(void)
{
	unsigned int i;
	long long took;

	pair_limit_time();
	ring_make();
	for (i = 0; i < RING_HOSTS; i++)
		topo_times(&ring[i], INTERVAL, EXPIRE);
	took = ring_converge(TOPO_PATIENCE);
	if (!tap_ok(took >= 0, "a ring converges"))
		return tap_done();
	tap_diag("after %lld ms", took);
	test_steady();
	test_cut("carrier lost", ring_cut_carrier, MARGIN);
	test_cut("silence", ring_cut_silently, EXPIRE + INTERVAL + MARGIN);
	test_withdrawn();
	test_steady();
	return tap_done();
}
