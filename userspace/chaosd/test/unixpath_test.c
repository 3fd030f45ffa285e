// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of Unix sockets, in a directory of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "unixpath.h"

static char dir[] = "/tmp/unixpath.XXXXXX";
static char server[64];

static int setup(void **state)
{
	(void)state;
	strcpy(strrchr(dir, '.'), ".XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(server, sizeof(server), "%s/chaosd_server", dir);
	return 0;
}

/* Fails if a test left something. */
static int teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int try_connect(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), status;
	struct sockaddr_un sun;

	unixpath_addr(&sun, path);
	status = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ? -errno : 0;
	close(fd);
	return status;
}

/* What happens when the socket under test is about to listen. */
static void (*before_listen)(void);

int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);

int __wrap_listen(int fd, int backlog)
{
	void (*now)(void) = before_listen;

	before_listen = NULL;
	if (now)
		now();
	return __real_listen(fd, backlog);
}

static bool exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static void listens(void **state)
{
	struct unixpath name;
	struct stat st;
	int fd = unixpath_listen(&name, server, 0640);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(lstat(server, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(try_connect(server), 0);
	close(fd);
	unixpath_remove(&name);
	assert_false(exists(server));
	unixpath_remove(&name);
}

static void spares_the_living(void **state)
{
	struct unixpath name, second;
	int fd = unixpath_listen(&name, server, 0600);

	(void)state;
	assert_int_equal(unixpath_listen(&second, server, 0600), -EADDRINUSE);
	assert_int_equal(try_connect(server), 0);
	close(fd);
	unixpath_remove(&name);
}

static void replaces_the_dead(void **state)
{
	struct unixpath dead, name;

	(void)state;
	close(unixpath_listen(&dead, server, 0600));
	assert_int_equal(try_connect(server), -ECONNREFUSED);
	int fd = unixpath_listen(&name, server, 0600);

	assert_true(fd >= 0);
	assert_int_equal(try_connect(server), 0);
	/* What the dead one would have removed is not its own any more. */
	if (dead.ino != name.ino) {
		unixpath_remove(&dead);
		assert_true(exists(server));
	}
	close(fd);
	unixpath_remove(&name);
}

/* Nobody finds a socket that does not listen yet, and takes it for dead. */
static void look_early(void)
{
	assert_int_equal(try_connect(server), -ENOENT);
}

static void has_no_name_early(void **state)
{
	struct unixpath name;
	int fd;

	(void)state;
	before_listen = look_early;
	fd = unixpath_listen(&name, server, 0600);
	assert_true(fd >= 0);
	assert_null(before_listen);
	assert_int_equal(try_connect(server), 0);
	close(fd);
	unixpath_remove(&name);
}

/* A server of another process is faster; it stays, and we do not believe to be it. */
static int other;

static void be_faster(void)
{
	struct sockaddr_un sun;

	unixpath_addr(&sun, server);
	other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(other, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(__real_listen(other, 1), 0);
}

static void is_too_late(void **state)
{
	struct unixpath name;

	(void)state;
	before_listen = be_faster;
	assert_int_equal(unixpath_listen(&name, server, 0600), -EADDRINUSE);
	assert_int_equal(try_connect(server), 0);
	close(other);
	unlink(server);
}

static void spares_files(void **state)
{
	struct unixpath name;

	(void)state;
	close(open(server, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(unixpath_listen(&name, server, 0600), -EEXIST);
	assert_true(exists(server));
	unlink(server);
	/* Nor does it follow a link to somewhere else. */
	assert_int_equal(symlink("/nowhere", server), 0);
	assert_int_equal(unixpath_listen(&name, server, 0600), -EEXIST);
	unlink(server);
}

static void no_directory(void **state)
{
	struct unixpath name;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/x/y", dir);
	assert_int_equal(unixpath_listen(&name, path, 0600), -ENOENT);
}

static void clients(void **state)
{
	struct unixpath first, second, again;
	char wanted[128];
	int a, b, c;

	(void)state;
	a = unixpath_client(&first, server, 0);
	b = unixpath_client(&second, server, 1);
	assert_true(a >= 0 && b >= 0);
	snprintf(wanted, sizeof(wanted), "%s/chaosd_%05d", dir, getpid());
	assert_string_equal(first.path, wanted);
	assert_true(exists(wanted));
	snprintf(wanted, sizeof(wanted), "%s/chaosd_%d", dir, 10000000 + getpid());
	assert_string_equal(second.path, wanted);
	/* A name left by one who had our number. */
	c = unixpath_client(&again, server, 0);
	assert_string_equal(again.path, first.path);
	close(a);
	close(b);
	close(c);
	unixpath_remove(&again);
	unixpath_remove(&first);
	unixpath_remove(&second);
	assert_false(exists(first.path));
}

/* Better without a name than not at all. */
static void client_without_name(void **state)
{
	struct unixpath name;
	int fd = unixpath_client(&name, "/nowhere/chaosd_server", 0);

	(void)state;
	assert_true(fd >= 0);
	assert_string_equal(name.path, "");
	unixpath_remove(&name);
	close(fd);
}

static void groups(void **state)
{
	struct unixpath name;
	int fd = unixpath_listen(&name, server, 0600);

	(void)state;
	assert_int_equal(unixpath_set_group(&name, ""), 0);
	assert_int_equal(unixpath_set_group(&name, "no such group"), -ESRCH);
	close(fd);
	unixpath_remove(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listens, setup, teardown),
		cmocka_unit_test_setup_teardown(spares_the_living, setup, teardown),
		cmocka_unit_test_setup_teardown(replaces_the_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(has_no_name_early, setup, teardown),
		cmocka_unit_test_setup_teardown(is_too_late, setup, teardown),
		cmocka_unit_test_setup_teardown(spares_files, setup, teardown),
		cmocka_unit_test_setup_teardown(no_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(clients, setup, teardown),
		cmocka_unit_test_setup_teardown(client_without_name, setup, teardown),
		cmocka_unit_test_setup_teardown(groups, setup, teardown),
	};

	return cmocka_run_group_tests_name("unixpath", tests, NULL, NULL);
}
