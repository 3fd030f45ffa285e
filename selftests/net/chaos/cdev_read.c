// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading /dev/chaos: the bytes of what a link sends, one packet or many at a time, into
 * buffers that are small, in pieces, or not all there.
 *
 * The host is 401.  Frames are put on the link's device as they are.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/uio.h>

#include "cdev.h"
#include "wire.h"

enum { HERE = 0401, PEER = 0402 };

#define RECORDS	10

/* RFC STATUS from 401 to 402 with its trailer, as another implementation sent it. */
static const uint8_t captured[] = {
	0x00, 0x01, 0x06, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01, 0x86, 0x22, 0x5f, 0x7e,
	0x00, 0x00, 0x53, 0x54, 0x41, 0x54, 0x55, 0x53, 0x02, 0x01, 0x01, 0x01, 0x24, 0x5e,
};

static const uint8_t host_mac[6] = { 2, 0x43, 0x48, 0, HERE >> 8, HERE & 0xff };
static const uint8_t peer_mac[6] = { 2, 0x43, 0x48, 0, PEER >> 8, PEER & 0xff };

static int dev;		/* the device, for frames */

/* A packet with data of so many bytes, each of this value; its number tells it apart. */
static void make(struct cdev_record *r, uint16_t number, size_t len, uint8_t value)
{
	uint8_t data[CHAOS_DATA_MAX];

	memset(data, value, sizeof(data));
	cdev_make(r, &(struct cdev_packet){ .op = CHAOS_OP_DAT, .dst = PEER, .didx = 0x1234,
					    .src = HERE, .sidx = 0x5678, .num = number,
					    .ack = 0x9abc, .data = data, .len = len,
					    .link_dst = PEER });
}

/* Have the link send what is in a record, to this hardware address. */
static void transmit_to(const uint8_t *mac, const struct cdev_record *r, size_t padding)
{
	struct wire_frame f = {};

	wire_ether(&f, mac, host_mac, ETH_P_CHAOS);
	memcpy(f.bytes + WIRE_PKT, r->bytes, r->len - CHAOS_TRAILER_LEN);
	f.len = WIRE_PKT + r->len - CHAOS_TRAILER_LEN + padding;
	wire_send(dev, &f);
}

static void transmit(const struct cdev_record *r)
{
	transmit_to(peer_mac, r, 0);
}

static void expect(int fd, const struct cdev_record *want, const char *what)
{
	struct cdev_record r;

	if (!cdev_read(fd, &r, NETNS_PATIENCE)) {
		tap_ok(false, "%s: nothing to read", what);
		return;
	}
	if (tap_ok(r.len == want->len && !memcmp(r.bytes, want->bytes, r.len), "%s", what))
		return;
	cdev_show("got", &r);
	cdev_show("expected", want);
}

static int attach(const char *name, unsigned int flags)
{
	int fd = cdev_link(name, flags, HERE, flags & CHAOS_ATTACH_P2P ? PEER : 0);

	dev = wire_open(name);
	return fd;
}

static void test_bytes(void)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 100, 486, 487, 488 };
	int fd = attach("bytes", 0);
	struct cdev_record r = { .len = sizeof(captured) };
	unsigned int i;

	memcpy(r.bytes, captured, sizeof(captured));
	transmit(&r);
	expect(fd, &r, "a packet reads as others have sent it");
	transmit_to(peer_mac, &r, 60 - WIRE_PKT - 22);
	expect(fd, &r, "padding of the frame is not read");
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		char what[64];

		snprintf(what, sizeof(what), "%zu data bytes", lengths[i]);
		make(&r, i, lengths[i], 0xff - i);
		if (lengths[i] & 1)
			r.bytes[CDEV_DATA + lengths[i]] = 0xee;	/* pad byte */
		cdev_seal(&r);
		transmit(&r);
		expect(fd, &r, what);
	}

	make(&r, 0, 4, 0);
	cdev_put(&r, r.len - CDEV_END_DST, 0);
	cdev_seal(&r);
	transmit_to(wire_broadcast, &r, 0);
	expect(fd, &r, "trailer of a broadcast: to 0");
	make(&r, 0, 4, 0);
	cdev_put(&r, r.len - CDEV_END_DST, 0177001);
	cdev_seal(&r);
	transmit_to((const uint8_t[]){ 2, 0x43, 0x48, 0, 0xfe, 1 }, &r, 0);
	expect(fd, &r, "trailer: to the next hop");
	close(dev);
	close(fd);
}

