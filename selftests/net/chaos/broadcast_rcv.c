// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BRD from the wire (AIM 628 section 4.5): what is counted and what is answered.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and 403)
 *	eth1 (our host, 1002) ------ wire1 (the test, playing 1001)
 */
#define _GNU_SOURCE
#include <sys/time.h>

#include "msg.h"
#include "probe.h"

#define MAP		32	/* bytes of the usual map of subnets */
#define ECHO_MS		250	/* a copy that comes later is a new BRD */
#define KEEP_MS		2000	/* so long the kernel remembers what a program has answered */
#define TRIES		10	/* for what must be quick: a machine may stall */
#define HOST_1		01002	/* our host on wire1 */
#define PEER_1		01001
#define TEN		"123456789."
#define LONG		TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "x"	/* 121 bytes */
#define STRANGER	0x5454	/* index of who asks */

static char buf[600];
static uint16_t fresh = 7000;	/* number of a BRD that was not sent before */
static time_t asked;		/* when the last one was sent */
static bool together;		/* so soon after the one before that it can be a copy */

/**
 * struct brd - a BRD
 * @map: length of the map, as the header says
 * @len: bytes of data, if not those of map and text
 * @text: contact and arguments
 * @fc: forwarding count
 * @src: source address, PROBE_PEER if 0
 * @sidx: source index
 * @didx: destination index
 * @num: packet number
 */
struct brd {
	uint16_t map, len;
	const char *text;
	uint8_t fc;
	uint16_t src, sidx, didx, num;
};

#define BRD(index, map_, text_)	.sidx = (index), .map = (map_), .text = (text_)
#define ASK(text)		BRD(STRANGER, MAP, text)

static void build(struct wire_frame *f, const struct brd *brd)
{
	size_t text = strlen(brd->text);
	size_t len = brd->len ?: brd->map + text;
	size_t map = brd->map < len ? brd->map : 0;

	memset(f, 0, sizeof(*f));
	wire_ether(f, wire_broadcast, brd->src == PROBE_OTHER ? probe_other_mac : probe_peer_mac,
		   ETH_P_CHAOS);
	f->bytes[WIRE_OP] = CHAOS_OP_BRD;
	wire_put(f, WIRE_COUNT, brd->fc << 12 | len);
	wire_put(f, WIRE_DIDX, brd->didx);
	wire_put(f, WIRE_SRC, brd->src ?: PROBE_PEER);
	wire_put(f, WIRE_SIDX, brd->sidx);
	wire_put(f, WIRE_NUM, brd->num);
	wire_put(f, WIRE_ACK, brd->map);
	f->bytes[WIRE_DATA] = 2;	/* subnet 1 */
	memcpy(f->bytes + WIRE_DATA + map, brd->text, text);
	f->len = WIRE_DATA + ((len + 1) & ~1u);
}

