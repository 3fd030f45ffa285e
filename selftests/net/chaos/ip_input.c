// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What links of type ip take, and what they drop and count; learning; two links.
 *
 *	raw sockets of the test --- eth0 ---- eth0 --- chip0 3002 (our host)
 *	10.0.0.1, fd00::1: 3001			10.0.0.2, fd00::2
 *	10.0.0.9, 10.0.0.10: not mapped
 */
#define _GNU_SOURCE
#include "chip.h"

#define US	03002
#define THEM	03001

static struct topo_host us, them;

/* A request for STATUS as it travels, to be spoilt. */
struct message {
	uint8_t bytes[1024];
	size_t len;
	size_t trailer;		/* where it begins */
};

static void make_request(struct message *m, uint16_t dst, uint16_t src, uint16_t index)
{
	struct wire_frame f;

	memset(m, 0, sizeof(*m));
	tunnel_request(&f, dst, src, index, "STATUS");
	m->len = tunnel_encode(m->bytes, &f);
	m->trailer = m->len - CHAOS_TRAILER_LEN;
}

static void put_word(struct message *m, size_t offset, uint16_t word)
{
	m->bytes[offset] = word;
	m->bytes[offset + 1] = word >> 8;
}

static void fix_checksum(struct message *m)
{
	uint16_t sum = ~cdev_sum(m->bytes, m->trailer + 4);

	m->bytes[m->trailer + 4] = sum >> 8;
	m->bytes[m->trailer + 5] = sum;
}

static bool answered(int fd, uint16_t from, uint16_t to, uint16_t index, int ms)
{
	long long end = netns_now() + ms;
	struct wire_frame f;

	while (netns_now() < end)
		if (chip_recv(fd, &f, 100) && tunnel_is_answer(&f, from, to, index))
			return true;
	return false;
}

/* Ways to spoil a request, or not quite. */

static void no_trailer(struct message *m)
{
	m->len = m->trailer;
}

static void trailer_to_subnet(struct message *m)
{
	put_word(m, m->trailer, US & 0xff00);
	fix_checksum(m);
}

/* From an emulator that knows one neighbour, and names whom the packet is for. */
static void trailer_to_third(struct message *m)
{
	put_word(m, m->trailer, US + 7);
	fix_checksum(m);
}

static void trailer_to_all(struct message *m)
{
	put_word(m, m->trailer, 0);
	fix_checksum(m);
}

static void trailer_from_nobody(struct message *m)
{
	put_word(m, m->trailer + 2, 0);
	fix_checksum(m);
}

static void trailer_from_other(struct message *m)
{
	put_word(m, m->trailer + 2, THEM + 4);
	fix_checksum(m);
}

static void bad_checksum(struct message *m)
{
	m->bytes[m->trailer + 5] ^= 1;
}

static void bad_data(struct message *m)
{
	m->bytes[17] ^= 0x20;
}

static void half_trailer(struct message *m)
{
	m->len -= 4;
}

static void long_trailer(struct message *m)
{
	m->len += 2;
}

static void no_header(struct message *m)
{
	m->len = 14;
}

static void nothing(struct message *m)
{
	m->len = 0;
}

static void cut_data(struct message *m)
{
	put_word(m, 2, 400);
}

static void count_too_high(struct message *m)
{
	put_word(m, 2, 489);
	m->len = 16 + 490;
}

static void huge(struct message *m)
{
	put_word(m, 2, 489);
	m->len = sizeof(m->bytes);
}

static const struct row {
	const char *what;
	void (*spoil)(struct message *m);
	enum chaos_stat counted;	/* 0: it is answered */
} rows[] = {
	{ "as it should be", NULL, 0 },
	{ "without trailer", no_trailer, 0 },
	{ "trailer to the subnet", trailer_to_subnet, 0 },
	{ "trailer to a third host", trailer_to_third, 0 },
	{ "trailer to all", trailer_to_all, 0 },
	{ "trailer without source", trailer_from_nobody, 0 },
	{ "trailer with another source", trailer_from_other, CHAOS_STAT_DROP_IP_TRAILER },
	{ "wrong checksum", bad_checksum, CHAOS_STAT_DROP_CHECKSUM },
	{ "damaged data", bad_data, CHAOS_STAT_DROP_CHECKSUM },
	{ "a third of a trailer", half_trailer, CHAOS_STAT_DROP_IP_TRAILER },
	{ "more than a trailer", long_trailer, CHAOS_STAT_DROP_IP_TRAILER },
	{ "half a header", no_header, CHAOS_STAT_DROP_SHORT },
	{ "nothing at all", nothing, CHAOS_STAT_DROP_SHORT },
	{ "less data than is said", cut_data, CHAOS_STAT_DROP_TRUNCATED },
	{ "byte count over 488", count_too_high, CHAOS_STAT_DROP_TOO_LONG },
	{ "much more than a packet", huge, CHAOS_STAT_DROP_TOO_LONG },
};

