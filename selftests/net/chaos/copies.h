/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The copies of a BRD that a host sends (AIM 628 section 4.5): which of them come on
 * which wires, with which bits of the map of subnets.
 *
 *	static const struct copy copies[] = {
 *		ALL_ON(0, SUBNETS(1, 4)), BRIDGE(01003, 1, RANGE(7, 9)), {}
 *	};
 *
 *	... until all of them have come: copies_take(heard, copies, &frame, wire, &brd) ...
 *	copies_missing(heard, copies)
 *
 * They are sent by the host of copies_host(), which is all in one namespace; the test
 * has the other ends of the cables:
 *
 *	eth0 (402) ---- wire0: bridge 401 to subnet 4
 *	eth1 (1002) --- wire1: bridges 1001 to subnets 5 and 6, and 1003 to 7
 *	eth2 (1402) --- wire2: bridge 1401 to all others, if there is a default route
 *	eth3 (177002) - wire3: a private subnet
 *
 * A bridge's hardware address is 02:00:00:00 and its address.
 */
#ifndef COPIES_H
#define COPIES_H

#include "wire.h"

#define COPIES_MAX	8		/* of one BRD, at most */
#define COPIES_MAP	32		/* bytes of the usual map */
#define COPIES_LINKS	4

enum { B401 = 0401, B1001 = 01001, B1003 = 01003, B1401 = 01401 };

static const unsigned int copies_addrs[COPIES_LINKS] = { 0402, 01002, 01402, 0177002 };
static int copies_wires[COPIES_LINKS];

/* Subnets from @from to @to of a map, and single ones, to the first 0. */
struct subnets {
	unsigned int from, to;
	uint8_t more[8];
};

#define RANGE(first, last)	.from = (first), .to = (last)
#define SUBNETS(...)		.more = { __VA_ARGS__ }
#define NO_SUBNETS		RANGE(1, 0)

/**
 * struct copy - one that must be sent
 * @sent: false: this is the end of the list
 * @link: by which
 * @bridge: to this bridge alone, 0: to all
 * @subnets: whose bits are set
 */
struct copy {
	bool sent;
	unsigned int link, bridge;
	struct subnets subnets;
};

#define ALL_ON(link_, ...)		{ true, (link_), 0, { __VA_ARGS__ } }
#define BRIDGE(bridge_, link_, ...)	{ true, (link_), (bridge_), { __VA_ARGS__ } }

/**
 * struct copies_brd - what all copies of a BRD have in common
 * @fc: forwarding count
 * @src: source address
 * @sidx: source index
 * @num: packet number
 * @map: bytes of the map, as the header says
 * @text: contact and arguments
 */
struct copies_brd {
	uint8_t fc;
	uint16_t src, sidx, num, map;
	const char *text;
};

static inline void copies_map(uint8_t *map, size_t len, const struct subnets *subnets)
{
	unsigned int i;

	memset(map, 0, len);
	if (subnets->to || !subnets->more[0])
		for (i = subnets->from; i <= subnets->to && i / 8 < len; i++)
			map[i / 8] |= 1 << i % 8;
	for (i = 0; i < ARRAY_SIZE(subnets->more) && subnets->more[i]; i++)
		if (subnets->more[i] / 8u < len)
			map[subnets->more[i] / 8] |= 1 << subnets->more[i] % 8;
}

/* The hardware address that stands for a bridge, or for all if it is 0. */
static inline void copies_mac(unsigned int addr, uint8_t *mac)
{
	const uint8_t one[6] = { 2, 0, 0, 0, addr >> 8, addr };

	memcpy(mac, addr ? one : wire_broadcast, 6);
}

/* Tell our host where a bridge is. */
static inline void copies_introduce(unsigned int addr, const char *dev)
{
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:%02x:%02x dev %s", addr,
		   addr >> 8, addr & 0xff, dev);
}

/* Make the host, its wires, and routes to all bridges but the default one. */
static inline void copies_host(void)
{
	char eth[8], wire[8];
	int ns = netns_new();
	unsigned int i;

	for (i = 0; i < COPIES_LINKS; i++) {
		snprintf(eth, sizeof(eth), "eth%u", i);
		snprintf(wire, sizeof(wire), "wire%u", i);
		netns_veth(ns, eth, ns, wire);
		copies_wires[i] = wire_open(wire);
		netns_host(ns, eth, copies_addrs[i], NULL);
	}
	copies_introduce(B401, "eth0");
	copies_introduce(B1001, "eth1");
	copies_introduce(B1003, "eth1");
	copies_introduce(B1401, "eth2");
	netns_must("chaosctl route add subnet 4 via %o", B401);
	netns_must("chaosctl route add subnet 5 via %o", B1001);
	netns_must("chaosctl route add subnet 6 via %o", B1001);
	netns_must("chaosctl route add subnet 7 via %o", B1003);
}

/* A BRD as it is on a wire, but for the hardware addresses. */
static inline void copies_build(struct wire_frame *f, const struct copies_brd *brd,
				const struct subnets *subnets)
{
	size_t text = strlen(brd->text);

	memset(f, 0, sizeof(*f));
	wire_ether(f, wire_broadcast, wire_zero, ETH_P_CHAOS);
	f->bytes[WIRE_OP] = CHAOS_OP_BRD;
	wire_put(f, WIRE_COUNT, brd->fc << 12 | (brd->map + text));
	wire_put(f, WIRE_SRC, brd->src);
	wire_put(f, WIRE_SIDX, brd->sidx);
	wire_put(f, WIRE_NUM, brd->num);
	wire_put(f, WIRE_ACK, brd->map);
	copies_map(f->bytes + WIRE_DATA, brd->map, subnets);
	memcpy(f->bytes + WIRE_DATA + brd->map, brd->text, text);
	f->len = WIRE_DATA + ((brd->map + text + 1) & ~1u);
}

/* Is @f exactly this copy? */
static inline bool copies_is(const struct wire_frame *f, const struct copy *copy,
			     const struct copies_brd *brd)
{
	struct wire_frame want;
	uint8_t mac[6];

	copies_mac(copy->bridge, mac);
	copies_build(&want, brd, &copy->subnets);
	return f->len == want.len && !memcmp(f->bytes + WIRE_DMAC, mac, 6) &&
	       !memcmp(f->bytes + WIRE_TYPE, want.bytes + WIRE_TYPE, want.len - WIRE_TYPE);
}

/* Take a frame that came on a wire for one of the copies that are still to come. */
static inline bool copies_take(bool *heard, const struct copy *copies,
			       const struct wire_frame *f, unsigned int wire,
			       const struct copies_brd *brd)
{
	unsigned int i;

	for (i = 0; i < COPIES_MAX && copies[i].sent; i++)
		if (!heard[i] && copies[i].link == wire && copies_is(f, &copies[i], brd)) {
			heard[i] = true;
			return true;
		}
	tap_diag("unexpected on wire %u", wire);
	wire_show("got", f);
	return false;
}

/* How many did not come; tells which. */
static inline unsigned int copies_missing(const bool *heard, const struct copy *copies)
{
	unsigned int i, missing = 0;

	for (i = 0; i < COPIES_MAX && copies[i].sent; i++) {
		if (heard[i])
			continue;
		tap_diag("copy %u did not come on wire %u", i, copies[i].link);
		missing++;
	}
	return missing;
}

#endif /* COPIES_H */
