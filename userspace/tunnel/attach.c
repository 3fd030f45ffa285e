// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach.h"
#include "chaos_addr.h"

#define DEVICE	"/dev/chaos"

_Static_assert(sizeof(((struct chaos_attach *)NULL)->ca_name) == TAP_NAME_LEN, "same names");
_Static_assert(sizeof(((struct ifreq *)NULL)->ifr_name) == TAP_NAME_LEN, "same names");

/* Returns -@error. */
static int fail(char err[TAP_ERRLEN], int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(char err[TAP_ERRLEN], int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err, TAP_ERRLEN, fmt, args);
	va_end(args);
	return -error;
}

/* The device's number is not fixed, so that opening it does not load the module. */
static void load_module(void)
{
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
}

static int open_device(char err[TAP_ERRLEN])
{
	int fd, error;

	load_module();
	fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	error = errno;
	if (error == ENOENT || error == ENODEV || error == ENXIO)
		return fail(err, error, DEVICE ": the kernel module chaos is not loaded");
	return fail(err, error, DEVICE ": cannot be opened: %s", strerror(error));
}

static const char *explain(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "attaching needs CAP_NET_ADMIN, or a persistent link of this user";
	case EBUSY:
		return "another program feeds this link";
	case EINVAL:
		return "the device is not of kind chaos, or the address or peer makes no sense";
	case EADDRINUSE:
	case EEXIST:
		return "the address or the name is in use on another link";
	case ENFILE:
		return "there are too many links";
	default:
		return strerror(error);
	}
}

static void fill(struct chaos_attach *attach, const struct tap_config *config, const char *name)
{
	memset(attach, 0, sizeof(*attach));
	memcpy(attach->ca_name, name, strnlen(name, sizeof(attach->ca_name) - 1));
	attach->ca_flags = CHAOS_ATTACH_BATCH;
	if (config->nocheck)
		attach->ca_flags |= CHAOS_ATTACH_NOCHECK;
}

/* What only CAP_NET_ADMIN may ask for. */
static void fill_changes(struct chaos_attach *attach, const struct tap_config *config)
{
	attach->ca_addr = config->addr;
	attach->ca_peer = config->peer;
	if (config->peer)
		attach->ca_flags |= CHAOS_ATTACH_P2P;
	if (config->persist)
		attach->ca_flags |= CHAOS_ATTACH_PERSIST;
}

static int differs(char err[TAP_ERRLEN], const char *name, const char *what, uint16_t is,
		   uint16_t wanted)
{
	char is_text[CHAOS_ADDR_STRLEN], wanted_text[CHAOS_ADDR_STRLEN];

	return fail(err, EPERM, "%s: %s is %s, not %s, and changing it needs CAP_NET_ADMIN", name,
		    what, is ? chaos_addr_format(is, is_text) : "not set",
		    chaos_addr_format(wanted, wanted_text));
}

/* Whether the link is up; also if that cannot be found out. */
static bool is_up(const char *name)
{
	struct ifreq ifr = { .ifr_flags = 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int status;

	if (fd < 0)
		return true;
	memcpy(ifr.ifr_name, name, sizeof(ifr.ifr_name));
	status = ioctl(fd, SIOCGIFFLAGS, &ifr);
	close(fd);
	return status || ifr.ifr_flags & IFF_UP;
}

/* Whether a link that we may not change is as it is wanted. */
static int compare(const struct chaos_attach *attached, const struct tap_config *config,
		   char err[TAP_ERRLEN])
{
	const char *name = attached->ca_name;

	if (config->addr && attached->ca_addr != config->addr)
		return differs(err, name, "the address of the link", attached->ca_addr,
			       config->addr);
	if (config->peer && attached->ca_peer != config->peer)
		return differs(err, name, "the peer of the link", attached->ca_peer, config->peer);
	if (config->addr && !is_up(name))
		return fail(err, EPERM, "%s: the link is down, and bringing it up needs CAP_NET_ADMIN",
			    name);
	return 0;
}

/*
 * First as configured; without the privileges for that, the link is taken as it is if
 * that is how it should be.
 */
static int attach_file(int fd, const struct tap_config *config, const char *name,
		       struct chaos_attach *attached, char err[TAP_ERRLEN])
{
	fill(attached, config, name);
	fill_changes(attached, config);
	if (!ioctl(fd, CHAOS_ATTACH, attached))
		return 0;
	if (errno == EPERM) {
		fill(attached, config, name);
		if (!ioctl(fd, CHAOS_ATTACH, attached))
			return compare(attached, config, err);
	}
	return fail(err, errno, "%s: %s", *name ? name : DEVICE, explain(errno));
}

int attach_open(const struct tap_config *config, const char *name,
		struct chaos_attach *attached, char err[TAP_ERRLEN])
{
	int fd = open_device(err);
	int status;

	if (fd < 0)
		return fd;
	status = attach_file(fd, config, name, attached, err);
	if (status) {
		close(fd);
		return status;
	}
	attached->ca_name[sizeof(attached->ca_name) - 1] = '\0';
	return fd;
}
