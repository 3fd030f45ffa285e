// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of vectors/ether.pcap to our host, which takes the place of 401: its
 * programs ask, and get what 402 answered.
 *
 *	eth0 (our host, 401) ------- wire (the test, playing 402)
 *
 * The devices have the captured MACs, so that whole frames can be compared.
 */
#define _GNU_SOURCE
#include "replay_questions.h"

int main(void)
{
	static struct replay r = { .window = 13 };
	int ns;

	pcap_load(&r.cap, "ether.pcap");
	netns_stay();
	ns = netns_new();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set eth0 address 82:e2:e7:92:02:d3");
	netns_must("ip link set wire address ae:23:78:ec:c9:96");
	r.fd = wire_open("wire");
	netns_host(ns, "eth0", 0401, "HOSTA");
	/* What our host says about its new address is for replay_server to look at. */
	if (!wire_announced(r.fd, 0401))
		tap_bail("the address did not become valid");

	replay_questions(&r);
	return tap_done();
}
