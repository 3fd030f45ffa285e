// SPDX-License-Identifier: GPL-2.0-only
/* Whether a rule of the contact filter is for a packet. */

#include <linux/string.h>

#include "packet.h"
#include "rule.h"

static bool rule_has(const struct chaos_rule_side *side, u16 value)
{
	unsigned int i;

	for (i = 0; i < side->n; i++)
		if (side->list[i] == value)
			return true;
	return false;
}

static bool rule_side_matches(const struct chaos_rule_side *side,
			      const struct chaos_rule_end *end, bool broadcast)
{
	switch (side->kind) {
	case CHAOS_RULE_MATCH_ANY:
		return true;
	case CHAOS_RULE_MATCH_HOSTS:
		return rule_has(side, end->addr);
	case CHAOS_RULE_MATCH_SUBNETS:
		return rule_has(side, chaos_subnet(end->addr));
	case CHAOS_RULE_MATCH_LOCAL:
		return end->local;
	case CHAOS_RULE_MATCH_SELF:
		return end->self;
	case CHAOS_RULE_MATCH_BROADCAST:
		return broadcast;
	}
	return false;
}

/* In any case (AIM 628 section 4.1 has upper case only; both are in use). */
static bool rule_contact_is(const struct chaos_rule_contact *contact,
			    const struct chaos_rule_packet *pkt)
{
	return contact->len == pkt->len &&
	       !strncasecmp(contact->name, (const char *)pkt->contact, pkt->len);
}

/* A request that is where the rule would send it has arrived: without this, who
 * follows the rule would be sent to the same place again and again.
 */
static bool rule_leads_elsewhere(const struct chaos_rule *rule,
				 const struct chaos_rule_packet *pkt)
{
	return rule->fwd_host != pkt->dst.addr ||
	       (rule->fwd_contact.len && !rule_contact_is(&rule->fwd_contact, pkt));
}

/**
 * chaos_rule_matches() - is the rule for this packet?
 * @rule: the rule
 * @pkt: the packet
 *
 * Context: any.
 */
bool chaos_rule_matches(const struct chaos_rule *rule, const struct chaos_rule_packet *pkt)
{
	return (rule->hooks & pkt->hook) &&
	       (!rule->contact.len || rule_contact_is(&rule->contact, pkt)) &&
	       rule_side_matches(&rule->from, &pkt->src, false) &&
	       rule_side_matches(&rule->to, &pkt->dst, pkt->broadcast) &&
	       (rule->action != CHAOS_RULE_FORWARD || rule_leads_elsewhere(rule, pkt));
}
