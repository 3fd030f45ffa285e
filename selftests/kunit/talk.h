/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two users, their engines and the network between them.
 *
 *	side 0 asks -- engine 401 ====== network ====== engine 402 -- side 1 answers
 *
 * Time is simulated: talk_step() goes to whatever happens next.  Randomness
 * comes from a seed, so that every run is the same.
 */
#ifndef _CHAOS_KUNIT_TALK_H
#define _CHAOS_KUNIT_TALK_H

#include "endpoint.h"
#include "random.h"

#define NEVER	U64_MAX

#define TALK_WRITE_MAX	1500	/* bytes */

/**
 * struct talk_plan - what is to happen; times in microseconds
 * @packets: how many each side sends; of a stream, bytes and EOFs
 * @eof_every: every so many of them is an EOF; 0: none
 * @holds: bits by enum ncp_hold: a stream, its writes join in these ways at random;
 *	0: packets instead
 * @write_size: bytes in each write to a stream, by a user without other habits; 0: random
 * @window: what each side offers
 * @spare: so many windows more while a packet is missing
 * @queue: how many packets a user queues ahead of the window
 * @write_every: a user writes a packet so often; 0: whenever there is room
 * @read_every: a user reads a packet so often; 0: as soon as it is there
 * @accept_delay: how long the server thinks before it accepts
 * @delay: of the network, one way
 * @jitter: up to so much more, without overtaking
 * @packet_time: for a data packet to leave, a tenth for others; the next one waits
 * @drop: in 1000 packets, are lost
 * @dup: in 1000 packets, arrive twice
 * @late: in 1000 packets, are delayed by up to @late_by and may be overtaken
 * @late_by: see there
 * @busy: before so many in 1000 data packets the link has no room for up to @busy_for
 * @busy_for: see there
 * @window_change: in 1000 packets read, change the window
 * @number: first packet numbers of both sides
 * @seed: for everything random
 */
struct talk_plan {
	u32 packets[2];
	u32 eof_every;
	u32 holds;
	u32 write_size;
	u16 window[2];
	u16 spare;
	u32 queue;
	u32 write_every;
	u32 read_every;
	u32 accept_delay;
	u32 delay, jitter, packet_time;
	u32 drop, dup, late, late_by;
	u32 busy, busy_for;
	u32 window_change;
	u16 number[2];
	u64 seed;
};

/**
 * struct talk_user - one side
 * @ep: its engine
 * @sent: packets handed to the engine; of a stream, bytes and EOFs
 * @arrived: those that have come out of the peer's, in the right order
 * @read: of these, how many were read
 * @adding_to: packet that it is going to add to, or NULL
 * @write_at: next write; NEVER if it waits for the engine
 * @add_at: when it adds to @adding_to; NEVER if there is none
 * @read_at: next read; NEVER if nothing is there
 * @accept_at: when it accepts; NEVER if there is nothing to accept
 * @resume_at: when the link has room again; NEVER if it has
 * @link_free: when its packets can leave
 * @link_last: when the last of them arrives
 * @closed: has closed
 */
struct talk_user {
	struct endpoint ep;
	u32 sent, arrived, read;
	struct ncp_pkt *adding_to;
	u64 write_at, add_at, read_at, accept_at, resume_at;
	u64 link_free, link_last;
	bool closed;
};

/**
 * struct talk - the whole
 * @plan: what is to happen
 * @user: the two sides
 * @random: source of randomness
 * @now: time
 * @flight: packets in the network, by time of arrival
 * @timers: engines get their timer events
 * @lose: is this packet lost?  In addition to the plan's; may be NULL
 * @lose_arg: for @lose
 * @transmitted: packets that entered the network
 * @questions: how many of them were SNS
 * @timer_events: how many there were
 * @data_at: when data arrived last
 * @longest_wait: between two arrivals of new data
 * @buffer: what is written next
 * @broken: the first rule that did not hold, or NULL
 */
struct talk {
	struct talk_plan plan;
	struct talk_user user[2];
	struct random random;
	u64 now;
	struct list_head flight;
	bool timers;
	bool (*lose)(struct talk *talk, int from, const struct chaos_hdr *hdr);
	void *lose_arg;
	u64 transmitted, questions, timer_events;
	u64 data_at, longest_wait;
	u8 buffer[TALK_WRITE_MAX];
	const char *broken;
};

void talk_init(struct talk *talk, const struct talk_plan *plan);
void talk_fini(struct talk *talk);
bool talk_step(struct talk *talk);
bool talk_run(struct talk *talk, bool (*done)(const struct talk *talk), u64 limit);
void talk_close(struct talk *talk, int side);

bool talk_all_read(const struct talk *talk);
bool talk_all_acked(const struct talk *talk);
bool talk_ended(const struct talk *talk);

static inline struct ncp *talk_ncp(struct talk *talk, int side)
{
	return &talk->user[side].ep.ncp;
}

#endif /* _CHAOS_KUNIT_TALK_H */
