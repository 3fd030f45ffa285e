// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What do tunnels cost?  Chaosnet through chaos-udp, compared with the least that a
 * program can do, and with tunnels that are in the kernel:
 *
 *	client 10.9.0.1 eth0 ------- eth0 10.9.0.2 server
 *
 * Datagrams, Chaosnet's UNC or UDP, go from the client to the server, never more than a
 * window of them under way; packets are of the same size, so datagrams of UDP have 12
 * bytes less in them.  Streams are those of "bench_stream".
 *
 * Rounds of all kinds alternate, so that whatever else the machine does hits all of
 * them.
 *
 * usage: bench_tunnel [-q] [-k] [-c CABLE] [PACKETS [ROUNDS]]
 *
 * -k: only tunnels that are in the kernel, compared with "ipip"; no streams.
 *
 * The cable cuts up what is to be many packets only at its far end ("whole"), as it
 * sends them, and they are joined as they arrive ("nic"), or it can do nothing at all
 * ("bare").
 */
#define _GNU_SOURCE
#include "bench.h"
#include "calls.h"
#include "figure.h"
#include "forwarder.h"

#define WINDOW		128		/* packets under way */
#define BATCH		64		/* packets in a system call */
#define HEADER		16		/* of Chaosnet */
#define HEADER_UDP	28
#define CHANNEL		0100		/* index and port of the server */
#define PROCESSES	2		/* of a tunnel at each end */

/* Those before TUN are in the kernel. */
enum { UDP, CHAOS, FOU, VXLAN, IPIP, CHIP, TUN, CDEV, CHAOS_UDP, N_WAYS };
enum { NEAR, FAR, N_ENDS };

/**
 * struct way - how packets get from the client to the server
 * @name: in the table
 * @key: in names of figures
 * @chaos: it is one of Chaosnet
 * @dev: device at both ends
 * @set_up: make it at one end, where we are; NULL: there is nothing to be made
 * @pids: processes that do it, at each end
 * @n_pids: number of those
 */
struct way {
	const char *name, *key;
	bool chaos;
	const char *dev;
	void (*set_up)(struct way *way, unsigned int end);
	pid_t pids[N_ENDS][PROCESSES];
	unsigned int n_pids;
};

/**
 * struct load - what is sent
 * @name: in the table
 * @key: in names of figures
 * @sizes: data bytes of packets of Chaosnet, in turn
 * @window: how many packets may be under way
 */
struct load {
	const char *name, *key;
	unsigned int sizes[2];
	unsigned int window;
};

static const struct load loads[] = {
	{ "32", "32", { 32, 32 }, WINDOW },
	{ "128", "128", { 128, 128 }, WINDOW },
	{ "488", "488", { 488, 488 }, WINDOW },
	{ "32, 488", "32,488", { 32, 488 }, WINDOW },
	{ "one by one", "one", { 128, 128 }, 1 },
};

#define N_LOADS		(sizeof(loads) / sizeof(loads[0]))
#define FIRST_COUNTED	2		/* load whose system calls are counted */

static unsigned int count = 40 * WINDOW;
static const char *cable = "whole";
static unsigned int n_ways = N_WAYS, baseline = TUN;

static void enter(unsigned int end)
{
	netns_enter(end == NEAR ? client_ns : server_ns);
}

/* Ways. */

static uint16_t chaos_addr(unsigned int way, unsigned int end)
{
	return way << 8 | (end + 1);
}

static const char *ip_addr(unsigned int way, unsigned int end)
{
	static char text[N_WAYS][N_ENDS][16];

	snprintf(text[way][end], sizeof(text[0][0]), "10.9.%u.%u", way, end + 1);
	return text[way][end];
}

static void give_ip(const struct way *way, unsigned int number, unsigned int end)
{
	netns_must("ip addr add %s/24 dev %s", ip_addr(number, end), way->dev);
	netns_must("ip link set %s up", way->dev);
}

static void set_up_fou(struct way *way, unsigned int end)
{
	netns_must("ip fou add port 7001 ipproto 4");
	netns_must("ip link add %s type ipip local %s remote %s ttl 64 "
		   "encap fou encap-sport 7001 encap-dport 7001 encap-csum",
		   way->dev, ip_addr(UDP, end), ip_addr(UDP, !end));
	give_ip(way, FOU, end);
}

