// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel answers by itself about the host: DUMP-ROUTING-TABLE, LASTCN,
 * STATUS; to RFC and to BRD.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and others)
 *	eth1 (our host, 1002) ------ wire1 (the test)
 */
#define _GNU_SOURCE
#include "probe.h"

#define ASKING		0x4141	/* index of the test's question */
#define ENTRIES		30	/* of LASTCN, at most */
#define ENTRY		8	/* words of each */
#define MORE		"40 44 50 54 60 64 70 74 100 104 110 114 120"	/* subnets times 4 */
#define TICK		50	/* ms: then the kernel's clock has gone on */
#define FORGED		5000	/* many more than the table has room for */
#define SUBNETS		122	/* of DUMP-ROUTING-TABLE, from 0 on */

static int wire1;
static const uint8_t wire1_mac[6] = { 2, 0, 0, 0, 2, 2 };
static const uint8_t bridge_mac[6] = { 2, 0, 0, 0, 4, 5 };

/* The data of an answer, in words. */
struct answer {
	unsigned int n;
	uint16_t word[CHAOS_DATA_MAX / 2];
};

static void make(struct wire_frame *f, uint8_t op, const uint8_t *smac, uint16_t src,
		 uint16_t dst, uint8_t fc, const char *text)
{
	memset(f, 0, sizeof(*f));
	wire_ether(f, probe_host_mac, smac, ETH_P_CHAOS);
	f->bytes[WIRE_OP] = op;
	wire_put(f, WIRE_COUNT, fc << 12 | strlen(text));
	wire_put(f, WIRE_DST, dst);
	wire_put(f, WIRE_SRC, src);
	wire_put(f, WIRE_SIDX, ASKING);
	memcpy(f->bytes + WIRE_DATA, text, strlen(text));
	f->len = WIRE_DATA + ((strlen(text) + 1) & ~1ul);
}

/* A packet that is of no use but to be heard. */
static void say(const uint8_t *smac, uint16_t src, uint8_t fc)
{
	struct wire_frame f;

	make(&f, CHAOS_OP_MNT, smac, src, PROBE_HOST, fc, "");
	wire_send(probe_wire, &f);
}

static void take(struct answer *a, const struct wire_frame *f, const char *what)
{
	unsigned int i;

	if (f->bytes[WIRE_OP] != CHAOS_OP_ANS || wire_get(f, WIRE_DST) != PROBE_PEER ||
	    wire_get(f, WIRE_SRC) != PROBE_HOST || wire_get(f, WIRE_DIDX) != ASKING ||
	    f->len != WIRE_DATA + wire_count(f) || wire_count(f) % 2) {
		wire_show("no good answer", f);
		tap_bail("%s is not answered", what);
	}
	a->n = wire_count(f) / 2;
	for (i = 0; i < a->n; i++)
		a->word[i] = wire_get(f, WIRE_DATA + 2 * i);
}

/* 401 asks our host on eth0. */
static void ask(const char *contact, struct answer *a)
{
	struct wire_frame f, got = {};

	make(&f, CHAOS_OP_RFC, probe_peer_mac, PROBE_PEER, PROBE_HOST, 0, contact);
	if (probe_send(&f, &got) != 1)
		tap_bail("%s is not answered once", contact);
	take(a, &got, contact);
}

/* The same by broadcast. */
static void ask_all(const char *contact, struct answer *a)
{
	static uint16_t number;
	struct wire_frame f = {}, got = {};
	size_t len = strlen(contact);

	make(&f, CHAOS_OP_BRD, probe_peer_mac, PROBE_PEER, 0, 0, "");
	memcpy(f.bytes + WIRE_DMAC, wire_broadcast, 6);
	wire_put(&f, WIRE_COUNT, CHAOS_SUBNET_MAP_LEN + len);
	wire_put(&f, WIRE_NUM, ++number);
	wire_put(&f, WIRE_ACK, CHAOS_SUBNET_MAP_LEN);
	f.bytes[WIRE_DATA] = 2;		/* subnet 1 */
	memcpy(f.bytes + WIRE_DATA + CHAOS_SUBNET_MAP_LEN, contact, len);
	f.len = WIRE_DATA + CHAOS_SUBNET_MAP_LEN + ((len + 1) & ~1ul);
	if (probe_send(&f, &got) != 1)
		tap_bail("%s is not answered once", contact);
	take(a, &got, contact);
}

