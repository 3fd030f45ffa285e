// SPDX-License-Identifier: GPL-2.0-or-later
/* What is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "news.h"

static void test_once(void **state)
{
	struct news news = { .n = 0 };

	(void)state;
	assert_true(news_add(&news, "a: refused"));
	assert_true(news_add(&news, "b: refused"));
	assert_false(news_add(&news, "a: refused"));
	assert_true(news_add(&news, ""));
	assert_false(news_add(&news, ""));
	assert_false(news_add(&news, "b: refused"));
	news_forget(&news);
	assert_true(news_add(&news, "a: refused"));
	assert_false(news_add(&news, "a: refused"));
}

/* The oldest of too many is news again, the latest ones are not. */
static void test_many(void **state)
{
	struct news news = { .n = 0 };
	char text[16];
	int i;

	(void)state;
	for (i = 0; i < 3 * NEWS_MAX + 1; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_true(news_add(&news, text));
	}
	for (; i-- > 2 * NEWS_MAX + 1;) {
		snprintf(text, sizeof(text), "%d", i);
		assert_false(news_add(&news, text));
	}
	assert_true(news_add(&news, "0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
