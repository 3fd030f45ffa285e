// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaching to links, and to those that come back.  /dev/chaos is played by the test. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture.h"
#include "daemon.h"
#include "tap.h"

#define LIMIT	60000000	/* microseconds until a test has failed */

/* The kernel's side. */
static struct {
	int file;		/* what open() gives next, or -errno */
	int results[4];		/* of ioctl(), errno or 0 */
	unsigned int attaches;
	struct chaos_attach asked[4];
	struct chaos_attach answer;
	bool down;		/* the link */
} kernel;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, "/dev/chaos"))
		return __real_open(path, flags);
	assert_int_equal(flags, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (kernel.file >= 0)
		return kernel.file;
	errno = -kernel.file;
	return -1;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct chaos_attach *attach;
	va_list args;

	va_start(args, request);
	attach = va_arg(args, void *);
	va_end(args);
	if (request == SIOCGIFFLAGS) {
		struct ifreq *ifr = (struct ifreq *)attach;

		assert_string_equal(ifr->ifr_name, kernel.answer.ca_name);
		ifr->ifr_flags = kernel.down ? 0 : IFF_UP;
		return 0;
	}
	assert_int_equal(fd, kernel.file);
	assert_true(request == CHAOS_ATTACH);
	kernel.asked[kernel.attaches] = *attach;
	errno = kernel.results[kernel.attaches++];
	if (errno)
		return -1;
	*attach = kernel.answer;
	return 0;
}

static const struct tap_config config = { .name = "chudp0", .addr = 03040 };

static const struct tap_config p2p = {
	.name = "chaos%d", .addr = 03040, .peer = 03041, .persist = true, .nocheck = true,
};

/* The device is one end of a socketpair; returns the other. */
static int open_device(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	kernel.file = pair[0];
	return pair[1];
}

static void attaches(void **state)
{
	char err[TAP_ERRLEN] = "";
	struct tap *tap;
	int peer;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	peer = open_device();
	kernel.answer = (struct chaos_attach) { .ca_name = "chaos7", .ca_addr = 03040 };
	assert_int_equal(tap_open(&p2p, &tap, err), 0);
	assert_string_equal(kernel.asked[0].ca_name, "chaos%d");
	assert_int_equal(kernel.asked[0].ca_addr, 03040);
	assert_int_equal(kernel.asked[0].ca_peer, 03041);
	assert_int_equal(kernel.asked[0].ca_flags, CHAOS_ATTACH_BATCH | CHAOS_ATTACH_P2P |
			 CHAOS_ATTACH_PERSIST | CHAOS_ATTACH_NOCHECK);
	assert_string_equal(tap_name(tap), "chaos7");
	assert_int_equal(tap_addr(tap), 03040);
	tap_close(tap);
	close(peer);

	memset(&kernel, 0, sizeof(kernel));
	peer = open_device();
	kernel.answer = (struct chaos_attach) { .ca_name = "chudp0" };
	assert_int_equal(tap_open(&config, &tap, err), 0);
	assert_int_equal(kernel.asked[0].ca_flags, CHAOS_ATTACH_BATCH);
	assert_int_equal(kernel.asked[0].ca_peer, 0);
	tap_close(tap);
	close(peer);
}

static void no_device(void **state)
{
	char err[TAP_ERRLEN];
	struct tap *tap;

	(void)state;
	kernel.file = -ENOENT;
	assert_int_equal(tap_open(&config, &tap, err), -ENOENT);
	assert_non_null(strstr(err, "the kernel module chaos is not loaded"));
	kernel.file = -EACCES;
	assert_int_equal(tap_open(&config, &tap, err), -EACCES);
	assert_string_equal(err, "/dev/chaos: cannot be opened: Permission denied");
}

static void refusals(void **state)
{
	static const struct {
		int error;
		const char *why;
	} rows[] = {
		{ EBUSY, "chudp0: another program feeds this link" },
		{ EPERM, "chudp0: attaching needs CAP_NET_ADMIN" },
		{ EINVAL, "chudp0: the device is not of kind chaos" },
		{ EADDRINUSE, "chudp0: the address" },
		{ ENOMEM, "chudp0: Cannot allocate memory" },
	};
	char err[TAP_ERRLEN];
	struct tap *tap;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int peer;

		memset(&kernel, 0, sizeof(kernel));
		peer = open_device();
		for (size_t k = 0; k < 4; k++)
			kernel.results[k] = rows[i].error;
		assert_int_equal(tap_open(&config, &tap, err), -rows[i].error);
		assert_memory_equal(err, rows[i].why, strlen(rows[i].why));
		/* The file was closed. */
		assert_int_equal(fcntl(kernel.file, F_GETFD), -1);
		close(peer);
	}
}

