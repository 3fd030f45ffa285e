// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device of a link at /dev/chaos: its queue and counters, other people's frames,
 * captures, and queueing disciplines.
 *
 * The host is 401.
 */
#define _GNU_SOURCE
#include "cdev.h"
#include "counters.h"
#include "wire.h"

enum { HERE = 0401, PEER = 0402 };

#define LIMIT	5		/* packets in the queue */
#define TRIES	9

static struct genl genl;

/* A counter of the link, CHAOS_LINK_STAT_*. */
static unsigned long link_stat(const char *name, unsigned int stat)
{
	static struct genl_answer a;
	struct nlattr *attr, *in;

	genl_ask(&genl, genl.family, CHAOS_CMD_LINK_GET, CHAOS_LINK_A_IFNAME, name, &a);
	genl_for_each(attr, &a)
		if (genl_type(attr) == CHAOS_LINK_A_STATS)
			genl_for_each_nested(in, attr)
				if (genl_type(in) == stat)
					return genl_u64(in);
	tap_bail("%s has no counter %u", name, stat);
}

/* What the device counts. */
struct device_stats {
	unsigned long rx, rx_errors, rx_crc, tx, tx_errors, tx_dropped;
};

static struct device_stats device_stats(const char *name)
{
	struct device_stats s;
	char line[512];
	FILE *f = fopen("/proc/net/dev", "re");

	while (f && fgets(line, sizeof(line), f)) {
		char *at = strchr(line, ':');

		if (!at || strncmp(line + strspn(line, " "), name, strlen(name)))
			continue;
		if (sscanf(at, ": %*u %lu %lu %*u %*u %lu %*u %*u %*u %lu %lu %lu", &s.rx,
			   &s.rx_errors, &s.rx_crc, &s.tx, &s.tx_errors, &s.tx_dropped) != 6)
			break;
		fclose(f);
		return s;
	}
	tap_bail("/proc/net/dev says nothing of %s", name);
}

/* A request from a host that never asked: answered at once. */
static void make_request(struct cdev_record *r)
{
	static unsigned int n;

	cdev_make(r, &(struct cdev_packet){ .op = CHAOS_OP_RFC, .dst = HERE, .src = PEER + ++n,
					    .sidx = 0x77, .num = n, .link_dst = HERE,
					    .text = "TIME" });
}

/* A frame from our host that is a packet, to be put on the device. */
static void make_frame(struct wire_frame *f, uint16_t number)
{
	static const uint8_t mac[6] = { 2, 0x43, 0x48, 0, PEER >> 8, PEER & 0xff };
	struct cdev_record r;

	cdev_make(&r, &(struct cdev_packet){ .op = CHAOS_OP_MNT, .dst = PEER, .src = HERE,
					     .num = number, .text = "frame" });
	memset(f, 0, sizeof(*f));
	wire_ether(f, mac, wire_zero, ETH_P_CHAOS);
	memcpy(f->bytes + WIRE_PKT, r.bytes, r.len - CHAOS_TRAILER_LEN);
	f->len = WIRE_PKT + r.len - CHAOS_TRAILER_LEN;
}

static unsigned int read_all(int fd)
{
	struct cdev_record r;
	unsigned int n = 0;

	while (cdev_read(fd, &r, 0))
		n++;
	return n;
}

