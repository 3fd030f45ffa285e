// SPDX-License-Identifier: GPL-2.0-or-later
/* Times between attempts. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "backoff.h"

#define EXPECT(backoff, ms) do {					\
	unsigned int next_ = backoff_next(backoff);			\
									\
	assert_in_range(next_, (ms) - (ms) / 4, (ms) + (ms) / 4);	\
} while (0)

static void grows(void **state)
{
	struct backoff backoff = { .first_ms = 1000, .longest_ms = 60000 };

	(void)state;
	for (int turn = 0; turn < 3; turn++) {
		for (unsigned int ms = 1000; ms < 60000; ms *= 2)
			EXPECT(&backoff, ms);
		for (int i = 0; i < 100; i++)
			EXPECT(&backoff, 60000);
		backoff_reset(&backoff);
	}
}

/* Many that begin at once do not stay together. */
static void spreads(void **state)
{
	unsigned int least = UINT_MAX, most = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct backoff backoff = { .first_ms = 1000, .longest_ms = 60000 };
		unsigned int ms = backoff_next(&backoff);

		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_in_range(least, 750, 850);
	assert_in_range(most, 1150, 1250);
}

static void limits(void **state)
{
	struct backoff none = { .first_ms = 0 }, one = { .first_ms = 1, .longest_ms = 2 },
		       less = { .first_ms = 1000, .longest_ms = 100 },
		       most = { .first_ms = INT_MAX, .longest_ms = INT_MAX };

	(void)state;
	for (int i = 0; i < 4; i++) {
		EXPECT(&none, 0);
		EXPECT(&less, 100);
		EXPECT(&most, (unsigned int)INT_MAX);
	}
	assert_in_range(backoff_next(&one), 1, 1);
	for (int i = 0; i < 40; i++)
		assert_in_range(backoff_next(&one), 2, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(spreads),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
