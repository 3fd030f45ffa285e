// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a neighbour: incomplete, reachable, stale, failed, permanent; what
 * is asked and answered by ARP, and what becomes of the packets meanwhile.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing all others)
 *
 * It takes a minute until a neighbour is stale, so that is tested only with the
 * option -l.
 */
#define _GNU_SOURCE
#include <sys/time.h>

#include "probe.h"

#define PENDING_MAX	16	/* packets that wait for an address */
#define FAR_AWAY	01001	/* not on our subnet */

/* ms, a little less than the kernel has: after these it sends a request for connection
 * again, and asks for a neighbour again.
 */
enum { AGAIN = 450, ASK_AGAIN = 900 };

static long long asked_at;	/* when we last heard a request */

/* A hardware address for a host; the kind tells several apart. */
#define mac_of(addr, kind) ((const uint8_t[]){ 2, 0, 0, (kind), (addr) >> 8, (addr) & 0xff })

static void send_arp(uint16_t op, const uint8_t *mac, uint16_t sip, uint16_t tip)
{
	struct wire_frame f;

	wire_arp(&f, op == WIRE_ARP_REPLY ? probe_host_mac : NULL, op, mac, sip,
		 op == WIRE_ARP_REPLY ? probe_host_mac : wire_zero, tip);
	wire_send(probe_wire, &f);
}

/* The next frame must be our host's ARP request for @addr, to @dmac or, if NULL, all. */
static bool asks(uint16_t addr, const uint8_t *dmac)
{
	struct wire_frame f;

	if (!wire_recv(probe_wire, &f, NETNS_PATIENCE))
		return false;
	asked_at = netns_now();
	if (wire_is_arp_of(&f, dmac, WIRE_ARP_REQUEST, probe_host_mac, PROBE_HOST, wire_zero, addr))
		return true;
	wire_show("no request, but", &f);
	return false;
}

/* Is it the next request that comes if we are so slow to reply? */
static bool asks_again(const struct wire_frame *f, uint16_t addr)
{
	return netns_now() - asked_at >= ASK_AGAIN &&
	       wire_is_arp_of(f, NULL, WIRE_ARP_REQUEST, probe_host_mac, PROBE_HOST, wire_zero,
			      addr);
}

/* The next frame must be our host's reply to @addr. */
static bool replies(uint16_t addr, const uint8_t *mac)
{
	struct wire_frame f;

	return wire_recv(probe_wire, &f, NETNS_PATIENCE) &&
	       wire_is_arp_of(&f, mac, WIRE_ARP_REPLY, probe_host_mac, PROBE_HOST, mac, addr);
}

/* All that we have sent until now is not answered. */
static bool silent(void)
{
	struct wire_frame nothing = {}, f;

	wire_ether(&nothing, probe_host_mac, probe_peer_mac, 0x88b5);
	if (!probe_send(&nothing, &f) && !wire_recv(probe_wire, &f, 50))
		return true;
	wire_show("not silent", &f);
	return false;
}

/* The next frame must be an RFC of ours to @addr with this text, sent to @mac. */
static bool calls(uint16_t addr, const uint8_t *mac, const char *text)
{
	struct wire_frame f;

	do {
		if (!wire_recv(probe_wire, &f, NETNS_PATIENCE))
			return false;
	} while (asks_again(&f, addr));
	return wire_is_chaos(&f) && !memcmp(f.bytes + WIRE_DMAC, mac, 6) &&
	       f.bytes[WIRE_OP] == CHAOS_OP_RFC && wire_get(&f, WIRE_DST) == addr &&
	       wire_count(&f) == strlen(text) && !memcmp(f.bytes + WIRE_DATA, text, strlen(text));
}

/* Is this the beginning of the line, and does a word end there? */
static bool begins(const char *line, const char *text)
{
	size_t len = strlen(text);

	return !strncmp(line, text, len) && strchr(" \n", line[len]);
}