static void test_limit(void)
{
	int fd = cdev_link("limit0", 0, HERE, 0);
	struct counters before, after;
	char text[COUNTERS_TEXT];
	struct device_stats s;
	struct cdev_record r;
	unsigned int i;

	netns_must("ip link set limit0 txqueuelen %u", LIMIT);
	counters_read(&before);
	for (i = 0; i < TRIES; i++) {
		make_request(&r);
		cdev_write(fd, &r);
	}
	counters_read(&after);
	*counters_of(&before, "drop_queue") += TRIES - LIMIT;
	if (!tap_ok(!strcmp(counters_since(&before, &after, TRIES, text),
			    "rx tx delivered ans_tx"), "the queue has a limit: drop_queue"))
		tap_diag("also: %s", text);
	s = device_stats("limit0");
	tap_ok(s.tx == LIMIT && s.tx_dropped == TRIES - LIMIT && s.rx == TRIES,
	       "... which the device counts");
	tap_diag("tx %lu, dropped %lu, rx %lu", s.tx, s.tx_dropped, s.rx);
	tap_eq(link_stat("limit0", CHAOS_LINK_STAT_LOST), TRIES - LIMIT, "... the link: lost");
	tap_eq(link_stat("limit0", CHAOS_LINK_STAT_TRANSMITTED), LIMIT, "... and transmitted");
	tap_eq(read_all(fd), LIMIT, "... what was not dropped is read");
	make_request(&r);
	cdev_write(fd, &r);
	tap_eq(read_all(fd), 1, "... and then there is room again");
	netns_must("ip link set limit0 txqueuelen 0");
	make_request(&r);
	cdev_write(fd, &r);
	tap_eq(read_all(fd), 0, "a queue of no length takes nothing");

	make_request(&r);
	r.bytes[r.len - 1]++;
	cdev_write(fd, &r);
	s = device_stats("limit0");
	tap_ok(s.rx_errors == 1 && s.rx_crc == 1, "a wrong checksum is an error of the device");
	tap_eq(link_stat("limit0", CHAOS_LINK_STAT_CRC), 1, "... and of the link");
	close(fd);
}

/* Nobody attached: nothing waits for who comes. */
static void test_unfed(void)
{
	int fd = cdev_link("unfed0", CHAOS_ATTACH_PERSIST, HERE, 0), dev;
	struct wire_frame f;

	dev = wire_open("unfed0");
	make_frame(&f, 1);
	wire_send(dev, &f);
	close(fd);
	send(dev, f.bytes, f.len, 0);
	fd = cdev_link("unfed0", 0, 0, 0);
	tap_eq(read_all(fd), 0, "what was sent while nobody, or another file, fed the link");
	close(fd);
	close(dev);
	netns_must("ip link del unfed0");
}

/* Frames that somebody puts on the device and that are none of ours. */
static void test_foreign(void)
{
	int fd = cdev_link("foreign0", 0, HERE, 0), dev = wire_open("foreign0");
	struct device_stats s;
	struct wire_frame f;
	struct cdev_record r;

	make_frame(&f, 1);
	wire_put_be(&f, WIRE_TYPE, ETH_P_IP);
	wire_send(dev, &f);
	wire_put_be(&f, WIRE_TYPE, ETH_P_ARP);
	wire_send(dev, &f);
	make_frame(&f, 1);
	f.len = WIRE_DATA - 1;
	wire_send(dev, &f);
	f.len = WIRE_PKT;
	wire_send(dev, &f);
	make_frame(&f, 1);
	wire_put(&f, WIRE_COUNT, 488);
	wire_send(dev, &f);
	make_frame(&f, 1);
	f.len = WIRE_PKT + 505;
	tap_errno(send(dev, f.bytes, f.len, 0), EMSGSIZE, "a frame beyond the MTU is refused");
	make_frame(&f, 0x4321);
	wire_send(dev, &f);
	tap_ok(cdev_read(fd, &r, NETNS_PATIENCE) && cdev_get(&r, CDEV_NUM) == 0x4321,
	       "of other frames only a packet is read");
	tap_eq(read_all(fd), 0, "... and nothing else");
	s = device_stats("foreign0");
	tap_ok(s.tx == 1 && s.tx_errors == 5, "... errors: what is no packet");
	close(dev);
	close(fd);
}

/* Is it what is in a record, without the trailer? */
static bool holds(const struct wire_frame *f, const struct cdev_record *r)
{
	return f->len == WIRE_PKT + r->len - CHAOS_TRAILER_LEN &&
	       !memcmp(f->bytes + WIRE_PKT, r->bytes, f->len - WIRE_PKT);
}

static bool addressed(const struct wire_frame *f, const uint8_t *to, const uint8_t *from)
{
	return !memcmp(f->bytes + WIRE_DMAC, to, 6) && !memcmp(f->bytes + WIRE_SMAC, from, 6);
}

