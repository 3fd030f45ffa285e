/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replaying a capture of two hosts: the test plays one of them with exactly the
 * captured frames, ours must send the other's.
 *
 * The index of our connection and our packet numbers are of our own choice.  So
 * our frames are translated to the capture's index and numbers before they are
 * compared, and the captured ones from it before they are sent: if anything of
 * ours were inconsistent, a comparison would fail.
 *
 * What our host may send beyond the captured frames, and nothing else
 * (AIM 628 section 4.3):
 *  - STS of the open connection at any time, if it tells the truth;
 *  - SNS of the open connection, while something is unacknowledged;
 *  - controlled packets again, if the machine is so slow that half a second
 *    passes without receipt; they may differ in the acknowledgment only;
 *  - for the same reason an ARP request again.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "pcap.h"

#define REPLAY_SENT	32	/* different frames of ours, at most */

/**
 * struct replay - a replay that goes on
 * @cap: the capture
 * @fd: the test's end of the cable
 * @send: puts a frame there; NULL: wire_send()
 * @recv: takes one from there; NULL: wire_recv()
 * @cap_index: of our connection, as captured
 * @index: the same as it is now
 * @shift: what our numbers are ahead of the captured ones
 * @next: captured number of our next controlled packet
 * @peer_last: number of the last controlled packet that the test has sent
 * @window: what our STS must offer
 * @sent: our controlled packets so far, translated
 * @old: index and number of the packets that told those that are @index and
 *	@shift now, or were before
 * @asked: our last ARP request
 */
struct replay {
	struct pcap cap;
	int fd;
	void (*send)(int fd, const struct wire_frame *f);
	bool (*recv)(int fd, struct wire_frame *f, int ms);
	uint16_t cap_index, index, shift, next, peer_last, window;
	struct wire_frame sent[REPLAY_SENT];
	unsigned int n_sent;
	struct {
		uint16_t index, number;
	} old[REPLAY_SENT];
	unsigned int n_old;
	struct wire_frame asked;
};

/* How an expected frame and ours may differ. */
enum {
	REPLAY_ADOPT = 1,	/* ours tells index and number of our connection */
	REPLAY_TEXT = 2,	/* the data is a text of our own wording */
};

/* Bytes that are not compared. */
struct replay_free {
	unsigned int offset, len;
};

static inline bool replay_controlled(uint8_t op)
{
	return op == CHAOS_OP_RFC || op == CHAOS_OP_OPN || op == CHAOS_OP_EOF ||
	       op >= CHAOS_OP_DAT;
}

/* Is @n up to @limit, modulo 65536? */
static inline bool replay_upto(uint16_t n, uint16_t limit)
{
	return (int16_t)(limit - n) >= 0;
}

/* Put a captured frame of the played host on the wire, in our numbers. */
static inline void replay_send(struct replay *r, unsigned int frame)
{
	struct wire_frame f = r->cap.frames[frame];
	uint8_t op = f.bytes[WIRE_OP];

	if (wire_is_chaos(&f)) {
		if (replay_controlled(op))
			r->peer_last = wire_get(&f, WIRE_NUM);
		if (r->index && wire_get(&f, WIRE_DIDX) == r->cap_index) {
			wire_put(&f, WIRE_DIDX, r->index);
			/* Without an index the peer has no connection to speak of. */
			if (wire_get(&f, WIRE_SIDX))
				wire_put(&f, WIRE_ACK, wire_get(&f, WIRE_ACK) + r->shift);
			if (op == CHAOS_OP_OPN || op == CHAOS_OP_STS)
				wire_put(&f, WIRE_DATA, wire_get(&f, WIRE_DATA) + r->shift);
		}
	}
	(r->send ?: wire_send)(r->fd, &f);
}

/* Translate a frame of ours. */
static inline void replay_translate(const struct replay *r, struct wire_frame *f)
{
	if (!wire_is_chaos(f) || !r->index || wire_get(f, WIRE_SIDX) != r->index)
		return;
	wire_put(f, WIRE_SIDX, r->cap_index);
	wire_put(f, WIRE_NUM, wire_get(f, WIRE_NUM) - r->shift);
}

static inline bool replay_is_true_sts(const struct replay *r, const struct wire_frame *f)
{
	uint16_t receipt = wire_get(f, WIRE_DATA);

	return wire_count(f) == 4 && wire_get(f, WIRE_DATA + 2) == r->window &&
	       replay_upto(receipt, r->peer_last) && replay_upto(wire_get(f, WIRE_ACK), receipt);
}

static inline bool replay_is_repeated(const struct replay *r, const struct wire_frame *f)
{
	unsigned int i;

	for (i = 0; i < r->n_sent; i++) {
		struct wire_frame old = r->sent[i];

		wire_put(&old, WIRE_ACK, wire_get(f, WIRE_ACK));
		if (old.len == f->len && !memcmp(old.bytes, f->bytes, f->len))
			return true;
	}
	return false;
}