static const struct row {
	const char *what, *counts;
	unsigned int answers;
	struct brd brd;
} rows[] = {
	{ "STATUS", "rx tx delivered ans_tx", 1, { ASK("STATUS") } },
	{ "TIME", "rx tx delivered ans_tx", 1, { ASK("TIME") } },
	{ "UPTIME", "rx tx delivered ans_tx", 1, { ASK("UPTIME") } },
	{ "lower case and arguments", "rx tx delivered ans_tx", 1, { ASK("time flies") } },
	{ "forwarded as often as possible", "rx tx delivered ans_tx", 1,
	  { ASK("TIME"), .fc = 15 } },
	{ "with a destination index", "rx tx delivered ans_tx", 1,
	  { ASK("TIME"), .didx = 1 } },
	{ "with the highest index", "rx tx delivered ans_tx", 1,
	  { BRD(0xffff, MAP, "TIME") } },
	{ "contact nobody serves", "rx delivered drop_no_listener", 0, { ASK("NOSUCH") } },

	/* The length of the map. */
	{ "map of 4 bytes", "rx tx delivered ans_tx", 1, { BRD(STRANGER, 4, "TIME") } },
	{ "map of 36 bytes", "rx tx delivered ans_tx", 1, { BRD(STRANGER, 36, "TIME") } },
	{ "map of 484 bytes", "rx tx delivered ans_tx", 1, { BRD(STRANGER, 484, "TIME") } },
	{ "map of 0 bytes", "rx drop_malformed", 0, { BRD(STRANGER, 0, "TIME") } },
	{ "map of 3 bytes", "rx drop_malformed", 0, { BRD(STRANGER, 3, "TIME") } },
	{ "map of 5 bytes", "rx drop_malformed", 0, { BRD(STRANGER, 5, "TIME") } },
	{ "map of 34 bytes", "rx drop_malformed", 0, { BRD(STRANGER, 34, "TIME") } },
	{ "map of 36 bytes, of which there are 35", "rx drop_malformed", 0,
	  { BRD(STRANGER, 36, "TIME"), .len = 35 } },
	{ "map of 488 bytes, of which there are 36", "rx drop_malformed", 0,
	  { BRD(STRANGER, 488, "TIME"), .len = 36 } },
	{ "map of 65532 bytes", "rx drop_malformed", 0,
	  { BRD(STRANGER, 65532, "TIME"), .len = 36 } },

	/* What comes after it. */
	{ "map of 488 bytes and nothing else", "rx delivered drop_malformed", 0,
	  { BRD(STRANGER, 488, "") } },
	{ "no contact", "rx delivered drop_malformed", 0, { ASK("") } },
	{ "no contact before the space", "rx delivered drop_malformed", 0, { ASK(" TIME") } },
	{ "contact with a newline", "rx delivered drop_malformed", 0, { ASK("TI\nME") } },
	{ "contact of 121 bytes", "rx delivered drop_malformed", 0,
	  { ASK(LONG) } },
	{ "from index 0", "rx delivered drop_malformed", 0, { BRD(0, MAP, "TIME") } },
	{ "from our own address, come back", "rx drop_src_self", 0,
	  { ASK("TIME"), .src = PROBE_HOST } },
};

/* Is @f what a responder must say to @brd? */
static bool is_answer(const struct wire_frame *f, const struct brd *brd)
{
	uint32_t data = wire_get(f, WIRE_DATA) | (uint32_t)wire_get(f, WIRE_DATA + 2) << 16;
	int64_t told = (int64_t)data - 2208988800;

	if (!wire_is_chaos(f) || memcmp(f->bytes + WIRE_DMAC, probe_peer_mac, 6) ||
	    f->bytes[WIRE_OP] != CHAOS_OP_ANS || wire_get(f, WIRE_COUNT) != wire_count(f) ||
	    wire_get(f, WIRE_DST) != PROBE_PEER || wire_get(f, WIRE_DIDX) != brd->sidx ||
	    wire_get(f, WIRE_SRC) != PROBE_HOST || wire_get(f, WIRE_SIDX) ||
	    wire_get(f, WIRE_NUM) || wire_get(f, WIRE_ACK))
		return false;
	if (!strncasecmp(brd->text, "TIME", 4))
		return wire_count(f) == 4 && told >= asked - 1 && told <= time(NULL) + 1;
	if (!strcmp(brd->text, "STATUS"))	/* links on two subnets */
		return wire_count(f) == 32 + 2 * 36 &&
		       !strcmp((char *)f->bytes + WIRE_DATA, "HOSTB");
	return wire_count(f) == 4;
}

static void test_rows(void)
{
	struct wire_frame f, answer;
	char counts[COUNTERS_TEXT];
	struct counters before;
	unsigned int i, answers;
	struct brd brd;

	counters_read(&before);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		brd = rows[i].brd;
		brd.num = fresh++;
		build(&f, &brd);
		asked = time(NULL);
		answers = probe_send(&f, &answer);
		probe_counted(&before, 1, counts);
		if (tap_ok(answers == rows[i].answers && !strcmp(counts, rows[i].counts) &&
			   (!answers || is_answer(&answer, &brd)), "%s", rows[i].what))
			continue;
		tap_diag("counted: %s; expected: %s; %u answers", counts, rows[i].counts, answers);
		if (answers)
			wire_show("the first", &answer);
	}
}

