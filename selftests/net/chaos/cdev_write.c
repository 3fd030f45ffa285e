// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing to /dev/chaos: what is a record, and what becomes of the packets: received,
 * counted, dropped.
 *
 * The host is 401, which the link's other hosts, all played here, ask for the time.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/uio.h>

#include "cdev.h"
#include "counters.h"

enum { HERE = 0401, PEER = 0402 };

static int tap_fd;

/* Requests are answered only so often: those of other hosts. */
static uint16_t next_peer(void)
{
	static unsigned int n;

	return 0410 + n++ % 0340;
}

static void request(struct cdev_record *r, const char *text)
{
	cdev_make(r, &(struct cdev_packet){ .op = CHAOS_OP_RFC, .dst = HERE, .src = next_peer(),
					    .sidx = 0x77, .num = 5, .link_dst = HERE,
					    .text = text });
}

/* What counters say of this record, written. */
static const char *counted(int fd, const struct cdev_record *r)
{
	static char text[COUNTERS_TEXT];
	struct counters before, after;

	counters_read(&before);
	cdev_write(fd, r);
	counters_read(&after);
	return counters_since(&before, &after, 1, text);
}

static void expect_counted(int fd, const struct cdev_record *r, const char *want,
			   const char *what)
{
	const char *got = counted(fd, r);

	if (!tap_ok(!strcmp(got, want), "%s: %s", what, *want ? want : "not counted"))
		tap_diag("got: %s", got);
}

#define ANSWERED	"rx tx delivered ans_tx"

static void test_captured(void)
{
	/* RFC STATUS from 401 to 402 with its trailer, as another implementation sent it. */
	static const uint8_t bytes[] = {
		0x00, 0x01, 0x06, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01, 0x86, 0x22, 0x5f, 0x7e,
		0x00, 0x00, 0x53, 0x54, 0x41, 0x54, 0x55, 0x53, 0x02, 0x01, 0x01, 0x01, 0x24, 0x5e,
	};
	int fd = cdev_link("captured", 0, 0402, 0);
	struct cdev_record r = { .len = sizeof(bytes) };
	unsigned int i, bit, wrong = 0;
	struct counters before, after;

	memcpy(r.bytes, bytes, sizeof(bytes));
	expect_counted(fd, &r, ANSWERED, "a request as others have sent it");
	tap_ok(cdev_hear(fd, CHAOS_OP_ANS, &r) && cdev_sealed(&r), "... is answered");
	tap_ok(cdev_get(&r, CDEV_DST) == 0401 && cdev_get(&r, CDEV_SRC) == 0402 &&
	       cdev_get(&r, CDEV_DIDX) == 0x2286 && cdev_link_dst(&r) == 0401 &&
	       cdev_link_src(&r) == 0402, "... to who asked");

	counters_read(&before);
	for (i = 0; i < sizeof(bytes); i++)
		for (bit = 0; bit < 8; bit++) {
			r.len = sizeof(bytes);
			memcpy(r.bytes, bytes, sizeof(bytes));
			r.bytes[i] ^= 1 << bit;
			wrong += write(fd, r.bytes, r.len) != (ssize_t)r.len;
		}
	counters_read(&after);
	*counters_of(&before, "drop_checksum") += sizeof(bytes) * 8;
	tap_ok(!wrong && !memcmp(&before, &after, sizeof(before)),
	       "... but not if any bit is wrong");
	close(fd);
}

/* Bytes that make a record, or do not. */
static void test_sizes(void)
{
	static const size_t bad[] = { 0, 1, 2, 16, 21, 23, 29, 509, 511, 512, 1000, 65535, 65564 };
	static uint8_t zero[65564];
	struct cdev_record r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		tap_errno(write(tap_fd, zero, bad[i]), EINVAL, "%zu bytes", bad[i]);
	cdev_make(&r, &(struct cdev_packet){ .op = CHAOS_OP_MNT, .dst = HERE, .src = PEER });
	expect_counted(tap_fd, &r, "rx delivered drop_mnt", "22 bytes");
	cdev_make(&r, &(struct cdev_packet){ .op = CHAOS_OP_MNT, .dst = HERE, .src = PEER,
					     .data = zero, .len = 488 });
	expect_counted(tap_fd, &r, "rx delivered drop_mnt", "510 bytes");
}

