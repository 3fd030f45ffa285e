// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of /dev/chaos, their links and their namespaces go, in every order, while threads
 * read, write, poll, and send through the link.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "cdev.h"
#include "nlreq.h"

enum { HERE = 0401, PEER = 0402 };

#define LINK	"scene0"
#define RACERS	16
#define ROUNDS	5

static int home;
static struct genl genl;
static int route_fd;

/**
 * struct scene - a link, and all that goes on there
 * @fd: the file
 * @batch: it reads and writes many packets
 * @stop: threads shall end, those that do not wait at the file
 * @reads: that got something
 * @writes: that were taken
 * @sent: packets given to the link
 * @odd: errors that should not be
 * @error: the last of them
 * @threads: reader, writer, poller, sender
 */
struct scene {
	int fd;
	bool batch;
	volatile bool stop;
	volatile unsigned long reads, writes, sent, odd;
	volatile int error;
	pthread_t threads[4];
};

/* Is this the end of a thread's work at the file? */
static bool scene_over(struct scene *s, int error)
{
	if (error == EBADFD)
		return true;
	if (error != ENETDOWN && error != EINTR && error != EAGAIN) {
		s->error = error;
		s->odd++;
	}
	return s->stop;
}

static void *scene_read(void *data)
{
	static __thread uint8_t buf[8 * CHAOS_RECORD_MAX];
	struct scene *s = data;

	while (read(s->fd, buf, sizeof(buf)) > 0 || !scene_over(s, errno))
		s->reads++;
	return NULL;
}

static void *scene_write(void *data)
{
	struct scene *s = data;
	struct cdev_record r;
	unsigned int n = 0;
	uint8_t buf[2 * (CDEV_BATCH_HEAD + 64)];

	for (;;) {
		size_t len;

		cdev_make(&r, &(struct cdev_packet){ .op = CHAOS_OP_RFC, .dst = HERE, .num = n,
						     .src = 0410 + n % 0300, .sidx = 1 + n % 9,
						     .text = "TIME" });
		r.bytes[r.len - 1] += n++ % 3 == 0;	/* the checksum of some is wrong */
		len = r.len;
		memcpy(buf, r.bytes, len);
		if (s->batch) {
			len = cdev_pack(buf, &r);
			len += cdev_pack(buf + len, &r);
		}
		if (write(s->fd, buf, len) > 0)
			s->writes++;
		else if (scene_over(s, errno))
			return NULL;
		if (n % 16 == 0)
			sched_yield();
	}
}

static void *scene_poll(void *data)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct scene *s = data;

	epoll_ctl(ep, EPOLL_CTL_ADD, s->fd, &event);
	while (!s->stop && (epoll_wait(ep, &event, 1, 20) <= 0 || !(event.events & EPOLLHUP)))
		;
	close(ep);
	return NULL;
}

static void *scene_send(void *data)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = PEER,
				     .sch_contact = "NOBODY" };
	struct scene *s = data;

	while (!s->stop) {
		int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		unsigned int i;

		for (i = 0; i < 8; i++)
			sendto(fd, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa));
		s->sent += i;
		close(fd);
		netns_sleep(1);
	}
	return NULL;
}

/* Wait until everything happens. */
static void scene_plays(struct scene *s)
{
	long long end = netns_now() + NETNS_PATIENCE;
	unsigned long reads = s->reads, writes = s->writes;

	while (s->reads < reads + 10 || s->writes < writes + 10) {
		if (netns_now() > end)
			tap_bail("nothing happens: %lu reads, %lu writes", s->reads, s->writes);
		netns_sleep(5);
	}
}

static void scene_start(struct scene *s, unsigned int flags)
{
	static void *(*const run[])(void *data) = { scene_read, scene_write, scene_poll,
						    scene_send };
	unsigned int i;

	*s = (struct scene){ .batch = flags & CHAOS_ATTACH_BATCH };
	s->fd = cdev_link(LINK, flags, HERE, 0);
	for (i = 0; i < ARRAY_SIZE(run); i++)
		if (pthread_create(&s->threads[i], NULL, run[i], s))
			tap_bail("pthread_create: %s", strerror(errno));
	scene_plays(s);
}

static bool link_delete(const char *name)
{
	const struct ifinfomsg head = { .ifi_index = if_nametoindex(name) };
	struct nlreq r;

	nlreq_device(&r, RTM_DELLINK, 0, &head);
	return head.ifi_index && !nlreq_do(route_fd, &r);
}

