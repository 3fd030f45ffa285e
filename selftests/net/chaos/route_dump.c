// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dumps of large tables: 255 subnets and 10,000 hosts, each exactly once, also while
 * routes come and go.
 *
 *	402 eth0 -------- the bridges 401 and 403 would be here
 *	177002 eth1 ----- the private subnet, which no bridge leads to
 */
#define _GNU_SOURCE
#include "topo.h"

#define HOSTS		10000
#define PER_SUBNET	250
#define FIRST_SUBNET	2
#define BATCH		64	/* requests sent at once */
#define DUMPS		12	/* while routes change */
#define TOKENS		8	/* routes that come and go */
#define TOKEN(i)	(0372 << 8 | (1 + (i)))

static struct topo_host us;

/* What a dump has shown. */
static struct {
	unsigned int subnets[256], messages, others, twice;
	uint8_t hosts[65536];
} seen;

static uint16_t host_addr(unsigned int i)
{
	return (FIRST_SUBNET + i / PER_SUBNET) << 8 | (1 + i % PER_SUBNET);
}

static void begin_host_route(struct nlreq *r, uint8_t cmd, uint16_t host)
{
	nlreq_genl(r, &us.genl, cmd);
	nlreq_u16(r, CHAOS_ROUTE_A_HOST, host);
	if (cmd == CHAOS_CMD_ROUTE_NEW)
		nlreq_u16(r, CHAOS_ROUTE_A_VIA, 0403);
}

/* Add or delete all routes to hosts, many with one system call; the last is acknowledged,
 * the others only answered if they fail.
 */
static void change_hosts(uint8_t cmd)
{
	static char batch[BATCH * NLREQ_ROOM];
	unsigned int i, n = 0;
	struct nlreq r;
	size_t len = 0;
	int error;

	for (i = 0; i < HOSTS; i++) {
		begin_host_route(&r, cmd, host_addr(i));
		if (++n == BATCH || i + 1 == HOSTS)
			r.nlh.nlmsg_flags |= NLM_F_ACK;
		memcpy(batch + len, r.bytes, r.nlh.nlmsg_len);
		len += NLMSG_ALIGN(r.nlh.nlmsg_len);
		if (!(r.nlh.nlmsg_flags & NLM_F_ACK))
			continue;
		if (send(us.genl.fd, batch, len, 0) < 0)
			tap_bail("netlink: %s", strerror(errno));
		error = nlreq_acked(us.genl.fd);
		if (error)
			tap_bail("routes to hosts: %s", strerror(-error));
		n = 0;
		len = 0;
	}
}

static void make_routes(void)
{
	unsigned int subnet;

	topo_host(&us, "US");
	topo_cable(&us, "eth0", &us, "wire0");
	topo_cable(&us, "eth1", &us, "wire1");
	topo_addr(&us, "eth0", 0402);
	topo_addr(&us, "eth1", 0177002);
	for (subnet = 2; subnet <= 255; subnet++)
		if (subnet != 0376)
			topo_fixed(&us, subnet, 0401);
	change_hosts(CHAOS_CMD_ROUTE_NEW);
}

static void note(struct nlmsghdr *nlh, void *data)
{
	struct topo_route r;

	(void)data;
	topo_parse_route(nlh, &r);
	seen.messages++;
	if (r.subnet)
		seen.twice += seen.subnets[r.subnet]++ > 0;
	else if (r.host)
		seen.twice += seen.hosts[r.host]++ > 0;
	else
		seen.others++;
}

static enum nlreq_dump dump(void)
{
	struct nlreq r;

	memset(&seen, 0, sizeof(seen));
	nlreq_genl(&r, &us.genl, CHAOS_CMD_ROUTE_GET);
	return nlreq_dump(us.genl.fd, &r, note, NULL);
}

/* How many of the subnets and hosts that stay were shown. */
static unsigned int count_subnets(void)
{
	unsigned int subnet, n = 0;

	for (subnet = 1; subnet <= 255; subnet++)
		n += seen.subnets[subnet] == 1;
	return n;
}

