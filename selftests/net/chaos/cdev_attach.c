// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attaching files of /dev/chaos to links: what is made, what is returned, what the device
 * looks like, and what is refused.
 */
#define _GNU_SOURCE
#include "cdev.h"

enum { HERE = 0401, ELSEWHERE = 0402, THIRD = 0403, OTHER = 02001 };

/* The host of most tests, and another one. */
static int home, away;

static bool exists(const char *name)
{
	return if_nametoindex(name);
}

static unsigned int device_count(void)
{
	struct if_nameindex *all = if_nameindex();
	unsigned int n = 0;

	while (all && all[n].if_index)
		n++;
	if_freenameindex(all);
	return n;
}

/* Wait until what a command prints has this text. */
static bool shows_eventually(const char *command, const char *text)
{
	long long end = netns_now() + NETNS_PATIENCE;
	char output[NETNS_OUTPUT];

	do {
		netns_run(output, "%s", command);
		if (strstr(output, text))
			return true;
		netns_sleep(50);
	} while (netns_now() < end);
	tap_diag("%s", output);
	return false;
}

static bool shows(const char *command, const char *text)
{
	char output[NETNS_OUTPUT];

	netns_run(output, "%s", command);
	if (strstr(output, text))
		return true;
	tap_diag("%s", output);
	return false;
}

static bool hides(const char *command, const char *text)
{
	char output[NETNS_OUTPUT];

	return !netns_run(output, "%s", command) && !strstr(output, text);
}

/* What is refused whoever asks. */
static const struct refusal {
	const char *what;
	int error;
	struct chaos_attach request;
} refusals[] = {
	{ "first reserved word", EINVAL, { .ca_name = "x", .ca_reserved = { 1 } } },
	{ "last reserved word", EINVAL, { .ca_name = "x", .ca_reserved = { [3] = 1u << 31 } } },
	{ "unknown flag 020", EINVAL, { .ca_name = "x", .ca_flags = 020 } },
	{ "unknown highest flag", EINVAL, { .ca_name = "x", .ca_flags = 1u << 31 } },
	{ "unterminated name", EINVAL, { .ca_name = "abcdefghijklmnop" } },
	{ "name with a slash", EINVAL, { .ca_name = "a/b" } },
	{ "name with a space", EINVAL, { .ca_name = "a b" } },
	{ "name with a colon", EINVAL, { .ca_name = "a:b" } },
	{ "name .", EINVAL, { .ca_name = "." } },
	{ "name ..", EINVAL, { .ca_name = ".." } },
	{ "name %", EINVAL, { .ca_name = "%" } },
	{ "name %s", EINVAL, { .ca_name = "%s" } },
	{ "name %d%d", EINVAL, { .ca_name = "%d%d" } },
	{ "another kind of device", EINVAL, { .ca_name = "lo" } },
	{ "an address without subnet", EINVAL, { .ca_name = "x", .ca_addr = 1 } },
	{ "an address without host", EINVAL, { .ca_name = "x", .ca_addr = 0400 } },
	{ "an address in use", EADDRINUSE, { .ca_name = "x", .ca_addr = HERE } },
	{ "a route in the way", EEXIST, { .ca_name = "x", .ca_addr = 01001 } },
	{ "point-to-point without peer", EINVAL,
	  { .ca_name = "x", .ca_flags = CHAOS_ATTACH_P2P } },
	{ "a peer without host", EINVAL,
	  { .ca_name = "x", .ca_flags = CHAOS_ATTACH_P2P, .ca_peer = 0400 } },
	{ "a peer without point-to-point", EINVAL, { .ca_name = "x", .ca_peer = ELSEWHERE } },
	{ "itself as peer", EINVAL,
	  { .ca_name = "x", .ca_flags = CHAOS_ATTACH_P2P, .ca_addr = THIRD, .ca_peer = THIRD } },
};

