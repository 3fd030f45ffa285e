// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeding a link.  The kernel's side is the other end of a socketpair. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture.h"
#include "log.h"
#include "tap.h"

/* --------------------------------------------------------- the kernel's side */

static struct {
	int write_errors[8];	/* of write(), errno or 0: as it goes */
	size_t write_max;	/* bytes of whole records it takes at once, 0: all */
	unsigned int writes;
} kernel;

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

/* Bytes of whole records that fit into @max. */
static size_t whole(const uint8_t *bytes, size_t len, size_t max)
{
	size_t at = 0;
	uint16_t here;

	while (at < len) {
		memcpy(&here, bytes + at, 2);
		if (at + 2 + here > max)
			break;
		at += 2 + here;
	}
	return at;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	size_t n = sizeof(kernel.write_errors) / sizeof(kernel.write_errors[0]);

	if (fd == STDERR_FILENO)
		return __real_write(fd, bytes, len);
	if (kernel.writes < n && kernel.write_errors[kernel.writes]) {
		errno = kernel.write_errors[kernel.writes++];
		return -1;
	}
	kernel.writes++;
	if (kernel.write_max)
		len = whole(bytes, len, kernel.write_max);
	return __real_write(fd, bytes, len);
}

/* ------------------------------------------------------------------ helpers */

struct fixture {
	struct tap *tap;
	int peer;		/* the kernel's end */
	sd_event *event;
	unsigned int batches;
	unsigned int packets;
	unsigned int last;	/* number of the last packet */
};

static const struct tap_config config = { .name = "chudp0", .addr = 03040 };

static int set_up(void **state)
{
	static struct fixture f;
	int pair[2], size = 1 << 20;

	memset(&kernel, 0, sizeof(kernel));
	memset(&f, 0, sizeof(f));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
	    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)))
		return -1;
	f.peer = pair[1];
	if (tap_open_fd(&config, pair[0], &f.tap) || sd_event_new(&f.event) < 0)
		return -1;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	tap_close(f->tap);
	close(f->peer);
	sd_event_unref(f->event);
	return 0;
}

/* Writes a packet with its number as the index; returns its length. */
static size_t make_packet(uint8_t *frame, unsigned int number, size_t count)
{
	memset(frame, 0, FRAME_HEADER_LEN + count);
	frame[1] = CHAOS_OP_DAT;
	frame_put_word(frame + 2, count);
	frame_put_word(frame + 10, number);
	return frame_set_trailer(frame, 03041, 03040);
}

static size_t add_record(uint8_t *to, unsigned int number, size_t count)
{
	uint16_t len = make_packet(to + 2, number, count);

	memcpy(to, &len, 2);
	return 2 + len;
}

static void put(struct tap *tap, unsigned int number, size_t count)
{
	uint8_t frame[FRAME_MAX];
	size_t len = make_packet(frame, number, count);

	tap_put(tap, frame, len);
}

/* ------------------------------------------------------------------ reading */

static void reads(void **state)
{
	struct fixture *f = *state;
	const struct tap_counters *counters = tap_counters(f->tap);
	uint8_t bytes[8192], *packet;
	size_t len = 0, used, total = 0;

	assert_string_equal(tap_name(f->tap), "chudp0");
	assert_int_equal(tap_addr(f->tap), 03040);
	assert_true(tap_attached(f->tap));
	assert_int_equal(tap_read(f->tap), 0);
	assert_null(tap_next(f->tap, &used));
	for (unsigned int i = 0; i < 10; i++)
		len += add_record(bytes + len, i, 50 * i + i % 2);
	assert_int_equal(write(f->peer, bytes, len), len);
	assert_int_equal(tap_read(f->tap), len);
	for (unsigned int i = 0; i < 10; i++) {
		packet = tap_next(f->tap, &used);
		assert_non_null(packet);
		assert_int_equal(frame_source_index(packet), i);
		assert_int_equal(frame_count(packet), 50 * i + i % 2);
		assert_int_equal(frame_trailer_at(packet) + FRAME_TRAILER_LEN, used);
		assert_true(frame_sum_ok(packet, used));
		memset(packet, 0xff, used);	/* it is ours */
		total += used;
	}
	assert_null(tap_next(f->tap, &used));
	assert_null(tap_next(f->tap, &used));
	assert_int_equal(tap_read(f->tap), 0);
	assert_int_equal(counters->rx_packets, 10);
	assert_int_equal(counters->rx_bytes, total);
	assert_int_equal(counters->rx_reads, 1);
	assert_int_equal(counters->rx_bad, 0);
}

