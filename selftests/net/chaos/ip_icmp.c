// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel answers by ICMP to packets of protocol 16, which is nobody's on a host
 * without links of type ip, and must look like it: as another protocol that is nobody's.
 *
 *	raw sockets of the test --- eth0 ---- eth0 --- our host; later with chip0, 3002
 *	10.0.0.1, fd00::1			10.0.0.2, fd00::2
 */
#define _GNU_SOURCE
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <time.h>
#include <linux/errqueue.h>

#include "chip.h"

#define NOBODYS	253		/* for experiments: RFC 3692 */

static struct topo_host us, them, other;

/* Options for the destination that mean nothing: one more header before the protocol's. */
static const uint8_t padding[] = { 0, 0, 1, 4, 0, 0, 0, 0 };

static const struct way {
	const char *what, *from, *to;
	bool extension;
	uint8_t origin, type, code;	/* of the message */
	uint32_t info;			/* IPv6: where the unknown protocol is named */
} ways[] = {
	{ "IPv4", "10.0.0.1", "10.0.0.2", false,
	  SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0 },
	{ "IPv6", "fd00::1", "fd00::2", false,
	  SO_EE_ORIGIN_ICMP6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, 6 },
	{ "IPv6 with an extension header", "fd00::1", "fd00::2", true,
	  SO_EE_ORIGIN_ICMP6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, 40 },
};

/* A socket that is told of errors. */
static int open_way(const struct way *way, int protocol)
{
	bool v4 = !strchr(way->to, ':');
	int on = 1, fd;

	topo_enter(&them);
	fd = chip_open_protocol(way->from, way->to, protocol);
	if (setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on,
		       sizeof(on)))
		tap_bail("RECVERR: %s", strerror(errno));
	if (way->extension && setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, padding,
					 sizeof(padding)))
		tap_bail("IPV6_DSTOPTS: %s", strerror(errno));
	return fd;
}

static void send_request(int fd)
{
	struct wire_frame f;

	tunnel_request(&f, 03002, 03001, 0100, "STATUS");
	chip_send(fd, &f);
}

/* Take the next error.  False if none comes in time, or it is not an ICMP message. */
static bool take_error(int fd, struct sock_extended_err *ee, int ms)
{
	union {
		char space[512];
		struct cmsghdr align;
	} control;
	struct pollfd pfd = { .fd = fd };
	struct msghdr msg = { .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;

	if (poll(&pfd, 1, ms) <= 0 || recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return false;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR) ||
		    (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR)) {
			memcpy(ee, CMSG_DATA(cmsg), sizeof(*ee));
			return true;
		}
	return false;
}

static bool is_refusal(const struct way *way, const struct sock_extended_err *ee)
{
	bool right = ee->ee_origin == way->origin && ee->ee_type == way->type &&
		     ee->ee_code == way->code && ee->ee_info == way->info;

	if (!right)
		tap_diag("origin %u type %u code %u info %u", ee->ee_origin, ee->ee_type,
			 ee->ee_code, ee->ee_info);
	return right;
}

/* Is the protocol unknown there? */
static bool refused(const struct way *way, int protocol)
{
	struct sock_extended_err ee;
	int fd = open_way(way, protocol);
	bool right;

	send_request(fd);
	right = take_error(fd, &ee, NETNS_PATIENCE) && is_refusal(way, &ee);
	close(fd);
	return right;
}

/* Is a packet dropped and counted, and not answered?  An answer would come before that to
 * another protocol's packet which is sent then.
 */
static bool dropped(const struct way *way)
{
	uint64_t before = topo_count(&us, CHAOS_STAT_DROP_IP_SOURCE);
	struct sock_extended_err ee;
	int fd = open_way(way, CHIP_PROTO);
	bool counted, answered;

	send_request(fd);
	counted = topo_wait(NETNS_PATIENCE, topo_count(&us, CHAOS_STAT_DROP_IP_SOURCE) ==
			    before + 1) >= 0;
	answered = !refused(way, NOBODYS) || take_error(fd, &ee, 0);
	close(fd);
	return counted && !answered;
}

static void test_refused(const char *when)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		tap_ok(refused(&ways[i], CHIP_PROTO), "%s: %s is refused", when, ways[i].what);
}

static void test_dropped(const char *when)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		tap_ok(dropped(&ways[i]), "%s: %s is dropped, counted, not answered", when,
		       ways[i].what);
}

static void delete_link(const struct topo_host *h)
{
	topo_enter(h);
	netns_must("chaosctl link del chip0");
}

int main(void)
{
	unsigned int i;

	pair_limit_time();
	topo_host(&other, "OTHER");
	topo_host(&them, "THEM");
	topo_host(&us, "US");
	netns_stay();
	/* We ask more often than hosts like to answer. */
	netns_write("/proc/sys/net/ipv4/icmp_ratelimit", "0");
	netns_write("/proc/sys/net/ipv6/icmp/ratelimit", "0");
	topo_cable(&us, "eth0", &them, "eth0");
	chip_addr(&them, "eth0", "10.0.0.1/24");
	chip_addr(&them, "eth0", "fd00::1/64");
	chip_addr(&us, "eth0", "10.0.0.2/24");
	chip_addr(&us, "eth0", "fd00::2/64");

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		tap_ok(refused(&ways[i], NOBODYS), "another protocol: %s is refused", ways[i].what);
	test_refused("no link");
	chip_link(&other, "chip0", 05002);
	test_refused("link of another host");
	chip_link(&us, "chip0", 03002);
	test_dropped("link without mapping");
	delete_link(&us);
	test_refused("link deleted");
	delete_link(&other);
	test_refused("the other host's, too");
	return tap_done();
}
