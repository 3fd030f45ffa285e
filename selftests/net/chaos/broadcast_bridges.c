// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BRD through several bridges (AIM 628 section 4.5), which have learned their routes.
 *
 * A line, with a private subnet beside it:
 *
 *	A --1-- X --2-- Y --3-- Z --4-- B
 *	        |
 *	   0376 |
 *	        P
 *
 * On each subnet who is on its left is host 1, who is on its right is host 2.
 *
 * Two bridges between the same subnets:
 *
 *	        C ---- switch ---- V ---- switch ---- D
 *	      2401     5    \          /    6       3001
 *	                     --- W ----
 *
 * V is 2402 and 3002, W is 2403 and 3003.
 */
#define _GNU_SOURCE
#include "survey.h"

enum { N_LINE = 5 };

static struct topo_host a, x, y, z, b, p;
static struct topo_host c, d, v, w, switch5, switch6;

static struct topo_host * const line[N_LINE] = { &a, &x, &y, &z, &b };

static bool line_knows(void)
{
	unsigned int i;

	for (i = 0; i < N_LINE; i++)
		if (topo_known(line[i], 4) < 4)
			return false;
	return true;
}

static void make_line(void)
{
	static const char * const names[N_LINE] = { "A", "X", "Y", "Z", "B" };
	unsigned int i;

	for (i = 0; i < N_LINE; i++)
		topo_host(line[i], names[i]);
	for (i = 1; i < N_LINE; i++) {
		topo_cable(line[i - 1], "right", line[i], "left");
		topo_addr(line[i - 1], "right", i << 8 | 1);
		topo_addr(line[i], "left", i << 8 | 2);
	}
	topo_host(&p, "P");
	topo_cable(&x, "private", &p, "eth0");
	topo_addr(&x, "private", 0177001);
	topo_addr(&p, "eth0", 0177002);
	for (i = 1; i < N_LINE - 1; i++)
		topo_forward(line[i], true);
	if (topo_wait(2 * TOPO_PATIENCE, line_knows()) < 0)
		tap_bail("the line does not converge");
	/* Hardware addresses are known from here on. */
	for (i = 1; i < N_LINE; i++)
		if (!topo_ask(&a, i << 8 | 2, TOPO_PATIENCE))
			tap_bail("no answer from %o", i << 8 | 2);
}

/* The BRD must come on these wires, forwarded so often, with these bits. */
static bool hear_hop(int wire, unsigned int hops, const struct copy *copy, struct copies_brd *brd)
{
	struct wire_frame f;

	if (!survey_hear(wire, &f)) {
		tap_diag("no BRD after %u bridges", hops);
		return false;
	}
	if (!hops) {
		brd->sidx = wire_get(&f, WIRE_SIDX);
		brd->num = wire_get(&f, WIRE_NUM);
	}
	brd->fc = hops;
	if (copies_is(&f, copy, brd))
		return true;
	wire_show("got", &f);
	return false;
}

/* Each subnet's bit is turned off by who broadcasts there. */
static void test_line_bits(void)
{
	static const struct copy copies[] = {
		ALL_ON(0, SUBNETS(1, 2, 3, 4)), ALL_ON(1, SUBNETS(3, 4)), ALL_ON(2, SUBNETS(4)),
		ALL_ON(3, NO_SUBNETS),
	};
	const struct subnets all = { SUBNETS(1, 2, 3, 4, 9, 0376) };
	struct copies_brd brd = { .src = 0401, .map = COPIES_MAP, .text = "STATUS" };
	int wires[N_LINE - 1], fd;
	bool good = true;
	unsigned int i;

	for (i = 0; i < N_LINE - 1; i++)
		wires[i] = topo_watch(line[i + 1], "left");
	fd = survey_ask(&a, &all);
	for (i = 0; i < N_LINE - 1; i++)
		good = hear_hop(wires[i], i, &copies[i], &brd) && good;
	tap_ok(good, "bits are turned off, and the forwarding count goes up, bridge by bridge");
	for (i = 0; i < N_LINE - 1; i++)
		close(wires[i]);
	close(fd);
}