/* Records that make no sense are skipped; a length that does ends the batch. */
static void bad_records(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[4096];
	size_t len, used;
	uint16_t wrong = 23;

	len = add_record(bytes, 1, 100);
	memcpy(bytes + len, &wrong, 2);
	memset(bytes + len + 2, 0, 23);
	len += 25;
	len += add_record(bytes + len, 2, 0);
	wrong = 0;
	memcpy(bytes + len, &wrong, 2);
	len += 2;
	len += add_record(bytes + len, 3, 488);
	wrong = 100;
	memcpy(bytes + len, &wrong, 2);
	memset(bytes + len + 2, 0, 99);
	len += 101;
	assert_int_equal(write(f->peer, bytes, len), len);
	assert_int_equal(tap_read(f->tap), len);
	for (unsigned int i = 1; i <= 3; i++)
		assert_int_equal(frame_source_index(tap_next(f->tap, &used)), i);
	assert_null(tap_next(f->tap, &used));
	assert_int_equal(tap_counters(f->tap)->rx_packets, 3);
	assert_int_equal(tap_counters(f->tap)->rx_bad, 3);

	/* One byte alone. */
	assert_int_equal(write(f->peer, "x", 1), 1);
	assert_int_equal(tap_read(f->tap), 1);
	assert_null(tap_next(f->tap, &used));
	assert_int_equal(tap_counters(f->tap)->rx_bad, 4);
}

/* Reading on before all packets were taken drops the rest. */
static void reads_on(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[4096];
	size_t len, used;

	len = add_record(bytes, 1, 100);
	len += add_record(bytes + len, 2, 100);
	assert_int_equal(write(f->peer, bytes, len), len);
	assert_int_equal(tap_read(f->tap), len);
	assert_int_equal(frame_source_index(tap_next(f->tap, &used)), 1);
	assert_int_equal(tap_read(f->tap), 0);
	assert_null(tap_next(f->tap, &used));
}

/* ------------------------------------------------------------------ writing */

/* Takes what was written and checks that it is packets @from to @to. */
static void expect_packets(struct fixture *f, unsigned int from, unsigned int to)
{
	static uint8_t bytes[1 << 17];
	ssize_t len = 0, at = 0;
	unsigned int number = from;

	while (number <= to) {
		uint16_t here;

		if (at == len) {
			len = recv(f->peer, bytes, sizeof(bytes), MSG_DONTWAIT);
			assert_true(len > 0);
			at = 0;
		}
		memcpy(&here, bytes + at, 2);
		assert_int_equal(frame_source_index(bytes + at + 2), number++);
		assert_true(frame_sum_ok(bytes + at + 2, here));
		at += 2 + here;
	}
	assert_int_equal(at, len);
	assert_int_equal(recv(f->peer, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
}

static void writes(void **state)
{
	struct fixture *f = *state;
	const struct tap_counters *counters = tap_counters(f->tap);

	tap_flush(f->tap);
	assert_int_equal(kernel.writes, 0);
	for (unsigned int i = 1; i <= 5; i++)
		put(f->tap, i, i);
	assert_int_equal(kernel.writes, 0);
	tap_flush(f->tap);
	assert_int_equal(kernel.writes, 1);
	expect_packets(f, 1, 5);
	tap_flush(f->tap);
	assert_int_equal(kernel.writes, 1);
	assert_int_equal(counters->tx_packets, 5);
	assert_int_equal(counters->tx_bytes, 24 + 24 + 26 + 26 + 28);
	assert_int_equal(counters->tx_lost, 0);
}

/* Made right where they are to go; a full buffer goes out by itself. */
static void writes_much(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 1; i <= 300; i++) {
		uint8_t *room = tap_room(f->tap);

		assert_ptr_equal(room, tap_room(f->tap));
		tap_commit(f->tap, make_packet(room, i, 488));
	}
	assert_int_equal(kernel.writes, 2);
	tap_flush(f->tap);
	assert_int_equal(kernel.writes, 3);
	expect_packets(f, 1, 300);
	assert_int_equal(tap_counters(f->tap)->tx_packets, 300);
	assert_int_equal(tap_counters(f->tap)->tx_writes, 3);
}

static void short_writes(void **state)
{
	struct fixture *f = *state;

	kernel.write_max = 200;
	for (unsigned int i = 1; i <= 10; i++)
		put(f->tap, i, 50);
	tap_flush(f->tap);
	/* Two of 74 bytes at a time. */
	assert_int_equal(kernel.writes, 5);
	expect_packets(f, 1, 10);
	assert_int_equal(tap_counters(f->tap)->tx_packets, 10);
	assert_int_equal(tap_counters(f->tap)->tx_lost, 0);
}

static void failed_writes(void **state)
{
	static const struct {
		int errors[3];
		unsigned int packets, lost, writes;
	} rows[] = {
		{ { EAGAIN }, 0, 4, 1 },
		{ { ENETDOWN }, 0, 4, 1 },
		{ { ENOBUFS }, 0, 4, 1 },
		{ { ENOMEM }, 0, 4, 1 },
		{ { 0, EAGAIN }, 2, 2, 2 },
		{ { EINTR, EINTR }, 4, 0, 4 },
		{ { EINVAL }, 3, 1, 3 },
		{ { EINVAL, EINVAL, ENETDOWN }, 0, 4, 3 },
		{ { 0, EINVAL }, 3, 1, 3 },
	};
	struct fixture *f = *state;
	char text[CAPTURE_LEN];

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct tap_counters before = *tap_counters(f->tap);
		const struct tap_counters *after = tap_counters(f->tap);

		memset(&kernel, 0, sizeof(kernel));
		kernel.write_max = 160;
		memcpy(kernel.write_errors, rows[row].errors, sizeof(rows[row].errors));
		for (unsigned int i = 1; i <= 4; i++)
			put(f->tap, i, 50);
		capture_start();
		tap_flush(f->tap);
		capture_end(text);
		assert_int_equal(kernel.writes, rows[row].writes);
		assert_int_equal(after->tx_packets - before.tx_packets, rows[row].packets);
		assert_int_equal(after->tx_lost - before.tx_lost, rows[row].lost);
		assert_true(tap_attached(f->tap));
		if (rows[row].errors[0] == ENOMEM)
			assert_string_equal(text, "chudp0: cannot write: Cannot allocate memory\n");
		else
			assert_string_equal(text, "");
		kernel.write_max = 0;
		/* Nothing stays behind. */
		tap_flush(f->tap);
	}
}

