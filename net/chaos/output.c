// SPDX-License-Identifier: GPL-2.0-only
/* The way out: route, then link. */

#include "output.h"
#include "packet.h"
#include "stats.h"

/**
 * chaos_output_error_stat() - the counter for a failed chaos_route_lookup()
 * @err: what it returned
 */
enum chaos_stat chaos_output_error_stat(int err)
{
	return err == -ENETDOWN ? CHAOS_STAT_DROP_LINK_DOWN : CHAOS_STAT_DROP_NO_ROUTE;
}

/**
 * chaos_output_hop() - give a packet to a link
 * @cn: namespace
 * @skb: starts with a complete Chaosnet header; consumed
 * @hop: link and next hop
 *
 * Context: RCU read side, no locks that input takes.
 */
void chaos_output_hop(struct chaos_net *cn, struct sk_buff *skb, const struct chaos_hop *hop)
{
	chaos_count(cn, CHAOS_STAT_TX);
	skb->dev = hop->iface->dev;
	skb->protocol = htons(ETH_P_CHAOS);
	hop->iface->ops->xmit(hop->iface, skb, hop->nexthop);
}

/**
 * chaos_output() - send a packet on its way
 * @cn: namespace
 * @skb: starts with a complete Chaosnet header; consumed
 * @dst: its destination, not 0
 *
 * Context: any but hard interrupts, no locks that input takes.
 *
 * Return: 0, or why it went nowhere: -ENETUNREACH, -EHOSTUNREACH, -ENETDOWN.
 * Later losses are counted only.
 */
int chaos_output(struct chaos_net *cn, struct sk_buff *skb, u16 dst)
{
	struct chaos_hop hop;
	int err;

	rcu_read_lock();
	err = chaos_route_lookup(cn, dst, &hop);
	if (err)
		chaos_drop(cn, skb, chaos_output_error_stat(err), NULL);
	else
		chaos_output_hop(cn, skb, &hop);
	rcu_read_unlock();
	return err;
}
