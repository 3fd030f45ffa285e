// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs the KUnit suites linked into this program and prints what the kernel
 * would print: TAP, one level of subtests per suite, one more per table.
 *
 *	usage: PROGRAM [-m N] [TEXT]
 *		only suites and cases with TEXT in their name; the plan counts N more
 *		results, which whoever runs this adds
 */
#include <ctype.h>
#include <stdarg.h>
#include <unistd.h>

#include <kunit/test.h>

struct memory {
	struct list_head list;
	u64 data[];
};

static struct kunit_suite *suites;

/* Links are called in the order of object files; keep it. */
void shim_register(struct kunit_suite *suite)
{
	struct kunit_suite **end = &suites;

	while (*end)
		end = &(*end)->next;
	*end = suite;
}

void shim_param(const char *name, unsigned int *value)
{
	char env[64];
	char *c;

	snprintf(env, sizeof(env), "CHAOS_KUNIT_%s", name);
	for (c = env; *c; c++)
		*c = toupper((unsigned char)*c);
	if (getenv(env))
		*value = strtoul(getenv(env), NULL, 0);
}

void *kunit_kzalloc(struct kunit *test, size_t size, int gfp)
{
	struct memory *memory = calloc(1, sizeof(*memory) + size);

	(void)gfp;
	if (!memory)
		return NULL;
	list_add(&memory->list, &test->memory);
	return memory->data;
}

static void free_memory(struct kunit *test)
{
	struct memory *memory, *after;

	list_for_each_entry_safe(memory, after, &test->memory, list)
		free(memory);
}

void kunit_info(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	printf("    # %s: ", test->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
}

static void __printf(4, 0) failed(struct kunit *test, const char *where, const char *what,
				  const char *fmt, va_list args)
{
	test->failed = true;
	printf("    # %s: FAILED at %s\n    #     expected %s\n", test->name, where, what);
	if (!fmt)
		return;
	printf("    #     ");
	vprintf(fmt, args);
	printf("\n");
}

void shim_failed(struct kunit *test, const char *where, const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	failed(test, where, what, fmt, args);
	va_end(args);
}

void shim_failed_values(struct kunit *test, const char *where, const char *what,
			long long left, long long right, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	failed(test, where, what, fmt, args);
	va_end(args);
	printf("    #     left:  %lld (%#llx)\n    #     right: %lld (%#llx)\n",
	       left, left, right, right);
}

void shim_failed_strings(struct kunit *test, const char *where, const char *what,
			 const char *left, const char *right, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	failed(test, where, what, fmt, args);
	va_end(args);
	printf("    #     left:  \"%s\"\n    #     right: \"%s\"\n", left, right);
}

void shim_abort(struct kunit *test)
{
	longjmp(test->abort, 1);
}

/* Return: true if it passed. */
static bool run_once(const struct kunit_suite *suite, const struct kunit_case *c,
		     const void *param)
{
	struct kunit test = { .name = c->name, .param_value = param };

	INIT_LIST_HEAD(&test.memory);
	if (!setjmp(test.abort)) {
		if (suite->init && suite->init(&test))
			test.failed = true;
		else
			c->run_case(&test);
	}
	if (suite->exit && !setjmp(test.abort))
		suite->exit(&test);
	free_memory(&test);
	return !test.failed;
}

static bool run_params(const struct kunit_suite *suite, const struct kunit_case *c)
{
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;
	bool ok, all_ok = true;
	unsigned int n = 0;

	printf("        # Subtest: %s\n", c->name);
	while ((param = c->generate_params(param, desc))) {
		ok = run_once(suite, c, param);
		all_ok &= ok;
		printf("        %s %u - %s\n", ok ? "ok" : "not ok", ++n, desc);
	}
	return all_ok;
}

static bool wanted(const struct kunit_suite *suite, const struct kunit_case *c, const char *text)
{
	return !text || strstr(suite->name, text) || strstr(c->name, text);
}

static unsigned int count_cases(const struct kunit_suite *suite, const char *text)
{
	const struct kunit_case *c;
	unsigned int n = 0;

	for (c = suite->test_cases; c->run_case; c++)
		n += wanted(suite, c, text);
	return n;
}

static bool run_suite(const struct kunit_suite *suite, const char *text)
{
	const struct kunit_case *c;
	bool ok, all_ok = true;
	unsigned int n = 0;

	printf("    # Subtest: %s\n    1..%u\n", suite->name, count_cases(suite, text));
	for (c = suite->test_cases; c->run_case; c++) {
		if (!wanted(suite, c, text))
			continue;
		ok = c->generate_params ? run_params(suite, c) : run_once(suite, c, NULL);
		all_ok &= ok;
		printf("    %s %u - %s\n", ok ? "ok" : "not ok", ++n, c->name);
		fflush(stdout);
	}
	return all_ok;
}

int main(int argc, char **argv)
{
	const struct kunit_suite *suite;
	unsigned int n = 0, more = 0;
	bool ok, all_ok = true;
	const char *text;
	int opt;

	while ((opt = getopt(argc, argv, "m:")) != -1) {
		if (opt != 'm')
			return 2;
		more = strtoul(optarg, NULL, 0);
	}
	text = argv[optind];
	for (suite = suites; suite; suite = suite->next)
		n += !!count_cases(suite, text);
	printf("TAP version 14\n1..%u\n", n + more);
	n = 0;
	for (suite = suites; suite; suite = suite->next) {
		if (!count_cases(suite, text))
			continue;
		ok = run_suite(suite, text);
		all_ok &= ok;
		printf("%s %u - %s\n", ok ? "ok" : "not ok", ++n, suite->name);
	}
	return !all_ok;
}
