// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two private subnets beside two public ones: nothing passes between them.
 *
 *	A 402 eth0 ---1--- a       z ---2--- eth0 1002 Z
 *	                      G
 *	P 177002 eth0 -376- p      q ---5--- eth0 2402 Q
 *
 * Subnet 376 is private by nature, 5 because G is told so.  G is host 1 everywhere,
 * and forwards.  At each host tcpdump waits for what must not come.  At the end it is
 * shown that it would have seen it.
 */
#define _GNU_SOURCE
#include "rut.h"
#include "topo.h"

#define INTERVAL	500	/* ms between routing packets */
#define EXPIRE		6000
#define PRIVATE		0376
#define CONFIGURED	5

static struct topo_host a, z, p, q, g;

static uint16_t addr(unsigned int subnet, unsigned int host)
{
	return subnet << 8 | host;
}

/* Filters of tcpdump.  One that looks beyond the end of a packet does not match. */
#define CHAOS		"ether[12:2] = 0x804"
#define IS_PRIVATE(at)	"(ether[" #at "] = 0xfe or ether[" #at "] = 5)"
#define RUT_TELLS	"(ether[15] = 8 and (" IS_PRIVATE(30) " or " IS_PRIVATE(34) " or " \
			IS_PRIVATE(38) "))"
#define ARP_ASKS	"(ether[12:2] = 0x806 and ether[16:2] = 0x804 and " \
			"(" IS_PRIVATE(29) " or " IS_PRIVATE(37) "))"

/* On public subnets: anything of a private one. */
#define LEAK_OUT	"(" CHAOS " and (" IS_PRIVATE(19) " or " IS_PRIVATE(23) " or " \
			RUT_TELLS ")) or " ARP_ASKS

/* On private ones: anything from elsewhere, and routing packets. */
#define LEAK_IN(subnet)	CHAOS " and (ether[23] != " #subnet " or ether[15] = 8)"

/* What must not come to a host, and whether it does. */
static struct watcher {
	const struct topo_host *host;
	const char *dev;	/* of G, at the other end */
	const char *filter;
	uint16_t leak_src;	/* of a packet that must not come */
	FILE *out;
	pid_t pid;
} watchers[] = {
	{ .host = &a, .dev = "a", .filter = LEAK_OUT, .leak_src = PRIVATE << 8 | 2 },
	{ .host = &z, .dev = "z", .filter = LEAK_OUT, .leak_src = CONFIGURED << 8 | 2 },
	{ .host = &p, .dev = "p", .filter = LEAK_IN(0xfe), .leak_src = 0402 },
	{ .host = &q, .dev = "q", .filter = LEAK_IN(5), .leak_src = 0402 },
};

/* The next line of tcpdump that begins a packet or says that it is ready. */
static bool next_line(struct watcher *w, char *line, size_t size, const char *has)
{
	while (fgets(line, size, w->out))
		if (strstr(line, has))
			return true;
	return false;
}