/* Is this the entry of the routing table?  A link's number may be any below 0400. */
static bool route_is(const struct answer *a, unsigned int subnet, uint16_t via, uint16_t cost)
{
	uint16_t method = 2 * subnet < a->n ? a->word[2 * subnet] : 0;
	uint16_t told = 2 * subnet < a->n ? a->word[2 * subnet + 1] : 0;

	if ((via ? method == via : method && method < 0400) && told == cost)
		return true;
	tap_diag("subnet %o: method %o, cost %u", subnet, method, told);
	return false;
}

static unsigned int routes_known(const struct answer *a)
{
	unsigned int i, known = 0;

	for (i = 0; i + 1 < a->n; i += 2)
		known += !!a->word[i];
	return known;
}

static void test_routes(void)
{
	struct answer a, b;

	ask("DUMP-ROUTING-TABLE", &a);
	tap_ok(a.n == 6 && routes_known(&a) == 2 && !a.word[0] && !a.word[1],
	       "routes: up to subnet 2");
	tap_ok(route_is(&a, 1, 0, 11) && route_is(&a, 2, 0, 20), "routes: our subnets and costs");
	tap_ok(a.word[2] != a.word[4], "routes: the links have different numbers");
	ask_all("DUMP-ROUTING-TABLE", &b);
	tap_ok(b.n == a.n && !memcmp(a.word, b.word, 2 * a.n), "routes: the same by BRD");

	netns_must("chaosctl route add subnet 6 via 1005 cost 300");
	netns_must("chaosctl route add subnet 5 via 405");
	netns_must("chaosctl route add host 3003 via 405");
	netns_must("chaosctl route add default via 405");
	ask("DUMP-ROUTING-TABLE", &a);
	tap_ok(a.n == 14 && routes_known(&a) == 4 && route_is(&a, 6, 01005, 300) &&
	       route_is(&a, 5, 0405, 20), "routes: by bridges; hosts and default are not told");
	netns_must("chaosctl net set private 5");
	ask("DUMP-ROUTING-TABLE", &a);
	tap_ok(a.n == 14 && routes_known(&a) == 3 && !a.word[10] && !a.word[11],
	       "routes: a private subnet is not told of");
	netns_must("chaosctl net set private none");

	netns_must("chaosctl route add subnet 171 via 405");
	netns_must("chaosctl route add subnet 172 via 405");
	netns_must("chaosctl route add subnet 377 via 405");
	ask("DUMP-ROUTING-TABLE", &a);
	tap_ok(a.n == 2 * SUBNETS && routes_known(&a) == 5 && route_is(&a, SUBNETS - 1, 0405, 20),
	       "routes: up to subnet 171, where the packet is full");
}

/* The words that LASTCN has of a host; NULL if none. */
static const uint16_t *entry_of(const struct answer *a, uint16_t addr)
{
	unsigned int i;

	for (i = 0; i < a->n; i += ENTRY)
		if (a->word[i + 1] == addr)
			return &a->word[i];
	return NULL;
}

static bool well_formed(const struct answer *a)
{
	unsigned int i, j, bad = a->n % ENTRY || a->n > ENTRIES * ENTRY;

	for (i = 0; i < a->n && !bad; i += ENTRY) {
		bad |= a->word[i] != ENTRY || (!a->word[i + 2] && !a->word[i + 3]);
		for (j = 0; j < i; j += ENTRY)
			bad |= a->word[i + 1] == a->word[j + 1];
	}
	if (bad)
		tap_diag("%u words", a->n);
	return !bad;
}

static bool heard(const struct answer *a, uint16_t addr, unsigned int packets, uint16_t hop,
		  uint16_t fc)
{
	const uint16_t *e = entry_of(a, addr);

	if (e && e[2] == packets && !e[3] && e[4] == hop && !e[6] && e[7] == fc)
		return true;
	if (e)
		tap_diag("%o: %u packets, last hop %o, %u s ago, forwarded %u times", addr,
			 e[2] | e[3] << 16, e[4], e[5] | e[6] << 16, e[7]);
	else
		tap_diag("%o is not there", addr);
	return false;
}

