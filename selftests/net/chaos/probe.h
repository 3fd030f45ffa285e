/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting one frame to our host, and seeing exactly what it answers and counts.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and others)
 *
 * What comes after the frame is known by asking our host for UPTIME next: packets
 * are processed in order, as long as the test stays on one processor.
 */
#ifndef PROBE_H
#define PROBE_H

#include "counters.h"
#include "wire.h"

#define PROBE_HOST	0402
#define PROBE_PEER	0401
#define PROBE_OTHER	0403
#define PROBE_FENCE	0xf001	/* index of the test's own question */

static const uint8_t probe_host_mac[6] = { 2, 0, 0, 0, 4, 2 };
static const uint8_t probe_peer_mac[6] = { 2, 0, 0, 0, 4, 1 };
static const uint8_t probe_other_mac[6] = { 2, 0, 0, 0, 4, 3 };

static int probe_wire;

/* Make our host, with the wire but without an address. */
static inline int probe_make_host(void)
{
	int ns;

	netns_stay();
	ns = netns_new();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set eth0 address 02:00:00:00:04:02");
	probe_wire = wire_open("wire");
	return ns;
}

static inline void probe_skip_frames(void)
{
	struct wire_frame f;

	while (wire_recv(probe_wire, &f, 0))
		;
}

/* Make it with its address, which is undisputed on return; the wire is silent. */
static inline void probe_setup(void)
{
	netns_host(probe_make_host(), "eth0", PROBE_HOST, "HOSTB");
	if (!wire_announced(probe_wire, PROBE_HOST))
		tap_bail("the address did not become valid");
}

/* Tell our host where a host is, so that it need not ask, now or later. */
static inline void probe_introduce(uint16_t addr, const uint8_t *mac)
{
	netns_must("chaosctl neigh add %o lladdr %02x:%02x:%02x:%02x:%02x:%02x dev eth0", addr,
		   mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static inline bool probe_is_fence(const struct wire_frame *f)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == CHAOS_OP_ANS &&
	       wire_get(f, WIRE_DIDX) == PROBE_FENCE;
}

/* A request for connection again is no answer: it comes by itself. */
static inline bool probe_is_retransmission(const struct wire_frame *f)
{
	return wire_is_chaos(f) && f->bytes[WIRE_OP] == CHAOS_OP_RFC;
}

/* Send @frame; the first answer goes to @answer.  Returns how many there were. */
static inline unsigned int probe_send(const struct wire_frame *frame, struct wire_frame *answer)
{
	struct wire_frame f = {};
	unsigned int answers = 0;

	wire_send(probe_wire, frame);
	wire_ether(&f, probe_host_mac, probe_peer_mac, ETH_P_CHAOS);
	f.bytes[WIRE_OP] = CHAOS_OP_RFC;
	wire_put(&f, WIRE_COUNT, 6);
	wire_put(&f, WIRE_DST, PROBE_HOST);
	wire_put(&f, WIRE_SRC, PROBE_PEER);
	wire_put(&f, WIRE_SIDX, PROBE_FENCE);
	memcpy(f.bytes + WIRE_DATA, "UPTIME", 6);
	f.len = WIRE_DATA + 6;
	wire_send(probe_wire, &f);
	for (;;) {
		if (!wire_recv(probe_wire, &f, NETNS_PATIENCE))
			tap_bail("our host has stopped to answer");
		if (probe_is_fence(&f))
			return answers;
		if (!probe_is_retransmission(&f) && !answers++)
			*answer = f;
	}
}

/* Until all that our host had to say has come; it is forgotten. */
static inline void probe_settle(void)
{
	struct wire_frame nothing = {}, answer;

	wire_ether(&nothing, probe_host_mac, probe_peer_mac, 0x88b5);
	probe_send(&nothing, &answer);
}

/* What a counter has done since @before shall not be told. */
static inline void probe_forget(struct counters *before, struct counters *now, const char *name)
{
	*counters_of(before, name) = *counters_of(now, name);
}

/* What was counted since @before for @frames frames that probe_send() has sent,
 * without what the test itself causes, and what connections do by themselves.
 * Afterwards @before is the present.
 */
static inline const char *probe_tell(struct counters *before, struct counters *now, int frames,
				     char *text)
{
	static const char * const fence[] = { "rx", "tx", "delivered", "ans_tx" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fence); i++)
		*counters_of(before, fence[i]) += frames;
	*counters_of(before, "tx") += *counters_of(now, "retrans") -
				      *counters_of(before, "retrans");
	probe_forget(before, now, "retrans");
	counters_since(before, now, frames, text);
	*before = *now;
	return text;
}

/* The same without ARP, which a host does at any time ... */
static inline const char *probe_counted(struct counters *before, int frames, char *text)
{
	struct counters now;

	counters_read(&now);
	probe_forget(before, &now, "arp_rx");
	probe_forget(before, &now, "arp_tx");
	return probe_tell(before, &now, frames, text);
}

/* ... and with it, for tests of ARP, where all neighbours must be known. */
static inline const char *probe_counted_arp(struct counters *before, int frames, char *text)
{
	struct counters now;

	counters_read(&now);
	return probe_tell(before, &now, frames, text);
}

#endif /* PROBE_H */
