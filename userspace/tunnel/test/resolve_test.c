// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking up names; the C library's part is played by the test. */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "resolve.h"

#define LIMIT	60000000ull	/* microseconds until a test has failed */

/* Names that begin with "stuck" are answered when the test lets them. */
static atomic_bool let_go;
static atomic_uint stuck;

int __real_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **found);
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **found);

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **found)
{
	if (!strncmp(host, "stuck", 5)) {
		stuck++;
		while (!let_go)
			usleep(1000);
		stuck--;
		return EAI_NONAME;
	}
	if (!strcmp(host, "unknown.example"))
		return EAI_NONAME;
	if (!strcmp(host, "broken.example")) {
		errno = ENETUNREACH;
		return EAI_SYSTEM;
	}
	/* All others have this address. */
	return __real_getaddrinfo(hints->ai_family == AF_INET6 ? "2001:db8::1" : "192.0.2.7",
				  service, hints, found);
}

struct answer {
	unsigned int calls;
	char error[128];
	char address[WORD_ENDPOINT_LEN];
	struct resolver **to_free;
};

static void take(void *arg, const char *error, const struct sockaddr_storage *addrs, size_t n)
{
	struct answer *answer = arg;

	answer->calls++;
	if (error) {
		assert_int_equal(n, 0);
		strncpy(answer->error, error, sizeof(answer->error) - 1);
	} else {
		assert_true(n > 0);
		address_format(&addrs[0], answer->address);
	}
	if (answer->to_free) {
		resolver_free(*answer->to_free);
		*answer->to_free = NULL;
	}
}

struct fixture {
	sd_event *event;
	struct resolver *resolver;
};

static int set_up(void **state)
{
	static struct fixture f;

	let_go = false;
	if (sd_event_new(&f.event) < 0 || resolver_new(f.event, &f.resolver))
		return -1;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	let_go = true;
	resolver_free(f->resolver);
	sd_event_unref(f->event);
	while (stuck)
		usleep(1000);
	return 0;
}

static struct endpoint endpoint(const char *word)
{
	struct endpoint ep;

	assert_null(word_endpoint(word, &ep));
	return ep;
}

static void ask(struct fixture *f, const char *word, int family, unsigned int seconds,
		struct answer *answer, struct resolve_query **query)
{
	struct endpoint ep = endpoint(word);

	assert_int_equal(resolve(f->resolver, &ep, 42042, family, seconds, take, answer, query),
			 0);
	assert_int_equal(answer->calls, 0);
}

static void wait_for(struct fixture *f, const struct answer *answer)
{
	while (!answer->calls)
		assert_true(sd_event_run(f->event, LIMIT) > 0);
	assert_int_equal(answer->calls, 1);
}

static void answers(void **state)
{
	static const struct {
		const char *word;
		int family;
		const char *address, *error;
	} rows[] = {
		{ "gateway.example", AF_UNSPEC, "192.0.2.7:42042", NULL },
		{ "gateway.example:44041", AF_INET, "192.0.2.7:44041", NULL },
		{ "gateway.example:44041", AF_INET6, "[2001:db8::1]:44041", NULL },
		{ "unknown.example", AF_UNSPEC, "", "Name or service not known" },
		{ "broken.example", AF_UNSPEC, "", "Network is unreachable" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = { .calls = 0 };

		ask(f, rows[i].word, rows[i].family, 60, &answer, NULL);
		wait_for(f, &answer);
		assert_string_equal(answer.address, rows[i].address);
		assert_string_equal(answer.error, rows[i].error ? rows[i].error : "");
	}
}

static void many(void **state)
{
	static struct answer answers[200];
	struct fixture *f = *state;

	memset(answers, 0, sizeof(answers));
	for (size_t i = 0; i < 200; i++)
		ask(f, i % 3 ? "gateway.example" : "unknown.example", AF_UNSPEC, 60, &answers[i],
		    NULL);
	for (size_t i = 0; i < 200; i++) {
		wait_for(f, &answers[i]);
		assert_int_equal(!*answers[i].error, !!(i % 3));
	}
}

/* Names that take long do not keep the others waiting, unless there are very many. */
static void timeouts(void **state)
{
	struct answer slow = { .calls = 0 }, fast = { .calls = 0 };
	struct fixture *f = *state;

	ask(f, "stuck.example", AF_UNSPEC, 1, &slow, NULL);
	ask(f, "gateway.example", AF_UNSPEC, 60, &fast, NULL);
	wait_for(f, &fast);
	assert_string_equal(fast.address, "192.0.2.7:42042");
	wait_for(f, &slow);
	assert_string_equal(slow.error, "timed out");

	/* An answer that comes too late is nobody's. */
	let_go = true;
	while (stuck)
		usleep(1000);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	assert_int_equal(slow.calls, 1);
}

static void cancels(void **state)
{
	struct answer answers[2] = { { .calls = 0 } };
	struct resolve_query *query;
	struct fixture *f = *state;

	resolve_cancel(NULL);
	ask(f, "stuck.example", AF_UNSPEC, 60, &answers[0], &query);
	ask(f, "stuck.example", AF_UNSPEC, 60, &answers[1], NULL);
	while (stuck < 2) {
		assert_true(sd_event_run(f->event, 0) >= 0);
		usleep(1000);
	}
	resolve_cancel(query);
	resolver_free(f->resolver);
	f->resolver = NULL;
	let_go = true;
	while (stuck)
		usleep(1000);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	assert_int_equal(answers[0].calls + answers[1].calls, 0);
}

/* Whoever takes an answer may free the resolver. */
static void frees(void **state)
{
	struct fixture *f = *state;
	struct answer answer = { .to_free = &f->resolver };

	ask(f, "gateway.example", AF_UNSPEC, 60, &answer, NULL);
	wait_for(f, &answer);
	resolver_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(timeouts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cancels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frees, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
