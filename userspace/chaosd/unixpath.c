// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The name of a Unix socket is a file that stays when its program dies.  One that nobody
 * answers at is replaced; a server that lives is left alone.  Lest one that is about to
 * listen is taken for dead, a socket has a name of its own until it listens.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "unixpath.h"

#define BACKLOG		64
#define TRIES		3
#define PIDS		10000000	/* more than there can be processes */

void unixpath_addr(struct sockaddr_un *sun, const char *path)
{
	*sun = (struct sockaddr_un) { .sun_family = AF_UNIX };
	strncpy(sun->sun_path, path, sizeof(sun->sun_path) - 1);
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Returns 0, -errno, or 1 if nobody answers there. */
static int try_connect(const struct sockaddr_un *sun)
{
	int fd = new_socket(), err;

	if (fd < 0)
		return -errno;
	err = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? errno : 0;
	close(fd);
	if (err == ECONNREFUSED)
		return 1;
	/* A full backlog is a sign of life, too. */
	return err == EAGAIN ? 0 : -err;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Between a look at a file and its removal another server may put its own there.  So it
 * is first given a name that nobody else uses, and back if it is not what we looked at.
 */
static int remove_dead(const char *path, const struct stat *dead)
{
	char aside[sizeof(((struct unixpath *)0)->path) + 32];
	struct stat st;

	snprintf(aside, sizeof(aside), "%s.dead.%d", path, getpid());
	if (rename(path, aside))
		return errno == ENOENT ? 0 : -errno;
	if (!lstat(aside, &st) && !same_file(&st, dead)) {
		if (!link(aside, path))
			unlink(aside);
		return -EADDRINUSE;
	}
	return unlink(aside) ? -errno : 0;
}

/* The name is taken.  Returns 0 if it is free now, -errno if it is not. */
static int make_room(const struct sockaddr_un *sun)
{
	struct stat st;
	int status;

	if (lstat(sun->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	status = try_connect(sun);
	if (status <= 0)
		return status ? status : -EADDRINUSE;
	log_info("%s: replaced, nobody answered there", sun->sun_path);
	return remove_dead(sun->sun_path, &st);
}

static int bind_to(int fd, const struct sockaddr_un *sun, mode_t mode)
{
	mode_t mask = umask(~mode & 0777);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? -errno : 0;

	umask(mask);
	return err;
}

/* Which file it is, so that no other is removed in the end. */
static void remember(struct unixpath *name, const char *path)
{
	struct stat st;

	*name = (struct unixpath) {};
	if (lstat(path, &st))
		return;
	snprintf(name->path, sizeof(name->path), "%s", path);
	name->dev = st.st_dev;
	name->ino = st.st_ino;
}

/* Bind to a name that only we use, for now.  Returns 0 or -errno. */
static int bind_aside(int fd, struct sockaddr_un *aside, const char *path, mode_t mode)
{
	char own[sizeof(((struct unixpath *)0)->path) + 32];
	const char *slash = strrchr(path, '/');

	snprintf(own, sizeof(own), "%.*s.chaosd.%d", slash ? (int)(slash - path + 1) : 0, path,
		 getpid());
	if (strlen(own) >= sizeof(aside->sun_path))
		return -ENAMETOOLONG;
	unixpath_addr(aside, own);
	/* Whoever had our process number is dead. */
	if (unlink(own) && errno != ENOENT)
		return -errno;
	return bind_to(fd, aside, mode);
}

/* Give a socket that listens the name where clients look for it.  Returns 0 or -errno. */
static int publish(const struct sockaddr_un *aside, const char *path)
{
	struct sockaddr_un sun;
	int err, i;

	unixpath_addr(&sun, path);
	for (i = 0; i < TRIES; i++) {
		if (!link(aside->sun_path, sun.sun_path))
			return 0;
		if (errno != EEXIST)
			return -errno;
		err = make_room(&sun);
		if (err)
			return err;
	}
	return -EADDRINUSE;
}

/**
 * unixpath_listen() - be the server at a name
 * @name: returned
 * @path: the name
 * @mode: permissions of the file: who may connect
 *
 * Return: the socket, or a negative errno: -EADDRINUSE if there is a server, -EEXIST if
 * the file is no socket.
 */
int unixpath_listen(struct unixpath *name, const char *path, mode_t mode)
{
	int fd = new_socket(), err;
	struct sockaddr_un aside;

	if (fd < 0)
		return -errno;
	err = bind_aside(fd, &aside, path, mode);
	if (err)
		goto close_fd;
	err = listen(fd, BACKLOG) ? -errno : publish(&aside, path);
	/* Both names are of one file, and nobody else touches this one. */
	remember(name, aside.sun_path);
	snprintf(name->path, sizeof(name->path), "%s", path);
	unlink(aside.sun_path);
	if (!err)
		return fd;

close_fd:
	close(fd);
	return err;
}

/**
 * unixpath_set_group() - let a group connect
 * @name: from unixpath_listen()
 * @group: a name; empty: ours
 *
 * Return: 0 or a negative errno: -ESRCH if there is no such group.
 */
int unixpath_set_group(const struct unixpath *name, const char *group)
{
	const struct group *entry = *group ? getgrnam(group) : NULL;

	if (*group && !entry)
		return -ESRCH;
	return lchown(name->path, -1, entry ? entry->gr_gid : getegid()) ? -errno : 0;
}

/**
 * unixpath_client() - a socket that has the kind of name which servers expect of clients
 * @name: returned; to be removed when the socket is closed
 * @server: name of the server; the client's is in the same directory
 * @n: 0 for the first connection of this process, or another number
 *
 * Servers of old look for chaosd_ and the process number there.  Further connections of
 * this process have numbers that no process can have.  Where no name can be made the
 * socket has none: not all servers mind.
 *
 * Return: the socket, or a negative errno.
 */
int unixpath_client(struct unixpath *name, const char *server, unsigned int n)
{
	const char *slash = strrchr(server, '/');
	char path[sizeof(name->path) + 32];
	struct sockaddr_un sun;
	struct stat st;
	int fd, err;

	*name = (struct unixpath) {};
	fd = new_socket();
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "%.*schaosd_%05lld", slash ? (int)(slash - server + 1) : 0,
		 server, (long long)n * PIDS + getpid());
	if (strlen(path) >= sizeof(sun.sun_path))
		return fd;
	unixpath_addr(&sun, path);
	err = bind_to(fd, &sun, 0700);
	/* Whoever had our process number is dead. */
	if (err == -EADDRINUSE && !lstat(path, &st) && S_ISSOCK(st.st_mode) && !unlink(path))
		err = bind_to(fd, &sun, 0700);
	if (err)
		log_info("%s: %s; connecting without a name", path, strerror(-err));
	else
		remember(name, path);
	return fd;
}

/**
 * unixpath_remove() - remove a name of ours
 * @name: may have none; has none then
 */
void unixpath_remove(struct unixpath *name)
{
	struct stat st;

	if (*name->path && !lstat(name->path, &st) && st.st_dev == name->dev &&
	    st.st_ino == name->ino && unlink(name->path))
		log_info("%s: cannot be removed: %s", name->path, strerror(errno));
	*name->path = 0;
}
