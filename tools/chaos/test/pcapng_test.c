// SPDX-License-Identifier: GPL-2.0-or-later
/* What is written as pcapng is what libpcap reads. */
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pcapng.h"

#define ROOM	65536

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/* Every length of padding, time beyond 32 bits, a frame cut short. */
static const struct {
	uint32_t interface;
	uint64_t time_ns;
	uint32_t captured, length;
} frames[] = {
	{ 0, UINT64_C(1795359670285957123), 8, 8 },
	{ 1, UINT64_C(1795359670285957124), 7, 7 },
	{ 0, UINT64_C(1795359671000000000), 6, 600 },
	{ 1, UINT64_C(1795359671999999999), 5, 5 },
	{ 0, 0, 0, 0 },
};

#define N_FRAMES	(sizeof(frames) / sizeof(frames[0]))

static size_t write_file(char *file)
{
	FILE *f = fmemopen(file, ROOM, "w");
	long len;

	assert_non_null(f);
	pcapng_begin(f, "the test");
	pcapng_interface(f, DLT_EN10MB, 2048, "eth0");
	pcapng_interface(f, DLT_EN10MB, 2048, NULL);
	for (size_t i = 0; i < N_FRAMES; i++)
		pcapng_packet(f, frames[i].interface, frames[i].time_ns, bytes,
			      frames[i].captured, frames[i].length);
	pcapng_statistics(f, 0, UINT64_C(1795359672000000000), 3, 1);
	len = ftell(f);
	assert_int_equal(fclose(f), 0);
	return len;
}

/* Blocks follow each other, with the same length at both ends. */
static void blocks(void **state)
{
	static const uint32_t types[] = { 0x0a0d0d0a, 1, 1, 6, 6, 6, 6, 6, 5 };
	static char file[ROOM];
	size_t len = write_file(file), at = 0, n = 0;

	(void)state;
	while (at < len) {
		uint32_t head[2], tail;

		memcpy(head, file + at, sizeof(head));
		assert_true(head[1] >= 12 && head[1] % 4 == 0 && at + head[1] <= len);
		memcpy(&tail, file + at + head[1] - 4, sizeof(tail));
		assert_int_equal(head[1], tail);
		assert_true(n < sizeof(types) / sizeof(types[0]));
		assert_int_equal(head[0], types[n++]);
		at += head[1];
	}
	assert_int_equal(n, sizeof(types) / sizeof(types[0]));
}

static void read_back(void **state)
{
	static char file[ROOM];
	char err[PCAP_ERRBUF_SIZE];
	size_t len = write_file(file), i = 0;
	const unsigned char *data;
	struct pcap_pkthdr *header;
	pcap_t *pcap;
	int n;

	(void)state;
	pcap = pcap_fopen_offline_with_tstamp_precision(fmemopen(file, len, "r"),
							PCAP_TSTAMP_PRECISION_NANO, err);
	if (!pcap)
		fail_msg("%s", err);
	assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
	assert_int_equal(pcap_snapshot(pcap), 2048);
	while ((n = pcap_next_ex(pcap, &header, &data)) == 1) {
		assert_true(i < N_FRAMES);
		assert_int_equal(header->caplen, frames[i].captured);
		assert_int_equal(header->len, frames[i].length);
		assert_int_equal(header->ts.tv_sec * UINT64_C(1000000000) + header->ts.tv_usec,
				 frames[i].time_ns);
		assert_memory_equal(data, bytes, frames[i].captured);
		i++;
	}
	assert_int_equal(n, PCAP_ERROR_BREAK);
	assert_int_equal(i, N_FRAMES);
	pcap_close(pcap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks),
		cmocka_unit_test(read_back),
	};

	return cmocka_run_group_tests_name("pcapng", tests, NULL, NULL);
}