/* The answers to two BRDs that come one upon the other. */
static unsigned int answers_to_both(const struct brd *a, const struct brd *b)
{
	long long begin = netns_now();
	struct wire_frame f, answer;
	unsigned int answers;

	build(&f, a);
	wire_send(probe_wire, &f);
	build(&f, b);
	answers = probe_send(&f, &answer);
	together = netns_now() - begin < ECHO_MS - 10;
	return answers;
}

/* The same for a new BRD and what a bridge makes of it, and what they count. */
static unsigned int answers_to_copy(struct brd *brd, char *counts)
{
	struct counters before;
	unsigned int answers;
	int tries = TRIES;
	struct brd copy;

	do {
		brd->num = fresh++;
		copy = *brd;
		copy.fc = 1;
		counters_read(&before);
		answers = answers_to_both(brd, &copy);
		probe_counted(&before, 1, counts);
	} while (!together && --tries);
	return answers;
}

/* The same for one that was sent before, after some time. */
static unsigned int answers_again(const struct brd *brd)
{
	struct brd copy = *brd;
	unsigned int answers;
	int tries = TRIES;

	copy.fc = 1;
	do {
		netns_sleep(ECHO_MS + 50);
		answers = answers_to_both(brd, &copy);
	} while (!together && --tries);
	return answers;
}

/* A bridge's copy, with the forwarding count raised and no bit cleared, is not
 * answered; what is not the same is, and so is the same when it is sent again.
 */
static void test_echo(void)
{
	struct brd brd = { ASK("TIME") };
	char counts[COUNTERS_TEXT];
	struct brd other;

	tap_eq(answers_to_copy(&brd, counts), 1, "a copy is not answered");
	if (!tap_ok(!strcmp(counts, "rx+2 tx delivered drop_duplicate ans_tx"),
		    "it counts as a duplicate"))
		tap_diag("counted: %s", counts);
	tap_eq(answers_again(&brd), 1, "sent again later it is answered, the copy is not");
	brd.num = fresh++;
	other = brd;
	other.num = fresh++;
	tap_eq(answers_to_both(&brd, &other), 2, "another number is no copy");
	brd.num = fresh++;
	other = brd;
	other.sidx++;
	tap_eq(answers_to_both(&brd, &other), 2, "another index is no copy");
	brd.num = fresh++;
	other = brd;
	other.src = PROBE_OTHER;
	tap_eq(answers_to_both(&brd, &other), 2, "another host is no copy");
	brd.text = "NOSUCH";
	tap_eq(answers_to_copy(&brd, counts), 0, "two copies for a contact nobody serves");
	if (!tap_ok(!strcmp(counts, "rx+2 delivered drop_no_listener drop_duplicate"),
		    "the second is not looked at"))
		tap_diag("counted: %s", counts);
}

static int make_server(int type, const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS };
	const struct timeval limit = { .tv_sec = NETNS_PATIENCE / 1000 };
	int fd = socket(AF_CHAOS, type | SOCK_CLOEXEC, 0);

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    (type != SOCK_DGRAM && listen(fd, 4)))
		tap_bail("%s: %s", contact, strerror(errno));
	return fd;
}

/* Send it.  The first answer goes to @answer; returns how many there were. */
static unsigned int send_brd(const struct brd *brd, struct wire_frame *answer)
{
	struct wire_frame f;

	build(&f, brd);
	return probe_send(&f, answer);
}

static bool is_from_server(const struct wire_frame *f, uint8_t op, const struct brd *brd)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == op && wire_get(f, WIRE_DST) == PROBE_PEER &&
	       wire_get(f, WIRE_DIDX) == brd->sidx && wire_get(f, WIRE_SRC) == PROBE_HOST;
}