/* "chaosctl neigh" must tell this of a host; NULL: it must not know the host. */
static bool knows(uint16_t addr, const char *state, int ms)
{
	long long end = netns_now() + ms;
	char output[NETNS_OUTPUT], start[32];
	const char *line;

	snprintf(start, sizeof(start), "%o dev eth0 ", addr);
	do {
		if (netns_run(output, "chaosctl neigh"))
			tap_bail("chaosctl neigh: %s", output);
		line = strstr(output, start);
		if (state ? line && begins(line + strlen(start), state) : !line)
			return true;
	} while (netns_now() < end);
	tap_diag("it says: %s", line ?: "nothing");
	return false;
}

/* The same for one whose hardware address is known. */
static bool knows_mac(uint16_t addr, const uint8_t *mac, const char *state)
{
	char text[64];

	snprintf(text, sizeof(text), "lladdr %02x:%02x:%02x:%02x:%02x:%02x %s",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], state);
	return knows(addr, text, 0);
}

/* A socket for simple transactions with one host: errors come to it. */
static int make_caller(uint16_t addr)
{
	struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_contact = "WHO",
	};
	const struct timeval limit = { .tv_sec = NETNS_PATIENCE / 1000 };
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("cannot make a socket: %s", strerror(errno));
	return fd;
}

