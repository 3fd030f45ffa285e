// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BRD of our own (AIM 628 section 4.5): which copies go where, and with which bits
 * of the map of subnets.
 *
 *	eth0 (402) ---- wire0: bridge 401 to subnet 4
 *	eth1 (1002) --- wire1: bridges 1001 to subnets 5 and 6, and 1003 to 7
 *	eth2 (1402) --- wire2: bridge 1401 to all others, if there is a default route
 *
 * The host is all in one namespace; the test hears the other ends of the cables.
 */
#define _GNU_SOURCE
#include "wire.h"

#define LINKS		3
#define MAP		32		/* bytes of the map */
#define COPIES		8		/* of one BRD, at most */
#define CONTACT		"WHO IS-THERE"	/* and arguments */

enum { NONE, B401 = 0401, B1001 = 01001, B1003 = 01003, B1401 = 01401 };

static const unsigned int addrs[LINKS] = { 0402, 01002, 01402 };
static int wires[LINKS];

/* Subnets from @from to @to of a map, and single ones, to the first 0. */
struct subnets {
	unsigned int from, to;
	uint8_t more[8];
};

#define RANGE(first, last)	.from = (first), .to = (last)
#define SUBNETS(...)		.more = { __VA_ARGS__ }

/**
 * struct copy - one that must be sent
 * @link: by which; the first copy of none is the end
 * @bridge: to this bridge alone, 0: to all
 * @subnets: whose bits are set
 */
struct copy {
	bool sent;
	unsigned int link, bridge;
	struct subnets subnets;
};

#define ALL_ON(link_, ...)		{ true, (link_), NONE, { __VA_ARGS__ } }
#define BRIDGE(bridge_, link_, ...)	{ true, (link_), (bridge_), { __VA_ARGS__ } }

static const struct row {
	const char *what;
	struct subnets to;
	struct copy copies[COPIES];	/* in any order; none: ENETUNREACH */
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
	{ "none", { RANGE(1, 0) }, {}, 0 },
}, with_default[] = {
	{ "with a default route", { SUBNETS(1, 9, 10) },
	  { ALL_ON(0, SUBNETS(1)), BRIDGE(B1401, 2, SUBNETS(9, 10)) }, 0402 },
	{ "everywhere with a default route", { RANGE(0, 255) },
	  { ALL_ON(0, SUBNETS(1, 4)), ALL_ON(1, SUBNETS(2, 5, 6, 7)),
	    ALL_ON(2, RANGE(8, 255), SUBNETS(3)) }, 0402 },
}, eth0_down[] = {
	{ "not on a link that is down", { SUBNETS(1, 2, 4, 5) }, { ALL_ON(1, SUBNETS(2, 5)) },
	  01002 },
	{ "only on a link that is down", { SUBNETS(1, 4) }, {}, 0 },
};

static void make_map(uint8_t *map, const struct subnets *subnets)
{
	unsigned int i;

	memset(map, 0, MAP);
	if (subnets->to || !subnets->more[0])
		for (i = subnets->from; i <= subnets->to; i++)
			map[i / 8] |= 1 << i % 8;
	for (i = 0; i < ARRAY_SIZE(subnets->more) && subnets->more[i]; i++)
		map[subnets->more[i] / 8] |= 1 << subnets->more[i] % 8;
}

/* The hardware address that stands for a bridge. */
static void bridge_mac(unsigned int addr, uint8_t *mac)
{
	const uint8_t all[6] = { 2, 0, 0, 0, addr >> 8, addr };

	memcpy(mac, addr ? all : wire_broadcast, 6);
}

/* Is @f the copy, but for index and number? */
static bool is_copy(const struct wire_frame *f, const struct copy *copy, unsigned int src)
{
	const char text[] = CONTACT;
	uint8_t mac[6], map[MAP];

	bridge_mac(copy->bridge, mac);
	make_map(map, &copy->subnets);
	return !memcmp(f->bytes + WIRE_DMAC, mac, 6) && !f->bytes[WIRE_RESERVED] &&
	       wire_get(f, WIRE_COUNT) == MAP + strlen(text) && !wire_get(f, WIRE_DST) &&
	       !wire_get(f, WIRE_DIDX) && wire_get(f, WIRE_SRC) == src &&
	       wire_get(f, WIRE_SIDX) && wire_get(f, WIRE_ACK) == MAP &&
	       !memcmp(f->bytes + WIRE_DATA, map, MAP) &&
	       !memcmp(f->bytes + WIRE_DATA + MAP, text, strlen(text));
}

