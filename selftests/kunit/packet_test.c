// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of net/chaos/packet.[ch]: wire format, opcodes, contact names, numbers. */

#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../net/chaos/packet.h"
#include "random.h"

/*
 * Packets that others have sent, in the layout of Ethernet.
 */

struct captured {
	const char *name;
	u8 frame[20];		/* the header and the first data bytes */
	struct chaos_hdr hdr;
};

static const struct captured captured[] = {
	{
		"RFC STATUS on IP",
		{ 0x00, 0x01, 0x06, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01,
		  0x86, 0x22, 0x5f, 0x7e, 0x00, 0x00, 'S', 'T', 'A', 'T' },
		{ .op = CHAOS_OP_RFC, .len = 6, .dst = 0402, .src = 0401,
		  .sidx = 0x2286, .num = 0x7e5f },
	}, {
		"ANS on TLS",
		{ 0x00, 0x05, 0x44, 0x00, 0x02, 0x01, 0x34, 0x12, 0x01, 0x01,
		  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 'H', 'O' },
		{ .op = CHAOS_OP_ANS, .len = 68, .dst = 0402, .didx = 0x1234, .src = 0401 },
	}, {
		"RFC TIME on a chaosd socket",
		{ 0x00, 0x01, 0x04, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01,
		  0x3f, 0x4e, 0xad, 0x87, 0x00, 0x00, 'T', 'I', 'M', 'E' },
		{ .op = CHAOS_OP_RFC, .len = 4, .dst = 0402, .src = 0401,
		  .sidx = 0x4e3f, .num = 0x87ad },
	}, {
		"BRD STATUS",
		{ 0x00, 0x0e, 0x26, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01,
		  0x94, 0xd1, 0x32, 0xe1, 0x20, 0x00, 0x06 },
		{ .op = CHAOS_OP_BRD, .len = 38, .src = 0402, .sidx = 0xd194,
		  .num = 0xe132, .ack = 32 },
	}, {
		"BRD STATUS, one hop later",
		{ 0x00, 0x0e, 0x26, 0x10, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01,
		  0x94, 0xd1, 0x32, 0xe1, 0x20, 0x00, 0x06 },
		{ .op = CHAOS_OP_BRD, .fc = 1, .len = 38, .src = 0402, .sidx = 0xd194,
		  .num = 0xe132, .ack = 32 },
	}, {
		"RUT on Ethernet",
		{ 0x00, 0x08, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01,
		  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x0a, 0x00 },
		{ .op = CHAOS_OP_RUT, .len = 4, .src = 0401 },
	},
};

static void captured_desc(const struct captured *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", row->name);
}

KUNIT_ARRAY_PARAM(captured, captured, captured_desc);

static void test_captured(struct kunit *test)
{
	const struct captured *row = test->param_value;
	unsigned int len = CHAOS_HDR_LEN + ((row->hdr.len + 1) & ~1u);
	u8 *frame = kunit_kzalloc(test, CHAOS_PKT_MAX, GFP_KERNEL);
	u8 built[CHAOS_HDR_LEN] __aligned(2);
	struct chaos_hdr hdr;

	KUNIT_ASSERT_NOT_NULL(test, frame);
	memcpy(frame, row->frame, sizeof(row->frame));
	KUNIT_EXPECT_EQ(test, chaos_hdr_parse(&hdr, frame, len), CHAOS_PARSE_OK);
	KUNIT_EXPECT_EQ(test, memcmp(&hdr, &row->hdr, sizeof(hdr)), 0);
	KUNIT_EXPECT_EQ(test, chaos_wire_len(&hdr), len);
	chaos_hdr_build(built, &row->hdr);
	KUNIT_EXPECT_EQ(test, memcmp(built, row->frame, sizeof(built)), 0);
}

/* Data words travel low byte first as well: RUT's subnet 2 at cost 10. */
static void test_words(struct kunit *test)
{
	static const u16 words[] = { 2, 10, 0x1234, 0xffff };
	static const u8 bytes[] __aligned(2) = { 2, 0, 10, 0, 0x34, 0x12, 0xff, 0xff };
	u8 built[sizeof(bytes)] __aligned(2);
	unsigned int i;

	chaos_put_words(built, words, ARRAY_SIZE(words));
	KUNIT_EXPECT_EQ(test, memcmp(built, bytes, sizeof(bytes)), 0);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		KUNIT_EXPECT_EQ(test, chaos_get_word(bytes, i), words[i]);
}

