// SPDX-License-Identifier: GPL-2.0-only
/* RFCs: to the kernel's own responders, to a listening socket, or refused. */

#include <linux/ctype.h>

#include "conn.h"
#include "listen.h"
#include "reply.h"
#include "responder.h"
#include "skb.h"
#include "stats.h"

/**
 * chaos_listen_net_init() - for a new namespace
 * @cn: namespace
 */
void chaos_listen_net_init(struct chaos_net *cn)
{
	spin_lock_init(&cn->listen_lock);
	hash_init(cn->listeners);
}

/* Contacts are compared in upper case; the length is at most CHAOS_CONTACT_MAX. */
static void contact_upper(u8 *to, const u8 *from, size_t len)
{
	while (len--)
		*to++ = toupper(*from++);
}

static u32 contact_hash(const u8 *upper, size_t len)
{
	u32 hash = len;

	while (len--)
		hash = hash * 31 + *upper++;
	return chaos_hash(hash, 0);
}

/* A listener for @addr, or for all addresses; the former is preferred. */
static struct chaos_listener *listen_find(struct chaos_net *cn, u16 addr, const u8 *upper,
					  size_t len, u32 hash)
{
	struct chaos_listener *l, *any = NULL;

	hash_for_each_possible_rcu(cn->listeners, l, node, hash,
				   lockdep_is_held(&cn->listen_lock)) {
		if (l->len != len || memcmp(l->contact, upper, len))
			continue;
		if (l->addr == addr)
			return l;
		if (!l->addr)
			any = l;
	}
	return any;
}

/* With @addr 0 any claim is in the way; else one for the same or for all. */
static bool listen_taken(struct chaos_net *cn, u16 addr, const u8 *upper, size_t len, u32 hash)
{
	struct chaos_listener *l;

	hash_for_each_possible(cn->listeners, l, node, hash) {
		if (l->len == len && !memcmp(l->contact, upper, len) &&
		    (!addr || !l->addr || l->addr == addr))
			return true;
	}
	return false;
}

/**
 * chaos_listen_claim() - claim a contact for a socket
 * @cn: namespace
 * @l: the socket's listener, not claimed; @l->sk is set
 * @addr: for RFCs to this address of ours, 0 for all
 * @contact: valid contact name
 * @len: its length
 *
 * Return: 0, or -EADDRINUSE if the kernel or another socket serves it.
 */
int chaos_listen_claim(struct chaos_net *cn, struct chaos_listener *l, u16 addr,
		       const u8 *contact, size_t len)
{
	int err = 0;
	u32 hash;

	if (chaos_responder_has(contact, len))
		return -EADDRINUSE;
	contact_upper(l->contact, contact, len);
	l->len = len;
	l->addr = addr;
	hash = contact_hash(l->contact, len);

	spin_lock_bh(&cn->listen_lock);
	if (listen_taken(cn, addr, l->contact, len, hash))
		err = -EADDRINUSE;
	else
		hash_add_rcu(cn->listeners, &l->node, hash);
	spin_unlock_bh(&cn->listen_lock);
	return err;
}

/**
 * chaos_listen_release() - give the contact up again
 * @cn: namespace
 * @l: the socket's listener; nothing happens if it has claimed none
 */
void chaos_listen_release(struct chaos_net *cn, struct chaos_listener *l)
{
	spin_lock_bh(&cn->listen_lock);
	hash_del_rcu(&l->node);
	spin_unlock_bh(&cn->listen_lock);
}

static void listen_refuse(struct chaos_net *cn, struct sk_buff *skb, const u8 *contact, size_t len)
{
	const struct chaos_hdr *hdr = &chaos_pkt(skb)->hdr;
	char text[48 + CHAOS_CONTACT_MAX];

	scnprintf(text, sizeof(text), "No server for contact name %.*s", (int)len, contact);
	chaos_reply_cls(cn, hdr, text);
	chaos_drop(cn, skb, CHAOS_STAT_DROP_NO_LISTENER, hdr);
}

/**
 * chaos_listen_rcv() - an RFC for this host (AIM 628 section 4.2)
 * @cn: namespace
 * @skb: starts with the data, described in skb->cb; consumed
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_listen_rcv(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	const u8 *contact = skb->data;
	size_t len = chaos_contact_len(contact, hdr.len);
	void (*offer)(struct sock *sk, struct sk_buff *skb);
	u8 upper[CHAOS_CONTACT_MAX];
	struct chaos_listener *l;

	if (len > sizeof(upper) || !chaos_contact_valid(contact, len)) {
		chaos_reply_cls(cn, &hdr, "Malformed contact name");
		chaos_drop(cn, skb, CHAOS_STAT_DROP_MALFORMED, &hdr);
		return;
	}
	if (chaos_responder_answer(cn, &hdr, contact, len)) {
		consume_skb(skb);
		return;
	}
	if (chaos_conn_rcv_rfc(cn, skb))
		return;
	contact_upper(upper, contact, len);
	l = listen_find(cn, hdr.dst, upper, len, contact_hash(upper, len));
	offer = l ? READ_ONCE(l->offer) : NULL;
	if (offer)
		offer(l->sk, skb);
	else
		listen_refuse(cn, skb, contact, len);
}
