// SPDX-License-Identifier: GPL-2.0-or-later
/* Giving up privileges, in processes of their own.  Most of it needs root to begin with. */
#include <cap-ng.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture.h"
#include "privs.h"

#define OTHER	"nobody"

/* Runs the function in a process of its own; it returns 0 if all is well. */
static int run(int (*function)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(function());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void needs_root(void)
{
	/* Root of a container may lack some of it. */
	capng_get_caps_process();
	if (geteuid() || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		skip();
}

/* How many there are in a set. */
static int count(capng_type_t set)
{
	int n = 0;

	capng_get_caps_process();
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		n += capng_have_capability(set, cap);
	return n;
}

static int nothing_kept(void)
{
	const struct passwd *other = getpwnam(OTHER);
	gid_t groups[64];

	if (!other || privs_drop(OTHER, NULL, 0))
		return 1;
	if (getuid() != other->pw_uid || geteuid() != other->pw_uid ||
	    getgid() != other->pw_gid || getegid() != other->pw_gid)
		return 2;
	for (int i = getgroups(64, groups); i > 0; i--) {
		if (!groups[i - 1])
			return 3;
	}
	if (count(CAPNG_PERMITTED) || count(CAPNG_EFFECTIVE) || count(CAPNG_BOUNDING_SET) ||
	    count(CAPNG_INHERITABLE) || count(CAPNG_AMBIENT))
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 5;
	if (!setuid(0) || !seteuid(0))
		return 6;
	/* Once more changes nothing. */
	return privs_drop(OTHER, NULL, 0) ? 7 : 0;
}

static int one_kept(void)
{
	static const int keep[] = { CAP_NET_ADMIN };

	if (privs_drop(OTHER, keep, 1) || getuid() == 0)
		return 1;
	if (count(CAPNG_PERMITTED) != 1 || count(CAPNG_EFFECTIVE) != 1 ||
	    count(CAPNG_INHERITABLE) || count(CAPNG_AMBIENT) || count(CAPNG_BOUNDING_SET))
		return 2;
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) ? 0 : 3;
}

/* As a service that systemd starts for a user, with an ambient capability. */
static int ambient(void)
{
	const capng_type_t sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE;
	const struct passwd *other = getpwnam(OTHER);

	capng_clear(CAPNG_SELECT_ALL);
	if (!other || capng_updatev(CAPNG_ADD, sets, CAP_NET_ADMIN, CAP_NET_RAW, -1) ||
	    capng_change_id(other->pw_uid, other->pw_gid, CAPNG_DROP_SUPP_GRP) ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) ||
	    count(CAPNG_AMBIENT) != 1)
		return 1;
	if (privs_drop(OTHER, (const int []) { CAP_NET_RAW }, 1))
		return 2;
	if (count(CAPNG_PERMITTED) != 1 || count(CAPNG_AMBIENT) || count(CAPNG_INHERITABLE))
		return 3;
	return privs_drop(NULL, NULL, 0) || count(CAPNG_PERMITTED) ? 4 : 0;
}

/* Root may stay root, without the powers. */
static int same_user(void)
{
	if (privs_drop(NULL, NULL, 0) || geteuid())
		return 1;
	return count(CAPNG_PERMITTED) || count(CAPNG_BOUNDING_SET) ? 2 : 0;
}

static int by_name(void)
{
	return privs_drop("root", NULL, 0) || count(CAPNG_PERMITTED) ? 1 : 0;
}

/* Somebody else cannot become root, or anybody. */
static int already_other(void)
{
	char text[CAPTURE_LEN];
	int status;

	if (privs_drop(OTHER, NULL, 0))
		return 1;
	capture_start();
	status = privs_drop("root", NULL, 0);
	capture_end(text);
	if (!status || !strstr(text, "only root can become somebody else"))
		return 2;
	return privs_drop(NULL, NULL, 0) ? 3 : 0;
}

static int no_such_user(void)
{
	char text[CAPTURE_LEN];
	int status;

	capture_start();
	status = privs_drop("no-such-user-at-all", NULL, 0);
	capture_end(text);
	return status && strstr(text, "there is no such user") ? 0 : 1;
}

static void gives_all_up(void **state)
{
	(void)state;
	needs_root();
	assert_int_equal(run(nothing_kept), 0);
}

static void keeps_one(void **state)
{
	(void)state;
	needs_root();
	assert_int_equal(run(one_kept), 0);
}

static void gives_up_ambient(void **state)
{
	(void)state;
	needs_root();
	assert_int_equal(run(ambient), 0);
}

static void stays_root(void **state)
{
	(void)state;
	needs_root();
	assert_int_equal(run(same_user), 0);
	assert_int_equal(run(by_name), 0);
}

static void cannot_become(void **state)
{
	(void)state;
	assert_int_equal(run(no_such_user), 0);
	needs_root();
	assert_int_equal(run(already_other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_all_up),
		cmocka_unit_test(keeps_one),
		cmocka_unit_test(gives_up_ambient),
		cmocka_unit_test(stays_root),
		cmocka_unit_test(cannot_become),
	};

	return cmocka_run_group_tests_name("privileges", tests, NULL, NULL);
}
