// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of bridges with the times that the kernel has if nobody changes them: how
 * long it takes until traffic goes the other way round.  The network is drawn in
 * ring.h.
 */
#define _GNU_SOURCE
#include "exact.h"
#include "ring.h"

#define SECOND		1000
#define INTERVAL	(15 * SECOND)
#define LATEST		(INTERVAL + INTERVAL / 8)	/* intervals vary */
#define EXPIRE		(60 * SECOND)

static void within(long long took, unsigned int limit, const char *what)
{
	if (!tap_ok(took >= 0 && took <= limit, "%s within %u ms", what, limit))
		tap_diag("in %lld ms", took);
	else
		tap_diag("%s in %lld ms", what, took);
}

int main(void)
{
	struct pair p;

	exact_setup();
	ring_make();
	within(ring_converge(EXPIRE), LATEST, "the ring converges");
	tap_ok(topo_wait(EXPIRE, ring_is_whole()) >= 0, "the shortest way is taken");
	p = ring_connect();
	tap_ok(ring_echo(&p, 'a', PAIR_PATIENCE), "there is a connection");

	ring_cut_carrier(true);
	within(topo_wait_answer(ring_a, RING_Z, EXPIRE), SECOND, "carrier lost: traffic resumes");
	tap_ok(ring_echo(&p, 'b', PAIR_PATIENCE), "the connection still works");
	ring_cut_carrier(false);
	within(topo_wait(EXPIRE, ring_is_whole()), LATEST, "the cable is used again");

	netns_sleep(EXPIRE);
	tap_ok(ring_echo(&p, 'c', PAIR_PATIENCE), "the connection still works");
	ring_cut_silently(true);
	within(topo_wait_answer(ring_a, RING_Z, 2 * EXPIRE), EXPIRE + INTERVAL,
	       "silence: traffic resumes");
	tap_ok(ring_echo(&p, 'd', PAIR_PATIENCE), "the connection still works");
	ring_cut_silently(false);
	within(topo_wait(2 * EXPIRE, ring_is_whole()), LATEST, "the cable is used again");
	tap_eq(ring_drop_hops(), 0, "nothing has gone around in circles");
	pair_close(&p);
	return tap_done();
}
