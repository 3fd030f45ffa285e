// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ARP packets that make no sense, or are not for us: what is counted, that
 * nothing is answered or learned from them.  All differ a little from a good
 * request of 405 for our host's hardware address.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and 405)
 */
#define _GNU_SOURCE
#include "probe.h"

#define STRANGER	0405

static const uint8_t stranger_mac[6] = { 2, 0, 0, 0, 4, 5 };

enum answer { NOTHING, REPLY };

/* Bytes that are changed, high byte first, but in addresses. */
struct change {
	unsigned int offset, len;
	const char *bytes;
};

#define CHANGE(offset, bytes) { (offset), sizeof(bytes) - 1, (bytes) }

/**
 * struct row - a frame, or a series that differs in length
 * @what: description
 * @counts: what is counted for each frame, as counters_since() tells it
 * @answer: what is answered to each
 * @shortest: bytes of the first frame, if it is not the full request
 * @longest: bytes of the last one
 * @changes: to the request
 */
static const struct row {
	const char *what;
	const char *counts;
	enum answer answer;
	unsigned int shortest, longest;
	struct change changes[3];
} rows[] = {
	/* Good ones. */
	{ "request", "arp_rx arp_tx", REPLY, 0, 0, {} },
	{ "request, padded", "arp_rx arp_tx", REPLY, 60, 60, {} },
	{ "request to us alone", "arp_rx arp_tx", REPLY, 0, 0,
	  { CHANGE(WIRE_DMAC, "\2\0\0\0\4\2") } },
	{ "request with garbage where the answer belongs", "arp_rx arp_tx", REPLY, 0, 0,
	  { CHANGE(WIRE_ARP_THA, "\1\2\3\4\5\6") } },

	/* Not for us. */
	{ "no room for the ARP header", "", NOTHING, WIRE_PKT, WIRE_PKT + 7, {} },
	{ "about IPv4", "", NOTHING, 0, 0, { CHANGE(WIRE_ARP_PRO, "\x08\0") } },
	{ "about another protocol", "", NOTHING, 0, 0, { CHANGE(WIRE_ARP_PRO, "\x08\5") } },
	{ "to another MAC", "", NOTHING, 0, 0, { CHANGE(WIRE_DMAC, "\2\0\0\0\0\x77") } },
	{ "request for another host", "arp_rx", NOTHING, 0, 0, { CHANGE(WIRE_ARP_TIP, "\4\1") } },
	{ "request for our address with its bytes swapped", "arp_rx", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_TIP, "\1\2") } },
	{ "announcement of another host", "arp_rx", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_TIP, "\5\1") } },
	{ "reply that nobody asked for", "arp_rx", NOTHING, 0, 0, { CHANGE(WIRE_ARP_OP, "\0\2") } },
	{ "request that seems to be our own", "arp_rx", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_SHA, "\2\0\0\0\4\2") } },

	/* Lengths, types. */
	{ "addresses missing or cut off", "arp_rx arp_bad", NOTHING, WIRE_ARP_SHA,
	  WIRE_ARP_END - 1, {} },
	{ "hardware type 0", "arp_rx arp_bad", NOTHING, 0, 0, { CHANGE(WIRE_ARP_HRD, "\0\0") } },
	{ "hardware type 5, Chaosnet's own", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_HRD, "\0\5") } },
	{ "hardware type 1 with the low byte first", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_HRD, "\1\0") } },
	{ "hardware address length 0", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_HLN, "\0") } },
	{ "hardware address length 8", "arp_rx arp_bad", NOTHING, 60, 60,
	  { CHANGE(WIRE_ARP_HLN, "\10") } },
	{ "protocol address length 0", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_PLN, "\0") } },
	{ "protocol address length 4", "arp_rx arp_bad", NOTHING, 60, 60,
	  { CHANGE(WIRE_ARP_PLN, "\4") } },
	{ "operation 0", "arp_rx arp_bad", NOTHING, 0, 0, { CHANGE(WIRE_ARP_OP, "\0\0") } },
	{ "operation 3, RARP's", "arp_rx arp_bad", NOTHING, 0, 0, { CHANGE(WIRE_ARP_OP, "\0\3") } },
	{ "operation 256", "arp_rx arp_bad", NOTHING, 0, 0, { CHANGE(WIRE_ARP_OP, "\1\0") } },

	/* Addresses. */
	{ "sender without host", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_SIP, "\0\1") } },
	{ "sender without subnet", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_SIP, "\5\0") } },
	{ "reply from nobody", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_OP, "\0\2"), CHANGE(WIRE_ARP_SIP, "\0\0") } },
	{ "request for nobody", "arp_rx arp_bad", NOTHING, 0, 0, { CHANGE(WIRE_ARP_TIP, "\0\0") } },
	{ "target without host", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_TIP, "\0\1") } },
	{ "target without subnet", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_TIP, "\2\0") } },
	{ "sender's hardware address is zero", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_SHA, "\0\0\0\0\0\0") } },
	{ "sender's hardware address is a group's", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_SHA, "\1\0\x5e\0\0\1") } },
	{ "sender's hardware address is everybody's", "arp_rx arp_bad", NOTHING, 0, 0,
	  { CHANGE(WIRE_ARP_SHA, "\xff\xff\xff\xff\xff\xff") } },
};