static void set_up_vxlan(struct way *way, unsigned int end)
{
	netns_must("ip link add %s type vxlan id 1 local %s remote %s dstport 4789 dev eth0",
		   way->dev, ip_addr(UDP, end), ip_addr(UDP, !end));
	give_ip(way, VXLAN, end);
}

/* Between other addresses than fou, which looks the same to the receiver. */
static void set_up_ipip(struct way *way, unsigned int end)
{
	netns_must("ip addr add 10.9.64.%u/24 dev eth0", end + 1);
	netns_must("ip link add %s type ipip local 10.9.64.%u remote 10.9.64.%u ttl 64", way->dev,
		   end + 1, !end + 1);
	give_ip(way, IPIP, end);
}

static void set_up_chip(struct way *way, unsigned int end)
{
	netns_must("chaosctl link add %s type ip addr %o local %s", way->dev,
		   chaos_addr(CHIP, end), ip_addr(UDP, end));
	netns_must("chaosctl link map %s %o %s", way->dev, chaos_addr(CHIP, !end),
		   ip_addr(UDP, !end));
	netns_must("ip link set %s up", way->dev);
}

static void set_up_tun(struct way *way, unsigned int end)
{
	int dev = forwarder_tun(way->dev);

	give_ip(way, TUN, end);
	forwarder_start(dev, ip_addr(UDP, end), ip_addr(UDP, !end), 7002, way->pids[end]);
	way->n_pids = 2;
}

static void set_up_cdev(struct way *way, unsigned int end)
{
	int dev = forwarder_chaos(way->dev, chaos_addr(CDEV, end));

	forwarder_start(dev, ip_addr(UDP, end), ip_addr(UDP, !end), 7003, way->pids[end]);
	way->n_pids = 2;
}

__noreturn static void run_chaos_udp(const struct way *way, unsigned int end)
{
	char listen[32], there[32], addr[8], peer[8];

	snprintf(listen, sizeof(listen), "%s:42042", ip_addr(UDP, end));
	snprintf(there, sizeof(there), "%s:42042", ip_addr(UDP, !end));
	snprintf(addr, sizeof(addr), "%o", chaos_addr(CHAOS_UDP, end));
	snprintf(peer, sizeof(peer), "%o", chaos_addr(CHAOS_UDP, !end));
	execlp("chaos-udp", "chaos-udp", "-q", "listen", listen, "link", way->dev, addr,
	       "peer", peer, there, NULL);
	tap_bail("chaos-udp: %s", strerror(errno));
}

static void set_up_chaos_udp(struct way *way, unsigned int end)
{
	way->pids[end][0] = forwarder_fork();
	if (!way->pids[end][0])
		run_chaos_udp(way, end);
	way->n_pids = 1;
}

static struct way ways[N_WAYS] = {
	[UDP] = { "UDP on the cable", "udp", false, "eth0" },
	[CHAOS] = { "Chaosnet on the cable", "chaos", true, "eth0" },
	[FOU] = { "UDP, fou", "fou", false, "fou0", set_up_fou },
	[VXLAN] = { "UDP, vxlan", "vxlan", false, "vxlan0", set_up_vxlan },
	[IPIP] = { "UDP, ipip", "ipip", false, "ipip0", set_up_ipip },
	[CHIP] = { "Chaosnet, protocol 16", "protocol-16", true, "chip0", set_up_chip },
	[TUN] = { "UDP, forwarder on tun", "forwarder", false, "tun0", set_up_tun },
	[CDEV] = { "Chaosnet, forwarder", "chaos-forwarder", true, "cdev0", set_up_cdev },
	[CHAOS_UDP] = { "Chaosnet, chaos-udp", "chaos-udp", true, "udp0", set_up_chaos_udp },
};

/* Datagrams. */