static void test_refusals(void)
{
	int other = cdev_link("other0", 0, HERE, 0), fd = cdev_open(0);
	unsigned int devices = device_count(), i;

	netns_must("chaosctl route add host 1001 via 402");
	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct chaos_attach a = refusals[i].request;

		tap_errno(ioctl(fd, CHAOS_ATTACH, &a), refusals[i].error, "refused: %s",
			  refusals[i].what);
		if (memcmp(&a, &refusals[i].request, sizeof(a)))
			tap_ok(false, "%s: the request is as it was", refusals[i].what);
	}
	tap_errno(ioctl(fd, CHAOS_ATTACH, NULL), EFAULT, "refused: no request");
	tap_errno(ioctl(fd, CHAOS_ATTACH + 1, &i), ENOTTY, "refused: another ioctl");
	tap_eq(device_count(), devices, "nothing was made of all this");
	tap_eq(cdev_attach(fd, "x", 0, 0, 0, NULL), 0, "the file can attach after all this");
	close(fd);
	close(other);
}

/* A file that feeds nothing. */
static void test_unattached(void)
{
	int fd = cdev_open(0);
	char buf[CHAOS_RECORD_MIN] = {};
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };

	tap_errno(read(fd, buf, sizeof(buf)), EBADFD, "not attached: read");
	tap_errno(read(fd, buf, 0), EBADFD, "not attached: read of nothing");
	tap_errno(write(fd, buf, sizeof(buf)), EBADFD, "not attached: write");
	tap_ok(poll(&pfd, 1, 0) == 1 && pfd.revents & POLLERR && pfd.revents & POLLHUP,
	       "not attached: poll says so");
	tap_errno(pread(fd, buf, sizeof(buf), 0), ESPIPE, "no position: pread");
	tap_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "no position: lseek");
	close(fd);
}

/* What name asks for which, given chaos0 and tun0. */
static void test_names(void)
{
	static const struct {
		const char *name, *got;
	} rows[] = {
		{ "", "chaos1" },
		{ "tun%d", "tun1" },
		{ "a%db", "a0b" },
		{ "%d", "0" },
		{ "chaos%d", "chaos1" },
		{ "fifteen.letters", "fifteen.letters" },
	};
	int chaos0 = cdev_link("", 0, 0, 0), tun0 = cdev_link("tun%d", 0, 0, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct chaos_attach a;
		int fd = cdev_open(0);

		cdev_attach(fd, rows[i].name, 0, 0, 0, &a);
		if (!tap_ok(!strcmp(a.ca_name, rows[i].got), "the name \"%s\" makes %s",
			    rows[i].name, rows[i].got))
			tap_diag("got %s", a.ca_name);
		tap_ok(exists(rows[i].got), "%s is there", rows[i].got);
		close(fd);
		tap_ok(!exists(rows[i].got), "%s goes with the file", rows[i].got);
	}
	close(chaos0);
	close(tun0);
}

/* What is asked, and what is returned, of a new link. */
static void test_results(void)
{
	enum { B = CHAOS_ATTACH_BATCH, P = CHAOS_ATTACH_PERSIST, P2P = CHAOS_ATTACH_P2P,
	       N = CHAOS_ATTACH_NOCHECK };
	static const struct {
		unsigned int flags, addr, peer;
	} rows[] = { { 0, 0, 0 }, { B, 0, 0 }, { N, HERE, 0 }, { P2P, 0, ELSEWHERE },
		     { B | P2P | N, HERE, ELSEWHERE }, { B | P | P2P | N, HERE, THIRD } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct chaos_attach a = {}, want = {
			.ca_name = "r0", .ca_flags = rows[i].flags, .ca_addr = rows[i].addr,
			.ca_peer = rows[i].peer,
		};
		int fd = cdev_open(0);

		tap_eq(cdev_attach(fd, "r%d", rows[i].flags, rows[i].addr, rows[i].peer, &a), 0,
		       "flags %#x, address %o, peer %o", rows[i].flags, rows[i].addr,
		       rows[i].peer);
		if (!tap_ok(!memcmp(&a, &want, sizeof(a)), "... are returned"))
			tap_diag("%s %#x %o %o", a.ca_name, a.ca_flags, a.ca_addr, a.ca_peer);
		close(fd);
	}
	netns_must("ip link del r0");
}

