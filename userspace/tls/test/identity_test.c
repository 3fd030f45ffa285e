// SPDX-License-Identifier: GPL-2.0-or-later
/* Chaosnet addresses of names; DNS and the clock are played by the test. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_dns.h"
#include "identity.h"

#define LIMIT	60000000ull	/* microseconds until a test has failed */

/* ------------------------------------------------------------------------ DNS */

static atomic_uint asked;		/* questions for addresses */
static atomic_bool held;		/* DNS does not answer for now */
static atomic_uint waiting;
static atomic_uint first_port;		/* of the first server that was asked */
static atomic_uint reverse_port;	/* likewise, for names */
static atomic_ullong taken;		/* time that DNS took, in ms */

#define SILENT_PORT	9		/* of a server that does not answer */

static const struct {
	const char *name;
	int status;
	uint16_t addrs[3];
	uint32_t ttl;
} zone[] = {
	{ "up.example", 0, { 03041 }, 600 },
	{ "short.example", 0, { 03101 }, 1 },
	{ "long.example", 0, { 03102 }, 1000000 },
	{ "gw.example", 0, { 03001, 04001 }, 600 },
	{ "half.example", 0, { 03042, 03043, 03044 }, 600 },
	{ "alias.example", 0, { 03041 }, 600 },
	{ "nobody.example", 0, { 03045 }, 600 },
	{ "doubt.example", 0, { 03046 }, 600 },
	{ "down.example", -EAGAIN, { 0 }, 0 },
	{ "bad.example", -EBADMSG, { 0 }, 0 },
};

static const struct {
	uint16_t addr;
	int status;
	const char *name;
} back[] = {
	{ 03041, 0, "UP.Example" },
	{ 03101, 0, "short.example" },
	{ 03102, 0, "long.example" },
	{ 03001, 0, "gw.example" },
	{ 04001, 0, "gw.example" },
	{ 03042, 0, "half.example" },
	{ 03043, 0, "other.example" },
	{ 03046, -EAGAIN, NULL },
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

int __wrap_chaos_dns_addrs(const struct chaos_dns *dns, const char *name,
			   struct chaos_dns_answer *answer, char err[CHAOS_DNS_ERRLEN]);
int __wrap_chaos_dns_name(const struct chaos_dns *dns, uint16_t addr, const char *wanted,
			  char name[CHAOS_DNS_NAME_LEN], char err[CHAOS_DNS_ERRLEN]);

static void wait_if_held(void)
{
	waiting++;
	while (held)
		usleep(1000);
	waiting--;
}

static unsigned int port(const struct chaos_dns *dns)
{
	return dns->n_servers ? ntohs(((struct sockaddr_in *)dns->servers)->sin_port) : 0;
}

int __wrap_chaos_dns_addrs(const struct chaos_dns *dns, const char *name,
			   struct chaos_dns_answer *answer, char err[CHAOS_DNS_ERRLEN])
{
	asked++;
	first_port = port(dns);
	if (first_port == SILENT_PORT)
		taken += dns->timeout * 1000;
	wait_if_held();
	for (size_t i = 0; i < N(zone); i++) {
		if (strcmp(zone[i].name, name))
			continue;
		*answer = (struct chaos_dns_answer) { .ttl = zone[i].ttl };
		while (answer->n < 3 && zone[i].addrs[answer->n]) {
			answer->addrs[answer->n] = zone[i].addrs[answer->n];
			answer->n++;
		}
		snprintf(err, CHAOS_DNS_ERRLEN, "%s is in trouble", name);
		return zone[i].status;
	}
	snprintf(err, CHAOS_DNS_ERRLEN, "%s has none", name);
	return -ENOENT;
}

int __wrap_chaos_dns_name(const struct chaos_dns *dns, uint16_t addr, const char *wanted,
			  char name[CHAOS_DNS_NAME_LEN], char err[CHAOS_DNS_ERRLEN])
{
	(void)wanted;
	reverse_port = port(dns);
	for (size_t i = 0; i < N(back); i++) {
		if (back[i].addr != addr)
			continue;
		if (back[i].status)
			snprintf(err, CHAOS_DNS_ERRLEN, "DNS is down");
		else
			strcpy(name, back[i].name);
		return back[i].status;
	}
	snprintf(err, CHAOS_DNS_ERRLEN, "no name");
	return -ENOENT;
}

/* ---------------------------------------------------------------------- clock */

static uint64_t clock_now;	/* microseconds */

int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *usec);

