// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the link's header, through IP and UDP if they are there, to the Chaosnet
 * packet.  Nothing is believed of a length before it is compared with what is there.
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>
#include <linux/chaos.h>

#include "frame.h"

#define ARP_LEN		24	/* with addresses of 6 and 2 bytes */
#define IP_CHAOS	16	/* protocol number */
#define IP4_HEADER	20
#define IP6_HEADER	40
#define UDP_HEADER	8
#define CHUDP_PORT	42042
#define CHUDP_HEADER	4
#define COOKED		16	/* Linux "cooked" captures, of all devices at once */
#define COOKED2		20

/* A view of what is left of a frame. */
struct rest {
	const uint8_t *bytes;
	size_t len;
};

static uint16_t be16(const uint8_t *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

static uint16_t le16(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8;
}

static struct rest skip(const struct rest *rest, size_t n)
{
	return (struct rest) { rest->bytes + n, rest->len - n };
}

static void break_frame(struct frame *f, enum frame_kind kind, const char *fault)
{
	f->kind = kind;
	f->broken = true;
	f->fault = fault;
}

static void decode_packet(struct frame *f, const struct rest *rest, enum packet_layout layout,
			  enum packet_trailer trailer)
{
	f->bytes = rest->bytes;
	f->len = rest->len;
	f->kind = FRAME_CHAOS;
	f->broken = packet_decode(&f->packet, rest->bytes, rest->len, layout, trailer);
	f->fault = f->packet.fault;
}

static void decode_arp(struct frame *f, const struct rest *rest)
{
	const uint8_t *b = rest->bytes;

	/* That of other protocols is not our business. */
	if (rest->len < 8 || be16(b + 2) != ETH_P_CHAOS)
		return;
	f->bytes = b;
	f->len = rest->len;
	f->kind = FRAME_ARP;
	if (be16(b) != 1 || b[4] != FRAME_MAC || b[5] != 2) {
		break_frame(f, FRAME_ARP, "not about Ethernet addresses");
		return;
	}
	if (rest->len < ARP_LEN) {
		break_frame(f, FRAME_ARP, "too short");
		return;
	}
	f->arp.op = be16(b + 6);
	memcpy(f->arp.sender_mac, b + 8, FRAME_MAC);
	f->arp.sender = le16(b + 14);
	memcpy(f->arp.target_mac, b + 16, FRAME_MAC);
	f->arp.target = le16(b + 22);
	if (f->arp.op != 1 && f->arp.op != 2)
		f->fault = "neither request nor reply";
}

static void add_port(char outer[FRAME_OUTER], unsigned int port)
{
	size_t len = strlen(outer);

	snprintf(outer + len, FRAME_OUTER - len, ".%u", port);
}

/* Any port will do for what can only be a packet; at the usual one it need not be right. */
static void decode_udp(struct frame *f, struct rest rest)
{
	static const uint8_t v1[CHUDP_HEADER] = { 1, 1 };
	unsigned int sport, dport;
	size_t len;
	bool usual;

	if (rest.len < UDP_HEADER)
		return;
	sport = be16(rest.bytes);
	dport = be16(rest.bytes + 2);
	len = be16(rest.bytes + 4);
	usual = sport == CHUDP_PORT || dport == CHUDP_PORT;
	if (len >= UDP_HEADER && len < rest.len)
		rest.len = len;
	rest = skip(&rest, UDP_HEADER);
	f->carrier = FRAME_UDP;
	add_port(f->outer_src, sport);
	add_port(f->outer_dst, dport);
	if (rest.len < CHUDP_HEADER || memcmp(rest.bytes, v1, sizeof(v1))) {
		if (usual)
			break_frame(f, FRAME_CHAOS, "not version 1, function 1");
		return;
	}
	rest = skip(&rest, CHUDP_HEADER);
	decode_packet(f, &rest, PACKET_MSB, PACKET_MUST_TRAILER);
	if (!usual && f->fault)
		f->kind = FRAME_OTHER;
}

static void decode_ip_payload(struct frame *f, uint8_t protocol, const struct rest *rest)
{
	f->carrier = FRAME_IP;
	if (protocol == IP_CHAOS)
		decode_packet(f, rest, PACKET_LSB, PACKET_MAY_TRAILER);
	else if (protocol == IPPROTO_UDP)
		decode_udp(f, *rest);
}

static void decode_ip4(struct frame *f, struct rest rest)
{
	const uint8_t *b = rest.bytes;
	size_t header, total;

	if (rest.len < IP4_HEADER || b[0] >> 4 != 4)
		return;
	header = (b[0] & 15) * 4;
	total = be16(b + 2);
	/* Packets are small: fragments are of something else. */
	if (header < IP4_HEADER || total < header || rest.len < header || be16(b + 6) & 0x3fff)
		return;
	if (total < rest.len)
		rest.len = total;
	inet_ntop(AF_INET, b + 12, f->outer_src, FRAME_OUTER);
	inet_ntop(AF_INET, b + 16, f->outer_dst, FRAME_OUTER);
	rest = skip(&rest, header);
	decode_ip_payload(f, b[9], &rest);
}

static void decode_ip6(struct frame *f, struct rest rest)
{
	const uint8_t *b = rest.bytes;
	size_t payload;

	if (rest.len < IP6_HEADER || b[0] >> 4 != 6)
		return;
	payload = be16(b + 4);
	inet_ntop(AF_INET6, b + 8, f->outer_src, FRAME_OUTER);
	inet_ntop(AF_INET6, b + 24, f->outer_dst, FRAME_OUTER);
	rest = skip(&rest, IP6_HEADER);
	if (payload < rest.len)
		rest.len = payload;
	decode_ip_payload(f, b[6], &rest);
}

static void decode_type(struct frame *f, uint16_t type, const struct rest *rest)
{
	switch (type) {
	case ETH_P_CHAOS:
		decode_packet(f, rest, PACKET_LSB, PACKET_NO_TRAILER);
		break;
	case ETHERTYPE_ARP:
		decode_arp(f, rest);
		break;
	case ETHERTYPE_IP:
		decode_ip4(f, *rest);
		break;
	case ETHERTYPE_IPV6:
		decode_ip6(f, *rest);
		break;
	}
}

static void decode_ether(struct frame *f, struct rest rest)
{
	const uint8_t *b = rest.bytes;

	if (rest.len < ETHER_HDR_LEN)
		return;
	f->has_mac = true;
	memcpy(f->mac_dst, b, FRAME_MAC);
	memcpy(f->mac_src, b + FRAME_MAC, FRAME_MAC);
	rest = skip(&rest, ETHER_HDR_LEN);
	decode_type(f, be16(b + 12), &rest);
}

static void decode_cooked(struct frame *f, struct rest rest, size_t header, size_t type)
{
	const uint8_t *b = rest.bytes;

	if (rest.len < header)
		return;
	rest = skip(&rest, header);
	decode_type(f, be16(b + type), &rest);
}

/**
 * frame_known_dlt() - whether frames of a kind of link can be taken apart
 * @dlt: DLT_* of libpcap
 *
 * Return: true if so.
 */
bool frame_known_dlt(int dlt)
{
	switch (dlt) {
	case DLT_EN10MB:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return true;
	}
	return false;
}

/**
 * frame_decode() - take a captured frame apart
 * @f: result; it points to @bytes
 * @dlt: DLT_* of libpcap: the kind of link
 * @bytes: the frame
 * @len: how much of it was captured
 */
void frame_decode(struct frame *f, int dlt, const uint8_t *bytes, size_t len)
{
	struct rest rest = { bytes, len };

	f->kind = FRAME_OTHER;
	f->broken = false;
	f->fault = NULL;
	f->has_mac = false;
	f->carrier = FRAME_LINK;
	f->len = 0;
	switch (dlt) {
	case DLT_EN10MB:
		decode_ether(f, rest);
		break;
	case DLT_LINUX_SLL:
		decode_cooked(f, rest, COOKED, 14);
		break;
	case DLT_LINUX_SLL2:
		decode_cooked(f, rest, COOKED2, 0);
		break;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		decode_ip4(f, rest);
		decode_ip6(f, rest);
		break;
	}
}
