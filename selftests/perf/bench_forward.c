// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does it cost to forward a packet, compared with IPv4, and to find its route among
 * many?
 *
 *	source -------- in bridge out -------- sink
 *	 401 ----------- 402    1002 ---------- 1001
 *	 10.9.1.1 -- 10.9.1.2  10.9.2.2 -- 10.9.2.1
 *
 * The source puts frames on the cable as they are, many with each system call; the sink
 * throws all away before it looks at them; both are the same for Chaosnet and IPv4.  What
 * that alone costs is known from frames that the bridge throws away, too.
 *
 * Rounds of all kinds alternate, so that whatever else the machine does hits all of
 * them.  Figures, in nanoseconds: "packet-SIZE", all that a packet costs; "forwarding-SIZE",
 * what it costs beyond one that is thrown away; "routes-N", with routes of so many hosts.
 *
 * usage: bench_forward [-q] [PACKETS [ROUNDS]]
 *
 * -q: a little, to see whether it works.
 */
#define _GNU_SOURCE
#include <netinet/ip.h>

#include "args.h"
#include "cable.h"
#include "figure.h"
#include "topo.h"

#define BATCH		64		/* frames in a system call */
#define ROUTES_MAX	10000
#define HOSTS		250		/* of a subnet */
#define FRAME_MAX	(ETH_HLEN + 504)

enum { SOURCE = 0401, IN = 0402, OUT = 01002, SINK = 01001, FIRST_SUBNET = 020 };

enum kind { CHAOS, IPV4, N_KINDS };

static struct topo_host source, bridge, sink;
static unsigned int packets = 20000, rounds = 5;
static uint8_t in_mac[6];
static int wire;

static const unsigned int sizes[] = { 32, 128, 504 };
static const unsigned int tables[] = { 1, 100, ROUTES_MAX };

/* Frames. */

/* The @i-th of those hosts that have a route of their own. */
static uint16_t chaos_host(unsigned int i)
{
	return (FIRST_SUBNET + i / HOSTS) << 8 | (i % HOSTS + 1);
}

static uint32_t ip_host(unsigned int i)
{
	return 10u << 24 | 20 << 16 | i / HOSTS << 8 | (i % HOSTS + 1);
}

static void make_chaos(struct wire_frame *f, unsigned int size, uint16_t dst)
{
	wire_ether(f, in_mac, wire_zero, ETH_P_CHAOS);
	f->bytes[WIRE_OP] = CHAOS_OP_DAT;
	wire_put(f, WIRE_COUNT, size - (WIRE_DATA - WIRE_PKT));
	wire_put(f, WIRE_DST, dst);
	wire_put(f, WIRE_DIDX, 1);
	wire_put(f, WIRE_SRC, SOURCE);
	wire_put(f, WIRE_SIDX, 1);
}

static uint16_t ip_sum(const struct iphdr *ip)
{
	const uint16_t *words = (const uint16_t *)ip;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static void make_ipv4(struct wire_frame *f, unsigned int size, uint32_t dst)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .tot_len = htons(size), .ttl = 64, .protocol = IPPROTO_UDP,
		.saddr = htonl(10u << 24 | 9 << 16 | 1 << 8 | 1), .daddr = htonl(dst),
	};

	wire_ether(f, in_mac, wire_zero, ETHERTYPE_IP);
	ip.check = ip_sum(&ip);
	memcpy(f->bytes + WIRE_PKT, &ip, sizeof(ip));
}

/* To @n hosts in turn, which are far from each other in the tables. */
static void make_frames(uint8_t frames[ROUTES_MAX][FRAME_MAX], enum kind kind, unsigned int size,
			unsigned int n)
{
	unsigned int i, host;

	for (i = 0; i < n; i++) {
		struct wire_frame f = {};

		host = i * 3989 % n;	/* a prime */
		if (kind == CHAOS)
			make_chaos(&f, size, chaos_host(host));
		else
			make_ipv4(&f, size, ip_host(host));
		memcpy(frames[i], f.bytes, ETH_HLEN + size);
	}
}

/* Measuring. */

/* Packets that the bridge has sent to the sink. */
static uint64_t forwarded(void)
{
	uint64_t sent, rcvd;

	topo_enter(&bridge);
	packets_passed("out", &sent, &rcvd);
	return sent;
}

/* Send all packets; the hosts are on one processor and are done when this returns.  Many
 * frames go with each system call, unlike in tools/perf, so that it matters little.
 */
static uint64_t send_all(uint8_t frames[ROUTES_MAX][FRAME_MAX], unsigned int size, unsigned int n)
{
	struct mmsghdr msgs[BATCH] = {};
	struct iovec iov[BATCH];
	unsigned int i, sent = 0;
	uint64_t start;
	int done;

	start = perf_now();
	for (; sent < packets; sent += done) {
		for (i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){ frames[(sent + i) % n], ETH_HLEN + size };
			msgs[i].msg_hdr.msg_iov = &iov[i];
			msgs[i].msg_hdr.msg_iovlen = 1;
		}
		done = sendmmsg(wire, msgs, packets - sent < BATCH ? packets - sent : BATCH, 0);
		if (done <= 0)
			tap_bail("sendmmsg: %s", strerror(errno));
	}
	return perf_now() - start;
}

