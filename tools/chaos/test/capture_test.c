// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting for frames.  What ppoll() says is up to the test. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "capture.h"
#include "report.h"

static int results[4];		/* of ppoll(), errno */
static unsigned int waits;
static char said[256];

int __wrap_ppoll(struct pollfd *pfds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask);

int __wrap_ppoll(struct pollfd *pfds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask)
{
	(void)pfds;
	(void)timeout;
	(void)mask;
	assert_int_equal(n, 1);
	assert_in_range(waits, 0, 3);
	errno = results[waits++];
	return -1;
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

static bool frame(void *ctx, const struct capture_frame *frame)
{
	(void)ctx;
	(void)frame;
	return true;
}

static bool idle(void *ctx)
{
	(void)ctx;
	return true;
}

/* A signal that is not ours is no reason to end, anything else is. */
static void cannot_wait(void **state)
{
	const struct capture_sink sink = { .frame = frame, .idle = idle };
	struct capture capture = { .name = "test", .pcap = pcap_open_dead(DLT_EN10MB, 64) };

	(void)state;
	assert_non_null(capture.pcap);
	memcpy(results, (int[]){ EINTR, EINTR, EINVAL, 0 }, sizeof(results));
	assert_int_equal(capture_links(&capture, 1, &sink), CHAOS_EXIT_LOCAL);
	assert_int_equal(waits, 3);
	assert_string_equal(said, "cannot wait for packets: Invalid argument");
	capture_close(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cannot_wait),
	};

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
