// SPDX-License-Identifier: GPL-2.0-only
/* The rules of the contact filter in order, and what they do. */

#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "filter.h"
#include "iface.h"
#include "reply.h"
#include "route.h"

/* Between rules that are added without a number: others fit in between. */
#define FILTER_STEP	10

#define REASON_DEFAULT	"Not allowed"

/**
 * struct chaos_filter - the rules of a namespace; immutable
 * @rcu: for freeing
 * @n: how many, not 0
 * @rules: by number
 */
struct chaos_filter {
	struct rcu_head rcu;
	unsigned int n;
	struct chaos_filter_rule *rules[];
};

/* Packets. */

/* Requests are few in comparison with data, and so are links. */
static bool filter_is_local(struct chaos_net *cn, u16 addr)
{
	struct chaos_iface *iface;

	list_for_each_entry_rcu(iface, &cn->ifaces, list) {
		u16 ours = READ_ONCE(iface->addr);

		if (ours && chaos_subnet(ours) == chaos_subnet(addr))
			return true;
	}
	return false;
}

static struct chaos_rule_end filter_end(struct chaos_net *cn, u16 addr)
{
	return (struct chaos_rule_end) {
		.addr = addr,
		.local = addr && filter_is_local(cn, addr),
		.self = addr && chaos_addr_is_local(cn, addr),
	};
}

/* FWD with the arguments that the RFC had. */
static void filter_forward(struct chaos_net *cn, const struct chaos_rule *rule,
			   const struct chaos_hdr *hdr, const u8 *contact, size_t len)
{
	const struct chaos_rule_contact *to = &rule->fwd_contact;
	size_t skip = to->len ? chaos_contact_len(contact, len) : 0;

	if (to->len + len - skip > CHAOS_DATA_MAX)
		chaos_reply_cls(cn, hdr, "Arguments too long for where this would be forwarded");
	else
		chaos_reply_fwd(cn, hdr, rule->fwd_host, to->name, to->len, contact + skip,
				len - skip);
}

/* A BRD is never answered: some other host may serve it (AIM 628 section 4.5).  To index
 * 0 nothing can be answered.
 */
static bool filter_act(struct chaos_net *cn, const struct chaos_rule *rule,
		       const struct chaos_hdr *hdr, const u8 *contact, size_t len)
{
	bool answer = hdr->op == CHAOS_OP_RFC && hdr->sidx;

	switch (rule->action) {
	case CHAOS_RULE_ALLOW:
		return true;
	case CHAOS_RULE_REJECT:
		if (answer)
			chaos_reply_cls(cn, hdr, rule->reason ?: REASON_DEFAULT);
		break;
	case CHAOS_RULE_FORWARD:
		if (answer)
			filter_forward(cn, rule, hdr, contact, len);
		break;
	}
	return false;
}

/**
 * chaos_filter_decide() - chaos_filter_allows() when there are rules
 * @cn: namespace
 * @hook: CHAOS_RULE_HOOK_INPUT or CHAOS_RULE_HOOK_FORWARD
 * @hdr: header of the RFC or BRD
 * @contact: contact name and arguments
 * @len: their length
 *
 * Context: BH disabled, RCU read side.
 * Return: true if it may go on; otherwise it was answered.
 */
bool chaos_filter_decide(struct chaos_net *cn, u8 hook, const struct chaos_hdr *hdr,
			 const u8 *contact, size_t len)
{
	const struct chaos_filter *filter = rcu_dereference(cn->filter);
	const struct chaos_rule_packet pkt = {
		.hook = hook,
		.broadcast = hdr->op == CHAOS_OP_BRD,
		.src = filter_end(cn, hdr->src),
		.dst = filter_end(cn, hdr->dst),
		.contact = contact,
		.len = chaos_contact_len(contact, len),
	};
	unsigned int i;

	for (i = 0; filter && i < filter->n; i++) {
		struct chaos_filter_rule *r = filter->rules[i];

		if (!chaos_rule_matches(&r->rule, &pkt))
			continue;
		atomic64_inc(&r->packets);
		return filter_act(cn, &r->rule, hdr, contact, len);
	}
	return true;
}

/* Configuration. */

static struct chaos_filter *filter_get(struct chaos_net *cn)
{
	return rtnl_dereference(cn->filter);
}

/**
 * chaos_filter_rule_alloc() - a rule, empty but for its reason
 * @reason: copied; NULL for none
 *
 * Return: the rule, for kfree() as long as it is not in use, or NULL.
 */
struct chaos_filter_rule *chaos_filter_rule_alloc(const char *reason)
{
	size_t size = reason ? strlen(reason) + 1 : 0;
	struct chaos_filter_rule *r;

	r = kzalloc(struct_size(r, reason, size), GFP_KERNEL_ACCOUNT);
	if (r && reason)
		r->rule.reason = memcpy(r->reason, reason, size);
	return r;
}