static void test_row(int fd, const char *family, const struct row *row, uint16_t index)
{
	uint64_t before = row->counted ? topo_count(&us, row->counted) : 0;
	struct message m;

	make_request(&m, US, THEM, index);
	if (row->spoil)
		row->spoil(&m);
	chip_send_bytes(fd, m.bytes, m.len);
	if (!row->counted)
		tap_ok(answered(fd, US, THEM, index, NETNS_PATIENCE), "%s, %s: it is answered",
		       family, row->what);
	else
		tap_ok(topo_wait(NETNS_PATIENCE,
				 topo_count(&us, row->counted) == before + 1) >= 0,
		       "%s, %s: it is dropped and counted", family, row->what);
}

static void test_rows(const char *family, const char *from, const char *to)
{
	unsigned int i;
	int fd;

	topo_enter(&us);
	tap_eq(chip_try_map(&us, "chip0", THEM, from, true), 0, "%s: mapped", family);
	topo_enter(&them);
	fd = chip_open(from, to);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(fd, family, &rows[i], 0100 + i);
	close(fd);
}

/* Headers that come between are the kernel's business. */
static void test_extras(void)
{
	static const uint8_t nops[] = { 1, 1, 1, 0 };
	static const uint8_t padding[] = { 0, 0, 1, 4, 0, 0, 0, 0 };
	struct message m;
	int fd;

	topo_enter(&them);
	make_request(&m, US, THEM, 0200);
	tap_eq(chip_try_map(&us, "chip0", THEM, "10.0.0.1", true), 0, "options: mapped");
	fd = chip_open("10.0.0.1", "10.0.0.2");
	tap_eq(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, nops, sizeof(nops)), 0, "options: set");
	chip_send_bytes(fd, m.bytes, m.len);
	tap_ok(answered(fd, US, THEM, 0200, NETNS_PATIENCE), "IPv4 with options is answered");
	close(fd);

	make_request(&m, US, THEM, 0201);
	tap_eq(chip_try_map(&us, "chip0", THEM, "fd00::1", true), 0, "extension header: mapped");
	fd = chip_open("fd00::1", "fd00::2");
	tap_eq(setsockopt(fd, IPPROTO_IPV6, 59 /* IPV6_DSTOPTS */, padding, sizeof(padding)), 0,
	       "extension header: set");
	chip_send_bytes(fd, m.bytes, m.len);
	tap_ok(answered(fd, US, THEM, 0201, NETNS_PATIENCE),
	       "IPv6 with an extension header is answered");
	close(fd);
}

/* Send a request from an address; is it answered? */
static bool ask_from(const char *from, const char *to, uint16_t dst, uint16_t src, int ms)
{
	static uint16_t index = 0300;
	struct message m;
	bool yes;
	int fd;

	topo_enter(&them);
	fd = chip_open(from, to);
	make_request(&m, dst, src, ++index);
	chip_send_bytes(fd, m.bytes, m.len);
	yes = answered(fd, dst, src, index, ms);
	close(fd);
	return yes;
}

static bool dropped_from(const char *from, const char *to, uint16_t src)
{
	uint64_t before = topo_count(&us, CHAOS_STAT_DROP_IP_SOURCE);

	return !ask_from(from, to, US, src, 300) &&
	       topo_wait(NETNS_PATIENCE,
			 topo_count(&us, CHAOS_STAT_DROP_IP_SOURCE) > before) >= 0;
}

static void test_sources(void)
{
	tap_eq(chip_try_map(&us, "chip0", THEM, "10.0.0.1", true), 0, "sources: mapped");
	tap_ok(dropped_from("10.0.0.9", "10.0.0.2", THEM),
	       "the right host at another address: dropped and counted");
	tap_ok(dropped_from("10.0.0.9", "10.0.0.2", THEM + 4),
	       "a host without mapping: dropped and counted");
	tap_ok(dropped_from("fd00::1", "fd00::2", THEM),
	       "the right host by the other protocol: dropped and counted");
	tap_eq(chip_unmap(&us, "chip0", THEM), 0, "sources: unmapped");
	tap_ok(dropped_from("10.0.0.1", "10.0.0.2", THEM), "without mapping: dropped and counted");
}

static void test_learning(void)
{
	tap_eq(chip_try_map(&us, "chip0", THEM, "10.0.0.1", true), 0, "learning: one is mapped");
	chip_link_set(&us, "chip0", CHAOS_LINK_A_LEARN, 1);
	tap_ok(dropped_from("10.0.0.9", "10.0.0.2", THEM), "learning: never against a mapping");
	tap_ok(dropped_from("10.0.0.9", "10.0.0.2", 04001), "learning: no host of another subnet");
	tap_ok(ask_from("10.0.0.9", "10.0.0.2", US, 03007, NETNS_PATIENCE),
	       "learning: a host is learned, and answered");
	tap_ok(chip_state(&us, 03007).learned, "learning: it is shown");
	tap_ok(dropped_from("10.0.0.10", "10.0.0.2", 03007), "learning: it does not move");
	tap_ok(dropped_from("10.0.0.10", "10.0.0.2", 03010), "learning: no more than allowed");
	tap_eq(chip_try_map(&us, "chip0", 03007, "10.0.0.10", false), 0,
	       "learning: a mapping takes its place");
	tap_ok(ask_from("10.0.0.10", "10.0.0.2", US, 03007, NETNS_PATIENCE),
	       "learning: it is there now");
	tap_eq(chip_unmap(&us, "chip0", 03007), 0, "learning: unmapped");

	chip_link_set(&us, "chip0", CHAOS_LINK_A_LEARN_AGE, 2);
	tap_ok(ask_from("10.0.0.9", "10.0.0.2", US, 03007, NETNS_PATIENCE), "learning: again");
	tap_ok(topo_wait(NETNS_PATIENCE, !chip_state(&us, 03007).there) >= 0,
	       "learning: what is unheard is forgotten");
	chip_link_set(&us, "chip0", CHAOS_LINK_A_LEARN, 0);
}