static unsigned int count_hosts(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < HOSTS; i++)
		n += seen.hosts[host_addr(i)] == 1;
	return n;
}

static void test_quiet(void)
{
	long long start = netns_now();
	char output[NETNS_OUTPUT];
	enum nlreq_dump end = dump();

	tap_diag("%u routes in %lld ms", seen.messages, netns_now() - start);
	tap_eq(end, NLREQ_DONE, "a dump that nothing disturbs is not interrupted");
	tap_eq(count_subnets(), 255, "255 subnets, each once");
	tap_eq(count_hosts(), HOSTS, "%d hosts, each once", HOSTS);
	tap_eq(seen.twice + seen.others, 0, "nothing twice, and no default");
	/* Our own two addresses are hosts, too. */
	tap_eq(seen.messages, 255 + HOSTS + 2, "and nothing else");
	topo_enter(&us);
	netns_run(output, "chaosctl route show | sort -u | wc -l");
	tap_eq(atoi(output), 255 + HOSTS + 2, "chaosctl shows them all");
}

/* Moves one route around, so that at every moment there is one, or two in sequence. */
__noreturn static void move_token(void)
{
	unsigned int i = 0;
	struct nlreq r;

	close(us.genl.fd);
	topo_enter(&us);
	genl_open(&us.genl);
	begin_host_route(&r, CHAOS_CMD_ROUTE_NEW, TOKEN(0));
	nlreq_must(us.genl.fd, &r, "first token");
	for (;;) {
		unsigned int next = (i + 1) % TOKENS;

		begin_host_route(&r, CHAOS_CMD_ROUTE_NEW, TOKEN(next));
		nlreq_must(us.genl.fd, &r, "next token");
		begin_host_route(&r, CHAOS_CMD_ROUTE_DEL, TOKEN(i));
		nlreq_must(us.genl.fd, &r, "old token");
		i = next;
		netns_sleep(1);
	}
}

static bool tokens_make_sense(void)
{
	unsigned int i, n = 0, pairs = 0;

	for (i = 0; i < TOKENS; i++) {
		n += seen.hosts[TOKEN(i)];
		pairs += seen.hosts[TOKEN(i)] && seen.hosts[TOKEN((i + 1) % TOKENS)];
	}
	return n == 1 || (n == 2 && pairs == 1);
}

static void test_changing(void)
{
	unsigned int i, interrupted = 0, senseless = 0, incomplete = 0, twice = 0;
	long long end = netns_now() + NETNS_PATIENCE;
	pid_t pid = fork();

	if (!pid)
		move_token();
	for (i = 0; i < DUMPS || (!interrupted && netns_now() < end); i++) {
		if (dump() == NLREQ_INTERRUPTED)
			interrupted++;
		else if (i && !tokens_make_sense())
			senseless++;
		incomplete += count_subnets() != 255 || count_hosts() != HOSTS;
		twice += seen.twice;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tap_diag("%u dumps of %u were interrupted", interrupted, i);
	tap_ok(interrupted, "dumps are interrupted when routes come and go");
	tap_eq(senseless, 0, "those that are not are consistent");
	tap_eq(incomplete, 0, "what stays is shown in all of them");
	tap_eq(twice, 0, "once");
}

static void test_deleted(void)
{
	unsigned int i;
	struct nlreq r;

	for (i = 0; i < TOKENS; i++) {
		begin_host_route(&r, CHAOS_CMD_ROUTE_DEL, TOKEN(i));
		nlreq_do(us.genl.fd, &r);
	}
	change_hosts(CHAOS_CMD_ROUTE_DEL);
	tap_eq(dump(), NLREQ_DONE, "then all hosts are deleted");
	tap_eq(count_hosts(), 0, "none is shown");
	tap_eq(count_subnets(), 255, "all subnets are");
	tap_eq(seen.messages, 255 + 2, "and nothing else");
}

int main(void)
{
	long long start = netns_now();

	pair_limit_time();
	make_routes();
	tap_diag("made in %lld ms", netns_now() - start);
	test_quiet();
	test_changing();
	test_deleted();
	return tap_done();
}