static void test_device(void)
{
	int fd = cdev_link("dev0", 0, 0, 0), up = cdev_link("dev1", 0, 06041, 0);
	char output[NETNS_OUTPUT];

	netns_run(output, "ip -d -o link show dev0");
	tap_ok(strstr(output, "NOARP") && !strstr(output, "UP>") && !strstr(output, ",UP") &&
	       !strstr(output, "MULTICAST"), "without address: the device is down");
	tap_ok(strstr(output, " mtu 504 ") && strstr(output, " qlen 500") &&
	       strstr(output, "link/ether 02:43:48:00:00:00 brd ff:ff:ff:ff:ff:ff") &&
	       strstr(output, " chaos "), "... mtu 504, queue of 500, MAC of no host, kind chaos");
	tap_ok(shows("ip -o link show dev1", "UP,LOWER_UP"), "with address: the device is up");
	tap_ok(shows("ip -o link show dev1", "02:43:48:00:0c:21"), "... its MAC has the address");
	tap_ok(shows("chaosctl addr show", "6041"), "... the host has the address");
	tap_ok(shows("chaosctl route show", "dev1"), "... and a route to the subnet");
	netns_must("chaosctl addr add %o dev dev0", HERE);
	tap_ok(shows("ip -o link show dev0", "02:43:48:00:01:01"), "the MAC follows the address");
	netns_must("chaosctl addr del %o dev dev0", HERE);
	tap_ok(shows("ip -o link show dev0", "02:43:48:00:00:00"), "... when that goes, too");

	tap_ok(netns_run(output, "ip link set dev0 mtu 505"), "another MTU is refused");
	tap_ok(netns_run(output, "ip link set dev0 address 02:00:00:00:00:01"),
	       "another MAC is refused");
	tap_ok(netns_run(output, "ip link add d2 address 02:00:00:00:00:01 type chaos") &&
	       strstr(output, "made from the Chaosnet address"), "... in a new device, too");
	tap_ok(netns_run(output, "ip link add d2 mtu 1500 type chaos"), "... and another MTU");
	tap_ok(!exists("d2"), "... and none is made");
	close(fd);
	close(up);
}

/* A link that outlives its file, and what is found when another file attaches. */
static void test_persistent(void)
{
	enum { FLAGS = CHAOS_ATTACH_PERSIST | CHAOS_ATTACH_P2P };
	int fd = cdev_link("p0", FLAGS | CHAOS_ATTACH_BATCH, HERE, ELSEWHERE);
	struct chaos_attach a;

	close(fd);
	tap_ok(exists("p0"), "a persistent link stays");
	tap_ok(shows("ip -o link show p0", "NO-CARRIER"), "... without carrier");
	fd = cdev_open(0);
	tap_eq(cdev_attach(fd, "p0", 0, 0, 0, &a), 0, "another file attaches to it");
	tap_eq(a.ca_flags, FLAGS, "... flags of the link stay, those of the file do not");
	tap_ok(a.ca_addr == HERE && a.ca_peer == ELSEWHERE, "... address and peer are returned");
	tap_ok(shows_eventually("ip -o link show p0", "UP,LOWER_UP"), "... there is carrier");
	close(fd);
	tap_ok(shows_eventually("ip -o link show p0", "NO-CARRIER"), "... that goes again");

	fd = cdev_link("p0", CHAOS_ATTACH_P2P, ELSEWHERE, HERE);
	tap_ok(shows("chaosctl addr show", "402"), "the administrator changes address and peer");
	close(fd);
	netns_must("ip link set p0 down && ip link set p0 name p1");
	fd = cdev_open(0);
	tap_eq(cdev_attach(fd, "p1", 0, 0, 0, &a), 0, "a renamed link is found");
	tap_ok(a.ca_addr == ELSEWHERE && a.ca_peer == HERE, "... as it was");
	close(fd);
	netns_must("ip link del p1");

	fd = cdev_link("p2", 0, 0, 0);
	close(fd);
	tap_ok(!exists("p2"), "a link that is not persistent goes");
	netns_must("ip link add p3 type chaos");
	fd = cdev_open(0);
	cdev_attach(fd, "p3", 0, 0, 0, &a);
	tap_eq(a.ca_flags, CHAOS_ATTACH_PERSIST, "a link made by ip is persistent");
	close(fd);
	tap_ok(exists("p3"), "... and stays");
	netns_must("ip link del p3");
}