/* Packets that are wrong behind a trailer that is right. */
static void test_malformed(void)
{
	static const struct {
		const char *what, *counts;
		size_t offset;
		uint16_t value;
	} rows[] = {
		{ "right", ANSWERED, CDEV_ACK, 0 },
		{ "count 489", "rx tx drop_too_long los_tx", CDEV_COUNT, 489 },
		{ "count 4095", "rx tx drop_too_long los_tx", CDEV_COUNT, 4095 },
		{ "count beyond the end", "rx drop_truncated", CDEV_COUNT, 7 },
		{ "reserved bits", "rx drop_reserved", CDEV_RESERVED, CHAOS_OP_RFC << 8 | 1 },
		{ "opcode 0", "rx tx drop_opcode los_tx", CDEV_RESERVED, 0 },
		{ "source 0", "rx drop_src_zero", CDEV_SRC, 0 },
		{ "source ourselves", "rx drop_src_self", CDEV_SRC, HERE },
		{ "for another host", "rx drop_not_here", CDEV_DST, 0404 },
		{ "request to all", "rx drop_broadcast", CDEV_DST, 0 },
		{ "no such connection", "rx tx delivered drop_no_conn los_tx",
		  CDEV_RESERVED, CHAOS_OP_EOF << 8 },
	};
	struct cdev_record r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		request(&r, "TIME 1");
		cdev_put(&r, rows[i].offset, rows[i].value);
		cdev_seal(&r);
		expect_counted(tap_fd, &r, rows[i].counts, rows[i].what);
	}
}

/* Whom the trailer says a request to 401 is for. */
static void test_destinations(void)
{
	static const struct {
		uint16_t to;
		const char *counts, *p2p;
	} rows[] = {
		{ HERE, ANSWERED, ANSWERED },
		{ 0, ANSWERED, ANSWERED },
		{ 0400, ANSWERED, ANSWERED },
		{ 0404, "", ANSWERED },
		{ 01001, "", ANSWERED },
		{ 0177777, "", ANSWERED },
	};
	struct cdev_record r;
	char what[64];
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		request(&r, "TIME");
		cdev_put(&r, r.len - CDEV_END_DST, rows[i].to);
		cdev_seal(&r);
		snprintf(what, sizeof(what), "trailer to %o", rows[i].to);
		expect_counted(tap_fd, &r, rows[i].counts, what);
	}
	close(tap_fd);

	fd = cdev_link("p2p0", CHAOS_ATTACH_P2P, HERE, PEER);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		request(&r, "TIME");
		cdev_put(&r, r.len - CDEV_END_DST, rows[i].to);
		cdev_seal(&r);
		snprintf(what, sizeof(what), "point-to-point, trailer to %o", rows[i].to);
		expect_counted(fd, &r, rows[i].p2p, what);
	}
	close(fd);
	tap_fd = cdev_link("chaos0", 0, HERE, 0);
}

static void test_broadcast(void)
{
	uint8_t data[38] = { [0] = 1 << 1 };	/* subnet 1 */
	struct cdev_packet p = { .op = CHAOS_OP_BRD, .src = PEER, .sidx = 0x55, .num = 9,
				 .ack = 32, .data = data, .len = sizeof(data) };
	struct cdev_record r;

	memcpy(data + 32, "STATUS", 6);
	cdev_make(&r, &p);
	expect_counted(tap_fd, &r, ANSWERED, "broadcast, trailer to 0");
	p.num++;
	p.link_dst = 0404;
	cdev_make(&r, &p);
	expect_counted(tap_fd, &r, "", "broadcast, trailer to another host");
}

/* How often a link's packets had a wrong checksum, by the device's count. */
static unsigned long rx_errors(const char *name)
{
	char output[NETNS_OUTPUT], *at;
	unsigned long errors;

	netns_run(output, "cat /proc/net/dev");
	at = strstr(output, name);
	if (!at || sscanf(strchr(at, ':'), ": %*u %*u %lu", &errors) != 1)
		tap_bail("/proc/net/dev: %s", output);
	return errors;
}

