// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chaos-udp with a thousand peers that it learns, and among those who send it nonsense:
 *
 *	chaos0 401, chaos1 1001, ... (our host) --- chaos-udp --- sockets of the test
 *
 * Each peer is a socket with a port of its own.
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "daemon.h"
#include "survey.h"
#include "tunnel.h"

#define OUR_PORT	42042
#define LINKS		4
#define PER_LINK	250
#define PEERS		(LINKS * PER_LINK)
#define ONE_MORE	0776
#define INDEX		0x2345
#define EACH		400		/* datagrams of each bad kind; in batches of */
#define BATCH		40		/* that the socket's buffer surely holds */
#define FLOOD		20000
#define FLAT_KIB	128		/* memory of a daemon may grow by */

static struct daemon udp = { .program = "udp/chaos-udp" };
static struct topo_host us;
static int peer_fd[PEERS], stranger;

static uint16_t our_addr(unsigned int peer)
{
	return (peer / PER_LINK + 1) << 8 | 1;
}

static uint16_t peer_addr(unsigned int peer)
{
	return (peer / PER_LINK + 1) << 8 | (2 + peer % PER_LINK);
}

static void more_files(void)
{
	struct rlimit limit = { PEERS + 100, PEERS + 100 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		tap_bail("RLIMIT_NOFILE: %s", strerror(errno));
}

static void request_as(int fd, uint16_t from, uint16_t to)
{
	struct wire_frame f;

	tunnel_request(&f, to, from, INDEX, "UPTIME");
	tunnel_udp_send(fd, &f);
}

/* Forgets what else comes. */
static bool answered(int fd, uint16_t from, uint16_t to, int ms)
{
	struct wire_frame f;

	while (tunnel_udp_recv(fd, &f, ms))
		if (tunnel_is_answer(&f, from, to, INDEX))
			return true;
	return false;
}

static bool peer_asks(unsigned int peer)
{
	request_as(peer_fd[peer], peer_addr(peer), our_addr(peer));
	return answered(peer_fd[peer], our_addr(peer), peer_addr(peer), NETNS_PATIENCE);
}

static unsigned int count_lines(const char *text)
{
	unsigned int n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

/* The socket may be full of other things: ask again and again. */
static bool peer_asks_until_answered(unsigned int peer)
{
	long long end = netns_now() + 3 * NETNS_PATIENCE;

	do {
		request_as(peer_fd[peer], peer_addr(peer), our_addr(peer));
		if (answered(peer_fd[peer], our_addr(peer), peer_addr(peer), 1000))
			return true;
	} while (netns_now() < end);
	return false;
}

/* What the daemon reports: a line for all, and for each link and each peer. */
static const char *report(void)
{
	daemon_forget_log(&udp);
	kill(udp.pid, SIGUSR1);
	topo_wait(NETNS_PATIENCE, count_lines(daemon_log(&udp)) >= 1 + LINKS + PEERS);
	return daemon_log(&udp);
}

/* The number before some words, 0 if they are not there. */
static unsigned long number_before(const char *text, const char *words)
{
	const char *found = strstr(text, words);

	while (found && found > text && strchr("0123456789 ", found[-1]))
		found--;
	return found ? strtoul(found, NULL, 10) : 0;
}

static unsigned long memory_kib(void)
{
	return strtoul(daemon_proc(&udp, "VmRSS"), NULL, 10);
}

/* ------------------------------------------------------------- many peers */

static void start(void)
{
	char config[512], *at = config;
	unsigned int i;

	topo_host(&us, "US");
	udp.ns = us.ns;
	at += sprintf(at, "listen 127.0.0.1:%u\n", OUR_PORT);
	for (i = 0; i < LINKS; i++)
		at += sprintf(at, "link chaos%u %o dynamic on max %u\n", i,
			      our_addr(i * PER_LINK), PER_LINK);
	daemon_start(&udp, config);
	topo_enter(&us);
	for (i = 0; i < PEERS; i++)
		peer_fd[i] = tunnel_udp_open(0, OUR_PORT);
	stranger = tunnel_udp_open(0, OUR_PORT);
}

static void test_peers(void)
{
	unsigned int i, failed = 0;
	const char *text;

	for (i = 0; i < PEERS; i++)
		failed += !peer_asks(i);
	tap_eq(failed, 0, "%u peers are learned, and answered", PEERS);
	for (i = 0; i < PEERS; i++)
		failed += !peer_asks(i);
	tap_eq(failed, 0, "and again");
	text = report();
	for (i = 0; i < LINKS; i++)
		text = text ? strstr(text, "250 of 250 learned") : NULL, text += !!text;
	tap_ok(text, "the report tells of all");

	request_as(stranger, ONE_MORE, our_addr(0));
	for (i = 0; i < PEERS; i += 97)
		failed += !peer_asks(i);
	tap_eq(failed, 0, "one more comes: those who are there stay");
	tap_ok(!answered(stranger, our_addr(0), ONE_MORE, 0), "it is not answered");
	tap_eq(number_before(report(), "from too many peers"), 1, "but counted");
}

/* A broadcast goes to each of them. */
static void test_broadcast(void)
{
	static const struct subnets all = { RANGE(1, LINKS) };
	unsigned int i, heard = 0;
	struct wire_frame f;
	int fd = survey_ask(&us, &all);

	for (i = 0; i < PEERS; i++)
		heard += tunnel_udp_recv(peer_fd[i], &f, NETNS_PATIENCE) &&
			 f.bytes[WIRE_OP] == CHAOS_OP_BRD;
	tap_eq(heard, PEERS, "a broadcast goes to every peer");
	close(fd);
}

/* ---------------------------------------------------------------- nonsense */

/* Make a datagram bad; returns its length. */
static size_t bad_version(uint8_t *d, size_t len)
{
	d[0] = 2;
	return len;
}

static size_t bad_function(uint8_t *d, size_t len)
{
	d[1] = 2;
	return len;
}

static size_t bad_checksum(uint8_t *d, size_t len)
{
	d[len - 1] ^= 1;
	return len;
}

static size_t bad_bytes(uint8_t *d, size_t len)
{
	d[TUNNEL_HEADER + 16] ^= 0x20;
	return len;
}

static size_t cut_header(uint8_t *d, size_t len)
{
	(void)d;
	return len ? 3 : 0;
}

static size_t cut_packet(uint8_t *d, size_t len)
{
	(void)d;
	return len - 2;
}

static size_t odd(uint8_t *d, size_t len)
{
	(void)d;
	return len - 1;
}

static size_t too_long(uint8_t *d, size_t len)
{
	d[TUNNEL_HEADER + 2] = 0x0f;	/* byte count */
	d[TUNNEL_HEADER + 3] = 0xff;
	return len;
}

static const struct bad {
	const char *what, *counted;
	size_t (*make)(uint8_t *datagram, size_t len);
} bads[] = {
	{ "version 2", "not Chaosnet", bad_version },
	{ "function 2", "not Chaosnet", bad_function },
	{ "wrong checksum", "with a bad checksum", bad_checksum },
	{ "wrong byte", "with a bad checksum", bad_bytes },
	{ "part of the header", "malformed", cut_header },
	{ "part of a packet", "malformed", cut_packet },
	{ "an odd number of bytes", "malformed", odd },
	{ "a byte count of 4095", "malformed", too_long },
};

/* Send it many times; what was sent before a question is read before that is answered. */
static unsigned int send_bad(const struct bad *bad)
{
	uint8_t datagram[TUNNEL_HEADER + CHAOS_RECORD_MAX];
	struct wire_frame f;
	unsigned int i, fences = 0;
	size_t len;

	tunnel_request(&f, our_addr(0), peer_addr(0), INDEX, "UPTIME");
	len = bad->make(datagram, tunnel_udp_encode(datagram, &f));
	for (i = 0; i < EACH; i++) {
		if (send(stranger, datagram, len, 0) != (ssize_t)len)
			tap_bail("%s: %s", bad->what, strerror(errno));
		if ((i + 1) % BATCH)
			continue;
		fences++;
		if (!peer_asks(0))
			tap_bail("the peer is not answered any more");
	}
	return fences;
}

static void test_bad(const struct bad *bad)
{
	uint64_t before = topo_count(&us, CHAOS_STAT_RX);
	unsigned long counted = number_before(report(), bad->counted);
	unsigned int fences = send_bad(bad);

	tap_eq(number_before(report(), bad->counted) - counted, EACH,
	       "%s: counted as \"%s\"", bad->what, bad->counted);
	tap_eq(topo_count(&us, CHAOS_STAT_RX) - before, fences, "%s: nothing is delivered",
	       bad->what);
}

static void test_flood(void)
{
	unsigned long before = memory_kib();
	uint8_t datagram[1200];
	unsigned int i, k, failed = 0;
	struct wire_frame f;
	size_t len;

	srandom(1);
	for (i = 0; i < FLOOD; i++) {
		for (k = 0; k < sizeof(datagram); k++)
			datagram[k] = random();
		len = random() % sizeof(datagram);
		/* Some are right, but from subnets that are not ours, and one too many. */
		if (i % 4 < 2) {
			tunnel_request(&f, our_addr(0), i % 4 ? ONE_MORE : random() | 0100001,
				       INDEX, "UPTIME");
			len = tunnel_udp_encode(datagram, &f);
		}
		send(stranger, datagram, len, MSG_DONTWAIT);
	}
	failed += !peer_asks_until_answered(0);
	for (i = 0; i < PEERS; i += 97)
		failed += !peer_asks(i);
	tap_eq(failed, 0, "a flood of %u: peers are answered", FLOOD);
	tap_ok(memory_kib() <= before + FLAT_KIB, "memory has not grown");
	tap_diag("from %lu KiB to %lu KiB", before, memory_kib());
}

int main(void)
{
	unsigned int i;

	netns_check();
	pair_limit_time();
	more_files();
	start();
	test_peers();
	test_broadcast();
	for (i = 0; i < ARRAY_SIZE(bads); i++)
		test_bad(&bads[i]);
	test_flood();
	daemon_kill(&udp, SIGTERM);
	return tap_done();
}
