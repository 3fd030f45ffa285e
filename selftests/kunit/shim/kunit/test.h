/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of the kernel's KUnit interface that the suites here use, for running
 * them as an ordinary program.  host.c has the rest.
 */
#ifndef _SHIM_KUNIT_TEST_H
#define _SHIM_KUNIT_TEST_H

#include <setjmp.h>
#include <string.h>

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit {
	void *priv;
	const void *param_value;

	/* Of the program that runs the test. */
	const char *name;
	bool failed;
	jmp_buf abort;
	struct list_head memory;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char name[256];
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;

	struct kunit_suite *next;
};

void shim_register(struct kunit_suite *suite);

#define kunit_test_suite(suite)						\
static void __attribute__((constructor)) shim_register_##suite(void)	\
{									\
	shim_register(&(suite));					\
}

#define KUNIT_CASE(fn)			{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_PARAM(fn, gen)	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define KUNIT_ARRAY_PARAM(prefix, array, describe)			\
static const void *prefix##_gen_params(const void *prev, char *desc)	\
{									\
	typeof(&(array)[0]) row = prev;					\
									\
	row = row ? row + 1 : (array);					\
	if (row == (array) + ARRAY_SIZE(array))				\
		return NULL;						\
	describe(row, desc);						\
	return row;							\
}

/* Freed after the test. */
void *kunit_kzalloc(struct kunit *test, size_t size, int gfp);

void kunit_info(struct kunit *test, const char *fmt, ...) __printf(2, 3);

/* @where: source line; @what: the expectation; @fmt: more about it, or NULL. */
void shim_failed(struct kunit *test, const char *where, const char *what,
		 const char *fmt, ...);
void shim_failed_values(struct kunit *test, const char *where, const char *what,
			long long left, long long right, const char *fmt, ...);
void shim_failed_strings(struct kunit *test, const char *where, const char *what,
			 const char *left, const char *right, const char *fmt, ...);
void __attribute__((noreturn)) shim_abort(struct kunit *test);

#define SHIM_TEXT(x)	#x
#define SHIM_LINE(line)	SHIM_TEXT(line)
#define SHIM_WHERE	__FILE__ ":" SHIM_LINE(__LINE__)

#define SHIM_TRUE(test, condition, what, fatal, ...) do {		\
	if (!(condition)) {						\
		shim_failed(test, SHIM_WHERE, what, __VA_ARGS__);	\
		fatal;							\
	}								\
} while (0)

#define SHIM_COMPARE(test, left, op, right, fatal, ...) do {		\
	const typeof(left) _left = (left);				\
	const typeof(right) _right = (right);				\
									\
	if (!(_left op _right)) {					\
		shim_failed_values(test, SHIM_WHERE, #left " " #op " " #right, \
				   (long long)_left, (long long)_right, __VA_ARGS__); \
		fatal;							\
	}								\
} while (0)

#define SHIM_STREQ(test, left, right, fatal, ...) do {			\
	const char *_left = (left), *_right = (right);			\
									\
	if (strcmp(_left, _right)) {					\
		shim_failed_strings(test, SHIM_WHERE, #left " == " #right, \
				    _left, _right, __VA_ARGS__);	\
		fatal;							\
	}								\
} while (0)

#define KUNIT_FAIL(test, ...) \
	shim_failed(test, SHIM_WHERE, "to get elsewhere", __VA_ARGS__)

#define KUNIT_EXPECT_TRUE(test, x)	SHIM_TRUE(test, x, #x, , NULL)
#define KUNIT_EXPECT_FALSE(test, x)	SHIM_TRUE(test, !(x), "not " #x, , NULL)
#define KUNIT_EXPECT_EQ(test, x, y)	SHIM_COMPARE(test, x, ==, y, , NULL)
#define KUNIT_EXPECT_NE(test, x, y)	SHIM_COMPARE(test, x, !=, y, , NULL)
#define KUNIT_EXPECT_LE(test, x, y)	SHIM_COMPARE(test, x, <=, y, , NULL)
#define KUNIT_EXPECT_GE(test, x, y)	SHIM_COMPARE(test, x, >=, y, , NULL)
#define KUNIT_EXPECT_GT(test, x, y)	SHIM_COMPARE(test, x, >, y, , NULL)
#define KUNIT_EXPECT_STREQ(test, x, y)	SHIM_STREQ(test, x, y, , NULL)

#define KUNIT_EXPECT_TRUE_MSG(test, x, ...)	SHIM_TRUE(test, x, #x, , __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(test, x, y, ...)	SHIM_COMPARE(test, x, ==, y, , __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(test, x, y, ...)	SHIM_COMPARE(test, x, <=, y, , __VA_ARGS__)
#define KUNIT_EXPECT_STREQ_MSG(test, x, y, ...)	SHIM_STREQ(test, x, y, , __VA_ARGS__)

#define KUNIT_ASSERT_TRUE(test, x)	SHIM_TRUE(test, x, #x, shim_abort(test), NULL)
#define KUNIT_ASSERT_EQ(test, x, y)	SHIM_COMPARE(test, x, ==, y, shim_abort(test), NULL)
#define KUNIT_ASSERT_NOT_NULL(test, x)	SHIM_TRUE(test, (x) != NULL, #x, shim_abort(test), NULL)
#define KUNIT_ASSERT_TRUE_MSG(test, x, ...) \
	SHIM_TRUE(test, x, #x, shim_abort(test), __VA_ARGS__)
#define KUNIT_ASSERT_STREQ_MSG(test, x, y, ...) \
	SHIM_STREQ(test, x, y, shim_abort(test), __VA_ARGS__)

#endif /* _SHIM_KUNIT_TEST_H */