int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *usec)
{
	(void)event;
	(void)clock;
	*usec = clock_now;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	*ts = (struct timespec) { .tv_sec = taken / 1000, .tv_nsec = taken % 1000 * 1000000 };
	return 0;
}

/* -------------------------------------------------------------------- fixture */

struct fixture {
	sd_event *event;
	struct identity *identity;
	struct config_names config;
};

struct answer {
	unsigned int calls;
	char error[256];
	uint16_t addrs[IDENTITY_ADDRS_MAX];
	size_t n;
	struct identity **to_free;
};

static char hosts[] = "/tmp/identity_test.XXXXXX";

static int set_up(void **state)
{
	static struct fixture f;

	asked = 0;
	held = false;
	clock_now = 1000000;
	memset(&f.config, 0, sizeof(f.config));
	if (sd_event_new(&f.event) < 0 || identity_new(f.event, &f.config, &f.identity))
		return -1;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	held = false;
	identity_free(f->identity);
	sd_event_unref(f->event);
	while (waiting)
		usleep(1000);
	return 0;
}

static void take(void *arg, const char *error, const uint16_t *addrs, size_t n)
{
	struct answer *answer = arg;

	answer->calls++;
	assert_int_equal(!error, n > 0);
	snprintf(answer->error, sizeof(answer->error), "%s", error ? error : "");
	memcpy(answer->addrs, addrs, n * sizeof(addrs[0]));
	answer->n = n;
	if (answer->to_free) {
		identity_free(*answer->to_free);
		*answer->to_free = NULL;
	}
}

/* Asks for one name, or two if the second is not NULL. */
static struct identity_query *find(struct fixture *f, const char *name, const char *second,
				   struct answer *answer)
{
	const char *const names[] = { name, second };
	struct identity_query *query = NULL;

	memset(answer, 0, offsetof(struct answer, to_free));
	assert_int_equal(identity_find(f->identity, names, second ? 2 : 1, take, answer, &query),
			 0);
	assert_non_null(query);
	assert_int_equal(answer->calls, 0);
	return query;
}

static void wait_for(struct fixture *f, const struct answer *answer)
{
	while (!answer->calls)
		assert_true(sd_event_run(f->event, LIMIT) > 0);
	assert_int_equal(answer->calls, 1);
}

static void wait_waiting(struct fixture *f, unsigned int n)
{
	while (waiting < n) {
		assert_true(sd_event_run(f->event, 0) >= 0);
		usleep(1000);
	}
}

/* How often DNS was asked since the last time. */
static unsigned int questions(void)
{
	return atomic_exchange(&asked, 0);
}

static void look(struct fixture *f, const char *name, const char *second, struct answer *answer)
{
	find(f, name, second, answer);
	wait_for(f, answer);
}

