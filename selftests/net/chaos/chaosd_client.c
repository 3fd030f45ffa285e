// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chaosd as a client of another hub, of the kind that is in use and has its habits:
 *
 *	A 1401 chaos0 --- chaosd --\
 *	                            a hub (this test), and its own host 1403
 *	B 1402 chaos0 --- chaosd --/
 *
 * The hub writes what it gets to everybody, the sender too, and waits while one does not
 * read; it sets the last two bytes of the header, leaves the checksum alone, and has none
 * on its own packets.  A frame it reads in two reads, header and packet: if a part is
 * missing then, it drops the client.
 */
#define _GNU_SOURCE
#include "daemon.h"
#include "load.h"
#include "topo.h"
#include "tunnel.h"

#define SERVER		"/tmp/chaosd_client_hub"
#define CLIENTS		8
#define AT_ONCE		16	/* frames of a client, before the next one's */
#define BULK		(128 * 1024)

enum { A = 01401, B = 01402, HUB_HOST = 01403, INDEX = 0x4321 };

/**
 * struct hub - what the hub tells, and is told; shared with it
 * @frames: that it has passed on
 * @dropped: clients whose frames were not whole
 * @badly_named: clients that did not call themselves as clients do
 * @ask: whom its own host shall ask for STATUS; then 0
 * @answers: that its own host has got
 */
struct hub {
	volatile unsigned int frames, dropped, badly_named, ask, answers;
};

static struct hub *hub;
static struct topo_host a, b;
static struct daemon at_a = { .program = "chaosd/chaosd" };
static struct daemon at_b = { .program = "chaosd/chaosd" };

/* ------------------------------------------------------------------ the hub */

static int hub_listen(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = SERVER };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(SERVER);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) || chmod(SERVER, 0777) ||
	    listen(fd, CLIENTS))
		tap_bail("%s: %s", SERVER, strerror(errno));
	return fd;
}

/* Clients are called .../chaosd_<pid>, of at least 5 digits. */
static bool well_named(const struct sockaddr_un *sun)
{
	const char *name = strrchr(sun->sun_path, '/');
	size_t digits;

	if (!name || strncmp(name, "/chaosd_", 8))
		return false;
	digits = strspn(name + 8, "0123456789");
	return digits >= 5 && !name[8 + digits];
}

static int hub_accept(int listener)
{
	struct sockaddr_un sun = {};
	socklen_t len = sizeof(sun);
	int fd = accept4(listener, (struct sockaddr *)&sun, &len, SOCK_CLOEXEC);

	if (fd >= 0 && !well_named(&sun))
		hub->badly_named++;
	return fd;
}

/* To everybody, waiting for each. */
static void hub_spread(struct pollfd *clients, const uint8_t *frame, size_t len)
{
	unsigned int i;

	for (i = 0; i < CLIENTS; i++)
		if (clients[i].fd >= 0)
			send(clients[i].fd, frame, len, MSG_NOSIGNAL);
	hub->frames++;
}

/* Its own host. */
static void hub_take(const uint8_t *frame, size_t len)
{
	struct wire_frame f;

	if (tunnel_decode(&f, frame + TUNNEL_HEADER, len - TUNNEL_HEADER) &&
	    f.bytes[WIRE_OP] == CHAOS_OP_ANS && wire_get(&f, WIRE_DST) == HUB_HOST &&
	    wire_get(&f, WIRE_DIDX) == INDEX)
		hub->answers++;
}

/* Its packets have no checksum. */
static void hub_ask(struct pollfd *clients)
{
	uint8_t bytes[TUNNEL_HEADER + CHAOS_RECORD_MAX];
	struct wire_frame f;
	size_t len;

	tunnel_request(&f, hub->ask, HUB_HOST, INDEX, "STATUS");
	len = tunnel_unix_encode(bytes, &f);
	bytes[len - 2] = 0;
	bytes[len - 1] = 0;
	hub->ask = 0;
	hub_spread(clients, bytes, len);
}

