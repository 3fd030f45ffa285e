// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes are a story: what a hostile peer, an odd user and the clock may do.
 * The tests make them up at random, the fuzzer with cunning.
 */

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "hostile.h"

struct story {
	struct endpoint *ep;
	const u8 *at, *end;
	bool user_gone;
	struct ncp_pkt *adding_to;
};

/* Zeros after the end. */
static u8 next_byte(struct story *s)
{
	return s->at < s->end ? *s->at++ : 0;
}

static u16 next_word(struct story *s)
{
	u8 low = next_byte(s);

	return low | next_byte(s) << 8;
}

static u16 next_window(struct story *s)
{
	static const u16 windows[] = { 0, 1, 2, 5, 13, 128, 1024, 1025, 65535 };
	u8 i = next_byte(s);

	return i < ARRAY_SIZE(windows) ? windows[i] : next_word(s);
}

/* A number near one that matters, or any. */
static u16 next_num(struct story *s)
{
	const struct ncp *c = &s->ep->ncp;
	const u16 near[] = {
		c->rcv_rcpt + 1, c->rcv_rcpt + 1, c->rcv_limit, c->rcv_read,
		c->snd_ack, c->snd_rcpt, c->snd_last, c->snd_next,
	};
	u8 kind = next_byte(s);

	if (kind >= 0xf0)
		return next_word(s);
	if (kind >= 0x80)
		return near[kind % ARRAY_SIZE(near)] + (s8)next_byte(s);
	return near[kind % ARRAY_SIZE(near)];
}

static u8 next_opcode(struct story *s)
{
	static const u8 likely[] = {
		CHAOS_OP_DAT, CHAOS_OP_DAT, CHAOS_OP_DWD, CHAOS_OP_EOF,
		CHAOS_OP_STS, CHAOS_OP_STS, CHAOS_OP_SNS, CHAOS_OP_UNC, CHAOS_OP_OPN,
	};
	u8 op = next_byte(s);

	/* Undefined ones do not get as far as the engine. */
	if (op < 0xf0 || !chaos_op_defined(op & 0xf))
		return likely[op % ARRAY_SIZE(likely)];
	return op & 0xf;
}

/* Runs as an STS has them behind its @receipt, or what looks nearly like that. */
static void next_runs(struct story *s, u16 receipt, u16 *words, unsigned int n)
{
	u16 last = receipt;
	unsigned int i;
	u8 step;

	for (i = 0; i < n; i++) {
		step = next_byte(s);
		if (step >= 0xe0)
			last = next_num(s);
		else
			last += step % 8 + (i % 2 ? 0 : 2);
		words[i] = last;
	}
}

static void packet(struct story *s)
{
	struct chaos_hdr hdr = {
		.op = next_opcode(s), .dst = EP_LADDR, .didx = EP_LIDX,
		.src = EP_RADDR, .sidx = EP_RIDX,
	};
	u8 twist = next_byte(s);
	u16 words[2 + 2 * NCP_RUNS_MAX + 2];
	u8 data[sizeof(words)] __aligned(2);

	hdr.num = next_num(s);
	hdr.ack = next_num(s);
	words[0] = next_num(s);
	words[1] = next_window(s);
	memset(data, twist, sizeof(data));
	chaos_put_words(data, words, 2);
	hdr.len = twist % 16 < 4 ? twist % 16 : 4 + twist % 16;
	if (twist & 0x20) {
		hdr.len = 4 + 4 * (twist % 16 % (NCP_RUNS_MAX + 2));
		next_runs(s, words[0], words + 2, hdr.len / 2 - 2);
		chaos_put_words(data, words, hdr.len / 2);
	}
	if (twist == 0xff)
		hdr.src++;
	if (twist == 0xfe)
		hdr.sidx++;
	ep_rcv(s->ep, &hdr, data);
}

/* A run of packets in order, as from an honest peer. */
static void packets(struct story *s)
{
	u8 n = next_byte(s) % 64;

	while (n-- && !s->ep->broken)
		ep_rcv_op(s->ep, CHAOS_OP_DAT, s->ep->ncp.rcv_rcpt + 1, s->ep->ncp.snd_last);
}

static void time_passes(struct story *s)
{
	static const u32 units[] = { 100, 1000, 100000, 5000000 };
	u8 unit = next_byte(s);

	ep_run(s->ep, (u64)units[unit % ARRAY_SIZE(units)] * next_byte(s));
}

static void user_sends(struct story *s)
{
	u8 n = next_byte(s);

	if (!(n & 0x3f))
		ep_send(s->ep, CHAOS_OP_EOF, NULL, 0);
	for (n &= 0x3f; n; n--)
		ep_send(s->ep, CHAOS_OP_DAT, "data", n % 5);
}

/* A write that takes its time: first half. */
static void user_reopens(struct story *s)
{
	if (!s->adding_to)
		s->adding_to = ep_reopen(s->ep);
}

/* Second half. */
static void user_extends(struct story *s, u16 len, enum ncp_hold hold)
{
	static const u8 zeros[CHAOS_DATA_MAX];
	struct ncp_pkt *pkt = s->adding_to;

	s->adding_to = NULL;
	if (pkt && s->ep->ncp.state == CHAOS_OPENED)
		ep_extend(s->ep, pkt, zeros, min_t(u16, len, CHAOS_DATA_MAX - pkt->hdr.len),
			  hold);
}