/* The next packet with this opcode, which may come after others. */
static bool hear(uint8_t op, struct wire_frame *f)
{
	long long end = netns_now() + NETNS_PATIENCE;

	while (netns_now() < end)
		if (wire_recv(probe_wire, f, 100) && wire_is_chaos(f) && f->bytes[WIRE_OP] == op)
			return true;
	return false;
}

/* Send a packet of the connection that the BRD has become. */
static void send_on(const struct brd *brd, const struct wire_frame *opn, uint8_t op, uint16_t num,
		    const void *data, size_t len)
{
	struct wire_frame f = {};

	wire_ether(&f, probe_host_mac, probe_peer_mac, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = op;
	wire_put(&f, WIRE_COUNT, len);
	wire_put(&f, WIRE_DST, PROBE_HOST);
	wire_put(&f, WIRE_DIDX, wire_get(opn, WIRE_SIDX));
	wire_put(&f, WIRE_SRC, PROBE_PEER);
	wire_put(&f, WIRE_SIDX, brd->sidx);
	wire_put(&f, WIRE_NUM, num);
	wire_put(&f, WIRE_ACK, wire_get(opn, WIRE_NUM));
	memcpy(f.bytes + WIRE_DATA, data, len);
	f.len = WIRE_DATA + len;
	wire_send(probe_wire, &f);
}

/* A copy that comes too late for an echo, and is a duplicate nevertheless. */
static void send_again(const struct brd *brd, const char *what)
{
	char counts[COUNTERS_TEXT];
	struct counters before;
	struct wire_frame f;

	netns_sleep(ECHO_MS + 50);
	counters_read(&before);
	send_brd(brd, &f);
	probe_counted(&before, 1, counts);
	if (!tap_ok(strstr(counts, "drop_duplicate") && !strstr(counts, "ans_tx"), "%s", what))
		tap_diag("counted: %s", counts);
}

static void test_stream(void)
{
	struct brd brd = { BRD(0x6161, MAP, "BYTES please"), .num = fresh++ };
	int server = make_server(SOCK_STREAM, "BYTES"), fd;
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);
	struct wire_frame f, opn;
	uint16_t sts[2];

	tap_eq(send_brd(&brd, &f), 0, "a listener's BRD waits for accept()");
	send_again(&brd, "the same again is a duplicate of what waits");
	fd = accept4(server, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC);
	tap_ok(fd >= 0 && sa.sch_addr == PROBE_PEER && sa.sch_index == brd.sidx,
	       "accept() tells who asks");
	tap_ok(hear(CHAOS_OP_OPN, &opn) && is_from_server(&opn, CHAOS_OP_OPN, &brd) &&
	       wire_get(&opn, WIRE_ACK) == brd.num && wire_get(&opn, WIRE_DATA) == brd.num,
	       "OPN goes to who asks, and receipts the BRD");
	sts[0] = wire_get(&opn, WIRE_NUM);
	sts[1] = 13;
	send_on(&brd, &opn, CHAOS_OP_STS, brd.num + 1, sts, sizeof(sts));
	send_on(&brd, &opn, CHAOS_OP_DAT, brd.num + 1, "data", 4);
	tap_ok(recv(fd, buf, sizeof(buf), 0) == 4 && !memcmp(buf, "data", 4), "data flows");
	send_again(&brd, "the same again is a duplicate of what is open");
	send_on(&brd, &opn, CHAOS_OP_CLS, brd.num + 2, "Bye.", 4);
	tap_eq(recv(fd, buf, sizeof(buf), 0), 0, "until it is closed");
	close(fd);
	close(server);
}