static int chaos_channel(unsigned int way, unsigned int end)
{
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = end == NEAR ? chaos_addr(way, FAR) : 0,
		.sch_index = CHANNEL,
	};
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, CHAOSPROTO_UNC);

	if (fd < 0 || (end == NEAR ? connect : bind)(fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("%s: %s", ways[way].name, strerror(errno));
	return fd;
}

static int udp_channel(unsigned int way, unsigned int end)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(CHANNEL) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, ip_addr(way, FAR), &sa.sin_addr);
	if (fd < 0 || (end == NEAR ? connect : bind)(fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("%s: %s", ways[way].name, strerror(errno));
	return fd;
}

/* With room for a window, and no more patience than a test has. */
static int channel(unsigned int way, unsigned int end)
{
	const struct timeval patience = { .tv_sec = NETNS_PATIENCE / 1000 };
	const int space = 4 << 20;
	int fd = ways[way].chaos ? chaos_channel(way, end) : udp_channel(way, end);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &space, sizeof(space)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		tap_bail("setsockopt: %s", strerror(errno));
	return fd;
}

/* How many packets one credit is for. */
static unsigned int step(const struct load *load)
{
	return (load->window + 1) / 2;
}

static void make_messages(struct mmsghdr *msgs, struct iovec *iov, unsigned int way,
			  const struct load *load)
{
	unsigned int i, header = ways[way].chaos ? HEADER : HEADER_UDP;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ perf_buffer(), load->sizes[i & 1] + HEADER - header };
		msgs[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
}

/* The server process: gives credit through the pipe, at last the time.  Neither end uses
 * tools/perf: many packets are to go with each system call.
 */
__noreturn static void take(unsigned int way, const struct load *load, const struct peer *p)
{
	unsigned int got = 0, credit = 0, vlen = load->window < BATCH ? load->window : BATCH;
	static struct mmsghdr msgs[BATCH];
	static struct iovec iov[BATCH];
	uint64_t end;
	int fd, n;

	netns_enter(server_ns);
	fd = channel(way, FAR);
	make_messages(msgs, iov, way, load);
	peer_tell(p, "", 1);
	for (; got < count; got += n) {
		n = recvmmsg(fd, msgs, vlen, MSG_WAITFORONE, NULL);
		if (n <= 0)
			tap_bail("%s: %u of %u packets arrived", ways[way].name, got, count);
		for (credit += n; credit >= step(load); credit -= step(load))
			peer_tell(p, "", 1);
	}
	end = perf_now();
	peer_tell(p, &end, sizeof(end));
	exit(0);
}

static void give(int fd, unsigned int way, const struct load *load,
		 const struct peer *p)
{
	unsigned int sent = 0, room = load->window, credits = 0, want;
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	char credit;
	int n;

	make_messages(msgs, iov, way, load);
	for (; sent < count; sent += n, room -= n) {
		for (; !room; room += step(load), credits++)
			peer_hear(p, &credit, 1);
		want = room < BATCH ? room : BATCH;
		n = sendmmsg(fd, msgs, count - sent < want ? count - sent : want, 0);
		if (n <= 0)
			tap_bail("%s: sendmmsg: %s", ways[way].name, strerror(errno));
	}
	for (; credits < count / step(load); credits++)
		peer_hear(p, &credit, 1);
}

/* Nanoseconds for each packet. */
static double measure_datagrams(unsigned int way, const struct load *load)
{
	struct peer p = peer_fork();
	uint64_t start, end;
	char ready;
	int fd;

	if (!p.pid)
		take(way, load, &p);
	peer_hear(&p, &ready, sizeof(ready));
	netns_enter(client_ns);
	fd = channel(way, NEAR);
	start = perf_now();
	give(fd, way, load, &p);
	peer_hear(&p, &end, sizeof(end));
	close(fd);
	peer_wait(&p);
	return (double)(end - start) / count;
}

/* Streams. */

/* By whether it is one of Chaosnet. */
static struct kind stream_kinds[2] = {
	{ "TCP", tcp_listen, tcp_connect, 0 },
	{ "Chaosnet", chaos_listen, chaos_connect, 0 },
};

/* TCP in the kernel is another matter: its segments are not cut up before the device. */
static bool is_stream(unsigned int way)
{
	return baseline == TUN && (ways[way].chaos || way == TUN);
}

static void measure_stream(unsigned int way, struct round *round)
{
	if (!is_stream(way))
		return;
	server_addr = chaos_addr(way, FAR);
	server_ip = ip_addr(way, FAR);
	measure(&stream_kinds[ways[way].chaos], round);
}

/* Telling. */

static void show_header(const char *what)
{
	unsigned int i;

	printf("\n%-24s", what);
	for (i = 0; i < N_LOADS; i++)
		printf(" %11s", loads[i].name);
	printf("\n");
}

static void show_datagrams(double ns[N_WAYS][N_LOADS])
{
	unsigned int way, i;

	show_header("packets/s");
	for (way = 0; way < n_ways; way++) {
		printf("%-24s", ways[way].name);
		for (i = 0; i < N_LOADS; i++)
			printf(" %11.0f", 1e9 / ns[way][i]);
		printf("\n");
	}
	show_header(baseline == TUN ? "of the forwarder on tun" : "of ipip");
	for (way = 0; way < n_ways; way++) {
		printf("%-24s", ways[way].name);
		for (i = 0; i < N_LOADS; i++)
			printf(" %11.2f", ns[baseline][i] / ns[way][i]);
		printf("\n");
	}
	show_header("ns/packet of the tunnel");
	for (way = FOU; way < n_ways; way++) {
		printf("%-24s", ways[way].name);
		for (i = 0; i < N_LOADS; i++)
			printf(" %11.0f", ns[way][i] - ns[ways[way].chaos ? CHAOS : UDP][i]);
		printf("\n");
	}
}

/* What comes before a load in the names of figures. */
static const char *cable_prefix(void)
{
	if (!strcmp(cable, "whole"))
		return "";
	return !strcmp(cable, "nic") ? "nic-" : "bare-";
}

/* Packets in a second. */
static void tell_figures(double ns[N_WAYS][N_LOADS][ROUNDS_MAX])
{
	unsigned int way, i, round;
	char name[64];

	for (way = 0; way < n_ways; way++)
		for (i = 0; i < N_LOADS; i++) {
			for (round = 0; round < rounds; round++)
				ns[way][i][round] = 1e9 / ns[way][i][round];
			snprintf(name, sizeof(name), "way-%s%s.%s", cable_prefix(),
				 loads[i].key, ways[way].key);
			figure(name, "packets/s", ns[way][i], rounds, 0);
		}
}

static void show_streams(struct round result[N_WAYS][ROUNDS_MAX])
{
	double tun = speed(median(result[TUN]));
	unsigned int way;

	printf("\n%-24s %11s %11s\n", "streams", "KiB/s", "of the tun");
	for (way = 0; way < n_ways; way++)
		if (is_stream(way))
			printf("%-24s %11.0f %11.2f\n", ways[way].name,
			       speed(median(result[way])), speed(median(result[way])) / tun);
}

/* System calls. */

/* Packets that have passed through the device at an end, in both directions. */
static uint64_t passed(unsigned int way, unsigned int end)
{
	uint64_t sent, rcvd;

	enter(end);
	packets_passed(ways[way].dev, &sent, &rcvd);
	return sent + rcvd;
}

static void show_calls(unsigned int way, const char *what, unsigned int end,
		       const uint64_t *calls, uint64_t n)
{
	uint64_t all = 0;
	unsigned int i;
	char name[64];

	printf("%-22s %-10s %-6s", ways[way].name, what, end == NEAR ? "client" : "server");
	for (i = 0; i < CALLS_KINDS; i++) {
		printf(" %7.3f", (double)calls[i] / n);
		all += calls[i];
	}
	printf(" %7.3f\n", (double)all / n);
	snprintf(name, sizeof(name), "calls-%s%s-%s.%s", cable_prefix(), what,
		 end == NEAR ? "client" : "server", ways[way].key);
	figure_once(name, "calls/packet", (double)all / n);
}

static void count_calls(unsigned int way, const struct load *load)
{
	uint64_t calls[N_ENDS][CALLS_KINDS] = {}, before[N_ENDS];
	struct round round;
	unsigned int end;

	for (end = 0; end < N_ENDS; end++)
		before[end] = passed(way, end);
	calls_start();
	if (load)
		measure_datagrams(way, load);
	else
		measure_stream(way, &round);
	for (end = 0; end < N_ENDS; end++)
		calls_count(ways[way].pids[end], ways[way].n_pids, calls[end]);
	calls_stop();
	for (end = 0; end < N_ENDS; end++)
		show_calls(way, load ? load->key : "stream", end, calls[end],
			   passed(way, end) - before[end]);
}

static void show_all_calls(void)
{
	unsigned int way, i;

	printf("\n%-22s %-10s %-6s %7s %7s %7s %7s %7s %7s %7s\n", "system calls/packet", "",
	       "", "read", "write", "send", "receive", "wait", "other", "all");
	for (way = TUN; way < n_ways; way++) {
		for (i = FIRST_COUNTED; i < N_LOADS; i++)
			count_calls(way, &loads[i]);
		count_calls(way, NULL);
	}
}

/* Setting up. */

static void set_up_offloads(void)
{
	unsigned int end;

	for (end = 0; end < N_ENDS; end++) {
		enter(end);
		offloads_set("eth0", strcmp(cable, "bare"));
		netns_must("ip link set eth0 gso_max_segs %u",
			   stream_kinds[CHAOS].gso_max_segs ?: 65535);
	}
}

/* Wait until both ends of a way can be used. */
static void wait_for(const struct way *way, unsigned int end)
{
	long long give_up = netns_now() + NETNS_PATIENCE;
	struct ifreq ifr = {};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	enter(end);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", way->dev);
	while (ioctl(fd, SIOCGIFFLAGS, &ifr) || !(ifr.ifr_flags & IFF_RUNNING)) {
		if (netns_now() > give_up)
			tap_bail("%s: the device does not come up", way->name);
		netns_sleep(50);
	}
	close(fd);
	if (way->chaos && !netns_wait_addr("valid"))
		tap_bail("%s: the address does not become valid", way->name);
}

static void set_up_ways(void)
{
	unsigned int way, end;

	netns_must("modprobe -a tun fou ipip vxlan");
	for (way = 0; way < n_ways; way++)
		for (end = 0; end < N_ENDS; end++) {
			enter(end);
			if (ways[way].set_up)
				ways[way].set_up(&ways[way], end);
		}
	for (way = 0; way < n_ways; way++)
		for (end = 0; end < N_ENDS; end++)
			wait_for(&ways[way], end);
}

/* Let everybody know everybody. */
static void warm_up(void)
{
	static struct round none;
	unsigned int way;

	for (way = 0; way < n_ways; way++) {
		measure_datagrams(way, &loads[N_LOADS - 1]);
		measure_stream(way, &none);
	}
}

static void only_kernel(void)
{
	n_ways = TUN;
	baseline = IPIP;
}

static void parse(int argc, char **argv)
{
	int opt, bad = 0;

	while ((opt = getopt(argc, argv, "qkc:")) != -1) {
		if (opt == 'c')
			cable = optarg;
		else if (opt == 'k')
			only_kernel();
		else if (opt == 'q')
			count = WINDOW, rounds = 1;
		else
			bad = 1;
	}
	if (optind < argc)
		count = strtoul(argv[optind++], NULL, 10) / WINDOW * WINDOW;
	if (optind < argc)
		rounds = strtoul(argv[optind++], NULL, 10);
	bad |= strcmp(cable, "whole") && strcmp(cable, "nic") && strcmp(cable, "bare");
	if (!bad && optind == argc && count && rounds && rounds <= ROUNDS_MAX)
		return;
	fprintf(stderr, "usage: bench_tunnel [-q] [-k] [-c whole|nic|bare] "
		"[PACKETS [ROUNDS]]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static double ns[N_WAYS][N_LOADS][ROUNDS_MAX], median_ns[N_WAYS][N_LOADS];
	static struct round streams[N_WAYS][ROUNDS_MAX];
	unsigned int way, i, round;

	parse(argc, argv);
	size = (uint64_t)count * SEGMENT;
	for (i = 0; i < 2 && strcmp(cable, "whole"); i++)
		stream_kinds[i].gso_max_segs = 1;
	set_up();
	set_up_offloads();
	set_up_ways();
	warm_up();
	for (round = 0; round < rounds; round++)
		for (way = 0; way < n_ways; way++) {
			for (i = 0; i < N_LOADS; i++)
				ns[way][i][round] = measure_datagrams(way, &loads[i]);
			measure_stream(way, &streams[way][round]);
		}
	for (way = 0; way < n_ways; way++)
		for (i = 0; i < N_LOADS; i++)
			median_ns[way][i] = clock_median(ns[way][i], rounds);
	printf("%u packets, median of %u rounds, cable: %s\n", count, rounds, cable);
	show_datagrams(median_ns);
	tell_figures(ns);
	if (baseline == IPIP)
		return 0;
	show_streams(streams);
	show_all_calls();
	return 0;
}
