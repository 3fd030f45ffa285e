// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of the broadcasts in vectors/rut-brd.pcap to our host, which takes the
 * place of 401, a host on three subnets; without its copies of them, since ours
 * forwards nothing.
 *
 *	eth0 (our host, 401) ------- wire (the test, playing 402)
 *	dummy0 (1001), dummy1 (3002)
 */
#define _GNU_SOURCE
#include "replay.h"

#define RETRANSMIT_MS	500	/* of the captured host */
#define ECHO_MS		250	/* a copy that comes later is a new BRD */

static struct replay r;

static void add_dummy(int ns, const char *dev, unsigned int addr)
{
	netns_must("ip link add %s type dummy", dev);
	netns_dev_up(dev, true);
	netns_host(ns, dev, addr, NULL);
}

/* The copy that a bridge makes of it, which says so by the forwarding count. */
static void send_copy(unsigned int frame)
{
	struct wire_frame f = r.cap.frames[frame];

	wire_put(&f, WIRE_COUNT, wire_get(&f, WIRE_COUNT) + (1 << 12));
	wire_send(r.fd, &f);
}

/* Send a BRD and its copy, again if the machine has stalled between them. */
static void send_both(unsigned int frame)
{
	long long begin = netns_now();
	struct wire_frame f;
	int tries = 10;

	replay_send(&r, frame);
	send_copy(frame);
	while (netns_now() - begin > ECHO_MS - 10 && --tries) {
		while (wire_recv(r.fd, &f, ECHO_MS + 50))
			;
		begin = netns_now();
		replay_send(&r, frame);
		send_copy(frame);
	}
}

/* The frame with the BRD must be answered as by the frame after it. */
static void test_answer(unsigned int frame, const char *what)
{
	/* The counters of the three links. */
	static const struct replay_free free[] = {
		{ WIRE_DATA + 36, 32 }, { WIRE_DATA + 72, 32 }, { WIRE_DATA + 108, 32 }, {}
	};

	send_both(frame);
	replay_expect(&r, &r.cap.frames[frame + 1], free, 0, NULL, what);
	replay_expect_silence(&r, 100, "the copy is not answered");
}

int main(void)
{
	int ns;

	netns_stay();
	pcap_load(&r.cap, "rut-brd.pcap");
	ns = netns_new();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set wire address ae:23:78:ec:c9:96");
	netns_must("ip link set eth0 address 82:e2:e7:92:02:d3");
	r.fd = wire_open("wire");
	netns_host(ns, "eth0", 0401, "HOSTA");
	if (!wire_announced(r.fd, 0401))
		tap_bail("the address did not become valid");
	add_dummy(ns, "dummy0", 01001);
	add_dummy(ns, "dummy1", 03002);
	netns_must("chaosctl neigh add 402 lladdr ae:23:78:ec:c9:96 dev eth0");

	test_answer(3, "STATUS is answered as by frame 4");
	netns_sleep(RETRANSMIT_MS - 100);
	test_answer(6, "sent again it is answered as by frame 7");
	return tap_done();
}
