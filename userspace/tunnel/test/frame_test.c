// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets with trailers: the bytes that were captured, and every way to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frame.h"

/* RFC STATUS, from 402 to 401. */
static const uint8_t status_lsb[] = {
	0x00, 0x01, 0x06, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01, 0x86, 0x22, 0x5f, 0x7e,
	0x00, 0x00, 0x53, 0x54, 0x41, 0x54, 0x55, 0x53, 0x02, 0x01, 0x01, 0x01, 0x24, 0x5e,
};

/* The same from a UDP datagram. */
static const uint8_t status_msb[] = {
	0x01, 0x00, 0x00, 0x06, 0x01, 0x02, 0x00, 0x00, 0x01, 0x01, 0xc4, 0xec, 0x3d, 0x22,
	0x00, 0x00, 0x54, 0x53, 0x54, 0x41, 0x53, 0x55, 0x01, 0x02, 0x01, 0x01, 0xfc, 0xfa,
};

/* RFC TIME to 402, from a chaosd socket. */
static const uint8_t time_lsb[] = {
	0x00, 0x01, 0x04, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01, 0x3f, 0x4e, 0xad, 0x87,
	0x00, 0x00, 0x54, 0x49, 0x4d, 0x45, 0x00, 0x01, 0x01, 0x01, 0x69, 0x96,
};

static void captured_sums(void **state)
{
	uint8_t bad[sizeof(status_lsb)];

	(void)state;
	assert_true(frame_sum_ok(status_lsb, sizeof(status_lsb)));
	assert_true(frame_sum_ok(status_msb, sizeof(status_msb)));
	assert_true(frame_sum_ok(time_lsb, sizeof(time_lsb)));
	for (size_t i = 0; i < sizeof(bad); i++) {
		memcpy(bad, status_lsb, sizeof(bad));
		bad[i] ^= 0x10;
		assert_false(frame_sum_ok(bad, sizeof(bad)));
	}
}

static void captured_fields(void **state)
{
	size_t used = 0;

	(void)state;
	assert_int_equal(frame_check(status_lsb, sizeof(status_lsb), &used), FRAME_OK);
	assert_int_equal(used, sizeof(status_lsb));
	assert_int_equal(frame_opcode(status_lsb), CHAOS_OP_RFC);
	assert_int_equal(frame_hops(status_lsb), 0);
	assert_int_equal(frame_count(status_lsb), 6);
	assert_int_equal(frame_destination(status_lsb), 0402);
	assert_int_equal(frame_destination_index(status_lsb), 0);
	assert_int_equal(frame_source(status_lsb), 0401);
	assert_int_equal(frame_source_index(status_lsb), 0x2286);
	assert_int_equal(frame_number(status_lsb), 0x7e5f);
	assert_int_equal(frame_ack(status_lsb), 0);
	assert_memory_equal(frame_data(status_lsb), "STATUS", 6);
	assert_int_equal(frame_link_destination(status_lsb), 0402);
	assert_int_equal(frame_link_source(status_lsb), 0401);
}

/* Both captures are of the same question, asked twice: swapped, one looks like the other. */
static void captured_layouts(void **state)
{
	uint8_t lsb[sizeof(status_msb)], again[sizeof(status_msb)];

	(void)state;
	frame_swap(lsb, status_msb, sizeof(lsb));
	assert_int_equal(frame_opcode(lsb), CHAOS_OP_RFC);
	assert_int_equal(frame_count(lsb), 6);
	assert_int_equal(frame_destination(lsb), 0402);
	assert_int_equal(frame_source(lsb), 0401);
	assert_memory_equal(frame_data(lsb), "STATUS", 6);
	assert_int_equal(frame_link_destination(lsb), 0402);
	assert_true(frame_sum_ok(lsb, sizeof(lsb)));

	/* Made anew, the trailer is as it came. */
	memcpy(again, lsb, sizeof(lsb));
	memset(again + 22, 0xaa, FRAME_TRAILER_LEN);
	assert_int_equal(frame_set_trailer(again, 0402, 0401), sizeof(again));
	assert_memory_equal(again, lsb, sizeof(again));
	frame_swap(again, again, sizeof(again));
	assert_memory_equal(again, status_msb, sizeof(again));
}

/* The last byte of odd data stands behind its pad byte in the MSB-first layout. */
static void odd_data(void **state)
{
	static const uint8_t msb[] = { 0x49, 0x53, 0x4b, 0x4e, 0x00, 0x58 };
	uint8_t lsb[sizeof(msb)];

	(void)state;
	frame_swap(lsb, msb, sizeof(msb));
	assert_memory_equal(lsb, "SINKX", 6);
}