/* ----------------------------------------------------------------- watching */

static void on_batch(struct tap *tap, void *arg)
{
	struct fixture *f = arg;
	uint8_t *packet;
	size_t len;

	f->batches++;
	while ((packet = tap_next(tap, &len))) {
		f->packets++;
		f->last = frame_source_index(packet);
	}
}

static void watches(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[2048];

	assert_int_equal(tap_watch(f->tap, f->event, on_batch, f), 0);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	for (unsigned int i = 1; i <= 20; i++) {
		size_t len = add_record(bytes, 2 * i - 1, 300);

		len += add_record(bytes + len, 2 * i, 300);
		assert_int_equal(write(f->peer, bytes, len), len);
	}
	/* Others get a turn in between. */
	assert_true(sd_event_run(f->event, 0) > 0);
	assert_true(f->packets > 0 && f->packets < 40);
	while (sd_event_run(f->event, 0) > 0)
		;
	assert_int_equal(f->batches, 20);
	assert_int_equal(f->packets, 40);
	assert_int_equal(f->last, 40);
}

/* The link goes while packets wait to be written and read. */
static void loses_link(void **state)
{
	struct fixture *f = *state;
	char text[CAPTURE_LEN];
	uint8_t bytes[1024];
	size_t len = add_record(bytes, 1, 300);

	assert_int_equal(tap_watch(f->tap, f->event, on_batch, f), 0);
	assert_int_equal(write(f->peer, bytes, len), len);
	shutdown(f->peer, SHUT_WR);
	put(f->tap, 1, 1);
	capture_start();
	while (sd_event_run(f->event, 0) > 0)
		;
	assert_string_equal(capture_end(text), "chudp0: the link was deleted\n");
	assert_int_equal(f->packets, 1);
	assert_false(tap_attached(f->tap));
	capture_start();
	for (unsigned int i = 2; i <= 1000; i++)
		put(f->tap, i, 488);
	tap_flush(f->tap);
	assert_int_equal(tap_read(f->tap), -EBADFD);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	assert_string_equal(capture_end(text), "");
	assert_int_equal(tap_counters(f->tap)->tx_lost, 1000);
	assert_int_equal(tap_counters(f->tap)->tx_packets, 0);
}

