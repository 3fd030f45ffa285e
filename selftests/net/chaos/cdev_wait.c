// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waiting at /dev/chaos: reads that sleep and what wakes them, reads that may not sleep,
 * poll and epoll.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "cdev.h"
#include "wire.h"

enum { HERE = 0401, PEER = 0402 };

/* A link that is up, a frame's way into it, and the record that comes of the frame. */
struct link {
	char name[16];
	int fd, dev;
	struct cdev_record r;
};

static struct link link_new(const char *name, unsigned int flags)
{
	struct link l = {};

	snprintf(l.name, sizeof(l.name), "%s", name);
	l.fd = cdev_link(name, flags, HERE, 0);
	l.dev = wire_open(name);
	cdev_make(&l.r, &(struct cdev_packet){ .op = CHAOS_OP_MNT, .dst = PEER, .src = HERE,
					       .link_dst = PEER, .text = "wake up" });
	return l;
}

static void link_end(struct link *l)
{
	close(l->fd);
	close(l->dev);
}

/* The link sends its packet. */
static void transmit(struct link *l)
{
	static const uint8_t mac[6] = { 2, 0x43, 0x48, 0, PEER >> 8, PEER & 0xff };
	socklen_t len = sizeof(int);
	struct wire_frame f = {};
	int error;

	/* That the device was down is said once, later. */
	getsockopt(l->dev, SOL_SOCKET, SO_ERROR, &error, &len);
	wire_ether(&f, mac, wire_zero, ETH_P_CHAOS);
	memcpy(f.bytes + WIRE_PKT, l->r.bytes, l->r.len - CHAOS_TRAILER_LEN);
	f.len = WIRE_PKT + l->r.len - CHAOS_TRAILER_LEN;
	wire_send(l->dev, &f);
}

/* A thread that reads once. */
struct reader {
	pthread_t thread;
	volatile pid_t tid;
	int fd, error;
	ssize_t len;
	struct cdev_record r;
};

static void *reader_run(void *data)
{
	struct reader *reader = data;

	reader->tid = syscall(SYS_gettid);
	reader->len = read(reader->fd, reader->r.bytes, sizeof(reader->r.bytes));
	reader->error = errno;
	return NULL;
}

static char thread_state(pid_t tid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (f)
		fclose(f);
	return state;
}

/* Begin to read; it sleeps on return. */
static void reader_start(struct reader *reader, int fd)
{
	long long end = netns_now() + NETNS_PATIENCE;

	*reader = (struct reader){ .fd = fd };
	if (pthread_create(&reader->thread, NULL, reader_run, reader))
		tap_bail("pthread_create: %s", strerror(errno));
	while (!reader->tid || thread_state(reader->tid) != 'S') {
		if (netns_now() > end)
			tap_bail("a reader does not sleep");
		netns_sleep(5);
	}
}

static bool reader_ended(struct reader *reader)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += NETNS_PATIENCE / 1000;
	return !pthread_timedjoin_np(reader->thread, NULL, &limit);
}

static void expect_woken(struct reader *reader, int error, const char *what)
{
	if (!reader_ended(reader)) {
		tap_bail("%s: the reader sleeps on", what);
	} else if (!tap_ok(error ? reader->len == -1 && reader->error == error : reader->len > 0,
			   "%s: %s", what, error ? strerrorname_np(error) : "read")) {
		tap_diag("%zd, %s", reader->len, strerror(reader->error));
	}
}

static void on_signal(int sig)
{
	(void)sig;
}

static void test_wake(void)
{
	struct link l = link_new("wake0", 0);
	struct reader reader, second;

	reader_start(&reader, l.fd);
	transmit(&l);
	expect_woken(&reader, 0, "woken by a packet");

	reader_start(&reader, l.fd);
	reader_start(&second, l.fd);
	transmit(&l);
	transmit(&l);
	expect_woken(&reader, 0, "two woken by two packets");
	expect_woken(&second, 0, "... the second");

	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	reader_start(&reader, l.fd);
	pthread_kill(reader.thread, SIGUSR1);
	expect_woken(&reader, EINTR, "woken by a signal");

	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_signal, .sa_flags = SA_RESTART },
		  NULL);
	reader_start(&reader, l.fd);
	pthread_kill(reader.thread, SIGUSR1);
	transmit(&l);
	expect_woken(&reader, 0, "not woken by a signal that restarts calls");

	reader_start(&reader, l.fd);
	netns_dev_up(l.name, false);
	netns_dev_up(l.name, true);
	transmit(&l);
	expect_woken(&reader, 0, "not woken when the link goes down and up");

	reader_start(&reader, l.fd);
	reader_start(&second, l.fd);
	netns_must("ip link del %s", l.name);
	expect_woken(&reader, EBADFD, "woken when the link goes");
	expect_woken(&second, EBADFD, "... the second");
	tap_errno(read(l.fd, &reader.r, sizeof(reader.r)), EBADFD, "... nothing to wait for");
	link_end(&l);
}

