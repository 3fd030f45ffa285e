/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second process, which plays the server and tells something through a pipe. */
#ifndef PEER_H
#define PEER_H

#include <signal.h>
#include <sys/prctl.h>

#include "netns.h"

struct peer {
	pid_t pid;
	int pipe;
};

/* Fork one, which ends with us; its .pid is 0, and it writes where we read. */
static inline struct peer peer_fork(void)
{
	struct peer p;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	p.pid = fork();
	if (p.pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (!p.pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	p.pipe = fds[!p.pid];
	close(fds[!!p.pid]);
	return p;
}

static inline void peer_tell(const struct peer *p, const void *data, size_t len)
{
	if (write(p->pipe, data, len) != (ssize_t)len)
		exit(1);
}

static inline void peer_hear(const struct peer *p, void *data, size_t len)
{
	if (read(p->pipe, data, len) != (ssize_t)len)
		tap_bail("no word from the other process");
}

/* Wait until it has ended by itself. */
static inline void peer_wait(const struct peer *p)
{
	close(p->pipe);
	waitpid(p->pid, NULL, 0);
}

static inline void peer_kill(const struct peer *p)
{
	kill(p->pid, SIGKILL);
	peer_wait(p);
}

#endif /* PEER_H */
