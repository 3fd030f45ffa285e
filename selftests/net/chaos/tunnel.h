/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as they travel in tunnels, for tests that play the other side.
 *
 * A test works with Ethernet frames as those of a link of type "chaos": addresses
 * 02:43:48:00:HH:LL stand for those of the trailer, ff:ff:ff:ff:ff:ff for 0.  Here they
 * become datagrams of Chaos-over-UDP or frames of a chaosd socket, and the other way.
 * What comes must be right in every byte, or it is not taken.
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <sys/un.h>

#include "cdev.h"
#include "pcap.h"

#define TUNNEL_HEADER	4		/* before the packet, of both kinds of tunnels */

/* What comes before a packet on UDP: version 1, function 1. */
static const uint8_t tunnel_udp_header[TUNNEL_HEADER] = { 1, 1, 0, 0 };

static inline void tunnel_mac(uint8_t *mac, uint16_t addr)
{
	const uint8_t bytes[6] = { 0x02, 0x43, 0x48, 0, addr >> 8, addr };

	memcpy(mac, addr ? bytes : wire_broadcast, 6);
}

static inline uint16_t tunnel_mac_addr(const uint8_t *mac)
{
	return memcmp(mac, wire_broadcast, 6) ? mac[4] << 8 | mac[5] : 0;
}

/* Make an Ethernet header for a trailer with these addresses. */
static inline void tunnel_ether(struct wire_frame *f, uint16_t dst, uint16_t src)
{
	tunnel_mac(f->bytes + WIRE_DMAC, dst);
	tunnel_mac(f->bytes + WIRE_SMAC, src);
	wire_put_be(f, WIRE_TYPE, ETH_P_CHAOS);
}

/* A packet without acknowledgment, from host to host on one link; it may be changed. */
static inline void tunnel_packet(struct wire_frame *f, uint8_t op, uint16_t dst, uint16_t didx,
				 uint16_t src, uint16_t sidx, const void *data, unsigned int len)
{
	memset(f, 0, sizeof(*f));
	tunnel_ether(f, dst, src);
	f->bytes[WIRE_OP] = op;
	wire_put(f, WIRE_COUNT, len);
	wire_put(f, WIRE_DST, dst);
	wire_put(f, WIRE_DIDX, didx);
	wire_put(f, WIRE_SRC, src);
	wire_put(f, WIRE_SIDX, sidx);
	memcpy(f->bytes + WIRE_DATA, data, len);
	f->len = WIRE_DATA + ((len + 1) & ~1u);
}

/* Request a simple transaction. */
static inline void tunnel_request(struct wire_frame *f, uint16_t dst, uint16_t src, uint16_t sidx,
				  const char *contact)
{
	tunnel_packet(f, CHAOS_OP_RFC, dst, 0, src, sidx, contact, strlen(contact));
}

/* Is it the answer? */
static inline bool tunnel_is_answer(const struct wire_frame *f, uint16_t from, uint16_t to,
				    uint16_t index)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == CHAOS_OP_ANS &&
	       wire_get(f, WIRE_SRC) == from && wire_get(f, WIRE_DST) == to &&
	       wire_get(f, WIRE_DIDX) == index;
}

static inline void tunnel_swap(uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 2) {
		uint8_t b = bytes[i];

		bytes[i] = bytes[i + 1];
		bytes[i + 1] = b;
	}
}

/* Write a frame's packet with its trailer, low byte first; returns the length. */
static inline size_t tunnel_encode(uint8_t *out, const struct wire_frame *f)
{
	const uint16_t dst = tunnel_mac_addr(f->bytes + WIRE_DMAC);
	const uint16_t src = tunnel_mac_addr(f->bytes + WIRE_SMAC);
	size_t len = (f->len - WIRE_PKT + 1) & ~1ul;
	uint16_t sum;

	out[len - 1] = 0;
	memcpy(out, f->bytes + WIRE_PKT, f->len - WIRE_PKT);
	out[len++] = dst;
	out[len++] = dst >> 8;
	out[len++] = src;
	out[len++] = src >> 8;
	sum = ~cdev_sum(out, len);
	out[len++] = sum >> 8;
	out[len++] = sum;
	return len;
}

