// SPDX-License-Identifier: GPL-2.0-or-later
#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "log.h"
#include "privs.h"

/* Tells libcap-ng to leave those of @keep that we have. */
static int choose(const int *keep, size_t n)
{
	bool have[CAP_LAST_CAP + 1] = { false };
	int status = 0;

	for (size_t i = 0; i < n; i++)
		have[keep[i]] = capng_have_capability(CAPNG_PERMITTED, keep[i]);
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < n && !status; i++) {
		if (have[keep[i]])
			status = capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
					      keep[i]);
	}
	return status;
}

/* Whether nothing but @keep is left. */
static bool only_kept(const int *keep, size_t n)
{
	if (capng_get_caps_process())
		return false;
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		bool kept = false;

		for (size_t i = 0; i < n; i++)
			kept = kept || keep[i] == cap;
		if (!kept && capng_have_capability(CAPNG_PERMITTED, cap))
			return false;
	}
	return true;
}

/* Becomes the user, or with -1 stays who we are, with what was chosen. */
static int become(uid_t uid, gid_t gid, bool can_bound)
{
	int flags = CAPNG_CLEAR_AMBIENT;

	if (can_bound)
		flags |= CAPNG_CLEAR_BOUNDING;
	if (uid != (uid_t)-1)
		return capng_change_id(uid, gid, flags | CAPNG_INIT_SUPP_GRP);
	return capng_apply(can_bound ? CAPNG_SELECT_ALL :
				       CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
}

/* Returns -1 after an error if @user is not who we are and we cannot become them. */
static int find_user(const char *user, uid_t *uid, gid_t *gid)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(user);
	if (!entry) {
		log_error("cannot become user '%s': %s", user,
			  errno ? strerror(errno) : "there is no such user");
		return -1;
	}
	if (entry->pw_uid == geteuid())
		return 0;
	if (geteuid()) {
		log_error("cannot become user '%s': only root can become somebody else", user);
		return -1;
	}
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
	return 0;
}

bool privs_have(int cap)
{
	return !capng_get_caps_process() && capng_have_capability(CAPNG_EFFECTIVE, cap);
}

int privs_drop(const char *user, const int *keep, size_t n)
{
	uid_t uid = -1;
	gid_t gid = -1;
	bool can_bound;
	int status;

	if (user && find_user(user, &uid, &gid))
		return -1;
	if (capng_get_caps_process()) {
		log_error("cannot find out which privileges there are");
		return -1;
	}
	can_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	status = choose(keep, n);
	if (!status)
		status = become(uid, gid, can_bound);
	if (status || (uid != (uid_t)-1 && (getuid() != uid || geteuid() != uid))) {
		log_error("cannot give up privileges (libcap-ng: %d)", status);
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		log_error("cannot rule out new privileges: %s", strerror(errno));
		return -1;
	}
	if (!only_kept(keep, n)) {
		log_error("there are more privileges left than there should be");
		return -1;
	}
	return 0;
}
