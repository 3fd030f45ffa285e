// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets out of a byte stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "captured.h"
#include "stream.h"

static void feed(struct stream *stream, const void *bytes, size_t len)
{
	size_t room;
	uint8_t *to = stream_room(stream, &room);

	assert_true(len <= room);
	memcpy(to, bytes, len);
	stream_filled(stream, len);
}

/* A frame of this length, with bytes that tell frames apart; returns its length. */
static size_t make_frame(uint8_t *to, unsigned int len, uint8_t mark)
{
	stream_header(to, len);
	memset(to + STREAM_HEADER_LEN, mark, len);
	return STREAM_HEADER_LEN + len;
}

static void expect(struct stream *stream, size_t len, uint8_t mark)
{
	struct stream_packet packet;
	size_t i;

	assert_int_equal(stream_next(stream, &packet), STREAM_PACKET);
	assert_int_equal(packet.len, len);
	for (i = 0; i < len; i++)
		assert_int_equal(packet.data[i], mark);
}

static void expect_none(struct stream *stream)
{
	struct stream_packet packet;

	assert_int_equal(stream_next(stream, &packet), STREAM_MORE);
}

static void captured(void **state)
{
	struct stream stream = {};
	struct stream_packet packet;

	(void)state;
	feed(&stream, captured_rfc, sizeof(captured_rfc));
	assert_int_equal(stream_next(&stream, &packet), STREAM_PACKET);
	assert_int_equal(packet.len, 26);
	assert_memory_equal(packet.data, captured_rfc + 4, 26);
	expect_none(&stream);
	assert_int_equal(stream_rest(&stream), 0);
}

static void header(void **state)
{
	uint8_t made[STREAM_HEADER_LEN];

	(void)state;
	stream_header(made, 26);
	assert_memory_equal(made, captured_rfc, sizeof(made));
	stream_header(made, 510);
	assert_memory_equal(made, "\x01\xfe\x01\x00", sizeof(made));
}

/* Bytes 3 and 4 may be anything. */
static void header_tail_is_ignored(void **state)
{
	struct stream stream = {};
	struct stream_packet packet;
	uint8_t frame[sizeof(captured_rfc)];

	(void)state;
	memcpy(frame, captured_rfc, sizeof(frame));
	frame[2] = 0xff;
	frame[3] = 0xee;
	feed(&stream, frame, sizeof(frame));
	assert_int_equal(stream_next(&stream, &packet), STREAM_PACKET);
}

/* Three frames in three reads, broken at every two places there are. */
static void every_split(void **state)
{
	uint8_t bytes[3 * STREAM_FRAME_MAX];
	size_t total = 0, a, b;

	(void)state;
	total += make_frame(bytes + total, 22, 1);
	total += make_frame(bytes + total, 40, 2);
	total += make_frame(bytes + total, 26, 3);
	for (a = 0; a <= total; a++) {
		for (b = a; b <= total; b++) {
			static const unsigned int len[] = { 22, 40, 26 };
			const size_t cuts[] = { 0, a, b, total };
			struct stream stream = {};
			int part, seen = 0;

			for (part = 0; part < 3; part++) {
				struct stream_packet packet;

				feed(&stream, bytes + cuts[part], cuts[part + 1] - cuts[part]);
				while (stream_next(&stream, &packet) == STREAM_PACKET) {
					assert_int_equal(packet.len, len[seen]);
					assert_int_equal(packet.data[0], ++seen);
				}
			}
			assert_int_equal(seen, 3);
			assert_int_equal(stream_rest(&stream), 0);
		}
	}
}

static void byte_by_byte(void **state)
{
	struct stream stream = {};
	uint8_t frame[STREAM_FRAME_MAX];
	size_t len = make_frame(frame, CHAOS_RECORD_MAX, 7), i;

	(void)state;
	for (i = 0; i < len; i++) {
		expect_none(&stream);
		feed(&stream, frame + i, 1);
	}
	expect(&stream, CHAOS_RECORD_MAX, 7);
	expect_none(&stream);
}

/* There is room after STREAM_MORE, whatever the buffer has seen before. */
static void always_room(void **state)
{
	static uint8_t bytes[40 * STREAM_BUFFER];
	struct stream stream = {};
	size_t total = 0, at = 0;
	unsigned int made = 0, seen = 0;

	(void)state;
	while (total + STREAM_FRAME_MAX <= sizeof(bytes)) {
		total += make_frame(bytes + total, 22 + 2 * (made % 245), made);
		made++;
	}
	while (at < total) {
		struct stream_packet packet;
		size_t room;

		stream_room(&stream, &room);
		assert_true(room);
		room = room < total - at ? room : total - at;
		feed(&stream, bytes + at, room);
		at += room;
		while (stream_next(&stream, &packet) == STREAM_PACKET) {
			assert_int_equal(packet.len, 22 + 2 * (seen % 245));
			assert_int_equal(packet.data[0], seen & 0xff);
			seen++;
		}
		expect_none(&stream);
	}
	assert_int_equal(seen, made);
}

static void lengths(void **state)
{
	static const struct {
		unsigned int len;
		enum stream_status status;
	} rows[] = {
		{ 0, STREAM_SHORT },
		{ 1, STREAM_SHORT },
		{ 16, STREAM_SHORT },
		{ 20, STREAM_SHORT },
		{ 21, STREAM_SHORT },
		{ 22, STREAM_MORE },
		{ 23, STREAM_ODD },
		{ 509, STREAM_ODD },
		{ 510, STREAM_MORE },
		{ 511, STREAM_LONG },
		{ 512, STREAM_LONG },
		{ 0x1a00, STREAM_LONG },
		{ 0xffff, STREAM_LONG },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stream stream = {};
		struct stream_packet packet;
		uint8_t start[STREAM_HEADER_LEN];

		stream_header(start, rows[i].len);
		feed(&stream, start, sizeof(start));
		assert_int_equal(stream_next(&stream, &packet), rows[i].status);
		/* And for good. */
		assert_int_equal(stream_next(&stream, &packet), rows[i].status);
		assert_int_equal(stream_length(&stream), rows[i].len);
	}
}

/* What came before nonsense is good. */
static void good_then_bad(void **state)
{
	struct stream stream = {};
	struct stream_packet packet;

	(void)state;
	feed(&stream, captured_rfc, sizeof(captured_rfc));
	feed(&stream, "\xff\xff\x01\x00", 4);
	assert_int_equal(stream_next(&stream, &packet), STREAM_PACKET);
	assert_int_equal(stream_next(&stream, &packet), STREAM_LONG);
	assert_string_equal(stream_status_text(STREAM_LONG), "which is too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured),
		cmocka_unit_test(header),
		cmocka_unit_test(header_tail_is_ignored),
		cmocka_unit_test(every_split),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(always_room),
		cmocka_unit_test(lengths),
		cmocka_unit_test(good_then_bad),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
