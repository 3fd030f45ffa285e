/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Endless traffic between two hosts, for tests that pull the rug out from under
 * it: a few streams with data both ways, and simple transactions.
 *
 *	struct load *load = load_start(a, b, 0402);
 *
 *	if (load_runs(load)) ...
 *	load_stop(load);
 *
 * Connections that break are made again, for as long as it takes.  Bytes that
 * arrive must be right all the same.
 */
#ifndef LOAD_H
#define LOAD_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#include "transfer.h"

#define LOAD_STREAMS	6
#define LOAD_CALLERS	(4 * LOAD_STREAMS)	/* old ones may linger at the server */
#define LOAD_RETRY	50			/* ms between attempts to connect */

/* ms until traffic must run again; a kernel that checks itself, recognised by lockdep, is
 * slow.
 */
#define LOAD_PATIENCE	((access("/proc/lockdep_stats", F_OK) ? 3 : 9) * NETNS_PATIENCE)
#define LOAD_ENDLESS	(1ull << 60)

/**
 * struct load - shared by all processes that take part
 * @up: bytes that arrived at the server
 * @down: bytes that arrived at the client
 * @answers: transactions answered
 * @opened: streams accepted
 * @wrong: what must not happen, and did; @error is the last of it
 * @client: process
 * @server: process
 */
struct load {
	unsigned long up, down, answers, opened, wrong;
	char error[120];
	pid_t client, server;
};

static inline void load_step(struct load *load, struct transfer *t, short events,
			     unsigned long *bytes)
{
	uint64_t before = t->rcvd;

	if (!events)
		return;
	/* poll() and epoll have the same bits. */
	transfer_step(t, events);
	*bytes += t->rcvd - before;
	if (!strncmp(t->error, "byte", 4)) {
		load->wrong++;
		snprintf(load->error, sizeof(load->error), "%s", t->error);
	}
	if (t->done) {
		close(t->fd);
		t->fd = -1;
	}
}

static inline int load_poll(struct pollfd *pfd, const struct transfer *t, unsigned int n)
{
	for (; n--; pfd++, t++)
		*pfd = (struct pollfd) { .fd = t->fd, .events = POLLIN | POLLOUT };
	return 0;
}

/* The server. */

static inline int load_bind(int type, const char *contact)
{
	struct sockaddr_chaos sa = transfer_peer(0, contact);
	int fd = socket(AF_CHAOS, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		tap_bail("%s: %s", contact, strerror(errno));
	return fd;
}

static inline void load_accept(struct load *load, int listener, struct transfer *t, unsigned int n)
{
	unsigned int key;
	char request[CHAOS_DATA_MAX + 1];
	socklen_t len = sizeof(request) - 1;

	while (n && t->fd >= 0)
		n--, t++;
	if (!n)
		return;
	*t = (struct transfer) { .size = LOAD_ENDLESS };
	t->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (t->fd < 0)
		return;
	if (!getsockopt(t->fd, SOL_CHAOS, CHAOS_RFC_DATA, request, &len)) {
		request[len] = 0;
		if (sscanf(request, "STREAM %u", &key) == 1) {
			t->key_in = 2 * key;
			t->key_out = 2 * key + 1;
			load->opened++;
			return;
		}
	}
	load->wrong++;
	snprintf(load->error, sizeof(load->error), "unexpected request");
}

static inline void load_answer(int fd)
{
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);
	char buf[CHAOS_DATA_MAX];
	ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&sa, &len);

	/* An answer goes to address and index, not to a contact. */
	if (n >= 0)
		sendto(fd, buf, n, 0, (struct sockaddr *)&sa,
		       offsetof(struct sockaddr_chaos, sch_contact));
}

__noreturn static inline void load_serve(struct load *load, int ready)
{
	int listener = load_bind(SOCK_STREAM, "STREAM"), dgram = load_bind(SOCK_DGRAM, "ANSWER");
	struct transfer t[LOAD_CALLERS];
	struct pollfd pfd[LOAD_CALLERS + 2] = {
		[LOAD_CALLERS] = { .fd = dgram, .events = POLLIN },
		[LOAD_CALLERS + 1] = { .fd = listener, .events = POLLIN },
	};
	unsigned int i;

	for (i = 0; i < LOAD_CALLERS; i++)
		t[i].fd = -1;
	if (listen(listener, LOAD_STREAMS) || write(ready, "", 1) != 1)
		tap_bail("listen: %s", strerror(errno));
	for (;;) {
		load_poll(pfd, t, LOAD_CALLERS);
		poll(pfd, LOAD_CALLERS + 2, -1);
		for (i = 0; i < LOAD_CALLERS; i++)
			load_step(load, &t[i], pfd[i].revents, &load->up);
		if (pfd[LOAD_CALLERS].revents)
			load_answer(dgram);
		if (pfd[LOAD_CALLERS + 1].revents)
			load_accept(load, listener, t, LOAD_CALLERS);
	}
}

