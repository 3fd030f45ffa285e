// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two emulators that know only this host, each over UDP, on one subnet:
 *
 *	177002 --- UDP --- chaos-udp, chaos0 177001, a bridge --- UDP --- 177040
 *
 * They name each other as the next hop, as neighbours do, but send here; others name
 * nobody, or us.  The packets come through, forwarded once.
 */
#define _GNU_SOURCE
#include "daemon.h"
#include "topo.h"
#include "tunnel.h"

#define OUR_PORT	42042

enum { US = 0177001, ITS = 0177002, LISPM = 0177040 };

static const struct emulator {
	uint16_t addr, port;
} emulators[] = {
	{ ITS, 42043 }, { LISPM, 42044 },
};

/* Wait for the packet; others, such as routing packets, may come before. */
static bool comes(int fd, const struct wire_frame *want)
{
	long long end = netns_now() + NETNS_PATIENCE;
	struct wire_frame f;

	while (netns_now() < end)
		if (tunnel_udp_recv(fd, &f, 100) && f.len == want->len &&
		    !memcmp(f.bytes, want->bytes, f.len))
			return true;
	wire_show("did not come", want);
	return false;
}

static void test_pass(const int fd[2], unsigned int from, uint16_t hop)
{
	static const char request[] = "STATUS";
	const uint16_t src = emulators[from].addr, dst = emulators[!from].addr;
	struct wire_frame f, want;

	tunnel_request(&f, dst, src, hop | 1, request);
	want = f;
	wire_put(&want, WIRE_COUNT, 1 << 12 | strlen(request));
	tunnel_ether(&want, dst, US);
	tunnel_ether(&f, hop, src);
	tunnel_udp_send(fd[from], &f);
	tap_ok(comes(fd[!from], &want), "from %o to %o, next hop %o", src, dst, hop);
}

int main(void)
{
	static struct daemon udp = { .program = "udp/chaos-udp" };
	struct topo_host us;
	unsigned int i;
	int fd[2];

	netns_check();
	topo_host(&us, "US");
	topo_enter(&us);
	udp.ns = us.ns;
	daemon_start(&udp, "listen 127.0.0.1\nlink chaos0 177001\n"
			   "peer 177002 127.0.0.1:42043\npeer 177040 127.0.0.1:42044\n");
	topo_forward(&us, true);
	for (i = 0; i < 2; i++)
		fd[i] = tunnel_udp_open(emulators[i].port, OUR_PORT);
	for (i = 0; i < 2; i++) {
		test_pass(fd, i, emulators[!i].addr);
		test_pass(fd, i, 0177000);
		test_pass(fd, i, 0);
		test_pass(fd, i, US);
	}
	daemon_kill(&udp, SIGTERM);
	return tap_done();
}
