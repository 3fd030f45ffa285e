// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What who listens is told of neighbours, as by "chaosctl monitor".
 *
 *	eth0 (our host, 402) ------- wire (the test, playing all others)
 */
#define _GNU_SOURCE
#include "probe.h"

#define ANY	(-1)	/* state */
#define PROXY	(-2)	/* no state: published */
#define MANY	100

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0xa };
static const uint8_t mac_b[6] = { 2, 0, 0, 0, 0, 0xb };

static struct genl events;
static uint32_t eth0;

struct event {
	uint8_t cmd;
	uint16_t addr;
	int state;
	bool lladdr_known, age_known;
	uint8_t lladdr[6];
	uint32_t ifindex;
};

/* Skip events until one tells of a neighbour, for at most @ms each. */
static bool next_event(struct event *e, int ms)
{
	struct genl_answer a;
	struct nlattr *attr;

	do {
		if (!genl_recv(&events, &a, ms))
			return false;
	} while (genl_cmd(&a) != CHAOS_CMD_NEIGH_NEW && genl_cmd(&a) != CHAOS_CMD_NEIGH_DEL);
	*e = (struct event){ .cmd = genl_cmd(&a), .state = ANY };
	genl_for_each(attr, &a) {
		switch (genl_type(attr)) {
		case CHAOS_NEIGH_A_IFINDEX:
			e->ifindex = genl_u32(attr);
			break;
		case CHAOS_NEIGH_A_ADDR:
			memcpy(&e->addr, genl_data(attr), sizeof(e->addr));
			break;
		case CHAOS_NEIGH_A_STATE:
			e->state = *(const uint8_t *)genl_data(attr);
			break;
		case CHAOS_NEIGH_A_LLADDR:
			e->lladdr_known = true;
			memcpy(e->lladdr, genl_data(attr), sizeof(e->lladdr));
			break;
		case CHAOS_NEIGH_A_AGE:
			e->age_known = true;
			break;
		case CHAOS_NEIGH_A_PROXY:
			e->state = PROXY;
			break;
		}
	}
	return true;
}

/* The next event must be this; @lladdr is NULL if it must have none. */
static bool told(uint8_t cmd, uint16_t addr, int state, const uint8_t *lladdr)
{
	struct event e = { .cmd = 0 };

	if (!next_event(&e, NETNS_PATIENCE)) {
		tap_diag("no event");
		return false;
	}
	if (e.cmd == cmd && e.addr == addr && (state == ANY || e.state == state) &&
	    e.lladdr_known == !!lladdr && (!lladdr || !memcmp(e.lladdr, lladdr, 6)) &&
	    e.age_known == (e.state == CHAOS_NEIGH_REACHABLE || e.state == CHAOS_NEIGH_STALE) &&
	    e.ifindex == eth0)
		return true;
	tap_diag("command %u, host %o, state %d, hardware address %d, age %d", e.cmd, e.addr,
		 e.state, e.lladdr_known, e.age_known);
	return false;
}

static bool told_nothing(void)
{
	struct event e;

	if (!next_event(&e, 300))
		return true;
	tap_diag("command %u, host %o, state %d", e.cmd, e.addr, e.state);
	return false;
}

static void send_arp(uint16_t op, const uint8_t *mac, uint16_t sip, uint16_t tip)
{
	struct wire_frame f;

	wire_arp(&f, NULL, op, mac, sip, wire_zero, tip);
	wire_send(probe_wire, &f);
}

/* A packet to a host that does not answer. */
static int call(uint16_t addr)
{
	struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_contact = "WHO",
	};
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || sendto(fd, NULL, 0, 0, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("sendto: %s", strerror(errno));
	return fd;
}

