/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that no socket would send, put on the cable of pair.h. */
#ifndef INJECT_H
#define INJECT_H

#include "pair.h"
#include "wire.h"

/* A header in host order, and data that is text, or @words of it; all may be left out. */
struct inject_packet {
	uint8_t op;
	uint16_t num, ack;
	const void *text;
	unsigned int words;
	uint16_t dst, didx, src, sidx;
};

/* Send a packet from a host, by broadcast. */
static inline void inject(unsigned int host, const struct inject_packet *pkt)
{
	size_t len = pkt->words ? 2 * pkt->words : pkt->text ? strlen(pkt->text) : 0;
	struct wire_frame f = {};
	int fd;

	wire_ether(&f, wire_broadcast, wire_zero, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = pkt->op;
	wire_put(&f, WIRE_COUNT, len);
	wire_put(&f, WIRE_DST, pkt->dst);
	wire_put(&f, WIRE_DIDX, pkt->didx);
	wire_put(&f, WIRE_SRC, pkt->src);
	wire_put(&f, WIRE_SIDX, pkt->sidx);
	wire_put(&f, WIRE_NUM, pkt->num);
	wire_put(&f, WIRE_ACK, pkt->ack);
	if (len)
		memcpy(f.bytes + WIRE_DATA, pkt->text, len);
	f.len = WIRE_DATA + len + (len & 1);

	pair_enter(host);
	fd = wire_open("eth0");
	wire_send(fd, &f);
	close(fd);
}

/* Send it from B to the connection whose end on A is @fd, as if its peer had. */
static inline void inject_from_peer(int fd, const struct inject_packet *pkt)
{
	const struct chaos_info info = pair_info(fd);
	struct inject_packet p = *pkt;

	p.dst = info.ci_local_addr;
	p.didx = info.ci_local_index;
	p.src = info.ci_peer_addr;
	p.sidx = info.ci_peer_index;
	inject(PAIR_B, &p);
}

/* Wait on a device opened by wire_open() for a packet with this opcode. */
static inline bool inject_hear(int fd, uint8_t op, struct wire_frame *f)
{
	long long end = netns_now() + PAIR_PATIENCE;

	while (netns_now() < end)
		if (wire_recv(fd, f, 100) && wire_is_chaos(f) && f->bytes[WIRE_OP] == op)
			return true;
	return false;
}

#endif /* INJECT_H */
