// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An address of ours: asking whether another host has it, conflicts, and what
 * becomes of neighbours and address when the device goes down or away.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing all others)
 */
#define _GNU_SOURCE
#include "probe.h"

#define DEFENCE		9000	/* ms: less than from one defence to the next */

static const uint8_t thief_mac[6] = { 2, 0, 0, 0, 0, 0x99 };
static const uint8_t thief2_mac[6] = { 2, 0, 0, 0, 0, 0x9a };

static int host, kernel_log;
static struct genl events;

/* Skip events until one tells of our address, for at most @ms each. */
static bool next_event(struct genl_answer *a, int ms)
{
	do {
		if (!genl_recv(&events, a, ms))
			return false;
	} while (genl_cmd(a) != CHAOS_CMD_ADDR_NEW && genl_cmd(a) != CHAOS_CMD_ADDR_DEL);
	return true;
}

/* The next such event must have the command @cmd, and the state @state unless that is
 * negative.
 */
static bool told(uint8_t cmd, int state, const uint8_t *lladdr)
{
	struct genl_answer a;
	struct nlattr *attr;
	int got = -1;
	bool lladdr_good = !lladdr;

	if (!next_event(&a, NETNS_PATIENCE))
		return false;
	genl_for_each(attr, &a) {
		if (genl_type(attr) == CHAOS_ADDR_A_STATE)
			got = *(const uint8_t *)genl_data(attr);
		if (genl_type(attr) == CHAOS_ADDR_A_LLADDR && lladdr)
			lladdr_good = !memcmp(genl_data(attr), lladdr, 6);
	}
	if (genl_cmd(&a) == cmd && (state < 0 || got == state) && lladdr_good)
		return true;
	tap_diag("told command %u, state %d", genl_cmd(&a), got);
	return false;
}

static bool told_nothing(void)
{
	struct genl_answer a;

	return !next_event(&a, 100);
}

/* Read the kernel's log from where it was read last; does a line say this? */
static bool logged(const char *text)
{
	char line[1024];
	bool found = false;
	ssize_t len;

	while ((len = read(kernel_log, line, sizeof(line) - 1)) > 0) {
		line[len] = 0;
		found |= !!strstr(line, text);
	}
	return found;
}

static void send_arp(uint16_t op, const uint8_t *mac, uint16_t sip, uint16_t tip)
{
	struct wire_frame f;

	wire_arp(&f, NULL, op, mac, sip, wire_zero, tip);
	wire_send(probe_wire, &f);
}

/* The next frame must be this ARP packet of ours. */
static bool says(uint16_t op, uint16_t sip, const uint8_t *to, uint16_t tip)
{
	struct wire_frame f;

	if (!wire_recv(probe_wire, &f, NETNS_PATIENCE))
		return false;
	if (wire_is_arp_of(&f, to, op, probe_host_mac, sip, to ?: wire_zero, tip))
		return true;
	wire_show("not expected", &f);
	return false;
}

static bool probes(void)
{
	return says(WIRE_ARP_REQUEST, 0, NULL, PROBE_HOST);
}

static bool announces(void)
{
	return says(WIRE_ARP_REQUEST, PROBE_HOST, NULL, PROBE_HOST);
}

static bool silent(int ms)
{
	struct wire_frame f;

	if (!wire_recv(probe_wire, &f, ms))
		return true;
	wire_show("not silent", &f);
	return false;
}

static bool shows(const char *object, const char *text)
{
	char output[NETNS_OUTPUT];

	if (netns_run(output, "chaosctl %s", object))
		tap_bail("chaosctl %s: %s", object, output);
	if (strstr(output, text))
		return true;
	tap_diag("chaosctl %s says: %s", object, output);
	return false;
}

static bool shows_not(const char *object, const char *text)
{
	char output[NETNS_OUTPUT];

	return !netns_run(output, "chaosctl %s", object) && !strstr(output, text);
}

static bool answers(void)
{
	struct wire_frame nothing, answer;

	wire_ether(&nothing, probe_host_mac, probe_peer_mac, 0x88b5);
	return !probe_send(&nothing, &answer);
}

static const char *counted(struct counters *before)
{
	static char text[COUNTERS_TEXT];
	struct counters now;

	counters_read(&now);
	counters_since(before, &now, 1, text);
	*before = now;
	return text;
}

/* A simple transaction with a host that nobody knows: its packet waits for ARP. */
static int call_unknown(uint16_t addr)
{
	struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_contact = "WHO",
	};
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || sendto(fd, NULL, 0, 0, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("sendto: %s", strerror(errno));
	tap_ok(says(WIRE_ARP_REQUEST, PROBE_HOST, NULL, addr), "a packet waits for %o", addr);
	return fd;
}

