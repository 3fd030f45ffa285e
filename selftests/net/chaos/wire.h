/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a cable: Ethernet frames as they are, sent and received by a
 * test that plays a host.  All that is known here of Chaosnet packets and of its
 * ARP is where the fields are.
 */
#ifndef WIRE_H
#define WIRE_H

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>

#include "netns.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define WIRE_MAX	1514	/* bytes of a frame */

struct wire_frame {
	size_t len;
	uint8_t bytes[WIRE_MAX];
};

/* Offsets in a frame: the Ethernet header, then a Chaosnet packet, low byte first ... */
enum {
	WIRE_DMAC = 0,
	WIRE_SMAC = 6,
	WIRE_TYPE = 12,
	WIRE_PKT = 14,
	WIRE_RESERVED = 14,
	WIRE_OP = 15,
	WIRE_COUNT = 16,	/* forwarding count in the top four bits */
	WIRE_DST = 18,
	WIRE_DIDX = 20,
	WIRE_SRC = 22,
	WIRE_SIDX = 24,
	WIRE_NUM = 26,
	WIRE_ACK = 28,
	WIRE_DATA = 30,
};

/* ... or an ARP packet, high byte first but for the Chaosnet addresses. */
enum {
	WIRE_ARP_HRD = 14,
	WIRE_ARP_PRO = 16,
	WIRE_ARP_HLN = 18,
	WIRE_ARP_PLN = 19,
	WIRE_ARP_OP = 20,
	WIRE_ARP_SHA = 22,
	WIRE_ARP_SIP = 28,
	WIRE_ARP_THA = 30,
	WIRE_ARP_TIP = 36,
	WIRE_ARP_END = 38,
};

enum { WIRE_ARP_REQUEST = 1, WIRE_ARP_REPLY = 2 };

static const uint8_t wire_broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t wire_zero[6];

static inline uint16_t wire_get(const struct wire_frame *f, unsigned int offset)
{
	return f->bytes[offset] | f->bytes[offset + 1] << 8;
}

static inline void wire_put(struct wire_frame *f, unsigned int offset, uint16_t value)
{
	f->bytes[offset] = value;
	f->bytes[offset + 1] = value >> 8;
}

static inline uint16_t wire_get_be(const struct wire_frame *f, unsigned int offset)
{
	return f->bytes[offset] << 8 | f->bytes[offset + 1];
}

static inline void wire_put_be(struct wire_frame *f, unsigned int offset, uint16_t value)
{
	f->bytes[offset] = value >> 8;
	f->bytes[offset + 1] = value;
}

static inline bool wire_is_chaos(const struct wire_frame *f)
{
	return f->len >= WIRE_DATA && wire_get_be(f, WIRE_TYPE) == ETH_P_CHAOS;
}

static inline bool wire_is_arp(const struct wire_frame *f)
{
	return f->len >= WIRE_ARP_END && wire_get_be(f, WIRE_TYPE) == ETHERTYPE_ARP &&
	       wire_get_be(f, WIRE_ARP_PRO) == ETH_P_CHAOS;
}

/* The data byte count of a packet. */
static inline unsigned int wire_count(const struct wire_frame *f)
{
	return wire_get(f, WIRE_COUNT) & 0xfff;
}

static inline void wire_ether(struct wire_frame *f, const uint8_t *dmac, const uint8_t *smac,
			      uint16_t type)
{
	memcpy(f->bytes + WIRE_DMAC, dmac, 6);
	memcpy(f->bytes + WIRE_SMAC, smac, 6);
	wire_put_be(f, WIRE_TYPE, type);
	f->len = WIRE_PKT;
}

/* An ARP packet; broadcast if @dmac is NULL, as it is for requests. */
static inline void wire_arp(struct wire_frame *f, const uint8_t *dmac, uint16_t op,
			    const uint8_t *sha, uint16_t sip, const uint8_t *tha, uint16_t tip)
{
	memset(f, 0, sizeof(*f));
	wire_ether(f, dmac ?: wire_broadcast, sha, ETHERTYPE_ARP);
	wire_put_be(f, WIRE_ARP_HRD, 1);
	wire_put_be(f, WIRE_ARP_PRO, ETH_P_CHAOS);
	f->bytes[WIRE_ARP_HLN] = 6;
	f->bytes[WIRE_ARP_PLN] = 2;
	wire_put_be(f, WIRE_ARP_OP, op);
	memcpy(f->bytes + WIRE_ARP_SHA, sha, 6);
	wire_put(f, WIRE_ARP_SIP, sip);
	memcpy(f->bytes + WIRE_ARP_THA, tha, 6);
	wire_put(f, WIRE_ARP_TIP, tip);
	f->len = WIRE_ARP_END;
}

/* Is it exactly this ARP packet, sent in this way? */
static inline bool wire_is_arp_of(const struct wire_frame *f, const uint8_t *dmac, uint16_t op,
				  const uint8_t *sha, uint16_t sip, const uint8_t *tha,
				  uint16_t tip)
{
	struct wire_frame want;

	wire_arp(&want, dmac, op, sha, sip, tha, tip);
	return f->len == want.len && !memcmp(f->bytes, want.bytes, want.len);
}

/* Open a device of the present namespace; only what others send is received. */
static inline int wire_open(const char *dev)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || !sll.sll_ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&sll, sizeof(sll)))
		tap_bail("%s: %s", dev, strerror(errno));
	return fd;
}

static inline void wire_send(int fd, const struct wire_frame *f)
{
	if (send(fd, f->bytes, f->len, 0) != (ssize_t)f->len)
		tap_bail("cannot send a frame of %zu bytes: %s", f->len, strerror(errno));
}

/* Receive a frame.  False if none comes within @ms. */
static inline bool wire_recv(int fd, struct wire_frame *f, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t len;

	memset(f, 0, sizeof(*f));
	do {
		if (poll(&pfd, 1, ms) <= 0)
			return false;
		len = recv(fd, f->bytes, sizeof(f->bytes), 0);
		/* Said once when the device goes down, before what has come until then. */
	} while (len < 0 && errno == ENETDOWN);
	if (len < WIRE_PKT)
		tap_bail("cannot receive a frame: %s", strerror(errno));
	f->len = len;
	return true;
}

/* Wait until the host at the other end says that an address is its own.  That is the
 * last thing that it sends by itself for a new address.
 */
static inline bool wire_announced(int fd, uint16_t addr)
{
	long long end = netns_now() + NETNS_PATIENCE;
	struct wire_frame f;

	do {
		if (wire_recv(fd, &f, 100) && wire_is_arp(&f) &&
		    wire_get(&f, WIRE_ARP_SIP) == addr && wire_get(&f, WIRE_ARP_TIP) == addr)
			return true;
	} while (netns_now() < end);
	return false;
}

/* Show a frame, 16 bytes a line, at most 5 lines. */
static inline void wire_show(const char *what, const struct wire_frame *f)
{
	char line[64];
	size_t i;
	int n = 0;

	tap_diag("%s, %zu bytes:", what, f->len);
	for (i = 0; i < f->len && i < 80; i++) {
		n += snprintf(line + n, sizeof(line) - n, " %02x", f->bytes[i]);
		if (i % 16 == 15 || i + 1 == f->len) {
			tap_diag("%04zx:%s", i / 16 * 16, line);
			n = 0;
		}
	}
}

#endif /* WIRE_H */