/* What is no whole packet is not read. */
static void test_no_packets(void)
{
	int fd = attach("none", 0);
	struct cdev_record r, want;

	make(&r, 0, 10, 0);
	r.len -= 2;
	transmit(&r);			/* truncated */
	make(&r, 0, 488, 0);
	cdev_put(&r, CDEV_COUNT, 489);
	transmit(&r);			/* too long */
	make(&r, 0, 10, 0);
	r.bytes[CDEV_RESERVED] = 1;
	transmit(&r);
	r.len = CHAOS_TRAILER_LEN;	/* nothing but the Ethernet header */
	transmit(&r);
	make(&want, 1, 10, 0);
	transmit(&want);
	expect(fd, &want, "frames that are no packets are not read");
	close(dev);
	close(fd);
}

static void test_size(void)
{
	int fd = attach("size", 0);
	struct cdev_record r;
	uint8_t buf[CHAOS_RECORD_MAX];

	make(&r, 1, 11, 7);
	transmit(&r);
	tap_errno(read(fd, buf, r.len - 1), EMSGSIZE, "one byte too few");
	tap_errno(read(fd, buf, 1), EMSGSIZE, "one byte");
	tap_eq(read(fd, buf, 0), 0, "no byte");
	tap_eq(read(fd, buf, r.len), r.len, "just enough");
	tap_ok(!memcmp(buf, r.bytes, r.len), "... nothing was lost");
	close(dev);
	close(fd);
}

/* A record into two and three pieces, cut everywhere. */
static void test_pieces(void)
{
	int fd = attach("pieces", 0);
	struct cdev_record r;
	unsigned int wrong = 0;
	uint8_t buf[64];
	size_t cut;

	make(&r, 1, 5, 9);
	for (cut = 0; cut <= r.len; cut++) {
		const struct iovec iov[] = {
			{ buf, cut / 2 }, { buf + cut / 2, cut - cut / 2 },
			{ buf + cut, sizeof(buf) - cut },
		};

		transmit(&r);
		memset(buf, 0, sizeof(buf));
		wrong += readv(fd, iov, 3) != (ssize_t)r.len || memcmp(buf, r.bytes, r.len);
	}
	tap_eq(wrong, 0, "readv into pieces cut at every byte");
	close(dev);
	close(fd);
}

/* Two pages, of which the second cannot be used. */
static uint8_t *cliff(size_t page)
{
	uint8_t *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (map == MAP_FAILED || mprotect(map + page, page, PROT_NONE))
		tap_bail("mmap: %s", strerror(errno));
	return map + page;
}

static void test_fault(void)
{
	size_t page = sysconf(_SC_PAGESIZE), before;
	int fd = attach("fault", 0);
	uint8_t *end = cliff(page);
	struct cdev_record r;
	unsigned int wrong = 0;

	make(&r, 1, 20, 3);
	transmit(&r);
	for (before = 0; before < r.len; before++)
		wrong += read(fd, end - before, r.len) != -1 || errno != EFAULT;
	tap_eq(wrong, 0, "a page that is not there is a fault, wherever it begins");
	expect(fd, &r, "... and costs no packet");
	munmap(end - page, 2 * page);
	close(dev);
	close(fd);
}

/* The link sends packets 0 to RECORDS - 1, of different lengths. */
static size_t transmit_many(struct cdev_record *records)
{
	size_t total = 0;
	unsigned int i;

	for (i = 0; i < RECORDS; i++) {
		make(&records[i], i, i * 7, i);
		transmit(&records[i]);
		total += CDEV_BATCH_HEAD + records[i].len;
	}
	return total;
}

/* Are these bytes the records from @first to before @last? */
static bool same(const uint8_t *buf, size_t len, const struct cdev_record *records,
		 unsigned int first, unsigned int last)
{
	uint8_t want[CDEV_BATCH_HEAD + CHAOS_RECORD_MAX];

	for (; first < last; first++) {
		size_t n = cdev_pack(want, &records[first]);

		if (n > len || memcmp(buf, want, n))
			return false;
		buf += n;
		len -= n;
	}
	return !len;
}

static void test_batch(void)
{
	static struct cdev_record records[RECORDS];
	static uint8_t buf[RECORDS * (CDEV_BATCH_HEAD + CHAOS_RECORD_MAX)];
	int fd = attach("batch", CHAOS_ATTACH_BATCH);
	size_t total = transmit_many(records), three = 0, n;
	unsigned int i;
	ssize_t len;

	for (i = 0; i < 3; i++)
		three += CDEV_BATCH_HEAD + records[i].len;
	n = CDEV_BATCH_HEAD + records[0].len;
	tap_errno(read(fd, buf, n - 1), EMSGSIZE, "batch: one byte too few for one");
	tap_errno(read(fd, buf, 1), EMSGSIZE, "batch: one byte");
	len = read(fd, buf, three);
	tap_ok(len == (ssize_t)three && same(buf, len, records, 0, 3), "batch: room for three");
	len = read(fd, buf, CDEV_BATCH_HEAD + records[3].len + CDEV_BATCH_HEAD +
		   records[4].len - 1);
	tap_ok(same(buf, len, records, 3, 4), "batch: room for one and most of another");
	len = read(fd, buf, sizeof(buf));
	tap_ok(same(buf, len, records, 4, RECORDS), "batch: all that is left");

	transmit_many(records);
	for (n = 0, i = 0; i < RECORDS; i++) {
		const struct iovec iov[] = { { buf + n, 1 }, { buf + n + 1, 2 },
					     { buf + n + 3, records[i].len - 1 } };

		len = readv(fd, iov, 3);
		n += len > 0 ? len : 0;
	}
	tap_ok(n == total && same(buf, n, records, 0, RECORDS),
	       "batch: one at a time, in pieces");
	close(dev);
	close(fd);
}

