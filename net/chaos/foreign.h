/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Foreign protocols: UNC packets that belong to no connection (AIM 628 chapter 6).
 *
 * A channel is part of a socket.  Packets find it by its index, from
 * chaos_foreign_open() to chaos_foreign_close(), under RCU: its socket is freed
 * after a grace period.
 */
#ifndef _NET_CHAOS_FOREIGN_H
#define _NET_CHAOS_FOREIGN_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include "net.h"

/**
 * struct chaos_channel - a socket's way to foreign protocols
 * @sk: the socket
 * @index: our index, 0 until the channel is open; the socket lock guards this and
 *	what follows; @index and @addr do not change while it is open
 * @addr: our address that packets are for, 0 for all
 * @peer: only packets from this address (high half) and index (low half, 0 for
 *	all), 0: from everybody; read without lock
 * @chosen: the program has chosen @index
 * @unclaimed: it receives the packets for indices that nobody has
 */
struct chaos_channel {
	struct sock *sk;
	u16 index;
	u16 addr;
	u32 peer;
	bool chosen;
	bool unclaimed;
};

static inline u16 chaos_channel_peer_addr(u32 peer)
{
	return peer >> 16;
}

static inline u16 chaos_channel_peer_index(u32 peer)
{
	return peer;
}

void chaos_foreign_net_init(struct chaos_net *cn);
int chaos_foreign_open(struct chaos_net *cn, struct chaos_channel *ch, u16 addr, u16 index);
int chaos_foreign_claim(struct chaos_net *cn, struct chaos_channel *ch);
void chaos_foreign_close(struct chaos_net *cn, struct chaos_channel *ch);
void chaos_foreign_info(const struct chaos_channel *ch, struct chaos_info *info);
void chaos_foreign_rcv(struct chaos_net *cn, struct sk_buff *skb);

#endif /* _NET_CHAOS_FOREIGN_H */