static void test_checksum(void)
{
	struct cdev_record r;
	unsigned long errors;
	int fd;

	errors = rx_errors("chaos0");
	request(&r, "TIME");
	r.bytes[r.len - 1] ^= 1;
	expect_counted(tap_fd, &r, "drop_checksum", "a wrong checksum");
	tap_eq(rx_errors("chaos0") - errors, 1, "... is an error of the device");
	close(tap_fd);

	fd = cdev_link("nocheck", CHAOS_ATTACH_NOCHECK, HERE, 0);
	request(&r, "TIME");
	cdev_put(&r, r.len - CDEV_END_CHECK, 0);
	expect_counted(fd, &r, ANSWERED, "a wrong checksum that is not looked at");
	close(fd);
	tap_fd = cdev_link("chaos0", 0, HERE, 0);
}

static void test_pieces(void)
{
	struct cdev_record r;
	unsigned int wrong = 0, answers = 0;
	size_t cut;

	request(&r, "TIME 1");
	for (cut = 0; cut <= r.len; cut++) {
		const struct iovec iov[] = { { r.bytes, cut / 2 },
			{ r.bytes + cut / 2, cut - cut / 2 }, { r.bytes + cut, r.len - cut } };

		cdev_put(&r, CDEV_SRC, next_peer());
		cdev_seal(&r);
		wrong += writev(tap_fd, iov, 3) != (ssize_t)r.len;
		answers += cdev_hear(tap_fd, CHAOS_OP_ANS, &(struct cdev_record){});
	}
	tap_ok(!wrong && answers == r.len + 1, "writev of pieces cut at every byte");
	tap_errno(writev(tap_fd, (struct iovec[]){ { r.bytes, 10 }, { r.bytes, 11 } }, 2), EINVAL,
		  "writev of pieces that make no record");
}

/* Batches of requests, and where they stop. */
static const struct batch {
	const char *what;
	int good;		/* records before ... */
	size_t tail;		/* bytes beginning with ... */
	uint16_t len;
	int error;		/* 0: the bytes of the good ones */
} batches[] = {
	{ "one", 1, 0, 0, 0 },
	{ "three", 3, 0, 0, 0 },
	{ "hundreds", 200, 0, 0, 0 },
	{ "nothing", 0, 0, 0, EINVAL },
	{ "half a length", 0, 1, 0, EINVAL },
	{ "a length and nothing", 0, 2, 28, EINVAL },
	{ "one byte missing", 0, 2 + 27, 28, EINVAL },
	{ "length 0", 0, 40, 0, EINVAL },
	{ "length 20", 0, 40, 20, EINVAL },
	{ "length 27", 0, 40, 27, EINVAL },
	{ "length 512", 0, 600, 512, EINVAL },
	{ "length 65535", 0, 600, 65535, EINVAL },
	{ "two and half a length", 2, 1, 28, 0 },
	{ "two and one byte missing", 2, 2 + 27, 28, 0 },
	{ "two and length 0", 2, 40, 0, 0 },
	{ "two and length 27", 2, 40, 27, 0 },
	{ "two and length 512", 2, 600, 512, 0 },
	{ "63 and half a length", 63, 1, 28, 0 },
	{ "64 and half a length", 64, 1, 28, 0 },
	{ "65 and half a length", 65, 1, 28, 0 },
	{ "128 and length 65535", 128, 2, 65535, 0 },
};

static size_t pack_batch(uint8_t *buf, const struct batch *row)
{
	struct cdev_record r;
	size_t len = 0;
	int i;

	for (i = 0; i < row->good; i++) {
		request(&r, "TIME 1");
		r.bytes[r.len - 1] ^= 1;	/* not answered: counted */
		len += cdev_pack(buf + len, &r);
	}
	return len;
}