static void test_line(void)
{
	const struct topo_host * const others[] = { &x, &y, &z, &b };
	const struct subnets everywhere = { RANGE(1, 255) }, first = { SUBNETS(1) };
	const struct subnets two = { SUBNETS(1, 2) }, last = { SUBNETS(4) };
	uint64_t before;
	int wire;

	test_line_bits();
	wire = topo_watch(&y, "left");
	tap_ok(survey_once(&a, &everywhere, others, 4), "everywhere: everybody answers once");
	tap_ok(survey_count(wire), "others hear it");
	tap_ok(survey_once(&a, &first, others, 1), "the first subnet: the bridge answers");
	tap_ok(!survey_count(wire), "others do not hear it");
	tap_ok(survey_once(&a, &two, others, 2), "two subnets: two bridges answer");
	tap_ok(survey_once(&a, &last, others, 4), "the last subnet: all who have seen it answer");
	close(wire);

	before = topo_count(&y, CHAOS_STAT_BRD_FORWARDED);
	topo_forward(&y, false);
	wire = topo_watch(&z, "left");
	tap_ok(survey_once(&a, &two, others, 2), "a host in the line that is no bridge answers");
	tap_ok(!survey_count(wire) && topo_count(&y, CHAOS_STAT_BRD_FORWARDED) == before,
	       "and sends nothing on");
	topo_forward(&y, true);
	close(wire);
}

static void test_private(void)
{
	const struct topo_host * const bridge[] = { &x };
	const struct topo_host * const others[] = { &x, &y, &z, &b };
	const struct subnets everywhere = { RANGE(1, 255) }, own = { SUBNETS(0376) };
	int wire_p = topo_watch(&p, "eth0"), wire_a = topo_watch(&a, "right");

	topo_fixed(&p, 0, 0177001);
	if (topo_wait(2 * TOPO_PATIENCE, line_knows()) < 0)
		tap_bail("the line does not converge again");
	tap_ok(survey_once(&a, &everywhere, others, 4), "a host of a private subnet is not asked");
	tap_ok(!survey_count(wire_p), "nothing comes there");
	survey_count(wire_a);
	tap_ok(survey_once(&p, &own, bridge, 1), "on the private subnet, its bridge answers");
	tap_ok(survey_once(&p, &everywhere, bridge, 1), "and nobody else, whoever is asked");
	tap_ok(!survey_count(wire_a), "nothing comes out");
	close(wire_p);
	close(wire_a);
}

static void make_double(void)
{
	topo_host(&c, "C");
	topo_host(&d, "D");
	topo_host(&v, "V");
	topo_host(&w, "W");
	topo_switch(&switch5, "SWITCH5");
	topo_switch(&switch6, "SWITCH6");
	topo_plug(&switch5, "c", &c, "eth0");
	topo_plug(&switch5, "v", &v, "eth5");
	topo_plug(&switch5, "w", &w, "eth5");
	topo_plug(&switch6, "d", &d, "eth0");
	topo_plug(&switch6, "v", &v, "eth6");
	topo_plug(&switch6, "w", &w, "eth6");
	topo_addr(&c, "eth0", 02401);
	topo_addr(&v, "eth5", 02402);
	topo_addr(&w, "eth5", 02403);
	topo_addr(&d, "eth0", 03001);
	topo_addr(&v, "eth6", 03002);
	topo_addr(&w, "eth6", 03003);
	topo_forward(&v, true);
	topo_forward(&w, true);
	if (topo_wait(2 * TOPO_PATIENCE, topo_via(&c, 6) && topo_via(&d, 5)) < 0)
		tap_bail("the two bridges are not heard of");
	if (!topo_ask(&c, 03001, TOPO_PATIENCE) || !topo_ask(&c, 03002, TOPO_PATIENCE) ||
	    !topo_ask(&c, 03003, TOPO_PATIENCE))
		tap_bail("no answer");
}

static uint64_t double_copies(void)
{
	return topo_count(&v, CHAOS_STAT_BRD_FORWARDED) + topo_count(&w, CHAOS_STAT_BRD_FORWARDED);
}

/* What each of the two has sent on is heard by the other one, and goes no further. */
static void test_double(void)
{
	const struct topo_host * const others[] = { &v, &w, &d };
	const struct subnets both = { SUBNETS(5, 6) };
	int wire_c = topo_watch(&c, "eth0"), wire_d = topo_watch(&d, "eth0");
	struct wire_frame f, g;
	uint64_t before = double_copies();
	unsigned int more;
	int fd;

	fd = survey_ask(&c, &both);
	tap_ok(survey_hear(wire_d, &f) && survey_hear(wire_d, &g) && f.len == g.len &&
	       !memcmp(f.bytes + WIRE_TYPE, g.bytes + WIRE_TYPE, f.len - WIRE_TYPE) &&
	       wire_get(&f, WIRE_COUNT) >> 12 == 1, "two copies come by two bridges");
	netns_sleep(SURVEY_QUIET);
	more = survey_count(wire_d);
	tap_ok(!more && !survey_count(wire_c), "no more, and none comes back");
	tap_eq(double_copies() - before, 2, "each bridge has made one");
	close(fd);
	tap_ok(survey_once(&c, &both, others, 3), "everybody answers once");
	close(wire_c);
	close(wire_d);
}

int main(void)
{
	pair_limit_time();
	make_line();
	test_line();
	test_private();
	make_double();
	test_double();
	return tap_done();
}