static void test_batch_fault(void)
{
	static struct cdev_record records[RECORDS];
	size_t page = sysconf(_SC_PAGESIZE), two, total, done;
	int fd = attach("bfault", CHAOS_ATTACH_BATCH);
	uint8_t *end = cliff(page), *at;
	ssize_t len;

	total = transmit_many(records);
	two = 2 * CDEV_BATCH_HEAD + records[0].len + records[1].len;
	at = end - two - CDEV_BATCH_HEAD - 8;
	len = read(fd, at, page);
	tap_ok(len == (ssize_t)two && same(at, len, records, 0, 2),
	       "batch: up to the record with the fault");
	tap_errno(read(fd, end - 1, page), EFAULT, "batch: a fault in the length");
	tap_errno(read(fd, end - 2, page), EFAULT, "batch: a fault after the length");
	for (done = two; done < total; done += len) {
		len = read(fd, end - 150, page);
		if (len <= 0)
			break;
	}
	tap_eq(done, total, "batch: the rest, a few between faults");
	munmap(end - page, 2 * page);
	close(dev);
	close(fd);
}

/* Point to point, all is for the peer. */
static void test_p2p(void)
{
	int fd = attach("p2p", CHAOS_ATTACH_P2P);
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = 03001,
				     .sch_contact = "TIME" };
	int sock = socket(AF_CHAOS, SOCK_DGRAM, 0);
	struct cdev_record r;

	netns_must("chaosctl route add subnet 6 via 404");
	tap_eq(sendto(sock, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa)), 0, "a request");
	tap_ok(cdev_hear(fd, CHAOS_OP_RFC, &r) && cdev_get(&r, CDEV_DST) == 03001 &&
	       cdev_link_dst(&r) == PEER && cdev_link_src(&r) == HERE && cdev_sealed(&r),
	       "point-to-point: the trailer names the peer");
	close(sock);
	close(dev);
	close(fd);
}

/* Otherwise for the next hop, or for all. */
static void test_next_hop(void)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = 03401,
				     .sch_contact = "TIME" };
	uint8_t subnets[32] = { 1 << (HERE >> 8) };
	int fd = attach("hop", 0), one = 1;
	int sock = socket(AF_CHAOS, SOCK_DGRAM, 0);
	struct cdev_record r;

	netns_must("chaosctl route add subnet 7 via 404");
	sendto(sock, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa));
	tap_ok(cdev_hear(fd, CHAOS_OP_RFC, &r) && cdev_link_dst(&r) == 0404 &&
	       cdev_link_src(&r) == HERE && cdev_sealed(&r),
	       "through a bridge: the trailer names it");
	sa.sch_addr = 0377 | HERE;
	sendto(sock, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa));
	do {
		if (!cdev_hear(fd, CHAOS_OP_RFC, &r))
			break;
	} while (cdev_get(&r, CDEV_DST) != sa.sch_addr);
	tap_ok(cdev_link_dst(&r) == sa.sch_addr && cdev_sealed(&r),
	       "on the subnet: the trailer names the host");
	close(sock);

	sock = socket(AF_CHAOS, SOCK_DGRAM, 0);
	if (setsockopt(sock, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) ||
	    setsockopt(sock, SOL_CHAOS, CHAOS_SUBNETS, subnets, sizeof(subnets)))
		tap_bail("broadcast: %s", strerror(errno));
	sa.sch_addr = 0;
	tap_eq(sendto(sock, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa)), 0, "a broadcast");
	tap_ok(cdev_hear(fd, CHAOS_OP_BRD, &r) && !cdev_link_dst(&r) &&
	       cdev_link_src(&r) == HERE && cdev_sealed(&r), "... has 0 in the trailer");
	close(sock);
	close(dev);
	close(fd);
}

int main(void)
{
	netns_new();
	test_bytes();
	test_no_packets();
	test_size();
	test_pieces();
	test_fault();
	test_batch();
	test_batch_fault();
	test_p2p();
	test_next_hop();
	return tap_done();
}