static void build(const struct row *row, struct wire_frame *f)
{
	/* What is answered must not be learned from here: 401 is configured. */
	uint16_t sender = row->answer == REPLY ? PROBE_PEER : STRANGER;
	const struct change *change;

	wire_arp(f, NULL, WIRE_ARP_REQUEST, stranger_mac, sender, wire_zero, PROBE_HOST);
	for (change = row->changes; change->len; change++)
		memcpy(f->bytes + change->offset, change->bytes, change->len);
}

static bool answered(const struct row *row, unsigned int len)
{
	struct wire_frame f, answer;
	unsigned int answers;

	build(row, &f);
	f.len = len;
	answers = probe_send(&f, &answer);
	if (row->answer == NOTHING ? !answers :
	    answers == 1 && wire_is_arp_of(&answer, stranger_mac, WIRE_ARP_REPLY, probe_host_mac,
					   PROBE_HOST, stranger_mac, PROBE_PEER))
		return true;
	tap_diag("%s: %u answers", row->what, answers);
	wire_show("to", &f);
	if (answers)
		wire_show("the first", &answer);
	return false;
}

static void test_rows(void)
{
	char counts[COUNTERS_TEXT];
	struct counters before;
	unsigned int i;

	counters_read(&before);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int len = rows[i].shortest ?: WIRE_ARP_END;
		unsigned int frames = 0, longest = rows[i].longest ?: len;
		bool good = true;

		for (; len <= longest; len++, frames++)
			good &= answered(&rows[i], len);
		probe_counted_arp(&before, frames, counts);
		if (!tap_ok(good && !strcmp(counts, rows[i].counts), "%s", rows[i].what))
			tap_diag("counted: %s; expected: %s", counts, rows[i].counts);
	}
}

static void test_learned(void)
{
	char output[NETNS_OUTPUT];

	tap_ok(!netns_run(output, "chaosctl neigh") && !strstr(output, "405"),
	       "nothing was learned");
	tap_ok(!netns_run(output, "chaosctl neigh") &&
	       strstr(output, "401 dev eth0 lladdr 02:00:00:00:04:01 permanent"),
	       "what was configured is as it was");
	tap_ok(!netns_run(output, "chaosctl addr") && strstr(output, "valid"),
	       "our address is undisputed");
}

int main(void)
{
	probe_setup();
	probe_introduce(PROBE_PEER, probe_peer_mac);
	test_rows();
	test_learned();
	return tap_done();
}