/* The server sees what it would see of an RFC. */
static void test_defer(void)
{
	struct brd brd = { BRD(0x6262, MAP, "LOOK at this"), .num = fresh++ };
	int server = make_server(SOCK_STREAM, "LOOK"), fd, one = 1;
	socklen_t len = sizeof(buf);
	struct wire_frame f;

	if (setsockopt(server, SOL_CHAOS, CHAOS_DEFER, &one, sizeof(one)))
		tap_bail("CHAOS_DEFER: %s", strerror(errno));
	send_brd(&brd, &f);
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, buf, &len) &&
	       len == strlen(brd.text) && !memcmp(buf, brd.text, len),
	       "contact and arguments are read without the map");
	setsockopt(fd, SOL_CHAOS, CHAOS_REJECT, "no", 2);
	tap_ok(hear(CHAOS_OP_CLS, &f) && is_from_server(&f, CHAOS_OP_CLS, &brd) &&
	       wire_count(&f) == 2, "the server may refuse a BRD");
	close(fd);

	brd.num = fresh++;
	send_brd(&brd, &f);
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(fd, SOL_CHAOS, CHAOS_ANSWER, "yes", 3);
	tap_ok(hear(CHAOS_OP_ANS, &f) && is_from_server(&f, CHAOS_OP_ANS, &brd) &&
	       wire_count(&f) == 3, "or answer");
	close(fd);
	close(server);
}

static void test_dgram(void)
{
	struct brd brd = { BRD(0x6363, MAP, "ASK this"), .num = fresh++ };
	int server = make_server(SOCK_DGRAM, "ASK"), tries = TRIES;
	struct wire_frame f;
	struct msg_got got;
	unsigned int again;
	long long answered;
	ssize_t n;

	tap_eq(send_brd(&brd, &f), 0, "a bound socket's BRD waits for the program");
	n = msg_recv(server, buf, sizeof(buf), 0, &got);
	tap_ok(n == 4 && !memcmp(buf, "this", 4), "which reads the arguments");
	tap_eq(got.opcode, CHAOS_OP_BRD, "of a BRD");
	tap_ok(got.from.sch_addr == PROBE_PEER && got.from.sch_index == brd.sidx,
	       "and who asks");
	got.from.sch_contact[0] = 0;
	answered = netns_now();
	tap_eq(sendto(server, "yes", 3, 0, (struct sockaddr *)&got.from, sizeof(got.from)), 3,
	       "it answers");
	tap_ok(hear(CHAOS_OP_ANS, &f) && is_from_server(&f, CHAOS_OP_ANS, &brd) &&
	       wire_count(&f) == 3 && !memcmp(f.bytes + WIRE_DATA, "yes", 3),
	       "the answer goes to who asks");
	while (again = answers_again(&brd), netns_now() - answered >= KEEP_MS && --tries) {
		/* Forgotten, and perhaps new to the program. */
		recv(server, buf, 1, MSG_DONTWAIT);
		brd.num = fresh++;
		send_brd(&brd, &f);
		if (msg_recv(server, buf, sizeof(buf), 0, &got) != 4)
			tap_bail("no question: %s", strerror(errno));
		got.from.sch_contact[0] = 0;
		answered = netns_now();
		sendto(server, "yes", 3, 0, (struct sockaddr *)&got.from, sizeof(got.from));
		hear(CHAOS_OP_ANS, &f);
	}
	tap_eq(again, 1, "sent again it is answered again, a copy is not");
	tap_errno(recv(server, buf, 1, MSG_DONTWAIT), EAGAIN, "by the kernel");
	close(server);
}

static bool is_ready(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1;
}

