/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links of type "ip": making them, and playing the other side with raw sockets.
 *
 *	topo_cable(&a, "eth0", &b, "eth0");
 *	chip_addr(&a, "eth0", "10.0.0.1/24");
 *	chip_addr(&b, "eth0", "10.0.0.2/24");
 *	chip_link(&a, "chip0", 03001);
 *	chip_map(&a, "chip0", 03002, "10.0.0.2");
 *
 * Addresses are texts, of IPv4 or IPv6.
 */
#ifndef CHIP_H
#define CHIP_H

#include "pcap.h"
#include "topo.h"
#include "tunnel.h"

#define CHIP_PROTO	16
#define CHIP_ROOM	2048		/* bytes of an IP packet, at most */

/* Give a device an IP address with its prefix; IPv6 is otherwise off. */
static inline void chip_addr(const struct topo_host *h, const char *dev, const char *addr)
{
	char knob[128];

	topo_enter(h);
	snprintf(knob, sizeof(knob), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", dev);
	if (strchr(addr, ':'))
		netns_write(knob, "0");
	netns_must("ip addr add %s dev %s%s", addr, dev, strchr(addr, ':') ? " nodad" : "");
}

/* The start of a request about a mapping. */
static inline void chip_map_begin(struct nlreq *r, const struct topo_host *h, uint8_t cmd,
				  const char *dev)
{
	nlreq_genl(r, &h->genl, cmd);
	nlreq_str(r, CHAOS_MAP_A_IFNAME, dev);
}

/* Add an address in the attributes @attr4 or @attr6. */
static inline void chip_put_ip(struct nlreq *r, uint16_t attr4, uint16_t attr6, const char *addr)
{
	unsigned char bytes[16];
	bool v4 = inet_pton(AF_INET, addr, bytes) == 1;

	if (!v4 && inet_pton(AF_INET6, addr, bytes) != 1)
		tap_bail("%s is no IP address", addr);
	nlreq_put(r, v4 ? attr4 : attr6, bytes, v4 ? 4 : 16);
}

/* Map a host.  Returns 0 or a negative errno. */
static inline int chip_try_map(const struct topo_host *h, const char *dev, uint16_t host,
			       const char *addr, bool replace)
{
	struct nlreq r;

	chip_map_begin(&r, h, CHAOS_CMD_MAP_NEW, dev);
	nlreq_u16(&r, CHAOS_MAP_A_HOST, host);
	chip_put_ip(&r, CHAOS_MAP_A_ADDR4, CHAOS_MAP_A_ADDR6, addr);
	if (replace)
		nlreq_flag(&r, CHAOS_MAP_A_REPLACE);
	return nlreq_do(h->genl.fd, &r);
}

/* The first mapping gives a link its carrier, which the kernel acts on a little later. */
static inline void chip_wait(const char *dev)
{
	long long end = netns_now() + NETNS_PATIENCE;
	char output[NETNS_OUTPUT];

	while (netns_run(output, "ip -o link show dev %s", dev) || !strstr(output, "state UP"))
		if (netns_now() > end)
			tap_bail("%s has no carrier: %s", dev, output);
}

static inline void chip_map(const struct topo_host *h, const char *dev, uint16_t host,
			    const char *addr)
{
	int error = chip_try_map(h, dev, host, addr, false);

	if (error)
		tap_bail("%s: %o to %s: %s", dev, host, addr, strerror(-error));
	topo_enter(h);
	chip_wait(dev);
}

/* Map a subnet to a prefix of this length.  Returns 0 or a negative errno. */
static inline int chip_try_subnet(const struct topo_host *h, const char *dev, uint8_t subnet,
				  const char *prefix, uint8_t len)
{
	struct nlreq r;

	chip_map_begin(&r, h, CHAOS_CMD_MAP_NEW, dev);
	nlreq_u8(&r, CHAOS_MAP_A_SUBNET, subnet);
	chip_put_ip(&r, CHAOS_MAP_A_ADDR4, CHAOS_MAP_A_ADDR6, prefix);
	nlreq_u8(&r, CHAOS_MAP_A_PREFIXLEN, len);
	return nlreq_do(h->genl.fd, &r);
}

/* Remove the mapping of a host, or of subnet @host / 256 if the low byte is 0. */
static inline int chip_unmap(const struct topo_host *h, const char *dev, uint16_t host)
{
	struct nlreq r;

	chip_map_begin(&r, h, CHAOS_CMD_MAP_DEL, dev);
	if (host & 0xff)
		nlreq_u16(&r, CHAOS_MAP_A_HOST, host);
	else
		nlreq_u8(&r, CHAOS_MAP_A_SUBNET, host >> 8);
	return nlreq_do(h->genl.fd, &r);
}

/* Make a link, without an address if that is 0, up.  Returns 0 or a negative errno. */
static inline int chip_try_link(const struct topo_host *h, const char *dev, const char *local)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, dev);
	nlreq_str(&r, CHAOS_LINK_A_TYPE, "ip");
	if (local)
		chip_put_ip(&r, CHAOS_LINK_A_LOCAL4, CHAOS_LINK_A_LOCAL6, local);
	return nlreq_do(h->genl.fd, &r);
}

