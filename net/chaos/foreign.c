// SPDX-License-Identifier: GPL-2.0-only
/* Foreign protocols: who has which index, and who the rest (AIM 628 chapter 6). */

#include <linux/chaos_netlink.h>

#include "foreign.h"
#include "index.h"
#include "nl.h"
#include "skb.h"
#include "stats.h"

/**
 * chaos_foreign_net_init() - for a new namespace
 * @cn: namespace
 *
 * There is no counterpart: the tables are empty when the last socket is gone.
 */
void chaos_foreign_net_init(struct chaos_net *cn)
{
	xa_init_flags(&cn->channels, XA_FLAGS_ACCOUNT);
	xa_init_flags(&cn->unclaimed, XA_FLAGS_ACCOUNT);
}

/**
 * chaos_foreign_open() - give a channel its index, and let packets find it
 * @cn: namespace
 * @ch: the channel, not open; @ch->sk is set
 * @addr: our address that packets are for, 0 for all
 * @index: the index, 0 for one that nobody can guess
 *
 * Context: process; the socket is locked.
 *
 * Return: 0, -EADDRINUSE if @index is in use or, chosen by the kernel, lately was,
 * -EADDRNOTAVAIL when none is free, -ENOMEM.
 */
int chaos_foreign_open(struct chaos_net *cn, struct chaos_channel *ch, u16 addr, u16 index)
{
	bool chosen = index;
	int err;

	err = chaos_index_need(cn);
	if (err)
		return err;
	err = chosen ? chaos_index_claim(cn, index) : chaos_index_get(cn, &index);
	if (err)
		return err;
	ch->addr = addr;
	WRITE_ONCE(ch->index, index);
	ch->chosen = chosen;
	err = xa_insert(&cn->channels, index, ch, GFP_KERNEL);
	if (err) {
		WRITE_ONCE(ch->index, 0);
		chaos_index_put(cn, index, CHAOS_INDEX_UNUSED);
		return err;
	}
	chaos_nl_channel_event(ch, CHAOS_CMD_CONN_NEW);
	return 0;
}

/**
 * chaos_foreign_claim() - receive the packets for indices that nobody has, too
 * @cn: namespace
 * @ch: the channel, open
 *
 * For its address there may be one such channel, or else one for all addresses.
 *
 * Context: process; the socket is locked.
 *
 * Return: 0 (also if it does already), -EADDRINUSE, -ENOMEM.
 */
int chaos_foreign_claim(struct chaos_net *cn, struct chaos_channel *ch)
{
	int err = -EADDRINUSE;

	if (ch->unclaimed)
		return 0;
	xa_lock(&cn->unclaimed);
	/* Must not sleep: the lock would be released between test and insertion. */
	if (ch->addr ? !xa_load(&cn->unclaimed, 0) : xa_empty(&cn->unclaimed))
		err = __xa_insert(&cn->unclaimed, ch->addr, ch, GFP_ATOMIC);
	xa_unlock(&cn->unclaimed);
	ch->unclaimed = !err;
	return err == -EBUSY ? -EADDRINUSE : err;
}

/**
 * chaos_foreign_close() - no packet finds the channel any more
 * @cn: namespace
 * @ch: the channel; nothing happens if it is not open
 *
 * Some may still be on their way to its socket.  An index that the program has
 * chosen can be chosen again at once, as servers that are restarted do.
 *
 * Context: process; the socket is locked.
 */
void chaos_foreign_close(struct chaos_net *cn, struct chaos_channel *ch)
{
	if (!ch->index)
		return;
	chaos_nl_channel_event(ch, CHAOS_CMD_CONN_DEL);
	if (ch->unclaimed)
		xa_erase(&cn->unclaimed, ch->addr);
	xa_erase(&cn->channels, ch->index);
	chaos_index_put(cn, ch->index,
			ch->chosen ? CHAOS_INDEX_UNUSED : CHAOS_INDEX_STRAYS);
	WRITE_ONCE(ch->index, 0);
	ch->unclaimed = false;
}

/**
 * chaos_foreign_info() - a channel for CHAOS_INFO and netlink
 * @ch: the channel
 * @info: result
 *
 * Context: the socket is locked, or the channel was found under RCU.
 */
void chaos_foreign_info(const struct chaos_channel *ch, struct chaos_info *info)
{
	u32 peer = READ_ONCE(ch->peer);
	u16 index = READ_ONCE(ch->index);

	*info = (struct chaos_info) {
		.ci_state = index ? CHAOS_FOREIGN : CHAOS_CLOSED,
		.ci_local_addr = ch->addr,
		.ci_local_index = index,
		.ci_peer_addr = chaos_channel_peer_addr(peer),
		.ci_peer_index = chaos_channel_peer_index(peer),
		.ci_rcv_unread = min_t(u32, skb_queue_len_lockless(&ch->sk->sk_receive_queue),
				       U16_MAX),
	};
}

/* Whose packet is it?  NULL: nobody's. */
static const struct chaos_channel *foreign_find(struct chaos_net *cn, const struct chaos_hdr *hdr)
{
	const struct chaos_channel *ch = xa_load(&cn->channels, hdr->didx);

	if (ch)
		return !ch->addr || ch->addr == hdr->dst ? ch : NULL;
	if (chaos_index_used(cn, hdr->didx))
		return NULL;
	return xa_load(&cn->unclaimed, hdr->dst) ?: xa_load(&cn->unclaimed, 0);
}

static bool foreign_from_peer(const struct chaos_channel *ch, const struct chaos_hdr *hdr)
{
	u32 peer = READ_ONCE(ch->peer);
	u16 index = chaos_channel_peer_index(peer);

	return !peer || (hdr->src == chaos_channel_peer_addr(peer) &&
			 (!index || hdr->sidx == index));
}

/**
 * chaos_foreign_rcv() - UNC for an index that no connection has with its sender
 * @cn: namespace
 * @skb: starts with the data, described in skb->cb; consumed
 *
 * In a channel's receive queue it is still described so, without the pad byte.
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_foreign_rcv(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	const struct chaos_channel *ch = foreign_find(cn, &hdr);

	if (!ch) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_FOREIGN, &hdr);
		return;
	}
	if (!foreign_from_peer(ch, &hdr)) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_WRONG_SOURCE, &hdr);
		return;
	}
	/* The end of skb->cb is where the socket layer counts overflows. */
	sock_skb_cb_check_size(offsetofend(struct ncp_pkt, hdr));
	skb = chaos_skb_compact(skb);
	skb_trim(skb, hdr.len);
	if (sock_queue_rcv_skb(ch->sk, skb))
		chaos_drop(cn, skb, CHAOS_STAT_DROP_BACKLOG, &hdr);
}
