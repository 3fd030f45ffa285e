/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routing packets as they are on an Ethernet: for tests that play a bridge, and for
 * those that look at what a bridge sends (AIM 628 section 3.7).
 */
#ifndef RUT_H
#define RUT_H

#include <linux/chaos.h>

#include "wire.h"

#define RUT_MAX_PAIRS	122	/* in a packet */
#define RUT_CAP		512	/* cost of what is not reached */

struct rut_pair {
	uint16_t subnet, cost;
};

/* Begin a routing packet to all, without pairs. */
static inline void rut_begin(struct wire_frame *f, const uint8_t *mac, uint16_t src)
{
	memset(f, 0, sizeof(*f));
	wire_ether(f, wire_broadcast, mac, ETH_P_CHAOS);
	f->bytes[WIRE_OP] = CHAOS_OP_RUT;
	wire_put(f, WIRE_SRC, src);
	f->len = WIRE_DATA;
}

static inline void rut_add(struct wire_frame *f, uint16_t subnet, uint16_t cost)
{
	wire_put(f, f->len, subnet);
	wire_put(f, f->len + 2, cost);
	f->len += 4;
	wire_put(f, WIRE_COUNT, f->len - WIRE_DATA);
}

/* One pair. */
static inline void rut_one(struct wire_frame *f, const uint8_t *mac, uint16_t src,
			   uint16_t subnet, uint16_t cost)
{
	rut_begin(f, mac, src);
	rut_add(f, subnet, cost);
}

static inline bool rut_is(const struct wire_frame *f)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == CHAOS_OP_RUT;
}

static inline unsigned int rut_pairs(const struct wire_frame *f)
{
	return wire_count(f) / 4;
}

static inline struct rut_pair rut_pair(const struct wire_frame *f, unsigned int i)
{
	return (struct rut_pair) {
		wire_get(f, WIRE_DATA + 4 * i), wire_get(f, WIRE_DATA + 4 * i + 2),
	};
}

/* The cost that a packet tells of a subnet, 0 if it does not. */
static inline unsigned int rut_cost(const struct wire_frame *f, unsigned int subnet)
{
	unsigned int i;

	for (i = 0; i < rut_pairs(f); i++)
		if (rut_pair(f, i).subnet == subnet)
			return rut_pair(f, i).cost;
	return 0;
}

/* Wait for a routing packet. */
static inline bool rut_hear(int wire, struct wire_frame *f, int ms)
{
	long long end = netns_now() + ms;

	do {
		long long left = end - netns_now();

		if (!wire_recv(wire, f, left > 0 ? left : 0))
			return false;
		if (rut_is(f))
			return true;
	} while (netns_now() < end);
	return false;
}

/* Wait for one that tells this cost, 0: nothing, of a subnet. */
static inline bool rut_hear_cost(int wire, struct wire_frame *f, unsigned int subnet,
				 unsigned int cost, int ms)
{
	long long end = netns_now() + ms;

	while (netns_now() < end)
		if (rut_hear(wire, f, end - netns_now()) && rut_cost(f, subnet) == cost)
			return true;
	return false;
}

#endif /* RUT_H */