/* A reader that sleeps keeps the file, and the link. */
static void test_close(void)
{
	struct link l = link_new("close0", 0);
	struct reader reader;

	reader_start(&reader, l.fd);
	close(l.fd);
	tap_ok(if_nametoindex(l.name), "closed while somebody reads: the link stays");
	transmit(&l);
	expect_woken(&reader, 0, "... until that ends");
	tap_ok(!if_nametoindex(l.name), "... and then goes");
	close(l.dev);
}

static void test_nonblocking(void)
{
	struct link l = link_new("nb0", 0);
	struct iovec iov = { l.r.bytes, sizeof(l.r.bytes) };

	tap_errno(preadv2(l.fd, &iov, 1, -1, RWF_NOWAIT), EAGAIN, "RWF_NOWAIT: nothing");
	fcntl(l.fd, F_SETFL, O_NONBLOCK);
	tap_errno(read(l.fd, l.r.bytes, sizeof(l.r.bytes)), EAGAIN, "O_NONBLOCK: nothing");
	transmit(&l);
	tap_eq(read(l.fd, l.r.bytes, sizeof(l.r.bytes)), l.r.len, "O_NONBLOCK: a packet");
	fcntl(l.fd, F_SETFL, 0);
	transmit(&l);
	tap_eq(preadv2(l.fd, &iov, 1, -1, RWF_NOWAIT), l.r.len, "RWF_NOWAIT: a packet");
	tap_errno(preadv2(l.fd, &iov, 1, -1, RWF_NOWAIT), EAGAIN, "RWF_NOWAIT: nothing again");
	link_end(&l);
}

static unsigned int poll_now(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&pfd, 1, 0) > 0 ? pfd.revents : 0;
}

static void test_poll(void)
{
	struct link l = link_new("poll0", CHAOS_ATTACH_BATCH);
	uint8_t buf[2 * CHAOS_RECORD_MAX];

	tap_eq(poll_now(l.fd), POLLOUT, "poll: nothing to read");
	transmit(&l);
	transmit(&l);
	tap_eq(poll_now(l.fd), POLLIN | POLLOUT, "poll: two packets");
	tap_errno(read(l.fd, buf, 5), EMSGSIZE, "poll: no room for one");
	tap_eq(poll_now(l.fd), POLLIN | POLLOUT, "... they are still there");
	tap_eq(read(l.fd, buf, l.r.len + 10), l.r.len + 2, "poll: room for one");
	tap_eq(poll_now(l.fd), POLLIN | POLLOUT, "... the other is there");
	tap_eq(read(l.fd, buf, sizeof(buf)), l.r.len + 2, "... and read");
	tap_eq(poll_now(l.fd), POLLOUT, "... that was all");
	netns_dev_up(l.name, false);
	tap_eq(poll_now(l.fd), POLLOUT, "poll: the link is down");
	netns_must("ip link del %s", l.name);
	tap_eq(poll_now(l.fd), POLLOUT | POLLERR | POLLHUP, "poll: the link has gone");
	link_end(&l);
}

/* What epoll reports now; what was under way has come. */
static unsigned int epoll_now(int ep, int ms)
{
	struct epoll_event event = {};

	return epoll_wait(ep, &event, 1, ms) > 0 ? event.events : 0;
}

static void test_epoll(uint32_t mode)
{
	const char *name = mode ? "edge" : "level";
	struct epoll_event event = { .events = EPOLLIN | mode };
	struct link l = link_new("epoll0", 0);
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, l.fd, &event))
		tap_bail("epoll: %s", strerror(errno));
	tap_eq(epoll_now(ep, 0), 0, "%s: nothing", name);
	transmit(&l);
	tap_eq(epoll_now(ep, NETNS_PATIENCE), EPOLLIN, "%s: a packet", name);
	tap_eq(epoll_now(ep, 0), mode ? 0 : EPOLLIN, "%s: told %s", name,
	       mode ? "once" : "again");
	cdev_read(l.fd, &l.r, 0);
	tap_eq(epoll_now(ep, 0), 0, "%s: read", name);
	transmit(&l);
	tap_eq(epoll_now(ep, NETNS_PATIENCE), EPOLLIN, "%s: another packet", name);
	tap_errno(read(l.fd, &event, 1), EMSGSIZE, "%s: not read", name);
	transmit(&l);
	tap_eq(epoll_now(ep, NETNS_PATIENCE), EPOLLIN, "%s: one more", name);
	cdev_read(l.fd, &l.r, 0);
	cdev_read(l.fd, &l.r, 0);
	netns_must("ip link del %s", l.name);
	tap_eq(epoll_now(ep, NETNS_PATIENCE) & (EPOLLHUP | EPOLLERR), EPOLLHUP | EPOLLERR,
	       "%s: the link has gone", name);
	close(ep);
	link_end(&l);
}

int main(void)
{
	netns_new();
	test_wake();
	test_close();
	test_nonblocking();
	test_poll();
	test_epoll(0);
	test_epoll(EPOLLET);
	return tap_done();
}