/* Whatever is left goes, and so do all threads. */
static void scene_end(struct scene *s, const char *what)
{
	struct timespec limit;
	unsigned int i;

	netns_enter(home);
	link_delete(LINK);
	s->stop = true;
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += NETNS_PATIENCE / 1000;
	for (i = 0; i < ARRAY_SIZE(s->threads); i++)
		if (pthread_timedjoin_np(s->threads[i], NULL, &limit))
			tap_bail("%s: thread %u does not end", what, i);
	if (!tap_eq(s->odd, 0, "%s: all ends", what))
		tap_diag("%s", strerror(s->error));
	close(s->fd);
}

/* What happens. */

/* The number must not become that of another file: threads use it. */
static void file_closed(struct scene *s)
{
	int idle = cdev_open(0);

	if (dup3(idle, s->fd, O_CLOEXEC) < 0)
		tap_bail("dup3: %s", strerror(errno));
	close(idle);
}

static void deleted(struct scene *s)
{
	(void)s;
	if (!link_delete(LINK))
		tap_bail("the link cannot be deleted");
}

static void deleted_then_closed(struct scene *s)
{
	deleted(s);
	file_closed(s);
}

static void closed_and_deleted(struct scene *s)
{
	file_closed(s);
	link_delete(LINK);
}

static void chaos_link_deleted(struct scene *s)
{
	struct nlreq r;

	(void)s;
	nlreq_genl(&r, &genl, CHAOS_CMD_LINK_DEL);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, LINK);
	nlreq_must(genl.fd, &r, "link del");
}

static void addr_changed(struct scene *s)
{
	(void)s;
	netns_must("chaosctl addr del %o dev %s && chaosctl addr add 477 dev %s && "
		   "chaosctl addr del 477 dev %s && chaosctl addr add %o dev %s",
		   HERE, LINK, LINK, LINK, HERE, LINK);
	scene_plays(s);
}

static void down_and_up(struct scene *s)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		netns_dev_up(LINK, i % 2);
		netns_sleep(3 * i);
	}
	netns_dev_up(LINK, true);
	scene_plays(s);
}

static void moved_and_back(struct scene *s)
{
	int away = netns_new();

	netns_enter(home);
	netns_must("ip link set %s netns /proc/%d/fd/%d", LINK, getpid(), away);
	netns_sleep(50);
	netns_enter(away);
	netns_must("ip link set %s up", LINK);
	netns_sleep(50);
	netns_must("ip link set %s netns /proc/%d/fd/%d", LINK, getpid(), home);
	netns_enter(home);
	netns_must("chaosctl addr add %o dev %s && ip link set %s up", HERE, LINK, LINK);
	scene_plays(s);
	close(away);
}

/* Moved to a namespace that goes, and takes the link along. */
static void moved_and_lost(struct scene *s)
{
	int away = netns_new();
	long long end = netns_now() + 3 * NETNS_PATIENCE;
	struct pollfd pfd = { .fd = s->fd };

	netns_enter(home);
	netns_must("ip link set %s netns /proc/%d/fd/%d", LINK, getpid(), away);
	netns_enter(away);
	netns_must("chaosctl addr add %o dev %s && ip link set %s up", HERE, LINK, LINK);
	netns_enter(home);
	close(away);
	while (poll(&pfd, 1, 10) >= 0 && !(pfd.revents & POLLHUP))
		if (netns_now() > end)
			tap_bail("the namespace does not go");
}

static void rmmod_attempted(struct scene *s)
{
	long rc = syscall(SYS_delete_module, "chaos", O_NONBLOCK);

	tap_errno(rc, EWOULDBLOCK, "the module is in use");
	scene_plays(s);
}

static void qdisc_changed(struct scene *s)
{
	netns_must("tc qdisc add dev %s root netem delay 10ms limit 100", LINK);
	scene_plays(s);
	netns_must("tc qdisc del dev %s root", LINK);
	scene_plays(s);
	netns_must("tc qdisc add dev %s root netem delay 100ms limit 100", LINK);
	scene_plays(s);
}

static const struct event {
	const char *what;
	void (*happen)(struct scene *s);
} events[] = {
	{ "file closed", file_closed },
	{ "link deleted", deleted },
	{ "link deleted, then file closed", deleted_then_closed },
	{ "file closed, then link deleted", closed_and_deleted },
	{ "Chaosnet link deleted", chaos_link_deleted },
	{ "address changed", addr_changed },
	{ "link down and up", down_and_up },
	{ "link moved to another namespace and back", moved_and_back },
	{ "link moved to a namespace that goes", moved_and_lost },
	{ "attempt to unload the module", rmmod_attempted },
	{ "queueing discipline added and deleted", qdisc_changed },
};