/* A refusal leaves the link as it was. */
static void test_unchanged(void)
{
	int fd = cdev_link("u1", 0, OTHER, 0), second;

	netns_must("ip link add u0 type chaos && chaosctl addr add %o dev u0 && "
		   "ip link set u0 up && chaosctl route add subnet 11 via %o dev u0 && "
		   "chaosctl route add host 5001 via %o", HERE, ELSEWHERE, ELSEWHERE);
	second = cdev_open(0);
	tap_errno(cdev_attach(second, "u0", CHAOS_ATTACH_P2P, OTHER, ELSEWHERE, NULL), EADDRINUSE,
		  "an address of another link is refused");
	tap_ok(shows("chaosctl addr show", "401"), "... the old one stays");
	tap_ok(shows("chaosctl route show", "11"), "... with its routes");
	tap_errno(cdev_attach(second, "u0", 0, 05001, 0, NULL), EEXIST,
		  "an address with a route elsewhere is refused");
	tap_ok(shows("chaosctl addr show", "401"), "... the old one stays");
	tap_errno(cdev_attach(second, "u0", CHAOS_ATTACH_P2P, 0, HERE, NULL), EINVAL,
		  "the link's own address as peer is refused");
	tap_errno(cdev_attach(second, "u1", 0, 0, 0, NULL), EBUSY, "a link that is fed is busy");
	tap_errno(cdev_attach(second, "u1", 0, 0407, 0, NULL), EBUSY, "... with an address, too");
	tap_ok(hides("chaosctl addr show", "407"), "... and keeps its own");
	tap_eq(cdev_attach(second, "u0", 0, 0, 0, NULL), 0, "the file attaches after all this");
	tap_errno(cdev_attach(second, "u0", 0, 0, 0, NULL), EBUSY, "... but once");
	tap_errno(cdev_attach(second, "u5", 0, 0, 0, NULL), EBUSY, "... also to another link");
	close(fd);
	netns_must("ip link del u0");
	tap_errno(cdev_attach(second, "u5", 0, 0, 0, NULL), EBUSY,
		  "... also when its link is gone");
	close(second);
}

/* A link belongs to where its file was opened. */
static void test_namespaces(void)
{
	int fd = cdev_open(0);

	netns_enter(away);
	tap_eq(cdev_attach(fd, "n0", 0, HERE, 0, NULL), 0, "attaching from another namespace");
	tap_ok(!exists("n0"), "... makes no link there");
	netns_enter(home);
	tap_ok(exists("n0"), "... but where the file was opened");

	netns_must("ip link set n0 netns /proc/%d/fd/%d", getpid(), away);
	tap_ok(!exists("n0") && hides("chaosctl link show", "n0"), "a link is moved");
	netns_enter(away);
	tap_ok(exists("n0") && shows("chaosctl link show", "n0"), "... to another namespace");
	tap_ok(shows("ip -o link show n0", "02:43:48:00:00:00"), "... and has no address there");
	netns_must("chaosctl addr add %o dev n0 && ip link set n0 up", THIRD);
	tap_ok(shows("ip -o link show n0", "LOWER_UP"), "... but is still fed");
	close(fd);
	tap_ok(!exists("n0"), "... and goes with its file");
	netns_enter(home);
}

int main(void)
{
	away = netns_new();
	home = netns_new();
	test_unattached();
	test_refusals();
	test_names();
	test_results();
	test_device();
	test_persistent();
	test_unchanged();
	test_namespaces();
	return tap_done();
}
