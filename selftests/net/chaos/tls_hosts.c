// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host behind a bad cable joins another by chaos-tls:
 *
 *	A 401 chaos0 --- chaos-tls --- eth0 -- netem -- eth0 --- chaos-tls --- chaos0 402 B
 *	                  server                                  client
 *
 * While streams go both ways the server is killed and started again, and B gets another IP
 * address: the streams are intact.  TLS_MIB (1) is how much goes each way.
 */
#define _GNU_SOURCE
#include "authority.h"
#include "topo.h"

#define NETEM	"limit 10000 delay 2ms loss 0.2%"
#define SERVER	"listen 192.0.2.1\nlink chaos0 address 401\naccept\n"
#define CLIENT	"link chaos0 address 402\nconnect 192.0.2.1 name hub.test\n"

enum { A = 0401, B = 0402 };

static struct topo_host a, b;
static struct daemon hub = { .program = "tls/chaos-tls" };
static struct daemon leaf = { .program = "tls/chaos-tls" };

static void set_netem(const struct topo_host *host)
{
	char output[NETNS_OUTPUT];

	topo_enter(host);
	if (netns_run(output, "tc qdisc add dev eth0 root netem %s", NETEM))
		tap_bail("tc: %s", output);
}

static void make_hosts(void)
{
	char output[NETNS_OUTPUT];

	topo_host(&a, "A");
	topo_host(&b, "B");
	topo_cable(&a, "eth0", &b, "eth0");
	topo_enter(&a);
	netns_must("ip addr add 192.0.2.1/24 dev eth0");
	topo_enter(&b);
	netns_must("ip addr add 192.0.2.2/24 dev eth0");
	authority_make("hub.test leaf.test");
	authority_host(A, "hub.test");
	authority_host(B, "leaf.test");
	/* The kernel need not have it. */
	if (netns_run(output, "modprobe tls"))
		tap_diag("no TLS in the kernel");
	hub.ns = a.ns;
	leaf.ns = b.ns;
}

/* Bytes that have come to a host by Chaosnet. */
static uint64_t came(const struct topo_host *host)
{
	unsigned long long bytes = 0;
	char line[256];
	FILE *file;

	topo_enter(host);
	file = fopen("/proc/thread-self/net/dev", "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " chaos0: %llu", &bytes) == 1)
			break;
	if (file)
		fclose(file);
	return bytes;
}

/* Do that many more bytes get through, both ways together? */
static bool goes_on(uint64_t bytes)
{
	uint64_t then = came(&a) + came(&b);

	return topo_wait(3 * NETNS_PATIENCE, came(&a) + came(&b) >= then + bytes) >= 0;
}

/* Say what a daemon reports about its connection. */
static void show_report(struct daemon *daemon)
{
	size_t said = strlen(daemon_log(daemon));

	kill(daemon->pid, SIGUSR1);
	tap_ok(daemon_wait_log(daemon, said, "TLSv1.3"), "%s reports",
	       daemon == &hub ? "the server" : "the client");
	daemon_show_log(daemon);
}

/* Things happen, each after a part of a stream. */
static void disturb(uint64_t part)
{
	long long start;

	tap_ok(goes_on(part), "streams run");
	daemon_kill(&hub, SIGKILL);
	daemon_restart(&hub);
	start = netns_now();
	tap_ok(goes_on(part), "and again after the server was killed and started again");
	tap_diag("after %lld ms", netns_now() - start);
	topo_enter(&b);
	netns_must("ip addr del 192.0.2.2/24 dev eth0");
	netns_must("ip addr add 192.0.2.3/24 dev eth0");
	start = netns_now();
	tap_ok(goes_on(part), "and after B got another address");
	tap_diag("after %lld ms", netns_now() - start);
}

static void test_streams(uint64_t size)
{
	long long start = netns_now();
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(!topo_stream(&b, &a, A, size));
	disturb(size / 16);
	waitpid(pid, &status, 0);
	tap_eq(status, 0, "%llu KiB each way are intact", (unsigned long long)size >> 10);
	tap_diag("in %lld ms", netns_now() - start);
}

int main(void)
{
	uint64_t size = (uint64_t)transfer_setting("TLS_MIB", 1) << 20;

	netns_check();
	pair_limit_time();
	make_hosts();
	daemon_start(&hub, authority_config("hub.test", SERVER));
	daemon_start(&leaf, authority_config("leaf.test", CLIENT));
	tap_ok(topo_wait_answer(&b, A, NETNS_PATIENCE) >= 0, "A answers STATUS");
	tap_ok(topo_ask(&a, B, NETNS_PATIENCE), "and B");
	set_netem(&a);
	set_netem(&b);
	test_streams(size);
	show_report(&hub);
	show_report(&leaf);
	tap_eq(daemon_kill(&leaf, SIGTERM), 0, "the client ends well");
	tap_eq(daemon_kill(&hub, SIGTERM), 0, "and the server");
	return tap_done();
}
