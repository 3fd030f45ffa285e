// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests for certificates: what is in them, and that no half of one is left behind. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "csr.h"
#include "daemon.h"

#define NAME	"gw.example.net"
#define KEY	NAME ".key"
#define CSR	NAME ".csr"

static char dir[] = "/tmp/csr.XXXXXX";

/* In a process of its own, that can write files of @room bytes only, and its output. */
static int run(const char *name, rlim_t room, char output[1024])
{
	const struct rlimit limit = { .rlim_cur = room, .rlim_max = RLIM_INFINITY };
	int status, pipes[2];
	ssize_t n, len = 0;
	pid_t pid;

	assert_return_code(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		signal(SIGXFSZ, SIG_IGN);
		if (dup2(pipes[1], 1) < 0 || dup2(pipes[1], 2) < 0 ||
		    setrlimit(RLIMIT_FSIZE, &limit))
			_exit(99);
		status = csr_make(name);
		fflush(stdout);
		_exit(status);
	}
	close(pipes[1]);
	while ((n = read(pipes[0], output + len, 1023 - len)) > 0)
		len += n;
	output[len] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static X509_REQ *read_request(void)
{
	FILE *file = fopen(CSR, "re");
	X509_REQ *request;

	assert_non_null(file);
	request = PEM_read_X509_REQ(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(request);
	return request;
}

static EVP_PKEY *read_key(void)
{
	FILE *file = fopen(KEY, "re");
	EVP_PKEY *key;

	assert_non_null(file);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(key);
	return key;
}

static struct stat stat_of(const char *file)
{
	struct stat st;

	assert_return_code(stat(file, &st), errno);
	return st;
}

static void check_subject(X509_REQ *request)
{
	char text[256];

	X509_NAME_oneline(X509_REQ_get_subject_name(request), text, sizeof(text));
	assert_string_equal(text, "/CN=" NAME);
}

static void check_extension(X509_EXTENSIONS *all, int nid, const char *expected)
{
	X509_EXTENSION *extension = X509v3_get_ext(all, X509v3_get_ext_by_NID(all, nid, -1));
	BIO *bio = BIO_new(BIO_s_mem());
	char text[256] = "";

	assert_non_null(extension);
	assert_int_equal(X509V3_EXT_print(bio, extension, 0, 0), 1);
	assert_true(BIO_read(bio, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, expected);
	BIO_free(bio);
}

static void check_extensions(X509_REQ *request)
{
	X509_EXTENSIONS *all = X509_REQ_get_extensions(request);

	assert_non_null(all);
	assert_int_equal(sk_X509_EXTENSION_num(all), 3);
	check_extension(all, NID_subject_alt_name, "DNS:" NAME);
	check_extension(all, NID_key_usage, "Digital Signature, Key Encipherment");
	check_extension(all, NID_ext_key_usage,
			"TLS Web Server Authentication, TLS Web Client Authentication");
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
}

static void test_request(void **state)
{
	char output[1024];
	X509_REQ *request;
	EVP_PKEY *key;

	(void)state;
	assert_int_equal(run("GW.Example.NET", RLIM_INFINITY, output), DAEMON_OK);
	assert_non_null(strstr(output, KEY " is the new private key"));
	assert_int_equal(stat_of(KEY).st_mode & 07777, 0600);
	assert_int_equal(stat_of(CSR).st_mode & 07777, 0644);
	request = read_request();
	key = read_key();
	assert_int_equal(EVP_PKEY_get_bits(key), 3072);
	assert_int_equal(X509_REQ_verify(request, key), 1);
	check_subject(request);
	check_extensions(request);
	X509_REQ_free(request);
	EVP_PKEY_free(key);
}

static void check_refused(const char *file, const char *other)
{
	char output[1024], expected[128];

	assert_int_equal(run(NAME, RLIM_INFINITY, output), DAEMON_FAILED);
	snprintf(expected, sizeof(expected), "%s: is there already, and left as it is\n", file);
	assert_string_equal(output, expected);
	assert_int_equal(access(other, F_OK), -1);
}

static void test_key_there(void **state)
{
	(void)state;
	/* What a link leads to is not ours to write. */
	assert_return_code(symlink("elsewhere", KEY), errno);
	check_refused(KEY, CSR);
	assert_int_equal(access("elsewhere", F_OK), -1);
}

static void test_request_there(void **state)
{
	int fd = open(CSR, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	check_refused(CSR, KEY);
	assert_int_equal(stat_of(CSR).st_size, 0);
}

/* The disk is full in the middle of the key. */
static void test_full(void **state)
{
	char output[1024];

	(void)state;
	assert_int_equal(run(NAME, 1000, output), DAEMON_FAILED);
	assert_non_null(strstr(output, KEY ": cannot be written: File too large"));
	assert_int_equal(access(KEY, F_OK), -1);
	assert_int_equal(access(CSR, F_OK), -1);
}

#define LABEL_63 "a12345678901234567890123456789012345678901234567890123456789012"

static void test_names(void **state)
{
	static const char * const bad[] = {
		"", ".", "gw", "gw.", ".net", "gw..net", "-gw.net", "gw-.net", "g w.net", "gw_1.net",
		"gw.net/x", "../gw.net", "gw.net\n", "*.net", "g\xc3\xbc.net", "gw,O=x.net",
		LABEL_63 "4", LABEL_63 ".n",
	};
	char output[1024], expected[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(run(bad[i], RLIM_INFINITY, output), DAEMON_USAGE);
		snprintf(expected, sizeof(expected), "'%.10s", bad[i]);
		if (!strpbrk(bad[i], "\n\xc3"))
			assert_int_equal(strncmp(output, expected, strlen(expected)), 0);
	}
}

static int enter(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/csr.XXXXXX");
	return !mkdtemp(dir) || chdir(dir);
}

static int leave(void **state)
{
	(void)state;
	if (chdir(dir))
		return -1;
	unlink(KEY);
	unlink(CSR);
	return chdir("/") || rmdir(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_request), TEST(test_key_there), TEST(test_request_there),
		TEST(test_full), TEST(test_names),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
