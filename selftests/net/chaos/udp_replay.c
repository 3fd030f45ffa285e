// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay of vectors/chudp.pcap to our host, which takes the place of 402 and then of 401,
 * through chaos-udp; and of the routing packets on UDP in vectors/rut-brd.pcap, both ways.
 *
 *	chaos0 (our host) --- chaos-udp --- UDP --- a socket of the test
 *
 * Every byte of a datagram is compared, those of the trailer too.
 */
#define _GNU_SOURCE
#include "daemon.h"
#include "replay_answers.h"
#include "replay_questions.h"
#include "topo.h"
#include "tunnel.h"

#define OUR_PORT	42042
#define TEST_PORT	42043

/* We tell of our subnet, which in the capture was one of a single host. */
static void expect_our_subnet(struct pcap *cap)
{
	struct wire_frame *f = &cap->frames[10];

	wire_put(f, WIRE_COUNT, 8);
	f->len = WIRE_DATA + 8;
}

static void test_answers(void)
{
	static struct replay r = {
		.window = 13, .send = tunnel_udp_send, .recv = tunnel_udp_recv,
	};
	static struct daemon udp = { .program = "udp/chaos-udp" };

	udp.ns = replay_new_host();
	tunnel_udp_load(&r.cap, "chudp.pcap", REPLAY_FIRST);
	expect_our_subnet(&r.cap);
	netns_must("chaosctl set name HOSTB");
	daemon_start(&udp, "listen 127.0.0.1\nlink chaos0 402\npeer 401 127.0.0.1:42043\n");
	r.fd = tunnel_udp_open(TEST_PORT, OUR_PORT);
	replay_answers(&r);
	close(r.fd);
	daemon_kill(&udp, SIGTERM);
}

static void test_questions(void)
{
	static struct replay r = {
		.window = 13, .send = tunnel_udp_send, .recv = tunnel_udp_recv,
	};
	static struct daemon udp = { .program = "udp/chaos-udp" };

	udp.ns = netns_new();
	tunnel_udp_load(&r.cap, "chudp.pcap", REPLAY_FIRST);
	daemon_start(&udp, "listen 127.0.0.1\nlink chaos0 401\npeer 402 127.0.0.1:42043\n");
	r.fd = tunnel_udp_open(TEST_PORT, OUR_PORT);
	replay_questions(&r);
	close(r.fd);
	daemon_kill(&udp, SIGTERM);
}

/* Our host is 3002 and has the subnets of the captured bridge, at the cost that it tells:
 * the link's and that of what is behind it.
 */
static void be_bridge(const struct topo_host *us)
{
	static const struct {
		const char *dev;
		unsigned int addr;
	} rows[] = {
		{ "dummy1", 0401 }, { "dummy2", 01001 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		netns_must("ip link add %s type dummy", rows[i].dev);
		netns_dev_up(rows[i].dev, true);
		netns_must("chaosctl link add %s cost 9", rows[i].dev);
		netns_must("chaosctl addr add %o dev %s", rows[i].addr, rows[i].dev);
	}
	netns_must("chaosctl link set chaos0 cost 1");
	topo_forward(us, true);
}

/* What our bridge tells of both subnets at last must be the captured datagram. */
static void test_told(int fd, const struct wire_frame *want)
{
	long long end = netns_now() + 2 * NETNS_PATIENCE;
	struct wire_frame f = {};

	while (netns_now() < end)
		if (tunnel_udp_recv(fd, &f, 100) && f.len == want->len &&
		    !memcmp(f.bytes, want->bytes, f.len))
			break;
	if (!tap_ok(f.len == want->len && !memcmp(f.bytes, want->bytes, f.len),
		    "RUT: our bridge tells what the captured one told")) {
		wire_show("expected", want);
		wire_show("last of what came", &f);
	}
}

static void test_routes(void)
{
	static struct pcap cap;
	static struct daemon teller = { .program = "udp/chaos-udp" };
	static struct daemon hearer = { .program = "udp/chaos-udp" };
	struct topo_host us, them;
	int fd;

	tunnel_udp_load(&cap, "rut-brd.pcap", 1);
	tap_eq(cap.count, 2, "RUT: two datagrams are in the capture");

	topo_host(&them, "THEM");
	hearer.ns = them.ns;
	daemon_start(&hearer, "listen 127.0.0.1\nlink chaos0 3001\npeer 3002 127.0.0.1:42043\n");
	fd = tunnel_udp_open(TEST_PORT, OUR_PORT);
	tunnel_udp_send(fd, &cap.frames[1]);
	tap_ok(topo_wait(TOPO_PATIENCE, topo_via(&them, 1) == 03002 &&
			 topo_via(&them, 2) == 03002) >= 0,
	       "RUT: our host learns two subnets from the captured one");
	close(fd);
	daemon_kill(&hearer, SIGTERM);

	topo_host(&us, "US");
	topo_times(&us, 1000, 60000);
	teller.ns = us.ns;
	fd = tunnel_udp_open(TEST_PORT, OUR_PORT);
	daemon_start(&teller, "listen 127.0.0.1\nlink chaos0 3002\npeer 3001 127.0.0.1:42043\n");
	topo_enter(&us);
	be_bridge(&us);
	test_told(fd, &cap.frames[2]);
	close(fd);
	daemon_kill(&teller, SIGTERM);
}

int main(void)
{
	test_answers();
	test_questions();
	test_routes();
	return tap_done();
}
