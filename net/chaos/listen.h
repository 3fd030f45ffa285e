/* SPDX-License-Identifier: GPL-2.0-only */
/* Who serves which contact in a namespace. */
#ifndef _NET_CHAOS_LISTEN_H
#define _NET_CHAOS_LISTEN_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include "net.h"

/**
 * typedef chaos_offer_fn - take an RFC or BRD
 * @sk: socket that listens
 * @skb: as in chaos_conn_rcv(); consumed
 *
 * Context: BH disabled, RCU read side.
 */
typedef void chaos_offer_fn(struct sock *sk, struct sk_buff *skb);

/**
 * struct chaos_listener - a socket's claim to a contact
 * @node: in chaos_net.listeners while claimed; RCU
 * @sk: the socket that has this, which is freed by RCU, and this with it
 * @offer: takes an RFC or BRD; NULL until the socket listens
 * @addr: our address it is for, 0 for all
 * @len: length of @contact; 0: for what nobody else has claimed
 * @contact: in upper case
 */
struct chaos_listener {
	struct hlist_node node;
	struct sock *sk;
	chaos_offer_fn *offer;
	u16 addr;
	u8 len;
	u8 contact[];
};

void chaos_listen_net_init(struct chaos_net *cn);
struct chaos_listener *chaos_listener_new(struct sock *sk, chaos_offer_fn *offer, u16 addr,
					  const u8 *contact, size_t len);
int chaos_listen_claim(struct chaos_net *cn, struct chaos_listener *l);
void chaos_listen_release(struct chaos_net *cn, struct chaos_listener *l);
void chaos_listen_rcv(struct chaos_net *cn, struct sk_buff *skb);

#endif /* _NET_CHAOS_LISTEN_H */
