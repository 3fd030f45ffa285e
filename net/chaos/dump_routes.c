// SPDX-License-Identifier: GPL-2.0-only
/* DUMP-ROUTING-TABLE: how packets to each subnet go on from here. */

#include "iface.h"
#include "responder.h"
#include "route.h"
#include "skb.h"

#define DUMP_SUBNETS	(CHAOS_DATA_MAX / 4)	/* a pair of words each, from subnet 0 on */

/* Number of a link: not 0, which is no route, and below all addresses. */
static u16 dump_link(const struct chaos_iface *iface)
{
	return (iface->dev->ifindex - 1) % 0377 + 1;
}

/**
 * chaos_answer_routes() - the answer to DUMP-ROUTING-TABLE
 * @cn: namespace
 * @rfc: header of the request
 * @skb: where to append it
 *
 * For each subnet, up to the last that there is a route to and that fits, two words:
 * how it is reached, and the cost.  That is 0 for no route, the number of one of our
 * links, below 0400, or a bridge's address.  Private subnets are shown only to their
 * own hosts.
 *
 * Context: RCU read side.
 */
void chaos_answer_routes(struct chaos_net *cn, const struct chaos_hdr *rfc, struct sk_buff *skb)
{
	u16 words[2 * DUMP_SUBNETS] = {};
	unsigned int subnet, n = 0;

	for (subnet = 1; subnet < DUMP_SUBNETS; subnet++) {
		const struct chaos_route *rt = chaos_route_by_subnet(cn, subnet);

		if (!rt)
			continue;
		if (!chaos_subnet_is_shown(cn, subnet, rfc->src))
			continue;
		words[2 * subnet] = rt->via ?: dump_link(rt->iface);
		words[2 * subnet + 1] = chaos_route_cost(rt);
		n = subnet + 1;
	}
	chaos_put_words(skb_put(skb, 4 * n), words, 2 * n);
}
