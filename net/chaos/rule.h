/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One rule of the contact filter, and whether it is for a packet.
 *
 * Pure code, no socket buffers: also compiled on the host for tests.
 */
#ifndef _NET_CHAOS_RULE_H
#define _NET_CHAOS_RULE_H

#include <linux/types.h>
#include <linux/chaos.h>
#include <linux/chaos_netlink.h>

/**
 * struct chaos_rule_side - who has sent, or gets
 * @kind: enum chaos_rule_match
 * @n: how many in @list; with other kinds than lists 0
 * @list: host addresses or subnets
 */
struct chaos_rule_side {
	u8 kind;
	u8 n;
	u16 list[CHAOS_RULE_LIST_MAX];
};

/**
 * struct chaos_rule_contact - a contact name as the administrator wrote it
 * @len: its length, 0 for none
 * @name: ends with a NUL
 */
struct chaos_rule_contact {
	u8 len;
	char name[CHAOS_CONTACT_MAX + 1];
};

/**
 * struct chaos_rule - what an administrator wants
 * @number: its place in the order, unique
 * @hooks: CHAOS_RULE_HOOK_*
 * @action: enum chaos_rule_action
 * @contact: the only one it is for; none: all
 * @from: who sends
 * @to: who gets
 * @reason: with REJECT: the text, or NULL for the usual one
 * @fwd_host: with FORWARD: where to ask
 * @fwd_contact: with FORWARD: what to ask for there; none: the same
 */
struct chaos_rule {
	u32 number;
	u8 hooks;
	u8 action;
	struct chaos_rule_contact contact;
	struct chaos_rule_side from;
	struct chaos_rule_side to;
	const char *reason;
	u16 fwd_host;
	struct chaos_rule_contact fwd_contact;
};

/**
 * struct chaos_rule_end - one end of a request
 * @addr: address; 0 as the destination of a BRD on its way
 * @local: it is on a subnet of ours
 * @self: it is ours
 */
struct chaos_rule_end {
	u16 addr;
	bool local;
	bool self;
};

/**
 * struct chaos_rule_packet - an RFC or BRD
 * @hook: CHAOS_RULE_HOOK_INPUT or CHAOS_RULE_HOOK_FORWARD
 * @broadcast: BRD
 * @src: who has sent it
 * @dst: who gets it
 * @contact: contact name, without arguments
 * @len: its length
 */
struct chaos_rule_packet {
	u8 hook;
	bool broadcast;
	struct chaos_rule_end src;
	struct chaos_rule_end dst;
	const u8 *contact;
	size_t len;
};

bool chaos_rule_matches(const struct chaos_rule *rule, const struct chaos_rule_packet *pkt);

#endif /* _NET_CHAOS_RULE_H */