static inline void chip_link_local(const struct topo_host *h, const char *dev, uint16_t addr,
				   const char *local)
{
	int error = chip_try_link(h, dev, local);
	struct nlreq r;

	if (error)
		tap_bail("%s: %s", dev, strerror(-error));
	nlreq_genl(&r, &h->genl, CHAOS_CMD_ADDR_NEW);
	nlreq_str(&r, CHAOS_ADDR_A_IFNAME, dev);
	nlreq_u16(&r, CHAOS_ADDR_A_ADDR, addr);
	nlreq_must(h->genl.fd, &r, dev);
	topo_enter(h);
	netns_dev_up(dev, true);
}

static inline void chip_link(const struct topo_host *h, const char *dev, uint16_t addr)
{
	chip_link_local(h, dev, addr, NULL);
}

/* Set a number of type u32 of a link. */
static inline void chip_link_set(const struct topo_host *h, const char *dev, uint16_t attr,
				 uint32_t value)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, dev);
	nlreq_flag(&r, CHAOS_LINK_A_CHANGE);
	nlreq_u32(&r, attr, value);
	nlreq_must(h->genl.fd, &r, dev);
}

/* Mappings, as a host shows them. */
struct chip_map_state {
	bool there, learned, heard;
	uint64_t rx, tx, errors;
	uint32_t error;
};

static inline void chip_parse_map(struct nlattr *attr, struct chip_map_state *m)
{
	switch (genl_type(attr)) {
	case CHAOS_MAP_A_LEARNED:
		m->learned = true;
		break;
	case CHAOS_MAP_A_AGE:
		m->heard = true;
		break;
	case CHAOS_MAP_A_RX:
		m->rx = genl_u64(attr);
		break;
	case CHAOS_MAP_A_TX:
		m->tx = genl_u64(attr);
		break;
	case CHAOS_MAP_A_ERRORS:
		m->errors = genl_u64(attr);
		break;
	case CHAOS_MAP_A_ERROR:
		m->error = genl_u32(attr);
		break;
	}
}

struct chip_wanted {
	uint16_t host;
	struct chip_map_state state;
};

static inline void chip_note_map(struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr = (struct nlattr *)((char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN), *a;
	const char *end = (char *)nlh + nlh->nlmsg_len;
	struct chip_wanted *want = data;
	bool right = false;

	for (a = attr; a; a = genl_after(a, end))
		right |= genl_type(a) == CHAOS_MAP_A_HOST && topo_u16(a) == want->host;
	if (!right)
		return;
	want->state.there = true;
	for (a = attr; a; a = genl_after(a, end))
		chip_parse_map(a, &want->state);
}

/* How a host is mapped on any link. */
static inline struct chip_map_state chip_state(const struct topo_host *h, uint16_t host)
{
	struct chip_wanted want = { .host = host };
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_MAP_GET);
	nlreq_dump(h->genl.fd, &r, chip_note_map, &want);
	return want.state;
}

/* Raw sockets. */

static inline socklen_t chip_sockaddr(struct sockaddr_storage *ss, const char *addr)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, addr, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		return sizeof(*sin);
	}
	if (inet_pton(AF_INET6, addr, &sin6->sin6_addr) != 1)
		tap_bail("%s is no IP address", addr);
	sin6->sin6_family = AF_INET6;
	return sizeof(*sin6);
}