static void test_batches(void)
{
	static uint8_t buf[200 * (CDEV_BATCH_HEAD + CHAOS_RECORD_MAX)];
	int fd = cdev_link("batch0", CHAOS_ATTACH_BATCH, 0405, 0);
	struct counters before, after;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(batches); i++) {
		const struct batch *row = &batches[i];
		size_t good = pack_batch(buf, row);
		ssize_t len;

		memset(buf + good, 0, row->tail);
		if (row->tail)
			memcpy(buf + good, &row->len, row->tail < 2 ? row->tail : 2);
		counters_read(&before);
		len = write(fd, buf, good + row->tail);
		if (row->error)
			tap_errno(len, row->error, "batch: %s", row->what);
		else
			tap_eq(len, good, "batch: %s", row->what);
		counters_read(&after);
		tap_eq(*counters_of(&after, "drop_checksum") -
		       *counters_of(&before, "drop_checksum"), row->good,
		       "... %d packets were taken", row->good);
	}
	close(fd);
}

static void test_faults(void)
{
	size_t page = sysconf(_SC_PAGESIZE), len;
	uint8_t *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	int fd = cdev_link("fault0", CHAOS_ATTACH_BATCH, 0405, 0);
	const struct batch two = { .good = 2 }, three = { .good = 3 };
	uint8_t bytes[256], *end = map + page;
	struct cdev_record r;

	if (map == MAP_FAILED || mprotect(end, page, PROT_NONE))
		tap_bail("mmap: %s", strerror(errno));
	request(&r, "TIME 1");
	memcpy(end - 10, r.bytes, 10);
	tap_errno(write(tap_fd, end - 10, r.len), EFAULT, "a page that is not there");

	pack_batch(bytes, &three);
	len = pack_batch(bytes, &two);
	memcpy(end - len - 10, bytes, len + 10);
	tap_eq(write(fd, end - len - 10, len + len / 2), len,
	       "batch: up to the record with the fault");
	memcpy(end - 10, bytes, 10);
	tap_errno(write(fd, end - 10, len), EFAULT, "batch: a fault in the first record");
	tap_errno(write(fd, end - 1, len), EFAULT, "batch: a fault in the first length");
	munmap(map, 2 * page);
	close(fd);
}

static void test_down(void)
{
	int fd = cdev_link("down0", 0, 0, 0), batch = cdev_link("down1", CHAOS_ATTACH_BATCH, 0, 0);
	struct cdev_record r;
	uint8_t buf[64];
	size_t len;

	request(&r, "TIME");
	len = cdev_pack(buf, &r);
	tap_errno(write(fd, r.bytes, r.len), ENETDOWN, "the link is down");
	tap_errno(write(fd, r.bytes, 1), EINVAL, "... and this is no record");
	tap_errno(write(batch, buf, len), ENETDOWN, "batch: the link is down");
	netns_dev_up("down0", true);
	tap_eq(write(fd, r.bytes, r.len), r.len, "the link is up");
	netns_dev_up("down0", false);
	tap_errno(write(fd, r.bytes, r.len), ENETDOWN, "... and down again");
	netns_must("ip link del down0");
	tap_errno(write(fd, r.bytes, r.len), EBADFD, "... and gone");
	tap_errno(write(fd, r.bytes, 1), EBADFD, "... whatever is written");
	close(fd);
	close(batch);
}

static void test_nowait(void)
{
	struct cdev_record r;
	struct iovec iov = { r.bytes, 0 };

	request(&r, "TIME");
	iov.iov_len = r.len;
	tap_eq(pwritev2(tap_fd, &iov, 1, -1, RWF_NOWAIT), r.len, "RWF_NOWAIT");
	iov.iov_len = 1;
	tap_errno(pwritev2(tap_fd, &iov, 1, -1, RWF_NOWAIT), EINVAL, "RWF_NOWAIT, no record");
}

int main(void)
{
	netns_new();
	test_captured();
	tap_fd = cdev_link("chaos0", 0, HERE, 0);
	test_sizes();
	test_malformed();
	test_destinations();
	test_broadcast();
	test_checksum();
	test_pieces();
	test_batches();
	test_faults();
	test_down();
	test_nowait();
	close(tap_fd);
	return tap_done();
}