/* Who listens without a contact gets what nobody has claimed. */
static void test_unmatched(void)
{
	struct brd brd = { BRD(0x6464, MAP, "NOSUCH thing"), .num = fresh++ };
	int any = make_server(SOCK_STREAM, ""), mine = make_server(SOCK_STREAM, "MINE");
	char counts[COUNTERS_TEXT];
	socklen_t len = sizeof(buf);
	struct counters before;
	struct wire_frame f;
	int fd, one = 1;

	setsockopt(any, SOL_CHAOS, CHAOS_DEFER, &one, sizeof(one));
	send_brd(&brd, &f);
	fd = accept4(any, NULL, NULL, SOCK_CLOEXEC);
	tap_ok(fd >= 0 && !getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, buf, &len) &&
	       len == strlen(brd.text) && !memcmp(buf, brd.text, len),
	       "a BRD that nobody has claimed goes to who takes them");
	setsockopt(fd, SOL_CHAOS, CHAOS_ANSWER, "yes", 3);
	tap_ok(hear(CHAOS_OP_ANS, &f) && is_from_server(&f, CHAOS_OP_ANS, &brd), "who answers");
	close(fd);

	brd = (struct brd){ ASK("TIME"), .num = fresh++ };
	tap_ok(send_brd(&brd, &f) == 1 && !is_ready(any, 0), "not one that the kernel answers");
	brd = (struct brd){ ASK("MINE"), .num = fresh++ };
	send_brd(&brd, &f);
	tap_ok(is_ready(mine, NETNS_PATIENCE) && !is_ready(any, 0),
	       "nor one that another has claimed");
	brd = (struct brd){ ASK("NO\nSUCH"), .num = fresh++ };
	send_brd(&brd, &f);
	tap_ok(!is_ready(any, 0), "nor one that is malformed");
	close(mine);
	close(any);

	brd = (struct brd){ ASK("NOSUCH"), .num = fresh++ };
	counters_read(&before);
	send_brd(&brd, &f);
	probe_counted(&before, 1, counts);
	if (!tap_ok(!strcmp(counts, "rx delivered drop_no_listener"), "nobody takes them any more"))
		tap_diag("counted: %s", counts);
}

/* On another link. */
static void test_other_link(int wire1)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0x10, 1 };
	struct brd brd = { ASK("TIME"), .src = PEER_1, .num = fresh++ };
	struct wire_frame f;

	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:10:01 dev eth1", PEER_1);
	while (wire_recv(wire1, &f, 0))
		;
	build(&f, &brd);
	memcpy(f.bytes + WIRE_SMAC, mac, 6);
	wire_send(wire1, &f);
	tap_ok(wire_recv(wire1, &f, NETNS_PATIENCE) && wire_is_chaos(&f) &&
	       f.bytes[WIRE_OP] == CHAOS_OP_ANS && wire_get(&f, WIRE_SRC) == HOST_1 &&
	       wire_get(&f, WIRE_DST) == PEER_1 && wire_get(&f, WIRE_DIDX) == brd.sidx,
	       "the answer comes from the address on the link where the BRD came");
}

static void test_no_address(void)
{
	struct brd brd = { ASK("STATUS"), .num = fresh++ };
	struct counters before, after;
	static const char want[] = "rx drop_broadcast";
	long long end = netns_now() + NETNS_PATIENCE;
	char counts[COUNTERS_TEXT];
	struct wire_frame f;

	netns_must("chaosctl link add eth0");
	counters_read(&before);
	build(&f, &brd);
	wire_send(probe_wire, &f);
	do {
		counters_read(&after);
		counters_since(&before, &after, 1, counts);
	} while (strcmp(counts, want) && netns_now() < end);
	if (!tap_ok(!strcmp(counts, want), "a link without an address hears nothing"))
		tap_diag("counted: %s", counts);
}

int main(void)
{
	int ns = probe_make_host(), wire1;

	test_no_address();
	netns_must("chaosctl addr add %o dev eth0", PROBE_HOST);
	netns_must("chaosctl set name HOSTB");
	netns_veth(ns, "eth1", ns, "wire1");
	wire1 = wire_open("wire1");
	netns_host(ns, "eth1", HOST_1, NULL);
	if (!wire_announced(probe_wire, PROBE_HOST) || !wire_announced(wire1, HOST_1))
		tap_bail("the addresses did not become valid");
	probe_introduce(PROBE_PEER, probe_peer_mac);
	probe_introduce(PROBE_OTHER, probe_other_mac);
	probe_skip_frames();

	test_rows();
	test_echo();
	test_stream();
	test_defer();
	test_dgram();
	test_unmatched();
	test_other_link(wire1);
	return tap_done();
}
