/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks of many hosts, bridges, cables and switches, for tests of routing.
 *
 *	struct topo_host a, b, sw;
 *
 *	topo_host(&a, "A");
 *	topo_host(&b, "B");
 *	topo_cable(&a, "eth0", &b, "eth0");
 *	topo_addr(&a, "eth0", 0401);
 *	topo_addr(&b, "eth0", 0402);
 *	topo_times(&b, 500, 10000);
 *	topo_forward(&b, true);
 *
 * All of it is done by netlink: a network of twenty hosts takes a second.
 */
#ifndef TOPO_H
#define TOPO_H

#include <linux/if_link.h>
#include <linux/veth.h>

#include "nlreq.h"
#include "pair.h"
#include "transfer.h"
#include "wire.h"

#define TOPO_PATIENCE	NETNS_PATIENCE
#define TOPO_POLL	10	/* ms between looks whether it has */
#define TOPO_ROUTES	700	/* of a host, at most */

/**
 * struct topo_host - a host, or a switch, with its namespace
 * @name: as in STATUS answers and in what the test prints
 * @ns: the namespace
 * @genl: to configure Chaosnet there
 * @rtnl: to configure devices there
 */
struct topo_host {
	const char *name;
	int ns;
	struct genl genl;
	int rtnl;
};

static inline void topo_enter(const struct topo_host *h)
{
	netns_enter(h->ns);
}

/* A new host with nothing but lo; we are there on return. */
static inline void topo_host(struct topo_host *h, const char *name)
{
	struct nlreq r;

	h->name = name;
	h->ns = netns_new();
	h->rtnl = nlreq_socket(NETLINK_ROUTE);
	genl_open(&h->genl);
	nlreq_genl(&r, &h->genl, CHAOS_CMD_NET_SET);
	nlreq_str(&r, CHAOS_NET_A_NAME, name);
	nlreq_must(h->genl.fd, &r, name);
}

/* Hosts one after the other, each named by a letter and its number. */
static inline void topo_hosts(struct topo_host *h, unsigned int n, char letter)
{
	static char names[256][8];
	static unsigned int used;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (used == ARRAY_SIZE(names))
			tap_bail("too many hosts");
		snprintf(names[used], sizeof(names[0]), "%c%u", letter, i & 0xff);
		topo_host(&h[i], names[used++]);
	}
}

/* Begin to make a device that is up. */
static inline void topo_begin_device(struct nlreq *r, const char *dev)
{
	const struct ifinfomsg up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	nlreq_device(r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up);
	nlreq_str(r, IFLA_IFNAME, dev);
}

/* Finish the request for a veth whose other end is on @b, up. */
static inline void topo_finish_veth(struct nlreq *r, const struct topo_host *a,
				    const struct topo_host *b, const char *dev_b)
{
	const struct ifinfomsg none = {}, up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nlattr *info, *data, *peer;

	info = nlreq_nest(r, IFLA_LINKINFO);
	nlreq_put(r, IFLA_INFO_KIND, "veth", 4);
	data = nlreq_nest(r, IFLA_INFO_DATA);
	peer = nlreq_nest(r, VETH_INFO_PEER);
	memcpy(nlreq_reserve(r, sizeof(none)), &none, sizeof(none));
	nlreq_str(r, IFLA_IFNAME, dev_b);
	nlreq_u32(r, IFLA_NET_NS_FD, b->ns);
	nlreq_nest_end(r, peer);
	nlreq_nest_end(r, data);
	nlreq_nest_end(r, info);
	nlreq_must(a->rtnl, r, dev_b);
	/* It cannot be up before it has another end. */
	nlreq_device(r, RTM_NEWLINK, 0, &up);
	nlreq_str(r, IFLA_IFNAME, dev_b);
	nlreq_must(b->rtnl, r, dev_b);
}

/* A cable between two hosts; both ends are up. */
static inline void topo_cable(const struct topo_host *a, const char *dev_a,
			      const struct topo_host *b, const char *dev_b)
{
	struct nlreq r;

	topo_begin_device(&r, dev_a);
	topo_finish_veth(&r, a, b, dev_b);
}

/* A switch on a host that does nothing else: device br0, without ports. */
static inline void topo_switch(struct topo_host *h, const char *name)
{
	struct nlattr *info, *data;
	struct nlreq r;

	topo_host(h, name);
	topo_begin_device(&r, "br0");
	info = nlreq_nest(&r, IFLA_LINKINFO);
	nlreq_put(&r, IFLA_INFO_KIND, "bridge", 6);
	data = nlreq_nest(&r, IFLA_INFO_DATA);
	nlreq_u32(&r, IFLA_BR_FORWARD_DELAY, 0);
	nlreq_u8(&r, IFLA_BR_MCAST_SNOOPING, 0);
	nlreq_nest_end(&r, data);
	nlreq_nest_end(&r, info);
	nlreq_must(h->rtnl, &r, "br0");
}

