/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev/chaos: a test as the program on the other side of a link.
 *
 *	int tap = cdev_link("chaos0", 0, 0401, 0);
 *	struct cdev_record r;
 *
 *	cdev_make(&r, &(struct cdev_packet){ .op = CHAOS_OP_RFC, .dst = 0401, .src = 0402,
 *					     .sidx = 7, .num = 1, .text = "STATUS" });
 *	cdev_write(tap, &r);
 *	if (cdev_read(tap, &r, NETNS_PATIENCE) && cdev_op(&r) == CHAOS_OP_ANS)
 *		...
 *
 * Files are non-blocking if the flags say so; the link is in the present namespace.
 */
#ifndef CDEV_H
#define CDEV_H

#include <poll.h>
#include <stdint.h>

#include "netns.h"

#define CDEV_NODE	"/dev/chaos"
#define CDEV_HDR_LEN	16
#define CDEV_BATCH_HEAD	2	/* bytes of length before a record of a batch */

/* A header in host order and data; all may be left out. */
struct cdev_packet {
	uint8_t op;
	uint16_t dst, didx, src, sidx, num, ack;
	uint16_t link_dst, link_src;	/* trailer; source 0: @src */
	const char *text;		/* data, unless there is @data */
	const void *data;
	size_t len;			/* of @data */
};

/* A packet with its trailer, as it is read and written. */
struct cdev_record {
	size_t len;
	uint8_t bytes[CHAOS_RECORD_MAX + 64];
};

/* Offsets in a record, and from its end. */
enum {
	CDEV_RESERVED = 0,
	CDEV_OP = 1,
	CDEV_COUNT = 2,
	CDEV_DST = 4,
	CDEV_DIDX = 6,
	CDEV_SRC = 8,
	CDEV_SIDX = 10,
	CDEV_NUM = 12,
	CDEV_ACK = 14,
	CDEV_DATA = 16,
	CDEV_END_DST = 6,
	CDEV_END_SRC = 4,
	CDEV_END_CHECK = 2,
};

static inline uint16_t cdev_get(const struct cdev_record *r, size_t offset)
{
	return r->bytes[offset] | r->bytes[offset + 1] << 8;
}

static inline void cdev_put(struct cdev_record *r, size_t offset, uint16_t value)
{
	r->bytes[offset] = value;
	r->bytes[offset + 1] = value >> 8;
}

static inline uint8_t cdev_op(const struct cdev_record *r)
{
	return r->bytes[CDEV_OP];
}

static inline size_t cdev_count(const struct cdev_record *r)
{
	return cdev_get(r, CDEV_COUNT) & 0xfff;
}

static inline uint16_t cdev_link_dst(const struct cdev_record *r)
{
	return cdev_get(r, r->len - CDEV_END_DST);
}

static inline uint16_t cdev_link_src(const struct cdev_record *r)
{
	return cdev_get(r, r->len - CDEV_END_SRC);
}

/* The sum of RFC 1071 over big-endian pairs: 0xffff over a right record. */
static inline uint16_t cdev_sum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Make the checksum right after a change. */
static inline void cdev_seal(struct cdev_record *r)
{
	uint16_t check = 0xffff - cdev_sum(r->bytes, r->len - CDEV_END_CHECK);

	r->bytes[r->len - 2] = check >> 8;
	r->bytes[r->len - 1] = check;
}

static inline bool cdev_sealed(const struct cdev_record *r)
{
	return r->len >= CHAOS_RECORD_MIN && !(r->len & 1) && cdev_sum(r->bytes, r->len) == 0xffff;
}

static inline void cdev_make(struct cdev_record *r, const struct cdev_packet *p)
{
	size_t len = p->data ? p->len : p->text ? strlen(p->text) : 0;

	memset(r, 0, sizeof(*r));
	r->bytes[CDEV_OP] = p->op;
	cdev_put(r, CDEV_COUNT, len);
	cdev_put(r, CDEV_DST, p->dst);
	cdev_put(r, CDEV_DIDX, p->didx);
	cdev_put(r, CDEV_SRC, p->src);
	cdev_put(r, CDEV_SIDX, p->sidx);
	cdev_put(r, CDEV_NUM, p->num);
	cdev_put(r, CDEV_ACK, p->ack);
	if (len)
		memcpy(r->bytes + CDEV_DATA, p->data ?: p->text, len);
	r->len = CDEV_HDR_LEN + len + (len & 1) + CHAOS_TRAILER_LEN;
	cdev_put(r, r->len - CDEV_END_DST, p->link_dst);
	cdev_put(r, r->len - CDEV_END_SRC, p->link_src ?: p->src);
	cdev_seal(r);
}

