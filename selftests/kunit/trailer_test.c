// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of net/chaos/trailer.[ch]: packets with trailers that others have sent. */

#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../net/chaos/packet.h"
#include "../../net/chaos/trailer.h"
#include "random.h"

struct captured {
	const char *name;
	u16 dst, src;		/* in the trailer */
	unsigned int len;	/* with the trailer */
	u8 record[28] __aligned(2);
};

static const struct captured captured[] = {
	{
		"RFC STATUS on IP", 0402, 0401, 28,
		{ 0x00, 0x01, 0x06, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01, 0x86, 0x22, 0x5f,
		  0x7e, 0x00, 0x00, 0x53, 0x54, 0x41, 0x54, 0x55, 0x53, 0x02, 0x01, 0x01, 0x01,
		  0x24, 0x5e },
	}, {
		"RFC TIME on a chaosd socket", 0400, 0401, 26,
		{ 0x00, 0x01, 0x04, 0x00, 0x02, 0x01, 0x00, 0x00, 0x01, 0x01, 0x3f, 0x4e, 0xad,
		  0x87, 0x00, 0x00, 0x54, 0x49, 0x4d, 0x45, 0x00, 0x01, 0x01, 0x01, 0x69, 0x96 },
	}, {
		"nothing but zeros", 0, 0, 22,
		{ [20] = 0xff, 0xff },
	},
};

static void captured_desc(const struct captured *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", row->name);
}

KUNIT_ARRAY_PARAM(captured, captured, captured_desc);

static void test_build(struct kunit *test)
{
	const struct captured *row = test->param_value;
	unsigned int len = row->len - CHAOS_TRAILER_LEN;
	struct chaos_trailer trailer;

	memset(&trailer, 0xee, sizeof(trailer));
	chaos_trailer_build(&trailer, row->record, len, row->dst, row->src);
	KUNIT_EXPECT_EQ(test, memcmp(&trailer, row->record + len, sizeof(trailer)), 0);
}

/* Right as it is; not with any single bit changed. */
static void test_check(struct kunit *test)
{
	const struct captured *row = test->param_value;
	u8 *record = kunit_kzalloc(test, row->len, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, record);
	memcpy(record, row->record, row->len);
	KUNIT_EXPECT_TRUE(test, chaos_trailer_check(record, row->len));
	for (i = 0; i < 8 * row->len; i++) {
		record[i / 8] ^= 1 << i % 8;
		KUNIT_EXPECT_FALSE(test, chaos_trailer_check(record, row->len));
		record[i / 8] ^= 1 << i % 8;
	}
}

/* What is built is right: every length there is, random bytes. */
static void test_round_trip(struct kunit *test)
{
	u8 *record = kunit_kzalloc(test, CHAOS_RECORD_MAX, GFP_KERNEL);
	struct random random;
	unsigned int len, i;

	KUNIT_ASSERT_NOT_NULL(test, record);
	random_seed(&random, 3);
	for (len = CHAOS_HDR_LEN; len <= CHAOS_PKT_MAX; len += 2) {
		struct chaos_trailer trailer;

		for (i = 0; i < len; i++)
			record[i] = random_next(&random);
		chaos_trailer_build(&trailer, record, len, random_next(&random),
				    random_next(&random));
		memcpy(record + len, &trailer, sizeof(trailer));
		KUNIT_EXPECT_TRUE(test, chaos_trailer_check(record, len + sizeof(trailer)));
		record[len - 1] ^= 0x10;
		KUNIT_EXPECT_FALSE(test, chaos_trailer_check(record, len + sizeof(trailer)));
	}
}

static struct kunit_case trailer_cases[] = {
	KUNIT_CASE_PARAM(test_build, captured_gen_params),
	KUNIT_CASE_PARAM(test_check, captured_gen_params),
	KUNIT_CASE(test_round_trip),
	{}
};

static struct kunit_suite trailer_suite = {
	.name = "chaos_trailer",
	.test_cases = trailer_cases,
};

kunit_test_suite(trailer_suite);