/* A cable from @port of a switch to a host. */
static inline void topo_plug(const struct topo_host *sw, const char *port,
			     const struct topo_host *h, const char *dev)
{
	struct nlreq r;

	topo_enter(sw);
	topo_begin_device(&r, port);
	nlreq_u32(&r, IFLA_MASTER, if_nametoindex("br0"));
	topo_finish_veth(&r, sw, h, dev);
}

/* A device goes up or down.  The other end of its cable has a carrier as long as it
 * is up; a switch whose br0 is down forwards nothing, and nobody can see that.
 */
static inline void topo_up(const struct topo_host *h, const char *dev, bool up)
{
	topo_enter(h);
	netns_dev_up(dev, up);
}

/* An address on a device, which becomes a link. */
static inline void topo_addr(const struct topo_host *h, const char *dev, uint16_t addr)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, dev);
	nlreq_must(h->genl.fd, &r, dev);
	nlreq_genl(&r, &h->genl, CHAOS_CMD_ADDR_NEW);
	nlreq_str(&r, CHAOS_ADDR_A_IFNAME, dev);
	nlreq_u16(&r, CHAOS_ADDR_A_ADDR, addr);
	nlreq_must(h->genl.fd, &r, dev);
}

/* Change a property of a link: one of type u8 of CHAOS_LINK_A_*. */
static inline void topo_link_set(const struct topo_host *h, const char *dev, uint16_t attr,
				 uint8_t value)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, dev);
	nlreq_flag(&r, CHAOS_LINK_A_CHANGE);
	nlreq_u8(&r, attr, value);
	nlreq_must(h->genl.fd, &r, dev);
}

static inline void topo_cost(const struct topo_host *h, const char *dev, uint16_t cost)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_LINK_NEW);
	nlreq_str(&r, CHAOS_LINK_A_IFNAME, dev);
	nlreq_flag(&r, CHAOS_LINK_A_CHANGE);
	nlreq_u16(&r, CHAOS_LINK_A_COST, cost);
	nlreq_must(h->genl.fd, &r, dev);
}

/* Set net.chaos.@name. */
static inline void topo_sysctl(const struct topo_host *h, const char *name, unsigned int value)
{
	char path[128], text[16];
	int fd, len = snprintf(text, sizeof(text), "%u", value);

	topo_enter(h);
	snprintf(path, sizeof(path), "/proc/sys/net/chaos/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != len)
		tap_bail("%s: %s", path, strerror(errno));
	close(fd);
}

/* How often routing packets are sent, and after what silence routes are forgotten. */
static inline void topo_times(const struct topo_host *h, unsigned int interval_ms,
			      unsigned int expire_ms)
{
	topo_sysctl(h, "rut_interval_ms", interval_ms);
	topo_sysctl(h, "rut_expire_ms", expire_ms);
}

static inline void topo_forward(const struct topo_host *h, bool on)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_NET_SET);
	nlreq_u8(&r, CHAOS_NET_A_FORWARDING, on);
	nlreq_must(h->genl.fd, &r, h->name);
}

/* Packets for a subnet, or all if it is 0, go through a bridge.  Returns 0 or a
 * negative errno.
 */
static inline int topo_try_fixed(const struct topo_host *h, unsigned int subnet, uint16_t via)
{
	struct nlreq r;

	nlreq_genl(&r, &h->genl, CHAOS_CMD_ROUTE_NEW);
	if (subnet)
		nlreq_u8(&r, CHAOS_ROUTE_A_SUBNET, subnet);
	nlreq_u16(&r, CHAOS_ROUTE_A_VIA, via);
	return nlreq_do(h->genl.fd, &r);
}

static inline void topo_fixed(const struct topo_host *h, unsigned int subnet, uint16_t via)
{
	int error = topo_try_fixed(h, subnet, via);

	if (error)
		tap_bail("%s: route to %o: %s", h->name, subnet, strerror(-error));
}

/* Routes. */

struct topo_route {
	uint8_t subnet;		/* 0: of a host, or default */
	uint16_t host;
	uint16_t via;
	uint16_t cost;
	uint8_t type;
	bool aged;		/* @age is told */
	uint32_t age;
	uint32_t ifindex;
};

struct topo_table {
	unsigned int n;
	bool interrupted;
	struct topo_route r[TOPO_ROUTES];
};

