// SPDX-License-Identifier: GPL-2.0-only
/* LASTCN: who was heard lately, and by which way. */

#include <linux/etherdevice.h>
#include <linux/jiffies.h>

#include "iface.h"
#include "neigh.h"
#include "responder.h"
#include "route.h"
#include "seen.h"
#include "skb.h"

#define LASTCN_WORDS	8
#define LASTCN_MAX	(CHAOS_DATA_MAX / (2 * LASTCN_WORDS))

/* Links that are no real Ethernets put the sender's address into the frame. */
#define MAC_VIRTUAL	0x024348000000ull

/* A host in the answer, and who handed its last packet to us; 0 if that is not known. */
struct lastcn {
	struct chaos_seen seen[LASTCN_MAX];
	u16 hop[LASTCN_MAX];
	unsigned int n;
};

static u16 lastcn_easy_hop(const struct chaos_seen *seen)
{
	if (!seen->fc)
		return seen->addr;
	return (seen->lladdr & ~0xffffull) == MAC_VIRTUAL ? seen->lladdr & 0xffff : 0;
}

/* Whether any hop on this link has to be looked for. */
static bool lastcn_lacks(const struct lastcn *l, const struct chaos_iface *iface)
{
	unsigned int i;

	for (i = 0; i < l->n; i++)
		if (!l->hop[i] && l->seen[i].ifindex == iface->dev->ifindex)
			return true;
	return false;
}

/* All neighbours are looked at only once: there may be many. */
static void lastcn_ask_neighs(struct lastcn *l, struct chaos_iface *iface)
{
	struct chaos_neigh_info info;
	unsigned long pos = 0;
	unsigned int i;
	u64 lladdr;

	while (chaos_neigh_walk(iface, &pos, &info)) {
		if (info.state == CHAOS_NEIGH_INCOMPLETE || info.state == CHAOS_NEIGH_FAILED)
			continue;
		lladdr = ether_addr_to_u64(info.lladdr);
		for (i = 0; i < l->n; i++)
			if (!l->hop[i] && l->seen[i].lladdr == lladdr &&
			    l->seen[i].ifindex == iface->dev->ifindex)
				l->hop[i] = info.addr;
	}
}

/**
 * chaos_answer_lastcn() - the answer to LASTCN: the hosts heard last, the latest first
 * @cn: namespace
 * @rfc: header of the request
 * @skb: where to append it
 *
 * For each host 8 words: 8, address, number of packets (low, high), last hop, seconds
 * since the last one (low, high), its forwarding count.  Those of private subnets are
 * shown only to each other.
 *
 * Context: RCU read side.
 */
void chaos_answer_lastcn(struct chaos_net *cn, const struct chaos_hdr *rfc, struct sk_buff *skb)
{
	struct chaos_iface *iface;
	struct lastcn l;
	unsigned int i;

	l.n = chaos_seen_latest(cn, l.seen, LASTCN_MAX);
	for (i = 0; i < l.n; i++)
		l.hop[i] = lastcn_easy_hop(&l.seen[i]);
	list_for_each_entry_rcu(iface, &cn->ifaces, list)
		if (iface->neighs && lastcn_lacks(&l, iface))
			lastcn_ask_neighs(&l, iface);

	for (i = 0; i < l.n; i++) {
		const struct chaos_seen *seen = &l.seen[i];
		u32 age = seen->age / HZ;
		const u16 words[LASTCN_WORDS] = {
			LASTCN_WORDS, seen->addr, seen->packets, seen->packets >> 16,
			l.hop[i], age, age >> 16, seen->fc,
		};

		if (!chaos_subnet_is_shown(cn, chaos_subnet(seen->addr), rfc->src))
			continue;
		chaos_put_words(skb_put(skb, sizeof(words)), words, ARRAY_SIZE(words));
	}
}