static void start_watching(struct watcher *w)
{
	char line[1024];
	int fds[2];

	topo_enter(w->host);
	if (pipe2(fds, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	w->pid = fork();
	if (!w->pid) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execlp("tcpdump", "tcpdump", "-Q", "in", "--immediate-mode", "-l", "-nn", "-e",
		       "-i", "eth0", w->filter, NULL);
		_exit(1);
	}
	close(fds[1]);
	w->out = fdopen(fds[0], "re");
	if (!next_line(w, line, sizeof(line), "listening on"))
		tap_bail("tcpdump does not start: %s", line);
}

/* A packet that must not come, at last; it must be the first that was seen. */
static void stop_watching(struct watcher *w)
{
	unsigned int seen = 0;
	bool last = false;
	char line[1024];

	topo_inject(&g, w->dev, wire_broadcast, CHAOS_OP_MNT, w->leak_src, 0, 0);
	/* The length of this frame is its mark. */
	while (!last && next_line(w, line, sizeof(line), "ethertype")) {
		last = strstr(line, "(0x0804)") && strstr(line, "ff:ff:ff:ff:ff:ff") &&
		       strstr(line, "length 30:");
		if (!last) {
			seen++;
			tap_diag("%s: %s", w->host->name, line);
		}
	}
	tap_ok(last, "%s: tcpdump would have seen what must not come", w->host->name);
	tap_eq(seen, 0, "%s: but saw nothing", w->host->name);
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	fclose(w->out);
}

/* Have G take subnet 5, and perhaps another, for private. */
static void set_private(unsigned int other)
{
	uint8_t map[CHAOS_SUBNET_MAP_LEN] = { [CONFIGURED / 8] = 1 << CONFIGURED % 8 };
	struct nlreq r;

	if (other)
		map[other / 8] |= 1 << other % 8;
	nlreq_genl(&r, &g.genl, CHAOS_CMD_NET_SET);
	nlreq_put(&r, CHAOS_NET_A_PRIVATE, map, sizeof(map));
	nlreq_must(g.genl.fd, &r, "private subnets");
}

static void attach(struct topo_host *h, const char *name, const char *dev, unsigned int subnet)
{
	topo_host(h, name);
	topo_cable(&g, dev, h, "eth0");
	topo_addr(&g, dev, addr(subnet, 1));
	topo_addr(h, "eth0", addr(subnet, 2));
	topo_times(h, INTERVAL, EXPIRE);
}

static void make_network(void)
{
	topo_host(&g, "G");
	topo_times(&g, INTERVAL, EXPIRE);
	attach(&a, "A", "a", 1);
	attach(&z, "Z", "z", 2);
	attach(&p, "P", "p", PRIVATE);
	attach(&q, "Q", "q", CONFIGURED);
	set_private(0);
	/* All believe that G takes their packets everywhere. */
	topo_fixed(&a, CONFIGURED, 0401);
	topo_fixed(&p, 0, addr(PRIVATE, 1));
	topo_fixed(&q, 0, addr(CONFIGURED, 1));
}

/* Nobody gets an answer from @to, and G counts why. */
static void check_refused(const struct topo_host *from, uint16_t to)
{
	uint64_t dropped = topo_count(&g, CHAOS_STAT_DROP_PRIVATE);

	tap_ok(!topo_ask(from, to, 300), "%s does not reach %o", from->name, to);
	tap_ok(topo_wait(TOPO_PATIENCE, topo_count(&g, CHAOS_STAT_DROP_PRIVATE) > dropped) >= 0,
	       "G counts drop_private");
}

/* Packets that no host should send: @from puts one on its cable, @at counts it. */
static void check_dropped(const struct topo_host *from, const char *dev, uint8_t op,
			  uint16_t src, uint16_t dst, const struct topo_host *at)
{
	uint64_t dropped = topo_count(at, CHAOS_STAT_DROP_PRIVATE);

	topo_inject(from, dev, wire_broadcast, op, src, dst, 0);
	tap_ok(topo_wait(TOPO_PATIENCE, topo_count(at, CHAOS_STAT_DROP_PRIVATE) > dropped) >= 0,
	       "%s drops a packet from %o to %o that comes from %s", at->name, src, dst,
	       from->name);
	tap_eq(topo_count(at, CHAOS_STAT_DROP_PRIVATE), dropped + 1, "and counts it once");
}

static void test_packets(void)
{
	tap_eq(topo_try_fixed(&a, PRIVATE, 0401), -EPERM, "A refuses a route to subnet 376");
	check_refused(&a, addr(CONFIGURED, 2));
	check_refused(&a, addr(CONFIGURED, 1));
	check_refused(&p, addr(1, 2));
	check_refused(&p, addr(1, 1));
	check_refused(&p, addr(CONFIGURED, 2));
	check_refused(&q, addr(2, 2));
	check_dropped(&a, "eth0", CHAOS_OP_MNT, addr(1, 3), addr(PRIVATE, 2), &g);
	check_dropped(&a, "eth0", CHAOS_OP_MNT, addr(1, 3), addr(PRIVATE, 1), &g);
	check_dropped(&a, "eth0", CHAOS_OP_MNT, addr(PRIVATE, 3), addr(2, 2), &g);
	check_dropped(&a, "eth0", CHAOS_OP_RFC, addr(CONFIGURED, 3), addr(1, 1), &g);
	check_dropped(&a, "eth0", CHAOS_OP_BRD, addr(PRIVATE, 3), 0, &g);
	check_dropped(&a, "eth0", CHAOS_OP_RUT, addr(PRIVATE, 3), 0, &g);
	check_dropped(&p, "eth0", CHAOS_OP_MNT, addr(1, 3), addr(PRIVATE, 1), &g);
	check_dropped(&q, "eth0", CHAOS_OP_MNT, addr(CONFIGURED, 3), addr(PRIVATE, 2), &g);
}

/* A BRD for all subnets, from @from. */
static void send_brd(const struct topo_host *from, uint16_t src)
{
	struct wire_frame f = {};
	int fd;

	wire_ether(&f, wire_broadcast, wire_zero, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = CHAOS_OP_BRD;
	wire_put(&f, WIRE_COUNT, CHAOS_SUBNET_MAP_LEN + 6);
	wire_put(&f, WIRE_SRC, src);
	wire_put(&f, WIRE_SIDX, 0x1234);
	wire_put(&f, WIRE_NUM, src);
	wire_put(&f, WIRE_ACK, CHAOS_SUBNET_MAP_LEN);
	memset(f.bytes + WIRE_DATA, 0xff, CHAOS_SUBNET_MAP_LEN);
	f.bytes[WIRE_DATA] = 0xfe;	/* there is no subnet 0 */
	memcpy(f.bytes + WIRE_DATA + CHAOS_SUBNET_MAP_LEN, "NOBODY", 6);
	f.len = WIRE_DATA + CHAOS_SUBNET_MAP_LEN + 6;
	fd = topo_watch(from, "eth0");
	wire_send(fd, &f);
	close(fd);
}

static bool hear_brd(int wire, uint16_t src, int ms)
{
	long long end = netns_now() + ms;
	struct wire_frame f;

	while (netns_now() < end)
		if (wire_recv(wire, &f, 20) && wire_is_chaos(&f) &&
		    f.bytes[WIRE_OP] == CHAOS_OP_BRD && wire_get(&f, WIRE_SRC) == src)
			return true;
	return false;
}

/* What may go to Z goes there; that it does not go elsewhere tcpdump will tell. */
static void test_brd(void)
{
	int wire = topo_watch(&z, "eth0");

	send_brd(&a, addr(1, 2));
	tap_ok(hear_brd(wire, addr(1, 2), PAIR_PATIENCE), "a BRD from A comes to Z");
	send_brd(&p, addr(PRIVATE, 2));
	send_brd(&q, addr(CONFIGURED, 2));
	send_brd(&a, addr(1, 3));
	tap_ok(hear_brd(wire, addr(1, 3), PAIR_PATIENCE), "and another one");
	close(wire);
}

/* A bridge that knows private subnets is not believed. */
static void test_rut(void)
{
	uint64_t ignored = topo_count(&g, CHAOS_STAT_RUT_BAD_SUBNET);
	int wire = topo_watch(&a, "eth0");
	struct wire_frame f;

	rut_begin(&f, wire_zero, addr(1, 2));
	rut_add(&f, PRIVATE, 11);
	rut_add(&f, CONFIGURED, 11);
	rut_add(&f, 077, 11);
	wire_send(wire, &f);
	tap_ok(topo_wait(TOPO_PATIENCE, topo_via(&g, 077) == addr(1, 2)) >= 0,
	       "G learns of a public subnet");
	tap_eq(topo_count(&g, CHAOS_STAT_RUT_BAD_SUBNET) - ignored, 2,
	       "but not of two private ones");
	tap_ok(!topo_learned(&g, PRIVATE) && !topo_learned(&g, CONFIGURED), "not at all");
	close(wire);
}

static void test_changes(void)
{
	tap_ok(topo_ask(&a, addr(2, 2), PAIR_PATIENCE), "A reaches Z");
	set_private(2);
	tap_ok(topo_wait(TOPO_PATIENCE, !topo_via(&a, 2)) >= 0,
	       "when subnet 2 becomes private A hears no more of it");
	check_dropped(&z, "eth0", CHAOS_OP_MNT, addr(2, 3), addr(1, 2), &g);
	set_private(0);
	tap_ok(topo_wait_answer(&a, addr(2, 2), TOPO_PATIENCE) >= 0, "then it is public again");
}

int main(void)
{
	unsigned int i;

	pair_limit_time();
	make_network();
	for (i = 0; i < ARRAY_SIZE(watchers); i++)
		start_watching(&watchers[i]);
	topo_forward(&g, true);
	if (!tap_ok(topo_wait(TOPO_PATIENCE, topo_via(&a, 2) && topo_via(&z, 1)) >= 0,
		    "public subnets know of each other"))
		return tap_done();
	tap_ok(!topo_learned(&a, PRIVATE) && !topo_learned(&z, CONFIGURED) &&
	       !topo_learned(&p, 1) && !topo_learned(&q, PRIVATE), "private ones are not known");
	tap_ok(topo_ask(&p, addr(PRIVATE, 1), PAIR_PATIENCE), "P reaches G on their subnet");
	tap_ok(topo_ask(&q, addr(CONFIGURED, 1), PAIR_PATIENCE), "so does Q");
	test_packets();
	test_brd();
	test_rut();
	for (i = 0; i < ARRAY_SIZE(watchers); i++)
		stop_watching(&watchers[i]);
	/* Hosts that forward nothing are no less careful. */
	check_dropped(&g, "p", CHAOS_OP_MNT, addr(1, 3), addr(PRIVATE, 2), &p);
	check_dropped(&g, "a", CHAOS_OP_MNT, addr(PRIVATE, 2), addr(1, 2), &a);
	test_changes();
	return tap_done();
}
