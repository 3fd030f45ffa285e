// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BRD of our own (AIM 628 section 4.5): which copies go where, and with which bits
 * of the map of subnets.
 *
 * The host and its bridges are those of copies.h.
 */
#define _GNU_SOURCE
#include "copies.h"

#define CONTACT		"WHO IS-THERE"	/* and arguments */

static const struct row {
	const char *what;
	struct subnets to;
	struct copy copies[COPIES_MAX];	/* in any order; none: ENETUNREACH */
	unsigned int src;
} no_default[] = {
	{ "a direct subnet", { SUBNETS(1) }, { ALL_ON(0, SUBNETS(1)) }, 0402 },
	{ "all direct subnets", { SUBNETS(1, 2, 3) },
	  { ALL_ON(0, SUBNETS(1)), ALL_ON(1, SUBNETS(2)), ALL_ON(2, SUBNETS(3)) }, 0402 },
	{ "a direct one and one behind it", { SUBNETS(1, 4) }, { ALL_ON(0, SUBNETS(1, 4)) }, 0402 },
	{ "one behind a bridge", { SUBNETS(4) }, { BRIDGE(B401, 0, SUBNETS(4)) }, 0402 },
	{ "two behind one bridge", { SUBNETS(5, 6) }, { BRIDGE(B1001, 1, SUBNETS(5, 6)) }, 01002 },
	{ "two behind two bridges", { SUBNETS(5, 7) },
	  { BRIDGE(B1001, 1, SUBNETS(5)), BRIDGE(B1003, 1, SUBNETS(7)) }, 01002 },
	{ "their link and all behind them", { SUBNETS(2, 5, 6, 7) },
	  { ALL_ON(1, SUBNETS(2, 5, 6, 7)) }, 01002 },
	{ "some of each kind, and one without a route", { SUBNETS(1, 3, 4, 6, 7, 9) },
	  { ALL_ON(0, SUBNETS(1, 4)), ALL_ON(2, SUBNETS(3)),
	    BRIDGE(B1001, 1, SUBNETS(6)), BRIDGE(B1003, 1, SUBNETS(7)) }, 0402 },
	{ "everywhere", { RANGE(0, 255) },
	  { ALL_ON(0, SUBNETS(1, 4)), ALL_ON(1, SUBNETS(2, 5, 6, 7)), ALL_ON(2, SUBNETS(3)) },
	  0402 },
	{ "one without a route", { SUBNETS(9) }, {}, 0 },
	{ "the last, without a route", { RANGE(255, 255) }, {}, 0 },
	{ "subnet 0, which does not exist", { RANGE(0, 0) }, {}, 0 },
	{ "none", { NO_SUBNETS }, {}, 0 },
	{ "a private one", { SUBNETS(0376) }, { ALL_ON(3, SUBNETS(0376)) }, 0177002 },
	{ "a private one, which has no part in what is public", { SUBNETS(1, 0376) },
	  { ALL_ON(0, SUBNETS(1)) }, 0402 },
}, with_default[] = {
	{ "with a default route", { SUBNETS(1, 9, 10) },
	  { ALL_ON(0, SUBNETS(1)), BRIDGE(B1401, 2, SUBNETS(9, 10)) }, 0402 },
	{ "everywhere with a default route", { RANGE(0, 255) },
	  { ALL_ON(0, SUBNETS(1, 4)), ALL_ON(1, SUBNETS(2, 5, 6, 7)),
	    ALL_ON(2, RANGE(8, 0375), SUBNETS(3, 0377)) }, 0402 },
}, private_4[] = {
	{ "one behind a bridge that has become private", { SUBNETS(4) }, {}, 0 },
	{ "a direct one and a private one behind it", { SUBNETS(1, 4) },
	  { ALL_ON(0, SUBNETS(1)) }, 0402 },
}, private_1[] = {
	{ "what is behind a private one stays private", { SUBNETS(1, 4, 5) },
	  { BRIDGE(B1001, 1, SUBNETS(5)) }, 01002 },
	{ "a public source is preferred", { SUBNETS(1, 2) }, { ALL_ON(1, SUBNETS(2)) }, 01002 },
	{ "a private one alone, not what is behind it", { SUBNETS(1, 4) },
	  { ALL_ON(0, SUBNETS(1)) }, 0402 },
}, eth0_down[] = {
	{ "not on a link that is down", { SUBNETS(1, 2, 4, 5) }, { ALL_ON(1, SUBNETS(2, 5)) },
	  01002 },
	{ "only on a link that is down", { SUBNETS(1, 4) }, {}, 0 },
};

/* Exactly the copies must come.  All frames of one BRD have the same index and number. */
static bool hear(const struct row *row)
{
	struct copies_brd brd = { .src = row->src, .map = COPIES_MAP, .text = CONTACT };
	bool heard[COPIES_MAX] = {}, good = true;
	struct wire_frame f;
	unsigned int i;

	for (i = 0; i < COPIES_LINKS; i++) {
		while (wire_recv(copies_wires[i], &f, 100)) {
			if (!wire_is_chaos(&f) || f.bytes[WIRE_OP] != CHAOS_OP_BRD)
				continue;
			if (!brd.sidx) {
				brd.sidx = wire_get(&f, WIRE_SIDX);
				brd.num = wire_get(&f, WIRE_NUM);
			}
			good = brd.sidx && copies_take(heard, row->copies, &f, i, &brd) && good;
		}
	}
	return !copies_missing(heard, row->copies) && good;
}

/* Send it as a request for a stream. */
static int broadcast(const struct subnets *to)
{
	const struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_contact = CONTACT };
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	uint8_t map[COPIES_MAP];

	copies_map(map, sizeof(map), to);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, map, sizeof(map)))
		tap_bail("cannot make a socket: %s", strerror(errno));
	if (!connect(fd, (const struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("connected to nobody");
	return fd;
}

static void test_rows(const struct row *rows, unsigned int n)
{
	unsigned int i;
	int fd, error;
	bool good;

	for (i = 0; i < n; i++) {
		fd = broadcast(&rows[i].to);
		error = errno;
		good = hear(&rows[i]);
		if (!tap_ok(good && error == (rows[i].src ? EINPROGRESS : ENETUNREACH),
			    "%s", rows[i].what))
			tap_diag("%s", strerror(error));
		close(fd);
	}
}

/* The program repeats it, if it wants. */
static void test_no_retransmission(void)
{
	int fd = broadcast(&no_default[0].to);
	struct wire_frame f;

	tap_ok(wire_recv(copies_wires[0], &f, 1000) && f.bytes[WIRE_OP] == CHAOS_OP_BRD,
	       "a BRD goes out");
	tap_ok(!wire_recv(copies_wires[0], &f, 1200), "once");
	close(fd);
}

int main(void)
{
	copies_host();
	test_rows(no_default, ARRAY_SIZE(no_default));
	test_no_retransmission();
	netns_must("chaosctl route add default via %o", B1401);
	test_rows(with_default, ARRAY_SIZE(with_default));
	netns_must("chaosctl route del default");
	netns_must("chaosctl net set private 4");
	test_rows(private_4, ARRAY_SIZE(private_4));
	netns_must("chaosctl net set private 1");
	test_rows(private_1, ARRAY_SIZE(private_1));
	netns_must("chaosctl net set private none");
	netns_dev_up("eth0", false);
	test_rows(eth0_down, ARRAY_SIZE(eth0_down));
	return tap_done();
}
