/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that a tunnel in user space can do: a process for each direction, in which
 * every packet costs one system call to get it and one to pass it on, and nothing else.
 * It is what others are compared with.
 */
#ifndef FORWARDER_H
#define FORWARDER_H

#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sys/prctl.h>

#include "netns.h"

#define FORWARDER_PACKET	2048	/* bytes, more than there are */

/* Read from the device, send to the peer. */
__noreturn static inline void forwarder_send(int dev, int udp, const struct sockaddr_in *peer)
{
	char packet[FORWARDER_PACKET];
	ssize_t n;

	while ((n = read(dev, packet, sizeof(packet))) > 0)
		sendto(udp, packet, n, 0, (const struct sockaddr *)peer, sizeof(*peer));
	tap_bail("forwarder: read: %s", strerror(errno));
}

/* Receive from the peer, write to the device. */
__noreturn static inline void forwarder_receive(int dev, int udp)
{
	char packet[FORWARDER_PACKET];
	ssize_t n;

	while ((n = recv(udp, packet, sizeof(packet), 0)) > 0)
		if (write(dev, packet, n) < 0)
			tap_bail("forwarder: write: %s", strerror(errno));
	tap_bail("forwarder: recv: %s", strerror(errno));
}

/* A child that ends with us. */
static inline pid_t forwarder_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* Let it run on this host, between a device that is read and written, and a peer; @pids
 * are those of both processes.
 */
static inline void forwarder_start(int dev, const char *ip, const char *peer_ip,
				   unsigned int port, pid_t pids[2])
{
	struct sockaddr_in self = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in peer = self;
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, ip, &self.sin_addr);
	inet_pton(AF_INET, peer_ip, &peer.sin_addr);
	if (udp < 0 || bind(udp, (struct sockaddr *)&self, sizeof(self)))
		tap_bail("UDP port %u: %s", port, strerror(errno));
	pids[0] = forwarder_fork();
	if (!pids[0])
		forwarder_send(dev, udp, &peer);
	pids[1] = forwarder_fork();
	if (!pids[1])
		forwarder_receive(dev, udp);
	close(udp);
	close(dev);
}

/* A device of IP packets. */
static inline int forwarder_tun(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		tap_bail("/dev/net/tun: %s", strerror(errno));
	return fd;
}

/* A link of Chaosnet packets, one with each system call. */
static inline int forwarder_chaos(const char *name, unsigned int addr)
{
	struct chaos_attach attach = { .ca_addr = addr };
	int fd = open("/dev/chaos", O_RDWR | O_CLOEXEC);

	snprintf(attach.ca_name, sizeof(attach.ca_name), "%s", name);
	if (fd < 0 || ioctl(fd, CHAOS_ATTACH, &attach))
		tap_bail("/dev/chaos: %s", strerror(errno));
	return fd;
}

#endif /* FORWARDER_H */
