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

/**
 * chaos_output_list() - send packets to one host on their way
 * @cn: namespace
 * @list: the packets, each as for chaos_output(); empty afterwards
 * @dst: their destination, not 0
 *
 * What differs from packet to packet is done for each, the rest once.
 *
 * Context: any but hard interrupts, no locks that input takes.
 */
void chaos_output_list(struct chaos_net *cn, struct sk_buff_head *list, u16 dst)
{
	struct chaos_hop hop;
	struct sk_buff *skb;
	int err;

	if (skb_queue_empty(list))
		return;
	rcu_read_lock();
	err = chaos_route_lookup(cn, dst, &hop);
	if (!err) {
		chaos_count_many(cn, CHAOS_STAT_TX, skb_queue_len(list));
		hop.iface->ops->xmit_list(hop.iface, list, hop.nexthop);
	}
	while ((skb = __skb_dequeue(list)))
		chaos_drop(cn, skb, chaos_output_error_stat(err), NULL);
	rcu_read_unlock();
}
