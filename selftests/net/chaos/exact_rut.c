// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routing packets and learned routes in time, with the times that the kernel has if
 * nobody changes them (AIM 628 section 3.7).
 *
 *	the bridge, 401 eth0 ------- wire0, where the test plays 402 and 403
 *	           1001 eth1 ------- wire1, where the test listens
 */
#define _GNU_SOURCE
#include "exact.h"
#include "rut.h"
#include "topo.h"

#define SECOND		1000
#define INTERVAL	(15 * SECOND)
#define AGEING		(4 * SECOND)
#define EXPIRE		(60 * SECOND)
#define PACKETS		12

static const uint8_t mac[6] = { 2, 0, 0, 0, 1, 2 };

static struct topo_host us;
static int wire[2];

static void make_bridge(void)
{
	topo_host(&us, "US");
	topo_cable(&us, "eth0", &us, "wire0");
	topo_cable(&us, "eth1", &us, "wire1");
	topo_addr(&us, "eth0", 0401);
	topo_addr(&us, "eth1", 01001);
	wire[0] = topo_watch(&us, "wire0");
	wire[1] = topo_watch(&us, "wire1");
	topo_forward(&us, true);
}

static void tell(uint16_t src, uint16_t subnet, uint16_t cost)
{
	struct wire_frame f;

	rut_one(&f, mac, src, subnet, cost);
	wire_send(wire[0], &f);
	if (topo_wait(SECOND, topo_via(&us, subnet)) < 0)
		tap_bail("subnet %o at cost %u is not learned", subnet, cost);
}

static void forget(void)
{
	struct wire_frame f;

	while (wire_recv(wire[1], &f, 0))
		;
}

/* The cost of a learned route, 0 without one. */
static unsigned int cost_of(unsigned int subnet)
{
	const struct topo_route *r = topo_learned(&us, subnet);

	return r ? r->cost : 0;
}

/* Until so many milliseconds after a moment. */
static void sleep_until(long long start, long long ms)
{
	long long left = start + ms - netns_now();

	if (left > 0)
		netns_sleep(left);
}

static void test_intervals(void)
{
	long long last = 0, gap, least = EXPIRE, most = 0, sum = 0;
	struct wire_frame f;
	unsigned int i;

	netns_sleep(2 * INTERVAL);
	forget();
	for (i = 0; i <= PACKETS; i++) {
		if (!rut_hear(wire[1], &f, 2 * INTERVAL))
			break;
		gap = netns_now() - last;
		last = netns_now();
		if (!i)
			continue;
		sum += gap;
		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	if (!tap_eq(i, PACKETS + 1, "routing packets go on and on"))
		return;
	tap_diag("from %lld to %lld ms apart, %lld in the mean", least, most, sum / PACKETS);
	tap_ok(least >= INTERVAL - INTERVAL / 16 - 1 &&
	       most <= INTERVAL + INTERVAL / 16 + exact_late(INTERVAL),
	       "15 seconds apart, give or take a sixteenth");
	tap_ok(most - least > INTERVAL / 32, "never quite the same");
	tap_ok(sum / PACKETS > INTERVAL * 9 / 10 && sum / PACKETS < INTERVAL * 11 / 10,
	       "15 seconds in the mean");
}

static void test_ageing(void)
{
	unsigned int k, wrong = 0;
	struct wire_frame f;
	long long start;

	tell(0402, 5, 50);
	start = netns_now();
	for (k = 0; k < EXPIRE / AGEING; k++) {
		sleep_until(start, k * AGEING + 100);
		wrong += cost_of(5) != 50 + k;
		sleep_until(start, (k + 1) * AGEING - 100);
		wrong += cost_of(5) != 50 + k;
	}
	tap_eq(wrong, 0, "the cost grows by 1 every 4 seconds");
	forget();
	tap_ok(rut_hear_cost(wire[1], &f, 5, RUT_CAP, SECOND), "then others hear that it is gone");
	exact_time(netns_now() - start, EXPIRE, EXPIRE, "after 60 seconds of silence");
	tap_eq(cost_of(5), 0, "it is gone");
	forget();
	tap_ok(rut_hear_cost(wire[1], &f, 5, RUT_CAP, 2 * INTERVAL), "they hear it again");
	netns_sleep(EXPIRE);
	forget();
	tap_ok(rut_hear(wire[1], &f, 2 * INTERVAL) && !rut_cost(&f, 5), "but not forever");
}

/* Who tells of a subnet as often as should be is not forgotten. */
static void test_kept(void)
{
	unsigned int i, least = RUT_CAP, most = 0, cost;

	for (i = 0; i < 8; i++) {
		tell(0402, 6, 30);
		netns_sleep(INTERVAL - SECOND);
		cost = cost_of(6);
		least = cost < least ? cost : least;
		most = cost > most ? cost : most;
	}
	tap_ok(least == 33 && most == 33, "what is told every 15 seconds is known all the time");
}

static void test_compared(void)
{
	struct wire_frame f;

	tell(0402, 7, 30);
	netns_sleep(5 * AGEING + 100);
	rut_one(&f, mac, 0403, 7, 36);
	wire_send(wire[0], &f);
	netns_sleep(100);
	tap_eq(topo_via(&us, 7), 0402, "old news of 30, now 35, are better than fresh ones of 36");
	rut_one(&f, mac, 0403, 7, 34);
	wire_send(wire[0], &f);
	netns_sleep(100);
	tap_eq(topo_via(&us, 7), 0403, "but not better than fresh ones of 34");
	tap_eq(cost_of(7), 34, "that is then the cost");
}

static void test_cap(void)
{
	struct wire_frame f;
	long long start;

	topo_sysctl(&us, "rut_expire_ms", 3600 * SECOND);
	tell(0402, 010, 500);
	start = netns_now();
	sleep_until(start, 11 * AGEING + 100);
	tap_eq(cost_of(010), RUT_CAP - 1, "the cost grows to the cap");
	sleep_until(start, 12 * AGEING + 100);
	tap_eq(cost_of(010), RUT_CAP, "reaches it");
	sleep_until(start, 20 * AGEING);
	tap_eq(cost_of(010), RUT_CAP, "and stays there");
	rut_one(&f, mac, 0403, 010, RUT_CAP - 1);
	wire_send(wire[0], &f);
	netns_sleep(100);
	tap_eq(topo_via(&us, 010), 0403, "any other way is better");
}

int main(void)
{
	exact_setup();
	make_bridge();
	test_intervals();
	test_ageing();
	test_kept();
	test_compared();
	test_cap();
	return tap_done();
}