/* Without privileges the link is taken as it is, if it is as it should be. */
static void unprivileged(void **state)
{
	static const struct {
		uint16_t addr, peer;
		bool down;
		const char *why;
	} rows[] = {
		{ 03040, 03041, false, NULL },
		{ 03050, 03041, false, "chaos7: the address of the link is 3050, not 3040" },
		{ 0, 03041, false, "chaos7: the address of the link is not set, not 3040" },
		{ 03040, 03042, false, "chaos7: the peer of the link is 3042, not 3041" },
		{ 03040, 0, false, "chaos7: the peer of the link is not set, not 3041" },
		{ 03040, 03041, true, "chaos7: the link is down, and bringing it up needs" },
	};
	char err[TAP_ERRLEN];
	struct tap *tap;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int peer, status;

		memset(&kernel, 0, sizeof(kernel));
		peer = open_device();
		kernel.results[0] = EPERM;
		kernel.answer = (struct chaos_attach) {
			.ca_name = "chaos7", .ca_addr = rows[i].addr, .ca_peer = rows[i].peer
		};
		kernel.down = rows[i].down;
		status = tap_open(&p2p, &tap, err);
		assert_int_equal(kernel.attaches, 2);
		assert_int_equal(kernel.asked[1].ca_flags,
				 CHAOS_ATTACH_BATCH | CHAOS_ATTACH_NOCHECK);
		assert_int_equal(kernel.asked[1].ca_addr, 0);
		assert_int_equal(kernel.asked[1].ca_peer, 0);
		if (rows[i].why) {
			assert_int_equal(status, -EPERM);
			assert_memory_equal(err, rows[i].why, strlen(rows[i].why));
		} else {
			assert_int_equal(status, 0);
			tap_close(tap);
		}
		close(peer);
	}
}

struct fixture {
	struct tap *tap;
	sd_event *event;
	unsigned int packets;
};

static void on_batch(struct tap *tap, void *arg)
{
	struct fixture *f = arg;
	size_t len;

	while (tap_next(tap, &len))
		f->packets++;
}

/* A packet without data, and its length before it. */
static const uint8_t record[2 + FRAME_MIN] = { [0] = FRAME_MIN, [3] = CHAOS_OP_STS };

/* A link that comes back is fed again, under the name it had. */
static void comes_back(void **state)
{
	char err[TAP_ERRLEN], text[CAPTURE_LEN];
	struct fixture f = { .packets = 0 };
	uint8_t bytes[FRAME_MAX];
	int first, second;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	first = open_device();
	kernel.answer = (struct chaos_attach) { .ca_name = "chaos7", .ca_addr = 03040 };
	assert_int_equal(tap_open(&p2p, &f.tap, err), 0);
	assert_true(sd_event_new(&f.event) >= 0);
	assert_int_equal(tap_watch(f.tap, f.event, on_batch, &f), 0);
	close(first);

	/* It is not back at the first attempt, which only a vital link takes for the last. */
	kernel.results[1] = EPERM;
	kernel.results[2] = EPERM;
	capture_start();
	while (tap_attached(f.tap))
		assert_true(sd_event_run(f.event, 0) > 0);
	second = open_device();
	while (kernel.attaches < 3)
		assert_true(sd_event_run(f.event, LIMIT) >= 0);
	assert_false(tap_attached(f.tap));
	close(second);
	second = open_device();
	while (kernel.attaches < 4)
		assert_true(sd_event_run(f.event, LIMIT) >= 0);
	assert_true(tap_attached(f.tap));
	assert_string_equal(capture_end(text),
			    "chaos7: the link was deleted\n"
			    "chaos7: the link is not back: chaos7: attaching needs "
			    "CAP_NET_ADMIN, or a persistent link of this user\n"
			    "chaos7: the link is back\n");
	assert_string_equal(kernel.asked[3].ca_name, "chaos7");
	assert_int_equal(kernel.asked[3].ca_addr, 03040);

	assert_int_equal(write(second, record, sizeof(record)), sizeof(record));
	while (!f.packets)
		assert_true(sd_event_run(f.event, LIMIT) >= 0);
	tap_put(f.tap, record + 2, FRAME_MIN);
	tap_flush(f.tap);
	assert_int_equal(recv(second, bytes, sizeof(bytes), 0), sizeof(record));
	assert_memory_equal(bytes, record, sizeof(record));
	tap_close(f.tap);
	sd_event_unref(f.event);
	close(second);
}

/* Without privileges there is no use in waiting: whoever started us can help. */
static void does_not_come_back(void **state)
{
	char err[TAP_ERRLEN], text[CAPTURE_LEN];
	struct fixture f = { .packets = 0 };
	struct tap_config config = p2p;
	int first, second;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	first = open_device();
	kernel.answer = (struct chaos_attach) { .ca_name = "chaos7", .ca_addr = 03040 };
	config.vital = true;
	assert_int_equal(tap_open(&config, &f.tap, err), 0);
	assert_true(sd_event_new(&f.event) >= 0);
	assert_int_equal(tap_watch(f.tap, f.event, on_batch, &f), 0);
	close(first);
	capture_start();
	while (tap_attached(f.tap))
		assert_true(sd_event_run(f.event, 0) > 0);
	second = open_device();
	kernel.results[1] = EPERM;
	kernel.results[2] = EPERM;
	/* A loop that does not end fails at the next attempt. */
	kernel.results[3] = EPERM;
	assert_int_equal(sd_event_loop(f.event), DAEMON_FAILED);
	assert_string_equal(capture_end(text),
			    "chaos7: the link was deleted\n"
			    "the link cannot be had back: chaos7: attaching needs "
			    "CAP_NET_ADMIN, or a persistent link of this user\n");
	assert_int_equal(kernel.attaches, 3);
	tap_close(f.tap);
	sd_event_unref(f.event);
	close(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attaches),
		cmocka_unit_test(no_device),
		cmocka_unit_test(refusals),
		cmocka_unit_test(unprivileged),
		cmocka_unit_test(comes_back),
		cmocka_unit_test(does_not_come_back),
	};

	return cmocka_run_group_tests_name("attaching", tests, NULL, NULL);
}