/* Make a frame of a packet with its trailer, low byte first.  False: it is wrong. */
static inline bool tunnel_decode(struct wire_frame *f, const uint8_t *bytes, size_t len)
{
	const uint8_t *trailer = bytes + len - CHAOS_TRAILER_LEN;

	memset(f, 0, sizeof(*f));
	if (len < CHAOS_RECORD_MIN || len > CHAOS_RECORD_MAX || len % 2 ||
	    cdev_sum(bytes, len) != 0xffff)
		return false;
	f->len = WIRE_PKT + len - CHAOS_TRAILER_LEN;
	memcpy(f->bytes + WIRE_PKT, bytes, len - CHAOS_TRAILER_LEN);
	tunnel_ether(f, trailer[0] | trailer[1] << 8, trailer[2] | trailer[3] << 8);
	return f->len == WIRE_DATA + ((wire_count(f) + 1) & ~1u);
}

static inline void tunnel_show(const char *what, const uint8_t *bytes, size_t len)
{
	struct wire_frame f = { .len = len };

	memcpy(f.bytes, bytes, len);
	wire_show(what, &f);
}

/* Chaos-over-UDP. */

/* Datagram of a frame; @out has room for TUNNEL_HEADER + CHAOS_RECORD_MAX. */
static inline size_t tunnel_udp_encode(uint8_t *out, const struct wire_frame *f)
{
	size_t len = tunnel_encode(out + TUNNEL_HEADER, f);

	memcpy(out, tunnel_udp_header, TUNNEL_HEADER);
	tunnel_swap(out + TUNNEL_HEADER, len);
	return TUNNEL_HEADER + len;
}

static inline bool tunnel_udp_decode(struct wire_frame *f, uint8_t *datagram, size_t len)
{
	if (len < TUNNEL_HEADER || len % 2 || memcmp(datagram, tunnel_udp_header, TUNNEL_HEADER))
		return false;
	tunnel_swap(datagram + TUNNEL_HEADER, len - TUNNEL_HEADER);
	return tunnel_decode(f, datagram + TUNNEL_HEADER, len - TUNNEL_HEADER);
}

/* A UDP socket on 127.0.0.1, talking to the same. */
static inline int tunnel_udp_open(uint16_t port, uint16_t peer)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		tap_bail("UDP port %u: %s", port, strerror(errno));
	sin.sin_port = htons(peer);
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
		tap_bail("UDP port %u: %s", peer, strerror(errno));
	return fd;
}

static inline void tunnel_udp_send(int fd, const struct wire_frame *f)
{
	uint8_t datagram[TUNNEL_HEADER + CHAOS_RECORD_MAX];
	size_t len = tunnel_udp_encode(datagram, f);

	if (send(fd, datagram, len, 0) != (ssize_t)len)
		tap_bail("cannot send a datagram: %s", strerror(errno));
}

/* What comes that is not right is shown, and comes as a frame without bytes. */
static inline bool tunnel_udp_recv(int fd, struct wire_frame *f, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t datagram[2048];
	ssize_t len;

	*f = (struct wire_frame) {};
	if (poll(&pfd, 1, ms) <= 0)
		return false;
	len = recv(fd, datagram, sizeof(datagram), 0);
	if (len < 0)
		tap_bail("cannot receive a datagram: %s", strerror(errno));
	if (!tunnel_udp_decode(f, datagram, len)) {
		tunnel_show("this is not Chaos-over-UDP", datagram, len);
		*f = (struct wire_frame) {};
	}
	return true;
}

