// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long ARP believes what it heard: of neighbours, and of another host that has
 * our address.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing all others)
 */
#define _GNU_SOURCE
#include "exact.h"
#include "probe.h"

#define SECOND		1000	/* ms */
#define REACHABLE	(60 * SECOND)
#define FORGET		(60 * SECOND)
#define INTERVAL	200	/* between probes */

static const uint8_t neigh_mac[6] = { 2, 0, 0, 0, 4, 6 };
static const uint8_t thief_mac[6] = { 2, 0, 0, 0, 0, 0x99 };

static struct genl events;

static void send_arp(uint16_t op, const uint8_t *mac, uint16_t sip, uint16_t tip)
{
	struct wire_frame f;

	wire_arp(&f, NULL, op, mac, sip, wire_zero, tip);
	wire_send(probe_wire, &f);
}

/* The next event must be this, with this state.  When it came, or -1. */
static long long told(uint8_t cmd, uint16_t state_attr, int state, int ms)
{
	struct genl_answer a;
	struct nlattr *attr;
	int got = -1;

	if (!genl_recv(&events, &a, ms)) {
		tap_diag("no event");
		return -1;
	}
	genl_for_each(attr, &a)
		if (genl_type(attr) == state_attr)
			got = *(const uint8_t *)genl_data(attr);
	if (genl_cmd(&a) == cmd && got == state)
		return netns_now();
	tap_diag("command %u, state %d", genl_cmd(&a), got);
	return -1;
}

static long long told_addr(int state, int ms)
{
	return told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_A_STATE, state, ms);
}

static long long told_neigh(int state, int ms)
{
	return told(CHAOS_CMD_NEIGH_NEW, CHAOS_NEIGH_A_STATE, state, ms);
}

static bool told_nothing(void)
{
	struct genl_answer a;

	return !genl_recv(&events, &a, 0);
}

/* The next frame must be our host's question, or statement, about its address. */
static long long asks(uint16_t sip, int ms)
{
	struct wire_frame f;

	if (!wire_recv(probe_wire, &f, ms))
		return -1;
	if (wire_is_arp_of(&f, NULL, WIRE_ARP_REQUEST, probe_host_mac, sip, wire_zero, PROBE_HOST))
		return netns_now();
	wire_show("not expected", &f);
	return -1;
}

static void test_stale(void)
{
	long long begin = netns_now();

	send_arp(WIRE_ARP_REQUEST, neigh_mac, 0406, PROBE_HOST);
	tap_ok(told_neigh(CHAOS_NEIGH_REACHABLE, SECOND) > 0, "a new neighbour");
	exact_time(told_neigh(CHAOS_NEIGH_STALE, 2 * REACHABLE), begin + REACHABLE, REACHABLE,
		   "after a minute it is stale, and that is told");
	probe_skip_frames();
}

/* Our host asks three times, a minute after it heard the other. */
static bool asks_again(long long begin)
{
	long long at = asks(0, 2 * FORGET);
	bool good = exact_time(at, begin + FORGET, FORGET,
			       "a minute after the other was heard, it is asked for");

	return tap_ok(asks(0, SECOND) > 0 && asks(0, SECOND) > 0, "three times") && good;
}

/* Another host sends from our address, once; others ask whether it is free. */
static void test_forgotten(void)
{
	long long begin = netns_now();
	unsigned int i, answers = 0;
	struct wire_frame f;

	send_arp(WIRE_ARP_REPLY, thief_mac, PROBE_HOST, PROBE_PEER);
	tap_ok(told_addr(CHAOS_ADDR_CONFLICT, SECOND) > 0, "another has our address");
	tap_ok(asks(PROBE_HOST, SECOND) > 0, "it is announced in defence");
	for (i = 0; i < 5; i++) {
		netns_sleep(10 * SECOND);
		send_arp(WIRE_ARP_REQUEST, neigh_mac, 0, PROBE_HOST);
		answers += wire_recv(probe_wire, &f, SECOND) &&
			   wire_is_arp_of(&f, neigh_mac, WIRE_ARP_REPLY, probe_host_mac,
					  PROBE_HOST, neigh_mac, 0);
	}
	tap_eq(answers, 5, "others that want it are told that it is ours");
	asks_again(begin);
	tap_ok(told_nothing(), "meanwhile nothing is over");
	tap_ok(asks(PROBE_HOST, SECOND) > 0 && told_addr(CHAOS_ADDR_VALID, SECOND) > 0,
	       "nobody says anything: it is ours alone again");
	tap_ok(!wire_recv(probe_wire, &f, 2 * FORGET), "that is all");
}

/* The other is still there, but says so only when it is asked. */
static void test_remembered(void)
{
	long long begin = netns_now();

	send_arp(WIRE_ARP_REPLY, thief_mac, PROBE_HOST, PROBE_PEER);
	tap_ok(told_addr(CHAOS_ADDR_CONFLICT, SECOND) > 0, "another has our address, again");
	tap_ok(asks(PROBE_HOST, SECOND) > 0, "it is announced in defence, again");
	asks_again(begin);
	begin = netns_now();
	send_arp(WIRE_ARP_REPLY, thief_mac, PROBE_HOST, 0);
	tap_ok(asks(PROBE_HOST, SECOND) > 0, "the other says that it has it: defended again");
	netns_sleep(10 * SECOND);
	tap_ok(told_nothing(), "that the conflict goes on is no news");
	asks_again(begin);
	tap_ok(asks(PROBE_HOST, SECOND) > 0 && told_addr(CHAOS_ADDR_VALID, SECOND) > 0,
	       "then the other has gone");
}

int main(void)
{
	exact_setup();
	probe_setup();
	genl_open(&events);
	genl_listen(&events);
	test_stale();
	test_forgotten();
	test_remembered();
	return tap_done();
}
