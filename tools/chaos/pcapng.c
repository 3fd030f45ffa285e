// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The blocks of a pcapng file.  All are in the byte order of this machine, which
 * the first one tells.  Errors stay with the stream: see ferror(3).
 */
#include <string.h>

#include "pcapng.h"

#define SECTION		0x0a0d0d0a
#define INTERFACE	1
#define STATISTICS	5
#define PACKET		6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d

/* Options. */
#define END		0
#define SECTION_APPL	4
#define IF_NAME		2
#define IF_TSRESOL	9
#define STAT_RECEIVED	4
#define STAT_DROPPED	5

#define NANOSECONDS	9	/* 10 to the power of minus this */

static void put32(FILE *out, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, out);
}

static void put16(FILE *out, uint16_t value)
{
	fwrite(&value, sizeof(value), 1, out);
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static void put_bytes(FILE *out, const void *bytes, size_t len)
{
	static const char zeros[3];

	if (len)
		fwrite(bytes, len, 1, out);
	fwrite(zeros, padded(len) - len, 1, out);
}

static size_t option_size(size_t len)
{
	return 4 + padded(len);
}

static void put_option(FILE *out, uint16_t code, const void *value, size_t len)
{
	put16(out, code);
	put16(out, len);
	put_bytes(out, value, len);
}

static void put_time(FILE *out, uint64_t time_ns)
{
	put32(out, time_ns >> 32);
	put32(out, time_ns);
}

/* Every block has its length at both ends. */
static uint32_t begin_block(FILE *out, uint32_t type, size_t body)
{
	uint32_t total = 12 + body;

	put32(out, type);
	put32(out, total);
	return total;
}

/**
 * pcapng_begin() - write the header of a file
 * @out: where to
 * @application: who writes it
 */
void pcapng_begin(FILE *out, const char *application)
{
	size_t len = strlen(application);
	uint32_t total = begin_block(out, SECTION, 16 + option_size(len) + option_size(0));

	put32(out, BYTE_ORDER_MAGIC);
	put16(out, 1);			/* version 1.0 */
	put16(out, 0);
	put32(out, UINT32_MAX);		/* length of the section: not known */
	put32(out, UINT32_MAX);
	put_option(out, SECTION_APPL, application, len);
	put_option(out, END, NULL, 0);
	put32(out, total);
}

/**
 * pcapng_interface() - tell of an interface, before its packets; the first has number 0
 * @out: where to
 * @linktype: LINKTYPE_*: what its frames look like
 * @snaplen: longest frame captured
 * @name: its name, or NULL
 */
void pcapng_interface(FILE *out, uint16_t linktype, uint32_t snaplen, const char *name)
{
	const uint8_t resolution = NANOSECONDS;
	size_t named = name ? option_size(strlen(name)) : 0;
	uint32_t total = begin_block(out, INTERFACE,
				     8 + named + option_size(1) + option_size(0));

	put16(out, linktype);
	put16(out, 0);
	put32(out, snaplen);
	if (name)
		put_option(out, IF_NAME, name, strlen(name));
	put_option(out, IF_TSRESOL, &resolution, 1);
	put_option(out, END, NULL, 0);
	put32(out, total);
}

/**
 * pcapng_packet() - write a frame
 * @out: where to
 * @interface: number of the interface
 * @time_ns: when, in nanoseconds since the Epoch
 * @bytes: what was captured of it
 * @captured: length of @bytes
 * @length: length of the frame
 */
void pcapng_packet(FILE *out, uint32_t interface, uint64_t time_ns, const void *bytes,
		   uint32_t captured, uint32_t length)
{
	uint32_t total = begin_block(out, PACKET, 20 + padded(captured));

	put32(out, interface);
	put_time(out, time_ns);
	put32(out, captured);
	put32(out, length);
	put_bytes(out, bytes, captured);
	put32(out, total);
}

/**
 * pcapng_statistics() - write the counters of an interface
 * @out: where to
 * @interface: number of the interface
 * @time_ns: when, in nanoseconds since the Epoch
 * @received: frames that came
 * @dropped: those of them that were lost before we saw them
 */
void pcapng_statistics(FILE *out, uint32_t interface, uint64_t time_ns, uint64_t received,
		       uint64_t dropped)
{
	uint32_t total = begin_block(out, STATISTICS,
				     12 + 2 * option_size(8) + option_size(0));

	put32(out, interface);
	put_time(out, time_ns);
	put_option(out, STAT_RECEIVED, &received, 8);
	put_option(out, STAT_DROPPED, &dropped, 8);
	put_option(out, END, NULL, 0);
	put32(out, total);
}