/* Take a frame.  False: there is none, or no client any more. */
static bool hub_read(struct pollfd *clients, unsigned int i)
{
	uint8_t frame[TUNNEL_HEADER + CHAOS_RECORD_MAX];
	ssize_t len = recv(clients[i].fd, frame, TUNNEL_HEADER, MSG_DONTWAIT), want;

	if (len < 0 && errno == EAGAIN)
		return false;
	want = frame[0] << 8 | frame[1];
	if (len == TUNNEL_HEADER && want <= CHAOS_RECORD_MAX &&
	    recv(clients[i].fd, frame + TUNNEL_HEADER, want, MSG_DONTWAIT) == want) {
		frame[2] = 1;
		frame[3] = 0;
		hub_take(frame, TUNNEL_HEADER + want);
		hub_spread(clients, frame, TUNNEL_HEADER + want);
		return true;
	}
	/* Not if it has just left. */
	if (len > 0)
		hub->dropped++;
	close(clients[i].fd);
	clients[i].fd = -1;
	return false;
}

__noreturn static void hub_run(int listener)
{
	struct pollfd pfd[CLIENTS + 1];
	unsigned int i, n;

	for (i = 0; i <= CLIENTS; i++)
		pfd[i] = (struct pollfd) { .fd = -1, .events = POLLIN };
	pfd[CLIENTS].fd = listener;
	for (;;) {
		poll(pfd, CLIENTS + 1, 50);
		for (i = 0; i < CLIENTS; i++)
			if (pfd[i].fd >= 0 && pfd[i].revents)
				for (n = 0; n < AT_ONCE && hub_read(pfd, i); n++)
					;
		for (i = 0; i < CLIENTS && pfd[i].fd >= 0; i++)
			;
		if (pfd[CLIENTS].revents && i < CLIENTS)
			pfd[i].fd = hub_accept(listener);
		if (hub->ask)
			hub_ask(pfd);
	}
}

static pid_t hub_start(void)
{
	int listener = hub_listen();
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hub_run(listener);
	}
	close(listener);
	return pid;
}

/* ------------------------------------------------------------------ the test */

static bool hub_host_reaches(unsigned int addr)
{
	unsigned int before = hub->answers;

	hub->ask = addr;
	return topo_wait(NETNS_PATIENCE, hub->answers > before) >= 0;
}

static void test_members(void)
{
	tap_ok(topo_wait_answer(&a, B, 2 * NETNS_PATIENCE) >= 0, "A reaches B");
	tap_ok(topo_ask(&b, A, NETNS_PATIENCE), "B reaches A");
	tap_ok(hub_host_reaches(A) && hub_host_reaches(B), "the hub's host reaches both");
	tap_eq(hub->badly_named, 0, "clients have the name that they must have");
	tap_ok(topo_stream(&a, &b, B, BULK), "streams are intact");
}

/* With so much to write that not all of it is taken at once. */
static void test_load(pid_t *process)
{
	struct load *load = load_start(a.ns, b.ns, B);
	unsigned long opened;

	tap_ok(load_runs(load), "traffic runs");
	tap_eq(hub->dropped, 0, "every frame was whole");
	opened = load->opened;
	load_kill(process);
	*process = hub_start();
	tap_ok(load_runs(load), "the hub is killed and started: traffic runs again");
	tap_eq(load->opened, opened, "no connection was made anew");
	daemon_kill(&at_a, SIGKILL);
	daemon_restart(&at_a);
	tap_ok(load_runs(load), "A's daemon is killed and started: traffic runs again");
	tap_eq(load->opened, opened, "no connection was made anew");
	if (!tap_eq(load->wrong, 0, "all that arrived was right"))
		tap_diag("%s", load->error);
	load_stop(load);
	tap_diag("the hub passed on %u frames", hub->frames);
}

int main(void)
{
	pid_t process;

	netns_check();
	pair_limit_time();
	hub = mmap(NULL, sizeof(*hub), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (hub == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	topo_host(&a, "ALPHA");
	topo_host(&b, "BETA");
	at_a.ns = a.ns;
	at_b.ns = b.ns;
	process = hub_start();
	daemon_start(&at_a, "ether 3\nconnect unix " SERVER "\nlink chaos0 address 1401 persist\n");
	daemon_start(&at_b, "ether 3\nconnect unix " SERVER "\nlink chaos0 address 1402\n");
	test_members();
	test_load(&process);
	tap_eq(hub->dropped, 0, "no client was ever dropped");
	tap_eq(topo_count(&a, CHAOS_STAT_DROP_SRC_SELF) + topo_count(&b, CHAOS_STAT_DROP_SRC_SELF),
	       0, "no kernel has got a packet of its own");
	load_kill(&process);
	unlink(SERVER);
	daemon_show_log(&at_a);
	return tap_done();
}
