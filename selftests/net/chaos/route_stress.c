// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bridge whose routes, rules and settings change all the time while traffic passes:
 *
 *	A 402 eth0 ---1--- 401 a  B  z 1001 ---2--- eth0 1002 Z
 *	                          x 1401
 *	                          |
 *	                          3: bridges that cannot make up their minds
 *
 * One process changes routes, another rules and settings, a third tells B of subnets
 * and takes it back.  When they stop, traffic must run, and everything must be as it
 * was.  CHAOS_STRESS_SECONDS (6) is how long they go on.
 */
#define _GNU_SOURCE
#include "load.h"
#include "rut.h"
#include "topo.h"

static const uint8_t mac[6] = { 2, 0, 0, 0, 3, 2 };

static struct topo_host a, b, z;

/* Changes that were made or refused, and lists that were read, by all processes. */
static volatile struct tally {
	unsigned long done, refused, dumps;
} *tally;

static void attach(struct topo_host *h, const char *name, const char *dev, unsigned int subnet)
{
	topo_host(h, name);
	topo_cable(&b, dev, h, "eth0");
	topo_addr(&b, dev, subnet << 8 | 1);
	topo_addr(h, "eth0", subnet << 8 | 2);
	topo_fixed(h, 0, subnet << 8 | 1);
}

static void make_network(void)
{
	topo_host(&b, "B");
	attach(&a, "A", "a", 1);
	attach(&z, "Z", "z", 2);
	topo_cable(&b, "x", &b, "wire");
	topo_addr(&b, "x", 01401);
	topo_sysctl(&b, "rut_interval_ms", 100);
	topo_sysctl(&b, "rut_expire_ms", 100);
	topo_forward(&b, true);
}

/* A request may be refused because of what another has just done. */
static void try(struct nlreq *r)
{
	int error = nlreq_do(b.genl.fd, r);

	if (error)
		__atomic_fetch_add(&tally->refused, 1, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&tally->done, 1, __ATOMIC_RELAXED);
}

static void ignore(struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
}

static void read_list(uint8_t cmd)
{
	struct nlreq r;

	nlreq_genl(&r, &b.genl, cmd);
	nlreq_dump(b.genl.fd, &r, ignore, NULL);
	__atomic_fetch_add(&tally->dumps, 1, __ATOMIC_RELAXED);
}

/* In a new process: sockets of its own. */
static void begin(void)
{
	topo_enter(&b);
	genl_open(&b.genl);
	srandom(getpid());
}

static void add_route(uint16_t kind, unsigned int to, uint16_t via, bool replace)
{
	struct nlreq r;

	nlreq_genl(&r, &b.genl, CHAOS_CMD_ROUTE_NEW);
	if (kind == CHAOS_ROUTE_A_SUBNET)
		nlreq_u8(&r, kind, to);
	else if (kind)
		nlreq_u16(&r, kind, to);
	if (via)
		nlreq_u16(&r, CHAOS_ROUTE_A_VIA, via);
	else
		nlreq_str(&r, CHAOS_ROUTE_A_IFNAME, "z");
	if (replace)
		nlreq_flag(&r, CHAOS_ROUTE_A_REPLACE);
	try(&r);
}

static void del_route(uint16_t kind, unsigned int to)
{
	struct nlreq r;

	nlreq_genl(&r, &b.genl, CHAOS_CMD_ROUTE_DEL);
	if (kind == CHAOS_ROUTE_A_SUBNET)
		nlreq_u8(&r, kind, to);
	else if (kind)
		nlreq_u16(&r, kind, to);
	try(&r);
}

/* Also the routes that traffic takes. */
static void change_routes(void)
{
	begin();
	for (;;) {
		unsigned int subnet = 4 + random() % 32, host = subnet << 8 | (1 + random() % 4);

		switch (random() % 8) {
		case 0:
			add_route(CHAOS_ROUTE_A_SUBNET, subnet, 0402, random() % 2);
			break;
		case 1:
			del_route(CHAOS_ROUTE_A_SUBNET, subnet);
			break;
		case 2:
			add_route(CHAOS_ROUTE_A_HOST, host, 01002, random() % 2);
			break;
		case 3:
			del_route(CHAOS_ROUTE_A_HOST, host);
			break;
		case 4:
			/* Z itself: directly, or by a bridge that does not exist. */
			add_route(CHAOS_ROUTE_A_HOST, 01002, random() % 4 ? 0 : 0405, true);
			del_route(CHAOS_ROUTE_A_HOST, 01002);
			break;
		case 5:
			add_route(0, 0, 0402, random() % 2);
			break;
		case 6:
			del_route(0, 0);
			break;
		default:
			read_list(CHAOS_CMD_ROUTE_GET);
		}
	}
}

