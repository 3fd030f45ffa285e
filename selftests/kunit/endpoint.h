/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One NCP engine on the bench: packets with an owner, a clock that stands still
 * until it is moved, a record of what came out, and the rules that must hold
 * whatever goes in.
 */
#ifndef _CHAOS_KUNIT_ENDPOINT_H
#define _CHAOS_KUNIT_ENDPOINT_H

#include <linux/list.h>

#include "../../net/chaos/ncp.h"

/* Addresses, indices and first packet numbers of us and of the peer. */
#define EP_LADDR	0401
#define EP_LIDX		0x11
#define EP_NUM		0x100
#define EP_RADDR	0402
#define EP_RIDX		0x22
#define EP_PEER_NUM	0x200

/* The low half of the clock wraps soon after the start. */
#define EP_START	((1ull << 32) - 3 * NCP_SEC)

#define EP_LOG_SIZE	1024

/**
 * struct endpoint - an engine and what is around it
 * @ncp: the engine
 * @now: its time
 * @timer_at: when ncp_timer() is to be called, 0: not at all
 * @last_timer: when it was called last
 * @window_most: the largest window it ever offered
 * @rto_most: the longest retransmission timeout it was ever allowed
 * @held: packets in its hands
 * @unread: delivered packets, until ep_read()
 * @transmit: takes what is sent; may be NULL
 * @arrived: told of a delivered packet, which is in @unread; may be NULL
 * @room: has the link room for a data packet?  NULL: yes
 * @crowded: it has none, until ep_resume()
 * @repeats: packets repeated in the present event although there is no room
 * @priv: for the owner of the hooks
 * @quiet: record nothing in @log
 * @often: so many packets come that queues are only looked through now and then
 * @checks: how often the rules were checked
 * @broken: the first rule that did not hold, or NULL
 * @log_len: length of the text in @log
 * @log: what came out, see ep_take()
 * @taken: what ep_take() returned last
 */
struct endpoint {
	struct ncp ncp;
	u64 now;
	u64 timer_at;
	u64 last_timer;
	u16 window_most;
	u32 rto_most;
	unsigned int held;
	struct list_head unread;
	void (*transmit)(struct endpoint *ep, const struct chaos_hdr *hdr, const u8 *data);
	void (*arrived)(struct endpoint *ep, const struct ncp_pkt *pkt);
	bool (*room)(struct endpoint *ep);
	bool crowded;
	unsigned int repeats;
	void *priv;
	bool quiet, often;
	unsigned int checks;
	const char *broken;
	unsigned int log_len;
	char log[EP_LOG_SIZE];
	char taken[EP_LOG_SIZE];
};

void ep_init(struct endpoint *ep, u16 window);
const char *ep_fini(struct endpoint *ep);
const char *ep_take(struct endpoint *ep);
void ep_check(struct endpoint *ep);

/* What the user does. */
void ep_connect(struct endpoint *ep, u16 number);
void ep_broadcast(struct endpoint *ep, u16 number);
void ep_offer(struct endpoint *ep, u16 rfc_number, u16 number);
void ep_offer_brd(struct endpoint *ep, u16 brd_number, u16 number);
void ep_accept(struct endpoint *ep);
void ep_answer(struct endpoint *ep, const char *text);
bool ep_send(struct endpoint *ep, u8 op, const void *data, u16 len);
u16 ep_write(struct endpoint *ep, const void *data, u16 len, enum ncp_hold hold);
struct ncp_pkt *ep_reopen(struct endpoint *ep);
void ep_extend(struct endpoint *ep, struct ncp_pkt *pkt, const void *data, u16 len,
	       enum ncp_hold hold);
void ep_flush(struct endpoint *ep);
unsigned int ep_read(struct endpoint *ep, unsigned int packets);
void ep_set_window(struct endpoint *ep, u16 window);
void ep_set_times(struct endpoint *ep, const struct ncp_times *times);
void ep_close(struct endpoint *ep);
void ep_abort(struct endpoint *ep);

/* What the network and the clock do. */
enum ncp_verdict ep_rcv(struct endpoint *ep, const struct chaos_hdr *hdr, const void *data);
enum ncp_verdict ep_rcv_data(struct endpoint *ep, u8 op, u16 num, u16 ack, const void *data,
			     u16 len);
enum ncp_verdict ep_rcv_op(struct endpoint *ep, u8 op, u16 num, u16 ack);
enum ncp_verdict ep_rcv_words(struct endpoint *ep, u8 op, u16 num, u16 ack, u16 receipt,
			      u16 window);
void ep_resume(struct endpoint *ep);
void ep_timer(struct endpoint *ep);
void ep_run(struct endpoint *ep, u64 duration);

/* Shortcuts to an open connection, with an empty log. */
void ep_open_user(struct endpoint *ep, u16 window, u16 peer_window);
void ep_open_server(struct endpoint *ep, u16 window, u16 peer_window);

#endif /* _CHAOS_KUNIT_ENDPOINT_H */
