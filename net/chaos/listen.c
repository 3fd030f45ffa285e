// SPDX-License-Identifier: GPL-2.0-only
/* RFCs and BRDs: to the kernel's own responders, to a listening socket, or refused. */

#include <linux/chaos_netlink.h>
#include <linux/ctype.h>
#include <linux/jhash.h>
#include <linux/slab.h>

#include "conn.h"
#include "filter.h"
#include "listen.h"
#include "nl.h"
#include "reply.h"
#include "request.h"
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

/* Users may choose contacts such that they collide, but cannot know which do. */
static u32 contact_hash(const u8 *upper, size_t len)
{
	return jhash(upper, len, chaos_scramblers[0][0]);
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
 * chaos_listener_new() - what a socket is to claim
 * @sk: the socket
 * @offer: takes RFCs and BRDs; NULL until the socket listens
 * @addr: for RFCs to this address of ours, 0 for all
 * @contact: valid contact name
 * @len: its length; 0 for RFCs and BRDs whose contact nobody has claimed
 *
 * Context: may sleep.
 *
 * Return: the claim, not made yet, or NULL.
 */
struct chaos_listener *chaos_listener_new(struct sock *sk, chaos_offer_fn *offer, u16 addr,
					  const u8 *contact, size_t len)
{
	struct chaos_listener *l = kzalloc(struct_size(l, contact, len), GFP_KERNEL_ACCOUNT);

	if (!l)
		return NULL;
	l->sk = sk;
	l->offer = offer;
	l->addr = addr;
	l->len = len;
	contact_upper(l->contact, contact, len);
	return l;
}

/**
 * chaos_listen_claim() - claim a contact for a socket
 * @cn: namespace
 * @l: the claim
 *
 * Context: process; the socket is locked.
 *
 * Return: 0, or -EADDRINUSE if the kernel or another socket serves it.
 */
int chaos_listen_claim(struct chaos_net *cn, struct chaos_listener *l)
{
	int err = 0;
	u32 hash;

	if (chaos_responder_has(l->contact, l->len))
		return -EADDRINUSE;
	chaos_scramblers_init();	/* there may be no address yet */
	hash = contact_hash(l->contact, l->len);

	spin_lock_bh(&cn->listen_lock);
	if (listen_taken(cn, l->addr, l->contact, l->len, hash))
		err = -EADDRINUSE;
	else
		hash_add_rcu(cn->listeners, &l->node, hash);
	spin_unlock_bh(&cn->listen_lock);
	return err;
}

/**
 * chaos_listen_release() - give the contact up again
 * @cn: namespace
 * @l: the socket's claim, or NULL; nothing happens if it was not made
 *
 * Context: process; the socket is locked.
 */
void chaos_listen_release(struct chaos_net *cn, struct chaos_listener *l)
{
	bool listened;

	if (!l)
		return;
	spin_lock_bh(&cn->listen_lock);
	listened = l->offer && hash_hashed(&l->node);
	hash_del_rcu(&l->node);
	spin_unlock_bh(&cn->listen_lock);
	if (listened)
		chaos_nl_listener_event(l, CHAOS_CMD_CONN_DEL);
}

/* Who gets this one: who has claimed the contact, or else what nobody has claimed. */
static struct chaos_listener *listen_choose(struct chaos_net *cn, u16 addr, const u8 *contact,
					    size_t len)
{
	u8 upper[CHAOS_CONTACT_MAX];

	contact_upper(upper, contact, len);
	return listen_find(cn, addr, upper, len, contact_hash(upper, len)) ?:
	       listen_find(cn, addr, upper, 0, contact_hash(upper, 0));
}

/* A BRD is never refused: some other host may serve it (AIM 628 section 4.5). */
static void listen_refuse(struct chaos_net *cn, struct sk_buff *skb, enum chaos_stat reason,
			  const char *text)
{
	const struct chaos_hdr *hdr = &chaos_pkt(skb)->hdr;

	if (hdr->op != CHAOS_OP_BRD)
		chaos_reply_cls(cn, hdr, text);
	chaos_drop(cn, skb, reason, hdr);
}

static void listen_unknown(struct chaos_net *cn, struct sk_buff *skb, size_t len)
{
	char text[48 + CHAOS_CONTACT_MAX];

	scnprintf(text, sizeof(text), "No server for contact name %.*s", (int)len, skb->data);
	listen_refuse(cn, skb, CHAOS_STAT_DROP_NO_LISTENER, text);
}

/**
 * chaos_listen_rcv() - an RFC for this host (AIM 628 section 4.1), or a BRD (4.5)
 * @cn: namespace
 * @skb: starts with the data, described in skb->cb; consumed.  A BRD has its map
 *	of subnets removed and an address of ours as destination
 *
 * The rules of the contact filter come before everybody who might take it.
 *
 * Context: BH disabled, RCU read side.
 */
void chaos_listen_rcv(struct chaos_net *cn, struct sk_buff *skb)
{
	const struct chaos_hdr hdr = chaos_pkt(skb)->hdr;
	const u8 *contact = skb->data;
	size_t len = chaos_contact_len(contact, hdr.len);
	struct chaos_listener *l;
	chaos_offer_fn *offer;

	if (!hdr.sidx) {
		/* No answer could tell for whom it is. */
		chaos_drop(cn, skb, CHAOS_STAT_DROP_MALFORMED, &hdr);
		return;
	}
	if (!chaos_filter_allows(cn, CHAOS_RULE_HOOK_INPUT, &hdr, contact, hdr.len)) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_FILTER, &hdr);
		return;
	}
	if (len > CHAOS_CONTACT_MAX || !chaos_contact_valid(contact, len)) {
		listen_refuse(cn, skb, CHAOS_STAT_DROP_MALFORMED, "Malformed contact name");
		return;
	}
	if (chaos_responder_answer(cn, &hdr, contact, len)) {
		consume_skb(skb);
		return;
	}
	if (chaos_conn_rcv_rfc(cn, skb) || chaos_request_rcv(cn, skb))
		return;
	l = listen_choose(cn, hdr.dst, contact, len);
	/* What it needs was there before it was. */
	offer = l ? smp_load_acquire(&l->offer) : NULL;
	if (offer && atomic_read(&cn->halfopen) >= READ_ONCE(cn->conf.max_halfopen)) {
		chaos_drop(cn, skb, CHAOS_STAT_DROP_LIMIT, &hdr);
		return;
	}
	if (offer)
		offer(l->sk, skb);
	else
		listen_unknown(cn, skb, len);
}