static void test_new_address(void)
{
	long long begin = netns_now();

	netns_host(host, "eth0", PROBE_HOST, "HOSTB");
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_TENTATIVE, NULL), "a new address is tentative");
	tap_ok(probes() && probes() && probes(),
	       "three times it is asked whether another host has it");
	tap_ok(announces(), "then it is announced");
	tap_ok(netns_now() - begin > 300, "that takes its time");
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_VALID, NULL) &&
	       shows("addr", "402 dev eth0 valid"), "it is valid");
	tap_ok(silent(300), "nothing more is sent");
}

/* Wait until a counter is above what it was. */
static bool goes_up(const char *name, struct counters *before)
{
	long long end = netns_now() + NETNS_PATIENCE;
	struct counters now;

	do {
		counters_read(&now);
		if (*counters_of(&now, name) > *counters_of(before, name))
			return true;
		netns_sleep(10);
	} while (netns_now() < end);
	return false;
}

/* Another host uses our address, which we have had first. */
static void test_stolen(void)
{
	struct counters before;
	long long defended;
	int tries = 5;
	bool quiet;

	counters_read(&before);
	defended = netns_now();
	send_arp(WIRE_ARP_REQUEST, thief_mac, PROBE_HOST, PROBE_HOST);
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_CONFLICT, thief_mac),
	       "stolen: who listens is told, and by whom");
	tap_ok(announces(), "stolen: the address is announced in defence");
	tap_ok(!strcmp(counted(&before), "arp_rx arp_tx arp_conflict"), "stolen: it is counted");
	tap_ok(logged("chaos: eth0: our address 402 is also used by 02:00:00:00:00:99"),
	       "stolen: it is in the kernel's log");

	for (;;) {
		long long begin = netns_now();

		counters_read(&before);
		send_arp(WIRE_ARP_REPLY, thief_mac, PROBE_HOST, PROBE_PEER);
		quiet = goes_up("arp_conflict", &before) && silent(100);
		if (quiet || netns_now() - defended < DEFENCE || !--tries)
			break;
		/* We were late, and this was the next defence. */
		defended = begin;
	}
	tap_ok(quiet, "used again: no defence within 10 s");
	tap_ok(!strcmp(counted(&before), "arp_rx arp_conflict"), "used again: it is counted");
	tap_ok(told_nothing() && !logged("our address"), "used again: that is no news");
	tap_ok(shows("addr", "402 dev eth0 conflict") && shows("addr", "02:00:00:00:00:99"),
	       "stolen: chaosctl shows it");
	send_arp(WIRE_ARP_REQUEST, thief2_mac, PROBE_HOST, PROBE_PEER);
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_CONFLICT, thief2_mac),
	       "used by a third host: that is news");
	tap_ok(answers(), "our host goes on to use its address");
}

/* Another host asks whether our address is free. */
static void test_probed(const char *state)
{
	struct counters before;

	counters_read(&before);
	send_arp(WIRE_ARP_REQUEST, thief_mac, 0, PROBE_HOST);
	tap_ok(says(WIRE_ARP_REPLY, PROBE_HOST, thief_mac, 0),
	       "probed when %s: the one who asks is told that it is ours", state);
	tap_ok(!strcmp(counted(&before), "arp_rx arp_tx arp_conflict"),
	       "probed when %s: it is counted", state);
	tap_ok(told_nothing() && shows("addr", state),
	       "probed when %s: that is all, for it has not taken the address", state);
	send_arp(WIRE_ARP_REQUEST, thief_mac, 0, PROBE_PEER);
	tap_ok(goes_up("arp_rx", &before) && silent(100) && !strcmp(counted(&before), "arp_rx"),
	       "another address is probed: that is not our business");
}

/* What was learned is forgotten, what was configured stays; packets do not wait. */
static void test_down(const char *dev, const char *what)
{
	struct counters before;
	int fd;

	probe_skip_frames();
	send_arp(WIRE_ARP_REQUEST, thief_mac, 0406, PROBE_HOST);
	tap_ok(says(WIRE_ARP_REPLY, PROBE_HOST, thief_mac, 0406) && shows("neigh", "406"),
	       "%s: a neighbour is known before", what);
	fd = call_unknown(0407);
	counters_read(&before);
	netns_dev_up(dev, false);
	tap_ok(goes_up("drop_link_down", &before),
	       "%s: the packet that waited is dropped and counted", what);
	tap_ok(shows_not("neigh", "406") && shows_not("neigh", "407") && shows("neigh", "401"),
	       "%s: only the configured neighbour is left", what);
	tap_ok(shows("addr", "402 dev eth0"), "%s: the address is still there", what);
	close(fd);
	probe_skip_frames();
	netns_dev_up(dev, true);
}

/* Up again: everything may have changed meanwhile. */
static void test_up(const char *what)
{
	tap_ok(probes(), "%s: up again, the address is probed again", what);
	tap_ok(shows_not("addr", "conflict"),
	       "%s: up again, the conflict is forgotten", what);
	tap_ok(probes() && probes() && announces(),
	       "%s: up again, the address is announced", what);
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_VALID, NULL), "%s: up again, valid", what);
}

