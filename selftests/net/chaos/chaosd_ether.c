// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Members of ethers that chaosd makes:
 *
 *	A 401 chaos0 --- chaosd --+-- Unix socket --- chaosd --- chaos0 402 B
 *	                  subnet 1 \- Unix socket --- the client of this test, 403
 *
 *	A 1001 chaos1 ------------+-- Unix socket ------------- chaos1 1002 B
 *	                  subnet 2 \- TCP socket ---- the test, 1003
 *
 * One daemon on A serves both ethers, and one on B takes part in both.  Some clients
 * stop reading, die, or talk nonsense: nobody else may notice.
 */
#define _GNU_SOURCE
#include "daemon.h"
#include "topo.h"
#include "tunnel.h"

#define ONE	"/tmp/chaosd_ether_1"
#define TWO	"/tmp/chaosd_ether_2"
#define PORT	42044
#define BULK	(128 * 1024)	/* bytes each way */
#define QUEUE	64		/* packets */

enum { CLIENT = 0403, TCP_CLIENT = 01003, INDEX = 0x1234 };

static struct topo_host a, b;
static struct daemon hub = { .program = "chaosd/chaosd" };
static struct daemon member = { .program = "chaosd/chaosd" };

/* ---- the client: all that a program needs to be a host on an ether ---- */

__noreturn static void be_client(void)
{
	static const char name[32] = "CLIENT";
	int fd = tunnel_unix_open(ONE);
	struct wire_frame f, answer;

	while (tunnel_unix_recv(fd, &f, -1)) {
		if (!wire_is_chaos(&f) || f.bytes[WIRE_OP] != CHAOS_OP_RFC ||
		    wire_get(&f, WIRE_DST) != CLIENT)
			continue;
		tunnel_packet(&answer, CHAOS_OP_ANS, wire_get(&f, WIRE_SRC),
			      wire_get(&f, WIRE_SIDX), CLIENT, 0, name, sizeof(name));
		tunnel_unix_send(fd, &answer);
	}
	_exit(0);
}

static pid_t start_client(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_client();
	}
	return pid;
}

static void kill_client(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ------------------------------------------------------------- members */

static int tcp_open(void)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd;

	topo_enter(&a);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&sin, sizeof(sin)))
		tap_bail("TCP port %u: %s", PORT, strerror(errno));
	return fd;
}

/* Ask, and take frames until one answers; those of our own are counted. */
static bool client_asks(int fd, uint16_t from, uint16_t to, unsigned int *echoes)
{
	struct wire_frame f;

	tunnel_request(&f, to, from, INDEX, "STATUS");
	tunnel_unix_send(fd, &f);
	*echoes = 0;
	while (tunnel_unix_recv(fd, &f, NETNS_PATIENCE)) {
		if (tunnel_is_answer(&f, to, from, INDEX))
			return true;
		*echoes += wire_is_chaos(&f) && wire_get(&f, WIRE_SRC) == from;
	}
	return false;
}

/* Wait for a packet between others. */
static bool hears(int fd, uint8_t op, uint16_t from, uint16_t to)
{
	struct wire_frame f;

	while (tunnel_unix_recv(fd, &f, NETNS_PATIENCE))
		if (wire_is_chaos(&f) && f.bytes[WIRE_OP] == op && wire_get(&f, WIRE_SRC) == from &&
		    wire_get(&f, WIRE_DST) == to)
			return true;
	return false;
}

/* Is who reads nothing cut off, while others talk? */
static bool cut_off(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };
	long long end = netns_now() + 3 * NETNS_PATIENCE;

	while (netns_now() < end && topo_ask(&a, 0402, NETNS_PATIENCE))
		if (poll(&pfd, 1, 50) > 0)
			return true;
	return false;
}

/* Does the hub hang up?  What it still has to say is taken. */
static bool hangs_up(int fd)
{
	long long end = netns_now() + 3 * NETNS_PATIENCE;
	char buf[4096];

	while (netns_now() < end) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		if (poll(&pfd, 1, 100) > 0 && recv(fd, buf, sizeof(buf), MSG_DONTWAIT) <= 0 &&
		    errno != EAGAIN)
			return true;
	}
	return false;
}

/* ----------------------------------------------------------------- tests */

static void start(void)
{
	topo_host(&a, "ALPHA");
	topo_host(&b, "BETA");
	hub.ns = a.ns;
	member.ns = b.ns;
	daemon_start(&hub, "ether 1\nlisten unix " ONE " mode 0666\nlink chaos0 address 401\n"
			   "queue 64\nstall 5\n"
			   "ether 2\nlisten unix " TWO " mode 0666\n"
			   "listen tcp 127.0.0.1:42044\nlink chaos1 address 1001\n");
	daemon_start(&member, "ether 1\nconnect unix " ONE "\nlink chaos0 address 402\n"
			      "ether 2\nconnect unix " TWO "\nlink chaos1 address 1002\n");
}

