// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets in datagrams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "captured.h"
#include "wire.h"

static void test_captured(void **state)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX], made[WIRE_MAX], want[FRAME_MAX];
	size_t i, len, want_len, used;

	(void)state;
	for (i = 0; i < N_CAPTURED; i++) {
		len = unhex(datagram, captured[i].datagram);
		want_len = unhex(want, captured[i].packet);
		assert_int_equal(wire_unwrap(packet, &used, datagram, len), WIRE_OK);
		assert_int_equal(used, want_len);
		assert_int_equal(want_len, len - WIRE_HEADER_LEN);
		assert_memory_equal(packet, want, used);
		assert_int_equal(frame_link_destination(packet), captured[i].next_hop);
		assert_int_equal(frame_link_source(packet), captured[i].sender);
		assert_int_equal(wire_wrap(made, packet, used), len);
		assert_memory_equal(made, datagram, len);
	}
}

/* A packet of @count data bytes; returns its length. */
static size_t make(uint8_t *packet, unsigned int count)
{
	unsigned int i;

	memset(packet, 0, FRAME_MAX);
	packet[1] = CHAOS_OP_DAT;
	frame_put_word(packet + 2, count);
	for (i = 0; i < count; i++)
		packet[FRAME_HEADER_LEN + i] = i * 7 + count;
	return frame_set_trailer(packet, 0402, 0401);
}

/* Every length there is, there and back. */
static void test_lengths(void **state)
{
	uint8_t packet[FRAME_MAX], datagram[WIRE_MAX], back[FRAME_MAX];
	size_t count, len, used;

	(void)state;
	for (count = 0; count <= CHAOS_DATA_MAX; count++) {
		len = make(packet, count);
		assert_int_equal(len, 16 + (count + 1) / 2 * 2 + 6);
		assert_int_equal(wire_wrap(datagram, packet, len), len + 4);
		assert_int_equal(wire_unwrap(back, &used, datagram, len + 4), WIRE_OK);
		assert_int_equal(used, len);
		assert_memory_equal(back, packet, len);
	}
}

/* The two bytes behind version and function are nobody's business. */
static void test_header(void **state)
{
	static const struct {
		uint8_t header[4];
		enum wire_verdict verdict;
	} cases[] = {
		{ { 1, 1, 0, 0 }, WIRE_OK },
		{ { 1, 1, 255, 1 }, WIRE_OK },
		{ { 0, 1, 0, 0 }, WIRE_VERSION },
		{ { 2, 1, 0, 0 }, WIRE_VERSION },
		{ { 1, 0, 0, 0 }, WIRE_VERSION },
		{ { 1, 2, 0, 0 }, WIRE_VERSION },
	};
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX];
	size_t i, used, len = unhex(datagram, captured[0].datagram);

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(datagram, cases[i].header, 4);
		assert_int_equal(wire_unwrap(packet, &used, datagram, len), cases[i].verdict);
	}
}

/* Cut short anywhere, or too long, it is refused. */
static void test_malformed(void **state)
{
	uint8_t datagram[WIRE_MAX + 8] = { 0 }, packet[FRAME_MAX];
	size_t used, len = unhex(datagram, captured[0].datagram), cut;

	(void)state;
	for (cut = 0; cut < len; cut++)
		assert_int_equal(wire_unwrap(packet, &used, datagram, cut), WIRE_MALFORMED);
	assert_int_equal(wire_unwrap(packet, &used, datagram, len + 1), WIRE_MALFORMED);
	assert_int_equal(wire_unwrap(packet, &used, datagram, WIRE_MAX + 2), WIRE_MALFORMED);
	datagram[6] = 0x01;		/* byte count 489 */
	datagram[7] = 0xe9;
	assert_int_equal(wire_unwrap(packet, &used, datagram, WIRE_MAX), WIRE_MALFORMED);
}

/* Padding behind the trailer does no harm. */
static void test_padding(void **state)
{
	uint8_t datagram[WIRE_MAX] = { 0 }, packet[FRAME_MAX];
	size_t used, len = unhex(datagram, captured[0].datagram);

	(void)state;
	memset(datagram + len, 0x55, 10);
	assert_int_equal(wire_unwrap(packet, &used, datagram, len + 10), WIRE_OK);
	assert_int_equal(used, len - WIRE_HEADER_LEN);
}

/* Every single bit of the packet counts. */
static void test_checksum(void **state)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX];
	size_t used, bit, len = unhex(datagram, captured[3].datagram);

	(void)state;
	for (bit = 8 * WIRE_HEADER_LEN; bit < 8 * len; bit++) {
		datagram[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(wire_unwrap(packet, &used, datagram, len), WIRE_OK);
		datagram[bit / 8] ^= 1 << bit % 8;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_checksum),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