static void test_events(unsigned int flags, const char *kind)
{
	struct scene s;
	char what[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		snprintf(what, sizeof(what), "%s: %s", kind, events[i].what);
		scene_start(&s, flags);
		events[i].happen(&s);
		scene_end(&s, what);
	}
}

/* The process is killed in the midst of all this. */
static void test_killed(unsigned int flags, const char *kind)
{
	int ready[2], status;
	char c;
	pid_t pid;

	if (pipe(ready))
		tap_bail("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		struct scene s;

		scene_start(&s, flags);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		tap_bail("the child did not begin");
	close(ready[0]);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_eq(!!if_nametoindex(LINK), !!(flags & CHAOS_ATTACH_PERSIST),
	       "%s: process killed: the link %s", kind,
	       flags & CHAOS_ATTACH_PERSIST ? "stays" : "goes");
	link_delete(LINK);
}

/* A namespace whose last process ends: a cable tells that it went. */
static void test_namespace_exit(unsigned int flags, const char *kind)
{
	long long end = netns_now() + 3 * NETNS_PATIENCE;
	pid_t pid = fork();
	int status;

	if (!pid) {
		int ns = netns_new();
		struct scene s;

		netns_veth(ns, "eth0", home, "watch0");
		scene_start(&s, flags);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	while (if_nametoindex("watch0") && netns_now() < end)
		netns_sleep(20);
	tap_ok(!if_nametoindex("watch0"), "%s: the namespace goes with its last process", kind);
}

/* More than one file descriptor for a file. */
static void test_shared(void)
{
	int fd = cdev_link("shared0", 0, HERE, 0), other = dup(fd), status;
	pid_t pid;

	close(fd);
	tap_ok(if_nametoindex("shared0"), "dup: one closed, the link stays");
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	close(other);
	tap_ok(if_nametoindex("shared0"), "fork: the parent's closed, the link stays");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(!if_nametoindex("shared0"), "... and goes with the child");
}

/* Threads that attach at the same time. */
struct race {
	pthread_barrier_t start;
	const char *name;	/* NULL: one of its own for each */
	int fd[RACERS];
	int error[RACERS];
};

struct racer {
	struct race *race;
	unsigned int i;
};

static void *race_run(void *data)
{
	struct racer *racer = data;
	struct race *race = racer->race;
	char name[16];

	snprintf(name, sizeof(name), "own%u", racer->i);
	pthread_barrier_wait(&race->start);
	race->error[racer->i] = cdev_attach(race->fd[racer->i], race->name ?: name, 0, 0, 0,
					    NULL) ? errno : 0;
	return NULL;
}

/* Returns how many attached; all others must have failed with EBUSY. */
static unsigned int race(const char *name, bool one_file)
{
	struct race race = { .name = name };
	struct racer racers[RACERS];
	pthread_t threads[RACERS];
	unsigned int i, won = 0;

	pthread_barrier_init(&race.start, NULL, RACERS);
	for (i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){ &race, i };
		race.fd[i] = one_file && i ? race.fd[0] : cdev_open(0);
		if (pthread_create(&threads[i], NULL, race_run, &racers[i]))
			tap_bail("pthread_create: %s", strerror(errno));
	}
	for (i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < RACERS; i++) {
		if (!race.error[i])
			won++;
		else if (race.error[i] != EBUSY)
			tap_ok(false, "race: %s", strerror(race.error[i]));
		if (!one_file || !i)
			close(race.fd[i]);
	}
	pthread_barrier_destroy(&race.start);
	return won;
}

static void test_races(void)
{
	unsigned int i, same_name = 0, same_file = 0, numbered = 0;

	for (i = 0; i < ROUNDS; i++) {
		same_name += race("race0", false);
		same_file += race(NULL, true);
		numbered += race("race%d", false);
	}
	tap_eq(same_name, ROUNDS, "of %u files one attaches to a link", RACERS);
	tap_eq(same_file, ROUNDS, "of %u threads one attaches a file", RACERS);
	tap_eq(numbered, ROUNDS * RACERS, "%u files all get links of their own", RACERS);
	tap_ok(!if_nametoindex("race0") && !if_nametoindex("own0"), "nothing is left of them");
}

int main(void)
{
	enum { P = CHAOS_ATTACH_PERSIST, B = CHAOS_ATTACH_BATCH };

	home = netns_new();
	genl_open(&genl);
	route_fd = nlreq_socket(NETLINK_ROUTE);
	test_events(0, "temporary");
	test_events(P | B, "persistent");
	test_killed(B, "temporary");
	test_killed(P, "persistent");
	test_namespace_exit(0, "temporary");
	test_namespace_exit(P, "persistent");
	test_shared();
	test_races();
	return tap_done();
}