/* A side of a rule. */
static void put_match(struct nlreq *r, uint16_t side, uint8_t kind)
{
	static const uint16_t hosts[] = { 0402, 01002, 05001 };
	static const uint8_t subnets[] = { 1, 2, 5 };
	struct nlattr *nest = nlreq_nest(r, side);

	nlreq_u8(r, CHAOS_RULE_MATCH_A_KIND, kind);
	if (kind == CHAOS_RULE_MATCH_HOSTS)
		nlreq_put(r, CHAOS_RULE_MATCH_A_HOSTS, hosts, sizeof(hosts));
	if (kind == CHAOS_RULE_MATCH_SUBNETS)
		nlreq_put(r, CHAOS_RULE_MATCH_A_SUBNETS, subnets, sizeof(subnets));
	nlreq_nest_end(r, nest);
}

static void add_rule(void)
{
	static const char * const contacts[] = { "STREAM", "ANSWER", "STATUS", "NOBODY" };
	struct nlreq r;
	uint8_t action = random() % 3;	/* allow, drop, reject */

	nlreq_genl(&r, &b.genl, CHAOS_CMD_RULE_NEW);
	if (random() % 2) {
		nlreq_u32(&r, CHAOS_RULE_A_NUMBER, 1 + random() % 20);
		nlreq_flag(&r, CHAOS_RULE_A_REPLACE);
	}
	if (random() % 4)
		nlreq_str(&r, CHAOS_RULE_A_CONTACT, contacts[random() % ARRAY_SIZE(contacts)]);
	if (random() % 2)
		put_match(&r, CHAOS_RULE_A_FROM, random() % CHAOS_RULE_MATCH_BROADCAST);
	if (random() % 2)
		put_match(&r, CHAOS_RULE_A_TO, random() % (CHAOS_RULE_MATCH_BROADCAST + 1));
	nlreq_u8(&r, CHAOS_RULE_A_ACTION, action);
	if (action == CHAOS_RULE_REJECT)
		nlreq_str(&r, CHAOS_RULE_A_REASON, "Not now");
	try(&r);
}

static void del_rules(bool all)
{
	struct nlreq r;

	nlreq_genl(&r, &b.genl, CHAOS_CMD_RULE_DEL);
	if (!all)
		nlreq_u32(&r, CHAOS_RULE_A_NUMBER, 1 + random() % 20);
	try(&r);
}

/* Forwarding, or private subnets; each only for a moment. */
static void change_setting(uint16_t attr, uint8_t subnet)
{
	uint8_t map[CHAOS_SUBNET_MAP_LEN] = {};
	struct nlreq r;
	int on;

	for (on = 0; on < 2; on++) {
		nlreq_genl(&r, &b.genl, CHAOS_CMD_NET_SET);
		if (attr == CHAOS_NET_A_FORWARDING) {
			nlreq_u8(&r, attr, on);
		} else {
			map[subnet / 8] = on ? 0 : 1 << subnet % 8;
			nlreq_put(&r, attr, map, sizeof(map));
		}
		try(&r);
	}
}

static void change_link(const char *dev, uint16_t attr, unsigned int value)
{
	struct nlreq r;

	nlreq_genl(&r, &b.genl, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, dev);
	nlreq_flag(&r, CHAOS_LINK_A_CHANGE);
	if (attr == CHAOS_LINK_A_COST)
		nlreq_u16(&r, attr, value);
	else
		nlreq_u8(&r, attr, value);
	try(&r);
}

static void flap(const char *dev)
{
	netns_dev_up(dev, false);
	netns_dev_up(dev, true);
}

static void change_rules(void)
{
	begin();
	for (;;) {
		switch (random() % 12) {
		case 0:
		case 1:
		case 2:
			add_rule();
			break;
		case 3:
			del_rules(!(random() % 4));
			break;
		case 4:
			change_setting(CHAOS_NET_A_FORWARDING, 0);
			break;
		case 5:
			change_setting(CHAOS_NET_A_PRIVATE, 1 + random() % 40);
			break;
		case 6:
			change_link("x", CHAOS_LINK_A_RUT, random() % 3);
			break;
		case 7:
			change_link("a", CHAOS_LINK_A_COST, 1 + random() % 100);
			change_link("z", CHAOS_LINK_A_POISON, random() % 2);
			break;
		case 8:
			flap(random() % 4 ? "x" : "wire");
			break;
		case 9:
			if (!(random() % 8))
				flap("z");
			break;
		case 10:
			read_list(CHAOS_CMD_NEIGH_GET);
			break;
		default:
			read_list(CHAOS_CMD_RULE_GET);
		}
	}
}

