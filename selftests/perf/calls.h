/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that processes make, counted by the kernel's tracing.  It keeps a
 * table and writes nothing for each call, so it does not hold up those that are counted.
 */
#ifndef CALLS_H
#define CALLS_H

#include <dirent.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "netns.h"

#define CALLS_TRACING	"/sys/kernel/tracing"
#define CALLS_EVENT	CALLS_TRACING "/events/raw_syscalls/sys_enter"
#define CALLS_TABLE	"hist:keys=common_pid,id:size=4096"

/* What they are for. */
enum { CALLS_READ, CALLS_WRITE, CALLS_SEND, CALLS_RECEIVE, CALLS_WAIT, CALLS_OTHER, CALLS_KINDS };

static inline unsigned int calls_kind(long id)
{
	switch (id) {
	case SYS_read:
	case SYS_readv:
		return CALLS_READ;
	case SYS_write:
	case SYS_writev:
		return CALLS_WRITE;
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_sendmmsg:
		return CALLS_SEND;
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_recvmmsg:
		return CALLS_RECEIVE;
	case SYS_poll:
	case SYS_ppoll:
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
	case SYS_epoll_pwait2:
		return CALLS_WAIT;
	}
	return CALLS_OTHER;
}

static inline void calls_trigger(const char *text)
{
	int fd = open(CALLS_EVENT "/trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_bail("%s: %s", CALLS_EVENT "/trigger", strerror(errno));
	close(fd);
}

static inline void calls_start(void)
{
	if (access(CALLS_EVENT, F_OK) && mount("tracefs", CALLS_TRACING, "tracefs", 0, NULL))
		tap_bail("%s: %s", CALLS_TRACING, strerror(errno));
	calls_trigger(CALLS_TABLE);
}

/* Is it one of the threads of one of these processes? */
static inline bool calls_ours(const pid_t *pids, unsigned int n, pid_t thread)
{
	char path[64];

	while (n--) {
		snprintf(path, sizeof(path), "/proc/%d/task/%d", pids[n], thread);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

/* Add those of some processes, which must still be there. */
static inline void calls_count(const pid_t *pids, unsigned int n, uint64_t calls[CALLS_KINDS])
{
	FILE *f = fopen(CALLS_EVENT "/hist", "re");
	unsigned long long hits;
	char line[256];
	long id;
	int pid;

	if (!f)
		tap_bail("%s: %s", CALLS_EVENT "/hist", strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "{ common_pid: %d, id: %ld } hitcount: %llu", &pid, &id,
			   &hits) == 3 && calls_ours(pids, n, pid))
			calls[calls_kind(id)] += hits;
	fclose(f);
}

static inline void calls_stop(void)
{
	calls_trigger("!" CALLS_TABLE);
}

#endif /* CALLS_H */
