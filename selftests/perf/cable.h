/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices of the host we are in: what they may do for TCP and UDP, what they have sent. */
#ifndef CABLE_H
#define CABLE_H

#include <ifaddrs.h>
#include <stdint.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>

#include "netns.h"

static inline void offload_set(int fd, const char *dev, unsigned int command, bool on)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq ifr = { .ifr_data = (char *)&value };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCETHTOOL, &ifr) && errno != EOPNOTSUPP)
		tap_bail("ethtool %#x: %s", command, strerror(errno));
}

/* What a device does not have cannot be switched. */
static inline void offloads_set(const char *dev, bool on)
{
	static const unsigned int commands[] = {
		ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO,
		ETHTOOL_SGRO, ETHTOOL_SUFO,
	};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		offload_set(fd, dev, commands[i], on);
	close(fd);
}

/* Packets sent and received so far. */
static inline void packets_passed(const char *dev, uint64_t *sent, uint64_t *rcvd)
{
	struct ifaddrs *list, *i;

	*sent = 0;
	*rcvd = 0;
	if (getifaddrs(&list))
		tap_bail("getifaddrs: %s", strerror(errno));
	for (i = list; i; i = i->ifa_next) {
		const struct rtnl_link_stats *stats = i->ifa_data;

		/* Others are addresses; some devices have none of their own. */
		if (!stats || strcmp(i->ifa_name, dev))
			continue;
		*sent = stats->tx_packets;
		*rcvd = stats->rx_packets;
	}
	freeifaddrs(list);
}

#endif /* CABLE_H */