/* By its own address each of them. */
static void test_two_links(void)
{
	chip_addr(&us, "eth0", "10.0.0.12/24");
	chip_link_local(&us, "chip1", 05002, "10.0.0.12");
	chip_map(&us, "chip1", 05001, "10.0.0.1");
	tap_eq(chip_try_map(&us, "chip1", 05003, "10.0.0.1", false), -EADDRINUSE,
	       "two links: on each a host has an address for itself");
	/* It takes a moment until a link that has just got its first mapping can send. */
	tap_ok(topo_wait(NETNS_PATIENCE,
			 ask_from("10.0.0.1", "10.0.0.12", 05002, 05001, 1000)) >= 0,
	       "two links: the second answers from its address");
	tap_ok(ask_from("10.0.0.1", "10.0.0.2", US, THEM, NETNS_PATIENCE),
	       "two links: the first from its");
	tap_ok(chip_state(&us, 05001).rx, "two links: packets are the right one's");
}

/* How the route to an address ends, by ICMP. */
static void test_errors(void)
{
	static const struct {
		const char *what, *ip;
		uint16_t host;
		int error;
	} errors[] = {
		{ "IPv4, unreachable", "10.9.0.3", 03103, EHOSTUNREACH },
		{ "IPv6, unreachable", "fd09::3", 03104, ENETUNREACH },
		{ "IPv4, too big", "10.8.0.3", 03105, EMSGSIZE },
	};
	uint64_t counted = topo_count(&us, CHAOS_STAT_IP_ERROR);
	char output[NETNS_OUTPUT];
	unsigned int i;

	topo_enter(&them);
	netns_write("/proc/sys/net/ipv4/ip_forward", "1");
	netns_write("/proc/sys/net/ipv6/conf/all/forwarding", "1");
	netns_must("ip route add unreachable 10.9.0.0/24");
	netns_must("ip -6 route add unreachable fd09::/64");
	netns_must("ip link add small type dummy");
	netns_must("ip link set small mtu 300 up");
	netns_must("ip route add 10.8.0.0/24 dev small");
	topo_enter(&us);
	netns_must("ip route add 10.8.0.0/15 via 10.0.0.1");
	netns_must("ip -6 route add fd09::/64 via fd00::1");
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		const struct sockaddr_chaos sa = pair_name(errors[i].host, "NOSUCH");
		static const char args[400] = "long";
		int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		chip_map(&us, "chip0", errors[i].host, errors[i].ip);
		if (sendto(fd, args, sizeof(args), 0, (const struct sockaddr *)&sa,
			   sizeof(sa)) != sizeof(args))
			tap_bail("sendto: %s", strerror(errno));
		tap_ok(topo_wait(NETNS_PATIENCE, chip_state(&us, errors[i].host).errors) >= 0,
		       "%s: the error is counted", errors[i].what);
		tap_eq(chip_state(&us, errors[i].host).error, errors[i].error,
		       "%s: it is shown", errors[i].what);
		close(fd);
	}
	tap_ok(topo_count(&us, CHAOS_STAT_IP_ERROR) >= counted + ARRAY_SIZE(errors),
	       "the host counts them, too");
	netns_run(output, "ip route get 10.8.0.3");
	if (!tap_ok(strstr(output, " mtu "), "too big: the path is known to be narrow"))
		tap_diag("%s", output);
}

int main(void)
{
	pair_limit_time();
	topo_host(&them, "THEM");
	topo_host(&us, "US");
	topo_cable(&us, "eth0", &them, "eth0");
	chip_addr(&them, "eth0", "10.0.0.1/24");
	chip_addr(&them, "eth0", "10.0.0.9/24");
	chip_addr(&them, "eth0", "10.0.0.10/24");
	chip_addr(&them, "eth0", "fd00::1/64");
	chip_addr(&us, "eth0", "10.0.0.2/24");
	chip_addr(&us, "eth0", "fd00::2/64");
	chip_link(&us, "chip0", US);

	test_rows("IPv4", "10.0.0.1", "10.0.0.2");
	test_rows("IPv6", "fd00::1", "fd00::2");
	test_extras();
	test_sources();
	test_learning();
	test_two_links();
	test_errors();
	return tap_done();
}