static void test_lastcn(void)
{
	static const uint8_t virtual_mac[6] = { 2, 'C', 'H', 0, 0x04, 0x07 };
	static const uint8_t unknown_mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct wire_frame arp;
	struct answer a;

	say(probe_other_mac, PROBE_OTHER, 0);
	say(probe_other_mac, PROBE_OTHER, 0);
	ask("LASTCN", &a);
	tap_ok(well_formed(&a) && heard(&a, PROBE_OTHER, 2, PROBE_OTHER, 0) &&
	       entry_of(&a, PROBE_PEER), "heard: a neighbour, and who asks");
	tap_ok(!entry_of(&a, PROBE_HOST), "heard: not ourselves");

	say(bridge_mac, 03003, 1);
	say(virtual_mac, 03004, 2);
	say(unknown_mac, 03005, 15);
	netns_sleep(TICK);
	ask("LASTCN", &a);
	tap_ok(heard(&a, 03003, 1, 0, 1), "heard: forwarded by a host nobody knows");
	tap_ok(heard(&a, 03004, 1, 0x0407, 2), "heard: forwarded, on a link of a daemon's");
	tap_ok(heard(&a, 03005, 1, 0, 15), "heard: forwarded as often as possible");
	tap_ok(a.n >= 4 * ENTRY && a.word[1] == PROBE_PEER, "heard: the latest comes first");

	wire_arp(&arp, NULL, WIRE_ARP_REQUEST, bridge_mac, 0405, wire_zero, PROBE_HOST);
	wire_send(probe_wire, &arp);
	say(bridge_mac, 03003, 3);
	probe_skip_frames();
	ask_all("LASTCN", &a);
	tap_ok(heard(&a, 03003, 2, 0405, 3), "heard, by BRD: forwarded by a neighbour");
}

/* More hosts than the answer has room for, then than the table has. */
static void test_many_heard(void)
{
	unsigned int i, found = 0;
	struct answer a;

	netns_sleep(TICK);
	for (i = 1; i <= 2 * ENTRIES; i++)
		say(bridge_mac, 03400 + i, 1);
	netns_sleep(TICK);
	ask("LASTCN", &a);
	for (i = 1; i <= 2 * ENTRIES; i++)
		found += !!entry_of(&a, 03400 + i);
	if (!tap_ok(well_formed(&a) && a.n == ENTRIES * ENTRY && found == ENTRIES - 1,
		    "many: no more than there is room for, the latest ones"))
		tap_diag("%u of them in %u words", found, a.n);
	for (i = 0; i < FORGED; i++) {
		say(bridge_mac, (1 + i % 97 * 2) << 8 | (1 + i / 97 % 255), 1);
		if (i % 64 == 0)
			probe_skip_frames();
	}
	ask("LASTCN", &a);
	tap_ok(well_formed(&a) && a.n == ENTRIES * ENTRY,
	       "many: %u forged sources do no harm", FORGED);
	netns_sleep(1500);
	say(probe_other_mac, PROBE_OTHER, 0);
	ask("LASTCN", &a);
	tap_ok(well_formed(&a) && entry_of(&a, PROBE_OTHER),
	       "many: soon afterwards a host that speaks is there again");
}

/* Counters are by subnet, whatever links are on it, and there are at most 12. */
static void test_status(void)
{
	unsigned int i, blocks = 0;
	struct wire_frame f;
	struct answer a;

	ask("STATUS", &a);
	tap_ok(a.n == 16 + 2 * 18 && a.word[16] == 0402 && a.word[34] == 0401,
	       "status: two links, two subnets");
	netns_must("chaosctl addr delete 1002 dev eth1");
	netns_must("chaosctl addr add 404 dev eth1");
	ask("STATUS", &a);
	i = a.word[18];
	tap_ok(a.n == 16 + 18 && a.word[16] == 0401, "status: two links on one subnet");
	make(&f, CHAOS_OP_MNT, probe_other_mac, PROBE_OTHER, PROBE_HOST, 0, "");
	memcpy(f.bytes + WIRE_DMAC, wire1_mac, 6);
	wire_send(wire1, &f);
	ask("STATUS", &a);
	tap_ok(a.word[18] - i >= 3, "status: what both received is counted");

	netns_must("for i in " MORE "; do echo link add d$i type dummy; "
		   "echo link set d$i up; done | ip -batch -");
	netns_must("for i in " MORE "; do echo addr add ${i}01 dev d$i; done | chaosctl -b -");
	ask("STATUS", &a);
	for (i = 16; i + 1 < a.n; i += 2 + a.word[i + 1])
		blocks++;
	tap_ok(blocks == 12 && i == a.n, "status: no more than 12 subnets");
}

int main(void)
{
	int host = probe_make_host();

	netns_veth(host, "eth1", host, "wire1");
	netns_must("ip link set eth1 address 02:00:00:00:02:02");
	wire1 = wire_open("wire1");
	netns_host(host, "eth1", 01002, NULL);
	netns_must("chaosctl link set eth1 cost 20");
	netns_host(host, "eth0", PROBE_HOST, "HOSTB");
	if (!wire_announced(probe_wire, PROBE_HOST))
		tap_bail("the address did not become valid");
	probe_introduce(PROBE_PEER, probe_peer_mac);
	test_routes();
	test_lastcn();
	test_many_heard();
	test_status();
	return tap_done();
}
