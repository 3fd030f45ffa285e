/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Five bridges in a ring, and two hosts that talk to each other:
 *
 *	A --6-- B0 --1-- switch --1-- B1 --2-- B2 --7-- Z
 *	         |                              |
 *	         5                              3
 *	         |                              |
 *	        B4 ---------------4----------- B3
 *
 * Clockwise, subnet i+1 leads from Bi, which is host 1 there, to the next bridge,
 * host 2.  A is 3002, Z is 3402.  The way from A to Z is over B0, B1, B2; when the
 * cable of subnet 1 is cut there is the one over B0, B4, B3, B2.
 */
#ifndef RING_H
#define RING_H

#include "topo.h"

#define RING_BRIDGES	5
#define RING_SUBNETS	7

enum { RING_A = 03002, RING_Z = 03402, RING_A_SUBNET = 6, RING_Z_SUBNET = 7 };

/* The bridges, A, Z; and the switch. */
static struct topo_host ring[RING_BRIDGES + 2], ring_switch;

#define RING_HOSTS	ARRAY_SIZE(ring)

static struct topo_host *const ring_a = &ring[RING_BRIDGES];
static struct topo_host *const ring_z = &ring[RING_BRIDGES + 1];

/* A host at a bridge, which is host 1 of their subnet. */
static inline void ring_attach(const struct topo_host *bridge, const struct topo_host *h,
			       uint16_t addr)
{
	topo_cable(bridge, "host", h, "eth0");
	topo_addr(bridge, "host", (addr & 0xff00) | 1);
	topo_addr(h, "eth0", addr);
}

/* Make it; nothing is forwarded yet. */
static inline void ring_make(void)
{
	unsigned int i;

	topo_hosts(ring, RING_BRIDGES, 'B');
	topo_host(ring_a, "A");
	topo_host(ring_z, "Z");
	topo_switch(&ring_switch, "SWITCH");
	for (i = 0; i < RING_BRIDGES; i++) {
		const struct topo_host *next = &ring[(i + 1) % RING_BRIDGES];

		if (i) {
			topo_cable(&ring[i], "next", next, "prev");
		} else {
			topo_plug(&ring_switch, "port0", &ring[0], "next");
			topo_plug(&ring_switch, "port1", next, "prev");
		}
		topo_addr(&ring[i], "next", (i + 1) << 8 | 1);
		topo_addr(next, "prev", (i + 1) << 8 | 2);
	}
	ring_attach(&ring[0], ring_a, RING_A);
	ring_attach(&ring[2], ring_z, RING_Z);
}

/* Begin to forward.  Returns after how many milliseconds everybody knows everything,
 * -1: not in @patience.
 */
static inline long long ring_converge(int patience)
{
	unsigned int i;

	for (i = 0; i < RING_BRIDGES; i++)
		topo_forward(&ring[i], true);
	return topo_wait(patience, topo_all_known(ring, RING_HOSTS, RING_SUBNETS));
}

/* Does the shortest way lead over B1, there and back? */
static inline bool ring_is_whole(void)
{
	return topo_via(&ring[0], RING_Z_SUBNET) == 0402 &&
	       topo_via(&ring[2], RING_A_SUBNET) == 01001;
}

/* Cut the cable between B0 and B1, or mend it.  Both see it at once ... */
static inline void ring_cut_carrier(bool cut)
{
	topo_up(&ring_switch, "port0", !cut);
	topo_up(&ring_switch, "port1", !cut);
}

/* ... or have to find out. */
static inline void ring_cut_silently(bool cut)
{
	topo_up(&ring_switch, "br0", !cut);
}

/* A connection from A to Z. */
static inline struct pair ring_connect(void)
{
	const struct sockaddr_chaos sa = pair_name(RING_Z, "RING");
	struct pair p;
	int listener;

	topo_enter(ring_z);
	listener = transfer_listen("RING", 0, 1);
	topo_enter(ring_a);
	p.a = transfer_socket(0);
	pair_nonblock(p.a, true);
	if (!connect(p.a, (const struct sockaddr *)&sa, sizeof(sa)) || errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
	p.b = pair_take(listener);
	if (!(pair_poll(p.a, POLLOUT, PAIR_PATIENCE) & POLLOUT))
		tap_bail("the connection does not open");
	close(listener);
	return p;
}

/* Does a byte go there and back? */
static inline bool ring_echo(const struct pair *p, char c, int ms)
{
	char got[2] = {};

	return send(p->a, &c, 1, MSG_NOSIGNAL) == 1 &&
	       pair_poll(p->b, POLLIN, ms) & POLLIN && recv(p->b, &got[0], 1, 0) == 1 &&
	       send(p->b, &c, 1, MSG_NOSIGNAL) == 1 &&
	       pair_poll(p->a, POLLIN, ms) & POLLIN && recv(p->a, &got[1], 1, 0) == 1 &&
	       got[0] == c && got[1] == c;
}

/* What went too often around, in all. */
static inline uint64_t ring_drop_hops(void)
{
	return topo_sum(ring, RING_HOSTS, CHAOS_STAT_DROP_HOPS);
}

#endif /* RING_H */