/* One of the frames that the comment at the top allows. */
static inline bool replay_is_extra(const struct replay *r, const struct wire_frame *f)
{
	uint8_t op = f->bytes[WIRE_OP];

	if (wire_is_arp(f))
		return f->len == r->asked.len && !memcmp(f->bytes, r->asked.bytes, f->len);
	if (!wire_is_chaos(f))
		return false;
	if (replay_is_repeated(r, f))
		return true;
	if (wire_get(f, WIRE_SIDX) != r->cap_index || wire_get(f, WIRE_NUM) != r->next)
		return false;
	return (op == CHAOS_OP_SNS && !wire_count(f)) ||
	       (op == CHAOS_OP_STS && replay_is_true_sts(r, f));
}

static inline bool replay_is_text(const struct wire_frame *f)
{
	unsigned int i, count = wire_count(f);

	for (i = 0; i < count; i++)
		if (f->bytes[WIRE_DATA + i] < ' ' || f->bytes[WIRE_DATA + i] > '~')
			return false;
	return count && f->len == WIRE_DATA + ((count + 1) & ~1u);
}

static inline bool replay_matches(const struct wire_frame *want, const struct wire_frame *got,
				  const struct replay_free *free, int flags)
{
	struct wire_frame a = *want, b = *got;

	if (flags & REPLAY_TEXT) {
		if (!replay_is_text(got))
			return false;
		wire_put(&a, WIRE_COUNT, wire_count(got));
		a.len = WIRE_DATA;
		b.len = WIRE_DATA;
	}
	for (; free && free->len; free++)
		memcpy(a.bytes + free->offset, b.bytes + free->offset, free->len);
	return a.len == b.len && !memcmp(a.bytes, b.bytes, a.len);
}

static inline void replay_adopt(struct replay *r, const struct wire_frame *want,
				const struct wire_frame *got)
{
	r->cap_index = wire_get(want, WIRE_SIDX);
	r->index = wire_get(got, WIRE_SIDX);
	r->shift = wire_get(got, WIRE_NUM) - wire_get(want, WIRE_NUM);
	r->n_sent = 0;
	if (r->n_old < REPLAY_SENT) {
		r->old[r->n_old].index = wire_get(got, WIRE_SIDX);
		r->old[r->n_old].number = wire_get(got, WIRE_NUM);
		r->n_old++;
	}
}

/* Is it, as it came, a packet again from which we have adopted something? */
static inline bool replay_is_old(const struct replay *r, const struct wire_frame *f)
{
	unsigned int i;

	for (i = 0; i < r->n_old; i++)
		if (wire_is_chaos(f) && wire_get(f, WIRE_SIDX) == r->old[i].index &&
		    wire_get(f, WIRE_NUM) == r->old[i].number)
			return true;
	return false;
}

/* The next frame of ours must be @want, but for @free and @flags.  The frame,
 * translated, goes to @got unless that is NULL.
 */
static inline bool replay_expect(struct replay *r, const struct wire_frame *want,
				 const struct replay_free *free, int flags,
				 struct wire_frame *got, const char *what)
{
	bool came, extra = false, matches = false;
	struct wire_frame f;

	do {
		came = (r->recv ?: wire_recv)(r->fd, &f, NETNS_PATIENCE);
		if (!came)
			break;
		extra = flags & REPLAY_ADOPT && replay_is_old(r, &f);
		if (extra)
			continue;
		if (flags & REPLAY_ADOPT && f.bytes[WIRE_OP] == want->bytes[WIRE_OP] &&
		    wire_is_chaos(&f) && wire_get(&f, WIRE_SIDX))
			replay_adopt(r, want, &f);
		replay_translate(r, &f);
		matches = replay_matches(want, &f, free, flags);
		extra = !matches && replay_is_extra(r, &f);
		if (extra)
			tap_diag("not in the capture, but allowed: opcode %o", f.bytes[WIRE_OP]);
	} while (extra);

	if (matches && wire_is_arp(&f))
		r->asked = f;
	if (matches && wire_is_chaos(&f) && replay_controlled(f.bytes[WIRE_OP])) {
		r->next = wire_get(&f, WIRE_NUM) + 1;
		if (r->n_sent < REPLAY_SENT)
			r->sent[r->n_sent++] = f;
	}
	if (got)
		*got = f;
	if (!tap_ok(matches, "%s", what)) {
		wire_show("expected", want);
		if (came)
			wire_show("got, in the capture's numbers", &f);
		else
			tap_diag("got nothing");
	}
	return matches;
}

/* Nothing else comes. */
static inline void replay_expect_silence(struct replay *r, int ms, const char *what)
{
	struct wire_frame f;

	if (!tap_ok(!(r->recv ?: wire_recv)(r->fd, &f, ms), "%s", what))
		wire_show("got", &f);
}

/* The bytes of the capture's stream. */
static inline void replay_stream(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = i % 488;
}

#define REPLAY_STREAM	1001	/* bytes of it */

#endif /* REPLAY_H */
