/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a captured frame contains: a Chaosnet packet, ARP for Chaosnet, or something else. */
#ifndef CHAOS_FRAME_H
#define CHAOS_FRAME_H

#include "packet.h"

#define FRAME_MAC	6
#define FRAME_OUTER	56	/* an IPv6 address in brackets, a port and a NUL */

enum frame_kind {
	FRAME_OTHER,
	FRAME_CHAOS,
	FRAME_ARP,
};

/* What carries a Chaosnet packet. */
enum frame_carrier {
	FRAME_LINK,		/* the link itself */
	FRAME_IP,		/* IP, protocol 16 */
	FRAME_UDP,
};

/**
 * struct frame_arp - an ARP packet about Chaosnet addresses
 * @op: 1 request, 2 reply
 * @sender_mac: hardware address of the sender
 * @sender: its Chaosnet address
 * @target_mac: hardware address of who is asked
 * @target: whose hardware address is wanted
 */
struct frame_arp {
	uint16_t op;
	uint8_t sender_mac[FRAME_MAC];
	uint16_t sender;
	uint8_t target_mac[FRAME_MAC];
	uint16_t target;
};

/**
 * struct frame - a captured frame taken apart
 * @kind: which of @packet and @arp is valid
 * @broken: neither is, there is only @fault
 * @fault: what is wrong, NULL if nothing is
 * @has_mac: @mac_dst and @mac_src are valid
 * @mac_dst: hardware address it was sent to
 * @mac_src: hardware address it came from
 * @carrier: what carries the packet
 * @outer_src: not FRAME_LINK: IP address, and port
 * @outer_dst: the same of the receiver
 * @packet: FRAME_CHAOS
 * @arp: FRAME_ARP
 * @bytes: the packet as it travels, in the captured frame
 * @len: its length, with trailer and padding
 */
struct frame {
	enum frame_kind kind;
	bool broken;
	const char *fault;
	bool has_mac;
	uint8_t mac_dst[FRAME_MAC], mac_src[FRAME_MAC];
	enum frame_carrier carrier;
	char outer_src[FRAME_OUTER], outer_dst[FRAME_OUTER];
	struct packet packet;
	struct frame_arp arp;
	const uint8_t *bytes;
	size_t len;
};

void frame_decode(struct frame *f, int dlt, const uint8_t *bytes, size_t len);
bool frame_known_dlt(int dlt);

#endif /* CHAOS_FRAME_H */
