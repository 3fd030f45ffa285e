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
 * them.
 *
 * usage: bench_forward [PACKETS [ROUNDS]]
 */
#define _GNU_SOURCE
#include <ifaddrs.h>
#include <netinet/ip.h>

#include "topo.h"

#define ROUNDS_MAX	99
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

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

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
	struct ifaddrs *list, *i;
	uint64_t n = 0;

	topo_enter(&bridge);
	if (getifaddrs(&list))
		tap_bail("getifaddrs: %s", strerror(errno));
	for (i = list; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_PACKET &&
		    !strcmp(i->ifa_name, "out"))
			n = ((const struct rtnl_link_stats *)i->ifa_data)->tx_packets;
	freeifaddrs(list);
	return n;
}

/* Send all packets; the hosts are on one processor and are done when this returns. */
static uint64_t send_all(uint8_t frames[ROUTES_MAX][FRAME_MAX], unsigned int size, unsigned int n)
{
	struct mmsghdr msgs[BATCH] = {};
	struct iovec iov[BATCH];
	unsigned int i, sent = 0;
	uint64_t start;
	int done;

	start = now_ns();
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
	return now_ns() - start;
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

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *ns)
{
	qsort(ns, rounds, sizeof(*ns), compare);
	return ns[rounds / 2];
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

static void compare_sizes(void)
{
	static double ns[N_KINDS][ROUNDS_MAX], none_ns[ROUNDS_MAX];
	unsigned int i, round;

	printf("%5s %22s %8s %26s %8s\n", "", "packets/s", "", "ns/packet of forwarding", "");
	printf("%5s %11s %10s %8s %12s %13s %8s\n", "bytes", "Chaosnet", "IPv4", "ratio",
	       "Chaosnet", "IPv4", "ratio");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		double chaos, ip, none;

		for (round = 0; round < rounds; round++) {
			ns[CHAOS][round] = measure(CHAOS, sizes[i], 1, true);
			ns[IPV4][round] = measure(IPV4, sizes[i], 1, true);
			throw_away(&bridge, "in", true);
			none_ns[round] = measure(CHAOS, sizes[i], 1, false);
			throw_away(&bridge, "in", false);
		}
		chaos = median(ns[CHAOS]);
		ip = median(ns[IPV4]);
		none = median(none_ns);
		printf("%5u %11.0f %10.0f %8.2f %12.0f %13.0f %8.2f\n", sizes[i], 1e9 / chaos,
		       1e9 / ip, ip / chaos, chaos - none, ip - none,
		       (chaos - none) / (ip - none));
		fflush(stdout);
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

static void compare_tables(void)
{
	static double ns[ARRAY_SIZE(tables)][N_KINDS][ROUNDS_MAX];
	double first[N_KINDS], t;
	unsigned int i, kind, round;

	printf("\n%11s %26s %26s\n", "", "Chaosnet", "IPv4");
	printf("%11s %13s %12s %13s %12s\n", "host routes", "ns/packet", "of 1", "ns/packet",
	       "of 1");
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		if (i)
			add_routes(tables[i - 1], tables[i]);
		for (round = 0; round < rounds; round++)
			for (kind = 0; kind < N_KINDS; kind++)
				ns[i][kind][round] = measure(kind, sizes[0], tables[i], true);
		printf("%11u", tables[i]);
		for (kind = 0; kind < N_KINDS; kind++) {
			t = median(ns[i][kind]);
			if (!i)
				first[kind] = t;
			printf(" %13.0f %12.2f", t, t / first[kind]);
		}
		printf("\n");
		fflush(stdout);
	}
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

static void parse(int argc, char **argv)
{
	if (argc > 1)
		packets = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		rounds = strtoul(argv[2], NULL, 10);
	if (argc <= 3 && packets && rounds && rounds <= ROUNDS_MAX)
		return;
	fprintf(stderr, "usage: bench_forward [PACKETS [ROUNDS]]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	set_up();
	add_routes(0, tables[0]);
	printf("%u packets, median of %u rounds\n\n", packets, rounds);
	measure(CHAOS, sizes[0], 1, true);	/* warm up */
	measure(IPV4, sizes[0], 1, true);
	compare_sizes();
	compare_tables();
	return 0;
}