static void checks(void **state)
{
	static const struct {
		size_t count;	/* as the header tells */
		size_t len;	/* as it came */
		enum frame_error error;
		size_t used;
	} rows[] = {
		{ 0, 22, FRAME_OK, 22 },
		{ 1, 24, FRAME_OK, 24 },
		{ 2, 24, FRAME_OK, 24 },
		{ 487, 510, FRAME_OK, 510 },
		{ 488, 510, FRAME_OK, 510 },
		/* padded frames */
		{ 0, 24, FRAME_OK, 22 },
		{ 6, 60, FRAME_OK, 28 },
		{ 0, 1500, FRAME_OK, 22 },
		/* odd */
		{ 0, 23, FRAME_ODD, 0 },
		{ 0, 1, FRAME_ODD, 0 },
		{ 488, 511, FRAME_ODD, 0 },
		/* too short for anything */
		{ 0, 0, FRAME_SHORT, 0 },
		{ 0, 2, FRAME_SHORT, 0 },
		{ 0, 20, FRAME_SHORT, 0 },
		/* byte counts that cannot be */
		{ 489, 512, FRAME_COUNT, 0 },
		{ 489, 2000, FRAME_COUNT, 0 },
		{ 4095, 4200, FRAME_COUNT, 0 },
		{ 4095, 22, FRAME_COUNT, 0 },
		/* shorter than the byte count says, with or without trailer */
		{ 8, 22, FRAME_TRUNCATED, 0 },
		{ 488, 502, FRAME_TRUNCATED, 0 },
		{ 1, 22, FRAME_NO_TRAILER, 0 },
		{ 2, 22, FRAME_NO_TRAILER, 0 },
		{ 6, 26, FRAME_NO_TRAILER, 0 },
		{ 488, 504, FRAME_NO_TRAILER, 0 },
		{ 488, 508, FRAME_NO_TRAILER, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Just as long, for the address sanitizer. */
		uint8_t *frame = calloc(1, rows[i].len + !rows[i].len);
		size_t used = 0;

		assert_non_null(frame);
		if (rows[i].len >= 4)
			frame_put_word(frame + 2, 0xf000 | rows[i].count);
		assert_int_equal(frame_check(frame, rows[i].len, &used), rows[i].error);
		assert_int_equal(used, rows[i].used);
		free(frame);
	}
}

static void errors_in_words(void **state)
{
	(void)state;
	for (int error = 0; error < FRAME_N_ERRORS; error++)
		assert_true(*frame_error_text(error));
	assert_string_equal(frame_error_text(FRAME_N_ERRORS), "unknown error");
}

/* As RFC 1071 has it, a pair at a time. */
static uint16_t plain_sum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* All lengths, all alignments, contents that carry as much as possible or not at all. */
static void sums_and_swaps(void **state)
{
	uint8_t bytes[FRAME_MAX + 8], swapped[FRAME_MAX + 8];
	unsigned int seed = 1;

	(void)state;
	for (size_t len = 0; len <= FRAME_MAX; len += 2) {
		for (size_t at = 0; at < 8; at++) {
			for (size_t i = 0; i < len; i++) {
				seed = seed * 1103515245 + 12345;
				bytes[at + i] = at == 6 ? 0xff : at == 7 ? 0 : seed >> 16;
			}
			assert_int_equal(frame_sum(bytes + at, len), plain_sum(bytes + at, len));
			frame_swap(swapped + 7 - at, bytes + at, len);
			for (size_t i = 0; i < len; i++)
				assert_int_equal(swapped[7 - at + i], bytes[at + (i ^ 1)]);
			frame_swap(swapped + 7 - at, swapped + 7 - at, len);
			assert_memory_equal(swapped + 7 - at, bytes + at, len);
		}
	}
}

static void trailers(void **state)
{
	uint8_t frame[FRAME_MAX + 2], swapped[FRAME_MAX];

	(void)state;
	for (size_t count = 0; count <= CHAOS_DATA_MAX; count++) {
		size_t used, len;

		memset(frame, count, sizeof(frame));
		frame_put_word(frame + 2, count);
		len = frame_set_trailer(frame, 03041, 0177001);
		assert_int_equal(frame_check(frame, len, &used), FRAME_OK);
		assert_int_equal(used, len);
		assert_int_equal(frame_link_destination(frame), 03041);
		assert_int_equal(frame_link_source(frame), 0177001);
		assert_true(frame_sum_ok(frame, len));
		frame_swap(swapped, frame, len);
		assert_true(frame_sum_ok(swapped, len));
	}
}

/* Only the next hop changes, and only if it is somebody else. */
static void claims(void **state)
{
	static const struct {
		uint16_t destination, hop, claimed;
	} rows[] = {
		{ 0402, 0402, 0402 },
		{ 0402, 0405, 0402 },
		{ 01234, 0405, 0402 },
		{ 01234, 0402, 0402 },
		{ 01234, 0, 0 },
		/* For all, but sent to one. */
		{ 0, 0, 0 },
		{ 0, 0402, 0402 },
		{ 0, 0405, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t frame[sizeof(time_lsb)], wanted[sizeof(time_lsb)];
		size_t at = frame_trailer_at(time_lsb);

		memcpy(frame, time_lsb, sizeof(frame));
		frame_put_word(frame + 4, rows[i].destination);
		frame_put_word(frame + at, rows[i].hop);
		memcpy(wanted, frame, sizeof(wanted));
		frame_put_word(wanted + at, rows[i].claimed);
		frame_claim(frame, 0402);
		assert_memory_equal(frame, wanted, sizeof(frame));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_sums),
		cmocka_unit_test(captured_fields),
		cmocka_unit_test(captured_layouts),
		cmocka_unit_test(odd_data),
		cmocka_unit_test(checks),
		cmocka_unit_test(errors_in_words),
		cmocka_unit_test(sums_and_swaps),
		cmocka_unit_test(trailers),
		cmocka_unit_test(claims),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
