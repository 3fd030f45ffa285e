// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets in frames much longer than they are: the byte count decides (AIM 628 section
 * 3.5).  Beyond a page they reach us in pieces, not in one buffer.
 *
 *	402, wire0 ---- eth0 (401) US (1001) eth1 ---- wire1, 1002
 */
#define _GNU_SOURCE
#include "topo.h"

#define MTU		9000
#define FRAME		8000	/* bytes */
#define TEXT		"UPTIME"

static struct topo_host us;
static int wires[2];

static void make_host(void)
{
	unsigned int i;

	topo_host(&us, "US");
	for (i = 0; i < 2; i++) {
		char eth[8], wire[8];

		snprintf(eth, sizeof(eth), "eth%u", i);
		snprintf(wire, sizeof(wire), "wire%u", i);
		topo_cable(&us, eth, &us, wire);
		topo_enter(&us);
		netns_must("ip link set %s mtu %d", eth, MTU);
		netns_must("ip link set %s mtu %d", wire, MTU);
		wires[i] = wire_open(wire);
		topo_addr(&us, eth, (i + 1) << 8 | 1);
		netns_must("chaosctl neigh add %o lladdr 02:00:00:00:00:02 dev %s",
			   (i + 1) << 8 | 2, eth);
	}
	topo_forward(&us, true);
}

/* Send an RFC from 402 in a long frame. */
static void send_long(uint16_t dst, uint16_t sidx)
{
	static const uint8_t peer[6] = { 2, 0, 0, 0, 0, 2 };
	static uint8_t frame[FRAME];
	struct wire_frame f = {};
	uint8_t mac[6];

	topo_mac(&us, "eth0", mac);
	wire_ether(&f, mac, peer, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = CHAOS_OP_RFC;
	wire_put(&f, WIRE_COUNT, strlen(TEXT));
	wire_put(&f, WIRE_DST, dst);
	wire_put(&f, WIRE_SRC, 0402);
	wire_put(&f, WIRE_SIDX, sidx);
	memcpy(f.bytes + WIRE_DATA, TEXT, strlen(TEXT));

	memset(frame, 0xa5, sizeof(frame));
	memcpy(frame, f.bytes, WIRE_DATA + strlen(TEXT));
	if (send(wires[0], frame, sizeof(frame), 0) != sizeof(frame))
		tap_bail("cannot send a frame of %d bytes: %s", FRAME, strerror(errno));
}

/* The next packet with this opcode on a wire. */
static bool hear(int wire, uint8_t op, struct wire_frame *f)
{
	long long end = netns_now() + NETNS_PATIENCE;

	while (netns_now() < end)
		if (wire_recv(wire, f, 1000) && wire_is_chaos(f) && f->bytes[WIRE_OP] == op)
			return true;
	return false;
}

int main(void)
{
	struct wire_frame f;

	pair_limit_time();
	make_host();

	send_long(0401, 0x1001);
	tap_ok(hear(wires[0], CHAOS_OP_ANS, &f), "a packet in a long frame is answered");
	tap_eq(wire_get(&f, WIRE_DIDX), 0x1001, "for its sender");

	send_long(01002, 0x1002);
	tap_ok(hear(wires[1], CHAOS_OP_RFC, &f), "it is sent on");
	tap_eq(f.len, WIRE_DATA + strlen(TEXT), "without what is behind it");
	tap_ok(!memcmp(f.bytes + WIRE_DATA, TEXT, strlen(TEXT)), "as it was");
	tap_eq(wire_get(&f, WIRE_COUNT), 1 << 12 | strlen(TEXT), "and counted");
	return tap_done();
}