static void user_writes(struct story *s)
{
	static const u8 zeros[600];
	u8 what = next_byte(s);
	u16 len = next_byte(s);

	if (what >= 0xf0)
		len = sizeof(zeros);
	if (what % 16 == 15)
		user_reopens(s);
	else if (what % 16 == 14)
		ep_flush(s->ep);
	else if (s->adding_to)
		user_extends(s, len, what % NCP_HOLD_BUSY);
	else
		ep_write(s->ep, zeros, len, what % NCP_HOLD_BUSY);
}

static void user_sets_times(struct story *s)
{
	static const u16 some[] = { 10, 20, 100, 500, 2000, 10000, 60000 };
	u32 times[5];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(times); i++)
		times[i] = some[next_byte(s) % ARRAY_SIZE(some)] * NCP_MS;
	ep_set_times(s->ep, &(struct ncp_times) {
		times[0], times[1], times[2], times[3], max_t(u32, times[4], NCP_SEC),
	});
}

static void user_goes(struct story *s)
{
	u8 how = next_byte(s);

	if (how < 0xc0)
		return;
	/* It does one thing after the other. */
	user_extends(s, 0, NCP_HOLD_NOT);
	s->user_gone = true;
	switch (how % 4) {
	case 0:
		ncp_unreachable(&s->ep->ncp);
		break;
	case 1:
		ncp_forget(&s->ep->ncp);
		break;
	case 2:
		ep_abort(s->ep);
		break;
	default:
		ep_close(s->ep);
	}
}

static void user(struct story *s)
{
	u16 window;

	switch (next_byte(s) % 12) {
	case 0:
	case 1:
		user_extends(s, 0, NCP_HOLD_NOT);
		user_sends(s);
		break;
	case 2:
	case 3:
	case 4:
		ep_read(s->ep, next_byte(s) % 64);
		break;
	case 5:
		window = next_window(s);
		ep_set_window(s->ep, clamp_t(u16, window, 1, NCP_WINDOW_MAX));
		break;
	case 6:
		if (s->ep->ncp.state == CHAOS_RFC_RECEIVED)
			ep_accept(s->ep);
		break;
	case 7:
		user_sets_times(s);
		break;
	case 8:
		user_goes(s);
		break;
	default:
		user_writes(s);
	}
}

/* The link is full, or not any more. */
static void link_changes(struct story *s)
{
	if (s->ep->crowded)
		ep_resume(s->ep);
	else
		s->ep->crowded = true;
}

static void begin(struct story *s)
{
	struct endpoint *ep = s->ep;
	u16 window = clamp_t(u16, next_window(s), 1, NCP_WINDOW_MAX);
	u16 number = next_word(s);

	switch (next_byte(s) % 11) {
	case 0:
		ep_init(ep, window);
		ep_connect(ep, number);
		break;
	case 1:
		ep_init(ep, window);
		ep->ncp.simple = true;
		ep_connect(ep, number);
		break;
	case 2:
		ep_init(ep, window);
		ep_offer(ep, next_word(s), number);
		break;
	case 3:
		ep_init(ep, window);
		ep_offer(ep, next_word(s), number);
		ep_accept(ep);
		break;
	case 4:
		ep_open_server(ep, window, next_window(s));
		break;
	case 5:
	case 6:
		ep_init(ep, window);
		ep->ncp.simple = number & 1;
		ep_broadcast(ep, number);
		break;
	case 7:
		ep_init(ep, window);
		ep_offer_brd(ep, next_word(s), number);
		break;
	default:
		ep_open_user(ep, window, next_window(s));
	}
}

/**
 * hostile_story() - let it happen to an engine
 * @ep: endpoint, zeroed; taken down afterwards
 * @bytes: story
 * @len: its length
 *
 * Return: the rule that was broken, or "".
 */
const char *hostile_story(struct endpoint *ep, const u8 *bytes, size_t len)
{
	struct story s = { .ep = ep, .at = bytes, .end = bytes + len };

	ep->quiet = true;
	begin(&s);
	while (s.at < s.end && !ep->broken) {
		switch (next_byte(&s) % 9) {
		case 0:
			time_passes(&s);
			break;
		case 1:
			packets(&s);
			break;
		case 8:
			link_changes(&s);
			break;
		case 2:
		case 3:
			if (!s.user_gone)
				user(&s);
			break;
		default:
			packet(&s);
		}
		cond_resched();
	}
	return ep_fini(ep);
}

/**
 * hostile_frame() - parse a frame and use what it says
 * @bytes: frame
 * @len: its length
 *
 * Return: the rule that was broken, or "".
 */
const char *hostile_frame(const u8 *bytes, size_t len)
{
	u8 built[CHAOS_HDR_LEN] __aligned(2);
	struct chaos_hdr hdr;
	const u8 *data = bytes + CHAOS_HDR_LEN;
	enum chaos_parse result = chaos_hdr_parse(&hdr, bytes, len);
	size_t contact;

	if ((result == CHAOS_PARSE_SHORT) != (len < CHAOS_HDR_LEN))
		return "only what has no header is too short";
	if (result == CHAOS_PARSE_SHORT)
		return "";
	chaos_hdr_build(built, &hdr);
	if (memcmp(built + 1, bytes + 1, sizeof(built) - 1))
		return "building is the reverse of parsing";
	if (result != CHAOS_PARSE_OK)
		return "";
	if (bytes[0] || hdr.len > CHAOS_DATA_MAX || chaos_wire_len(&hdr) > len)
		return "what is wrong is refused";
	contact = chaos_contact_len(data, hdr.len);
	if (contact > hdr.len || (contact < hdr.len && data[contact] != ' '))
		return "a contact ends at a space or at the end";
	if (chaos_contact_valid(data, contact) && memchr(data, 0, contact))
		return "a contact has no NUL";
	return "";
}
