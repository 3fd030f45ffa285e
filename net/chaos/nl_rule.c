// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: rules of the contact filter. */

#include <linux/chaos_netlink.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "filter.h"
#include "net.h"
#include "nl.h"
#include "nl_policy.h"
#include "packet.h"

/* Describing rules. */

static int rule_put_list(struct sk_buff *skb, const struct chaos_rule_side *side)
{
	u8 subnets[CHAOS_RULE_LIST_MAX];
	unsigned int i;

	switch (side->kind) {
	case CHAOS_RULE_MATCH_HOSTS:
		return nla_put(skb, CHAOS_RULE_MATCH_A_HOSTS, side->n * sizeof(u16), side->list);
	case CHAOS_RULE_MATCH_SUBNETS:
		for (i = 0; i < side->n; i++)
			subnets[i] = side->list[i];
		return nla_put(skb, CHAOS_RULE_MATCH_A_SUBNETS, side->n, subnets);
	}
	return 0;
}

static int rule_put_side(struct sk_buff *skb, int attr, const struct chaos_rule_side *side)
{
	struct nlattr *nest;

	if (side->kind == CHAOS_RULE_MATCH_ANY)
		return 0;
	nest = nla_nest_start(skb, attr);
	if (!nest || nla_put_u8(skb, CHAOS_RULE_MATCH_A_KIND, side->kind) ||
	    rule_put_list(skb, side))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int rule_put_contact(struct sk_buff *skb, int attr, const struct chaos_rule_contact *contact)
{
	return contact->len ? nla_put_string(skb, attr, contact->name) : 0;
}

static int rule_put_action(struct sk_buff *skb, const struct chaos_rule *rule)
{
	if (nla_put_u8(skb, CHAOS_RULE_A_ACTION, rule->action) ||
	    (rule->reason && nla_put_string(skb, CHAOS_RULE_A_REASON, rule->reason)))
		return -EMSGSIZE;
	if (rule->action != CHAOS_RULE_FORWARD)
		return 0;
	return nla_put_u16(skb, CHAOS_RULE_A_FWD_HOST, rule->fwd_host) ?:
	       rule_put_contact(skb, CHAOS_RULE_A_FWD_CONTACT, &rule->fwd_contact);
}

static int rule_fill(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	const struct chaos_filter_rule *r = obj;
	const struct chaos_rule *rule = &r->rule;
	void *hdr;

	hdr = chaos_nl_put(skb, to);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, CHAOS_RULE_A_NUMBER, rule->number) ||
	    nla_put_u8(skb, CHAOS_RULE_A_HOOKS, rule->hooks) ||
	    rule_put_contact(skb, CHAOS_RULE_A_CONTACT, &rule->contact) ||
	    rule_put_side(skb, CHAOS_RULE_A_FROM, &rule->from) ||
	    rule_put_side(skb, CHAOS_RULE_A_TO, &rule->to) ||
	    rule_put_action(skb, rule) ||
	    nla_put_u64_64bit(skb, CHAOS_RULE_A_PACKETS, atomic64_read(&r->packets),
			      CHAOS_RULE_A_PAD)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* A deletion without a number is that of all rules. */
static int rule_fill_flushed(struct sk_buff *skb, const struct chaos_nl_to *to, const void *obj)
{
	void *hdr = chaos_nl_put(skb, to);

	if (!hdr)
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

/* Understanding requests. */

static int rule_refuse(struct genl_info *info, struct nlattr *attr, const char *msg)
{
	NL_SET_BAD_ATTR(info->extack, attr);
	info->extack->_msg = msg;
	return -EINVAL;
}

static int rule_parse_hosts(struct genl_info *info, struct nlattr *attr,
			    struct chaos_rule_side *side)
{
	unsigned int i;

	if (!nla_len(attr) || nla_len(attr) % sizeof(u16))
		return rule_refuse(info, attr, "a list of hosts has 1 to 64 whole addresses");
	side->n = nla_len(attr) / sizeof(u16);
	memcpy(side->list, nla_data(attr), nla_len(attr));
	for (i = 0; i < side->n; i++)
		if (!chaos_addr_is_host(side->list[i]))
			return rule_refuse(info, attr,
					   "not a host address in the list: neither the subnet nor the host byte may be 0");
	return 0;
}

static int rule_parse_subnets(struct genl_info *info, struct nlattr *attr,
			      struct chaos_rule_side *side)
{
	const u8 *subnets = nla_data(attr);
	unsigned int i;

	if (!nla_len(attr))
		return rule_refuse(info, attr, "a list of subnets has 1 to 64 of them");
	side->n = nla_len(attr);
	for (i = 0; i < side->n; i++) {
		if (!subnets[i])
			return rule_refuse(info, attr, "there is no subnet 0");
		side->list[i] = subnets[i];
	}
	return 0;
}

/* The lists belong to their kinds. */
static int rule_parse_lists(struct genl_info *info, struct nlattr *kind, struct nlattr *hosts,
			    struct nlattr *subnets, struct chaos_rule_side *side)
{
	bool wants_hosts = side->kind == CHAOS_RULE_MATCH_HOSTS;
	bool wants_subnets = side->kind == CHAOS_RULE_MATCH_SUBNETS;

	if (hosts && !wants_hosts)
		return rule_refuse(info, hosts, "a list of hosts, but these are not asked for");
	if (subnets && !wants_subnets)
		return rule_refuse(info, subnets, "a list of subnets, but these are not asked for");
	if (wants_hosts)
		return hosts ? rule_parse_hosts(info, hosts, side) :
			       rule_refuse(info, kind, "which hosts?  their list is missing");
	if (wants_subnets)
		return subnets ? rule_parse_subnets(info, subnets, side) :
				 rule_refuse(info, kind, "which subnets?  their list is missing");
	return 0;
}

/* CHAOS_RULE_A_FROM or _TO. */
static int rule_parse_side(struct genl_info *info, int which, struct chaos_rule_side *side)
{
	struct nlattr *nest = info->attrs[which], *kind;
	struct nlattr *tb[CHAOS_RULE_MATCH_A_MAX + 1];
	int err;

	if (!nest)
		return 0;
	err = nla_parse_nested(tb, CHAOS_RULE_MATCH_A_MAX, nest, chaos_nl_rule_match,
			       info->extack);
	if (err)
		return err;
	kind = tb[CHAOS_RULE_MATCH_A_KIND];
	if (!kind)
		return rule_refuse(info, nest, "who?  the kind is missing");
	side->kind = nla_get_u8(kind);
	if (side->kind == CHAOS_RULE_MATCH_BROADCAST && which == CHAOS_RULE_A_FROM)
		return rule_refuse(info, kind, "nothing comes from a broadcast address");
	return rule_parse_lists(info, kind, tb[CHAOS_RULE_MATCH_A_HOSTS],
				tb[CHAOS_RULE_MATCH_A_SUBNETS], side);
}

static int rule_parse_contact(struct genl_info *info, struct nlattr *attr,
			      struct chaos_rule_contact *contact)
{
	if (!attr)
		return 0;
	contact->len = nla_strscpy(contact->name, attr, sizeof(contact->name));
	if (!chaos_contact_valid(contact->name, contact->len))
		return rule_refuse(info, attr,
				   "a contact name is printable ASCII without spaces, and not empty");
	return 0;
}

/* The text is for people at terminals of all kinds. */
static int rule_check_reason(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[CHAOS_RULE_A_REASON];
	const char *p;

	if (!attr)
		return 0;
	p = nla_data(attr);
	if (!*p)
		return rule_refuse(info, attr, "the reason is empty");
	for (; *p; p++)
		if (*p < ' ' || *p > '~')
			return rule_refuse(info, attr, "the reason must be printable ASCII");
	return 0;
}

static int rule_parse_fwd(struct genl_info *info, struct chaos_rule *rule)
{
	struct nlattr *host = info->attrs[CHAOS_RULE_A_FWD_HOST];

	if (!host) {
		GENL_SET_ERR_MSG(info, "forward to which host?  its address is missing");
		return -EINVAL;
	}
	rule->fwd_host = nla_get_u16(host);
	if (!chaos_addr_is_host(rule->fwd_host))
		return rule_refuse(info, host,
				   "not a host address: neither the subnet nor the host byte may be 0");
	return rule_parse_contact(info, info->attrs[CHAOS_RULE_A_FWD_CONTACT], &rule->fwd_contact);
}

static int rule_parse_action(struct genl_info *info, struct chaos_rule *rule)
{
	struct nlattr *reason = info->attrs[CHAOS_RULE_A_REASON];
	struct nlattr *host = info->attrs[CHAOS_RULE_A_FWD_HOST];
	struct nlattr *contact = info->attrs[CHAOS_RULE_A_FWD_CONTACT];

	rule->action = nla_get_u8(info->attrs[CHAOS_RULE_A_ACTION]);
	if (reason && rule->action != CHAOS_RULE_REJECT)
		return rule_refuse(info, reason, "only who is rejected is told a reason");
	if (rule->action == CHAOS_RULE_FORWARD)
		return rule_parse_fwd(info, rule);
	if (host || contact)
		return rule_refuse(info, host ?: contact, "where to, if not forwarded?");
	return 0;
}

static int rule_parse(struct genl_info *info, struct chaos_rule *rule)
{
	struct nlattr *number = info->attrs[CHAOS_RULE_A_NUMBER];
	struct nlattr *hooks = info->attrs[CHAOS_RULE_A_HOOKS];

	if (number)
		rule->number = nla_get_u32(number);
	rule->hooks = hooks ? nla_get_u8(hooks) :
			      CHAOS_RULE_HOOK_INPUT | CHAOS_RULE_HOOK_FORWARD;
	return rule_parse_contact(info, info->attrs[CHAOS_RULE_A_CONTACT], &rule->contact) ?:
	       rule_parse_side(info, CHAOS_RULE_A_FROM, &rule->from) ?:
	       rule_parse_side(info, CHAOS_RULE_A_TO, &rule->to) ?:
	       rule_parse_action(info, rule);
}

/* What must be there, and what cannot be judged alone. */
static int rule_check(struct genl_info *info)
{
	int err;

	err = chaos_nl_need(info, CHAOS_RULE_A_ACTION, "what to do?  the action is missing");
	if (err)
		return err;
	if (info->attrs[CHAOS_RULE_A_REPLACE] && !info->attrs[CHAOS_RULE_A_NUMBER]) {
		GENL_SET_ERR_MSG(info, "replace which rule?  its number is missing");
		return -EINVAL;
	}
	return rule_check_reason(info);
}

static int rule_add(struct genl_info *info, struct chaos_filter_rule *r)
{
	int err;

	rtnl_lock();
	err = chaos_filter_add(chaos_net(genl_info_net(info)), r,
			       info->attrs[CHAOS_RULE_A_REPLACE], info->extack);
	if (!err)
		chaos_nl_event(genl_info_net(info), CHAOS_CMD_RULE_NEW, rule_fill, r);
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_rule_new() - CHAOS_CMD_RULE_NEW: add a rule
 * @skb: request
 * @info: request; CHAOS_RULE_A_REPLACE: there may be one of its number
 */
int chaos_nl_rule_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *reason = info->attrs[CHAOS_RULE_A_REASON];
	struct chaos_filter_rule *r;
	int err;

	err = rule_check(info);
	if (err)
		return err;
	r = chaos_filter_rule_alloc(reason ? nla_data(reason) : NULL);
	if (!r) {
		GENL_SET_ERR_MSG(info, "out of memory");
		return -ENOMEM;
	}
	err = rule_parse(info, &r->rule) ?: rule_add(info, r);
	if (err)
		kfree(r);
	return err;
}

static int rule_del(struct genl_info *info, u32 number)
{
	struct chaos_filter_rule *r;

	r = chaos_filter_del(chaos_net(genl_info_net(info)), number, info->extack);
	if (IS_ERR(r))
		return PTR_ERR(r);
	chaos_nl_event(genl_info_net(info), CHAOS_CMD_RULE_DEL, rule_fill, r);
	kfree_rcu(r, rcu);
	return 0;
}

static int rule_flush(struct genl_info *info)
{
	if (chaos_filter_flush(chaos_net(genl_info_net(info))))
		chaos_nl_event(genl_info_net(info), CHAOS_CMD_RULE_DEL, rule_fill_flushed, NULL);
	return 0;
}

/**
 * chaos_nl_rule_del() - CHAOS_CMD_RULE_DEL: delete a rule, or all
 * @skb: request
 * @info: request; without CHAOS_RULE_A_NUMBER: all
 */
int chaos_nl_rule_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *number = info->attrs[CHAOS_RULE_A_NUMBER];
	int err;

	rtnl_lock();
	err = number ? rule_del(info, nla_get_u32(number)) : rule_flush(info);
	rtnl_unlock();
	return err;
}

static int rule_get(struct genl_info *info, u32 number)
{
	const struct chaos_filter_rule *r;

	r = chaos_filter_from(chaos_net(genl_info_net(info)), number);
	if (!r || r->rule.number != number) {
		GENL_SET_ERR_MSG(info, "there is no rule of this number");
		return -ENOENT;
	}
	return chaos_nl_reply(info, rule_fill, r);
}

/**
 * chaos_nl_rule_get() - CHAOS_CMD_RULE_GET: describe a rule
 * @skb: request
 * @info: request
 */
int chaos_nl_rule_get(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	err = chaos_nl_need(info, CHAOS_RULE_A_NUMBER, "which rule?  its number is missing");
	if (err)
		return err;
	rtnl_lock();
	err = rule_get(info, nla_get_u32(info->attrs[CHAOS_RULE_A_NUMBER]));
	rtnl_unlock();
	return err;
}

/**
 * chaos_nl_rule_dump() - CHAOS_CMD_RULE_GET: describe all rules, in order
 * @skb: message buffer
 * @cb: the dump; cb->args[0] is the number of the last rule done
 */
int chaos_nl_rule_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct chaos_net *cn = chaos_net(sock_net(skb->sk));
	const struct chaos_filter_rule *r;
	u32 last = cb->args[0];
	struct chaos_nl_to to;
	int err;

	rtnl_lock();
	err = chaos_nl_dump_start(skb, cb, CHAOS_CMD_RULE_GET, &to);
	if (err)
		goto unlock;
	while (last < U32_MAX && (r = chaos_filter_from(cn, last + 1))) {
		if (rule_fill(skb, &to, r))
			break;
		last = r->rule.number;
	}
	cb->args[0] = last;
unlock:
	rtnl_unlock();
	return err ?: skb->len;
}
