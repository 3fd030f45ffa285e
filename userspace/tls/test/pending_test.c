// SPDX-License-Identifier: GPL-2.0-or-later
/* Who has to go when too many wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "pending.h"

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage addr = { .ss_family = AF_INET };

	if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&addr)->sin_addr) == 1)
		return addr;
	addr.ss_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&addr)->sin6_addr), 1);
	return addr;
}

/* Those who come, and the number of the one who goes. */
static void test_victim(void **state)
{
	static const struct {
		const char *from[6];
		size_t victim;
	} cases[] = {
		{ { "192.0.2.1" }, 0 },
		{ { "192.0.2.1", "192.0.2.2", "192.0.2.3" }, 0 },
		{ { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.2" }, 1 },
		{ { "192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.1" }, 0 },
		{ { "192.0.2.1", "::ffff:192.0.2.2", "192.0.2.2" }, 1 },
		{ { "192.0.2.1", "2001:db8::1", "2001:db8::2:1" }, 1 },
		{ { "192.0.2.1", "2001:db8:0:1::1", "2001:db8:0:2::1" }, 0 },
		{ { "::1", "::1", "::ffff:192.0.2.1", "::ffff:192.0.2.2" }, 0 },
	};
	struct pending pendings[6];
	struct pending_list list;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pending_init(&list);
		assert_null(pending_victim(&list));
		for (k = 0; k < 6 && cases[i].from[k]; k++) {
			struct sockaddr_storage from = address(cases[i].from[k]);

			pending_add(&list, &pendings[k], &from);
		}
		assert_int_equal(list.n, k);
		assert_ptr_equal(pending_victim(&list), &pendings[cases[i].victim]);
	}
}

/* One who comes again and again gets nobody else out. */
static void test_flood(void **state)
{
	struct sockaddr_storage honest = address("192.0.2.1"), flood = address("192.0.2.2");
	struct pending pendings[PENDING_MAX], *victim;
	struct pending_list list;
	int i;

	(void)state;
	pending_init(&list);
	for (i = 0; i < PENDING_MAX; i++)
		pending_add(&list, &pendings[i], i % 100 ? &flood : &honest);
	for (i = 0; i < 1000; i++) {
		victim = pending_victim(&list);
		assert_memory_equal(&victim->from, &pendings[1].from, sizeof(victim->from));
		pending_remove(&list, victim);
		pending_add(&list, victim, &flood);
	}
	assert_int_equal(list.n, PENDING_MAX);
	assert_ptr_equal(TAILQ_FIRST(&list.all), &pendings[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_victim),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
