// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of vectors/ether.pcap to our host, which takes the place of 402.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401)
 *
 * The devices have the captured MACs, so that whole frames can be compared.
 */
#define _GNU_SOURCE
#include "replay_answers.h"

static const uint8_t our_mac[6] = { 0xae, 0x23, 0x78, 0xec, 0xc9, 0x96 };

/* Before it has the address for sure, our host asks three times whether another
 * has it, and then says that it has.  Not in the capture, whose hosts did not.
 */
static void test_probes(int fd)
{
	struct wire_frame f;
	bool probes = true;
	int i;

	for (i = 0; i < 3; i++)
		probes &= wire_recv(fd, &f, NETNS_PATIENCE) &&
			  wire_is_arp_of(&f, NULL, WIRE_ARP_REQUEST, our_mac, 0, wire_zero, 0402);
	tap_ok(probes, "three ARP probes for the new address");
	tap_ok(wire_recv(fd, &f, NETNS_PATIENCE) &&
	       wire_is_arp_of(&f, NULL, WIRE_ARP_REQUEST, our_mac, 0402, wire_zero, 0402),
	       "ARP announcement of the new address");
}

int main(void)
{
	static struct replay r = { .window = 13 };
	int ns;

	pcap_load(&r.cap, "ether.pcap");
	ns = replay_new_host();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set wire address 82:e2:e7:92:02:d3");
	netns_must("ip link set eth0 address ae:23:78:ec:c9:96");
	r.fd = wire_open("wire");
	netns_host(ns, "eth0", 0402, "HOSTB");

	test_probes(r.fd);
	replay_send(&r, 1);
	replay_expect(&r, &r.cap.frames[2], NULL, 0, NULL, "ARP: reply as frame 2");
	replay_answers(&r);
	return tap_done();
}