/* All frames of one BRD have the same index and number. */
static bool is_same_brd(const struct wire_frame *f, struct wire_frame *first)
{
	if (!first->len)
		*first = *f;
	return wire_get(f, WIRE_SIDX) == wire_get(first, WIRE_SIDX) &&
	       wire_get(f, WIRE_NUM) == wire_get(first, WIRE_NUM);
}

/* Take a frame for one of the copies that are still to come. */
static bool take(const struct wire_frame *f, unsigned int link, const struct row *row, bool *came)
{
	unsigned int i;

	for (i = 0; i < COPIES && row->copies[i].sent; i++)
		if (!came[i] && row->copies[i].link == link &&
		    is_copy(f, &row->copies[i], row->src)) {
			came[i] = true;
			return true;
		}
	return false;
}

/* Exactly the copies must come. */
static bool hear(const struct row *row)
{
	struct wire_frame f, first = {};
	bool came[COPIES] = {}, good = true;
	unsigned int i;

	for (i = 0; i < LINKS; i++) {
		while (wire_recv(wires[i], &f, 100)) {
			if (!wire_is_chaos(&f) || f.bytes[WIRE_OP] != CHAOS_OP_BRD)
				continue;
			if (is_same_brd(&f, &first) && take(&f, i, row, came))
				continue;
			tap_diag("unexpected on wire%u", i);
			wire_show("got", &f);
			good = false;
		}
	}
	for (i = 0; i < COPIES && row->copies[i].sent; i++) {
		if (came[i])
			continue;
		tap_diag("copy %u did not come on wire%u", i, row->copies[i].link);
		good = false;
	}
	return good;
}

/* Send it as a request for a stream. */
static int broadcast(const struct subnets *to)
{
	const struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_contact = CONTACT };
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	uint8_t map[MAP];

	make_map(map, to);
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

	tap_ok(wire_recv(wires[0], &f, 1000) && f.bytes[WIRE_OP] == CHAOS_OP_BRD,
	       "a BRD goes out");
	tap_ok(!wire_recv(wires[0], &f, 1200), "once");
	close(fd);
}

static void add_bridge(unsigned int addr, unsigned int link)
{
	uint8_t mac[6];

	bridge_mac(addr, mac);
	netns_must("chaosctl neigh add %o lladdr %02x:%02x:%02x:%02x:%02x:%02x dev eth%u", addr,
		   mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], link);
}

static void setup(void)
{
	int ns = netns_new();
	char eth[8], wire[8];
	unsigned int i;

	for (i = 0; i < LINKS; i++) {
		snprintf(eth, sizeof(eth), "eth%u", i);
		snprintf(wire, sizeof(wire), "wire%u", i);
		netns_veth(ns, eth, ns, wire);
		wires[i] = wire_open(wire);
		netns_host(ns, eth, addrs[i], NULL);
	}
	add_bridge(B401, 0);
	add_bridge(B1001, 1);
	add_bridge(B1003, 1);
	add_bridge(B1401, 2);
	netns_must("chaosctl route add subnet 4 via %o", B401);
	netns_must("chaosctl route add subnet 5 via %o", B1001);
	netns_must("chaosctl route add subnet 6 via %o", B1001);
	netns_must("chaosctl route add subnet 7 via %o", B1003);
}

int main(void)
{
	setup();
	test_rows(no_default, ARRAY_SIZE(no_default));
	test_no_retransmission();
	netns_must("chaosctl route add default via %o", B1401);
	test_rows(with_default, ARRAY_SIZE(with_default));
	netns_must("chaosctl route del default");
	netns_dev_up("eth0", false);
	test_rows(eth0_down, ARRAY_SIZE(eth0_down));
	return tap_done();
}
