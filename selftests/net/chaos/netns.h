/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts for a test program: network namespaces, cables, addresses.
 *
 *	int a = netns_new(), b = netns_new();
 *
 *	netns_veth(a, "eth0", b, "eth0");
 *	netns_host(a, "eth0", 0401, "ALPHA");
 *	netns_host(b, "eth0", 0402, "BETA");
 *	netns_enter(a);
 *	... sockets made from here on are those of host a ...
 *
 * A namespace is a file descriptor; it goes with the program.  Where something
 * of this fails the program ends with "Bail out!".  Programs define _GNU_SOURCE.
 */
#ifndef NETNS_H
#define NETNS_H

#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/chaos.h>

#include "tap.h"

#define NETNS_OUTPUT 8192	/* of a command, at most */

/* ms: what should happen has happened by then, on machines that are slow, too.  Tests
 * that wait for something wait so long; what they wait in vain for costs this time.
 */
#define NETNS_PATIENCE 20000

/* Milliseconds of a clock that only goes forward. */
static inline long long netns_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static inline void netns_sleep(unsigned int ms)
{
	const struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
}

/* The tree's tools come first in PATH; we are TREE/selftests/net/chaos/PROGRAM. */
static inline void netns_set_path(void)
{
	char self[PATH_MAX], path[3 * PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	unsigned int up;
	char *slash;

	if (len < 0)
		tap_bail("/proc/self/exe: %s", strerror(errno));
	self[len] = 0;
	for (up = 0; up < 4; up++) {
		slash = strrchr(self, '/');
		if (slash)
			*slash = 0;
	}
	snprintf(path, sizeof(path), "%s/tools/chaosctl:%s/tools/chaos:%s", self, self,
		 getenv("PATH") ?: "/usr/sbin:/usr/bin:/sbin:/bin");
	setenv("PATH", path, 1);
}

static inline void netns_write(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;		/* a kernel without this knob does not need it */
	if (write(fd, text, strlen(text)) < 0)
		tap_diag("%s: %s", file, strerror(errno));
	close(fd);
}

static inline void netns_dev_up(const char *dev, bool up)
{
	struct ifreq ifr = {};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		tap_bail("%s: %s", dev, strerror(errno));
	ifr.ifr_flags = up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		tap_bail("%s: %s", dev, strerror(errno));
	close(fd);
}

/* Skip everything where there is no root or no module. */
static inline void netns_check(void)
{
	static bool checked;
	int fd;

	if (checked)
		return;
	checked = true;
	if (geteuid())
		tap_skip_all("needs root");
	fd = socket(AF_CHAOS, SOCK_STREAM, 0);
	if (fd < 0)
		tap_skip_all("socket(AF_CHAOS): %s", strerror(errno));
	close(fd);
	netns_set_path();
}

/* Stay on one processor: what is sent from there is received in this order, and before
 * the next system call ends.
 */
static inline void netns_stay(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		tap_bail("sched_setaffinity: %s", strerror(errno));
}

/* A new host with nothing but lo; we are there on return.  IPv6 is off: its
 * neighbour discovery would be heard on the cables.
 */
static inline int netns_new(void)
{
	int ns;

	netns_check();
	if (unshare(CLONE_NEWNET))
		tap_skip_all("unshare: %s", strerror(errno));
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		tap_bail("/proc/self/ns/net: %s", strerror(errno));
	netns_write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	netns_write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	netns_dev_up("lo", true);
	return ns;
}

static inline void netns_enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		tap_bail("setns: %s", strerror(errno));
}

/* Run a shell command where we are; what it prints goes to @output, of
 * NETNS_OUTPUT bytes.  Returns its exit status.
 */
__printf(2, 3)
static inline int netns_run(char *output, const char *format, ...)
{
	char command[1024];
	va_list args;
	size_t len;
	FILE *pipe;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command) - 8, format, args);
	va_end(args);
	strcat(command, " 2>&1");
	pipe = popen(command, "re");
	if (!pipe)
		tap_bail("%s: %s", command, strerror(errno));
	len = fread(output, 1, NETNS_OUTPUT - 1, pipe);
	output[len] = 0;
	status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The same for a command that must succeed and prints nothing of interest. */
__printf(1, 2)
static inline void netns_must(const char *format, ...)
{
	char command[1024], output[NETNS_OUTPUT];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (netns_run(output, "%s", command))
		tap_bail("%s: %s", command, output);
}

/* A cable between two hosts, or from a host to itself; both ends are up.  We
 * are in @a on return.
 */
static inline void netns_veth(int a, const char *dev_a, int b, const char *dev_b)
{
	netns_enter(a);
	netns_must("ip link add %s type veth peer name %s netns /proc/%d/fd/%d",
		   dev_a, dev_b, getpid(), b);
	netns_enter(b);
	netns_dev_up(dev_b, true);
	netns_enter(a);
	netns_dev_up(dev_a, true);
}

/* Wait until an address of the host is @state ("valid") and none is tentative.  The
 * kernel may still be about to announce it: see wire_announced().
 */
static inline bool netns_wait_addr(const char *state)
{
	long long end = netns_now() + NETNS_PATIENCE;
	char output[NETNS_OUTPUT];

	do {
		if (!netns_run(output, "chaosctl addr show") && strstr(output, state) &&
		    !strstr(output, "tentative"))
			return true;
		netns_sleep(50);
	} while (netns_now() < end);
	return false;
}

/* Give a host an address on a device, and a name unless it is NULL.  The address
 * can be used at once; it is still tentative.  We are there on return.
 */
static inline void netns_host(int ns, const char *dev, unsigned int addr, const char *name)
{
	netns_enter(ns);
	netns_must("chaosctl link add %s", dev);
	netns_must("chaosctl addr add %o dev %s", addr, dev);
	if (name)
		netns_must("chaosctl set name %s", name);
}

#endif /* NETNS_H */
