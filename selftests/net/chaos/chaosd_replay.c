// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay to our host through chaosd: the packet that was captured on a chaosd socket, and
 * the conversation of vectors/ether.pcap in frames of that kind.
 *
 *	chaos0 (our host, 402) --- chaosd --- Unix socket --- the test, playing 401
 *	            then 401                                               402
 */
#define _GNU_SOURCE
#include "daemon.h"
#include "replay_answers.h"
#include "replay_questions.h"
#include "tunnel.h"

#define SERVER	"/tmp/chaosd_replay_server"

/* RFC TIME from 401, index 4e3f, to 402; link destination 400, that is subnet 1. */
static const uint8_t captured[] = {
	0x00, 0x1a, 0x01, 0x00, 0x00, 0x01, 0x04, 0x00, 0x02, 0x01,
	0x00, 0x00, 0x01, 0x01, 0x3f, 0x4e, 0xad, 0x87, 0x00, 0x00,
	0x54, 0x49, 0x4d, 0x45, 0x00, 0x01, 0x01, 0x01, 0x69, 0x96,
};

#define SUM	(sizeof(captured) - 2)

/* What must come: ANS from 402 for it, with the time, for 401 on the link. */
static const uint8_t answer[] = {
	0x00, 0x1a, 0x01, 0x00, 0x00, 0x05, 0x04, 0x00, 0x01, 0x01,
	0x3f, 0x4e, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0, 0, 0, 0, 0x01, 0x01, 0x02, 0x01, 0, 0,
};

enum { ANSWER_TIME = 20, ANSWER_SUM = sizeof(answer) - 2 };

/* The next frame, but for time and checksum. */
static bool is_answer(int fd)
{
	uint8_t got[sizeof(answer)] = {};
	bool came = tunnel_read(fd, got, sizeof(got), NETNS_PATIENCE);

	if (came && cdev_sum(got + TUNNEL_HEADER, sizeof(got) - TUNNEL_HEADER) == 0xffff) {
		memset(got + ANSWER_TIME, 0, 4);
		memset(got + ANSWER_SUM, 0, 2);
		if (!memcmp(got, answer, sizeof(answer)))
			return true;
	}
	tunnel_show(came ? "got" : "got nothing", got, came ? sizeof(got) : 0);
	return false;
}

static void test_captured(int fd)
{
	uint8_t f[2 * sizeof(captured)];
	unsigned int i;

	memcpy(f, captured, sizeof(captured));
	memcpy(f + sizeof(captured), captured, sizeof(captured));

	tunnel_write(fd, captured, sizeof(captured));
	tap_ok(is_answer(fd), "the captured frame is answered");

	/* As one emulator has it. */
	f[SUM] = captured[SUM + 1];
	f[SUM + 1] = captured[SUM];
	tunnel_write(fd, f, sizeof(captured));
	tap_ok(is_answer(fd), "with a checksum that is byte-swapped");
	f[SUM] = 0;
	f[SUM + 1] = 0;
	tunnel_write(fd, f, sizeof(captured));
	tap_ok(is_answer(fd), "without a checksum");
	memcpy(f, captured, sizeof(captured));
	f[2] = 0;
	f[3] = 0;
	tunnel_write(fd, f, sizeof(captured));
	tap_ok(is_answer(fd), "with 0 in the other two bytes of the header");
	memcpy(f, captured, sizeof(captured));

	for (i = 0; i < sizeof(captured); i++) {
		tunnel_write(fd, captured + i, 1);
		netns_sleep(2);
	}
	tap_ok(is_answer(fd), "byte by byte");
	tunnel_write(fd, f, sizeof(f));
	tap_ok(is_answer(fd) && is_answer(fd), "twice in one write");
	tunnel_write(fd, f, sizeof(captured) + 3);
	tap_ok(is_answer(fd), "with the beginning of another behind it");
	tunnel_write(fd, f + sizeof(captured) + 3, sizeof(captured) - 3);
	tap_ok(is_answer(fd), "and that one when it is complete");
}

static struct daemon chaosd = { .program = "chaosd/chaosd" };

static void start(const char *addr)
{
	char config[128];

	snprintf(config, sizeof(config), "listen unix %s mode 0666\nlink chaos0 address %s\n",
		 SERVER, addr);
	chaosd.ns = replay_new_host();
	daemon_start(&chaosd, config);
}

/* In a new namespace each: the counters of the capture began at 0. */
int main(void)
{
	static struct replay r = {
		.window = 13, .send = tunnel_unix_send, .recv = tunnel_unix_recv,
	};

	start("402");
	r.fd = tunnel_unix_open(SERVER);
	test_captured(r.fd);
	close(r.fd);
	daemon_kill(&chaosd, SIGTERM);

	tunnel_ether_load(&r.cap, "ether.pcap");
	start("402");
	netns_must("chaosctl set name HOSTB");
	r.fd = tunnel_unix_open(SERVER);
	replay_answers(&r);
	close(r.fd);
	daemon_kill(&chaosd, SIGTERM);

	r = (struct replay) { .window = 13, .send = r.send, .recv = r.recv };
	tunnel_ether_load(&r.cap, "ether.pcap");
	wire_ether(&r.cap.frames[1], wire_zero, wire_zero, 0);	/* no ARP there */
	start("401");
	r.fd = tunnel_unix_open(SERVER);
	replay_questions(&r);
	daemon_kill(&chaosd, SIGTERM);
	return tap_done();
}