/* Both directions are seen on the device, as on an Ethernet. */
static void test_capture(void)
{
	static const uint8_t host_mac[6] = { 2, 0x43, 0x48, 0, 1, 1 };
	int fd = cdev_link("cap0", 0, HERE, 0), zero = 0, dev = wire_open("cap0");
	struct wire_frame in, out;
	struct cdev_record r, answer;
	uint8_t mac[6] = { 2, 0x43, 0x48, 0 };

	if (setsockopt(dev, SOL_PACKET, PACKET_IGNORE_OUTGOING, &zero, sizeof(zero)))
		tap_bail("PACKET_IGNORE_OUTGOING: %s", strerror(errno));
	make_request(&r);
	cdev_write(fd, &r);
	if (!cdev_hear(fd, CHAOS_OP_ANS, &answer))
		tap_bail("no answer");
	mac[4] = r.bytes[CDEV_SRC + 1];
	mac[5] = r.bytes[CDEV_SRC];
	tap_ok(wire_recv(dev, &in, NETNS_PATIENCE) && holds(&in, &r), "captured: the request");
	tap_ok(addressed(&in, host_mac, mac), "... its addresses are those of the trailer");
	tap_ok(wire_recv(dev, &out, NETNS_PATIENCE) && holds(&out, &answer),
	       "captured: the answer");
	tap_ok(addressed(&out, mac, host_mac), "... its addresses are those of the trailer");
	close(dev);
	close(fd);
}

static void test_tcpdump(void)
{
	int fd = cdev_link("dump0", 0, HERE, 0);
	long long end = netns_now() + NETNS_PATIENCE;
	char line[512], output[2048] = "";
	struct cdev_record r;
	FILE *dump;

	if (netns_run(line, "command -v tcpdump")) {
		tap_skip("tcpdump", "it is not installed");
		close(fd);
		return;
	}
	dump = popen("timeout 60 tcpdump -i dump0 -e -n -c 1 2>&1", "re");
	fcntl(fileno(dump), F_SETFL, O_NONBLOCK);
	while (!strstr(output, "captured") && netns_now() < end) {
		make_request(&r);
		cdev_write(fd, &r);
		netns_sleep(100);
		while (fgets(line, sizeof(line), dump))
			strncat(output, line, sizeof(output) - strlen(output) - 1);
		clearerr(dump);
	}
	pclose(dump);
	if (!tap_ok(strstr(output, "02:43:48:00:01:01") && strstr(output, "0x0804"),
		    "tcpdump shows packets"))
		tap_diag("%s", output);
	close(fd);
}

static void test_netem(void)
{
	int fd = cdev_link("netem0", 0, HERE, 0), dev = wire_open("netem0");
	struct wire_frame f;
	struct cdev_record r;
	long long start;
	char output[NETNS_OUTPUT];
	unsigned int i, n = 0;

	netns_must("tc qdisc add dev netem0 root netem delay 300ms");
	make_frame(&f, 7);
	start = netns_now();
	wire_send(dev, &f);
	tap_ok(cdev_read(fd, &r, NETNS_PATIENCE) && netns_now() - start >= 290,
	       "netem delays packets");
	tap_ok(cdev_sealed(&r) && cdev_link_dst(&r) == PEER && cdev_link_src(&r) == HERE,
	       "... which come with their trailer");
	netns_must("tc qdisc change dev netem0 root netem delay 0 duplicate 100%%");
	wire_send(dev, &f);
	while (n < 2 && cdev_read(fd, &r, NETNS_PATIENCE))
		n += cdev_sealed(&r);
	tap_eq(n, 2, "netem duplicates packets");
	netns_must("tc qdisc change dev netem0 root netem loss 100%%");
	for (i = 0; i < TRIES; i++)
		send(dev, f.bytes, f.len, 0);
	netns_run(output, "tc -s qdisc show dev netem0");
	tap_ok(!read_all(fd) && strstr(output, "dropped 9"), "netem loses packets");
	netns_must("tc qdisc del dev netem0 root");
	wire_send(dev, &f);
	tap_ok(cdev_read(fd, &r, NETNS_PATIENCE), "and without it all is as before");
	close(dev);
	close(fd);
}

int main(void)
{
	netns_new();
	genl_open(&genl);
	test_limit();
	test_unfed();
	test_foreign();
	test_capture();
	test_tcpdump();
	test_netem();
	return tap_done();
}