/* A file that feeds no link yet; @flags as of open(). */
static inline int cdev_open(int flags)
{
	int fd = open(CDEV_NODE, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		tap_bail("%s: %s", CDEV_NODE, strerror(errno));
	return fd;
}

/* 0, or -1 with errno; what is returned goes to @result unless it is NULL. */
static inline int cdev_attach(int fd, const char *name, unsigned int flags, uint16_t addr,
			      uint16_t peer, struct chaos_attach *result)
{
	struct chaos_attach a = { .ca_flags = flags, .ca_addr = addr, .ca_peer = peer };
	int ret;

	snprintf(a.ca_name, sizeof(a.ca_name), "%s", name);
	ret = ioctl(fd, CHAOS_ATTACH, &a);
	if (result)
		*result = a;
	return ret;
}

/* A file that feeds the link, which is made if there is none of this name. */
static inline int cdev_link(const char *name, unsigned int flags, uint16_t addr, uint16_t peer)
{
	int fd = cdev_open(0);

	if (cdev_attach(fd, name, flags, addr, peer, NULL))
		tap_bail("attaching to %s: %s", name, strerror(errno));
	return fd;
}

/* Without CHAOS_ATTACH_BATCH. */
static inline void cdev_write(int fd, const struct cdev_record *r)
{
	ssize_t len = write(fd, r->bytes, r->len);

	if (len != (ssize_t)r->len)
		tap_bail("writing a record of %zu bytes: %zd, %s", r->len, len, strerror(errno));
}

/* Likewise.  False if nothing comes within @ms. */
static inline bool cdev_read(int fd, struct cdev_record *r, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t len;

	memset(r, 0, sizeof(*r));
	if (poll(&pfd, 1, ms) <= 0 || !(pfd.revents & POLLIN))
		return false;
	len = read(fd, r->bytes, sizeof(r->bytes));
	if (len < 0)
		tap_bail("reading a record: %s", strerror(errno));
	r->len = len;
	return true;
}

/* Wait for a packet with this opcode; what else comes is thrown away. */
static inline bool cdev_hear(int fd, uint8_t op, struct cdev_record *r)
{
	long long end = netns_now() + NETNS_PATIENCE;

	do {
		if (cdev_read(fd, r, 100) && cdev_op(r) == op)
			return true;
	} while (netns_now() < end);
	return false;
}

/* Put a record and its length at @to.  Returns how many bytes that are. */
static inline size_t cdev_pack(uint8_t *to, const struct cdev_record *r)
{
	uint16_t len = r->len;

	memcpy(to, &len, sizeof(len));
	memcpy(to + sizeof(len), r->bytes, r->len);
	return sizeof(len) + r->len;
}

/* Take the first record of a batch.  Returns its bytes with its length; 0: there is no
 * whole one.
 */
static inline size_t cdev_unpack(const uint8_t *from, size_t room, struct cdev_record *r)
{
	uint16_t len;

	if (room < sizeof(len))
		return 0;
	memcpy(&len, from, sizeof(len));
	if (len > sizeof(r->bytes) || room < sizeof(len) + len)
		return 0;
	memset(r, 0, sizeof(*r));
	memcpy(r->bytes, from + sizeof(len), len);
	r->len = len;
	return sizeof(len) + len;
}

/* Show a record, 16 bytes a line, at most 5 lines. */
static inline void cdev_show(const char *what, const struct cdev_record *r)
{
	char line[64];
	size_t i;
	int n = 0;

	tap_diag("%s, %zu bytes:", what, r->len);
	for (i = 0; i < r->len && i < 80; i++) {
		n += snprintf(line + n, sizeof(line) - n, " %02x", r->bytes[i]);
		if (i % 16 == 15 || i + 1 == r->len) {
			tap_diag("%04zx:%s", i / 16 * 16, line);
			n = 0;
		}
	}
}

#endif /* CDEV_H */