/* The client. */

static inline void load_connect(struct transfer *t, unsigned int peer, unsigned int key)
{
	struct sockaddr_chaos sa;
	char request[40];

	snprintf(request, sizeof(request), "STREAM %u", key);
	sa = transfer_peer(peer, request);
	*t = (struct transfer) {
		.fd = transfer_socket(0), .size = LOAD_ENDLESS, .called = true,
		.key_out = 2 * key, .key_in = 2 * key + 1,
	};
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	if (!connect(t->fd, (struct sockaddr *)&sa, sizeof(sa)) || errno == EINPROGRESS)
		return;
	close(t->fd);
	t->fd = -1;
}

/* One transaction at a time; after half a second without answer another. */
static inline void load_ask(struct load *load, int fd, unsigned int peer)
{
	static const char question[] = "to be or not to be";
	static long long asked;
	struct sockaddr_chaos sa = transfer_peer(peer, "ANSWER");
	char buf[CHAOS_DATA_MAX];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && netns_now() - asked < 500)
		return;
	if (n >= 0)
		load->answers++;
	if (n >= 0 && (n != sizeof(question) || memcmp(buf, question, n))) {
		load->wrong++;
		snprintf(load->error, sizeof(load->error), "wrong answer of %zd bytes", n);
	}
	sendto(fd, question, sizeof(question), 0, (struct sockaddr *)&sa, sizeof(sa));
	asked = netns_now();
}

__noreturn static inline void load_call(struct load *load, unsigned int peer)
{
	int dgram = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct transfer t[LOAD_STREAMS];
	struct pollfd pfd[LOAD_STREAMS + 1] = {
		[LOAD_STREAMS] = { .fd = dgram, .events = POLLIN },
	};
	long long tried = 0;
	unsigned int i, key = 0;

	for (i = 0; i < LOAD_STREAMS; i++)
		t[i].fd = -1;
	for (;;) {
		if (netns_now() - tried >= LOAD_RETRY) {
			tried = netns_now();
			for (i = 0; i < LOAD_STREAMS; i++)
				if (t[i].fd < 0)
					load_connect(&t[i], peer, ++key);
		}
		load_poll(pfd, t, LOAD_STREAMS);
		poll(pfd, LOAD_STREAMS + 1, LOAD_RETRY);
		for (i = 0; i < LOAD_STREAMS; i++)
			load_step(load, &t[i], pfd[i].revents, &load->down);
		load_ask(load, dgram, peer);
	}
}

/* Control. */

/* In a child: to a host, keeping neither open. */
static inline void load_enter(int ns, int other_ns)
{
	netns_enter(ns);
	close(ns);
	close(other_ns);
}

/* Traffic between a client in @client_ns and a server in @server_ns, @peer.  What
 * is shared, children must not write by the return of fork().
 */
static inline struct load *load_start(int client_ns, int server_ns, unsigned int peer)
{
	struct load *load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ready[2];
	pid_t pid;
	char c;

	if (load == MAP_FAILED || pipe2(ready, O_CLOEXEC))
		tap_bail("load: %s", strerror(errno));
	pattern_init();
	pid = fork();
	if (!pid) {
		load_enter(server_ns, client_ns);
		load_serve(load, ready[1]);
	}
	load->server = pid;
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		tap_bail("the server does not start");
	close(ready[0]);
	pid = fork();
	if (!pid) {
		load_enter(client_ns, server_ns);
		load_call(load, peer);
	}
	load->client = pid;
	return load;
}

/* Wait until everything of it runs, at most LOAD_PATIENCE. */
static inline bool load_runs(struct load *load)
{
	const struct load then = *(volatile struct load *)load;
	long long end = netns_now() + LOAD_PATIENCE;
	volatile struct load *now = load;
	const unsigned long some = 4 * TRANSFER_CHUNK;

	while (now->up < then.up + some || now->down < then.down + some ||
	       now->answers < then.answers + 4) {
		if (netns_now() > end) {
			tap_diag("in %d s: %lu bytes up, %lu down, %lu answers",
				 LOAD_PATIENCE / 1000, now->up - then.up, now->down - then.down,
				 now->answers - then.answers);
			return false;
		}
		netns_sleep(10);
	}
	return true;
}

static inline void load_kill(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

/* The end: sockets are closed in the midst of everything. */
static inline void load_stop(struct load *load)
{
	load_kill(&load->client);
	load_kill(&load->server);
}

#endif /* LOAD_H */
