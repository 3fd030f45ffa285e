// SPDX-License-Identifier: GPL-2.0-or-later
/* While packets are missing, STS tell which have arrived behind the gap: on the wire. */
#define _GNU_SOURCE
#include "msg.h"
#include "watch.h"

#define WINDOW	128	/* the default */
#define NEVER	60000	/* ms: nothing is sent again but for what STS say */

static int cable;

static int call_mute(void)
{
	int fd = pair_socket(PAIR_A, SOCK_SEQPACKET);

	pair_set_int(fd, SOL_CHAOS, CHAOS_RTO_MAX, NEVER);
	pair_set_int(fd, SOL_CHAOS, CHAOS_RTO_MIN, NEVER);
	watch_connect_mute(fd, cable, 0);
	return fd;
}

/* What the mute host says to the client: text, or words. */
static void say(int fd, uint8_t op, uint16_t num, uint16_t ack, const void *data,
		unsigned int words)
{
	const struct inject_packet p = {
		.op = op, .num = num, .ack = ack, .text = data, .words = words,
	};

	inject_from_peer(fd, &p);
}

/* The next STS of the client has these words, the window among them, and no more. */
static void hear_sts(const char *what, const uint16_t *words, unsigned int n)
{
	struct watch_packet sts;
	unsigned int i;
	bool same;

	if (!watch_for(cable, CHAOS_OP_STS, &sts, PAIR_PATIENCE))
		tap_bail("%s: no STS", what);
	same = wire_get(&sts.f, WIRE_COUNT) == 2 * n;
	for (i = 0; i < n; i++)
		same = same && sts.f.bytes[WIRE_DATA + 2 * i] == (words[i] & 0xff) &&
		       sts.f.bytes[WIRE_DATA + 2 * i + 1] == words[i] >> 8;
	tap_ok(same, "%s", what);
}

#define HEAR_STS(what, ...)							\
	hear_sts(what, (const uint16_t[]){ __VA_ARGS__ },			\
		 sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

/* The mute host's first packet has the number 1. */
static void test_told(void)
{
	int fd = call_mute(), i;
	char data[9];

	say(fd, CHAOS_OP_DAT, 2, 0, "2", 0);
	HEAR_STS("told: one packet behind a gap", 0, WINDOW + 1, 2, 2);
	say(fd, CHAOS_OP_DAT, 3, 0, "3", 0);
	HEAR_STS("told: the next one", 0, WINDOW + 2, 2, 3);
	say(fd, CHAOS_OP_DAT, 5, 0, "5", 0);
	HEAR_STS("told: behind another gap", 0, WINDOW + 3, 2, 3, 5, 5);
	say(fd, CHAOS_OP_DAT, 1, 0, "1", 0);
	HEAR_STS("told: the first gap is filled, the window stands", 3, WINDOW + 3, 5, 5);
	say(fd, CHAOS_OP_DAT, 4, 0, "4", 0);
	HEAR_STS("told: nothing is missing, nothing is told", 5, WINDOW + 3);
	for (i = 1; i <= 5; i++)
		if (recv(fd, data, sizeof(data), 0) != 1 || data[0] != '0' + i)
			break;
	tap_eq(i, 6, "told: all is read, in order");
	watch_abort(fd);
}

/* The client sends packets; returns the number of the first. */
static uint16_t send_some(int fd, unsigned int n)
{
	struct watch_packet first, p;

	watch_skip(cable);
	while (n--)
		if (send(fd, "x", 1, 0) != 1)
			tap_bail("send: %s", strerror(errno));
	if (!watch_for(cable, CHAOS_OP_DAT, &first, PAIR_PATIENCE))
		tap_bail("there is no data");
	while (watch_for(cable, CHAOS_OP_DAT, &p, 100))
		;
	return wire_get(&first.f, WIRE_NUM);
}

/* Are these packets sent again, and no others?  As digits, their distances from the first. */
static bool sent_again(uint16_t first, const char *wanted)
{
	char text[10] = "";
	struct watch_packet p;
	size_t n = 0;

	while (n < sizeof(text) - 1 &&
	       watch_for(cable, CHAOS_OP_DAT, &p, n < strlen(wanted) ? PAIR_PATIENCE : 300))
		text[n++] = '0' + ((wire_get(&p.f, WIRE_NUM) - first) & 7);
	if (strcmp(text, wanted))
		tap_diag("sent again: \"%s\"", text);
	return !strcmp(text, wanted);
}

static void say_sts(int fd, uint16_t ack, const uint16_t *words, unsigned int n)
{
	say(fd, CHAOS_OP_STS, 1, ack, words, n);
}

/* Words on the wire are as in our memory: the test machine's low byte comes first. */
#define SAY_STS(fd, receipt, ...)						\
	say_sts(fd, receipt, (const uint16_t[]){ receipt, WINDOW, __VA_ARGS__ },	\
		2 + sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

static void test_used(void)
{
	int fd = call_mute();
	uint16_t n = send_some(fd, 8), before = n - 1;

	SAY_STS(fd, before, n + 1, n + 2, n + 4, n + 6);
	tap_ok(sent_again(n, "03"), "used: what is missing is sent again, all at once");
	tap_eq(pair_info(fd).ci_snd_unreceipted, 8, "used: nothing is receipted yet");
	tap_eq(pair_info(fd).ci_gaps_rcvd, 1, "used: one report");
	tap_eq(pair_info(fd).ci_retrans, 2, "used: two repairs");
	watch_abort(fd);
}

/* Words that are no runs are nobody's business: nothing is missing for all we know. */
static void test_ignored(void)
{
	int fd = call_mute();
	uint16_t n = send_some(fd, 8), before = n - 1;

	SAY_STS(fd, before, n + 1, n + 8);
	SAY_STS(fd, before, n + 4, n + 6, n + 1, n + 2);
	tap_ok(sent_again(n, ""), "ignored: what was never sent, what is in disorder");
	SAY_STS(fd, before, n, n + 6);
	tap_ok(sent_again(n, "0"), "ignored: what the receipt denies; it is the third report");
	tap_eq(pair_info(fd).ci_retrans, 1, "ignored: one repair");
	watch_abort(fd);
}

int main(void)
{
	pair_setup();
	watch_introduce_mute();
	cable = watch_open(PAIR_A);
	test_told();
	test_used();
	test_ignored();
	return tap_done();
}