static inline uint16_t topo_u16(const struct nlattr *attr)
{
	uint16_t value;

	memcpy(&value, genl_data(attr), sizeof(value));
	return value;
}

static inline void topo_parse_route(struct nlmsghdr *nlh, struct topo_route *r)
{
	const char *end = (char *)nlh + nlh->nlmsg_len;
	struct nlattr *attr = (struct nlattr *)((char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN);

	*r = (struct topo_route) {};
	if ((char *)attr + NLA_HDRLEN > end)
		return;
	for (; attr; attr = genl_after(attr, end)) {
		switch (genl_type(attr)) {
		case CHAOS_ROUTE_A_SUBNET:
			r->subnet = *(const uint8_t *)genl_data(attr);
			break;
		case CHAOS_ROUTE_A_HOST:
			r->host = topo_u16(attr);
			break;
		case CHAOS_ROUTE_A_VIA:
			r->via = topo_u16(attr);
			break;
		case CHAOS_ROUTE_A_COST:
			r->cost = topo_u16(attr);
			break;
		case CHAOS_ROUTE_A_TYPE:
			r->type = *(const uint8_t *)genl_data(attr);
			break;
		case CHAOS_ROUTE_A_AGE:
			r->aged = true;
			r->age = genl_u32(attr);
			break;
		case CHAOS_ROUTE_A_IFINDEX:
			r->ifindex = genl_u32(attr);
			break;
		}
	}
}

static inline void topo_note_route(struct nlmsghdr *nlh, void *data)
{
	struct topo_table *t = data;

	if (t->n == TOPO_ROUTES)
		tap_bail("too many routes");
	topo_parse_route(nlh, &t->r[t->n++]);
}

/* All routes of a host, in a table that the next call uses again. */
static inline struct topo_table *topo_routes(const struct topo_host *h)
{
	static struct topo_table t;
	struct nlreq r;

	t.n = 0;
	nlreq_genl(&r, &h->genl, CHAOS_CMD_ROUTE_GET);
	t.interrupted = nlreq_dump(h->genl.fd, &r, topo_note_route, &t) == NLREQ_INTERRUPTED;
	return &t;
}

/* The entry of this type for a subnet, or NULL. */
static inline const struct topo_route *topo_find(const struct topo_table *t, unsigned int subnet,
						 enum chaos_route_type type)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (t->r[i].subnet == subnet && t->r[i].type == type)
			return &t->r[i];
	return NULL;
}

/* The route that the host has learned to a subnet, or NULL. */
static inline const struct topo_route *topo_learned(const struct topo_host *h, unsigned int subnet)
{
	return topo_find(topo_routes(h), subnet, CHAOS_ROUTE_BRIDGE);
}

/* Through which bridge?  0 without a learned route. */
static inline unsigned int topo_via(const struct topo_host *h, unsigned int subnet)
{
	const struct topo_route *r = topo_learned(h, subnet);

	return r ? r->via : 0;
}

/* How many of subnets 1 to @last the host has a route to. */
static inline unsigned int topo_known(const struct topo_host *h, unsigned int last)
{
	const struct topo_table *t = topo_routes(h);
	bool known[256] = {};
	unsigned int i, n = 0;

	for (i = 0; i < t->n; i++)
		known[t->r[i].subnet] = true;
	for (i = 1; i <= last; i++)
		n += known[i];
	return n;
}

/* Do all @n hosts have a route to each of subnets 1 to @last? */
static inline bool topo_all_known(const struct topo_host *h, unsigned int n, unsigned int last)
{
	while (n--)
		if (topo_known(&h[n], last) < last)
			return false;
	return true;
}

static inline void topo_show_routes(const struct topo_host *h)
{
	const struct topo_table *t = topo_routes(h);
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (t->r[i].subnet)
			tap_diag("%s: subnet %o via %o cost %u type %u age %u", h->name,
				 t->r[i].subnet, t->r[i].via, t->r[i].cost, t->r[i].type,
				 t->r[i].age);
}

/* Wait until something is so.  Evaluates to how many milliseconds it took, -1: it did
 * not become so in @ms.
 */
#define topo_wait(ms, condition) ({					\
	long long start_ = netns_now(), took_ = -1;			\
									\
	do {								\
		if (condition) {					\
			took_ = netns_now() - start_;			\
			break;						\
		}							\
		netns_sleep(TOPO_POLL);					\
	} while (netns_now() - start_ < (ms));				\
	took_; })

/* Counters. */