/* Writing notices first. */
static void loses_link_writing(void **state)
{
	struct fixture *f = *state;
	char text[CAPTURE_LEN];

	assert_int_equal(tap_watch(f->tap, f->event, on_batch, f), 0);
	kernel.write_errors[0] = EBADFD;
	put(f->tap, 1, 1);
	put(f->tap, 2, 1);
	capture_start();
	tap_flush(f->tap);
	assert_string_equal(capture_end(text), "chudp0: the link was deleted\n");
	assert_int_equal(tap_counters(f->tap)->tx_lost, 2);
	assert_int_equal(sd_event_run(f->event, 0), 0);
}

/* Writing notices in the midst of a batch that was read. */
static void on_batch_write(struct tap *tap, void *arg)
{
	struct fixture *f = arg;
	size_t len;

	f->batches++;
	while (tap_next(tap, &len)) {
		f->packets++;
		put(tap, f->packets, 1);
		tap_flush(tap);
	}
}

static void loses_link_in_batch(void **state)
{
	struct fixture *f = *state;
	char text[CAPTURE_LEN];
	uint8_t bytes[2048];
	size_t len;

	assert_int_equal(tap_watch(f->tap, f->event, on_batch_write, f), 0);
	len = add_record(bytes, 1, 300);
	len += add_record(bytes + len, 2, 300);
	assert_int_equal(write(f->peer, bytes, len), len);
	assert_int_equal(write(f->peer, bytes, len), len);
	kernel.writes = 0;
	kernel.write_errors[0] = EBADFD;
	capture_start();
	while (sd_event_run(f->event, 0) > 0)
		;
	assert_string_equal(capture_end(text), "chudp0: the link was deleted\n");
	assert_int_equal(f->batches, 1);
	assert_int_equal(f->packets, 2);
	assert_int_equal(tap_counters(f->tap)->tx_lost, 2);
}

/* --------------------------------------------------------------- in a thread */

/* Packets pass; then the link goes, and the event loop hears of it. */
static void pump_link(struct fixture *f, bool threads)
{
	struct pumps *pumps;
	char text[CAPTURE_LEN];
	uint8_t bytes[1024];
	size_t len = add_record(bytes, 1, 300);

	assert_int_equal(pumps_new(f->event, threads, &pumps), 0);
	assert_int_equal(tap_pump(f->tap, f->event, pumps, on_batch, f), 0);
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(write(f->peer, bytes, len), len);
	shutdown(f->peer, SHUT_WR);
	put(f->tap, 1, 1);
	capture_start();
	while (tap_attached(f->tap))
		assert_true(sd_event_run(f->event, 60000000) > 0);
	assert_string_equal(capture_end(text), "chudp0: the link was deleted\n");
	assert_int_equal(f->batches, 20);
	assert_int_equal(f->packets, 20);
	tap_flush(f->tap);
	assert_int_equal(tap_counters(f->tap)->tx_lost, 1);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	pumps_free(pumps);
}

static void pumps_link(void **state)
{
	pump_link(*state, true);
}

static void pumps_link_in_loop(void **state)
{
	pump_link(*state, false);
}

/* Writing notices first, more than once. */
static void pumps_link_writing(void **state)
{
	struct fixture *f = *state;
	struct pumps *pumps;
	char text[CAPTURE_LEN];

	assert_int_equal(pumps_new(f->event, true, &pumps), 0);
	assert_int_equal(tap_pump(f->tap, f->event, pumps, on_batch, f), 0);
	assert_true(sd_event_run(f->event, 0) >= 0);
	capture_start();
	for (unsigned int i = 0; i < 2; i++) {
		kernel.writes = 0;
		kernel.write_errors[0] = EBADFD;
		put(f->tap, 1, 1);
		tap_flush(f->tap);
		assert_true(tap_attached(f->tap));
	}
	while (tap_attached(f->tap))
		assert_true(sd_event_run(f->event, 60000000) > 0);
	assert_string_equal(capture_end(text), "chudp0: the link was deleted\n");
	assert_int_equal(tap_counters(f->tap)->tx_lost, 2);
	pumps_free(pumps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(writes_much, set_up, tear_down),
		cmocka_unit_test_setup_teardown(short_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failed_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(watches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(loses_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(loses_link_writing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(loses_link_in_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pumps_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pumps_link_in_loop, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pumps_link_writing, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