static void write_hosts(const char *text)
{
	FILE *file = fopen(hosts, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* ---------------------------------------------------------------------- tests */

static void answers(void **state)
{
	static const struct {
		const char *name, *second;
		uint16_t addrs[3];
		const char *error;
	} rows[] = {
		{ "up.example", NULL, { 03041 }, NULL },
		{ "UP.EXAMPLE.", NULL, { 03041 }, NULL },
		{ "gw.example", NULL, { 03001, 04001 }, NULL },
		{ "up.example", "gw.example", { 03041, 03001, 04001 }, NULL },
		{ "up.example", "up.example", { 03041 }, NULL },
		/* The name of an address is one of those asked for. */
		{ "up.example", "alias.example", { 03041 }, NULL },
		{ "alias.example", NULL, { 0 },
		  "3041 is not taken as address of alias.example: it leads back to UP.Example" },
		{ "half.example", NULL, { 03042 }, NULL },
		{ "nobody.example", NULL, { 0 },
		  "3045 is not taken as address of nobody.example: no name" },
		{ "doubt.example", NULL, { 0 },
		  "3046 is not taken as address of doubt.example: DNS is down" },
		{ "missing.example", NULL, { 0 }, "missing.example has none" },
		{ "missing.example", "up.example", { 03041 }, NULL },
		{ "missing.example", "down.example", { 0 }, "down.example is in trouble" },
		{ "bad.example", "missing.example", { 0 }, "bad.example is in trouble" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < N(rows); i++) {
		struct answer answer = { .calls = 0 };
		size_t n = 0;

		look(f, rows[i].name, rows[i].second, &answer);
		assert_string_equal(answer.error, rows[i].error ? rows[i].error : "");
		while (n < 3 && rows[i].addrs[n])
			n++;
		assert_int_equal(answer.n, n);
		assert_memory_equal(answer.addrs, rows[i].addrs, n * sizeof(answer.addrs[0]));
	}
}

static void keeps(void **state)
{
	static const struct {
		const char *name;
		unsigned int seconds;
	} rows[] = {
		{ "up.example", 600 },
		{ "short.example", 30 },
		{ "long.example", 3600 },
		{ "half.example", 600 },
		{ "missing.example", 30 },
		{ "bad.example", 30 },
		{ "down.example", 5 },
		{ "doubt.example", 5 },
	};
	struct answer answer = { .calls = 0 };
	struct fixture *f = *state;

	for (size_t i = 0; i < N(rows); i++) {
		look(f, rows[i].name, NULL, &answer);
		assert_int_equal(questions(), 1);
		clock_now += rows[i].seconds * 1000000ull - 1;
		look(f, rows[i].name, NULL, &answer);
		assert_int_equal(questions(), 0);
		clock_now++;
		look(f, rows[i].name, NULL, &answer);
		assert_int_equal(questions(), 1);
	}
}

/* However many ask for a name, DNS is asked once. */
static void joins(void **state)
{
	static struct answer answers[200];
	struct fixture *f = *state;

	held = true;
	for (size_t i = 0; i < N(answers); i++)
		find(f, i % 2 ? "up.example" : "UP.example", NULL, &answers[i]);
	wait_waiting(f, 1);
	held = false;
	for (size_t i = 0; i < N(answers); i++) {
		wait_for(f, &answers[i]);
		assert_int_equal(answers[i].addrs[0], 03041);
	}
	assert_int_equal(questions(), 1);
}

static void cancels(void **state)
{
	struct answer one = { .calls = 0 }, two = { .calls = 0 };
	struct identity_query *query;
	struct fixture *f = *state;

	identity_cancel(NULL);
	/* When the answer is not there, is there, and was there before. */
	held = true;
	query = find(f, "up.example", NULL, &one);
	wait_waiting(f, 1);
	identity_cancel(query);
	held = false;
	look(f, "up.example", NULL, &two);
	identity_cancel(find(f, "up.example", "gw.example", &one));
	while (sd_event_run(f->event, 0) > 0)
		;
	assert_int_equal(one.calls, 0);
}

static void frees(void **state)
{
	struct answer one = { .calls = 0 }, two = { .calls = 0 };
	struct fixture *f = *state;

	/* With queries in every place. */
	look(f, "gw.example", NULL, &one);
	held = true;
	find(f, "up.example", NULL, &one);
	find(f, "gw.example", NULL, &two);
	wait_waiting(f, 1);
	identity_free(f->identity);
	f->identity = NULL;
	assert_int_equal(one.calls, 0);
	identity_free(NULL);

	/* Whoever takes an answer may free all. */
	held = false;
	assert_int_equal(identity_new(f->event, &f->config, &f->identity), 0);
	one.to_free = &f->identity;
	find(f, "up.example", NULL, &one);
	find(f, "up.example", NULL, &two);
	wait_for(f, &one);
	while (sd_event_run(f->event, 0) > 0)
		;
	assert_int_equal(two.calls, 0);
}

/* Names that nobody uses make room for others. */
static void bounded(void **state)
{
	struct answer answer = { .calls = 0 };
	struct fixture *f = *state;
	char name[32];

	look(f, "up.example", NULL, &answer);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		look(f, name, NULL, &answer);
		look(f, i < 400 ? "up.example" : "gw.example", NULL, &answer);
	}
	/* Those that are asked for often stay. */
	assert_int_equal(questions(), 1002);
	look(f, "up.example", NULL, &answer);
	look(f, "gw.example", NULL, &answer);
	look(f, "h999.example", NULL, &answer);
	look(f, "h0.example", NULL, &answer);
	assert_int_equal(questions(), 2);
}

/* What the file tells DNS is not asked for, and the file may change. */
static void hosts_file(void **state)
{
	struct answer answer = { .calls = 0 };
	struct fixture *f = *state;

	strcpy(f->config.hosts, hosts);
	write_hosts("401 up.example\n402 UP.example gw.example\n");
	identity_configure(f->identity, &f->config);
	look(f, "Up.Example.", "missing.example", &answer);
	assert_int_equal(answer.n, 2);
	assert_int_equal(answer.addrs[0], 0401);
	assert_int_equal(answer.addrs[1], 0402);
	assert_int_equal(questions(), 0);
	write_hosts("403 up.example\n");
	look(f, "up.example", NULL, &answer);
	assert_int_equal(answer.n, 1);
	assert_int_equal(answer.addrs[0], 0403);
	look(f, "gw.example", NULL, &answer);
	assert_int_equal(answer.addrs[0], 03001);
	assert_int_equal(questions(), 1);
	unlink(hosts);
	look(f, "up.example", NULL, &answer);
	assert_int_equal(answer.addrs[0], 03041);
}

static struct endpoint endpoint(const char *word)
{
	struct endpoint ep;

	assert_null(word_endpoint(word, &ep));
	return ep;
}

static void other_configuration(void **state)
{
	struct answer one = { .calls = 0 }, two = { .calls = 0 };
	struct fixture *f = *state;

	/* What is known is forgotten. */
	look(f, "up.example", NULL, &one);
	assert_int_equal(first_port, 0);
	f->config.dns[0] = endpoint("192.0.2.1:5353");
	f->config.n_dns = 1;
	identity_configure(f->identity, &f->config);
	look(f, "up.example", NULL, &one);
	assert_int_equal(questions(), 2);
	assert_int_equal(first_port, 5353);

	/* What is asked for is asked again, of the new server. */
	held = true;
	find(f, "gw.example", NULL, &two);
	wait_waiting(f, 1);
	f->config.dns[0] = endpoint("192.0.2.2");
	identity_configure(f->identity, &f->config);
	wait_waiting(f, 2);
	assert_int_equal(first_port, 53);
	held = false;
	wait_for(f, &two);
	assert_int_equal(two.addrs[0], 03001);
	assert_int_equal(questions(), 2);
}

/* Who did not answer the first question is not asked the others first. */
static void silent_server(void **state)
{
	struct answer answer = { .calls = 0 };
	struct fixture *f = *state;

	f->config.dns[0] = endpoint("192.0.2.1:9");
	f->config.dns[1] = endpoint("192.0.2.2:5353");
	f->config.n_dns = 2;
	identity_configure(f->identity, &f->config);
	look(f, "up.example", NULL, &answer);
	assert_int_equal(first_port, SILENT_PORT);
	assert_int_equal(reverse_port, 5353);
	f->config.dns[0] = endpoint("192.0.2.3:5354");
	identity_configure(f->identity, &f->config);
	look(f, "up.example", NULL, &answer);
	assert_int_equal(reverse_port, 5354);
}

static void refuses(void **state)
{
	char name[CHAOS_DNS_NAME_LEN + 1];
	const char *const names[] = { "up.example", name };
	struct answer answer = { .calls = 0 };
	struct fixture *f = *state;

	memset(name, 'x', sizeof(name));
	name[CHAOS_DNS_NAME_LEN] = 0;
	assert_int_equal(identity_find(f->identity, names, 0, take, &answer, NULL), -EINVAL);
	assert_int_equal(identity_find(f->identity, names, 2, take, &answer, NULL),
			 -ENAMETOOLONG);
	while (sd_event_run(f->event, 0) > 0)
		;
	assert_int_equal(answer.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(joins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cancels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frees, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hosts_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_configuration, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silent_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses, set_up, tear_down),
	};
	int fd = mkstemp(hosts), status;

	if (fd < 0)
		return 1;
	close(fd);
	status = cmocka_run_group_tests_name("identity", tests, NULL, NULL);
	unlink(hosts);
	return status;
}