/* One counter of a host. */
static inline uint64_t topo_count(const struct topo_host *h, enum chaos_stat stat)
{
	struct genl g = h->genl;
	struct genl_answer a;
	struct nlattr *attr;

	genl_ask(&g, g.family, CHAOS_CMD_STATS_GET, 0, NULL, &a);
	genl_for_each(attr, &a)
		if (genl_type(attr) == stat)
			return genl_u64(attr);
	tap_bail("%s has no counter %u", h->name, stat);
}

/* The sum of a counter over @n hosts. */
static inline uint64_t topo_sum(const struct topo_host *h, unsigned int n, enum chaos_stat stat)
{
	uint64_t sum = 0;

	while (n--)
		sum += topo_count(&h[n], stat);
	return sum;
}

/* Traffic. */

/* Ask a host for STATUS: is there an answer within @ms? */
static inline bool topo_ask(const struct topo_host *h, uint16_t addr, int ms)
{
	const struct sockaddr_chaos sa = pair_name(addr, "STATUS");
	char answer[CHAOS_DATA_MAX];
	bool answered;
	int fd;

	topo_enter(h);
	fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		tap_bail("socket: %s", strerror(errno));
	answered = !sendto(fd, "", 0, 0, (const struct sockaddr *)&sa, sizeof(sa)) &&
		   pair_poll(fd, POLLIN, ms) & POLLIN &&
		   recv(fd, answer, sizeof(answer), MSG_DONTWAIT) >= 32;
	close(fd);
	return answered;
}

/* How long until a host answers again.  Requests that go nowhere are not repeated: a
 * new one is made every few milliseconds.
 */
static inline long long topo_wait_answer(const struct topo_host *h, uint16_t addr, int ms)
{
	return topo_wait(ms, topo_ask(h, addr, 200));
}

/* Send a stream of @size bytes from @a to @addr, which is @b, and as much back.  Both close:
 * a CLS may be lost, and is not repeated.
 */
static inline bool topo_stream(const struct topo_host *a, const struct topo_host *b,
			       uint16_t addr, uint64_t size)
{
	struct transfer t[2] = {
		{ .size = size, .key_out = 1, .key_in = 2, .called = true },
		{ .size = size, .key_out = 2, .key_in = 1, .called = true },
	};
	const struct sockaddr_chaos sa = pair_name(addr, "BULK");
	int listener;

	pattern_init();
	topo_enter(b);
	listener = transfer_listen("BULK", 0, 1);
	topo_enter(a);
	t[0].fd = transfer_socket(0);
	pair_nonblock(t[0].fd, true);
	if (!connect(t[0].fd, (const struct sockaddr *)&sa, sizeof(sa)) || errno != EINPROGRESS)
		tap_bail("connect to %o: %s", addr, strerror(errno));
	t[1].fd = pair_take(listener);
	pair_nonblock(t[1].fd, true);
	close(listener);
	transfer_run(t, 2);
	if (*t[0].error || *t[1].error)
		tap_diag("%s: %s; %s: %s", a->name, t[0].error, b->name, t[1].error);
	return !*t[0].error && !*t[1].error;
}

/* See what arrives at a device of a host; what the host sends is not seen. */
static inline int topo_watch(const struct topo_host *h, const char *dev)
{
	topo_enter(h);
	return wire_open(dev);
}

/* The forwarding count of the next packet from @src, -1 if none comes. */
static inline int topo_hops(int wire, uint16_t src)
{
	long long end = netns_now() + PAIR_PATIENCE;
	struct wire_frame f;

	while (netns_now() < end)
		if (wire_recv(wire, &f, 100) && wire_is_chaos(&f) && wire_get(&f, WIRE_SRC) == src)
			return wire_get(&f, WIRE_COUNT) >> 12;
	return -1;
}

/* Put a packet without data on a device of a host: from @src to @dst, to the hardware
 * address @mac.
 */
static inline void topo_inject(const struct topo_host *h, const char *dev, const uint8_t *mac,
			       uint8_t op, uint16_t src, uint16_t dst, unsigned int hops)
{
	struct wire_frame f = {};
	int fd = topo_watch(h, dev);

	wire_ether(&f, mac, wire_zero, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = op;
	wire_put(&f, WIRE_COUNT, hops << 12);
	wire_put(&f, WIRE_DST, dst);
	wire_put(&f, WIRE_SRC, src);
	f.len = WIRE_DATA;
	wire_send(fd, &f);
	close(fd);
}

/* The hardware address of a device. */
static inline void topo_mac(const struct topo_host *h, const char *dev, uint8_t *mac)
{
	struct ifreq ifr = {};
	int fd;

	topo_enter(h);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		tap_bail("%s: %s", dev, strerror(errno));
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	close(fd);
}

#endif /* TOPO_H */