/*
 * Refusals.  Memory ends where the frame ends, so that a sanitizer sees a read
 * beyond it.
 */

struct refusal {
	const char *name;
	u16 frame_len;
	u16 count;		/* in the header */
	u8 reserved;
	enum chaos_parse result;
};

static const struct refusal refusals[] = {
	{ "no data",                      16,   0, 0, CHAOS_PARSE_OK },
	{ "one byte and its pad byte",    18,   1, 0, CHAOS_PARSE_OK },
	{ "two bytes",                    18,   2, 0, CHAOS_PARSE_OK },
	{ "full",                        504, 488, 0, CHAOS_PARSE_OK },
	{ "odd and nearly full",         504, 487, 0, CHAOS_PARSE_OK },
	{ "padded by Ethernet",           46,   4, 0, CHAOS_PARSE_OK },
	{ "odd frame, one byte too many", 19,   2, 0, CHAOS_PARSE_OK },
	{ "empty frame",                   0,   0, 0, CHAOS_PARSE_SHORT },
	{ "half a header",                 8,   0, 0, CHAOS_PARSE_SHORT },
	{ "header but for one byte",      15,   0, 0, CHAOS_PARSE_SHORT },
	{ "no room for the byte",         16,   1, 0, CHAOS_PARSE_TRUNCATED },
	{ "no room for the pad byte",     17,   1, 0, CHAOS_PARSE_TRUNCATED },
	{ "one byte missing",             25,  10, 0, CHAOS_PARSE_TRUNCATED },
	{ "full, pad byte missing",      503, 487, 0, CHAOS_PARSE_TRUNCATED },
	{ "one byte more than allowed",  506, 489, 0, CHAOS_PARSE_TOO_LONG },
	{ "the largest count there is", 4112, 4095, 0, CHAOS_PARSE_TOO_LONG },
	{ "too long and missing",         16, 489, 0, CHAOS_PARSE_TOO_LONG },
	{ "reserved bits",                16,   0, 1, CHAOS_PARSE_RESERVED },
	{ "all reserved bits",            20,   4, 255, CHAOS_PARSE_RESERVED },
	{ "reserved bits, missing data",  16,   4, 1, CHAOS_PARSE_TRUNCATED },
};

static void refusal_desc(const struct refusal *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", row->name);
}

KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

static void test_refusal(struct kunit *test)
{
	const struct refusal *row = test->param_value;
	const struct chaos_hdr filled = {
		.op = 0321, .fc = 5, .len = row->count, .dst = 0x1122, .didx = 0x3344,
		.src = 0x5566, .sidx = 0x7788, .num = 0x99aa, .ack = 0xbbcc,
	};
	struct chaos_hdr hdr = { .op = 0123 };
	u8 full[CHAOS_HDR_LEN] __aligned(2);
	u8 *frame = kmalloc(row->frame_len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, frame);
	memset(frame, 0, row->frame_len);
	chaos_hdr_build(full, &filled);
	full[0] = row->reserved;
	memcpy(frame, full, row->frame_len < sizeof(full) ? row->frame_len : sizeof(full));

	KUNIT_EXPECT_EQ(test, chaos_hdr_parse(&hdr, frame, row->frame_len), row->result);
	if (row->result == CHAOS_PARSE_SHORT)
		KUNIT_EXPECT_EQ(test, hdr.op, 0123);
	else
		KUNIT_EXPECT_EQ(test, memcmp(&hdr, &filled, sizeof(hdr)), 0);
	kfree(frame);
}

/* Every length of a frame with every count in the header. */
static void test_lengths(struct kunit *test)
{
	u8 *frame = kunit_kzalloc(test, 600, GFP_KERNEL);
	enum chaos_parse want, got;
	unsigned int len, count;
	struct chaos_hdr hdr;

	KUNIT_ASSERT_NOT_NULL(test, frame);
	for (count = 0; count < 4096; count++) {
		frame[2] = count;
		frame[3] = count >> 8;
		for (len = 0; len < 600; len++) {
			want = len < 16 ? CHAOS_PARSE_SHORT :
			       count > 488 ? CHAOS_PARSE_TOO_LONG :
			       len < 16 + count + count % 2 ? CHAOS_PARSE_TRUNCATED :
			       CHAOS_PARSE_OK;
			got = chaos_hdr_parse(&hdr, frame, len);
			if (got == want)
				continue;
			KUNIT_FAIL(test, "length %u, count %u: %d, not %d", len, count, got, want);
			return;
		}
	}
}

