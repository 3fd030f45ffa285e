// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets out of a byte stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "captured.h"
#include "stream.h"

/* What a test is for. */
static const enum stream_kind kinds[] = { STREAM_TLS, STREAM_CHAOSD };

#define KIND(state)	(*(const enum stream_kind *)*(state))

static void feed(struct stream *stream, const void *bytes, size_t len)
{
	size_t room;
	uint8_t *to = stream_room(stream, &room);

	assert_true(len <= room);
	memcpy(to, bytes, len);
	stream_filled(stream, len);
}

/* The captured packet as a stream of this kind has it. */
static void feed_captured(struct stream *stream)
{
	feed(stream, captured_rfc, stream->kind);
	feed(stream, captured_rfc + STREAM_CHAOSD, sizeof(captured_rfc) - STREAM_CHAOSD);
}

/* A frame of this length, with bytes that tell frames apart; returns its length. */
static size_t make_frame(enum stream_kind kind, uint8_t *to, unsigned int len, uint8_t mark)
{
	stream_header(kind, to, len);
	memset(to + kind, mark, len);
	return kind + len;
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
	struct stream_packet packet;
	struct stream stream;

	stream_init(&stream, KIND(state));
	feed_captured(&stream);
	assert_int_equal(stream_next(&stream, &packet), STREAM_PACKET);
	assert_int_equal(packet.len, 26);
	assert_memory_equal(packet.data, captured_rfc + 4, 26);
	expect_none(&stream);
	assert_int_equal(stream_rest(&stream), 0);
}

static void header(void **state)
{
	uint8_t made[STREAM_HEADER_MAX + 1] = { 0, 0, 7, 7, 7 };

	stream_header(KIND(state), made, 26);
	assert_memory_equal(made, captured_rfc, KIND(state));
	stream_header(KIND(state), made, 510);
	assert_memory_equal(made, "\x01\xfe\x01\x00", KIND(state));
	assert_int_equal(made[KIND(state)], 7);
}

/* Bytes 3 and 4 may be anything. */
static void header_tail_is_ignored(void **state)
{
	struct stream stream;
	struct stream_packet packet;
	uint8_t frame[sizeof(captured_rfc)];

	(void)state;
	stream_init(&stream, STREAM_CHAOSD);
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

	total += make_frame(KIND(state), bytes + total, 22, 1);
	total += make_frame(KIND(state), bytes + total, 40, 2);
	total += make_frame(KIND(state), bytes + total, 26, 3);
	for (a = 0; a <= total; a++) {
		for (b = a; b <= total; b++) {
			static const unsigned int len[] = { 22, 40, 26 };
			const size_t cuts[] = { 0, a, b, total };
			struct stream stream;
			int part, seen = 0;

			stream_init(&stream, KIND(state));
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
	struct stream stream;
	uint8_t frame[STREAM_FRAME_MAX];
	size_t len = make_frame(KIND(state), frame, CHAOS_RECORD_MAX, 7), i;

	stream_init(&stream, KIND(state));
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
	struct stream stream;
	size_t total = 0, at = 0;
	unsigned int made = 0, seen = 0;

	stream_init(&stream, KIND(state));
	while (total + STREAM_FRAME_MAX <= sizeof(bytes)) {
		total += make_frame(KIND(state), bytes + total, 22 + 2 * (made % 245), made);
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

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stream stream;
		struct stream_packet packet;
		uint8_t start[STREAM_HEADER_MAX];

		stream_init(&stream, KIND(state));
		stream_header(KIND(state), start, rows[i].len);
		feed(&stream, start, KIND(state));
		assert_int_equal(stream_next(&stream, &packet), rows[i].status);
		/* And for good. */
		assert_int_equal(stream_next(&stream, &packet), rows[i].status);
		assert_int_equal(stream_length(&stream), rows[i].len);
	}
}

/* What came before nonsense is good. */
static void good_then_bad(void **state)
{
	struct stream_packet packet;
	struct stream stream;

	stream_init(&stream, KIND(state));
	feed_captured(&stream);
	feed(&stream, "\xff\xff\x01\x00", 4);
	assert_int_equal(stream_next(&stream, &packet), STREAM_PACKET);
	assert_int_equal(stream_next(&stream, &packet), STREAM_LONG);
	assert_string_equal(stream_status_text(STREAM_LONG), "which is too long");
}

#define BOTH(test)								\
	cmocka_unit_test_prestate(test, (void *)&kinds[0]),			\
	cmocka_unit_test_prestate(test, (void *)&kinds[1])

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(captured),
		BOTH(header),
		cmocka_unit_test(header_tail_is_ignored),
		BOTH(every_split),
		BOTH(byte_by_byte),
		BOTH(always_room),
		BOTH(lengths),
		BOTH(good_then_bad),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