/* A socket for packets of a protocol between two addresses; where we are has the first. */
static inline int chip_open_protocol(const char *from, const char *to, int protocol)
{
	struct sockaddr_storage us, them;
	socklen_t len = chip_sockaddr(&us, from);
	int fd = socket(us.ss_family, SOCK_RAW | SOCK_CLOEXEC, protocol);

	chip_sockaddr(&them, to);
	if (fd < 0 || bind(fd, (struct sockaddr *)&us, len) ||
	    connect(fd, (struct sockaddr *)&them, len))
		tap_bail("raw socket from %s to %s: %s", from, to, strerror(errno));
	return fd;
}

static inline int chip_open(const char *from, const char *to)
{
	return chip_open_protocol(from, to, CHIP_PROTO);
}

static inline void chip_send_bytes(int fd, const void *bytes, size_t len)
{
	if (send(fd, bytes, len, 0) != (ssize_t)len)
		tap_bail("raw socket: %s", strerror(errno));
}

/* As captured: full packets have no trailer. */
static inline void chip_send(int fd, const struct wire_frame *f)
{
	uint8_t bytes[CHAOS_RECORD_MAX];
	size_t len = tunnel_encode(bytes, f);

	chip_send_bytes(fd, bytes, wire_count(f) == CHAOS_DATA_MAX ? len - CHAOS_TRAILER_LEN : len);
}

/* IPv4 comes with its header. */
static inline ssize_t chip_recv_bytes(int fd, uint8_t *bytes, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct sockaddr_storage us;
	socklen_t socklen = sizeof(us);
	ssize_t len, head;

	if (poll(&pfd, 1, ms) <= 0)
		return -1;
	len = recv(fd, bytes, CHIP_ROOM, 0);
	if (len < 0 || getsockname(fd, (struct sockaddr *)&us, &socklen))
		tap_bail("raw socket: %s", strerror(errno));
	head = us.ss_family == AF_INET ? (bytes[0] & 15) * 4 : 0;
	memmove(bytes, bytes + head, len - head);
	return len - head;
}

/* Every packet of ours has a trailer, which must be right. */
static inline bool chip_recv(int fd, struct wire_frame *f, int ms)
{
	uint8_t bytes[CHIP_ROOM];
	ssize_t len = chip_recv_bytes(fd, bytes, ms);

	*f = (struct wire_frame) {};
	if (len < 0)
		return false;
	if (!tunnel_decode(f, bytes, len)) {
		tunnel_show("this is no packet with a trailer", bytes, len);
		*f = (struct wire_frame) {};
	}
	return true;
}

/* Load the packets of vectors/NAME as frames, the first with number @first. */
static inline void chip_load(struct pcap *cap, const char *name, unsigned int first)
{
	static struct pcap all;
	unsigned int i;

	pcap_load(&all, name);
	*cap = (struct pcap) { .count = first - 1 };
	for (i = 1; i <= all.count; i++) {
		const uint8_t *ip = all.frames[i].bytes + WIRE_PKT;
		bool v4 = wire_get_be(&all.frames[i], WIRE_TYPE) == ETHERTYPE_IP;
		struct wire_frame *to = &cap->frames[cap->count + 1];
		size_t head = v4 ? 20 : 40;
		size_t len = v4 ? (ip[2] << 8 | ip[3]) - head : (size_t)(ip[4] << 8 | ip[5]);

		if (ip[v4 ? 9 : 6] != CHIP_PROTO ||
		    wire_get_be(&all.frames[i], WIRE_TYPE) == ETHERTYPE_ARP)
			continue;
		if (len == CHAOS_RECORD_MAX - CHAOS_TRAILER_LEN) {
			memcpy(to->bytes + WIRE_PKT, ip + head, len);
			to->len = WIRE_PKT + len;
			tunnel_ether(to, wire_get(to, WIRE_DST), wire_get(to, WIRE_SRC));
		} else if (!tunnel_decode(to, ip + head, len)) {
			tap_bail("%s: frame %u is not Chaosnet in IP", name, i);
		}
		cap->count++;
	}
}

#endif /* CHIP_H */