/* How many rules come before @number. */
static unsigned int filter_place(const struct chaos_filter *filter, u32 number)
{
	unsigned int low = 0, high = filter ? filter->n : 0;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (filter->rules[middle]->rule.number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* An array for @n rules, with those before @place and those from @from on in @old; room
 * between them is left as @n has it.
 */
static struct chaos_filter *filter_copy(const struct chaos_filter *old, unsigned int n,
					unsigned int place, unsigned int from)
{
	unsigned int after = old ? old->n - from : 0;
	struct chaos_filter *filter;

	filter = kmalloc(struct_size(filter, rules, n), GFP_KERNEL_ACCOUNT);
	if (!filter)
		return NULL;
	filter->n = n;
	if (old) {
		memcpy(filter->rules, old->rules, place * sizeof(old->rules[0]));
		memcpy(filter->rules + n - after, old->rules + from,
		       after * sizeof(old->rules[0]));
	}
	return filter;
}

/* Put an array, or none, into the place of @old, the present one. */
static void filter_publish(struct chaos_net *cn, struct chaos_filter *old,
			   struct chaos_filter *filter)
{
	rcu_assign_pointer(cn->filter, filter);
	if (old)
		kfree_rcu(old, rcu);
	chaos_genid_changed(cn, CHAOS_GENID_RULE);
}

/* The number of a rule that comes without one: after the last. */
static int filter_number(const struct chaos_filter *filter, struct chaos_rule *rule,
			 struct netlink_ext_ack *extack)
{
	u32 last = filter ? filter->rules[filter->n - 1]->rule.number : 0;

	if (rule->number)
		return 0;
	if (last > U32_MAX - FILTER_STEP) {
		NL_SET_ERR_MSG(extack, "no numbers are left after the last rule: choose one");
		return -ENOSPC;
	}
	rule->number = last + FILTER_STEP;
	return 0;
}

/**
 * chaos_filter_add() - take a rule into use
 * @cn: namespace
 * @r: the rule; its number may be 0, then it gets one after the last.  Belongs to the
 *	filter afterwards, unless this fails
 * @replace: there may be one of this number, which then goes
 * @extack: what is wrong
 *
 * Context: process, RTNL held.
 * Return: 0, -EEXIST, -ENOSPC, -ENOMEM.
 */
int chaos_filter_add(struct chaos_net *cn, struct chaos_filter_rule *r, bool replace,
		     struct netlink_ext_ack *extack)
{
	struct chaos_filter *filter, *old = filter_get(cn);
	struct chaos_filter_rule *same = NULL;
	unsigned int n = old ? old->n : 0, place;
	int err;

	err = filter_number(old, &r->rule, extack);
	if (err)
		return err;
	place = filter_place(old, r->rule.number);
	if (place < n && old->rules[place]->rule.number == r->rule.number)
		same = old->rules[place];
	if (same && !replace) {
		NL_SET_ERR_MSG(extack, "there is a rule of this number");
		return -EEXIST;
	}
	if (!same && n == CHAOS_FILTER_MAX) {
		NL_SET_ERR_MSG(extack, "there are 1024 rules, and no more are possible");
		return -ENOSPC;
	}
	filter = filter_copy(old, n + !same, place, place + !!same);
	if (!filter) {
		NL_SET_ERR_MSG(extack, "out of memory");
		return -ENOMEM;
	}
	filter->rules[place] = r;
	filter_publish(cn, old, filter);
	if (same)
		kfree_rcu(same, rcu);
	return 0;
}

/**
 * chaos_filter_del() - take a rule out of use
 * @cn: namespace
 * @number: its number
 * @extack: what is wrong
 *
 * Context: process, RTNL held.
 * Return: the rule, for kfree_rcu(), or an ERR_PTR: -ENOENT, -ENOMEM.
 */
struct chaos_filter_rule *chaos_filter_del(struct chaos_net *cn, u32 number,
					   struct netlink_ext_ack *extack)
{
	struct chaos_filter *filter = NULL, *old = filter_get(cn);
	unsigned int place = filter_place(old, number);
	struct chaos_filter_rule *r;

	if (!old || place == old->n || old->rules[place]->rule.number != number) {
		NL_SET_ERR_MSG(extack, "there is no rule of this number");
		return ERR_PTR(-ENOENT);
	}
	r = old->rules[place];
	if (old->n > 1) {
		filter = filter_copy(old, old->n - 1, place, place + 1);
		if (!filter) {
			NL_SET_ERR_MSG(extack, "out of memory");
			return ERR_PTR(-ENOMEM);
		}
	}
	filter_publish(cn, old, filter);
	return r;
}

/**
 * chaos_filter_flush() - delete all rules
 * @cn: namespace
 *
 * Context: process, RTNL held; or the namespace's end.
 * Return: true if there were any.
 */
bool chaos_filter_flush(struct chaos_net *cn)
{
	struct chaos_filter *filter = rcu_dereference_protected(cn->filter, true);
	unsigned int i;

	if (!filter)
		return false;
	rcu_assign_pointer(cn->filter, NULL);
	chaos_genid_changed(cn, CHAOS_GENID_RULE);
	for (i = 0; i < filter->n; i++)
		kfree_rcu(filter->rules[i], rcu);
	kfree_rcu(filter, rcu);
	return true;
}

/**
 * chaos_filter_from() - the rule of a number, or else the next one
 * @cn: namespace
 * @number: where to begin
 *
 * Context: process, RTNL held, which keeps the rule.
 * Return: the rule, or NULL if there is none from this number on.
 */
const struct chaos_filter_rule *chaos_filter_from(struct chaos_net *cn, u32 number)
{
	const struct chaos_filter *filter = filter_get(cn);
	unsigned int place = filter_place(filter, number);

	return filter && place < filter->n ? filter->rules[place] : NULL;
}
