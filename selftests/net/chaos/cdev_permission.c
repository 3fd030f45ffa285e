// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may attach to a link: the administrator to any; others only to one that is there,
 * and theirs or their group's, and then they change nothing.
 *
 *	own0	user 3001, address 401, up
 *	grp0	group 3002, peer 402, down
 *	any0	neither
 */
#define _GNU_SOURCE
#include <grp.h>

#include "cdev.h"
#include "nlreq.h"

enum { OWNER = 3001, GROUP = 3002, STRANGER = 3003 };

/* Whom a child becomes before it attaches. */
enum who {
	ROOT,			/* as we are */
	POWERLESS,		/* root in a user namespace of its own */
	OWN_NS,			/* the same, with a network namespace */
	A_STRANGER,
	THE_OWNER,
	THE_GROUP,		/* by its main group */
	A_MEMBER,		/* by another group */
	OWNER_ELSEWHERE,	/* in a user namespace of its own */
};

static const struct row {
	enum who who;
	const char *name;
	unsigned int flags;
	uint16_t addr, peer;
	int error;
	const char *what;
} rows[] = {
	{ ROOT, "any0", 0, 0, 0, 0, "root, any link" },
	{ ROOT, "new0", 0, 0407, 0, 0, "root, a new link" },
	{ POWERLESS, "any0", 0, 0, 0, EPERM, "root of another user namespace" },
	{ POWERLESS, "own0", 0, 0, 0, EPERM, "root of another user namespace, owned link" },
	{ POWERLESS, "new0", 0, 0, 0, EPERM, "root of another user namespace, new link" },
	{ OWN_NS, "new0", CHAOS_ATTACH_PERSIST, 0401, 0, 0, "root of its own namespaces" },
	{ A_STRANGER, "any0", 0, 0, 0, EPERM, "a stranger, link of nobody" },
	{ A_STRANGER, "own0", 0, 0, 0, EPERM, "a stranger, owned link" },
	{ A_STRANGER, "grp0", 0, 0, 0, EPERM, "a stranger, a group's link" },
	{ A_STRANGER, "new0", 0, 0, 0, EPERM, "a stranger, a new link" },
	{ A_STRANGER, "new%d", 0, 0, 0, EPERM, "a stranger, a new link with any number" },
	{ A_STRANGER, "", 0, 0, 0, EPERM, "a stranger, a new link with any name" },
	{ A_STRANGER, "lo", 0, 0, 0, EINVAL, "a stranger, another kind of device" },
	{ THE_OWNER, "own0", 0, 0, 0, 0, "the owner" },
	{ THE_OWNER, "own0", CHAOS_ATTACH_BATCH | CHAOS_ATTACH_NOCHECK, 0, 0, 0,
	  "the owner, flags of the file" },
	{ THE_OWNER, "own0", CHAOS_ATTACH_PERSIST, 0, 0, 0, "the owner, persistent as it is" },
	{ THE_OWNER, "own0", 0, 0401, 0, 0, "the owner, the address it has" },
	{ THE_OWNER, "own0", 0, 0403, 0, EPERM, "the owner, another address" },
	{ THE_OWNER, "own0", CHAOS_ATTACH_P2P, 0, 0402, EPERM, "the owner, a peer" },
	{ THE_OWNER, "any0", 0, 0, 0, EPERM, "the owner, another link" },
	{ THE_OWNER, "grp0", 0, 0, 0, EPERM, "the owner, a group's link" },
	{ THE_GROUP, "grp0", 0, 0, 0, 0, "the group" },
	{ THE_GROUP, "own0", 0, 0, 0, EPERM, "the group, owned link" },
	{ A_MEMBER, "grp0", 0, 0, 0, 0, "a member of the group" },
	{ A_MEMBER, "grp0", CHAOS_ATTACH_P2P, 0, 0402, 0, "a member, the peer it has" },
	{ A_MEMBER, "grp0", CHAOS_ATTACH_P2P, 0, 0404, EPERM, "a member, another peer" },
	{ A_MEMBER, "grp0", 0, 0405, 0, EPERM, "a member, the address it has, but it is down" },
	{ OWNER_ELSEWHERE, "own0", 0, 0, 0, 0, "the owner in another user namespace" },
	{ OWNER_ELSEWHERE, "new0", 0, 0, 0, EPERM, "the owner in another user namespace, new" },
};

static void become_ids(uid_t uid, gid_t gid, gid_t other)
{
	if (setgroups(!!other, &other) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		tap_bail("becoming %u: %s", uid, strerror(errno));
}

static void become(enum who who)
{
	int spaces = 0;

	switch (who) {
	case ROOT:
		break;
	case POWERLESS:
		spaces = CLONE_NEWUSER;
		break;
	case OWN_NS:
		spaces = CLONE_NEWUSER | CLONE_NEWNET;
		break;
	case A_STRANGER:
		become_ids(STRANGER, STRANGER, 0);
		break;
	case THE_OWNER:
		become_ids(OWNER, STRANGER, 0);
		break;
	case THE_GROUP:
		become_ids(STRANGER, GROUP, 0);
		break;
	case A_MEMBER:
		become_ids(STRANGER, STRANGER, GROUP);
		break;
	case OWNER_ELSEWHERE:
		become_ids(OWNER, STRANGER, 0);
		spaces = CLONE_NEWUSER;
		break;
	}
	if (spaces && unshare(spaces))
		_exit(254);
}

/* Attach in a child.  Returns the errno, 0 for success. */
static int attempt(const struct row *row)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		int fd;

		become(row->who);
		fd = open(CDEV_NODE, O_RDWR);
		if (fd < 0)
			_exit(255);
		_exit(cdev_attach(fd, row->name, row->flags, row->addr, row->peer, NULL) ?
		      errno : 0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		tap_bail("a child died");
	return WEXITSTATUS(status);
}

static void make_link(struct genl *g, const char *name, uint16_t attr, uint32_t id)
{
	struct nlreq r;

	nlreq_genl(&r, g, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, name);
	nlreq_str(&r, CHAOS_LINK_A_TYPE, "chaos");
	if (attr)
		nlreq_u32(&r, attr, id);
	if (attr == CHAOS_LINK_A_GID)
		nlreq_u16(&r, CHAOS_LINK_A_PEER, 0402);
	nlreq_must(g->fd, &r, name);
}

int main(void)
{
	struct genl g;
	unsigned int i;

	netns_new();
	genl_open(&g);
	make_link(&g, "own0", CHAOS_LINK_A_UID, OWNER);
	make_link(&g, "grp0", CHAOS_LINK_A_GID, GROUP);
	make_link(&g, "any0", 0, 0);
	netns_must("chaosctl addr add 401 dev own0 && ip link set own0 up && "
		   "chaosctl addr add 405 dev grp0");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_eq(attempt(&rows[i]), rows[i].error, "%s: %s", rows[i].what,
		       rows[i].error ? strerrorname_np(rows[i].error) : "may");
	return tap_done();
}