static void ask(int fd, const char *text)
{
	if (send(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
		tap_bail("send: %s", strerror(errno));
}

/* A packet to the host must go out to @mac at once. */
static bool delivers(uint16_t addr, const uint8_t *mac)
{
	int fd = make_caller(addr);
	bool good;

	ask(fd, "");
	good = calls(addr, mac, "WHO");
	close(fd);
	probe_settle();
	return good;
}

/* Nobody answers: incomplete, three requests, failed. */
static void test_failure(void)
{
	int fd = make_caller(0403), tries = 5, error;
	long long begin = netns_now();
	bool at_once;
	char byte;

	ask(fd, "");
	tap_ok(asks(0403, NULL), "a packet for an unknown host: ARP request to all");
	tap_ok(knows(0403, "incomplete", 0), "the neighbour is incomplete");
	tap_ok(asks(0403, NULL) && asks(0403, NULL), "two more requests");
	tap_ok(netns_now() - begin > 1500, "the requests are a second apart");
	tap_errno(recv(fd, &byte, 1, 0), EHOSTUNREACH, "then the program gets EHOSTUNREACH");

	do {
		begin = netns_now();
		ask(fd, "");
		error = recv(fd, &byte, 1, 0) < 0 ? errno : 0;
		at_once = netns_now() - begin < ASK_AGAIN && silent();
		/* If we were late, it has just failed once more. */
		probe_settle();
	} while (error == EHOSTUNREACH && !at_once && --tries);
	tap_eq(error, EHOSTUNREACH, "the next packet fails, too");
	tap_ok(at_once, "it fails at once, and nobody is asked");
	tap_ok(knows(0403, "failed", 0), "the neighbour has failed");
	netns_sleep(1100);
	ask(fd, "again");
	tap_ok(asks(0403, NULL), "after a second the host is asked for again");
	send_arp(WIRE_ARP_REPLY, mac_of(0403, 0), 0403, PROBE_HOST);
	tap_ok(calls(0403, mac_of(0403, 0), "WHO again"), "it replies, and gets the packet");
	close(fd);
	probe_settle();
	tap_ok(knows_mac(0403, mac_of(0403, 0), "reachable"), "the neighbour is reachable");
}

/* Wait until each of @count packets has come, in any order and any number of times. */
static bool all_come(uint16_t addr, unsigned int count)
{
	long long end = netns_now() + NETNS_PATIENCE;
	unsigned int missing = (1u << count) - 1, n;
	struct wire_frame f;

	while (missing && netns_now() < end)
		if (wire_recv(probe_wire, &f, 100) && wire_get(&f, WIRE_DST) == addr &&
		    sscanf((char *)f.bytes + WIRE_DATA, "WHO %u", &n) == 1 && n < count)
			missing &= ~(1u << n);
	return !missing;
}

/* Send more packets to a host than may wait for it; what is counted goes to @counts.
 * False if that took so long that the first were sent again.
 */
static bool ask_too_much(int fd, char *counts)
{
	struct counters before, after;
	long long begin;
	char text[16];
	int i;

	counters_read(&before);
	begin = netns_now();
	for (i = 0; i < PENDING_MAX + 4; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ask(fd, text);
	}
	counters_read(&after);
	counters_since(&before, &after, 1, counts);
	return netns_now() - begin < AGAIN;
}

/* Of the packets that wait, only so many are kept.  The program loses none: what
 * was dropped is sent again, as everything that is not answered.
 */
static void test_pending(void)
{
	int fd, i, addr = 0420, last = addr + 5;
	char counts[COUNTERS_TEXT], text[16];
	bool kept = true;

	fd = make_caller(addr);
	while (!ask_too_much(fd, counts) && addr < last) {
		send_arp(WIRE_ARP_REPLY, mac_of(addr, 0), addr, PROBE_HOST);
		close(fd);
		probe_settle();
		fd = make_caller(++addr);
	}
	if (!tap_ok(!strcmp(counts, "tx+20 drop_neigh_queue+4 arp_tx"),
		    "16 packets wait, the others are dropped and counted"))
		tap_diag("counted: %s", counts);
	tap_ok(asks(addr, NULL), "the host is asked for once");
	send_arp(WIRE_ARP_REPLY, mac_of(addr, 0), addr, PROBE_HOST);
	for (i = 0; i < PENDING_MAX; i++) {
		snprintf(text, sizeof(text), "WHO %d", i);
		kept &= calls(addr, mac_of(addr, 0), text);
	}
	tap_ok(kept, "the 16 are sent in order when the host replies");
	tap_ok(all_come(addr, PENDING_MAX + 4), "the others come by retransmission");
	close(fd);
	probe_settle();
}

/* Who asks for us is answered alone, and learned: it is going to talk to us. */
static void test_requests(void)
{
	const uint8_t *mac = mac_of(0406, 0);

	send_arp(WIRE_ARP_REQUEST, mac, 0406, PROBE_HOST);
	tap_ok(replies(0406, mac), "a request for us: a reply to the one who asks");
	tap_ok(knows_mac(0406, mac, "reachable"), "the one who asks is a neighbour now");
	send_arp(WIRE_ARP_REQUEST, mac_of(0407, 0), 0407, PROBE_PEER);
	tap_ok(silent() && knows(0407, NULL, 0), "a request for another: nothing learned or said");
	send_arp(WIRE_ARP_REPLY, mac_of(0407, 0), 0407, PROBE_HOST);
	send_arp(WIRE_ARP_REQUEST, mac_of(0407, 0), 0407, 0407);
	tap_ok(silent() && knows(0407, NULL, 0),
	       "a reply not asked for, an announcement: nothing learned");
	send_arp(WIRE_ARP_REQUEST, mac_of(FAR_AWAY, 0), FAR_AWAY, PROBE_HOST);
	tap_ok(replies(FAR_AWAY, mac_of(FAR_AWAY, 0)), "a request from another subnet: a reply");
	tap_ok(knows(FAR_AWAY, NULL, 0), "a request from another subnet: nothing learned");

	send_arp(WIRE_ARP_REQUEST, mac_of(0406, 1), 0406, 0406);
	tap_ok(silent() && knows_mac(0406, mac_of(0406, 1), "reachable"),
	       "an announcement changes a neighbour that is known");
	tap_ok(delivers(0406, mac_of(0406, 1)),
	       "packets go to the new hardware address, without ARP");
}

/* What people configure is not changed by ARP. */
static void test_permanent(void)
{
	const uint8_t *other = mac_of(0405, 1);
	char output[NETNS_OUTPUT];
	int fd;

	netns_must("chaosctl neigh add 405 lladdr 02:00:00:00:01:05 dev eth0");
	tap_ok(delivers(0405, mac_of(0405, 0)), "permanent: packets go out without ARP");
	send_arp(WIRE_ARP_REQUEST, other, 0405, 0405);
	send_arp(WIRE_ARP_REPLY, other, 0405, PROBE_HOST);
	tap_ok(silent() && knows_mac(0405, mac_of(0405, 0), "permanent"),
	       "permanent: ARP from another hardware address changes nothing");
	send_arp(WIRE_ARP_REQUEST, other, 0405, PROBE_HOST);
	tap_ok(replies(0405, other) && knows_mac(0405, mac_of(0405, 0), "permanent"),
	       "permanent: neither does a request, though it is answered");
	tap_ok(netns_run(output, "chaosctl neigh add 405 lladdr 02:00:00:01:01:05 dev eth0") &&
	       knows_mac(0405, mac_of(0405, 0), "permanent"), "permanent: cannot be added twice");
	netns_must("chaosctl neigh replace 405 lladdr 02:00:00:01:01:05 dev eth0");
	tap_ok(knows_mac(0405, other, "permanent"), "permanent: can be replaced");
	netns_must("chaosctl neigh delete 405 dev eth0");
	fd = make_caller(0405);
	ask(fd, "deleted");
	tap_ok(asks(0405, NULL), "deleted: the next packet asks by ARP");
	netns_must("chaosctl neigh add 405 lladdr 02:00:00:00:01:05 dev eth0");
	tap_ok(calls(0405, mac_of(0405, 0), "WHO deleted"),
	       "added while incomplete: what waited is sent");
	close(fd);
	probe_settle();
	tap_ok(netns_run(output, "chaosctl neigh delete 407 dev eth0") &&
	       strstr(output, "no such neighbour"), "what is not there cannot be deleted");
}

/* 411 and 412 are stale after a minute; when packets are sent to them, 411 still
 * answers and 412 does not.
 */
static void test_stale(void)
{
	const uint8_t *a = mac_of(0411, 0), *b = mac_of(0412, 0);
	int fd_a = make_caller(0411), fd_b = make_caller(0412);

	send_arp(WIRE_ARP_REQUEST, a, 0411, PROBE_HOST);
	send_arp(WIRE_ARP_REQUEST, b, 0412, PROBE_HOST);
	tap_ok(replies(0411, a) && replies(0412, b), "two new neighbours");
	netns_sleep(58000);
	tap_ok(knows_mac(0411, a, "reachable"), "after 58 s they are reachable");
	netns_sleep(4000);
	tap_ok(knows_mac(0411, a, "stale") && knows_mac(0412, b, "stale"),
	       "after a minute they are stale");
	tap_ok(silent(), "nobody asks for them, while they are not needed");

	ask(fd_a, "");
	tap_ok(asks(0411, a), "stale and needed: the neighbour itself is asked");
	tap_ok(calls(0411, a, "WHO"), "stale and needed: the packet does not wait");
	close(fd_a);
	send_arp(WIRE_ARP_REPLY, a, 0411, PROBE_HOST);
	probe_settle();
	tap_ok(knows_mac(0411, a, "reachable"), "it replies: reachable again");

	ask(fd_b, "");
	tap_ok(asks(0412, b) && calls(0412, b, "WHO"), "the other one is asked, too");
	close(fd_b);
	tap_ok(asks(0412, NULL) && asks(0412, NULL),
	       "it does not reply: all are asked, twice");
	tap_ok(knows(0412, "failed", NETNS_PATIENCE), "it does not reply: failed");
}

int main(int argc, char **argv)
{
	bool longer = argc > 1 && !strcmp(argv[1], "-l");

	if (argc > 1 && !longer)
		tap_bail("usage: %s [-l]", argv[0]);
	probe_setup();
	probe_introduce(PROBE_PEER, probe_peer_mac);
	test_failure();
	test_pending();
	test_requests();
	test_permanent();
	if (longer)
		test_stale();
	else
		tap_skip("stale neighbours", "takes a minute: arp_states -l");
	return tap_done();
}