static void test_three_members(void)
{
	unsigned int echoes;
	int fd;

	tap_ok(topo_wait_answer(&a, 0402, NETNS_PATIENCE) >= 0, "A reaches B");
	tap_ok(topo_ask(&b, 0401, NETNS_PATIENCE), "B reaches A");
	tap_ok(topo_wait_answer(&a, CLIENT, NETNS_PATIENCE) >= 0, "A reaches the client");
	tap_ok(topo_wait_answer(&b, CLIENT, NETNS_PATIENCE) >= 0, "B reaches the client");

	fd = tunnel_unix_open(ONE);
	tap_ok(client_asks(fd, 0404, 0401, &echoes), "another client reaches A");
	tap_eq(echoes, 0, "and does not get its own packet");
	tap_ok(client_asks(fd, 0404, 0402, &echoes), "it reaches B");
	tap_ok(topo_ask(&a, 0402, NETNS_PATIENCE) && hears(fd, CHAOS_OP_RFC, 0401, 0402) &&
	       hears(fd, CHAOS_OP_ANS, 0402, 0401), "it hears what A and B say");
	close(fd);
	tap_ok(topo_stream(&a, &b, 0402, BULK), "streams between A and B are intact");
}

static void test_two_subnets(void)
{
	int one = tunnel_unix_open(ONE), tcp = tcp_open();
	unsigned int echoes;
	struct wire_frame f;

	tap_ok(topo_wait_answer(&a, 01002, NETNS_PATIENCE) >= 0, "subnet 2: A reaches B");
	tap_ok(topo_stream(&b, &a, 01001, BULK), "subnet 2: streams are intact");
	/* It has had to take it all. */
	while (tunnel_unix_recv(tcp, &f, 500))
		;
	tap_ok(client_asks(tcp, TCP_CLIENT, 01001, &echoes), "a client on TCP reaches A");
	tap_ok(client_asks(tcp, TCP_CLIENT, 01002, &echoes), "and B");
	tap_ok(!tunnel_unix_recv(one, &f, 200), "nothing of it is seen on subnet 1");
	close(one);
	close(tcp);
}

static void test_stalled(void)
{
	int fd = tunnel_unix_open(ONE), size = 4096;
	size_t said = strlen(daemon_log(&hub));
	struct wire_frame f;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	tunnel_packet(&f, CHAOS_OP_MNT, 0401, 0, 0405, 0, "", 0);
	tunnel_unix_send(fd, &f);
	tap_ok(topo_stream(&a, &b, 0402, BULK), "one client stalls: streams are intact");
	tap_ok(cut_off(fd), "it is disconnected");
	tap_ok(daemon_wait_log(&hub, said, "does not read"), "which is told");
	close(fd);
}

static void test_nonsense(void)
{
	static const uint8_t bytes[][6] = {
		{ 0xff, 0xff, 1, 0, 1, 2 }, { 0, 0, 1, 0, 1, 2 }, { 0, 21, 1, 0, 1, 2 },
		{ 0, 23, 1, 0, 1, 2 }, { 2, 0, 1, 0, 1, 2 },
	};
	unsigned int i, echoes, hung_up = 0;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		fd = tunnel_unix_open(ONE);
		tunnel_write(fd, bytes[i], sizeof(bytes[i]));
		hung_up += hangs_up(fd);
		close(fd);
	}
	tap_eq(hung_up, ARRAY_SIZE(bytes), "who sends absurd lengths is disconnected");
	fd = tunnel_unix_open(ONE);
	tap_ok(client_asks(fd, 0404, 0401, &echoes), "others are not");
	close(fd);
}

static void test_death(void)
{
	struct wire_frame f;
	pid_t client;
	unsigned int i;
	int fd;

	/* In the midst of a frame, with frames for it under way. */
	for (i = 0; i < 8; i++) {
		client = start_client();
		fd = tunnel_unix_open(ONE);
		tunnel_packet(&f, CHAOS_OP_MNT, 0401, 0, 0405, 0, "", 0);
		tunnel_write(fd, (const uint8_t []){ 0, 26, 1, 0, 1 }, 5);
		topo_ask(&a, 0402, NETNS_PATIENCE);
		kill_client(client);
		close(fd);
	}
	client = start_client();
	tap_ok(topo_wait_answer(&a, CLIENT, NETNS_PATIENCE) >= 0,
	       "clients die: a new one takes the address");
	tap_ok(topo_stream(&b, &a, 0401, BULK), "and streams between others are intact");
	kill_client(client);
}

int main(void)
{
	pid_t client;

	pair_limit_time();
	start();
	client = start_client();
	test_three_members();
	test_two_subnets();
	test_stalled();
	test_nonsense();
	kill_client(client);
	test_death();
	daemon_show_log(&hub);
	daemon_show_log(&member);
	return tap_done();
}