static void test_round_trip(struct kunit *test)
{
	u8 frame[CHAOS_HDR_LEN] __aligned(2), again[CHAOS_HDR_LEN] __aligned(2);
	struct chaos_hdr in, out;
	struct random random;
	unsigned int i, n;

	random_seed(&random, 1);
	for (i = 0; i < some_of(100000); i++) {
		for (n = 0; n < sizeof(frame); n++)
			frame[n] = random_next(&random);
		frame[0] = 0;
		chaos_hdr_parse(&in, frame, sizeof(frame));
		chaos_hdr_build(again, &in);
		chaos_hdr_parse(&out, again, sizeof(again));
		if (!memcmp(frame, again, sizeof(frame)) && !memcmp(&in, &out, sizeof(in)))
			continue;
		KUNIT_FAIL(test, "round %u", i);
		return;
	}
}

/*
 * Opcodes (AIM 628 chapter 4).
 */

struct opcode {
	u8 first, last;
	const char *name;
	bool defined, data;
};

static const struct opcode opcodes[] = {
	{ 0000, 0000, "???", false, false },
	{ 0001, 0001, "RFC", true,  false },
	{ 0002, 0002, "OPN", true,  false },
	{ 0003, 0003, "CLS", true,  false },
	{ 0004, 0004, "FWD", true,  false },
	{ 0005, 0005, "ANS", true,  false },
	{ 0006, 0006, "SNS", true,  false },
	{ 0007, 0007, "STS", true,  false },
	{ 0010, 0010, "RUT", true,  false },
	{ 0011, 0011, "LOS", true,  false },
	{ 0012, 0012, "LSN", false, false },	/* never on the wire */
	{ 0013, 0013, "MNT", true,  false },
	{ 0014, 0014, "EOF", true,  false },
	{ 0015, 0015, "UNC", true,  false },
	{ 0016, 0016, "BRD", true,  false },
	{ 0017, 0177, "???", false, false },
	{ 0200, 0277, "DAT", true,  true },
	{ 0300, 0377, "DWD", true,  true },
};

static void opcode_desc(const struct opcode *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%03o-%03o %s", row->first, row->last, row->name);
}

KUNIT_ARRAY_PARAM(opcode, opcodes, opcode_desc);

static void test_opcode(struct kunit *test)
{
	const struct opcode *row = test->param_value;
	unsigned int op;

	for (op = row->first; op <= row->last; op++) {
		KUNIT_EXPECT_EQ(test, chaos_op_defined(op), row->defined);
		KUNIT_EXPECT_EQ(test, chaos_op_is_data(op), row->data);
	}
}

static void test_opcodes_complete(struct kunit *test)
{
	unsigned int i, next = 0;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		KUNIT_EXPECT_EQ(test, opcodes[i].first, next);
		next = opcodes[i].last + 1;
	}
	KUNIT_EXPECT_EQ(test, next, 256);
}

/*
 * Contact names (AIM 628 section 4.1).
 */

struct contact {
	const char *data;
	u16 len;
	u16 name_len;
	bool valid;
};

static const struct contact contacts[] = {
	{ "STATUS", 6, 6, true },
	{ "status", 6, 6, true },
	{ "DUMP-ROUTING-TABLE", 18, 18, true },
	{ "SEND user", 9, 4, true },
	{ "SEND ", 5, 4, true },
	{ "NAME  two spaces", 16, 4, true },
	{ "A", 1, 1, true },
	{ "!~", 2, 2, true },
	{ "STATUS\0", 7, 7, false },
	{ "STA\tTUS", 7, 7, false },
	{ "NAME \t", 6, 4, true },
	{ "STATUS\215", 7, 7, false },
	{ "STATUS\177", 7, 7, false },
	{ "\377", 1, 1, false },
	{ " STATUS", 7, 0, false },
	{ " ", 1, 0, false },
	{ "", 0, 0, false },
};

static void contact_desc(const struct contact *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "row %d: %u bytes, name of %u",
		 (int)(row - contacts), row->len, row->name_len);
}

KUNIT_ARRAY_PARAM(contact, contacts, contact_desc);

static void test_contact(struct kunit *test)
{
	const struct contact *row = test->param_value;
	u8 *data = kmalloc(row->len, GFP_KERNEL);
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, data);
	memcpy(data, row->data, row->len);
	len = chaos_contact_len(data, row->len);
	KUNIT_EXPECT_EQ(test, len, (size_t)row->name_len);
	KUNIT_EXPECT_EQ(test, chaos_contact_valid(data, len), row->valid);
	kfree(data);
}

