// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers that listen before their host has an address, as those started at boot do. */
#define _GNU_SOURCE
#include "msg.h"
#include "pair.h"

static void test_early(int type, const char *name, int server)
{
	int client = pair_socket(PAIR_A, type), accepted = pair_join(client, server);
	char buf[8];

	tap_eq(send(client, "hello", 5, 0), 5, "%s: sent", name);
	tap_eq(recv(accepted, buf, sizeof(buf), 0), 5, "%s: the early server has it", name);
	close(client);
	close(accepted);
}

int main(void)
{
	int stream, packets;

	pair_limit_time();
	pair_ns_a = netns_new();
	pair_ns_b = netns_new();
	stream = pair_listen(PAIR_B, SOCK_STREAM, 5);
	packets = pair_listen(PAIR_B, SOCK_SEQPACKET, 5);
	netns_veth(pair_ns_a, "eth0", pair_ns_b, "eth0");
	netns_host(pair_ns_a, "eth0", PAIR_A, "ALPHA");
	netns_host(pair_ns_b, "eth0", PAIR_B, "BETA");
	test_early(SOCK_STREAM, "stream", stream);
	test_early(SOCK_SEQPACKET, "packets", packets);
	return tap_done();
}