static void test_learned(void)
{
	send_arp(WIRE_ARP_REQUEST, mac_a, 0405, PROBE_HOST);
	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0405, CHAOS_NEIGH_REACHABLE, mac_a),
	       "a host that asks for us is a new neighbour");
	send_arp(WIRE_ARP_REQUEST, mac_a, 0405, PROBE_HOST);
	tap_ok(told_nothing(), "that it asks again is no news");
	send_arp(WIRE_ARP_REQUEST, mac_b, 0405, 0405);
	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0405, CHAOS_NEIGH_REACHABLE, mac_b),
	       "it has a new hardware address");
	netns_must("chaosctl neigh delete 405 dev eth0");
	tap_ok(told(CHAOS_CMD_NEIGH_DEL, 0405, CHAOS_NEIGH_REACHABLE, mac_b),
	       "it is deleted");
}

static void test_looked_for(void)
{
	struct wire_frame f;
	int fd = call(0406);

	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0406, CHAOS_NEIGH_FAILED, NULL),
	       "a host that does not answer: only the end of the search is told");
	close(fd);
	while (wire_recv(probe_wire, &f, 0))
		;
	send_arp(WIRE_ARP_REPLY, mac_a, 0406, PROBE_HOST);
	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0406, CHAOS_NEIGH_REACHABLE, mac_a),
	       "it answers after all");
}

static void test_configured(void)
{
	netns_must("chaosctl neigh add 405 lladdr 02:00:00:00:00:0a dev eth0");
	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0405, CHAOS_NEIGH_PERMANENT, mac_a), "added by hand");
	netns_must("chaosctl neigh replace 405 lladdr 02:00:00:00:00:0a dev eth0");
	tap_ok(told_nothing(), "replaced by the same: no news");
	netns_must("chaosctl neigh replace 405 lladdr 02:00:00:00:00:0b dev eth0");
	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0405, CHAOS_NEIGH_PERMANENT, mac_b), "replaced");

	netns_must("chaosctl neigh add proxy 410 dev eth0");
	tap_ok(told(CHAOS_CMD_NEIGH_NEW, 0410, PROXY, NULL), "an address is published");
	netns_must("chaosctl neigh replace proxy 410 dev eth0");
	tap_ok(told_nothing(), "published again: no news");
	netns_must("chaosctl neigh delete proxy 410 dev eth0");
	tap_ok(told(CHAOS_CMD_NEIGH_DEL, 0410, PROXY, NULL), "and taken back");
}

/* 405 is configured, 406 was learned. */
static void test_down(void)
{
	netns_dev_up("eth0", false);
	tap_ok(told(CHAOS_CMD_NEIGH_DEL, 0406, CHAOS_NEIGH_REACHABLE, mac_a),
	       "the device goes down: what was learned goes");
	tap_ok(told_nothing(), "the device goes down: what was configured stays");
	netns_dev_up("eth0", true);
	if (!wire_announced(probe_wire, PROBE_HOST))
		tap_bail("the address is not announced");
}

/* Count the events that there are, or so many of them. */
static void count(unsigned int *made, unsigned int *gone, unsigned int want)
{
	struct event e;

	while (next_event(&e, *made + *gone < want ? NETNS_PATIENCE : 0)) {
		*made += e.cmd == CHAOS_CMD_NEIGH_NEW;
		*gone += e.cmd == CHAOS_CMD_NEIGH_DEL;
	}
}

/* Many hosts, each with a hardware address and then another; then all go at once. */
static void test_many(void)
{
	unsigned int made = 0, gone = 0, i;

	for (i = 0; i < 2 * MANY; i++) {
		send_arp(WIRE_ARP_REQUEST, (const uint8_t[]){ 2, 0, 0, 0, 1, i }, 0420 + i % MANY,
			 PROBE_HOST);
		count(&made, &gone, i + 1);
	}
	tap_ok(made == 2 * MANY && !gone, "%u neighbours, each twice", MANY);
	made = 0;
	netns_must("ip link del eth0");
	count(&made, &gone, MANY + 1);
	tap_ok(!made && gone == MANY + 1, "the device is deleted: all go, configured or not");
}

int main(void)
{
	probe_setup();
	eth0 = if_nametoindex("eth0");
	genl_open(&events);
	genl_listen(&events);
	test_learned();
	test_looked_for();
	test_configured();
	test_down();
	test_many();
	return tap_done();
}