static void change_news(void)
{
	struct wire_frame f;
	unsigned int i;
	int wire;

	begin();
	wire = wire_open("wire");
	for (;;) {
		rut_begin(&f, mac, 01402 + random() % 2);
		for (i = 0; i < 20; i++)
			rut_add(&f, 4 + random() % 40, random() % 3 ? 1 + random() % 60 : RUT_CAP);
		/* The other end may be down. */
		if (send(wire, f.bytes, f.len, 0) < 0)
			netns_sleep(1);
		netns_sleep(random() % 8);
	}
}

static pid_t start(void (*change)(void))
{
	pid_t pid = fork();

	if (!pid)
		change();
	return pid;
}

/* As it was before. */
static void restore(void)
{
	unsigned int i;
	struct nlreq r;

	topo_enter(&b);
	netns_dev_up("wire", true);
	netns_dev_up("x", true);
	netns_dev_up("z", true);
	del_rules(true);
	del_route(0, 0);
	del_route(CHAOS_ROUTE_A_HOST, 01002);
	for (i = 4; i < 4 + 32; i++)
		del_route(CHAOS_ROUTE_A_SUBNET, i);
	for (i = 0; i < 32 * 4; i++)
		del_route(CHAOS_ROUTE_A_HOST, (4 + i / 4) << 8 | (1 + i % 4));
	nlreq_genl(&r, &b.genl, CHAOS_CMD_NET_SET);
	nlreq_u8(&r, CHAOS_NET_A_FORWARDING, 1);
	nlreq_put(&r, CHAOS_NET_A_PRIVATE, (uint8_t[CHAOS_SUBNET_MAP_LEN]) {},
		  CHAOS_SUBNET_MAP_LEN);
	nlreq_must(b.genl.fd, &r, "settings");
}

/* Only what belongs to our addresses: four subnets and hosts, as it were. */
static bool table_is_bare(void)
{
	const struct topo_table *t = topo_routes(&b);
	unsigned int i, n = 0;

	for (i = 0; i < t->n; i++)
		n += t->r[i].type != CHAOS_ROUTE_LOCAL && t->r[i].type != CHAOS_ROUTE_DIRECT;
	return !n && topo_find(t, 1, CHAOS_ROUTE_DIRECT) && topo_find(t, 2, CHAOS_ROUTE_DIRECT) &&
	       topo_find(t, 3, CHAOS_ROUTE_DIRECT);
}

static void test_changes(struct load *load, unsigned int seconds)
{
	const struct load before = *(volatile struct load *)load;
	volatile struct load *now = load;
	pid_t pids[] = { start(change_routes), start(change_rules), start(change_news) };
	unsigned int i;

	netns_sleep(1000 * seconds);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		load_kill(&pids[i]);
	tap_diag("in %u s: %lu changes, %lu refused, %lu lists read", seconds, tally->done,
		 tally->refused, tally->dumps);
	tap_diag("meanwhile: %lu bytes up, %lu down, %lu streams, %lu answers",
		 now->up - before.up, now->down - before.down, now->opened - before.opened,
		 now->answers - before.answers);
	tap_ok(tally->done && tally->dumps, "routes, rules and settings were changed");
	restore();
	tap_ok(load_runs(load), "then traffic runs");
	tap_ok(topo_wait(NETNS_PATIENCE, table_is_bare()) >= 0, "and no route is left");
}

int main(void)
{
	unsigned int i, seconds = transfer_setting("CHAOS_STRESS_SECONDS", 6);
	struct load *load;
	pid_t pids[3];

	pair_limit_time();
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (tally == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	make_network();
	load = load_start(a.ns, z.ns, 01002);
	tap_ok(load_runs(load), "traffic runs through the bridge");
	tap_ok(topo_count(&b, CHAOS_STAT_FORWARDED), "which forwards it");
	test_changes(load, seconds);
	if (!tap_eq(load->wrong, 0, "all that arrived was right"))
		tap_diag("%s", load->error);

	/* The namespaces go right after it, with connections that have not ended. */
	pids[0] = start(change_routes);
	pids[1] = start(change_rules);
	pids[2] = start(change_news);
	netns_sleep(500);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		load_kill(&pids[i]);
	load_stop(load);
	return tap_done();
}
