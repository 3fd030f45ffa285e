// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of vectors/ip4.pcap and ip6.pcap to our host, which takes the place of 402.
 *
 *	raw socket of the test, 401 --- eth0 ---- eth0 --- chip0 (our host, 402)
 *
 * Every byte of what our host sends is compared, those of the trailer too, which in the
 * captures full packets do not have, and ours do.
 */
#define _GNU_SOURCE
#include "chip.h"
#include "replay_answers.h"

/* We tell of our subnet, which the captured host did not. */
static void expect_our_subnet(struct pcap *cap)
{
	struct wire_frame *f = &cap->frames[10];

	wire_put(f, WIRE_COUNT, 8);
	f->len = WIRE_DATA + 8;
}

static void test_session(const char *name, const char *them_ip, const char *us_ip,
			 const char *prefixlen)
{
	static struct replay r;
	struct topo_host us, them;
	char addr[64];

	r = (struct replay) { .window = 13, .send = chip_send, .recv = chip_recv };
	chip_load(&r.cap, name, REPLAY_FIRST);
	expect_our_subnet(&r.cap);
	tap_ok(r.cap.count > 24, "%s: the conversation is there", name);
	topo_host(&them, "THEM");
	netns_stay();
	replay_unborn = netns_now();
	topo_host(&us, "HOSTB");
	replay_born = netns_now();
	topo_cable(&us, "eth0", &them, "eth0");
	snprintf(addr, sizeof(addr), "%s/%s", them_ip, prefixlen);
	chip_addr(&them, "eth0", addr);
	snprintf(addr, sizeof(addr), "%s/%s", us_ip, prefixlen);
	chip_addr(&us, "eth0", addr);
	chip_link(&us, "chip0", 0402);
	chip_map(&us, "chip0", 0401, them_ip);

	topo_enter(&them);
	r.fd = chip_open(them_ip, us_ip);
	topo_enter(&us);
	replay_answers(&r);
	close(r.fd);
}

int main(void)
{
	test_session("ip4.pcap", "10.99.0.1", "10.99.0.2", "24");
	test_session("ip6.pcap", "fd00:99::1", "fd00:99::2", "64");
	return tap_done();
}