/* Which single bytes may be in a name: what prints, but not the space. */
static void test_contact_bytes(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		const u8 name[] = { 'A', i };

		KUNIT_EXPECT_EQ_MSG(test, chaos_contact_valid(name, 2), i > 040 && i < 0177,
				    "byte %03o", i);
	}
}

/*
 * Addresses and packet numbers.
 */

static void test_addresses(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chaos_subnet(03040), 6);
	KUNIT_EXPECT_EQ(test, chaos_subnet(0177001), 0376);
	KUNIT_EXPECT_TRUE(test, chaos_addr_is_host(0401));
	KUNIT_EXPECT_TRUE(test, chaos_addr_is_host(0177777));
	KUNIT_EXPECT_FALSE(test, chaos_addr_is_host(0));
	KUNIT_EXPECT_FALSE(test, chaos_addr_is_host(0400));
	KUNIT_EXPECT_FALSE(test, chaos_addr_is_host(0377));
}

struct order {
	u16 a, b;
	bool before, after;
	const char *rule;
};

static const struct order orders[] = {
	{ 5, 5, false, false, "a number is not before itself" },
	{ 5, 6, true, false, "the next one" },
	{ 6, 5, false, true, "the one before" },
	{ 0xffff, 0, true, false, "0 follows 65535" },
	{ 0, 0xffff, false, true, "65535 precedes 0" },
	{ 0xfff0, 0x000f, true, false, "across the wrap" },
	{ 0, 0x7fff, true, false, "nearly half the circle ahead" },
	{ 0x7fff, 0, false, true, "nearly half the circle behind" },
	{ 0x8001, 0, true, false, "the shorter way leads across the wrap" },
	/* There is no order any more; NCP_QUEUE_MAX keeps us from getting here. */
	{ 0, 0x8000, true, true, "half the circle: either way" },
	{ 0x8000, 0, true, true, "half the circle from the other side" },
};

static void order_desc(const struct order *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%04x %04x %s", row->a, row->b, row->rule);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static void test_order(struct kunit *test)
{
	const struct order *row = test->param_value;

	KUNIT_EXPECT_EQ(test, chaos_num_before(row->a, row->b), row->before);
	KUNIT_EXPECT_EQ(test, chaos_num_after(row->a, row->b), row->after);
}

/* Only the distance counts, not where on the circle. */
static void test_order_everywhere(struct kunit *test)
{
	u32 a, d;

	for (a = 0; a < 65536; a += 251 * one_in()) {
		for (d = 0; d < 65536; d++) {
			bool before = d >= 1 && d <= 0x8000;

			if (chaos_num_before(a, a + d) == before &&
			    chaos_num_after(a + d, a) == before)
				continue;
			KUNIT_FAIL(test, "%#x and %#x", a, (u16)(a + d));
			return;
		}
	}
}

static void test_between(struct kunit *test)
{
	static const u16 spans[] = { 0, 1, 13, 1024, 0x7fff, 0xffff };
	unsigned int i, d;
	u32 lo;

	for (i = 0; i < ARRAY_SIZE(spans); i++) {
		for (lo = 0; lo < 65536; lo += 4093 * one_in()) {
			for (d = 0; d < 65536; d++) {
				u16 n = lo + d, hi = lo + spans[i];

				if (chaos_num_between(n, lo, hi) == (d <= spans[i]))
					continue;
				KUNIT_FAIL(test, "%#x in %#x..%#x", n, lo, hi);
				return;
			}
		}
	}
}

static struct kunit_case packet_cases[] = {
	KUNIT_CASE_PARAM(test_captured, captured_gen_params),
	KUNIT_CASE(test_words),
	KUNIT_CASE_PARAM(test_refusal, refusal_gen_params),
	KUNIT_CASE(test_lengths),
	KUNIT_CASE(test_round_trip),
	KUNIT_CASE_PARAM(test_opcode, opcode_gen_params),
	KUNIT_CASE(test_opcodes_complete),
	KUNIT_CASE_PARAM(test_contact, contact_gen_params),
	KUNIT_CASE(test_contact_bytes),
	KUNIT_CASE(test_addresses),
	KUNIT_CASE_PARAM(test_order, order_gen_params),
	KUNIT_CASE(test_order_everywhere),
	KUNIT_CASE(test_between),
	{}
};

static struct kunit_suite packet_suite = {
	.name = "chaos_packet",
	.test_cases = packet_cases,
};

kunit_test_suite(packet_suite);