/* Make our host begin again. */
static void probe_again(void)
{
	netns_dev_up("wire", false);
	netns_sleep(100);
	probe_skip_frames();
	netns_dev_up("wire", true);
}

static bool is_probe(const struct wire_frame *f)
{
	return wire_is_arp_of(f, NULL, WIRE_ARP_REQUEST, probe_host_mac, 0, wire_zero, PROBE_HOST);
}

/* Skip probes that were on their way.  They are sent every 200 ms. */
static bool skip_probes(void)
{
	struct wire_frame f;

	while (wire_recv(probe_wire, &f, 20)) {
		if (is_probe(&f))
			continue;
		wire_show("no probe", &f);
		return false;
	}
	return true;
}

/* Who asks is told that the address is ours; probes may have been on their way. */
static bool replies_to_thief(void)
{
	struct wire_frame f;

	do {
		if (!wire_recv(probe_wire, &f, NETNS_PATIENCE))
			return false;
	} while (is_probe(&f));
	return wire_is_arp_of(&f, thief_mac, WIRE_ARP_REPLY, probe_host_mac, PROBE_HOST,
			      thief_mac, 0);
}

/* The other host has had the address first and says so, or wants it at the same time
 * as we do, before we have it for sure: that is within 600 ms, which a machine may
 * oversleep.
 */
static void test_taken(const char *what, uint16_t op, uint16_t sip, uint16_t tip)
{
	struct genl_answer a;
	bool probed, in_time;
	int tries = 5;

	for (;;) {
		probed = probes();
		send_arp(op, thief_mac, sip, tip);
		in_time = told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_CONFLICT, thief_mac);
		if (in_time || !--tries)
			break;
		next_event(&a, NETNS_PATIENCE);
		probe_again();
	}
	tap_ok(probed, "%s: the address is probed", what);
	tap_ok(in_time, "%s: who listens is told", what);
	tap_ok(shows("addr", "402 dev eth0 conflict"), "%s: chaosctl shows it", what);
	tap_ok(op == WIRE_ARP_REPLY || replies_to_thief(),
	       "%s: who asks is answered", what);
	tap_ok(skip_probes() && silent(700),
	       "%s: no more probes, no announcement, no defence", what);
	tap_ok(answers(), "%s: our host uses the address nevertheless", what);
}

/* A new hardware address of ours: others must be told, and may dispute again. */
static void test_new_mac(void)
{
	struct wire_frame f;
	bool announced = false;

	netns_must("ip link set eth0 address 02:00:00:00:14:02");
	while (!announced && wire_recv(probe_wire, &f, NETNS_PATIENCE))
		announced = wire_is_arp_of(&f, NULL, WIRE_ARP_REQUEST,
					    (const uint8_t[]){ 2, 0, 0, 0, 0x14, 2 },
					    PROBE_HOST, wire_zero, PROBE_HOST);
	tap_ok(announced, "a new hardware address of ours is announced");
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_VALID, NULL) && shows("addr", "valid"),
	       "with a new hardware address the conflict may be over");
	netns_must("ip link set eth0 address 02:00:00:00:04:02");
	tap_ok(told(CHAOS_CMD_ADDR_NEW, CHAOS_ADDR_VALID, NULL) &&
	       wire_announced(probe_wire, PROBE_HOST), "and with the old one, too");
}

/* The device goes away, while a packet waits and one is known. */
static void test_unregister(void)
{
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = PROBE_PEER, .sch_contact = "WHO",
	};
	int fd = call_unknown(0407);

	netns_must("ip link del eth0");
	tap_ok(told(CHAOS_CMD_ADDR_DEL, -1, NULL), "unregistered: who listens is told");
	tap_ok(shows_not("link", "eth0"), "unregistered: the link is gone");
	tap_ok(shows_not("addr", "402"), "unregistered: the address is gone");
	tap_ok(shows_not("route", "eth0"), "unregistered: its routes are gone");
	tap_ok(shows_not("neigh", "40"), "unregistered: all neighbours are gone");
	tap_errno(sendto(fd, NULL, 0, 0, (const struct sockaddr *)&sa, sizeof(sa)), ENETUNREACH,
		  "unregistered: there is no way any more");
	close(fd);
}

int main(void)
{
	host = probe_make_host();
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kernel_log < 0 || lseek(kernel_log, 0, SEEK_END) < 0)
		tap_bail("/dev/kmsg: %s", strerror(errno));
	genl_open(&events);
	genl_listen(&events);

	test_new_address();
	probe_introduce(PROBE_PEER, probe_peer_mac);
	test_probed("valid");
	test_stolen();
	test_probed("conflict");
	test_down("eth0", "down");
	test_up("down");
	test_down("wire", "no carrier");
	test_taken("taken", WIRE_ARP_REPLY, PROBE_HOST, 0);
	probe_again();
	test_taken("wanted", WIRE_ARP_REQUEST, 0, PROBE_HOST);
	test_new_mac();
	test_unregister();
	return tap_done();
}