/* Nanoseconds for each packet to @n hosts.  All must go through, or none. */
static double measure(enum kind kind, unsigned int size, unsigned int n, bool through)
{
	static uint8_t frames[ROUTES_MAX][FRAME_MAX];
	uint64_t before = forwarded(), took, passed;

	make_frames(frames, kind, size, n);
	took = send_all(frames, size, n);
	passed = forwarded() - before;
	/* What the kernel sends by itself may be among them. */
	if (through ? passed < packets || passed > packets + 2 : passed > 2)
		tap_bail("%llu of %u packets were forwarded", (unsigned long long)passed, packets);
	return (double)took / packets;
}

/* Throw away what comes on a device, before any protocol sees it. */
static void throw_away(const struct topo_host *h, const char *dev, bool on)
{
	topo_enter(h);
	if (!on) {
		netns_must("tc qdisc del dev %s clsact", dev);
		return;
	}
	netns_must("tc qdisc add dev %s clsact", dev);
	netns_must("tc filter add dev %s ingress matchall action drop", dev);
}

static void tell(const char *what, unsigned int number, enum kind kind, double *ns, double minus)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%u.%s", what, number, kind == CHAOS ? "chaos" : "ipv4");
	figure(name, "ns", ns, rounds, minus);
}

static void measure_size(unsigned int size)
{
	double ns[N_KINDS][ROUNDS_MAX] = {}, none[ROUNDS_MAX] = {};
	unsigned int kind, round;

	for (round = 0; round < rounds; round++) {
		for (kind = 0; kind < N_KINDS; kind++)
			ns[kind][round] = measure(kind, size, 1, true);
		throw_away(&bridge, "in", true);
		none[round] = measure(CHAOS, size, 1, false);
		throw_away(&bridge, "in", false);
	}
	for (kind = 0; kind < N_KINDS; kind++) {
		tell("packet", size, kind, ns[kind], 0);
		tell("forwarding", size, kind, ns[kind], clock_median(none, rounds));
	}
}

/* Host routes. */

static void add_chaos_route(unsigned int i)
{
	struct nlreq r;

	nlreq_genl(&r, &bridge.genl, CHAOS_CMD_ROUTE_NEW);
	nlreq_u16(&r, CHAOS_ROUTE_A_HOST, chaos_host(i));
	nlreq_u16(&r, CHAOS_ROUTE_A_VIA, SINK);
	nlreq_must(bridge.genl.fd, &r, "route");
}

/* Let there be routes of @to hosts; there are @from. */
static void add_routes(unsigned int from, unsigned int to)
{
	unsigned int i;
	FILE *ip;

	topo_enter(&bridge);
	ip = popen("ip -batch -", "we");
	if (!ip)
		tap_bail("ip: %s", strerror(errno));
	for (i = from; i < to; i++) {
		add_chaos_route(i);
		fprintf(ip, "route add 10.20.%u.%u/32 via 10.9.2.1\n", i / HOSTS,
			i % HOSTS + 1);
	}
	if (pclose(ip))
		tap_bail("ip cannot add %u routes", to);
}

/* With routes of @n hosts. */
static void measure_table(unsigned int n)
{
	double ns[N_KINDS][ROUNDS_MAX] = {};
	unsigned int kind, round;

	for (round = 0; round < rounds; round++)
		for (kind = 0; kind < N_KINDS; kind++)
			ns[kind][round] = measure(kind, sizes[0], n, true);
	for (kind = 0; kind < N_KINDS; kind++)
		tell("routes", n, kind, ns[kind], 0);
}

/* Hardware addresses are known, and nothing is sent by itself. */
static void set_up(void)
{
	topo_host(&source, "SOURCE");
	topo_host(&bridge, "BRIDGE");
	topo_host(&sink, "SINK");
	topo_cable(&source, "eth0", &bridge, "in");
	topo_cable(&bridge, "out", &sink, "eth0");
	topo_addr(&bridge, "in", IN);
	topo_addr(&bridge, "out", OUT);
	topo_link_set(&bridge, "in", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	topo_link_set(&bridge, "out", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	topo_forward(&bridge, true);
	topo_enter(&bridge);
	if (!netns_wait_addr("valid"))
		tap_bail("the addresses did not become valid");
	netns_must("ip addr add 10.9.1.2/24 dev in");
	netns_must("ip addr add 10.9.2.2/24 dev out");
	netns_write("/proc/sys/net/ipv4/ip_forward", "1");
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:00:01 dev out", SINK);
	netns_must("ip neigh add 10.9.2.1 lladdr 02:00:00:00:00:01 dev out");
	topo_mac(&bridge, "in", in_mac);
	throw_away(&sink, "eth0", true);
	wire = topo_watch(&source, "eth0");
}

/* To see whether it works. */
static void do_little(void)
{
	packets = 1000;
	rounds = 1;
}

int main(int argc, char **argv)
{
	unsigned int i;

	args_parse(&(struct args) {
		.usage = "bench_forward [-q] [PACKETS [ROUNDS]]", .quick = do_little,
		.numbers = { &packets, &rounds }, .rounds = &rounds,
	}, argc, argv);
	set_up();
	add_routes(0, tables[0]);
	measure(CHAOS, sizes[0], 1, true);	/* warm up */
	measure(IPV4, sizes[0], 1, true);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		measure_size(sizes[i]);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		if (i)
			add_routes(tables[i - 1], tables[i]);
		measure_table(tables[i]);
	}
	return 0;
}
