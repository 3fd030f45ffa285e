/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network in which single operations are measured:
 *
 *	client eth0 ------------------------- eth0 server	subnet 1, 10.9.1.0/24
 *	client eth1 --- in router out ------- eth1 server	subnets 2 and 3
 *	client chip0, ipip0 ..... chip0, ipip0 server		subnet 4, tunnels on eth0
 *
 * All hardware addresses and routes are fixed, no offloads are on, and nobody sends
 * anything by himself.
 */
#ifndef LAB_H
#define LAB_H

#include <arpa/inet.h>
#include <netinet/in.h>

#include "cable.h"
#include "topo.h"

enum { NEAR, FAR, N_ENDS };
enum { LAB_DIRECT = 1, LAB_IN, LAB_OUT, LAB_TUNNEL };	/* subnets */
enum { LAB_NEAR = 1, LAB_FAR, LAB_ROUTER };		/* hosts of them */

static struct topo_host lab_hosts[N_ENDS], lab_router;

static inline void lab_enter(unsigned int end)
{
	topo_enter(&lab_hosts[end]);
}

static inline uint16_t lab_addr(unsigned int subnet, unsigned int host)
{
	return subnet << 8 | host;
}

static inline struct sockaddr_in lab_ip(unsigned int subnet, unsigned int host, unsigned int port)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(10 << 24 | 9 << 16 | subnet << 8 | host),
	};
}

/* Device @dev of a host becomes @host on a subnet, whose only other one is @peer. */
static inline void lab_link(const struct topo_host *h, const char *dev, unsigned int subnet,
			    unsigned int host, unsigned int peer)
{
	topo_enter(h);
	netns_must("ip link set %s address 02:00:00:00:%02x:%02x && "
		   "ip addr add 10.9.%u.%u/24 dev %s && "
		   "ip neigh add 10.9.%u.%u lladdr 02:00:00:00:%02x:%02x dev %s",
		   dev, subnet, host, subnet, host, dev, subnet, peer, subnet, peer, dev);
	topo_addr(h, dev, lab_addr(subnet, host));
	topo_link_set(h, dev, CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:%02x:%02x dev %s",
		   lab_addr(subnet, peer), subnet, peer, dev);
	offloads_set(dev, false);
}

static inline void lab_cables(void)
{
	topo_cable(&lab_hosts[NEAR], "eth0", &lab_hosts[FAR], "eth0");
	topo_cable(&lab_hosts[NEAR], "eth1", &lab_router, "in");
	topo_cable(&lab_router, "out", &lab_hosts[FAR], "eth1");
	lab_link(&lab_hosts[NEAR], "eth0", LAB_DIRECT, LAB_NEAR, LAB_FAR);
	lab_link(&lab_hosts[FAR], "eth0", LAB_DIRECT, LAB_FAR, LAB_NEAR);
	lab_link(&lab_hosts[NEAR], "eth1", LAB_IN, LAB_NEAR, LAB_ROUTER);
	lab_link(&lab_router, "in", LAB_IN, LAB_ROUTER, LAB_NEAR);
	lab_link(&lab_router, "out", LAB_OUT, LAB_ROUTER, LAB_FAR);
	lab_link(&lab_hosts[FAR], "eth1", LAB_OUT, LAB_FAR, LAB_ROUTER);
}

static inline void lab_routes(void)
{
	topo_forward(&lab_router, true);
	topo_enter(&lab_router);
	netns_write("/proc/sys/net/ipv4/ip_forward", "1");
	topo_fixed(&lab_hosts[NEAR], LAB_OUT, lab_addr(LAB_IN, LAB_ROUTER));
	topo_fixed(&lab_hosts[FAR], LAB_IN, lab_addr(LAB_OUT, LAB_ROUTER));
	lab_enter(NEAR);
	netns_must("ip route add 10.9.%u.0/24 via 10.9.%u.%u", LAB_OUT, LAB_IN, LAB_ROUTER);
	lab_enter(FAR);
	netns_must("ip route add 10.9.%u.0/24 via 10.9.%u.%u", LAB_IN, LAB_OUT, LAB_ROUTER);
}

/* One end of both tunnels. */
static inline void lab_tunnels(unsigned int end)
{
	const unsigned int host = end == NEAR ? LAB_NEAR : LAB_FAR;
	const unsigned int peer = end == NEAR ? LAB_FAR : LAB_NEAR;

	lab_enter(end);
	netns_must("ip link add ipip0 type ipip local 10.9.1.%u remote 10.9.1.%u ttl 64 && "
		   "ip addr add 10.9.4.%u/24 dev ipip0 && ip link set ipip0 up",
		   host, peer, host);
	netns_must("chaosctl link add chip0 type ip addr %o local 10.9.1.%u && "
		   "chaosctl link map chip0 %o 10.9.1.%u && ip link set chip0 up",
		   lab_addr(LAB_TUNNEL, host), host, lab_addr(LAB_TUNNEL, peer), peer);
	topo_link_set(&lab_hosts[end], "chip0", CHAOS_LINK_A_RUT, CHAOS_RUT_OFF);
	/* They would take 12 bytes of each segment. */
	netns_write("/proc/sys/net/ipv4/tcp_timestamps", "0");
	if (!netns_wait_addr("valid"))
		tap_bail("the addresses do not become valid");
}

static inline void lab_set_up(void)
{
	netns_check();
	netns_must("modprobe -a ipip veth");
	topo_host(&lab_hosts[NEAR], "CLIENT");
	topo_host(&lab_hosts[FAR], "SERVER");
	topo_host(&lab_router, "ROUTER");
	lab_cables();
	lab_routes();
	/* Answers to strangers are few otherwise. */
	topo_sysctl(&lab_hosts[FAR], "reply_rate", 1000000);
	lab_tunnels(NEAR);
	lab_tunnels(FAR);
}

#endif /* LAB_H */