/* Load the datagrams of vectors/NAME as frames, the first with number @first. */
static inline void tunnel_udp_load(struct pcap *cap, const char *name, unsigned int first)
{
	enum { ip = 14, udp = ip + 20, payload = udp + 8 };
	static struct pcap all;
	unsigned int i;

	pcap_load(&all, name);
	*cap = (struct pcap) { .count = first - 1 };
	for (i = 1; i <= all.count; i++) {
		struct wire_frame *f = &all.frames[i];
		struct wire_frame *to = &cap->frames[cap->count + 1];
		size_t len = wire_get_be(f, udp + 4);

		if (wire_get_be(f, WIRE_TYPE) != ETHERTYPE_IP)
			continue;
		if (cap->count == PCAP_FRAMES || f->bytes[ip] != 0x45 ||
		    f->bytes[ip + 9] != IPPROTO_UDP || len < 8 || f->len < udp + len ||
		    !tunnel_udp_decode(to, f->bytes + payload, len - 8))
			tap_bail("%s: frame %u is not Chaos-over-UDP", name, i);
		cap->count++;
	}
}

/* chaosd. */

/* Frame for a chaosd socket; @out has room for TUNNEL_HEADER + CHAOS_RECORD_MAX. */
static inline size_t tunnel_unix_encode(uint8_t *out, const struct wire_frame *f)
{
	size_t len = tunnel_encode(out + TUNNEL_HEADER, f);

	out[0] = len >> 8;
	out[1] = len;
	out[2] = 1;
	out[3] = 0;
	return TUNNEL_HEADER + len;
}

/* Connect to a chaosd as its clients do, from a socket with a name. */
static inline int tunnel_unix_open(const char *server)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	static unsigned int serial;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "/tmp/chaosd_%05d%u", getpid(), ++serial);
	unlink(sun.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)))
		tap_bail("%s: %s", sun.sun_path, strerror(errno));
	unlink(sun.sun_path);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", server);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		tap_bail("%s: %s", server, strerror(errno));
	return fd;
}

static inline void tunnel_write(int fd, const uint8_t *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		tap_bail("cannot send to chaosd: %s", strerror(errno));
}

static inline void tunnel_unix_send(int fd, const struct wire_frame *f)
{
	uint8_t bytes[TUNNEL_HEADER + CHAOS_RECORD_MAX];

	tunnel_write(fd, bytes, tunnel_unix_encode(bytes, f));
}

/* @len bytes, the first of them within @ms.  False: none has come, or it is the end. */
static inline bool tunnel_read(int fd, uint8_t *bytes, size_t len, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t have = 0;

	for (; have < len; ms = NETNS_PATIENCE) {
		ssize_t n;

		if (poll(&pfd, 1, ms) <= 0)
			break;
		n = recv(fd, bytes + have, len - have, 0);
		if (n <= 0)
			break;
		have += n;
	}
	if (have && have < len)
		tap_diag("%zu bytes of %zu, then nothing", have, len);
	return have == len;
}

/* What comes that is not right is shown, and comes as a frame without bytes. */
static inline bool tunnel_unix_recv(int fd, struct wire_frame *f, int ms)
{
	uint8_t bytes[TUNNEL_HEADER + CHAOS_RECORD_MAX];
	size_t len;

	*f = (struct wire_frame) {};
	if (!tunnel_read(fd, bytes, TUNNEL_HEADER, ms))
		return false;
	len = bytes[0] << 8 | bytes[1];
	if (len > CHAOS_RECORD_MAX || bytes[2] != 1 || bytes[3]) {
		tunnel_show("this is no header of chaosd", bytes, TUNNEL_HEADER);
		return true;
	}
	if (!tunnel_read(fd, bytes + TUNNEL_HEADER, len, NETNS_PATIENCE))
		return false;
	if (!tunnel_decode(f, bytes + TUNNEL_HEADER, len)) {
		tunnel_show("this is no packet with a trailer", bytes, TUNNEL_HEADER + len);
		*f = (struct wire_frame) {};
	}
	return true;
}

/* Load the packets of a capture on Ethernet as frames of a tunnel; ARP has no place there,
 * but keeps its number.
 */
static inline void tunnel_ether_load(struct pcap *cap, const char *name)
{
	unsigned int i;

	pcap_load(cap, name);
	for (i = 1; i <= cap->count; i++) {
		struct wire_frame *f = &cap->frames[i];

		if (wire_is_chaos(f))
			tunnel_ether(f, wire_get(f, WIRE_DST), wire_get(f, WIRE_SRC));
	}
}

#endif /* TUNNEL_H */
