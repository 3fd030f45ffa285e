// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is outside of Chaosnet packets in IP: the longest one is short enough for every
 * path and may not be cut up; TTL is the link's, TOS nobody's.
 *
 *	packet socket --- eth0 ---- eth0 --- chip0 (our host)
 */
#define _GNU_SOURCE
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netpacket/packet.h>
#include "chip.h"

enum { US = 0402, THEM = 0401 };

#define MOST	(16 + CHAOS_DATA_MAX + CHAOS_TRAILER_LEN)

/* The longest packet there is, to @host: a request, which our host sends until answered. */
static void send_longest(int fd, uint16_t host)
{
	struct sockaddr_chaos to = {
		.sch_family = AF_CHAOS, .sch_addr = host, .sch_contact = "X",
	};
	char arguments[CHAOS_DATA_MAX - 2];

	memset(arguments, 'a', sizeof(arguments));
	if (sendto(fd, arguments, sizeof(arguments), 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		tap_bail("sendto: %s", strerror(errno));
}

/* The next packet of protocol 16 at a packet socket. */
static void next_packet(int fd, uint8_t *bytes, size_t room)
{
	long long end = netns_now() + NETNS_PATIENCE;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	while (netns_now() < end) {
		ssize_t len;

		if (poll(&pfd, 1, end - netns_now()) <= 0)
			break;
		len = recv(fd, bytes, room, 0);
		if (len > 40 && (bytes[0] >> 4 == 4 ? bytes[9] : bytes[6]) == CHIP_PROTO)
			return;
	}
	tap_bail("no packet came");
}

static void test_header4(int fd, unsigned int ttl)
{
	uint8_t bytes[CHIP_ROOM];
	struct iphdr *ip = (struct iphdr *)bytes;

	next_packet(fd, bytes, sizeof(bytes));
	tap_eq(ntohs(ip->tot_len), 20 + MOST, "IPv4: the length");
	tap_ok(ntohs(ip->tot_len) <= 576, "... fits every path");
	tap_eq(ntohs(ip->frag_off), IP_DF, "... and must not be cut up");
	tap_eq(ip->ihl, 5, "... no options");
	tap_eq(ip->tos, 0, "... TOS and ECN");
	tap_eq(ip->ttl, ttl, "... TTL");
}

static void test_header6(int fd, unsigned int ttl)
{
	uint8_t bytes[CHIP_ROOM];
	struct ip6_hdr *ip = (struct ip6_hdr *)bytes;

	next_packet(fd, bytes, sizeof(bytes));
	tap_eq(ntohs(ip->ip6_plen), MOST, "IPv6: the length");
	tap_eq(ntohl(ip->ip6_flow) >> 20 & 0xff, 0, "... traffic class");
	tap_eq(ip->ip6_hlim, ttl, "... hop limit");
}

static void test_family(const char *them_ip, const char *us_ip, const char *prefixlen,
			int type, void (*test)(int fd, unsigned int ttl))
{
	struct topo_host us, them;
	char addr[64];
	int fd, sock;

	topo_host(&them, "THEM");
	topo_host(&us, "US");
	topo_cable(&us, "eth0", &them, "eth0");
	snprintf(addr, sizeof(addr), "%s/%s", them_ip, prefixlen);
	chip_addr(&them, "eth0", addr);
	snprintf(addr, sizeof(addr), "%s/%s", us_ip, prefixlen);
	chip_addr(&us, "eth0", addr);
	chip_link(&us, "chip0", US);
	chip_map(&us, "chip0", THEM, them_ip);

	topo_enter(&them);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(type));
	topo_enter(&us);
	sock = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sock < 0)
		tap_bail("socket: %s", strerror(errno));
	send_longest(sock, THEM);
	test(fd, 64);
	close(sock);

	netns_must("chaosctl link set chip0 ttl 9");
	sock = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	close(fd);
	topo_enter(&them);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(type));
	topo_enter(&us);
	if (fd < 0 || sock < 0)
		tap_bail("socket: %s", strerror(errno));
	send_longest(sock, THEM);
	test(fd, 9);
	close(sock);
	close(fd);
}

int main(void)
{
	test_family("10.97.0.1", "10.97.0.2", "24", ETH_P_IP, test_header4);
	test_family("fd00:97::1", "fd00:97::2", "64", ETH_P_IPV6, test_header6);
	return tap_done();
}
